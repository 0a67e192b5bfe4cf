"""A message as a page of HTML for mail: one column that a phone can read, nothing fetched from anywhere, light and dark.

Every style stands in its tag, since many mail programs drop style sheets; the one sheet there is only turns the colours round
where the reader's screen is dark. Every colour has a contrast of at least 4.5 to 1 on its ground, and none means anything.
Every text is escaped on its way in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlsplit

from watcher.clean import cut_text
from watcher.tell.blocks import Block, Frame, Passage, Row
from watcher.tell.message import quoted

_INK, _QUIET, _RULE, _GROUND, _SHADE, _LINK = "#1b1e23", "#5a616b", "#dfe2e6", "#ffffff", "#f3f4f6", "#0b57b0"
_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace"

#: What each class looks like in the dark; in the light the tags say it.
_SHEET = (
    ":root{color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".g{background:#15171b!important;color:#e9ebee!important}"
    ".i{color:#e9ebee!important;border-color:#e9ebee!important}"
    ".q{color:#a8aeb8!important}"
    ".r{border-color:#363b43!important}"
    ".s{background:#21252b!important}"
    ".l{color:#8cb9ff!important}"
    "}"
)

_BODY = f"margin:0;padding:0;background:{_GROUND};color:{_INK};font:16px/1.5 {_FONT};-webkit-text-size-adjust:100%"
_COLUMN = "max-width:560px;margin:0 auto;padding:28px 20px 32px;overflow-wrap:anywhere"
_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px"
_REMARK = f"margin:0 0 24px;padding:10px 14px;background:{_SHADE};border-radius:6px;font-size:15px;line-height:1.45"
_HEADING = "font-size:{}px;line-height:1.25;font-weight:700;letter-spacing:-.01em"
_FIRST, _TEXT = "margin:20px 0 0", "margin:12px 0 0"
_INSET = f"margin:22px 0 0;padding:1px 0 1px 16px;border-left:3px solid {_RULE}"
_SMALL = f"margin:2px 0 0;font-size:14px;line-height:1.45;color:{_QUIET}"
_FOOT = f"margin:36px 0 0;padding:16px 0 0;border-top:1px solid {_RULE};font-size:13px;line-height:1.55;color:{_QUIET}"
_PART = "margin:32px 0 0"
_NEWS = f"margin:36px 0 0;padding:28px 0 0;border-top:1px solid {_RULE}"
_SECTION = "font-size:13px;line-height:1.4;font-weight:700;letter-spacing:.08em;text-transform:uppercase"
_TOP = f"padding:14px 0 0;border-top:2px solid {_INK}"

#: Longest address that is shown; the whole one is behind it.
_SHOWN = 40


def page(blocks: Sequence[Block], frame: Frame) -> str:
    """The whole document. What its hidden first line says, a list of mails shows beside the subject."""
    has_sections = any(block.is_heading for block in blocks)
    inside = [_remarks(frame.before)] if frame.before else []
    for number, block in enumerate(blocks):
        is_first = number == 0
        if block.is_heading:
            style = f"{'margin:0' if is_first else f'margin:44px 0 0;{_TOP}'};{_SECTION}"
            inside.append(f'<h1 class="i" style="{style}">{escape(block.headline)}</h1>')
            continue
        below_heading = not is_first and blocks[number - 1].is_heading
        style = "margin:0" if is_first else "margin:20px 0 0" if below_heading else _NEWS if _is_news(block) else _PART
        main = is_first and not has_sections
        inside.append(f'<div class="r" style="{style}">{"".join(_block(block, main=main))}</div>')
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<style>{_SHEET}</style></head>\n"
        f'<body class="g" style="{_BODY}"><div style="{_HIDDEN}">{escape(_preview(blocks))}</div>\n'
        f'<div class="g" style="{_COLUMN}">' + "\n".join([*inside, _foot(frame)]) + "</div></body></html>"
    )


def _is_news(block: Block) -> bool:
    """Whether a block is a piece of news, which a rule parts from the one before, and not a part of it."""
    return block.passage is not None and not block.passage.is_list


def _preview(blocks: Sequence[Block]) -> str:
    """What the subject leaves open: how far off the first block's date is, how sure, and who says so."""
    told = next((block.told for block in blocks if not block.is_heading), None)
    if told is None:
        return ""
    beside = [f"{row.beside[:1].upper()}{row.beside[1:]}." for row in told.rows[:1] if row.beside]
    return " ".join((*beside, *filter(None, (told.sure, *told.paragraphs[:1]))))


def _block(block: Block, *, main: bool) -> Iterator[str]:
    """The parts of a block."""
    told = block.told
    yield from _head(told, level=1 if main else 2, large=main)
    yield from _paragraphs(told, _FIRST if main or told.rows else "margin:8px 0 0")
    if source := "".join(_source(block)):
        yield f'<div class="r" style="{_INSET}">{source}</div>'
    if told.unknown:
        yield f'<p style="{_FIRST}">Not known yet: {escape("; ".join(told.unknown))}.</p>'


