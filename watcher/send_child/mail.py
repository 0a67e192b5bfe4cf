"""What a mail of ours has that Apprise would not give it: an id that stays the same, a plain part of our own, short lines.

Apprise makes a new Message-ID at every try, so that no mail server and no mail program could see a repeat, the plain part out
of the HTML, and of a subject one line, however long. What it does so with is replaced, in this process, before the message is
put together: what it signs or encrypts afterwards (PGP) is ours already.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header

from apprise.plugins.email import base
from apprise.plugins.email.base import NotifyEmail

#: What RFC 5322 allows in a message's id without quotation marks (dot-atom-text), and how long we let it grow.
_UNFIT = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_ID_LIMIT = 120

#: A digest of hundreds of changes; mail servers take ten times as much.
_LONGEST = 1_000_000


@dataclass(slots=True)
class Letterbox:
    """The message id and the plain part of the mail that is being sent."""

    message_id: str = ""
    letter: str = ""

    def install(self) -> None:
        """Have Apprise use them from now on, for as long as the process lives."""
        convert: Callable[..., str] = vars(base)["convert_between"]

        def plain_part(from_format: object, to_format: object, content: str) -> str:
            return self.letter or convert(from_format, to_format, content)

        def make_msgid(**_: object) -> str:
            return self.message_id

        vars(base).update(convert_between=plain_part, make_msgid=make_msgid, Header=_Folded)


class _Folded(Header):
    """A header in lines that a mail may have (RFC 2047, section 2; RFC 5322, section 2.1.1), whatever it is asked for."""

    def __init__(self, text: str, charset: str) -> None:
        super().__init__(text, charset, header_name="Subject")

    def encode(self, splitchars: str = ";, \t", maxlinelen: int | None = None, linesep: str = "\n") -> str:
        """The header as it is sent; no limit means the usual one."""
        return super().encode(splitchars, maxlinelen or None, linesep)


def message_id(delivery: str, sender: str) -> str:
    """The Message-ID of a delivery (RFC 5322, section 3.6.4): always the same for the same delivery and sender's address."""
    fit = _UNFIT.sub("-", delivery)[:_ID_LIMIT].strip("-")
    if fit != delivery:  # two ids must not become one
        fit = f"{fit}-{hashlib.blake2s(delivery.encode(), digest_size=6).hexdigest()}".lstrip("-")
    domain = sender.rpartition("@")[2]
    if not domain.isascii():
        domain = domain.encode("idna").decode() if _is_idn(domain) else ""
    return f"<{fit}.watcher@{domain if _DOMAIN.fullmatch(domain) else 'watcher.invalid'}>"


def _is_idn(domain: str) -> bool:
    try:
        domain.encode("idna")
    except UnicodeError:
        return False
    return True


def address(plugin: NotifyEmail) -> str:
    """Whom the mail comes from."""
    return str(plugin.from_addr[1])


def settle(plugin: NotifyEmail) -> None:
    """Say that no person wrote it (RFC 3834), so that no absence notice answers; the user's own header wins.

    And let it be as long as it is: Apprise would cut the HTML wherever 32,768 characters end.
    """
    plugin.body_maxlen = _LONGEST
    if not any(name.lower() == "auto-submitted" for name in plugin.headers):
        plugin.headers["Auto-Submitted"] = "auto-generated"
