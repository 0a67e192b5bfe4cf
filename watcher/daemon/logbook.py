"""What a pass did, for the log. Addresses of targets never stand here, and feed text was cleaned before it was stored.

Whoever keeps the log as records (journald, JSON) finds in each which feed or target it is about: `feed`, `target`, `delivery`.
"""

from __future__ import annotations

import logging

from watcher.engine import Tick
from watcher.follow import Followed
from watcher.polling import Polled
from watcher.sending import Sent

log = logging.getLogger("watcher")


def report(tick: Tick) -> None:
    """Write down what a tick did: what failed as a warning, what is news as information, and nothing of what brought none."""
    for polled in tick.polled:
        _polled(polled)
    for followed in tick.followed:
        _followed(followed)
    for sent in tick.sent:
        _sent(sent)


def _polled(polled: Polled) -> None:
    outlet = polled.feed.outlet
    about = {"feed": outlet}
    if polled.moved_to is not None:
        log.warning("%s: the feed has moved for good, and is asked at its new address", outlet, extra=about)
    if polled.error is not None:
        log.warning("%s: %s", outlet, polled.error, extra=about)
    elif polled.learned.named:
        log.info("%s: %d new items, %d about a title", outlet, polled.learned.new, polled.learned.named, extra=about)


def _followed(followed: Followed) -> None:
    if followed.error is not None:
        log.info("%s: %s", followed.page.host, followed.error)


def _sent(sent: Sent) -> None:
    about = {"target": sent.target, "delivery": sent.message.id}
    why, title = sent.receipt.detail, sent.message.title
    if sent.receipt.outcome == "sent":
        log.info("sent to %s: %s", sent.target, title, extra=about)
    elif sent.given_up:
        log.error("given up for %s (%s); see: watcher notify list: %s", sent.target, why, title, extra=about)
    else:
        log.warning("not sent to %s (%s), will be tried again: %s", sent.target, why, title, extra=about)
