"""`watcher items`: what was stored, newest first, found by its words, its title, its feed and what became of it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from boards import GLASS, OTHER, STORY, Newsroom, Told, feed_of
from builders import NOW, OUTLETS, credit, item, moved, release, world
from click.testing import CliRunner, Result
from desks import FEED, SECRET, Desk
from feedserver import Answer, Entry, FeedServer, rss
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import Home, one_feed

from watcher.cli import common, watcher
from watcher.cli.layout import cells
from watcher.errors import UsageError
from watcher.learn import take
from watcher.model import Action, FeedState, Modality, Status, Target
from watcher.store import ask, browsing
from watcher.store.browsing import Fate
from watcher.store.outbox import Outbox


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at which the time stands still, a little after the news."""
    monkeypatch.setattr(common, "now", lambda: NOW + timedelta(hours=1))
    return Desk(tmp_path)


#: What came beside the story: news of nothing that is watched, another script, and the name in passing.
BESIDE = (
    Told(on="2026-05-21", outlet="Reel Talk", head="Ten to stream this weekend: Glass Orchard and others", text="Nothing."),
    Told(on="2026-05-22", outlet="Morning Reel", head="Tidewater leads a quiet frame", text="At the Café Noir they cheered."),
    Told(on="2026-05-22", outlet="Copycat", head="灯台の日、公開へ", text="来年に公開。"),
)


class Room:
    """The story in a store, and `items` asked of it."""

    def __init__(self, path: Path) -> None:
        self.newsroom = Newsroom(path=path, titles=(GLASS, OTHER))
        self.newsroom.take(*STORY, *BESIDE)
        self.config = path / "config.toml"
        self.write("Glass Orchard")

    def write(self, *titles: str) -> None:
        """Write the configuration with these titles."""
        feeds = "".join(f'[[feed]]\nurl = "{feed_of(o.name).url}"\noutlet = "{o.name}"\n' for o in OUTLETS.outlets)
        watched = "".join(f'[[title]]\nname = "{title}"\ncontext = ["Marrow Pictures"]\n' for title in titles)
        head = f'[watcher]\nstate = "{self.config.parent}"\ntimezone = "UTC"\nregions = ["US"]\n'
        self.config.write_text(f"{head}builtin_titles = false\nbuiltin_feeds = false\n{watched}{feeds}", encoding="utf-8")

    def run(self, *words: str, columns: int = 80, color: bool = False) -> Result:
        """Run the verb in this process."""
        env = {"COLUMNS": str(columns), "NO_COLOR": None, "TERM": "xterm"}
        return CliRunner().invoke(watcher, ["--config", str(self.config), "items", *words], env=env, color=color)

    def out(self, *words: str, columns: int = 80) -> str:
        """What it prints where it goes well."""
        result = self.run(*words, columns=columns)
        assert result.exception is None, result.exception
        return result.stdout

    def heads(self, *words: str) -> list[str]:
        """The headlines of what it finds."""
        lines = self.out("--plain", "--limit", "99", *words).splitlines()
        known = {told.head for told in (*STORY, *BESIDE)}
        return [head for line in lines for head in known if f": {head}. " in line]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """One store for all that only ask."""
    return Room(tmp_path_factory.mktemp("room"))


def bare(screen: str) -> list[str]:
    """The lines, each id of an item replaced by dots."""
    return [re.sub(r"\b[0-9a-f]{12}\b", "." * 12, line) for line in screen.splitlines()]


# ---- the screen


def test_items_stand_newest_first_with_what_was_read_and_what_became_of_them(room: Room) -> None:
    """Each item has its day, outlet, headline and id, and below what was read and what became of it; runs of others one line."""
    assert bare(room.out("--limit", "6")) == [
        "ITEMS: the newest 6 of 14 stored",
        "",
        "2026",
        "  May 22   Copycat: 灯台の日、公開へ                                ............",
        "           Morning Reel: Tidewater leads a quiet frame              ............",
        "             These 2 name nothing that is watched.",
        "  May 21   Reel Talk: Ten to stream this weekend: Glass Orchard     ............",
        "           and others",
        "             Says nothing of a release or a credit.",
        "  May 20   The Ledger: Glass Orchard comes home on June 16, 2026    ............",
        "             Digital, US: June 16, 2026. Told nobody: no target asks for it.",
        "",
        "2025",
        "  Sep  1   The Ledger: Glass Orchard delayed to May 1, 2026         ............",
        "             US cinemas: moves to May 1, 2026.",
        "             Told nobody: no target asks for it.",
        "  Apr  1   Morning Reel: Glass Orchard will open in the UK on       ............",
        "           March 20, 2026",
        "             UK cinemas: March 20, 2026. Told nobody: no target asks for it.",
        "",
        "More of them: add --limit 14",
        "Why one of them: watcher why glass-orchard ............",
    ]


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("words", [(), ("--search", "glass"), ("--outcome", "unnamed"), ("nothing at all",)])
def test_screen_keeps_within_its_width(room: Room, words: Sequence[str], columns: int) -> None:
    """No line is wider than the terminal, whatever script it is in."""
    assert max(cells(line) for line in room.out("--limit", "99", *words, columns=columns).splitlines()) <= columns


