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
from watcher.read.best import best
from watcher.read.calendars import entry_years
from watcher.read.credits import CreditReader
from watcher.read.dates import Anchor
from watcher.read.films import Films, FilmWords
from watcher.read.frame import Cast
from watcher.read.grammar import ENGLISH, Grammar, grammar
from watcher.read.languages import language_of
from watcher.read.origins import OutletFinder
from watcher.read.people import People
from watcher.read.releases import ReleaseReader
from watcher.read.scene import Notes, Scene, Shot, breaks, next_topic
from watcher.read.settle import settle
from watcher.read.text import Line, Stops, flat, is_title_case, letters, lines
from watcher.read.titles import Finding, TitleFinder

#: Version of this reader, kept with each reading: a new one supersedes the readings of the old.
READER = "rules-2"

#: Longest text that is read, in characters; what comes after is left out.
LONGEST_TEXT = 60_000
#: Why nothing was taken from most sentences.
NOTHING = "nothing about a release or a credit"
#: Why a death is left out.
STRANGER = "the death of somebody of whom nothing shows that they are in the film"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceNote:
    """What was made of one sentence for one title: the claims taken (each names its rule), and why the rest was left."""

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
        self._titles, self._outlets = tuple(titles), tuple(outlets)
        self._speakers = {ENGLISH: _Speaker(grammar(ENGLISH), self._titles, self._outlets)}

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """A reading for each title that the item names, in the order of the titles.

        Args:
            item: the item; spans of the claims' sentences count in `item.text`.
            outlet: who publishes it; gives "in local cinemas" its country, and is nobody it can credit.
        """
        return tuple(reading for reading, _ in self._each(item, outlet))

    def explain(self, item: Item, outlet: Outlet | None = None) -> tuple[SentenceNote, ...]:
        """Each sentence of the item for each title it is about: what was taken by which rule, what was left and why."""
        return tuple(note for _, notes in self._each(item, outlet) for note in notes)

    def _each(self, item: Item, outlet: Outlet | None) -> Iterator[tuple[Reading, list[SentenceNote]]]:
        """The reading of each named title, with the notes it was made from."""
        text = flat(item.text[:LONGEST_TEXT])
        said = letters(text)
        named = [index for index, finder in enumerate(self._speakers[ENGLISH].titles) if finder.is_named(text, said)]
        if not named:
            return
        speaker = self._speaker(language_of(text, item.language))
        anchor = Anchor(day=item.published.date() if item.published else None, precision=item.precision)
        page = _Page(item=item, text=text, lines=speaker.lines(item, text), anchor=anchor, outlet=outlet)
        for finder in (speaker.titles[index] for index in named):
            finding = finder.find(text, page.lines, anchor)
            if finding.verdict is Verdict.ABSENT:
                continue
            notes: list[SentenceNote] = []
            if finding.verdict.counts:
                notes = speaker.sentences(speaker.scene(page, finder.title, finding))
                notes = speaker.placed(notes, finder.title)
            if finding.verdict is Verdict.LIKELY:
                notes = [_doubt(note) for note in notes]
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

    def _speaker(self, language: str) -> _Speaker:
        """Who reads a language; made when it is first met."""
        found = self._speakers.get(language)
        if found is None:
            found = self._speakers[language] = _Speaker(grammar(language), self._titles, self._outlets)
        return found


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
        self._stops = Stops.of(language.text)

    def lines(self, item: Item, text: str) -> list[Line]:
        """The sentences of an item's flat text."""
        return lines(text, headline=len(item.title) if item.body else 0, stops=self._stops)

    def scene(self, page: _Page, title: Title, finding: Finding) -> Scene:
        """The item as the readers of claims see it."""
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
            years=entry_years(page.lines, lambda line: self._dates.find(page.text, line.start, line.end)),
            people=People(
                page.text,
                title,
                masked,
                self._grammar,
                outlets=self._outlets.names,
                capitals=_capitals(page.text, page.lines),
            ),
        )

    def sentences(self, scene: Scene) -> list[SentenceNote]:
        """Read sentence after sentence; each leaves its topic to the next."""
        cast = self._credits.begin(scene)
        topic = cast_topic = None
        found: list[SentenceNote] = []
        first_outlet: str | None = None
        for line in scene.lines:
            if not line.headline:
                topic, cast_topic = topic or "ours", cast_topic or "ours"  # a body speaks of ours until it names another
            marks = scene.films.in_line(line)
            credited = self._outlets.credited(scene.text, line, scene.outlet)
            dated, peopled = self._releases.may_tell(scene, line), self._credits.may_tell(scene, line)
            if dated or peopled:
                shot = Shot(
                    line=line,
                    marks=marks,
                    topic=topic,
                    cast_topic=cast_topic,
                    breaks=breaks(scene.text, line, marks, self._grammar),
                    credits=credited,
                    title_case=line.headline and is_title_case(scene.text[line.start : line.end]),
                    modality=self._outlets.modality(scene.text, line, credited),
                    told=_last_day(found),
                )
                note = self._note(scene, shot, cast, dated=dated, peopled=peopled)
            else:
                note = SentenceNote(title=scene.title.id, sentence=scene.sentence(line), reason=NOTHING)
            if found and self._retracts(scene, line):
                found[-1] = replace(found[-1], claims=tuple(c for c in found[-1].claims if isinstance(c, CreditClaim)))
            if credited and not note.claims:
                found[-2:] = [_credit(earlier, credited) for earlier in found[-2:]]
            if credited and self._outlets.governs_all(scene.text, line):
                first_outlet = first_outlet or credited
            found.append(note)
            topic = next_topic(scene, line, marks, topic, self._grammar)
            cast_topic = self._credits.topic(scene, line, marks, cast_topic, note.claims, cast=cast)
        for index, claims in enumerate(settle([note.claims for note in found], cast, scene.title)):
            if claims != found[index].claims or not (claims or found[index].reason):
                found[index] = replace(found[index], claims=claims, reason=found[index].reason or ("" if claims else STRANGER))
        return [_credit(note, first_outlet) for note in found] if first_outlet else found

    def placed(self, notes: Sequence[SentenceNote], title: Title) -> list[SentenceNote]:
        """The notes, where a text in a language foreign to the title's origin means its own readers' country.

        A date that such a text gives without a country is of a country that is not known: "7. Juni" in a German paper says
        nothing of the United States, and whether it is Germany's nobody said.
        """
        if title.origin in self._grammar.spoken_in:
            return list(notes)
        return [replace(note, claims=tuple(_somewhere(claim) for claim in note.claims)) for note in notes]

    def _retracts(self, scene: Scene, line: Line) -> bool:
        """Whether a sentence begins by taking back the one before it: "It is fake, the studio says."."""
        return self._grammar.retractions.begins(scene.text, line.start, min(line.end, line.start + 40))

    def _note(self, scene: Scene, shot: Shot, cast: Cast, *, dated: bool, peopled: bool) -> SentenceNote:
        """Read one sentence, for releases where it may be dated, for credits where it may speak of people."""
        notes = Notes()
        releases = self._releases.read(scene, shot, notes) if dated else []
        credits_ = self._credits.read(scene, shot, cast, notes) if peopled else []
        if shot.line.headline and any(_is_cast_news(c) for c in credits_):
            cast.newcomers.update(c.person.casefold() for c in credits_ if _is_cast_news(c))
            cast.news = False  # the headline names who is new, so whoever else is named was known
        reason = "; ".join(notes.reasons) or ("" if releases or credits_ else NOTHING)
        return SentenceNote(
            title=scene.title.id, sentence=scene.sentence(shot.line), claims=(*releases, *credits_), reason=reason
        )


