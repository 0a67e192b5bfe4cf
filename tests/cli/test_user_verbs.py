"""`fix`, `mute`, `ignore` and `rebuild`: what they say of what they did, and what they refuse."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from click.testing import CliRunner, Result

from watcher.cli import common, watcher
from watcher.cli.rebuild import Progress
from watcher.config.load import parse_config
from watcher.decide.arrivals import item_id
from watcher.decide.intents import Plan
from watcher.errors import StoreBusy, StoreError, UsageError
from watcher.learn import take
from watcher.model import Feed, FeedState, Item
from watcher.store import schema
from watcher.store.store import Store

FEED = Feed(url="https://example.org/film", outlet="The Ledger")
CONFIG = f"""
[watcher]
state = "STATE"
timezone = "Europe/London"
regions = ["US"]
builtin_titles = false
builtin_feeds = false
[[title]]
name = "Harbor Lights"
context = ["Mira Solis", "Northwind Pictures"]
known = [{{ person = "Mira Solis", on = "2024-05-01", outlet = "The Ledger" }}]
[[feed]]
url = "{FEED.url}"
outlet = "The Ledger"
trust = "trade"
[[notify]]
name = "phone"
url = "json://127.0.0.1/"
"""
SAID = "Northwind Pictures has set Harbor Lights, starring Mira Solis, for release in theaters on June 5, 2026."


class Desk:
    """A configuration and a state directory, and the verbs in this process."""

    def __init__(self, path: Path) -> None:
        self.state = path / "state"
        self.path = self.state / "watcher.db"
        self.config = path / "config.toml"
        self.config.write_text(CONFIG.replace("STATE", str(self.state)), encoding="utf-8")

    def learn(self, text: str = SAID, *, guid: str = "a", headline: str = "Harbor Lights gets a date") -> str:
        """An item comes in through the real line, after a start long ago. Returns its id."""
        from watcher.cli import compose  # noqa: PLC0415 - the world of the verbs themselves

        self.state.mkdir(exist_ok=True)
        config = parse_config(self.config.read_text("utf-8"), path="c", environ={}, read_secret=str)
        there = compose.world(config)
        with Store(self.path) as store:
            store.configure(there.titles, there.feeds, NOW, [NOW])
            past = NOW - timedelta(hours=2)
            state = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=past, last_ok_at=past, last_poll_at=past)
            store.apply(Plan(at=past, feeds=(state,), learned=tuple(there.by_id)))
            link = f"https://example.org/{guid}?utm_source=feed"
            came = Item(guid=guid, title=headline, body=text, link=link, published=NOW, digest=f"{guid}{len(text)}")
            take(store, there, FEED, [came], after=state, now=NOW)
        return item_id(FEED.url, guid)

    def run(self, *words: str) -> Result:
        """Run a verb."""
        env = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "xterm"}
        return CliRunner().invoke(watcher, ["--config", str(self.config), *words], env=env)

    def out(self, *words: str) -> str:
        """What a verb prints where it goes well, with the breaks of its lines as blanks."""
        result = self.run(*words)
        assert result.exception is None, result.exception
        return " ".join(result.stdout.split())

    def json(self, *words: str) -> dict[str, Any]:
        """The JSON document that a verb prints."""
        result = self.run(*words, "--json")
        assert result.exception is None, result.exception
        found: dict[str, Any] = json.loads(result.stdout)
        assert found["version"] == 1
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the time stands still, a little after the news."""
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(hours=1))
    return Desk(tmp_path)


# ---- fix


def test_fix_says_what_was_and_is_and_how_to_take_it_back(desk: Desk) -> None:
    """The answer has the old value and the new one, what may move it, and a command that takes it back."""
    desk.learn()
    said = desk.out("fix", "harbor-lights", "release", "2026-09-04", "--outlet", "The Ledger", "--url", "https://example.org/x")
    assert "Harbor Lights, US cinemas: September 4, 2026 (was June 5, 2026)" in said
    assert "The Ledger, as you say. Later news may move it; --pin forbids that." in said
    back = said.rpartition("watcher ")[2].split()
    assert "Discarded: your word (The Ledger, Mar 1, 2025) US cinemas: September 4, 2026 -> June 5, 2026" in desk.out(*back)
    assert "Counts again: your word" in desk.out(*back, "--undo")
    assert "September 4, 2026" in desk.out("status")