def test_last_line_is_a_command_that_explains_one_of_them(room: Room) -> None:
    """The command below the items runs as it stands and names the item."""
    asked = room.out("--search", "delayed").splitlines()[-1].removeprefix("Why one of them: watcher ")
    result = CliRunner().invoke(watcher, ["--config", str(room.config), *shlex.split(asked)])
    assert result.exit_code == 0
    assert result.stdout.startswith("Glass Orchard delayed to May 1, 2026\n")


def test_several_titles_are_told_apart(tmp_path: Path) -> None:
    """Where several titles are watched, what was read begins with the title's name."""
    room = Room(tmp_path)
    room.write("Glass Orchard", "North of Salt")
    assert "             Glass Orchard: US cinemas: moves to May 1, 2026.\n" in room.out("delayed")


def test_item_that_told_says_whom(desk: Desk) -> None:
    """What told somebody names the target it went to, or waits for; what it was too unsure for is told to nobody."""
    desk.learn(moved("2025-09-12", None, "The Ledger"), headline="It moves")
    assert "  US cinemas: moves to September 12, 2025. Waits for phone.\n" in desk.out("items")
    with desk.store() as store:
        delivery = Outbox(store).claim(Target(name="phone"), NOW + timedelta(hours=1))
        assert delivery is not None
        Outbox(store).sent(delivery, "It moves", NOW + timedelta(hours=1))
    assert "  US cinemas: moves to September 12, 2025. Sent to phone.\n" in desk.out("items")
    with desk.store() as store:
        store.connection.execute("UPDATE outbox SET dropped = 'superseded by later news'")
        store.connection.commit()
    assert "Told nobody: superseded by later news." in desk.out("items")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (release("2025-06-05"), "US cinemas: June 5, 2025."),
        (release("2025-06-05", action=Action.SETS), "US cinemas: set for June 5, 2025."),
        (release("2025-06", action=Action.CONFIRMS), "US cinemas: confirmed for June 2025."),
        (release("2025-06-05", modality=Modality.RUMOURED), "US cinemas: June 5, 2025 (rumoured)."),
        (release("unset", action=Action.UNSETS), "US cinemas: taken off the calendar."),
        (credit(Status.IN_TALKS), "Ada Quill: in talks."),
        (credit(Status.LISTED, job="director"), "Ada Quill, director: named."),
    ],
)
def test_claim_is_said_in_few_words(desk: Desk, said: object, words: str) -> None:
    """What an item says of a title is told in a few plain words."""
    desk.learn(said)  # type: ignore[arg-type]
    assert f"             {words} " in " ".join(desk.out("items").splitlines()[4:])


def test_many_claims_are_cut_short(desk: Desk) -> None:
    """Of many claims the first three are shown and the number of the others, and news stands before what is known."""
    people = [credit(Status.JOINS, name).claim for name in ("Ada Quill", "Bo Tarn", "Cy Dorn", "Di Vane", "Ed Moor")]
    with desk.store() as store:
        house = world({"a": [credit(Status.LISTED, "Fay Orr").claim, *people]})
        after = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=NOW, last_ok_at=NOW, last_poll_at=NOW)
        take(store, house, FEED, [item("a")], after=after, now=NOW)
    screen = desk.out("items")
    assert "Ada Quill: joins; Bo Tarn: joins; Cy Dorn: joins; 2 more." in screen
    assert "Orr" not in screen


def test_days_in_a_reason_are_written_as_the_reader_does(room: Room) -> None:
    """The reason of a silence names days as everything else does."""
    assert "Told nobody: already known, confirmed since November 18, 2024." in room.out("pushed")


