"""Makes README's pictures: what a terminal shows as SVG, the page by a headless Chromium.

    python .ci/pictures.py [DIRECTORY]

The demo's story is played up to a day before the film opens, into a store of its own. Then the real daemon runs on it with its
clock set to that day, and is asked and photographed. Needs the test extra and Debian's `chromium`; without Chromium only the
terminal is drawn.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from watcher import catalogue
from watcher.cli import common
from watcher.cli.demo import opened
from watcher.demo.play import play
from watcher.demo.server import Newsroom
from watcher.demo.settings import config_text
from watcher.demo.story import load_story

HERE = Path(__file__).parent / "pictures"
#: The moment that the pictures show, 14:05 where the demo's user lives.
MOMENT = datetime(2025, 5, 1, 18, 5, tzinfo=UTC)
#: As a man page would be read.
COLUMNS = 84
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: What is photographed in a terminal: the file's name, and the words after `watcher`.
SHOTS = {
    "status": ("status",),
    "why": ("why", "ballerina", "release"),
    "items": ("items", "--limit", "5"),
}
#: Of the page: the file's name, width and height of the window in CSS pixels, light or dark.
PAGES = {"page-light": (1040, 1120, "light"), "page-dark": (1040, 1120, "dark"), "page-phone": (390, 980, "light")}

_INK, _PAPER = (27, 30, 35), (250, 250, 248)
_THEME = TerminalTheme(
    _PAPER,
    _INK,
    [_INK, (176, 42, 55), (34, 110, 60), (138, 90, 0), (11, 87, 176), (120, 60, 140), (0, 110, 120), (90, 97, 107)],
)
#: Rich's own frame fetches a font from elsewhere; this one asks nobody.
_FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#fafaf8" stroke="#dfe2e6" />
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_TITLE_BAR = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A daemon that runs at the moment shown, on a store that was filled up to it."""

    path: Path

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.path / "config.toml"

    @property
    def site(self) -> Path:
        """Where it publishes."""
        return self.path / "site"

    def command(self, *words: str) -> list[str]:
        """A verb, asked at that moment."""
        return [sys.executable, "-m", "watcher", "--config", str(self.config), *words]

    def environ(self) -> dict[str, str]:
        """What moves the clock of a process to that moment, from where it runs on."""
        found = find_spec("libfaketime")
        assert found is not None
        assert found.origin is not None
        library = Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
        clock = {"LD_PRELOAD": str(library), "FAKETIME": f"@{MOMENT:%Y-%m-%d %H:%M:%S}", "DONT_FAKE_MONOTONIC": "1"}
        seen = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | clock | seen

    def shown(self, *words: str) -> str:
        """What a verb shows in a terminal, with its colours."""
        words = ("script", "-qec", " ".join(self.command(*words)), "/dev/null")
        told = subprocess.run(words, env=self.environ(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        return told.stdout.replace("\r\n", "\n").rstrip()


@contextmanager
def stage(path: Path) -> Iterator[Stage]:
    """Fill a store, start the daemon on it, and wait until it has asked its feeds and published."""
    here = Stage(path=path)
    here.site.mkdir()
    story = load_story()
    story = replace(story, ends=MOMENT, articles=tuple(article for article in story.articles if article.at < MOMENT))
    title = catalogue.builtin().titles[0]
    with Newsroom(story) as newsroom:
        text = config_text(newsroom, title, path).replace("state =", f'publish = "{here.site}"\nstate =')
        here.config.write_text(text, encoding="utf-8")
        asyncio.run(_fill(here.config, newsroom))
        with (path / "log").open("wb") as log:
            daemon = subprocess.Popen(here.command("run"), env=here.environ(), stdout=log, stderr=log)
        try:
            _until(lambda: len(list(here.site.iterdir())) >= len(("page", "calendar", "changes", "status")))
            yield here
        finally:
            daemon.terminate()
            daemon.wait()


async def _fill(path: Path, newsroom: Newsroom) -> None:
    async with opened(common.load(str(path)), newsroom) as engine:
        async for _ in play(engine, newsroom):
            pass


def _until(is_so: object, *, seconds: float = 60) -> None:
    """Wait for something.

    Raises:
        TimeoutError: it does not come.
    """
    assert callable(is_so)
    end = monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            raise TimeoutError("the daemon has published nothing")
        sleep(0.1)


def draw(title: str, shown: str) -> str:
    """A terminal's text as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ {title}\n{shown}"))
    return _lower(console.export_svg(title=title, theme=_THEME, code_format=_FRAME, unique_id="shot"))


def _lower(svg: str) -> str:
    """The picture without the room that rich leaves above for a window's title."""
    box = _BOX.search(svg)
    assert box is not None
    height = float(box[2]) - _TITLE_BAR
    svg = svg.replace(box[0], f'viewBox="0 {_TITLE_BAR} {box[1]} {height}"')
    return svg.replace(f'<rect width="{box[1]}" height="{box[2]}"', f'<rect y="{_TITLE_BAR}" width="{box[1]}" height="{height}"')


def photograph(browser: Browser, page: Path, to: Path, *, size: tuple[int, int], scheme: str) -> None:
    """What a window of this size shows of the page first, as a PNG."""
    window: ViewportSize = {"width": size[0], "height": size[1]}
    sight = browser.new_page(viewport=window, color_scheme="dark" if scheme == "dark" else "light")
    # The page says how old it is; at the moment that is shown it is new.
    sight.clock.install(time=MOMENT)
    sight.goto(page.as_uri())
    sight.screenshot(path=to)
    sight.close()


def main(to: Path) -> None:
    """All pictures, into a directory."""
    to.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="pictures-") as scratch, stage(Path(scratch)) as here:
        for name, words in SHOTS.items():
            (to / f"{name}.svg").write_text(draw(" ".join(("watcher", *words)), here.shown(*words)), encoding="utf-8")
        if CHROMIUM is None:
            sys.stderr.write("no Chromium here: the page is not photographed\n")
            return
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for name, (width, height, scheme) in PAGES.items():
                photograph(browser, here.site / "index.html", to / f"{name}.png", size=(width, height), scheme=scheme)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
