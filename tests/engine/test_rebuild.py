"""A rebuild reads all that is stored as it is read today, folds it from nothing, shows what differs, and alerts nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, OUTLETS, TITLE, credit, feed_state, item, moved, release, sentence, world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.catalogue import builtin
from watcher.decide.arrivals import item_id
from watcher.decide.intents import LinkedPage, Plan
from watcher.decide.pages import as_one
from watcher.decide.rereading import apart
from watcher.edtf import Edtf
from watcher.follow import take_page
from watcher.learn import World, take, take_known
from watcher.model import Cause, Confidence, Evidence, Feed, Known, Status, Title, Work
from watcher.parse import Page
from watcher.read import Reader
from watcher.rebuild import Rebuilt, rebuild
from watcher.store import ask
from watcher.store.store import Store
from watcher.store.stored import CHUNK
from watcher.userword import discard, fix

FEED = Feed(url="https://example.org/feed", outlet="The Ledger")
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose title is past its silent start, and whose feed was polled before."""
    with Store(tmp_path / "watcher.db") as opened:
        start(opened)
        yield opened


def start(store: Store, titles: Sequence[Title] = (TITLE,)) -> None:
    """Title and feed as if they had been watched for a while."""
    store.configure(titles, [FEED], NOW, [NOW])
    past = feed_state(FEED.url, polled=NOW - HOUR)
    store.apply(Plan(at=NOW, feeds=(past,), learned=tuple(title.id for title in titles)))


def learn(store: Store, told: World, guid: str, *, hours: int = 0, text: str = "") -> str:
    """An item comes in, read as that world reads it. Returns its id."""
    at = NOW + hours * HOUR
    take(store, told, FEED, [item(guid, text, on=at, digest=text or "first")], after=feed_state(FEED.url, polled=at), now=at)
    return item_id(FEED.url, guid)


def scripted(**claims: Sequence[Evidence]) -> World:
    """A world whose reader finds these claims in the items of these guids."""
    return world({guid: [e.claim for e in said] for guid, said in claims.items()})


def run(store: Store, there: World, *, keep: bool = False, titles: Sequence[Title] = (TITLE,)) -> Rebuilt:
    """A rebuild."""
    return rebuild(store, there, LATER, titles=titles, keep=keep)


def held(store: Store) -> list[str]:
    """What is held true, in short."""
    return [f"{fact.key}={fact.value}" for fact in ask.facts(store.connection)]


US = "harbor/release/US/theatrical"


def test_nothing_differs_where_nothing_is_read_otherwise(store: Store) -> None:
    """With the readers of the day on which it came in, a rebuild finds no difference and writes nothing, even to keep."""
    there = scripted(a=[release("2026-06-05")], b=[moved("2027-06-04", "2026-06-05")], c=[credit(Status.JOINS, "Ada Quill")])
    for hours, guid in enumerate("abc"):
        learn(store, there, guid, hours=hours)
    fix(store, there, TITLE, Known(on=NOW.date(), person="Ada Quill", status=Status.EXITS), NOW + 9 * HOUR, dated=False)
    before = list(store.connection.iterdump())
    done = run(store, there, keep=True)
    assert (done.texts, done.again, done.plan.facts) == (3, (), ())
    assert list(store.connection.iterdump()) == before


def test_a_better_reader_changes_the_facts_and_tells_nobody(store: Store) -> None:
    """A date that is read otherwise today is held so once kept: a new revision of cause rebuild, silent, and no alert more."""
    learn(store, scripted(a=[release("2026-06-05")]), "a")
    waiting = [tuple(row) for row in store.connection.execute("SELECT * FROM outbox")]
    better = scripted(a=[release("2026-09-04")])
    shown = run(store, better)
    assert held(store) == [f"{US}=2026-06-05"]
    kept = run(store, better, keep=True)
    for done in (shown, kept):
        (change,) = done.plan.changes
        assert (str(change.old), str(change.new), change.silent) == ("2026-06-05", "2026-09-04", "a rebuild alerts nobody")
        (one,) = done.again
        assert [[str(e.claim.date) for e in claims] for claims in (one.gone, one.come)] == [["2026-06-05"], ["2026-09-04"]]
    (fact,) = ask.facts(store.connection)
    assert (str(fact.value), fact.revision, fact.cause) == ("2026-09-04", 2, Cause.REBUILD)
    assert [tuple(row) for row in store.connection.execute("SELECT * FROM outbox")] == waiting


def test_a_claim_that_is_read_no_more_leaves_nothing(store: Store) -> None:
    """What only a bad reading said is held no more; what was told of it stays in the ledger and in the item's outcome."""
    name = learn(store, scripted(a=[release("2026-06-05")]), "a")
    run(store, world({}), keep=True)
    assert held(store) == []
    assert [str(fact.value) for fact in ask.revisions(store.connection, release("2026").key)] == ["2026-06-05", "nothing"]
    (fate,) = ask.outcomes(store.connection, item=name)
    assert fate.outcome.startswith("told: ")
    assert run(store, world({})).again == ()


