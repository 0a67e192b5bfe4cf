"""What README says is so: its commands are single lines, its verbs exist, its configuration is valid."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from watcher.cli import watcher
from watcher.config.load import parse_config

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_two_commands_do_all_the_setting_up() -> None:
    """The first two shell blocks are one line each: the first ends with the demo, the second with the tests."""
    first, second = blocks("sh")
    assert [block.count("\n") for block in (first, second)] == [1, 1]
    assert first.endswith("watcher demo\n")
    assert "pytest" in second


def test_configuration_in_the_readme_is_valid() -> None:
    """The configuration shown can be used as it stands, and does what the text around it says."""
    (shown,) = blocks("toml")
    config = parse_config(shown, path="README.md", environ={}, read_secret=lambda path: path.name)
    assert [title.name for title in config.titles] == ["Ballerina", "Dune: Part Three"]
    assert [target.name for target in config.targets] == ["phone"]


@pytest.mark.parametrize("line", sorted(set(re.findall(r"(?:^|`)watcher ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE))))
def test_every_verb_in_the_readme_exists(line: str) -> None:
    """Each `watcher VERB` that README names is a verb, and its second word a verb of that group where it is one."""
    verb, _, second = line.partition(" ")
    command = watcher.get_command(click.Context(watcher), verb)
    assert command is not None
    if isinstance(command, click.Group) and second:
        assert command.get_command(click.Context(command), second) is not None
