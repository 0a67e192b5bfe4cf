"""The processes that parse and send: whether the system lets them start within their limits."""

from __future__ import annotations

from watcher.cli import common, compose
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.errors import ParseError
from watcher.sandbox import Sandbox
from watcher.send import Sender

SECTION = "processes"
PARSING = Matter(SECTION, "parsing")
SENDING = Matter(SECTION, "sending")
_FEED = b'<rss version="2.0"><channel><title>A check</title><item><title>One</title></item></channel></rss>'
_DO = "look at the limits of memory and processes: systemctl show watcher -p MemoryMax,TasksMax; ulimit -a"


async def check_parsing() -> list[Verdict]:
    """Parse a small feed in a child."""
    async with Sandbox() as sandbox:
        try:
            await sandbox.feed(_FEED, content_type="application/rss+xml", url="https://feed.invalid/", now=common.now())
        except ParseError as error:
            return [PARSING.broken(f"A small feed {error}.", _DO)]
    return [PARSING.well("The process that parses starts.")]


async def check_sending() -> list[Verdict]:
    """Start a child that could send."""
    async with Sender(terminal=compose.to_stderr) as sender:
        if not await sender.starts():
            return [SENDING.broken("The process that sends does not start: nobody can be told.", _DO)]
    return [SENDING.well("The process that sends starts.")]
