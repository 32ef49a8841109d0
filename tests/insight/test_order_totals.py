import datetime as dt

import pytest

from crm.customers.commands import delete_customers
from crm.customers.filters import CustomerFilter
from crm.insight.queries import Population
from crm.insight.queries.totals import customers_of_class, order_histogram
from crm.session import open_as
from tests.factories import a_customer, an_order

AS_OF = dt.date(2026, 6, 30)


@pytest.fixture
def business(people):
    """Often buys 3 times again in his first year and once in his second, Once never again, New has not been here for a year."""
    often, once, new = (a_customer(people.anna, name=name) for name in ("Often", "Once", "New"))
    for day in ("2024-01-10", "2024-03-01", "2024-03-01", "2024-09-09", "2025-01-09", "2025-01-10"):
        an_order(often, 50, on=dt.date.fromisoformat(day))
    an_order(often, -50, on=dt.date(2024, 4, 1))
    an_order(once, 80, on=dt.date(2024, 6, 30))
    an_order(new, 10, on=dt.date(2026, 1, 1))
    an_order(new, 10, on=dt.date(2026, 2, 1))
    return often, once, new


def histogram(person, as_of=AS_OF, where=CustomerFilter(), **options):  # noqa: B008
    with open_as(person.actor) as session:
        return order_histogram(session, Population(board_id=person.board_id, where=where), as_of, **options).to_numpy().tolist()


def test_it_works(people, business):
    assert histogram(people.anna, most=4) == [[1, 0, 0, 1, 0], [1, 1, 0, 0, 0]]


def test_the_last_column_holds_so_many_or_more(people, business):
    assert histogram(people.anna, most=2) == [[1, 0, 1], [1, 1, 0]]


def test_only_customers_seen_for_the_whole_period_count(people, business):
    assert histogram(people.anna, dt.date(2026, 6, 29), most=3) == [[1, 0, 0, 1], [0, 1, 0, 0]]
    assert histogram(people.anna, dt.date(2024, 12, 31), most=3) == []


def test_shorter_periods(people, business):
    assert histogram(people.anna, months=6, periods=3, most=3) == [[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]]


def test_a_stranger_has_none_of_it(people, business):
    assert histogram(people.chen) == []
    assert histogram(people.amir, most=3) == histogram(people.anna, most=3)


def test_a_filter_and_the_deleted_leave_customers_out(people, business):
    often, once, _ = business
    assert histogram(people.anna, where=CustomerFilter(ids=(once.id,)), most=1) == [[1, 0], [1, 0]]
    with open_as(people.dana.actor) as session:
        delete_customers(session, [often.id])
    assert histogram(people.anna, most=1) == [[1, 0], [1, 0]]


def test_each_cell_leads_to_its_customers(people, business):
    often, once, _ = business

    def of(period, x, person=people.anna, most=2):
        with open_as(person.actor) as session:
            return customers_of_class(session, Population(board_id=person.board_id), AS_OF, 12, period, x, most)

    assert of(0, 2) == (often.id,), "3 repeat purchases stand in the column of 2 or more"
    assert of(0, 2, most=4) == ()
    assert of(0, 3, most=4) == (often.id,)
    assert of(0, 0) == (once.id,)
    assert (of(1, 0), of(1, 1)) == ((once.id,), (often.id,))
    assert of(0, 2, people.chen) == ()
