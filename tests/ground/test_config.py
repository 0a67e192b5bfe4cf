"""The configuration: what it means, what is refused and how that is said, and where its files lie."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.catalogue import Catalogue, Index, builtin
from watcher.config import TERMINAL, Config, Policy, default_config
from watcher.config.load import parse_config
from watcher.config.places import line_of, places
from watcher.config.show import masked_url, show_config
from watcher.config.values import Trail
from watcher.edtf import Edtf
from watcher.errors import ConfigError
from watcher.model import Confidence, Feed, Known, Outlet, ReleaseType, Status, Target, Trust
from watcher.paths import SYSTEM_CONFIG, config_candidates, runtime_dir, state_dir

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

FULL = """
[watcher]
timezone = "Europe/London"
language = "en-gb"
regions = ["GB", "001"]
contact = "you@example.org"
state = "~/state"
keep = "26w"
publish = "site"
ping = "https://hc.example.org/${CHECK}"
builtin_titles = false
builtin_feeds = false

[fetch]
every = "1h30m"
allow_addresses = ["127.0.0.0/8", "fd00::/8"]
proxy = "http://ann:${CHECK}@proxy.example:3128"
article_pages = false
not = ["https://gone.example.org/feed/"]

[policy]
fresh_for = "2d"
group_wait = "0s"
confirm_origins = 3

[[title]]
name = "Winter Lark"
aliases = ["Lark"]
context = ["Ann Example"]
not = ["skylark"]
origin = "FR"
known = [
  { release = 2031-12-18, region = "US", type = "digital", on = 2030-03-01, outlet = "Deadline", url = "https://example.org/a" },
  { person = "Ann Example", job = "director", role = "Herself", status = "in_talks", on = "2030-03-02", pin = true },
]

[[feed]]
url = "http://127.0.0.1:8080/feed?token=${CHECK}"
outlet = "Lark Letter"
trust = "trade"
every = "1s"

[[notify]]
name = "phone"
url = "ntfys://${CHECK}@ntfy.example/topic"
on = ["release", "health"]
titles = ["lark"]
regions = ["GB"]
min_confidence = "confirmed"
quiet_hours = "22:00-8:30"
digest = "09:15"
milestones = [7, 0]
on_unknown = "hold"
priority = { release = "warning", health = "info" }

[[notify]]
name = "mail"
url_file = "mail-url"
"""


def parse(text: str, environ: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None) -> Config:
    """The settings of a text in /etc/watcher/config.toml, with the given environment and files."""

    def read_secret(path: Path) -> str:
        if str(path) not in (secrets or {}):
            raise FileNotFoundError(2, "No such file or directory")
        return (secrets or {})[str(path)]

    return parse_config(text, path="/etc/watcher/config.toml", environ=environ or {}, read_secret=read_secret)


def problems(text: str, environ: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None) -> list[str]:
    """What is said of a text that is refused, without the name of the file."""
    with pytest.raises(ConfigError) as caught:
        parse(text, environ, secrets)
    assert all(line.startswith("/etc/watcher/config.toml:") for line in caught.value.problems)
    return [line.removeprefix("/etc/watcher/config.toml:") for line in caught.value.problems]


def full() -> Config:
    """The settings of FULL."""
    return parse(FULL, {"HOME": "/home/ann", "CHECK": "s3cret"}, {"/etc/watcher/mail-url": "mailtos://a:s3cret@example.org\n"})


def test_without_a_file_everything_has_its_default() -> None:
    """Somebody who wrote nothing waits for Ballerina with the built-in feeds and is told on the terminal."""
    assert default_config() == parse("")
    assert default_config() == Config(titles=builtin().titles, feeds=builtin().feeds, outlets=builtin(), targets=(TERMINAL,))
    assert (default_config().every, default_config().policy.fresh_for) == (1800, timedelta(days=3))


def test_every_setting_arrives() -> None:
    """Each key of the file ends as the value that the daemon works with."""
    config = full()
    expected = Config(
        timezone="Europe/London",
        language="en-GB",
        regions=("GB", "001"),
        contact="you@example.org",
        state=Path("/home/ann/state"),
        keep=timedelta(weeks=26),
        publish=Path("/etc/watcher/site"),
        ping="https://hc.example.org/s3cret",
        builtin_titles=False,
        builtin_feeds=False,
        every=5400,
        allow_addresses=(ip_network("127.0.0.0/8"), ip_network("fd00::/8")),
        proxy="http://ann:s3cret@proxy.example:3128",
        article_pages=False,
        refused=("https://gone.example.org/feed/",),
        policy=Policy(fresh_for=timedelta(days=2), group_wait=timedelta(0), confirm_origins=3),
        titles=config.titles,
        feeds=(Feed(url="http://127.0.0.1:8080/feed?token=s3cret", outlet="Lark Letter", every=1),),
        outlets=config.outlets,
        targets=(
            Target(
                name="phone",
                url="ntfys://s3cret@ntfy.example/topic",
                on=("release", "health"),
                titles=("winter-lark",),
                regions=("GB",),
                min_confidence=Confidence.CONFIRMED,
                quiet_hours=(1320, 510),
                digest=555,
                milestones=(7, 0),
                hold_unknown=True,
                priority=(("release", "warning"), ("health", "info")),
            ),
            Target(name="mail", url="mailtos://a:s3cret@example.org"),
        ),
    )
    assert config == expected


def test_a_title_arrives_whole() -> None:
    """A [[title]] carries its names, its exclusions and what was known, with dates in quotes or without."""
    (title,) = full().titles
    assert (title.id, title.name, title.aliases, title.context) == ("winter-lark", "Winter Lark", ("Lark",), ("Ann Example",))
    assert (title.exclusions, title.origin, title.builtin) == (("skylark",), "FR", False)
    assert title.known == (
        Known(
            on=date(2030, 3, 1),
            release=Edtf("2031-12-18"),
            type=ReleaseType.DIGITAL,
            region="US",
            outlet="Deadline",
            url="https://example.org/a",
        ),
        Known(on=date(2030, 3, 2), person="Ann Example", job="director", role="Herself", status=Status.IN_TALKS, pin=True),
    )


def test_a_title_takes_a_built_in_ones_place() -> None:
    """A [[title]] of a built-in title's name replaces it; any other stands beside it."""
    assert [(title.name, title.builtin) for title in parse('[[title]]\nname = "ballerina"').titles] == [("ballerina", False)]
    assert [title.name for title in parse('[[title]]\nname = "Winter Lark"').titles] == ["Ballerina", "Winter Lark"]


