"""`status`, `why` and `history`: the answer first, the evidence behind it, and nothing that must not be printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, OUTLETS, TITLE, credit, item, moved, release, sentence, world
from desks import CONFIG, FEED, SECRET, Desk
from hypothesis import given
from hypothesis import strategies as st
from messages import BRITISH

from watcher.board.grounds import would_change
from watcher.board.words import moment_in_words, span_in_words
from watcher.catalogue import builtin
from watcher.cli import common, layout
from watcher.cli.asking import holder
from watcher.cli.audience import audience
from watcher.config import Config, Policy
from watcher.decide.fold import Checkpoint
from watcher.decide.intents import Plan
from watcher.decide.known import known_plans
from watcher.decide.marks import fold
from watcher.decide.policy import Judge
from watcher.edtf import Edtf
from watcher.errors import UsageError
from watcher.learn import take, take_known
from watcher.lock import StateLock
from watcher.model import Confidence, Evidence, Fact, Feed, FeedState, Modality, Reading, ReleaseType, Status, Target, Verdict
from watcher.store import ask, rows
from watcher.store.outbox import Outbox
from watcher.store.store import Store
from watcher.tell.dates_in_words import AMERICAN


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the time stands still, a little after the news."""
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(hours=1))
    return Desk(tmp_path)


# ---- before anything is stored


def test_first_minute_shows_what_comes_with_watcher(desk: Desk) -> None:
    """Without a store the built-in history is on the screen, with what to do next, and nothing is written."""
    desk.write('[watcher]\nstate = "STATE"\ntimezone = "UTC"\nregions = ["US"]\n')
    lines = desk.out("status").splitlines()
    assert lines[0].startswith("BALLERINA  Opens Friday, June 6, 2025, in US cinemas")
    assert lines[0].endswith("in 97 days")
    assert "Moved once: it was June 7, 2024." in " ".join(" ".join(lines[:4]).split())
    assert lines[-1] == "Nothing stored yet: so much is known beforehand. Start with: watcher run"
    assert "June 7, 2024 -> June 6, 2025" in desk.out("history")
    assert "held until Feb 21, 2024" in desk.out("why", "ballerina")
    assert list(desk.state.iterdir()) == []


def test_known_values_make_the_ledger_that_a_store_makes(tmp_path: Path) -> None:
    """Facts, changes and claims from memory are those that the store holds once it has taken the known values in."""
    known = builtin()
    config = Config(timezone="UTC", regions=("US",), titles=known.titles, outlets=known)
    title, judge = known.titles[0], Judge(catalogue=known, policy=Policy())
    ledger = known_plans(title, judge, audience(config), NOW)
    house = replace(world(titles=known.titles), judge=judge, catalogue=known, audience=audience(config))
    with Store(tmp_path / "watcher.db") as store:
        store.configure(known.titles, [], NOW, [])
        take_known(store, house, NOW)
        db = store.connection
        assert {f.key for f in ledger.facts} == {f.key for f in ask.facts(db)}
        for key in {f.key for f in ledger.facts}:
            assert [f for f in ledger.facts if f.key == key] == ask.revisions(db, key)
            assert sorted((e for e in ledger.evidence if e.key == key), key=lambda e: e.order) == ask.evidence(db, key)
        assert {c.id: c for c in ledger.changes} == {c.id: c for c in ask.changes(db)}


# ---- status


def test_status_answers_in_its_first_line(desk: Desk) -> None:
    """The first line has the day in full and the days to go, the next who says so, and the move it made."""
    desk.learn(release("2025-06-05", "The Ledger"), moved("2025-09-12", "2025-06-05", "The Ledger"))
    first, second, *rest = desk.out("status").splitlines()
    assert re.fullmatch(r"HARBOR  Opens Friday, September 12, 2025, in US cinemas +in 195 days", first)
    assert len(first) == 80
    assert second == "  Confirmed by The Ledger. Moved once: it was June 5, 2025."
    assert "  US  cinemas  Fri  Sep 12, 2025  confirmed  The Ledger, Mar 1, 2025" in rest


def test_status_is_no_surer_than_the_news(desk: Desk) -> None:
    """A season is counted as a range, and a rumour says that the film may open."""
    desk.learn(release("2026-22", "Reel Talk", modality=Modality.RUMOURED))
    first, second, *_ = desk.out("status").splitlines()
    assert re.fullmatch(r"HARBOR  May open in summer 2026, US cinemas +in 426 to 570 days", first)
    assert second == "  Rumoured by Reel Talk; not confirmed yet."


