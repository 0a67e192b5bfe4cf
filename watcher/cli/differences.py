"""What a rebuild finds, in words: which facts differ, and which texts are read otherwise, those alike in one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.board.objects import Object, change_object, claim_object
from watcher.board.words import capital, claim_in_words, count_in_words, step_in_words, subject
from watcher.clean import plain
from watcher.cli.layout import bold, columns, heading, quiet, wrap
from watcher.decide.rebuilding import Again, gist
from watcher.model import Change, Title, Verdict
from watcher.rebuild import Rebuilt
from watcher.tell.dates_in_words import Dates
from watcher.tell.message import quoted

_ITEMS_SHOWN = 5
_ABOUT = {
    Verdict.ABOUT: "about it",
    Verdict.LIKELY: "most likely about it",
    Verdict.NAMED: "its name alone",
    Verdict.OTHER: "another work",
    Verdict.ABSENT: "not named",
}


def difference_lines(done: Rebuilt, titles: Sequence[Title], dates: Dates, *, kept: bool, width: int) -> list[str]:
    """The whole answer."""
    readings = [one for one in done.again if one.says_else]
    texts = count_in_words(done.texts, "text")
    if not readings and not done.plan.changes:
        return wrap(f"{capital(texts)} read again: nothing differs.", width=width, indent=0)
    would = "differ" if kept else "would differ"
    facts = count_in_words(len(done.plan.changes), "fact")
    head = f"{capital(texts)} read again: {_number(readings)} otherwise, {facts} {would}."
    lines = [bold(line) for line in wrap(head, width=width, indent=0)]
    for title in titles:
        changes = [change for change in done.plan.changes if change.key.title == title.id]
        ours = [one for one in readings if one.read.reading.title == title.id]
        if changes or ours:
            lines += ["", bold(plain(title.name).upper()), *_facts(changes, dates, width), *_readings(ours, dates, width)]
    if kept:
        return [*lines, "", "Kept. Nobody was alerted."]
    return [*lines, "", *wrap("Nothing was written. Keep it: watcher rebuild --commit", width=width, indent=0)]


def reading_object(one: Again) -> Object:
    """A reading that says something else, for ``--json``."""
    source = one.source
    return {
        "item": source.item,
        "title": one.read.reading.title,
        "headline": source.title or None,
        "outlet": source.outlet,
        "link": source.link,
        "was_verdict": None if one.verdict is None else str(one.verdict),
        "verdict": str(one.read.reading.verdict),
        "gone": [claim_object(e) for e in one.gone],
        "come": [claim_object(e) for e in one.come],
    }


def fact_object(change: Change) -> Object:
    """A fact that differs, for ``--json``."""
    return {"title": change.key.title, "key": str(change.key), **change_object(change)}


def _number(readings: Sequence[Again]) -> str:
    return "1 is read" if len(readings) == 1 else f"{len(readings) or 'none'} are read"


def _facts(changes: Sequence[Change], dates: Dates, width: int) -> list[str]:
    if not changes:
        return []
    rows = [
        (capital(subject(c.key, c.new if c.new.known else c.old or c.new)), step_in_words(c, dates), _who(c)) for c in changes
    ]
    return [heading("FACTS"), *columns(rows, width=width)]


def _who(change: Change) -> str:
    outlet = f"{plain(change.outlet)}, " if change.outlet else ""
    return f"{outlet}{change.confidence}" if change.new.known else ""


def _readings(found: Sequence[Again], dates: Dates, width: int) -> list[str]:
    """The texts, those that differ alike under one head."""
    if not found:
        return []
    groups: dict[tuple[object, ...], list[Again]] = {}
    for one in found:
        alike = (frozenset(map(gist, one.gone)), frozenset(map(gist, one.come)), _verdicts(one))
        groups.setdefault(alike, []).append(one)
    lines = [heading("READINGS")]
    for several in sorted(groups.values(), key=len, reverse=True):
        lines += _group(several, dates, width)
    return lines


def _group(several: Sequence[Again], dates: Dates, width: int) -> list[str]:
    first = several[0]
    lines = []
    for label, claims in (("no longer", first.gone), ("now", first.come)):
        for said in {claim_in_words(e, dates): e for e in claims}:
            lines += wrap(f"{label}: {said}", width=width, hanging=4)
    if verdicts := _verdicts(first):
        lines += wrap(verdicts, width=width, hanging=4)
    for one in several[:_ITEMS_SHOWN]:
        lines += _item(one, dates, width)
    if len(several) > _ITEMS_SHOWN:
        lines.append(quiet(f"      and {len(several) - _ITEMS_SHOWN} more; --json prints them all"))
    return lines


def _item(one: Again, dates: Dates, width: int) -> list[str]:
    """The item with its headline, and the sentences that are read otherwise."""
    source = one.source
    outlet = f" ({plain(source.outlet)}, {dates.short(dates.day_of(source.order[0]))})" if source.outlet else ""
    lines = wrap(f"{source.item}  {plain(source.title)}{outlet}", width=width, indent=4, hanging=18)
    sentences = dict.fromkeys(plain(e.claim.sentence.text) for e in (*one.gone, *one.come))
    for sentence in filter(None, sentences):
        lines += [quiet(line) for line in wrap(quoted(sentence), width=width, indent=6, hanging=6)]
    return lines


def _verdicts(one: Again) -> str:
    """How the verdict on the title differs; empty where it does not."""
    was, now = one.verdict or Verdict.ABSENT, one.read.reading.verdict
    return "" if was is now else f"was: {_ABOUT[was]}; is: {_ABOUT[now]}"


def all_readings(found: Iterable[Again]) -> list[Object]:
    """All readings that say something else, for ``--json``."""
    return [reading_object(one) for one in found if one.says_else]
