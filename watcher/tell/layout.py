"""How a message is laid out: its lines as plain text, and the same lines as HTML for a mail that is read on a phone.

Nothing in the HTML is fetched from anywhere. Apprise makes the plain part of a mail from it: a line for each paragraph, and an
empty one where a line break stands between two. So every line is a paragraph of its own, and blocks are parted by breaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from watcher.tell.message import TITLE_LIMIT, Message, MessageKind, quoted

#: Styles stand in the tags: mail programs drop style sheets. No colour is set but grey, which both light and dark can carry.
_PAGE = "margin:0 auto;max-width:34em;padding:16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
_HEADLINE = "margin:28px 0 8px;font-size:20px;line-height:1.3;font-weight:600"
_LINE = "margin:0 0 8px"
_QUOTE = "margin:12px 0;padding-left:12px;border-left:3px solid #888"
_BREAK = "\n"
_QUIET = "margin:16px 0 0;font-size:13px;color:#777"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One change, or one part of a summary, as lines: headline, what is so, the sentence that says it, where, what is open."""

    headline: str
    lines: tuple[str, ...] = ()
    quote: str = ""
    source: str = ""
    link: str | None = None
    doubts: tuple[str, ...] = ()


def compose(
    title: str,
    blocks: Sequence[Block],
    *,
    message_id: str,
    footer: str,
    kind: MessageKind,
    before: Sequence[str] = (),
) -> Message:
    """The message of these blocks. A single block shows no headline in the plain body: the title says it already.

    `before` are remarks on the whole message, `footer` is its last line. All texts are clean already.
    """
    plain = (_plain_block(block, with_headline=len(blocks) > 1) for block in blocks)
    return Message(
        id=message_id,
        title=title if len(title) <= TITLE_LIMIT else f"{title[: TITLE_LIMIT - 1].rstrip()}…",
        body="\n\n".join(filter(None, ("\n".join(before), *plain, footer))),
        html=_page(blocks, before=before, footer=footer),
        kind=kind,
        link=next((block.link for block in blocks if block.link), None),
    )


def _plain_block(block: Block, *, with_headline: bool) -> str:
    """A block as plain text, a line each."""
    headline = block.headline if with_headline else ""
    quote = quoted(block.quote) if block.quote else ""
    source = ": ".join(filter(None, (block.source, block.link)))
    return "\n".join(filter(None, (headline, *block.lines, quote, source, *block.doubts)))


def _page(blocks: Sequence[Block], *, before: Sequence[str], footer: str) -> str:
    """The blocks as one HTML document. Every text is escaped on its way in."""
    inside = [
        "".join(_paragraph(line, _LINE) for line in before),
        *("".join(_html_block(block)) for block in blocks),
        _paragraph(footer, _QUIET),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
        f'<body style="{_PAGE}">{_BREAK.join(filter(None, inside))}</body></html>'
    )


def _html_block(block: Block) -> list[str]:
    parts = [_paragraph(block.headline, _HEADLINE), *(_paragraph(line, _LINE) for line in block.lines)]
    if block.quote:
        parts.append(_paragraph(quoted(block.quote), _QUOTE))
    if block.source:
        parts.append(_paragraph(block.source, _LINE))
    if block.link:
        href = escape(block.link)
        parts.append(f'<p style="{_LINE};word-break:break-all"><a href="{href}">{href}</a></p>')
    return parts + [_paragraph(line, _LINE) for line in block.doubts]


def _paragraph(text: str, style: str) -> str:
    return f'<p style="{style}">{escape(text)}</p>'
