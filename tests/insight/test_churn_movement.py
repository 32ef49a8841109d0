import datetime as dt

import pandas as pd
import pytest

from crm.insight.queries import Population
from crm.insight.queries.churn_movement import by_month, by_orders, events
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order
from tests.insight.test_churn_queries import day, keep_scores

END = dt.date(2026, 6, 30)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[s]")).sort_values(["customer_id", "date"])


def happened(frame):
    return [(row.customer_id, f"{row.day:%Y-%m-%d}", row.step) for row in frame.itertuples()]


def test_silent_for_so_many_days_and_one_more():
    found = by_orders(bought((1, "2026-01-01", 10.0)), END, active_days=30, dormant_days=60)
    assert happened(found) == [(1, "2026-02-01", "dormant"), (1, "2026-03-03", "lost")]


def test_a_purchase_on_the_last_day_keeps_him():
    rows = bought((1, "2026-05-01", 10.0), (1, "2026-05-31", 10.0), (1, "2026-06-30", 10.0))
    assert happened(by_orders(rows, END, 30, 60)) == []


def test_back_after_dormant_and_after_lost():
    rows = bought((1, "2026-01-01", 1.0), (1, "2026-02-15", 1.0), (1, "2026-05-01", 1.0))
    assert happened(by_orders(rows, END, 30, 60)) == [
        (1, "2026-02-01", "dormant"),
        (1, "2026-02-15", "back"),
        (1, "2026-03-18", "dormant"),
        (1, "2026-04-17", "lost"),
        (1, "2026-05-01", "back"),
        (1, "2026-06-01", "dormant"),
    ]


def test_what_has_not_happened_by_the_end_is_not_told():
    assert happened(by_orders(bought((1, "2026-05-31", 10.0)), END, 30, 60)) == []
    assert happened(by_orders(bought((1, "2026-05-30", 10.0)), END, 30, 60)) == [(1, "2026-06-30", "dormant")]


def test_worth_is_the_revenue_of_his_last_year():
    rows = bought((1, "2025-01-01", 7.0), (1, "2025-12-31", 5.0), (1, "2026-01-01", 3.0), (2, "2026-01-01", 100.0))
    lost = by_orders(rows, END, 30, 60).query("step == 'lost'")
    assert lost[["customer_id", "worth"]].values.tolist() == [[1, 7.0], [1, 8.0], [2, 100.0]]


def test_by_month_without_gaps():
    rows = bought((1, "2026-01-01", 10.0), (2, "2026-01-02", 5.0))
    table = by_month(by_orders(rows, END, 30, 60).assign(source="orders"), END).set_index("period")
    assert list(table.index.strftime("%Y-%m")) == [f"{one:%Y-%m}" for one in pd.date_range("2025-07", periods=12, freq="MS")]
    assert table.loc["2026-03-01", ["dormant", "lost", "back", "worth"]].tolist() == [0, 2, 0, 15.0]
    assert table["dormant"].sum() == 2
    assert by_month(by_orders(rows, END, 900, 999).assign(source="orders"), END)["lost"].sum() == 0


def ask(person):
    with open_as(person.actor) as session:
        return events(session, Population(board_id=person.board_id), TODAY)


def test_by_orders_where_few_scores_are_kept(people):
    mine, others = a_customer(people.anna), a_customer(people.chen)
    for customer in (mine, others):
        an_order(customer, 30, on=day("2025-02-01"))
        keep_scores(customer, TODAY, 0.5)
    found = ask(people.anna)
    assert happened(found) == [(mine.id, "2025-08-01", "dormant"), (mine.id, "2026-02-02", "lost")]
    assert set(found["source"]) == {"orders"}
    assert len(ask(people.dana)) == 4


def test_by_the_last_scores_of_each_month(people):
    mine, others = a_customer(people.anna), a_customer(people.chen)
    states = [
        ("2026-02-28", "active", 90),
        ("2026-03-31", "dormant", 70),
        ("2026-04-30", "lost", 20),
        ("2026-05-31", "active", 80),
    ]
    for on, state, value in states:
        keep_scores(mine, day(on), 0.5, value, state)
        keep_scores(others, day(on), 0.5, value, "lost")
    keep_scores(mine, day("2026-03-10"), 0.5, 999, "lost")
    found = ask(people.dana)
    assert happened(found) == [
        (mine.id, "2026-03-31", "dormant"),
        (mine.id, "2026-04-30", "lost"),
        (mine.id, "2026-05-31", "back"),
    ]
    assert found["worth"].tolist() == [90, 70, 20]
    assert set(found["source"]) == {"scores"}
    assert ask(people.chen).empty


@pytest.mark.parametrize("person", ["anna", "emil"])
def test_nobody_there(people, person):
    assert ask(getattr(people, person)).empty
