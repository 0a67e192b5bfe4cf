"""Bytes to Items: RSS, Atom and JSON Feed. Pure, so that a sandboxed child can run it; raises `ParseError` and nothing else."""

from watcher.parse.feed import ParsedFeed, parse_feed
from watcher.parse.raw import Hints

__all__ = ["Hints", "ParsedFeed", "parse_feed"]
