"""`status`: what it shows in which order, in one column and in two, for ears, for programs, and refreshed in place."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from boards import GLASS, OTHER, STORY, Newsroom
from builders import NOW, credit, day, moved, release
from desks import CONFIG, FEED, Desk
from schemas import breaches

from watcher.cli import common, layout
from watcher.cli.watching import page
from watcher.decide.intents import Plan
from watcher.errors import UsageError
from watcher.model import Action, FeedState, Modality, Status

SCHEMA = json.loads(Path(__file__).with_name("status.schema.json").read_text(encoding="utf-8"))
BUILTIN = '[watcher]\nstate = "STATE"\ntimezone = "UTC"\nregions = ["US"]\n'

#: What `status` can do without, whatever it is asked: each costs it milliseconds.
SPARED = {"asyncio", "decimal", "email", "hashlib", "html", "http", "importlib.resources", "shutil", "tempfile"} | {
    "apprise", "apscheduler", "feedparser", "httpx", "icalendar", "jinja2", "rich", "sqlite_utils", "trafilatura",
    "watcher.config.load", "watcher.decide.fold", "watcher.decide.intents", "watcher.engine", "watcher.parse", "watcher.read",
    "watcher.send", "watcher.tell.blocks", "watcher.untag",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the time stands still, a little after the news."""
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(hours=1))
    return Desk(tmp_path)


@pytest.fixture
def slate(desk: Desk) -> Desk:
    """The same with four titles: one ahead, one soon, one out, one without a date."""
    titles = (("Glass Orchard", "2026-05-01"), ("Old Tide", "2024-05-01"), ("Paper Moth", "2025-05-02"))
    known = 'name = "{}"\nknown = [{{ release = "{}", on = "2024-01-01" }}]\n'
    desk.write(CONFIG + "".join(f"[[title]]\n{known.format(*title)}" for title in titles))
    return desk


def heads(screen: str) -> list[str]:
    """The heads of a screen's sections, in order; two that stand beside each other are two."""
    return [head for line in screen.splitlines() for head in re.findall(r"(?:^| {4,})([A-Z][A-Z ]*[A-Z])(?= {4,}|$)", line)]


def wide(desk: Desk, *words: str, columns: int = 120) -> str:
    """What a verb prints in a terminal of so many columns."""
    result = desk.run(*words, env={"COLUMNS": str(columns)})
    assert result.exception is None
    return result.stdout


# ---- the screen


def test_screen_answers_in_the_order_of_the_questions(desk: Desk) -> None:
    """Below the answer come the dates, what changed last, the cast, and how the service is."""
    desk.learn(release("2025-06-05", "The Ledger"), credit(Status.JOINS, "Ada Quill", "The Ledger"))
    assert heads(desk.out("status")) == ["DATES", "LAST CHANGES", "CAST", "SERVICE", "TO LOOK AT"]


@pytest.mark.parametrize("columns", [112, 120, 132, 200])
def test_wide_screen_has_two_columns_of_the_same_words(desk: Desk, columns: int) -> None:
    """With room for it dates and changes stand beside cast and service, in no wider lines than there are, and nothing is lost."""
    desk.write(BUILTIN)
    narrow, broad = desk.out("status"), wide(desk, "status", columns=columns)
    assert re.search(r"^DATES {4,}CAST$", broad, re.MULTILINE)
    assert max(layout.cells(line) for line in broad.splitlines()) <= min(columns, 132)
    assert sorted(broad.split()) == sorted(narrow.split())
    assert len(broad.splitlines()) < len(narrow.splitlines())