def test_fix_works_before_anything_is_stored(desk: Desk) -> None:
    """The first word makes the store, with the configured values under it; `status` then calls the word the user's own."""
    assert "US cinemas: 2026 (nothing was held)" in desk.out("fix", "Harbor Lights", "release", "2026", "--pin")
    assert "no news moves it" in desk.out("fix", "Harbor Lights", "release", "2026", "--pin")
    shown = desk.out("status")
    assert "Your own word." in shown
    assert "Mira Solis." in shown
    assert "not running" in shown


def test_fix_of_a_person(desk: Desk) -> None:
    """A person is met by a surname, in the job they are known for, with a status in words as people write them."""
    desk.out("fix", "harbor-lights", "Orla Finch", "joins", "--job", "Director")
    done = desk.json("fix", "harbor-lights", "finch", "in talks")
    assert (done["key"], done["was"]["status"], done["now"]["status"]) == (
        "harbor-lights/credit/director/orla-finch",
        "joins",
        "in_talks",
    )
    assert "Mira Solis: joins as the keeper" in desk.out("fix", "harbor-lights", "Mira Solis", "joins", "--role", "the keeper")


def test_fix_of_a_past_day_says_that_later_news_stands(desk: Desk) -> None:
    """A word of a day before the news is kept, and the answer says why nothing changed and what would change it."""
    desk.learn("Harbor Lights, starring Mira Solis, has moved from March 6, 2026 to June 5, 2026 in theaters.")
    said = desk.out("fix", "harbor-lights", "release", "2026-03-13", "--on", "2025-01-10")
    assert "stays June 5, 2026" in said
    assert "Without --on your word counts from now." in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Harbour", "release", "2026"], "is not watched; watched: harbor-lights"),
        (["harbor-lights", "release", "next summer"], "is no date: write 2025-06-06"),
        (["harbor-lights", "release", "2026-02-30"], "is no date on any calendar"),
        (["harbor-lights", "release", "\x1b[31m2026"], "is no date"),
        (["harbor-lights", "release", "unset"], "no such date is held"),
        (["harbor-lights", "release", "2026", "--type", "cinema"], "is not known"),
        (["harbor-lights", "release", "2026", "--region", "UK"], 'write "GB"'),
        (["harbor-lights", "release", "2026", "--role", "x"], "--role is of a person"),
        (["harbor-lights", "release", "2026", "--on", "2025-13-01"], "is no day"),
        (["harbor-lights", "release", "2026", "--on", "2025-03-02"], "lies ahead"),
        (["harbor-lights", "release", "2026", "--url", "example"], "is no web address"),
        (["harbor-lights", "release", "2026", "--outlet", " "], "is empty"),
        (["harbor-lights", "Ada Quill", "joined"], "did you mean joins?"),
        (["harbor-lights", "Ada Quill", "2026"], "write one of joins"),
        (["harbor-lights", "Ada Quill", "joins", "--type", "tv"], "--type is of a release"),
        (["harbor-lights", "Ada/Quill", "joins"], "without a slash"),
        (["harbor-lights", "***", "joins"], "is nobody's name"),
        (["harbor-lights", "A" * 500, "joins"], "at most 200 characters"),
    ],
    ids=lambda value: None if isinstance(value, list) else value[:24],
)
def test_fix_refuses_what_cannot_be(desk: Desk, words: list[str], says: str) -> None:
    """Every wrong word is told with what to write instead, ends with status 2, and changes no fact."""
    result = desk.run("fix", *words)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_status == 2
    assert says in str(result.exception)
    assert "\x1b" not in str(result.exception)
    assert desk.run("history").stdout.count("Harbor") <= 1


# ---- mute


