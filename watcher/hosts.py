"""Whose turn it is: no host is asked for two things at a time, nor for one right after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from watcher.catalogue import host_of
from watcher.model import Feed


def host_to_spare(url: str, allow: Iterable[IPv4Network | IPv6Network]) -> str | None:
    """The host that must not be asked twice at a time or in a row; None for this machine and for addresses that are allowed."""
    host = host_of(url) or ""
    try:
        address = ip_address(host)
    except ValueError:
        return None if host == "localhost" else host
    return None if address.is_loopback or any(address in network for network in allow) else host


def one_of_each_host(
    feeds: Sequence[Feed], addresses: Sequence[str], allow: Collection[IPv4Network | IPv6Network], *, busy: Collection[str] = ()
) -> list[Feed]:
    """The feeds that may be asked now, each host at most once and none that is `busy`; the others have their turn later."""
    taken = set(busy)
    chosen = []
    for feed, address in zip(feeds, addresses, strict=True):
        host = host_to_spare(address, allow)
        if host is None or host not in taken:
            chosen.append(feed)
            taken |= {host} if host else set()
    return chosen