def _capitals(text: str, found: Sequence[Line]) -> int:
    """Where a headline that writes every word with a capital ends; 0 without one."""
    return max((line.end for line in found if line.headline and is_title_case(text[line.start : line.end])), default=0)


def _last_day(found: Sequence[SentenceNote]) -> Edtf | None:
    """The last release date of the sentence before."""
    days = [c.date for c in found[-1].claims if isinstance(c, ReleaseClaim)] if found else []
    return days[-1] if days else None


def _is_cast_news(claim: CreditClaim) -> bool:
    return claim.status is not Status.LISTED


def _somewhere(claim: Claim) -> Claim:
    return replace(claim, region=UNKNOWN_REGION) if isinstance(claim, ReleaseClaim) and claim.region is None else claim


def _doubt(note: SentenceNote) -> SentenceNote:
    """The note with all that it says taken as a rumour, and without the known cast: of a film that is not sure nobody is."""
    kept = (c for c in note.claims if not (isinstance(c, CreditClaim) and c.status is Status.LISTED))
    return replace(note, claims=tuple(replace(c, modality=Modality.RUMOURED) for c in kept))


def _credit(note: SentenceNote, outlet: str) -> SentenceNote:
    """The note with its uncredited claims credited to an outlet."""
    claims = tuple(replace(c, credits=outlet) if c.credits is None else c for c in note.claims)
    return replace(note, claims=claims)
