"""From a feed's change to the alert: how long the real daemon takes once it was given the news.

    python tests/bench/latency.py

`watcher run` is a process, the feed's server and the webhook are another, and both ends are timed by that one's clock: from the
answer that brought the change to the alert that tells it. The feed is asked every second, and alerts wait for no company
(`group_wait = "0s"`). Each change is another date of the one title, told by a trade paper; each has to arrive, in words. All is
done twice: with this feed alone, and beside ten that take three seconds for each answer and are asked as often; what is told
should not wait for them. Printed are seconds, also those from the change itself, in which the wait for the next request is.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).parents[1]))

from manyfeeds import CONTEXT, TITLE, ManyFeeds, Post
from processes import Home
from spending import spend

#: The one feed of this bench, which told of the title before.
FEED = 0
FIRST = date(2027, 5, 7)
PATIENCE_S, SLOW_S = 60.0, 3.0


class Told(NamedTuple):
    """Seconds to an alert: from the answer that brought the news, and from its coming into the feed."""

    read: float
    published: float


@contextmanager
def daemon(home: Home) -> Iterator[None]:
    """`watcher run`, told to stop in the end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(home.command("run"), env=home.environ(), stdout=log, stderr=log)
        try:
            yield
        except TimeoutError as error:
            log.seek(0)
            raise SystemExit(f"{error}; the daemon said:\n{log.read().decode(errors='replace')}") from error
        finally:
            process.terminate()
            process.wait()


def until(what: Callable[[], float | None], why: str) -> float:
    """Ask until there is an answer.

    Raises:
        TimeoutError: there was none for a minute.
    """
    begun = time.monotonic()
    while (found := what()) is None:
        if time.monotonic() - begun > PATIENCE_S:
            raise TimeoutError(why)
        time.sleep(0.05)
    return found


def told(feeds: ManyFeeds, words: str, since: int) -> float | None:
    """When an alert with these words came, after so many."""
    posts: list[Post] = feeds.log(posts=since)[1]
    return next((post.at for post in posts if words in post.text), None)


def given(feeds: ManyFeeds, version: int, since: int) -> float | None:
    """When the first answer went out that had this version, after so many requests."""
    return next((request.at for request in feeds.log(requests=since)[0] if request.version == version), None)


def in_words(day: date) -> str:
    """A date as the news writes it, and as alerts do."""
    return f"{day:%B} {day.day}, {day.year}"


def change(feeds: ManyFeeds, number: int) -> Told:
    """One change, from its coming into the feed to the alert."""
    old, new = in_words(FIRST + timedelta(days=7 * number)), in_words(FIRST + timedelta(days=7 * (number + 1)))
    requests, posts = map(len, feeds.log())
    news = f"The studio has moved {TITLE}, with {CONTEXT}, from {old} to {new}."
    version, published = feeds.append(FEED, f"{TITLE} moves to {new}", news)
    alert = until(lambda: told(feeds, new, posts), f"nobody was told of {new}")
    answered = given(feeds, version, requests)
    assert answered is not None
    # Not always at the same point between two ticks.
    time.sleep(number * 0.37 % 1)
    return Told(read=alert - answered, published=alert - published)


def measure(changes: int, slow: int) -> list[Told]:
    """All changes, beside so many slow feeds."""
    with tempfile.TemporaryDirectory() as scratch, ManyFeeds(FEED + 1 + slow) as feeds:
        settings = feeds.settings(each='trust = "trade"\nevery = "1s"', policy='group_wait = "0s"')
        home = Home(Path(scratch), settings + f'[[notify]]\nname = "hook"\nurl = "{feeds.webhook}"\n')
        # Feeds that are new are asked one after the other; a first pass takes them all.
        spend(home.command("poll"), home.environ())
        feeds.latency(SLOW_S, range(FEED + 1, FEED + 1 + slow))
        with daemon(home):
            return [change(feeds, number) for number in range(changes)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--changes", type=int, default=24)
    parser.add_argument("--slow", type=int, default=10, help="how many slow feeds are beside it, the second time")
    args = parser.parse_args()
    print(f"seconds to the alert of {args.changes} changes          from the answer       from the change")
    print("                                            median   worst       median   worst")
    for slow in (0, args.slow):
        found = measure(args.changes, slow)
        line = f"{f'beside {slow} feeds that take {SLOW_S:g} s' if slow else 'a feed alone':40}"
        for several in ([one.read for one in found], [one.published for one in found]):
            line += f"  {statistics.median(several):8.2f}{max(several):8.2f}   "
        print(line.rstrip())


if __name__ == "__main__":
    main()
