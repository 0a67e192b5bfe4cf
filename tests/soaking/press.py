"""The feeds and pages of a simulated year, as a real server gives them at that hour; and the log of who asked for what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape

from feedserver import Answer, Asked, Entry, FeedServer, as_answered, redirect, rss

from soaking.script import Article, Paper, Script
from soaking.weather import Weather
from soaking.words import filler

#: So many items stand in a feed.
_HELD = 40

#: What a server wants that asks us to wait, in seconds; and how long one thinks that is slow, in real seconds.
WAIT_S, _SLOW_S = 9000, 0.2

#: What a page has beside its news: of nobody who is watched.
_REST = (
    "The weather on the coast was kind this week, and the ferries ran on time. Our readers wrote to us about the price of "
    "popcorn and about seats that creak. We thank all of them and answer on Saturday, as we always do, with a cup of tea."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log, at the true time: what was asked with which validator, how it was answered, how wrong the clock was.

    `doubtful`: it may be that nothing of it could be kept.
    """

    at: datetime
    path: str
    status: int
    sent: str | None
    given: str | None
    wish: int | None = None
    offset: timedelta = timedelta(0)
    doubtful: bool = False


class Press:
    """The papers of a script. `now` says what time it truly is; `served` is when each article's news was first given out.

    While it `is_doubtful` whether that can be kept (the daemon is being killed, its disk is full) it goes into `doubtful`.
    """

    def __init__(self, server: FeedServer, script: Script, weather: Weather, now: Callable[[], datetime]) -> None:
        self._server, self._script, self._weather, self._now = server, script, weather, now
        self.log: list[Line] = []
        self.served: dict[str, datetime] = {}
        self.doubtful: dict[str, datetime] = {}
        self.is_doubtful = False
        self._articles: dict[int, list[Article]] = {paper.number: [] for paper in script.papers}
        for article in script.articles:
            self._articles[article.feed].append(article)
        self._times = {number: [a.at for a in several] for number, several in self._articles.items()}
        self._made: dict[int, tuple[str, bytes]] = {}
        self.urls = {p.number: server.answer(f"/feed{p.number}", partial(self._feed, p)) for p in script.papers}
        for paper in script.papers:
            server.answer(f"/feed{paper.number}-new", partial(self._new, paper))
        for article in script.articles:
            if article.text:
                server.answer(f"/page/{article.guid}", partial(self._page, article))

    def _feed(self, paper: Paper, asked: Asked) -> Answer:
        """One answer of a feed, as it is then."""
        now = self._now()
        if paper.gone is not None and now >= paper.gone:
            answer = Answer(status=410)
        elif paper.moved is not None and now >= paper.moved:
            answer = redirect(self._server.url(f"/feed{paper.number}-new"), 301)
        else:
            answer = self._weathered(paper, now)
        return self._kept(asked, as_answered(answer, asked), paper, now)

    def _new(self, paper: Paper, asked: Asked) -> Answer:
        """A feed where it has moved to."""
        now = self._now()
        return self._kept(asked, as_answered(self._document(paper, now), asked), paper, now)

    def _weathered(self, paper: Paper, now: datetime) -> Answer:
        spell = next((spell for spell in self._weather.feeds[paper.number] if now in spell), None)
        good = self._document(paper, now)
        kind = spell.kind if spell else ""
        asked_to_wait = {"Retry-After": str(WAIT_S)}
        return {
            "500": Answer(status=500),
            "403": Answer(status=403),
            "503": Answer(status=503, headers=asked_to_wait),
            "429": Answer(status=429, headers=asked_to_wait),
            "hangs-up": Answer(close=True),
            "cut": replace(good, cut=len(good.body) // 2, etag=None),
            "page": Answer(b"<html><title>Sign in</title><p>Please sign in.</html>", content_type="text/html"),
            "slow": replace(good, pause=_SLOW_S),
            "away": redirect(self._server.url(f"/feed{paper.number}-new"), 302),
        }.get(kind, good)

    def _document(self, paper: Paper, now: datetime) -> Answer:
        """The feed with what stands in it now."""
        held = self._held(paper, now)
        tag = f'"{len(self._times[paper.number][: bisect_right(self._times[paper.number], now)])}'
        tag += f'-{sum(a.edited is not None and a.edited <= now for a in held)}"'
        if self._made.get(paper.number, ("", b""))[0] != tag:
            self._made[paper.number] = tag, rss(*(self._entry(a, now) for a in reversed(held)), title=paper.outlet)
        body = self._made[paper.number][1]
        return Answer(body, etag=tag if paper.validators else None, date=format_datetime(now, usegmt=True))

    def _held(self, paper: Paper, now: datetime) -> list[Article]:
        until = bisect_right(self._times[paper.number], now)
        return self._articles[paper.number][max(until - _HELD, 0) : until]

    def _entry(self, article: Article, now: datetime) -> Entry:
        text = article.text or filler(article.guid, 3)
        if article.edited is not None and article.edited <= now:
            text += " This story was updated."
        return Entry(
            article.headline or filler(article.guid, 1)[:80],
            f"<p>{escape(text)}</p>",
            guid=article.guid,
            link=self._server.url(f"/page/{article.guid}"),
            published=format_datetime(article.at),
        )

    def _page(self, article: Article, asked: Asked) -> Answer:
        """The page behind an item: the same, and more of it."""
        now = self._now()
        text = article.page or article.text
        told = f"<h1>{escape(article.headline)}</h1><p>{escape(text)}</p><p>{escape(_REST)}</p>"
        answer = Answer(f"<html><body><article>{told}</article></body></html>".encode(), content_type="text/html; charset=utf-8")
        if article.page:
            self._given(article, now)
        self._note(asked, answer, now)
        return answer

    def _kept(self, asked: Asked, answer: Answer, paper: Paper, now: datetime) -> Answer:
        """The answer, and what it gave out noted."""
        self._note(asked, answer, now)
        if _is_document(answer):
            for article in self._held(paper, now):
                if article.tells is not None and not article.page:
                    self._given(article, now)
        return answer

    def _given(self, article: Article, now: datetime) -> None:
        (self.doubtful if self.is_doubtful else self.served).setdefault(article.guid, now)

    def _note(self, asked: Asked, answer: Answer, now: datetime) -> None:
        wish = answer.headers.get("Retry-After")
        is_broken = answer.status == 200 and not _is_document(answer) and not asked.path.startswith("/page/")
        self.log.append(
            Line(
                at=now,
                path=asked.path,
                status=0 if is_broken else answer.status,
                sent=asked.headers.get("if-none-match"),
                given=answer.etag,
                wish=int(wish) if wish else None,
                offset=self._weather.offset(now),
                doubtful=self.is_doubtful,
            )
        )


def _is_document(answer: Answer) -> bool:
    """Whether this is a feed, and all of it."""
    return answer.status == 200 and not answer.close and answer.cut is None and answer.content_type != "text/html"
