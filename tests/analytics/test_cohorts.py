from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.cohorts import cohort_matrix, cohort_table, repeat_rate, time_to_second_order
from crm.analytics.errors import AnalyticsError
from crm.analytics.orders import usable_orders

ORDERS = pd.DataFrame(
    [
        ("ann", "2024-01-05", 100.0),
        ("ann", "2024-01-25", 40.0),
        ("ann", "2024-03-02", 60.0),
        ("bob", "2024-01-31", 80.0),
        ("cat", "2024-02-01", 50.0),
        ("cat", "2024-02-01", 25.0),
        ("cat", "2024-03-12", 30.0),
        ("dan", "2024-02-10", 20.0),
        ("dan", "2024-02-11", 10.0),
        ("eve", "2024-03-15", 90.0),
    ],
    columns=["customer_id", "date", "amount"],
).astype({"date": "datetime64[s]"})
END = date(2024, 3, 20)

order_lists = st.lists(
    st.tuples(
        st.integers(1, 12), st.dates(date(2023, 1, 1), date(2023, 12, 31)), st.integers(1, 9999).map(lambda cents: cents / 100)
    ),
    min_size=1,
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["customer_id", "date", "amount"]).astype({"date": "datetime64[s]"}))


def test_five_customers_by_month_of_first_order_and_age():
    table = cohort_table(ORDERS, "M", END)
    assert table["cohort"].astype(str).tolist() == ["2024-01"] * 3 + ["2024-02"] * 2 + ["2024-03"]
    assert table["period"].astype(str).tolist() == ["2024-01", "2024-02", "2024-03", "2024-02", "2024-03", "2024-03"]
    assert table["age"].tolist() == [0, 1, 2, 0, 1, 0]
    assert table["customers"].tolist() == [2, 2, 2, 2, 2, 1]
    assert table["active"].tolist() == [2, 0, 1, 2, 1, 1]
    assert table["orders"].tolist() == [3, 0, 1, 4, 1, 1]
    assert table["revenue"].tolist() == [220, 0, 60, 105, 30, 90]
    assert table["retention"].tolist() == [1, 0, 0.5, 1, 0.5, 1]
    assert table["cumulative_revenue_per_customer"].tolist() == [110, 110, 140, 52.5, 67.5, 90]
    assert table["complete"].tolist() == [True, True, False, True, False, False]


def test_the_matrix_is_empty_where_the_future_begins():
    matrix = cohort_matrix(cohort_table(ORDERS, "M", END))
    assert matrix.loc["2024-01"].tolist() == [1, 0, 0.5]
    assert np.isnan(matrix.loc["2024-03"].tolist()[1:]).all()


def test_periods_without_orders_up_to_the_last_day_are_rows_of_zeros():
    table = cohort_table(ORDERS, "M", date(2024, 5, 31))
    assert table[table["cohort"] == pd.Period("2024-03")]["active"].tolist() == [1, 0, 0]
    assert table["complete"].all()


@pytest.mark.parametrize("period", ["W", "M", "Q", "Y"])
@settings(max_examples=25)
@given(orders=order_lists)
def test_no_order_and_no_revenue_gets_lost(period, orders):
    table = cohort_table(orders, period)
    assert table["orders"].sum() == len(orders)
    assert table["revenue"].sum() == pytest.approx(orders["amount"].sum())
    assert table.loc[table["age"] == 0, "customers"].sum() == orders["customer_id"].nunique()
    assert table["retention"].between(0, 1).all()
    assert (table.loc[table["age"] == 0, "retention"] == 1).all()


def test_second_orders_are_on_a_later_day_and_the_unseen_future_is_not_a_no():
    curve = time_to_second_order(ORDERS, END)
    # ann after 20 days, dan after 1, cat after 40 (same-day orders are one); bob seen for 49 days, eve for 5
    assert curve["days"].tolist() == [1, 20, 40]
    assert curve["at_risk"].tolist() == [5, 3, 2]
    assert curve["returned"].tolist() == [1, 1, 1]
    assert curve["share_returned"].tolist() == pytest.approx([1 / 5, 1 - 4 / 5 * 2 / 3, 1 - 4 / 5 * 2 / 3 * 1 / 2])


def test_nobody_came_back():
    assert time_to_second_order(ORDERS[ORDERS["customer_id"] == "bob"], END).empty


def test_repeat_rate_is_empty_until_the_whole_cohort_was_seen_long_enough():
    rates = repeat_rate(ORDERS, "M", within_days=30, through=END)
    assert rates["customers"].tolist() == [2, 2, 1]
    assert rates["repeaters"].tolist() == [1, 1, pd.NA]
    assert rates["repeat_rate"].tolist() == [0.5, 0.5, pd.NA]
    exactly = repeat_rate(ORDERS, "M", within_days=20, through=END)  # ann came back on the 20th day
    assert exactly["repeaters"].tolist() == [1, 1, pd.NA]


def test_an_order_after_the_end_and_an_unknown_period_are_refused():
    with pytest.raises(AnalyticsError, match="date lies after the end of the period in rows 9"):
        cohort_table(ORDERS, "M", date(2024, 3, 12))
    with pytest.raises(AnalyticsError, match="W, M, Q, Y"):
        cohort_table(ORDERS, "D", END)


def test_cdnow_first_quarter_cohorts(cdnow_orders):
    """All 2,357 customers bought first in January to March 1997; 946 again by 30 September (Fader, Hardie, Lee 2005)."""
    everything = cdnow_orders.assign(amount=1.0)
    until_september = everything[everything["date"] <= "1997-09-30"]
    table = cohort_table(until_september, "Q", date(1997, 9, 30))
    assert table["customers"].unique().tolist() == [2357]
    curve = time_to_second_order(until_september, date(1997, 9, 30))
    assert curve["returned"].sum() == 946


@pytest.mark.real_data
def test_online_retail_cohorts(online_retail_orders):
    orders, left_out = usable_orders(online_retail_orders)
    assert left_out.empty
    table = cohort_table(orders, "M", date(2011, 12, 9))
    assert table[table["age"] == 0]["customers"].tolist()[:2] == [885, 417]
    november = table[table["period"] == pd.Period("2011-11")]
    assert november["revenue"].sum() == pytest.approx(1_161_817.38, abs=0.01)
    assert not table[table["period"] == pd.Period("2011-12")]["complete"].any()
    days = orders.assign(day=orders["date"].dt.normalize()).groupby("customer_id")["day"].nunique()
    assert time_to_second_order(orders)["returned"].sum() == (days > 1).sum()
