"""The page in a real browser, at three widths, light and dark: nothing asked of anybody, nothing overflowing or out of reach."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from boards import GLASS, OTHER, STORY, Newsroom
from builders import day
from nasty import TEXT_FIELDS, TEXTS, spoilt

from watcher.board.board import Board
from watcher.edtf import Edtf
from watcher.publish.page import page as made
from watcher.tell.dates_in_words import distance_in_words

playwright = pytest.importorskip("playwright.sync_api", reason="playwright, of the test extra, drives the browser")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python, of the test extra, has the rules"
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium here; Debian's package is called chromium", allow_module_level=True)

#: Quiet and alone: no sandbox, which a container has not, and nothing that the browser asks of its makers.
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WIDTHS, SCHEMES = (360, 768, 1280), ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WRITTEN = "2025-11-24"
#: Of the nasty texts those that take room, stand on each other or run the other way; that all are inert is seen elsewhere.
SPRAWLING = ("attribute", "style", "long word", "long address", "right to left", "wide", "marks")
BOARDS = ("one", "slate", "hostile", "none")
#: One film is held against the accessibility rules at every width in both schemes; the others, for which that takes seconds, at
#: these, which have each width's layout and each scheme's colours once.
HELD = ((360, "light"), (1280, "dark"))

#: What leaves the view to the left or the right, or its own picture; what is hidden from sight does not count.
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(".unseen, .skip, .sample")) continue;
    const box = one.getBoundingClientRect();
    const inside = one.ownerSVGElement ? one.ownerSVGElement.getBoundingClientRect() : {left: 0, right: wide};
    if (box.width && (box.left < inside.left - .5 || box.right > inside.right + .5)) {
      found.push(`${one.tagName} from ${box.left} to ${box.right}: ${one.textContent.slice(0, 40)}`);
    }
  }
  return found;
}"""
#: Words of a picture that lie on other words.
COLLIDING = """() => {
  const found = [];
  for (const picture of document.querySelectorAll("svg[role=img]")) {
    const words = [...picture.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
    words.forEach(([text, box], number) => words.slice(number + 1).forEach(([other, that]) => {
      const apart = box.right <= that.left || that.right <= box.left || box.bottom <= that.top + 3 || that.bottom <= box.top + 3;
      if (box.width && !apart) found.push(`${text} on ${other}`);
    }));
  }
  return found;
}"""

#: What lies in something that unfolds and is not to be seen.
FOLDED_AWAY = """() => [...document.querySelectorAll("details > :not(summary)")]
  .filter((one) => !one.checkVisibility({contentVisibilityAuto: true})).map((one) => one.textContent.slice(0, 40))"""


@dataclass(slots=True)
class Shelf:
    """A web server of published pages that notes what is asked of it."""

    pages: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def open(self) -> Iterator[Shelf]:
        """It serves as long as this lasts."""
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shelf.asked.append(self.path)
                body = shelf.pages.get(self.path.strip("/"))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *words: object) -> None:
                del words

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


def several(shown: Board) -> Board:
    """A board with a film for each text that may burst a layout, in which all that came from outside is that text."""
    sheets = []
    for name in SPRAWLING:
        (sheet,) = spoilt(shown, TEXT_FIELDS, TEXTS[name][:400]).sheets
        sheets.append(replace(sheet, stand=replace(sheet.stand, title=replace(sheet.stand.title, id=name.replace(" ", "-")))))
    return replace(spoilt(shown, TEXT_FIELDS, "W" * 400), sheets=tuple(sheets))


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Board]:
    """The boards that are looked at: one film, several, films of hostile words, none, and one dated for a season."""

    def at(now: str, count: int = len(STORY) - 1, **more: Any) -> Board:
        room = Newsroom(path=tmp_path_factory.mktemp("room"), zone="America/Los_Angeles", **more)
        room.take(*STORY[:count])
        return room.board(now)

    one, slate = at(WRITTEN), at(WRITTEN, titles=(GLASS, OTHER))
    return {
        "one": one,
        "slate": slate,
        "hostile": several(one),
        "none": replace(one, sheets=()),
        "season": at("2024-04-01", 1),
        "out": at("2026-06-01", len(STORY)),
    }