def test_a_title_is_found_by_any_name() -> None:
    """A title answers to its id, its name and its aliases in any capitals, and to nothing else."""
    config = full()
    assert [config.title(name) for name in ("winter-lark", "WINTER LARK", "lark")] == [config.titles[0]] * 3
    assert config.title("lar") is None


def test_a_feed_takes_a_built_in_ones_place() -> None:
    """A [[feed]] with a built-in feed's address replaces it, and its trust counts for the outlet everywhere."""
    url = builtin().feeds[0].url
    config = parse(f'[[feed]]\nurl = "{url}"\noutlet = "DEADLINE"\ntrust = "press"\nevery = "2h"')
    assert [feed for feed in config.feeds if feed.url == url] == [Feed(url=url, outlet="Deadline", every=7200)]
    assert len(config.feeds) == len(builtin().feeds)
    found = config.outlets.outlet_of("https://deadline.com/x")
    assert found == replace(builtin().outlet("Deadline"), trust=Trust.PRESS)


def test_a_refused_feed_is_not_asked() -> None:
    """An address under `not` takes a built-in feed away, or the feeds of tags of an outlet, and leaves all others."""
    feed, tag = builtin().feeds[0], builtin().tags[1]
    config = parse(f'[fetch]\nnot = ["{feed.url}", "{tag.url}", "https://nobody.example.org/"]')
    assert config.feeds == builtin().feeds[1:]
    assert config.outlets.tags == (builtin().tags[0], *builtin().tags[2:])
    assert config.outlets.outlet(feed.outlet) == builtin().outlet(feed.outlet)


def test_a_new_feed_brings_its_outlet() -> None:
    """The outlet of an unknown feed is known by its name and its host; one without a name takes that of its host."""
    config = parse(
        '[[feed]]\nurl = "https://a.example/f"\noutlet = "A"\n'
        '[[feed]]\nurl = "https://b.example/f"\n[[feed]]\nurl = "https://www.joblo.com/x"'
    )
    assert [feed.outlet for feed in config.feeds[-3:]] == ["A", "b.example", "JoBlo"]
    found = config.outlets.outlet_of("https://www.a.example/news/1")
    assert found is not None
    assert (found.name, found.owner, found.trust) == ("A", "A", Trust.PRESS)


def test_a_feed_finds_the_outlet_that_one_before_it_brought() -> None:
    """A new outlet is known to the feeds below by whatever name the catalogue would know it by; the nearest host wins."""
    config = parse(
        '[[feed]]\nurl = "https://a.example/f"\noutlet = "Harbor News"\ntrust = "trade"\n'
        '[[feed]]\nurl = "https://b.example/f"\noutlet = "The Harbor News RSS"\n'
        '[[feed]]\nurl = "https://c.example/f"\noutlet = "www.a.example"\n'
        '[[feed]]\nurl = "https://press.d.example/f"\noutlet = "Press of D"\n'
        '[[feed]]\nurl = "https://d.example/f"\noutlet = "D"\n'
        '[[feed]]\nurl = "https://press.d.example/g"\n'
    )
    names = ["Harbor News", "Harbor News", "Harbor News", "Press of D", "D", "Press of D"]
    assert [feed.outlet for feed in config.feeds[-6:]] == names
    assert [outlet.name for outlet in config.outlets.outlets[-3:]] == ["Harbor News", "Press of D", "D"]


