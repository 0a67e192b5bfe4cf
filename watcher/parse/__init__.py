"""Bytes to Items: RSS, Atom and JSON Feed; a web page to its article. Pure, so that a sandboxed child can run it.

Raises `ParseError` and nothing else.
"""

from watcher.model import Hints
from watcher.parse.feed import ParsedFeed, parse_feed, parse_quickly, parse_thoroughly
from watcher.parse.page import Page, parse_page

__all__ = ["Hints", "Page", "ParsedFeed", "parse_feed", "parse_page", "parse_quickly", "parse_thoroughly"]
