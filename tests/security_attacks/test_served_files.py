"""A file that the server holds for a page (`/media`): for whoever is signed in, and for nobody else, by any way of asking."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from crm.office.commands import add_attachment
from crm.session import open_as
from crm.staff.commands import freeze, unfreeze
from crm.staff.sign_in import COOKIE, open_browser_session, sign_out
from tests.factories import a_case, a_customer

ADDRESS = re.compile(r"/media/[0-9a-f]{24,}\.\w+")


@pytest.fixture(scope="module")
def photo(target) -> int:
    """-> the case with a picture that only chen and those above him see."""
    made, case = BytesIO(), a_case(target.people.chen, a_customer(target.people.chen))
    Image.new("RGB", (300, 200), "teal").save(made, "PNG")
    with open_as(target.people.chen.actor) as session:
        add_attachment(session, "service_case", case.id, "photo.png", made.getvalue())
    return case.id


def files_of(tab, case: int) -> str:
    """The page of the case at its files."""
    tabs = re.search(r'id: "([^"]*case\.tabs)"', tab.read("case", f"case={case}"))
    return tab.read("case", f"case={case}", **{tabs[1]: "Files"}) if tabs else ""


def status(target, method: str, path: str, token: str | None) -> int:
    return target.ask(method, path, **({"Cookie": f"{COOKIE}={token}"} if token is not None else {})).status


def test_a_picture_is_for_whoever_is_signed_in(target, photo):
    people = target.people
    token = open_browser_session(people.chen.id)
    with target.tab(token) as tab:
        address = ADDRESS.search(files_of(tab, photo))
        assert address, "no picture on the page"
        path = address.group()
        assert status(target, "GET", path, token) == 200
        for method in ("GET", "HEAD"):
            assert {status(target, method, path, one) for one in (None, "", "made up")} == {403}
            assert status(target, method, f"/media/../{path[1:]}", None) != 200
        later = open_browser_session(people.chen.id)
        with open_as(people.ada.actor) as session:
            freeze(session, people.chen.id)
        assert status(target, "GET", path, token) == status(target, "GET", path, later) == 403
        with open_as(people.ada.actor) as session:
            unfreeze(session, people.chen.id)
        again = open_browser_session(people.chen.id)
        assert status(target, "GET", path, again) == 200
        sign_out(again)
        assert status(target, "GET", path, again) == 403


def test_the_address_is_told_only_on_a_page_that_is_theirs(target, photo):
    """It is made of the content: nobody who has not seen the picture can guess it."""
    people = target.people
    for person, seen in ((people.chen, True), (people.dana, True), (people.anna, False), (people.emil, False)):
        with target.tab(open_browser_session(person.id)) as tab:
            assert bool(ADDRESS.search(files_of(tab, photo))) is seen, person.username
