"""httpx's transport over a network of ours: httpx 0.28 has no public way to say which."""

from __future__ import annotations

import ssl
from ipaddress import ip_network

import httpcore
import httpx

#: A proxy is the user's own word; it may be anywhere.
ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def transport(network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext, proxy: str | None) -> httpx.AsyncHTTPTransport:
    """A transport that keeps no connection; through a proxy where one is given, with the user and password in its URL."""
    made = _Transport(verify=tls, trust_env=False)
    made.use(
        httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=2, max_keepalive_connections=0, network_backend=network, proxy=_proxy(proxy, tls)
        )
    )
    return made


class _Transport(httpx.AsyncHTTPTransport):
    def use(self, pool: httpcore.AsyncConnectionPool) -> None:
        """Send everything by this pool."""
        self._pool = pool


def _proxy(url: str | None, tls: ssl.SSLContext) -> httpcore.Proxy | None:
    if url is None:
        return None
    known = httpx.Proxy(url)
    return httpcore.Proxy(
        httpcore.URL(scheme=known.url.raw_scheme, host=known.url.raw_host, port=known.url.port, target=b"/"),
        auth=known.raw_auth,
        ssl_context=tls if known.url.scheme == "https" else None,
    )