@pytest.fixture(scope="module")
def shelf(boards: Mapping[str, Board]) -> Iterator[Shelf]:
    """The pages of the boards, served."""
    with Shelf({name: made(board) for name, board in boards.items()}).open() as there:
        yield there


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all of these tests."""
    with playwright.sync_playwright() as driver:
        there = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield there
        there.close()


@contextmanager
def opened(browser: Any, shelf: Shelf, name: str, *, at: datetime | None = None, width: int = 1280, **more: Any) -> Iterator[Any]:
    """A page in a window of its own, at a moment of which the browser thinks that it is now; no trouble may come of it."""
    trouble: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce", **more)
    view = context.new_page()
    view.on("console", lambda message: trouble.append(f"console: {message.text}"))
    view.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    view.on("request", lambda request: trouble.append(f"asks {request.url}") if request.url != f"{shelf.url}/{name}" else None)
    try:
        view.clock.install(time=at or day(WRITTEN))
        view.goto(f"{shelf.url}/{name}")
        yield view
        assert trouble == []
    finally:
        context.close()


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_leaves_the_view_and_everybody_can_use_it(browser: Any, shelf: Shelf, name: str, scheme: str) -> None:
    """At every width, folded or not, nothing is wider than the view, no words collide, and axe-core finds nothing (WCAG 2.2)."""
    with opened(browser, shelf, name, color_scheme=scheme) as view:
        for width in WIDTHS:
            view.set_viewport_size({"width": width, "height": 800})
            for unfolded in (False, True):
                view.evaluate("(open) => document.querySelectorAll('details').forEach((one) => { one.open = open; })", unfolded)
                assert view.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
                assert view.evaluate(OVERFLOWING) == []
                assert view.evaluate(COLLIDING) == []
            if name == "one" or (width, scheme) in HELD:
                found = axe.Axe().run(view, options={"runOnly": RULES})
                assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
                assert len(found.response["passes"]) > 15


def test_nothing_is_asked_of_the_server_but_the_page(browser: Any, boards: Mapping[str, Board]) -> None:
    """Whoever opens the page asks for it alone: no icon, font, picture, style or script, not even once it is scrolled through."""
    with Shelf({"one": made(boards["one"])}).open() as shelf, opened(browser, shelf, "one") as view:
        view.mouse.wheel(0, 10_000)
        view.wait_for_load_state("networkidle")
        assert shelf.asked == ["/one"]


def test_policy_keeps_out_what_does_not_belong(browser: Any, boards: Mapping[str, Board]) -> None:
    """A script that somebody smuggled into the page does not run, and a picture that they did is not asked for."""
    smuggled = b'<script>document.title = "taken"</script><img src="/spy" alt=""></main>'
    with Shelf({"one": made(boards["one"]).replace(b"</main>", smuggled)}).open() as shelf:
        view = browser.new_page()
        view.goto(f"{shelf.url}/one")
        assert view.title().startswith("Glass Orchard")
        assert shelf.asked == ["/one"]
        view.close()


@pytest.mark.parametrize("name", BOARDS)
def test_it_is_read_without_script(browser: Any, shelf: Shelf, name: str) -> None:
    """Without script every word is there, the countdown as it was when the page was written."""
    with opened(browser, shelf, name) as view:
        told = view.inner_text("main")
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(f"{shelf.url}/{name}")
    assert view.inner_text("main") == told
    assert not view.is_visible("#old")
    context.close()


@pytest.mark.parametrize(("name", "when"), [("one", "2026-05-01"), ("season", "2025-22")])
def test_countdown_ticks(browser: Any, shelf: Shelf, name: str, when: str) -> None:
    """So many days before its date or after it the page counts in the words in which it would be written on that day."""
    with opened(browser, shelf, name) as view:
        for ahead in (1500, 146, 145, 144, 143, 40, 2, 1, 0, -1, -2, -700):
            today = Edtf(when).latest - timedelta(days=ahead)
            view.clock.set_system_time(day(today.isoformat()))
            view.clock.run_for(60_000)
            assert view.text_content(".large") == distance_in_words(Edtf(when), today)


def test_no_distance_stands_still(browser: Any, shelf: Shelf) -> None:
    """The day after it was written a page says nowhere a number of days to or from a release that was right the day before."""
    with opened(browser, shelf, "out", at=day("2026-06-02")) as view:
        said = view.inner_text("main")
        assert "32 days ago" in said
        assert "in 14 days" in said
        assert "31 days" not in said
        assert "15 days" not in said


def test_countdown_goes_on_while_the_page_is_open(browser: Any, shelf: Shelf) -> None:
    """At midnight in the reader's zone, and not in that of the machine or the world, a day less is left."""
    with opened(browser, shelf, "slate", at=datetime.fromisoformat("2025-11-25T07:58:30Z"), timezone_id="Asia/Tokyo") as view:
        counted = [".large[data-first]", ".slate .far[data-first]", ".dates .far[data-first]"]
        assert {view.text_content(one) for one in counted} == {"in 158 days"}
        view.clock.fast_forward("03:00")
        assert {view.text_content(one) for one in counted} == {"in 157 days"}
        assert distance_in_words(Edtf("2026-05-01"), date(2025, 11, 25)) == "in 157 days"


