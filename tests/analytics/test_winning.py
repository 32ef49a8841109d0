"""The chance to win: recovers what a simulation put in, refuses when data are few, gives reasons a person can check."""

import numpy as np
import pandas as pd
import pytest

from crm.analytics import winning
from crm.analytics.clv.validate import reliability
from crm.analytics.errors import AnalyticsError


def deals(n, seed=1, effect=1.5):
    """Referrals win more often, long silence less; the stage says little."""
    random = np.random.default_rng(seed)
    referral, silent, position = random.random(n) < 0.3, random.exponential(20, n), random.integers(0, 3, n)
    logit = -0.8 + effect * referral - 0.04 * silent * (effect > 0) + 0.2 * position
    chance = 1 / (1 + np.exp(-logit))
    return pd.DataFrame(
        {
            "opportunity_id": range(n),
            "day": pd.date_range("2025-01-01", periods=n, freq="h"),
            "won": random.random(n) < chance,
            "position": position,
            "days_in_stage": random.exponential(10, n),
            "age_days": random.exponential(30, n),
            "silent_days": silent,
            "amount": random.lognormal(9, 1, n),
            "source": np.where(referral, "referral", "trade_show"),
            "truth": chance,
        }
    )


def test_it_finds_what_makes_deals_win_and_is_calibrated():
    known = deals(4000)
    model = winning.fit(known, ["source"])
    assert model.refusal is None
    assert model.brier < model.brier_base
    new = deals(3000, seed=2)
    told = model.chances(new)
    assert np.abs(told - new["truth"]).mean() < 0.06
    assert told.mean() == pytest.approx(new["won"].mean(), abs=0.03)
    table = reliability(model.tested["chance"], model.tested["won"], bins=5)
    near = table[table["customers"] >= 50]
    assert (near["expected"] - near["actual"]).abs().max() < 0.1


def test_reasons_name_the_column_and_its_direction():
    known = deals(4000)
    model = winning.fit(known, ["source"])
    warm = known.iloc[[0]].assign(source="referral", silent_days=0.0)
    cold = known.iloc[[0]].assign(source="trade_show", silent_days=200.0)
    assert dict(model.reasons(warm)[0])["source"] > 0.3
    assert dict(model.reasons(cold)[0])["silent_days"] < -0.5


def test_few_deals_fall_back_on_the_base_rate_of_the_stage():
    few = deals(60)
    model = winning.fit(few, ["source"])
    assert "are needed" in str(model.refusal)
    rates = model.chances(few)
    assert len(set(rates)) <= 3 and model.reasons(few) == [[]] * 60
    stage_0 = few[few["position"] == 0]["won"]
    assert rates[few["position"] == 0][0] == pytest.approx((stage_0.sum() + 10 * few["won"].mean()) / (len(stage_0) + 10))


def test_pure_chance_is_left_to_the_base_rate():
    model = winning.fit(deals(1500, effect=0.0).drop(columns="source"))
    assert model.refusal is None or "base rate" in str(model.refusal)
    assert model.chances(deals(200, seed=3)).std() < 0.15


def test_missing_columns_are_named():
    with pytest.raises(AnalyticsError, match="silent_days"):
        winning.fit(deals(10).drop(columns="silent_days"))
    assert winning.fit(deals(200)).chances(deals(0)).size == 0