def test_mute_shows_in_status_until_it_is_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a title is muted `status` says so in words and in JSON; when the time is over or with --off it does no more."""
    desk.learn()
    said = desk.out("mute", "harbor-lights", "--until", "2025-03-08")
    assert "Harbor Lights is muted until March 8, 2025. 1 alert that waited will not be sent." in said
    assert "Harbor Lights is muted until March 8, 2025. To hear of it again: watcher mute harbor-lights --off" in desk.out(
        "status"
    )
    assert desk.json("status")["titles"][0]["muted_until"] == "2025-03-08T00:00:00+00:00"
    assert "is muted" in desk.run("status", "--plain").stdout
    assert "is muted" not in desk.out("status", "--as-of", "2025-03-01")
    assert "you muted this title until 2025-03-08." in desk.out("history")
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(days=8))
    assert "is muted" not in desk.out("status")
    assert "was not muted" in desk.out("mute", "harbor-lights", "--off")


def test_mute_without_an_end_and_off(desk: Desk) -> None:
    """A mute without an end lasts until --off, which says what is not told any more; a span counts from now."""
    assert "until you say otherwise" in desk.out("mute", "Harbor Lights")
    assert "until you say otherwise" in desk.out("status")
    assert "speaks again. What changed meanwhile is not told now" in desk.out("mute", "Harbor Lights", "--off")
    assert "is muted" not in desk.out("status")
    assert desk.json("mute", "Harbor Lights", "--for", "2w")["muted_until"] == "2025-03-15T13:00:00+00:00"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Harbour"], "is not watched"),
        (["harbor-lights", "--until", "someday"], "is no day"),
        (["harbor-lights", "--until", "2025-03-01"], "is past"),
        (["harbor-lights", "--until", "9999-12-31T23:59-12:00"], "is no day"),
        (["harbor-lights", "--for", "a while"], "is no duration"),
        (["harbor-lights", "--for", "3d", "--off"], "one at a time"),
    ],
    ids=lambda value: None if isinstance(value, list) else value,
)
def test_mute_refuses_what_cannot_be(desk: Desk, words: list[str], says: str) -> None:
    """A wrong end or an unknown title is told with what to write instead, and nothing is made."""
    result = desk.run("mute", *words)
    assert isinstance(result.exception, UsageError)
    assert says in str(result.exception)
    assert not desk.path.exists()


# ---- ignore


def test_ignore_by_id_and_by_link(desk: Desk) -> None:
    """An item is discarded by its id or by its link, however it was come by; the correction and who hears it are told."""
    name = desk.learn()
    said = desk.out("ignore", "http://www.example.org/a/")
    assert "Discarded: Harbor Lights gets a date (The Ledger, Mar 1, 2025)" in said
    assert "US cinemas: June 5, 2026 -> nothing known (told to phone)" in said
    assert f"Take it back: watcher ignore {name} --undo" in said
    assert "No release date is known yet" in desk.out("status")
    assert "Told nobody: you discarded it." in desk.out("why", "harbor-lights", name)
    assert "Was discarded before" in desk.out("ignore", name)
    again = desk.json("ignore", name, "--undo")
    assert ["phone"] in [change["told"] for change in again["items"][0]["changes"] if change["new"] == "2026-06-05"]
    assert "June 5, 2026" in desk.out("status")
    assert "Was not discarded" in desk.out("ignore", name, "--undo")


def test_ignore_of_what_is_not_there(desk: Desk) -> None:
    """Before anything is stored it says what to run, and makes no store; an unknown id or link says where ids stand."""
    result = desk.run("ignore", "0123456789ab")
    assert isinstance(result.exception, StoreError)
    assert "nothing stored yet" in str(result.exception)
    assert not desk.path.exists()
    desk.learn()
    for name in ("0123456789ab", "https://example.org/other", "", "a'; DROP TABLE item"):
        result = desk.run("ignore", name)
        assert isinstance(result.exception, UsageError)
        assert "ids stand in" in str(result.exception)


# ---- rebuild


def test_rebuild_shows_and_keeps(desk: Desk) -> None:
    """What would differ is shown with the item's headline and the sentence; kept by --commit, and then there is nothing left."""
    name = desk.learn()
    assert "1 text read again: nothing differs." in desk.out("rebuild")
    desk.config.write_text(desk.config.read_text("utf-8").replace("known = ", 'origin = "GB"\nknown = '), "utf-8")
    untouched = desk.path.read_bytes()
    shown = desk.out("rebuild")
    assert "1 text read again: 1 is read otherwise" in shown
    assert "HARBOR LIGHTS FACTS UK cinemas June 5, 2026" in shown
    assert "US cinemas June 5, 2026 -> nothing known" in shown
    assert "no longer: US cinemas: set for June 5, 2026 now: UK cinemas: set for June 5, 2026" in shown
    assert f"“{SAID}”" in shown
    assert f"{name} Harbor Lights gets a date (The Ledger, Mar 1, 2025)" in shown
    assert "Nothing was written. Keep it: watcher rebuild --commit" in shown
    assert desk.path.read_bytes() == untouched
    before = desk.json("rebuild", "--title", "harbor-lights")
    assert (before["committed"], [one["item"] for one in before["readings"]]) == (False, [name])
    assert "Kept. Nobody was alerted." in desk.out("rebuild", "--commit")
    assert "nothing differs" in desk.out("rebuild", "--commit")
    with sqlite3.connect(desk.path) as db:
        causes = [row[0] for row in db.execute("SELECT DISTINCT cause FROM revision ORDER BY cause")]
        told = db.execute("SELECT count(*) FROM outbox").fetchone()[0]
    db.close()
    assert "rebuild" in causes
    assert told == 1


