"""The units as systemd itself reads them: without a complaint, and with as little as a network client can do with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from watcher.cli.service_units import Program, fitted, is_ours, sealed, shipped

UNITS = ("watcher.service", "watcher-backup.service", "watcher-backup.timer", "user/watcher.service")
DROP_INS = sorted((Path(__file__).parents[2] / "systemd" / "drop-ins").glob("*.conf"))

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def here(tmp_path: Path) -> Program:
    """A program that is there, since systemd looks for what a unit starts."""
    command = tmp_path / "bin" / "watcher"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    return Program(command=command, prefix=tmp_path, python=Path("/usr"), source=tmp_path / "lib")


def lay(there: Path, where: Program) -> Path:
    """All units of the system in one directory."""
    for name in UNITS:
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text(sealed(fitted(name, where)), encoding="utf-8")
    return there


def analyze(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    environ = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(["systemd-analyze", *words], env=environ, capture_output=True, text=True, check=False)


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path, here: Program, name: str) -> None:
    """`systemd-analyze verify` has no word to say about any unit."""
    unit = lay(tmp_path / "units", here) / name
    who = ["--user"] if name.startswith("user/") else []
    verdict = analyze(tmp_path, "verify", *who, str(unit))
    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("watcher.service", 1.2), ("watcher-backup.service", 0.3)])
def test_exposure_stays_small(tmp_path: Path, here: Program, name: str, most: float) -> None:
    """What a unit leaves open, as `systemd-analyze security` counts it, is at most so much of ten."""
    unit = lay(tmp_path / "units", here) / name
    verdict = analyze(tmp_path, "security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", verdict.stdout)
    assert found is not None, verdict.stderr
    assert float(found[1]) <= most


@needs_systemd
@pytest.mark.parametrize("path", DROP_INS, ids=lambda path: path.stem)
def test_systemd_understands_every_drop_in(tmp_path: Path, here: Program, path: Path) -> None:
    """Each drop-in goes with the unit that its head names; only what a newer systemd knows may be strange to an older."""
    text = path.read_text(encoding="utf-8")
    unit = re.search(r"/etc/systemd/system/(\S+)\.d/" + re.escape(path.name), text)
    assert unit is not None
    units = lay(tmp_path / "units", here)
    extra = units / f"{unit[1]}.d" / path.name
    extra.parent.mkdir()
    extra.write_text(text.replace("/opt/watcher/bin/watcher", str(here.command)), encoding="utf-8")
    verdict = analyze(tmp_path, "verify", str(units / unit[1]))
    said = [line for line in verdict.stderr.splitlines() if "Unknown key 'Restart" not in line]
    assert said == []


@needs_systemd
def test_strict_variant_is_stricter(tmp_path: Path, here: Program) -> None:
    """With the drop-in for a proxy on this machine, less than one of ten is left open."""
    unit = lay(tmp_path / "units", here) / "watcher.service"
    strict = next(path for path in DROP_INS if path.stem == "local-proxy")
    with unit.open("a", encoding="utf-8") as file:
        file.write("\n" + strict.read_text(encoding="utf-8"))
    found = re.search(r": ([\d.]+)", analyze(tmp_path, "security", "--offline=true", "--no-pager", str(unit)).stdout[-60:])
    assert found is not None
    assert float(found[1]) < 1


def test_unit_is_fitted_to_where_the_program_lies() -> None:
    """A fitted unit names the program's own command, lets its own directories be run, and forgets where it was meant for."""
    where = Program(
        command=Path("/srv/my tools/100%/bin/watcher"),
        prefix=Path("/srv/my tools/100%"),
        python=Path("/opt/python"),
        source=Path("/srv/my tools/100%/lib"),
    )
    text = fitted("watcher.service", where)
    assert 'ExecStart="/srv/my tools/100%%/bin/watcher" run' in text
    assert 'ExecPaths=/usr -/lib -/lib64 /opt/python "/srv/my tools/100%%"\n' in text
    assert "/opt/watcher" not in text


def test_unit_for_the_usual_place_is_the_one_that_is_shipped() -> None:
    """Installed in /opt/watcher with the system's Python, the unit is letter by letter the one in systemd/."""
    usual = Path("/opt/watcher")
    where = Program(command=usual / "bin/watcher", prefix=usual, python=Path("/usr"), source=usual / "lib/python3/site-packages")
    for name in UNITS:
        assert fitted(name, where) == shipped(name)


@pytest.mark.parametrize("path", ["/home/ann/venv", "/root/venv", "/tmp/venv", "/run/user/1000/venv"])
def test_program_in_a_home_is_hidden_from_the_system_service(path: str) -> None:
    """A program that lies where ProtectHome and PrivateTmp hide it is seen to be hidden, and one in /opt is not."""
    usual = Path("/opt/watcher")
    hidden = Program(command=Path(path, "bin/watcher"), prefix=Path(path), python=Path("/usr"), source=Path(path, "lib"))
    seen = Program(command=usual / "bin/watcher", prefix=usual, python=Path("/usr"), source=usual / "lib")
    linked = Program(command=usual / "bin/watcher", prefix=usual, python=Path(path), source=usual / "lib")
    assert hidden.hidden() == Path(path)
    assert linked.hidden() == Path(path)
    assert seen.hidden() is None


def test_seal_breaks_when_a_unit_is_edited() -> None:
    """A unit that was written by the program is known as such, and no longer when a letter of it is changed."""
    text = sealed(shipped("watcher.service"))
    assert is_ours(text)
    assert not is_ours(text.replace("Nice=5", "Nice=6"))
    assert not is_ours(shipped("watcher.service"))


def test_stop_budgets_fit_into_each_other() -> None:
    """What systemd waits for a stop is longer than the daemon takes at most, which is its budget twice."""
    from watcher.daemon.passes import BUDGET  # noqa: PLC0415 - the daemon is imported for this alone

    for name in ("watcher.service", "user/watcher.service"):
        found = re.search(r"^TimeoutStopSec=(\d+)$", shipped(name), re.MULTILINE)
        assert found is not None
        assert int(found[1]) > 2 * BUDGET.total_seconds()


def test_units_come_with_the_package() -> None:
    """Every unit can be read from wherever the program was installed, be it a wheel or a checkout."""
    for name in (*UNITS, "watcher.sysusers"):
        assert shipped(name).startswith("#"), sys.path
