"""A screen that refreshes in place: the terminal's other page while somebody watches, and their own page as it was after it.

The sequences are those of ECMA-48 and xterm: 1049 is the alternate screen, 25 the cursor. Each refresh is one write, over what
stands there, so that nothing flickers. Signals are waited for and never interrupt, so the terminal is always given back.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from watcher.cli.layout import styled, terminal_size
from watcher.errors import UsageError, WatcherError

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _TO_LINE_END, _TO_SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"

#: What ends it, and what makes it look again at once.
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_AWAITED = (*_ENDS, signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)


def watch(lines: Callable[[], list[str]], *, every: float) -> None:
    """Show what `lines` makes, again every so many seconds and whenever the terminal changes its size, until it is ended.

    Ctrl-C is the way to end it and no failure: the exit status is 0. Ended by another signal, the status says so as a shell
    does (128 and its number).

    Raises:
        UsageError: standard output is no terminal.
    """
    if not sys.stdout.isatty():
        raise UsageError("--watch needs a terminal; for a file or a pipe leave it out, or write --json")
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    with _other_page():
        ended = _refresh(lines, every)
    if ended is not signal.SIGINT:
        sys.exit(128 + ended)


def _refresh(lines: Callable[[], list[str]], every: float) -> signal.Signals:
    """Look again and again; returns the signal that ended it."""
    while True:
        _write(page(_shown(lines), terminal_size()))
        came = signal.sigtimedwait(_AWAITED, every)
        number = None if came is None else signal.Signals(came.si_signo)
        if number in _ENDS:
            return number
        if number is signal.SIGTSTP:
            _write(_LEAVE)
            os.kill(os.getpid(), signal.SIGSTOP)
            _write(_ENTER)


def _shown(lines: Callable[[], list[str]]) -> list[str]:
    """What to show; what goes wrong meanwhile is shown too, and may be over the next time."""
    try:
        return lines()
    except WatcherError as error:
        return [*str(error).splitlines(), "", "Looking again. Ctrl-C ends it."]
    except sqlite3.DatabaseError as error:
        return [f"The store cannot be read just now ({error}).", "", "Looking again. Ctrl-C ends it."]


def page(lines: list[str], size: tuple[int, int]) -> str:
    """Lines as they overwrite a screen of so many columns and lines; what does not fit is left out, and the last line says so."""
    height = size[1]
    if len(lines) > height:
        kept = max(height - 1, 0)
        lines = [*lines[:kept], f"{len(lines) - kept} more lines: make the window taller."][:height]
    return _HOME + "\r\n".join(styled(line) + _TO_LINE_END for line in lines) + _TO_SCREEN_END


@contextmanager
def _other_page() -> Iterator[None]:
    """The terminal's other page, with no cursor and no echo of what is typed; the user's own again at the end."""
    with _no_echo():
        _write(_ENTER)
        try:
            yield
        finally:
            _write(_LEAVE)


@contextmanager
def _no_echo() -> Iterator[None]:
    """What is typed meanwhile is not shown, and forgotten at the end."""
    if not sys.stdin.isatty():
        yield
        return
    import termios  # noqa: PLC0415 - only where there is a keyboard

    before = termios.tcgetattr(sys.stdin)
    quiet = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)


def _write(text: str) -> None:
    """To the terminal in one write; one that is gone is told by its signal."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        pass
