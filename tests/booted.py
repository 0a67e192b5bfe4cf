"""A Debian with a real systemd, booted on this machine in a second, to install the service where users run it.

    with Machine() as machine:
        machine.run("systemctl", "status", "watcher")

It needs root, and Debian's debootstrap and systemd-container; `why_not` says what is missing. The bare system and the packages
that the program stands on are made once and kept in the cache directory; what a test writes lies in a layer above, which goes
away with the machine. It shares the network of the host, so that servers on 127.0.0.1 are the same for both.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

TOP = Path(__file__).parents[1]

#: Debian 12: systemd 252 and Python 3.11. What a bare system lacks: a bus and sessions (for services of users), and Python.
_RELEASE, _PYTHON = "bookworm", (3, 11)
_PACKAGES = "systemd,systemd-sysv,dbus,libpam-systemd,python3,python3-venv,ca-certificates"

#: Where the program's packages lie in the system.
_WHEELS = "/var/cache/wheels"
_ENVIRON = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}

#: What systemd says when all is started, whether all of it came up or not.
_UP = ("running", "degraded")

#: A machine that has not booted or ended by then never will. Seconds.
_BOOT_S, _END_S = 90.0, 60.0


class CannotBoot(Exception):
    """The system could not be made or booted; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command in the machine ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.out + self.err


def why_not() -> str | None:
    """Why no machine can be booted here, None where one can be tried."""
    if os.geteuid() != 0:
        return "booting a system needs root"
    missing = [name for name in ("debootstrap", "systemd-nspawn", "nsenter", "mount") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian: debootstrap, systemd-container)"
    if sys.version_info[:2] != _PYTHON:
        return f"the system has Python {_PYTHON[0]}.{_PYTHON[1]}, whose packages only that Python can gather"
    return None