_OUTLETS = (
    Outlet(name="Reel", owner="Reel", aliases=("Reel Daily", "Larks"), hosts=("reel.example",)),
    Outlet(name="The Reel RSS", owner="Reel", aliases=("Reel Daily",), hosts=("rss.reel.example", "reel.example")),
    Outlet(name="Lark", owner="Lark", aliases=("Larks", "Reel"), hosts=("a.lark.example",)),
    Outlet(name="lark.example", owner="Lark", hosts=("lark.example",)),
)


@given(st.lists(st.builds(replace, st.sampled_from(_OUTLETS), trust=st.sampled_from(Trust)), max_size=8))
def test_outlets_added_one_by_one_are_found_as_in_a_catalogue_of_all(outlets: list[Outlet]) -> None:
    """An index that outlets are put into gives the same answers as a catalogue made anew with each of them."""
    catalogue, index = Catalogue(), Index(())
    for outlet in outlets:
        catalogue = catalogue.with_outlets(outlet)
        index.put(outlet)
    for name in ("Reel", "The Reel RSS", "Reel (copy)", "Reel Daily", "Lark", "LARKS", "www.lark.example", "b.a.lark.example"):
        assert index.find(name) == catalogue.find(name)
    for url in (
        "https://a.lark.example/",
        "https://www.reel.example./x",
        "https://example/",
        "https://rss.reel.example",
        "http://[",
    ):
        assert index.outlet_of(url) == catalogue.outlet_of(url)


@pytest.mark.parametrize(
    ("file", "environ", "path"),
    [
        ("mail", {"CREDENTIALS_DIRECTORY": "/run/cred"}, "/run/cred/mail"),
        ("mail", {"CREDENTIALS_DIRECTORY": "/run/cred"}, "/etc/watcher/mail"),
        ("mail", {}, "/etc/watcher/mail"),
        ("$CREDENTIALS_DIRECTORY/mail", {"CREDENTIALS_DIRECTORY": "/run/cred"}, "/run/cred/mail"),
        ("${CREDENTIALS_DIRECTORY}/mail", {"CREDENTIALS_DIRECTORY": "/run/cred"}, "/run/cred/mail"),
        ("/secrets/mail", {"CREDENTIALS_DIRECTORY": "/run/cred"}, "/secrets/mail"),
        ("~/mail", {"HOME": "/home/ann"}, "/home/ann/mail"),
    ],
)
def test_secret_is_found(file: str, environ: dict[str, str], path: str) -> None:
    """A url_file is looked up among systemd's credentials, beside the configuration, or where its whole path says."""
    config = parse(f'[[notify]]\nname = "m"\nurl_file = "{file}"', environ, {path: "ntfy://s3cret\n"})
    assert config.targets == (Target(name="m", url="ntfy://s3cret"),)


@pytest.mark.parametrize(("environ", "path"), [({}, "/etc/watcher/hc"), ({"CREDENTIALS_DIRECTORY": "/run/cred"}, "/run/cred/hc")])
def test_ping_may_stand_in_a_file_of_its_own(environ: dict[str, str], path: str) -> None:
    """A ping_file is looked up as a url_file is, and what it holds is shown no more than a ping that stands in the settings."""
    config = parse('[watcher]\nping_file = "hc"', environ, {path: "https://hc.example/s3cret\n"})
    assert config.ping == "https://hc.example/s3cret"
    assert 'ping = "https://***"' in show_config(config)
    assert "s3cret" not in show_config(config) + repr(config)


