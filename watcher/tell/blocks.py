"""What a message is made of: blocks, each one change or one part of a summary, in the words of a phone and of a letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MessageKind = Literal["info", "success", "warning", "failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a letter that the eye should find: a date, and how far off it is beside it.

    `lead` marks what held before, and says how: "was" or "not".
    """

    text: str
    beside: str = ""
    lead: str = ""

    @property
    def words(self) -> str:
        """The text with what leads it."""
        return f"{self.lead} {self.text}" if self.lead else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How a letter tells a block: what the film does in one line, the rows, how sure and who says so, what is not known yet.

    The first row ends the sentence that the opening begins, and is what the letter is about; unless the rows are a list.
    `sure` is a sentence of a word or two that stands before the paragraphs: "Confirmed.".
    """

    opening: str
    rows: tuple[Row, ...] = ()
    sure: str = ""
    paragraphs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One change, or one part of a summary: headline, what is so, the sentence that says it, where it stands, what is open.

    `outlet`, `said_on` and `article` name the source: who, on which day, under which headline. `passage` is the same in the
    words of a letter; without it a letter says what a phone does. One that `is_heading` has a headline and nothing else, and
    heads the blocks that follow it, as a title's name does in a digest.
    """

    headline: str
    lines: tuple[str, ...] = ()
    quote: str = ""
    outlet: str = ""
    said_on: str = ""
    article: str = ""
    link: str | None = None
    doubts: tuple[str, ...] = ()
    passage: Passage | None = None
    is_heading: bool = False

    @property
    def source(self) -> str:
        """Who said it, and on which day."""
        return ", ".join(filter(None, (self.outlet, self.said_on)))

    @property
    def told(self) -> Passage:
        """The block as a letter tells it."""
        return self.passage or Passage(opening=self.headline, paragraphs=(*self.lines, *self.doubts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a message tells of one title, or of the service: a whole message by itself, or one part of several in one.

    `title` says all of it on a lock screen, and `lead` the most important of it alone. `count` are the pieces of news in it,
    `name` heads it among others. `remark` is what is to be said of all of it; `ask` as in `Frame`.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    kind: MessageKind
    lead: str = ""
    count: int = 1
    remark: str = ""
    ask: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands round the blocks of a letter: remarks before them, and after them lines of its own.

    `ask` is (what it answers, the command): where more can be learned. `sent_to` says who gets this and what they hear of.
    """

    message_id: str
    sent_to: str
    before: tuple[str, ...] = ()
    ask: tuple[str, str] | None = None
