from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.fitters import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
from crm.analytics.clv.simulate import simulate_bg_nbd, simulate_gamma_gamma
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.clv.value import (
    clv_decomposition,
    continuous_discount_rate,
    customer_lifetime_value,
    value_at_risk,
    value_interval,
)
from crm.analytics.errors import AnalyticsError

RATES = {"annual_discount_rate": 0.15, "margin": 0.3}


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """The full CDNOW cohort over 78 weeks, without the ten buyers whose repeat spend is over 4,000 dollars."""
    file = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_master.txt"
    purchases = pd.read_csv(file, sep=r"\s+", skiprows=1, names=["customer_id", "date", "quantity", "amount"])
    purchases["date"] = pd.to_datetime(purchases["date"].astype(str))
    summary = rfm_summary(purchases, "customer_id", "date", "amount", observation_period_end="1998-06-30")
    return summary[summary["frequency"] * summary["monetary_value"] <= 4000]


@pytest.fixture(scope="module")
def models(cohort: pd.DataFrame, cdnow_orders: pd.DataFrame) -> tuple[ParetoNBDFitter, GammaGammaFitter]:
    sample = rfm_summary(cdnow_orders, "customer_id", "date", "amount", observation_period_end="1998-06-30")
    money = GammaGammaFitter().fit(sample["frequency"], sample["monetary_value"])
    return ParetoNBDFitter().fit(sample["frequency"], sample["recency"], sample["T"]), money


def test_the_value_of_the_cohort(cohort: pd.DataFrame, models: tuple[ParetoNBDFitter, GammaGammaFitter]) -> None:
    # Fader, Hardie, Lee 2005, JMR 42(4), end of "The Value of the CDNOW Customer Base": about $47 a customer, $1.1 million.
    value = customer_lifetime_value(*models, cohort, **RATES)
    assert (len(cohort), (cohort["frequency"] == 0).sum()) == (23560, 12054)
    assert value.mean() == pytest.approx(46.72, abs=0.005)
    assert value.sum() == pytest.approx(1_100_623, rel=1e-5)
    assert value[cohort["frequency"] == 0].mean() == pytest.approx(4.404, abs=5e-4)


def test_the_factors_make_the_value(cohort: pd.DataFrame, models: tuple[ParetoNBDFitter, GammaGammaFitter]) -> None:
    parts = clv_decomposition(*models, cohort, **RATES, horizon=52)
    product = parts[["probability_alive", "purchases_if_alive", "spend", "margin"]].prod(axis=1)
    assert product.to_numpy() == pytest.approx(parts["clv"].to_numpy(), rel=1e-9)
    assert parts.index.equals(cohort.index)
    endless = customer_lifetime_value(*models, cohort, **RATES)
    assert (parts["clv"] <= endless * (1 + 1e-9)).all()
    risk = value_at_risk(parts)
    assert (risk["clv_if_alive"] - risk["clv"]).to_numpy() == pytest.approx(risk["value_at_risk"].to_numpy())
    assert (risk["value_at_risk"] >= -1e-9).all()
    lost = (1 - parts["probability_alive"]) * risk["clv_if_alive"]
    assert risk["value_at_risk"].to_numpy() == pytest.approx(lost.to_numpy(), abs=1e-9)


def test_without_discount_a_horizon_counts_plain_purchases(
    cohort: pd.DataFrame, models: tuple[ParetoNBDFitter, GammaGammaFitter]
) -> None:
    model, money = models
    some = cohort.head(500)
    value = customer_lifetime_value(model, money, some, annual_discount_rate=0, margin=0.5, horizon=26)
    purchases = model.predict(26, some["frequency"], some["recency"], some["T"])
    spend = money.conditional_expected_average_profit(some["frequency"], some["monetary_value"])
    assert value.to_numpy() == pytest.approx((0.5 * spend * purchases).to_numpy(), rel=1e-9)


def test_the_unit_of_time_does_not_change_the_value(cdnow_orders: pd.DataFrame) -> None:
    values = []
    for unit, year in (("W", 52.0), ("Y", 1.0)):
        summary = rfm_summary(cdnow_orders, "customer_id", "date", "amount", time_unit=unit, observation_period_end="1998-06-30")  # type: ignore[arg-type]
        model = BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
        money = GammaGammaFitter().fit(summary["frequency"], summary["monetary_value"])
        values.append(customer_lifetime_value(model, money, summary, **RATES, time_unit=unit, horizon=2 * year).sum())  # type: ignore[arg-type]
    assert values[0] == pytest.approx(values[1], rel=0.005)  # a year has 52 weeks in the papers, 52.18 in the calendar


def test_discount_rates() -> None:
    assert continuous_discount_rate(0.15, 52) == pytest.approx(np.log(1.15) / 52)
    assert continuous_discount_rate(0, 12) == 0
    with pytest.raises(AnalyticsError):
        continuous_discount_rate(-1, 52)


def test_columns_are_required(models: tuple[ParetoNBDFitter, GammaGammaFitter], cohort: pd.DataFrame) -> None:
    with pytest.raises(AnalyticsError, match="Column missing: monetary_value"):
        customer_lifetime_value(*models, cohort.drop(columns="monetary_value"), **RATES)
    with pytest.raises(AnalyticsError, match="more than once"):
        customer_lifetime_value(*models, pd.concat([cohort.head(2), cohort.head(1)]), **RATES)


def test_the_interval_of_the_value_holds_what_customers_spend() -> None:
    truth, spend = {"r": 1.5, "alpha": 6.0, "a": 0.8, "b": 4.0}, {"p": 6.0, "q": 4.0, "v": 15.0}
    transactions, _ = simulate_bg_nbd(truth, 150, 104, seed=1)
    paid, _ = simulate_gamma_gamma(spend, transactions, seed=2)
    end, half = (pd.Timestamp("2001-01-01") + pd.Timedelta(weeks=weeks) for weeks in (104, 52))
    summary = rfm_summary(paid, "customer_id", "date", "amount", observation_period_end=end, calibration_period_end=half)
    actual = summary["frequency_holdout"] * summary["monetary_holdout"]
    model, money = BetaGeoFitter.from_params(**truth), GammaGammaFitter.from_params(**spend)
    bounds = value_interval(model, money, summary, horizon=52, margin=1.0, level=0.8)
    inside = (actual >= bounds["lower"] - 1e-9) & (actual <= bounds["upper"] + 1e-9)
    assert 0.75 <= inside.mean() <= 0.93
    assert bounds.index.equals(summary.index)
    wide = value_interval(model, money, summary.head(20), horizon=52, margin=1.0, level=0.99)
    assert (wide["upper"] >= bounds["upper"].head(20)).all()
    assert (wide["upper"] > bounds["upper"].head(20)).sum() > 15