def test_items_of_a_title_that_was_added_later_are_read(store: Store) -> None:
    """A title that nobody watched when its news came in gets its facts from the stored items."""
    learn(store, world({}), "a")
    assert ask.items_count(store.connection) == 1
    run(store, scripted(a=[release("2026-06-05")]), keep=True)
    assert held(store) == [f"{US}=2026-06-05"]


def test_the_users_word_stands_in_a_rebuild(store: Store) -> None:
    """Known values, values set by hand and discarded items count as the user left them."""
    known = replace(TITLE, known=(Known(on=NOW.date() - timedelta(days=90), release=Edtf("2026-05-01")),))
    there = replace(scripted(a=[release("2026-06-05")], b=[credit(Status.JOINS, "Ada Quill")]), titles=(known,))
    take_known(store, there, NOW)
    learn(store, there, "a")
    name = learn(store, there, "b", hours=1)
    discard(store, there, name, NOW + 2 * HOUR)
    fix(store, there, known, Known(on=NOW.date(), release=Edtf("2026-09-04")), NOW + 3 * HOUR, dated=False)
    better = replace(scripted(a=[release("2026-07-03")], b=[credit(Status.JOINS, "Ada Quill")]), titles=(known,))
    done = run(store, better, keep=True, titles=[known])
    assert len(done.again) == 1
    assert held(store) == [f"{US}=2026-09-04"]


def test_only_the_title_that_is_asked_for_is_rebuilt(store: Store) -> None:
    """Other titles keep their readings and facts."""
    other = Title(id="tide", name="Low Tide")
    store.configure([other], [], NOW, [])
    learn(store, scripted(a=[release("2026-06-05")]), "a")
    better = replace(scripted(a=[release("2026-09-04")]), titles=(TITLE, other))
    assert run(store, better, keep=True, titles=[other]).again == ()
    assert held(store) == [f"{US}=2026-06-05"]


def test_only_the_text_that_counts_now_is_read(store: Store) -> None:
    """Of an edited item its last version alone is read again."""
    texts = {"a#One.": [release("2026-06-05").claim], "a#Two.": [release("2026-09-04").claim]}
    for hours, text in enumerate(("One.", "Two.")):
        learn(store, world(texts), "a", hours=hours, text=text)
    assert run(store, world(texts)).again == ()
    better = world({"a#One.": [release("2026-01-02").claim], "a#Two.": texts["a#Two."]})
    assert run(store, better).again == ()


def test_news_goes_on_from_what_a_rebuild_left(store: Store) -> None:
    """A move from a date that a rebuild brought is told as one."""
    learn(store, scripted(a=[release("2026-06-05")]), "a")
    run(store, scripted(a=[release("2026-09-04")]), keep=True)
    later = LATER + HOUR
    told = scripted(b=[moved("2027-06-04", "2026-09-04")])
    take(store, told, FEED, [item("b", on=later)], after=feed_state(FEED.url, polled=later), now=later)
    change = ask.changes(store.connection)[-1]
    assert (str(change.kind), str(change.old), str(change.new), change.silent) == ("moved", "2026-09-04", "2027-06-04", None)


def test_a_fact_that_stays_rests_on_what_is_read_now(store: Store) -> None:
    """Where the same is read in other words, no fact differs, and a second voice later makes it sure as it would have."""
    press, second = Feed(url=FEED.url, outlet="Morning Reel"), Feed(url=FEED.url, outlet="Reel Talk")
    said = release("2026-06-05").claim
    take(store, world({"a": [said]}), press, [item("a")], after=feed_state(FEED.url, polled=NOW), now=NOW)
    done = run(store, world({"a": [replace(said, rule="better", sentence=sentence("It says so too."))]}), keep=True)
    assert (len(done.again), done.again[0].says_else, done.plan.changes) == (1, False, ())
    (fact,) = ask.facts(store.connection)
    assert {e.claim.rule for e in ask.evidence_by_id(store.connection, fact.evidence)} == {"better"}
    assert fact.confidence is Confidence.REPORTED
    later = LATER + HOUR
    take(store, world({"b": [said]}), second, [item("b", on=later)], after=feed_state(FEED.url, polled=later), now=later)
    (fact,) = ask.facts(store.connection)
    assert fact.confidence is Confidence.CONFIRMED


def test_more_texts_than_fit_a_chunk_are_all_read(store: Store) -> None:
    """Every stored text is read once, and the progress ends at their number."""
    there = world({})
    items = [item(f"n{number}", digest=str(number)) for number in range(2 * CHUNK + 1)]
    take(store, there, FEED, items, after=feed_state(FEED.url, polled=NOW), now=NOW)
    told: list[tuple[int, int]] = []
    done = rebuild(store, there, LATER, titles=[TITLE], keep=False, progress=lambda now, of: told.append((now, of)))
    assert (done.texts, told[-1], len(told)) == (401, (401, 401), 3)


def test_what_came_in_meanwhile_is_not_overwritten(store: Store) -> None:
    """An item that is edited while a rebuild reads keeps the reading of its new text."""
    learn(store, scripted(a=[release("2026-06-05")]), "a")

    def edit(*_: int) -> None:
        learn(store, scripted(a=[release("2026-10-02")]), "a", hours=5, text="Edited.")

    rebuild(store, scripted(a=[release("2026-09-04")]), LATER, titles=[TITLE], keep=True, progress=edit)
    assert held(store) == [f"{US}=2026-10-02"]


