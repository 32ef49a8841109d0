import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.patterns import compress
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.errors import AnalyticsError


@pytest.fixture
def log() -> pd.DataFrame:
    rows = [
        ("ann", "2024-01-01 09:00", 10.0),
        ("ann", "2024-01-01 18:00", 5.0),  # the same day: one purchase of 15
        ("ann", "2024-01-15", 20.0),
        ("ann", "2024-01-15", -4.0),  # a refund on the day of a purchase
        ("ann", "2024-01-20", -7.0),  # a refund alone
        ("ann", "2024-01-29", 0.0),  # a gift
        ("ann", "2024-02-10", 30.0),
        ("bob", "2024-01-22", 8.0),
        ("cat", "2024-02-01", 9.0),
        ("dan", "2024-01-03", -1.0),  # nothing but a refund
    ]
    frame = pd.DataFrame(rows, columns=["customer", "day", "amount"])
    return frame.assign(day=pd.to_datetime(frame["day"], format="mixed")).sample(frac=1, random_state=1)


def test_one_row_per_customer(log: pd.DataFrame) -> None:
    summary = rfm_summary(log, "customer", "day", "amount", time_unit="W", observation_period_end="2024-02-12")
    expected = pd.DataFrame(
        {
            "frequency": [3.0, 0.0, 0.0],
            "recency": [40 / 7, 0.0, 0.0],
            "T": [6.0, 3.0, 11 / 7],
            "monetary_value": [(16 + 0 + 30) / 3, 0.0, 0.0],
        },
        index=pd.Index(["ann", "bob", "cat"], name="customer"),
    )
    pd.testing.assert_frame_equal(summary, expected)
    assert summary.attrs == {"negative_amounts": 3, "zero_amounts": 1}


def test_calibration_and_holdout(log: pd.DataFrame) -> None:
    summary = rfm_summary(
        log, "customer", "day", "amount", time_unit="D", observation_period_end="2024-02-12", calibration_period_end="2024-01-29"
    )
    assert summary.loc["ann"].to_dict() == {
        "frequency": 2.0,
        "recency": 28.0,
        "T": 28.0,
        "monetary_value": 8.0,
        "frequency_holdout": 1.0,
        "monetary_holdout": 30.0,
        "duration_holdout": 14.0,
    }
    assert list(summary.index) == ["ann", "bob"]  # cat came later
    assert summary.loc["bob", "frequency_holdout"] == 0


def test_the_real_base(cdnow_orders: pd.DataFrame, cdnow_summary: pd.DataFrame) -> None:
    summary = rfm_summary(
        cdnow_orders, "customer_id", "date", observation_period_end="1998-06-30", calibration_period_end="1997-09-30"
    )
    pd.testing.assert_frame_equal(summary, cdnow_summary.astype(float), check_like=True)


def test_identifiers_of_any_kind_give_the_same(cdnow_orders: pd.DataFrame) -> None:
    def summary(identifiers: pd.Series) -> pd.DataFrame:
        orders = cdnow_orders.assign(customer_id=identifiers)
        return rfm_summary(orders, "customer_id", "date", "amount", observation_period_end="1998-06-30")

    numbers = summary(cdnow_orders["customer_id"])
    texts = summary(cdnow_orders["customer_id"].map("C{:05d}".format))
    far_apart = summary(cdnow_orders["customer_id"] * 10**9)
    assert np.array_equal(numbers.to_numpy(), texts.to_numpy())
    assert np.array_equal(numbers.to_numpy(), far_apart.to_numpy())
    assert texts.index[0] == "C00001"
    assert far_apart.index[0] == 10**9


@pytest.mark.parametrize("unit", ["D", "W", "M", "Y"])
def test_units_of_time(unit: str, cdnow_orders: pd.DataFrame) -> None:
    days = rfm_summary(cdnow_orders, "customer_id", "date", time_unit="D", observation_period_end="1998-06-30")
    other = rfm_summary(cdnow_orders, "customer_id", "date", time_unit=unit, observation_period_end="1998-06-30")  # type: ignore[arg-type]
    length = {"D": 1, "W": 7, "M": 365.25 / 12, "Y": 365.25}[unit]
    assert (other["T"] * length).to_numpy() == pytest.approx(days["T"].to_numpy())
    first = compress(days["frequency"], days["recency"], days["T"])
    second = compress(other["frequency"], other["recency"], other["T"])
    assert len(first) == len(second)
    assert second.step == pytest.approx(1 / length)


def test_dates_without_a_clock_and_with_a_zone(log: pd.DataFrame) -> None:
    plain = rfm_summary(log, "customer", "day", observation_period_end="2024-02-12")
    zoned = rfm_summary(
        log.assign(day=log["day"].dt.tz_localize("Asia/Shanghai")), "customer", "day", observation_period_end="2024-02-12"
    )
    texts = rfm_summary(
        log.assign(day=log["day"].dt.strftime("%Y-%m-%d")), "customer", "day", observation_period_end="2024-02-12"
    )
    assert plain.equals(zoned)
    assert plain.equals(texts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda log: log.drop(columns="day"), "Column missing: day."),
        (lambda log: log.assign(amount=log["amount"].where(log["amount"] != 8)), "The column amount is empty in rows 7."),
        (lambda log: log.assign(day=log["day"].where(log["customer"] != "cat")), "The column day is empty in rows 8."),
        (
            lambda log: log.assign(customer=log["customer"].where(log["customer"] != "dan")),
            "The column customer is empty in rows 9.",
        ),
        (lambda log: log.iloc[:0], "There are no transactions."),
    ],
)
def test_wrong_transactions_are_named(log: pd.DataFrame, change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalyticsError) as caught:
        rfm_summary(change(log), "customer", "day", "amount", observation_period_end="2024-02-12")
    assert str(caught.value) == message


def test_dates_after_the_end_are_refused(log: pd.DataFrame) -> None:
    with pytest.raises(AnalyticsError) as caught:
        rfm_summary(log, "customer", "day", observation_period_end="2024-02-09")
    assert str(caught.value) == "The column day lies after the end of the period in rows 6."
    with pytest.raises(AnalyticsError, match="calibration period ends after"):
        rfm_summary(log, "customer", "day", observation_period_end="2024-02-12", calibration_period_end="2024-03-01")


def test_patterns_stand_for_their_customers(cdnow_summary: pd.DataFrame) -> None:
    patterns = compress(*(cdnow_summary[name] for name in ("frequency", "recency", "T")))
    assert len(patterns) == 1016
    assert patterns.total == 2357
    assert np.array_equal(patterns.frequency[patterns.customers], cdnow_summary["frequency"])
    assert patterns.T[patterns.customers] == pytest.approx(cdnow_summary["T"].to_numpy())
    assert patterns.recency[patterns.customers] == pytest.approx(cdnow_summary["recency"].to_numpy())
