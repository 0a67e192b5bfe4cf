"""`feeds`: the list of feeds is the configuration, edited by hand or by verb; what a server sends is checked before it counts."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sqlite3
import stat
import threading
import tomllib
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from feedserver import Answer, Entry, FeedServer, redirect, rss
from processes import Home

from watcher import catalogue
from watcher.cli import config_file, feeds_ask, watcher
from watcher.cli.feeds_pick import address, meant, outlet_name
from watcher.config import Config, default_config
from watcher.config.load import parse_config
from watcher.errors import ConfigError, UsageError, WatcherError
from watcher.model import Feed, Trust

LONG_AGO = "Mon, 03 Mar 2025 12:00:00 GMT"
FIRST = "https://reel.example.org/first"
REST = """
# ---- mine, and nobody else's
[[feed]]   # the first
url = "https://reel.example.org/first"
outlet = "Morning Reel"

[[title]]
name = "Harbor Lights" # soon
"""


class Desk:
    """A configuration that reads one feed of a local server, and the verbs in this process."""

    def __init__(self, path: Path, server: FeedServer) -> None:
        self.path, self.server = path, server
        self.config = path / "config.toml"
        general = f'[watcher]\nstate = "{path / "state"}"\ntimezone = "UTC"\nbuiltin_feeds = false\n'
        self.write(general + '[fetch]\nallow_addresses = ["127.0.0.0/8"]\n' + REST)

    def write(self, text: str) -> None:
        """Write the configuration."""
        self.config.write_text(text, encoding="utf-8")

    @property
    def text(self) -> str:
        """The configuration."""
        return self.config.read_text(encoding="utf-8")

    @property
    def settings(self) -> Config:
        """What it means."""
        return parse_config(self.text, path=str(self.config), environ=os.environ, read_secret=str)

    @property
    def urls(self) -> list[str]:
        """The addresses that are read."""
        return [feed.url for feed in self.settings.feeds]

    def run(self, *words: str, columns: int = 100, **env: str) -> Result:
        """Run a sub-verb."""
        clean = {
            "WATCHER_CONFIG": None,
            "XDG_CONFIG_HOME": None,
            "HOME": str(self.path),
            "COLUMNS": str(columns),
            "NO_COLOR": "1",
        }
        given = ["--config", str(self.config), "feeds", *words]
        return CliRunner().invoke(watcher, given, env=clean | env)

    def ok(self, *words: str) -> str:
        """What it prints where it goes well, in one line."""
        done = self.run(*words)
        assert done.exit_code == 0, (done.output, done.exception)
        return " ".join(done.stdout.split())

    def json(self, *words: str, status: int = 0) -> dict[str, Any]:
        """The object that it prints."""
        done = self.run(*words, "--json")
        assert done.exit_code == status, (done.output, done.exception)
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def server() -> Any:
    """A server with a feed under /feed."""
    with FeedServer() as running:
        running.answer("/feed", Answer(news()))
        yield running


@pytest.fixture
def desk(tmp_path: Path, server: FeedServer) -> Desk:
    """A desk of its own."""
    return Desk(tmp_path, server)


def news(title: str = "Harbor News", number: int = 3, *, hours: float = 2, channel: str = "") -> bytes:
    """A feed with items some hours apart, the youngest an hour old."""
    entries = [
        Entry(title=f"Item {n}", guid=f"n{n}", link=f"https://example.org/{n}", published=ago(hours=1 + hours * n))
        for n in range(number)
    ]
    return rss(*entries, title=title, channel=channel)


def ago(**length: float) -> str:
    """A moment in the past, as RSS writes it."""
    return format_datetime(datetime.now(UTC) - timedelta(**length))


def html(*links: tuple[str, str], title: str = "Harbor News") -> Answer:
    """A web page that links to these feeds: address and title."""
    head = "".join(f'<link rel="alternate" type="application/rss+xml" href="{href}" title="{name}">' for href, name in links)
    return Answer(f"<!doctype html><html><head><title>{title}</title>{head}</head></html>".encode(), content_type="text/html")


def no_control(text: str) -> bool:
    """Whether a text holds nothing that a terminal would obey."""
    return all(char.isprintable() or char == "\n" for char in text)


# ---- add


def test_a_feed_is_asked_once_shown_and_written(desk: Desk, server: FeedServer) -> None:
    """An added feed is fetched once, politely, described, and stands at the end of the configuration, which else stays."""
    before = desk.text
    said = desk.ok("add", server.url(), "--trust", "trade", "--every", "2h")
    assert "Harbor News is read: added to" in said
    assert "RSS 2.0, “Harbor News”: 3 items, the newest of" in said
    assert said.endswith("run")
    url = server.url()
    assert desk.text == f'{before}\n[[feed]]\nurl = "{url}"\noutlet = "Harbor News"\ntrust = "trade"\nevery = "2h"\n'
    assert desk.settings.outlets.outlet("Harbor News").trust is Trust.TRADE
    (asked,) = server.asked()
    assert asked.headers["user-agent"].startswith("watcher/")


def test_what_is_read_already_is_not_asked(desk: Desk, server: FeedServer) -> None:
    """A feed that is in the configuration, however its address is written, is named; nothing is asked and nothing written."""
    before = desk.text
    assert "Morning Reel is read already" in desk.ok("add", "reel.example.org/first/")
    assert desk.json("add", "https://www.reel.example.org/first#top")["feeds"][0]["result"] == "already"
    assert (desk.text, server.asked()) == (before, [])


def test_a_page_leads_to_its_feed(desk: Desk, server: FeedServer) -> None:
    """Of the feeds that a page links to, the one of its articles is taken: not that of comments, nor a second format."""
    server.answer("/", html(("/feed", "Harbor News"), ("/comments/feed/", "Comments"), ("/atom", "Harbor News")))
    done = desk.json("add", server.url("/"))
    (feed,) = done["feeds"]
    assert (feed["result"], feed["url"], feed["page"]) == ("added", server.url(), server.url("/"))
    assert desk.urls == [FIRST, server.url()]
    assert [asked.path for asked in server.asked()] == ["/", "/robots.txt", "/feed"]


def test_no_server_can_ask_for_a_secret_of_ours(desk: Desk, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks like a reference in an address that a server or a list gave is none once it stands in the configuration."""
    monkeypatch.setenv("HARBOR_KEY", "s3cret")
    server.answer("/old", redirect("/feed?key=${HARBOR_KEY}", 301))
    desk.ok("add", server.url("/old"))
    desk.ok("import", opml(desk, '<opml><outline xmlUrl="https://me:pw@reel.example.org/?key=${HARBOR_KEY}"/></opml>'))
    assert len(desk.urls) == 3
    assert not any("s3cret" in url for url in desk.urls)