# ---- what is asked for


def test_words_are_looked_for_in_headline_and_text(room: Room) -> None:
    """TEXT and ``--search`` are the same, in any case and without accents, and all of it must be there."""
    tidewater = ["Tidewater leads a quiet frame"]
    assert (
        room.heads("cafe", "TIDE") == room.heads("--search", "cafe tide") == room.heads("cafe", "--search", "tide") == tidewater
    )
    assert room.heads("公開") == ["灯台の日、公開へ"]
    assert room.heads('"may 1, 2026"', "delay") == ["Glass Orchard delayed to May 1, 2026"]
    assert room.heads("--search", "") == room.heads()


def test_filters_hold_together(room: Room) -> None:
    """Title, feed, outcome and day each leave out what they do not mean, and all of them hold."""
    assert len(room.heads("--title", "glass orchard")) == len(STORY) + 1
    assert room.heads("--outcome", "unnamed") == ["灯台の日、公開へ", "Tidewater leads a quiet frame"]
    assert room.heads("--outcome", "unnamed", "--feed", "morning-reel.example") == ["Tidewater leads a quiet frame"]
    assert room.heads("--feed", "reel talk", "--since", "2025") == ["Ten to stream this weekend: Glass Orchard and others"]
    assert room.heads("--since", "2026-05-22") == room.heads("--outcome", "unnamed")
    assert room.heads("--since", "2026-05", "--feed", feed_of("The Ledger").url) == ["Glass Orchard comes home on June 16, 2026"]
    assert room.heads("--outcome", "nothing", "--title", "glass-orchard", "ten") == [BESIDE[0].head]


def test_head_says_what_was_asked_for(room: Room) -> None:
    """The first line repeats what was asked for, and so does the line where nothing is found."""
    head = room.out("delay", "--feed", "The Ledger", "--title", "glass-orchard", "--outcome", "silent", "--since", "2025-03-04")
    said = "with “delay” from The Ledger naming Glass Orchard told to nobody since March 4, 2025"
    assert " ".join(head.splitlines()[:2]).startswith(f"ITEMS: 1 {said}")
    assert room.out("zeppelin") == "No items with “zeppelin”. All there are: watcher items\n"
    assert room.out('"a zeppelin"') == 'No items with "a zeppelin". All there are: watcher items\n'


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--feed", "nobody"), "no feed is called 'nobody'"),
        (("--title", "nothing"), "'nothing' is not watched"),
        (("--since", "yesterday"), "--since 'yesterday': is no date; write 2026-05-01, 2026-05 or 2026"),
        (("--since", "unset"), "--since 'unset': is no date"),
    ],
)
def test_what_is_not_there_is_said(room: Room, words: Sequence[str], says: str) -> None:
    """A feed, a title or a day that nobody knows is an error of usage in a line."""
    error = room.run(*words).exception
    assert isinstance(error, UsageError)
    assert says in str(error)


def test_outlet_that_is_read_no_more_is_still_found(tmp_path: Path) -> None:
    """The items of an outlet that the configuration no longer has are found by its name."""
    room = Room(tmp_path)
    room.config.write_text(room.config.read_text(encoding="utf-8").partition("[[feed]]")[0], encoding="utf-8")
    assert room.heads("--feed", "morning reel", "--since", "2026") == ["Tidewater leads a quiet frame"]


def test_address_keeps_its_secrets(desk: Desk) -> None:
    """The address of a feed is shown without what is secret in it, on the screen and in JSON."""
    desk.learn(release("2025-06-05", "The Ledger"))
    for words in (("items",), ("items", "--json"), ("items", "--feed", FEED.url), ("items", "--feed", FEED.url, "zeppelin")):
        assert SECRET not in desk.out(*words)
    assert SECRET not in str(desk.run("items", "--feed", f"{FEED.url}x").exception)


@settings(deadline=None, max_examples=40)
@given(words=st.text(max_size=60))
def test_any_words_are_answered(room: Room, words: str) -> None:
    """Whatever is looked for, the answer is items or none, and never an error or a control character."""
    result = room.run("--search", words)
    assert result.exit_code == 0, result.exception
    assert all(line.isprintable() for line in result.stdout.splitlines())


