"""The one place that lays out a message: the short text for phones and chats, the letter for mail, and the same as a page."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.model import Target
from watcher.tell.blocks import Block, Frame
from watcher.tell.letter import write
from watcher.tell.message import TITLE_LIMIT, Message, MessageKind, hears, quoted, sent_to
from watcher.tell.page import page

__all__ = ["Block", "compose"]


def compose(
    title: str,
    blocks: Sequence[Block],
    *,
    message_id: str,
    target: Target,
    kind: MessageKind,
    before: Sequence[str] = (),
    ask: tuple[str, str] | None = None,
) -> Message:
    """The message of these blocks. A single block shows no headline in the plain body: the title says it already.

    A block that is a heading heads those that follow it. `before` are remarks on the whole message; `ask` is what a
    command tells and the command, for the foot of a letter. All texts are clean already.
    """
    plain = "\n\n".join(_plain(block, with_headline=len(blocks) > 1) for block in blocks)
    frame = Frame(message_id=message_id, sent_to=hears(target), before=tuple(before), ask=ask)
    return Message(
        id=message_id,
        title=title if len(title) <= TITLE_LIMIT else f"{title[: TITLE_LIMIT - 1].rstrip()}…",
        body="\n\n".join(filter(None, ("\n".join(before), plain, sent_to(target.name, message_id)))),
        html=page(blocks, frame),
        letter=write(blocks, frame),
        kind=kind,
        link=next((block.link for block in blocks if block.link), None),
    )


def _plain(block: Block, *, with_headline: bool) -> str:
    """A block as plain text, a line each; a heading in capitals."""
    if block.is_heading:
        return block.headline.upper()
    headline = block.headline if with_headline else ""
    quote = quoted(block.quote) if block.quote else ""
    source = ": ".join(filter(None, (block.source, block.link)))
    return "\n".join(filter(None, (headline, *block.lines, quote, source, *block.doubts)))
