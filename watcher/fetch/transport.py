"""httpx's transport over a network of ours: httpx 0.28 has no public way to say which."""

from __future__ import annotations

import ssl
from ipaddress import ip_network

import httpcore
import httpx

#: A proxy is the user's own word; it may be anywhere.
ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def transport(network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext, proxy: str | None) -> Transport:
    """A transport that keeps no connection; through a proxy where one is given, with the user and password in its URL."""
    made = Transport(verify=tls, trust_env=False)
    made.use(
        httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=2, max_keepalive_connections=0, network_backend=network, proxy=_proxy(proxy, tls)
        )
    )
    return made


class Transport(httpx.AsyncHTTPTransport):
    """httpx's own, for one request at a time."""

    def use(self, pool: httpcore.AsyncConnectionPool) -> None:
        """Send everything by this pool."""
        self._pool: httpcore.AsyncConnectionPool = pool

    async def clear(self) -> None:
        """Give up every connection: httpcore keeps a proxy's tunnel in which TLS failed, and its place in the pool, for good."""
        for connection in self._pool.connections:
            await connection.aclose()


def _proxy(url: str | None, tls: ssl.SSLContext) -> httpcore.Proxy | None:
    if url is None:
        return None
    known = httpx.Proxy(url)
    return httpcore.Proxy(
        httpcore.URL(scheme=known.url.raw_scheme, host=known.url.raw_host, port=known.url.port, target=b"/"),
        auth=known.raw_auth,
        ssl_context=tls if known.url.scheme == "https" else None,
    )
