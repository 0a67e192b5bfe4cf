"""Polite conditional GET through a guarded network. Each worker has a `Fetcher` of its own; only `FetchError` comes out."""

from watcher.fetch.client import Fetcher
from watcher.fetch.exchange import Limits, Request, Response
from watcher.fetch.pages import PageFetcher

__all__ = ["Fetcher", "Limits", "PageFetcher", "Request", "Response"]
