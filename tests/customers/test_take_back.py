import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import LineInput, OrderInput, add_order, take_back
from crm.customers.queries import customer as one
from crm.customers.queries import order_lines, orders_of
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import TODAY


@pytest.fixture
def order(people, customer, day):
    """Two pianos of 100 with a discount of 10"""
    lines = [LineInput(quantity=2, unit_price=100, description="Piano"), LineInput(quantity=1, unit_price=-10)]
    with open_as(people.anna.actor) as session:
        return add_order(session, customer.id, OrderInput(ordered_on=dt.date(2026, 6, 1), number="A1", lines=lines))


def back(person, order):
    with open_as(person.actor) as session:
        return take_back(session, order.id, TODAY)


def test_it_works(people, customer, order):
    returned = back(people.anna, order)
    assert (returned.kind, returned.number, returned.amount) == ("return", "A1-R", Decimal(-190))
    with open_as(people.ben.actor) as session:
        assert order_lines(session, returned.id)["amount"].tolist() == [-200.0, 10.0]
        found = one(session, customer.id)
        assert (found.order_amount, found.order_count, found.last_order_on) == (0, 1, dt.date(2026, 6, 1))
        assert orders_of(session, customer.id)["kind"].tolist() == ["return", "sale"]


def test_refused_for_a_stranger(people, order):
    with pytest.raises(NotFound):
        back(people.chen, order)


def test_refused_for_a_reader(people, order):
    with pytest.raises(Refused):
        back(people.amir, order)


def test_goods_come_back_once(people, customer, order):
    returned = back(people.anna, order)
    with pytest.raises(Invalid):
        back(people.anna, order)
    with pytest.raises(Invalid):
        back(people.anna, returned)
    with open_as(people.anna.actor) as session:
        assert one(session, customer.id).order_amount == 0


def test_a_long_number_is_no_obstacle(people, customer, day):
    with open_as(people.anna.actor) as session:
        lines = [LineInput(quantity=1, unit_price=5)]
        order = add_order(session, customer.id, OrderInput(ordered_on=TODAY, number="N" * 40, lines=lines))
    assert back(people.anna, order).amount == -5