REFUSED = [
    ("[watcher\n", "1: this is no TOML: Expected ']' at the end of a table declaration (column 9)"),
    ("a = 1\n\n\nb =", "4: this is no TOML: Invalid value"),
    ("wacher = 1", "1: [wacher]: is not known; did you mean [watcher]?"),
    ("[[titel]]\nname = 'x'", "1: [titel]: is not known; did you mean [[title]]?"),
    ("watcher = 1", "1: [watcher]: is a number; write a table, [watcher]"),
    ("[title]\nname = 'x'", "1: [[title]]: may stand several times; write [[title]]"),
    ("[fetch]\nevrey = '1h'", "2: [fetch], evrey: is not known; did you mean every?"),
    ("[fetch]\n\nx = 1", "3: [fetch], x: is not known; there are every, allow_addresses, proxy, article_pages, not"),
    ("[fetch]\nevery = '0m'", '2: [fetch], every: "0m" is too short; write at least "5m"'),
    ("[fetch]\nevery = '31d'", '2: [fetch], every: "31d" is too long; write at most "30d"'),
    (
        "[fetch]\nevery = '-5m'",
        '2: [fetch], every: "-5m" is no duration; write a number and a unit, such as "30m", "12h" or "3d"',
    ),
    ("[fetch]\nevery = 30", '2: [fetch], every: is a number; write a duration in quotes, such as "30m", "12h" or "3d"'),
    (
        "[fetch]\nallow_addresses = ['10.0.0.1/8']",
        '2: [fetch], allow_addresses 1: "10.0.0.1/8" is no range of addresses; write "10.0.0.0/8"',
    ),
    (
        "[fetch]\nallow_addresses = ['lan']",
        '2: [fetch], allow_addresses 1: "lan" is no range of addresses; write a range such as "192.168.1.0/24"',
    ),
    ("[fetch]\nallow_addresses = '10.0.0.0/8'", '2: [fetch], allow_addresses: is no list; write it in brackets, ["…"]'),
    ("[fetch]\nproxy = 'socks5://a:1'", '2: [fetch], proxy: is no address of an HTTP proxy; write "http://host:port"'),
    ("[fetch]\nproxy = 'http://me:${WORD}@a:1'", "2: [fetch], proxy: ${WORD} is not set in the environment"),
    ("[fetch]\nproxy = 3128", '2: [fetch], proxy: is a number; write a text in quotes, "…"'),
    ("[fetch]\narticle_pages = 'no'", "2: [fetch], article_pages: is a text; write true or false"),
    (
        "[watcher]\ntimezone = 'Europe/Londn'",
        '2: [watcher], timezone: "Europe/Londn" is no timezone; did you mean "Europe/London"',
    ),
    (
        "[watcher]\nlanguage = 'de'",
        '2: [watcher], language: "de" is no English that watcher writes; write "en" for June 6, 2025, or "en-GB" for 6 June 2025',
    ),
    (
        "[watcher]\nlanguage = 'en_AU.UTF-8'",
        '2: [watcher], language: "en_AU.UTF-8" is no English that watcher writes; write "en-AU"',
    ),
    (
        "[watcher]\ntimezone = '../etc/passwd'",
        '2: [watcher], timezone: "../etc/passwd" is no timezone; write a name such as "Europe/London"',
    ),
    ("[watcher]\nregions = [\n'GB',\n'UK']", '4: [watcher], regions 2: "UK" is no country code; write "GB"'),
    ("[watcher]\nregions = ['us']", '2: [watcher], regions 1: "us" is no country code; write "US"'),
    (
        "[watcher]\nregions = ['XX']",
        '2: [watcher], regions 1: "XX" is no country code; write two capital letters, such as "US", "GB" or "DE" (ISO 3166-1)',
    ),
    ("[watcher]\nping = 'ftp://x'", '2: [watcher], ping: is no web address; write "https://…"'),
    (
        "[watcher]\nping = 'https://a.example'\nping_file = 'y'",
        "2: [watcher], ping: has two addresses; write either ping or ping_file",
    ),
    (
        "[watcher]\nping_file = 'x'",
        "2: [watcher], ping_file: /etc/watcher/x cannot be read: No such file or directory",
    ),
    ("[watcher]\nstate = '${NOPE}'", "2: [watcher], state: ${NOPE} is not set in the environment"),
    (
        '[watcher]\ncontact = "a\\u001bb"',
        "2: [watcher], contact: holds a control character or a line break; write it on one line",
    ),
    ("[policy]\nfresh_for = '10m'", '2: [policy], fresh_for: "10m" is too short; write at least "1h"'),
    ("[policy]\nconfirm_origins = 0", "2: [policy], confirm_origins: 0 is out of bounds; write a whole number from 1 to 10"),
    ("[policy]\nconfirm_origins = true", "2: [policy], confirm_origins: is true or false; write a whole number from 1 to 10"),
    ("[[title]]\naliases = []", '1: [[title]] 1, name: is missing; write name = "Dune: Part Three"'),
    ("[[title]]\nname = ' '", "2: [[title]] 1, name: is empty; write something or leave the line out"),
    (
        "[[title]]\nname = 'x'\norigin = '001'",
        '3: [[title]] 1, origin: "001" is no country code; write two capital letters, such as "US", "GB" or "DE" (ISO 3166-1)',
    ),
    (
        "[[title]]\nname = 'A b'\n[[title]]\nname = 'a-B'",
        "4: [[title]] 2, name: names the film of [[title]] 1 again; leave one out",
    ),
    (
        "[[title]]\nname='x'\nknown=[{on='2030-01-01'}]",
        "3: [[title]] 1, known 1: write either release or person, and one of them in each entry",
    ),
    (
        "[[title]]\nname='x'\nknown=[\n{on='2030-01-01', release='2030', person='y'}]",
        "4: [[title]] 1, known 1: write either release or person, and one of them in each entry",
    ),
    (
        "[[title]]\nname='x'\n[[title.known]]\nrelease='2030'",
        '3: [[title]] 1, known 1, on: is missing; write on = "2025-03-01", the day it was reported',
    ),
    (
        "[[title]]\nname='x'\nknown=[{on='2030', person='y'}]",
        '3: [[title]] 1, known 1, on: "2030" is no day; write it as "2025-03-01"',
    ),
    (
        "[[title]]\nname='x'\nknown=[{on='2030-01-01', release='soon'}]",
        "3: [[title]] 1, known 1, release: 'soon' is no date: write 2025-06-06, 2025-06, 2025-22 (summer), "
        "2025-34 (second quarter), 2025 or unset",
    ),
    (
        "[[title]]\nname='x'\nknown=[{on='2030-01-01', release='2030', type='cinema'}]",
        '3: [[title]] 1, known 1, type: "cinema" is not known; write one of "premiere", "limited", "theatrical", '
        '"digital", "streaming", "physical", "tv"',
    ),
    (
        "[[title]]\nname='x'\nknown=[{on='2030-01-01', person='y', status='join'}]",
        '3: [[title]] 1, known 1, status: "join" is not known; did you mean "joins"',
    ),
    ("[[feed]]\noutlet = 'x'", '1: [[feed]] 1, url: is missing; write url = "https://…"'),
    ("[[feed]]\nurl = 'file:///etc/passwd'", '2: [[feed]] 1, url: is no web address; write "https://…"'),
    ("[[feed]]\nurl = 'https://a b/'", '2: [[feed]] 1, url: is no web address; write "https://…"'),
    ("[[feed]]\nurl = 'https://a:99999/'", '2: [[feed]] 1, url: is no web address; write "https://…"'),
    (
        "[[feed]]\nurl='http://a/'\n[[feed]]\nurl='http://a/'",
        "4: [[feed]] 2, url: is the address of [[feed]] 1 too; leave one of them out",
    ),
    (
        "[fetch]\nnot=['http://b/', 'http://a/']\n[[feed]]\nurl='http://a/'",
        "2: [fetch], not 2: is the address of [[feed]] 1 too; leave one of them out",
    ),
    ("[[feed]]\nurl='http://a/'\nevery='1m'", '3: [[feed]] 1, every: "1m" is too short; write at least "5m"'),
    ("[[feed]]\nurl='http://a/'\nevery='0s'", '3: [[feed]] 1, every: "0s" is too short; write at least "5m"'),
    ("[[feed]]\nurl='http://a/'\ntrust='offical'", '3: [[feed]] 1, trust: "offical" is not known; did you mean "official"'),
    (
        "[[feed]]\nurl='http://a/'\noutlet='THR'\ntrust='press'\n"
        "[[feed]]\nurl='http://b/'\noutlet='Hollywood Reporter'\ntrust='trade'",
        "8: [[feed]] 2, trust: is another than [[feed]] 1 gives the same outlet; write the same",
    ),
    ("[[notify]]\nurl = 'ntfy://x'", '1: [[notify]] 1, name: is missing; write name = "phone"'),
    ("[[notify]]\nname = 'p'", '1: [[notify]] 1: has no address; write url = "…" or url_file = "…"'),
    (
        "[[notify]]\nname = 'p'\nurl = 'ntfy://x'\nurl_file = 'y'",
        "1: [[notify]] 1: has two addresses; write either url or url_file",
    ),
    (
        "[[notify]]\nname = 'p'\nurl = 'x'",
        '3: [[notify]] 1, url: is no address of a service; write "service://…", as in the list of Apprise',
    ),
    ("[[notify]]\nname = 'p'\nurl = 'ntfy://${TOPIC}'", "3: [[notify]] 1, url: ${TOPIC} is not set in the environment"),
    (
        "[[notify]]\nname = 'p'\nurl_file = 'x'",
        "3: [[notify]] 1, url_file: /etc/watcher/x cannot be read: No such file or directory",
    ),
    (
        "[[notify]]\nname = 'p'\nurl_file = '$CREDENTIALS_DIRECTORY/x'",
        "3: [[notify]] 1, url_file: $CREDENTIALS_DIRECTORY/x is a credential, and $CREDENTIALS_DIRECTORY is not set",
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\n[[notify]]\nname='p'\nurl='a://c'",
        "5: [[notify]] 2, name: is the name of [[notify]] 1 too; write another",
    ),
    ("[[notify]]\nname='p'\nurl='a://b'\non=['relase']", '4: [[notify]] 1, on 1: "relase" is not known; did you mean "release"'),
    (
        "[[notify]]\nname='p'\nurl='a://b'\ntitles=['Balerina']",
        '4: [[notify]] 1, titles 1: "Balerina" is not watched; did you mean "Ballerina"',
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\nquiet_hours='22-8'",
        '4: [[notify]] 1, quiet_hours: "22-8" are no hours; write them as "22:00-08:00"',
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\nquiet_hours='9:00-09:00'",
        '4: [[notify]] 1, quiet_hours: "9:00-09:00" begin and end at once; write them as "22:00-08:00"',
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\ndigest='24:00'",
        '4: [[notify]] 1, digest: "24:00" is no time of day; write it as "09:00"',
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\non=[]",
        "4: [[notify]] 1, on: is empty, so that it would tell nothing; leave the line or the whole [[notify]] out",
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\n[[notify]]\nname='q'\nurl='a://b'",
        "4: [[notify]] 2: tells the same recipient the same as [[notify]] 1; leave one of them out",
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\nmilestones=[30, -1]",
        "4: [[notify]] 1, milestones 2: -1 is out of bounds; write a whole number from 0 to 3650",
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\nmin_confidence='sure'",
        '4: [[notify]] 1, min_confidence: "sure" is not known; write one of "rumoured", "reported", "confirmed"',
    ),
    (
        "[[notify]]\nname='p'\nurl='a://b'\npriority={release='loud'}",
        '4: [[notify]] 1, priority, release: "loud" is not known; write one of "info", "success", "warning", "failure"',
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=range(len(REFUSED)))
def test_mistake_is_told(text: str, said: str) -> None:
    """Each mistake is refused alone, with its line, its place, what is wrong and what to write instead."""
    assert problems(text) == [said]


def test_all_mistakes_are_told_at_once() -> None:
    """Every mistake of a file is told in one go and in the order of the file, whatever kinds they are of."""
    texts = [text for text, _ in REFUSED if text.startswith("[[") and text.count("\n[[") == 0]
    told = problems("[fetch]\nevery = 1\n" + "\n".join(texts))
    assert len(told) > len(texts)
    assert [int(line.split(":")[0]) for line in told] == sorted(int(line.split(":")[0]) for line in told)
    wanted = {said.rpartition(": ")[2] for text, said in REFUSED if text in texts}
    assert {words for words in wanted if not any(line.endswith(words) for line in told)} == set()


@pytest.mark.parametrize(
    "notify",
    [
        'name = "p"\nurl = "no address hunter2"',
        'name = "p"\nurl = "ntfy://hunter2"\nurl_file = "x"',
        'name = "p"\nurl = ["ntfy://hunter2"]',
        'name = "p"\nurl = "ntfy://hunter2\\u0007"',
        'name = "p"\nulr = "ntfy://hunter2"',
        'name = "p"\nurl = ntfy://hunter2',
        'name = "p"\nurl = "ntfy://hunter2',
        'name = "p"\nurl_file = "several"',
        'name = "p"\nurl_file = "broken"',
        'name = "p"\nurl = "${SECRET}"',
        'name = "p"\nurl = "ntfy://x"\n[[feed]]\nurl = "ftp://a:hunter2@b/"',
        'name = "p"\nurl = "ntfy://x"\n[[feed]]\nurl = "http://a:hunter2@b/"\n[[feed]]\nurl = "http://a:hunter2@b/"',
        'name = "p"\nurl = "ntfy://x"\n[watcher]\nping = "hc.example/hunter2"',
        'name = "p"\nurl = "ntfy://x"\n[watcher]\nping_file = "broken"',
        'name = "p"\nurl = "ntfy://x"\n[watcher]\nping_file = "several"',
        'name = "p"\nurl = "ntfy://x"\n[watcher]\nping = "https://hc.example/hunter2"\nping_file = "x"',
        'name = "p"\nurl = "ntfy://x"\n[fetch]\nproxy = "socks5://a:hunter2@b:1"',
        'name = "p"\nurl = "ntfy://x"\n[fetch]\nproxy = "http://a:hunter2@b:99999"',
    ],
)
def test_no_mistake_gives_a_secret_away(notify: str) -> None:
    """Whatever is wrong with an address, no message repeats it."""
    secrets = {"/etc/watcher/several": "ntfy://hunter2\nntfy://hunter2", "/etc/watcher/broken": "hunter2"}
    told = problems(f"[[notify]]\n{notify}", {"SECRET": "hunter2"}, secrets)
    assert "hunter2" not in "\n".join(told)


def test_secrets_are_not_in_a_repr() -> None:
    """A configuration that ends in a log by mistake gives no address of an alert away."""
    assert "s3cret" not in repr(full())


def test_hostile_keys_are_told_harmlessly() -> None:
    """A message about the file cannot carry a control byte from it to a terminal, nor more than one line."""
    told = problems('"\\u001b[2J\\n" = 1\n[watcher]\n"a\\u0007" = 1\ntimezone = "x\\u202ey"')
    assert len(told) == 3
    assert all(line.isprintable() for line in told)


def test_one_recipient_may_have_two_sets_of_rules() -> None:
    """The same address is no mistake where the two [[notify]] tell it different things."""
    text = '[[notify]]\nname = "{}"\nurl = "ntfy://x"\non = ["{}"]\n'
    assert len(parse(text.format("a", "release") + text.format("b", "health")).targets) == 2


def test_own_server_may_be_asked_often() -> None:
    """A feed at an address that the user allowed may be polled every second; a name that is no address may not."""
    text = '[fetch]\nallow_addresses = ["127.0.0.0/8"]\n[[feed]]\nurl = "http://{}/"\nevery = "1s"'
    assert parse(text.format("127.0.0.1:9")).feeds[-1].every == 1
    assert problems(text.format("localhost")) == ['5: [[feed]] 1, every: "1s" is too short; write at least "5m"']


def test_mark_of_windows_is_no_mistake() -> None:
    """A file with a byte order mark and Windows line ends is read like any other, and its lines are counted right."""
    assert parse('\ufeff[watcher]\r\nregions = ["GB"]\r\n').regions == ("GB",)
    assert problems("\ufeff[watcher]\r\n\r\nx = 1\r\n")[0].startswith("3: [watcher], x:")


#: Bits of TOML, right and wrong, of which hypothesis makes files.
PIECES = [
    *("[watcher]", "[[title]]", "[[feed]]", "[[notify]]", "[title.known]", "\n", "\n"),
    *("=", "[", "]", "{", "}", ",", '"', "'''", "#"),
    *("name", "url", "known", "every", "on", "titles", "trust", "regions", "1", "true", "nan", '"x"', '"${"', '"http://a/"'),
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_any_text_is_settings_or_mistakes(text: str) -> None:
    """Whatever stands in the file, it ends as settings or as lines for a person, never as anything else."""
    try:
        told = [] if parse(text).titles else ["no title"]
    except ConfigError as error:
        told = error.problems or ["no problem"]
    assert all(line.startswith("/etc/watcher/config.toml:") and line.isprintable() for line in told)


@pytest.mark.parametrize("text", ["x = " + "[" * 20000, "x = " + "{a=" * 20000])
def test_depth_is_a_mistake(text: str) -> None:
    """A file nested deeper than Python can follow is a mistake in the file."""
    assert problems(text) == ["1: brackets are nested too deeply"]


KEYS = st.sampled_from(["a", "b", "c-d", "e f", "é", "x.y", 'q"', "#", "=", "[z]"])
LEAVES = st.sampled_from(
    ["1", "-2.5e3", "true", "2030-01-01", "2030-01-01 07:32:00Z", '"]}#\\""', "'[{'", '"""\na\\""" b"""', "'''\n,''='''"]
)
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def written(value: object) -> str:
    """A value as TOML, arrays over several lines and with comments."""
    if isinstance(value, list):
        return "[ # [\n" + "".join(f"  {written(one)}, # ,\n" for one in value) + "]"
    if isinstance(value, dict):
        # Inline tables hold no line break before TOML 1.1, but for those inside their values.
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(one)}" for key, one in value.items()) + " }"
    return str(value)


