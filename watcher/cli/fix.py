"""`watcher fix`: the user sets a date or a person's part by hand, with the source that says so, and tells nobody.

``--json`` prints one object: ``version`` (1), ``title`` (its id), ``key``, ``word`` (the id of this word, for `watcher ignore`),
``holds`` (false where news of a later day stands against it), and ``was`` and ``now``: facts as in `status`, null where
nothing is held.
"""

from __future__ import annotations

import click

from watcher.board.objects import VERSION, Object, fact_object
from watcher.board.words import capital, subject, value_in_words, who_in_words
from watcher.clean import plain
from watcher.cli import common, completions
from watcher.cli.deputy import Deputed
from watcher.cli.layout import bold, quiet, show, show_json, wrap
from watcher.cli.layout import screen_width as width
from watcher.cli.word import Given, known_of, with_job
from watcher.cli.writing import desk, title_named
from watcher.model import Fact, Known, Title, Value
from watcher.store import ask
from watcher.tell.dates_in_words import Dates
from watcher.userword import Fixed, fix, known_to


@click.command("fix", cls=Deputed)
@click.argument("title", shell_complete=completions.titles)
@click.argument("what", metavar="release|PERSON")
@click.argument("value", metavar="DATE|STATUS")
@click.option("--type", metavar="TYPE", help="Of a release: premiere, limited, theatrical (the default), digital, streaming, …")
@click.option("--region", metavar="CODE", help="Of a release: the country, such as US or GB; else the title's own.")
@click.option("--job", metavar="JOB", help="Of a person: director, writer, …; else what they are known for, or actor.")
@click.option("--role", metavar="NAME", help="Of an actor: whom they play.")
@click.option(
    "--on", metavar="DAY", help="Since when it is known: news of a later day stands against it. Else it counts from now."
)
@click.option("--outlet", metavar="NAME", help="Who says so; else it is your own word.")
@click.option("--url", metavar="LINK", help="Where they say so.")
@click.option("--pin", is_flag=True, help="Let no news move it, only a later word of yours.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(title: str, what: str, value: str, as_json: bool, config_path: str | None, **options: str | bool | None) -> None:
    """Set TITLE's release DATE (2025-06-06, 2025-06, 2025-22 for summer, 2025, unset), or the STATUS of a PERSON, by hand.

    STATUS is joins, in_talks, rumoured, exits, denied, died or listed. Nobody is alerted.
    """
    here = desk(config_path)
    found = title_named(here, title)
    today = here.now.astimezone(here.zone).date()
    known = known_of(here.config, what, value, Given(**options), today)  # type: ignore[arg-type]  # click's own names
    world = here.world
    with here.store() as store:
        known_to(store, world, found, here.now)
        if known.person is not None and options["job"] is None:
            known = with_job(known, ask.facts(store.connection, title=found.id))
        done = fix(store, world, found, known, here.now, dated=known.on < today)
    if as_json:
        show_json(_object(done, found))
    else:
        show(_lines(done, found, known, here.dates))


def _lines(done: Fixed, title: Title, known: Known, dates: Dates) -> list[str]:
    """What it was and is now, what may move it, and how to take it back."""
    wide = width()
    what = f"{plain(title.name)}, {subject(done.key, _value(done.after))}"
    lines = [bold(line) for line in wrap(f"{what}: {_step(done, dates)}", width=wide, indent=0, hanging=2)]
    lines += wrap(_standing(done, known, dates), width=wide, indent=0)
    lines += wrap(f"Nobody was alerted. Take it back: watcher ignore {done.word.source.item}", width=wide, indent=0)
    return [*lines[:-1], quiet(lines[-1])] if len(lines) > 1 else lines


def _value(fact: Fact | None) -> Value:
    return Value() if fact is None else fact.value


def _step(done: Fixed, dates: Dates) -> str:
    """From what was held to what is held."""
    after = value_in_words(_value(done.after), dates)
    if not done.holds:
        return f"stays {after}"
    before = _value(done.before)
    if not before.known:
        return f"{after} (nothing was held)"
    return f"{after}, as before" if before == _value(done.after) else f"{after} (was {value_in_words(before, dates)})"


def _standing(done: Fixed, known: Known, dates: Dates) -> str:
    """Whose word it is, and what may move it."""
    if done.after is not None and not done.holds:
        since = dates.short(dates.day_of(done.after.since))
        who = f" by {who_in_words(done.after.outlets)}" if done.after.outlets else ""
        return (
            f"Your word of {dates.short(known.on)} is kept as evidence, but what is held was said later{who}, {since}. "
            "Without --on your word counts from now."
        )
    whose = f"{plain(known.outlet)}, as you say" if known.outlet else "Your own word"
    moves = (
        "Pinned: no news moves it, only a later word of yours." if known.pin else "Later news may move it; --pin forbids that."
    )
    return f"{capital(whose)}. {moves}"


def _object(done: Fixed, title: Title) -> Object:
    return {
        "version": VERSION,
        "title": title.id,
        "key": str(done.key),
        "word": done.word.source.item,
        "holds": done.holds,
        "was": None if done.before is None else fact_object(done.before),
        "now": None if done.after is None else fact_object(done.after),
    }