def _head(told: Passage, *, level: int, large: bool) -> Iterator[str]:
    """The heading: what the film does, and large below it the date; then how far off it is, and what held before."""
    opening, rows = escape(told.opening), told.rows
    first = rows[0] if rows and not rows[0].lead and not told.is_list else None
    if first is None:
        yield f'<h{level} class="i" style="margin:0;{_HEADING.format(24 if large else 19)}">{opening}</h{level}>'
    else:
        # The last word is tied to the one before: no line of an "on" alone.
        opening = "&nbsp;".join(opening.rsplit(" ", 1))
        yield (
            f'<h{level} class="i" style="margin:0;font-weight:400;font-size:17px;line-height:1.4">{opening} '
            f'<span style="display:block;margin:4px 0 0;{_HEADING.format(30 if large else 22)}">{_unbroken(first.text)}</span>'
            f"</h{level}>"
        )
        if first.beside:
            yield f'<p style="margin:4px 0 0;font-size:17px;line-height:1.4">{escape(first.beside)}</p>'
    yield from (_row(row, below=told.is_list) for row in (rows[1:] if first else rows))


def _paragraphs(told: Passage, style: str) -> Iterator[str]:
    """The paragraphs, how sure it is at the head of the first."""
    first, *rest = told.paragraphs or ("",)
    sure = f"<strong>{escape(told.sure)}</strong> " if told.sure else ""
    if sure or first:
        yield f'<p style="{style}">{sure}{escape(first)}</p>'
    yield from (f'<p style="{_TEXT}">{escape(paragraph)}</p>' for paragraph in rest)


def _row(row: Row, *, below: bool) -> str:
    """A further row: what held before is struck through as well as named so. In a list what stands beside it goes below."""
    text = _unbroken(row.text)
    told = f"{escape(row.lead)} <s>{text}</s>" if row.lead else f"<strong>{text}</strong>"
    # Else side by side where there is room, below each other where there is none.
    beside = f' <span style="display:{"block" if below else "inline-block"}">{escape(row.beside)}</span>' if row.beside else ""
    style = f"margin:10px 0 0;font-size:16px;line-height:1.45{f';color:{_QUIET}' if row.lead else ''}"
    kind = "q" if row.lead else "i"
    return f'<p class="{kind}" style="{style}"><span style="display:inline-block;margin:0 18px 0 0">{told}</span>{beside}</p>'


def _unbroken(text: str) -> str:
    """A date that may be broken after its weekday only."""
    weekday, comma, day = text.partition(", ")
    if not comma or len(day) > 20:
        return escape(text)
    return f'{escape(weekday)}, <span style="white-space:nowrap">{escape(day)}</span>'


def _source(block: Block) -> Iterator[str]:
    """The sentence, and the article as a link that says where it leads."""
    if block.quote:
        yield f'<blockquote style="margin:0 0 10px">{escape(quoted(block.quote))}</blockquote>'
    if not block.source and not block.link:
        return
    said = [block.said_on] if block.article else []
    name = ": ".join(filter(None, (block.outlet, block.article))) if block.article else block.source
    small = [escape(text) for text in (*said, _address(block.link) if block.link else "") if text]
    if block.link:
        name = f'<a class="l" href="{escape(block.link)}" style="color:{_LINK}">{escape(name or "The article")}</a>'
    else:
        name = escape(name)
    yield f'<p style="margin:0">{name}</p>'
    if small:
        yield f'<p class="q" style="{_SMALL}">{"<br>".join(small)}</p>'


def _address(link: str) -> str:
    """The beginning of an address: whose page it is, without the scheme, cut where it gets long."""
    parts = urlsplit(link)
    text = f"{parts.netloc}{parts.path}".rstrip("/")
    return text if len(text) <= _SHOWN else f"{cut_text(text, _SHOWN - 1)}…"


def _remarks(lines: Sequence[str]) -> str:
    """What is to be said of the whole message, before anything else."""
    each = (f'<p style="margin:{"6px" if number else "0"} 0 0">{escape(line)}</p>' for number, line in enumerate(lines))
    return f'<div class="s" style="{_REMARK}">{"".join(each)}</div>'


def _foot(frame: Frame) -> str:
    """Where to learn more, who gets this, and the id, quietly."""
    lines = []
    if frame.ask is not None:
        lines.append(f'{escape(frame.ask[0])}: <code style="font:12.5px {_MONO}">{escape(frame.ask[1])}</code>')
    lines += [escape(frame.sent_to), f'<span style="font:12px {_MONO}">{escape(frame.message_id)}</span>']
    return f'<div class="q r" style="{_FOOT}">{"<br>".join(lines)}</div>'
