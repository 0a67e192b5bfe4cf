"""`replay`: what would have been told of a file, with what is behind it, and how that compares with what truly happened."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli import layout, watcher
from watcher.cli.truth import read_truth
from watcher.edtf import Edtf
from watcher.errors import UsageError
from watcher.model import Title

CONFIG = """
[watcher]
timezone = "America/Los_Angeles"
regions = ["US"]
builtin_titles = false
builtin_feeds = false
[[title]]
name = "Glass Orchard"
context = ["Ada Quill", "Marrow Pictures"]
[[title]]
name = "Paper Moth"
context = ["Bo Tarn"]
"""
SET = ("2025-03-04", "The Ledger", "Dated", "Marrow Pictures has set Glass Orchard for release on March 6, 2026.")
AGREED = (
    "2025-03-04",
    "Morning Reel",
    "A date",
    "Glass Orchard, the Marrow Pictures drama, will open in theaters on March 6, 2026.",
)
TALKS = ("2025-04-01", "Reel Talk", "Tarn circles", "Bo Tarn is in talks to star in Glass Orchard with Ada Quill.")
JOINED = ("2025-04-10", "Morning Reel", "Tarn joins", "Bo Tarn has joined the cast of Glass Orchard, starring Ada Quill.")
MOVED = ("2025-09-02", "The Ledger", "Delayed", "Marrow Pictures has delayed Glass Orchard from March 6, 2026 to May 1, 2026.")
RETOLD = ("2025-10-02", "Third Voice", "Delays", "Marrow Pictures has delayed Glass Orchard from March 6, 2026 to May 1, 2026.")
OTHER = ("2025-10-05", "Reel Talk", "Moth", "Paper Moth, directed by Bo Tarn, will hit theaters on July 17, 2026.")
UNDATED = (None, "Reel Talk", "A set visit", "Glass Orchard with Ada Quill looks good.")
IDLE = ("2025-10-06", "Reel Talk", "Cinemas", "Ticket sales rose in June.")
NEWS = (SET, AGREED, TALKS, JOINED, MOVED, RETOLD, OTHER, UNDATED, IDLE)

TRUTH = {
    "Glass Orchard": {
        "dates": [
            {"reported": "2025-03-03", "kind": "theatrical", "region": "US", "old": None, "new": "2026-03-06"},
            {"reported": "2025-09-02", "kind": "theatrical", "region": "US", "old": "2026-03-06", "new": "2026-05-01"},
            {"reported": "2025-12", "kind": "digital", "region": "US", "old": None, "new": "2026-08-01"},
        ],
        "casting": [
            {"reported": "2025-04", "person": "Bo Tarn", "status": "joins"},
            {"reported": "2025-02", "person": "Ada Quill", "status": "joins"},
        ],
    },
    "A film that nobody watches": {},
}


class Stage:
    """A directory with a configuration and files to play."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "config.toml").write_text(CONFIG, encoding="utf-8")

    def news(self, *rows: tuple[str | None, str, str, str]) -> str:
        """A file of items, numbered from n1."""
        keys = ("published", "outlet", "headline", "text")
        lines = [json.dumps({"id": f"n{number}"} | dict(zip(keys, row, strict=True))) for number, row in enumerate(rows, 1)]
        return self.write("news.jsonl", "\n".join(lines))

    def write(self, name: str, text: str) -> str:
        """A file of that text."""
        (self.path / name).write_text(text, encoding="utf-8")
        return str(self.path / name)

    def run(self, *words: str, width: int = 80, color: bool = False) -> Result:
        """Run `replay` in this process."""
        env = {"COLUMNS": str(width), "NO_COLOR": None, "TERM": "xterm"}
        return CliRunner().invoke(watcher, ["--config", str(self.path / "config.toml"), "replay", *words], env=env, color=color)

    def out(self, *words: str, width: int = 80) -> str:
        """What it prints where it goes well."""
        result = self.run(*words, width=width)
        assert result.exception is None, result.exception
        assert result.exit_code == 0
        return result.stdout


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty stage."""
    return Stage(tmp_path)


# ---- the line of time


def test_alert_stands_on_its_day_with_what_is_behind_it(stage: Stage) -> None:
    """An alert has its day, old and new, who said it first and who agrees, its sentence, and the items with outlet and id."""
    screen = stage.out(stage.news(SET, AGREED, MOVED))
    assert screen.splitlines()[0] == "GLASS ORCHARD  2 alerts"
    assert (
        "2025\n"
        "  Mar  4   Glass Orchard: opens March 6, 2026\n"
        "           Friday, March 6, 2026, US cinemas. 367 days to go.\n"
        "           Confirmed: Morning Reel first, then The Ledger.\n"
    ) in screen
    assert (
        "             Mar 4, 2025  The Ledger: Dated [n1]\n"
        "             Mar 4, 2025  Morning Reel: A date [n2]\n"
        "  Sep  2   Glass Orchard moves to May 1, 2026 (was March 6, 2026)\n"
        "           Friday, May 1, 2026, US cinemas. 56 days later; 241 days to go.\n"
    ) in screen
    assert "“Marrow Pictures has delayed Glass Orchard from March 6, 2026 to" in screen


def test_person_who_moves_on_is_told_with_where_they_stood(stage: Stage) -> None:
    """A person's alert says what was held of them before."""
    assert "           Bo Tarn: in talks -> joins.\n" in stage.out(stage.news(TALKS, JOINED))


