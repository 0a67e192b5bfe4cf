"""The page: what it says of a title in each of its states, and that it asks nothing of anybody and lets nothing in."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from boards import GLASS, OTHER, STORY, Newsroom, Told

from watcher.board.board import Board, board
from watcher.catalogue import builtin
from watcher.config import Policy
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.edtf import Edtf
from watcher.model import Feed, FeedState, ReleaseKey, Value
from watcher.publish.page import page

VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass(slots=True)
class Read(HTMLParser):
    """A page as a reader of HTML takes it: its elements, and the words that are to be read."""

    text: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    raw: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in ("td", "th"):
            self.words.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of SVG that has no content."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """The innermost element ends, and no other."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Words, or a style or script."""
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = data
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def said(self) -> str:
        """All words on one line."""
        return " ".join("".join(self.words).split())


def read(shown: Board) -> Read:
    """The page of a board, read."""
    found = Read(page(shown).decode())
    assert found.open == []
    return found


def story(path: Path, now: str = "2025-11-24", news: tuple[Told, ...] = STORY[:-1], **room: object) -> Board:
    """The board of the story at a moment."""
    newsroom = Newsroom(path=path, **room)  # type: ignore[arg-type]
    newsroom.take(*news)
    return newsroom.board(now)


def beforehand(now: datetime) -> Board:
    """The board of the built-in titles before the first run."""
    catalogue, policy = builtin(), Policy()
    audience = Audience(targets=(), regions=("US",), zone=ZoneInfo("Europe/London"), policy=policy, language="en-US")
    judge = Judge(catalogue=catalogue, policy=policy)
    return board(None, catalogue.titles, catalogue.feeds, judge=judge, audience=audience, now=now)


def test_page_answers_in_its_first_lines(tmp_path: Path) -> None:
    """After the day the page begins with the film, how long until it opens, when and where, how sure that is and how it moved."""
    said = read(story(tmp_path)).said
    answer = (
        "Glass Orchard in 158 days Opens Friday, May 1, 2026, in US cinemas. "
        "Confirmed by The Ledger. Moved twice: it was July 11, 2025, then March 6, 2026."
    )
    assert answer in said
    assert said.index(answer) < said.index("Dates")


def test_the_tabs_title_names_the_day(tmp_path: Path) -> None:
    """The title of the tab, which nobody counts on, names the film and its day and no distance that tomorrow is wrong."""
    assert read(story(tmp_path)).said.startswith("Glass Orchard: Fri, May 1, 2026 Skip to the answer")


def test_page_has_all_that_is_known(tmp_path: Path) -> None:
    """Dates here and elsewhere, the picture's story, the cast by status, the crew and the doubts are all on it."""
    said = read(story(tmp_path)).said
    for words in (
        "US cinemas Fri, May 1, 2026 in 158 days confirmed The Ledger, Sep 1, 2025",
        "Elsewhere: UK cinemas, March 20, 2026",
        "UK Mar 20, 2026 cinemas reported Morning Reel, Apr 1, 2025",
        "In it Bo Tarn In talks Ada Quill",
        "Director Ines Varga",
        "On November 18, 2024 it moved from July 11, 2025 to March 6, 2026, 238 days later, said The Ledger.",
        "Not believed Sep 2, 2024 US cinemas: March 14, 2025",
        "4 of 7 feeds answer, 3 not asked yet.",
        "As of Monday, November 24, 2025, 12:00 (UTC). Written by watcher",
    ):
        assert words in said


def test_history_shows_the_evidence_of_each_change(tmp_path: Path) -> None:
    """A change stands with its day, from what to what, its size, the sentence that said it, the outlet's link and how sure."""
    found = read(story(tmp_path))
    moved = (
        "Sep 1, 2025 US cinemas: was March 6, 2026 → now May 1, 2026, 56 days later "
        "“Marrow Pictures has delayed Glass Orchard from March 6, 2026 to May 1, 2026.” The Ledger, confirmed"
    )
    assert moved in found.said
    assert "https://the-ledger.example/n10" in {a.get("href") for a in found.all("a")}


