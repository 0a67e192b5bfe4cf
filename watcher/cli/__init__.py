"""The command line: one file per verb, and the only place that makes a real clock.

Verbs are loaded when they are called, so that `status` does not wait for what only `run` needs.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from watcher import __version__
from watcher.errors import WatcherError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_VERBS = {
    "add": "watch another title",
    "backup": "a checked copy of all that is stored, with the daemon running",
    "completion": "lets your shell complete what you type",
    "config": "show, check or write the configuration",
    "demo": "the whole job in a minute, offline",
    "doctor": "everything that is needed, looked at: what is broken and what to do",
    "feeds": "which feeds are read and how they are: list, add, remove, check, import, export",
    "fix": "your own word: a date or a person's part set by hand",
    "history": "changes in order, old to new",
    "ignore": "your own word: an item that does not count",
    "items": "what was stored, searched: what was read from it, and what became of it",
    "learn": "read an article, a feed or a file now, in silence",
    "mute": "your own word: a title that alerts nobody for a while",
    "notify": "try and inspect the targets of alerts",
    "poll": "one pass now",
    "publish": "the page, the calendar, the feed of changes and the status as files in a directory",
    "read": "what a text says: items in, claims out",
    "rebuild": "all that is stored, read again as it is read today",
    "replay": "items through everything, on a simulated clock",
    "restore": "put a backup back, so that nothing is told twice",
    "run": "the daemon",
    "service": "the program as a service of systemd: print its unit, install it",
    "status": "countdown, dates, cast, last changes, feeds and targets",
    "why": "the evidence for a fact, or why an item told nobody",
}


#: Verbs that only answer, and at once: the garbage of one that ends is nobody's concern.
_QUICK = ("status", "why", "history", "items")


class Verbs(click.Group):
    """A group whose commands live in modules of their own name, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All verbs."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of a verb, or None where there is no such verb."""
        if cmd_name not in _VERBS:
            return None
        # What is imported stays, and to look for garbage meanwhile takes a tenth of a quick verb's time.
        was_looked_for = gc.isenabled()
        gc.disable()
        try:
            command = import_module(f"watcher.cli.{cmd_name}").command
        finally:
            if was_looked_for or cmd_name not in _QUICK:
                gc.enable()
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What may follow, without importing any of them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only for a shell that completes

        verbs = [CompletionItem(name, help=words) for name, words in _VERBS.items() if name.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Say what each verb does without importing any of them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="watcher")
@click.option("--config", "config_path", type=click.Path(readable=False), metavar="FILE", help="The configuration file to use.")
@click.pass_context
def watcher(ctx: click.Context, config_path: str | None) -> None:
    """Waits for a film with you: reads the news, keeps the evidence, and alerts when its date or cast changes."""
    ctx.obj = config_path


def main() -> None:
    """The `watcher` command: one clear line for every error that a user can meet, and the exit status that belongs to it."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a letter shows a question mark; nothing ends for it.
        sys.stdout.reconfigure(errors="replace")
    gc.disable()  # until it is known which verb it is
    try:
        # Standalone, click would turn an interrupt into an "Aborted!" with status 1.
        sys.exit(watcher.main(prog_name="watcher", standalone_mode=False))
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except WatcherError as error:
        for line in str(error).splitlines():
            print(f"watcher: {line}", file=sys.stderr)
        sys.exit(error.exit_status)
    except sqlite3.DatabaseError as error:
        # Met while asking: whoever writes is told more.
        print(f"watcher: the store cannot be read ({error}); stop watcher and look at it: watcher doctor", file=sys.stderr)
        sys.exit(78)
    except BrokenPipeError:
        # Whoever read our output has left; closing standard output quietly is what other tools do.
        sys.stderr.close()
        sys.exit(141)
    finally:
        # The interpreter would look through everything for garbage before it ends, which takes as long as it took to start.
        gc.freeze()