def test_a_pages_address_is_told_without_its_secrets(desk: Desk, server: FeedServer) -> None:
    """The page that led to a feed is named in the object with its password and token masked."""
    server.answer("/", html((server.url(), "Harbor News")))
    given = server.url("/?token=t0ken").replace("//", "//me:s3cret@")
    done = desk.run("add", given, "--json")
    (feed,) = json.loads(done.stdout)["feeds"]
    assert feed["page"] == server.url("/?token=***").replace("//", "//***@")
    assert not re.search("s3cret|t0ken", done.output)


def test_a_page_with_several_feeds_asks_which(desk: Desk, server: FeedServer) -> None:
    """Where a page links to several feeds, each is listed with the command that adds it; nothing is written, the status is 1."""
    before = desk.text
    server.answer("/", html(("/feed", "All"), ("/film", "\x1b[31mFilm"), ("https://other.example.org/a?b=1&c=2", "Other")))
    done = desk.run("add", server.url("/"))
    assert done.exit_code == 1
    assert f"feeds add {server.url('/film')}\n" in done.stdout
    assert "feeds add 'https://other.example.org/a?b=1&c=2'\n" in done.stdout
    assert no_control(done.output)
    assert desk.text == before


@pytest.mark.parametrize(
    ("path", "title", "status"),
    [("/", "Harbor News – All the News", 0), ("/", "Harbor", 1), ("/film/", "Harbor News – All the News", 1)],
)
def test_a_front_page_means_its_own_feed(desk: Desk, server: FeedServer, path: str, title: str, status: int) -> None:
    """Of a front page's feeds the only one that bears the site's own name is taken; of another page's, none unasked."""
    links = (("/film", "Harbor News » Film Feed"), ("/feed", "Harbor News » Feed"), ("/tv", "Harbor News » Television Feed"))
    server.answer(path, html(*links, title=title))
    done = desk.json("add", server.url(path), status=status)
    assert desk.urls[1:] == ([] if status else [server.url()])
    assert len(done["feeds"][0]["choices"]) == (3 if status else 0)


def test_a_page_without_links_is_tried_at_the_usual_places(desk: Desk, server: FeedServer) -> None:
    """Where a page links to no feed, the usual places are asked one after the other, up to the first that has one."""
    server.answer("/news/", html())
    server.answer("/rss.xml", Answer(news()))
    assert desk.json("add", server.url("/news/"))["feeds"][0]["url"] == server.url("/rss.xml")
    assert [asked.path for asked in server.asked()] == ["/news/", "/robots.txt", "/feed/", "/rss", "/rss.xml"]


def test_usual_places_are_few_and_robots_txt_counts(desk: Desk, server: FeedServer) -> None:
    """No more than six places are asked, none that robots.txt forbids, and nothing is read of a page that it forbids."""
    server.answer("/", html())
    assert desk.json("add", server.url("/"), status=1)["feeds"][0]["result"] == "failed"
    assert len(server.asked()) == 8
    server.answer("/robots.txt", Answer(b"User-agent: *\nDisallow: /rss\nDisallow: /closed", content_type="text/plain"))
    desk.run("add", server.url("/"))
    assert [asked.path for asked in server.asked()][8:] == ["/", "/robots.txt", "/feed/", "/atom.xml", "/feed.xml", "/index.xml"]
    server.answer("/closed", html(("/feed", "Harbor News")))
    done = desk.run("add", server.url("/closed"))
    assert (done.exit_code, "robots.txt asks us not to read it" in done.stdout) == (1, True)
    assert [asked.path for asked in server.asked()][-2:] == ["/closed", "/robots.txt"]


def test_places_are_given_up_when_the_server_has_enough(desk: Desk, server: FeedServer) -> None:
    """A server that asks us to slow down, or no longer answers, is asked for no further place."""
    server.answer("/", html())
    for answer in (Answer(status=429), Answer(status=503), Answer(close=True)):
        server.answer("/feed/", answer)
        before = len(server.asked())
        assert desk.run("add", server.url("/")).exit_code == 1
        assert [asked.path for asked in server.asked()][before:] == ["/", "/robots.txt", "/feed/"]


