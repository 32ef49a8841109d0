"""The list of all orders and its filter."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.customers.queries import order_list, order_totals
from crm.customers.queries.orders import OrderFilter
from crm.session import get, open_as
from crm.staff.models import OrgUnit
from tests.factories import a_customer, an_order


@pytest.fixture
def sold(people):
    """Three orders of anna's two customers, one of chen's"""
    first, second, foreign = a_customer(people.anna, name="A"), a_customer(people.anna, name="B"), a_customer(people.chen)
    an_order(first, 10, number="SO1", on=dt.date(2026, 1, 31))
    an_order(first, -4, number="SO1-R", on=dt.date(2026, 2, 1))
    an_order(second, 7, number="SO2", on=dt.date(2026, 2, 2))
    an_order(foreign, 99, number="SO3", on=dt.date(2026, 2, 3))
    return first, second


def listed(person, **where):
    with open_as(person.actor) as session:
        filter = OrderFilter(**where)
        rows, totals = order_list(session, filter), order_totals(session, filter)
    assert totals["orders"] == len(rows)
    assert sum(totals["amounts"].values()) == rows["amount"].sum()
    return rows["number"].tolist()


def test_it_works(people, sold):
    assert listed(people.anna) == ["SO2", "SO1-R", "SO1"]
    with open_as(people.anna.actor) as session:
        row = order_list(session).iloc[0]
        assert (row["id"], row["customer"], row["kind"], row["amount"]) == (sold[1].id, "B", "sale", 7.0)
        assert order_totals(session) == {"orders": 3, "amounts": {"CNY": 13.0}}


def test_each_sees_his_own(people, sold):
    assert listed(people.chen) == ["SO3"]
    assert listed(people.dana) == ["SO3", "SO2", "SO1-R", "SO1"]
    assert listed(people.ada) == []


NARROWED = (
    ({"number": "SO1"}, ["SO1-R", "SO1"]),
    ({"number": "so1"}, ["SO1-R", "SO1"]),
    ({"number": "O1"}, []),
    ({"number": "%"}, []),
    ({"kind": ("return",)}, ["SO1-R"]),
    ({"kind": ("return", "sale")}, ["SO2", "SO1-R", "SO1"]),
    ({"ordered_from": dt.date(2026, 2, 1)}, ["SO2", "SO1-R"]),
    ({"ordered_to": dt.date(2026, 2, 1)}, ["SO1-R", "SO1"]),
    ({"ordered_from": dt.date(2026, 3, 1)}, []),
    ({"life_cycle": "potential"}, ["SO2", "SO1-R", "SO1"]),
    ({"life_cycle": "lost"}, []),
    ({"first_only": True}, ["SO2", "SO1"]),
)


def test_narrowed(people, sold):
    for where, expected in NARROWED:
        assert (where, listed(people.anna, **where)) == (where, expected)


def test_of_one_customer_and_one_board(people, sold):
    assert listed(people.anna, customer_id=sold[1].id) == ["SO2"]
    assert listed(people.eve, board_id=people.units["Machinery"]) == []


def test_different_money_is_never_added_up(people, sold):
    with open_as(SYSTEM) as session:
        get(session, OrgUnit, people.units["Machinery"]).currency = "EUR"
    an_order(a_customer(people.emil), 50)
    with open_as(people.eve.actor) as session:
        assert order_totals(session)["amounts"] == {"CNY": 112.0, "EUR": 50.0}


def test_page_by_page(people, sold):
    with open_as(people.anna.actor) as session:
        pages = [order_list(session, page=page, size=2)["number"].tolist() for page in (1, 2)]
    assert pages == [["SO2", "SO1-R"], ["SO1"]]
