"""The page in a real browser: what it looks like, who can use it, and that it does nothing else.

Needs Chromium (Debian's package will do; another one can be named in DATASCAN_TEST_CHROMIUM). With
DATASCAN_TEST_SHOTS set to a folder, pictures of every golden report are left there to be looked at.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.report.html import render_html

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in the extra dev")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="it is in the extra dev")

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "reports").glob("*/report.html"))
CHROMIUM = os.environ.get("DATASCAN_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SHOTS = os.environ.get("DATASCAN_TEST_SHOTS")
DESK, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}
A4 = {"width": 680, "height": 1000}
"""What is left of a sheet within the margins, in CSS pixels."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark"},
}
Open = Callable[..., Any]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium; install it, or name it in DATASCAN_TEST_CHROMIUM"
)
golden = pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Without the sandbox, so that it also runs as root in a container: the pages are our own.
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens a file as a user would, in one of the looks."""
    contexts = []

    def open_in(path: Path, look: str = "light") -> Any:
        contexts.append(browser.new_context(**LOOKS[look]))
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page

    yield open_in
    for context in contexts:
        context.close()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes the page of some results."""

    def write(results: dict[str, Any]) -> Path:
        path = tmp_path / "report.html"
        path.write_text(render_html(results), "utf-8")
        return path

    return write


def open_details(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def too_wide(page: Any) -> list[str]:
    """What sticks out of the page to the right, scrolling regions aside."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(one => !one.closest('.scroll') && !one.closest('thead'))
            .filter(one => one.getBoundingClientRect().right > document.body.clientWidth + 1)
            .map(one => one.outerHTML.slice(0, 200))"""
    )
    return found


def scrolls_sideways(page: Any) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


@golden
@pytest.mark.parametrize("look", ["light", "dark", "phone-dark"])
def test_axe_finds_no_violation(open_page: Open, path: Path, look: str) -> None:
    page = open_page(path, look)
    open_details(page)
    results = axe.Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@golden
@pytest.mark.parametrize("look", LOOKS)
def test_nothing_sticks_out(open_page: Open, path: Path, look: str) -> None:
    page = open_page(path, look)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{path.parent.name}-{look}.png", full_page=True)
    open_details(page)
    assert not scrolls_sideways(page)
    assert too_wide(page) == []


@golden
def test_no_width_between_phone_and_desk_scrolls_sideways(open_page: Open, path: Path) -> None:
    page = open_page(path)
    open_details(page)
    for width in range(320, 1321, 40):
        page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(page), width
        assert too_wide(page) == [], width


@golden
def test_paper_shows_everything_within_its_margins(open_page: Open, path: Path) -> None:
    page = open_page(path)
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    assert too_wide(page) == []
    hidden = page.evaluate(
        "[...document.querySelectorAll('details > :not(summary)')]"
        ".filter(one => !one.checkVisibility() || !one.getBoundingClientRect().height).length"
    )
    assert hidden == 0
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".filter(one => one.querySelector('table').scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    if SHOTS:
        Path(SHOTS, f"{path.parent.name}.pdf").write_bytes(pdf)


def test_dark_is_dark(open_page: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    assert open_page(GOLDEN[0], "light").evaluate(ground) == "rgb(250, 249, 246)"
    assert open_page(GOLDEN[0], "dark").evaluate(ground) == "rgb(21, 23, 27)"


@golden
def test_the_verdict_and_what_to_do_stand_on_the_first_screen(open_page: Open, path: Path) -> None:
    page = open_page(path)
    for part in ("h1", ".severity", ".reason", ".advice"):
        for one in page.locator(part).all():
            box = one.bounding_box()
            assert box["y"] + box["height"] <= DESK["height"], part


@golden
def test_a_keyboard_reaches_and_opens_every_fold(open_page: Open, path: Path) -> None:
    page = open_page(path)
    folds = page.locator("details").count()
    for _ in range(3 * folds + 5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('details:not([open]) > summary')"):
            page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == folds


def test_hostile_results_run_nothing_load_nothing_and_break_nothing(
    open_page: Open, written: Callable[..., Path], browser: Any, hostile_page: dict[str, Any]
) -> None:
    path = written(hostile_page)
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    requests: list[str] = []
    events: list[object] = []
    page.on("request", lambda request: requests.append(request.url))
    for event in ("dialog", "console", "pageerror", "popup", "download", "worker"):
        page.on(event, lambda event: events.append(event))
    page.goto(path.as_uri())
    open_details(page)
    page.wait_for_timeout(300)
    assert requests == [path.as_uri()]
    assert events == []
    assert page.evaluate("document.scripts.length") == 0
    assert page.url == path.as_uri()
    links = page.evaluate("[...document.links].map(one => one.getAttribute('href'))")
    assert links == ["#excused"]
    for sections in ("header", "main", "footer", "h1"):
        assert page.locator(sections).count() >= 1
    assert page.locator("main > section").count() == 13
    assert not scrolls_sideways(page)
    assert too_wide(page) == []
    context.close()


def test_the_policy_of_the_page_stops_what_would_get_in(
    browser: Any, written: Callable[..., Path], results_of: Callable[..., dict[str, Any]]
) -> None:
    """The second wall: were a tag ever let through, nothing would run and nothing be loaded."""
    path = written(results_of("shift_found"))
    tags = (
        "<script>window.ran = 1</script><img src='https://example.org/x.png' "
        "onerror='window.ran = 1'><iframe src='https://example.org'></iframe>"
        "<link rel='stylesheet' href='https://example.org/x.css'>"
        "<img src='data:image/gif;base64,x'><base href='https://example.org/'>"
        "<form action='https://example.org/'><button id=send>send</button></form>"
    )
    path.write_text(path.read_text("utf-8").replace("<main>", f"<main>{tags}"), "utf-8")
    context = browser.new_context()
    page = context.new_page()
    finished: list[str] = []
    page.on("requestfinished", lambda request: finished.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.baseURI") == path.as_uri()
    page.evaluate("document.getElementById('send').click()")
    page.wait_for_timeout(300)
    assert page.url == path.as_uri()
    assert finished == [path.as_uri()]
    context.close()
