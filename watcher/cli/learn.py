"""`watcher learn`: read an article, a feed or a file now, as evidence like any other; nobody is told what it changes.

``--json`` prints one object::

    version  1; raised when a key changes its meaning or goes
    sources  in the order of the command line; of each:
        source   the address or the file
        error    why it could not be read; null if it was
        items    headline, outlet, link, published, again (learned before, and nothing is read otherwise now),
                 titles (title, verdict, reasons, outcome, and claims as in `watcher why --json`; none: it names no title and was
                 not kept), changes (as in `watcher status --json`)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import click

from watcher.board.objects import VERSION, Object, change_object, claim_object, time_text
from watcher.board.words import capital, change_in_words, count_in_words
from watcher.catalogue import Catalogue
from watcher.clean import plain
from watcher.cli import common, looking
from watcher.cli.audience import audience
from watcher.cli.deputy import Deputed
from watcher.cli.given import Given, Kind, Missing, given_items
from watcher.cli.layout import bold, columns, ends, heading, quiet, screen_width, show, show_json, wrap
from watcher.cli.sentences import VERDICTS, claim_parts, head_lines, names_watched
from watcher.config import Config
from watcher.decide.intents import Read
from watcher.lookup import ASKED, Lookup, Taken, Text, given
from watcher.model import Title
from watcher.tell.dates_in_words import Dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was named on the command line, and the items in it, each as it was given and as it is read."""

    name: str
    items: tuple[tuple[Given, Text], ...] = ()
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Lesson:
    """All sources, and what came of their texts."""

    sources: list[Source] = field(default_factory=list)
    taken: dict[Text, Taken] = field(default_factory=dict)


@click.command("learn", cls=Deputed, reads=lambda given: tuple(name for name in given["sources"] if not is_address(name)))
@click.argument("sources", nargs=-1, required=True, metavar="URL|FILE...")
@click.option("--title", metavar="TITLE", help="Read it for this title alone; else for all that are watched.")
@click.option("--as", "kind", type=click.Choice([kind.value for kind in Kind]), help="What a file is, where it does not tell.")
@click.option("--published", default="", metavar="DAY", help="When it was published, where it does not say; 2026-06-06.")
@click.option("--outlet", default="", metavar="NAME", help="Whose words they are, where neither it nor its address says.")
@click.option("--lang", "language", default="", metavar="CODE", help="Its language, where it does not say; en, de, fr.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    sources: tuple[str, ...],
    title: str | None,
    kind: str | None,
    published: str,
    outlet: str,
    language: str,
    as_json: bool,
    config_path: str | None,
) -> None:
    """Read articles, feeds or files now, in silence, as evidence.

    URL is a page or a feed. FILE is items in JSON Lines, a feed, a page or plain text; - is standard input.
    """
    config = common.load(config_path, spare=common.FETCHING)
    picked = common.pick_title(config, title) if title else None
    titles = config.titles if picked is None else (picked,)
    missing = Missing(outlet=outlet, published=published, language=language)
    common.make_state(config)
    with looking.lookup(config, looking.world_of(config, titles), common.database(config), ASKED) as look:
        lesson = asyncio.run(_learn(look, sources, Kind(kind) if kind else None, missing))
    if as_json:
        show_json(_object(lesson))
    else:
        show(_lines(lesson, titles, config))
    for source in lesson.sources:
        if source.error is not None:
            common.tell(f"watcher: {plain(source.name)}: {plain(source.error)}")
    if any(source.error is not None for source in lesson.sources):
        raise SystemExit(1)


async def _learn(look: Lookup, names: Sequence[str], kind: Kind | None, missing: Missing) -> Lesson:
    """Read all sources, then take in what they say in the order of the news."""
    async with aclosing(look.parser):
        return await _learn_from(look, names, kind, missing)


async def _learn_from(look: Lookup, names: Sequence[str], kind: Kind | None, missing: Missing) -> Lesson:
    lesson = Lesson()
    outlets = look.world.catalogue
    for number, name in enumerate(names):
        if not is_address(name):
            found = given_items(name, now=look.now, kind=kind, missing=missing)
            lesson.sources.append(Source(name=name, items=tuple((one, _text(one, outlets)) for one in found)))
            continue
        if number:
            await look.pause(looking.SPACING_S)
        lesson.sources.append(await _ask(look, name, missing))
    look.enter()
    texts = dict.fromkeys(text for source in lesson.sources for _, text in source.items)
    lesson.taken = {one.text: one for one in look.take(texts)}
    return lesson