def test_a_page_cannot_send_us_into_the_users_network(desk: Desk, server: FeedServer) -> None:
    """A feed that a page links to may lie in an allowed network only on the site that somebody named."""
    with FeedServer(host="127.0.0.2") as inner:
        inner.answer("/feed", Answer(news()))
        server.answer("/", html((inner.url("/feed"), "Inner")))
        done = desk.run("add", server.url("/"))
        assert (done.exit_code, inner.asked()) == (1, [])
        assert desk.json("add", inner.url("/feed"))["feeds"][0]["result"] == "added"


def test_requests_to_one_host_are_a_second_apart(desk: Desk, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests to a host that is not the user's own begin at least a second after the one before has ended."""
    monkeypatch.setattr(feeds_ask, "host_to_spare", lambda *_: "somebody's")
    times: list[float] = []

    def noted(answer: Answer) -> Any:
        def script(_: object) -> Answer:
            times.append(asyncio.run(_time()))
            return answer

        return script

    server.answer("/", noted(html(("/feed", "Harbor News"))))
    server.answer("/robots.txt", noted(Answer(b"", content_type="text/plain")))
    server.answer("/feed", noted(Answer(news())))
    desk.ok("add", server.url("/"))
    assert len(times) == 3
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))


async def _time() -> float:
    return asyncio.get_running_loop().time()


def test_what_fails_is_not_written_unless_it_is_wanted(desk: Desk, server: FeedServer) -> None:
    """A feed that does not answer is named with the reason and status 1; --anyway writes it all the same, and says so."""
    before = desk.text
    done = desk.run("add", server.url("/nothing"), server.url())
    assert done.exit_code == 1
    assert "404 Not Found" in done.stdout
    assert desk.text.startswith(before)
    assert desk.urls == [FIRST, server.url()]
    said = desk.ok("add", server.url("/nothing"), "--anyway", "--outlet", "Nothing Much")
    assert "Added though it fails: 404 Not Found" in said
    assert desk.settings.feeds[-1] == Feed(url=server.url("/nothing"), outlet="Nothing Much")


def test_a_feed_that_moved_for_good_is_written_at_its_new_place(desk: Desk, server: FeedServer) -> None:
    """Permanent redirects lead to the address that is written, others leave the one that was given."""
    server.answer("/old", redirect("/feed", 301))
    server.answer("/front", redirect("/other", 302))
    server.answer("/other", Answer(news()))
    desk.ok("add", server.url("/old"), server.url("/front"))
    assert desk.urls[1:] == [server.url("/feed"), server.url("/front")]


def test_a_name_that_brings_trust_is_not_taken_from_a_feed(desk: Desk, server: FeedServer) -> None:
    """A feed that calls itself as a known outlet does, at another address, is called by its host, and somebody is asked."""
    server.answer("/feed", Answer(news(title="Deadline » Feed")))
    said = desk.ok("add", server.url())
    assert desk.settings.feeds[-1].outlet == f"127.0.0.1:{server.port}"
    assert "It calls itself Deadline, but is not at an address of theirs. If it is theirs: --outlet Deadline" in said
    desk.ok("remove", server.url())
    desk.ok("add", server.url(), "--outlet", "Deadline")
    assert desk.settings.feeds[-1].outlet == "Deadline"


def test_hostile_titles_are_harmless(desk: Desk, server: FeedServer) -> None:
    """A feed's title reaches neither the terminal nor the configuration with what a terminal or TOML would obey."""
    server.answer("/feed", Answer(news(title='A\x1b]0;x\x07 "B"\n[[notify]] \u202ec')))
    done = desk.run("add", server.url())
    assert done.exit_code == 0
    assert no_control(done.output)
    assert desk.settings.feeds[-1].outlet.startswith('A]0;x "B" [[notify]]')
    assert len(desk.settings.targets) == 1


def test_no_file_becomes_one(tmp_path: Path) -> None:
    """Where there is no configuration a new one says what it is, holds the feed alone, and only its owner may read it."""
    file = tmp_path / "new" / "config.toml"
    env = {"WATCHER_CONFIG": str(file), "NO_COLOR": "1"}
    done = CliRunner().invoke(watcher, ["feeds", "remove", "Reddit"], env=env)
    assert isinstance(done.exception, SystemExit) or done.exception is None, done.exception
    assert file.read_text().startswith("# What watcher watches.")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = parse_config(file.read_text(), path=str(file), environ={}, read_secret=str)
    assert len(config.feeds) == len(default_config().feeds) - 1


def test_a_dry_run_shows_and_writes_nothing(desk: Desk, server: FeedServer) -> None:
    """With --dry-run the lines are shown, and the file stays as it is."""
    before = desk.text
    assert f'+ url = "{server.url()}"' in desk.ok("add", server.url(), "--dry-run")
    assert '- outlet = "Morning Reel"' in desk.ok("remove", "Morning Reel", "--dry-run")
    assert desk.text == before


def test_options_are_checked_before_anything_is_asked(desk: Desk, server: FeedServer) -> None:
    """A wrong duration, no address and too short an interval end with status 2, and nothing is asked or written."""
    before = desk.text
    for words in (("--every", "soon", server.url()), ("file:///etc/passwd",), (server.url(), "http://[")):
        assert isinstance(desk.run("add", *words).exception, UsageError)
    assert (desk.text, server.asked()) == (before, [])
    server.answer("/fast", Answer(news()))
    desk.write(before.replace('allow_addresses = ["127.0.0.0/8"]', 'allow_addresses = ["127.0.0.0/8"]\nevery = "1h"'))
    desk.ok("add", server.url("/fast"), "--every", "5s")
    assert desk.settings.feeds[-1].every == 5


