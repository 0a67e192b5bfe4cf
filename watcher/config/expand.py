"""`${NAME}` in a setting, and secrets that stand in files of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

_REFERENCE = re.compile(r"\$\{(?P<name>[^{}]*)\}")

ReadSecret = Callable[[Path], str]


class Missing(ValueError):
    """A setting refers to what is not there; its text tells the user."""


def expand(text: str, environ: Mapping[str, str]) -> str:
    """The text with every `${NAME}` replaced by the environment's value. A `$` without braces is left alone.

    Raises:
        Missing: a name is not set, or is set to nothing.
    """

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if not environ.get(name):
            raise Missing(f"${{{name}}} is not set in the environment")
        return environ[name]

    return _REFERENCE.sub(value, text)


def expand_path(text: str, environ: Mapping[str, str], base: Path) -> Path:
    """The path with `${NAME}` and a leading `~/` replaced; one that is relative is so to `base`.

    Raises:
        Missing: a name is not set, or there is no home directory.
    """
    path = expand(text, environ)
    if path == "~" or path.startswith("~/"):
        path = expand("${HOME}", environ) + path[1:]
    return base / path


def secret(file: str, environ: Mapping[str, str], base: Path, read: ReadSecret) -> str:
    """What a secret's file says, without the line break at its end.

    A relative name is looked up in `$CREDENTIALS_DIRECTORY` first (systemd's LoadCredential=), then beside the configuration.

    Raises:
        Missing: no such file can be read, or it does not hold exactly one line.
    """
    name = file.removeprefix("$CREDENTIALS_DIRECTORY/")
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    folders = [Path(credentials)] if credentials else []
    if name == file:
        folders.append(base)
    reasons = [f"{file} is a credential, and $CREDENTIALS_DIRECTORY is not set"]
    for folder in folders:
        path = expand_path(name, environ, folder)
        try:
            lines = read(path).strip().splitlines()
        except OSError as error:
            reasons.append(f"{path} cannot be read: {error.strerror or 'no reason given'}")
        except UnicodeDecodeError:
            reasons.append(f"{path} is no text")
        else:
            if len(lines) == 1:
                return lines[0].strip()
            raise Missing(f"{path} holds {len(lines) or 'no'} lines; write one address there")
    raise Missing(reasons[min(1, len(reasons) - 1)])
