"""`changes.atom`: what changed, and how far off the release is, as a feed (RFC 4287).

An entry for each change that matters to this user, as in the last changes of `status`: not what merely became surer or less
sure, not who was listed as known, no other countries' dates. And one for each milestone: so many days before a date, and the
day itself, from midnight of the user's day on. Milestones are counted from the ledger: an entry stays when its date moves
later, and the new date brings new ones. Newest first, `ENTRIES` at most.

What a reader may rely on:

- The id of an entry is a UUID (RFC 9562, section 5.5) of the fact's revision and of when the news of it was printed, or of a
  milestone's release, date and days. No name is in it, so nothing that is renamed or added changes it; nor is a moment of ours,
  so a store that is made anew of the same news has the same entries, and one that begins again with other news has others.
- The id of the feed is the same wherever watcher runs, for there is nothing of which a better one could be made: a ``tag:``
  (RFC 4151) takes a domain of ours, and an id made of the titles changes with them. Readers keep feeds apart by address.
- ``published`` is when the news was printed, ``updated`` when it came to us. Nothing in an entry changes as time passes.
- There is no ``link rel="self"``: it should name where the feed is found (section 4.1.1), which who writes a file does not know.
  The page is linked as it lies beside the feed.
- Content is HTML, since readers take that from everybody and XHTML from few. It is serialized from elements, so that text is
  always text, and holds paragraphs, a quotation and a link, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from watcher import __version__
from watcher.board.board import Board, Sheet
from watcher.board.standing import Standing, own
from watcher.clean import clean_link, plain
from watcher.model import Change, ChangeKind, Confidence, CreditKey, ReleaseKey, Status
from watcher.publish.rings import Ring, rings
from watcher.publish.sources import brought
from watcher.tell.blocks import Piece
from watcher.tell.dates_in_words import Dates, move_in_words
from watcher.tell.message import SENTENCE_LIMIT, inert, inert_name, quoted
from watcher.tell.milestones import milestone
from watcher.tell.passages import evidence_of
from watcher.tell.phrases import after_name, date_of, headline
from watcher.tell.places import place_in_words

#: A reader that asks once a month misses nothing of a film.
ENTRIES = 100

#: The page, as it lies beside the feed: what an entry leads to that rests on no article.
PAGE = "index.html"

_ATOM = "http://www.w3.org/2005/Atom"

#: The feed's own id, and the namespace of its entries' (RFC 9562, section 6.6). Changing it makes all news unread.
FEED = UUID("f7cf391f-98ab-4d62-aceb-509f3981946d")

#: What stands for the time of the newest entry where there is none: the element must be there.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: How sure a change was when it was told, and by whom.
_SAYS = {
    Confidence.CONFIRMED: "Confirmed by {}.",
    Confidence.REPORTED: "Reported by {}; not confirmed yet.",
    Confidence.RUMOURED: "A rumour from {}; unconfirmed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry before it is XML. Times are UTC; `quote` is somebody's sentence, `source` who said it and when."""

    name: str
    title: str
    published: datetime
    updated: datetime
    lines: tuple[str, ...]
    ask: str
    quote: str = ""
    source: str = ""
    link: str | None = None

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """Oldest first; of one moment in an order that stays."""
        return (self.updated, self.published, self.name)


def changes(board: Board) -> bytes:
    """The document, in UTF-8."""
    entries = [entry for sheet in board.sheets for entry in (*_changes(sheet), *_milestones(sheet, board))]
    newest = sorted(entries, key=lambda entry: entry.order, reverse=True)[:ENTRIES]
    feed = Element("feed", xmlns=_ATOM)
    _text(feed, "id", FEED.urn)
    _text(feed, "title", "Films you wait for: what changed")
    _text(feed, "updated", _time(newest[0].updated if newest else _NEVER))
    _text(SubElement(feed, "author"), "name", "watcher")
    _text(feed, "generator", "watcher").set("version", __version__)
    SubElement(feed, "link", rel="alternate", type="text/html", href=PAGE)
    for entry in newest:
        _append(feed, entry)
    ElementTree.indent(feed)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def matters(change: Change, chain: Sequence[str]) -> bool:
    """Whether a change is news to a user with this chain of regions."""
    if change.kind is ChangeKind.CONFIRMED or change.old == change.new:
        return False
    if isinstance(change.key, CreditKey):
        return change.new.status is not Status.LISTED
    return change.key.region in chain


