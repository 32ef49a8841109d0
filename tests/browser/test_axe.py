"""Nothing serious is found by axe-core on any page; with CRM_PROOF=1 on every side of it, in light and dark, in every role."""

import os
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from crm.ui.menu import BY_PATH, PAGES, allowed
from tests.browser.axe import Known, Looked
from tests.browser.seen import Screen
from tests.pages import tile_world
from tests.pages.places import RECORDS, every_side

KNOWN = (
    Known("list", "[data-testid=stSidebarNavItems]", "Streamlit's menu puts its sections, which are no list items, into a list."),
    Known("listitem", "[data-testid=stSidebarNavItems] li", "The entries of that menu stand in the section, not in the list."),
)
PROOF = os.environ.get("CRM_PROOF") == "1"
EVERYWHERE = ("eve", "bao")
"""Who together sees every page."""
OF_OTHERS = {"anna": ("overview", "call-today"), "gia": ("overview",)}
"""Pages that look different to those who work there."""
ON_A_TELEPHONE: tuple[str, ...] = ("overview", "customer", "pipeline")
IN_BOTH_THEMES: tuple[str, ...] = ("overview", "customer", "service")
if PROOF:
    OF_OTHERS |= {"amir": ("overview",), "ada": ("overview",), "dana": ("overview",), "mia": ("overview", "leads")}
    ON_A_TELEPHONE, IN_BOTH_THEMES = tuple(BY_PATH), tuple(BY_PATH)
TELEPHONE = ("overview", "customers", "customer", "pipeline", "calendar", "inbox", "case")
TELEPHONE = {"width": 390, "height": 844}
DARK = "rgb(16, 22, 20)"
IN_THE_DARK = ("color-contrast", "link-in-text-block")
"""What may differ with the theme."""


@pytest.fixture(scope="module")
def world(firm):
    """Something in every area, on every page."""
    return firm("sqlite", tile_world.fill)


@pytest.fixture(scope="module")
def server(world):
    return world.address


def places(world, name, pages=None):
    """-> (page, address): of those only that the person may open"""
    actor = getattr(world.people, name).actor
    for page in PAGES:
        if page.public or not allowed(actor, page.needs) or (pages and page.url_path not in pages):
            continue
        sides = every_side(page.url_path, world.records)
        for where in sides if PROOF else sides[:1]:
            yield page, f"/{'' if page.default else page.url_path}?{urlencode(where)}"


def looked_at(screen, places, looked):
    screen.page.mouse.move(700, 4)
    for page, address in places:
        screen.go(address)
        expect(screen.page.locator("h1")).to_be_visible()
        looked.at(screen.page, address)
        if page.url_path in IN_BOTH_THEMES:
            in_dark(screen.page, looked, address)
        if PROOF and page.url_path in RECORDS:
            behind_the_tabs(screen, looked, address)


def in_dark(page: Page, looked, address):
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", DARK)
    looked.at(page, f"{address} in the dark", IN_THE_DARK)
    page.emulate_media(color_scheme="light")


def behind_the_tabs(screen, looked, address):
    for tab in screen.page.get_by_role("tab").all()[1:]:
        tab.click()
        screen.settle()
        looked.at(screen.page, f"{address} at {tab.inner_text()}")


def told(looked):
    assert looked.found == [], "\n".join([f"{len(looked.found)} findings", *looked.found])


@pytest.fixture(scope="module")
def seen_by_all():
    return set()


@pytest.mark.parametrize("name", [*EVERYWHERE, *OF_OTHERS])
def test_no_page_has_a_serious_finding(world, visit, seen_by_all, name):
    looked = Looked(KNOWN)
    asked = [one for one in places(world, name, OF_OTHERS.get(name)) if name in OF_OTHERS or one[1] not in seen_by_all]
    screen = visit(name)
    looked_at(screen, asked, looked)
    seen_by_all |= {address for _, address in asked}
    told(looked)
    assert looked.gone() == [], "no longer found: take it from the list"


def test_every_page_was_looked_at(seen_by_all):
    pages = {address.split("?")[0].strip("/") or "overview" for address in seen_by_all}
    assert pages == {page.url_path for page in BY_PATH.values() if not page.public}


def test_no_page_on_a_telephone_has_a_serious_finding(world, visit):
    looked = Looked(KNOWN)
    screen = visit("eve")
    screen.page.set_viewport_size(TELEPHONE)
    for _, address in places(world, "eve", ON_A_TELEPHONE):
        screen.go(address)
        looked.at(screen.page, f"{address} on a telephone")
    assert looked.places >= len(ON_A_TELEPHONE)
    told(looked)


def test_signing_in_has_no_serious_finding(world, window):
    looked = Looked(())
    page = window().new_page()
    page.goto("/")
    Screen(page).settle()
    expect(page.get_by_label("User name")).to_be_visible()
    looked.at(page, "signing in")
    in_dark(page, looked, "signing in")
    told(looked)


def test_a_field_without_a_name_and_faint_words_are_found(window):
    """What this file trusts in."""
    looked = Looked(())
    page = window().new_page()
    page.set_content("<html lang=en><title>Bad</title><main><h1>Bad</h1><input><p style='color:#aaa'>Faint</p></main>")
    looked.at(page, "bad")
    assert sorted(one.split()[1] for one in looked.found) == ["color-contrast", "label"]
