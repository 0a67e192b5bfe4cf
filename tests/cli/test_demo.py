"""The demo: what a newcomer sees first must work everywhere, tell the truth, and be made by the line itself."""

from __future__ import annotations

import itertools
import os
import pty
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import watcher
from watcher import catalogue
from watcher.cli.demo import perform
from watcher.demo.play import moments
from watcher.demo.server import Alert, Newsroom
from watcher.demo.story import LENGTH, Article, Story, load_story
from watcher.errors import WatcherError
from watcher.model import Change
from watcher.parse import parse_feed
from watcher.store import ask

MOVED = "Ballerina moves to June 6, 2025 (was June 7, 2024)"
ROOT = Path(watcher.__file__).parents[1]

#: Python runs a module of this name at every start: here it notes each address that any of the processes connects to.
SPY = """
import os, sys
def note(event, args):
    if event == "socket.connect":
        fd = os.open(os.environ["SPY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(fd, f"{args[1][0]}\\n".encode())
        os.close(fd)
sys.addaudithook(note)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A demo that ran to its end in a process of its own."""

    status: int
    out: str
    err: str
    home: Path

    @property
    def state(self) -> Path:
        """The directory that it kept."""
        (found,) = self.home.glob("watcher-demo-*")
        return found

    @property
    def reply(self) -> str:
        """The command in the last line."""
        return self.out.rstrip().splitlines()[-1].strip()


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user with nothing but a home, and with a proxy that leads nowhere."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": os.pathsep.join((str(home / "spy"), str(ROOT))),
        "SPY": str(home / "connected"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        **more,
    }


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demo as a newcomer without a terminal gets it."""
    home = tmp_path_factory.mktemp("newcomer")
    (home / "spy").mkdir()
    (home / "spy" / "sitecustomize.py").write_text(SPY)
    run = subprocess.run(
        [sys.executable, "-m", "watcher", "demo"],
        env=environment(home),
        cwd=home,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    return Shown(status=run.returncode, out=run.stdout, err=run.stderr, home=home)


def changes_of(state: Path) -> list[Change]:
    """All changes in the store that a demo kept."""
    connection = ask.open_reader(state / "watcher.db")
    try:
        return ask.changes(connection)
    finally:
        connection.close()


def test_the_demo_plays_to_its_end_and_tells_the_move_once(shown: Shown) -> None:
    """The demo ends with status 0 and nothing on standard error; the move and the digital release fire, the move once."""
    assert (shown.status, shown.err) == (0, "")
    fired = [line.strip() for line in shown.out.splitlines()]
    assert sum(line.endswith(MOVED) for line in fired) == 1
    assert sum(line.endswith("Ballerina: goes digital July 1, 2025") for line in fired) == 1


def test_the_demo_talks_to_this_machine_only(shown: Shown) -> None:
    """No process of the demo connects to anything but 127.0.0.1, whatever proxy the environment names."""
    connected = set((shown.home / "connected").read_text().split())
    assert connected == {"127.0.0.1"}


def test_without_a_terminal_the_demo_prints_plain_text(shown: Shown) -> None:
    """Into a pipe go lines of text: no escape, no carriage return, no other control character."""
    assert not [char for char in shown.out if not char.isprintable() and char != "\n"]


def test_a_film_of_the_same_name_tells_nobody(shown: Shown) -> None:
    """The Korean Ballerina, Leap!, a programming language and a meme are seen, kept with a reason, and told to nobody."""
    connection = ask.open_reader(shown.state / "watcher.db")
    namesakes = [one for one in ask.outcomes(connection) if one.verdict == "other"]
    connection.close()
    texts = " ".join(one.source.title for one in namesakes)
    assert [word for word in ("Netflix", "Animated", "programming", "Cappuccina", "Vampire") if word not in texts] == []
    assert [one.source.title for one in namesakes if not one.outcome.startswith("read: ")] == []
    assert "October 6, 2023" not in shown.out


def test_nobody_is_announced_who_was_not(shown: Shown) -> None:
    """Those whose part in the film is told are those who truly had one: no other film's cast, and nobody from a rumour."""
    told = {str(c.key).rsplit("/", 1)[1] for c in changes_of(shown.state) if c.silent is None and "/credit/" in str(c.key)}
    cast = "Ana de Armas, Ian McShane, Keanu Reeves, Anjelica Huston, Lance Reddick, Catalina Sandino Moreno, Norman Reedus"
    later = "Gabriel Byrne, David Castañeda, Sharon Duncan-Brewster, Choi Soo-young"
    assert told == {catalogue.slug(name) for name in f"Len Wiseman, {cast}, {later}".split(", ")}


