"""The reader by rules: an item in, for each title that it names a verdict and claims out. Pure, and built once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.model import Claim, CreditClaim, Item, Outlet, Reading, Sentence, Status, Title, Verdict
from watcher.read.best import best
from watcher.read.credits import CreditReader
from watcher.read.dates import Anchor
from watcher.read.films import Films, FilmWords
from watcher.read.grammar import Grammar, grammar
from watcher.read.origins import OutletFinder
from watcher.read.people import People
from watcher.read.releases import ReleaseReader
from watcher.read.scene import Notes, Scene, Shot, breaks, next_topic
from watcher.read.settle import settle
from watcher.read.text import Line, flat, is_title_case, lines
from watcher.read.titles import Finding, TitleFinder

#: Version of this reader, kept with each reading: a new one supersedes the readings of the old.
READER = "rules-1"

#: Longest text that is read, in characters; what comes after is left out.
LONGEST_TEXT = 60_000
#: Why a death is left out.
STRANGER = "the death of somebody of whom nothing shows that they are in the film"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceNote:
    """What was made of one sentence for one title: the claims taken (each names its rule), or why nothing was taken."""

    title: str
    sentence: Sentence
    claims: tuple[Claim, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """An item before any title is looked for in it. `text` is flat."""

    item: Item
    text: str
    lines: Sequence[Line]
    anchor: Anchor
    outlet: Outlet | None


class Reader:
    """Reads items for a set of titles. Holds no state between items; safe to share."""

    def __init__(self, titles: Sequence[Title], outlets: Sequence[Outlet]) -> None:
        self._grammar: Grammar = grammar()
        self._titles = [TitleFinder(title, self._grammar) for title in titles]
        self._outlets = OutletFinder(outlets, self._grammar)
        self._films = FilmWords(self._grammar)
        self._releases = ReleaseReader(self._grammar)
        self._credits = CreditReader(self._grammar)

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """A reading for each title that the item names, in the order of the titles.

        Args:
            item: the item; spans of the claims' sentences count in `item.text`.
            outlet: who publishes it; gives "in local cinemas" its country, and is nobody it can credit.
        """
        return tuple(reading for reading, _ in self._each(item, outlet))

    def explain(self, item: Item, outlet: Outlet | None = None) -> tuple[SentenceNote, ...]:
        """Each sentence of the item for each title it is about: what was taken by which rule, or why nothing was."""
        return tuple(note for _, notes in self._each(item, outlet) for note in notes)

    def _each(self, item: Item, outlet: Outlet | None) -> Iterator[tuple[Reading, list[SentenceNote]]]:
        """The reading of each named title, with the notes it was made from."""
        text = flat(item.text[:LONGEST_TEXT])
        named = [finder for finder in self._titles if finder.is_named(text)]
        if not named:
            return
        anchor = Anchor(day=item.published.date() if item.published else None, precision=item.precision)
        page = _Page(item=item, text=text, lines=self._lines(item, text), anchor=anchor, outlet=outlet)
        for finder in named:
            finding = finder.find(text, page.lines, anchor)
            if finding.verdict is Verdict.ABSENT:
                continue
            notes: list[SentenceNote] = []
            if finding.verdict is Verdict.ABOUT:
                notes = self._sentences(self._scene(page, finder.title, finding))
            yield (
                Reading(
                    title=finder.title.id,
                    reader=READER,
                    verdict=finding.verdict,
                    reasons=finding.reasons,
                    claims=best((c for note in notes for c in note.claims), len(item.title) if item.body else 0),
                ),
                notes,
            )

    def _lines(self, item: Item, text: str) -> list[Line]:
        table = self._grammar.text
        return lines(
            text,
            headline=len(item.title) if item.body else 0,
            abbreviations=frozenset(table["abbreviations"]),
            starters=frozenset(table["starters"]),
        )

    def _scene(self, page: _Page, title: Title, finding: Finding) -> Scene:
        films = Films(page.text, title, finding, self._outlets.names, self._films)
        masked = [*finding.mentions, *films.works]
        return Scene(
            item=page.item,
            text=page.text,
            title=title,
            outlet=page.outlet,
            anchor=page.anchor,
            lines=page.lines,
            films=films,
            people=People(
                page.text,
                title,
                masked,
                self._grammar,
                outlets=self._outlets.names,
                capitals=_capitals(page.text, page.lines),
            ),
        )

    def _sentences(self, scene: Scene) -> list[SentenceNote]:
        """Read sentence after sentence; each leaves its topic to the next."""
        cast = self._credits.begin(scene)
        topic = cast_topic = None if any(line.headline for line in scene.lines) else "ours"
        found: list[SentenceNote] = []
        first_outlet: str | None = None
        for line in scene.lines:
            marks = scene.films.in_line(line)
            credited = self._outlets.credited(scene.text, line, scene.outlet)
            shot = Shot(
                line=line,
                marks=marks,
                topic=topic,
                cast_topic=cast_topic,
                breaks=breaks(scene.text, line, marks, self._grammar),
                credits=credited,
                title_case=is_title_case(scene.text[line.start : line.end]),
                modality=self._outlets.modality(scene.text, line, credited),
            )
            note = self._note(scene, shot, cast)
            if credited and not note.claims:
                found[-2:] = [_credit(earlier, credited) for earlier in found[-2:]]
            if credited and self._outlets.governs_all(scene.text, line):
                first_outlet = first_outlet or credited
            found.append(note)
            topic = next_topic(scene.text, line, marks, topic) or "ours"
            cast_topic = self._credits.topic(scene, line, marks, cast_topic) or "ours"
        for index, claims in enumerate(settle([note.claims for note in found], cast, scene.title)):
            found[index] = replace(found[index], claims=claims, reason=found[index].reason or ("" if claims else STRANGER))
        return [_credit(note, first_outlet) for note in found] if first_outlet else found

    def _note(self, scene: Scene, shot: Shot, cast: Cast) -> SentenceNote:
        """Read one sentence."""
        notes = Notes()
        releases = self._releases.read(scene, shot, notes)
        credits_ = self._credits.read(scene, shot, cast, notes)
        if shot.line.headline and any(_is_cast_news(c) for c in credits_):
            cast.newcomers.update(c.person.casefold() for c in credits_ if _is_cast_news(c))
            cast.news = False  # the headline names who is new, so whoever else is named was known
        reason = "" if releases or credits_ else "; ".join(notes.reasons) or "nothing about a release or a credit"
        return SentenceNote(
            title=scene.title.id, sentence=scene.sentence(shot.line), claims=(*releases, *credits_), reason=reason
        )


def _capitals(text: str, found: Sequence[Line]) -> int:
    """Where a headline that writes every word with a capital ends; 0 without one."""
    return max((line.end for line in found if line.headline and is_title_case(text[line.start : line.end])), default=0)


def _is_cast_news(claim: CreditClaim) -> bool:
    return claim.status is not Status.LISTED


def _credit(note: SentenceNote, outlet: str) -> SentenceNote:
    """The note with its uncredited claims credited to an outlet."""
    claims = tuple(replace(c, credits=outlet) if c.credits is None else c for c in note.claims)
    return replace(note, claims=claims)
