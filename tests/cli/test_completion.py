"""`completion`: a shell learns from watcher itself which words may follow, without waiting for what they would do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli import watcher

SETTINGS = """
[watcher]
builtin_titles = false
builtin_feeds = false
[[title]]
name = "Harbor Lights: Part Two"
[[feed]]
url = "https://reel.example/feed"
outlet = "Morning Reel"
[[feed]]
url = "https://tide.example/feed"
outlet = "Tide"
[[notify]]
name = "phone"
url_file = "/nonexistent/secret"
"""


def follow(path: Path, words: str) -> list[str]:
    """What may follow these words, the last one begun; a blank at the end begins a new one."""
    typed = words.split(" ")
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(typed) - 1), "_WATCHER_COMPLETE": "bash_complete"}
    path.joinpath("config.toml").write_text(SETTINGS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "watcher"],
        env=os.environ | asked | {"WATCHER_CONFIG": str(path / "config.toml")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("watcher st", ["status"]),
        ("watcher feeds re", ["remove"]),
        ("watcher status --js", ["--json"]),
        ("watcher feeds add --tr", ["--trust"]),
        ("watcher feeds add --trust tr", ["trade"]),
        ("watcher why ", ["harbor-lights-part-two"]),
        ("watcher notify test ", ["phone"]),
        ("watcher poll ", ["reel.example", "Tide"]),
        ("watcher feeds remove ti", ["Tide"]),
    ],
)
def test_words_that_may_follow_are_offered(tmp_path: Path, words: str, expected: list[str]) -> None:
    """Verbs, their options and values, titles, targets and feeds are offered, none of which a shell would tear apart."""
    assert follow(tmp_path, words) == expected


def test_a_broken_configuration_keeps_no_shell_from_completing(tmp_path: Path) -> None:
    """Where the settings cannot be read the built-in title is offered, and nothing is printed beside it."""
    (tmp_path / "other").mkdir()
    assert follow(tmp_path, f"watcher --config {tmp_path / 'none.toml'} mute ") == ["ballerina"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_watcher(shell: str) -> None:
    """The script names the variable by which watcher is asked, in that shell's way."""
    done = CliRunner().invoke(watcher, ["completion", shell])
    assert done.exit_code == 0
    assert f"_WATCHER_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_takes_the_script_and_completes(tmp_path: Path) -> None:
    """A real bash that was given the script finds a verb by its first letters."""
    program = tmp_path / "watcher"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m watcher "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = (
        'complete() { :; }; eval "$(watcher completion bash)"; COMP_WORDS=(watcher hist); COMP_CWORD=1; '
        '_watcher_completion watcher; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "history\n"