def trails(value: object, trail: Trail = ()) -> Iterator[Trail]:
    """The way to every value in what tomllib made of a text."""
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for step, one in inner:
        yield (*trail, step)
        yield from trails(one, (*trail, step))


@given(st.lists(st.tuples(KEYS, st.booleans(), st.dictionaries(KEYS, TREES, max_size=3)), max_size=5))
def test_every_value_has_its_line(tables: list[tuple[str, bool, dict[str, object]]]) -> None:
    """For each key and element that tomllib finds in a file, the line on which it stands is known."""
    text = ""
    for number, (key, many, settings) in enumerate(tables):
        name = f"{json.dumps(f't{number}')} . {json.dumps(key)}"
        header = f"[[ {name} ]]" if many else f"[ {name} ]"
        body = "\n".join(f"{json.dumps(key)} = {written(value)}" for key, value in settings.items())
        text += f"{header} # comment\n{body}\n\n" * (2 if many else 1)
    ways = set(trails(tomllib.loads(text)))
    found = places(text)
    lines = text.split("\n")
    assert set(found) == ways
    for trail in ways:
        if isinstance(trail[-1], str):
            assert json.dumps(trail[-1]) in lines[found[trail] - 1]


def test_lines_of_headers() -> None:
    """Sub-tables, dotted keys and repeated headers each have their own line, and what is missing has that of its table."""
    text = "a.b = 1\n[[t]]\n[t.u]\nx = 1\n[[t]]\n[[t.v]]\n[[t.v]]\ny = [\n 1,\n 2]\n"
    found = places(text)
    assert {trail: found[trail] for trail in [("a",), ("a", "b"), ("t",), ("t", 0), ("t", 0, "u", "x"), ("t", 1)]} == {
        ("a",): 1, ("a", "b"): 1, ("t",): 2, ("t", 0): 2, ("t", 0, "u", "x"): 4, ("t", 1): 5,
    }  # fmt: skip
    assert [found["t", 1, "v", 1, *rest] for rest in ([], ["y"], ["y", 0], ["y", 1])] == [7, 8, 9, 10]
    assert [line_of(found, trail) for trail in [("t", 1, "v", 1, "missing"), ("nothing",)]] == [7, 1]


