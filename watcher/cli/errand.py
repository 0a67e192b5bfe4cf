"""A verb done for somebody else: the daemon runs it as a child of its own, with its rights and its configuration.

Only verbs that write to the state may be asked for, and nothing that names a file: the child reads no file that the words of
others name. What `learn` is to read comes with the request, and lies in a scratch directory under a number.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from watcher.cli.asking import IN_PLACE
from watcher.cli.deputy import CONFIG, LONGEST_S, NAMES
from watcher.errors import UsageError, WatcherError

log = logging.getLogger("watcher")

#: What may be asked for, by how it begins.
_VERBS = (("fix",), ("ignore",), ("mute",), ("learn",), ("rebuild",), ("notify", "retry"))

#: More words, or more letters in all of them, are no command line of a person; the system takes no much longer ones.
_WORDS, _LETTERS = 1000, 30_000

#: As much of what a verb prints is handed back, in bytes.
_MOST = 16 << 20

#: What a service manager gave to the daemon is not for its children.
_OURS = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "JOURNAL_STREAM", "INVOCATION_ID", "LISTEN_FDS", "LISTEN_PID")


async def run_verb(request: Mapping[str, Any], config_path: Path | None) -> dict[str, Any]:
    """Run what was asked for to its end: what it printed, and its status.

    Raises:
        UsageError: this may not be asked for.
        WatcherError: it took too long, or printed too much.
    """
    words = _words(request.get("words"))
    log.info("doing for others: watcher %s", words[0])
    with TemporaryDirectory(prefix="watcher-errand-") as scratch:
        _put(request.get("files"), Path(scratch))
        program = [sys.executable, "-P", "-m", "watcher", *([CONFIG, str(config_path)] if config_path else [])]
        child = await asyncio.create_subprocess_exec(
            *program, *words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=scratch, env=_environ(request, scratch)
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                out, err = await asyncio.gather(_read(child.stdout), _read(child.stderr))
                status = await child.wait()
        except TimeoutError:
            raise WatcherError(
                f"it was not done in {LONGEST_S / 60:.0f} minutes, and was given up; nothing was changed"
            ) from None
        finally:
            # Whoever asked may have gone: what a transaction has not committed is undone.
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return {"status": status if status >= 0 else 128 - status, "out": out, "err": err}


def _words(words: object) -> Sequence[str]:
    """The words of a command line that others may have us run.

    Raises:
        UsageError: they may not.
    """
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UsageError("a verb is a list of words")
    if len(words) > _WORDS or any("\0" in word for word in words) or sum(map(len, words)) > _LETTERS:
        raise UsageError("these are too many words, or too long ones")
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise UsageError("a verb is words in UTF-8") from None
    if not any(tuple(words[: len(verb)]) == verb for verb in _VERBS):
        verbs = ", ".join(" ".join(verb) for verb in _VERBS)
        raise UsageError(f"the daemon does not do that for others; it does {verbs}")
    if any(word.startswith(CONFIG) for word in words):
        raise UsageError(f"the daemon has a configuration of its own; leave {CONFIG} out")
    return words


def _put(files: object, scratch: Path) -> None:
    """The files of a request by numbers, and which of them has which name."""
    held = files if isinstance(files, dict) else {}
    for number, body in enumerate(held.values()):
        try:
            (scratch / str(number)).write_bytes(b64decode(str(body), validate=True))
        except ValueError:
            raise UsageError("a file is no base64") from None
    names = {str(name): str(number) for number, name in enumerate(held)}
    (scratch / NAMES).write_text(json.dumps(names), encoding="utf-8")


def _environ(request: Mapping[str, Any], scratch: str) -> dict[str, str]:
    """The daemon's environment, with what the screen of whoever asked is like."""
    width = request.get("width")
    kept = {key: value for key, value in os.environ.items() if key not in _OURS}
    shown = {"COLUMNS": str(width if isinstance(width, int) and 0 < width < 10_000 else 80), "PYTHONIOENCODING": "utf-8"}
    styled = {"TERM": "xterm"} if request.get("colour") else {"NO_COLOR": "1"}
    kept.pop("NO_COLOR", None)
    return kept | shown | styled | {IN_PLACE: scratch}


async def _read(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    held = bytearray()
    while chunk := await stream.read(1 << 16):
        held += chunk
        if len(held) > _MOST:
            raise WatcherError(f"it has more to say than {_MOST >> 20} MiB; run it as the user of the daemon")
    return held.decode("utf-8", "replace")
