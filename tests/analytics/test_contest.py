from datetime import date

import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.contest import backtest, compare_models, hiatus, same_for_all, same_rate
from crm.analytics.clv.fitters import BetaGeoFitter, NBDFitter
from crm.analytics.clv.simulate import simulate_bg_nbd
from crm.analytics.errors import AnalyticsError

SUMMARY = pd.DataFrame(
    {
        "frequency": [4, 2, 0, 1],
        "recency": [8.0, 4.0, 0.0, 2.0],
        "T": [10.0, 10.0, 10.0, 5.0],
        "frequency_holdout": [2, 0, 0, 1],
        "duration_holdout": 5.0,
    }
)
TWO = {"bg_nbd": BetaGeoFitter, "nbd": NBDFitter}


def base(frequency, recency, T, later, ahead=10.0):
    columns = {"frequency": frequency, "recency": recency, "T": T, "frequency_holdout": later, "duration_holdout": ahead}
    return pd.DataFrame(columns)


def test_the_simple_rules_by_hand():
    assert same_rate(SUMMARY).tolist() == [2, 1, 0, 1]
    assert same_for_all(SUMMARY).tolist() == [1, 1, 1, 1]
    assert hiatus(SUMMARY).tolist() == [2, 0, 0, 0]  # nine in ten wait 2 weeks at most; only the first was silent no longer


def test_cdnow_contest(cdnow_summary):
    contest = compare_models(cdnow_summary)
    table = contest.table.set_index("name")
    assert contest.refusal is None
    assert contest.chosen in {"bg_nbd", "mbg_nbd", "pareto_nbd"}
    assert table["chosen"].sum() == 1
    assert table.loc["bg_nbd", "log_likelihood"] == pytest.approx(-9582.429207, abs=1e-5)
    assert table.loc["pareto_nbd", "log_likelihood"] == pytest.approx(-9594.976179, abs=1e-5)
    assert (table["total_actual"] == 1882).all()
    models, rules = (table[table["kind"] == kind] for kind in ("model", "rule"))
    assert models.loc[contest.chosen, "rmse"] < rules["rmse"].min()
    assert models.loc[contest.chosen, "log_score"] == models["log_score"].max()
    assert models.loc["nbd", "total_error"] > 0.5  # whoever never stops buys too much
    assert contest.fitted["nbd"].log_likelihood_ == pytest.approx(-9763.657615, abs=1e-5)


def test_too_few_repeat_buyers_are_refused_with_their_number():
    eleven = base([1] * 11 + [0] * 100, [5.0] * 11 + [0.0] * 100, 10.0, [1] * 111)
    contest = compare_models(eleven, TWO)
    assert contest.chosen is None
    assert str(contest.refusal) == "Not enough repeat buyers: 11."
    assert not contest.table["chosen"].any()
    assert contest.table["name"].tolist() == ["bg_nbd", "nbd", "same_rate", "same_for_all", "hiatus"]


def test_an_empty_holdout_is_refused():
    contest = compare_models(base([1, 2, 3] * 20, [5.0, 6.0, 7.0] * 20, 10.0, 0), TWO)
    assert str(contest.refusal) == "Nobody bought in the holdout period."


def test_clockwork_customers_are_better_forecast_by_a_rule():
    clockwork = base([10, 2] * 30, [10.0, 10.0] * 30, 10.0, [10, 2] * 30)
    contest = compare_models(clockwork, TWO)
    assert contest.chosen is None
    assert str(contest.refusal) == "No model forecasts better than the simple rule same_rate."


@pytest.mark.parametrize(
    "odd",
    [
        base([3], [5.0], [10.0], [1]),
        base([0] * 50, 0.0, 10.0, [1] * 50),
        base([364] * 25, 363.9, 364.0, [30] * 25, 30.0),
        base([0] * 50, 0.0, 0.0, [0] * 50),
    ],
    ids=["one customer", "one-time buyers", "daily buyers", "all new today"],
)
def test_odd_bases_are_refused_or_answered_but_never_fail(odd):
    contest = compare_models(odd, TWO)
    assert (contest.chosen is None) == (contest.refusal is not None)
    assert len(contest.table) == 5


def test_a_simulated_base_finds_its_own_kind():
    transactions, truth = simulate_bg_nbd({"r": 0.6, "alpha": 5.0, "a": 1.0, "b": 2.0}, 8_000, 80.0, seed=5)
    known = transactions[transactions["time"] <= 40].groupby("customer_id")["time"]
    frequency = known.size() - 1
    contest = compare_models(base(frequency, known.max(), 40.0, truth["frequency"] - frequency, 40.0), TWO)
    assert contest.chosen == "bg_nbd"
    winner = contest.table.set_index("name").loc["bg_nbd"]
    assert abs(winner["total_error"]) < 0.06


def test_where_nobody_stops_the_model_with_fewer_parameters_wins():
    rng = np.random.default_rng(2)
    rates = rng.gamma(1.5, 1 / 6.0, 4_000)
    counts = rng.poisson(rates * 40.0)
    last = np.where(counts > 0, 40.0 * rng.beta(np.maximum(counts, 1), 1), 0.0)  # the latest of so many even moments
    contest = compare_models(base(counts, np.round(last, 2), 40.0, rng.poisson(rates * 20.0), 20.0), TWO)
    assert contest.chosen == "nbd"


def test_backtest_at_two_cut_offs(cdnow_orders):
    cutoffs = [date(1997, 3, 31), date(1997, 9, 30)]
    table = backtest(cdnow_orders, cutoffs, holdout_days=91, models=TWO)
    assert table["cutoff"].dt.date.unique().tolist() == cutoffs
    assert len(table) == 2 * 5
    late = table[table["cutoff"] == pd.Timestamp("1997-09-30")]
    assert (late["repeaters"] == 946).all()
    assert not late["refused"].any()
    days = cdnow_orders.drop_duplicates(["customer_id", "date"])["date"]
    assert (late["total_actual"] == ((days > "1997-09-30") & (days <= "1997-12-30")).sum()).all()
    early = table[table["cutoff"] == pd.Timestamp("1997-03-31")]
    assert (early["total_actual"] > 0).all()
    assert np.isfinite(early["rmse"]).all()


def test_a_backtest_without_a_cut_off_is_refused(cdnow_orders):
    with pytest.raises(AnalyticsError):
        backtest(cdnow_orders, [], holdout_days=91)
