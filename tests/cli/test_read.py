"""`watcher read`: what it takes from a text and what it leaves, and what it says of a file that it cannot read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.cli import watcher
from watcher.cli.given import Kind, given_items, kind_of
from watcher.cli.layout import cells
from watcher.errors import UsageError, WatcherError

CONFIG = """
[watcher]
builtin_titles = false
builtin_feeds = false
[[title]]
name = "Harbor Lights"
context = ["Mira Solis"]
[[title]]
name = "Nocturne"
context = ["Iris Valdane"]
"""
NOW = datetime(2026, 5, 5, tzinfo=UTC)
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NEWS = "Harbor Lights has moved from May 7, 2027 to June 4, 2027."
ARTICLE = f"""The harbor waits

It was a wet week. {NEWS} Mira Solis was born on March 3, 1990.
Harbor Lights also stars Ada Quill and Tom Oren. The sea is wide.
"""
RSS = (
    "<rss version='2.0'><channel><title>The Ledger</title><item><title>{}</title><description>{}</description>"
    "<pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)
LINE = json.dumps({"id": "7", "outlet": "The Ledger", "published": "2026-05-04", "headline": "Film news", "text": NEWS})
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Desk:
    """A configuration, a place for files, and the verb."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "config.toml").write_text(CONFIG, encoding="utf-8")

    def run(self, body: str | bytes, *words: str, columns: int = 80, color: bool = False, **env: str) -> Result:
        """Read a file of that content."""
        file = self.path / "news"
        file.write_bytes(body.encode("utf-8") if isinstance(body, str) else body)
        return self.on(str(file), *words, columns=columns, color=color, **env)

    def on(self, file: str, *words: str, columns: int = 80, color: bool = False, said: bytes = b"", **env: str) -> Result:
        """Read a file by its name; `said` is standard input."""
        wanted = {"COLUMNS": str(columns), "NO_COLOR": None, "TERM": "xterm"} | env
        command = ["--config", str(self.path / "config.toml"), "read", file, *words]
        return CliRunner().invoke(watcher, command, env=wanted, color=color, input=said)

    def out(self, body: str | bytes, *words: str, columns: int = 80) -> str:
        """What is printed where it goes well."""
        result = self.run(body, *words, columns=columns)
        assert result.exception is None, result.exception
        return result.stdout

    def error(self, body: str | bytes, *words: str) -> str:
        """What is said where it cannot go well."""
        result = self.run(body, *words)
        assert isinstance(result.exception, UsageError), result.exception
        return str(result.exception)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk of one's own."""
    return Desk(tmp_path)


def test_what_was_taken_comes_first_and_then_every_sentence_with_its_rule(desk: Desk) -> None:
    """Of a title the verdict, then each date and person once, then the sentences: what was taken by which rule, or left why."""
    out = desk.out(ARTICLE, "--outlet", "The Ledger", "--published", "2026-05-04")
    head, _, rest = out.partition("TAKEN\n")
    taken, _, sentences = rest.partition("SENTENCE BY SENTENCE\n")
    assert head.startswith("The harbor waits\nnews, The Ledger (press), May 4, 2026\n\nHARBOR LIGHTS")
    assert "ABOUT IT" in head
    assert taken.splitlines() == [
        "  Cinemas    moves to Friday, June 4, 2027 (was May 7, 2027)",
        "  Ada Quill  named",
        "  Tom Oren   named",
    ]
    assert f"  {NEWS}\n    taken  Cinemas: moves to Friday, June 4, 2027 (was May 7, 2027)" in sentences
    assert "release.from_to\n" in sentences
    assert "    left   March 3, 1990: " in sentences
    assert re.search(r"taken  Ada Quill: named +credit\.\w+\n", sentences)


