"""The reader by rules: an item in, for each title that it names a verdict and claims out. Pure, and built once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.edtf import Edtf
from watcher.model import (
    UNKNOWN_REGION,
    Claim,
    CreditClaim,
    Item,
    Modality,
    Outlet,
    Reading,
    ReleaseClaim,
    Sentence,
    Status,
    Title,
    Verdict,
)
from watcher.read.address import own, titled
from watcher.read.beside import nearest
from watcher.read.best import best
from watcher.read.calendars import day_heads, entry_years
from watcher.read.credits import CreditReader
from watcher.read.dates import Anchor, When
from watcher.read.films import Films
from watcher.read.filmwords import FilmWords
from watcher.read.frame import Cast
from watcher.read.grammar import ENGLISH, Grammar, grammar
from watcher.read.languages import language_of
from watcher.read.origins import OutletFinder
from watcher.read.people import People
from watcher.read.releases import ReleaseReader
from watcher.read.scene import Notes, Scene, Shot, clauses, evidence, next_topic, pointed
from watcher.read.settle import settle
from watcher.read.text import Line, Stops, flat, is_title_case, lines
from watcher.read.titles import Finding, TitleFinder

#: Version of this reader, kept with each reading: a new one supersedes the readings of the old.
READER = "rules-3"

#: Longest text that is read, in characters; what comes after is left out.
LONGEST_TEXT = 60_000
#: Why nothing was taken from most sentences.
NOTHING = "nothing about a release or a credit"
#: Said of a verdict on a text without a headline.
_LENT = "the words of its address count as its headline"
#: Why a death is left out.
STRANGER = "the death of somebody of whom nothing shows that they are in the film"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceNote:
    """What was made of one sentence for one title: the claims taken (each names its rule), and why the rest was left."""

    title: str
    sentence: Sentence
    claims: tuple[Claim, ...] = ()
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class _Note:
    """What was made of one sentence so far; what later sentences say may change it."""

    line: Line
    claims: tuple[Claim, ...] = ()
    reason: str = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """An item before any title is looked for in it. `text` is flat; its own text begins at `begin`, behind lent words."""

    item: Item
    text: str
    lines: Sequence[Line]
    anchor: Anchor
    outlet: Outlet | None
    begin: int = 0


class Reader:
    """Reads items for a set of titles. Holds no state between items; safe to share."""

    def __init__(self, titles: Sequence[Title], outlets: Sequence[Outlet]) -> None:
        self._titles, self._outlets = tuple(titles), tuple(outlets)
        self._names = [name for title in titles for name in (title.name, *title.aliases)]
        # Made when first met: a language's patterns take a third of a second, and many a pass reads nothing.
        self._speakers: dict[str, _Speaker] = {}

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """A reading for each title that the item names, in the order of the titles.

        Args:
            item: the item; spans of the claims' sentences count in `item.text`.
            outlet: who publishes it; gives "in local cinemas" its country, and is nobody it can credit.
        """
        return tuple(reading for reading, _ in self._each(item, outlet))

    def explain(self, item: Item, outlet: Outlet | None = None) -> tuple[SentenceNote, ...]:
        """Each sentence of the item for each title it is about: what was taken by which rule, what was left and why."""
        return tuple(
            SentenceNote(title=reading.title, sentence=evidence(item, note.line), claims=note.claims, reason=note.reason)
            for reading, notes in self._each(item, outlet)
            for note in notes
        )

    def beside(self, item: Item, outlet: Outlet | None = None) -> Iterator[tuple[Finding, tuple[str, ...]]]:
        """For each title that the item names, what was found of it, and the people and companies nearest to its name."""
        for speaker, page, finder, finding in self._found(item, outlet):
            yield finding, speaker.beside(speaker.scene(page, finder, finding), finding)

    def _each(self, item: Item, outlet: Outlet | None) -> Iterator[tuple[Reading, list[_Note]]]:
        """The reading of each named title, with the notes it was made from."""
        for speaker, page, finder, finding in self._found(item, outlet):
            notes: list[_Note] = []
            if finding.verdict.counts:
                notes = speaker.sentences(speaker.scene(page, finder, finding))
                speaker.place(notes, finder.title)
            if page.begin:
                notes = [_own(note, page.begin) for note in notes if note.line.start >= page.begin]
            if finding.verdict is Verdict.LIKELY:
                _doubt(notes)
            yield (
                Reading(
                    title=finder.title.id,
                    reader=READER,
                    verdict=finding.verdict,
                    reasons=(*finding.reasons, _LENT) if page.begin else finding.reasons,
                    claims=best((c for note in notes for c in note.claims), len(item.title) if item.body else 0),
                ),
                notes,
            )

    def _found(self, item: Item, outlet: Outlet | None) -> Iterator[_Found]:
        """What was found of each named title, and who reads on; titles that only the item's address names come last."""
        titles = self._speaker(ENGLISH).titles
        named = _named(titles, item)
        yield from self._find(named, item, outlet)
        under = titled(item, self._names)
        if under is not item:
            more = [index for index in _named(titles, under) if index not in named]
            yield from self._find(more, under, outlet, begin=len(under.text) - len(item.text))

    def _find(self, named: Sequence[int], item: Item, outlet: Outlet | None, begin: int = 0) -> Iterator[_Found]:
        """What is found of titles by their numbers in an item."""
        if not named:
            return
        text = flat(item.text[:LONGEST_TEXT])
        speaker = self._speaker(language_of(text, item.language))
        anchor = Anchor(day=item.published.date() if item.published else None, precision=item.precision)
        page = _Page(item=item, text=text, lines=speaker.lines(item, text), anchor=anchor, outlet=outlet, begin=begin)
        for finder in (speaker.titles[index] for index in named):
            finding = finder.find(text, page.lines, anchor)
            if finding.verdict is not Verdict.ABSENT:
                yield speaker, page, finder, finding

    def _speaker(self, language: str) -> _Speaker:
        """Who reads a language; made when it is first met."""
        found = self._speakers.get(language)
        if found is None:
            found = self._speakers[language] = _Speaker(grammar(language), self._titles, self._outlets)
        return found


