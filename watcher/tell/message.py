"""A message as it leaves for a target, and how text from feeds is made safe for the places where it arrives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watcher.clean import clean_link, clean_text, cut_text
from watcher.model import Change, Confidence, Target
from watcher.tell.lists import names_in_words

if TYPE_CHECKING:
    from watcher.tell.blocks import MessageKind

#: Longest texts of a message, in characters. A lock screen shows about a hundred; short channels cut the body from its end.
TITLE_LIMIT = 100
NAME_LIMIT = 80
SENTENCE_LIMIT = 400
HEADLINE_LIMIT = 120
_LONGEST = 10_000

#: Stands at the head of what may have arrived before.
REPEAT = "This may be a repeat: we could not learn whether it reached you the first time."

#: A joiner has no width and no meaning between these, but the reader at the other end no longer sees a command there:
#: a mention (@everyone, <!channel>, <@U1>), a tag or an autolink (<https://…|text>), a Markdown link's hinge.
_JOINER = "\u200d"
_OPENING = re.compile(r'(?:(?<=\s)|^)"')
_COMMANDS = re.compile(r"@(?=\w)|<(?=\S)|\](?=\()")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Outlets that say the same and belong to one owner: they count as one voice."""

    owner: str
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change to tell, and the names of the other independent outlets that say it too, first said first.

    `houses` and `repeats` (who rest on the same report) say it as well and count for nothing more. `article` is the
    headline under which the change's outlet said it.
    """

    change: Change
    agree: tuple[str, ...] = ()
    houses: tuple[House, ...] = ()
    repeats: tuple[str, ...] = ()
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one target gets: a title that says all on a lock screen and a plain body; for mail the same as a letter and in HTML.

    `id` is the delivery's stable id, the same at every try. `letter` is the plain part of a mail, None where it is the body.
    `link` is the first change's article, http or https.
    """

    id: str
    title: str
    body: str
    html: str | None = None
    letter: str | None = None
    kind: MessageKind = "info"
    link: str | None = None


def inert(text: str, *, limit: int) -> str:
    """Text from a feed as one clean line of at most `limit` characters in which no channel finds a mention or a link.

    What is cut ends in dots. Joiners that disarm a command come on top of `limit`.
    """
    cleaned = clean_text(text, limit=_LONGEST).replace("`", "'")
    if len(cleaned) > limit:
        cleaned = f"{cut_text(cleaned, limit - 1).rstrip(' ,;:.')}…"
    return _COMMANDS.sub(lambda found: found.group() + _JOINER, cleaned)


def inert_name(text: str) -> str:
    """A name from a feed or a file (person, outlet, role, title), made inert."""
    return inert(text, limit=NAME_LIMIT)


def safe_link(link: str | None) -> str | None:
    """The link if it is one that a person may be sent to, in a form in which no channel finds a mention; else None."""
    cleaned = clean_link(link) if link else None
    return cleaned.replace("@", "%40").replace("](", "%5D(") if cleaned else None


def quoted(sentence: str) -> str:
    """A sentence in quotation marks; those inside it become single ones, straight ones curled by what stands before them."""
    curled = _OPENING.sub("‘", sentence).replace('"', "’")
    return f"“{curled.replace('“', '‘').replace('”', '’')}”"


def sent_to(target: str, message_id: str) -> str:
    """The last line of every message: which target it went to, and its stable id."""
    return f'Sent to "{inert_name(target)}".  {message_id}'


def hears(target: Target) -> str:
    """The same in a letter, with what the target hears of: "Sent to “mail”, which hears of release dates and casting."."""
    kinds = names_in_words([words for kind, words in _HEARS.items() if kind in target.on])
    titles = names_in_words([inert_name(title) for title in target.titles])
    sure = _HOW_SURE.get(target.min_confidence, "")
    heard = "".join(filter(None, (kinds, f" for {titles} alone" if titles else "", sure)))
    name = quoted(inert_name(target.name))
    return f"Sent to {name}, which hears of {heard}." if kinds else f"Sent to {name}."


#: What each kind of news that a target may want is called, in the order in which they are named.
_HEARS = {
    "release": "release dates",
    "casting": "casting",
    "countdown": "the countdown",
    "health": "trouble with feeds and alerts",
}
_HOW_SURE = {Confidence.CONFIRMED: ", confirmed only", Confidence.RUMOURED: ", rumours too"}
