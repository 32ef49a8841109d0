import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.customers.commands import LineInput, OrderInput, add_order, delete_customers, record_renewal, take_back
from crm.insight.queries.subscriptions import contracts, services
from crm.session import open_as
from tests.factories import a_customer, a_product

AS_OF = dt.date(2026, 6, 30)


@pytest.fixture
def service(people):
    return a_product(name="Tuning", price=Decimal(80), renewal_months=12)


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora")


def bought(person, customer, service, *days):
    """The first day a sale, the others renewals -> the first order."""
    with open_as(person.actor) as session:
        lines = [LineInput(product_id=service.id, quantity=1, unit_price=80)]
        order = add_order(session, customer.id, OrderInput(ordered_on=days[0], lines=lines))
        for day in days[1:]:
            record_renewal(session, customer.id, service.id, day, None)
    return order


def found(person, service, as_of=AS_OF, **options) -> pd.DataFrame:
    with open_as(person.actor) as session:
        return contracts(session, person.board_id, [service.id], as_of, **options)


def histories(person, service, as_of=AS_OF, **options):
    rows = found(person, service, as_of, **options)
    return [(row.customer, row.renewals, row.lost) for row in rows.itertuples()]


def test_it_works(people, customer, service):
    bought(people.anna, customer, service, dt.date(2023, 3, 1), dt.date(2024, 2, 20), dt.date(2025, 3, 10))
    assert histories(people.anna, service) == [("Aurora", 2, True)]
    row = found(people.anna, service).iloc[0]
    assert (row["product"], row["started_on"], row["ends_on"]) == ("Tuning", *pd.to_datetime(["2023-03-01", "2026-03-10"]))
    assert histories(people.anna, service, dt.date(2026, 5, 8)) == [("Aurora", 2, False)], "the days of grace still run"


def test_a_stranger_has_none_of_them_and_a_reader_has_his_own_part(people, customer, service):
    bought(people.anna, customer, service, dt.date(2023, 3, 1))
    assert histories(people.chen, service) == []
    assert histories(people.amir, service) == histories(people.ben, service) == [("Aurora", 0, True)]
    with open_as(people.chen.actor) as session:
        assert services(session, people.chen.board_id).empty


def test_a_late_order_begins_a_new_contract(people, customer, service):
    bought(people.anna, customer, service, dt.date(2022, 1, 1), dt.date(2023, 3, 15))
    assert histories(people.anna, service) == [("Aurora", 0, True), ("Aurora", 0, True)]
    assert histories(people.anna, service, grace_days=90) == [("Aurora", 1, True)]


def test_what_was_taken_back_was_never_bought(people, customer, service):
    first = bought(people.anna, customer, service, dt.date(2023, 3, 1))
    with open_as(people.anna.actor) as session:
        take_back(session, first.id, dt.date(2023, 3, 20))
    assert histories(people.anna, service) == []
    bought(people.anna, customer, service, dt.date(2023, 4, 1), dt.date(2024, 4, 1))
    assert histories(people.anna, service) == [("Aurora", 1, True)]


def test_deleted_customers_are_gone(people, customer, service):
    bought(people.anna, customer, service, dt.date(2023, 3, 1))
    with open_as(people.dana.actor) as session:
        delete_customers(session, [customer.id])
    assert histories(people.anna, service) == []


def test_services_are_those_that_run_out_and_were_bought(people, customer, service):
    piano, unsold = a_product(name="Piano"), a_product(name="Care", renewal_months=6)
    bought(people.anna, customer, service, dt.date(2023, 3, 1), dt.date(2024, 3, 1))
    with open_as(SYSTEM) as session:
        lines = [LineInput(product_id=piano.id, quantity=1, unit_price=900)]
        add_order(session, customer.id, OrderInput(ordered_on=dt.date(2023, 5, 1), lines=lines))
    with open_as(people.anna.actor) as session:
        known = services(session, people.anna.board_id)
        assert services(session, people.units["Machinery"]).empty
    assert known[["product", "months", "price", "customers"]].values.tolist() == [["Tuning", 12, 80.0, 1]]
    assert unsold.id not in known["id"].tolist()
