"""Verbs that write are done by the daemon where one runs: the state is its own, and whoever asks may have no right to write.

A verb that writes is a `Deputed` command. Its words go to the daemon, which runs that very verb as a child of its own, and hands
back what it prints. Without a daemon, or one that does not answer, it is done here by whoever may write; root becomes the owner
of the state first, so that no file of root's stays there.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from watcher.cli import asking, common
from watcher.cli.asking import IN_PLACE
from watcher.cli.permits import may_write, who_may_write
from watcher.errors import DaemonSilent, StoreError, UsageError, WatcherError

#: The file in the directory of an errand that says which of them has which name.
NAMES = "names.json"

CONFIG = "--config"

#: So long may a verb take in a daemon's hands, in seconds: a rebuild of a large store takes minutes.
LONGEST_S = 900.0

#: The files that `learn` is given may have so many bytes together.
_LARGEST = 5 << 20


class Deputed(click.Command):
    """A verb that writes. `writes` says whether it does with these options, `reads` which of its words are files."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own
        writes: Callable[[Mapping[str, Any]], bool] = lambda _: True,
        reads: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda _: (),
        **given: Any,  # noqa: ANN401 - as above
    ) -> None:
        super().__init__(*args, **given)
        self._writes, self._reads = writes, reads

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the words as they were written: they are what a daemon is asked to do."""
        ctx.meta[IN_PLACE] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        """Let the daemon do it, or do it here."""
        if IN_PLACE in os.environ or not self._writes(ctx.params):
            return super().invoke(ctx)
        state = common.state(common.load(ctx.params.get("config_path"), spare=common.ASKING))
        verb = ctx.command_path.split()[1:]
        words = [*verb, *without_config(ctx.meta[IN_PLACE])]
        done = asked(
            state,
            "verb",
            shlex.join(["watcher", *words]),
            words=words,
            width=shutil.get_terminal_size((80, 24)).columns,
            colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
            files=lambda: _files(self._reads(ctx.params)),
        )
        if done is not None:
            sys.stdout.write(done["out"])
            sys.stderr.write(done["err"])
            raise SystemExit(int(done["status"]))
        become_owner(state, files=self._reads(ctx.params))
        return super().invoke(ctx)


def asked(state: Path, name: str, command: str, **request: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - goes as JSON
    """What the daemon of a state did, if one runs and answers; None where it is to be done here, which `command` then may be.

    A value that is a function is called once it is sure that a daemon takes the request.

    Raises:
        DaemonSilent: it may have done it, and did not say.
        StoreError: no daemon does it, and whoever asks may not.
        WatcherError: the daemon refuses.
    """
    try:
        holder = asking.holder(state)
    except OSError:
        holder = None
    silence = ""
    if holder is not None and holder.socket is not None:
        try:
            its = asking.ask(holder.socket, "state").get("state")
        except DaemonSilent as silent:
            silence = f"the daemon {silent}, and "
        else:
            if its == os.path.realpath(state):
                return _done(holder.socket, name, request)
    if not may_write(state):
        raise StoreError(f"{silence}{state} is not yours to write; {who_may_write(state, command)}")
    return None


def without_config(words: tuple[str, ...]) -> list[str]:
    """The words of a command line without the configuration that they name: the daemon has its own."""
    kept: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            return [*kept, word, *left]
        if word == CONFIG:
            next(left, None)
        elif not word.startswith(f"{CONFIG}="):
            kept.append(word)
    return kept


def become_owner(state: Path, *, files: tuple[str, ...] = ()) -> None:
    """As root, become the owner of a state directory, unless files are to be read that may be root's alone."""
    if os.geteuid() != 0 or files:
        return
    try:
        owner = state.stat()
    except OSError:
        return
    if owner.st_uid:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def file_in_place(name: str) -> Path:
    """Where a file lies that a verb is to read: here where it was named, or what came with the request to a daemon.

    Raises:
        UsageError: whoever asked the daemon did not send it.
    """
    if not (directory := os.environ.get(IN_PLACE)):
        return Path(name)
    known: dict[str, str] = json.loads((Path(directory) / NAMES).read_text(encoding="utf-8"))
    if name not in known:
        raise UsageError(f"{name}: was not handed to the daemon")
    return Path(directory) / known[name]


def _done(socket: Path, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    made = {key: value() if callable(value) else value for key, value in request.items()}
    try:
        reply = asking.ask(socket, name, within=LONGEST_S, **made)
    except DaemonSilent as silent:
        raise DaemonSilent(f"the daemon {silent}; whether it was done stands in: watcher status") from silent
    if "error" in reply:
        refusal = WatcherError(str(reply["error"]))
        refusal.exit_status = int(reply.get("status", 1))
        raise refusal
    return reply


def _files(names: tuple[str, ...]) -> dict[str, str]:
    """What these files hold, by their names: with the rights of whoever asks, and not with the daemon's."""
    held = {name: sys.stdin.buffer.read() if name == "-" else _read(name) for name in names}
    if sum(map(len, held.values())) > _LARGEST:
        raise UsageError(f"the files have more than {_LARGEST >> 20} MiB; hand them to the daemon one by one")
    return {name: b64encode(body).decode() for name, body in held.items()}


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {(error.strerror or 'no reason given').lower()}") from error
    except ValueError as error:
        raise UsageError(f"{name!r} is no name of a file") from error
