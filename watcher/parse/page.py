"""The bytes of a web page to the article on it: headline, text, times. trafilatura tells the article from what is around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from watcher.clean import LINK_LIMIT, canonical_link, clean_line, clean_link, clean_text, cut_text, safe_url
from watcher.errors import ParseError
from watcher.model import Item, Precision, Work
from watcher.parse import linkeddata
from watcher.parse.decode import decode
from watcher.parse.entry import TITLE_LIMIT, language_tag, text_digest
from watcher.parse.markup import reduce
from watcher.parse.when import ANY_TIME, read_time
from watcher.untag import strip_tags

if TYPE_CHECKING:
    from lxml.html import HtmlElement

#: The longest text that is kept of a page, in characters; the reader takes a little more.
BODY_LIMIT = 50_000
#: What a server may call a page (RFC 9110, section 8.3); other things are not read.
PAGE_TYPES = ("text/html", "application/xhtml+xml")

_LOOKS_LIKE_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|title|meta|body|article|main|section|div|p|h1)[\s>]", re.IGNORECASE)
_LOOKS_LIKE_FEED = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_SUFFIX = re.compile(r"\s+[|–—·:-]\s+")
_PUBLISHED = (
    'string((//meta[@property="article:published_time"]/@content)[1])',
    'string((//*[@itemprop="datePublished"]/@content)[1])',
    'string((//*[@itemprop="datePublished"]/@datetime)[1])',
    'string((//meta[@name="parsely-pub-date" or @name="publish-date" or @name="pubdate" or @name="date"]/@content)[1])',
)
_MODIFIED = (
    'string((//meta[@property="article:modified_time"]/@content)[1])',
    'string((//*[@itemprop="dateModified"]/@content)[1])',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The article on a page, clean as an `Item` is: `title` is its headline, `text` has a line for each paragraph.

    `published` and `modified` are UTC and what the page says, not compared with any clock; None where it does not say.
    `canonical` is the address that the page calls its own. `works` are films that its data describes.
    """

    url: str
    title: str
    text: str
    published: datetime | None = None
    precision: Precision = Precision.TIME
    modified: datetime | None = None
    canonical: str | None = None
    language: str | None = None
    works: tuple[Work, ...] = ()

    def item(self, *, guid: str | None = None) -> Item:
        """The page as an item, of its own address where no `guid` is given."""
        link = self.canonical or clean_link(self.url)
        return Item(
            guid=guid or link or text_digest(self.title, self.text),
            title=self.title,
            body=self.text,
            link=link,
            published=self.published,
            precision=self.precision,
            language=self.language,
            digest=text_digest(self.title, self.text, canonical_link(link or "")),
        )


def parse_page(body: bytes, *, content_type: str | None, url: str) -> Page:
    """Read a page of HTML.

    `content_type` is the header as it came, `url` where the body came from: relative links start there. Time and memory are
    bounded whatever the bytes are; what lies behind the bounds of `markup` is left out.

    Raises:
        ParseError: the body is no page, or holds nothing to read; the text says which.
    """
    where = safe_url(url) or "the file"
    if not is_page_type(content_type):
        raise ParseError(f"{where} is no page but {clean_text(content_type or '', limit=60)}")
    text = decode(body, _with_charset(body, content_type))
    head = text[:20_000]
    if "\0" in head or _LOOKS_LIKE_FEED.match(head) or not _LOOKS_LIKE_PAGE.search(head):
        raise ParseError(f"{where} gave something that is no web page")
    reduced = reduce(text)
    tree = _tree(reduced.html)
    said = linkeddata.objects(reduced.data)
    article = linkeddata.article(said)
    title = _headline(tree, article.headline)
    lines = _lines(tree, reduced.html)
    if lines and _same(lines[0], title):
        lines = lines[1:]
    if not title and not lines:
        raise ParseError(f"{where} is a page that holds no text")
    published, precision = _time((article.published, *_asked(tree, _PUBLISHED)))
    modified, _ = _time((article.modified, *_asked(tree, _MODIFIED)))
    return Page(
        url=url,
        title=title,
        text=cut_text("\n".join(lines), BODY_LIMIT),
        published=published,
        precision=precision,
        modified=modified,
        canonical=_canonical(tree, url),
        language=language_tag(_first(tree, ("string(/html/@lang)",))),
        works=linkeddata.works(said),
    )


