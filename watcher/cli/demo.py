"""`watcher demo`: the whole job in a minute, offline: the true history of one film through the real line.

A feed server on this machine plays the story; engine, store and Apprise are those of `watcher run`. What the screen shows
are the alerts as they arrive and what the store says of the rest, never the story.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import click

from watcher import catalogue
from watcher.clean import plain
from watcher.cli import common, compose, layout, status
from watcher.cli.audience import audience
from watcher.cli.timeline import MARGIN, Timeline, cut, quote_lines
from watcher.config import Config
from watcher.demo.play import Scene, Tally, play, unfinished
from watcher.demo.server import Alert, Newsroom
from watcher.demo.settings import config_text
from watcher.demo.story import Story, load_story
from watcher.engine import Engine
from watcher.errors import WatcherError
from watcher.lock import StateLock
from watcher.model import Verdict
from watcher.send import Sender
from watcher.store.ask import Outcome
from watcher.tell.dates_in_words import Dates

#: How long the eye gets, in seconds: for what is going to happen, for an alert, for a remark, and for each step of the date.
_HEADER_S, _ALERT_S, _REMARK_S, _STEP_S = 3.0, 0.7, 0.25, 0.03
_STEPS, _STEP = 8, timedelta(days=12)

_BAR = 24


@click.command("demo")
@click.option("--fast", is_flag=True, help="Without pauses, as it also is where no terminal is watching.")
def command(fast: bool) -> None:
    """Show the whole job in half a minute: no network, no configuration."""
    live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not fast
    # A configured proxy would be asked for this machine's own addresses.
    os.environ["no_proxy"] = "127.0.0.1"
    directory = Path(mkdtemp(prefix="watcher-demo-"))
    try:
        perform(load_story(), directory, live=live)
    except KeyboardInterrupt:
        shutil.rmtree(directory, ignore_errors=True)
        common.tell("\nStopped; nothing was kept.")
        sys.exit(130)


def perform(story: Story, directory: Path, *, live: bool = False) -> None:
    """Play a story into a store in a directory, and show it; `live` is for eyes: with pauses and a line that moves.

    Raises:
        WatcherError: a part of the line did not work.
    """
    path = directory / "config.toml"
    title = catalogue.builtin().titles[0]
    with Newsroom(story) as newsroom:
        path.write_text(config_text(newsroom, title, directory), encoding="utf-8")
        config = common.load(str(path))
        screen = _Screen(story, dates=audience(config).dates, live=live)
        screen.header(title.name)
        with StateLock(directory):
            troubles = asyncio.run(_perform(config, newsroom, screen))
    if troubles:
        raise WatcherError("\n".join((*troubles, f"not everything worked; the store is kept in {directory}")))
    asked = ["--config", str(path)]
    as_of = ["--as-of", screen.last_day.isoformat()]
    layout.show(["", layout.quiet(f"$ {_command('status', *as_of, *asked)}")])
    status.command.main([*as_of, *asked], standalone_mode=False)
    layout.show(["", *_farewell(_command("why", title.id, "release", *asked))])


async def _perform(config: Config, newsroom: Newsroom, screen: _Screen) -> tuple[str, ...]:
    """Play and show every scene; returns what went wrong, one line each."""
    troubles: list[str] = []
    async with opened(config, newsroom) as engine, aclosing(play(engine, newsroom)) as scenes:
        async for scene in scenes:
            await screen.show(scene)
            troubles += scene.troubles
        screen.close()
        return (*troubles, *await unfinished(engine, newsroom))


@asynccontextmanager
async def opened(config: Config, newsroom: Newsroom) -> AsyncIterator[Engine]:
    """An engine that a newsroom's story can be played to.

    Raises:
        StoreError: its store cannot be used.
    """
    async with (
        Sender(terminal=compose.to_terminal) as sender,
        await Engine.open(
            common.database(config),
            compose.world(config),
            sender=sender,
            make_fetcher=compose.fetcher(config),
            now=newsroom.story.begins,
            # One feed after the other: who came first must not depend on the machine, or no two showings are alike.
            workers=1,
        ) as engine,
    ):
        yield engine


class _Screen:
    """The time line: years, days, alerts, remarks on what told nobody, and below them a line that moves."""

    def __init__(self, story: Story, *, dates: Dates, live: bool) -> None:
        self._story = story
        self._dates = dates
        self._live = live
        self._width = layout.screen_width()
        self._day = self._local(story.begins)
        self._line = Timeline(dates)
        self._tally = Tally()
        self._untold: list[Outcome] = []

    @property
    def last_day(self) -> date:
        """The day on which the story ends, where the viewer is taken to be."""
        return self._local(self._story.ends)

    def header(self, name: str) -> None:
        """What is going to happen."""
        feeds, articles = len(self._story.feeds), len(self._story.articles)
        first, last = self._story.begins.year, self._story.ends.year
        texts = (
            f"A feed server on this machine plays the news of {name} as it came: {articles} articles in {feeds} feeds. The facts "
            "are true, and so are the mistakes; the sentences are our own. Everything else is the real thing: HTTP, parsing, "
            "reading, deciding, the store, and Apprise. Nothing leaves this machine.",
            "watcher knows the film's name and the people around it. What to believe it has to find out.",
        )
        lines = [line for text in texts for line in ("", *layout.wrap(text, width=self._width))]
        layout.show([layout.bold(f"{name}, {first} to {last}{', in half a minute' if self._live else ''}"), *lines])

    async def show(self, scene: Scene) -> None:
        """One scene: the date moves there, then whatever happened."""
        if not self._tally.polls:
            await self._pause(_HEADER_S)
        await self._travel(self._local(scene.at))
        self._tally = scene.tally
        if scene.alerts:
            self._flush()
        for alert in scene.alerts:
            self._print(self._day, self._alert_lines(alert))
            await self._pause(_ALERT_S)
        for outcome in scene.untold:
            if self._untold and _kind(outcome) != _kind(self._untold[0]):
                self._flush()
            self._untold.append(outcome)
            await self._pause(_REMARK_S)

    def close(self) -> None:
        """The last remark, and the sum of it all."""
        self._flush()
        self._wipe()
        tally = self._tally
        text = (
            f"{tally.polls} polls, {tally.unchanged} of them answered “not modified”. {tally.items} articles, {tally.about} "
            f"about the film, {tally.namesakes} about a namesake. {tally.alerts} alerts."
        )
        layout.show(["", *layout.wrap(text, width=self._width)])

    def _alert_lines(self, alert: Alert) -> list[str]:
        """The title, then what a phone shows first of the body: as far as the first quoted sentence."""
        room = {"width": self._width, "indent": MARGIN}
        lines = [layout.bold(line) for line in layout.wrap(alert.title, **room)]
        for line in filter(None, alert.lines):
            if line.startswith("“"):
                return [*lines, *quote_lines(line, width=self._width)]
            if line not in alert.title:
                lines += layout.wrap(line, **room)
        return lines

    def _flush(self) -> None:
        """Say what told nobody since the last time that something was said."""
        run, self._untold = self._untold, []
        if not run:
            return
        room = {"width": self._width, "indent": MARGIN}
        first, outlets = run[0].source, dict.fromkeys(one.source.outlet or "" for one in run)
        what = f"{first.outlet}: {first.title}" if len(run) == 1 else f"{len(run)} articles ({', '.join(outlets)})"
        lines = [*cut(layout.wrap(plain(what), **room), 1), *layout.wrap(_remark(run), **room)]
        self._print(self._local(first.published or first.first_seen), [layout.quiet(line) for line in lines])

    def _print(self, day: date, lines: Sequence[str]) -> None:
        """Lines of the time line, with their day in the margin and the year where it begins."""
        self._wipe()
        layout.show(self._line.entry(day, lines))
        self._draw(self._day)

    async def _travel(self, day: date) -> None:
        """Let the date run to a day."""
        start, self._day = self._day, day
        steps = min((day - start) // _STEP + 1, _STEPS) if self._live and day != start else 0
        for step in range(1, steps + 1):
            self._draw(start + (day - start) * step / steps)
            await asyncio.sleep(_STEP_S)

    def _draw(self, day: date) -> None:
        """The line that moves."""
        if not self._live:
            return
        first, last = self._local(self._story.begins), self._local(self._story.ends)
        done = round(_BAR * ((day - first) / max(last - first, timedelta(days=1))))
        tally = self._tally
        text = (
            f"  {'━' * done}{'─' * (_BAR - done)}  {self._dates.day(day):<18}  polls {tally.polls}, articles {tally.items}, "
            f"alerts {tally.alerts}"
        )
        sys.stdout.write("\r" + text[: self._width - 1].ljust(self._width - 1))
        sys.stdout.flush()

    def _wipe(self) -> None:
        """Take the moving line away."""
        if self._live:
            sys.stdout.write("\r" + " " * (self._width - 1) + "\r")

    async def _pause(self, seconds: float) -> None:
        if self._live:
            self._draw(self._day)
            await asyncio.sleep(seconds)

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(self._dates.zone).date()


_NAMESAKE, _KEPT, _OLD, _EMPTY = "not this film", "kept", "nothing new", "nothing of a date or of the cast"


def _kind(outcome: Outcome) -> str:
    """How an article ended that told nobody: by its verdict, then by the stage that ended it."""
    if outcome.verdict != Verdict.ABOUT:
        return _NAMESAKE
    return {"learned in silence": _KEPT, "decided": _OLD}.get(outcome.outcome.partition(": ")[0], _EMPTY)


def _remark(run: Sequence[Outcome]) -> str:
    """Why articles of one kind told nobody; the store's own reason where all have the same."""
    kind, reasons = _kind(run[0]), {one.outcome.partition(": ")[2] for one in run}
    reason = f": {reasons.pop()}" if len(reasons) == 1 and kind in (_NAMESAKE, _KEPT) else ""
    return f"Silent, {kind}{reason}."


def _farewell(why: str) -> list[str]:
    """What to try next; the last line is a command that works as it stands."""
    return ["The store is kept. Ask it why it believes what it believes:", "", f"  {why}"]


def _command(*arguments: str) -> str:
    """A command line that starts this very program again."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        program = [sys.executable, "-m", "watcher"]
    else:
        found = shutil.which(called.name)
        program = [called.name if found and Path(found).resolve() == called.resolve() else str(called.absolute())]
    return shlex.join([*program, *arguments])
