"""What is kept and what goes: nothing that named a title, nothing by a wrong clock, and nothing comes back as news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, feed_state, item, release, world

from watcher.decide.arrivals import item_id
from watcher.decide.intents import Plan
from watcher.housekeeping import Housekeeping
from watcher.learn import take
from watcher.model import Feed, Item
from watcher.store import ask, byhand, retention
from watcher.store.store import Store

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
DAY = timedelta(days=1)
KEEP = 100 * DAY
TABLES = ("item", "item_version", "source", "reading", "claim", "revision", "change", "outbox", "page", "delivery")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose title is learned and whose feed was polled before."""
    with Store(tmp_path / "watcher.db") as made:
        made.configure([TITLE], [FEED], NOW, [NOW])
        made.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        yield made


def poll(store: Store, now: datetime, *items: Item, about: dict[str, object] | None = None) -> int:
    """A poll that brings these items, some of them about the title; returns how many changes are told."""
    texts = {guid: [evidence.claim] for guid, evidence in (about or {}).items()}  # type: ignore[attr-defined]
    return take(store, world(texts), FEED, items, after=feed_state(FEED.url, polled=now), now=now).told


def live(store: Store, begin: datetime, days: float, *, keep: timedelta = KEEP) -> datetime:
    """Let a day pass after the other, as a daemon that runs has it; returns the last moment."""
    house, now = Housekeeping(store, keep=keep), begin
    while now < begin + days * DAY:
        now += timedelta(hours=6)
        house.work(now)
    return now


def stored(store: Store) -> set[str]:
    """The guids that are stored."""
    return {row["guid"] for row in store.connection.execute("SELECT guid FROM item")}


def counted(store: Store) -> dict[str, int]:
    """How many rows the tables have."""
    return {table: store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def broken(store: Store) -> list[object]:
    """References that lead nowhere."""
    return store.connection.execute("PRAGMA foreign_key_check").fetchall()


def aged(store: Store, *items: Item, about: dict[str, object] | None = None) -> datetime:
    """Items that came, left their feed, and grew old; returns when."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, *items, about=about)
    now = live(store, NOW, 60)
    poll(store, now, item("newer", on=now))
    return live(store, now, 60)


def test_what_never_named_a_title_goes_whole_when_it_left_its_feed_long_ago(store: Store) -> None:
    """An item that named no title goes with its texts and sources after the time it is kept for, and no reference breaks."""
    aged(store, item("a"), item("b", on=NOW))
    assert stored(store) == {"newer"}
    assert {t: n for t, n in counted(store).items() if n} == {"item": 1, "item_version": 1, "source": 1}
    assert broken(store) == []


def test_it_stays_until_then(store: Store) -> None:
    """The same item stays as long as the settings say."""
    poll(store, NOW, item("a"))
    now = live(store, NOW, 60)
    poll(store, now, item("newer", on=now))
    live(store, now, 30)
    assert stored(store) == {"a", "newer"}


def test_what_named_a_title_stays_with_all_that_came_of_it(store: Store) -> None:
    """An item that named a title, its reading, fact, change and outbox row are kept for ever, however old."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"), about={"a": release("2026-06-05")})
    before, facts = counted(store), ask.facts(store.connection)
    now = live(store, NOW, 60)
    poll(store, now)
    live(store, now, 400)
    assert counted(store) == before
    assert ask.facts(store.connection) == facts
    (fact,) = facts
    assert [e.source.item for e in ask.evidence_by_id(store.connection, fact.evidence)] == [item_id(FEED.url, "a")]


def test_what_the_feed_still_lists_stays(store: Store) -> None:
    """An item that stands in its feed's last document stays, however long that document has not changed."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"), item("b"))
    now = NOW
    for _ in range(8):
        now = live(store, now, 40)
        poll(store, now, item("a"))
    now = live(store, now, 500)
    assert stored(store) == {"a"}
    poll(store, now, item("a"), item("c", on=now))
    live(store, now, 1)
    assert stored(store) == {"a", "c"}


def test_what_the_user_discards_stays(store: Store) -> None:
    """An item that the user discards stays discarded."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"))
    store.apply(Plan(at=NOW, discarded={item_id(FEED.url, "a"): NOW}))
    now = live(store, NOW, 60)
    poll(store, now, item("newer", on=now))
    live(store, now, 60)
    assert byhand.discarded(store.connection, [item_id(FEED.url, "a")])


@pytest.mark.parametrize("published", [None, timedelta(0)], ids=["undated", "dated anew"])
def test_what_went_is_no_news_when_it_comes_back(store: Store, published: timedelta | None) -> None:
    """An item that went and stands in its feed again tells nobody, though it names a title by now and bears no old day."""
    now = aged(store, item("a"))
    assert "a" not in stored(store)
    again = replace(item("a", on=now), published=None if published is None else now)
    assert poll(store, now + DAY / 24, again, about={"a": release("2026-06-05")}) == 0
    assert "a" in stored(store)
    (change,) = ask.changes(store.connection)
    assert change.silent == "old news, it was in the feed before"