def test_a_place_that_cannot_be_written_gets_lines_to_paste(server: FeedServer) -> None:
    """Where no file can be made, what belongs into it is printed, and the error says so."""
    env = {"WATCHER_CONFIG": "/proc/watcher/config.toml", "NO_COLOR": "1"}
    done = CliRunner().invoke(watcher, ["feeds", "remove", "Reddit"], env=env)
    assert isinstance(done.exception, WatcherError)
    assert "cannot be written" in str(done.exception)
    assert "[fetch]\nnot = [" in done.stdout
    assert server.asked() == []


def test_a_file_without_room_gets_lines_to_paste(desk: Desk, server: FeedServer) -> None:
    """Settings that are written so that nothing can be put between stay as they are; what belongs there is printed."""
    desk.write('watcher.builtin_feeds = true\nfetch = { allow_addresses = ["127.0.0.0/8"] }\n')
    before = desk.text
    done = desk.run("remove", "Reddit")
    assert isinstance(done.exception, WatcherError)
    assert tomllib.loads(done.stdout)["fetch"]["not"] == [
        feed.url for feed in catalogue.builtin().feeds if feed.outlet == "Reddit"
    ]
    assert desk.text == before
    desk.ok("add", server.url())
    assert server.url() in desk.urls


def test_a_wrong_configuration_is_told_first(desk: Desk, server: FeedServer) -> None:
    """A configuration with problems is named with them, and no server is asked."""
    desk.write('[fetch]\nevery = "soon"\n')
    for words in (("add", server.url()), ("remove", "x"), ("list",), ("export",)):
        assert isinstance(desk.run(*words).exception, ConfigError)
    assert server.asked() == []


# ---- remove


