"""Stored texts are found by their words: all that have them and no others, however they are typed, indexed already or not."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, credit, feed_state, item, moved, release, world
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.clean import clean_text
from watcher.decide.intents import Plan
from watcher.errors import StoreUnusable
from watcher.housekeeping import Housekeeping
from watcher.learn import take
from watcher.model import Feed, Item, Status
from watcher.store import ask, browsing, indexing, retention
from watcher.store.browsing import Asked, Fate
from watcher.store.searching import note_matching, sought
from watcher.store.store import Store

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose title is learned and whose feed was polled before."""
    with Store(tmp_path / "watcher.db") as made:
        made.configure([TITLE], [FEED], NOW, [NOW])
        made.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        yield made


def poll(store: Store, *items: Item, said: dict[str, object] | None = None, days: int = 0) -> None:
    """A poll that brings these items."""
    texts = {guid: [one.claim] for guid, one in (said or {}).items()}  # type: ignore[attr-defined]
    now = NOW + timedelta(days=days)
    take(store, world(texts), FEED, items, after=feed_state(FEED.url, polled=now), now=now)


class Shelf:
    """Texts without all that belongs to them, each known by its number, and a reader of them."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self.store.connection.execute("PRAGMA synchronous = OFF")
        self.store.connection.execute("PRAGMA foreign_keys = OFF")
        self.reader = ask.open_reader(path)
        self.held: dict[int, str] = {}
        self._made = 0

    def close(self) -> None:
        """Close both ends."""
        self.reader.close()
        self.store.close()

    def put(self, *texts: str, headline: str = "") -> None:
        """Put texts there."""
        for text in texts:
            self._made += 1
            row = (str(self._made), str(self._made), headline, text)
            with self.store.transaction() as db:
                db.execute("INSERT INTO item_version VALUES (?, ?, '', ?, ?, NULL, NULL, NULL, NULL, 'time', '')", row)
            self.held[self._made] = text

    def drop(self, *numbers: int) -> None:
        """Take texts away."""
        with self.store.transaction() as db:
            for number in numbers:
                db.execute("DELETE FROM item_version WHERE id = ?", [str(number)])
                self.held.pop(number)

    def move(self) -> None:
        """Give the texts other places without gaps, as ``VACUUM`` may and a dump that is read in again does."""
        with self.store.transaction() as db:
            places = [row[0] for row in db.execute("SELECT rowid FROM item_version ORDER BY rowid").fetchall()]
            for new, old in enumerate(places, 1):
                db.execute("UPDATE item_version SET rowid = ? WHERE rowid = ?", [new, old])

    def found(self, words: str) -> set[int]:
        """The numbers of the texts that are found; all where nothing is looked for."""
        wanted = sought(words)
        if wanted is None:
            return set(self.held)
        note_matching(self.reader, wanted)
        asked = "SELECT id FROM temp.matching JOIN item_version AS v ON v.rowid = place"
        return {int(row["id"]) for row in self.reader.execute(asked)}

    def check(self) -> None:
        """The index has the words of the texts that it says it has, and no others."""
        db = self.store.connection
        place = db.execute("SELECT place FROM indexed").fetchone()[0]
        count = "SELECT count(*) FROM item_version WHERE rowid <= ?"
        with closing(sqlite3.connect(":memory:")) as fresh:
            fresh.execute("CREATE VIRTUAL TABLE words USING fts5 (title, body, tokenize = 'unicode61 remove_diacritics 2')")
            texts = db.execute("SELECT rowid, title, body FROM item_version WHERE rowid <= ?", [place]).fetchall()
            fresh.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", map(tuple, texts))
            fresh.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance)")
            wanted = sorted(fresh.execute("SELECT term, doc, col, offset FROM terms").fetchall())
        db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, words, instance)")
        assert sorted(map(tuple, db.execute("SELECT term, doc, col, offset FROM temp.terms"))) == wanted
        assert len(texts) == db.execute(count, [place]).fetchone()[0]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty shelf."""
    made = Shelf(tmp_path / "shelf.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def one_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A shelf for many examples, each of which clears it first."""
    made = Shelf(tmp_path_factory.mktemp("shelf") / "shelf.db")
    yield made
    made.close()


def cleared(shelf: Shelf) -> Shelf:
    """The same with nothing on it, its index filled up to the last of what was there."""
    shelf.drop(*list(shelf.held))
    return shelf


# ---- what a person expects


@pytest.mark.parametrize("indexed", [0, 1, 9])
@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("harbour", {1, 2}),
        ("HARBOUR delay", {1}),
        ("delay harbour", {1}),
        ("elay", set()),
        ('"harbour lights"', {1}),
        ('"lights harbour"', set()),
        ('"harbour light"', set()),
        ("“harbour lights”", {1}),
        ("timothee", {2}),
        ("Timothée", {2}),
        ("garçon", {3}),
        ("garcon-manque", {3}),
        ("spider-man", {4}),
        ("spiderman", set()),
        ("man's", {4}),
        ("июня", {5}),
        ("ИЮНЯ", {5}),
        ("灯台", {6}),
        ("灯台 2026", {6}),
        ('"は灯台"', {6}),
        ("🎬", {4}),
        ("🎬 harbour", {1, 2}),
        ("C++", {3}),
        ("- harbour -", {1, 2}),
        ('"harbour', {1, 2}),
        ("harbour AND", set()),
        ("harbour OR garçon", set()),
        ("title:harbour", set()),
        ("NOT harbour", set()),
        ("harb*", {1, 2}),
        ("^harbour", {1, 2}),
        ("NEAR(harbour lights)", set()),
        ("{title body}: harbour", set()),
        ("'; DROP TABLE item; --", set()),
        ("100%", {5}),
        ("_", set()),
    ],
)
def test_words_are_found_as_a_person_expects(shelf: Shelf, words: str, numbers: set[int], indexed: int) -> None:
    """Words are joined, phrases kept, case and accents passed over, signs of a query language are signs; indexed or not."""
    shelf.put(
        "Harbour Lights is delayed.",
        "Timothée is in the harbour.",
        "Un garçon manqué, who writes C++.",
        "🎬 Spider-Man's day",
        "В июня 100% of it.",
        "映画は灯台2026年です",
    )
    if indexed:
        indexing.add_texts(shelf.store, most=indexed)
    assert shelf.found(words) == numbers


