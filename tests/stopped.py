"""`watcher` with a short breath, killed with SIGKILL or hung at one exact step of its own work; a program for tests.

    python -P tests/stopped.py STEP ARGUMENT...

Its daemon looks every fifth of a second what is due, and not every five, gives up what is under way five seconds after it was
told to stop, and not twenty, and publishes anew after half a second, and not twenty or sixty. STEP is JSON, null to live on:
`at` names a function ("watcher.store.store:Store.apply"), `when` says whether it is killed before it begins or after it
returned, or whether it "hangs", which the log tells. `last` wants this last argument, `armed` a function that has to have
returned before, and `brings` that the function returned something. The process kills itself, so nothing else happens between
the step and its end.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import watcher.daemon.life
import watcher.daemon.passes
import watcher.publishing

#: What the log says when it hangs.
HANGS = "it hangs here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where it is killed."""

    at: str
    when: Literal["before", "after", "hangs"]
    last: str | int | None = None
    armed: str | None = None
    brings: bool = False

    def command(self, words: list[str]) -> list[str]:
        """The command that runs `watcher` with these words, and dies there."""
        return [sys.executable, "-P", str(Path(__file__)), json.dumps(asdict(self)), *words]


def quick(words: list[str]) -> list[str]:
    """The command that runs `watcher` with these words, and lives on."""
    return [sys.executable, "-P", str(Path(__file__)), "null", *words]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    sys.stderr.write(HANGS + "\n")
    sys.stderr.flush()
    time.sleep(3600)


def _wrap(path: str, before: Callable[..., None], after: Callable[..., None]) -> None:
    """Call these around a function, wherever it is looked up by this path from now on."""
    module, _, name = path.partition(":")
    *way, last = name.split(".")
    owner = functools.reduce(getattr, way, import_module(module))
    inner = getattr(owner, last)

    @functools.wraps(inner)
    async def wait_for(*args: Any, **named: Any) -> Any:
        before(args)
        result = await inner(*args, **named)
        after(args, result)
        return result

    @functools.wraps(inner)
    def call(*args: Any, **named: Any) -> Any:
        before(args)
        result = inner(*args, **named)
        after(args, result)
        return result

    setattr(owner, last, wait_for if inspect.iscoroutinefunction(inner) else call)


def _prepare(step: Step) -> None:
    is_armed = step.armed is None

    def arm(_args: Any, _result: Any) -> None:
        nonlocal is_armed
        is_armed = True

    def before(args: Any) -> None:
        if step.when != "after" and is_armed and (step.last is None or args[-1] == step.last):
            _hang() if step.when == "hangs" else _die()

    def after(args: Any, result: Any) -> None:
        if step.when == "after" and is_armed and (step.last is None or args[-1] == step.last) and (result or not step.brings):
            _die()

    if step.armed is not None:
        _wrap(step.armed, lambda _args: None, arm)
    _wrap(step.at, before, after)


def main() -> None:
    """Put the end where it belongs, and be `watcher`."""
    watcher.daemon.life.TICK = watcher.daemon.passes.TICK = timedelta(seconds=0.2)
    watcher.daemon.passes.BUDGET = timedelta(seconds=5)
    watcher.publishing._AGAIN = watcher.publishing._REST = timedelta(seconds=0.5)
    if (step := json.loads(sys.argv[1])) is not None:
        _prepare(Step(**step))
    sys.argv = ["watcher", *sys.argv[2:]]
    runpy.run_module("watcher", run_name="__main__")


if __name__ == "__main__":
    main()
