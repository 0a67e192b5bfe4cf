"""Any text is read: to readings that hold, always to the same, and in time that grows no faster than the text."""

from __future__ import annotations

import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]  # no stubs; a pattern's shape is known nowhere else
from re import _parser as parser  # type: ignore[attr-defined]  # the same
from typing import Any

import pytest
from hypothesis import given, settings
from readings import MERIDIAN, OUTLETS
from wild import faults, items, new_reader

from watcher.model import Item, Precision, Title
from watcher.read import Reader
from watcher.read.grammar import languages
from watcher.read.reader import LONGEST_TEXT
from watcher.read.text import LONGEST

READER = new_reader()
HARBOR = Reader([Title(id="harbor", name="Harbor Lights", context=("Mira Solis",))], OUTLETS)
#: What hostile texts are made of where it matters most; `tests/bench/linear.py` has them all.
UNITS = (
    *("A", "a", "1", "Ab ", "“", "'", "(", ",", ", ", ". ", " ", "\n", "a-", "a'", "’s ", "é", "Ab & ", "Ab: Cd ", "2026 "),
    *(
        "Harbor Lights ",
        "“Harbor Lights” ",
        "Harbor Lights: ",
        "Harbor Lights 2 ",
        "May 7, 2026 ",
        "from May 7 to ",
        "next Friday ",
    ),
    *(
        "Mira Solis joins ",
        "Ada Quill and ",
        "Ada de ",
        "Ab, who is Cd, opens on May 7, and ",
        "the film ",
        "May 7: Ab Cd\n",
        "[(",
    ),
)


@given(items())
@settings(max_examples=150, deadline=None)
def test_whatever_the_text_a_reading_holds(item: Item) -> None:
    """Reading never fails, and its titles are watched, its sentences the item's own characters, its dates dates."""
    assert faults(item, READER.read(item), READER.explain(item)) == []


@given(items())
@settings(max_examples=60, deadline=None)
def test_reading_has_no_memory(item: Item) -> None:
    """A reader that has read much reads an item as one that has read nothing, and as often as it is asked."""
    first = READER.read(item)
    assert READER.read(item) == first
    assert new_reader().read(item) == first


@pytest.mark.parametrize(
    "text",
    [
        "Harbor Lights opens on Frİday.",
        "Harbor Lights opens two dayſ after its premiere on May 7, 2026.",
        "Harbor Lights opens over Preſidents Day weekend 2027.",
        "Harbor Lights opens in the fırst quarter of 2027.",
        "The ſecond Harbor Lights film opens on May 7, 2027.",
    ],
)
def test_letters_that_pass_for_others_are_no_error(text: str) -> None:
    """A word that is found only because an expression takes "ſ" for "s", and "ı" and "İ" for "i", is read as that word."""
    published = datetime(2026, 3, 2, 12, tzinfo=UTC)
    odd, plain = (
        HARBOR.read(Item(guid="a", title="News", body=body, published=published, precision=Precision.TIME))
        for body in (text, text.translate(str.maketrans("ſıİ", "sii")))
    )
    assert [claim.date for one in odd for claim in one.claims] == [claim.date for one in plain for claim in one.claims]


