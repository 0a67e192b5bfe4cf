"""`watcher completion`: the script by which a shell completes verbs, options, titles, targets and feeds."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from watcher.errors import UsageError

#: By this variable the script asks `watcher` itself what may follow.
_VARIABLE = "_WATCHER_COMPLETE"


_HELP = """Print the script that lets SHELL complete what you type.

\b
bash  eval "$(watcher completion bash)"         in ~/.bashrc
zsh   eval "$(watcher completion zsh)"          in ~/.zshrc
fish  watcher completion fish | source          in ~/.config/fish/config.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script of a shell."""
    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"{shell} is not known here")
    root = ctx.find_root().command
    click.echo(made.source_template % made(root, {}, "watcher", _VARIABLE).source_vars())