def _changes(sheet: Sheet) -> Iterator[_Entry]:
    stand = sheet.stand
    name = inert_name(stand.title.name)
    for change in stand.changes:
        if not matters(change, stand.chain):
            continue
        outlet = inert_name(change.outlet) if change.outlet else ""
        yield _Entry(
            name=f"{change.id} {_time(change.at)}",
            title=after_name(name, change, headline(change, home_regions=stand.chain, dates=stand.dates)),
            published=change.at,
            updated=max(change.at, change.recorded_at),
            lines=tuple(filter(None, (_what(change, stand.dates), _says(change, outlet, stand)))),
            ask=evidence_of(change.key, home_regions=stand.chain)[1],
            quote=inert(change.sentence, limit=SENTENCE_LIMIT),
            source=f"{outlet}, {stand.dates.said(change.at)}" if outlet else "",
            link=clean_link(change.link) if change.link else None,
        )


def _what(change: Change, dates: Dates) -> str:
    """The date in full with its place, direction and size of the move; nothing of how far off it is, which does not stay."""
    new = date_of(change)
    if not change.new.known:
        return "Nobody says so any more."
    if not isinstance(change.key, ReleaseKey) or new is None:
        return ""
    words, old = dates.in_words(new, weekday=True), date_of(change, old=True)
    moved = move_in_words(old, new) if old else ""
    return f"{words[0].upper()}{words[1:]}, {place_in_words(change.key)}." + (f" {moved[0].upper()}{moved[1:]}." if moved else "")


def _says(change: Change, outlet: str, stand: Standing) -> str:
    if not change.new.known:
        return f"It rested on the word of {outlet}, which no longer stands." if outlet else ""
    credited = inert_name(change.credits) if change.credits else ""
    who = f"{outlet}, crediting {credited}" if credited not in ("", outlet) else outlet
    return _SAYS[change.confidence].format(who) if outlet else own(change.key, stand)


def _milestones(sheet: Sheet, board: Board) -> Iterator[_Entry]:
    stand = sheet.stand
    for ring in rings(sheet.revisions, stand.chain, dates=stand.dates, today=board.today):
        piece = _piece(ring, stand.title.name, stand.dates)
        news = brought(sheet, ring.release.key, ring.release.date, by=ring.at)
        yield _Entry(
            name=f"{ring.release.key}/{ring.release.date}/{ring.days}",
            title=piece.title,
            published=ring.at,
            updated=ring.at,
            lines=piece.blocks[0].lines,
            link=clean_link(news.link) if news is not None and news.link else None,
            ask=evidence_of(ring.release.key, home_regions=stand.chain)[1],
        )


def _piece(ring: Ring, name: str, dates: Dates) -> Piece:
    return milestone(name, ring.release, today=ring.day, dates=dates, also=ring.also, note=ring.note)


def _append(feed: Element, entry: _Entry) -> None:
    element = SubElement(feed, "entry")
    _text(element, "id", uuid5(FEED, entry.name).urn)
    _text(element, "title", entry.title)
    _text(element, "published", _time(entry.published))
    _text(element, "updated", _time(entry.updated))
    SubElement(element, "link", rel="alternate", type="text/html", href=entry.link or PAGE)
    _text(element, "content", _html(entry)).set("type", "html")


def _html(entry: _Entry) -> str:
    """The entry's content: what is so, the sentence that said it, where it stands, and how to ask for more."""
    body = Element("div")
    for line in entry.lines:
        _text(body, "p", line)
    if entry.quote:
        _text(SubElement(body, "blockquote"), "p", quoted(entry.quote))
    if entry.source:
        source = SubElement(body, "p")
        if entry.link is None:
            source.text = plain(entry.source)
        else:
            _text(source, "a", entry.source).set("href", entry.link)
    ask = _text(body, "p", "All evidence:")
    ask.text = "All evidence: "
    _text(ask, "code", entry.ask)
    return ElementTree.tostring(body, encoding="unicode", method="html")


def _text(parent: Element, tag: str, text: str) -> Element:
    """An element of clean text: no character that XML forbids (XML 1.0, section 2.2) passes here."""
    element = SubElement(parent, tag)
    element.text = plain(text)
    return element


def _time(moment: datetime) -> str:
    """A time by RFC 3339, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
