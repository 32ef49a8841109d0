"""Every page in a real browser, over a firm whose every text wants to run a script: nothing runs, all is text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sqlalchemy import select

from crm.access import SYSTEM
from crm.office.commands import CustomFieldInput, add_custom_field
from crm.office.models import CustomField
from crm.session import open_as
from crm.staff.sign_in import COOKIE, open_browser_session
from crm.ui.menu import PAGES, allowed
from tests.browser.seen import Screen
from tests.conftest import proof
from tests.pages import tile_world
from tests.people import Person
from tests.security_attacks.planted import LONG, fillable, plant
from tests.security_attacks.target import Target, attacked, serving

pytestmark = pytest.mark.browser

INJECTED = (
    "img[src='x'], [onerror], [onload], svg[onload], a[href^='javascript'], [src*='evil.test'], "
    "iframe[src*='evil'], .katex, h1:text-is('head9'), li:text-is('item9'), q7"
)

DISGUISED = """[...document.querySelectorAll('a[href^="http"][href*="evil.test"]')]
    .filter(it => it.innerText !== decodeURI(it.href)).map(it => it.outerHTML)"""


@dataclass(frozen=True)
class Firm:
    target: Target
    records: dict[str, int]


@dataclass
class Watched:
    """What a browser did beside what it should."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("console", self._said)
        self.page.on("request", lambda request: self._asked(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            self.wrong.append(f"console {message.text[:200]}")

    def _asked(self, url: str) -> None:
        if re.match(r"https?://(?!127\.0\.0\.1:)|javascript:", url) or url.endswith("/x"):
            self.wrong.append(f"request {url}")

    def look(self, where: str) -> str:
        """-> what stands on the page."""
        if self.page.evaluate("window.__xss"):
            self.wrong.append(f"{where}: a script ran")
        # An address that stands in a text may lead there, if it says so: it is its own text.
        self.wrong += [f"{where}: {one}" for one in self.page.evaluate(DISGUISED)]
        for one in self.page.locator(INJECTED).all()[:3]:
            self.wrong.append(f"{where}: {one.evaluate('it => it.outerHTML')[:150]}")
        shown = str(self.page.locator("[data-testid=stApp]").inner_text()).replace("\u2060", "")
        for sign, meaning in (("bug_report", "a picture"), ("\\<", "a backslash"), ("\\[", "a backslash"), ("<q7>", "an entity")):
            loose = shown.replace(":material/bug_report:", "") if sign == "bug_report" else shown
            if sign in loose:
                at = loose.index(sign)
                self.wrong.append(f"{where}: {meaning} in {loose[max(0, at - 60) : at + 40]!r}")
        return shown


@pytest.fixture(scope="module")
def firm(templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("hostile")
    with attacked(templates[True], folder) as people:
        records = tile_world.fill(people)
        with open_as(people.ada.actor) as session:
            for subject in ("customer", "opportunity", "lead", "service_case"):
                add_custom_field(session, subject, CustomFieldInput(label="Shoe size", kind="text", in_list=True))
        plant()
        with open_as(SYSTEM) as session:
            assert session.scalars(select(CustomField)).first()
        with serving(people, folder) as target:
            yield Firm(target, records)


@pytest.fixture
def browser_of(chromium: Browser, firm: Firm) -> Iterator:
    opened: list[BrowserContext] = []

    def of(person: Person | None) -> Watched:
        context = chromium.new_context(base_url=firm.target.address, viewport={"width": 1440, "height": 1200})
        context.set_default_timeout(60_000)
        if person:
            token = open_browser_session(person.id)
            context.add_cookies([{"name": COOKIE, "value": token, "url": firm.target.address}])
        opened.append(context)
        return Watched(context.new_page())

    yield of
    for context in opened:
        context.close()


def sides(page: Page) -> int:
    return page.locator("[data-testid=stMain] [role=tab], .st-key-view button").count()


def walk(watched: Watched, firm: Firm, person: Person, *, all_sides: bool) -> dict[str, str]:
    """Every page that the person may open -> what stood there, its other sides included."""
    screen, seen = Screen(watched.page), {}
    address = "&".join(f"{name}={number}" for name, number in firm.records.items())
    for spec in PAGES:
        if spec.public or not allowed(person.actor, spec.needs):
            continue
        watched.page.goto(f"/{'' if spec.default else spec.url_path}?{address}")
        screen.settle()
        seen[spec.url_path] = watched.look(spec.url_path)
        for place in range(1, sides(watched.page) if all_sides else 0):
            watched.page.locator("[data-testid=stMain] [role=tab], .st-key-view button").nth(place).click()
            screen.settle()
            seen[spec.url_path] += watched.look(f"{spec.url_path} side {place}")
    return seen


def test_the_texts_reach_every_area(firm):
    found = {column.table.name for column in fillable()}
    assert {"customer", "contact", "opportunity", "service_case", "contract", "lead", "announcement", "tag", "user"} <= found
    assert len(fillable()) > 150
    typed = {(column.table.name, column.name) for column in fillable()}
    assert ("sign_in_event", "username") in typed, "what a stranger types as his name stands in the log"


def test_who_sees_all_sees_only_text(browser_of, firm):
    watched = browser_of(firm.target.people.eve)
    seen = walk(watched, firm, firm.target.people.eve, all_sides=proof())
    assert not watched.wrong, "\n".join(watched.wrong)
    for path in ("customer", "opportunity", "case", "contract", "lead", "knowledge", "overview"):
        assert "<img src=x onerror=__xss=1>" in seen[path], path
    assert LONG.split("</title>")[1][:60] in seen["customer"]
    assert len(seen) > 25


@pytest.mark.skipif(not proof(), reason="Only make proof walks as three people.")
@pytest.mark.parametrize("name", ["anna", "ada"])
def test_a_seller_and_the_administrator_see_only_text(browser_of, firm, name):
    watched, person = browser_of(getattr(firm.target.people, name)), getattr(firm.target.people, name)
    walk(watched, firm, person, all_sides=name == "ada")
    assert not watched.wrong, "\n".join(watched.wrong)
