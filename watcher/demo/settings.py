"""The configuration of the demo: what a user would write who watches one film in these feeds and knows nothing of it yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from watcher.demo.server import Newsroom
from watcher.model import Title


def config_text(newsroom: Newsroom, title: Title, state: Path) -> str:
    """The text of its `config.toml`. The title goes in without its known values: the feeds have to tell them."""
    feeds = (
        f"[[feed]]\nurl = {_quoted(newsroom.feed_url(feed.name))}\noutlet = {_quoted(feed.outlet)}\n"
        for feed in newsroom.story.feeds
    )
    return "\n".join((_GENERAL.format(state=_quoted(str(state))), _title(title), *feeds, _notify(newsroom.alert_url)))


_GENERAL = """\
# Written by `watcher demo`. Its feed server is gone; the store beside this file can still be asked.

[watcher]
timezone = "America/New_York"
regions = ["US"]
state = {state}
builtin_titles = false
builtin_feeds = false

[fetch]
allow_addresses = ["127.0.0.0/8"]
article_pages = false
"""


def _title(title: Title) -> str:
    lists = {"aliases": title.aliases, "context": title.context, "not": title.exclusions}
    lines = [f"{key} = {_listed(values)}" for key, values in lists.items()]
    return "\n".join(("[[title]]", f"name = {_quoted(title.name)}", *lines, f"origin = {_quoted(title.origin)}", ""))


def _notify(url: str) -> str:
    return f'[[notify]]\nname = "terminal"\nurl = {_quoted(url)}\non = ["release", "casting", "countdown"]\n'


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False)
