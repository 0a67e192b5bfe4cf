"""`watcher why`: the evidence for a fact, or for an item what was read in it and why it told nobody.

``--json`` prints one object with ``version`` (1), ``at``, ``stored``, ``title`` (its id), and for a fact::

    fact          as in `status`, null where nothing is held; held_since
    would_change  what would change it, in a sentence
    voices        outlets (of one origin), trust, crediting, value, claim, repeats (crediting, outlets: not counted again)
    former        value, since, until; newest first
    rivals        what contradicts it and is not believed: value, outlets, since, manner (other: a value that never held; again:
                  one given up before, told since; denies: `value` is denied), claim (the first that tells it)
    not_about     item, outlet, headline, link, published, verdict, outcome: items that named the title and mean another work
    ask           what else can be asked for: dates and people

for an item ``item``, ``headline``, ``outlet``, ``link``, ``published``, ``first_seen``, ``verdict``, ``outcome``, ``claims``, and
``told`` (change, target, state, at, dropped). A claim has what it says, modality, outlet, credits, published, first_seen,
sentence, headline, link, rule and item. Dates are EDTF, times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import click

from watcher.board.book import Book
from watcher.board.grounds import Grounds, Manner, Rival, Voice, grounds, said, would_change
from watcher.board.objects import VERSION, Object, claim_object, fact_object, time_text
from watcher.board.standing import Standing
from watcher.board.words import count_in_words, subject, value_in_words, who_in_words
from watcher.clean import plain
from watcher.cli import common, completions
from watcher.cli.inquiry import Inquiry, as_of_option, inquire
from watcher.cli.item_why import item_lines, item_object
from watcher.cli.layout import bold, columns, ends, heading, pad, quiet, show, show_json, table, wrap
from watcher.cli.living import tell_if_old
from watcher.cli.wanted import askable, find
from watcher.decide.rules import FIXED
from watcher.errors import UsageError
from watcher.model import Evidence, Fact, ReleaseKey, Title, Verdict
from watcher.store.ask import Outcome
from watcher.tell.dates_in_words import Dates, distance_in_words
from watcher.tell.message import quoted

_ITEM = re.compile(r"[0-9a-f]{12}")
_VOICES_SHOWN, _OTHERS_SHOWN = 8, 5
#: The longest day of a column: "Sep 29, 2025".
_DAY = 12


@click.command("why")
@click.argument("title", shell_complete=completions.titles)
@click.argument("what", nargs=-1, metavar="[release|PERSON|ITEM-ID]")
@click.option("--all", "show_all", is_flag=True, help="Show every voice and every item, however many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@as_of_option
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    title: str, what: tuple[str, ...], show_all: bool, as_json: bool, as_of: str | None, config_path: str | None
) -> None:
    """Tell what a fact of TITLE rests on: its release, or another one ("GB", "digital"), a PERSON's part, or an item's fate."""
    with inquire(config_path, as_of) as inquiry:
        found = common.pick_title(inquiry.config, title)
        assert found is not None
        if not as_json:
            tell_if_old(inquiry)
        if len(what) == 1 and _ITEM.fullmatch(what[0]):
            _explain_item(inquiry, found, what[0], as_json=as_json)
            return
        book = inquiry.book(found)
        stand = inquiry.standing(found)
        facts = find(what, stand)
        if as_json:
            show_json({**_head(inquiry, found), **_object(facts[0] if facts else None, stand, book, inquiry)})
        elif not facts:
            show(_nothing(stand, inquiry))
        else:
            show(line for fact in facts for line in _lines(fact, stand, book, inquiry, whole=not what, show_all=show_all))


def _explain_item(inquiry: Inquiry, title: Title, item: str, *, as_json: bool) -> None:
    fates = [one for one in inquiry.book(title).outcomes() if one.item == item]
    if not fates or inquiry.db is None:
        raise UsageError(f"{item}: no item of that id names {plain(title.name)}; look for it: watcher items --title {title.id}")
    if as_json:
        show_json({**_head(inquiry, title), **item_object(fates[0], inquiry.db)})
    else:
        show(item_lines(fates[0], title, inquiry, inquiry.db))


def _head(inquiry: Inquiry, title: Title) -> Object:
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "stored": inquiry.db is not None,
        "title": title.id,
    }


def _nothing(stand: Standing, inquiry: Inquiry) -> list[str]:
    """There is no release to explain."""
    when = f" as of {inquiry.dates.day(inquiry.today)}" if inquiry.as_of else ""
    return [bold(f"{stand.name}: no release date is held{when}"), *_ask_also(stand, inquiry)]


def _lines(fact: Fact, stand: Standing, book: Book, inquiry: Inquiry, *, whole: bool, show_all: bool) -> list[str]:
    """A fact with all its sections; `whole` adds what else can be asked, `show_all` leaves nothing out for its length."""
    rests_on = grounds(fact, book.revisions(fact.key), book.evidence(fact.key), inquiry.judge)
    lines = _answer(fact, rests_on, stand, inquiry)
    lines += ["", *_for_it(rests_on, stand, inquiry, show_all=show_all)]
    lines += [*_against_it(rests_on, inquiry, show_all=show_all), *_before_it(rests_on, inquiry)]
    if isinstance(fact.key, ReleaseKey):
        lines += _not_about(book.outcomes(), inquiry, show_all=show_all)
    change = would_change(fact, inquiry.today, inquiry.config.policy)
    lines += [heading("WOULD CHANGE IT"), *wrap(change, width=inquiry.width)]
    return [*lines, *_ask_also(stand, inquiry)] if whole else lines


def _answer(fact: Fact, rests_on: Grounds, stand: Standing, inquiry: Inquiry) -> list[str]:
    """What is held and how sure, then since when and how far off."""
    day = fact.value.date
    value = value_in_words(fact.value, inquiry.dates) if day is None else inquiry.dates.in_words(day, weekday=True)
    left = f"{stand.name}, {subject(fact.key, fact.value)}: {value}"
    right = str(fact.confidence).upper()
    line = ends(left, right, width=inquiry.width)
    lines = [bold(line)] if line else [bold(part) for part in wrap(f"{left}: {right}", width=inquiry.width, indent=0, hanging=2)]
    held = f"Held since {inquiry.dates.said(rests_on.since)}."
    if day is not None and not day.is_unset:
        come = "That day has come:" if day.latest < inquiry.today else "That is"
        held += f" {come} {distance_in_words(day, inquiry.today)}."
    return [*lines, *wrap(held, width=inquiry.width, indent=0)]


def _for_it(rests_on: Grounds, stand: Standing, inquiry: Inquiry, *, show_all: bool) -> list[str]:
    """The voices, each with its day, its sentence and its link; what only repeats them in a line of its own."""
    width, voices = inquiry.width, rests_on.voices[: None if show_all else _VOICES_SHOWN]
    lines = [heading(f"FOR IT  {count_in_words(len(rests_on.voices), 'voice')}")]
    rows = [(_day(voice.first.at, inquiry.dates), _who(voice, stand), _standing_of(voice)) for voice in voices]
    laid = table(rows, width=width) or [wrap(", ".join(filter(None, row)), width=width) for row in rows]
    for voice, row in zip(voices, laid, strict=True):
        lines += [*row, *_words_of(voice.first, width)]
    if len(rests_on.voices) > len(voices):
        lines.append(quiet(f"  and {len(rests_on.voices) - len(voices)} more; --all shows them"))
    for credited, names in (repeat for voice in voices for repeat in voice.repeats):
        again = f"Credits {plain(credited)}, not counted again: {who_in_words(names)}."
        lines += wrap(again, width=width, hanging=4)
    return lines


def _day(moment: datetime, dates: Dates) -> str:
    """A day as wide as any, so that what follows stands in one column through all sections."""
    return pad(dates.short(dates.day_of(moment)), _DAY)


def _who(voice: Voice, stand: Standing) -> str:
    if not voice.trust:
        by_hand = voice.first.claim.rule == FIXED or not stand.title.builtin
        return "your own word" if by_hand else "on record"
    return who_in_words(voice.outlets)


def _standing_of(voice: Voice) -> str:
    """How near the voice is to the makers, and whose report it truly is."""
    parts = [f"credits {plain(voice.crediting)}" if voice.crediting else voice.trust]
    if len(voice.outlets) > 1:
        parts.append("one publisher, one voice")
    return "; ".join(filter(None, parts))


def _words_of(evidence: Evidence, width: int) -> list[str]:
    """The sentence of a claim, and the link."""
    sentence, link = plain(evidence.claim.sentence.text), evidence.source.link
    said = wrap(quoted(sentence), width=width, indent=6, hanging=6) if sentence else []
    return [*said, *([quiet(f"      {plain(link)}")] if link else [])]


def _before_it(rests_on: Grounds, inquiry: Inquiry) -> list[str]:
    """What was held before, and how long."""
    dates = inquiry.dates
    rows = [
        (
            _day(one.since, dates) if one.since else " " * _DAY,
            value_in_words(one.value, dates),
            f"held until {dates.short(dates.day_of(one.until))}" if one.until else "named in the news of the move",
        )
        for one in rests_on.former
    ]
    return [heading("BEFORE IT"), *columns(rows, width=inquiry.width)] if rows else []


def _against_it(rests_on: Grounds, inquiry: Inquiry, *, show_all: bool) -> list[str]:
    """What contradicts it, each with its day, who says so, its sentence and its link."""
    dates, width, rivals = inquiry.dates, inquiry.width, rests_on.rivals[: None if show_all else _OTHERS_SHOWN]
    rows = [(_day(rival.since, dates), _rival_in_words(rival, dates), _alone(rival)) for rival in rivals]
    if not rows:
        return []
    lines = [heading("AGAINST IT  not believed")]
    laid = table(rows, width=width) or [wrap(", ".join(row), width=width, hanging=4) for row in rows]
    for rival, row in zip(rivals, laid, strict=True):
        lines += [*row, *_words_of(rival.first, width)]
    if len(rests_on.rivals) > len(rivals):
        lines.append(quiet(f"  and {len(rests_on.rivals) - len(rivals)} more; --all shows them"))
    return lines


def _rival_in_words(rival: Rival, dates: Dates) -> str:
    return {Manner.DENIES: "not {}", Manner.AGAIN: "{} again"}.get(rival.manner, "{}").format(value_in_words(rival.value, dates))


def _alone(rival: Rival) -> str:
    if len(rival.outlets) == 1:
        return f"{plain(rival.outlets[0])} alone"
    return "your own word" if not rival.outlets else who_in_words(rival.outlets)


def _not_about(outcomes: Sequence[Outcome], inquiry: Inquiry, *, show_all: bool) -> list[str]:
    """Items that have the name in them and mean something else, a few of them with the reason."""
    others = [one for one in outcomes if one.verdict in (Verdict.OTHER, Verdict.NAMED)]
    rows = [
        (one.item, _headline(one), plain(one.outcome.removeprefix("read: ")))
        for one in others[: None if show_all else _OTHERS_SHOWN]
    ]
    if not rows:
        return []
    lines = [heading(f"NOT ABOUT IT  {count_in_words(len(others), 'item')}")]
    for item, headline, reason in rows:
        lines += columns([(item, headline)], width=inquiry.width)
        lines += [quiet(line) for line in wrap(reason, width=inquiry.width, indent=16, hanging=16)]
    return lines


def _headline(one: Outcome) -> str:
    outlet = f"{plain(one.source.outlet)}: " if one.source.outlet else ""
    return f"{outlet}{plain(one.source.title) or plain(one.guid or '')}"


def _ask_also(stand: Standing, inquiry: Inquiry) -> list[str]:
    """What else can be asked of this title."""
    dates, people = askable(stand.facts)
    if not dates and not people:
        return []
    lines = [heading(f"ASK ALSO  watcher why {stand.title.id} WHAT")]
    for names in (dates, people):
        lines += wrap(", ".join(names), width=inquiry.width) if names else []
    return lines


def _object(fact: Fact | None, stand: Standing, book: Book, inquiry: Inquiry) -> Object:
    dates, people = askable(stand.facts)
    common_part: Object = {
        "not_about": [_outcome_object(one) for one in book.outcomes() if one.verdict in (Verdict.OTHER, Verdict.NAMED)],
        "ask": {"dates": dates, "people": people},
    }
    if fact is None:
        return {"fact": None, **common_part}
    rests_on = grounds(fact, book.revisions(fact.key), book.evidence(fact.key), inquiry.judge)
    return {
        "fact": fact_object(fact),
        "held_since": time_text(rests_on.since),
        "would_change": would_change(fact, inquiry.today, inquiry.config.policy),
        "voices": [_voice_object(voice) for voice in rests_on.voices],
        "former": [
            {"value": str(one.value), "since": time_text(one.since), "until": time_text(one.until)} for one in rests_on.former
        ],
        "rivals": [_rival_object(rival) for rival in rests_on.rivals],
        **common_part,
    }


def _voice_object(voice: Voice) -> Object:
    return {
        "outlets": list(voice.outlets),
        "trust": voice.trust or None,
        "crediting": voice.crediting,
        "repeats": [{"crediting": credited, "outlets": list(names)} for credited, names in voice.repeats],
        "value": str(said(voice.first)),
        "claim": claim_object(voice.first),
    }


def _rival_object(rival: Rival) -> Object:
    return {
        "value": str(rival.value),
        "outlets": list(rival.outlets),
        "since": time_text(rival.since),
        "manner": str(rival.manner),
        "claim": claim_object(rival.first),
    }


def _outcome_object(one: Outcome) -> Object:
    return {
        "item": one.item,
        "outlet": one.source.outlet,
        "headline": one.source.title,
        "link": one.source.link,
        "published": time_text(one.source.published),
        "verdict": one.verdict,
        "outcome": one.outcome,
    }