async def _ask(look: Lookup, url: str, missing: Missing) -> Source:
    """A page or a feed, with what it does not say filled in by the user."""
    answer = await look.ask_link(url)
    if answer.error is not None:
        return Source(name=url, error=answer.error)
    unknown = look.world.catalogue.find(answer.outlet) is None
    items = []
    for text in answer.texts:
        one = missing.fill(Given(item=text.item, outlet="" if unknown and missing.outlet else text.outlet))
        items.append((one, replace(text, item=one.item, outlet=one.outlet)))
    return Source(name=url, items=tuple(items))


def is_address(name: str) -> bool:
    """Whether a word names a page or a feed, and no file."""
    return name.casefold().startswith(("http://", "https://"))


def _text(one: Given, outlets: Catalogue) -> Text:
    """An item of a file: the words of who is named, else of whose host its link leads to."""
    known = None if one.outlet else outlets.outlet_of(one.item.link or "")
    return given(one.item, known.name if known else one.outlet)


# ---- what is said


def _lines(lesson: Lesson, titles: Sequence[Title], config: Config) -> list[str]:
    width, dates = screen_width(), audience(config).dates
    lines: list[str] = []
    unnamed = 0
    pairs = [pair for source in lesson.sources for pair in source.items]
    for one, text in pairs:
        taken = lesson.taken[text]
        if len(pairs) > 1 and not taken.reads and not taken.again:
            unnamed += 1
            continue
        lines += [*head_lines(one, config.outlets.outlet(text.outlet) if text.outlet else None, dates, width=width), ""]
        lines += [*_taken(taken, titles, dates, width=width), ""]
    if unnamed:
        verbs = ("names", "was") if unnamed == 1 else ("name", "were")
        said = f"{capital(count_in_words(unnamed, 'item'))} {verbs[0]} no watched title, and {verbs[1]} not kept."
        lines += [*wrap(said, width=width, indent=0), ""]
    changes = len({change.id for taken in lesson.taken.values() for change in taken.changes})
    if not pairs:
        return []
    end = f"{capital(count_in_words(changes, 'change'))}, told to nobody.  What is believed: watcher status"
    return [*lines, *wrap(end, width=width, indent=0)]


def _taken(taken: Taken, titles: Sequence[Title], dates: Dates, *, width: int) -> list[str]:
    """What one item said of each title, and what that changed."""
    if taken.again:
        return wrap("Learned before, with the same words: nothing new in it.", width=width)
    if not taken.reads:
        return wrap(f"Names no watched title ({names_watched(titles)}), and was not kept.", width=width)
    lines: list[str] = []
    for read in taken.reads:
        lines += _read(read, taken, titles, dates, width=width)
    return lines


def _read(read: Read, taken: Taken, titles: Sequence[Title], dates: Dates, *, width: int) -> list[str]:
    reading = read.reading
    name = next(plain(title.name) for title in titles if title.id == reading.title).upper()
    verdict = VERDICTS[reading.verdict]
    lines = [bold(ends(name, verdict, width=width) or f"{name}: {verdict}")]
    for reason in reading.reasons:
        lines += wrap(f"{capital(plain(reason))}.", width=width)
    lines.append(heading("TAKEN"))
    lines += columns([claim_parts(claim, dates) for claim in reading.claims], width=width) if reading.claims else ["  Nothing."]
    mine = [change for change in taken.changes if change.key.title == reading.title]
    lines.append(heading("CHANGED"))
    if not mine:
        return [*lines, *wrap(f"{capital(plain(read.outcome).partition(': ')[2])}.", width=width)]
    for change in mine:
        lines += wrap(f"{change_in_words(change, dates)}.", width=width, hanging=4)
    return [*lines, *(quiet(line) for line in wrap("Nobody is told.", width=width))]


def _object(lesson: Lesson) -> Object:
    return {"version": VERSION, "sources": [_source_object(source, lesson) for source in lesson.sources]}


def _source_object(source: Source, lesson: Lesson) -> Object:
    return {
        "source": source.name,
        "error": source.error,
        "items": [_item_object(lesson.taken[text]) for _, text in source.items],
    }


def _item_object(taken: Taken) -> Object:
    item = taken.text.item
    return {
        "headline": item.title,
        "outlet": taken.text.outlet or None,
        "link": item.link,
        "published": time_text(item.published),
        "again": taken.again,
        "titles": [
            {
                "title": read.reading.title,
                "verdict": str(read.reading.verdict),
                "reasons": list(read.reading.reasons),
                "outcome": read.outcome,
                "claims": [claim_object(evidence) for evidence in read.evidence],
            }
            for read in taken.reads
        ],
        "changes": [change_object(change) for change in taken.changes],
    }
