"""A message as a letter in plain text: dates on lines of their own and aligned, sentences indented, nothing wider than 76."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from watcher.tell.blocks import Block, Frame, Passage, Row
from watcher.tell.message import quoted

#: RFC 5322 wants lines of at most 78 characters; a mail that is quoted in an answer gets two more.
WIDTH = 76

_INDENT = "    "
_GAP = "     "


def write(blocks: Sequence[Block], frame: Frame) -> str:
    """The letter of these blocks, in their order; two empty lines part one from the next."""
    paragraphs = [_fill(line) for line in frame.before]
    for number, block in enumerate(blocks):
        first, *rest = [block.headline.upper()] if block.is_heading else _block(block)
        apart = number and not blocks[number - 1].is_heading
        paragraphs += [f"\n{first}" if apart else first, *rest]
    ending = [*_ending(frame)]
    return "\n\n".join([*paragraphs, f"\n{ending[0]}", *ending[1:]])


def _block(block: Block) -> Iterator[str]:
    """The paragraphs of a block."""
    told = block.told
    yield _fill(told.opening)
    if told.rows:
        yield "\n".join(_rows(told.rows))
    yield from (_fill(paragraph) for paragraph in _paragraphs(told))
    if source := "\n".join(_source(block)):
        yield source
    if told.unknown:
        yield _fill(f"Not known yet: {'; '.join(told.unknown)}.")


def _paragraphs(told: Passage) -> Sequence[str]:
    """The paragraphs, how sure it is at the head of the first."""
    first, *rest = told.paragraphs or ("",)
    return [text for text in (f"{told.sure} {first}".strip(), *rest) if text]


def _rows(rows: Sequence[Row]) -> Iterator[str]:
    """Rows in two columns; where the second has no room, it stands below."""
    start = len(_INDENT) + len(_GAP) + max(len(row.words) for row in rows)
    fits = all(start + len(row.beside) <= WIDTH for row in rows)
    for row in rows:
        if fits:
            yield f"{_INDENT}{row.words}".ljust(start if row.beside else 0) + row.beside
        else:
            yield _fill(row.words, indent=_INDENT)
            if row.beside:
                yield _fill(row.beside, indent=_INDENT * 2)


def _source(block: Block) -> Iterator[str]:
    """The sentence that says it, who wrote it where and when, and the whole address."""
    if block.quote:
        yield _fill(quoted(block.quote), indent=_INDENT)
    if block.source:
        yield _fill(": ".join(filter(None, (block.source, block.article))), indent=_INDENT)
    if block.link:
        yield _INDENT + block.link


def _ending(frame: Frame) -> Iterator[str]:
    """Where to learn more, and at last who gets this, and the message's id."""
    if frame.ask is not None:
        yield f"{frame.ask[0]}:  {frame.ask[1]}"
    yield f"{_fill(frame.sent_to)}\n{frame.message_id}"


def _fill(text: str, *, indent: str = "") -> str:
    """A paragraph; a word that is longer than a line stays whole."""
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