def test_status_puts_everybody_where_they_stand(desk: Desk) -> None:
    """Who is in, in talks, rumoured or gone stands apart, and the director is named as such."""
    desk.learn(
        credit(Status.JOINS, "Ada Quill", "The Ledger"),
        credit(Status.IN_TALKS, "Bo Tarn", "The Ledger"),
        credit(Status.RUMOURED, "Cy Dorn", "Reel Talk"),
        credit(Status.JOINS, "Di Vane", "The Ledger"),
        credit(Status.EXITS, "Di Vane", "The Ledger"),
        credit(Status.JOINS, "Ed Moor", "The Ledger", job="director"),
    )
    screen = desk.out("status")
    for line in ("Ada Quill.", "In talks: Bo Tarn.", "Rumoured: Cy Dorn.", "Left: Di Vane.", "Directed by Ed Moor."):
        assert f"\n  {line}\n" in screen


def test_status_tells_which_feeds_fail_and_since_when(desk: Desk) -> None:
    """A feed that fails has its reason, its last answer and its next try; one that was never asked is no failure."""
    desk.write(CONFIG + '[[feed]]\nurl = "https://example.org/new"\noutlet = "New One"\n')
    with desk.store() as store:
        failing = FeedState(
            url=FEED.url,
            next_poll_at=NOW + timedelta(hours=5),
            first_ok_at=NOW - timedelta(days=9),
            last_ok_at=NOW - timedelta(days=2),
            last_poll_at=NOW,
            failures=3,
            status=403,
            error="refuses us (403)",
        )
        store.apply(Plan(at=NOW, feeds=(failing,)))
        store.note(pid=str(os.getpid()), started_at=rows.stamp(NOW), pass_at=rows.stamp(NOW + timedelta(minutes=59)))
    with StateLock(desk.state):
        screen = " ".join(desk.out("status").split())
    assert "Running since 12:00; last pass 12:59." in screen
    assert "0 of 2 feeds answer, 1 not asked yet. Next poll 17:00." in screen
    assert "The Ledger: refuses us (403); last answer Thursday 12:00. Next try 17:00." in screen


def test_status_tells_of_feeds_that_ended_or_fell_silent(desk: Desk) -> None:
    """A feed that is gone has no next try, and one that answers but brings nothing any more is told of."""
    gone = FeedState(
        url=FEED.url, next_poll_at=NOW, last_poll_at=NOW, failures=1, failing_since=NOW, gone_at=NOW, status=410, error="410 Gone"
    )
    silent = replace(
        gone, failures=0, gone_at=None, error=None, last_ok_at=NOW, next_poll_at=NOW + timedelta(hours=5), items=9, dated=9
    )
    silent = replace(silent, window_s=9 * 86_400, newest_at=NOW - timedelta(days=60))
    for state, said in ((gone, "410 Gone; it never answered. It is not asked any more."), (silent, "nothing new comes")):
        with desk.store() as store:
            store.apply(Plan(at=NOW, feeds=(state,)))
            store.note(pid=str(os.getpid()), started_at=rows.stamp(NOW), pass_at=rows.stamp(NOW))
        with StateLock(desk.state):
            screen = " ".join(desk.out("status").split())
        assert f"The Ledger{':' if state is gone else ' answers, but'} {said}" in screen
        assert ("Next poll" in screen) == (state is silent)


def test_status_tells_what_waits_for_a_target(desk: Desk) -> None:
    """What waits for a target, its error and the next try are told by its name alone."""
    desk.learn(release("2025-06-05", "The Ledger"))
    later = NOW + timedelta(minutes=20)
    with desk.store() as store:
        outbox = Outbox(store)
        delivery = outbox.claim(Target(name="phone"), later)
        assert delivery is not None
        outbox.failed(delivery, "the server is busy", later, timedelta(hours=1))
    assert "phone: 1 waiting, failing since 12:20 (the server is busy), next try 13:20." in " ".join(desk.out("status").split())
    (target,) = desk.json("status")["targets"]  # type: ignore[misc]
    assert target["waiting"] == 1  # type: ignore[has-type]


@pytest.mark.parametrize(
    ("number", "held", "minutes", "words"),
    [
        ("own", True, 1, "Running since"),
        ("own", True, 50, "seems stuck"),
        ("own", False, 1, "not running; last pass"),
        ("other", True, 1, "is at work, but is not the daemon"),
    ],
)
def test_daemon_is_what_holds_the_lock_and_noted_itself(desk: Desk, number: str, held: bool, minutes: int, words: str) -> None:
    """Only the process that noted itself and holds the lock is the running daemon; a number left by a dead one is none."""
    with desk.store() as store:
        last = rows.stamp(NOW + timedelta(minutes=60 - minutes))
        store.note(pid=str(os.getpid() if number == "own" else 1), started_at=rows.stamp(NOW), pass_at=last)
    if held:
        with StateLock(desk.state):
            screen = desk.out("status")
    else:
        (desk.state / "lock").write_text(f"{os.getpid()}\n", encoding="ascii")
        screen = desk.out("status")
        assert holder(desk.state) is None
    assert words in " ".join(screen.split())


