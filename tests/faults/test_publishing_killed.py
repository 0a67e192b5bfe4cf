"""Killed while it publishes, at every step and at any moment: what lies there is whole, and the next one sets all right."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from publishes import NAMES, NOON, Press, empty, names_in, text_in, torn

from watcher.publish import files
from watcher.publish.files import publish

#: So many kills come at a moment that nobody chose.
_KILLS = 60


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """Documents that are quickly made, and large enough to be written in several parts."""
    made = Press(size=200_000)
    monkeypatch.setattr(files, "DOCUMENTS", made.documents())
    return made


def in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own. Returns its id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def dies_at(line: int) -> Callable[[FrameType, str, object], object]:
    """What ends this process before the so-manieth line of the module that puts files in their place."""
    left = line

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal left
        del argument
        if frame.f_code.co_filename != files.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def test_killed_before_any_line_of_the_writing_every_file_is_whole(tmp_path: Path, press: Press) -> None:
    """Killed before each single line that brings news to the files, every file is a whole one, old or new; then all are new."""
    publish(tmp_path, empty())
    ends = []
    for line in range(1, 2000):
        press.text = f"news{line}"

        def work(line: int = line) -> None:
            sys.settrace(dies_at(line))  # type: ignore[arg-type]
            publish(tmp_path, empty())

        _, status = os.waitpid(in_child(work), 0)
        ends.append(os.waitstatus_to_exitcode(status))
        assert torn(tmp_path) == []
        assert set(NAMES) <= set(names_in(tmp_path))
        assert len(names_in(tmp_path)) <= len(NAMES) + 1, "what one left behind was not removed by the next"
        if ends[-1] != -signal.SIGKILL:
            break
    assert ends[-1] == 0
    assert len(ends) > 100
    assert names_in(tmp_path) == sorted(NAMES)
    assert {text_in(tmp_path / name) for name in NAMES} == {press.text}


def test_killed_at_any_moment_every_file_is_whole(tmp_path: Path, press: Press) -> None:
    """One that publishes over and over is killed at random: every file is whole each time, and the last sets all right."""
    chance = random.Random(8)
    publish(tmp_path, empty())
    killed = 0
    for number in range(_KILLS):

        def work(number: int = number) -> None:
            for turn in range(10_000):
                press.text = f"news{number}-{turn}"
                publish(tmp_path, empty())

        child = in_child(work)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        assert torn(tmp_path) == []
        assert set(NAMES) <= set(names_in(tmp_path))
    assert killed == _KILLS
    press.text = "last"
    assert publish(tmp_path, empty(NOON)).written == NAMES
    assert names_in(tmp_path) == sorted(NAMES)
    assert {text_in(tmp_path / name) for name in NAMES} == {"last"}