def is_page_type(content_type: str | None) -> bool:
    """Whether a Content-Type may be a page's; none at all may."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return not kind or kind in PAGE_TYPES


def _with_charset(body: bytes, content_type: str | None) -> str | None:
    """The Content-Type, with the charset that the page itself names where the header names none (HTML, section 4.2.5.4)."""
    if "charset" in (content_type or "").lower():
        return content_type
    found = _META_CHARSET.search(body[:2048])
    return f"text/html; charset={found[1].decode('ascii', 'replace')}" if found else content_type


def _tree(html_text: str) -> HtmlElement | None:
    """The page as a tree; None where libxml2 makes none of it (it gives up at 256 levels)."""
    from lxml import etree  # noqa: PLC0415 - heavy, and most verbs read no page
    from lxml.html import HTMLParser, document_fromstring  # noqa: PLC0415

    parser = HTMLParser(encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(html_text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _lines(tree: HtmlElement | None, html_text: str) -> list[str]:
    """The paragraphs of the article; of the whole page where no article can be told from the rest."""
    text = None if tree is None else _main_text(tree)
    whole = text if text is not None else strip_tags(html_text, limit=BODY_LIMIT)
    cleaned = (clean_line(_unmarked(line), limit=BODY_LIMIT) for line in whole[: 4 * BODY_LIMIT].split("\n"))
    return [line for line in cleaned if line]


def _main_text(tree: HtmlElement) -> str | None:
    """What trafilatura takes for the article: no menus, no comments, no lists of other articles; None where it finds none."""
    import logging  # noqa: PLC0415

    from lxml import etree  # noqa: PLC0415
    from trafilatura import bare_extraction  # noqa: PLC0415

    # It complains of pages in its own words; ours are the only ones a user should read.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(tree, include_comments=False, include_tables=True, with_metadata=False)
    except (etree.LxmlError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError, TypeError, ValueError):
        return None
    text = getattr(found, "text", None)
    return text if isinstance(text, str) and text.strip() else None


def _unmarked(line: str) -> str:
    """A line without trafilatura's marks: "- " before an entry of a list, "|" round the cells of a row."""
    line = line.strip().removeprefix("- ")
    if line.startswith("|") and line.endswith("|") and len(line) > 1:
        cells = [cell.strip() for cell in line[1:-1].split("|")]
        cells = [cell for cell in cells if cell.strip("-")]
        return (": " if len(cells) == 2 else ", ").join(cells)
    return line


def _headline(tree: HtmlElement | None, from_data: str) -> str:
    """The headline: of the page's data, else the only <h1>, else what it tells social networks, else the title of its window."""
    headings = [] if tree is None else [_clean(" ".join(h.itertext())) for h in tree.xpath("//h1")[:5]]
    headings = [text for text in headings if text]
    social = _clean(_first(tree, ('string((//meta[@property="og:title"]/@content)[1])',)))
    window = _clean(_first(tree, ("string((//title)[1])",)))
    found = next((t for t in (from_data, headings[0] if len(headings) == 1 else "", social, *headings, window) if t), "")
    site = _clean(_first(tree, ('string((//meta[@property="og:site_name"]/@content)[1])',)))
    parts = _SUFFIX.split(found)
    return found[: -len(parts[-1])].rstrip(" |–—·:-") if len(parts) > 1 and _same(parts[-1], site) else found


def _clean(text: str) -> str:
    return clean_line(strip_tags(text[: 4 * TITLE_LIMIT], limit=2 * TITLE_LIMIT), limit=TITLE_LIMIT)


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def _canonical(tree: HtmlElement | None, url: str) -> str | None:
    found = _first(
        tree, ('string((//link[@rel="canonical"]/@href)[1])', 'string((//meta[@property="og:url"]/@content)[1])')
    ).strip()
    return clean_link(found, base=url) if found and len(found) <= LINK_LIMIT else None


def _first(tree: HtmlElement | None, questions: Iterable[str]) -> str:
    return next((text for text in _asked(tree, questions) if text), "")


def _asked(tree: HtmlElement | None, questions: Iterable[str]) -> list[str]:
    """What a page answers to these questions of XPath, each a text."""
    return [] if tree is None else [str(tree.xpath(question)) for question in questions]


def _time(texts: Iterable[str]) -> tuple[datetime | None, Precision]:
    for text in texts:
        found, precision = read_time(text, now=ANY_TIME)
        if found is not None:
            return found, precision
    return None, Precision.TIME