def test_several_titles_are_a_line_each_soonest_first(desk: Desk) -> None:
    """With several titles what comes first stands first, what is out comes last, and a hint says how to see one."""
    ahead, out, soon = ('name = "{}"\nknown = [{{ release = "{}", on = "2024-01-01" }}]\n'.format(*t) for t in (
        ("Glass Orchard", "2026-05-01"), ("Old Tide", "2024-05-01"), ("Paper Moth", "2025-05-02")))  # fmt: skip
    desk.write(CONFIG + "".join(f"[[title]]\n{title}" for title in (ahead, out, soon)))
    lines = desk.out("status").splitlines()
    assert [line.split("  ")[0] for line in lines[:6]] == [
        "Paper Moth",
        "Glass Orchard",
        "Harbor",
        "Old Tide",
        "",
        "One of them:",
    ]
    assert lines[0].endswith("in 62 days    your word")
    assert lines[5].startswith("One of them:  watcher status paper-moth ")
    assert desk.out("status", "old tide").startswith("OLD TIDE  Released Wednesday, May 1, 2024, in US cinemas")


def test_as_of_a_day_shows_what_was_held_then(desk: Desk) -> None:
    """`--as-of` counts from that day and knows nothing that was recorded later; how the service fared nobody remembers."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(moved("2025-09-12", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=2))
    then = desk.json("status", "--as-of", "2025-03-02")
    (title,) = then["titles"]  # type: ignore[misc]
    assert title["countdown"]["date"] == "2025-06-05"  # type: ignore[has-type]
    assert title["countdown"]["days"] == [95, 95]  # type: ignore[has-type]
    assert "feeds" not in then
    early = desk.out("status", "--as-of", "2025-02-01")
    assert early.startswith("HARBOR  No release date is known yet\n")
    assert "before the first record, of March 1, 2025" in " ".join(early.split())
    assert "September" not in desk.out("why", "harbor", "--as-of", "2025-03-02")
    assert "->" not in desk.out("history", "--as-of", "2025-03-02")
    assert isinstance(desk.run("status", "--as-of", "someday").exception, UsageError)


# ---- why


def test_why_counts_every_origin_once(desk: Desk) -> None:
    """Voices are independent origins with sentence and link; who only credits one of them is named and not counted."""
    desk.learn(
        release("2025-06-05", "The Ledger"),
        release("2025-06-05", "Morning Reel"),
        release("2025-06-05", "Copycat", credits="The Ledger"),
    )
    screen = desk.out("why", "harbor")
    assert re.match(r"Harbor, US cinemas: Thursday, June 5, 2025 +CONFIRMED\n", screen)
    assert "FOR IT  2 voices" in screen
    assert "  Mar 1, 2025   The Ledger    trade\n      “It says so.”\n      https://example.org/item-1\n" in screen
    assert "Credits The Ledger, not counted again: Copycat." in screen
    first, second = desk.json("why", "harbor")["voices"]  # type: ignore[misc]
    assert (first["outlets"], second["outlets"]) == (["The Ledger"], ["Morning Reel"])  # type: ignore[has-type]
    assert first["repeats"] == [{"crediting": "The Ledger", "outlets": ["Copycat"]}]  # type: ignore[has-type]


def test_why_shows_what_was_held_and_what_was_never_believed(desk: Desk) -> None:
    """A date that moved stands with the time it was held, and one that a lone outlet told stands as not believed."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(
        release("2025-07-18", "Reel Talk"),
        moved("2025-09-12", "2025-06-05", "The Ledger"),
        at=NOW + timedelta(days=1),
    )
    screen = desk.out("why", "harbor")
    assert "BEFORE IT\n  Mar 1, 2025   June 5, 2025  held until Mar 2, 2025\n" in screen
    link = "https://example.org/item-2"
    assert (
        f"AGAINST IT  not believed\n  Mar 2, 2025   July 18, 2025  Reel Talk alone\n      “It says so.”\n      {link}\n" in screen
    )
    (rival,) = desk.json("why", "harbor")["rivals"]  # type: ignore[misc]
    assert (rival["value"], rival["manner"], rival["claim"]["link"]) == ("2025-07-18", "other", link)  # type: ignore[has-type]