def test_newest_change_stands_first_and_other_countries_apart(tmp_path: Path) -> None:
    """The history runs backwards, and what happened in other countries unfolds below it."""
    said = read(story(tmp_path)).said
    history = said[said.index("What changed") : said.index("Not believed")]
    days = ["Sep 1, 2025", "Feb 14, 2025", "Nov 18, 2024", "Jun 12, 2024", "1 in other countries", "Apr 1, 2025"]
    assert [history.index(one) for one in days] == sorted(history.index(one) for one in days)


def test_long_history_unfolds() -> None:
    """Of many changes the last ten are open to see and the others unfold, none is left out."""
    shown = beforehand(datetime(2026, 11, 23, 14, 5, tzinfo=UTC))
    found = read(shown)
    assert sum(a.get("class") == "on" for a in found.all("p")) == sum(len(sheet.stand.changes) for sheet in shown.sheets)
    assert re.search(r"\d+ earlier", found.said)


def test_of_many_reports_that_were_not_believed_the_last_are_open(tmp_path: Path) -> None:
    """However many dates were told and not believed, the last five are open to see, the others unfold, none is left out."""
    shown = story(tmp_path)
    (sheet,) = shown.sheets
    ((key, held),) = ((key, held) for key, held in sheet.grounds.items() if held.rivals)
    many = tuple(replace(held.rivals[0], value=Value(date=Edtf(f"2031-03-{number:02}"))) for number in range(1, 13))
    told = replace(sheet, grounds={key: replace(held, rivals=many)})
    said = read(replace(shown, sheets=(told,))).said
    folded = said[said.index("Not believed") :].index("7 earlier") + said.index("Not believed")
    assert len(re.findall("US cinemas: March [0-9]+, 2031", said[:folded])) == 5
    assert len(re.findall("US cinemas: March [0-9]+, 2031", said[folded:])) == 7


