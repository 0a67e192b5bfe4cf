"""`add` and `learn`: a title in the configuration, what was told of it before, and articles that somebody hands over."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import sqlite3
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from feedserver import Answer, Entry, FeedServer, rss
from pages import page
from processes import Home
from receivers import WebhookReceiver

from watcher.cli import looking, watcher
from watcher.cli.living import Daemon
from watcher.cli.upcoming import next_step
from watcher.config.load import parse_config
from watcher.errors import ConfigError, StoreError, UsageError, WatcherError
from watcher.model import Feed

YEAR = datetime.now(UTC).year + 1
SET = f"Harbor Lights, which Mara Quill directs, will be released in theaters on June 5, {YEAR}."
MOVED = f"Harbor Lights has moved from June 5, {YEAR} to July 3, {YEAR}."
COMMENTS = """# Mine, and nobody else's.

"""
REST = """
[[title]]   # the other one
name = "Paper Moth"
context = [
    "Ada Quill",  # since spring
]

# ---- Where to read
[[feed]]
url = "FEED"
outlet = "Deadline"
# the end"""


class Desk:
    """A configuration, a feed with items in it, and the verbs in this process."""

    def __init__(self, path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.server = path, server
        self.config = path / "config.toml"
        self.database = path / "state" / "watcher.db"
        self.tags: list[str] = []
        monkeypatch.setattr(looking, "tag_feeds", lambda *_: tuple(Feed(url=url, outlet="Variety") for url in self.tags))
        general = f'[watcher]\nstate = "{path / "state"}"\ntimezone = "UTC"\nregions = ["US"]\n'
        builtin = 'builtin_feeds = false\n[fetch]\nallow_addresses = ["127.0.0.0/8"]\n'
        self.write(COMMENTS + general + builtin + REST.replace("FEED", server.url()))

    def write(self, text: str) -> None:
        """Write the configuration."""
        self.config.write_bytes(text.encode())

    @property
    def text(self) -> str:
        """The configuration."""
        return self.config.read_bytes().decode()

    def brings(self, *said: tuple[str, str]) -> None:
        """Let the feed bring items: headline and text, the last the youngest."""
        entries = [entry(f"item-{n}", *words, days=len(said) - n) for n, words in enumerate(said)]
        self.server.answer("/feed", Answer(rss(*entries)))
        self.ok("poll")

    def run(self, *words: str, config: Path | None = None) -> Result:
        """Run a verb."""
        clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": str(self.path), "COLUMNS": "100", "NO_COLOR": "1"}
        return CliRunner().invoke(watcher, ["--config", str(config or self.config), *words], env=clean)

    def ok(self, *words: str) -> str:
        """What a verb prints where it goes well."""
        done = self.run(*words)
        assert done.exception is None, done.exception
        return done.stdout

    def flat(self, *words: str) -> str:
        """The same in one line, however it was broken."""
        return " ".join(self.ok(*words).split())

    def json(self, *words: str) -> dict[str, Any]:
        """The object that a verb prints."""
        found = json.loads(self.ok(*words, "--json"))
        assert isinstance(found, dict)
        return found

    def asked(self, question: str) -> list[tuple[Any, ...]]:
        """The rows that answer a question to the store."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(question).fetchall()


def entry(guid: str, title: str, body: str, *, days: int = 0, link: str = "") -> Entry:
    """An item of a feed, so many days old."""
    published = format_datetime(datetime.now(UTC) - timedelta(days=days, hours=1))
    return Entry(title=title, body=body, guid=guid, link=link or f"https://example.org/{guid}", published=published)


def article(text: str, *, headline: str = "Harbor Lights News", day: str = "2025-02-20") -> Answer:
    """An article on a page."""
    body = page(headline, [text, "Nobody at the studio said more than that on Monday."], published=day, canonical="")
    return Answer(body.encode(), content_type="text/html")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk with a feed server behind it."""
    with FeedServer() as server:
        yield Desk(tmp_path, server, monkeypatch)


# ---- the configuration


def test_everything_in_the_file_stays_and_the_stored_news_is_believed(desk: Desk) -> None:
    """A title is written behind the user's own words; what was stored of it is believed at the end, and nobody hears of it."""
    desk.brings(("Harbor Lights is dated", SET), ("Harbor Lights moves", MOVED))
    before, sent = desk.text, desk.asked("SELECT * FROM outbox")
    said = desk.flat("add", "Harbor Lights", "--people", "Orla Finch", "--alias", "The Lights", "--origin", "GB")
    assert desk.text.startswith(before)
    assert desk.text.removeprefix(before) == (
        '\n\n[[title]]\nname = "Harbor Lights"\naliases = ["The Lights"]\ncontext = ["Orla Finch"]\norigin = "GB"\n'
    )
    assert "2 stored items: 2 texts name Harbor Lights. 3 changes, told to nobody." in said
    assert f"July 3, {YEAR}, in UK cinemas" in said
    assert f"Moved once: it was June 5, {YEAR}." in said
    assert "Start watching with: watcher --config" in said
    assert desk.asked("SELECT * FROM outbox") == sent
    assert desk.asked("SELECT DISTINCT silent FROM change WHERE title = 'harbor-lights'") == [
        ("looked up when the title was added",)
    ]


def test_release_that_the_user_knows_is_written_and_believed(desk: Desk) -> None:
    """A date on the command line becomes a known value of its day, outlet and country, and is what is believed."""
    more = ("--region", "GB", "--on", "2026-01-05", "--outlet", "Deadline", "--url", "https://example.org/a")
    said = desk.flat("add", "Harbor Lights", "--date", f"{YEAR}-05", *more, "--not", "lighthouse")
    known = f'{{ release = "{YEAR}-05", region = "GB", on = "2026-01-05", outlet = "Deadline", url = "https://example.org/a" }}'
    assert f'not = ["lighthouse"]\nknown = [\n  {known},\n]\n' in desk.text
    assert f"Elsewhere: UK cinemas, May {YEAR}." in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--date", "2027-13"), "--date: "),
        (("--date", "2027", "--region", "UK"), 'write "GB"'),
        (("--date", "2027", "--on", "soon"), "--on: "),
        (("--date", "2027", "--url", "example.org"), "--url: is no web address"),
        (("--region", "GB"), "--region belongs to a release"),
        (("--origin", "Europe"), "--origin: "),
        (("--alias", " "), "--alias: is empty"),
        (("--people", "A\nB"), "--people: holds a control character"),
        (("--link", "https://example.org/", "--offline"), "--link needs the network"),
    ],
)
def test_impossible_wishes_are_named_and_nothing_is_written(desk: Desk, words: tuple[str, ...], complaint: str) -> None:
    """An option that no configuration may hold is a wrong use that names the option; file and store are as they were."""
    before = desk.text
    done = desk.run("add", "Harbor Lights", *words)
    assert isinstance(done.exception, UsageError)
    assert complaint in str(done.exception)
    assert (desk.text, desk.database.exists()) == (before, False)


