"""`watcher items`: what was stored, newest first, each with what was read from it and what became of it.

TEXT, after the verb or with ``--search``, is looked for in headline and text: each word where a word begins ("delay" finds
"delayed"), what stands in quotation marks as it stands, all of them in one text; case and accents do not matter.

``--outcome`` is what became of an item::

    told      it changed what is believed, and somebody was told, or is to be, unless later news came before that
    silent    it is about a title and told nobody: it confirms what was told, is old news, or is not believed
    nothing   it is about a title, and says nothing of a release or a credit
    other     it has a title's name in it and means another work, or nothing shows that it means this one
    unnamed   it names nothing that is watched
    ignored   you discarded it (`watcher ignore`)

``--json`` prints one object::

    version   1; raised when a key changes its meaning or goes
    at        when
    stored    false before the first `run` or `poll`
    total     how many there are of what was asked for; items has the newest of them, at most ``--limit``
    items     of each: item (its id), headline, outlet, feed (without user, password and query), link, published, first_seen,
              kind (item: the feed's text was read; page: the one behind its link), outcome (see above; of several
              titles for the one that it did most for), read
    read      a list, for each title that it names: title, verdict (about, likely, named, other), outcome (see above), reason
              (what ended it, as `why` says it), claims (as in `why`)

Times are UTC, dates EDTF.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, time

import click

from watcher.board.objects import VERSION, Object, claim_object, time_text
from watcher.clean import cut_text, plain, safe_url
from watcher.cli import common, completions
from watcher.cli.inquiry import Inquiry, inquire
from watcher.cli.items_lines import item_lines, plain_line
from watcher.cli.layout import bold, quiet, show, show_json, wrap
from watcher.cli.living import tell_if_old
from watcher.edtf import Edtf
from watcher.errors import DateError, UsageError
from watcher.model import Title
from watcher.store import browsing
from watcher.store.browsing import Asked, Fate, Fated, Found, Stored
from watcher.store.searching import sought
from watcher.tell.message import quoted

_SHOWN, _WORDS_SHOWN = 10, 60
_IN_WORDS = {
    Fate.TOLD: "told to somebody",
    Fate.SILENT: "told to nobody",
    Fate.NOTHING: "saying nothing of a release or a credit",
    Fate.OTHER: "of other works",
    Fate.UNNAMED: "naming nothing watched",
    Fate.IGNORED: "that you discarded",
}


@click.command("items")
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@click.option("--search", metavar="TEXT", help='Only with these words in headline or text; "so" as a phrase. As TEXT alone.')
@click.option("--title", metavar="TITLE", shell_complete=completions.titles, help="Only what names this title.")
@click.option("--feed", metavar="NAME", shell_complete=completions.feeds, help="Only from this outlet, host or address.")
@click.option("--outcome", type=click.Choice([fate.value for fate in Fate]), help="Only what this became of.")
@click.option("--since", metavar="DATE", help="Only what came out on that day or later: 2026-05-01, 2026-05, 2026.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1_000_000), default=_SHOWN, help=f"So many at most; {_SHOWN} unless told."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--plain", "as_plain", is_flag=True, help="One item a line, without columns.")
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    text: tuple[str, ...],
    search: str | None,
    title: str | None,
    feed: str | None,
    outcome: str | None,
    since: str | None,
    limit: int,
    as_json: bool,
    as_plain: bool,
    config_path: str | None,
) -> None:
    """Tell what was stored, newest first: what was read from each item, and whom it told or why nobody."""
    with inquire(config_path) as inquiry:
        words = " ".join(filter(None, (*text, search or "")))
        named = None if title is None else common.pick_title(inquiry.config, title)
        asked = Asked(
            words=sought(words),
            title=None if named is None else named.id,
            fate=None if outcome is None else Fate(outcome),
            since=None if since is None else _moment(since, inquiry),
            **({} if feed is None else _from_feed(feed, inquiry)),  # type: ignore[arg-type]
        )
        found = Found(items=(), total=0) if inquiry.db is None else browsing.items(inquiry.db, asked, limit=limit)
        if as_json:
            show_json(_object(found, inquiry))
            return
        tell_if_old(inquiry)
        filters = _filters(words if asked.words else "", named, feed, asked, inquiry)
        show(_plain_lines(found, filters, inquiry) if as_plain else _lines(found, filters, inquiry))


def _moment(text: str, inquiry: Inquiry) -> datetime:
    """The first moment of a day, a month or a year, on the user's own clock."""
    try:
        when = Edtf(text)
        moment = None if when.is_unset else datetime.combine(when.earliest, time(), inquiry.zone).astimezone(UTC)
    except (DateError, OverflowError):
        moment = None
    if moment is None:
        raise UsageError(f"--since {plain(text)!r}: is no date; write 2026-05-01, 2026-05 or 2026")
    return moment