def test_nothing_looked_for_is_no_search() -> None:
    """Blanks, quotation marks with nothing in them and what cannot be seen ask for nothing."""
    assert [sought(text) for text in ("", "  ", '""', '" "', "\0\u200b", "«»")] == [None] * 6


def test_headline_and_text_are_one_text(shelf: Shelf) -> None:
    """Of two words one may stand in the headline and the other in the text; a phrase stands in one of them."""
    shelf.put("It opens in May.", headline="Harbour Lights")
    assert shelf.found("harbour may") == {1}
    assert shelf.found('"lights it"') == set()


def test_long_question_is_asked_whole(shelf: Shelf) -> None:
    """Of ten thousand characters every word counts."""
    words = [f"w{number}" for number in range(1900)]
    shelf.put(" ".join(words), " ".join(words[:-1]))
    indexing.add_texts(shelf.store, most=1)
    question = " ".join(words)
    assert len(question) > 10_000
    assert shelf.found(question) == {1}
    assert shelf.found("x " * 5000) == set()


ANY = st.text(max_size=40)


@settings(deadline=None, max_examples=150)
@given(texts=st.lists(ANY, min_size=1, max_size=3), question=ANY, indexed=st.integers(1, 3))
def test_any_text_is_found_by_itself_and_any_question_is_answered(
    one_shelf: Shelf, texts: Sequence[str], question: str, indexed: int
) -> None:
    """No question is an error, and every text is found by all of its own words."""
    shelf = cleared(one_shelf)
    kept = [clean_text(text, limit=1000) for text in texts]
    shelf.put(*kept)
    numbers = list(shelf.held)
    indexing.add_texts(shelf.store, most=indexed)
    assert shelf.found(question) <= set(numbers)
    for number, text in zip(numbers, kept, strict=True):
        assert number in shelf.found(text), text


