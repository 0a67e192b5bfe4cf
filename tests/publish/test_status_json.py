"""`status.json`, held against its schema, and what a sensor makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from boards import GLASS, OTHER, STORY, Newsroom, Told
from builders import day
from jinja2.sandbox import SandboxedEnvironment
from schemas import breaches

from watcher.board.board import Board
from watcher.board.titles import title_object
from watcher.model import Feed, FeedState
from watcher.publish.status import status_json

SCHEMA = json.loads(Path(__file__).with_name("status.schema.json").read_text(encoding="utf-8"))
SECRET = "hunter2"
FEED = Feed(url=f"https://user:{SECRET}@feeds.example/{SECRET}/film?token={SECRET}", outlet="The Ledger")
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def read(board: Board) -> Any:
    """The document, which holds what its schema says."""
    found = json.loads(status_json(board))
    assert breaches(found, SCHEMA) == []
    return found


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """A store with the whole story, and a title of which nothing is known."""
    newsroom = Newsroom(path=tmp_path_factory.mktemp("status"), titles=(OTHER, GLASS), regions=("GB", "US"))
    newsroom.take(*STORY)
    return newsroom


@pytest.mark.parametrize("when", ["2024-01-01", "2026-06-10", "2029-01-01"])
def test_every_key_is_written_down(room: Newsroom, when: str) -> None:
    """No key is in the file that its schema does not name, and none is missing, before, between and after the releases."""
    found = read(room.board(when))
    assert {title["id"] for title in found["titles"]} == {"glass-orchard", "north-of-salt"}


def test_schema_lets_nothing_pass(room: Newsroom) -> None:
    """A key more, a key less, and a value of another kind are breaches of the schema, wherever they stand."""
    for path, value in [
        ((), {"private": 1}),
        (("titles", -1, "countdown"), {"days": [1]}),
        (("titles", -1, "changes", 0), {"link": "javascript:alert(1)"}),
        (("feeds", 0), {"state": "well"}),
    ]:
        found = read(room.board(NOON))
        place = found
        for step in path:
            place = place[step]  # type: ignore[index]
        place.update(value)
        assert breaches(found, SCHEMA) != []
        name = next(iter(place))
        del place[name]
        assert any(name in line for line in breaches(found, SCHEMA))


def test_titles_are_those_of_the_verb(room: Newsroom) -> None:
    """A title is the very object that `status --json` prints."""
    board = room.board(NOON)
    assert read(board)["titles"] == [json.loads(json.dumps(title_object(sheet.stand))) for sheet in board.sheets]


def test_file_is_the_same_as_long_as_nothing_happens(room: Newsroom) -> None:
    """A poll that brought nothing changes no byte, and neither does an hour; the next day does."""
    board = with_feed(room.board(NOON), polled(NOON))
    later = NOON + timedelta(hours=11)
    again = with_feed(room.board(later), replace(polled(later), items=9, etag='"x"'))
    assert status_json(board) == status_json(again)
    assert status_json(board) != status_json(with_feed(room.board(NOON + timedelta(days=1)), polled(NOON)))


def test_at_is_since_when_all_of_it_is_so(room: Newsroom, tmp_path: Path) -> None:
    """`at` is the midnight that began the user's day, or what came to be held or went wrong since."""
    assert read(room.board(NOON))["at"] == "2026-06-10T00:00:00+00:00"
    failing = replace(polled(NOON), failures=1, failing_since=NOON - timedelta(hours=2), error="403 Forbidden: refuses us")
    assert read(with_feed(room.board(NOON), failing))["at"] == "2026-06-10T10:00:00+00:00"
    newsroom = Newsroom(path=tmp_path, zone="Asia/Tokyo")
    newsroom.take(STORY[0])
    taken = day(STORY[0].on) + timedelta(seconds=1)
    assert read(newsroom.board(taken))["at"] == "2024-03-04T12:00:01+00:00"
    tomorrow = read(newsroom.board(taken + timedelta(days=1)))
    assert (tomorrow["at"], tomorrow["today"]) == ("2024-03-04T15:00:00+00:00", "2024-03-05")


