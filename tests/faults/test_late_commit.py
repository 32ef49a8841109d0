"""On PostgreSQL the one who took the lower number may commit last: nothing that is kept may then pass for new."""

import pytest

from crm.customers.models import Customer
from crm.session import data_version, get, open_as
from crm.staff.sign_in import open_browser_session, who
from crm.ui.kept import kept
from tests.factories import a_customer


def rename(session, customer, name):
    get(session, Customer, customer.id).name = name
    session.flush()


def names(session, ids):
    return [get(session, Customer, one).name for one in ids]


@pytest.fixture
def two(people, database, database_kind):
    if database_kind != "postgres":
        pytest.skip("SQLite knows one writer at a time.")
    return a_customer(people.anna, name="Early"), a_customer(people.anna, name="Late")


def test_what_is_kept_is_asked_anew(people, two):
    token = open_browser_session(people.anna.id)
    ids = [one.id for one in two]
    with open_as(people.anna.actor) as slow:
        rename(slow, two[0], "Early, changed")
        with open_as(people.anna.actor) as quick:
            rename(quick, two[1], "Late, changed")
        between = who(token)
        assert kept(between, names, {"ids": ids}) == ["Early", "Late, changed"]
        assert who(token).data_version == between.data_version, "nothing happened: what was kept is used"
    after = who(token)
    assert kept(after, names, {"ids": ids}) == ["Early, changed", "Late, changed"]


def test_an_import_looks_again(people, two):
    """The same within one transaction, as an import asks before and after it holds the table."""
    with open_as(people.dana.actor) as reader:
        with open_as(people.anna.actor) as slow:
            rename(slow, two[0], "Early, changed")
            with open_as(people.anna.actor) as quick:
                rename(quick, two[1], "Late, changed")
            before = data_version(reader)
        assert data_version(reader) != before


def test_who_only_reads_moves_nothing(people, two):
    with open_as(people.anna.actor) as other, open_as(people.dana.actor) as reader:
        names(other, [one.id for one in two])
        assert data_version(reader).isdecimal()
