"""Reads wild texts for so many minutes, and shows every one that does not hold.

    python tests/bench/fuzz.py 5            # five minutes, from a seed that it prints
    python tests/bench/fuzz.py 5 12345      # the same texts again

A text is of the pieces of `tests/wild.py` and `tests/hostile.py`, and of any other characters. A fault is an error, a reading
that does not hold or is not the same when read again, and a text that takes a second longer than one for each 10,000
characters. Ends with 1 if there is any.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from hostile import NEWS
from wild import DATES, LEXICON, MARKS, NAMES, faults, new_reader

from watcher.model import Item, Precision
from watcher.read.grammar import languages

READER = new_reader()
KINDS = (NAMES, DATES, MARKS, LEXICON, NEWS)
#: Processor time in seconds for each character; so slow is no text of the news.
SLOW = 1e-4


def draw(dice: random.Random) -> Item:
    """A wild item."""
    many = dice.choice((5, 40, 400))
    kinds = dice.choices(KINDS, k=dice.randint(1, 4))
    pieces = [dice.choice(dice.choice(kinds)) * dice.choice((1, 1, 1, dice.randint(1, 60))) for _ in range(many)]
    pieces += [chr(dice.randrange(0x110000)) for _ in range(dice.choice((0, 0, 20)))]
    dice.shuffle(pieces)
    body = dice.choice((" ", "", "\n")).join(pieces)
    day = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(days=dice.randint(-4000, 4000))
    return Item(
        guid="1",
        title=dice.choice(("", dice.choice(NAMES), " ".join(pieces[:8]))),
        body=f"{dice.choice(NAMES)} {body}",
        published=dice.choice((None, day)),
        precision=dice.choice(list(Precision)),
        language=dice.choice([None, *languages()]),
    )


def fault(item: Item) -> str:
    """What is wrong with the reading of an item; empty where nothing is."""
    started = time.process_time()
    try:
        readings = READER.read(item)
        took = time.process_time() - started
        found = faults(item, readings, READER.explain(item))
        if READER.read(item) != readings:
            found.append("read again it gives something else")
    except Exception:  # noqa: BLE001 - whatever is raised is what is looked for
        return traceback.format_exc()
    if took > 1 + SLOW * len(item.text):
        found.append(f"it takes {took:.1f} s for {len(item.text)} characters")
    return "\n".join(found)


def main() -> int:
    """Read until the time is over."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    dice, end = random.Random(seed), time.monotonic() + minutes * 60
    read = characters = found = claims = 0
    while time.monotonic() < end:
        item = draw(dice)
        read, characters = read + 1, characters + len(item.text)
        said = fault(item)
        claims += sum(len(reading.claims) for reading in READER.read(item)) if not said else 0
        if said:
            found += 1
            print(f"text {read}:\n{item!a}\n{said}\n")
    print(f"{read} texts, {characters:,} characters, {claims} claims, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