WORDS = (
    "dune",
    "Düne",
    "dunes",
    "Ana",
    "ANALYST",
    "de",
    "März",
    "marz",
    "6",
    "60",
    "x-ray",
    "x",
    "ray",
    "🎬",
    "灯",
    "灯台",
    "fin.",
)
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
QUESTION = st.lists(st.sampled_from((*WORDS, "d", "an", '"x ray"', '"de Ana"', '"dune', "-", "*", "OR")), max_size=4).map(
    " ".join
)


def plainest(text: str) -> list[str]:
    """The words of a text, without case and accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare.lower())


def has(text: str, question: str) -> bool:
    """Whether a text has what is looked for, found in the plainest way."""
    words = plainest(text)
    phrases = re.findall('"([^"]*)"', question)
    others = re.sub('"[^"]*"', " ", question).replace('"', " ").split()
    lettered = [word for word in others if plainest(word)]
    if "灯" in question or not (lettered or phrases):
        return all(part.lower() in text.lower() for part in [*phrases, *lettered] or others)
    parts = [(phrase, True) for phrase in phrases] + [(word, False) for word in lettered]
    return all(_stands_in(plainest(part), words, whole=whole) for part, whole in parts)


def _stands_in(part: list[str], words: list[str], *, whole: bool) -> bool:
    runs = (words[n : n + len(part)] for n in range(len(words) - len(part) + 1))
    return any(run[:-1] == part[:-1] and (run[-1] == part[-1] if whole else run[-1].startswith(part[-1])) for run in runs)


@settings(deadline=None, max_examples=300)
@given(texts=st.lists(TEXT, max_size=5), question=QUESTION, indexed=st.integers(1, 5))
def test_search_finds_what_reading_everything_finds(one_shelf: Shelf, texts: Sequence[str], question: str, indexed: int) -> None:
    """What is found is what looking through every text finds, neither more nor less."""
    shelf = cleared(one_shelf)
    shelf.put(*texts)
    indexing.add_texts(shelf.store, most=indexed)
    assert shelf.found(question) == {number for number, text in shelf.held.items() if has(text, question)}


# ---- the index keeps in step


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 4)),
        st.tuples(st.just("index"), st.integers(1, 4)),
        st.tuples(st.just("drop"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.just(0)),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=80)
@given(steps=STEPS)
def test_index_keeps_in_step_whatever_comes_and_goes(one_shelf: Shelf, steps: Sequence[tuple[str, int]]) -> None:
    """However texts come, go and are moved to other places, each is found, and none that went."""
    shelf = cleared(one_shelf)
    for what, number in steps:
        if what == "put":
            shelf.put(f"alpha {WORDS[number]}")
        elif what == "index":
            indexing.add_texts(shelf.store, most=number)
        elif what == "drop" and shelf.held:
            shelf.drop(sorted(shelf.held)[number % len(shelf.held)])
        elif what == "move":
            shelf.move()
        assert shelf.found("alpha") == set(shelf.held)
        for word in {text.partition(" ")[2] for text in shelf.held.values()}:
            assert shelf.found(f'"{word}"') == {n for n, text in shelf.held.items() if has(text, f'"{word}"')}
    while indexing.add_texts(shelf.store):
        pass
    shelf.check()
    assert shelf.found("alpha") == set(shelf.held)


def test_housekeeping_fills_the_index(store: Store) -> None:
    """What polls bring is in the index once house was kept, and adds nothing to it again."""
    poll(store, item("a", "A lighthouse."), item("b", "A harbour."))
    Housekeeping(store, keep=timedelta(days=100)).work(NOW)
    assert store.connection.execute("SELECT count(*) FROM words WHERE words MATCH 'lighthouse OR harbour'").fetchone()[0] == 2
    assert indexing.add_texts(store) == 0


def test_text_that_goes_takes_its_words_along(store: Store) -> None:
    """What retention removes is found no more, and leaves nothing in the index."""
    store.note(lived_s="0", lived_at="2025-03-01T00:00:00+00:00")
    poll(store, item("old", "A lighthouse."))
    poll(store, item("new", "A harbour."))
    indexing.add_texts(store)
    store.connection.execute("UPDATE feed SET listed_on = 5000")
    store.connection.execute("UPDATE item SET listed_on = 5000 WHERE guid = 'new'")
    store.connection.commit()
    assert retention.sweep(store, after=0, before=4000).items == 1
    asked = "SELECT count(*) FROM words WHERE words MATCH ?"
    assert [store.connection.execute(asked, [word]).fetchone()[0] for word in ("lighthouse", "harbour")] == [0, 1]
    store.connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")


def test_index_is_not_begun_anew_for_a_text_that_goes(shelf: Shelf) -> None:
    """Whichever text goes, the last one too, the others stay in the index; only where texts were moved it is begun anew."""
    shelf.put("one", "two", "three", "four", "five")
    indexing.add_texts(shelf.store, most=4)
    shelf.drop(2, 4)
    assert indexing.add_texts(shelf.store) == 1
    shelf.drop(5)
    assert indexing.add_texts(shelf.store) == 0
    shelf.move()
    assert shelf.found("three") == {3}
    assert indexing.add_texts(shelf.store) == 2
    shelf.check()


@pytest.mark.parametrize("block", ["zeroblob(4)", "x'00'"])
def test_damaged_index_is_made_anew(store: Store, block: str) -> None:
    """An index that is damaged ends nothing: at the next step it is filled anew, and all is found again."""
    poll(store, item("a", "A lighthouse."))
    indexing.add_texts(store)
    store.close()
    with closing(sqlite3.connect(store.path)) as db:
        db.execute(f"UPDATE words_data SET block = {block} WHERE id = 10")
        db.commit()
    with Store(store.path) as again:
        poll(again, item("b", "Two lighthouses."))
        assert indexing.add_texts(again) == 0
        assert indexing.add_texts(again) == 2
        found = "SELECT count(*) FROM words WHERE words MATCH 'lighthouse*'"
        assert again.connection.execute(found).fetchone()[0] == 2


def test_text_that_was_changed_by_hand_may_go(store: Store) -> None:
    """Texts that somebody wrote over in the file go with the others, though the index has other words of them."""
    poll(store, *(item(f"n{number}", f"text{number} lighthouse") for number in range(6)))
    indexing.add_texts(store)
    store.connection.execute("UPDATE item_version SET body = 'entirely other words'")
    store.connection.execute("UPDATE feed SET listed_on = 5000")
    store.note(lived_s=str(4000 * 86400), lived_at="2025-03-01T00:00:00+00:00")
    store.connection.commit()
    house = Housekeeping(store, keep=timedelta(days=100))
    for minute in range(5):
        house.work(NOW + timedelta(minutes=minute))
    assert store.connection.execute("SELECT count(*) FROM item_version").fetchone()[0] == 0


def test_damage_elsewhere_is_not_kept_quiet(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not the index that is damaged the error comes out at the next step."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnusable("damaged")

    monkeypatch.setattr(retention, "sweep", fail)
    house = Housekeeping(store, keep=timedelta(days=100))
    house.work(NOW)
    with pytest.raises(StoreUnusable):
        house.work(NOW + timedelta(minutes=1))


def test_filling_is_one_short_transaction(store: Store) -> None:
    """Of many texts so many go in at once, and the next step goes on behind them."""
    poll(store, *(item(f"n{number}", f"text{number}") for number in range(5)))
    assert [indexing.add_texts(store, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_search_needs_no_right_to_write(store: Store, tmp_path: Path) -> None:
    """In a directory that nobody may write to a search finds what is indexed and what is not."""
    poll(store, item("a", "A lighthouse."))
    indexing.add_texts(store)
    poll(store, item("b", "Two lighthouses."))
    store.close()
    with closing(sqlite3.connect(f"{(tmp_path / 'watcher.db').as_uri()}?immutable=1", uri=True)) as reader:
        reader.row_factory = sqlite3.Row
        found = browsing.items(reader, Asked(words=sought("lighthouse")), limit=10)
    assert found.total == 2


def test_sqlite_without_full_text_search_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite was built without FTS5 the error says so and what to do, and no table is made."""
    connect = sqlite3.connect

    class Older(sqlite3.Connection):
        def execute(self, sql: str, *given: object) -> sqlite3.Cursor:  # type: ignore[override]
            return super().execute(sql.replace("'fts5'", "'fts99'"), *given)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite3, "connect", lambda path, **how: connect(path, factory=Older, **how))
    with pytest.raises(StoreUnusable, match=r"no full-text search \(FTS5\); run watcher with another Python"):
        Store(tmp_path / "watcher.db")
    monkeypatch.undo()
    with closing(sqlite3.connect(tmp_path / "watcher.db")) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0