def test_why_names_whoever_denies_it_or_still_says_what_was_given_up(desk: Desk) -> None:
    """A denial of the date that is held, and a date told again after it was given up, stand against it with who says so."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(moved("2025-09-12", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=1))
    desk.learn(
        release("2025-09-12", "Reel Talk", modality=Modality.DENIED),
        release("2025-06-05", "Third Voice"),
        at=NOW + timedelta(days=2),
    )
    against = desk.out("why", "harbor").partition("AGAINST IT")[2].partition("BEFORE IT")[0]
    assert re.search(r"Mar 3, 2025 +not September 12, 2025 +Reel Talk alone\n", against)
    assert re.search(r"Mar 3, 2025 +June 5, 2025 again +Third Voice alone\n", against)
    assert "AGAINST IT" not in desk.out("why", "harbor", "--as-of", "2025-03-02")


def test_why_holds_nobody_behind_the_news_against_it(desk: Desk) -> None:
    """Of somebody who is in, talks are only older news and contradict nothing, and a report that they left does."""
    desk.learn(credit(Status.JOINS, "Ada Quill", "The Ledger"), credit(Status.IN_TALKS, "Ada Quill", "Reel Talk"))
    assert "AGAINST IT" not in desk.out("why", "harbor", "quill")
    desk.learn(credit(Status.EXITS, "Ada Quill", "Reel Talk", modality=Modality.RUMOURED))
    assert re.search(r"AGAINST IT +not believed\n +Mar 1, 2025 +leaves +Reel Talk alone\n", desk.out("why", "harbor", "quill"))


def test_why_shows_every_voice_where_all_are_wanted(desk: Desk) -> None:
    """Of many voices the first are shown with the number of the others, and `--all` shows each."""
    desk.learn(*(release("2025-06-05", f"Voice {number}") for number in range(10)))
    short, whole = desk.out("why", "harbor"), desk.out("why", "harbor", "--all")
    assert "  and 2 more; --all shows them\n" in short
    assert "Voice 9" not in short
    assert "Voice 9" in whole
    assert "--all shows" not in whole


def test_why_knows_people_and_places_however_spelled(desk: Desk) -> None:
    """A person is found by surname or without accents, a release by country or kind; what is not held is an error that lists."""
    desk.learn(credit(Status.JOINS, "Zoë Quill", "The Ledger"), release("2025-06-06", "The Ledger", region="GB"))
    for asked in ("quill", "ZOE QUILL", "Zoë"):
        assert desk.out("why", "harbor", asked).startswith("Harbor, Zoë Quill: joins")
    for asked in ("GB", "uk", "GB/theatrical", "UK cinemas"):
        assert desk.out("why", "harbor", *asked.split()).startswith("Harbor, UK cinemas: Friday, June 6, 2025")
    refused = desk.run("why", "harbor", "FR").exception
    assert isinstance(refused, UsageError)
    assert str(refused).splitlines()[1:] == ["dates: GB", "people: Zoë Quill"]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("BRITAIN", "UK cinemas"),
        ("united kingdom", "UK cinemas"),
        ("mexico", "cinemas in Mexico"),
        ("México", "cinemas in Mexico"),
        ("Cinemas in Mexico", "cinemas in Mexico"),
        ("usa digital", "digital, US"),
        ("digital, US", "digital, US"),
    ],
)
def test_why_takes_a_place_as_it_is_printed_or_said(desk: Desk, asked: str, place: str) -> None:
    """A release is found by the words that the screens print, by what people call a country, in any case and with any accent."""
    digital = release("2025-08-01", "The Ledger", type=ReleaseType.DIGITAL)
    desk.learn(release("2025-06-06", "The Ledger", region="GB"), release("2025-06-06", "The Ledger", region="MX"), digital)
    assert desk.out("why", "harbor", asked).startswith(f"Harbor, {place}: ")


def test_why_asks_whether_somebody_near_was_meant(desk: Desk) -> None:
    """A name with a slip in it is no name that is held, and the error says which one comes near."""
    desk.learn(credit(Status.JOINS, "Zoë de Quill", "The Ledger"))
    for asked in ("quillman", "ZOO DE QUILLY"):
        assert "; did you mean Zoë de Quill?\n" in str(desk.run("why", "harbor", asked).exception)
    refused = desk.run("why", "harbor", "Nobody").exception
    assert str(refused) == "nothing is held of 'Nobody' for Harbor\npeople: Zoë de Quill"


def test_why_has_its_days_in_one_column(desk: Desk) -> None:
    """In all sections what follows a day begins in the same column, whatever the day."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(moved("2025-10-10", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=14))
    screen = desk.out("why", "harbor")
    assert "  Mar 15, 2025  The Ledger" in screen
    assert "  Mar 1, 2025   June 5, 2025" in screen