@pytest.fixture
def builtin(desk: Desk, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the server's feeds /a and /b come with watcher."""
    known = catalogue.builtin()
    feeds = (Feed(url=server.url("/a"), outlet="Morning Reel"), Feed(url=server.url("/b"), outlet="The Ledger"))
    replaced = replace(known, feeds=feeds)
    monkeypatch.setattr(catalogue, "builtin", lambda: replaced)
    desk.write(desk.text.replace("builtin_feeds = false\n", ""))
    server.answer("/b", Answer(news(title="The Ledger")))
    return desk


def test_a_feed_of_ones_own_leaves_the_file(desk: Desk, server: FeedServer) -> None:
    """A removed feed's lines go, everything else stays, and the output says that what it brought is kept."""
    desk.ok("add", server.url())
    before = desk.text
    said = desk.ok("remove", "harbor news")
    assert "Harbor News" in said
    assert "What was stored of it stays" in said
    assert desk.urls == [FIRST]
    assert before.startswith(desk.text)
    assert "Nothing is read now." in desk.ok("remove", "REEL.example.org")
    assert "# ---- mine, and nobody else's" in desk.text
    assert 'name = "Harbor Lights" # soon' in desk.text


def test_a_built_in_feed_is_refused_and_taken_back(builtin: Desk, server: FeedServer) -> None:
    """A built-in feed is written among those that are never asked, and added again it leaves that list; the file is as before."""
    assert "refuses it now" in builtin.ok("remove", "The Ledger")
    assert builtin.settings.refused == (server.url("/b"),)
    assert builtin.urls == [server.url("/a"), FIRST]
    done = builtin.json("add", server.url("/b/"))
    assert done["feeds"][0]["result"] == "taken back"
    assert builtin.settings.refused == ()
    assert builtin.urls == [server.url("/a"), server.url("/b"), FIRST]
    assert "[[feed]]" not in builtin.text.replace("[[feed]]   # the first", "")


def test_a_feed_in_a_built_in_ones_place_does_not_come_back(builtin: Desk, server: FeedServer) -> None:
    """Removing a [[feed]] that stands in for a built-in one refuses that one too; adding it with settings writes a new one."""
    builtin.ok("remove", "The Ledger")
    builtin.ok("add", server.url("/b"), "--every", "2h")
    assert builtin.settings.feeds[-1].every == 7200
    assert builtin.settings.refused == ()
    builtin.ok("remove", "The Ledger")
    assert server.url("/b") not in builtin.urls


def test_who_is_meant_must_be_clear(builtin: Desk, server: FeedServer) -> None:
    """A name that several feeds have is refused with their addresses, as is one that none has; nothing is written."""
    before = builtin.text
    several = builtin.run("remove", "Morning Reel").exception
    assert isinstance(several, UsageError)
    assert server.url("/a") in str(several)
    assert FIRST in str(several)
    assert isinstance(builtin.run("remove", "http").exception, UsageError)
    assert isinstance(builtin.run("remove", "Nobody").exception, UsageError)
    assert builtin.text == before


# ---- export and import

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<!-- written by a reader -->
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="Film">
    <outline type="rss" text="Zo&euml;&#39;s &amp; Friends" xmlUrl="https://zoe.example.org/feed?a=1&b=2"/>
    <outline text="deeper"><outline TITLE="Paper" XMLURL=" feed://paper.example.org/rss "/></outline>
  </outline>
  <outline text="again" xmlUrl="https://paper.example.org/other"/>
  <outline text="again" xmlUrl="https://paper.example.org/other"/>
  <outline text="Variety" xmlUrl="https://variety.example.org/feed"/>
  <outline text="a list" type="include" url="https://lists.example.org/x.opml"/>
  <outline text="off" isComment="true" xmlUrl="https://off.example.org/"/>
</body></opml>"""


def opml(desk: Desk, text: str | bytes) -> str:
    """The path of a file with this text."""
    file = desk.path / "list.opml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_a_list_of_another_reader_is_taken_in(desk: Desk, server: FeedServer) -> None:
    """Every feed of a list, however deep, is added once by its name, without a request; a second time nothing is."""
    before = desk.text
    done = desk.json("import", opml(desk, LIST))
    assert [(feed["outlet"], feed["result"]) for feed in done["feeds"]] == [
        ("Zoë's & Friends", "added"),
        ("Paper", "added"),
        ("again", "added"),
        ("variety.example.org", "added"),
    ]
    assert done["feeds"][3]["claims"] == "Variety"
    assert desk.text.startswith(before)
    assert desk.urls[1:] == [
        "https://zoe.example.org/feed?a=1&b=2",
        "http://paper.example.org/rss",
        "https://paper.example.org/other",
        "https://variety.example.org/feed",
    ]
    after = desk.text
    assert "No feeds are added" in desk.ok("import", opml(desk, LIST))
    assert (desk.text, server.asked()) == (after, [])


def test_export_and_import_give_the_same_feeds(desk: Desk, tmp_path: Path) -> None:
    """What is exported, to a file of its owner alone or to standard output, is what an import elsewhere reads."""
    desk.ok("import", opml(desk, LIST))
    file = tmp_path / "out.opml"
    desk.ok("export", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert isinstance(desk.run("export", str(file)).exception, UsageError)
    shown = desk.run("export")
    undated = re.compile("<dateCreated>.*</dateCreated>")
    assert undated.sub("", shown.stdout) == undated.sub("", file.read_text())
    wanted = desk.urls
    desk.write(f'[watcher]\nbuiltin_feeds = false\nstate = "{tmp_path}"\n')
    desk.ok("import", str(file))
    assert desk.urls == wanted
    assert {feed.outlet for feed in desk.settings.feeds} >= {"Zoë's & Friends", "Paper", "again"}


def test_secrets_are_exported_with_a_warning(desk: Desk) -> None:
    """An address with a password goes out whole, since it is of no use else, and standard error says so."""
    desk.write('[watcher]\nbuiltin_feeds = false\n[[feed]]\nurl = "https://me:open-sesame@reel.example.org/feed"\n')
    done = desk.run("export")
    assert "me:open-sesame@" in done.stdout
    assert "1 of the addresses holds a password" in done.stderr
    assert "open-sesame" not in desk.ok("remove", "reel.example.org")


BOMB = '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><opml><body><outline text="&b;" xmlUrl="http://x/"/></body></opml>'
LEAK = (
    '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" xmlUrl="http://x/"/></body></opml>'
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (b"\x00\x01\x02" * 200_000, "is not OPML, or not whole"),
        ("junk " * 100_000, "is not OPML, or not whole"),
        ("<html><body>Log in</body></html>", "is a web page, not OPML"),
        (rss(), "is XML, but no OPML: it holds <rss>"),
        (LIST[:600], "is not OPML, or not whole"),
        (BOMB, "declares entities of its own"),
        (LEAK, "declares entities of its own"),
        ('<opml version="2.0"><body/></opml>', "lists no feed"),
        ("<opml>" + '<outline xmlUrl="http://x/%d"/>' * 3 % (1, 2, 3) + " " * 5_000_001, "is larger than 5 MB"),
        ("<opml>" + "".join(f'<outline xmlUrl="http://x/{n}"/>' for n in range(5001)) + "</opml>", "more than 5000 feeds"),
    ],
)
def test_what_is_no_list_is_refused(desk: Desk, text: str | bytes, why: str) -> None:
    """Junk, half a list, a page, a feed, bombs and too much are refused with the reason, and nothing is written."""
    before = desk.text
    done = desk.run("import", opml(desk, text))
    assert isinstance(done.exception, WatcherError)
    assert why in str(done.exception)
    assert desk.text == before


def test_a_list_may_be_long_and_deep(desk: Desk) -> None:
    """Thousands of feeds, and folders in folders without end, are taken in within seconds."""
    feeds = "".join(f'<outline text="F{n}" xmlUrl="https://f{n}.example.org/"/>' for n in range(3000))
    text = f'<opml version="2.0"><body>{"<outline text=&apos;x&apos;>" * 3000}{feeds}{"</outline>" * 3000}</body></opml>'.replace(
        "&apos;", "'"
    )
    done = desk.ok("import", opml(desk, text))
    assert "3000 feeds are added" in done
    assert len(desk.urls) == 3001


def test_an_import_can_be_rehearsed_and_checked(desk: Desk, server: FeedServer) -> None:
    """A dry run writes nothing; --check asks each new feed once and leaves out those that fail, with the reason."""
    before = desk.text
    entries = "".join(
        f'<outline text="{name}" xmlUrl="{server.url(path)}"/>' for name, path in (("Good", "/feed"), ("Bad", "/bad"))
    )
    file = opml(desk, f"<opml>{entries}<outline text='No' xmlUrl='javascript:alert(1)'/></opml>")
    rehearsed = desk.run("import", file, "--dry-run")
    assert "2 feeds would be added" in rehearsed.stdout
    assert "No: javascript" in rehearsed.stdout
    assert (desk.text, server.asked()) == (before, [])
    done = desk.run("import", file, "--check")
    assert done.exit_code == 1
    assert "404 Not Found" in done.stdout
    assert [(feed.url, feed.outlet) for feed in desk.settings.feeds[1:]] == [(server.url(), "Good")]


def test_entries_that_lead_to_one_feed_are_added_once(desk: Desk, server: FeedServer) -> None:
    """Of a list's addresses that all moved to one for good, with that one among them, --check adds one feed."""
    paths = ("/old", "/older", "/feed")
    for path in paths[:2]:
        server.answer(path, redirect("/feed", 301))
    entries = "".join(f'<outline text="Harbor" xmlUrl="{server.url(path)}"/>' for path in paths)
    done = desk.json("import", opml(desk, f"<opml>{entries}</opml>"), "--check")
    assert [feed["result"] for feed in done["feeds"]] == ["added", "already", "already"]
    assert desk.urls == [FIRST, server.url()]


def test_a_list_may_come_by_a_pipe(desk: Desk) -> None:
    """With a dash the list is read from standard input."""
    env = {"NO_COLOR": "1", "HOME": str(desk.path)}
    done = CliRunner().invoke(watcher, ["--config", str(desk.config), "feeds", "import", "-"], input=LIST, env=env)
    assert done.exit_code == 0
    assert len(desk.urls) == 5


@pytest.mark.parametrize("url", ["https://me:s3cret@reel.example.org/x?token=s3cret", "https://me:s3cret@[reel/x?token=s3cret"])
def test_an_address_that_no_feed_has_is_told_without_its_secrets(desk: Desk, url: str) -> None:
    """An address to be removed that is not there is named in the error with its password and token masked."""
    assert "s3cret" not in str(desk.run("remove", url).exception)


# ---- the file


def test_of_two_commands_at_once_none_undoes_the_other(tmp_path: Path) -> None:
    """Of two that edit the same text at the same time one writes and the other is told to try again; nothing written is lost."""
    path, start, written = tmp_path / "config.toml", threading.Barrier(2), []
    path.write_text("")

    def edit(name: str) -> None:
        for number in range(60):
            start.wait(30)
            before = path.read_text()
            start.wait(30)
            with suppress(config_file.CannotWriteError):
                config_file.put(path, f"{before}# {name}{number}\n", before=before)
                written.append(f"# {name}{number}")

    others = [threading.Thread(target=edit, args=(name,)) for name in "ab"]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert len(written) == 60
    assert sorted(path.read_text().splitlines()) == sorted(written)


# ---- list


def polled(desk: Desk, server: FeedServer, **answers: Answer) -> Desk:
    """A desk at which feeds of these paths were polled once, each called by its path."""
    head = desk.text.partition("\n# ----")[0]
    blocks = [
        f'[[feed]]\nurl = "{server.answer(f"/{path}", answer)}"\noutlet = "{path.title()}"\n' for path, answer in answers.items()
    ]
    desk.write("\n".join([head, *blocks]))
    clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": str(desk.path), "NO_COLOR": "1"}
    CliRunner().invoke(watcher, ["--config", str(desk.config), "poll"], env=clean)
    return desk


def test_the_list_has_every_feed_and_what_to_do(desk: Desk, server: FeedServer) -> None:
    """Each feed has a line with how it is; those in trouble have the cause in words and the command that helps."""
    polled(
        desk,
        server,
        well=Answer(news(number=10)),
        busy=Answer(status=429, headers={"Retry-After": "7200"}),
        gone=Answer(status=410),
        bad=Answer(b"<html><body>Log in", content_type="text/html"),
        silent=Answer(rss(*(Entry(title=f"{n}", guid=f"{n}", published=ago(days=30, minutes=n)) for n in range(40)))),
    )
    desk.write(desk.text + '[[feed]]\nurl = "https://new.example.org/feed?a=1"\noutlet = "New"\n')
    with closing(sqlite3.connect(desk.path / "state" / "watcher.db")) as db, db:
        # It was polled for the first time just now, and what it brought then was a month old.
        db.execute("UPDATE feed SET changed_at = newest_at WHERE url = ?", [server.url("/silent")])
    done = desk.run("list")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["FEED", "IS", "ANSWERED", "NEWS", "RHYTHM", "NEXT"]
    assert [line.split()[:2] for line in lines[1:7]] == [
        ["Well", "well"],
        ["Busy", "waiting"],
        ["Gone", "gone"],
        ["Bad", "failing"],
        ["Silent", "silent"],
        ["New", "new"],
    ]
    assert lines[1].split()[2:] == ["0m", "ago", "1h", "ago", "13", "a", "day"]
    flat = " ".join(done.stdout.split())
    assert "Busy: 429 Too Many Requests: asks us to slow down. It is left alone until" in flat
    assert "Bad: is a web page, not a feed" in flat
    assert f"feeds remove {server.url('/gone')}\n" in done.stdout
    assert f"feeds check {server.url('/silent')}\n" in done.stdout
    assert "6 feeds: 1 well, 1 new, 1 silent, 1 waiting, 1 failing, 1 gone." in flat


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_list_fits_the_screen(desk: Desk, server: FeedServer, columns: int) -> None:
    """No line but a command is wider than the screen, whatever feeds are called; on a narrow one rows are sentences."""
    polled(desk, server, well=Answer(news()), bad=Answer(status=500))
    desk.write(desk.text.replace('"Well"', f'"{"Endless Name of a Paper " * 8}"'))
    done = desk.run(columns=columns)
    assert all(len(line) <= max(columns, 40) for line in done.stdout.splitlines() if not line.startswith("    watcher "))
    assert ("FEED" in done.stdout) is (columns > 40)
    assert no_control(done.stdout)


def test_the_list_is_an_object_too(builtin: Desk, server: FeedServer) -> None:
    """--json gives each feed with its state, secrets masked, and the built-in ones that are left out."""
    builtin.ok("remove", "The Ledger")
    builtin.write(builtin.text + '[[feed]]\nurl = "https://me:open-sesame@reel.example.org/f?token=abc&b=1"\noutlet = "Own"\n')
    found = builtin.json("list")
    assert (found["version"], found["config"]) == (1, str(builtin.config))
    assert found["left_out"] == [{"url": server.url("/b"), "outlet": "The Ledger"}]
    one, _, own = found["feeds"]
    assert (one["url"], one["builtin"], one["how"], one["next_poll_at"]) == (server.url("/a"), True, "new", None)
    assert own["url"] == "https://***@reel.example.org/f?token=***&b=1"
    assert builtin.run("--json").stdout.replace(found["at"], "") == builtin.run("list", "--json").stdout.replace(found["at"], "")
    assert "open-sesame" not in builtin.ok("remove", own["url"])
    assert len(builtin.urls) == 2


def test_the_list_needs_no_store(tmp_path: Path) -> None:
    """Before the first run all built-in feeds are listed as new, and nothing is written."""
    env = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None, "HOME": str(tmp_path), "NO_COLOR": "1"}
    done = CliRunner().invoke(watcher, ["feeds"], env=env)
    assert done.exit_code == 0
    assert f"{len(default_config().feeds)} feeds: {len(default_config().feeds)} new." in done.stdout
    assert list(tmp_path.iterdir()) == []