async def test_poll_by_hand_fills_the_index(tmp_path: Path) -> None:
    """What a pass without a daemon brought is in the index, and found."""
    with FeedServer() as server:
        url = server.answer("/feed", Answer(rss(Entry("A lighthouse", guid="a"), Entry("A harbour", guid="b"))))
        home = Home(tmp_path, one_feed(url))
        await home.run("poll")
        with closing(ask.open_reader(home.database)) as reader:
            assert reader.execute("SELECT count(*) FROM words WHERE words MATCH 'lighthouse OR harbour'").fetchone()[0] == 2
        assert "A lighthouse. Names nothing that is watched." in (await home.run("items", "--plain", "light")).out


# ---- other shapes


def test_plain_is_an_item_a_line(room: Room) -> None:
    """``--plain`` says all of an item in a line, its id at the end, and how many more there are."""
    first, second, third, last = bare(room.out("--plain", "--limit", "3"))
    assert first == "May 22, 2026: Copycat: 灯台の日、公開へ. Names nothing that is watched. (............)"
    assert second.startswith("May 22, 2026: Morning Reel: Tidewater")
    assert third.endswith("Says nothing of a release or a credit. (............)")
    assert last == "11 more."


def test_json_has_all_that_is_documented(desk: Desk) -> None:
    """``--json`` has the documented keys and no others, for an item that names a title and for one that does not."""
    desk.learn(release("2025-06-05", "The Ledger"), headline="It opens")
    with desk.store() as store:
        after = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=NOW, last_ok_at=NOW, last_poll_at=NOW)
        take(store, world(), FEED, [item("other", title="Else", on="2025-02-01")], after=after, now=NOW)
    found = desk.json("items")
    assert (set(found), found["stored"], found["total"]) == ({"version", "at", "stored", "total", "items"}, True, 2)
    told, other = found["items"]  # type: ignore[misc]
    keys = {"item", "headline", "outlet", "feed", "link", "published", "first_seen", "kind", "outcome", "read"}  # type: ignore[has-type]
    assert set(told) == set(other) == keys  # type: ignore[has-type]
    assert (other["headline"], other["outcome"], other["read"]) == ("Else", "unnamed", [])  # type: ignore[has-type]
    assert other["feed"] == "https://example.org/film"  # type: ignore[has-type]
    (read,) = told["read"]  # type: ignore[has-type]
    assert {key: read[key] for key in ("title", "verdict", "outcome", "reason")} == {
        "title": "harbor",
        "verdict": "about",
        "outcome": "told",
        "reason": "told: harbor/release/US/theatrical/r1",
    }
    assert [(claim["date"], claim["outlet"]) for claim in read["claims"]] == [("2025-06-05", "The Ledger")]
    assert (told["outcome"], told["kind"], told["published"]) == ("told", "item", "2025-03-01T11:31:00+00:00")  # type: ignore[has-type]


def test_before_the_first_run_nothing_is_stored(desk: Desk) -> None:
    """Without a store the answer says how to begin, JSON that there is none, and no file is made."""
    assert desk.out("items") == desk.out("items", "zeppelin") == "Nothing stored yet. Start with: watcher run\n"
    found = desk.json("items", "--feed", "The Ledger")
    assert (found["stored"], found["total"], found["items"]) == (False, 0, [])
    assert list(desk.state.iterdir()) == []


def test_empty_store_says_so(desk: Desk) -> None:
    """A store without items has none to show."""
    desk.store().close()
    assert desk.out("items") == "No items are stored yet.\n"


def test_every_outcome_is_documented() -> None:
    """Each word for what became of an item is explained where the verb is, and offered by it."""
    from watcher.cli import items  # noqa: PLC0415 - its text is what is tried

    assert items.__doc__ is not None
    assert re.findall(r"^    (\w+)   ", items.__doc__.partition("``--json``")[0], re.MULTILINE) == [fate.value for fate in Fate]
    assert set(items._IN_WORDS) == set(browsing._WITH_FATE) == set(Fate)


def test_asking_for_items_loads_nothing_heavy(room: Room) -> None:
    """The verb starts light: no library of the daemon's is imported for it, not even to search."""
    heavy = ("apprise", "httpx", "feedparser", "apscheduler", "sqlite_utils", "trafilatura", "lxml", "jinja2", "rich")
    code = f"import sys; from watcher.cli import main\ntry: main()\nfinally: print([m for m in {heavy} if m in sys.modules])"
    command = [sys.executable, "-c", code, "--config", str(room.config), "items", "delayed"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