def test_a_date_that_one_outlet_alone_printed_is_told_as_such(shown: Shown) -> None:
    """The date that never was is told as one outlet's unconfirmed word, and taken back when others know better."""
    told = shown.out.split("Ballerina: opens March 23, 2023\n")[1]
    assert "Reported by Tom's Guide alone; unconfirmed." in told.split("Ballerina:")[0]
    assert "not March 23, 2023" in told


def test_the_store_answers_when_the_demo_is_over(shown: Shown) -> None:
    """The last line is a command that works as it stands: it says why the date is believed, from the demo's own store."""
    answer = subprocess.run(
        shlex.split(shown.reply),
        env=environment(shown.home),
        cwd=shown.home,
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert " why ballerina release " in shown.reply
    assert "June 6, 2025" in answer.stdout
    assert "Deadline" in answer.stdout


def test_the_status_at_the_end_is_that_of_the_last_day(shown: Shown) -> None:
    """The status screen stands before the last line, as of the simulated end."""
    screen = shown.out[shown.out.index(" status --as-of 2025-07-02") :]
    assert "Released Friday, June 6, 2025" in screen
    assert "26 days ago" in screen


def until(story: Story, end: datetime, rewrite: Callable[[str], str]) -> Story:
    """The story up to a moment, with every text rewritten."""
    articles = (a for a in story.articles if a.at < end)
    told = tuple(replace(a, title=rewrite(a.title), body=rewrite(a.body)) for a in articles)
    return replace(story, ends=end, articles=told)


def test_another_article_makes_another_alert_and_another_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown follows from the articles: another date in them is another alert, another fact and another status."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    altered = until(
        load_story(),
        datetime(2024, 3, 1, tzinfo=UTC),
        lambda text: text.replace("June 6, 2025", "May 2, 2025").replace("6 June", "2 May").replace("June 2025", "May 2025"),
    )
    perform(altered, tmp_path)
    out = capsys.readouterr().out
    timeline, _, screen = out.partition(" status --as-of")
    assert timeline.count("Ballerina moves to May 2, 2025 (was June 7, 2024)") == 1
    assert "Friday, May 2, 2025" in screen
    assert "June 6, 2025" not in out
    assert [str(c.new) for c in changes_of(tmp_path) if c.kind == "moved"] == ["2025-05-02"]


def test_an_article_that_was_not_stored_fails_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo succeeds only if the whole line worked: with an article that never arrives it says so and fails."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    story = until(load_story(), datetime(2019, 10, 12, tzinfo=UTC), str)
    with pytest.raises(WatcherError, match="2 of 3 articles were stored"):
        perform(replace(story, articles=(*story.articles, story.articles[-1])), tmp_path)


def test_the_script_holds_feeds_and_times_and_no_alert(shown: Shown) -> None:
    """The story has no key but those of feeds and articles, and none of the alerts' titles stands anywhere in it."""
    text = (files("watcher.demo") / "story.toml").read_text("utf-8")
    told = tomllib.loads(text)
    assert set(told) == {"begins", "ends", "feed", "article"}
    assert {key for feed in told["feed"] for key in feed} == {"name", "outlet", "format"}
    assert {key for article in told["article"] for key in article} == {"at", "feed", "title", "body"}
    connection = ask.open_reader(shown.state / "watcher.db")
    subjects = [row["subject"] for row in connection.execute("SELECT subject FROM delivery WHERE state = 'sent'")]
    connection.close()
    assert subjects
    assert [subject for subject in subjects if subject in text] == []


