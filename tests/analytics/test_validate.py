"""Published: CDNOW 1/10 sample, weeks 1-39 against 40-78, Fader, Hardie, Lee 2005, Marketing Science 24(2)."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.analytics.clv.fitters import BetaGeoFitter, NBDFitter, ParetoNBDFitter
from crm.analytics.clv.simulate import simulate_bg_nbd
from crm.analytics.clv.validate import (
    bootstrap,
    brier_score,
    chance_of_activity,
    conditional_expectation_table,
    expected_purchases,
    frequency_fit,
    holdout_metrics,
    log_score,
    reliability,
    tracking,
)
from crm.analytics.errors import AnalyticsError, TooLittleData

HALF_A_PURCHASE_A_WEEK = NBDFitter.from_params(r=1.0, alpha=2.0)

ORDERS = pd.DataFrame(
    [
        ("ann", "2024-01-01 09:00"),
        ("ann", "2024-01-01 17:00"),  # the same day: one purchase
        ("ann", "2024-01-07"),
        ("ann", "2024-01-08"),
        ("bob", "2024-01-03"),
        ("bob", "2024-01-21"),
        ("cat", "2024-01-20"),  # first bought after the calibration period
        ("cat", "2024-01-22"),
        ("bob", "2024-01-24"),  # in a week that is not full
        ("ann", "2024-03-01"),  # after the observation
    ],
    columns=["customer_id", "date"],
).assign(date=lambda orders: pd.to_datetime(orders["date"], format="ISO8601"))


@pytest.fixture(scope="module")
def models(cdnow_summary):
    return {
        kind: kind().fit(cdnow_summary["frequency"], cdnow_summary["recency"], cdnow_summary["T"])
        for kind in (BetaGeoFitter, ParetoNBDFitter)
    }


def test_weekly_tracking_of_ten_orders():
    table = tracking(
        HALF_A_PURCHASE_A_WEEK, ORDERS, calibration_period_end=date(2024, 1, 14), observation_period_end=date(2024, 1, 25)
    )
    assert table["period"].tolist() == [1, 2, 3]
    assert table["ends_on"].astype(str).tolist() == ["2024-01-07", "2024-01-14", "2024-01-21"]
    assert table["calibration"].tolist() == [True, True, False]
    assert table["actual"].tolist() == [1, 1, 1]
    assert table["actual_cumulative"].tolist() == [1, 2, 3]
    # on 7 January ann is 6 days old and bob 4: ten days at half a purchase a week; then 14 days a week
    assert table["expected"].tolist() == pytest.approx([10 / 14, 1, 1])
    assert table["expected_cumulative"].tolist() == pytest.approx([10 / 14, 24 / 14, 38 / 14])


def test_tracking_without_customers_is_refused():
    with pytest.raises(TooLittleData):
        tracking(
            HALF_A_PURCHASE_A_WEEK, ORDERS, calibration_period_end=date(2023, 1, 1), observation_period_end=date(2024, 1, 25)
        )


def test_cdnow_tracking(models, cdnow_orders, cdnow_summary):
    ends = {"calibration_period_end": date(1997, 9, 30), "observation_period_end": date(1998, 6, 30)}
    table = tracking(models[BetaGeoFitter], cdnow_orders, **ends).set_index("period")
    assert len(table) == 78
    assert table["calibration"].sum() == 39
    assert table.loc[39, "actual_cumulative"] == cdnow_summary["frequency"].sum() == 2457
    assert table.loc[78, "actual_cumulative"] == 2457 + 1882
    assert table.loc[39, "expected_cumulative"] == pytest.approx(
        models[BetaGeoFitter].expected_number_of_purchases_up_to_time(cdnow_summary["T"]).sum(), rel=1e-9
    )
    assert abs(table.loc[78, "expected_cumulative"] / 4339 - 1) < 0.045  # the paper: 4 % under at week 78


@pytest.mark.parametrize(("kind", "zero_class"), [(BetaGeoFitter, 0.225087), (ParetoNBDFitter, 0.138447)])
def test_cdnow_conditional_expectations(models, cdnow_summary, kind, zero_class):
    table = conditional_expectation_table(models[kind], cdnow_summary)
    assert table["customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert table["actual"][0] == pytest.approx(0.236712, abs=5e-7)
    assert table["expected"][0] == pytest.approx(zero_class, abs=5e-6)
    assert (table["customers"] * table["actual"]).sum() == pytest.approx(1882)


@pytest.mark.parametrize(("kind", "chi_square"), [(BetaGeoFitter, 4.821108), (ParetoNBDFitter, 11.990013)])
def test_cdnow_frequency_fit(models, cdnow_summary, kind, chi_square):
    fit = frequency_fit(models[kind], cdnow_summary)
    assert fit.chi_square == pytest.approx(chi_square, abs=1e-4)
    assert fit.degrees_of_freedom == 3
    assert fit.table["actual"].sum() == pytest.approx(fit.table["expected"].sum()) == 2357
    assert fit.p_value == pytest.approx({BetaGeoFitter: 0.185375, ParetoNBDFitter: 0.007417}[kind], abs=1e-5)


def test_too_few_classes_have_no_p_value(models, cdnow_summary):
    assert frequency_fit(models[BetaGeoFitter], cdnow_summary, most=3).p_value is None


def test_cdnow_correlations_of_holdout_counts(models, cdnow_summary):
    actual = cdnow_summary["frequency_holdout"]
    bg, pareto = (expected_purchases(models[kind], cdnow_summary) for kind in (BetaGeoFitter, ParetoNBDFitter))
    assert holdout_metrics(actual, bg)["correlation"] == pytest.approx(0.625647, abs=2e-6)
    assert holdout_metrics(actual, pareto)["correlation"] == pytest.approx(0.630223, abs=2e-6)
    assert holdout_metrics(bg, pareto)["correlation"] == pytest.approx(0.995534, abs=2e-6)


def test_metrics_by_hand():
    metrics = holdout_metrics([0, 1, 5], [1.0, 1.0, 2.0])
    assert metrics["total_actual"] == 6
    assert metrics["total_expected"] == 4
    assert metrics["total_error"] == pytest.approx(-1 / 3)
    assert metrics["mae"] == pytest.approx(4 / 3)
    assert metrics["rmse"] == pytest.approx(np.sqrt(10 / 3))
    assert np.isnan(holdout_metrics([0, 0], [1.0, 2.0])["correlation"])
    assert np.isnan(holdout_metrics([0, 0], [1.0, 2.0])["total_error"])


def test_log_score_and_activity_by_hand():
    """New customers of one NBD, who buy 0, 0 and 2 times in 3 weeks: P = (2/5) (3/5)^n."""
    summary = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": 0.0, "frequency_holdout": [0, 0, 2], "duration_holdout": 3.0})
    assert log_score(HALF_A_PURCHASE_A_WEEK, summary) == pytest.approx((2 * np.log(0.4) + np.log(0.4 * 0.36)) / 3)
    assert chance_of_activity(HALF_A_PURCHASE_A_WEEK, summary) == pytest.approx([0.6] * 3)
    assert expected_purchases(HALF_A_PURCHASE_A_WEEK, summary) == pytest.approx([1.5] * 3)


def test_customers_may_have_holdouts_of_different_length():
    summary = pd.DataFrame(
        {"frequency": 0, "recency": 0.0, "T": 0.0, "frequency_holdout": [0, 2], "duration_holdout": [3.0, 6.0]}
    )
    assert expected_purchases(HALF_A_PURCHASE_A_WEEK, summary) == pytest.approx([1.5, 3.0])


def test_reliability_by_hand():
    table = reliability([0.1, 0.15, 0.9, 1.0], [0, 1, 1, 1], bins=2)
    expected = pd.DataFrame(
        {"lower": [0.0, 0.5], "upper": [0.5, 1.0], "customers": [2, 2], "expected": [0.125, 0.95], "actual": [0.5, 1.0]}
    )
    pd.testing.assert_frame_equal(table.drop(columns="error_of_actual"), expected)
    assert brier_score([0.1, 0.15, 0.9, 1.0], [0, 1, 1, 1]) == pytest.approx((0.01 + 0.7225 + 0.01 + 0) / 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(1, 20))
def test_reliability_counts_everybody_in_the_right_bin(cases, bins):
    chance, active = zip(*cases, strict=True)
    table = reliability(chance, active, bins)
    assert table["customers"].sum() == len(cases)
    assert (table["customers"] * table["actual"]).sum() == pytest.approx(sum(active))
    assert ((table["expected"] >= table["lower"] - 1e-9) & (table["expected"] <= table["upper"] + 1e-9)).all()


def test_a_chance_above_one_is_refused():
    with pytest.raises(AnalyticsError):
        reliability([1.2], [1])


def test_the_true_model_is_reliable():
    params = {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.5}
    transactions, truth = simulate_bg_nbd(params, 20_000, 80.0, seed=9)
    known = transactions[transactions["time"] <= 40].groupby("customer_id")["time"]
    summary = pd.DataFrame({"frequency": known.size() - 1, "recency": known.max(), "T": 40.0})
    summary["frequency_holdout"] = truth["frequency"] - summary["frequency"]
    summary["duration_holdout"] = 40.0
    model = BetaGeoFitter.from_params(**params)
    table = reliability(chance_of_activity(model, summary), summary["frequency_holdout"] > 0)
    assert (np.abs(table["actual"] - table["expected"]) < 4 * table["error_of_actual"]).all()
    groups = conditional_expectation_table(model, summary)
    assert groups["expected"].to_numpy() == pytest.approx(groups["actual"].to_numpy(), rel=0.1)
    wrong = BetaGeoFitter.from_params(**{**params, "a": 0.1})
    assert log_score(wrong, summary) < log_score(model, summary)


def test_a_missing_holdout_is_refused(models, cdnow_summary):
    with pytest.raises(AnalyticsError, match="frequency_holdout"):
        expected_purchases(models[BetaGeoFitter], cdnow_summary.drop(columns="frequency_holdout"))


def test_bootstrap_spreads_as_the_standard_errors_say(models, cdnow_summary):
    model = models[BetaGeoFitter]
    draws = bootstrap(model, cdnow_summary, samples=60, seed=3)
    assert draws.columns.tolist() == ["r", "alpha", "a", "b"]
    ratio = draws[["r", "alpha"]].std() / model.standard_errors_[["r", "alpha"]]
    assert ratio.between(0.7, 1.4).all()
    pd.testing.assert_frame_equal(draws.iloc[:2], bootstrap(model, cdnow_summary, samples=2, seed=3), rtol=1e-6)
