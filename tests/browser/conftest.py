"""The product as people run it, on a free port with a database of its own, and a browser that looks at it.

One server for all journeys: each journey makes the customers it needs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.settings import ROOT
from tests.browser.seen import Screen
from tests.conftest import missing, pointed_at
from tests.people import TODAY, People, hire, people_of

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """The people of every test, in the database that the server works on; today is TODAY."""
    folder = tmp_path_factory.mktemp("browser")
    with pointed_at(f"sqlite:///{folder / 'crm.db'}", folder):
        from crm import migrations

        migrations.upgrade()
        hire()
        with open_as(SYSTEM) as session:
            set_demo_today(session, DemoDay(day=TODAY))
            found = people_of(session)
        yield found


@pytest.fixture(scope="session")
def server(company: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`python -m crm serve` -> its address"""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    port = _free_port()
    command = [sys.executable, "-m", "crm", "serve", "--port", str(port), "--address", "127.0.0.1"]
    with log.open("w") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=os.environ.copy(), stdout=out, stderr=out)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/healthz", running, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_healthy(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    """curl asks again until somebody answers, and gives up after a minute."""
    asked = ["curl", "-sf", "--retry", "120", "--retry-delay", "0", "--retry-all-errors", "--retry-max-time", "60", url]
    if subprocess.run(asked, capture_output=True).returncode or running.poll() is not None:
        pytest.fail(f"The server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            missing("No Chromium is installed.")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, server: str) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of its own for each call: nothing is shared, not even cookies."""
    contexts: list[BrowserContext] = []

    def new(locale: str = "en-GB") -> BrowserContext:
        context = chromium.new_context(base_url=server, locale=locale, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def visit(window: Callable[..., BrowserContext]) -> Callable[..., Screen]:
    """visit("anna", "/customers") -> the screen after signing in through the form; visit(None, ...) stays outside"""

    def to(username: str | None, path: str = "/", locale: str = "en-GB") -> Screen:
        page: Page = window(locale).new_page()
        page.goto(path)
        screen = Screen(page)
        if username:
            screen.sign_in(username)
        return screen

    return to
