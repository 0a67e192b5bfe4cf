"""`notify list` and `retry`: what has not arrived, why, and what can be done about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, credit, moved, release
from desks import CONFIG, SECRET, Desk

from watcher.cli import common
from watcher.errors import UsageError
from watcher.model import Modality, Status, Target
from watcher.store import ask
from watcher.store.outbox import GIVEN_UP_AFTER, Outbox

PHONE = Target(name="phone")
MINUTE = timedelta(minutes=1)
LATER = NOW + 20 * MINUTE


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the time stands still, an hour after the news."""
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(hours=1))
    return Desk(tmp_path)


def fail(desk: Desk, detail: str = "the server is busy", *, unknown: bool = False) -> str:
    """Let the next delivery fail for an hour. Returns its id."""
    with desk.store() as store:
        outbox = Outbox(store)
        delivery = outbox.claim(PHONE, LATER)
        assert delivery is not None
        outbox.failed(delivery, detail, LATER, timedelta(hours=1), unknown=unknown)
        return delivery.id


def give_up(desk: Desk) -> str:
    """Let the next delivery be refused until it is given up, while the target takes another. Returns its id."""
    with desk.store() as store:
        outbox, at = Outbox(store), LATER
        delivery = outbox.claim(PHONE, at)
        assert delivery is not None
        store.db.execute("INSERT INTO target (name, last_ok_at) VALUES ('phone', '2030-01-01T00:00:00.000000Z')")
        outbox.refused(delivery, "Harbor", "too large", at, MINUTE)
        for _ in range(GIVEN_UP_AFTER - 1):
            at += 2 * MINUTE
            again = outbox.claim(PHONE, at)
            assert again is not None
            assert again.id == delivery.id
            outbox.refused(again, "Harbor", "too large", at, MINUTE)
        return delivery.id


def test_nothing_undelivered_is_one_line(desk: Desk) -> None:
    """A target that has everything is one quiet line."""
    assert desk.out("notify", "list").splitlines() == ["phone: nothing waiting."]
    with desk.store():
        pass
    assert desk.out("notify", "list", "phone").splitlines() == ["phone: nothing waiting."]


def test_what_failed_is_told_with_reason_and_next_try(desk: Desk) -> None:
    """A delivery that did not get through shows what it tells, its id, how often it was tried, why not, and when next."""
    desk.learn(release("2025-06-05", "The Ledger"), credit(Status.JOINS, outlet="The Ledger"))
    name = fail(desk)
    said = " ".join(desk.out("notify", "list").split())
    assert "phone: 2 waiting, failing since 12:20 (the server is busy), next try 13:20." in said
    assert "Harbor: opens June 5, 2025; 1 more" in said
    assert f"{name}: Tried 1 time since 12:20: the server is busy. Next try 13:20." in said
    (target,) = desk.json("notify", "list")["targets"]  # type: ignore[misc]
    (one,) = target["undelivered"]  # type: ignore[has-type]
    assert (one["id"], one["state"], one["attempts"], one["titles"]) == (name, "pending", 1, ["harbor"])  # type: ignore[has-type]


def test_what_waits_for_its_hour_says_until_when(desk: Desk) -> None:
    """What was not tried yet is listed with the moment at which it may leave."""
    desk.learn(release("2025-06-05", "The Ledger"), at=NOW + 55 * MINUTE)
    assert "Waits until 13:05." in desk.out("notify", "list")


def test_what_is_not_sure_enough_says_so(desk: Desk) -> None:
    """What a target wants surer is not called due, however long ago its time was: it says what it waits for."""
    desk.learn(release("2025-06-05", modality=Modality.RUMOURED))
    assert "    Waits until it is more than a rumour, as this target asks." in desk.out("notify", "list").splitlines()
    (target,) = desk.json("notify", "list")["targets"]  # type: ignore[misc]
    (one,) = target["undelivered"]  # type: ignore[has-type]
    assert (one["state"], one["due_at"]) == ("waiting", None)  # type: ignore[has-type]


def test_given_up_is_shown_and_sent_again_on_request(desk: Desk) -> None:
    """A delivery that was given up stays visible with the command that has it sent again, and then it is due at once."""
    desk.learn(release("2025-06-05", "The Ledger"))
    name = give_up(desk)
    screen = desk.out("notify", "list")
    assert "1 alert given up" in screen
    assert f"    watcher notify retry {name}" in screen.splitlines()
    assert "watcher notify list" in " ".join(desk.out("status").split())
    assert desk.out("notify", "retry", name).startswith("1 delivery for phone: sent again by watcher run")
    with desk.store() as store:
        again = Outbox(store).claim(PHONE, LATER + timedelta(hours=1))
        assert again is not None
        assert (again.id, again.refused, again.may_repeat) == (name, 0, False)


def test_held_is_sent_again_marked(desk: Desk) -> None:
    """What may have arrived and is held by the target's wish is listed as held; retried it is marked as a possible repeat."""
    desk.write(CONFIG + 'on_unknown = "hold"\n')
    desk.learn(release("2025-06-05", "The Ledger"))
    name = fail(desk, "no answer", unknown=True)
    assert f"{name}: may have arrived: no answer; held, as you asked." in " ".join(desk.out("notify", "list").split())
    careful = Target(name="phone", hold_unknown=True)
    with desk.store() as store:
        assert Outbox(store).claim(careful, LATER + timedelta(days=1)) is None
    assert desk.json("notify", "retry", "--all")["retried"] == [name]
    with desk.store() as store:
        again = Outbox(store).claim(careful, LATER)
        assert again is not None
        assert (again.id, again.may_repeat) == (name, True)


def test_retry_ends_the_rest_of_a_target(desk: Desk) -> None:
    """What rests after a failure is due at once when it is retried, and what waits for its time is not."""
    desk.learn(release("2025-06-05", "The Ledger"))
    fail(desk)
    desk.learn(moved("2026-06-05", "2025-06-05", "The Ledger"), at=NOW + 55 * MINUTE)
    assert "1 delivery for phone" in desk.out("notify", "retry", "--all")
    with desk.store() as store:
        assert ask.target(store.connection, "phone").not_before is None
        again = Outbox(store).claim(PHONE, NOW + 60 * MINUTE)
        assert again is not None
        assert [str(change.new.date) for change in again.changes] == ["2025-06-05"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "phoen"], "no target is called 'phoen'; targets: phone"),
        (["retry"], "write the ids that watcher notify list shows, or --all"),
        (["retry", "harbor-nothing"], "'harbor-nothing' is no delivery that could be sent again; see: watcher notify list"),
    ],
)
def test_what_is_not_there_is_refused(desk: Desk, words: list[str], says: str) -> None:
    """A target or a delivery that there is not is a mistake of usage, with what there is."""
    error = desk.run("notify", *words).exception
    assert isinstance(error, UsageError)
    assert str(error) == says


def test_no_secret_is_listed(desk: Desk) -> None:
    """Neither the list nor its JSON holds anything of a target's address."""
    desk.learn(release("2025-06-05", "The Ledger"))
    fail(desk)
    assert SECRET not in desk.out("notify", "list") + desk.out("notify", "list", "--json")
