"""Sample messages about a film that there is not, to be judged by eye: ``python tests/bench/letters.py OUT [--pictures]``.

Writes of each sample the page (.html), the letter (.txt) and what a phone gets (.phone.txt) into OUT. ``--pictures`` adds
screenshots of the pages 360 and 1024 pixels wide, light and dark, and says of each page whether anything hangs over at 320.
Needs chromium for that (``CHROMIUM`` names another one); it is started without a network to go to.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from messages import samples

from watcher.tell.message import Message

CHROMIUM = os.environ.get("CHROMIUM", "chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
WIDTHS = (360, 1024)
NARROWEST = 320
#: Chromium's setting of what a reader prefers.
SCHEMES = {"light": 1, "dark": 0}


def write(out: Path, only: Sequence[str] | None) -> dict[str, Message]:
    """All samples as files."""
    out.mkdir(parents=True, exist_ok=True)
    found = {name: message for name, message in samples().items() if not only or name in only}
    for name, message in found.items():
        (out / f"{name}.html").write_text(message.html or "", encoding="utf-8")
        (out / f"{name}.txt").write_text(f"Subject: {message.title}\n\n{message.letter}\n", encoding="utf-8")
        (out / f"{name}.phone.txt").write_text(f"{message.title}\n\n{message.body}\n", encoding="utf-8")
    return found


def _framed(page: str, width: int) -> str:
    """The page in a frame of its own: a window of chromium is never narrower than about 500 pixels, a frame may be."""
    return f'<iframe width="{width}" height="200" style="border:0;display:block" srcdoc="{escape(page)}"></iframe>'


def _run(wrapped: str, scheme: str, *flags: str) -> str:
    with tempfile.TemporaryDirectory(prefix="letters-") as scratch:
        at = Path(scratch) / "page.html"
        at.write_text(
            "<!doctype html><html><head><meta charset=utf-8><meta name=color-scheme content='light dark'></head>"
            f"<body style='margin:0;background:#888'>{wrapped}</body></html>",
            encoding="utf-8",
        )
        settings = (f"--user-data-dir={scratch}/profile", f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")
        done = subprocess.run(
            [CHROMIUM, *FLAGS, *settings, *flags, f"file://{at}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return done.stdout


def measure(pages: dict[str, str]) -> dict[tuple[str, int], tuple[int, int]]:
    """How wide and how high each page's content is, in frames of each width."""
    frames = [(name, width) for name in pages for width in (NARROWEST, *WIDTHS)]
    script = (
        "<script>onload=()=>{document.title=[...document.querySelectorAll('iframe')].map(f=>{const d=f.contentDocument"
        ".documentElement;return d.scrollWidth+'x'+d.scrollHeight}).join(' ')}</script>"
    )
    dom = _run("".join(_framed(pages[name], width) for name, width in frames) + script, "light", "--dump-dom")
    sizes = re.search(r"<title>([\dx ]+)</title>", dom)
    assert sizes is not None, "the pages could not be measured"
    found = [tuple(map(int, size.split("x"))) for size in sizes[1].split()]
    return {frame: (size[0], size[1]) for frame, size in zip(frames, found, strict=True)}


def pictures(out: Path, messages: dict[str, Message]) -> bool:
    """Screenshots of all pages; whether none hangs over."""
    pages = {name: message.html or "" for name, message in messages.items()}
    sizes = measure(pages)
    for name, page in pages.items():
        for width in WIDTHS:
            height = max(sizes[name, width][1], 200)
            framed = _framed(page, width).replace('height="200"', f'height="{height}"')
            for scheme in SCHEMES:
                at = out / f"{name}-{width}-{scheme}.png"
                _run(framed, scheme, f"--screenshot={at}", f"--window-size={max(width, 500)},{height}")
    wide = {name: sizes[name, NARROWEST][0] for name in pages if sizes[name, NARROWEST][0] > NARROWEST}
    for name in pages:
        print(f"{name:<14} {f'hangs over: {wide[name]} pixels' if name in wide else 'fits'} at {NARROWEST}")
    return not wide


def main() -> int:
    """Write the samples and, if wished, their pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("--only", nargs="*", help="the samples to make, by name")
    given = parser.parse_args()
    messages = write(given.out, given.only)
    print(f"{len(messages)} messages in {given.out}")
    return 0 if not given.pictures or pictures(given.out, messages) else 1


if __name__ == "__main__":
    sys.exit(main())
