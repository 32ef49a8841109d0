"""The product as people run it, on a free port with a database of its own, and a browser that looks at it.

One server for all journeys on a kind of database: each journey makes the customers it needs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.settings import ROOT
from tests.browser.heard import Heard
from tests.browser.seen import Screen
from tests.conftest import pointed_at
from tests.people import TODAY, People, people_of
from tests.postgres.server import Server

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A file that says so runs on PostgreSQL, so that one worker alone starts that server; every other on SQLite."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", [getattr(metafunc.module, "DATABASE_KIND", "sqlite")], scope="session")


@dataclass(frozen=True)
class Firm:
    """A database, its people, its server, and what was made in it beforehand (by the page that shows it)."""

    url: str
    folder: Path
    people: People
    address: str
    records: dict[str, int]


Fill = Callable[[People], dict[str, int]]


@pytest.fixture(scope="session")
def firm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Firm]]:
    """firm("sqlite") -> the one of all journeys on that kind of database; with `fill` another one. Opened once per worker."""
    opened: dict[Any, Firm] = {}
    with ExitStack() as at_the_end:

        def of(kind: str, fill: Fill | None = None) -> Firm:
            if (kind, fill) not in opened:
                folder = tmp_path_factory.mktemp(kind)
                url = _copied(kind, request, folder)
                with pointed_at(url, folder, keep=True):
                    with open_as(SYSTEM) as session:
                        set_demo_today(session, DemoDay(day=TODAY))
                        people = people_of(session)
                    records = fill(people) if fill else {}
                    address = at_the_end.enter_context(serving(folder / "server.log"))
                opened[kind, fill] = Firm(url, folder, people, address, records)
            return opened[kind, fill]

        yield of


def _copied(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """-> the url of a database with the people of every test"""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("templates")[True], folder / "crm.db")
        return f"sqlite:///{folder / 'crm.db'}"
    installed: Server = request.getfixturevalue("postgres_server")
    installed.create(folder.name, "people")
    return installed.url(folder.name)


@pytest.fixture(scope="session")
def company(database_kind: str, firm: Callable[..., Firm]) -> Iterator[People]:
    """The people of every test, in the database that the server works on; today is TODAY."""
    opened = firm(database_kind)
    with pointed_at(opened.url, opened.folder, keep=True):
        yield opened.people


@pytest.fixture(scope="session")
def server(company: People, database_kind: str, firm: Callable[..., Firm]) -> str:
    """Where it answers."""
    return firm(database_kind).address


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """`python -m crm serve` on the database that is pointed at -> its address"""
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


@pytest.fixture
def heard(server: str) -> Iterator[Heard]:
    """Every browser of a test is heard out: nothing goes wrong in it, and nothing is asked of another machine."""
    listening = Heard(server)
    yield listening
    listening.check()


@pytest.fixture
def window(chromium: Browser, server: str, heard: Heard) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of its own for each call: nothing is shared, not even cookies."""
    contexts: list[BrowserContext] = []

    def new(locale: str = "en-GB") -> BrowserContext:
        context = chromium.new_context(base_url=server, locale=locale, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        heard.listen(context)
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