def _from_feed(wanted: str, inquiry: Inquiry) -> dict[str, object]:
    """The feeds that are meant, of the configuration or of those that were read before.

    Raises:
        UsageError: none is.
    """
    from watcher.cli.feeds_pick import meant, nobody  # noqa: PLC0415 - only where a feed is named

    found = meant(inquiry.config, wanted)
    known = inquiry.config.outlets.find(wanted)
    name = known.name if known else wanted
    if not found and (inquiry.db is None or not browsing.has_outlet(inquiry.db, name)):
        raise nobody(wanted)
    return {"feeds": tuple(feed.url for feed in found), "outlet": name}


def _filters(words: str, title: Title | None, feed: str | None, asked: Asked, inquiry: Inquiry) -> str:
    """What was asked for, to stand behind a number: "with “delayed” naming Dune since May 1, 2026"."""
    since = f"since {inquiry.dates.said(asked.since)}" if asked.since else ""
    parts = (
        f"with {_as_written(words)}" if words else "",
        f"from {safe_url(feed) if '://' in feed else plain(feed)}" if feed else "",
        f"naming {plain(title.name)}" if title else "",
        _IN_WORDS[asked.fate] if asked.fate else "",
        since,
    )
    return " ".join(filter(None, parts))


def _as_written(words: str) -> str:
    """What somebody looked for; in quotation marks where it has none of its own."""
    shown = cut_text(plain(words), _WORDS_SHOWN)
    return shown if '"' in shown else quoted(shown)


def _lines(found: Found, filters: str, inquiry: Inquiry) -> list[str]:
    if not found.items:
        return wrap(_nothing(filters, inquiry), width=inquiry.width, indent=0)
    shown = len(found.items)
    number = f"{found.total:,}" if shown == found.total else f"the newest {shown:,} of {found.total:,}"
    head = ", ".join(filter(None, (f"ITEMS: {number} {filters or 'stored'}", "newest first" if 1 < shown == found.total else "")))
    lines = [bold(line) for line in wrap(head, width=inquiry.width, indent=0)]
    lines += item_lines(found.items, inquiry)
    last = [quiet(line) for said in _next(found) for line in wrap(said, width=inquiry.width, indent=0)]
    return [*lines, *([""] if last else []), *last]


def _nothing(filters: str, inquiry: Inquiry) -> str:
    if inquiry.db is None:
        return "Nothing stored yet. Start with: watcher run"
    return f"No items {filters}. All there are: watcher items" if filters else "No items are stored yet."


def _next(found: Found) -> list[str]:
    """How to see the others, and the exact command that explains one of these: one that did something, where there is one."""
    more = [f"More of them: add --limit {min(found.total, 5 * len(found.items))}"] if found.total > len(found.items) else []
    telling = [(one, fated) for one in found.items for fated in one.read]
    telling.sort(key=lambda pair: pair[1].fate is not Fate.TOLD)
    return [*more, *(f"Why one of them: watcher why {shlex.quote(fated.title)} {one.source.item}" for one, fated in telling[:1])]


def _plain_lines(found: Found, filters: str, inquiry: Inquiry) -> list[str]:
    if not found.items:
        return [_nothing(filters, inquiry)]
    lines = [plain_line(one, inquiry) for one in found.items]
    return [*lines, *(f"{found.total - len(found.items):,} more." for _ in range(found.total > len(found.items)))]


def _object(found: Found, inquiry: Inquiry) -> Object:
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "stored": inquiry.db is not None,
        "total": found.total,
        "items": [_item_object(one) for one in found.items],
    }


def _item_object(one: Stored) -> Object:
    return {
        "item": one.source.item,
        "headline": one.source.title,
        "outlet": one.source.outlet,
        "feed": safe_url(one.feed),
        "link": one.source.link,
        "published": time_text(one.source.published),
        "first_seen": time_text(one.source.first_seen),
        "kind": str(one.source.kind),
        "outcome": str(one.fate),
        "read": _read_objects(one.read),
    }


def _read_objects(read: Sequence[Fated]) -> list[Object]:
    return [
        {
            "title": fated.title,
            "verdict": str(fated.verdict),
            "outcome": str(fated.fate),
            "reason": fated.outcome,
            "claims": [claim_object(evidence) for evidence in fated.claims],
        }
        for fated in read
    ]
