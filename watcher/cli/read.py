"""`watcher read`: what the reader takes from a text, sentence by sentence, and what it leaves and why."""

from __future__ import annotations

import json
import sys

import click

from watcher.catalogue import Catalogue
from watcher.cli import common
from watcher.cli.contract import claim_object
from watcher.cli.items import Given, given_items
from watcher.model import Claim, CreditClaim, ReleaseClaim, Title
from watcher.read import Reader, SentenceNote


@click.command("read")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--outlet", default="", help="Whose words they are, where the file does not say.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: the item's id and its claims.")
@common.config_option
def command(file: str, outlet: str, as_json: bool, config_path: str | None) -> None:
    """Read the items in FILE (JSON Lines, a feed, a page, plain text, or - for standard input)."""
    config = common.load(config_path)
    reader = Reader(config.titles, config.outlets.outlets)
    titles = {title.id: title for title in config.titles}
    for given in given_items(file, outlet=outlet, now=common.now()):
        if as_json:
            _print_json(given, reader, titles, config.outlets)
        else:
            _print_words(given, reader, titles, config.outlets)


def _print_json(given: Given, reader: Reader, titles: dict[str, Title], outlets: Catalogue) -> None:
    readings = reader.read(given.item, outlets.outlet(given.outlet))
    claims = [claim_object(claim, titles[reading.title].name) for reading in readings for claim in reading.claims]
    json.dump({"id": given.item.guid, "claims": claims}, sys.stdout, ensure_ascii=False)
    print()


def _print_words(given: Given, reader: Reader, titles: dict[str, Title], outlets: Catalogue) -> None:
    item, outlet = given.item, outlets.outlet(given.outlet)
    when = f", {item.published.date().isoformat()}" if item.published else ""
    click.echo(click.style(item.title or item.guid, bold=True))
    click.echo(f"  {given.outlet} ({outlet.trust}){when}")
    readings = reader.read(item, outlet)
    if not readings:
        click.echo("  names no watched title")
    for reading in readings:
        print(
            f"  {titles[reading.title].name}: {reading.verdict}" + (f" ({'; '.join(reading.reasons)})" if reading.reasons else "")
        )
    for note in reader.explain(item, outlet):
        _print_note(note)
    click.echo()


def _print_note(note: SentenceNote) -> None:
    """A sentence and what was taken from it; one that nothing was taken from, faintly, with the reason."""
    text = " ".join(note.sentence.text.split())
    if not note.claims:
        why = f"  ({note.reason})" if note.reason else ""
        click.echo(click.style(f"    {text}{why}", dim=True))
        return
    click.echo(f"    {text}")
    for claim in note.claims:
        click.echo(click.style(f"      {claim_words(claim)}", fg="green"))


def claim_words(claim: Claim) -> str:
    """A claim in one line, the rule that read it last."""
    credited = f", crediting {claim.credits}" if claim.credits else ""
    if isinstance(claim, ReleaseClaim):
        was = f" (was {claim.from_date})" if claim.from_date else ""
        where = f" in {claim.region}" if claim.region else ""
        return f"{claim.type}{where} {claim.action} {claim.date}{was}, {claim.modality}{credited}  [{claim.rule}]"
    assert isinstance(claim, CreditClaim)
    role = f" as {claim.role}" if claim.role else ""
    return f"{claim.person} {claim.status}{role} ({claim.job}), {claim.modality}{credited}  [{claim.rule}]"
