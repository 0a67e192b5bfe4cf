"""`config`: mistakes named all at once, and a file to begin with."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from processes import Home

from watcher.cli import watcher
from watcher.cli.config import example
from watcher.config import default_config
from watcher.config.load import parse_config
from watcher.errors import ConfigError, UsageError, WatcherError

TOP = Path(__file__).parents[2]
SECRET = "open-sesame"


def run(*words: str, **env: str) -> Result:
    """Run a verb in this process, with nothing of the user's own settings."""
    clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": "/nonexistent"}
    return CliRunner().invoke(watcher, list(words), env=clean | env)


def file(path: Path, text: str) -> str:
    """The path of a configuration file with this text."""
    config = path / "config.toml"
    config.write_text(text, encoding="utf-8")
    return str(config)


# ---- check and show


def test_check_says_ok_in_a_line_and_what_it_comes_to(tmp_path: Path) -> None:
    """A good file is ok, with how much is watched, read and told."""
    config = file(tmp_path, '[[title]]\nname = "Paper Moth"\n[[notify]]\nname = "phone"\nurl = "json://127.0.0.1/"\n')
    done = run("config", "check", "--config", config)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"{config}: ok", "  2 titles (Ballerina and Paper Moth), 24 feeds, 1 target (phone)"]


def test_check_without_a_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no file the built-in settings are ok, and the next step is told."""
    # On a machine where watcher is installed as a service, /etc has one.
    monkeypatch.setattr("watcher.paths.SYSTEM_CONFIG", tmp_path / "nowhere.toml")
    done = run("config", "check", HOME=str(tmp_path))
    assert done.exit_code == 0
    assert "no configuration file" in done.stdout
    assert "watcher config init" in done.stdout


def test_check_names_every_mistake_at_once(tmp_path: Path) -> None:
    """All problems of a file come in one error with status 78, each with its line."""
    config = file(tmp_path, '[watcher]\ntimezone = "Moon/Base"\nbogus = 1\n[fetch]\nevery = "soon"\n')
    problem = run("config", "check", "--config", config).exception
    assert isinstance(problem, ConfigError)
    assert [line.split(":")[1] for line in problem.problems] == ["2", "3", "5"]


def test_check_asks_apprise_about_every_target(tmp_path: Path) -> None:
    """Targets that Apprise cannot use are told all at once by their names, without their addresses."""
    targets = "".join(f'[[notify]]\nname = "{name}"\nurl = "nosuch://{SECRET}/{name}"\n' for name in ("phone", "desk"))
    problem = run("config", "check", "--config", file(tmp_path, targets)).exception
    assert isinstance(problem, ConfigError)
    assert [name in line for name, line in zip(("phone", "desk"), problem.problems, strict=True)] == [True, True]
    assert SECRET not in str(problem)


async def test_mistake_ends_with_the_status_of_configuration_errors(tmp_path: Path) -> None:
    """The program itself ends with 78, the problem on standard error and nothing on standard output."""
    home = Home(tmp_path, "bogus = 1\n")
    ended = await home.run("config", "check")
    assert (ended.status, ended.out) == (78, "")
    assert f"watcher: {home.config}:5:" in ended.err


def test_show_prints_the_settings_in_force_without_secrets(tmp_path: Path) -> None:
    """What is shown is TOML that reads back to the same settings but for the secrets, which are masked."""
    config = file(tmp_path, f'[watcher]\ntimezone = "Asia/Tokyo"\n[[notify]]\nname = "phone"\nurl = "json://{SECRET}@host/"\n')
    shown = run("config", "show", "--config", config).stdout
    assert SECRET not in shown
    again = parse_config(shown, path="shown", environ={}, read_secret=lambda _: "")
    assert again.timezone == "Asia/Tokyo"
    assert again.titles[0].known == default_config().titles[0].known
    assert [target.name for target in again.targets] == ["phone"]


# ---- init


def test_init_writes_a_private_file_that_changes_nothing(tmp_path: Path) -> None:
    """The first file stands where watcher looks, only its owner can read it, it is the example, and it is in force unchanged."""
    done = run("config", "init", HOME=str(tmp_path))
    path = tmp_path / ".config" / "watcher" / "config.toml"
    assert done.exit_code == 0
    assert str(path) in done.stdout
    assert done.stdout.splitlines()[-1] == "Then:  watcher config check"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8") == (TOP / "config.example.toml").read_text("utf-8") == example()
    assert parse_config(example(), path="example", environ={}, read_secret=lambda _: "") == default_config()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("before", [True, False])
def test_init_overwrites_only_by_force(tmp_path: Path, before: bool) -> None:
    """A file that is there stays as it is without `--force`; with it the example takes its place, wherever `--config` stands."""
    path = tmp_path / "my.toml"
    path.write_text("# mine\n", encoding="utf-8")
    option = ("--config", str(path))
    words = (*option, "config", "init") if before else ("config", "init", *option)
    refused = run(*words)
    assert isinstance(refused.exception, UsageError)
    assert "--force" in str(refused.exception)
    assert path.read_text("utf-8") == "# mine\n"
    done = run(*words, "--force")
    assert path.read_text("utf-8") == example()
    assert done.stdout.splitlines()[-1] == f"Then:  watcher --config {path} config check"
    assert list(tmp_path.iterdir()) == [path]


def test_init_follows_a_link(tmp_path: Path) -> None:
    """A configuration that is a link keeps being one: what it points to is replaced."""
    path, link = tmp_path / "real.toml", tmp_path / "link.toml"
    path.write_text("", encoding="utf-8")
    link.symlink_to(path)
    assert run("config", "init", "--force", "--config", str(link)).exit_code == 0
    assert link.is_symlink()
    assert path.read_text("utf-8") == example()


def test_init_says_why_it_cannot_write(tmp_path: Path) -> None:
    """Where no file can be made the error names the path and the reason."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    problem = run("config", "init", "--config", str(tmp_path / "file" / "config.toml")).exception
    assert isinstance(problem, WatcherError)
    assert "file/config.toml cannot be written: " in str(problem)
