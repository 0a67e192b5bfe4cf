"""A desk for tests of the verbs: a configuration, a store that the real line filled, and the verbs that ask them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOW, TITLE, item, world
from click.testing import CliRunner, Result

from watcher.cli import watcher
from watcher.decide.intents import Plan
from watcher.learn import take
from watcher.model import Evidence, Feed, FeedState, Target
from watcher.store.store import Store

FEED = Feed(url="https://user:hunter2@example.org/film?token=hunter2", outlet="The Ledger")
SECRET = "hunter2"
CONFIG = f"""
[watcher]
state = "STATE"
timezone = "UTC"
regions = ["US"]
builtin_titles = false
builtin_feeds = false
[[title]]
name = "Harbor"
[[feed]]
url = "{FEED.url}"
outlet = "The Ledger"
trust = "trade"
[[notify]]
name = "phone"
url = "json://{SECRET}@127.0.0.1/{SECRET}"
"""


class Desk:
    """A configuration and a store that the real line filled, and the verbs that ask them."""

    def __init__(self, path: Path) -> None:
        self.state = path / "state"
        self.state.mkdir()
        self.config = path / "config.toml"
        self.write(CONFIG)
        self.items = 0

    def write(self, config: str) -> None:
        """Write the configuration; the state directory is ours."""
        self.config.write_text(config.replace("STATE", str(self.state)), encoding="utf-8")

    def store(self) -> Store:
        """The store, with the title past its silent start and the feed polled before."""
        store = Store(self.state / "watcher.db")
        store.configure([TITLE], [FEED], NOW, [NOW])
        polled = NOW - timedelta(hours=1)
        state = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=polled, last_ok_at=polled, last_poll_at=polled)
        store.apply(Plan(at=polled, feeds=(state,), learned=(TITLE.id,)))
        return store

    def learn(self, *said: Evidence, headline: str = "A headline", at: datetime = NOW) -> None:
        """Let an item for each claim arrive from the claim's own outlet at a moment."""
        with self.store() as store:
            for evidence in said:
                self.items += 1
                guid = f"item-{self.items}"
                outlet = evidence.source.outlet or ""
                feed = Feed(url=FEED.url, outlet=outlet)
                house = world({guid: [evidence.claim]}, targets=[Target(name="phone")])
                after = FeedState(url=FEED.url, next_poll_at=at, first_ok_at=NOW, last_ok_at=at, last_poll_at=at)
                take(
                    store,
                    house,
                    feed,
                    [item(guid, title=headline, on=at - timedelta(minutes=30 - self.items))],
                    after=after,
                    now=at,
                )

    def run(self, *words: str, env: dict[str, str] | None = None, color: bool = False) -> Result:
        """Run a verb in this process; `color` is a terminal that can."""
        given = {"COLUMNS": "80", "NO_COLOR": None, "TERM": "xterm"} | (env or {})
        return CliRunner().invoke(watcher, ["--config", str(self.config), *words], env=given, color=color)

    def out(self, *words: str) -> str:
        """What a verb prints where it goes well."""
        result = self.run(*words)
        assert result.exception is None, result.exception
        assert result.exit_code == 0
        return result.stdout

    def json(self, *words: str) -> dict[str, object]:
        """The JSON document that a verb prints."""
        found = json.loads(self.out(*words, "--json"))
        assert isinstance(found, dict)
        assert found["version"] == 1
        return found