def test_why_item_tells_whom_it_told_or_why_nobody(desk: Desk) -> None:
    """An item's own page has its claims with their sentences, and to whom each change went or why to nobody."""
    desk.learn(release("2025-06-05", "The Ledger"), release("2025-06-05", "Reel Talk"))
    with Store(desk.state / "watcher.db") as store:
        told, untold = sorted(ask.outcomes(store.connection), key=lambda o: o.source.outlet != "The Ledger")
    page = desk.out("why", "harbor", told.item)
    assert "The Ledger, March 1, 2025; came in 12:00\n" in page
    assert "US cinemas: June 5, 2025; reported\n" in page
    assert "US cinemas, June 5, 2025: waits for phone, 12:10 at the earliest." in page
    assert "Told nobody: already known, confirmed since March 1, 2025." in desk.out("why", "harbor", untold.item)
    early = desk.run("why", "harbor", told.item, "--as-of", "2025-02-01").exception
    assert isinstance(early, UsageError)  # it had not come by then
    assert isinstance(desk.run("why", "harbor", "0123456789ab").exception, UsageError)


def test_why_names_what_only_shares_the_name(desk: Desk) -> None:
    """An item that means another work is listed with its id and the reason."""

    class Other:
        def read(self, *_: object) -> tuple[Reading, ...]:
            return (Reading(title=TITLE.id, reader="test", verdict=Verdict.OTHER, reasons=("names a harbor in Chile",)),)

    with desk.store() as store:
        after = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=NOW, last_ok_at=NOW, last_poll_at=NOW)
        house = replace(world(), readers=(Other(),))
        take(store, house, FEED, [item("other", title="The harbor reopens")], after=after, now=NOW)
        (fate,) = ask.outcomes(store.connection)
    desk.learn(release("2025-06-05", "The Ledger"))
    assert "About another work than Harbor.\n" in desk.out("why", "harbor", fate.item)
    screen = desk.out("why", "harbor")
    assert f"NOT ABOUT IT  1 item\n  {fate.item}  The Ledger: The harbor reopens\n" in screen
    assert "names a harbor in Chile" in screen


@pytest.mark.parametrize(
    ("held", "news", "moves"),
    [
        ("The Ledger", [moved("2025-09-12", None, "Reel Talk")], True),
        ("The Ledger", [release("2025-09-12", "Reel Talk", "2025-02-01")], False),
        ("The Ledger", [release("2025-09-12", name, "2025-02-01") for name in ("Reel Talk", "Third Voice")], True),
        ("Morning Reel", [release("2025-09-12", "Reel Talk", "2025-02-01")], False),
        ("Morning Reel", [release("2025-09-12", "The Ledger", "2025-02-01")], True),
    ],
)
def test_what_would_change_it_does(held: str, news: list[Evidence], moves: bool) -> None:
    """What `why` says would move a date moves it in the fold, and less than that does not."""
    judge = Judge(catalogue=OUTLETS, policy=Policy())
    first = release("2025-06-05", held)
    (start,) = fold(first.key, Checkpoint(), [first], judge)
    fact = Fact(
        key=first.key,
        revision=1,
        value=start.new,
        confidence=start.confidence,
        evidence=(first.id,),
        outlets=(held,),
        since=first.source.first_seen,
        recorded_at=NOW,
    )
    said = would_change(fact, date(2025, 2, 1), Policy())
    assert said.startswith("A report that the date moves, from press or better; or")
    assert ("two independent outlets that name another" in said) is (start.confidence is Confidence.CONFIRMED)
    steps = fold(first.key, Checkpoint(), [first, *news], judge)
    assert (str(steps[-1].new.date) == "2025-09-12") is moves


# ---- history


def test_history_goes_from_old_to_new_with_the_reason_of_silence(desk: Desk) -> None:
    """Changes stand on their days in the order of the news, old -> new, how sure and who; below the silent ones stands why."""
    desk.learn(release("2025-06-05", "Reel Talk"))
    desk.learn(release("2025-06-05", "The Ledger"), at=NOW + timedelta(minutes=1))
    desk.learn(moved("2025-09-12", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=2))
    lines = desk.out("history").splitlines()
    assert lines[0] == "HARBOR: 3 changes, March 1, 2025 to March 3, 2025"
    assert lines[1:-1] == [
        "",
        "2025",
        "  Mar  1   US cinemas: June 5, 2025                          reported, Reel Talk",
        "           US cinemas: June 5, 2025, now confirmed         confirmed, The Ledger",
        "             Not told: only confirms what was told.",
        "  Mar  3   US cinemas: June 5, 2025 -> September 12, 2025  confirmed, The Ledger",
        "",
    ]
    (title,) = desk.json("history")["titles"]  # type: ignore[misc]
    assert [change["kind"] for change in title["changes"]] == ["set", "confirmed", "moved"]  # type: ignore[has-type]