def test_shown_settings_make_the_same_settings() -> None:
    """What `config show` prints is a configuration file that makes the settings in force, but for the secrets."""
    for config in (full(), default_config()):
        again = parse(show_config(config))
        assert replace(again, titles=(), feeds=(), targets=(), ping=None, proxy=None) == replace(
            config, titles=(), feeds=(), targets=(), ping=None, proxy=None
        )
        assert [replace(title, builtin=False) for title in again.titles] == [
            replace(title, builtin=False) for title in config.titles
        ]
        assert [replace(feed, url="") for feed in again.feeds] == [replace(feed, url="") for feed in config.feeds]
        assert [replace(target, url="") for target in again.targets] == [replace(target, url="") for target in config.targets]


def test_shown_settings_hide_the_secrets() -> None:
    """What `config show` prints holds no address of an alert and no token of a feed."""
    shown = show_config(full())
    assert "s3cret" not in shown
    assert 'url = "ntfys://***"' in shown
    assert 'proxy = "http://***@proxy.example:3128"' in shown
    assert 'url = "http://127.0.0.1:8080/feed?token=***"' in shown


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://ann:pw@example.org:8443/f?id=5", "https://***@example.org:8443/f?id=5"),
        ("https://example.org/f?api_key=1&page=2&Auth=3", "https://example.org/f?api_key=***&page=2&Auth=***"),
        ("https://example.org/f", "https://example.org/f"),
        ("https://[broken", "***"),
    ],
)
def test_masked_url_keeps_what_is_no_secret(url: str, masked: str) -> None:
    """A feed's address can be shown: users, passwords and tokens are gone, the rest stands."""
    assert masked_url(url) == masked


