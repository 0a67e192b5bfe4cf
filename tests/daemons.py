"""The daemon in a process of its own, for tests that wait for things without an event loop; a web server is its receiver too."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from feedserver import Answer, Asked, Entry, FeedServer, rss
from processes import Home

#: The film that everybody waits for opens in this year.
YEAR = datetime.now(UTC).year + 1

#: The feed as long as nothing happened.
QUIET = Answer(rss(), etag='"quiet"')

#: Nothing that is waited for takes a tenth of this.
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A daemon that runs, and where it logs."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8")

    def stop(self, name: signal.Signals = signal.SIGTERM) -> int:
        """End it politely. Returns its status."""
        self.process.send_signal(name)
        return self.process.wait(_PATIENCE_S)


@contextmanager
def running(home: Home, *, command: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`watcher run`, or this command; killed at the end if it still runs."""
    log = home.path / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*(command or home.command("run"))], stdin=DEVNULL, stdout=out, stderr=out, env=home.environ() | dict(environ or {})
        )
    with process:
        try:
            yield Running(process=process, log=log)
        finally:
            process.kill()


def words(home: Home) -> list[str]:
    """What `watcher` is called with, by whoever starts it in another way."""
    return ["--config", str(home.config), "run"]


def wait_until(true: Callable[[], bool], what: str = "", *, within: float = _PATIENCE_S) -> None:
    """Wait for something to become true; a test that waits in vain fails."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"not within {within:g} seconds: {what}"
        time.sleep(0.05)


def one_value(home: Home, question: str) -> Any:
    """The answer to a question to the store; None where there is no store or no answer yet."""
    try:
        with closing(sqlite3.connect(f"{home.database.as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            row = db.execute(question).fetchone()
    except sqlite3.OperationalError:
        return None
    return row and row[0]


def written(home: Home, statement: str) -> None:
    """Change the store of a watcher that does not run."""
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute(statement)


def settings(*feeds: str, more: str = "", every: str = "1s", wait: str = "0s", pages: bool = False) -> str:
    """Settings for one invented film and these feeds, each asked so often; `more` comes last."""
    return (
        "builtin_titles = false\nbuiltin_feeds = false\n"
        f'[fetch]\nallow_addresses = ["127.0.0.0/8"]\narticle_pages = {str(pages).lower()}\n'
        f'[policy]\ngroup_wait = "{wait}"\n'
        '[[title]]\nname = "Harbor Lights"\ncontext = ["Northwind Pictures", "Orla Finch"]\n'
        + "".join(
            f'[[feed]]\nurl = "{url}"\noutlet = "Paper {n}"\ntrust = "trade"\nevery = "{every}"\n' for n, url in enumerate(feeds)
        )
        + more
    )


def hook(server: FeedServer, name: str = "hook", rest: str = "") -> str:
    """A target at a path of the server that bears its name; `rest` is what else stands in its settings."""
    return f'[[notify]]\nname = "{name}"\nurl = "json://127.0.0.1:{server.port}/{name}"\non = ["release"]\n{rest}'


#: What a webhook answers.
TAKEN = Answer(b"ok", content_type="text/plain")


def news(day: int = 14, *, guid: str = "one", link: str = "", at: datetime | None = None) -> Entry:
    """An article that gives the film a day in May, said a minute ago or at some time."""
    said = at or datetime.now(UTC) - timedelta(minutes=1)
    text = f"Northwind Pictures said that Harbor Lights, with Orla Finch, opens in theaters on May {day}, {YEAR}."
    return Entry(f"Harbor Lights has a date ({guid})", text, guid, link, format_datetime(said.astimezone(UTC)))


def feed(*entries: Entry) -> Answer:
    """A feed with these articles."""
    return Answer(rss(*entries), etag='"' + "-".join(entry.guid for entry in entries) + '"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert as it came to a webhook."""

    id: str
    title: str
    text: str

    @property
    def is_marked(self) -> bool:
        """Whether it says that it may have come before."""
        return "may be a repeat" in " ".join(self.text.split())


def told(requests: Sequence[Asked]) -> list[Told]:
    """The alerts in what a webhook was sent."""
    bodies = [json.loads(one.body) for one in requests]
    return [Told(id=body["id"], title=body["title"], text=body["message"]) for body in bodies]


def rss_of(pid: int) -> int:
    """How much memory a process has resident, in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
