"""Simulated bases with known parameters: the fits find them, and the intervals hold them as often as they say."""

import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.fitters import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.simulate import simulate_bg_nbd, simulate_gamma_gamma, simulate_mbg_nbd, simulate_pareto_nbd
from crm.analytics.clv.summary import rfm_summary

BG = {"r": 0.8, "alpha": 6.0, "a": 1.2, "b": 4.0}
PARETO = {"r": 0.8, "alpha": 8.0, "s": 1.1, "beta": 20.0}
CASES = [
    (BetaGeoFitter, simulate_bg_nbd, BG),
    (ModifiedBetaGeoFitter, simulate_mbg_nbd, BG),
    (ParetoNBDFitter, simulate_pareto_nbd, PARETO),
]
HISTORY = ["frequency", "recency", "T"]


@pytest.mark.parametrize(("kind", "simulate", "truth"), CASES, ids=["BG", "MBG", "Pareto"])
def test_parameters_are_found(kind: type[BuyTillYouDie], simulate, truth: dict[str, float]) -> None:  # type: ignore[no-untyped-def]
    _, base = simulate(truth, 6_000, 78, seed=1, entry=26)
    model = kind().fit(*(base[name] for name in HISTORY))
    assert model.diagnosis_ == "interior"
    away = (np.log(model.params_) - np.log(pd.Series(truth))) / (model.standard_errors_ / model.params_)
    assert away.abs().max() < 3.5


@pytest.mark.parametrize(("kind", "simulate", "truth"), CASES[::2], ids=["BG", "Pareto"])
def test_confidence_intervals_hold_the_truth(kind: type[BuyTillYouDie], simulate, truth: dict[str, float]) -> None:  # type: ignore[no-untyped-def]
    held = []
    for seed in range(12):
        _, base = simulate(truth, 1000, 52, seed=seed)
        bounds = kind().fit(*(base[name] for name in HISTORY)).confidence_intervals_
        values = pd.Series(truth)
        held.append((values > bounds["lower 95% bound"]) & (values < bounds["upper 95% bound"]))
    assert 0.87 <= np.mean(held) <= 1.0


@pytest.mark.parametrize(("kind", "simulate", "truth"), CASES, ids=["BG", "MBG", "Pareto"])
def test_predictive_intervals_hold_the_future(kind: type[BuyTillYouDie], simulate, truth: dict[str, float]) -> None:  # type: ignore[no-untyped-def]
    transactions, _ = simulate(truth, 4000, 104, seed=3)
    end, half = pd.Timestamp("2001-01-01") + pd.Timedelta(weeks=104), pd.Timestamp("2001-01-01") + pd.Timedelta(weeks=52)
    summary = rfm_summary(transactions, "customer_id", "date", observation_period_end=end, calibration_period_end=half)
    columns = [summary[name] for name in HISTORY]
    model = kind().fit(*columns)
    for interval_kind in ("predictive", "both"):
        bounds = model.interval(52, *columns, kind=interval_kind, level=0.8)
        inside = (summary["frequency_holdout"] >= bounds["lower"]) & (summary["frequency_holdout"] <= bounds["upper"])
        assert 0.8 <= inside.mean() < 0.97  # more than 0.8, because a count cannot be cut anywhere
        above = (summary["frequency_holdout"] > bounds["upper"]).mean()
        assert above < 0.12
    total = model.predict(52, *columns).sum()
    assert total == pytest.approx(summary["frequency_holdout"].sum(), rel=0.08)


def test_parameter_intervals_hold_the_expectation_under_the_truth() -> None:
    right = BetaGeoFitter.from_params(**BG)
    history = ([0, 1, 3, 8], [0.0, 20.0, 45.0, 50.0], [52.0, 52.0, 52.0, 52.0])
    expected = right.predict(26, *(np.array(column) for column in history))
    alive = right.conditional_probability_alive(*(np.array(column) for column in history))
    held, held_alive = [], []
    for seed in range(24):
        _, base = simulate_bg_nbd(BG, 1000, 52, seed=seed)
        model = BetaGeoFitter().fit(*(base[name] for name in HISTORY))
        bounds = model.interval(26, *(np.array(column) for column in history), kind="parameter", level=0.8)
        held.append((expected > bounds["lower"]) & (expected < bounds["upper"]))
        chance = model.parameter_interval(
            lambda other: other.conditional_probability_alive(*(np.array(column) for column in history)), 0.8, "logit"
        )
        held_alive.append((alive[1:] > chance["lower"][1:]) & (alive[1:] < chance["upper"][1:]))
        assert np.all((chance >= 0) & (chance <= 1))
    assert 0.68 <= np.mean(held) <= 0.92
    assert 0.68 <= np.mean(held_alive) <= 0.92


def test_spend_is_found() -> None:
    truth = {"p": 6.0, "q": 4.0, "v": 15.0}
    transactions, _ = simulate_bg_nbd(BG, 6000, 52, seed=5)
    paid, customers = simulate_gamma_gamma(truth, transactions, seed=6)
    repeats = paid[paid["time"] > paid.groupby("customer_id")["time"].transform("min")]
    means = repeats.groupby("customer_id")["amount"].agg(["count", "mean"])
    model = GammaGammaFitter().fit(means["count"], means["mean"])
    assert model.diagnosis_ == "interior"
    away = (model.params_ - pd.Series(truth)) / model.standard_errors_
    assert away.abs().max() < 3.5
    bounds = model.interval(means["count"], means["mean"], level=0.8)
    actual = customers["mean_spend"].reindex(means.index)
    assert ((actual > bounds["lower"]) & (actual < bounds["upper"])).mean() == pytest.approx(0.8, abs=0.03)
