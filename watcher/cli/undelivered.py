"""`watcher notify list` and `retry`: what has not arrived, why, and what can be done.

``list --json`` prints one object: ``version`` (1), ``at``, and ``targets``, of each ``name``, ``waiting``, ``dead``,
``failures``, ``error``, ``failing_since``, ``next_try_at``, ``last_ok_at`` and ``undelivered``: of each delivery ``id`` (null:
it was not tried yet), ``state`` (waiting, pending, sending, unknown, held or dead), ``titles``, ``kinds`` and ``changes`` (ids),
``since``, ``due_at`` (null: not by itself, or not before it is surer), ``attempts``, ``may_repeat`` and ``detail``.
``retry --json`` prints ``version`` and ``retried``, the ids.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import click

from watcher.board.objects import VERSION, Object, time_text
from watcher.board.words import capital, count_in_words, moment_in_words
from watcher.clean import plain
from watcher.cli import common, completions
from watcher.cli.condition import Service, TargetView, look, target_object, target_words
from watcher.cli.deputy import Deputed
from watcher.cli.inquiry import Inquiry, inquire
from watcher.cli.layout import alarm, bold, quiet, show, show_json, wrap
from watcher.cli.writing import desk
from watcher.config import Config
from watcher.errors import UsageError
from watcher.model import Confidence
from watcher.store.undelivered import Undelivered, retry, undelivered
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words
from watcher.tell.phrases import after_name, headline, importance

#: What rows that are no changes tell of, in words.
_OTHERS = {
    "summary": "what is believed of {title}",
    "milestone": "the countdown of {title}",
    "health": "how feeds and targets are",
}
#: How sure a target wants news to be, in words.
_SURE_AS = {Confidence.REPORTED: "more than a rumour", Confidence.CONFIRMED: "confirmed"}

#: What can be had tried again.
_RETRIED = ("pending", "unknown", "held", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A target, and what it has not got; an unknown delivery that it wants held is in the state ``held``."""

    view: TargetView
    waits: tuple[tuple[str, Undelivered], ...]


@click.command("list")
@click.argument("target", required=False, shell_complete=completions.targets)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def listing(target: str | None, *, as_json: bool, config_path: str | None) -> None:
    """List the alerts that have not arrived at TARGET, or at any: why, and when they are tried next."""
    with inquire(config_path) as asked:
        named(asked.config, target)
        service = look(asked)
        queues = [_queue(view, asked) for view in service.targets if target in (None, view.state.name)]
        if as_json:
            show_json({"version": VERSION, "at": time_text(asked.now), "targets": [_object(queue) for queue in queues]})
        else:
            show(line for queue in queues for line in _lines(queue, service, asked))


@click.command("retry", cls=Deputed)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Everything that was given up, is held, or rests after a failure.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def retrying(ids: tuple[str, ...], *, every: bool, as_json: bool, config_path: str | None) -> None:
    """Have deliveries sent again, by the ids that `notify list` shows: what was given up, what is held, what rests."""
    if bool(ids) == every:
        raise UsageError("write the ids that watcher notify list shows, or --all")
    here = desk(config_path)
    with here.store() as store:
        found = {
            one.id: one
            for target in here.config.targets
            for state, one in _waits(store.connection, target.name, hold=target.hold_unknown)
            if one.id is not None and state in _RETRIED
        }
        wanted = list(found) if every else [_known(name, found) for name in dict.fromkeys(ids)]
        retry(store, wanted)
    if as_json:
        show_json({"version": VERSION, "retried": wanted})
        return
    with inquire(config_path) as asked:
        show(_retried([found[name] for name in wanted], asked, runs=look(asked).daemon.running is True))


def named(config: Config, target: str | None) -> None:
    """Refuse a target that there is not.

    Raises:
        UsageError: no target has that name.
    """
    if target is not None and target not in [known.name for known in config.targets]:
        names = ", ".join(plain(known.name) for known in config.targets)
        raise UsageError(f"no target is called {plain(target)!r}; targets: {names}")


def _queue(view: TargetView, asked: Inquiry) -> Queue:
    hold = any(target.hold_unknown for target in asked.config.targets if target.name == view.state.name)
    return Queue(view=view, waits=() if asked.db is None else tuple(_waits(asked.db, view.state.name, hold=hold)))


def _waits(db: sqlite3.Connection, target: str, *, hold: bool) -> list[tuple[str, Undelivered]]:
    """What a target has not got, with the state that a person is told."""
    return [("held" if one.state == "unknown" and hold else one.state, one) for one in undelivered(db, target)]


