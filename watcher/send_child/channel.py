"""A service behind a URL, and a message as it suits that service: long or short, with a link to tap, verbatim."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any

import apprise
from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.ntfy import NotifyNtfy
from requests.utils import requote_uri

from watcher.send_child import mail

_ID_HEADER = "X-Watcher-Id"
_TAP_HEADER = "X-Click"

#: Where a plugin keeps the link that a tap on its message opens. Apprise has a name for it per service.
_TAPS = ("click", "click_url", "supplemental_url", "href", "link")

#: Pushover takes no longer link, and refuses the whole message for it.
_TAP_LIMIT = 512

#: Services that draw Markdown in what Apprise sends them as text.
_DRAWERS = frozenset({"NotifyDiscord", "NotifyGuilded", "NotifyFluxer", "NotifyMattermost", "NotifyRyver", "NotifyNextcloudTalk"})
_LINK = re.compile(r"(https?://\S+)")
_DRAWN = re.compile(r"[\\*_~|`\[\]<]|&(?=#?\w+;)|^[#>+=-](?=[\s#>=-]|$)|(?<=^\d)[.)](?=\s)", re.MULTILINE)

#: Between title and body where a service has one field for both, and what marks the title in it.
_JOINT = 4

#: Ends a message that is not whole.
_CUT = "… (cut to fit)"

#: ntfy makes a file of a longer text, or refuses it where it keeps no files: bytes of UTF-8. Apprise does the same by the
#: characters of JSON, of which there are up to three for a byte.
_NTFY_LIMIT = 4096
_NTFY_JSON = 6500

#: More than any message has.
_ENDLESS = 1_000_000


def service(url: str) -> apprise.Apprise:
    """Apprise with the service behind a URL in it; empty where it finds none, or cannot use all that the text names."""
    asset = apprise.AppriseAsset(
        app_id="watcher",
        app_desc="watcher",
        app_url="",
        # Else each phone fetches Apprise's own icon from a third party.
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        storage_mode="memory",
        service_timeout=0,
    )
    found = apprise.Apprise(asset=asset)
    return found if found.add(url) else apprise.Apprise(asset=asset)


def problem(found: apprise.Apprise) -> str | None:
    """Why this cannot be sent to, without the URL; None if it can."""
    plugins = list(found)
    if not plugins:
        return "Apprise does not know this kind of address, or a part of it is missing or misspelt"
    if (recipients := sum(_recipients(plugin) for plugin in plugins)) > 1:
        # Apprise gives one result for all of them: a retry would go again to those who have it already.
        return f"it names {recipients} recipients; write one [[notify]] for each"
    return None


def _recipients(plugin: apprise.NotifyBase) -> int:
    copies = len(plugin.cc) + len(plugin.bcc) if isinstance(plugin, NotifyEmail) else 0
    return len(plugin) // (plugin.retry + 1) + copies  # Apprise counts what it would send at the worst


def settle(plugin: apprise.NotifyBase, request: dict[str, Any]) -> None:
    """Fix what a URL's own parameters could set otherwise: one try, no redirect, a cut rather than several posts.

    A redirected POST arrives as a GET without its body, and Apprise calls that success. `optional` calls every failure success.
    How long to wait for an answer is the parent's to say: it alone knows afterwards that the message may have arrived. A mail
    server that never says a word is given up before that, while we still know that nothing left.
    """
    plugin.redirects = False
    plugin.retry = 0
    plugin.optional = False
    plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
    plugin.socket_read_timeout = request["timeout"]
    if isinstance(plugin, NotifyEmail | NotifyJSON | NotifyXML | NotifyForm):
        plugin.headers[_ID_HEADER] = request["id"]
    if isinstance(plugin, NotifyEmail):
        plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, request["timeout"] / 2)
        mail.settle(plugin)
    elif isinstance(plugin, NotifyJSON | NotifyXML | NotifyForm):
        _add_fields(plugin, {"id": request["id"], "link": request["link"]})


def _add_fields(plugin: NotifyJSON | NotifyXML | NotifyForm, fields: dict[str, str | None]) -> None:
    """Give a webhook fields beside title and message, under names that the user's own ``:key=value`` have not taken."""
    taken = {name for pair in plugin.payload_extras.items() for name in pair}
    taken.update(getattr(plugin, "payload_map", {}).values())
    added = {name: text for name, text in fields.items() if text and name not in taken}
    plugin.payload_extras.update(added)
    if isinstance(plugin, NotifyXML):
        plugin.xsd_url = None  # the schema that Apprise names knows no more fields


