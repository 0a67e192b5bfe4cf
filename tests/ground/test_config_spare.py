"""A configuration for somebody who only asks: what they cannot have and do not need is no mistake."""

from __future__ import annotations

import pytest

from watcher.config import Config
from watcher.config.load import parse_config
from watcher.config.show import show_config
from watcher.errors import ConfigError

_ASKING = ("watcher", "fetch", "feed", "notify")


def parse(text: str, *spare: str) -> Config:
    """The settings of a text for somebody who has no environment and can read no other file."""

    def read_secret(_: object) -> str:
        raise PermissionError(13, "Permission denied")

    return parse_config(text, path="/etc/watcher/config.toml", environ={}, read_secret=read_secret, spare=spare)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ('[[notify]]\nname = "phone"\nurl_file = "/run/phone"', "notify"),
        ('[[notify]]\nname = "phone"\nurl_file = "$CREDENTIALS_DIRECTORY/phone"', "notify"),
        ('[[notify]]\nname = "phone"\nurl = "ntfys://${TOPIC}"', "notify"),
        ('[watcher]\nping_file = "/run/ping"', "watcher"),
        ('[watcher]\nping = "https://ping.example/${UUID}"', "watcher"),
        ('[fetch]\nproxy = "http://${USER_AND_PASSWORD}@proxy.example"', "fetch"),
        ('[[feed]]\nurl = "https://example.org/feed?key=${KEY}"', "feed"),
    ],
)
def test_what_cannot_be_had_is_missed_only_by_who_needs_it(text: str, table: str) -> None:
    """A secret or reference out of reach is a problem, unless whoever asks can spare it; other tables are as strict as ever."""
    others = [one for one in _ASKING if one != table]
    for spare in ([], others):
        with pytest.raises(ConfigError, match=r"Permission denied|is not set"):
            parse(text, *spare)
    assert [target.name for target in parse(text, table).targets] in [["phone"], ["terminal"]]


def test_stand_ins_are_no_twins_and_show_nothing() -> None:
    """Two targets whose addresses are out of reach are not taken for one, nor for the terminal, and are shown as secrets."""
    text = '[[notify]]\nname = "a"\nurl = "ntfy://${ONE}"\n[[notify]]\nname = "b"\nurl = "ntfy://${TWO}"'
    config = parse(text, "notify")
    assert [target.name for target in config.targets] == ["a", "b"]
    assert len({target.url for target in config.targets} - {None}) == 2
    assert show_config(config).count('://***"') == 2


def test_real_mistakes_stay_mistakes() -> None:
    """What is wrong in the text itself, and a state directory that nobody can find, is told to everybody."""
    for text, words in (
        ('[[notify]]\nname = "p"\nurl = "nothing"', "is no address of a service"),
        ('[[feed]]\nurl = "ftp://example.org/"', r"\[\[feed\]\] 1, url"),
        ('[watcher]\nstate = "${NOWHERE}/state"', "is not set in the environment"),
        ('[[notify]]\nname = "p"', "has no address"),
    ):
        with pytest.raises(ConfigError, match=words):
            parse(text, *_ASKING)