# ---- check


def test_a_good_feed_is_proven(desk: Desk, server: FeedServer) -> None:
    """A feed is asked twice: once for all of it, once with its validators as they came; its ways are told, nothing stored."""
    channel = "<ttl>60</ttl><skipHours><hour>2</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    headers = {"Cache-Control": "max-age=300"}
    server.answer(
        "/feed", Answer(news(number=10, channel=channel), etag='W/"v1"', last_modified=LONG_AGO, gzip=True, headers=headers)
    )
    said = desk.ok("check", server.url())
    assert "RSS 2.0, “Harbor News”" in said
    assert "10, all with a date; the newest of" in said
    assert "13 a day; what it holds turns over in 19 hours" in said
    assert "ETag and Last-Modified; a conditional request gets 304, nothing changed" in said
    assert "max-age 5 minutes, ttl 1 hour, not at 2 o'clock GMT, not on Sundays" in said
    assert ("odd" in said, "gzip" in said) == (False, True)
    first, second = server.asked()
    assert "if-none-match" not in first.headers
    assert (second.headers["if-none-match"], second.headers["if-modified-since"]) == ('W/"v1"', LONG_AGO)
    assert not (desk.path / "state").exists()
    (feed,) = desk.json("check", server.url())["feeds"]
    wanted = {"result": "fine", "conditional": "unchanged", "max_age_s": 300, "ttl_s": 3600, "skip_hours": [2], "skip_days": [6]}
    assert wanted.items() <= feed.items()
    assert 3600 <= feed["interval_s"] <= 90_000


