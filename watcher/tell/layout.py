"""The one place that lays out a message: the short text for phones and chats, the letter for mail, and the same as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.model import Target
from watcher.tell.blocks import Block, Frame, MessageKind, Piece
from watcher.tell.letter import write
from watcher.tell.message import REPEAT, TITLE_LIMIT, Message, hears, quoted, sent_to
from watcher.tell.page import page

_EVERYTHING = ("All that is held", "watcher status")

#: Stands at the head of several pieces of news of which one at least is old, whoever was away.
LATE = "Told late: each piece of news has its day beside it."


def message_of(pieces: Sequence[Piece], *, message_id: str, target: Target, may_repeat: bool = False) -> Message:
    """One message of all pieces, the most important first; several are told in short on a phone and in full in a letter.

    `may_repeat` says that the same message may have arrived before.

    Raises:
        ValueError: there is nothing to tell.
    """
    if not pieces:
        raise ValueError("a message needs at least one piece")
    alone, late = len(pieces) == 1, [piece.remark for piece in pieces if piece.remark]
    remarks = [REPEAT if may_repeat else "", LATE if late and not alone else "".join(late)]
    return compose(
        pieces[0].title if alone else _leading(pieces),
        pieces[0].blocks if alone else tuple(_headed(pieces)),
        message_id=message_id,
        target=target,
        kind=pieces[0].kind,
        before=tuple(filter(None, remarks)),
        ask=pieces[0].ask if alone else _EVERYTHING,
        brief=not alone,
    )


def compose(
    title: str,
    blocks: Sequence[Block],
    *,
    message_id: str,
    target: Target,
    kind: MessageKind,
    before: Sequence[str] = (),
    ask: tuple[str, str] | None = None,
    brief: bool = False,
) -> Message:
    """The message of these blocks. A single block shows no headline in the plain body where the title says it in full.

    A block that is a heading heads those that follow it. `before` are remarks on the whole message; `ask` is what a
    command tells and the command, for the foot of a letter. `brief` leaves sentences and doubts to the letter. All texts are
    clean already.
    """
    says_all = len(blocks) == 1 and len(title) <= TITLE_LIMIT
    plain = "\n\n".join(_plain(block, with_headline=not says_all, brief=brief) for block in blocks)
    frame = Frame(message_id=message_id, sent_to=hears(target), before=tuple(before), ask=ask)
    return Message(
        id=message_id,
        title=_cut(title, TITLE_LIMIT),
        body="\n\n".join(filter(None, ("\n".join(before), plain, sent_to(target.name, message_id)))),
        html=page(blocks, frame),
        letter=write(blocks, frame),
        kind=kind,
        link=next((block.link for block in blocks if block.link), None),
    )


def _leading(pieces: Sequence[Piece]) -> str:
    """The most important thing of all in full, and how many more there are."""
    more = f"; and {sum(piece.count for piece in pieces) - 1} more"
    return _cut(pieces[0].lead or pieces[0].title, TITLE_LIMIT - len(more)) + more


def _headed(pieces: Sequence[Piece]) -> Iterator[Block]:
    """The blocks of all pieces, those of one name under it."""
    names = list(dict.fromkeys(piece.name for piece in pieces))
    for name in names:
        if len(names) > 1:
            yield Block(headline=name, is_heading=True)
        for piece in pieces:
            if piece.name == name:
                yield from piece.blocks


def _plain(block: Block, *, with_headline: bool, brief: bool) -> str:
    """A block as plain text, a line each; a heading in capitals."""
    if block.is_heading:
        return block.headline.upper()
    headline = block.headline if with_headline else ""
    quote = quoted(block.quote) if block.quote and not brief else ""
    source = ": ".join(filter(None, (block.source, block.link)))
    return "\n".join(filter(None, (headline, *block.lines, quote, source, *(() if brief else block.doubts))))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