#: Who reads a page, the page, who looks for a title in it, and what was found.
_Found = tuple["_Speaker", _Page, TitleFinder, Finding]


class _Speaker:
    """Reads the items of one language."""

    def __init__(self, language: Grammar, titles: Sequence[Title], outlets: Sequence[Outlet]) -> None:
        self._grammar = language
        self.titles = [TitleFinder(title, language) for title in titles]
        self._outlets = OutletFinder(outlets, language)
        self._films = FilmWords(language)
        self._releases = ReleaseReader(language)
        self._credits = CreditReader(language)
        self._dates = self._releases.dates
        self._stops = Stops.of(language.text, (name for title in titles for name in (title.name, *title.aliases)))

    def lines(self, item: Item, text: str) -> list[Line]:
        """The sentences of an item's flat text."""
        return lines(text, headline=len(item.title) if item.body else 0, stops=self._stops)

    def scene(self, page: _Page, finder: TitleFinder, finding: Finding) -> Scene:
        """The item as the readers of claims see it."""
        title = finder.title
        films = Films(page.text, finder, finding, self._outlets.names, self._films)

        def dates_in(line: Line) -> Sequence[When]:
            return self._dates.find(page.text, line.start, line.end)

        masked = [*finding.mentions, *films.works]
        years = entry_years(page.lines, dates_in)
        return Scene(
            item=page.item,
            text=page.text,
            title=title,
            outlet=page.outlet,
            anchor=page.anchor,
            lines=page.lines,
            films=films,
            years=years,
            heads=day_heads(page.text, page.lines, dates_in, years),
            people=People(
                page.text,
                title,
                masked,
                self._grammar,
                outlets=self._outlets.names,
                capitals=_capitals(page.text, page.lines),
            ),
        )

    def beside(self, scene: Scene, finding: Finding) -> tuple[str, ...]:
        """The people and companies nearest to a title's name."""
        return nearest(scene.text, scene.lines, finding.mentions, scene.people, self._grammar)

    def sentences(self, scene: Scene) -> list[_Note]:
        """Read sentence after sentence; each leaves its topic to the next."""
        cast = self._credits.begin(scene)
        topic = cast_topic = latest = None
        begins = scene.films.begins if any(line.headline for line in scene.lines) else 0
        found: list[_Note] = []
        first_outlet: str | None = None
        for line in scene.lines:
            if not line.headline:
                # A body speaks of ours until it names another; under the headline of something else only once it names ours.
                topic = topic or ("ours" if line.end > begins else None)
                cast_topic = cast_topic or "ours"
            marks = pointed(scene.films.in_line(line), latest, scene, line, self._grammar)
            latest = next((m.kind for m in reversed(marks) if m.kind != "it"), latest)
            credited = self._outlets.credited(scene.text, line, scene.outlet)
            dated, peopled = self._releases.may_tell(scene, line), self._credits.may_tell(scene, line)
            if dated or peopled:
                shot = Shot(
                    line=line,
                    marks=marks,
                    topic=topic,
                    cast_topic=cast_topic,
                    clauses=clauses(scene.text, line, marks, self._grammar),
                    credits=credited,
                    title_case=line.headline and is_title_case(scene.text[line.start : line.end]),
                    modality=self._outlets.modality(scene.text, line, credited),
                    told=_last_day(found),
                )
                note = self._note(scene, shot, cast, dated=dated, peopled=peopled)
            else:
                note = _Note(line=line)
            if found and found[-1].claims and self._retracts(scene, line):
                found[-1].claims = tuple(c for c in found[-1].claims if isinstance(c, CreditClaim))
            if credited and not note.claims:
                _credit(found[-2:], credited)
            if credited and self._outlets.governs_all(scene.text, line):
                first_outlet = first_outlet or credited
            found.append(note)
            topic = next_topic(scene, line, marks, topic, self._grammar)
            cast_topic = self._credits.topic(scene, line, marks, cast_topic, note.claims, cast=cast)
        for note, claims in zip(found, settle([note.claims for note in found], cast, scene.title), strict=True):
            note.claims, note.reason = claims, note.reason or ("" if claims else STRANGER)
        if first_outlet:
            _credit(found, first_outlet)
        return found

    def place(self, notes: Sequence[_Note], title: Title) -> None:
        """Let a text in a language foreign to the title's origin mean its own readers' country.

        A date that such a text gives without a country is of a country that is not known: "7. Juni" in a German paper says
        nothing of the United States, and whether it is Germany's nobody said.
        """
        if title.origin not in self._grammar.spoken_in:
            for note in notes:
                note.claims = tuple(_somewhere(claim) for claim in note.claims)

    def _retracts(self, scene: Scene, line: Line) -> bool:
        """Whether a sentence begins by taking back the one before it: "It is fake, the studio says."."""
        start = line.start + scene.text.startswith(('"', "'"), line.start)
        return self._grammar.retractions.begins(scene.text, start, min(line.end, start + 40))

    def _note(self, scene: Scene, shot: Shot, cast: Cast, *, dated: bool, peopled: bool) -> _Note:
        """Read one sentence, for releases where it may be dated, for credits where it may speak of people."""
        notes = Notes()
        releases = self._releases.read(scene, shot, notes) if dated else []
        credits_ = self._credits.read(scene, shot, cast, notes) if peopled else []
        if shot.line.headline and any(_is_cast_news(c) for c in credits_):
            cast.newcomers.update(c.person.casefold() for c in credits_ if _is_cast_news(c))
            cast.news = False  # the headline names who is new, so whoever else is named was known
        reason = "; ".join(notes.reasons) or ("" if releases or credits_ else NOTHING)
        return _Note(line=shot.line, claims=(*releases, *credits_), reason=reason)