def test_rebuild_of_what_is_not_there(desk: Desk) -> None:
    """Before anything is stored it says what to run, and makes no store; an unknown title is refused."""
    result = desk.run("rebuild", "--commit")
    assert isinstance(result.exception, StoreError)
    assert not desk.path.exists()
    desk.learn()
    assert isinstance(desk.run("rebuild", "--title", "Harbour").exception, UsageError)


def test_rebuild_shows_how_far_it_is_on_a_terminal_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """The progress is one line on standard error that is wiped at the end; where nobody watches nothing is printed."""
    for live in (True, False):
        progress = Progress(live=live)
        progress(1200, 40000)
        progress.end()
        seen = capsys.readouterr()
        assert seen.out == ""
        assert ("1,200 of 40,000 texts read" in seen.err) == live
        assert seen.err.endswith("\r\x1b[K") == live


@pytest.mark.parametrize(
    "words",
    [["fix", "harbor-lights", "release", "2027"], ["mute", "harbor-lights"], ["ignore", "ITEM"], ["rebuild", "--commit"]],
    ids=lambda words: words[0],
)
def test_a_store_that_another_process_holds_is_left_alone(desk: Desk, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process writes, each verb says that the store is held, and changes nothing."""
    name = desk.learn()
    monkeypatch.setattr(schema.open_writer, "__kwdefaults__", {"busy_timeout": 0.05})
    monkeypatch.setattr(Store.__init__, "__kwdefaults__", {"busy_timeout": 0.05})
    other = sqlite3.connect(desk.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desk.config.write_text(desk.config.read_text("utf-8").replace("known = ", 'origin = "GB"\nknown = '), "utf-8")
    result = desk.run(*(name if word == "ITEM" else word for word in words))
    assert isinstance(result.exception, StoreBusy)
    assert "held by another process" in str(result.exception)
    other.execute("ROLLBACK")
    other.close()


def test_own_word_on_a_built_in_title_is_called_so(tmp_path: Path) -> None:
    """Of a title that comes with watcher, what the user set stands in why and history as their own word, not as on record."""
    desk = Desk(tmp_path)
    desk.config.write_text(f'[watcher]\nstate = "{desk.state}"\nbuiltin_feeds = false\n', encoding="utf-8")
    desk.out("fix", "ballerina", "release", "2031-10-01", "--type", "tv", "--region", "NO")
    assert "your own word" in desk.out("why", "ballerina", "tv", "NO")
    assert "your own word" in desk.out("history", "ballerina", "--all").split("2031", 1)[1]