def test_history_counts_a_run_of_silent_changes_and_dims_it(desk: Desk) -> None:
    """Changes that are silent for one reason share it, with their number; on a terminal they and it are dim, and others not."""
    desk.learn(
        credit(Status.JOINS, "Ada Quill", "The Ledger"),
        credit(Status.LISTED, "Bo Tarn", "The Ledger"),
        credit(Status.LISTED, "Cy Dorn", "The Ledger"),
    )
    lines = desk.run("history", color=True).stdout.splitlines()
    (told,) = (line for line in lines if "Ada Quill" in line)
    (reason,) = (line for line in lines if "These 2 not told: tells a credit as already known." in line)
    dim = "\x1b[2m"
    assert dim not in told
    assert all(dim in line for line in [reason, *(line for line in lines if "Tarn" in line or "Dorn" in line)])


def test_history_of_what_nobody_was_told_gives_the_reason_once(desk: Desk) -> None:
    """Where all changes were silent for one reason, it stands below the head and nowhere else."""
    desk.learn(credit(Status.LISTED, "Bo Tarn", "The Ledger"), credit(Status.LISTED, "Cy Dorn", "The Ledger"))
    screen = desk.out("history")
    assert screen.splitlines()[1] == "  None was told: tells a credit as already known."
    assert screen.count("already known") == 1


def test_history_gives_the_reason_of_most_once(desk: Desk) -> None:
    """Where nobody was told for several reasons, the most frequent stands below the head and only the others at their changes."""
    desk.write(CONFIG.partition("[[notify]]")[0])
    desk.learn(credit(Status.LISTED, "Bo Tarn", "The Ledger"), credit(Status.LISTED, "Cy Dorn", "The Ledger"))
    desk.learn(release("2025-06-05", "Reel Talk"))
    with desk.store() as store:
        store.connection.execute("UPDATE change SET silent = 'no target asks for it' WHERE silent IS NULL")
        store.connection.commit()
    lines = desk.run("history", env={"COLUMNS": "90"}).stdout.splitlines()
    assert lines[1] == "  None was told: tells a credit as already known, where no other reason is given."
    assert [line for line in lines[2:] if "told" in line] == ["             Not told: no target asks for it."]


def test_history_in_plain_is_a_change_a_line(desk: Desk) -> None:
    """``--plain`` says each change in a line with its title, and why nobody was told; ``--all`` adds sentence and link."""
    desk.learn(release("2025-06-05", "Reel Talk"), release("2025-06-05", "The Ledger"))
    first, second = desk.out("history", "--plain").splitlines()
    assert first == "Harbor: Mar 1, 2025, US cinemas: June 5, 2025 (Reel Talk, reported)."
    assert second.endswith("US cinemas: June 5, 2025, now confirmed (The Ledger). Not told: only confirms what was told.")
    whole = desk.out("history", "--plain", "--all").splitlines()
    assert whole[0] == f"{first} “It says so.” https://example.org/item-1"
    assert desk.out("history", "--plain", "--as-of", "2025-02-01") == "Harbor: no changes.\n"