def _named(titles: Sequence[TitleFinder], item: Item) -> list[int]:
    """The numbers of the titles that an item names at all."""
    text = flat(item.text[:LONGEST_TEXT])
    lower = text.lower()
    return [index for index, finder in enumerate(titles) if finder.is_named(text, lower)]


def _own(note: _Note, begin: int) -> _Note:
    """A note on an item under lent words, placed in the item's own text."""
    line = replace(note.line, start=note.line.start - begin, end=note.line.end - begin)
    return replace(note, line=line, claims=own(note.claims, begin))


def _capitals(text: str, found: Sequence[Line]) -> int:
    """Where a headline that writes every word with a capital ends; 0 without one."""
    return max((line.end for line in found if line.headline and is_title_case(text[line.start : line.end])), default=0)


def _last_day(found: Sequence[_Note]) -> Edtf | None:
    """The last release date of the sentence before."""
    days = [c.date for c in found[-1].claims if isinstance(c, ReleaseClaim)] if found else []
    return days[-1] if days else None


def _is_cast_news(claim: CreditClaim) -> bool:
    return claim.status is not Status.LISTED


def _somewhere(claim: Claim) -> Claim:
    return replace(claim, region=UNKNOWN_REGION) if isinstance(claim, ReleaseClaim) and claim.region is None else claim


def _doubt(notes: Sequence[_Note]) -> None:
    """Take all that is said as a rumour, and leave out the known cast: of a film that is not sure nobody is."""
    for note in notes:
        kept = (c for c in note.claims if not (isinstance(c, CreditClaim) and c.status is Status.LISTED))
        note.claims = tuple(replace(c, modality=Modality.RUMOURED) for c in kept)


def _credit(notes: Sequence[_Note], outlet: str) -> None:
    """Credit to an outlet the claims that are credited to none."""
    for note in notes:
        note.claims = tuple(replace(c, credits=outlet) if c.credits is None else c for c in note.claims)
