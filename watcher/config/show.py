"""The settings in force as TOML, with the secrets masked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from watcher.config.settings import TERMINAL, Config
from watcher.model import Feed, Known, Target, Title

_MASK = "***"
_SECRET_NAME = re.compile(r"([?&;][^=&;]*(?:auth|key|pass|pwd|secret|sig|token)[^=&;]*=)[^&;]*", re.IGNORECASE)
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def show_config(config: Config) -> str:
    """The settings as the text of a configuration file: what was left out stands there with its default.

    Read back, it makes the same settings but for what is masked: addresses of alerts, and passwords in other addresses.
    """
    tables = [
        _lines("[watcher]", _general(config)),
        _lines("[fetch]", {
            "every": _duration(config.every),
            "allow_addresses": [str(network) for network in config.allow_addresses],
            "proxy": config.proxy and masked_url(config.proxy),
            "article_pages": config.article_pages,
            "not": [masked_url(url) for url in config.refused],
        }),
        _lines("[policy]", {
            "fresh_for": _duration(config.policy.fresh_for.total_seconds()),
            "group_wait": _duration(config.policy.group_wait.total_seconds()),
            "confirm_origins": config.policy.confirm_origins,
        }),
        *(_title(title) for title in config.titles),
        *(_feed(feed, config) for feed in config.feeds),
        *(_target(target) for target in config.targets),
    ]  # fmt: skip
    return "\n\n".join(tables) + "\n"


def masked_url(url: str) -> str:
    """A web address without the secrets it may hold: user, password, and tokens among its parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _MASK
    user, at, host = parts.netloc.rpartition("@")
    query = _SECRET_NAME.sub(rf"\1{_MASK}", f"?{parts.query}")[1:]
    return urlunsplit((parts.scheme, f"{_MASK}@{host}" if at else user + host, parts.path, query, ""))


def _general(config: Config) -> dict[str, object]:
    return {
        "timezone": config.timezone,
        "language": config.language,
        "regions": config.regions,
        "contact": config.contact,
        "state": config.state and str(config.state),
        "keep": _duration(config.keep.total_seconds()),
        "publish": config.publish and str(config.publish),
        "ping": config.ping and f"{urlsplit(config.ping).scheme}://{_MASK}",
        "builtin_titles": config.builtin_titles,
        "builtin_feeds": config.builtin_feeds,
    }


def _title(title: Title) -> str:
    header = "# built in\n[[title]]" if title.builtin else "[[title]]"
    table = _lines(header, {
        "name": title.name,
        "aliases": title.aliases,
        "context": title.context,
        "not": title.exclusions,
        "origin": title.origin,
    })  # fmt: skip
    entries = [f"  {{ {', '.join(pairs(known_table(entry)))} }}," for entry in title.known]
    return "\n".join([table, "known = [", *entries, "]"]) if entries else table


def known_table(entry: Known) -> dict[str, object]:
    """A known value with those keys that say something for its kind."""
    if entry.release is not None:
        said: dict[str, object] = {"release": str(entry.release), "type": str(entry.type), "region": entry.region}
    else:
        said = {"person": entry.person, "job": entry.job, "role": entry.role, "status": str(entry.status)}
    return {**said, "on": entry.on, "outlet": entry.outlet, "url": entry.url, "pin": entry.pin or None}


def _feed(feed: Feed, config: Config) -> str:
    outlet = config.outlets.outlet(feed.outlet)
    return _lines("[[feed]]", {
        "url": masked_url(feed.url),
        "outlet": outlet.name,
        "trust": str(outlet.trust),
        "every": None if feed.every is None else _duration(feed.every),
    })  # fmt: skip


def _target(target: Target) -> str:
    if target.url is None:
        return "# Alerts go to the terminal." if target == TERMINAL else f"# {json.dumps(target.name)} is the terminal."
    return _lines("[[notify]]", {
        "name": target.name,
        "url": f"{target.url.partition('://')[0]}://{_MASK}",
        "on": target.on,
        "titles": target.titles or None,
        "regions": target.regions or None,
        "min_confidence": str(target.min_confidence),
        "quiet_hours": target.quiet_hours and "-".join(_clock(minute) for minute in target.quiet_hours),
        "digest": None if target.digest is None else _clock(target.digest),
        "milestones": target.milestones,
        "on_unknown": "hold" if target.hold_unknown else "resend",
        "priority": dict(target.priority) or None,
    })  # fmt: skip


def _lines(header: str, settings: Mapping[str, object]) -> str:
    return "\n".join([header, *pairs(settings)])


def pairs(settings: Mapping[str, object]) -> list[str]:
    """The settings as lines of TOML; what is None is left out."""
    return [f"{key} = {toml_value(value)}" for key, value in settings.items() if value is not None]


def toml_value(value: object) -> str:
    """A value in TOML. A string of JSON is one of TOML too, but for the delete character."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(pairs(value))} }}"
    if isinstance(value, date):
        value = value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007F")


def _duration(seconds: float) -> str:
    unit, length = next((name, length) for name, length in _UNITS if seconds >= length or length == 1)
    while seconds % length:
        unit, length = _UNITS[_UNITS.index((unit, length)) + 1]
    return f"{int(seconds // length)}{unit}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
