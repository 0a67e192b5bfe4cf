"""`watcher service`: what it writes where, and what it says of it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from watcher.cli import service, watcher
from watcher.cli.service_units import Program
from watcher.errors import UsageError, WatcherError

USUAL = Program(
    command=Path("/opt/watcher/bin/watcher"),
    prefix=Path("/opt/watcher"),
    python=Path("/usr"),
    source=Path("/opt/watcher/lib/python3/site-packages"),
)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="making a user of a system needs root, in whatever directory")


@pytest.fixture(autouse=True)
def _usual_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program lies in the usual place, and nobody is at home but the test."""
    monkeypatch.setattr(service, "program", lambda: USUAL)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "WATCHER_CONFIG", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The root of a system in which nothing is installed."""
    for name in ("etc", "usr/lib/sysusers.d"):
        (tmp_path / "root" / name).mkdir(parents=True)
    return tmp_path / "root"


def call(*words: str) -> Result:
    """Run `watcher service …` in this process."""
    return CliRunner().invoke(watcher, ["service", *words])


def files(root: Path) -> dict[str, str]:
    """The files below a directory, with what they hold."""
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def test_own_service_is_written_and_explained(tmp_path: Path) -> None:
    """With --user the unit and the settings are written where systemd and the program look, and the next commands are named."""
    done = call("install", "--user")
    home = tmp_path / "home" / ".config"
    assert done.exit_code == 0
    assert set(files(home)) == {"systemd/user/watcher.service", "watcher/config.toml"}
    assert (home / "watcher/config.toml").stat().st_mode & 0o777 == 0o600
    assert done.output.startswith("The service is installed.\n")
    assert "systemctl --user enable --now watcher" in done.output
    assert "loginctl enable-linger" in done.output


def test_settings_that_are_there_are_never_touched(tmp_path: Path) -> None:
    """Neither a second install nor --force changes a letter of the settings."""
    settings = tmp_path / "home/.config/watcher/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("# mine\n")
    assert call("install", "--user", "--force").exit_code == 0
    assert settings.read_text() == "# mine\n"


def test_unit_of_an_older_version_is_renewed_and_one_of_yours_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that an older version wrote is renewed, one that was edited is left with status 1, and --force replaces it."""
    call("install", "--user")
    unit = tmp_path / "home/.config/systemd/user/watcher.service"
    with monkeypatch.context() as older:
        elsewhere = Program(
            command=Path("/opt/old/bin/watcher"), prefix=Path("/opt/old"), python=Path("/usr"), source=Path("/opt/old")
        )
        older.setattr(service, "program", lambda: elsewhere)
        assert "renewed" in call("install", "--user").output
        assert "/opt/old/bin/watcher" in unit.read_text()
    again = call("install", "--user")
    assert "renewed" in again.output
    assert call("install", "--user").output.startswith("All was as it should be.")
    mine = unit.read_text().replace("Nice=5", "Nice=6")
    unit.write_text(mine)
    left = call("install", "--user")
    assert left.exit_code == 1
    assert "systemctl --user edit watcher.service" in left.output
    assert unit.read_text() == mine
    assert "replaced" in call("install", "--user", "--force").output
    assert "Nice=5" in unit.read_text()


@pytest.mark.parametrize("words", [("--user",), ()], ids=("own", "system"))
def test_dry_run_writes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    """With --dry-run every file is named and none is written."""
    root = tmp_path / "root"
    root.mkdir()
    done = call("install", "--dry-run", *words, *([] if words else ["--root", str(root)]))
    assert done.exit_code == 0
    assert "to write" in done.output
    assert files(tmp_path) == {}


