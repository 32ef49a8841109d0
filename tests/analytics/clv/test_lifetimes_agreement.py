"""The same numbers as lifetimes 0.11.3, wherever that gives a number."""

import lifetimes
import numpy as np
import pandas as pd
import pytest
from lifetimes import utils

from crm.analytics.clv import summary as ours
from crm.analytics.clv.fitters import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie

COLUMNS = ["frequency", "recency", "T"]
PAIRS = [
    (BetaGeoFitter, lifetimes.BetaGeoFitter),
    (ModifiedBetaGeoFitter, lifetimes.ModifiedBetaGeoFitter),
    (ParetoNBDFitter, lifetimes.ParetoNBDFitter),
]


@pytest.mark.parametrize(("kind", "theirs"), PAIRS, ids=["BG", "MBG", "Pareto"])
def test_predictions(kind: type[BuyTillYouDie], theirs: type, cdnow_summary: pd.DataFrame) -> None:
    columns = [cdnow_summary[name] for name in COLUMNS]
    model, other = kind().fit(*columns), theirs()
    assert isinstance(model, theirs)
    other.params_ = model.params_
    alive = np.asarray(other.conditional_probability_alive(*columns))
    assert model.conditional_probability_alive(*columns).to_numpy() == pytest.approx(alive, rel=1e-7)
    for t in (1, 39, 200):
        expected = other.conditional_expected_number_of_purchases_up_to_time(t, *columns).to_numpy()
        assert model.predict(t, *columns).to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert model.expected_number_of_purchases_up_to_time(t) == pytest.approx(other.expected_number_of_purchases_up_to_time(t))


def test_probabilities_of_counts() -> None:
    params = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    for kind, theirs in PAIRS[:2]:
        model, other = kind.from_params(**params), theirs()
        other.params_ = pd.Series(params)
        for n in range(12):
            assert model.probability_of_n_purchases_up_to_time(39, n) == pytest.approx(
                other.probability_of_n_purchases_up_to_time(39, n), rel=1e-9
            )
    params = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    model, other = ParetoNBDFitter.from_params(**params), lifetimes.ParetoNBDFitter()
    other.params_ = pd.Series(params)
    for n in range(8):
        ours_, theirs_ = (way.conditional_probability_of_n_purchases_up_to_time(n, 20, 2, 30.43, 38.86) for way in (model, other))
        assert ours_ == pytest.approx(float(theirs_), rel=1e-7)


def test_fits_are_at_least_as_likely(cdnow_summary: pd.DataFrame) -> None:
    columns = [cdnow_summary[name] for name in COLUMNS]
    theirs = lifetimes.BetaGeoFitter().fit(*columns)
    model = BetaGeoFitter().fit(*columns)
    assert model.params_.to_numpy() == pytest.approx(theirs.params_.to_numpy(), rel=1e-3)
    assert model.log_likelihood_ >= model.log_likelihood(theirs.params_.to_dict())


def test_lifetime_value_by_months(cdnow_summary: pd.DataFrame, cdnow_orders: pd.DataFrame) -> None:
    columns = [cdnow_summary[name] for name in COLUMNS]
    spend = cdnow_orders.groupby("customer_id")["amount"].mean().reindex(cdnow_summary.index).clip(lower=1)
    model, money = BetaGeoFitter().fit(*columns), GammaGammaFitter().fit(cdnow_summary["frequency"], spend)
    other, other_money = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
    other.params_, other_money.params_ = model.params_, money.params_
    other.predict = other.conditional_expected_number_of_purchases_up_to_time  # set by its fit
    value = money.customer_lifetime_value(model, *columns, spend, time=24, discount_rate=0.01, freq="W")
    theirs = other_money.customer_lifetime_value(other, *columns, spend, time=24, discount_rate=0.01, freq="W")
    repeated = columns[0] > 0
    assert value[repeated].to_numpy() == pytest.approx(theirs[repeated].to_numpy(), rel=1e-7)
    assert money.customer_lifetime_value(other, *columns, spend, time=2, freq="W").notna().all()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"monetary_value_col": "amount"},
        {"freq": "W"},
        {"monetary_value_col": "amount", "observation_period_end": "1997-09-30", "freq_multiplier": 7},
        {"include_first_transaction": True, "monetary_value_col": "amount"},
    ],
)
def test_summaries(options: dict[str, object], cdnow_orders: pd.DataFrame) -> None:
    theirs = utils.summary_data_from_transaction_data(cdnow_orders, "customer_id", "date", **options).sort_index()
    pd.testing.assert_frame_equal(
        ours.summary_data_from_transaction_data(cdnow_orders, "customer_id", "date", **options), theirs, check_exact=False
    )


def test_calibration_and_holdout(cdnow_orders: pd.DataFrame) -> None:
    ends = ("1997-09-30", "1998-06-30")
    theirs = utils.calibration_and_holdout_data(
        cdnow_orders, "customer_id", "date", *ends, monetary_value_col="amount"
    ).sort_index()
    mine = ours.calibration_and_holdout_data(cdnow_orders, "customer_id", "date", *ends, monetary_value_col="amount")
    same = [name for name in theirs if name != "monetary_value_holdout"]  # a mean of rows there, of days here
    pd.testing.assert_frame_equal(mine[same], theirs[same], check_exact=False)
    without_money = ours.calibration_and_holdout_data(cdnow_orders, "customer_id", "date", *ends)
    assert list(without_money) == ["frequency_cal", "recency_cal", "T_cal", "frequency_holdout", "duration_holdout"]


def test_months_and_hours_work_again(cdnow_orders: pd.DataFrame) -> None:
    months = ours.summary_data_from_transaction_data(cdnow_orders, "customer_id", "date", freq="M")
    assert months.loc[1].to_list() == [2, 11, 17]
    hours = ours.summary_data_from_transaction_data(cdnow_orders, "customer_id", "date", freq="h", freq_multiplier=24)
    assert hours.loc[1, "recency"] == 345


def test_what_the_plots_of_lifetimes_call(cdnow_summary: pd.DataFrame) -> None:
    model = BetaGeoFitter().fit(*(cdnow_summary[name] for name in COLUMNS))
    assert model.conditional_probability_alive_matrix(4, 8).shape == (9, 5)
    assert model.predict(8, 0, 5.0, 8.0) == model.predict(8, 0, 0.0, 8.0)  # without a purchase there is no recency
    np.random.seed(1)
    simulated = model.generate_new_data(size=len(cdnow_summary))
    assert simulated["frequency"].mean() == pytest.approx(cdnow_summary["frequency"].mean(), rel=0.2)