def test_rows_of_dates_are_not_broken_to_make_two_columns(desk: Desk) -> None:
    """Where a date does not fit a line of the first column there is only one column, in which each has its line."""
    desk.write(BUILTIN)
    screen = wide(desk, "status", "--regions", "all")
    dates = screen.partition("DATES\n")[2].partition("LAST CHANGES\n")[0].splitlines()
    assert len(dates) > 15
    assert all(re.match(r"  \w.* \w{3}  \w{3} [ \d]\d, \d{4}  ", line) for line in dates)
    assert heads(screen)[:3] == ["DATES", "LAST CHANGES", "CAST"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_title_of_which_nothing_is_known_leaves_no_gap(slate: Desk, columns: int) -> None:
    """One blank line parts a title without dates from what stands below it, as any other."""
    with slate.store():
        pass
    for words in (("status", "--all"), ("status", "harbor"), ("status", "harbor", "--as-of", "2025-03-01")):
        assert "\n\n\n" not in wide(slate, *words, columns=columns)


def test_days_stand_below_each_other(desk: Desk) -> None:
    """Each country, kind, day and confidence begins in the same column, whatever the day's number."""
    desk.learn(release("2025-06-05", "The Ledger"), release("2025-10-21", "The Ledger", region="GB"))
    desk.write(CONFIG.replace('regions = ["US"]', 'regions = ["GB", "US"]'))
    assert "\n  UK  cinemas  Tue  Oct 21, 2025  confirmed  The Ledger, Mar 1, 2025\n" in desk.out("status")
    assert "\n  US  cinemas  Thu  Jun  5, 2025  confirmed  The Ledger, Mar 1, 2025\n" in desk.out("status")


def test_other_countries_are_a_sentence_or_rows(desk: Desk) -> None:
    """Countries that are not the user's are told in a sentence, and as rows where they are asked for, all or some of them."""
    desk.learn(
        release("2025-06-05", "The Ledger"),
        release("2025-06-06", "The Ledger", region="DE"),
        release("2025-07-06", "The Ledger", region="FR"),
    )
    short, some, whole = (desk.out("status", *more) for more in ((), ("--regions", "fr"), ("--regions", "all")))
    assert "Elsewhere: cinemas in 2 countries, June 6 to July 6, 2025." in short
    assert "Germany" not in short
    for screen, countries in ((some, ["US", "France"]), (whole, ["US", "Germany", "France"])):
        assert re.findall(r"^  (\w+) +cinemas  ", screen, re.MULTILINE) == countries
    assert "Elsewhere" not in whole
    refused = desk.run("status", "--regions", "DE,XX").exception
    assert isinstance(refused, UsageError)
    assert "'XX' is no country" in str(refused)


@pytest.mark.parametrize("columns", [72, 80])
def test_one_long_name_takes_the_columns_from_nobody(desk: Desk, columns: int) -> None:
    """Beside a title with a very long name every title keeps its one line, with day, place and how sure in columns."""
    titles = (("Glass Orchard", "2026-05-01"), ("The Long and Winding History of a Very Small Harbor", "2026-05-02"))
    known = '[[title]]\nname = "{}"\nknown = [{{ release = "{}", on = "2024-01-01" }}]\n'
    desk.write(CONFIG + "".join(known.format(*title) for title in titles))
    with desk.store():
        lines = wide(desk, "status", columns=columns).splitlines()[:3]
    assert [line[:8] for line in lines] == ["Glass Or", "The Long", "Harbor  "]
    assert lines[0].index("US cinemas") == lines[1].index("US cinemas")
    assert "…" in lines[1]


def test_another_countrys_lost_date_is_not_ours(slate: Desk) -> None:
    """In the slate, too, a date that another country's calendar lost leaves nothing off ours."""
    slate.learn(release("2026-03-20", "The Ledger", region="GB"))
    slate.learn(release("unset", "The Ledger", action=Action.UNSETS, region="GB"), at=NOW + timedelta(minutes=40))
    assert slate.json("status", "harbor")["titles"][0]["releases"][0]["date"] == "unset"
    (row,) = (line for line in slate.out("status").splitlines() if line.startswith("Harbor"))
    assert row.split("  ")[-1].strip() == "no date yet"


def test_a_date_of_the_users_own_is_called_so_everywhere(slate: Desk) -> None:
    """What the configuration says of a title of the user's own is their word, in the sentence as in the row."""
    with slate.store():
        shown = slate.out("status", "glass orchard")
    assert "Your own word." in shown
    assert "your word" in shown
    assert "On record" not in shown


def test_what_is_over_says_so_in_one_line(slate: Desk) -> None:
    """A title that is out everywhere ends with that nothing is left to wait for, is marked in the slate, and no other is."""
    with slate.store():
        pass
    assert slate.out("status", "old tide").splitlines()[-1] == 'Nothing left to wait for here. Another film: watcher add "NAME"'
    assert "Nothing left" not in slate.out("status", "paper moth")
    marked = [line.split("  ")[0] for line in slate.out("status").splitlines() if line.endswith("nothing ahead")]
    assert marked == ["Old Tide"]


def test_all_titles_in_full_come_soonest_first(slate: Desk) -> None:
    """`--all` shows every title as it is shown alone, in the order of the slate, and the service once at the end."""
    screen = slate.out("status", "--all")
    assert re.findall(r"^[A-Z ]{5,}(?=  )", screen, re.MULTILINE) == ["PAPER MOTH", "GLASS ORCHARD", "HARBOR", "OLD TIDE"]
    for title in ("paper moth", "glass orchard"):
        alone = slate.out("status", title).partition("\n\nNothing stored")[0]
        assert alone in screen


def test_slate_is_read_in_sentences_where_there_is_no_room(slate: Desk) -> None:
    """In a narrow terminal each title is a sentence that begins with how far off it is."""
    assert "Paper Moth: in 62 days, Fri May 2, 2025,\n  US cinemas, your word\n" in wide(slate, "status", columns=40)


def test_what_is_not_well_stands_under_a_head_of_its_own(desk: Desk) -> None:
    """A daemon that is down and a feed that fails are found by words, seen or heard, and what is well is not there."""
    with desk.store() as store:
        store.apply(
            Plan(at=NOW, feeds=(FeedState(url=FEED.url, next_poll_at=NOW, last_poll_at=NOW, failures=1, error="refuses us"),))
        )
    well, _, ill = desk.out("status").partition("TO LOOK AT\n")
    assert "The daemon: not running" in ill
    assert "The Ledger: refuses us; it never answered." in ill
    assert "phone: nothing waiting." in well.partition("SERVICE\n")[2]
    plain = desk.out("status", "--plain").splitlines()
    assert "To look at: The Ledger: refuses us; it never answered." in plain
    assert "Service: phone: nothing waiting." in plain


# ---- for ears


@pytest.mark.parametrize("several", [True, False])
def test_plain_is_a_fact_a_line_in_whole_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several: bool) -> None:
    """No line has columns, arrows or short names of days and months; each ends a sentence, and names its title among several."""
    newsroom = Newsroom(path=tmp_path, titles=(GLASS, OTHER) if several else (GLASS,))
    newsroom.take(*STORY[:-1])
    text = "".join(f'[[title]]\nname = "{title.name}"\n' for title in newsroom.titles)
    (tmp_path / "desk").mkdir()
    desk = Desk(tmp_path / "desk")
    desk.state = tmp_path
    desk.write(CONFIG.partition("[[title]]")[0] + text)
    monkeypatch.setattr(common, "now", lambda: day("2025-12-01"))
    lines = desk.out("status", "--plain").splitlines()
    assert not [line for line in lines if "  " in line or "->" in line or re.search(r"\b(?:Jan|Feb|Mar|Nov|Dec|Fri|Sun)\b", line)]
    assert all(line.endswith((".", "watcher run")) for line in lines)
    moved_words = "hange: September 1, 2025, US cinemas, from March 6, 2026 to May 1, 2026, The Ledger."
    assert any(line.endswith(moved_words) for line in lines)
    about = [line for line in lines if not line.startswith(("Service: ", "To look at: "))]
    assert all(line.startswith((GLASS.name, OTHER.name)) for line in about) is several


