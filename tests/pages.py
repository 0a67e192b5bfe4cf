"""Web pages for tests: an article with all that stands around it on a real site."""

from __future__ import annotations

import json
from collections.abc import Sequence

PARAGRAPHS = (
    "Northwind Pictures has set Harbor Lights for release on June 5, 2026, the studio said on Monday morning.",
    "Orla Finch has joined the cast of the sequel, which Mara Quill directs from a script of her own.",
    "The first film made two hundred million dollars and won two prizes at a festival in the south of France.",
)
#: Instead of this the page has the data of an article.
ARTICLE = object()


def page(
    headline: str,
    paragraphs: Sequence[str],
    *,
    published: str = "",
    modified: str = "",
    canonical: str = "/harbor-lights",
    head: str = "",
    more: str = "",
    data: object = ARTICLE,
) -> str:
    """The HTML of an article. `head` and `more` are HTML to add; `data` is JSON-LD, None for none."""
    if data is ARTICLE:
        times = {"datePublished": published, "dateModified": modified}
        data = {"@type": "NewsArticle", "headline": headline, **{key: text for key, text in times.items() if text}}
    linked = "" if data is None else f'<script type="application/ld+json">{json.dumps(data)}</script>'
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang=en><head>{head}<title>{headline} | Reel Talk</title>"
        f'<meta property="og:site_name" content="Reel Talk"><link rel=canonical href="{canonical}">{linked}'
        f"<style>p {{ color: red }}</style><script>let x = '<p>no</p>';</script></head>"
        f"<body><header><nav><ul><li><a href=/>Home</a></li><li><a href=/film>Film news of the day</a></li></ul></nav></header>"
        f"<main><article><h1>{headline}</h1><div class=byline>By A. Writer</div>{text}{more}</article>"
        f"<section id=comments class=comments><p>I heard it opens in July of 2029, says a reader never right.</p></section>"
        f"<aside class=related><h2>More news</h2><ul><li><a href=/old>Some Old Film Delayed to May 2, 2031</a></li></ul></aside>"
        f"</main><footer><p>All rights reserved by Reel Talk, a company of this town.</p></footer></body></html>"
    )
