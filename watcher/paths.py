"""Where things lie, by the XDG base directories and what systemd says. Nothing here looks at the disk.

The environment is handed in, so that a test or a service can have its own; a library would read the process's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from watcher.errors import ConfigError

#: The system service's own configuration, and the state directory that its unit gives it.
SYSTEM_CONFIG = Path("/etc/watcher/config.toml")
SYSTEM_STATE = Path("/var/lib/watcher")


def config_candidates(environ: Mapping[str, str], given: str | Path | None = None) -> list[Path]:
    """Where the configuration may stand, the first one that exists counts.

    What was named, by `--config` (`given`) or `$WATCHER_CONFIG`, is the only candidate: if it is missing, that is an error.
    """
    named = given or environ.get("WATCHER_CONFIG")
    if named:
        return [Path(named)]
    own = _xdg(environ, "XDG_CONFIG_HOME", ".config")
    return [own / "watcher" / "config.toml", SYSTEM_CONFIG] if own else [SYSTEM_CONFIG]


def state_dir(environ: Mapping[str, str], config: Path | None = None) -> Path:
    """Where the ledger lies: systemd's state directory, else the user's data directory, since nobody can fetch it again.

    Whoever uses the system service's configuration asks the system service's state.

    Raises:
        ConfigError: the environment names no place for it.
    """
    if service := _first(environ.get("STATE_DIRECTORY")):
        return service
    if config == SYSTEM_CONFIG:
        return SYSTEM_STATE
    own = _xdg(environ, "XDG_DATA_HOME", ".local/share")
    if own is None:
        raise ConfigError(['there is no place for the state: set $HOME, or write state = "/…" under [watcher]'])
    return own / "watcher"


def runtime_dir(environ: Mapping[str, str], state: Path) -> Path:
    """Where the daemon's socket lies: systemd's runtime directory, else the session's, else beside the state."""
    if service := _first(environ.get("RUNTIME_DIRECTORY")):
        return service
    session = Path(environ.get("XDG_RUNTIME_DIR", ""))
    return session / "watcher" if session.is_absolute() else state


def socket_path(environ: Mapping[str, str], state: Path) -> Path:
    """The daemon's socket. A session may have several daemons, each with a state of its own: their sockets differ by it."""
    directory = runtime_dir(environ, state)
    if environ.get("RUNTIME_DIRECTORY") or directory == state:
        return directory / "control"
    from hashlib import sha256  # noqa: PLC0415 - 2 ms that only a daemon needs

    return directory / f"control-{sha256(bytes(state.absolute())).hexdigest()[:8]}"


def _xdg(environ: Mapping[str, str], name: str, default: str) -> Path | None:
    """A base directory; by the specification a relative one is ignored."""
    path = Path(environ.get(name, ""))
    if path.is_absolute():
        return path
    return Path(environ["HOME"]) / default if environ.get("HOME") else None


def _first(paths: str | None) -> Path | None:
    """The first of several directories, which systemd joins with colons."""
    return Path(paths.split(":")[0]) if paths else None
