import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import LineInput, OrderInput, add_order, record_renewal, take_back
from crm.customers.queries import orders_of, renewals_due
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import TODAY, a_product, a_share

BOUGHT = dt.date(2025, 7, 15)


@pytest.fixture
def service(people):
    return a_product(name="Tuning", price=Decimal(80), renewal_months=12)


@pytest.fixture
def bought(people, customer, service, day):
    """-> the order of the service, which ends in two weeks"""
    lines = [LineInput(product_id=service.id, quantity=1, unit_price=80)]
    with open_as(people.anna.actor) as session:
        return add_order(session, customer.id, OrderInput(ordered_on=BOUGHT, lines=lines))


def due(person, until=dt.date(2026, 7, 31)):
    with open_as(person.actor) as session:
        found = renewals_due(session, until)
    return found[["product", "ends_on"]].values.tolist()


def renew(person, customer, product, price=None, on=TODAY):
    with open_as(person.actor) as session:
        return record_renewal(session, customer.id, product.id, on, price)


def test_it_works(people, customer, service, bought):
    assert due(people.anna) == due(people.ben) == [["Tuning", dt.date(2026, 7, 15)]]
    renewed = renew(people.anna, customer, service)
    assert (renewed.kind, renewed.amount) == ("renewal", 80)
    assert due(people.anna) == []
    assert due(people.anna, dt.date(2027, 6, 30)) == [["Tuning", dt.date(2027, 6, 30)]]


def test_refused_for_a_stranger(people, customer, service, bought):
    assert due(people.chen) == []
    with pytest.raises(NotFound):
        renew(people.chen, customer, service)


def test_refused_for_a_reader(people, customer, service, bought):
    a_share(customer, user_id=people.chen.id)
    assert len(due(people.chen)) == 1
    for reader in (people.amir, people.chen):
        with pytest.raises(Refused):
            renew(reader, customer, service)


def test_at_another_price(people, customer, service, bought):
    renew(people.anna, customer, service, Decimal("66.6"))
    with open_as(people.anna.actor) as session:
        assert orders_of(session, customer.id)["amount"].tolist() == [66.6, 80.0]


def test_what_is_bought_once_is_not_renewed(people, customer, day):
    with pytest.raises(Invalid, match="bought once"):
        renew(people.anna, customer, a_product(name="Piano"))


def test_what_came_back_is_not_due(people, customer, service, bought):
    with open_as(people.anna.actor) as session:
        take_back(session, bought.id, dt.date(2025, 8, 1))
    assert due(people.anna) == []


def test_what_ended_a_year_ago_is_over_and_what_ends_later_is_not_due(people, bought):
    end = dt.date(2026, 7, 15)
    assert due(people.anna, end - dt.timedelta(1)) == []
    assert len(due(people.anna, end)) == len(due(people.anna, end + dt.timedelta(365))) == 1
    assert due(people.anna, end + dt.timedelta(366)) == []