def test_example_is_the_default() -> None:
    """The example file changes nothing as long as nobody takes a # away."""
    assert parse(EXAMPLE.read_text("utf-8")) == default_config()


def uncommented() -> str:
    """The example file with every setting in force."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return "\n".join(
        line[1:] if line.startswith("#") and not line.startswith(("# ", "##")) and line != "#" else line for line in lines
    )


def settings_of(text: str) -> set[tuple[str, str]]:
    """The keys that stand in each table of a file."""
    found: set[tuple[str, str]] = set()
    for name, table in tomllib.loads(text).items():
        for one in table if isinstance(table, list) else [table]:
            found |= {(name, key) for key in one}
            found |= {(f"{name}.known", key) for entry in one.get("known", ()) for key in entry}
    return found


def test_example_is_valid_and_whole() -> None:
    """Every setting of the example is valid once its # is gone, and no setting is missing from it."""
    text = uncommented()
    config = parse(text, {}, {"/etc/watcher/mail-url": "mailto://x"})
    assert [target.name for target in config.targets] == ["phone", "mail"]
    assert settings_of(text) == settings_of(FULL)


def test_example_tells_the_defaults() -> None:
    """Where a setting has a default, the example's commented line shows that one."""
    config = parse(uncommented(), {}, {"/etc/watcher/mail-url": "mailto://x"})
    for name in ("builtin_titles", "builtin_feeds", "keep", "every", "article_pages", "policy"):
        assert getattr(config, name) == getattr(Config(), name), name
    shown, default = config.targets[0], Target(name="")
    for name in ("on", "min_confidence", "milestones", "hold_unknown"):
        assert getattr(shown, name) == getattr(default, name), name