def test_old_page_says_so(browser: Any, shelf: Shelf) -> None:
    """A page that nobody has written anew for more than 26 hours says how old it is and what that may mean."""
    with opened(browser, shelf, "one") as view:
        for hours, words in ((25, None), (27, "yesterday"), (49, "2 days ago"), (24 * 1500, "1,500 days ago"), (1, None)):
            view.clock.set_system_time(day(WRITTEN) + timedelta(hours=hours))
            view.clock.run_for(60_000)
            assert view.is_visible("#old") == (words is not None)
            if words:
                assert view.text_content("#old") == f"Written {words}; the watcher may have stopped."


def test_zone_that_a_browser_does_not_know_stops_nothing_else(browser: Any, boards: Mapping[str, Board]) -> None:
    """In a browser older than the reader's zone the count stays as it was written, and a page that is old still says so."""
    strange = made(boards["one"]).replace(b'data-zone="America/Los_Angeles"', b'data-zone="Europe/Nowhere"')
    with Shelf({"one": strange}).open() as shelf, opened(browser, shelf, "one", at=day("2026-01-24")) as view:
        assert view.text_content(".large") == "in 158 days"
        assert view.is_visible("#old")


def test_keyboard_reaches_everything(browser: Any, shelf: Shelf) -> None:
    """The first key leads to a link over the page's head, every stop shows where the focus is, and none is a trap."""
    with opened(browser, shelf, "one") as view:
        view.keyboard.press("Tab")
        assert view.evaluate("document.activeElement.className") == "skip"
        assert view.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
        view.keyboard.press("Enter")
        assert view.evaluate("document.activeElement.id") == "main"
        stops = view.evaluate("document.querySelectorAll('main a, footer a, summary').length")
        hidden = view.evaluate("document.querySelectorAll('details:not([open]) > :not(summary) a').length")
        for _ in range(stops - hidden):
            view.keyboard.press("Tab")
            assert view.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            assert view.evaluate("document.activeElement.matches('main a, footer a, summary')")
        assert view.evaluate("document.activeElement.getAttribute('href')") == "status.json"


@pytest.mark.parametrize("name", BOARDS)
def test_it_is_printed(browser: Any, shelf: Shelf, name: str) -> None:
    """On paper it is black on white even from a dark screen, addresses beside what they lead to, and nothing folded away."""
    with opened(browser, shelf, name, color_scheme="dark") as view:
        assert view.pdf(format="A4").startswith(b"%PDF")
        view.emulate_media(media="print", color_scheme="dark")
        assert view.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert view.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not view.is_visible(".skip")
        assert view.evaluate(FOLDED_AWAY) == []
        if name == "one":
            after = "getComputedStyle(document.querySelector('.entries .source a'), '::after').content"
            assert "the-ledger.example" in view.evaluate(after)


@pytest.mark.parametrize(("width", "name"), [(360, "narrow"), (768, "wide"), (1280, "wide")])
def test_picture_suits_the_screen(browser: Any, shelf: Shelf, width: int, name: str) -> None:
    """A phone gets a picture of its own, so that its words are nowhere smaller than eleven pixels."""
    with opened(browser, shelf, "one", width=width) as view:
        seen = view.locator("svg[role=img]:visible")
        assert seen.count() == 1
        assert name in seen.get_attribute("class")
        box = seen.bounding_box()
        shown = float(seen.get_attribute("viewBox").split()[2])
        assert 12 * box["width"] / shown >= 11