# ---- what is asked for


def headlines(store: Store, limit: int = 10, **asked: object) -> list[str]:
    """The headlines of what is found, in the order in which they come."""
    with closing(ask.open_reader(store.path)) as reader:
        return [one.source.title for one in browsing.items(reader, Asked(**asked), limit=limit).items]  # type: ignore[arg-type]


def test_newest_come_first_and_undated_ones_by_when_they_came(store: Store) -> None:
    """Items stand in the order of their publication, those without a date where they came in; the rest is counted."""
    poll(store, item("a", title="first", on="2025-01-01"), item("b", title="third", on="2025-02-20"))
    undated = Item(guid="c", title="undated", body="", digest="d")
    poll(store, undated, item("d", title="second", on="2025-02-01"), days=1)
    assert headlines(store) == ["undated", "third", "second", "first"]
    assert headlines(store, limit=2) == ["undated", "third"]
    with closing(ask.open_reader(store.path)) as reader:
        assert browsing.items(reader, Asked(), limit=1).total == 4


def test_every_fate_is_found_by_its_name(store: Store) -> None:
    """Asked for a fate the items of that fate come, each says of itself that it has it, and no item is of none."""
    poll(store, item("told", title="told"), item("unnamed", title="unnamed"), said={"told": release("2026-06-05", "The Ledger")})
    poll(store, item("again", title="again"), said={"again": release("2026-06-05", "The Ledger")})
    poll(
        store,
        item("join", title="join"),
        item("move", title="move"),
        said={"join": credit(Status.JOINS), "move": moved("2026-07-03", None)},
    )
    store.connection.execute(
        "UPDATE reading SET verdict = 'other', outcome = 'read: another year' WHERE id LIKE '%' AND source IN "
        "(SELECT id FROM source WHERE title = 'join')"
    )
    store.connection.execute(
        "UPDATE reading SET outcome = ? WHERE source IN (SELECT id FROM source WHERE title = 'move')", [browsing.SAYS_NOTHING]
    )
    store.connection.execute("UPDATE item SET ignored_at = '2025-03-01T12:00:00+00:00' WHERE guid = 'unnamed'")
    store.connection.commit()
    poll(store, item("plain", title="plain"))
    by_fate = {str(fate): headlines(store, fate=fate) for fate in Fate}
    assert {fate: sorted(found) for fate, found in by_fate.items()} == {
        "told": ["told"],
        "silent": ["again"],
        "nothing": ["move"],
        "other": ["join"],
        "unnamed": ["plain"],
        "ignored": ["unnamed"],
    }
    assert sorted(head for found in by_fate.values() for head in found) == sorted(headlines(store))