def test_history_ends_its_lines_where_the_others_do(desk: Desk) -> None:
    """Who said it stands at the right, in a line of its own where the change leaves no room."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(moved("2025-09-12", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=2))
    lines = desk.run("history", env={"COLUMNS": "60"}).stdout.splitlines()
    said = [line for line in lines if line.endswith(", The Ledger")]
    assert [len(line) for line in said] == [60, 60]
    assert said[1].startswith(" " * 30)


def test_history_has_sentences_and_links_on_demand(desk: Desk) -> None:
    """`--all` puts the sentence and the link below each change; without it neither is there, and the last line names it."""
    desk.learn(release("2025-06-05", "The Ledger"))
    short, whole = desk.out("history"), desk.out("history", "--all")
    assert "             “It says so.”\n             https://example.org/item-1\n" in whole
    assert "It says so" not in short
    assert short.splitlines()[-1] == "The evidence: watcher why harbor WHAT; --all shows sentences and links"


def test_late_news_is_marked_in_the_history(desk: Desk) -> None:
    """A change whose news had to wait for us says so."""
    polled = Feed(url=FEED.url, outlet="The Ledger")
    back = NOW + timedelta(days=30)
    with desk.store() as store:
        after = FeedState(url=FEED.url, next_poll_at=back, first_ok_at=NOW, last_ok_at=back, last_poll_at=back)
        house = world({"late": [release("2025-06-05", "The Ledger").claim]}, targets=[Target(name="phone")])
        take(store, house, polled, [item("late", on=NOW + timedelta(days=9))], after=after, now=back)
    assert "             Told late: the news had to wait for us.\n" in desk.out("history")
    with desk.store() as store:
        store.connection.execute("UPDATE change SET silent = 'another country''s date'")
        store.connection.commit()
    assert "Told late" not in desk.out("history")  # nobody was told at all


def test_history_as_of_a_day_ends_there(desk: Desk) -> None:
    """`--as-of` shows the changes that were recorded by then and says so, on the screen and in the JSON."""
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.learn(moved("2025-09-12", "2025-06-05", "The Ledger"), at=NOW + timedelta(days=2))
    screen = desk.out("history", "--as-of", "2025-03-02")
    assert screen.splitlines()[0] == "HARBOR: 1 change, March 1, 2025, as it was held on March 2, 2025"
    (title,) = desk.json("history", "--as-of", "2025-03-02")["titles"]  # type: ignore[misc]
    assert [change["kind"] for change in title["changes"]] == ["set"]  # type: ignore[has-type]
    assert "no changes, as it was held on February 1, 2025" in desk.out("history", "--as-of", "2025-02-01")


# ---- what holds for all of them

_ASKING = [
    ("status",),
    ("status", "--plain"),
    ("status", "--json"),
    ("history",),
    ("history", "--all"),
    ("history", "--json"),
    ("history", "--plain", "--all"),
    ("why", "harbor"),
    ("why", "harbor", "--all"),
    ("why", "harbor", "--json"),
    ("why", "harbor", "quill"),
    ("items",),
    ("items", "--plain"),
    ("items", "--json"),
]


@pytest.mark.parametrize("words", _ASKING, ids=" ".join)
def test_nothing_hostile_and_nothing_secret_is_printed(desk: Desk, words: tuple[str, ...]) -> None:
    """No control, bidi or escape character from a feed reaches the screen or the JSON, and no secret of an address does."""
    evil = "\x1b]0;owned\x07\x9b31m\u202eevil\r\nJune"
    date_claim = release("2025-06-05", f"The {evil} Ledger", credits=evil)
    part = credit(Status.JOINS, "Ada Quill\x1b\u202e", evil)
    hostile = replace(date_claim, claim=replace(date_claim.claim, sentence=sentence(evil)))
    desk.learn(hostile, part, headline=evil)
    with desk.store() as store:
        state = FeedState(url=FEED.url, next_poll_at=NOW, last_poll_at=NOW, failures=1, error=f"no answer {evil}")
        store.apply(Plan(at=NOW, feeds=(state,)))
    printed = desk.out(*words)
    assert not [c for c in printed if not c.isprintable() and c != "\n"]
    assert "\\u00" not in printed
    assert SECRET not in printed


@pytest.mark.parametrize("words", _ASKING, ids=" ".join)
def test_pipe_and_no_color_get_plain_text(desk: Desk, words: tuple[str, ...]) -> None:
    """Into a pipe, and on a terminal with NO_COLOR, no escape sequence is written."""
    desk.learn(release("2025-06-05", "The Ledger"), credit(Status.JOINS, "Ada Quill", "The Ledger"))
    assert "\x1b" not in desk.run(*words).stdout
    assert "\x1b" not in desk.run(*words, color=True, env={"NO_COLOR": "1"}).stdout
    if "--json" not in words and "--plain" not in words:
        assert "\x1b" in desk.run(*words, color=True).stdout


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_screens_keep_within_their_width(desk: Desk, width: int) -> None:
    """No line but a link is wider than the terminal, however narrow."""
    desk.write('[watcher]\nstate = "STATE"\ntimezone = "UTC"\nregions = ["US"]\n')
    for words in (("status",), ("history",), ("history", "--all"), ("why", "ballerina"), ("why", "ballerina", "Keanu")):
        for line in desk.run(*words, env={"COLUMNS": str(width)}).stdout.splitlines():
            assert layout.cells(line) <= width or "https://" in line, line
            assert line == line.rstrip()


def test_asking_loads_nothing_heavy(desk: Desk) -> None:
    """`status`, `why` and `history` import neither Apprise, HTTP, feed parser, scheduler, sqlite-utils nor asyncio."""
    desk.learn(release("2025-06-05", "The Ledger"))
    heavy = {"apprise", "httpx", "feedparser", "apscheduler", "sqlite_utils", "trafilatura", "asyncio", "watcher.engine"}
    program = f"""
import sys
from watcher.cli import watcher
for words in (["status"], ["why", "harbor"], ["history"]):
    watcher(["--config", {str(desk.config)!r}, *words], standalone_mode=False)
