"""`watcher add`: watch another title. Writes the configuration, looks in silence for what was told of it, says what is believed.

A title that is watched already gets what it lacks: its own [[title]] is extended; in the place of one that is built in comes a
[[title]] with all that it had. Added again, it is looked up again.
"""

from __future__ import annotations

import asyncio
import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.board.titles import title_object
from watcher.clean import plain
from watcher.cli import common, config_file, looking
from watcher.cli.added import Ambiguity, Done, Edit, added_lines, added_object
from watcher.cli.condition import look as look_at_service
from watcher.cli.layout import show, show_json
from watcher.cli.looking import Looked
from watcher.cli.screen import screen
from watcher.cli.upcoming import next_step
from watcher.cli.wish import Said, wanted
from watcher.config import Config, slug
from watcher.config.edit import Wanted, added, block, extended
from watcher.config.pieces import NoPlaceError
from watcher.errors import StoreError, UsageError, WatcherError
from watcher.lookup import ADDED
from watcher.model import ReleaseType, Title, Verdict
from watcher.read import Reader
from watcher.read.beside import bare_names, proposals
from watcher.store.schema import copy_store

_PROPOSALS, _REASONS = 3, 2


@click.command("add")
@click.argument("name")
@click.option("--alias", "aliases", multiple=True, metavar="NAME", help="Another name of it; may stand several times.")
@click.option(
    "--people", multiple=True, metavar="NAME", help="Somebody, a studio or a character that shows it; may stand several times."
)
@click.option("--not", "exclusions", multiple=True, metavar="WORDS", help="Words that mean another work.")
@click.option("--date", metavar="DATE", help="A release that you know of: 2026-12-18, 2026-12, 2026-24 (winter), 2026.")
@click.option("--type", "kind", type=click.Choice([str(kind) for kind in ReleaseType]), help="Of which kind; else theatrical.")
@click.option("--region", metavar="CC", help="Whose date it is: US, GB, DE; else of the film's own country.")
@click.option("--on", metavar="DAY", help="When that was reported; else today.")
@click.option("--outlet", metavar="NAME", help="Who reported it; else it is your own word.")
@click.option("--url", metavar="URL", help="Where.")
@click.option("--origin", metavar="CC", help="The country of the film, which owns dates told without one; else US.")
@click.option("--link", "links", multiple=True, metavar="URL", help="An article to read now; may stand several times.")
@click.option("--offline", is_flag=True, help="Look through stored items only.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written and believed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    name: str,
    aliases: tuple[str, ...],
    people: tuple[str, ...],
    exclusions: tuple[str, ...],
    date: str | None,
    kind: str | None,
    region: str | None,
    on: str | None,
    outlet: str | None,
    url: str | None,
    origin: str | None,
    links: tuple[str, ...],
    offline: bool,
    dry_run: bool,
    as_json: bool,
    config_path: str | None,
) -> None:
    """Watch the title NAME from now on, and look in silence for what was told of it."""
    said = Said(
        name=name,
        aliases=aliases,
        people=people,
        exclusions=exclusions,
        origin=origin,
        date=date,
        kind=kind,
        region=region,
        on=on,
        outlet=outlet,
        url=url,
    )
    if offline and links:
        raise UsageError("--link needs the network; leave --offline out")
    edit = plan_edit(config_file.place(config_path), said)
    if not dry_run and edit.is_needed and edit.after is not None:
        config_file.write(edit.path, edit.after, before=edit.before, tell=common.tell if as_json else click.echo)
    done = _look(edit, links, config_path, offline=offline, dry_run=dry_run)
    if as_json:
        show_json(added_object(edit, done, config_path, dry_run=dry_run))
    else:
        show(added_lines(edit, done, config_path, dry_run=dry_run))
    if any(answer.error for answer in done.looked.links):
        raise SystemExit(1)


