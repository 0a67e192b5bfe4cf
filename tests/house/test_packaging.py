"""What is shipped: the source distribution has all that its tests need, and the wheel all that the program needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

pytest.importorskip("hatchling", reason="hatchling, of the test extra, builds what is looked at here")

TOP = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was built from this tree: the source distribution, also unpacked, and the wheels of the tree and of that."""

    sdist: Path
    source: Path
    wheel: Path
    again: Path


def build(tree: Path, kind: str, to: Path) -> Path:
    """Build one of a tree, by what pip would call, but without an environment of its own and a network."""
    words = [sys.executable, "-P", "-m", "hatchling", "build", "-t", kind, "-d", str(to)]
    done = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    (made,) = to.iterdir()
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """All of it, once."""
    at = tmp_path_factory.mktemp("dist")
    sdist = build(TOP, "sdist", at / "sdist")
    with tarfile.open(sdist) as archive:
        # Debian 12's Python is older than the filter.
        archive.extractall(at / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = (at / "source").iterdir()
    return Built(sdist=sdist, source=source, wheel=build(TOP, "wheel", at / "wheel"), again=build(source, "wheel", at / "again"))


@pytest.fixture(scope="module")
def program(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel and, from ours, the libraries alone: its directory of programs."""
    at = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(at, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(at), "platbase": str(at)}))
    with ZipFile(built.wheel) as wheel:
        wheel.extractall(site)
    # After the wheel's own directory, so that our own checkout does not stand in for it.
    (site / "libraries.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8")
    script = at / "bin" / "watcher"
    script.write_text(f"#!{at}/bin/python\nimport sys\nfrom watcher.cli import main\nsys.exit(main())\n", encoding="utf-8")
    script.chmod(0o755)
    return at / "bin"


def run(program: Path, *words: str, home: Path, given: str = "") -> str:
    """What a command prints, run from nowhere near the source."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WATCHER_", "XDG_"))}
    done = subprocess.run(
        [str(program / words[0]), *words[1:]],
        cwd=home,
        env=kept | {"HOME": str(home)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(wheel: Path) -> dict[str, str]:
    """The files of a wheel, each with its digest."""
    with ZipFile(wheel) as archive:
        return {name: sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def names(folder: Path, under: str, ending: str = "") -> set[str]:
    """The files of a part of a tree, those apart that Python made."""
    found = (folder / under).rglob(f"*{ending}")
    return {str(path.relative_to(folder)) for path in found if path.is_file() and "__pycache__" not in path.parts}


def test_the_source_distribution_holds_all_that_its_tests_need(built: Built) -> None:
    """Each file of the program, the tests and the units, and what lies beside them at the top, is in it."""
    for part in ("watcher", "tests", "systemd", ".ci"):
        assert names(built.source, part) == names(TOP, part)
    beside = {path.name for path in built.source.iterdir() if path.is_file()}
    assert beside >= {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "config.example.toml", ".gitignore"}


def test_the_wheel_of_the_source_distribution_is_that_of_the_tree(built: Built) -> None:
    """Whoever builds from what was shipped gets the same files, byte for byte."""
    assert contents(built.again) == contents(built.wheel)


def test_the_wheel_holds_the_program_its_data_and_nothing_else(built: Built) -> None:
    """Every file under `watcher` is in it, the example and the units too, and no test."""
    held = {name for name in contents(built.wheel) if ".dist-info/" not in name}
    units = {name.replace("systemd/", "watcher/units/", 1) for name in names(TOP, "systemd")}
    assert held == names(TOP, "watcher") | units | {"watcher/config/example.toml"}


def test_the_wheel_alone_runs_in_a_clean_environment(program: Path, tmp_path: Path) -> None:
    """The installed program is the wheel's, by its name and as a module, and finds its words, catalogue, example and units."""
    place = run(program, "python", "-c", "import watcher; print(watcher.__file__)", home=tmp_path)
    assert Path(place.strip()).is_relative_to(program.parent)
    version = run(program, "watcher", "--version", home=tmp_path)
    assert version.startswith("watcher, version ")
    assert run(program, "python", "-m", "watcher", "--version", home=tmp_path) == version
    run(program, "watcher", "config", "init", home=tmp_path)
    assert "ok" in run(program, "watcher", "config", "check", home=tmp_path)
    news = "Lionsgate has moved Ballerina, the John Wick spinoff, to June 6, 2025."
    assert "Friday, June 6, 2025" in run(program, "watcher", "read", "-", home=tmp_path, given=news)
    assert "[Service]" in run(program, "watcher", "service", "unit", home=tmp_path)


def test_every_library_has_bounds() -> None:
    """Each dependency has a lower bound, and an upper one unless newer is always better."""
    declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [text for text in declared if ">=" not in text] == []
    assert [text for text in declared if "<" not in text] == ["tzdata>=2025.1"]
