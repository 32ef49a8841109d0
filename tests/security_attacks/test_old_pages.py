"""A page that was drawn before somebody was closed or got another role: what it still offers is judged by what he is now."""

from __future__ import annotations

import pytest

from crm.access import Role
from crm.customers import queries
from crm.customers.filters import CustomerFilter
from crm.errors import Refused
from crm.exchange.reading import read_table
from crm.session import open_as
from crm.staff.commands import PersonDetails, edit_person, freeze, mark_as_left
from crm.staff.models import User
from crm.staff.sign_in import open_browser_session, who
from crm.ui.exporter import _file
from tests.factories import a_customer


def drawn(person):
    """The button that stands on the page since now -> its file, whenever it is pressed."""
    seen = who(open_browser_session(person.id))

    def pressed() -> list[str]:
        made = _file(seen, "en", "customers", "csv", rows, {"name": "Name"}, {}, "customers")
        return sorted(read_table(made, "x.csv").frame["Name"])

    return pressed


def rows(session):
    return queries.export_rows(session, CustomerFilter(), ("name",))


def becomes(people, person, role: Role, unit: str) -> None:
    with open_as(people.ada.actor) as session:
        user = session.get(User, person.id)
        edit_person(session, user.id, PersonDetails(name=user.name, role=role, unit_id=people.units[unit]), user.version)


@pytest.mark.parametrize("close", [freeze, mark_as_left])
def test_a_closed_account_gets_no_file_from_a_page_that_is_open(people, close):
    a_customer(people.chen, name="One of Chen's")
    press = drawn(people.chen)
    assert press() == ["One of Chen's"]
    with open_as(people.ada.actor) as session:
        close(session, people.chen.id)
    with pytest.raises(Refused, match="signed out"):
        press()


def test_a_smaller_role_gets_the_smaller_file(people):
    a_customer(people.dana, name="Dana's")
    a_customer(people.chen, name="Chen's")
    press = drawn(people.dana)
    assert press() == ["Chen's", "Dana's"]
    becomes(people, people.dana, Role.REP, "Sales East")
    assert press() == ["Dana's"]


def test_who_may_no_longer_export_gets_no_file(people):
    press = drawn(people.dana)
    becomes(people, people.dana, Role.AGENT, "Service")
    with pytest.raises(Refused):
        press()