def _known(name: str, found: dict[str, Undelivered]) -> str:
    if name in found:
        return name
    near = get_close_matches(name, found, n=1)
    hint = f"did you mean {near[0]}?" if near else "see: watcher notify list"
    raise UsageError(f"{plain(name)!r} is no delivery that could be sent again; {hint}")


def _lines(queue: Queue, service: Service, asked: Inquiry) -> list[str]:
    """A target in a sentence, and below it what it has not got."""
    said, is_bad = target_words(queue.view, asked)
    lines = [(alarm if is_bad else bold)(line) for line in wrap(said, width=asked.width, indent=0)]
    runs = service.daemon.running is True
    for state, one in queue.waits:
        lines += wrap(f"{_what(one, asked.config, asked.audience.dates)}", width=asked.width, indent=2, hanging=4)
        why = wrap(_why(state, one, asked, runs=runs), width=asked.width, indent=4, hanging=4)
        lines += [alarm(line) for line in why] if state in ("dead", "held") else [quiet(line) for line in why]
        if state in ("dead", "held"):
            lines.append(f"    watcher notify retry {one.id}")
    return lines


def _what(one: Undelivered, config: Config, dates: Dates) -> str:
    """What a delivery tells: its first change as a headline, and how many more there are."""
    names = {title.id: plain(title.name) for title in config.titles}
    parts = []
    if one.changes:
        lead = min(one.changes, key=lambda change: importance(change, home_regions=config.regions or ()))
        name = names.get(lead.key.title, lead.key.title)
        parts.append(after_name(name, lead, headline(lead, home_regions=config.regions or (), dates=dates)))
        if len(one.changes) > 1:
            parts.append(f"{len(one.changes) - 1} more")
    others = Counter(kind for kind in one.kinds if kind in _OTHERS)
    title = names_in_words([names.get(title, title) for title in one.titles if title])
    parts += [_OTHERS[kind].format(title=title) for kind in others]
    return capital(plain("; ".join(parts)))


def _why(state: str, one: Undelivered, asked: Inquiry, *, runs: bool) -> str:
    """Why it has not arrived, and what happens next."""
    since = moment_in_words(one.since, asked.now, asked.audience.dates)
    reason = f": {plain(one.detail).rstrip('.')}" if one.detail else ""
    tries = f"tried {count_in_words(one.attempts, 'time')} since {since}{reason}"
    if state == "waiting":
        return _next(one, asked, runs=runs, waits=True)
    if state == "sending":
        return f"{one.id}: being sent since {since}."
    if state == "dead":
        return f"{one.id}: given up; {tries}. Once it can be taken, send it again:"
    if state == "held":
        return f"{one.id}: may have arrived{reason}; held, as you asked. If it has not, send it again:"
    perhaps = "may have arrived; sent again and marked. " if one.may_repeat else ""
    return f"{one.id}: {perhaps}{capital(tries)}. {_next(one, asked, runs=runs, waits=False)}".rstrip()


def _next(one: Undelivered, asked: Inquiry, *, runs: bool, waits: bool) -> str:
    due = one.due_at
    if one.needs is not None:
        return f"Waits until it is {_SURE_AS[one.needs]}, as this target asks."
    if due is None or due <= asked.now:
        return "Due now." if runs else "Due now; sent by: watcher run"
    return f"{'Waits until' if waits else 'Next try'} {moment_in_words(due, asked.now, asked.audience.dates)}."


def _retried(done: Sequence[Undelivered], asked: Inquiry, *, runs: bool) -> list[str]:
    if not done:
        return ["Nothing was given up, is held, or rests."]
    to = names_in_words(list(dict.fromkeys(plain(one.target) for one in done)))
    repeats = sum(one.may_repeat for one in done)
    marked = " What may have arrived before says so." if repeats else ""
    many = "1 delivery" if len(done) == 1 else f"{len(done)} deliveries"
    when = "within seconds" if runs else "by watcher run, or now by watcher poll"
    return wrap(f"{many} for {to}: sent again {when}; quiet hours hold.{marked}", width=asked.width, indent=0, hanging=2)


def _object(queue: Queue) -> Object:
    return {
        **target_object(queue.view),
        "undelivered": [
            {
                "id": one.id,
                "state": state,
                "titles": [title for title in one.titles if title],
                "kinds": list(one.kinds),
                "changes": [change.id for change in one.changes],
                "since": time_text(one.since),
                "due_at": time_text(one.due_at),
                "attempts": one.attempts,
                "may_repeat": one.may_repeat,
                "detail": one.detail,
            }
            for state, one in queue.waits
        ],
    }