ONE = Entry(title="a", guid="1", published=ago(hours=3))
ODD = [
    (rss(Entry(title="a")), "its only entry has no guid"),
    (rss(ONE, ONE, Entry(title="c", guid="2")), "1 of 3 entries has the guid of another"),
    (rss(Entry(title="a", guid="1"), Entry(title="b", guid="2")), "all entries have no date"),
    (rss(replace(ONE, published="soon")), "its only entry has a date that cannot be read"),
    (rss(replace(ONE, published="Fri, 01 Jan 2100 00:00:00 GMT")), "its only entry has a date in the future"),
    (rss(replace(ONE, title="a & b")).replace(b"&amp;", b"&"), "it is not well-formed: line 1, invalid token"),
    (rss(title="Zoë").decode().encode("latin-1"), "it says utf-8, but is not (byte"),
    (rss(), "it holds no items"),
    (rss(), "it bears neither ETag nor Last-Modified"),
    (rss(title="x" * 30_000), "it is not compressed"),
    (rss(*(replace(ONE, guid=f"{n}", published=ago(seconds=n)) for n in range(1, 20))), "so that items are missed"),
]


@pytest.mark.parametrize(("body", "said"), ODD, ids=range(len(ODD)))
def test_what_is_odd_is_told(desk: Desk, server: FeedServer, body: bytes, said: str) -> None:
    """Each fault of a feed that can still be read is told in words, and the status is 0."""
    server.answer("/feed", Answer(body))
    assert said in desk.ok("check", server.url())


@pytest.mark.parametrize(
    ("second", "said", "conditional"),
    [
        (Answer(rss(ONE)), "it does not know its own validators", "same"),
        (Answer(rss(ONE, title="Another")), "a conditional request got another document", "changed"),
        (Answer(status=500), "a conditional request fails: 500 Internal Server Error", "failed"),
    ],
)
def test_validators_are_put_to_the_test(desk: Desk, server: FeedServer, second: Answer, said: str, conditional: str) -> None:
    """A server that does not know the validators that it gave a second ago is found out."""
    script = (Answer(rss(ONE), headers={"ETag": '"v1"'}), second)
    server.answer("/feed", *script)
    assert said in desk.ok("check", server.url())
    server.answer("/feed", *script)
    assert desk.json("check", server.url())["feeds"][0]["conditional"] == conditional


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([Answer(status=404)], "404 Not Found"),
        ([html(("/x", "X"))], "is a web page (“Harbor News”), not a feed; the feed it links to is"),
        ([Answer(b"")], "gave an empty answer"),
        ([Answer(news()[:-40])], "breaks off before its end"),
        ([Answer(news(), close=True)], "broke off"),
    ],
)
def test_what_fails_ends_with_status_1(desk: Desk, server: FeedServer, script: list[Answer], said: str) -> None:
    """A feed that cannot be used is told with its reason; the others are told all the same."""
    server.answer("/bad", *script)
    done = desk.run("check", server.url("/bad"), server.url())
    flat = " ".join(done.stdout.split())
    assert done.exit_code == 1
    assert said in flat
    assert "2 feeds: 1 odd, 1 fails." in flat