def test_sentences_that_say_nothing_are_counted_and_shown_when_asked_for(desk: Desk) -> None:
    """A sentence of which nothing was made is only counted, unless --all wants to see it."""
    assert "wet week" not in desk.out(ARTICLE)
    assert "  3 other sentences say nothing about a release or a credit; --all shows them\n" in desk.out(ARTICLE)
    everything = desk.out(ARTICLE, "--all")
    assert "  It was a wet week.\n" in everything
    assert "--all" not in everything


def test_a_claim_that_another_sentence_outdoes_is_left_with_that_reason(desk: Desk) -> None:
    """What a sentence says less well than another of the same item is shown as left."""
    text = "Harbor Lights opens in theaters in June 2027. Harbor Lights opens in theaters on June 4, 2027. Mira Solis is glad."
    assert "    left   Cinemas: June 2027: another sentence says more\n" in desk.out(text)


def test_a_title_that_is_only_named_or_another_work_is_told_with_its_reason(desk: Desk) -> None:
    """A name that does not mean the film gets its verdict and why, and no sentences; each title has its own."""
    out = desk.out("Nocturne wins. Harbor Lights 2 is for sale.")
    assert re.search(r"HARBOR LIGHTS +ANOTHER WORK\n  Harbor Lights is followed by a number, as a sequel is\.\n", out)
    assert re.search(r"NOCTURNE +NOT SURELY IT\n  The name stands there, but nothing shows that it is this film\.", out)
    assert "SENTENCE" not in out


def test_a_text_that_names_no_title_says_so(desk: Desk) -> None:
    """One item without a watched title ends in a sentence that names those that are watched."""
    assert "Names no watched title (Harbor Lights, Nocturne), so nothing is read in it." in desk.out("A film opens.\nOn May 7.")


def test_many_items_end_in_a_sum(desk: Desk) -> None:
    """Items that name no title are counted at the end, and listed when asked for."""
    dull = json.dumps({"id": "8", "headline": "A dull day", "text": "Nothing."})
    out = desk.out(f"{LINE}\n{dull}\n")
    assert out.endswith("\n2 items: 1 about Harbor Lights, with 1 claim; 1 names no watched title.\n")
    assert "A dull day" not in out
    assert "A dull day" in desk.out(f"{LINE}\n{dull}\n", "--all")
    assert desk.out(f"{dull}\n{dull}\n") == "2 items; none names a watched title (Harbor Lights, Nocturne).\n"


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_lines_fit_the_screen(desk: Desk, columns: int) -> None:
    """No line is wider than the screen, whatever stands in the text."""
    wide = "港の明かり " * 9
    for body in (ARTICLE, f"{LINE}\n" * 2, f"{ARTICLE} {wide} Harbor Lights opens in theaters on June 9, 2027."):
        for line in desk.out(body, "--all", columns=columns).splitlines():
            assert cells(line) <= columns


def test_colour_is_for_terminals_and_says_nothing_that_words_do_not(desk: Desk) -> None:
    """A terminal gets styles, a pipe and NO_COLOR none, and the words are the same."""
    coloured = desk.run(ARTICLE, color=True).stdout
    assert "\x1b[32m" in coloured
    assert ESCAPE.sub("", coloured) == desk.out(ARTICLE) == desk.run(ARTICLE, color=True, NO_COLOR="1").stdout


def test_no_control_character_of_a_text_is_printed(desk: Desk) -> None:
    """What a text holds of escapes never reaches the terminal."""
    out = desk.out(f"News\x1b[2J\n\n{NEWS} \x9b31m\x07Mira\u202e Solis is glad.", "--outlet", "\x1b[1mX", "--all")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out)


def test_json_is_a_line_for_each_item_and_no_more(desk: Desk) -> None:
    """Every item gets one JSON line with its id and its claims, also one that names no title."""
    dull = json.dumps({"id": "8", "headline": "A dull day", "text": "Nothing."})
    rows = [json.loads(line) for line in desk.out(f"{LINE}\n\n{dull}\n", "--json").splitlines()]
    assert [row["id"] for row in rows] == ["7", "8"]
    assert rows[1] == {"id": "8", "claims": []}
    (claim,) = rows[0]["claims"]
    wanted = {"kind": "release", "title": "Harbor Lights", "date": "2027-06-04", "from_date": "2027-05-07", "action": "moves"}
    assert wanted.items() <= claim.items()
    assert {"release_type", "region", "modality", "sentence"} <= claim.keys()