def test_days_to_go_count_from_the_news_and_not_from_the_next_item(stage: Stage) -> None:
    """An alert goes out when its wait is over, whenever the next item appears, so its days to go are those of its own day."""
    assert "367 days to go" in stage.out(stage.news(SET, OTHER))


def test_people_of_one_sentence_are_told_together(stage: Stage) -> None:
    """Several people of one sentence stand below each other, with the sentence and the item once."""
    both = (
        "2025-04-10",
        "Morning Reel",
        "Two join",
        "Cy Dorn and Edda Moor have joined the cast of Glass Orchard with Ada Quill.",
    )
    screen = stage.out(stage.news(both))
    assert "           Glass Orchard: Cy Dorn joins\n           Glass Orchard: Edda Moor joins\n" in screen
    assert screen.count("have joined the cast") == 1
    assert screen.count("[n1]") == 1


def test_titles_keep_apart_and_the_silent_are_counted_by_reason(stage: Stage) -> None:
    """Each title has its own line of time and its own account of what told nobody, and at the end stands what was read."""
    screen = stage.out(stage.news(*NEWS))
    orchard, moth = screen.split("PAPER MOTH  1 alert\n")
    assert "July 17, 2026" not in orchard
    assert "May 1, 2026" not in moth
    assert "  6 items about it." in orchard
    assert re.search(r"changes told nobody:\n +\d  only confirms what was told\n +\d  tells a credit as already known\n", orchard)
    assert moth.endswith("\n9 items read, 1 without a day left out; 5 alerts. Nothing was fetched or sent.\n")


def test_title_that_no_item_names_is_said_to_be_so(stage: Stage) -> None:
    """A watched title that is in no item has no line of time, and the last line says why."""
    assert stage.out(stage.news(SET)).endswith("Nothing was fetched or sent.\nNo item names Paper Moth.\n")
    assert "No item names Glass Orchard and Paper Moth.\n" in stage.out(stage.news(IDLE))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_replay_keeps_within_the_width_and_is_plain_in_a_pipe(stage: Stage, width: int) -> None:
    """No line is wider than the terminal, and no escape sequence goes where no terminal is."""
    truth = stage.write("truth.json", json.dumps(TRUTH))
    result = stage.run(stage.news(*NEWS), "--against", truth, width=width)
    for line in result.stdout.splitlines():
        assert layout.cells(line) <= width or truth in line, line
        assert line == line.rstrip()
    assert "\x1b" not in result.stdout
    assert "\x1b" in stage.run(stage.news(SET), color=True).stdout


def test_nothing_hostile_is_replayed(stage: Stage) -> None:
    """No control or bidi character of a file reaches the screen, from a headline, an outlet or an id."""
    evil = "\x1b]0;owned\x07\u202eevil\r\n"
    row = {"id": evil, "published": "2025-03-04", "outlet": evil, "headline": evil, "text": SET[3] + evil}
    screen = stage.out(stage.write("news.jsonl", json.dumps(row)))
    assert "opens March 6, 2026" in screen
    assert not [c for c in screen if not c.isprintable() and c != "\n"]


# ---- JSON


def test_json_is_a_line_for_each_change_that_was_told(stage: Stage) -> None:
    """`--json` prints the told changes in order with the items that made them, and nothing else, whatever else is asked."""
    news = stage.news(SET, AGREED, JOINED, MOVED)
    bare = stage.run(news, "--json")
    rows = [json.loads(line) for line in bare.stdout.splitlines()]
    assert [(row["at"], row["change"], row["sources"]) for row in rows] == [
        ("2025-03-04", "set", ["n1"]),
        ("2025-04-10", "joined", ["n3"]),
        ("2025-09-02", "moved", ["n4"]),
    ]
    assert rows[2] == {
        "at": "2025-09-02",
        "title": "Glass Orchard",
        "change": "moved",
        "confidence": "reported",
        "sources": ["n4"],
        "kind": "release",
        "release_type": "theatrical",
        "region": "US",
        "old": "2026-03-06",
        "new": "2026-05-01",
    }
    compared = stage.run(news, "--json", "--against", stage.write("truth.json", json.dumps(TRUTH)))
    assert compared.stdout == bare.stdout
    assert "precision" in compared.stderr


# ---- against the truth