def test_edit_of_what_came_back_is_told(store: Store) -> None:
    """An item that went and came back is an item like others: what an edit of it brings is news."""
    now = aged(store, item("a"))
    assert poll(store, now + DAY, item("a", on=now + DAY)) == 0
    edited = item("a", "It has a date by now.", on=now + DAY)
    assert poll(store, now + 2 * DAY, edited, about={"a": release("2026-06-05")}) == 1


def test_superseded_texts_of_what_never_named_a_title_go_at_once(store: Store) -> None:
    """Of an item whose text changes at each poll only the last text stays, as long as it never named a title."""
    for number in range(5):
        poll(
            store,
            NOW + number * DAY,
            item("a", digest=f"{number}"),
            item("b", digest=f"{number}"),
            about={"b": release("2026-06-05")},
        )
    live(store, NOW + 5 * DAY, 1)
    texts = store.connection.execute("SELECT guid, count(*) FROM item_version JOIN item ON item.id = item GROUP BY guid")
    assert {row[0]: row[1] for row in texts} == {"a": 1, "b": 5}
    assert broken(store) == []
    assert poll(store, NOW + 6 * DAY, item("a", digest="4")) == 0


def test_clock_that_is_ten_years_ahead_deletes_nothing(store: Store) -> None:
    """A clock that is set ten years ahead, and back, many times over takes no item away: each time counts for a day at most."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"))
    now = live(store, NOW, 40)
    poll(store, now, item("newer", on=now))
    house = Housekeeping(store, keep=KEEP)
    for number in range(20):
        house.work(now + timedelta(minutes=number))
        house.work(now + timedelta(days=3650, minutes=number))
    assert stored(store) == {"a", "newer"}
    assert retention.lived(store.connection).time < 70 * DAY


def test_time_in_which_nobody_ran_is_not_lived(store: Store) -> None:
    """A machine that was off for two years deletes nothing when it is on again."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"))
    now = live(store, NOW, 40) + timedelta(days=730)
    poll(store, now, item("newer", on=now))
    live(store, now, 2)
    assert stored(store) == {"a", "newer"}


def test_days_lived_add_up_over_restarts(store: Store) -> None:
    """Each start goes on counting where the last one noted it, and looking through the items too."""
    now = NOW
    for _ in range(30):
        now = live(store, now, 1)
    assert 29 * DAY <= retention.lived(store.connection).time <= 31 * DAY


def test_step_takes_few_and_goes_on_where_it_was(store: Store) -> None:
    """A step looks at some hundred items and lets few of them go; the next goes on behind it, until none is left."""
    live(store, NOW - 2 * DAY, 2)
    for begin in range(0, 1000, 250):
        poll(store, NOW, *(item(f"i{n}") for n in range(begin, begin + 250)))
    store.connection.execute("UPDATE feed SET listed_on = 1000")
    store.connection.commit()
    after, steps = 0, []
    while not (swept := retention.sweep(store, after=after, before=500)).is_end:
        assert after < swept.looked <= after + retention.LOOKED_AT
        steps.append(swept.items)
        after = swept.looked
    assert (sum(steps), max(steps)) == (1000, retention.GO_AT_ONCE)
    assert store.connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert stored(store) == set()


def test_nothing_is_done_between_two_steps(store: Store) -> None:
    """A tick that follows another by seconds costs no statement; one whose clock was set back does its work."""
    house, said = Housekeeping(store, keep=KEEP), []
    house.work(NOW)
    store.connection.set_trace_callback(said.append)
    house.work(NOW + timedelta(seconds=5))
    assert said == []
    house.work(NOW - DAY)
    assert said != []


def test_reading_that_came_meanwhile_keeps_its_item(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process reads for a title between looking and deleting is not deleted."""
    live(store, NOW - 2 * DAY, 2)
    poll(store, NOW, item("a"))
    store.connection.execute("UPDATE feed SET listed_on = 1000")
    store.connection.commit()
    found, looks = retention._found, []

    def meanwhile(*given: object) -> object:
        seen = found(*given)  # type: ignore[arg-type]
        if not looks:
            with Store(store.path) as other:
                other.db.execute(
                    "INSERT INTO reading SELECT 'r', id, 'harbor', 'rules', 'about', '[]', first_seen, '', 1 FROM source"
                )
                other.connection.commit()
        looks.append(seen)
        return seen

    monkeypatch.setattr(retention, "_found", meanwhile)
    assert retention.sweep(store, after=0, before=500).items == 0
    assert len(looks) == 2
    assert stored(store) == {"a"}