def test_released_film_says_that_it_is_out(tmp_path: Path) -> None:
    """After its day a film counts the days since, says what comes next, and once nothing is left, that nothing is."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    said = read(room.board("2026-06-01")).said
    assert "31 days ago Released Friday, May 1, 2026, in US cinemas." in said
    assert "Next: digital, US, June 16, 2026. " in said
    assert "Digital, US Tue, Jun 16, 2026 in 15 days" in said
    assert "Nothing left" not in said
    assert "Nothing left to wait for here." in read(room.board("2026-09-01")).said


def test_film_without_a_date_says_so(tmp_path: Path) -> None:
    """A film of which nothing is known stands with its name and says so, without an empty table or picture."""
    found = read(story(tmp_path, titles=(OTHER,), news=STORY[:1]))
    assert "North of Salt No release date is known yet" in found.said
    assert found.all("table") == []
    assert [svg for svg in found.all("svg") if svg.get("role") == "img"] == []


def test_film_off_the_calendar_says_since_when(tmp_path: Path) -> None:
    """A film whose date was taken away says so large, and since when, with the story of the date that it had."""
    off = Told(on="2025-02-01", outlet="The Ledger", head="Glass Orchard off the calendar",
               text="Marrow Pictures has taken Glass Orchard off the release calendar.")  # fmt: skip
    found = read(story(tmp_path, "2025-03-01", (*STORY[:7], off)))
    assert "Glass Orchard Off the calendar Since February 1, 2025." in found.said
    assert len([svg for svg in found.all("svg") if svg.get("role") == "img"]) == 2
    assert "told, not believed no date from here on where the day has come" in found.said


def abroad(shown: Board, *days: tuple[str, str]) -> Board:
    """The board with nothing but the release of another country, once for each region and date."""
    (sheet,) = shown.sheets
    fact = next(fact for fact in sheet.stand.facts if isinstance(fact.key, ReleaseKey))
    facts = tuple(replace(fact, key=replace(fact.key, region=region), value=Value(date=Edtf(when))) for region, when in days)
    return replace(shown, sheets=(replace(sheet, stand=replace(sheet.stand, facts=facts)),))


def test_what_is_known_of_other_countries_alone_is_told_as_theirs(tmp_path: Path) -> None:
    """A date of another country, there or taken away, is none here: the page says that none is known here, and what is there."""
    shown = story(tmp_path, news=(STORY[8],))
    said = read(shown).said
    assert "Glass Orchard No release date is known here yet Dates UK cinemas, March 20, 2026" in said
    gone = read(abroad(shown, ("GB", "unset"))).said
    assert "Glass Orchard No release date is known here yet Dates UK cinemas, off the calendar" in gone
    some = read(abroad(shown, ("GB", "unset"), ("DE", "2026-03-19"), ("FR", "2026-04"), ("IT", "unset"))).said
    assert "Dates cinemas in 2 countries, March 19, 2026 to April 2026; cinemas in 2 countries, off the calendar" in some


def test_several_films_stand_in_a_slate(tmp_path: Path) -> None:
    """Several films stand in a list at the top, soonest first, each a link to its section, with day and distance."""
    found = read(story(tmp_path, titles=(OTHER, GLASS)))
    slate = found.said[found.said.index("When they open") :]
    assert slate.startswith("When they open Glass Orchard Fri, May 1, 2026, US cinemas in 158 days North of Salt No release date")
    ids = {a["id"] for _, a in found.elements if "id" in a}
    anchors = {a["href"].removeprefix("#") for a in found.all("a") if a["href"].startswith("#film-")}
    assert anchors == {"film-glass-orchard", "film-north-of-salt"}
    assert anchors <= ids


def test_no_film_at_all_is_a_page_too(tmp_path: Path) -> None:
    """Without a title the page says how to name one."""
    said = read(replace(story(tmp_path), sheets=())).said
    assert "No film is watched" in said
    assert 'watcher add "NAME"' in said


def test_headings_are_in_order(tmp_path: Path) -> None:
    """There is one heading of the first level, and none skips a level, with one film and with several."""
    shown = story(tmp_path, titles=(GLASS, OTHER))
    for sheets in (shown.sheets, shown.sheets[:1], ()):
        found = read(replace(shown, sheets=sheets))
        levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_same_board_gives_the_same_bytes(tmp_path: Path) -> None:
    """The page is a function of the board alone."""
    shown = story(tmp_path)
    assert page(shown) == page(shown)


def test_ids_are_given_once(tmp_path: Path) -> None:
    """No two elements share an id, whatever the films are called, and what labels an element is there."""
    alike = [replace(GLASS, id=f"{GLASS.id}{more}") for more in ("", "-name", "-wide", "-wide-title")]
    found = read(story(tmp_path, titles=alike))
    ids = [a["id"] for _, a in found.elements if "id" in a]
    assert len(ids) == len(set(ids))
    named = {a[name] for _, a in found.elements for name in ("aria-labelledby", "aria-describedby") if name in a}
    assert named <= set(ids)


def test_policy_allows_its_own_style_and_script_by_hash_alone(tmp_path: Path) -> None:
    """The Content Security Policy forbids all but the one style and the one script that stand in the page, by their hash."""
    found = read(story(tmp_path))
    (policy,) = (a["content"] for a in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {kind: f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for kind, text in found.raw.items()}
    assert rules == {
        "default-src": "'none'",
        "style-src": hashes["style"],
        "script-src": hashes["script"],
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    before = [tag for tag, _ in found.elements][: [tag for tag, _ in found.elements].index("style")]
    assert "link" in before
    assert before.index("meta") < before.index("link")


def test_nothing_in_it_is_fetched(tmp_path: Path) -> None:
    """No element loads anything: all addresses are links to follow, the icon stands in it, and no style names an address."""
    found = read(story(tmp_path))
    assert {tag for tag, _ in found.elements} & {
        "img",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "form",
        "base",
        "image",
    } == set()
    assert [a for _, a in found.elements if "src" in a or "style" in a or any(name.startswith("on") for name in a)] == []
    assert "url(" not in found.raw["style"]
    assert "@import" not in found.raw["style"]
    rels = {a["rel"]: a["href"] for a in found.all("link")}
    assert rels.keys() == {"icon", "alternate"}
    assert rels["icon"].startswith("data:image/svg+xml,")
    assert rels["alternate"] == "changes.atom"
    assert {"name": "referrer", "content": "no-referrer"} in found.all("meta")


def test_links_tell_nobody_where_they_came_from(tmp_path: Path) -> None:
    """Every link that leaves the page is http or https and hands on neither referrer nor window; its companions lie beside it."""
    found = read(story(tmp_path))
    out = [a for a in found.all("a") if not a["href"].startswith("#") and "rel" in a]
    assert len(out) > 8
    assert {a["rel"] for a in out} == {"noopener nofollow noreferrer"}
    assert all(re.match(r"https?://", a["href"]) for a in out)
    beside = {a["href"] for a in found.all("a") if "rel" not in a and not a["href"].startswith("#")}
    assert beside == {"releases.ics", "changes.atom", "status.json"}


def test_no_feeds_address_is_on_it(tmp_path: Path) -> None:
    """A feed that fails is named by its outlet: its address, which may hold a secret, is not shown, not even from its error."""
    shown = story(tmp_path)
    feed = Feed(url="https://feeds.example/secret-token/rss", outlet="Morning Reel")
    error = "https://feeds.example/secret-token/rss: 403 Forbidden: refuses us"
    state = FeedState(url=feed.url, next_poll_at=shown.at, last_poll_at=shown.at, failures=4, error=error)
    found = read(replace(shown, feeds=((feed, state),)))
    assert "Morning Reel: its address: 403 Forbidden: refuses us; it never answered." in found.said
    assert "secret-token" not in page(replace(shown, feeds=((feed, state),))).decode()


def test_muted_film_says_that_nobody_is_alerted(tmp_path: Path) -> None:
    """A film that is muted says so and until when."""
    shown = story(tmp_path)
    (sheet,) = shown.sheets
    muted = replace(sheet, stand=replace(sheet.stand, muted_until=datetime(2026, 1, 5, tzinfo=UTC)))
    assert "Nobody is alerted of it until January 5, 2026." in read(replace(shown, sheets=(muted,))).said


def test_dates_are_the_readers(tmp_path: Path) -> None:
    """The page writes days as its reader does and tells the time on their clock."""
    said = read(story(tmp_path, language="en-GB", zone="Asia/Tokyo", regions=("GB",))).said
    assert "Opens Friday, 20 March 2026, in UK cinemas." in said
    assert "As of Monday, 24 November 2025, 21:00 (Asia/Tokyo)." in said


def test_days_can_be_read_by_programs(tmp_path: Path) -> None:
    """Days, months and years are marked up with what HTML's `time` understands; a season is not."""
    found = read(story(tmp_path, "2024-04-01", STORY[:1]))
    assert "summer 2025" in found.said
    assert all(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?(T.*)?", a["datetime"]) for a in found.all("time"))


def every(found: Read, name: str) -> Iterator[str]:
    """The values of an attribute, wherever it stands."""
    yield from (a[name] for _, a in found.elements if name in a)


def test_countdown_can_be_counted_on(tmp_path: Path) -> None:
    """What counts down carries the days it counts to, and the page its zone and when it was written."""
    found = read(story(tmp_path, zone="Europe/London"))
    assert set(every(found, "data-first")) == {"2026-05-01"}
    (html,) = found.all("html")
    assert html == {"lang": "en", "data-written": "2025-11-24T12:00:00+00:00", "data-zone": "Europe/London", "data-stale": "26"}