def test_a_text_that_is_too_long_says_where_reading_ends(desk: Desk) -> None:
    """Nobody has to guess that the end of an endless text was left out."""
    assert "only its first 60,000 characters of " in " ".join(desk.out(NEWS + " Mira Solis. " + "The sea. " * 9000).split())


# --- what a file is ---


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (LINE.encode(), Kind.JSONL),
        (b'\xef\xbb\xbf {"id": 1}', Kind.JSONL),
        (b'{"title": "T", "items": [], "version": "https://jsonfeed.org/version/1.1"}', Kind.FEED),
        (b'{"items": 3, "headline": "x"}', Kind.JSONL),
        (b"<?xml version='1.0'?><!-- <html> --><rss version='2.0'/>", Kind.FEED),
        (b"\n<feed xmlns='http://www.w3.org/2005/Atom'>", Kind.FEED),
        (b"<rdf:RDF>", Kind.FEED),
        (b"<!DOCTYPE html><html>", Kind.HTML),
        (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'>", Kind.HTML),
        (b"<p>Harbor Lights", Kind.HTML),
        (b"[Exclusive] Harbor Lights opens", Kind.TEXT),
        (b"Harbor Lights opens", Kind.TEXT),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(body: bytes, kind: Kind) -> None:
    """JSON Lines, feeds, pages and plain text are told apart whatever the file is called."""
    assert kind_of(body) is kind


@pytest.mark.parametrize(
    "body",
    [
        LINE,
        RSS.format("Film news", NEWS),
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><title>N</title><summary>{NEWS}</summary></entry></feed>",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "content_text": NEWS}]}),
        f"<html><body><h1>Film news</h1><p>{NEWS}</p></body></html>",
        ARTICLE,
        ("\ufeff" + ARTICLE).encode("utf-16-le"),
    ],
    ids=("jsonl", "rss", "atom", "json feed", "html", "text", "utf-16"),
)
def test_every_kind_of_file_is_read(desk: Desk, body: str | bytes) -> None:
    """The same news is read out of each kind of file."""
    assert "moves to Friday, June 4, 2027 (was May 7, 2027)" in desk.out(body)


def test_a_page_brings_its_own_date_and_outlet(desk: Desk) -> None:
    """What a page says of its day, and the host it calls its own, need not be said again."""
    head = (
        "<meta property='article:published_time' content='2026-05-04T10:00:00Z'>"
        "<link rel='canonical' href='https://deadline.com/2026/05/harbor'>"
    )
    out = desk.out(f"<html><head><title>Film news</title>{head}</head><body><article><p>{NEWS}</p></article></body></html>")
    assert out.splitlines()[1] == "news, Deadline (trade), May 4, 2026"


def test_standard_input_is_a_file_too(desk: Desk) -> None:
    """A dash reads standard input, of whatever kind."""
    assert "June 4, 2027" in desk.on("-", said=LINE.encode()).stdout
    assert "standard input, undated" in desk.on("-", said=ARTICLE.encode()).stdout


def test_as_overrides_what_a_file_looks_like(desk: Desk) -> None:
    """--as takes a file for what the user says it is."""
    assert "Names no watched title" not in desk.out(f"<{NEWS}", "--as", "text")
    assert "line 1: is no JSON" in desk.error(NEWS, "--as", "jsonl")


@pytest.mark.parametrize(
    ("published", "said"), [("2026-05-04", "May 4, 2026"), ("2026-05", "May 2026"), ("2026", "2026"), ("", "undated")]
)
def test_the_users_date_resolves_what_is_relative(desk: Desk, published: str, said: str) -> None:
    """A plain text has no date of its own: "next summer" means something only once --published says when it was written."""
    words = ["--published", published] if published else []
    out = desk.out("Harbor Lights opens next summer. Mira Solis is glad.", *words)
    assert f", {said}" in out.splitlines()[1]
    assert ("summer 2027" in out) is bool(published)


def test_the_users_words_never_replace_what_a_file_says(tmp_path: Path) -> None:
    """Outlet, date and language of the options hold only where the file has none."""
    desk = Desk(tmp_path)
    out = desk.out(LINE, "--published", "2001-01-01", "--outlet", "Nobody")
    assert "7, The Ledger (press), May 4, 2026" in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": 2, "headline": "y', "line 3: is no JSON (column "),
        ("[]", "line 3: is no JSON object; make lines of a list with: jq"),
        ('{"id": 2}', 'line 3: has neither "headline" nor "text"'),
        ('{"headline": 3}', 'line 3: "headline" is 3, which is no text'),
        ('{"text": "x", "published": "soonish"}', "line 3: \"published\" is 'soonish'; write a day"),
        ('{"text": "x", "published": "0001-01-01T00:00:00+09:00"}', 'line 3: "published" is'),
        ('{"text": "x", "published": "unset"}', 'line 3: "published" is'),
        ('{"a": ' * 100_000, "line 3: is no JSON that can be read"),
    ],
    ids=range(8),
)
def test_a_bad_line_is_named_with_its_number_and_its_remedy(desk: Desk, line: str, said: str) -> None:
    """JSON Lines with a line that is no item end in one error that says which line, what is wrong, and what an item is."""
    assert said in desk.error(f"{LINE}\n\n{line}\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "news: is empty"),
        (b" \n\t\n", "news: is empty"),
        (b"%PDF-1.7 \x00", "is a PDF, not text"),
        (b"\x1f\x8b\x08", "is compressed; unpack it first: gunzip -c"),
        (b"ab\x00cd", "holds binary data (byte 3 is 0), not text"),
        (b"Harbor Lights\n\nIt\x92s late", "line 3: is not in UTF-8 (byte 0x92); convert it first"),
        (b"<?xml version='1.0'?><opml/>", "is XML, but no feed: it holds <opml>; say what it is with --as"),
    ],
    ids=range(7),
)
def test_a_file_that_is_no_text_is_refused_with_advice(desk: Desk, body: bytes, said: str) -> None:
    """Empty, binary and wrongly encoded files end in an error that says what the file is and what to do."""
    assert said in desk.error(body)


