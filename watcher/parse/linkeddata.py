"""What a page says of itself for machines: JSON-LD with the words of schema.org (https://schema.org/NewsArticle, /Movie)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.clean import clean_text
from watcher.edtf import Edtf
from watcher.errors import DateError
from watcher.model import Work
from watcher.untag import strip_tags

#: Objects of one page that are looked at, and films and people of one film that are kept.
OBJECTS_LIMIT, WORKS_LIMIT, PEOPLE_LIMIT = 3_000, 10, 30
TEXT_LIMIT = 300

Object = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The article that a page says it is; times as they stand there. A field that is missing is empty."""

    headline: str = ""
    published: str = ""
    modified: str = ""


def objects(texts: Iterable[str]) -> list[Object]:
    """All objects in these JSON texts, outer before inner, in their order. A text that is no JSON is passed over."""
    found: list[Object] = []
    for text in texts:
        try:
            root = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        waiting: list[object] = [root]
        while waiting and len(found) < OBJECTS_LIMIT:
            one = waiting.pop()
            if isinstance(one, dict):
                found.append(one)
                waiting += reversed(list(one.values()))
            elif isinstance(one, list):
                waiting += reversed(one)
    return found


def article(among: Sequence[Object]) -> Article:
    """The first article among the objects that has a headline or a date; the page itself where there is none."""
    for wanted in (_is_article, _is_page):
        for one in among:
            held = Article(
                headline=_text(one.get("headline")) or (_text(one.get("name")) if wanted is _is_article else ""),
                published=_text(one.get("datePublished")),
                modified=_text(one.get("dateModified")),
            )
            if wanted(one) and (held.headline or held.published):
                return held
    return Article()


def works(among: Sequence[Object]) -> tuple[Work, ...]:
    """The films that the objects describe, each once."""
    found = (
        Work(
            name=name,
            date=_day(_text(one.get("datePublished"))),
            actors=_people(one.get("actor") or one.get("actors")),
            directors=_people(one.get("director") or one.get("directors")),
        )
        for one in among
        if "Movie" in _types(one) and (name := _text(one.get("name")))
    )
    return tuple(dict.fromkeys(found))[:WORKS_LIMIT]


def _types(one: Object) -> list[str]:
    """The types of an object without the vocabulary's address."""
    kinds = one.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)]


def _is_article(one: Object) -> bool:
    return any(name.endswith(("Article", "Posting")) for name in _types(one))


def _is_page(one: Object) -> bool:
    return any(name.endswith("Page") for name in _types(one))


def _text(value: object) -> str:
    """A short text, cleaned; what is too long for a name or a time is none."""
    if not isinstance(value, str) or len(value) > 4 * TEXT_LIMIT:
        return ""
    return clean_text(strip_tags(value, limit=TEXT_LIMIT), limit=TEXT_LIMIT)


def _day(text: str) -> Edtf | None:
    """A whole day; None for less. The first of January is what databases write for a year alone."""
    try:
        date = Edtf(text[:10])
    except DateError:
        return None
    return date if date.is_day and not text.startswith(f"{text[:4]}-01-01") else None


def _people(value: object) -> tuple[str, ...]:
    """The names of persons, given as objects, as texts, or as one of either."""
    several = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(name for name in map(_name, several[:PEOPLE_LIMIT]) if name))


def _name(person: object) -> str:
    return _text(person.get("name")) if isinstance(person, dict) else _text(person)
