"""The targets, dry: whether Apprise takes the address, whether its server takes a connection, and what waits. Nothing is sent."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from watcher.board.words import count_in_words
from watcher.clean import plain
from watcher.cli.checkup.making import in_thread
from watcher.cli.checkup.patient import HIDDEN, Notes, Patient
from watcher.cli.checkup.verdict import How, Matter, Verdict
from watcher.cli.condition import TargetView
from watcher.cli.living import proc_lines
from watcher.fetch.names import resolve_by_system
from watcher.model import Target
from watcher.send import address_of

SECTION = "targets"
ALL = Matter(SECTION, "alerts")
_CONNECT_S, _LOOKUP_S = 5.0, 5.0
#: Each is a process of its own with Apprise in it.
_AT_A_TIME = 3

T = TypeVar("T")


async def look(patient: Patient, notes: Notes) -> list[Verdict]:
    """Each target, some at a time."""
    config = patient.settings.config
    if config is None:
        return [ALL.unseen("Which there are only the configuration says.")]
    views = {view.state.name: view for view in notes.service.targets}
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def one(target: Target) -> list[Verdict]:
        async with gate:
            return await _target(patient, target, views.get(target.name))

    if all(target.url is None for target in config.targets) and _is_a_service(notes):
        words = "They go to the terminal alone, and the service has none: nobody is told."
        return [ALL.broken(words, f"write a [[notify]] into {patient.settings.file or 'the configuration'}")]
    return [verdict for several in await asyncio.gather(*map(one, config.targets)) for verdict in several]


async def _target(patient: Patient, target: Target, view: TargetView | None) -> list[Verdict]:
    matter = Matter(SECTION, plain(target.name))
    said = [await _address(patient, matter, target)]
    if view is not None:
        said += _queue(patient, matter, view)
    return _together(said)


async def _address(patient: Patient, matter: Matter, target: Target) -> Verdict:
    if target.url is None:
        return matter.well("Alerts are printed where watcher runs.")
    if target.url.startswith(HIDDEN):
        return matter.unseen("Its address is not yours to read.")
    address = await in_thread(lambda: address_of(target))
    if address.problem is not None:
        return matter.broken(f"{plain(address.problem).rstrip('.')}.", patient.command("config check"))
    if address.server is None:
        return matter.well("Its address is valid.")
    return await _server(patient, matter, target, *address.server)


async def _server(patient: Patient, matter: Matter, target: Target, host: str, port: int) -> Verdict:
    if patient.offline:
        return matter.well(f"Its address is valid, and leads to {plain(host)}, port {port}.")
    if (why := await _unreached(host, port)) is not None:
        return matter.broken(f"{why}.", patient.command(f"notify test {shlex.quote(target.name)}"))
    return matter.well(f"{plain(host)}, port {port}, takes connections.")


async def _unreached(host: str, port: int) -> str | None:
    """Why no connection to a server can be made; None where one was."""
    place = f"{plain(host)}, port {port},"
    try:
        await _connect(host, port)
    except TimeoutError:
        return f"{place} does not answer"
    except (socket.gaierror, ValueError):
        return f"{plain(host)} has no address: the name is wrong, or no name server answers"
    except OSError as error:
        return f"{place} takes no connection: {os.strerror(error.errno) if error.errno else 'no reason given'}"
    return None


async def _connect(host: str, port: int) -> None:
    """Connect to the first of a name's addresses that takes it, and hang up.

    Raises:
        OSError: the name has none, or none takes a connection; the last one's reason.
    """
    async with asyncio.timeout(_LOOKUP_S):
        addresses = await resolve_by_system(host, port)
    failure: OSError = OSError()
    for address in dict.fromkeys(addresses):
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, writer = await asyncio.open_connection(address, port)
        except OSError as error:
            failure = error
            continue
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return
    raise failure


def _queue(patient: Patient, matter: Matter, view: TargetView) -> list[Verdict]:
    """What waits for it, and what was given up."""
    said = []
    if view.state.error:
        since = f" since {patient.when(view.state.error_since)}" if view.state.error_since else ""
        waiting = f"; {view.waiting} waiting" if view.waiting else ""
        words = f"It has failed{since}: {plain(view.state.error).rstrip('.')}{waiting}."
        said.append(matter.look(words, patient.command(f"notify test {shlex.quote(view.state.name)}")))
    if view.dead:
        words = f"{count_in_words(view.dead, 'alert')} for it {'was' if view.dead == 1 else 'were'} given up."
        said.append(matter.look(words, patient.command("notify list")))
    if not said and view.waiting:
        said.append(matter.well(f"{count_in_words(view.waiting, 'alert')} waiting."))
    return said


def _together(said: Sequence[Verdict]) -> list[Verdict]:
    """Each trouble by itself, or else all in one line."""
    troubles = [one for one in said if one.how is not How.WELL]
    return troubles or [replace(said[0], words=" ".join(one.words for one in said))]


def _is_a_service(notes: Notes) -> bool:
    """Whether the daemon runs under a service manager, where nobody sees its terminal."""
    if not notes.daemon.running or notes.daemon.pid is None:
        return False
    return any(group.endswith(".service") for group in proc_lines(notes.daemon.pid, "cgroup")[-1:])