def test_a_file_that_cannot_be_opened_is_named(desk: Desk) -> None:
    """A missing file and a directory end in an error with the file's name."""
    assert str(desk.on("/nowhere/at all").exception) == "/nowhere/at all: cannot be read: no such file or directory"
    assert str(desk.on(str(desk.path)).exception) == f"{desk.path}: cannot be read: is a directory"
    assert "is no day; write it as 2026-06-06" in str(desk.run(ARTICLE, "--published", "someday").exception)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)), st.sampled_from([None, *Kind]))
def test_any_bytes_become_items_or_an_error_for_a_person(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, kind: Kind
) -> None:
    """Whatever a file holds and is said to be, it ends in items or in one of our own errors."""
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(body)
    try:
        found = given_items(str(file), now=NOW, kind=kind)
    except WatcherError:
        return
    assert all(one.item.guid for one in found)


# --- what README says ---


def test_the_example_in_the_readme_is_what_is_printed() -> None:
    """README's example of `watcher read` shows the very lines that its command prints."""
    said, shown = re.search(r"^\$ echo \"(.*)\" \|\n    watcher read -\n(.*?)^```$", README, re.DOTALL | re.MULTILINE).groups()
    env = {"COLUMNS": "80", "NO_COLOR": "1", "XDG_CONFIG_HOME": "/nonexistent", "WATCHER_CONFIG": ""}
    result = CliRunner().invoke(watcher, ["read", "-"], input=said.encode(), env=env)
    assert result.stdout == shown