def test_figures_follow_with_every_miss_and_its_items(stage: Stage) -> None:
    """`--against` ends with precision, recall and delay by kind, and every miss and false alert with its items."""
    truth = stage.write("truth.json", json.dumps(TRUTH))
    figures = stage.out(stage.news(*NEWS[:6]), "--against", truth).partition("AGAINST")[2]
    rows = {line.split()[0]: line.split()[1:] for line in figures.splitlines() if re.match(r"  (dates|cast|both) ", line)}
    assert rows == {
        "dates": ["2", "0", "0", "1.000", "1.000", "0.5", "1"],
        "cast": ["1", "1", "1", "0.500", "0.500", "0", "0"],
        "both": ["3", "1", "1", "0.750", "0.750", "0", "1"],
    }
    said = " ".join(figures.split())
    assert "1 event of the truth stands in no item, and cannot be missed." in said
    assert "left out: A film that nobody watches." in said
    assert "MISSED Glass Orchard: Ada Quill joins, reported in February 2025 Apr 1, 2025 Reel Talk: Tarn circles [n3]" in said
    assert "FALSE Glass Orchard: Bo Tarn, in talks, told Apr 1, 2025 as reported: never happened to them" in said


def test_several_titles_have_their_own_figures_and_a_total(stage: Stage) -> None:
    """With several titles each has its own rows, and all together have the last."""
    moth = {"Paper Moth": {"dates": [{"reported": "2025-10-05", "kind": "theatrical", "new": "2026-07-17"}]}}
    truth = stage.write("truth.json", json.dumps(TRUTH | moth))
    figures = stage.out(stage.news(*NEWS), "--against", truth).partition("AGAINST")[2].splitlines()
    dates = [line.split()[1] for line in figures if line.startswith("  dates ")]
    assert [line.strip() for line in figures if line.strip() in ("Glass Orchard", "Paper Moth", "All titles")] == [
        "Glass Orchard",
        "Paper Moth",
        "All titles",
    ]
    assert dates == ["2", "1", "3"]


# ---- the file of truth


def find(name: str) -> Title | None:
    """The one title that is watched."""
    return Title(id="harbor", name="Harbor") if name == "Harbor" else None


def test_truth_is_read_in_its_own_words(stage: Stage) -> None:
    """Statuses and countries may be called as people call them, and rows that tell of no change are left out."""
    rows = {
        "dates": [
            {"reported": "2025-01", "kind": "premiere", "region": "UK", "also": ["DE"], "new": "2025-05-22"},
            {"reported": "2025-01", "kind": "theatrical", "old": "2025-06-06", "new": "2025-06-06"},
            {"reported": "2025-01", "kind": "theatrical", "new": "2025-06-07", "certainty": "rumoured"},
            {"reported": "2025-01", "kind": "theatrical", "region": "001", "old": "2025-06-06", "new": None},
        ],
        "casting": [{"reported": "2025", "person": "Ada Quill", "status": "in talks", "role": None}],
    }
    story = read_truth(stage.write("truth.json", json.dumps({"Harbor": rows})), find).of["harbor"]
    assert [(event.region, event.also, event.new) for event in story.dates] == [
        ("GB", ("DE",), Edtf("2025-05-22")),
        (None, (), Edtf("unset")),
    ]
    assert [(event.slug, event.status) for event in story.people] == [("ada-quill", "in_talks")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Harbor": {"dates": [,]}}', "line 1, column 23: is no JSON"),
        ("[]", "is no JSON object"),
        ("{}", "tells of no title that is watched; it has: nothing"),
        ('{"Haven": {}}', "tells of no title that is watched; it has: Haven"),
        ('{"Harbor": []}', "Harbor: is no JSON object"),
        ('{"Harbor": {"dates": {}, "casting": 3}}', 'Harbor: "casting" is no list'),
        ('{"Harbor": {"dates": [7]}}', "Harbor, dates, row 1: is no JSON object"),
        ('{"Harbor": {"dates": [{"kind": "film"}]}}', "row 1: \"kind\" is 'film'; write one of: premiere, limited"),
        ('{"Harbor": {"dates": [{"kind": "tv"}]}}', 'row 1: has no "reported"'),
        ('{"Harbor": {"dates": [{"kind": "tv", "reported": "unset"}]}}', 'row 1: "reported" is no time'),
        ('{"Harbor": {"dates": [{"kind": "tv", "reported": "2025", "new": "2025-13"}]}}', "row 1: \"new\": '2025-13' is no date"),
        (
            '{"Harbor": {"dates": [{"kind": "tv", "reported": "2025", "region": "us"}]}}',
            'row 1: "region" is "us"; write a country',
        ),
        ('{"Harbor": {"casting": [{"reported": "2025", "person": "A", "status": "in"}]}}', "casting, row 1: \"status\" is 'in'"),
        ('{"Harbor": {"casting": [{"reported": "2025", "status": "joins"}]}}', 'casting, row 1: has no "person"'),
    ],
)
def test_bad_truth_is_refused_with_its_place(stage: Stage, text: str, said: str) -> None:
    """A file that cannot be used is a usage error that names the file, the place in it and what is wrong."""
    path = stage.write("truth.json", text)
    with pytest.raises(UsageError) as refused:
        read_truth(path, find)
    assert str(refused.value).startswith(path)
    assert said in str(refused.value)


def test_truth_that_is_not_there_is_refused_before_anything_is_played(stage: Stage) -> None:
    """A missing file of truth is a usage error, and nothing is shown of the news."""
    result = stage.run(stage.news(SET), "--against", str(stage.path / "none.json"))
    assert isinstance(result.exception, UsageError)
    assert result.stdout == ""
