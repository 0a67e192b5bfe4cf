"""The configuration: which file, its mistakes, names that may mean anything, the contact, and who can read the secrets."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from watcher.board.words import count_in_words
from watcher.clean import safe_url
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.permits import sudo_for, who_may_read
from watcher.config import Config
from watcher.config.expand import Missing, expand_path

SECTION = "configuration"
FILE = Matter(SECTION, "file")
_CONTACT = Matter(SECTION, "contact")
_TITLES = Matter(SECTION, "titles")
_SECRETS = Matter(SECTION, "secrets")
_CREDENTIALS = "$CREDENTIALS_DIRECTORY/"


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """All of it."""
    found, config = patient.settings, patient.settings.config
    problems = found.problems or _lacks(patient, notes)
    if problems:
        for problem in problems:
            yield FILE.broken(f"{problem}.", patient.command("config check"))
    elif config is None:
        words = f"{found.file} is not yours to read, so that only what needs no settings is looked at"
        yield FILE.unseen(f"{words}: {who_may_read(found.file or Path())}.")
    elif found.file is None:
        yield FILE.well("There is none: the built-in settings are in force.")
    else:
        yield FILE.well(f"{found.file}: no mistake in it.")
    if config is not None:
        yield _contact(patient, config)
        yield _titles(patient, config)
    yield from _secrets(patient, lacking=bool(found.missing and not problems))


def _contact(patient: Patient, config: Config) -> Verdict:
    if config.contact:
        return _CONTACT.well("Servers that are asked can see whom to write to.")
    if patient.settings.file is None:
        do = patient.command("config init")
    else:
        do = f'write contact = "you@example.org" under [watcher] in {patient.settings.file}'
    return _CONTACT.look("There is none: whoever is disturbed by watcher can only lock it out.", do)


def _titles(patient: Patient, config: Config) -> Verdict:
    from watcher.read.beside import bare_names  # noqa: PLC0415 - the reader is heavy, and a broken configuration needs none

    if not config.titles:
        return _TITLES.broken("No title is watched.", patient.command('add "NAME"'))
    bare = [title.name for title in config.titles if bare_names(title)]
    if bare:
        names = " and ".join(f'"{name}"' for name in bare)
        do = patient.command(f"add {shlex.quote(bare[0])} --people NAME")
        return _TITLES.look(f"{names} may mean anything: nothing is known that shows the film that is meant.", do)
    return _TITLES.well(f"{count_in_words(len(config.titles), 'title')} watched, none with a name that may mean anything.")


def _lacks(patient: Patient, notes: Notes) -> tuple[str, ...]:
    """Secrets that are missing for everybody, and not just for whoever asks: a daemon that runs has all that it needs."""
    if notes.daemon.running or patient.is_system:
        return ()
    return tuple(problem for problem in patient.settings.missing if "CREDENTIALS_DIRECTORY" not in problem)


def _secrets(patient: Patient, *, lacking: bool) -> Iterator[Verdict]:
    """Each file that holds a secret: whether the service can read it, and who else can."""
    files = list(dict.fromkeys(_secret_files(patient)))
    bad = lacking
    if lacking:
        yield _SECRETS.unseen("Some are the service's alone, by credentials or its environment, and cannot be looked at by you.")
    for path in files:
        if path in patient.settings.hidden:
            bad = True
            yield _SECRETS.unseen(f"{path} is not yours to read, which is as it should be; the service must.")
        elif _is_open_to_all(path):
            bad = True
            words = f"{path} holds a secret, and everybody on this machine can read it."
            yield _SECRETS.look(words, f"{sudo_for(path)}chmod o-rwx {shlex.quote(str(path))}")
    if files and not bad:
        yield _SECRETS.well("Nobody else can read them.")


def _list_of_tables(value: object) -> list[Mapping[str, Any]]:
    """What should be a list of tables in a file that may be anything."""
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []


def _secret_files(patient: Patient) -> Iterator[Path]:
    """The files that hold secrets: the configuration itself where one stands in it, and those that it names."""
    found = patient.settings
    if found.file is None:
        return
    notify = _list_of_tables(found.raw.get("notify"))
    general, fetch = found.raw.get("watcher"), found.raw.get("fetch")
    inline = [*(table.get("url") for table in notify), _text(general, "ping"), _text(fetch, "proxy")]
    if any(_is_secret(text) for text in inline) or _have_secrets(_list_of_tables(found.raw.get("feed"))):
        yield found.file
    for name in (*(table.get("url_file") for table in notify), _text(general, "ping_file")):
        if isinstance(name, str):
            yield from _places(name, found.file.parent)


def _places(name: str, base: Path) -> Iterator[Path]:
    """Where a secret's file lies; of a credential that the service manager hands out only the service can tell."""
    if not name.startswith(_CREDENTIALS):
        with suppress(Missing, OSError):
            yield expand_path(name, os.environ, base)


def _text(table: object, key: str) -> object:
    return table.get(key) if isinstance(table, Mapping) else None


def _is_secret(text: object) -> bool:
    """Whether an address stands there itself, and not the name of a variable that holds it."""
    return isinstance(text, str) and not (text.startswith("${") and text.endswith("}"))


def _have_secrets(feeds: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an address of a feed names a user."""
    return any(isinstance(url := table.get("url"), str) and "@" in url and safe_url(url) != url for table in feeds)


def _is_open_to_all(path: Path) -> bool:
    """Whether everybody can read a file: it and each directory on the way lets them."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH) and _open_ways(path)
    except OSError:
        return False


def _open_ways(path: Path) -> bool:
    """Whether everybody can get to where a file lies."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