def test_what_lies_behind_the_longest_text_is_left_out() -> None:
    """Only the first characters of an endless text are read, so that none takes longer than the longest."""
    said = "The Glass Meridian opens in theaters on June 6, 2027. "
    behind = Item(guid="1", title="", body="x " * (LONGEST_TEXT // 2) + said)
    before = Item(guid="1", title="", body=said + "x " * LONGEST_TEXT)
    assert READER.read(behind) == ()
    assert [claim.sentence.start for reading in READER.read(before) for claim in reading.claims] == [0]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    """Eight times as much of one thing takes about eight times as long: a text that takes under a second is not asked again."""
    large = seconds(unit, 32_000)
    assert large < 1 or large < 24 * seconds(unit, 4000)


def seconds(unit: str, length: int) -> float:
    """Processor time of reading so many characters of one thing behind a title's name, the best of two."""
    item = Item(guid="1", title="Harbor Lights with Mira Solis", body=unit * (length // len(unit)))
    best = float("inf")
    for _ in range(2):
        started = time.process_time()
        HARBOR.read(item)
        best = min(best, time.process_time() - started)
    return best


# --- every regular expression ---


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern that the reader holds, in all its languages, by its expression."""
    reader = Reader([MERIDIAN], OUTLETS)
    for language in languages():
        reader.read(Item(guid="1", title="The Glass Meridian", body="Marta Quill on June 6.", language=language))
        reader._speaker(language)
    found: dict[str, re.Pattern[str]] = {}
    seen: set[int] = set()
    rest: list[Any] = [reader, *(vars(module) for name, module in sys.modules.items() if name.startswith("watcher.read"))]
    while rest:
        held = rest.pop()
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, re.Pattern):
            found[held.pattern] = held
        else:
            rest.extend(_parts(held))
    return found


def _parts(held: Any) -> Iterator[Any]:
    """What a container or an object of the reader holds."""
    if isinstance(held, dict):
        yield from held.values()
    elif isinstance(held, (list, tuple, set, frozenset)):
        yield from held
    elif type(held).__module__.startswith("watcher.read"):
        slots = [name for kind in type(held).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from (getattr(held, name) for name in (*getattr(held, "__dict__", ()), *slots) if hasattr(held, name))


def nests(tree: Any, *, inside: bool = False) -> bool:
    """Whether an endless repetition stands within an endless repetition, from which expressions blow up."""
    for code, value in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            endless = value[1] == codes.MAXREPEAT and not _is_parted(value[2])
            inner, within = [value[2]], inside or endless
            if endless and inside:
                return True
        else:
            inner, within = _inner(code, value), inside
        if any(nests(part, inside=within) for part in inner):
            return True
    return False


def _is_parted(body: Any) -> bool:
    """Whether what is repeated begins with a mark, as a hyphen and a word do: then it has only one way to match."""
    code, value = body[0]
    if code is codes.SUBPATTERN:
        return _is_parted(value[3])
    marks = value if code is codes.IN else [(code, value)]
    return all(kind is codes.LITERAL and not chr(mark).isalnum() and not chr(mark).isspace() for kind, mark in marks)


def _inner(code: Any, value: Any) -> list[Any]:
    """The expressions within a group, a choice or a look around."""
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    return [value[1]] if code in (codes.ASSERT, codes.ASSERT_NOT) else []


def test_no_expression_repeats_a_repetition_without_end() -> None:
    """No expression of the reader, of any language, can blow up: endless repetitions are nested only with a mark between."""
    assert len(patterns()) > 500
    assert [p for p, compiled in patterns().items() if nests(parser.parse(p, compiled.flags))] == []


def test_expressions_that_can_blow_up_are_seen() -> None:
    """The look for nested repetitions finds those that blow up, and lets the words with hyphens pass."""
    assert [nests(parser.parse(p)) for p in (r"(?:a+)+", r"(?:\w+\s*)*x", r"(?:(?:ab|c+)*d)*")] == [True] * 3
    assert not nests(parser.parse(r"\w+(?:['-]\w+)*"))


def test_every_expression_is_quick_on_the_longest_sentence() -> None:
    """No expression takes long to go through a sentence of the greatest length, whatever it is made of."""
    texts = [unit * (LONGEST // len(unit)) for unit in UNITS]
    for compiled in patterns().values():
        # A phrase of the lexicon is tried only where its first word stands.
        phrase = compiled.pattern.startswith(r"(?<!\w)") and compiled.pattern.endswith(r"(?!\w)")
        started = time.process_time()
        for text in texts:
            deque([compiled.match(text)] if phrase else compiled.finditer(text), maxlen=0)
        assert time.process_time() - started < 2, compiled.pattern
