"""The unit files that come with the program, fitted to the place where it is installed."""

from __future__ import annotations

import hashlib
import stat
import sys
import sysconfig
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import watcher
from watcher import __version__
from watcher.errors import WatcherError

#: Where the units as they are shipped believe the program to be.
_SHIPPED = "/opt/watcher"

#: What the system's service cannot see (ProtectHome=, PrivateTmp=).
_HIDDEN = tuple(Path(name) for name in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108 - names, nothing is put there

_SEAL = "# sha256 of what follows: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Where the program lies: its command, what its environment consists of, and the Python that this was made from."""

    command: Path
    prefix: Path
    python: Path
    source: Path

    def roots(self) -> list[Path]:
        """The directories that hold what is run, without those below others."""
        found = sorted({self.prefix, self.python, self.source})
        return [path for path in found if not any(other in path.parents for other in found)]

    def hidden(self) -> Path | None:
        """What of it the system's service could not see, None where all is well."""
        return next((path for path in self.roots() if any(home in (path, *path.parents) for home in _HIDDEN)), None)

    def closed(self) -> Path | None:
        """What of it other users cannot read or get to, as after an install with a narrow umask; None where all is well."""
        for path in (self.command, self.source / "watcher" / "__init__.py"):
            for part, needs in ((path, stat.S_IROTH), *((parent, stat.S_IXOTH) for parent in path.parents)):
                if part.exists() and not part.stat().st_mode & needs:
                    return part
        return None


def program() -> Program:
    """The program that runs.

    Raises:
        WatcherError: it runs from a place where its command does not lie, so that no unit could start it.
    """
    command = Path(sysconfig.get_path("scripts")) / "watcher"
    if not command.is_file():
        raise WatcherError(f"{command}: no such command; install the program with pip, and call that one")
    return Program(
        command=command,
        prefix=Path(sys.prefix),
        # What pip or a checkout imports it from, and the Python behind a virtual environment, which is linked and not copied.
        python=Path(sys.base_prefix).resolve(),
        source=Path(watcher.__file__).resolve().parents[1],
    )


def shipped(name: str) -> str:
    """The text of a file of ``systemd/``: in the package when installed, at the top of the house in a checkout."""
    inside = files("watcher").joinpath("units", *name.split("/"))
    source = inside if inside.is_file() else Path(watcher.__file__).parents[1] / "systemd" / name
    return source.read_text(encoding="utf-8")


def fitted(name: str, where: Program) -> str:
    """A unit that starts the program where it lies, and lets no more be run than it needs."""
    lines = []
    for line in shipped(name).splitlines():
        if line.startswith("ExecPaths="):
            system = Path("/usr")
            more = [_quoted(path) for path in where.roots() if system not in (path, *path.parents)]
            lines.append(" ".join([line.removesuffix(_SHIPPED).rstrip(), *more]))
        else:
            lines.append(line.replace(f"{_SHIPPED}/bin/watcher", _quoted(where.command)))
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    """A path as systemd reads it in a unit (systemd.syntax(7)): % begins a specifier there, and a blank ends a word."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if any(c.isspace() or c in "\"'" for c in text) else text


def sealed(text: str) -> str:
    """The text under a head that says who wrote it, and by which a later version knows whether anybody changed it since."""
    return f"# Written by: watcher service install (version {__version__})\n{_SEAL}{_digest(text)}\n{text}"


def is_ours(text: str) -> bool:
    """Whether a file is as some version of the program wrote it."""
    _, _, rest = text.partition("\n")
    seal, _, body = rest.partition("\n")
    return seal == _SEAL + _digest(body)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
