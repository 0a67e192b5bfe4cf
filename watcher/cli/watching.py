"""A screen that refreshes in place: the terminal's other page while somebody watches, and their own page as it was after it.

The sequences are those of ECMA-48 and xterm: 1049 is the alternate screen, 25 the cursor, 7 whether a line that is too long
goes on in the next one, which would push the answer off the top. Each refresh is one write, over what
stands there, so that nothing flickers. Signals are waited for and never interrupt, so the terminal is always given back.
"""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from watcher.cli.layout import cells, fit, quiet, screen_width, styled, terminal_size, wrap
from watcher.errors import UsageError, WatcherError

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?1049l"
_HOME, _TO_LINE_END, _TO_SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"

#: What ends it, and what makes it look again at once.
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_AWAITED = (*_ENDS, signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)


#: What is seen at a glance, and the time of it on the user's clock.
Look = Callable[[], tuple[list[str], str]]


def watch(look: Look, *, every: int) -> None:
    """Show what a look brings, again every so many seconds and whenever the terminal changes its size, until it is ended.

    Ctrl-C is the way to end it and no failure: the exit status is 0. Ended by another signal, the status says so as a shell
    does (128 and its number).

    Raises:
        UsageError: standard output is no terminal.
    """
    if not sys.stdout.isatty():
        raise UsageError("--watch needs a terminal; for a file or a pipe leave it out, or write --json")
    gc.enable()  # which is off for what answers once
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    other = _OtherPage()
    other.enter()
    try:
        ended = _refresh(look, every, other)
    finally:
        other.leave()
    if ended is not signal.SIGINT:
        sys.exit(128 + ended)


def _refresh(look: Look, every: int, other: _OtherPage) -> signal.Signals:
    """Look again and again; returns the signal that ended it."""
    while True:
        lines, at = _seen(look)
        _write(page(lines, f"{at}  Every {every} s; Ctrl-C ends it.".strip(), terminal_size()))
        came = signal.sigtimedwait(_AWAITED, every)
        if came is None:
            continue
        number = signal.Signals(came.si_signo)
        if number in _ENDS:
            return number
        if number is signal.SIGTSTP:
            other.leave()
            os.kill(os.getpid(), signal.SIGSTOP)
            other.enter()


def _seen(look: Look) -> tuple[list[str], str]:
    """What to show; what goes wrong meanwhile is shown too, and may be over the next time."""
    try:
        return look()
    except WatcherError as error:
        wide = [wrap(line, width=screen_width(), indent=0, hanging=2) for line in str(error).splitlines()]
        return [line for lines in wide for line in lines], ""
    except sqlite3.DatabaseError as error:
        return [f"The store cannot be read just now ({error})."], ""


def page(lines: list[str], foot: str, size: tuple[int, int]) -> str:
    """Lines as they overwrite a screen of so many columns and lines, and the foot in its last line.

    What does not fit is left out, and the foot says so.
    """
    width, height = size
    room = max(height - 1, 0)
    if len(lines) > room:
        foot = f"{len(lines) - room} more lines in a taller window.  {foot}"
    body = [*lines[:room], *[""] * (room - len(lines))]
    shown = [*(styled(_cut(line, width)) for line in body), styled(quiet(foot[:width]))]
    # Cleared before it is written: behind a full line the cursor stands on its last letter, which xterm would clear with it.
    return _HOME + "\r\n".join(_TO_LINE_END + line for line in shown[:-1]) + f"\r\n{_TO_SCREEN_END}{shown[-1]}"


def _cut(line: str, width: int) -> str:
    """A line that fits; one that does not, for a word that is longer, ends in a mark, since a day cut in two is another day."""
    bare = click.unstyle(line)
    return line if cells(bare) <= width else fit(bare, width)


class _OtherPage:
    """The terminal's other page, with no cursor and no echo of what is typed; what is typed is forgotten when it is left."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def enter(self) -> None:
        if sys.stdin.isatty():
            before = termios.tcgetattr(sys.stdin)
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, [*before[:3], before[3] & ~termios.ECHO, *before[4:]])
            self._before = before
        _write(_ENTER)

    def leave(self) -> None:
        _write(_LEAVE)
        if self._before is not None:
            with suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._before)


def _write(text: str) -> None:
    """To the terminal in one write; one that is gone is told by its signal."""
    with suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()
