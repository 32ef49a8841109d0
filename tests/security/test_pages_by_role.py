"""Every page, opened by every role with ids that are not his in its address: nothing foreign stands anywhere on it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.access import SYSTEM, Role
from crm.session import get, open_as
from crm.settings import ROOT
from crm.staff.models import User
from crm.staff.sign_in import open_browser_session
from crm.ui.menu import BY_PATH, PAGES, PageSpec, allowed
from tests.conftest import proof
from tests.pages.opened import opened
from tests.pages.reading import _nodes
from tests.people import Person
from tests.security.arguments import MISSING
from tests.security.asking import Asker
from tests.security.conftest import ROLES, roles
from tests.security.firm import LOOKED_AT, Firm
from tests.security.parameters import RECORDS, parameters, sides

WITH_FOREIGN = [role for role in roles() if role is not Role.EXECUTIVE]
HIDDEN = "This record does not exist, or it is not yours to see."
REFUSED = "Your role does not open this page."
PLAIN = {"rfm", "stage"}
"""Named as a page or a table, and yet no id: a cell of the grid; the code of a stage."""
GUARDED = [page for page in PAGES if not page.public]
OF_ONE_RECORD = ("customer", "opportunity", "contract", "lead", "case", "knowledge", "duplicates", "team", "targets")
NONSENSE: dict[str, Any] = {
    "huge": "9" * 30,
    "endless": "9" * 5000,
    "negative": "-1",
    "quote": "1' OR '1'='1",
    "empty": "",
    "several": ["1", "2", "2", "x"],
}


def visit(at: AppTest, page: PageSpec, **query: Any) -> AppTest:
    at.switch_page(page.path)
    at.query_params.clear()
    for name, value in query.items():
        at.query_params[name] = value if isinstance(value, list) else str(value)
    return at.run()


def signed_in(person: Person) -> AppTest:
    return opened("pages/work/account.py", person)


def all_of(at: AppTest) -> bytes:
    """Everything that the page sent: texts, options, rows of tables, specifications of charts, what is to be downloaded."""
    protos = [getattr(node, "proto", None) for node in _nodes(at._tree)]
    return b"\n".join(one.SerializeToString() for one in protos if hasattr(one, "SerializeToString"))


def foreign(firm: Firm, person: Person) -> dict[str, int]:
    """For every parameter that names a record one that is not his; MISSING where he sees all of them."""
    asker = Asker(firm, person)
    return {name: asker.foreign(name, table) or MISSING for name, table in RECORDS.items()}


def told(at: AppTest) -> list[str]:
    return [one.value for one in at.error]


def test_every_parameter_is_known() -> None:
    """A new one that names a record belongs into RECORDS of tests/security/parameters.py; any other name is plain."""
    read = parameters()
    ids = {name for name in read if name.endswith(("_id", "_ids", "ids")) or name in LOOKED_AT or name in BY_PATH} - PLAIN
    assert ids <= set(RECORDS), f"Say in RECORDS which table these are about: {ids - set(RECORDS)}"
    assert set(RECORDS) <= set(read), f"No page reads these any more: {set(RECORDS) - set(read)}"


@pytest.mark.parametrize("role", WITH_FOREIGN)
def test_foreign_ids_open_nothing(role: Role, firm: Firm) -> None:
    """Nor does the address of a page that the menu does not offer."""
    person = getattr(firm.people, ROLES[role])
    at, ids, wrong = signed_in(person), foreign(firm, person), {}
    for page in GUARDED:
        visit(at, page, **ids)
        problems = [one.message for one in at.exception] + [one for one in told(at) if one not in (HIDDEN, REFUSED)]
        if not allowed(person.actor, page.needs) and told(at) != [REFUSED]:
            problems.append("open")
        if problems or (found := firm.leaks(person, all_of(at))):
            wrong[page.url_path] = problems or found
    assert wrong == {}


@pytest.mark.parametrize("username", ["chen", "dana"] if proof() else ["chen"])
def test_nor_do_they_on_any_side_of_a_page(username: str, firm: Firm) -> None:
    person = getattr(firm.people, username)
    at, ids, wrong = signed_in(person), foreign(firm, person), {}
    for page in GUARDED:
        for side in sides(page.path):
            for query in ({}, ids) if username == "chen" else ({},):
                visit(at, page, **query, show=side, view=side)
                problems = [one.message for one in at.exception] + [one for one in told(at) if one not in (HIDDEN, REFUSED)]
                if problems or (found := firm.leaks(person, all_of(at))):
                    wrong[page.url_path, side, len(query)] = problems or found
    assert wrong == {}


def test_what_is_kept_for_one_is_not_shown_to_another(firm: Firm) -> None:
    """In one process, page by page: first whoever sees all of it, where the marks are found, then a seller."""
    executive, seller, sent = signed_in(firm.people.eve), signed_in(firm.people.chen), b""
    for page in GUARDED:
        sent += all_of(visit(executive, page))
        assert firm.leaks(firm.people.chen, all_of(visit(seller, page))) == set(), page.url_path
    assert len(firm.leaks(firm.people.ada, sent)) > 60
    assert len(firm.leaks(firm.people.chen, sent)) > 40


@pytest.mark.parametrize("username", ["chen", "gia", "dana"] if proof() else ["gia"])
def test_foreign_and_missing_are_the_same_page(username: str, firm: Firm) -> None:
    person = getattr(firm.people, username)
    at, ids, wrong = signed_in(person), foreign(firm, person), {}
    ids = {name: one for name, one in ids.items() if RECORDS[name] not in ("user", "org_unit")}
    for page in GUARDED:
        if page.url_path in OF_ONE_RECORD:
            pages = [(told(visit(at, page, **query)), all_of(at)) for query in (ids, dict.fromkeys(ids, MISSING))]
            if pages[0][0] != pages[1][0] or len(pages[0][1]) != len(pages[1][1]):
                wrong[page.url_path] = [(one[0], len(one[1])) for one in pages]
    assert wrong == {}


@pytest.mark.parametrize("kind", NONSENSE if proof() else ["huge", "quote"])
def test_nonsense_in_an_address_is_no_error(kind: str, firm: Firm) -> None:
    at, wrong = signed_in(firm.people.dana), {}
    for page in GUARDED:
        visit(at, page, **dict.fromkeys(RECORDS, NONSENSE[kind]))
        problems = [one.message for one in at.exception] + [one for one in told(at) if one not in (HIDDEN, REFUSED)]
        if problems:
            wrong[page.url_path] = problems
    assert wrong == {}


def test_strangers_and_those_who_left_get_the_sign_in_alone(firm: Firm) -> None:
    at, wrong = signed_in(firm.people.chen), []
    with open_as(SYSTEM) as session:
        get(session, User, firm.people.chen.id).state = "frozen"
    try:
        for page in GUARDED:
            visit(at, page, **foreign(firm, firm.people.chen))
            if at.title or "password" not in str([one.label for one in at.text_input]).lower() or b"zq" in all_of(at):
                wrong.append(page.url_path)
        assert not open_browser_session_works(firm.people.chen)
    finally:
        with open_as(SYSTEM) as session:
            get(session, User, firm.people.chen.id).state = "active"
    stranger = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60).run()
    for page in GUARDED:
        visit(stranger, page, **foreign(firm, firm.people.chen))
        if stranger.title or b"zq" in all_of(stranger):
            wrong.append(f"stranger {page.url_path}")
    assert wrong == []


def open_browser_session_works(person: Person) -> bool:
    at = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    at.session_state["_token"] = open_browser_session(person.id)
    return bool(at.run().title)
