"""`watcher replay`: a file's items through everything, on a simulated clock and a scratch store: the alerts, and what is behind.

``--json`` prints a line for each change that would have been told, as `watcher.cli.contract` writes it, and nothing else.
``--against`` compares the alerts with what truly happened (`watcher.cli.truth` describes the file); the figures follow the
time line, and go to standard error beside ``--json``, so that standard output stays the alerts'.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click

from watcher.cli import common
from watcher.cli.against import Result, compare
from watcher.cli.against_lines import figure_lines
from watcher.cli.contract import alert_object
from watcher.cli.given import Given, Missing, given_items
from watcher.cli.layout import screen_width, show
from watcher.cli.mentions import mention, spoken_of
from watcher.cli.playback import Played, play
from watcher.cli.replay_lines import replay_lines
from watcher.cli.truth import Story, read_truth
from watcher.config import Config
from watcher.model import Title, Verdict

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A file of fewer items is played before anybody wonders.
_MANY = 50


@click.command("replay")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--outlet", default="", help="Whose words they are, where the file does not say.")
@click.option("--against", metavar="TRUTH", type=click.Path(), help="What truly happened: precision, recall and delay.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: an alert.")
@common.config_option
def command(file: str, outlet: str, against: str | None, as_json: bool, config_path: str | None) -> None:
    """Play the items in FILE through everything and show the alerts that would have gone out, in order."""
    config = common.load(config_path, spare=common.ASKING)
    truth = read_truth(against, config.title) if against else None
    now = common.now()
    given = given_items(file, now=now, missing=Missing(outlet=outlet or "unknown"))
    if len(given) == 1 and given[0].item.published is None:
        given = [replace(given[0], item=replace(given[0].item, published=now))]  # a text that somebody just found
    dated = sorted((g for g in given if g.item.published is not None), key=lambda g: g.item.published or _EPOCH)
    played = _play(config, dated)
    if as_json:
        _print_json(played, config)
    else:
        show(replay_lines(played, config.titles, undated=len(given) - len(dated), width=screen_width()))
    if against and truth is not None:
        named = {one.title for one in played.outcomes}
        known = [title for title in config.titles if title.id in truth.of]
        results = [_compare(title, truth.of[title.id], played) for title in known if title.id in named]
        left_out = (*truth.left_out, *(title.name for title in known if title.id not in named))
        show(figure_lines(against, results, left_out, played, width=screen_width()), err=as_json)


def _play(config: Config, given: Sequence[Given]) -> Played:
    """Play, with a bar on standard error where somebody looks at it and it takes a while."""
    hidden = len(given) < _MANY or not sys.stderr.isatty()
    with click.progressbar(length=len(given), label="Playing", file=sys.stderr, hidden=hidden) as bar:
        return asyncio.run(play(config, given, step=lambda: bar.update(1)))


def _compare(title: Title, story: Story, played: Played) -> Result:
    """What was told of a title against its story; items that surely mean another work speak of no event of it."""
    told = [piece.change for alert in played.alerts if alert.title == title.id for piece in alert.pieces]
    named = [one.item for one in played.outcomes if one.title == title.id and one.verdict != Verdict.OTHER]
    mentions = [mention(item, played.items[item]) for item in played.items if item in set(named)]
    return compare(title, story, told, lambda event: spoken_of(event, mentions))


def _print_json(played: Played, config: Config) -> None:
    names = {title.id: title.name for title in config.titles}
    for alert in played.alerts:
        for piece in alert.pieces:
            json.dump(alert_object(piece.change, names[alert.title], piece.guids), sys.stdout, ensure_ascii=False)
            print()