def test_fate_and_title_hold_together(store: Store) -> None:
    """Of what was discarded, or names nothing, only that comes which names the title that is asked for."""
    poll(store, item("a", title="named"), item("b", title="nameless"), said={"a": release("2026-06-05", "The Ledger")})
    store.connection.execute("UPDATE item SET ignored_at = '2025-03-01T12:00:00+00:00'")
    store.connection.commit()
    assert sorted(headlines(store, fate=Fate.IGNORED)) == ["named", "nameless"]
    assert headlines(store, fate=Fate.IGNORED, title=TITLE.id) == ["named"]
    store.connection.execute("UPDATE item SET ignored_at = NULL")
    store.connection.commit()
    assert headlines(store, fate=Fate.UNNAMED, title=TITLE.id) == []
    assert headlines(store, fate=Fate.UNNAMED) == ["nameless"]
    assert headlines(store, fate=Fate.UNNAMED, title="another") == []


def test_edit_and_page_are_one_item(store: Store) -> None:
    """An item whose text was edited is found once, by what it says now."""
    poll(store, item("a", "A lighthouse.", title="one"))
    poll(store, item("a", "A harbour.", title="two", digest="edited"))
    for _ in range(2):
        assert headlines(store, words=sought("lighthouse")) == []
        assert headlines(store, words=sought("harbour")) == ["two"]
        indexing.add_texts(store)