def test_settings_load_nothing_heavy() -> None:
    """`watcher status` starts fast: settings without a file load no library but the standard one."""
    code = "import sys, watcher.config as c; c.default_config(); print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "watcher" in loaded
    heavy = {"apprise", "apscheduler", "asyncio", "feedparser", "httpx", "pydantic", "sqlite3", "sqlite_utils"}
    assert heavy & set(loaded) == set()


@pytest.mark.parametrize(
    ("environ", "given_path", "expected"),
    [
        ({"HOME": "/h", "WATCHER_CONFIG": "/w"}, "/g", ["/g"]),
        ({"HOME": "/h", "WATCHER_CONFIG": "/w"}, None, ["/w"]),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, None, ["/x/watcher/config.toml", "/etc/watcher/config.toml"]),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "relative"}, None, ["/h/.config/watcher/config.toml", "/etc/watcher/config.toml"]),
        ({"HOME": "/h"}, None, ["/h/.config/watcher/config.toml", "/etc/watcher/config.toml"]),
        ({}, None, ["/etc/watcher/config.toml"]),
    ],
)
def test_config_is_looked_for_in_order(environ: dict[str, str], given_path: str | None, expected: list[str]) -> None:
    """What was named is the only candidate; else the user's file comes before the system's."""
    assert config_candidates(environ, given_path) == [Path(path) for path in expected]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/h", "STATE_DIRECTORY": "/var/lib/watcher:/var/lib/other"}, "/var/lib/watcher"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/watcher"),
        ({"HOME": "/h", "XDG_DATA_HOME": "x"}, "/h/.local/share/watcher"),
        ({"HOME": "/h"}, "/h/.local/share/watcher"),
    ],
)
def test_state_has_its_place(environ: dict[str, str], expected: str) -> None:
    """The state lies where systemd says, else in the user's data directory."""
    assert state_dir(environ) == Path(expected)


def test_who_uses_the_services_configuration_asks_the_services_state() -> None:
    """With the system's configuration the state is the system service's, unless a service manager names another."""
    assert state_dir({"HOME": "/home/ann"}, SYSTEM_CONFIG) == Path("/var/lib/watcher")
    assert state_dir({"STATE_DIRECTORY": "/elsewhere"}, SYSTEM_CONFIG) == Path("/elsewhere")


def test_state_without_a_place_is_told() -> None:
    """With neither a home nor a service directory there is a message and no guess."""
    with pytest.raises(ConfigError, match="set \\$HOME, or write state ="):
        state_dir({})


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"RUNTIME_DIRECTORY": "/run/watcher", "XDG_RUNTIME_DIR": "/run/user/1"}, "/run/watcher"),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/watcher"),
        ({"XDG_RUNTIME_DIR": ""}, "/state"),
    ],
)
def test_socket_has_its_place(environ: dict[str, str], expected: str) -> None:
    """The socket lies where systemd or the session says, else beside the state."""
    assert runtime_dir(environ, Path("/state")) == Path(expected)
