from datetime import date

import pandas as pd
import pytest

from crm.analytics.errors import AnalyticsError
from crm.analytics.orders import check_orders, customer_totals, left_out_report, usable_orders

ORDERS = pd.DataFrame(
    {
        "customer_id": ["ann", "ann", "ann", "bob", "bob", "cat"],
        "date": pd.to_datetime(
            ["2024-01-01", "2024-01-10", "2024-01-10 15:00", "2024-01-05", "2024-02-01", "2024-01-20"], format="ISO8601"
        ),
        "amount": [100.0, 50.0, -20.0, 30.0, 70.0, 0.0],
    }
)


def test_refunds_and_free_orders_are_taken_out_and_counted():
    usable, left_out = usable_orders(ORDERS)
    assert usable["amount"].tolist() == [100.0, 50.0, 30.0, 70.0]
    assert left_out["reason"].tolist() == ["negative_amount", "zero_amount"]
    assert left_out.index.tolist() == [2, 5]
    assert left_out_report(left_out).to_dict("list") == {
        "reason": ["zero_amount", "negative_amount"],
        "orders": [1, 1],
        "customers": [1, 1],
        "amount": [0.0, -20.0],
    }


def test_nothing_left_out_is_reported_as_zero():
    assert left_out_report(usable_orders(ORDERS.iloc[:2])[1])["orders"].tolist() == [0, 0]


def test_totals_look_at_nothing_after_their_date():
    usable, _ = usable_orders(ORDERS)
    expected = pd.DataFrame(
        {"recency_days": [21, 26], "frequency": [2, 1], "monetary": [150.0, 30.0]},
        index=pd.Index(["ann", "bob"], name="customer_id"),
    )
    pd.testing.assert_frame_equal(customer_totals(usable, date(2024, 1, 31)), expected, check_index_type=False)


def test_an_order_late_on_the_last_day_counts():
    late = ORDERS.iloc[:1].assign(date=pd.Timestamp("2024-01-31 23:59"))
    assert customer_totals(late, date(2024, 1, 31))["recency_days"].tolist() == [0]


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        (ORDERS, "amount is zero or negative in rows 2, 5"),
        (ORDERS.drop(columns="date"), "Column missing: date"),
        (ORDERS.iloc[:0], "no order"),
        (ORDERS.iloc[:2].assign(customer_id=["ann", None]), "customer_id is empty in rows 1"),
        (ORDERS.iloc[:2].assign(date=["2024-01-01", "2024-01-02"]), "date holds no dates"),
    ],
)
def test_orders_that_cannot_be_trusted_are_refused(orders, message):
    with pytest.raises(AnalyticsError, match=message):
        check_orders(orders)


def test_only_the_first_rows_are_named():
    many = pd.DataFrame({"customer_id": 1, "date": pd.Timestamp("2024-01-01"), "amount": 0.0}, index=range(8))
    with pytest.raises(AnalyticsError, match=r"rows 0, 1, 2, 3, 4 \.\.\. \(8\)"):
        check_orders(many)


def test_cdnow_holds_eight_free_purchases(cdnow_orders):
    report = left_out_report(usable_orders(cdnow_orders)[1]).set_index("reason")
    assert report.loc["zero_amount", "orders"] == 8
    assert report.loc["negative_amount", "orders"] == 0
