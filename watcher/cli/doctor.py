"""`watcher doctor`: everything that this watcher needs, looked at now: what is broken, what to do, and what is well.

``--json`` prints one object::

    version  1; raised when a key changes its meaning or goes
    at       when
    result   well, look (something to look at) or broken
    summary  the same in a sentence
    config   the configuration's file, null where there is none; state: the state directory
    checks   of each: section and check (its name there), verdict (well, look, broken, or unseen: it could not be looked at),
             words, and do: a command or a sentence that says what to do, or null

The status is 0 where nothing is broken, 1 where something is, and 78 where the configuration is. Nothing is sent or stored, and
whom the daemon has asked lately is not asked again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial

import click

from watcher.cli import common
from watcher.cli.checkup import children, clock, daemon, feeds, published, rights, settings, state, targets, versions
from watcher.cli.checkup.making import Check, in_thread, make
from watcher.cli.checkup.patient import Notes, Patient, look_at_notes, meet
from watcher.cli.checkup.verdict import How, Matter, Verdict
from watcher.cli.checkup.words import lines, report_object
from watcher.cli.layout import screen_width, show, show_json

#: For what reads a whole database, and for servers.
_LONG, _LONGEST = 60.0, 120.0
_NOTES_S = 10.0


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Leave out what needs the network.")
@click.option("--ask", "asking", is_flag=True, help="Ask also feeds that were asked just now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(*, offline: bool, asking: bool, as_json: bool, config_path: str | None) -> None:
    """Look at everything that watcher needs, and say what is broken and what to do about it; status 1 where something is.

    Configuration, state, permissions, clock, feeds, targets, published files, daemon, versions. No alert is sent, and nothing is
    changed.
    """
    patient = meet(config_path, offline=offline, asking=asking)
    verdicts = asyncio.run(examine(patient))
    if as_json:
        show_json(report_object(verdicts, patient))
    else:
        show(lines(verdicts, width=screen_width()))
    sys.exit(status(verdicts))


def status(verdicts: list[Verdict]) -> int:
    """What to end with."""
    broken = [one for one in verdicts if one.how is How.BROKEN]
    if any((one.section, one.check) == (settings.SECTION, settings.FILE.check) for one in broken):
        return 78
    return 1 if broken else 0


async def examine(patient: Patient) -> list[Verdict]:
    """All checks at once, in the order of the sections."""
    notes = await _notes(patient)
    return [verdict async for _, several in make(_checks(patient, notes)) for verdict in several]


async def _notes(patient: Patient) -> Notes:
    """What is stored, or nothing where the disk does not answer."""
    try:
        async with asyncio.timeout(_NOTES_S):
            return await in_thread(partial(look_at_notes, patient))
    except TimeoutError:
        return Notes.unanswered(patient, f"{patient.database} does not answer; look whether its disk hangs")


def _checks(patient: Patient, notes: Notes) -> list[Check]:
    def of(matter: Matter, work: Callable[[], Iterable[Verdict]], seconds: float = _NOTES_S) -> Check:
        return Check(matter=matter, make=lambda: in_thread(lambda: list(work())), seconds=seconds)

    return [
        of(settings.FILE, partial(settings.check, patient, notes)),
        of(state.DIRECTORY, partial(state.check_directory, patient)),
        of(state.DATABASE, partial(state.check_database, patient, notes)),
        of(state.WHOLE, partial(state.check_whole, patient, notes), _LONG),
        of(state.BACKUP, partial(state.check_backup, patient)),
        of(rights.ASKING, partial(rights.check, patient, notes)),
        of(rights.SERVICE, partial(rights.check_service, patient)),
        of(clock.SET, partial(clock.check, patient, notes)),
        of(clock.SET, clock.check_synchronised),
        Check(matter=feeds.ANSWERS, make=partial(feeds.look, patient, notes, _tell), seconds=_LONGEST),
        Check(matter=targets.ALL, make=partial(targets.look, patient, notes), seconds=_LONGEST),
        of(published.DIRECTORY, partial(published.check, patient, notes)),
        of(daemon.RUNS, partial(daemon.check, patient, notes)),
        of(daemon.UNIT, partial(daemon.check_unit, patient)),
        Check(matter=children.PARSING, make=children.check_parsing, seconds=_LONG),
        Check(matter=children.SENDING, make=children.check_sending, seconds=_LONG),
        of(versions.ALL, versions.check),
    ]


def _tell(text: str) -> None:
    """What takes a while, for somebody who waits."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        common.tell(text)
