"""What a replay shows: for each title a line of time with its alerts and the items behind them, then what told nobody and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from watcher.board.words import count_in_words, reason_in_short, step_in_words, subject
from watcher.clean import cut_text, plain
from watcher.cli.given import Given
from watcher.cli.layout import bold, columns, quiet, table, wrap
from watcher.cli.playback import Alert, Piece, Played
from watcher.cli.timeline import MARGIN, Timeline, quote_lines
from watcher.edtf import Edtf
from watcher.model import CreditKey, Precision, Title, Verdict
from watcher.store.ask import Outcome
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words

_ITEMS_SHOWN = 6
#: So much of an item without a headline is shown in its place.
_BEGINNING = 70


def replay_lines(played: Played, titles: Sequence[Title], *, undated: int, width: int) -> list[str]:
    """Everything that a replay shows, title after title, and at the end what was read."""
    named = [title for title in titles if any(one.title == title.id for one in played.outcomes)]
    lines = [line for title in named for line in _title_lines(played, title, width=width)]
    for text in _sums(played, [title for title in titles if title not in named], undated):
        lines += wrap(text, width=width, indent=0)
    return lines


def item_rows(ids: Iterable[str], played: Played, *, width: int, indent: int, shown: int = _ITEMS_SHOWN) -> list[str]:
    """Items of the file, a row each: day, outlet, headline and id; of many the first."""
    given = [played.items[item] for item in ids if item in played.items]
    given.sort(key=lambda one: (str(one.item.published), one.item.guid))
    lines = columns([(_day(one, played.dates), _headline(one)) for one in given[:shown]], width=width, indent=indent)
    if len(given) > shown:
        lines.append(f"{' ' * indent}and {len(given) - shown} more")
    return lines


def _title_lines(played: Played, title: Title, *, width: int) -> list[str]:
    """The head of a title, its alerts in order, and the account of what told nobody."""
    alerts = [alert for alert in played.alerts if alert.title == title.id]
    line = Timeline(played.dates)
    lines = [bold(f"{plain(title.name).upper()}  {count_in_words(len(alerts), 'alert')}")]
    for alert in alerts:
        lines += line.entry(alert.at.date(), _alert_lines(alert, played, width=width))
    return [*lines, "", *_account(played, title, width=width), ""]


def _alert_lines(alert: Alert, played: Played, *, width: int) -> list[str]:
    """The headline, then of each change what the alert says, what the fact was before, and the items.

    Changes that one sentence made are told together.
    """
    lines = [bold(part) for part in wrap(alert.headline, width=width, indent=MARGIN)]
    together: dict[tuple[object, ...], list[Piece]] = {}
    for piece in alert.ranked:
        together.setdefault((piece.block.lines, piece.block.quote, piece.items), []).append(piece)
    for pieces, after in zip_longest(together.values(), [*together.values()][1:]):
        block, items = pieces[0].block, pieces[0].items
        heads = [piece.block.headline for piece in pieces if len(alert.ranked) > 1]
        for text in (*heads, *(step for piece in pieces for step in _step(piece, played.dates)), *block.lines):
            lines += wrap(text, width=width, indent=MARGIN)
        lines += quote_lines(block.quote, width=width) if block.quote else []
        # What the next ones rest on as well is shown with those.
        if after is None or items != after[0].items:
            lines += item_rows(items, played, width=width, indent=MARGIN + 2)
    return lines


def _step(piece: Piece, dates: Dates) -> list[str]:
    """From old to new, where the headline does not say it: a date's headline does, a person's tells the new alone."""
    change = piece.change
    if not isinstance(change.key, CreditKey) or change.old is None:
        return []
    return [f"{subject(change.key, change.new)}: {step_in_words(change, dates)}."]


def _day(given: Given, dates: Dates) -> str:
    """When it was published, as precisely as the file says."""
    day = given.item.published
    if day is None:
        return ""
    wide = {Precision.MONTH: f"{day.year:04}-{day.month:02}", Precision.YEAR: f"{day.year:04}"}.get(given.item.precision)
    return dates.in_words(Edtf(wide)) if wide else dates.short(day.date())


def _headline(given: Given) -> str:
    """Outlet and headline, or how the text begins, and the id."""
    said = plain(given.item.title)
    if not said:
        start = plain(given.item.body)
        said = start if len(start) <= _BEGINNING else f"{cut_text(start, _BEGINNING)} …"
    return f"{plain(given.outlet)}: {said} [{plain(given.item.guid)}]"


def _account(played: Played, title: Title, *, width: int) -> list[str]:
    """Of a title: the items by what they were, and the changes that told nobody by their reason."""
    outcomes = [one for one in played.outcomes if one.title == title.id]
    lines = wrap(_items_in_words(outcomes), width=width)
    silent = Counter(reason_in_short(c.silent) for c in played.changes if c.key.title == title.id and c.silent)
    told = {piece.change.id for alert in played.alerts for piece in alert.pieces}
    netted = sum(c.key.title == title.id and c.silent is None and c.id not in told for c in played.changes)
    if netted:
        silent["overtaken, or made one with a later step, before they were told"] = netted
    if silent:
        lines += wrap(f"{count_in_words(silent.total(), 'change')} told nobody:", width=width)
        lines += _counted(silent, width=width)
    return lines


def _items_in_words(outcomes: Sequence[Outcome]) -> str:
    """How many items were about the title, meant something else, or brought nothing."""
    about = [one for one in outcomes if Verdict(one.verdict).counts]
    idle = sum(one.outcome.startswith("decided: ") for one in about)
    empty = sum(one.outcome.startswith("read: ") for one in about)
    parts = [f"{count_in_words(len(about), 'item')} about it"]
    if len(about) < len(outcomes):
        parts.append(f"{len(outcomes) - len(about)} with its name about something else")
    rest = [f"{idle} brought nothing new or wait{'s' if idle == 1 else ''} for a second voice"] if idle else []
    rest += [f"{empty} say{'s' if empty == 1 else ''} nothing of a release or a credit"] if empty else []
    return f"{', '.join(parts)}.{f' Of those about it {names_in_words(rest)}.' if rest else ''}"


def _counted(counts: Counter[str], *, width: int) -> list[str]:
    rows = [(f"{number:>3}", plain(what)) for what, number in counts.most_common()]
    return [quiet(line) for lines in table(rows, width=width, indent=2) or [] for line in lines]


def _sums(played: Played, unnamed: Sequence[Title], undated: int) -> list[str]:
    """The last lines: what was read, and which titles nothing in it names."""
    count = len(played.items)
    said = f"{count_in_words(count + undated, 'item')} read"
    said += f", {undated} without a day left out" if undated else ""
    texts = [f"{said}; {count_in_words(len(played.alerts), 'alert')}. Nothing was fetched or sent."]
    if unnamed:
        texts.append(f"No item names {names_in_words([plain(title.name) for title in unnamed])}.")
    return texts
