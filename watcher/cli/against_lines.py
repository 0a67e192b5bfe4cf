"""How a replay fared against the truth, for the screen: the figures by title and kind, then every miss and every false alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.board.words import STATUS, capital, count_in_words, step_in_words, subject
from watcher.clean import plain
from watcher.cli.against import Doubt, Event, Figures, Missed, Result
from watcher.cli.given import Given
from watcher.cli.layout import bold, heading, quiet, wrap
from watcher.cli.playback import Played
from watcher.cli.replay_lines import item_rows
from watcher.cli.truth import CastEvent
from watcher.model import Change, ReleaseKey
from watcher.tell.dates_in_words import Dates, preposition
from watcher.tell.lists import names_in_words
from watcher.tell.places import place_in_words

_HEAD = ("", "right", "false", "missed", "precision", "recall", "days late", "at most")
_ITEMS_SHOWN = 4


def figure_lines(path: str, results: Sequence[Result], left_out: Sequence[str], played: Played, *, width: int) -> list[str]:
    """The table of figures, then what is behind those that are not perfect."""
    lines = ["", bold(f"AGAINST {plain(path)}"), *_table(results, width=width)]
    lines += [quiet(line) for line in wrap(_remarks(results, left_out), width=width)]
    for result in results:
        for figures in (result.dates, result.people):
            lines += _missed(result, figures, played, width=width)
            lines += _doubts(result, "FALSE", figures.false, played, width=width)
            lines += _doubts(result, "APART", figures.apart, played, width=width)
    return lines


def _table(results: Sequence[Result], *, width: int) -> list[str]:
    """The figures: dates, cast and both, below the name of each title where there are several, and for all together."""
    parts = [(plain(one.title.name), one.dates, one.people) for one in results]
    if len(parts) > 1:
        parts.append(
            ("All titles", sum((dates for _, dates, _ in parts), Figures()), sum((cast for *_, cast in parts), Figures()))
        )
    rows = [
        _row(label, one) for _, dates, cast in parts for label, one in (("dates", dates), ("cast", cast), ("both", dates + cast))
    ]
    head, *laid = _aligned([_HEAD, *rows], width=width) or [[], *(_as_sentence(row, width=width) for row in rows)]
    lines = [quiet(line) for line in head]
    for number, (name, *_) in enumerate(parts):
        lines += wrap(name, width=width) if len(parts) > 1 else []
        lines += [line for row in laid[3 * number : 3 * number + 3] for line in row]
    return lines


def _aligned(rows: Sequence[tuple[str, ...]], *, width: int) -> list[list[str]] | None:
    """Rows of numbers with their ends below each other; None where there is no room for that."""
    sizes = [max(len(row[number]) for row in rows) for number in range(len(_HEAD))]
    lines = ["  ".join(("", row[0].ljust(sizes[0]), *map(str.rjust, row[1:], sizes[1:]))) for row in rows]
    return None if len(lines[0]) > width else [[line] for line in lines]


def _as_sentence(row: tuple[str, ...], *, width: int) -> list[str]:
    told = ", ".join(f"{what} {cell}" for what, cell in zip(_HEAD[1:], row[1:], strict=True))
    return wrap(f"{row[0]}: {told}", width=width, hanging=4)


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    """One line of the table; a dash where there is nothing to divide by."""
    late = figures.delay
    return (
        name,
        str(figures.right),
        str(len(figures.false)),
        str(len(figures.missed)),
        _share(figures.precision),
        _share(figures.recall),
        *(("-", "-") if late is None else (f"{late[0]:g}", str(late[1]))),
    )


def _share(part: float | None) -> str:
    return "-" if part is None else f"{part:.3f}"


def _remarks(results: Sequence[Result], left_out: Sequence[str]) -> str:
    """What the table does not say: how late is counted, and what was not."""
    whole = sum((one.dates + one.people for one in results), Figures())
    texts = ["Days late: the median of those that were right, from the day of the first report to the alert."]
    unsaid, apart = len(whole.unsaid), len(whole.apart)
    if unsaid:
        said = f"{capital(count_in_words(unsaid, 'event'))} of the truth {'stands' if unsaid == 1 else 'stand'} in no item"
        texts.append(f"{said}, and cannot be missed.")
    if apart:
        said = f"{capital(count_in_words(apart, 'alert'))} {'stands' if apart == 1 else 'stand'} apart"
        texts.append(f"{said}, neither right nor false.")
    if left_out:
        texts.append(f"Not watched, or named by no item, so left out: {names_in_words([plain(name) for name in left_out])}.")
    return " ".join(texts)


def _missed(result: Result, figures: Figures, played: Played, *, width: int) -> Iterator[str]:
    """Every event that was missed, with the items that speak of it and what became of them."""
    fates = {one.item: one.outcome for one in played.outcomes if one.title == result.title.id}
    for missed in figures.missed:
        text = f"MISSED  {plain(result.title.name)}: {_event(missed, result, played.dates)}"
        yield from (heading(line) for line in wrap(text, width=width, indent=0, hanging=2))
        items = sorted(missed.items, key=lambda item: _days_off(missed.event, played.items[item]))
        for item in items[:_ITEMS_SHOWN]:
            yield from item_rows([item], played, width=width, indent=2)
            yield from (quiet(line) for line in wrap(_fate(fates.get(item, "")), width=width, indent=4, hanging=4))
        if len(items) > _ITEMS_SHOWN:
            yield f"  and {len(items) - _ITEMS_SHOWN} more"


def _days_off(event: Event, given: Given) -> int:
    """How far from the first report an item was published: the nearest are likeliest to have been the news."""
    assert given.item.published is not None
    day = given.item.published.date()
    return max((event.reported.earliest - day).days, (day - event.reported.latest).days, 0)


def _fate(outcome: str) -> str:
    """What became of an item, without the names of stages and changes."""
    stage, _, reason = plain(outcome).partition(": ")
    return "made an alert of something else" if stage == "told" else reason


def _event(missed: Missed, result: Result, dates: Dates) -> str:
    event: Event = missed.event
    reported = f"reported {preposition(event.reported)} {dates.in_words(event.reported)}"
    if isinstance(event, CastEvent):
        return f"{event.person} {STATUS[event.status]}, {reported}"
    key = ReleaseKey(title=result.title.id, region=event.region or result.title.origin, type=event.type)
    return f"{place_in_words(key)}, {dates.in_words(event.new)}, {reported}"


def _doubts(result: Result, what: str, doubts: Sequence[Doubt], played: Played, *, width: int) -> Iterator[str]:
    """Alerts that were not right, with why and the items behind them."""
    behind = {piece.change.id: piece.items for alert in played.alerts for piece in alert.pieces}
    for doubt in doubts:
        text = f"{what}  {plain(result.title.name)}: {_told(doubt.change, played.dates)}: {doubt.why}"
        yield from (heading(line) for line in wrap(text, width=width, indent=0, hanging=2))
        yield from item_rows(behind[doubt.change.id], played, width=width, indent=2, shown=_ITEMS_SHOWN)


def _told(change: Change, dates: Dates) -> str:
    day = dates.short(change.recorded_at.date())
    return f"{subject(change.key, change.new)}, {step_in_words(change, dates)}, told {day} as {change.confidence}"