# ---- for programs


def _unset(desk: Desk) -> None:
    desk.learn(release("2025-06-05", "The Ledger"), moved("unset", "2025-06-05", "The Ledger"))


def _partial(desk: Desk) -> None:
    desk.learn(release("2026-22", "Reel Talk", modality=Modality.RUMOURED), credit(Status.IN_TALKS, "Ada Quill", "The Ledger"))


def _released(desk: Desk) -> None:
    desk.learn(release("2025-02-05", "The Ledger"), credit(Status.DIED, "Ada Quill", "The Ledger"))


def _muted(desk: Desk) -> None:
    desk.learn(release("2025-06-05", "The Ledger"))
    desk.out("mute", "harbor")


def _failing(desk: Desk) -> None:
    with desk.store() as store:
        state = FeedState(url=FEED.url, next_poll_at=NOW, last_poll_at=NOW, failures=1, status=403, error="refuses us (403)")
        store.apply(Plan(at=NOW, feeds=(state,)))


def _builtin(desk: Desk) -> None:
    desk.write(BUILTIN)


@pytest.mark.parametrize("words", [(), ("--as-of", "2025-03-02")], ids=["now", "then"])
@pytest.mark.parametrize("make", [None, _unset, _partial, _released, _muted, _failing, _builtin])
def test_every_key_of_the_json_is_written_down(desk: Desk, make: Any, words: tuple[str, ...]) -> None:
    """In whatever state things are, no key is there that the schema does not name, none is missing, and each has its type."""
    if make is not None:
        make(desk)
    assert breaches(desk.json("status", *words), SCHEMA) == []


