"""`feeds`: the list of feeds is the configuration, edited by hand or by verb; what a server sends is checked before it counts."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import stat
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
from watcher.cli import feeds_ask, watcher
from watcher.cli.feeds_pick import address, meant, outlet_name
from watcher.config import Config, default_config, parse_config
from watcher.errors import ConfigError, UsageError, WatcherError
from watcher.model import Feed, Trust

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


def test_a_file_that_takes_nothing_is_left_alone(desk: Desk, server: FeedServer) -> None:
    """Where the file is not to be written, it stays, and what belongs into it is printed."""
    desk.config.parent.chmod(0o500)
    before = desk.text
    if os.access(desk.config.parent, os.W_OK):
        desk.config.parent.chmod(0o700)
        pytest.skip("root writes everywhere")
    done = desk.run("add", server.url())
    desk.config.parent.chmod(0o700)
    assert isinstance(done.exception, WatcherError)
    assert f'url = "{server.url()}"' in done.stdout
    assert desk.text == before


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
    assert "built in, so it is refused there" in builtin.ok("remove", "The Ledger")
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


def test_a_list_may_come_by_a_pipe(desk: Desk) -> None:
    """With a dash the list is read from standard input."""
    env = {"NO_COLOR": "1", "HOME": str(desk.path)}
    done = CliRunner().invoke(watcher, ["--config", str(desk.config), "feeds", "import", "-"], input=LIST, env=env)
    assert done.exit_code == 0
    assert len(desk.urls) == 5


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
    assert (await home.run("feeds", "add", server.url())).status == 0
    failed = await home.run("feeds", "add", server.url("/nothing"))
    assert failed.status == 1
    assert (await home.run("feeds", "remove", "nobody")).status == 2
    home.write("bogus = 1\n")
    assert (await home.run("feeds", "export")).status == 78