class Machine:
    """The system; a context manager that powers it off whatever happens. Nothing that is written to it outlives it."""

    def __init__(self) -> None:
        self._scratch = Path(tempfile.mkdtemp(prefix="watcher-machine-"))
        # What mkdtemp makes up is not always a name that a machine may have.
        self._name = "watcher-" + hashlib.sha256(self._scratch.name.encode()).hexdigest()[:12]
        self._root = self._scratch / "root"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Machine:
        try:
            layers = _layers()
            for name in ("root", "upper", "work"):
                (self._scratch / name).mkdir()
            _overlay(self._root, layers, self._scratch)
            self.boot()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.power_off()
        finally:
            subprocess.run(["umount", "-l", self._root], check=False, capture_output=True)
            shutil.rmtree(self._scratch, ignore_errors=True)

    def boot(self) -> None:
        """Switch it on, and wait until its systemd has started what there is to start.

        Raises:
            CannotBoot: it does not come up.
        """
        words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--resolv-conf=off", "--console=pipe", "--boot"]
        with (self._scratch / "console").open("ab") as console:
            self._nspawn = subprocess.Popen(
                [*words, f"--machine={self._name}", f"--directory={self._root}"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self._wait_for_systemd()

    def reboot(self) -> None:
        """Have it shut down in order and start again."""
        assert self._nspawn is not None
        self.run("systemctl", "reboot", check=False)
        # It leaves the switching on again to whoever started it.
        self._nspawn.wait(_END_S)
        self.boot()

    def power_off(self) -> None:
        """Shut it down in order, or switch it off where it does not end."""
        if self._nspawn is None:
            return
        if self._nspawn.poll() is None and self._leader:
            with suppress(subprocess.TimeoutExpired):
                self.run("systemctl", "poweroff", check=False, seconds=_END_S)
                self._nspawn.wait(_END_S)
        with suppress(ProcessLookupError):
            # Its children are in a session of their own, and end with the first process of theirs.
            os.killpg(self._nspawn.pid, signal.SIGKILL)
        self._nspawn.wait()
        self._nspawn = None

    def run(self, *words: str, check: bool = True, seconds: float = 120, stdin: str | None = None) -> Ran:
        """Run a command in it as root."""
        enter = ["nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        done = subprocess.run(
            [*enter, "--", *words], env=_ENVIRON, capture_output=True, text=True, timeout=seconds, input=stdin, check=False
        )
        ran = Ran(status=done.returncode, out=done.stdout, err=done.stderr)
        assert not check or ran.status == 0, f"{' '.join(words)}: status {ran.status}\n{ran.said}"
        return ran

    def run_as(self, user: str, *words: str, check: bool = True) -> Ran:
        """Run a command in it as this user, with a shell's environment of theirs and what systemd gives a session."""
        number = self.run("id", "-u", user).out.strip()
        environ = [f"HOME=/home/{user}", f"XDG_RUNTIME_DIR=/run/user/{number}", f"USER={user}"]
        return self.run("runuser", "-u", user, "--", "env", "-C", f"/home/{user}", *environ, *words, check=check)

    def write(self, path: str, text: str) -> None:
        """Write a file in it, with the owner and mode of one that is there."""
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, stdin=text)

    def copy(self, source: Path, path: str) -> None:
        """Copy a file of the host into it."""
        target = self._root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def fetch(self, path: str, target: Path) -> Path:
        """Copy a file of it to the host."""
        return Path(shutil.copyfile(self._root / path.lstrip("/"), target))

    def show(self, unit: str, name: str, *more: str) -> str:
        """A property of a unit, as `systemctl show` tells it."""
        return self.run("systemctl", *more, "show", "--value", f"--property={name}", unit).out.strip()

    def journal(self, *words: str) -> list[str]:
        """The messages of the journal that these words choose, old to new."""
        self.run("journalctl", "--sync", check=False)
        return self.run("journalctl", "--quiet", "--no-pager", "--output=cat", *words).out.splitlines()

    def _wait_for_systemd(self) -> None:
        self._leader = 0

        def is_up() -> bool:
            assert self._nspawn is not None
            if self._nspawn.poll() is not None:
                return True
            self._leader = next(_systemds(self._nspawn.pid), 0)
            return self._leader != 0 and self.run("systemctl", "is-system-running", check=False).out.strip() in _UP

        if not until(is_up, seconds=_BOOT_S) or not self._leader:
            console = (self._scratch / "console").read_text(encoding="utf-8", errors="replace")
            raise CannotBoot(f"the system does not boot: {console[-500:]}")


def until(holds: Callable[[], bool], *, seconds: float = 60) -> bool:
    """Whether something comes to hold before this guard against waiting for ever."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _systemds(parent: int) -> Iterator[int]:
    """The first processes of systems that this process holds."""
    with suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                name = Path("/proc", child, "comm").read_text().strip()
                # A nspawn may have one more of itself in between.
                yield from [int(child)] if name == "systemd" else _systemds(int(child))


def _layers() -> list[Path]:
    """The directories that the system consists of, the uppermost first; made where they are missing.

    Raises:
        CannotBoot: they cannot be made.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache") / "watcher-tests"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    needs = _dependencies()
    base = cache / f"debian-{_digest(_RELEASE, _PACKAGES)}"
    packages = cache / f"packages-{_digest(base.name, *needs)}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.is_dir():
            _make(base, _debootstrap)
        if not packages.is_dir():
            _make(packages, lambda made: _gather(made, base, needs))
    return [packages, base]


def _make(path: Path, make: Callable[[Path], None]) -> None:
    """Make a directory whole or not at all."""
    draft = path.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    make(draft)
    draft.rename(path)


def _debootstrap(root: Path) -> None:
    """A bare Debian, from where this machine has its own."""
    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sources if path.is_file())
    mirror = re.search(r"^(?:URIs:|deb(?: +\[[^\]]*\])?)\s+(\S+)", text, re.MULTILINE)
    if mirror is None:
        raise CannotBoot("this machine has no source of Debian's packages")
    _do("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _RELEASE, str(root), mirror[1])


def _gather(layer: Path, base: Path, needs: list[str]) -> None:
    """The program's packages in an environment of the system, as if it had been installed there before."""
    with tempfile.TemporaryDirectory(prefix="watcher-layer-", dir=layer.parent) as name:
        scratch = Path(name)
        for part in ("root", "upper", "work", "wheels"):
            (scratch / part).mkdir()
        _do(sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(scratch / "wheels"), *needs)
        with _mounted(scratch / "root", [base], scratch):
            wheels = scratch / f"root{_WHEELS}"
            shutil.copytree(scratch / "wheels", wheels)
            _do("chroot", str(scratch / "root"), "/usr/bin/python3", "-m", "venv", "/opt/watcher")
            pip = ["/opt/watcher/bin/pip", "install", "--quiet", "--no-index", f"--find-links={_WHEELS}"]
            _do("chroot", str(scratch / "root"), *pip, *needs)
            shutil.rmtree(wheels)
        layer.rmdir()
        (scratch / "upper").rename(layer)


def wheel() -> Path:
    """The wheel of this checkout; whoever asks removes it with its directory.

    Raises:
        CannotBoot: it cannot be built.
    """
    made = Path(tempfile.mkdtemp(prefix="watcher-wheel-"))
    _do(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(made), str(TOP))
    return next(made.glob("*.whl"))


def _dependencies() -> list[str]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"]]


def _overlay(root: Path, layers: list[Path], scratch: Path) -> None:
    parts = f"lowerdir={':'.join(map(str, layers))},upperdir={scratch / 'upper'},workdir={scratch / 'work'}"
    _do("mount", "-t", "overlay", "overlay", "-o", parts, str(root))


@contextmanager
def _mounted(root: Path, layers: list[Path], scratch: Path) -> Iterator[None]:
    _overlay(root, layers, scratch)
    try:
        yield
    finally:
        _do("umount", str(root))


def _do(*words: str) -> None:
    """Run a command on the host.

    Raises:
        CannotBoot: it failed; its last words say why.
    """
    environ = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_ENVIRON['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBoot(f"{words[0]}: {' '.join((done.stderr or done.stdout).split())[-500:]}")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
