"""Polite conditional GET through a guarded network. Each worker has a `Fetcher` of its own; only `FetchError` comes out."""

from watcher.fetch.client import Fetcher
from watcher.fetch.exchange import Limits, Request, Response

__all__ = ["Fetcher", "Limits", "Request", "Response"]
