"""Lets connections go to public addresses only.

The address is checked where the connection is made, so neither a redirect, nor an odd way to write an address, nor a name that
changes its mind (DNS rebinding) gets round it.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

from watcher.errors import FetchError
from watcher.fetch.names import Resolver
from watcher.fetch.sockets import connect

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Addresses that `is_global` lets pass, in one version of Python or another, though they reach something else: 6to4 (RFC 3056,
#: RFC 7526), what is for protocols (RFC 6890; a cloud's metadata live there) and for documents (RFC 9637), and Azure's metadata.
_DENIED: tuple[Network, ...] = tuple(
    ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2002::/16", "3fff::/20")
)
#: Where IPv6 is anybody's. Outside are the ways to write IPv4 behind NAT64 (RFC 6052, RFC 8215), local and site-local addresses.
_UNICAST = ip_network("2000::/3")
#: What one of several addresses may take before the next is tried, in seconds: IPv6 that leads nowhere must not cost the feed.
_PATIENCE_S = 4.0
#: Names of this machine or a private network, whoever resolves them (RFC 6761, RFC 6762, RFC 8375, and ICANN's `internal`).
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
#: A name as DNS has them for hosts on the Internet: of several parts, the last of them no number.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+(?![0-9]+\.?$|0x)[a-z0-9-]+\.?", re.IGNORECASE)


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the Internet. An IPv4 address in IPv6 notation counts as what it stands for."""
    address = _plain(address)
    if not address.is_global or address.is_multicast or address.is_reserved or _is_in(address, _DENIED):
        return False
    return address.version == 4 or address in _UNICAST


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, drops the addresses that are not public nor in `allow`, and connects to those that are left.

    For one way of redirects at a time: `inward` says whether `allow` counts for the next connection, and a connection to a
    public address ends that. Whoever allowed a network of theirs did not mean that the public may send us there.
    """

    def __init__(self, *, allow: Sequence[Network], resolve: Resolver, lookup_s: float) -> None:
        self.inward = True
        self._allow = tuple(allow)
        self._resolve = resolve
        self._lookup_s = lookup_s

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is httpcore's
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers.

        Raises:
            FetchError: the name is unknown, or stands for no address that we may talk to.
            httpcore.ConnectError: no address took the connection.
            httpcore.ConnectTimeout: the last one did not answer in time.
        """
        *others, last = await self._addresses(host, port)
        for address in others:
            try:
                return await self._connect(address, port, _PATIENCE_S)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(last, port, timeout)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  the signature is httpcore's
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a feed is never behind a local socket.

        Raises:
            FetchError: always.
        """
        raise FetchError("is on this machine, and feeds come from the network")

    def check_name(self, host: str) -> None:
        """Look at what a host is called, for somebody else (a proxy) resolves it and connects; all that can be done then.

        Raises:
            FetchError: it is an address, or a name of a private network, that we may not talk to.
        """
        address = literal(host)
        if address is not None:
            self._permitted([address])
            self.inward = self.inward and not is_public(address)
        elif not _NAME.fullmatch(host) or host.lower().rstrip(".").endswith(_PRIVATE_NAMES):
            raise _refusal()
        else:
            self.inward = False

    async def _connect(self, address: Address, port: int, patience: float | None) -> httpcore.AsyncNetworkStream:
        stream = await connect(address, port, patience)
        self.inward = self.inward and not is_public(address)
        return stream

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """Addresses we may talk to, the resolver's best first, at most four."""
        if (address := literal(host)) is not None:
            return self._permitted([address])
        try:
            async with asyncio.timeout(self._lookup_s):
                found = await self._resolve(host, port)
        except TimeoutError:
            raise FetchError("could not be looked up in time (DNS did not answer)") from None
        except socket.gaierror as error:
            unknown = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
            why = "its host name does not exist" if unknown else "its host name could not be looked up just now"
            raise FetchError(why) from error
        except ValueError as error:
            raise FetchError("its host name is none that DNS can hold") from error
        return self._permitted([ip_address(text) for text in dict.fromkeys(found)])[:4]

    def _permitted(self, addresses: Sequence[Address]) -> list[Address]:
        kept = [a for a in addresses if is_public(a) or (self.inward and _is_in(_plain(a), self._allow))]
        if kept:
            return kept
        if any(_is_in(_plain(address), self._allow) for address in addresses):
            raise FetchError(
                "is at an address of this machine or a private network, to which nobody outside may send us; "
                "write it into the config if you want it",
                lasting=True,
            )
        raise _refusal()


def literal(host: str) -> Address | None:
    """The address that a host is, in any spelling that the system would take (127.1, 0x7f.1, 2130706433); None for a name."""
    try:
        found = socket.getaddrinfo(host.rstrip("."), None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return ip_address(found[0][4][0])
    except (OSError, ValueError):
        return None


def _refusal() -> FetchError:
    return FetchError(
        "is at an address of this machine or a private network; allow_addresses under [fetch] in the config can allow it",
        lasting=True,
    )


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address maps (RFC 4291, section 2.5.5.2), else the address itself."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