def test_broken_configuration_is_left_alone(desk: Desk) -> None:
    """A file with a mistake is not touched: its problems are told as `config check` tells them."""
    desk.write(desk.text + "\n[fetch]\n")
    before = desk.text
    done = desk.run("add", "Harbor Lights")
    assert isinstance(done.exception, ConfigError)
    assert desk.text == before


def test_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    """Without a configuration one is made, for its owner's eyes alone, and it is valid."""
    config = tmp_path / "new" / "config.toml"
    words = ["--config", str(config), "add", "Harbor Lights", "--people", "Orla Finch", "--offline"]
    done = CliRunner().invoke(watcher, words, env={"HOME": str(tmp_path), "XDG_DATA_HOME": None, "STATE_DIRECTORY": None})
    assert (done.exception, stat.S_IMODE(config.stat().st_mode)) == (None, 0o600)
    made = parse_config(config.read_text(), path=str(config), environ={}, read_secret=str)
    assert [title.name for title in made.titles] == ["Ballerina", "Harbor Lights"]
    assert "No release date is known yet" in done.stdout
    assert (tmp_path / ".local/share/watcher/watcher.db").exists()


def test_links_and_modes_stay(desk: Desk) -> None:
    """A configuration that is a link to a file stays one, and the file keeps its mode; no draft is left behind."""
    real = desk.path / "dotfiles" / "watcher.toml"
    real.parent.mkdir()
    desk.config.rename(real)
    real.chmod(0o640)
    desk.config.symlink_to(real)
    desk.ok("add", "Harbor Lights", "--offline")
    assert desk.config.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "Harbor Lights" in real.read_text()
    assert [path.name for path in real.parent.iterdir()] == ["watcher.toml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_root_leaves_nothing_of_its_own_in_a_services_places(desk: Desk) -> None:
    """Run by root beside another user's state and configuration, every file stays or becomes that user's."""
    state = desk.database.parent
    state.mkdir()
    for path in (state, desk.config):
        os.chown(path, 4321, 4321)
    desk.ok("add", "Harbor Lights", "--date", str(YEAR), "--offline")
    desk.ok("add", "Harbor Lights", "--alias", "The Lights", "--offline")
    files = [desk.config, *state.iterdir()]
    assert len(files) > 1
    assert {(path.stat().st_uid, path.stat().st_gid) for path in files} == {(4321, 4321)}


def test_place_that_cannot_be_written_gets_lines_to_paste(desk: Desk) -> None:
    """Where no file can be made, what belongs into it is printed, the error says so, and nothing is looked up."""
    done = desk.run("add", "Harbor Lights", "--people", "Orla Finch", config=Path("/proc/watcher/config.toml"))
    assert isinstance(done.exception, WatcherError)
    assert "cannot be written" in str(done.exception)
    assert done.stdout.endswith('[[title]]\nname = "Harbor Lights"\ncontext = ["Orla Finch"]\n')
    assert not desk.database.exists()


def test_titles_in_brackets_get_lines_to_paste(desk: Desk) -> None:
    """A file that lists its titles in a way that takes no [[title]] is not touched; the lines are printed."""
    desk.write('title = [{ name = "Paper Moth" }]\n')
    before = desk.text
    done = desk.run("add", "Harbor Lights")
    assert isinstance(done.exception, WatcherError)
    assert done.stdout == '[[title]]\nname = "Harbor Lights"\n'
    assert desk.text == before


def test_dry_run_writes_nothing(desk: Desk) -> None:
    """A dry run shows the lines and what would be believed, and leaves file and store as they were, to the byte."""
    desk.brings(("Harbor Lights is dated", SET))
    before = desk.text, desk.asked("SELECT count(*) FROM title"), desk.asked("SELECT * FROM reading")
    said = desk.ok("add", "Harbor Lights", "--dry-run")
    assert '    [[title]]\n    name = "Harbor Lights"\n' in said
    assert f"June 5, {YEAR}, in US cinemas" in said
    assert said.rstrip().endswith("A dry run: nothing was written or stored.")
    assert (desk.text, desk.asked("SELECT count(*) FROM title"), desk.asked("SELECT * FROM reading")) == before


# ---- titles that are watched already


def test_own_title_gets_what_it_lacks(desk: Desk) -> None:
    """A title of the user's own is extended where it stands, by whatever name it is called, and the answer says what is new."""
    said = desk.flat("add", "PAPER MOTH", "--people", "ada quill", "--people", "Tom Oren", "--alias", "Moth", "--offline")
    assert "Paper Moth is watched already" in said
    assert "with 1 more alias, 1 more word of context." in said
    assert (
        'name = "Paper Moth"\naliases = ["Moth"]\ncontext = [\n    "Ada Quill",  # since spring\n    "Tom Oren",\n]' in desk.text
    )
    assert desk.text.count("[[title]]") == 1
    again = desk.text
    assert "has all of it" in desk.flat("add", "Moth", "--alias", "Paper Moth", "--offline")
    assert desk.text == again


def test_built_in_title_is_replaced_with_all_that_it_had(desk: Desk) -> None:
    """What is added to a built-in title makes a [[title]] of its name, which keeps every value and the same id."""
    shipped = parse_config("", path="x", environ={}, read_secret=str).titles[0]
    said = desk.ok("add", "ballerina", "--alias", "Tiptoe", "--offline", "--json")
    assert json.loads(said)["title"] == {"id": shipped.id, "name": shipped.name, "was": "built in"}
    now = next(t for t in parse_config(desk.text, path="x", environ={}, read_secret=str).titles if t.id == shipped.id)
    assert (now.aliases, now.known, now.context) == ((*shipped.aliases, "Tiptoe"), shipped.known, shipped.context)
    assert (now.exclusions, now.origin, now.builtin) == (shipped.exclusions, shipped.origin, False)


# ---- ambiguous names


def test_ambiguous_name_is_warned_of_with_commands_that_work(desk: Desk) -> None:
    """A bare name gets a warning, why it is unclear, and for each film that it may be a command that makes it clear."""
    desk.brings(
        ("Drift is dated", f"Drift, a thriller that Mara Quill directs, opens in theaters on June 5, {YEAR}."),
        ("Orla Finch joins Drift", "Orla Finch has joined the cast of Drift, the thriller that Mara Quill directs."),
        ("From Seoul", "The Korean film Drift with Jun Hae-won opened in Seoul."),
    )
    said = desk.ok("add", "Drift")
    assert '"Drift" may mean anything' in said
    assert "Of 3 texts with it, " in said
    assert "a work told to be Korean" in " ".join(said.split())
    commands = [line.strip() for line in said.splitlines() if line.strip().startswith("watcher --config") and " add " in line]
    assert len(commands) == 2
    assert "--people 'Mara Quill'" in commands[0]
    assert "--people 'Jun Hae-won'" in commands[1]
    assert desk.asked("SELECT DISTINCT confidence FROM revision WHERE title = 'drift'") == [("rumoured",)]
    done = desk.run(*shlex.split(commands[0])[3:])
    assert done.exception is None
    assert "may mean anything" not in done.stdout
    assert f"June 5, {YEAR}, in US cinemas" in done.stdout
    assert desk.json("status", "drift")["titles"][0]["releases"][0]["confidence"] == "confirmed"


def test_ambiguous_name_without_any_text_says_what_to_write(desk: Desk) -> None:
    """Where no text names it, the warning shows the option that helps; a name of two words gets none."""
    assert "--people" in desk.ok("add", "Drift", "--offline")
    assert "may mean anything" not in desk.ok("add", "Silver Comet", "--offline")
    found = desk.json("add", "Drift", "--offline")
    assert (found["ambiguous"]["names"], found["ambiguous"]["proposals"]) == (["Drift"], [])


def test_names_from_texts_are_no_orders_to_a_shell(desk: Desk) -> None:
    """A title that a shell would obey stands quoted in every command that is shown."""
    said = desk.ok("add", "Drift; rm -rf ~", "--offline")
    shown = [line for line in said.splitlines() if "--people" in line]
    assert all("'Drift; rm -rf ~'" in line for line in shown)
    assert "Drift; rm -rf ~ is watched" in said


# ---- tags, links, and what goes wrong


def test_tags_and_links_are_read_in_silence(desk: Desk) -> None:
    """Tags, the articles behind them and links make the facts; the summary has their numbers, and nothing waits to be sent."""
    item = entry("t1", "Harbor Lights gets a release date", "Read on.", link=desk.server.url("/one"))
    desk.tags = [desk.server.answer("/tag", Answer(rss(item))), desk.server.url("/dead")]
    desk.server.answer("/one", article(SET, day=datetime.now(UTC).date().isoformat()))
    desk.server.answer("/two", article("Orla Finch has joined the cast of Harbor Lights."))
    found = desk.json("add", "Harbor Lights", "--link", desk.server.url("/two"))
    assert [(tag["items"], tag["missing"]) for tag in found["looked"]["tags"]] == [(1, False), (0, True)]
    assert (found["looked"]["named"], found["looked"]["articles"]) == (2, 1)
    assert found["status"]["countdown"]["date"] == f"{YEAR}-06-05"
    assert "Orla Finch" in {credit["person"] for credit in found["status"]["credits"]}
    assert desk.asked("SELECT * FROM outbox") == []


def test_offline_asks_nobody(desk: Desk) -> None:
    """With --offline no server gets a request."""
    desk.tags = [desk.server.url("/tag")]
    desk.ok("add", "Harbor Lights", "--offline")
    assert desk.server.asked() == []


def test_link_that_fails_is_told_and_the_title_stays_added(desk: Desk) -> None:
    """A link that cannot be read is a line with its reason and status 1; the title is watched all the same."""
    done = desk.run("add", "Harbor Lights", "--link", desk.server.url("/nowhere"))
    assert done.exit_code == 1
    assert f"{desk.server.url('/nowhere')}: not read: " in done.stdout
    assert "Harbor Lights" in desk.text


def test_store_that_is_held_says_what_is_done_and_what_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else writes for long, the title is in the file, and the error names the command that looks it up."""
    desk.brings(("Harbor Lights is dated", SET))
    monkeypatch.setattr("watcher.cli.looking.BUSY_S", 0.05)
    with closing(sqlite3.connect(desk.database)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        done = desk.run("add", "Harbor Lights")
        assert isinstance(done.exception, StoreError)
        assert "held by another process" in str(done.exception)
        assert "watcher add 'Harbor Lights'" in str(done.exception)
        assert '"Harbor Lights"' in desk.text
        holder.rollback()
    assert "1 text names Harbor Lights" in desk.flat("add", "Harbor Lights")


def test_first_pass_still_ends_in_one_summary(desk: Desk) -> None:
    """What was looked up is part of the summary that the next pass tells, as for any title that begins."""
    desk.brings(("Harbor Lights is dated", SET))
    desk.ok("add", "Harbor Lights")
    told = desk.ok("poll")
    assert told.count("Watching Harbor Lights") == 2  # the alert, and the line that says that it was sent
    assert f"June 5, {YEAR}" in told
    assert "Nothing to tell" in desk.ok("poll")


async def test_running_watcher_takes_a_title_in_at_once(tmp_path: Path) -> None:
    """`add` beside a daemon writes, looks and has it reload; a daemon that refuses keeps its configuration and is quoted."""
    with FeedServer() as server:
        server.answer("/feed", Answer(rss(entry("one", "Harbor Lights is dated", SET))))
        async with WebhookReceiver() as hook:
            feed = f'[[feed]]\nurl = "{server.url()}"\noutlet = "Deadline"\n[[notify]]\nname = "hook"\nurl = "{hook.url()}"\n'
            own = '[[title]]\nname = "Paper Moth"\n'
            general = 'builtin_titles = false\nbuiltin_feeds = false\n[fetch]\nallow_addresses = ["127.0.0.0/8"]\n'
            home = Home(tmp_path, general + own + feed)
            assert (await home.run("poll")).status == 0
            daemon = await home.start("run")
            try:
                async with asyncio.timeout(30):
                    while str(daemon.pid) not in (await home.run("status", "--json")).out:
                        pass
                ended = await home.run("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
                assert (ended.status, "Traceback" in ended.err) == (0, False)
                assert f"June 5, {YEAR}" in ended.out
                assert "The running watcher has taken Harbor Lights in. See:" in " ".join(ended.out.split())
                service = json.loads((await home.run("status", "--json")).out)["daemon"]
                assert (service["pid"], service["reload_problems"]) == (daemon.pid, [])
                assert service["reload_at"]
                assert hook.posts == []
                # What the daemon needs and whoever edits does not: an address that stands in its environment.
                text = home.config.read_text("utf-8")
                home.config.write_text(text.replace(f'url = "{hook.url()}"', 'url = "${HARBOR_HOOK}"'), encoding="utf-8")
                refused = await home.run("feeds", "add", server.url("/other"), "--anyway")
                said = " ".join(refused.out.split())
                assert "stays with the configuration before, since the new one has a problem" in said
                assert "${HARBOR_HOOK} is not set in the environment" in said
                status = " ".join((await home.run("status")).out.split())
                assert "cannot be used, the one before is in force" in status
                assert "${HARBOR_HOOK} is not set" in status
                assert daemon.returncode is None
            finally:
                daemon.kill()
                await daemon.communicate()


@pytest.mark.parametrize("catches", [True, False])
async def test_next_step_kills_nobody(catches: bool) -> None:
    """A signal is only proposed for a process that has a handler for it; any other would die of it."""
    handler = "signal.signal(signal.SIGHUP, lambda *_: None);" if catches else "signal.signal(signal.SIGHUP, signal.SIG_DFL);"
    code = f"import signal, sys, time; {handler} print('ready', flush=True); time.sleep(60)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, stderr=DEVNULL)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        with watcher.make_context("watcher", ["status"]):
            said = next_step(Daemon(running=True, pid=process.pid), "Harbor Lights", None).command
        assert ("-HUP" in said or "reload" in said) is catches
    finally:
        process.kill()
        await process.communicate()


# ---- learn


def test_article_is_learned_in_silence(desk: Desk) -> None:
    """A link is read as its outlet's word: what it says, what that changes, and that nobody is told."""
    desk.ok("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
    url = desk.server.answer("/one", article(SET))
    said = desk.ok("learn", url)
    assert "HARBOR LIGHTS" in said
    assert f"June 5, {YEAR}" in said
    assert "CHANGED" in said
    assert "told to nobody" in said
    assert desk.asked("SELECT DISTINCT silent FROM change WHERE title = 'harbor-lights'") == [("you asked to learn it",)]
    assert desk.asked("SELECT * FROM outbox") == []
    assert "Learned before" in desk.ok("learn", url)


def test_file_is_learned_with_what_the_user_says_of_it(desk: Desk) -> None:
    """A text of no outlet and no day gets both from the command line; JSON Lines bring their own, each line an item."""
    desk.ok("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
    note, lines = desk.path / "note.txt", desk.path / "news.jsonl"
    note.write_text(f"A note\n\n{SET}", encoding="utf-8")
    rows = [
        {"id": "1", "outlet": "Variety", "published": "2026-02-02", "headline": "It moves", "text": MOVED},
        {"id": "2", "outlet": "Variety", "published": "2026-02-03", "headline": "Else", "text": "Nothing of it."},
    ]
    lines.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    said = desk.ok("learn", str(note), str(lines), "--outlet", "Deadline", "--published", "2026-01-01")
    assert "Deadline (trade), January 1, 2026" in said
    assert "1 item names no watched title, and was not kept." in said
    facts = desk.json("status", "harbor-lights")["titles"][0]["releases"]
    assert [(fact["date"], fact["outlets"], fact["superseded"]) for fact in facts] == [
        (f"{YEAR}-07-03", ["Variety"], [f"{YEAR}-06-05"])
    ]


def test_learning_for_one_title_leaves_the_others(desk: Desk) -> None:
    """With --title an article about two films is evidence for the one alone, until it is learned for the others too."""
    desk.ok("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
    both = f"{SET} Paper Moth, with Ada Quill, opens in theaters on May 1, {YEAR}."
    url = desk.server.answer("/one", article(both))
    desk.ok("learn", url, "--title", "harbor lights")
    assert desk.asked("SELECT DISTINCT title FROM reading WHERE reader <> 'known'") == [("harbor-lights",)]
    assert isinstance(desk.run("learn", url, "--title", "Nobody").exception, UsageError)
    assert "PAPER MOTH" in desk.ok("learn", url)
    assert "Learned before" in desk.ok("learn", url)
    assert len(desk.asked("SELECT * FROM source WHERE kind = 'item'")) == 1


def test_what_cannot_be_read_is_told_and_the_rest_is_learned(desk: Desk) -> None:
    """A dead link is an error of its own with status 1; the other source is learned, and JSON tells both."""
    desk.ok("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
    good = desk.server.answer("/one", article(SET))
    done = desk.run("learn", desk.server.url("/dead"), good, "--json")
    assert done.exit_code == 1
    dead, read = json.loads(done.stdout)["sources"]
    assert "404" in dead["error"]
    assert [title["title"] for title in read["items"][0]["titles"]] == ["harbor-lights"]
    assert f"{YEAR}-06-05" in {change["new"] for change in read["items"][0]["changes"]}
    assert "/dead" in done.stderr
    assert isinstance(desk.run("learn", str(desk.path / "none.txt")).exception, UsageError)


def test_nothing_from_a_page_reaches_the_terminal_raw(desk: Desk) -> None:
    """Control characters in a page's headline and names are gone before anything is printed."""
    desk.ok("add", "Harbor Lights", "--people", "Mara Quill", "--offline")
    url = desk.server.answer("/one", article(f"{SET}\x1b]0;owned\x07", headline="Harbor Lights \x1b[2J is dated"))
    said = desk.ok("learn", url)
    assert "\x1b" not in said
    assert "\x07" not in said


# ---- what README says


def test_readme_shows_what_the_verbs_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """README's examples of `add` and `learn` show the lines that they print, but for the days that are left."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    env = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None, "STATE_DIRECTORY": None}
    env |= {"HOME": str(tmp_path), "COLUMNS": "80", "NO_COLOR": "1", "TZ": "UTC"}
    monkeypatch.setattr("watcher.paths.SYSTEM_CONFIG", tmp_path / "no-service-here")
    (add,) = re.findall(r"^\$ watcher (add .*)\n((?:.|\n)*?)^```$", readme, re.MULTILINE)
    (learn,) = re.findall(r"^\$ echo \"(.*)\" \|\n    watcher (learn .*)\n((?:.|\n)*?)^```$", readme, re.MULTILINE)
    added = CliRunner().invoke(watcher, shlex.split(add[0]), env=env)
    learned = CliRunner().invoke(watcher, shlex.split(learn[1]), env=env, input=learn[0])
    shown, printed = (
        " ".join(word for line in text.splitlines() if not line.startswith("DUNE") for word in line.split())
        for text in (add[1], added.stdout.replace(str(tmp_path), "/home/ann"))
    )
    assert printed == shown
    assert learned.stdout == learn[2]
