"""The simulated bases must agree with what the papers say about the models in closed form."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.simulate import simulate_bg_nbd, simulate_gamma_gamma, simulate_mbg_nbd, simulate_pareto_nbd
from crm.analytics.errors import AnalyticsError

BG = {"r": 0.2425945, "alpha": 4.4136021, "a": 0.7929220, "b": 2.4259067}
PARETO = {"r": 0.5532770, "alpha": 10.5776822, "s": 0.6062402, "beta": 11.6687424}
GAMMA = {"p": 6.249571, "q": 3.744225, "v": 15.443525}
SIMULATIONS = [(simulate_bg_nbd, BG), (simulate_mbg_nbd, BG), (simulate_pareto_nbd, PARETO)]


@pytest.mark.parametrize(
    ("simulate", "params", "weeks", "expected"),
    [
        (simulate_bg_nbd, BG, 3.0, 0.150632),
        (simulate_bg_nbd, BG, 32.0, 1.043737),
        (simulate_bg_nbd, BG, 78.0, 1.857972),
        (simulate_pareto_nbd, PARETO, 3.0, 0.146135),
        (simulate_pareto_nbd, PARETO, 32.0, 1.056271),
        (simulate_pareto_nbd, PARETO, 78.0, 1.909881),
    ],
)
def test_mean_purchases_are_the_expected_number_of_the_model(simulate, params, weeks, expected):
    """E[X(t)] at the CDNOW parameters: the table of the design, from Fader, Hardie, Lee 2005."""
    _, truth = simulate(params, 150_000, weeks, seed=7)
    error = truth["frequency"].std() / np.sqrt(len(truth))
    assert truth["frequency"].mean() == pytest.approx(expected, abs=4 * error)


def test_survivors_of_pareto_nbd():
    _, truth = simulate_pareto_nbd(PARETO, 100_000, 78.0, seed=1)
    expected = (PARETO["beta"] / (PARETO["beta"] + 78)) ** PARETO["s"]
    assert truth["alive"].mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 100_000))


def test_of_mbg_nbd_some_stop_at_the_first_purchase():
    """P(never returns at all) has the part a / (a + b): Batislam et al. 2007."""
    _, truth = simulate_mbg_nbd(BG, 100_000, 30.0, seed=1)
    expected = BG["a"] / (BG["a"] + BG["b"])
    gone_at_once = ((truth["death"] == truth["birth"]) & (truth["frequency"] == 0)).mean()
    assert gone_at_once == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 100_000))


@pytest.mark.parametrize(("simulate", "params"), SIMULATIONS)
def test_transactions_and_truth_tell_the_same_story(simulate, params):
    transactions, truth = simulate(params, 3_000, 60.0, seed=2, entry=12.0, start=date(2020, 1, 1))
    seen = transactions.groupby("customer_id")["time"].agg(["min", "max", "size"])
    assert seen.index.equals(truth.index)
    assert (seen["size"] - 1).tolist() == truth["frequency"].tolist()
    assert seen["min"].to_numpy() == pytest.approx(truth["birth"])
    assert (seen["max"] - seen["min"]).to_numpy() == pytest.approx(truth["recency"], abs=1e-9)
    assert truth["T"].to_numpy() == pytest.approx(60 - truth["birth"])
    assert truth["birth"].between(0, 12).all()
    assert (transactions["time"] <= 60).all()
    assert (seen["max"] <= truth["death"] + 1e-9).all()
    assert (truth["alive"] == np.isinf(truth["death"])).all()
    assert transactions.groupby("customer_id")["time"].is_monotonic_increasing.all()
    elapsed = (transactions["date"] - pd.Timestamp("2020-01-01")) / pd.Timedelta(days=7)
    assert elapsed.to_numpy() == pytest.approx(transactions["time"], abs=1e-9)


@pytest.mark.parametrize(("simulate", "params"), SIMULATIONS)
def test_the_seed_decides(simulate, params):
    first, again, other = (simulate(params, 100, 20.0, seed=seed)[0] for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_customers_who_hardly_ever_stop_and_customers_who_always_stop():
    loyal = {**BG, "a": 1e-9, "b": 100.0}
    assert simulate_bg_nbd(loyal, 5_000, 50.0, seed=1)[1]["alive"].all()
    fickle = {**BG, "a": 1e6, "b": 1e-6}
    assert simulate_bg_nbd(fickle, 5_000, 50.0, seed=1)[1]["frequency"].max() == 1


def test_amounts_have_the_mean_and_the_spread_of_gamma_gamma():
    transactions, _ = simulate_pareto_nbd(PARETO, 100_000, 20.0, seed=3)
    priced, truth = simulate_gamma_gamma(GAMMA, transactions, seed=4)
    assert truth["mean_spend"].mean() == pytest.approx(GAMMA["p"] * GAMMA["v"] / (GAMMA["q"] - 1), rel=0.01)
    relative = priced["amount"] / truth.loc[priced["customer_id"], "mean_spend"].to_numpy()
    assert relative.mean() == pytest.approx(1, abs=0.005)
    assert relative.var() == pytest.approx(1 / GAMMA["p"], rel=0.02)
    assert priced.drop(columns="amount").equals(transactions)


@pytest.mark.parametrize("change", [{"params": {**BG, "r": 0.0}}, {"customers": 0}, {"entry": 30.0}])
def test_a_base_that_cannot_be_is_refused(change):
    arguments = {"params": BG, "customers": 10, "duration": 20.0, "entry": 0.0, **change}
    with pytest.raises(AnalyticsError):
        simulate_bg_nbd(seed=1, **arguments)