@pytest.mark.parametrize(
    ("state", "word", "since"),
    [
        (None, "not_asked", None),
        ({}, "answers", None),
        ({"last_ok_at": None, "last_poll_at": None}, "not_asked", None),
        ({"failures": 3, "failing_since": NOON - timedelta(days=2), "error": "503"}, "failing", "2026-06-08T12:00:00+00:00"),
        ({"failures": 1, "failing_since": NOON, "not_before": NOON + timedelta(hours=1)}, "failing", "2026-06-10T12:00:00+00:00"),
        ({"failures": 1, "gone_at": NOON - timedelta(days=1)}, "gone", "2026-06-09T12:00:00+00:00"),
        ({"changed_at": NOON - timedelta(days=90)}, "silent", "2026-03-12T12:00:00+00:00"),
        ({"address": "https://elsewhere.example/feed"}, "answers", None),
    ],
)
def test_feed_says_in_a_word_how_it_is(room: Newsroom, state: dict[str, Any] | None, word: str, since: str | None) -> None:
    """Each condition of a feed is one of five words, with since when where it is bad."""
    found = None if state is None else replace(polled(NOON), **state)
    (feed,) = read(with_feed(room.board(NOON), found))["feeds"]
    assert (feed["outlet"], feed["state"], feed["since"]) == ("The Ledger", word, since)


def test_nothing_private_is_in_it(room: Newsroom) -> None:
    """No address of a feed is published, neither its own nor in the words of why it fails, nor where it leads."""
    error = f"https://feeds.example/{SECRET}/film (which sends us to https://other.example/{SECRET}): 403 Forbidden: refuses us"
    failing = replace(polled(NOON), failures=1, failing_since=NOON, error=error)
    document = status_json(with_feed(room.board(NOON), failing))
    assert SECRET.encode() not in document
    assert b"feeds.example" not in document
    (feed,) = json.loads(document)["feeds"]
    assert feed["error"] == "(which sends us to another address): 403 Forbidden: refuses us"
    assert "next_poll_at" not in document.decode()


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ value_json.titles[0].countdown.days[0] }}", "30"),
        ("{{ value_json.titles[0].countdown.day }}", "2026-05-01"),
        ("{{ value_json.titles[0].countdown.date_words }}, {{ value_json.titles[0].countdown.confidence }}",
         "May 1, 2026, confirmed"),
        ("{{ (value_json.titles | selectattr('id', 'eq', 'glass-orchard') | first).countdown.words }}", "in 30 days"),
        ("{{ value_json.feeds | rejectattr('state', 'in', ['answers', 'not_asked', 'silent']) | list | count }}", "0"),
        ("{{ value_json.titles[1].countdown.day }}", "None"),
    ],
)  # fmt: skip
def test_home_assistant_reads_it(tmp_path: Path, template: str, shown: str) -> None:
    """The templates that the documentation names give a sensor its value, in the sandbox that Home Assistant renders in."""
    newsroom = Newsroom(path=tmp_path, titles=(OTHER, GLASS))
    newsroom.take(*STORY[:10])
    value = read(newsroom.board("2026-04-01"))
    assert SandboxedEnvironment().from_string(template).render(value_json=value) == shown


def test_summer_has_no_day(tmp_path: Path) -> None:
    """A date that is no day has `day` null, so that no sensor shows a day that nobody named, and both its ends in `days`."""
    newsroom = Newsroom(path=tmp_path)
    newsroom.take(Told(on="2025-01-10", outlet="The Ledger", head="Glass Orchard in June",
                       text="Marrow Pictures will release Glass Orchard in June 2025."))  # fmt: skip
    countdown = read(newsroom.board("2025-05-30"))["titles"][0]["countdown"]
    assert (countdown["day"], countdown["date"], countdown["date_words"]) == (None, "2025-06", "June 2025")
    assert countdown["days"] == [2, 31]


def with_feed(board: Board, state: FeedState | None) -> Board:
    """The board with one feed, in this state."""
    return replace(board, feeds=((FEED, state),))


def polled(at: datetime) -> FeedState:
    """A feed that was asked at a moment and answered."""
    return FeedState(
        url=FEED.url,
        next_poll_at=at + timedelta(minutes=30),
        first_ok_at=datetime(2026, 1, 1, tzinfo=UTC),
        last_ok_at=at,
        last_poll_at=at,
        changed_at=datetime(2026, 6, 9, tzinfo=UTC),
    )
