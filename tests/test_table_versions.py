"""What was read from which tables, and whether they are still the same: also past the records, and for another process."""

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.bulk import bulk_change, bulk_derive, bulk_insert
from crm.customers.models import Customer, Order
from crm.database import engine
from crm.errors import Invalid
from crm.office.commands import MessageInput, send_message
from crm.session import get, open_as, versions
from crm.staff.models import Presence
from crm.staff.sign_in import open_browser_session, who
from crm.table_versions import reading
from crm.ui.kept import KEPT, kept
from tests.factories import TODAY, a_customer, an_activity, an_order
from tests.test_bulk import new_customers


def found(person):
    with open_as(person.actor) as session:
        return versions(session)


def moved(person, before):
    return {name for name, version in found(person).items() if before.get(name) != version}


@pytest.fixture
def customer(people):
    return a_customer(people.anna)


def test_a_change_moves_its_table_and_the_log(people, customer):
    before = found(people.chen)
    with open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).name = "Another"
        session.flush()
        assert found(people.chen) == before, "not before the commit"
    assert moved(people.chen, before) == {"customer", "audit_entry"}


def test_reading_and_a_failed_change_move_nothing(people, customer):
    before = found(people.anna)
    with open_as(people.anna.actor) as session:
        session.scalars(select(Customer)).all()
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).name = "Another"
        session.flush()
        raise Invalid("No.")
    assert found(people.anna) == before


def test_no_number_comes_twice(people, customer):
    seen = set()
    for number in range(5):
        with open_as(people.anna.actor) as session:
            get(session, Customer, customer.id).name = f"Name {number}"
        seen.add(found(people.anna)["customer"])
    assert len(seen) == 5


def test_rows_in_bulk_move_their_table(people, customer):
    before = found(people.ada)
    rows = new_customers(people.anna, *(f"Firm {number}" for number in range(300)))
    with open_as(people.anna.actor) as session:
        bulk_insert(session, Customer, rows)
    assert {"customer", "audit_entry"} <= moved(people.ada, before)

    before, ids = found(people.ada), pd.Series([customer.id])
    with open_as(SYSTEM) as session:
        bulk_change(session, Customer, pd.DataFrame({"id": ids, "name": ["Renamed"]}))
    assert "customer" in moved(people.ada, before)


def test_what_is_derived_and_what_is_not_logged_move_their_tables(people, customer):
    before = found(people.ada)
    with open_as(SYSTEM) as session:
        bulk_derive(session, Customer, pd.DataFrame({"id": [customer.id], "order_count": [3]}), logged=False)
    assert moved(people.ada, before) == {"customer"}
    before = found(people.ada)
    with open_as(SYSTEM) as session:
        session.add(Presence(user_id=people.anna.id, day=TODAY + dt.timedelta(1)))
    assert moved(people.ada, before) == {"presence"}


def test_all_tables_that_are_read_are_known_the_scope_included(people, customer):
    with reading() as tables, open_as(people.anna.actor) as session:
        session.scalars(select(Order.amount)).all()
    assert {"order", "customer", "customer_share"} <= tables
    with reading() as tables:
        pass
    assert tables == set()


# ------------------------------------------------------------------------------------------------ what is kept


def names(session):
    return sorted(session.scalars(select(Customer.name)))


def asked(person, query, **arguments):
    return kept(who(open_browser_session(person.id)), query, arguments)


def test_an_answer_outlives_what_it_was_not_read_from(people, customer):
    asked(people.anna, names)
    answer = next(iter(KEPT.values()))
    an_activity(customer, people.anna)
    asked(people.anna, names)
    assert list(KEPT.values()) == [answer]
    a_customer(people.anna, name="Borealis")
    assert "Borealis" in asked(people.anna, names)
    assert len(KEPT) == 1, "the old answer is gone"


def test_the_bell_rings_at_the_next_click(people):
    from crm.ui.inbox.news import news

    assert asked(people.anna, news) == 0
    with open_as(people.ben.actor) as session:
        send_message(session, MessageInput(to=[people.anna.id], text="See me, please."))
    assert asked(people.anna, news) == 1


def test_a_change_from_another_connection_counts(people, customer):
    """As of a second process: written past this engine's pool, by one of its own."""
    before = asked(people.anna, names)
    url = engine().url
    engine().dispose()
    a_customer(people.anna, name="Cirrus")
    assert engine().url == url
    assert asked(people.anna, names) == sorted([*before, "Cirrus"])


def test_an_order_changes_what_was_read_from_orders(people, customer):
    def total(session):
        return len(session.scalars(select(Order.id)).all())

    assert asked(people.anna, total) == 0
    an_order(customer, 100)
    assert asked(people.anna, total) == 1
