"""What `frame()` gives has the same types whatever rows there are: all values, some, none, or no row at all."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import select

from crm.customers.models import Order
from crm.database import frame
from crm.session import open_as
from tests.factories import a_customer, an_order

MORNING = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)


@pytest.fixture
def customer(people):
    return a_customer(people.anna)


def orders(people, customer):
    """-> id, amount, ordered_at, kind."""
    with open_as(people.anna.actor) as session:
        query = select(Order.id, Order.amount, Order.ordered_at, Order.kind).where(Order.customer_id == customer.id)
        return frame(session, query.order_by(Order.id))


@pytest.mark.parametrize("times", [(), (None,), (MORNING,), (MORNING, None)], ids=["no row", "no time", "all", "some"])
def test_money_and_times_keep_their_types(times, people, customer):
    for place, at in enumerate(times, 1):
        an_order(customer, f"{place}.10", ordered_at=at)
    found = orders(people, customer)
    assert [str(kind) for kind in found.dtypes[["amount", "ordered_at"]]] == ["float64", "datetime64[us, UTC]"]
    assert found["amount"].tolist() == [1.1, 2.1][: len(times)]
    assert [None if pd.isna(at) else at.to_pydatetime() for at in found["ordered_at"]] == list(times)


def test_who_changes_an_empty_answer_changes_no_other(people, customer):
    first = orders(people, customer)
    first["more"] = []
    first["amount"] = first["amount"].astype("int64")
    again = orders(people, customer)
    assert list(again.columns) == ["id", "amount", "ordered_at", "kind"]
    assert again["amount"].dtype == "float64"