def plan_edit(path: Path, said: Said) -> Edit:
    """The configuration as it is and as it is to be; nothing is written.

    Raises:
        ConfigError: the configuration as it is has problems, or would have.
        UsageError: the options cannot be used.
        WatcherError: the file takes no title between; what to write by hand was printed.
    """
    before = config_file.text_of(path)
    config = common.settings(before or "", path, spare=common.FETCHING)
    wish = wanted(said, today=common.now().astimezone(common.zone(config)).date())
    was = config.title(wish.name) or next((title for title in config.titles if title.id == slug(wish.name)), None)
    more = wish if was is None else wish.beyond(was)
    try:
        after = _text(before, was, wish, more)
    except NoPlaceError as error:
        show([block(wish if was is None else wish.joined(was)).rstrip("\n")])
        raise WatcherError(
            f"{path}: nothing can be put into it ({error}); it is as it was. Write what was printed yourself"
        ) from error
    after_config = config if after == before else common.settings(after or "", path, spare=common.FETCHING)
    title = after_config.title(more.name)
    assert title is not None
    return Edit(path=path, before=before, after=after, config=after_config, title=title, was=was, more=more)


def _text(before: str | None, was: Title | None, wish: Wanted, more: Wanted) -> str | None:
    if was is None:
        return added(before or "", wish)
    if more.is_empty:
        return before
    return added(before or "", wish.joined(was)) if was.builtin else extended(before or "", more)


# ---- the look


def _look(edit: Edit, links: tuple[str, ...], config_path: str | None, *, offline: bool, dry_run: bool) -> Done:
    """Look through everything, and ask what is believed then.

    Raises:
        StoreError: the store cannot be used; the text says that the configuration is written.
    """
    config, title = edit.config, edit.title
    world = looking.world_of(config, (title,))
    tags = () if offline else looking.tag_feeds(config, title)
    with _database(config, dry_run=dry_run) as database:
        try:
            with looking.lookup(config, world, database, ADDED) as look:
                look.enter()
                looked = asyncio.run(looking.look_through(look, title, tags=tags, links=links, articles=config.article_pages))
        except StoreError as error:
            if dry_run:
                raise
            again = f"watcher add {shlex.quote(title.name)}"
            raise type(error)(f"{error}\n{title.name} is in the configuration; to look it up: {again}") from error
        inquiry = looking.inquiry_of(config, database)
        try:
            stand = inquiry.standing(title)
            daemon = look_at_service(inquiry).daemon
            return Done(
                looked=looked,
                ambiguity=_ambiguity(config, title, looked),
                screen=screen(stand, inquiry),
                status=title_object(stand),
                next=next_step(daemon, plain(title.name), config_path, reload=None if dry_run else common.state(config)),
            )
        finally:
            if inquiry.db is not None:
                inquiry.db.close()


@contextmanager
def _database(config: Config, *, dry_run: bool) -> Iterator[Path]:
    """The store's file; for a dry run a copy that is thrown away."""
    if not dry_run:
        common.make_state(config)
        yield common.database(config)
        return
    with TemporaryDirectory(prefix="watcher-dry-run-") as scratch:
        copy = Path(scratch) / "watcher.db"
        if common.database(config).exists():
            copy_store(common.database(config), copy)
        yield copy


def _ambiguity(config: Config, title: Title, looked: Looked) -> Ambiguity:
    """What the texts that name an ambiguous title show of what it may mean."""
    names = bare_names(title)
    if not names:
        return Ambiguity()
    reader = Reader((title,), config.outlets.outlets)
    found = [one for taken in looked.named for one in reader.beside(taken.text.item, config.outlets.outlet(taken.text.outlet))]
    others = [finding for finding, _ in found if not finding.verdict.counts]
    # The first reason of a text in which the name only stands says no more than that.
    reasons = Counter(reason for one in others for reason in one.reasons[one.verdict is Verdict.NAMED :])
    return Ambiguity(
        names=names,
        texts=len(found),
        others=len(others),
        reasons=tuple(reason for reason, _ in reasons.most_common(_REASONS)),
        groups=proposals([near for _, near in found])[:_PROPOSALS],
    )