_SAID = st.lists(
    st.sampled_from(
        [
            release("2026-06-05"),
            release("2026-06"),
            release("2026-09-04", region="GB"),
            moved("2027-06-04", "2026-06-05"),
            release("unset"),
            credit(Status.JOINS, "Ada Quill"),
            credit(Status.LISTED, "Quill"),
            credit(Status.EXITS, "Ada Quill"),
            credit(Status.JOINS, "Orla Finch", job="director"),
        ]
    ),
    max_size=3,
)


@given(before=st.lists(_SAID, max_size=6), after=st.lists(_SAID, min_size=6, max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_second_rebuild_differs_by_nothing(
    tmp_path_factory: pytest.TempPathFactory, before: list[list[Evidence]], after: list[list[Evidence]]
) -> None:
    """Whatever was read before and is read now, once a rebuild is kept another one has nothing to change."""
    with Store(tmp_path_factory.mktemp("rebuild") / "watcher.db") as store:
        start(store)
        for number, said in enumerate(before):
            learn(store, scripted(**{f"i{number}": said}), f"i{number}", hours=number)
        now = scripted(**{f"i{number}": said for number, said in enumerate(after)})
        shown = run(store, now)
        kept = run(store, now, keep=True)
        assert (shown.again, shown.plan) == (kept.again, kept.plan)
        again = run(store, now, keep=True)
        assert (again.again, again.plan.facts, again.plan.changes) == ((), (), ())


# ---- pages, read with the real reader

TEASER = "Mira Solis sails again in the thriller."
HEADLINE = "Harbor Lights Gets a Release Date"
DATED = "Harbor Lights, starring Mira Solis, will be released in theaters on June 5, 2026."


def real() -> World:
    """A world with the real reader."""
    return replace(world({}), readers=(Reader((TITLE,), OUTLETS.outlets),))


def with_page(store: Store, page: Page, *, teaser: str = TEASER) -> str:
    """An item comes in, and then the page behind it. Returns the item's id."""
    there = real()
    came = item("a", teaser, title=HEADLINE)
    take(store, there, FEED, [came], after=feed_state(FEED.url, polled=NOW), now=NOW)
    name = item_id(FEED.url, "a")
    linked = LinkedPage(item=name, url=page.url, host="example.org", story="s", due_at=NOW, wanted_at=NOW)
    take_page(store, there, linked, page, NOW + HOUR, rest=timedelta(0))
    return name


@pytest.mark.parametrize(
    "works",
    [(), (Work(name="Harbor Lights", date=Edtf("2026-06-05"), actors=("Mira Solis", "Ada Quill")),)],
    ids=["text alone", "with data"],
)
def test_a_page_is_read_again_as_it_was_read(store: Store, works: tuple[Work, ...]) -> None:
    """Page and item are told apart again in the stored text, and what the page's own data said is kept: nothing differs."""
    page = Page(url="https://example.org/a", title=HEADLINE, text=f"{DATED}\nNobody said more.", works=works)
    with_page(store, page, teaser=f"{TEASER} It opens on May 1, 2026 in theaters.")
    assert f"{US}=2026-06-05" in held(store)
    assert run(store, real()).again == ()


def test_page_and_item_are_told_apart() -> None:
    """The lines that only the feed had are taken off a page's stored text, however many they are."""
    alone, rest = (
        Page(url="https://example.org/a", title="On the page", text="One.\nTwo."),
        ("", "Three.", "Three.\nOne.", "Two."),
    )
    for body in rest:
        came = item("a", body, title="In the feed")
        page, whole = as_one(came, alone, NOW)
        assert apart(whole, came) == replace(page, body=page.body)


@given(
    st.lists(st.sampled_from(["a b", "c d", "e f", "c d e f"]), max_size=5),
    st.lists(st.sampled_from(["a b", "c d", "x y"]), max_size=4),
)
def test_telling_apart_never_loses_a_word(text: list[str], more: list[str]) -> None:
    """Whatever stands on a page and in its item, the part taken for the page together with the item makes the whole again."""
    came = item("a", "\n".join(more), title="In the feed")
    _, whole = as_one(came, Page(url="https://example.org/a", title="On the page", text="\n".join(text)), NOW)
    found = apart(whole, came)
    again = as_one(came, Page(url="https://example.org/a", title=found.title, text=found.body), NOW)[1]
    assert again.body == whole.body


def test_the_history_that_comes_with_watcher_stands_in_a_rebuild(tmp_path: Path) -> None:
    """Folded from nothing, the known values of the built-in titles lead to the facts that they led to one by one."""
    with Store(tmp_path / "watcher.db") as store:
        titles = builtin().titles
        there = world({}, titles=titles)
        there = replace(there, judge=replace(there.judge, catalogue=builtin()))
        start(store, titles)
        take_known(store, there, NOW + timedelta(days=900))
        done = run(store, there, keep=True, titles=titles)
        assert (done.plan.facts, done.plan.changes) == ((), ())
