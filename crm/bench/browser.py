"""How long a person waits, in a real browser: from the click or the last letter until the rows stand there."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from crm.bench.place import Place
from crm.bench.report import judged, milliseconds, table
from crm.bench.server import Server, cookie_of, running

TIMES = 10
MENU, ROW, SEARCH = 0.250, 0.350, 0.250
"""Targets, in seconds."""
_WORDS = ("barlow", "winslow", "marlow", "sterling", "talbot", "whitlock", "prescott", "lockwood", "hartwell", "mercer", "kemper")
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_LIST = "() => document.querySelector('[data-testid=stPagination]') && document.querySelector('[data-testid=stDataFrame] canvas')"
_NO_LIST = "() => !document.querySelector('[data-testid=stPagination]')"
_CUSTOMER = "() => location.pathname.endsWith('/customer') && document.querySelector('.stTabs [role=tab]')"
_FIGURES = "[class*='st-key-customers-figures']"
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def measure(place: Place, tell: Callable[[str], None] = print) -> str:
    """-> the section of the report."""
    with running(place) as server, _page(server) as page:
        _click_menu(page, "Customers", _LIST)
        menu, row = zip(*(_menu_and_row(page, number) for number in range(TIMES + 1)), strict=True)
        _click_menu(page, "Customers", _LIST)
        search = [_search(page, word) for word in _WORDS[: TIMES + 1]]
    rows = []
    for name, seconds, goal in (("Menu to list", menu, MENU), ("Row to customer", row, ROW), ("Search to rows", search, SEARCH)):
        # The first time fetches the page's scripts.
        median = statistics.median(seconds[1:])
        rows.append(
            [name, judged(median, goal), milliseconds(min(seconds[1:])), milliseconds(max(seconds[1:])), milliseconds(goal)]
        )
        tell(f"{name}: {milliseconds(median)}")
    return table(("In the browser", "Median of 10", "Best", "Worst", "Target"), rows)


@contextmanager
def _page(server: Server) -> Iterator[Page]:
    name, _, value = cookie_of("executive").partition("=")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=_FLAGS.split(),
            viewport={"width": 1440, "height": 900},
            locale="en-US",
        )
        context.add_cookies([{"name": name, "value": value, "url": server.address}])
        page = context.pages[0]
        page.goto(server.address)
        page.get_by_test_id("stSidebarNavLink").first.wait_for()
        yield page
        context.close()


def _menu_and_row(page: Page, number: int) -> tuple[float, float]:
    """From a page without a list to the list, and from one of its rows to the customer."""
    _click_menu(page, "Who may what", _NO_LIST)
    _settle(page)
    menu = _click_menu(page, "Customers", _LIST)
    _settle(page)
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    return menu, _timed(page, lambda: page.mouse.click(box["x"] + 150, box["y"] + 52 + 35 * number), _CUSTOMER)


def _click_menu(page: Page, name: str, shown: str) -> float:
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first
    return _timed(page, link.click, shown)


def _search(page: Page, word: str) -> float:
    """From the last letter to the rows; the figures above the list tell that they are others."""
    _settle(page)
    box = page.locator("[class*='st-key-customers-search'] input").first
    box.click()
    box.press("Control+A")
    before = page.locator(_FIGURES).inner_text()
    changed = "([mark, before]) => document.querySelector(mark)?.innerText !== before"
    return _timed(page, lambda: page.keyboard.insert_text(word), changed, [_FIGURES, before])


def _timed(page: Page, action: Callable[[], Any], shown: str, argument: Any = None) -> float:
    start = time.perf_counter()
    action()
    page.wait_for_function(shown, arg=argument, polling="raf", timeout=60_000)
    page.evaluate(_DRAWN)
    return time.perf_counter() - start


def _settle(page: Page) -> None:
    """Until nothing of the last action is under way any more."""
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')", timeout=60_000)
    page.wait_for_load_state("networkidle")