print(sorted(set(sys.modules) & {heavy!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@given(st.text(alphabet="ab é日 ,", max_size=200), st.integers(20, 100), st.integers(0, 8))
def test_wrapping_keeps_words_and_width(text: str, width: int, indent: int) -> None:
    """Wrapped text has the same words in the same order, and only a single word may be wider than the room."""
    lines = layout.wrap(text, width=width, indent=indent)
    assert " ".join(lines).split() == text.split()
    assert all(layout.cells(line) <= width or len(line.split()) == 1 for line in lines)


@given(st.lists(st.tuples(*[st.text(alphabet="ab日-", min_size=1, max_size=12)] * 3), min_size=1, max_size=6))
def test_columns_are_aligned_in_cells(rows_given: list[tuple[str, str, str]]) -> None:
    """Every row's columns start in the same cell, wide characters or not."""
    laid = layout.table(rows_given, width=80)
    assert laid is not None
    starts = set()
    for row, (line, *_) in zip(rows_given, laid, strict=True):
        assert line.endswith(row[2])
        starts.add(layout.cells(line[: len(line) - len(row[2])]))
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "12:00"),
        (21, "tomorrow 09:00"),
        (-20, "yesterday 16:00"),
        (72, "Tuesday 12:00"),
        (-24 * 30, "Jan 30, 2025, 12:00"),
    ],
)
def test_moments_are_said_as_people_say_them(hours: int, words: str) -> None:
    """A moment of today is a time, one nearby has its weekday, one far off its date."""
    dates = audience(Config(timezone="UTC")).dates
    assert moment_in_words(NOW + timedelta(hours=hours), NOW, dates) == words


def test_span_says_the_year_once() -> None:
    """Days of one year share it, other dates are told in full."""
    assert span_in_words([Edtf("2025-06-04"), Edtf("2025-08-22")], AMERICAN) == "June 4 to August 22, 2025"
    assert span_in_words([Edtf("2025-06-04"), Edtf("2025-08-22")], BRITISH) == "4 June to 22 August 2025"
    assert span_in_words([Edtf("2025-06-04")], AMERICAN) == "June 4, 2025"
    assert span_in_words([Edtf("2025-06"), Edtf("2026-01-09")], AMERICAN) == "June 2025 to January 9, 2026"


def test_who_writes_the_day_first_reads_every_date_so(desk: Desk) -> None:
    """Status, why and history follow the user's English, in sentences, columns and margins."""
    desk.learn(release("2027-06-05", "The Ledger"))
    desk.learn(moved("2027-07-02", "2027-06-05", "The Ledger"), at=NOW + timedelta(days=4))
    desk.write(CONFIG.replace("[watcher]", '[watcher]\nlanguage = "en-GB"'))
    status, why, history = (desk.out(*verb) for verb in (("status",), ("why", "harbor", "release"), ("history",)))
    assert "Opens Friday, 2 July 2027, in US cinemas" in status
    assert "Moved once: it was 5 June 2027." in " ".join(status.split())
    assert "2 Jul 2027  confirmed  The Ledger, 5 Mar 2025" in status
    assert "Friday, 2 July 2027" in why
    assert "held until 5 Mar 2025" in why
    assert "\n   5 Mar   US cinemas: 5 June 2027 -> 2 July 2027" in history
    for text in (status, why, history):
        assert not re.search(r"[A-Z][a-z]+ \d{1,2}, \d{4}", text)


def test_what_was_said_late_at_night_is_of_the_users_day(desk: Desk) -> None:
    """The day of a report is the day it was where the user lives, in every answer."""
    desk.learn(release("2025-06-05", "The Ledger"), at=datetime(2025, 3, 1, 2, tzinfo=UTC))
    assert all("Mar 1, 2025" in desk.out(*verb) for verb in (("status",), ("why", "harbor", "release")))
    desk.write(CONFIG.replace('"UTC"', '"America/New_York"'))
    assert all("Feb 28, 2025" in desk.out(*verb) for verb in (("status",), ("why", "harbor", "release")))
    assert "\n  Feb 28 " in desk.out("history")


def test_midnight_is_the_users_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days to go are counted from the day it is where the user lives."""
    desk.learn(release("2025-06-05", "The Ledger"))
    monkeypatch.setattr(common, "now", lambda: datetime(2025, 6, 4, 20, tzinfo=UTC))
    assert desk.out("status").splitlines()[0].endswith("tomorrow")
    desk.write(CONFIG.replace('"UTC"', '"Asia/Tokyo"'))
    assert desk.out("status").splitlines()[0].endswith("today")


def test_a_rumour_that_is_reported_is_not_called_confirmed(desk: Desk) -> None:
    """One firm report after a rumour makes a date surer and confirms nothing, and history says no more than that."""
    desk.learn(release("2025-06-05", "Gossip Gazette", modality=Modality.RUMOURED))
    desk.learn(release("2025-06-05", "Reel Talk"), at=NOW + timedelta(minutes=1))
    history = desk.out("history")
    assert "June 5, 2025, now reported" in history
    assert "now confirmed" not in history
