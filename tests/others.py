"""Other users of this machine: the real program as somebody who is not us, in a state directory that is somebody else's."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asked import ready
from processes import Ended, Home

import watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A user by numbers that nobody has here, with the groups they are in."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


#: Whose the state is; somebody of their group; somebody else.
OWNER = Who(uid=61101, gid=61102)
MEMBER = Who(uid=61103, gid=61103, groups=(61102,))
STRANGER = Who(uid=61104, gid=61104)


@cache
def why_not() -> str | None:
    """Why nothing can be run as somebody else here; None where it can."""
    if os.geteuid() != 0:
        return "only root can be somebody else"
    if _python() is None:
        return "no interpreter of this version can be run by others"
    closed = [path for path in _modules() if not _is_open(path)]
    return f"others cannot read {closed[0]}" if closed else None


@contextmanager
def house() -> Iterator[Path]:
    """A scratch directory that everybody may enter: pytest's own are root's alone."""
    path = Path(tempfile.mkdtemp(prefix="watcher-others-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


class SharedHome(Home):
    """A home whose state is one user's, and open to their group: as the system service has it."""

    def __init__(self, path: Path, config: str = "") -> None:
        super().__init__(path, config)
        state = path / "state"
        state.mkdir(mode=0o750)
        os.chown(state, OWNER.uid, OWNER.gid)
        state.chmod(0o750)

    def write(self, config: str) -> None:
        """The configuration is root's, and its secrets are for the owner's group alone."""
        super().write(config)
        os.chown(self.config, 0, OWNER.gid)
        self.config.chmod(0o640)

    async def start_as(
        self, who: Who | None, *words: str, stdin: int | None = None, env: dict[str, str] | None = None
    ) -> Process:
        """Start a command in the background, as somebody (None: root), with their usual mask."""
        python = _python()
        assert python is not None
        given = {} if who is None else {"user": who.uid, "group": who.gid, "extra_groups": list(who.groups)}
        return await asyncio.create_subprocess_exec(
            python,
            "-P",
            *self.command(*words)[2:],
            stdin=stdin,
            stdout=PIPE,
            stderr=PIPE,
            env=self.environ() | {"PYTHONPATH": os.pathsep.join(map(str, _modules()))} | (env or {}),
            umask=0o027,
            cwd="/",
            **given,  # type: ignore[arg-type]  # they differ in type
        )

    async def run_as(
        self, who: Who | None, *words: str, seconds: float = 60, given: bytes | None = None, env: dict[str, str] | None = None
    ) -> Ended:
        """Run a command to its end, as somebody."""
        process = await self.start_as(who, *words, stdin=None if given is None else PIPE, env=env)
        out, err = await asyncio.wait_for(process.communicate(given), seconds)
        assert process.returncode is not None
        return Ended(status=process.returncode, out=out.decode(), err=err.decode())


@cache
def _python() -> str | None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin")]
    return next((path for path in candidates if path is not None and _is_open(Path(path).resolve())), None)


def _modules() -> Sequence[Path]:
    """Where the program and what it stands on lie: an interpreter of the system finds neither by itself."""
    return (Path(watcher.__file__).parents[1], *(Path(path) for path in sys.path if path.endswith("site-packages")))


def _is_open(path: Path) -> bool:
    """Whether everybody may enter, and read what is there."""
    for at in (path, *path.parents):
        mode = at.stat().st_mode
        needs = stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH | (stat.S_IXOTH if os.access(at, os.X_OK) else 0)
        if not mode & needs:
            return False
    return True


@asynccontextmanager
async def watching(home: SharedHome, env: dict[str, str] | None = None) -> AsyncIterator[Process]:
    """The daemon as the owner of the state, past its first pass; killed at the end."""
    daemon = await home.start_as(OWNER, "run", env=env)
    try:
        await ready(home.path / "state")
        yield daemon
    finally:
        if daemon.returncode is None:
            daemon.kill()
        await daemon.communicate()