def test_schema_lets_nothing_pass(slate: Desk) -> None:
    """A key more, a key less and another type are breaches of the schema, in every part of the document."""
    _failing(slate)
    for place in ((), ("titles", 0), ("titles", 0, "countdown"), ("daemon",), ("feeds", 0), ("targets", 0)):
        for change in ("more", "less", "other"):
            found: Any = slate.json("status")
            part = found
            for step in place:
                part = part[step]
            name = next(iter(part))
            if change == "more":
                part["new"] = 1
            elif change == "less":
                del part[name]
            else:
                part[name] = {"another": "type"}
            assert breaches(found, SCHEMA) != [], (place, change, name)


def test_schema_names_every_key_that_the_help_of_the_verb_documents() -> None:
    """The documentation at the head of the module names each key of the schema."""
    import watcher.cli.status as documented  # noqa: PLC0415 - for its text alone

    words = set(re.findall(r"\w+", documented.__doc__ or ""))
    named = set(SCHEMA["properties"]) | {key for part in SCHEMA["$defs"].values() for key in part.get("properties", {})}
    assert named - words == set()


# ---- refreshed in place


@contextmanager
def watching(desk: Desk, *words: str, lines: int = 30) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`status --watch` in a terminal of its own, and our end of it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
    command = [sys.executable, "-m", "watcher", "--config", str(desk.config), "status", "--watch", *words]
    environ = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}} | {
        "TERM": "xterm"
    }
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True) as child:
        os.close(theirs)
        try:
            yield child, ours
        finally:
            child.kill()
            os.close(ours)


def read_until(terminal: int, words: bytes, *, least: int = 1) -> bytes:
    """What the terminal got until these words have come so many times; a minute is long enough for anything."""
    seen, over = b"", time.monotonic() + 60
    while seen.count(words) < least:
        assert time.monotonic() < over, seen
        seen += os.read(terminal, 65536)
    return seen


def drained(terminal: int) -> bytes:
    """What is left to read once nobody writes any more."""
    seen = b""
    try:
        while chunk := os.read(terminal, 65536):
            seen += chunk
    except OSError:  # Linux tells so of a terminal that nobody has open
        pass
    return seen


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_watching_gives_the_terminal_back(desk: Desk, number: signal.Signals, status: int) -> None:
    """It draws on the terminal's other page without a cursor or an echo, refreshes there, and leaves all as it was."""
    desk.learn(release("2031-06-05", "The Ledger"))
    with watching(desk, "--every", "1") as (child, terminal):
        before = termios.tcgetattr(terminal)[3] | termios.ECHO
        shown = read_until(terminal, b"Ctrl-C ends it.", least=2)
        assert shown.startswith(b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H")
        assert b"Opens Thursday, June 5, 2031" in shown
        assert b"\x1b[2J" not in shown
        assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        child.send_signal(number)
        assert child.wait(60) == status
        assert drained(terminal).endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l")
        assert termios.tcgetattr(terminal)[3] == before


def test_watching_follows_the_terminals_size(desk: Desk) -> None:
    """A window that gets smaller is filled anew at once, in lines that fit, with a word on what is left out."""
    desk.learn(release("2031-06-05", "The Ledger"))
    with watching(desk, "--every", "3600") as (child, terminal):
        read_until(terminal, b"Ctrl-C ends it.")
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 50, 0, 0))
        child.send_signal(signal.SIGWINCH)
        shown = read_until(terminal, b"taller window").decode()
        lines = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", shown).split("\r\n")
        assert len(lines) == 6
        assert max(map(len, lines)) <= 50
        assert "more lines in a taller window" in lines[-1]


