"""Lets connections go to public addresses only.

The address is checked where the connection is made, so neither a redirect, nor an odd way to write an address, nor a name that
changes its mind (DNS rebinding) gets round it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

from watcher.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[list[str]]]

#: Addresses that `is_global` lets pass though they reach something else: IPv4 behind NAT64 (RFC 6052, RFC 8215), behind 6to4
#: (RFC 3056, RFC 7526) and compatible ones (RFC 4291), site-local ones (RFC 3879), and the metadata service of Azure.
_DENIED: tuple[Network, ...] = tuple(
    ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "192.88.99.0/24", "::/96", "fec0::/10", "168.63.129.16/32")
)
#: What one of several addresses may take before the next is tried, in seconds: IPv6 that leads nowhere must not cost the feed.
_PATIENCE_S = 4.0


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the Internet. An IPv4 address in IPv6 notation counts as what it stands for."""
    address = _plain(address)
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not _is_in(address, _DENIED)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, drops the addresses that are not public nor in `allow`, and connects to those that are left."""

    def __init__(self, *, allow: Sequence[Network], resolve: Resolver, lookup_s: float) -> None:
        self._allow = tuple(allow)
        self._resolve = resolve
        self._lookup_s = lookup_s
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers.

        Raises:
            FetchError: the name is unknown, or stands for no address that we may talk to.
            httpcore.ConnectError: no address took the connection.
            httpcore.ConnectTimeout: the last one did not answer in time.
        """
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(str(address), port, _PATIENCE_S, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)

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

    async def sleep(self, seconds: float) -> None:
        """Wait, for httpcore's own retries."""
        await self._network.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """Addresses we may talk to, the resolver's best first, at most four."""
        try:
            async with asyncio.timeout(self._lookup_s):
                found = await self._resolve(host, port)
        except TimeoutError:
            raise FetchError("could not be looked up in time (DNS did not answer)") from None
        except socket.gaierror as error:
            unknown = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
            why = "its host name does not exist" if unknown else "its host name could not be looked up just now"
            raise FetchError(why) from error
        except UnicodeError as error:
            raise FetchError("its host name is none that DNS can hold") from error
        addresses = [ip_address(text) for text in dict.fromkeys(found)]
        kept = [address for address in addresses if is_public(address) or _is_in(_plain(address), self._allow)]
        if not kept:
            raise FetchError(
                "is at an address of this machine or a private network; allow_addresses under [fetch] in the config can allow it",
                lasting=True,
            )
        return kept[:4]


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver.

    In a daemon thread of its own: getaddrinfo cannot be cancelled, and the event loop's own threads would keep the process
    from ending, and other names from being looked up, as long as one DNS server is silent.

    Raises:
        socket.gaierror: the name has no address, or the resolver no answer.
        UnicodeError: the host is no name at all.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(result: list[str] | OSError | UnicodeError) -> None:
        if answer.done():
            return
        if isinstance(result, list):
            answer.set_result(result)
        else:
            answer.set_exception(result)

    def look_up() -> None:
        result: list[str] | OSError | UnicodeError
        try:
            result = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            result = error
        # The loop may be gone by now, and with it whoever asked.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=look_up, name="lookup", daemon=True).start()
    return await answer


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address maps (RFC 4291, section 2.5.5.2), else the address itself."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
