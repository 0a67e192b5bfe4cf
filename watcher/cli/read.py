"""`watcher read`: what the reader takes from a text, sentence by sentence and by which rule, and what it leaves and why.

``--json`` prints one object a line for each item: ``id``, and ``claims`` as `watcher.cli.contract` writes them. Every item has
a line, also one that names no watched title.
"""

from __future__ import annotations

import json
import sys

import click

from watcher.catalogue import Catalogue
from watcher.cli import common
from watcher.cli.audience import audience
from watcher.cli.contract import claim_object
from watcher.cli.given import Given, Kind, Missing, given_items
from watcher.cli.layout import screen_width, show, wrap
from watcher.cli.sentences import Page, Tally, page_lines, unnamed_lines
from watcher.config import Config
from watcher.model import Outlet, Title
from watcher.read import Reader


@click.command("read")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--as", "kind", type=click.Choice([kind.value for kind in Kind]), help="What FILE is, where its content does not tell."
)
@click.option("--published", default="", metavar="DAY", help="When it was published, where FILE does not say; 2026-06-06.")
@click.option("--outlet", default="", metavar="NAME", help="Whose words they are, where FILE does not say.")
@click.option("--lang", "language", default="", metavar="CODE", help="Its language, where FILE does not say; en, de, fr.")
@click.option("--all", "show_all", is_flag=True, help="Show also the sentences and items that say nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: an item's id and its claims.")
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    file: str,
    kind: str | None,
    published: str,
    outlet: str,
    language: str,
    show_all: bool,
    as_json: bool,
    config_path: str | None,
) -> None:
    """Tell what is read in FILE, and why.

    FILE is items in JSON Lines, a feed (RSS, Atom, JSON Feed), a page in HTML, or plain text; - is standard input.
    """
    if file == "-" and sys.stdin.isatty():
        common.tell("Paste the text, and end it with Ctrl-D in a line of its own.")
    config = common.load(config_path, spare=common.ASKING)
    missing = Missing(outlet=outlet, published=published, language=language)
    given = given_items(file, now=common.now(), kind=Kind(kind) if kind else None, missing=missing)
    reader = Reader(config.titles, config.outlets.outlets)
    if as_json:
        titles = {title.id: title for title in config.titles}
        for one in given:
            _print_json(one, reader, titles, config.outlets)
    else:
        _show(given, reader, config, show_all=show_all)


def _outlet(given: Given, outlets: Catalogue) -> Outlet:
    """Whose words they are: who is named, else whose host the item's link leads to."""
    found = None if given.outlet else outlets.outlet_of(given.item.link or "")
    return found or outlets.outlet(given.outlet)


def _print_json(given: Given, reader: Reader, titles: dict[str, Title], outlets: Catalogue) -> None:
    readings = reader.read(given.item, _outlet(given, outlets))
    claims = [claim_object(claim, titles[reading.title].name) for reading in readings for claim in reading.claims]
    json.dump({"id": given.item.guid, "claims": claims}, sys.stdout, ensure_ascii=False)
    print()


def _show(given: list[Given], reader: Reader, config: Config, *, show_all: bool) -> None:
    """Each item that names a watched title, as soon as it is read; the others are counted."""
    width, tally, dates = screen_width(), Tally(), audience(config).dates
    unnamed: list[Given] = []
    for one in given:
        outlet = _outlet(one, config.outlets)
        readings = reader.read(one.item, outlet)
        tally.count(readings)
        if not readings:
            unnamed.append(one)
            continue
        page = Page(
            given=one, outlet=outlet, readings=readings, notes=reader.explain(one.item, outlet), titles=config.titles, dates=dates
        )
        show([*page_lines(page, width=width, show_all=show_all), *([""] if len(given) > 1 else [])])
    if unnamed and (show_all or len(given) == 1):
        show([*unnamed_lines(unnamed, config.titles, dates, width=width), *([""] if len(given) > 1 else [])])
    if len(given) != 1:
        show(wrap(tally.in_words(config.titles), width=width, indent=0))