def tap(plugin: apprise.NotifyBase, link: str | None) -> dict[str, str]:
    """Have a tap on the message open its article, where the service can and the URL names no link of its own.

    Returns headers to send instead of the plugin's: ntfy's would quote a second time what is quoted in the link.
    """
    name = next((name for name in _TAPS if hasattr(plugin, name)), None)
    if link is None or name is None or getattr(plugin, name) or len(link) > _TAP_LIMIT:
        return {}
    setattr(plugin, name, link)
    return {_TAP_HEADER: requote_uri(link)}


def parts(plugin: apprise.NotifyBase, request: dict[str, Any]) -> dict[str, Any]:
    """Title, body and their format, as `Apprise.notify` takes them."""
    text, html = apprise.NotifyFormat.TEXT, apprise.NotifyFormat.HTML
    title, body, link = request["title"], request["body"], request["link"]
    if isinstance(plugin, NotifyEmail):
        if request["html"] and plugin.resolve_format(html) is html:
            return {"title": title, "body": request["html"], "body_format": html}
        return {"title": title, "body": request["letter"] or body, "body_format": text}
    if plugin.resolve_format(text) is apprise.NotifyFormat.MARKDOWN:
        # Apprise would put backslashes into links, too, so that a tap on one leads nowhere.
        text, body, link = apprise.NotifyFormat.MARKDOWN, undrawn(body, tied=True), link and undrawn(link, tied=True)
        title = title if plugin.title_maxlen else undrawn(title)
    elif type(plugin).__name__ in _DRAWERS:
        title, body = undrawn(title), undrawn(body)
    if 0 < plugin.title_maxlen < len(title):
        body = f"{title}\n{body}"
    longest, has_title, size = _measure(plugin, text)
    title, body = fit(title, body, link, longest=longest, has_title=has_title, size=size)
    return {"title": title, "body": body, "body_format": text}


def _measure(plugin: apprise.NotifyBase, written: apprise.NotifyFormat) -> tuple[int, bool, Callable[[str], int]]:
    """How long a body may be for a service, whether a title does not count, and how a text's length does.

    Apprise cuts what it made of a text in the middle of a word or a tag, so nothing is left to it to cut.
    """
    longest, has_title = int(plugin.body_maxlen), plugin.title_maxlen > 0
    if isinstance(plugin, NotifyNtfy):
        return _NTFY_LIMIT, has_title, lambda text: max(len(text.encode()), len(json.dumps(text)) * _NTFY_LIMIT // _NTFY_JSON)
    form = plugin.resolve_format(written)
    if form is apprise.NotifyFormat.HTML:
        # The service counts what is shown, as UTF-16 has it; Apprise all that it wrote for it.
        plugin.body_maxlen = _ENDLESS
        return longest, has_title, lambda text: len(text.encode("utf-16-le")) // 2 + text.count("\n")
    if plugin.overflow_amalgamate_title:
        longest, has_title = longest - plugin.overflow_max_display_count_width, False
    return longest, has_title, _escaped_length if form is apprise.NotifyFormat.MARKDOWN else len


def _escaped_length(text: str) -> int:
    """The length of a text for a service that has it escaped."""
    return len(escape(text, quote=False))


def fit(
    title: str, body: str, link: str | None, *, longest: int, has_title: bool, size: Callable[[str], int] = len
) -> tuple[str, str]:
    """A message for a service that takes so many characters: whole lines, as many as fit, a word that it is cut, and the link.

    Where not even the link fits beside the title, the title stands alone. `has_title` says that it does not count, `size` how
    long a text is.
    """
    room = longest if has_title or not title else longest - size(title) - _JOINT
    if size(body) <= room:
        return title, body
    kept = ""
    for line in body.splitlines():
        longer = f"{kept}\n{line}" if kept else line
        if size(_ended(longer, link)) > room:
            break
        kept = longer
    if not kept and link and size(link) <= room:
        return title, link
    if not kept:
        return (title, body) if has_title else ("", title)
    return title, _ended(kept, link)


def _ended(kept: str, link: str | None) -> str:
    """What is left of a body, with the link if that is not in it, and a word that it was cut."""
    return "\n".join((kept.rstrip(), *([link] if link and link not in kept else ()), _CUT))


def undrawn(text: str, *, tied: bool = False) -> str:
    """Text in which a reader of Markdown finds none: what would be drawn has a backslash before it. Links stay as they are.

    `tied` is for those who find no bare link and no end of a line: links and line ends are written as Markdown has them.
    """
    parts = _LINK.split(text)
    for number, part in enumerate(parts):
        if number % 2 == 0:
            parts[number] = _escaped(part).replace("\n", "  \n") if tied else _escaped(part)
        elif tied:
            parts[number] = f"[{_escaped(part)}]({part.replace(')', '%29').replace('(', '%28')})"
    return "".join(parts)


def _escaped(text: str) -> str:
    return _DRAWN.sub(lambda found: f"\\{found.group()}", text)
