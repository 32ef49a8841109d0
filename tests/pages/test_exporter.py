"""The file behind the export button: in my scope, in my language, in the log, and not after signing out."""

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers import queries
from crm.customers.filters import CustomerFilter
from crm.errors import Refused
from crm.exchange.reading import read_table
from crm.office.models import ExportEvent
from crm.session import open_as
from crm.staff.sign_in import open_browser_session, sign_out, who
from crm.ui.exporter import _file
from tests.factories import a_customer

COLUMNS = {"name": "Name", "level": "Level"}


def exported(token, language="en", format="csv"):
    def rows(session):
        return queries.export_rows(session, CustomerFilter(), tuple(COLUMNS))

    return read_table(
        _file(who(token), language, "customers", format, rows, COLUMNS, {"region": ["East"]}, "customers"), "file"
    ).frame


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_i_get_what_i_see_and_the_log_knows(people, format):
    a_customer(people.anna, name="=1+1", level="vip")
    a_customer(people.chen, name="Not mine")
    found = exported(open_browser_session(people.anna.id), format=format)
    assert found.values.tolist() == [["=1+1", "VIP"]]
    with open_as(SYSTEM) as session:
        event = session.scalars(select(ExportEvent)).one()
    assert (event.user_id, event.what, event.format, event.rows, event.filters) == (
        people.anna.id,
        "customers",
        format,
        1,
        {"region": ["East"]},
    )


def test_a_formula_is_only_text_in_the_file(people):
    a_customer(people.anna, name="=cmd()")
    token = open_browser_session(people.anna.id)
    raw = _file(
        who(token),
        "en",
        "customers",
        "csv",
        lambda session: queries.export_rows(session, CustomerFilter(), ("name",)),
        {"name": "Name"},
        {},
        "customers",
    )
    assert "'=cmd()" in raw.decode("utf-8-sig")


def test_a_page_left_open_gives_no_file_after_signing_out(people):
    token = open_browser_session(people.anna.id)
    person = who(token)
    sign_out(token)
    with pytest.raises(Refused, match="signed out"):
        _file(
            person,
            "en",
            "customers",
            "csv",
            lambda session: queries.export_rows(session, CustomerFilter(), ("name",)),
            {"name": "Name"},
            {},
            "customers",
        )


def test_who_may_not_export_gets_none(people):
    with pytest.raises(Refused, match="does not allow"):
        exported(open_browser_session(people.gia.id))