def test_the_outlets_of_the_story_are_real_ones() -> None:
    """Every feed speaks for an outlet of the catalogue, so that trust and owners count, and every article has its feed."""
    story = load_story()
    assert [feed.outlet for feed in story.feeds if catalogue.builtin().find(feed.outlet) is None] == []
    assert {article.feed for article in story.articles} == {feed.name for feed in story.feeds}
    assert all(story.begins < article.at < story.ends for article in story.articles)


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A running newsroom with three feeds of the same long news."""
    story = load_story()
    feeds = tuple(replace(story.feeds[0], name=kind, format=kind) for kind in ("rss", "atom", "json"))
    articles = tuple(
        Article(
            at=story.begins + timedelta(days=day), feed=feed.name, title=f"“Day” {day} & night", body=f"It’s {day} < {day + 1}."
        )
        for day in range(1, LENGTH + 6)
        for feed in feeds
    )
    with Newsroom(replace(story, feeds=feeds, articles=articles)) as running:
        yield running


def test_all_formats_say_the_same_and_no_more_than_a_feed_does(newsroom: Newsroom) -> None:
    """RSS, Atom and JSON Feed carry the newest articles that are out by now, newest first, with text, link and time intact."""
    newsroom.now = newsroom.story.begins + timedelta(days=LENGTH + 2)
    seen = []
    for kind in ("rss", "atom", "json"):
        with urllib.request.urlopen(newsroom.feed_url(kind)) as answer:
            feed = parse_feed(answer.read(), content_type=answer.headers["Content-Type"], url="", now=newsroom.now)
        assert all(item.link for item in feed.items)
        seen.append([(item.title, item.body, item.published) for item in feed.items])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == LENGTH == 20
    assert seen[0][0] == ("“Day” 22 & night", "It’s 22 < 23.", newsroom.now)


def test_the_newsroom_knows_what_has_not_changed(newsroom: Newsroom) -> None:
    """Whoever brings the ETag back gets 304 until an article appears; the answer is dated with the simulated moment."""
    newsroom.now = newsroom.story.begins + timedelta(days=1)
    with urllib.request.urlopen(newsroom.feed_url("rss")) as answer:
        etag = answer.headers["ETag"]
        assert answer.headers["Date"] == answer.headers["Last-Modified"] == "Wed, 02 Oct 2019 12:00:00 GMT"
    again = urllib.request.Request(newsroom.feed_url("rss"), headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(again)
    unchanged.value.close()
    assert unchanged.value.code == 304
    newsroom.now += timedelta(days=1)
    with urllib.request.urlopen(again) as answer:
        assert answer.headers["ETag"] != etag


def test_the_newsroom_takes_alerts_from_those_who_know_where(newsroom: Newsroom) -> None:
    """An alert is taken at the secret path only, once, and without whatever a terminal would obey."""
    body = b'{"title": "News \\u001b[31mred", "message": "one\\ntwo\\u0007"}'
    address = newsroom.alert_url.replace("json:", "http:")
    with urllib.request.urlopen(address, data=body) as answer:
        assert answer.status == 200
    for wrong, posted in ((newsroom.feed_url("alerts/x"), body), (address, b"no JSON")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(wrong, data=posted)
        refused.value.close()
        assert refused.value.code == 404
    (alert,) = newsroom.taken()
    assert all(char.isprintable() for text in (alert.title, *alert.lines) for char in text)
    assert alert == Alert(title=alert.title, lines=("one", "two"))
    assert newsroom.taken() == ()


@given(st.lists(st.datetimes(datetime(2019, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)), max_size=30))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_article_is_looked_for_within_the_half_hour(times: list[datetime]) -> None:
    """The looks are in order, half an hour apart at least, each has a reason, and no article waits longer than that."""
    looks = list(moments(times))
    half_hour = timedelta(minutes=30)
    assert all(later - earlier >= half_hour for earlier, later in itertools.pairwise(looks))
    assert all(any(timedelta(0) <= look - time < half_hour for look in looks) for time in times)
    assert all(any(timedelta(0) <= look - time < half_hour for time in times) for look in looks)


def test_ctrl_c_ends_the_demo_and_leaves_nothing(tmp_path: Path) -> None:
    """Interrupted, the demo ends with status 130 and one line, no traceback, and takes its directory with it."""
    # On a terminal it pauses for the eye: elsewhere it may have ended before the interrupt is there.
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "watcher", "demo"],
        env=environment(tmp_path, TERM="xterm"),
        cwd=tmp_path,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has them ignore interrupts, and so would the demo.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no other thread forks
    )
    os.close(theirs)
    with process:
        shown = b""
        while b"Len Wiseman directs" not in shown:
            shown += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # whoever reads a terminal that nobody holds any more is told so by an error
            while os.read(ours, 1000):
                pass
        _, said = process.communicate(timeout=30)
    os.close(ours)
    assert process.returncode == 130
    assert said.strip() == "Stopped; nothing was kept."
    assert list(tmp_path.glob("watcher-demo-*")) == []


@pytest.mark.parametrize(("more", "styled"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_styles_unless_it_asks_for_none(tmp_path: Path, more: dict[str, str], styled: bool) -> None:
    """On a terminal the first line is bold; with NO_COLOR not one escape is printed."""
    ours, theirs = pty.openpty()
    environ = environment(tmp_path, TERM="xterm", **more)
    command = [sys.executable, "-m", "watcher", "demo", "--fast"]
    process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"2019\r\n" not in shown and b"2019\x1b[0m\r\n" not in shown:
        shown += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    os.set_blocking(ours, True)
    try:
        while more_text := os.read(ours, 4096):
            shown += more_text
    except OSError:  # what Linux says when the last process has left the terminal
        pass
    process.wait(30)
    os.close(ours)
    assert (b"\x1b[1m" in shown) is styled
    assert (b"\x1b" in shown) is styled