@needs_root
def test_system_service_below_a_root(bare: Path) -> None:
    """Below --root the units, the user and the settings are written, the settings for root to write and the group to read."""
    done = call("install", "--root", str(bare))
    assert done.exit_code == 0, done.output
    made = files(bare)
    units = ("watcher.service", "watcher-backup.service", "watcher-backup.timer")
    assert {f"etc/systemd/system/{name}" for name in units} | {"etc/sysusers.d/watcher.conf"} <= set(made)
    (group,) = (line.split(":")[2] for line in made["etc/group"].splitlines() if line.startswith("watcher:"))
    settings = (bare / "etc/watcher/config.toml").stat()
    assert (settings.st_mode & 0o777, settings.st_uid, settings.st_gid) == (0o640, 0, int(group))
    assert (bare / "usr/local/bin/watcher").readlink() == USUAL.command
    assert call("install", "--root", str(bare)).output.startswith("All was as it should be.")


@needs_root
def test_narrow_umask_shuts_the_service_out_of_nothing(bare: Path) -> None:
    """Whoever installs with a umask that lets nobody read makes directories that the service can enter all the same."""
    before = os.umask(0o077)
    try:
        assert call("install", "--root", str(bare)).exit_code == 0
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    assert (bare / "etc/watcher").stat().st_mode & 0o777 == 0o755


@needs_root
def test_install_that_broke_off_is_completed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user could not be made, the next install makes it and lets its group read the settings."""

    def fail(*words: str) -> None:
        raise WatcherError(f"{words[0]} failed")

    with monkeypatch.context() as broken:
        broken.setattr(service, "_call", fail)
        assert call("install", "--root", str(bare)).exit_code == 1
    assert call("install", "--root", str(bare)).exit_code == 0
    (group,) = (line.split(":")[2] for line in files(bare)["etc/group"].splitlines() if line.startswith("watcher:"))
    assert (bare / "etc/watcher/config.toml").stat().st_gid == int(group)


@pytest.mark.parametrize("closed", ["venv", "venv/bin/watcher", "venv/lib/watcher"])
def test_program_that_others_cannot_read_is_seen(closed: str) -> None:
    """A program that was installed with a narrow umask is seen before the service fails to start, by what shuts it."""
    # Not in pytest's own directory: others cannot enter that.
    with TemporaryDirectory() as name:
        at = Path(name)
        at.chmod(0o755)
        command, package = at / "venv/bin/watcher", at / "venv/lib/watcher"
        for path in (command, package / "__init__.py"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for path in at.rglob("*"):
            path.chmod(0o755)
        where = Program(command=command, prefix=at / "venv", python=Path("/usr"), source=package.parent)
        assert where.closed() is None
        (at / closed).chmod(0o700)
        assert where.closed() == at / closed


def test_program_that_others_cannot_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installs a program that the service cannot read is told what is shut and how to open it, and nothing is written."""
    monkeypatch.setattr(Program, "closed", lambda _: Path("/opt/watcher/bin"))
    refused = call("install", "--dry-run").exception
    assert isinstance(refused, UsageError)
    assert str(refused).startswith("/opt/watcher/bin: ")
    assert "chmod -R go+rX /opt/watcher" in str(refused)


def test_without_root_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not root is told both ways: with sudo, or a service of their own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    refused = call("install").exception
    assert isinstance(refused, UsageError)
    assert "sudo /opt/watcher/bin/watcher service install" in str(refused)
    assert "--user" in str(refused)


def test_program_in_a_home_is_refused_with_a_better_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program below /home is no system's service, since that could not see it; the message names /opt/watcher."""
    mine = Path("/home/ann/venv")
    where = Program(command=mine / "bin/watcher", prefix=mine, python=Path("/usr"), source=mine / "lib")
    monkeypatch.setattr(service, "program", lambda: where)
    refused = call("install", "--dry-run").exception
    assert isinstance(refused, UsageError)
    assert "/home/ann/venv" in str(refused)
    assert "/opt/watcher" in str(refused)


@pytest.mark.parametrize(("words", "wanted"), [((), "WantedBy=multi-user.target"), (("--user",), "WantedBy=default.target")])
def test_unit_is_printed(words: tuple[str, ...], wanted: str) -> None:
    """`service unit` prints the unit as it would be installed, and nothing else."""
    done = call("unit", *words)
    assert done.exit_code == 0
    assert done.output.startswith("# watcher as a service of")
    assert done.output.endswith(f"{wanted}\n")