def test_watching_goes_on_after_a_mistake(desk: Desk) -> None:
    """A configuration that breaks meanwhile is told on the screen and not the end, and the next look may be well again."""
    desk.learn(release("2031-06-05", "The Ledger"))
    well = desk.config.read_text(encoding="utf-8")
    with watching(desk, "--every", "1") as (child, terminal):
        read_until(terminal, b"Ctrl-C ends it.")
        desk.config.write_text("[watcher]\nnonsense = 1\n", encoding="utf-8")
        read_until(terminal, b"nonsense")
        desk.config.write_text(well, encoding="utf-8")
        read_until(terminal, b"Opens Thursday, June 5, 2031")
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 0


@pytest.mark.parametrize("words", [("--watch",), ("--watch", "--json"), ("--watch", "--plain"), ("--every", "3")])
def test_watching_without_a_terminal_is_a_mistake(desk: Desk, words: tuple[str, ...]) -> None:
    """What cannot be refreshed in place is refused with a word on what to write instead, before anything is shown."""
    result = desk.run("status", *words)
    assert isinstance(result.exception, UsageError)
    assert result.stdout == ""


@pytest.mark.parametrize("every", ["0", "nan", "inf", "1e12", "90000"])
def test_no_pause_is_longer_than_a_day(desk: Desk, every: str) -> None:
    """What is no number of seconds that anybody would wait is refused, and is no traceback in the middle of a screen."""
    with watching(desk, "--every", every) as (child, terminal):
        said = drained(terminal).decode()
        assert child.wait(60) == 2
    assert "Invalid value for '--every'" in said
    assert "\x1b" not in said


def test_page_is_one_screen_whatever_is_on_it() -> None:
    """A refresh fills exactly the lines there are, clears each before it writes, and never behind a letter in the last column."""
    for many in (0, 1, 23, 24, 80):
        drawn = page([f"line {number}" for number in range(many)], "foot", (80, 24))
        assert drawn.startswith("\x1b[H")
        assert drawn.count("\r\n") == 23
        assert re.findall(r"\x1b\[[KJ](?=\r|$)", drawn) == ["\x1b[K"] * max(23 - many, 0)  # none behind a letter
        assert all(line.startswith("\x1b[K") for line in drawn.removeprefix("\x1b[H").split("\r\n")[:-1])
        assert drawn.split("\r\n")[-1].startswith("\x1b[J")
        assert ("more lines" in drawn) == (many > 23)


def test_page_is_as_wide_as_the_terminal() -> None:
    """What is wider than the terminal is cut with a mark, whatever its letters and styles, so that it takes one line."""
    lines = [layout.bold("a" * 21), "\N{CJK UNIFIED IDEOGRAPH-5929}" * 11, layout.bold("b" * 20)]
    drawn = [click.unstyle(line) for line in page(lines, "foot " * 9, (20, 5)).split("\r\n")]
    assert drawn == ["a" * 19 + "…", "\N{CJK UNIFIED IDEOGRAPH-5929}" * 9 + "…", "b" * 20, "", ("foot " * 9)[:20]]


# ---- what it costs


def test_asking_imports_only_what_it_needs(desk: Desk) -> None:
    """With a store and no configuration `status` imports nothing of what reads, decides, sends or checks settings."""
    program = f"""
import os, sys
before = set(sys.modules)
from watcher.cli import watcher
os.environ["STATE_DIRECTORY"] = {str(desk.state)!r}
os.environ["TZ"] = "UTC"
watcher(["status"], standalone_mode=False)
print(sorted((set(sys.modules) - before) & {SPARED!r}))
"""
    from watcher.catalogue import builtin  # noqa: PLC0415 - as a daemon without a configuration has it

    with desk.store() as store:
        store.configure(builtin().titles, builtin().feeds, NOW, [NOW] * len(builtin().feeds))
    environ = {"PATH": os.environ["PATH"], "HOME": str(desk.state), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, env=environ)
    assert done.stdout.splitlines()[-1] == "[]"
