"""`watcher feeds`: which feeds are read and how they are; adds and removes them, checks them, and exchanges them as OPML.

The configuration is the only list of feeds, so that there is one place to look: `add`, `remove` and `import` edit it, and leave
every character of it that they do not mean. The store remembers how polling them went, and what a removed feed brought.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import click

from watcher.board.objects import VERSION
from watcher.clean import plain
from watcher.cli import common, completions, config_file
from watcher.cli.condition import look as look_at_service
from watcher.cli.inquiry import inquire
from watcher.cli.layout import alarm, screen_width, show, show_json, wrap
from watcher.cli.living import Daemon
from watcher.cli.upcoming import Step, next_step
from watcher.errors import StoreError, UsageError, WatcherError
from watcher.model import Feed, Trust

if TYPE_CHECKING:
    from watcher.cli.feeds_check import Checked
    from watcher.cli.feeds_write import Edit
    from watcher.config import Config

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_dry_run_option = click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")


@click.group("feeds", invoke_without_command=True)
@_json_option
@common.config_option
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, config_path: str | None) -> None:
    """The feeds that are read. Without more words: list them, and say how they are.

    They stand in the configuration, and nowhere else: add, remove and import edit that file.
    """
    if config_path:
        ctx.find_root().obj = config_path
    if ctx.invoked_subcommand is None:
        _list(None, as_json=as_json)


@command.command("list")
@_json_option
@common.config_option
def list_feeds(*, as_json: bool, config_path: str | None) -> None:
    """Each feed in a line: how it is, when it last answered and brought news, how often it does, when it is asked next."""
    _list(config_path, as_json=as_json)


def _list(config_path: str | None, *, as_json: bool) -> None:
    from watcher.cli.feeds_list import list_lines, list_object  # noqa: PLC0415 - what `add` does not need

    with inquire(config_path, None) as inquiry:
        service = look_at_service(inquiry)
        if as_json:
            show_json(list_object(service, inquiry, config_path))
        else:
            show(list_lines(service, inquiry, config_path))


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--outlet", metavar="NAME", help="Who speaks there; else the outlet of the address, or what the feed calls itself.")
@click.option("--trust", type=click.Choice([str(trust) for trust in Trust]), help="How near the outlet is to the makers.")
@click.option("--every", metavar="TIME", help="How often to ask: 30m, 2h; else as the configuration says.")
@click.option("--anyway", is_flag=True, help="Write also a feed that does not answer, or answers with no feed.")
@_dry_run_option
@_json_option
@common.config_option
def add(
    urls: tuple[str, ...],
    *,
    outlet: str | None,
    trust: str | None,
    every: str | None,
    anyway: bool,
    dry_run: bool,
    as_json: bool,
    config_path: str | None,
) -> None:
    """Read the feeds at these addresses from now on. The address of a site will do: its feed is looked for.

    Each is asked once, politely, and only a feed is written into the configuration.
    """
    from watcher.cli import feeds_add, feeds_write  # noqa: PLC0415 - they load what reads and fetches

    options = feeds_add.Options(outlet=_checked("--outlet", outlet), trust=trust, every=_checked("--every", every), anyway=anyway)
    book = feeds_write.open_book(config_path)
    done = feeds_add.look(book, urls, options)
    edit = feeds_write.adding(book, [one.new for one in done if one.new is not None])
    after = _write(edit, config_path, "it", as_json=as_json, dry_run=dry_run)
    if as_json:
        show_json(_object(edit, after, [feeds_add.added_object(one) for one in done], dry_run=dry_run))
    else:
        width = screen_width()
        said = [line for one in done for line in feeds_add.added_lines(book, one, config_path, dry_run=dry_run, width=width)]
        show([*said, *_closing(edit, after, dry_run=dry_run)])
    failed = (feeds_add.Result.FAILED, feeds_add.Result.SEVERAL)
    sys.exit(1 if any(one.result in failed for one in done) else 0)


@command.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME|URL...", shell_complete=completions.feeds)
@_dry_run_option
@_json_option
@common.config_option
def remove(names: tuple[str, ...], *, dry_run: bool, as_json: bool, config_path: str | None) -> None:
    """Read these feeds no longer, named by outlet, address or a part of the address that only one has.

    One of your own is taken out of the configuration; one that is built in is written there as not to be asked. What they
    brought stays stored: it is evidence.
    """
    from watcher.cli import feeds_pick, feeds_write  # noqa: PLC0415 - as above

    book = feeds_write.open_book(config_path)
    feeds = list({feed.url: feed for feed in (feeds_pick.only(book.config, name) for name in names)}.values())
    edit = feeds_write.removing(book, feeds)
    after = _write(edit, config_path, "the change", as_json=as_json, dry_run=dry_run)
    builtin = {feed.url for feed in feeds if feeds_write.is_builtin(book.config, feed.url)}
    if as_json:
        removed = [{"url": feeds_pick.shown(feed.url), "outlet": feed.outlet, "builtin": feed.url in builtin} for feed in feeds]
        show_json(_object(edit, after, removed, dry_run=dry_run))
        return
    width = screen_width()
    lines = [
        line
        for feed in feeds
        for line in wrap(_removed(feed, edit.path, feed.url in builtin, dry_run=dry_run), width=width, indent=0, hanging=2)
    ]
    if not dry_run:
        lines += wrap("What was stored of it stays: it is evidence.", width=width, indent=0)
    if len(feeds) == len(book.config.feeds):
        lines.append(alarm("Nothing is read now."))
    show([*lines, *_closing(edit, after, dry_run=dry_run)])


def _removed(feed: Feed, path: Path, builtin: bool, *, dry_run: bool) -> str:
    from watcher.cli.feeds_pick import shown  # noqa: PLC0415 - as above

    would = "would be" if dry_run else "is"
    how = f"built in, so {path} refuses it now" if builtin else f"taken out of {path}"
    return f"{plain(feed.outlet)} ({shown(feed.url)}) {would} read no longer: {how}."


@command.command("check")
@click.argument("names", nargs=-1, metavar="[NAME|URL]...", shell_complete=completions.feeds)
@click.option("--force", is_flag=True, help="Ask also servers that told us to wait.")
@_json_option
@common.config_option
def check(names: tuple[str, ...], *, force: bool, as_json: bool, config_path: str | None) -> None:
    """Ask feeds now, all or these, and say what they are like: their manners, format, items, and what is odd.

    Each is asked once, and once more with the validators that came. Nothing is stored. An address that is not read yet will do.
    """
    from watcher.cli import feeds_check  # noqa: PLC0415 - as above

    with inquire(config_path, None, spare=common.FETCHING) as inquiry:
        config, dates, now = inquiry.config, inquiry.dates, inquiry.now
        states = {feed.url: state for feed, state in look_at_service(inquiry).feeds if state is not None}
    feeds = _meant(config, names)
    if not feeds:
        raise UsageError("no feed is read; add one with: watcher feeds add URL")
    common.tell(f"Asking {len(feeds)} feed{'' if len(feeds) == 1 else 's'} …")
    done: list[Checked] = []

    async def run() -> None:
        async for one in feeds_check.check(config, feeds, states, now, force=force):
            done.append(one)
            if not as_json:
                show([*([""] if len(done) > 1 else []), *feeds_check.checked_lines(one, dates, width=screen_width())])

    asyncio.run(run())
    if as_json:
        show_json(
            {
                "version": VERSION,
                "at": now.isoformat(timespec="seconds"),
                "feeds": [feeds_check.checked_object(one) for one in done],
            }
        )
    elif len(done) > 1:
        show(["", feeds_check.summary(done)])
    sys.exit(1 if any(one.error for one in done) else 0)


def _meant(config: Config, names: Sequence[str]) -> list[Feed]:
    """The feeds that are meant; an address that is not read yet is one too."""
    from watcher.cli.feeds_pick import address, is_address, meant, nobody, outlet_name  # noqa: PLC0415 - as above

    found: dict[str, Feed] = {}
    for name in names:
        feeds = meant(config, name)
        if not feeds and is_address(name):
            url = address(name)
            feeds = [Feed(url=url, outlet=outlet_name(config, url, "").name)]
        if not feeds:
            raise nobody(name)
        found |= {feed.url: feed for feed in feeds}
    return list(found.values()) if names else list(config.feeds)


@command.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option("--force", is_flag=True, help="Put it in the place of a file that is there.")
@common.config_option
def export(file: str | None, *, force: bool, config_path: str | None) -> None:
    """Write all feeds as OPML, to FILE or to standard output, for another feed reader."""
    from watcher.cli import feeds_opml  # noqa: PLC0415 - as above

    config = common.load(config_path, spare=common.FETCHING)
    text = feeds_opml.exported(config)
    if number := feeds_opml.secrets(config):
        common.tell(
            f"{number} of the addresses hold{'s' if number == 1 else ''} a password or a token; keep the list to yourself."
        )
    if file is None or file == "-":
        click.echo(text, nl=False)
        return
    _export_to(Path(file), text, force=force)
    common.tell(f"{len(config.feeds)} feeds written to {file}.")


def _export_to(path: Path, text: str, *, force: bool) -> None:
    """Whole or not at all, and for its owner alone: addresses may hold secrets."""
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; --force puts the list in its place")
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".watcher-", delete=False) as draft:
            try:
                draft.write(text)
                draft.flush()
                os.fsync(draft.fileno())
                Path(draft.name).replace(path)
            finally:
                with suppress(FileNotFoundError):
                    Path(draft.name).unlink()
    except OSError as error:
        raise WatcherError(f"{path} cannot be written: {error.strerror}") from error


@command.command("import")
@click.argument("file", metavar="FILE|-")
@click.option("--check", "ask", is_flag=True, help="Ask each new feed once, and add only those that answer.")
@_dry_run_option
@_json_option
@common.config_option
def import_list(file: str, *, ask: bool, dry_run: bool, as_json: bool, config_path: str | None) -> None:
    """Add the feeds of an OPML file, as other feed readers export it, to the configuration. Nothing is asked without --check."""
    from watcher.cli import feeds_opml, feeds_write  # noqa: PLC0415 - as above

    outlines = feeds_opml.read_list(file)
    book = feeds_write.open_book(config_path)
    entries = feeds_opml.sorted_out(book, outlines, check=ask)
    new = [entry.added.new for entry in entries if entry.added is not None and entry.added.new is not None]
    edit = feeds_write.adding(book, new)
    after = _write(edit, config_path, "them" if len(new) > 1 else "it", as_json=as_json, dry_run=dry_run)
    if as_json:
        show_json(_object(edit, after, [feeds_opml.entry_object(entry) for entry in entries], dry_run=dry_run))
    else:
        lines = feeds_opml.import_lines(book, entries, dry_run=dry_run, width=screen_width())
        show([*lines, *_closing(edit, after, dry_run=dry_run)])
    sys.exit(1 if any(feeds_opml.is_left_out(entry) for entry in entries) else 0)


# ---- what all that edit share


def _checked(option: str, value: str | None) -> str | None:
    """A value of the command line as the configuration would take it.

    Raises:
        UsageError: it would not.
    """
    if value is None:
        return None
    from watcher.cli.writing import checked  # noqa: PLC0415 - as above
    from watcher.config import values  # noqa: PLC0415 - as above

    said = checked(option, values.text, value)
    if option == "--every":
        checked(option, values.seconds("1s", "30d", advice="5m"), said)
    return said


def _write(edit: Edit, config_path: str | None, what: str, *, as_json: bool, dry_run: bool) -> Step | None:
    """Write what is to be written, and say how a running watcher gets to know of it; None where nothing was written."""
    from watcher.cli import feeds_write  # noqa: PLC0415 - as above

    if dry_run or not edit.is_needed:
        return None
    feeds_write.write(edit, common.tell if as_json else click.echo)
    try:
        with inquire(config_path, None) as inquiry:
            daemon = look_at_service(inquiry).daemon
    except StoreError:
        # The configuration is written, whatever the store is like.
        daemon = Daemon(running=None)
    state = common.state(common.load(config_path, spare=common.ASKING))
    return next_step(daemon, what, config_path, reload=state)


def _closing(edit: Edit, after: Step | None, *, dry_run: bool) -> list[str]:
    """What would be written, or what to do next."""
    if dry_run:
        changes = config_file.changed_lines(edit.before, edit.after)
        return ["", *(f"    {line}" for line in changes), *([""] if changes else []), "A dry run: nothing was written."]
    return [] if after is None else [*wrap(after.words, width=screen_width(), indent=0), f"  {after.command}"]


def _object(edit: Edit, after: Step | None, feeds: Sequence[object], *, dry_run: bool) -> dict[str, object]:
    return {
        "version": VERSION,
        "config": str(edit.path),
        "written": edit.is_needed and not dry_run,
        "feeds": list(feeds),
        "next": None if after is None else str(after),
    }