def test_redirects_and_formats_are_named(desk: Desk, server: FeedServer) -> None:
    """Where an address leads, for good or for now, and which format a feed is in."""
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>'
    names = b'xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    rdf = b"<r:RDF " + names + b"><channel><title>R</title></channel></r:RDF>"
    server.answer("/atom", Answer(atom, content_type="application/atom+xml"))
    server.answer("/json", Answer(b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": []}'))
    server.answer("/rdf", Answer(rdf))
    server.answer("/good", redirect("/atom", 308))
    server.answer("/now", redirect("/atom", 307))
    urls = [server.url(path) for path in ("/good", "/now", "/json", "/rdf")]
    said = desk.ok("check", *urls)
    assert f"for good, to {server.url('/atom')}" in said
    assert f"for now, to {server.url('/atom')}" in said
    found = [feed["format"] for feed in desk.json("check", *urls)["feeds"]]
    assert found == ["Atom 1.0", "Atom 1.0", "JSON Feed 1.1", "RSS 1.0"]


def test_who_asks_us_to_wait_is_not_asked(desk: Desk, server: FeedServer) -> None:
    """A feed whose Retry-After is in force is named and left alone, with status 1; --force asks all the same."""
    polled(desk, server, busy=Answer(status=429, headers={"Retry-After": "7200"}))
    server.answer("/busy", Answer(news()))
    asked = len(server.asked())
    done = desk.run("check", "Busy")
    assert (done.exit_code, len(server.asked())) == (1, asked)
    assert "asks us to wait, 2 hours more; --force asks all the same" in done.stdout
    assert desk.json("check", "Busy", "--force")["feeds"][0]["result"] == "odd"


def test_who_is_to_be_checked_must_be_known(desk: Desk, server: FeedServer) -> None:
    """A word that means no feed, and no feeds at all, are refused before anything is asked."""
    assert isinstance(desk.run("check", "Nobody").exception, UsageError)
    desk.write(desk.text.partition("\n# ----")[0])
    assert isinstance(desk.run("check").exception, UsageError)
    assert server.asked() == []


# ---- names and addresses


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("paper.example.org", "https://paper.example.org"),
        ("feed://paper.example.org/rss", "http://paper.example.org/rss"),
        ("feed:https://paper.example.org/rss", "https://paper.example.org/rss"),
        (" HTTPS://Paper.Example.org/A#b ", "https://paper.example.org/A#b"),
        ("https://bücher.example.org/ä", "https://xn--bcher-kva.example.org/%C3%A4"),
        ("https://me:pw@paper.example.org/", "https://me:pw@paper.example.org/"),
    ],
)
def test_addresses_are_written_in_one_way(given: str, url: str) -> None:
    """An address gets its scheme and the letters of the web; its password stays."""
    assert address(given) == url


@pytest.mark.parametrize("given", ["", "ftp://a/", "https://", "a b", "javascript:alert(1)", "https://a:99999/", "mailto:x@y.z"])
def test_what_is_no_address_is_refused(given: str) -> None:
    """What is no address of the web is refused without repeating it."""
    with pytest.raises(UsageError, match="is no web address"):
        address(given)


def test_an_outlet_is_named_by_its_address_first() -> None:
    """The catalogue's name for the host wins over what a feed calls itself, less what feeds add; a host is the last resort."""
    config = default_config()
    assert outlet_name(config, "https://variety.com/x", "Something Else").name == "Variety"
    titles = ("Harbor News » Feed", "Harbor News RSS", "Harbor News - Atom Feed", "Harbor News")
    assert {outlet_name(config, "https://a.example.org/", title).name for title in titles} == {"Harbor News"}
    assert outlet_name(config, "https://a.example.org/", "RSS").name == "a.example.org"


def test_feeds_are_meant_by_name_alias_address_or_part_of_it() -> None:
    """A feed is found by each of them, in this order."""
    config = default_config()
    (thr,) = meant(config, "THR")
    assert thr.outlet == "The Hollywood Reporter"
    assert meant(config, thr.url.removesuffix("/")) == [thr]
    assert meant(config, "HOLLYWOODREPORTER.com/c/movies") == [thr]
    assert meant(config, "") == []


# ---- as a process


async def test_statuses_are_those_of_the_house(tmp_path: Path, server: FeedServer) -> None:
    """A good command ends with 0, a feed that fails with 1, a wrong word with 2, a wrong configuration with 78."""
    home = Home(tmp_path, 'builtin_feeds = false\n[fetch]\nallow_addresses = ["127.0.0.0/8"]\n')
    added, failed, wrong = await asyncio.gather(
        home.run("feeds", "add", server.url()),
        home.run("feeds", "check", server.url("/nothing")),
        home.run("feeds", "remove", "nobody"),
    )
    assert (added.status, failed.status, wrong.status) == (0, 1, 2)
    home.write("bogus = 1\n")
    assert (await home.run("feeds", "export")).status == 78
