"""The board: all that is shown of every title, gathered from a store that the real line filled."""

from __future__ import annotations

from pathlib import Path

from boards import GLASS, OTHER, STORY, Newsroom

from watcher.model import ReleaseKey, ReleaseType


def test_sheet_holds_every_revision_of_every_release(tmp_path: Path) -> None:
    """A board has the dates that are held, all they were before, and what each of them rests on."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    (sheet,) = room.board("2026-04-01").sheets
    cinemas = ReleaseKey(title=GLASS.id, region="US", type=ReleaseType.THEATRICAL)
    days = [str(fact.value.date) for fact in sheet.revisions[cinemas]]
    assert [day for number, day in enumerate(days) if day not in days[:number]] == [
        "2025-22",
        "2025-07-11",
        "2026-03-06",
        "2026-05-01",
    ]
    assert {str(key.type) for key in sheet.revisions} == {"theatrical", "digital"}
    assert [str(rival.value) for rival in sheet.grounds[cinemas].rivals] == ["2025-03-14"]
    assert sheet.stand.count.words == "in 30 days"


def test_soonest_title_stands_first(tmp_path: Path) -> None:
    """A title with a date ahead stands before one of which nothing is known."""
    room = Newsroom(path=tmp_path, titles=(OTHER, GLASS))
    room.take(*STORY)
    assert [sheet.stand.title for sheet in room.board("2026-04-01").sheets] == [GLASS, OTHER]
