"""Data that a business really has get a diagnosis, never an exception; data that are wrong get an error that names them."""

import pickle

import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.fitters import (
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    NBDFitter,
    ParetoNBDFitter,
)
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.errors import AnalyticsError, TooLittleData

KINDS = [BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter, NBDFitter]
DROPOUT = KINDS[:3]


def _steady_base(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nobody ever stops: the last purchase lies where the last of x uniform ones lies."""
    random = np.random.default_rng(seed)
    age = random.integers(100, 400, 1500)
    x = random.poisson(random.gamma(0.8, 1 / 30, 1500) * age)
    recency = np.where(x > 0, np.ceil(age * random.random(1500) ** (1 / np.maximum(x, 1))), 0)
    return x, recency / 7, age / 7


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "history",
    [([5], [30.0], [40.0]), ([0], [0.0], [40.0]), ([0], [0.0], [0.0]), ([1], [0.0], [0.0]), ([500], [501 / 7], [501 / 7])],
    ids=["one customer", "one purchase", "today", "all on one day", "a daily buyer"],
)
def test_one_customer(kind: type[BuyTillYouDie], history: tuple[list[float], ...]) -> None:
    model = kind().fit(*history)
    assert model.diagnosis_ == ("too few repeaters" if history[0][0] else "no repeat buyers")
    assert isinstance(model.refusal_, TooLittleData)
    assert str(model.refusal_) == f"Not enough repeat buyers: {int(history[0][0] > 0)}."
    assert len(model.predict(10, *(np.array(column) for column in history))) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_all_one_time_buyers(kind: type[BuyTillYouDie]) -> None:
    nothing, age = np.zeros(50), np.linspace(1, 40, 50)
    model = kind().fit(nothing, nothing, age)
    assert model.diagnosis_ == "no repeat buyers"
    assert model.params_.isna().all()
    for values in (
        model.predict(10, nothing, nothing, age),
        model.conditional_probability_alive(nothing, nothing, age)
        if kind is not BetaGeoFitter and kind is not NBDFitter
        else [np.nan],
        model.expected_residual_transactions(0.003, nothing, nothing, age),
        model.time_to_next_purchase(0.5, nothing, nothing, age),
        model.expected_number_of_purchases_up_to_time([1, 2]),
        model.probability_of_n_purchases_up_to_time(10, [0, 1]),
        model.interval(10, nothing, nothing, age)["upper"],
    ):
        assert np.isnan(values).all()


@pytest.mark.parametrize("kind", DROPOUT)
def test_nobody_dies(kind: type[BuyTillYouDie]) -> None:
    base = _steady_base(3)
    model = kind().fit(*base)
    assert model.diagnosis_ == "no dropout"
    assert model.log_likelihood_ == pytest.approx(NBDFitter().fit(*base).log_likelihood_, abs=0.05)
    assert model.standard_errors_.isna().all()
    assert np.all(np.asarray(model.conditional_probability_alive(*base)) > 0.95)
    assert np.isfinite(model.interval(10, *base, kind="parameter")).all(axis=None)


@pytest.mark.parametrize("kind", KINDS)
def test_daily_buyers(kind: type[BuyTillYouDie]) -> None:
    random = np.random.default_rng(4)
    age = np.full(60, 501)
    recency = np.where(random.random(60) < 0.5, 501, random.integers(50, 501, 60))
    x = np.minimum(recency, random.binomial(recency, random.beta(3, 2, 60)))
    x[0] = recency[0] = 501
    model = kind().fit(x, recency, age)
    assert model.refusal_ is None
    assert model.params_.notna().all()
    assert np.isfinite(model.predict(30, x, recency, age)).all()


@pytest.mark.parametrize("kind", DROPOUT)
def test_identical_customers(kind: type[BuyTillYouDie]) -> None:
    random = np.random.default_rng(5)
    age = np.full(2000, 52.0)
    x = random.poisson(5, 2000)
    recency = np.where(x > 0, age * random.random(2000) ** (1 / np.maximum(x, 1)), 0)
    model = kind().fit(x, recency, age)
    assert model.diagnosis_ in {"no dropout", "homogeneous purchasing"}
    assert np.isfinite(model.predict(30, x, recency, age)).all()


@pytest.mark.parametrize("kind", DROPOUT)
def test_few_customers(kind: type[BuyTillYouDie]) -> None:
    # 25 customers, for whom lifetimes raises ConvergenceError.
    random = np.random.default_rng(6)
    age = random.uniform(5, 39, 25)
    x = random.poisson(0.6, 25)
    recency = np.where(x > 0, age * random.random(25), 0)
    model = kind().fit(x, recency, age)
    assert model.diagnosis_ == "too few repeaters"
    assert model.params_.notna().all()


def test_identical_spend() -> None:
    model = GammaGammaFitter().fit(np.arange(1, 51), np.full(50, 20.0))
    assert model.diagnosis_ == "identical spend"
    assert model.conditional_expected_average_profit([0, 3], [0, 20.0]) == pytest.approx([20, 20], rel=0.05)


def test_refunds_and_gifts_are_counted_and_left_out() -> None:
    random = np.random.default_rng(7)
    x = random.integers(0, 6, 400)
    m = np.where(x > 0, random.gamma(6, 1 / random.gamma(4, 1 / 15, 400)), 0.0)
    clean = GammaGammaFitter().fit(x, m)
    dirty = GammaGammaFitter().fit(np.append(x, [3, 2]), np.append(m, [-12.5, 0.0]))
    assert dirty.left_out_.to_dict() == {"no_repeat_purchase": int((x == 0).sum()), "zero_or_negative": 2}
    assert dirty.params_.to_numpy() == pytest.approx(clean.params_.to_numpy(), rel=1e-6)
    base = dirty.conditional_expected_average_profit(0, 0)
    assert dirty.conditional_expected_average_profit([3, 2], [-12.5, 0.0]) == pytest.approx([base, base])


def test_a_mean_that_does_not_exist_is_refused() -> None:
    random = np.random.default_rng(8)
    m = random.gamma(5, 1 / random.gamma(0.6, 1 / 10, 2000))
    model = GammaGammaFitter().fit(np.ones(2000), m)
    assert model.params_["q"] < 1
    assert model.diagnosis_ == "mean does not exist"
    assert "The mean spend does not exist" in str(model.refusal_)
    assert np.isnan(model.conditional_expected_average_profit(0, 0))


def test_spend_that_depends_on_frequency_is_refused() -> None:
    random = np.random.default_rng(9)
    x = random.integers(1, 20, 500)
    model = GammaGammaFitter().fit(x, x * random.gamma(20, 1, 500))
    assert model.correlation_ > 0.8
    assert model.diagnosis_ == "spend depends on frequency"
    assert "correlation" in str(model.refusal_)


def test_bg_bb_without_dropout_and_without_purchases() -> None:
    random = np.random.default_rng(10)
    bought = random.random((2000, 8)) < random.beta(1, 2, (2000, 1))
    recency = np.where(bought.any(axis=1), 8 - bought[:, ::-1].argmax(axis=1), 0)
    model = BetaGeoBetaBinomFitter().fit(bought.sum(axis=1), recency, np.full(2000, 8))
    assert model.diagnosis_ == "no dropout" or model.params_["gamma"] / model.params_[["gamma", "delta"]].sum() < 0.02
    nothing = BetaGeoBetaBinomFitter().fit(np.zeros(9), np.zeros(9), np.full(9, 8))
    assert nothing.diagnosis_ == "no repeat buyers"


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("frequency", 1, np.nan, "The column frequency is empty in rows b."),
        ("frequency", 1, 1.5, "The column frequency must hold whole numbers from 0 on, see rows b."),
        ("frequency", 2, -1, "The column frequency must hold whole numbers from 0 on, see rows c."),
        ("recency", 0, -1, "The column recency is negative in rows a."),
        ("T", 2, 5, "The column T is less than the recency in rows c."),
        ("T", 0, np.inf, "The column T is empty in rows a."),
    ],
)
def test_wrong_data_are_named(column: str, row: int, value: float, message: str) -> None:
    base = pd.DataFrame({"frequency": [1.0, 2, 3], "recency": [5.0, 9, 8], "T": [10.0, 10, 10]}, index=["a", "b", "c"])
    base.iloc[row, base.columns.get_loc(column)] = value
    for kind in KINDS:
        with pytest.raises(AnalyticsError) as caught:
            kind().fit(*(base[name] for name in base))
        assert str(caught.value) == message


def test_a_customer_twice_is_refused() -> None:
    base = pd.DataFrame({"frequency": [1, 2], "recency": [5.0, 9], "T": [10.0, 10]}, index=["a", "a"])
    with pytest.raises(AnalyticsError, match="more than once: a"):
        BetaGeoFitter().fit(*(base[name] for name in base))
    with pytest.raises(AnalyticsError, match="more than once: a"):
        GammaGammaFitter().fit(base["frequency"], base["recency"])


def test_more_gifts_than_opportunities_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="frequency is more than the recency in rows 1"):
        BetaGeoBetaBinomFitter().fit([1, 4], [1, 3], [6, 6])


def test_parameters_that_cannot_be_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="The parameter alpha must be above 0"):
        BetaGeoFitter.from_params(r=1, alpha=-1, a=1, b=1)
    with pytest.raises(AnalyticsError, match="no parameter uncertainty"):
        BetaGeoFitter.from_params(r=1, alpha=1, a=1, b=1).interval(10, 1, 5, 10, kind="parameter")


def test_an_error_keeps_its_template_and_values() -> None:
    error = AnalyticsError("Column {column} is missing.", column="T")
    assert (str(error), error.template, error.values) == ("Column T is missing.", "Column {column} is missing.", {"column": "T"})
    copy = pickle.loads(pickle.dumps(TooLittleData("Not enough repeat buyers: {count}.", count=3)))
    assert type(copy) is TooLittleData
    assert str(copy) == "Not enough repeat buyers: 3."


def test_a_fitted_model_survives_the_cache(cdnow_summary: pd.DataFrame) -> None:
    columns = [cdnow_summary[name] for name in ("frequency", "recency", "T")]
    model = NBDFitter().fit(*columns)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict(39, *columns).equals(model.predict(39, *columns))
    assert copy.log_likelihood(model.params_.to_dict()) == model.log_likelihood_
