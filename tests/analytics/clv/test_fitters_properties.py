"""What must hold for any parameters and histories."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.clv.fitters import (
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    NBDFitter,
    ParetoNBDFitter,
)
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.patterns import compress

KINDS = [BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter, NBDFitter]
kinds = st.sampled_from(KINDS)
sizes = st.lists(st.floats(0.05, 20), min_size=4, max_size=4)
ages = st.floats(0.5, 300)
counts = st.integers(0, 200)
shares = st.floats(0.01, 1)
times = st.floats(0.01, 500)


def _model(kind: type[BuyTillYouDie], values: list[float]) -> BuyTillYouDie:
    scale = [8.0 if name in kind.time_names else 1.0 for name in kind.names]
    return kind.from_params(**{name: value * k for name, value, k in zip(kind.names, values, scale, strict=False)})


@given(kinds, sizes, counts, shares, ages)
def test_probability_alive_is_a_probability_that_falls_with_the_hiatus(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float
) -> None:
    recency = age * share if x else 0.0
    hiatus = np.array([0, 0.1, 1, 10, 100, 1000])
    alive = _model(kind, values).conditional_probability_alive(np.full(6, x), np.full(6, recency), recency + hiatus)
    assert np.all((alive >= 0) & (alive <= 1))
    assert np.all(np.diff(alive) <= 1e-12)


@given(kinds, sizes, counts, shares, ages)
@settings(max_examples=40, deadline=None)
def test_expected_purchases_start_at_nothing_and_grow(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float
) -> None:
    model = _model(kind, values)
    history = (x, age * share if x else 0.0, age)
    expected = [model.predict(t, *history) for t in (0.0, 0.1, 1.0, 10.0, 100.0, 1000.0)]
    assert expected[0] == 0
    assert np.all(np.diff(expected) >= -1e-11 * max(expected))
    assert np.all(np.isfinite(expected))


@given(kinds, sizes, st.integers(0, 40), shares, ages)
@settings(max_examples=40, deadline=None)
def test_residual_transactions_exceed_those_of_any_horizon(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float
) -> None:
    model = _model(kind, values)
    history = (x, age * share if x else 0.0, age)
    within = [model.expected_residual_transactions(0.003, *history, horizon) for horizon in (10.0, 100.0, 1000.0, np.inf)]
    assert np.all(np.diff(within) >= -1e-9 * within[-1])
    assert within[0] <= model.predict(10.0, *history) * (1 + 1e-9)


@given(kinds, sizes, st.integers(0, 30), shares, ages, st.floats(0.1, 60))
@settings(max_examples=40, deadline=None)
def test_the_number_of_purchases_has_the_expected_mean(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float, t: float
) -> None:
    model = _model(kind, [max(value, 0.3) for value in values])
    history = (x, age * share if x else 0.0, age)
    n = np.arange(3000)
    chances = model.conditional_probability_of_n_purchases_up_to_time(n, t, *history)
    missing = 1 - chances.sum()
    assert missing == pytest.approx(0, abs=1e-6)
    assert n @ chances == pytest.approx(model.predict(t, *history), rel=1e-5, abs=3000 * abs(missing) + 1e-9)


@given(sizes, st.floats(0, 100), st.floats(0.1, 60))
@settings(max_examples=12, deadline=None)
def test_a_window_sums_to_one_in_its_parts(values: list[float], t: float, tau: float) -> None:
    for kind in (ParetoNBDFitter, BetaGeoFitter, ModifiedBetaGeoFitter):
        model = _model(kind, [max(value, 0.5) for value in values])
        parts = model.probability_of_n_purchases_in_interval(np.arange(120 if kind is ParetoNBDFitter else 25), t, tau)
        assert np.all(parts.iloc[:, 1:] >= -1e-12)
        assert parts["probability"].sum() <= 1 + 1e-9
        both = model.expected_number_of_purchases_up_to_time([t, t + tau])
        if parts["probability"].sum() > 1 - 1e-10:
            assert parts["n"] @ parts["probability"] == pytest.approx(both[1] - both[0], rel=1e-4, abs=1e-6)


@given(kinds, sizes, counts, shares, ages, times, st.floats(0.05, 20))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_time_does_not_matter(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float, t: float, unit: float
) -> None:
    model = _model(kind, values)
    other = kind.from_params(**{name: value * (unit if name in kind.time_names else 1) for name, value in model.params_.items()})
    recency = age * share if x else 0.0
    first = [model.predict(t, x, recency, age), model.conditional_probability_alive(x, recency, age)]
    second = [other.predict(t * unit, x, recency * unit, age * unit)]
    second.append(other.conditional_probability_alive(x, recency * unit, age * unit))
    assert first == pytest.approx(second, rel=1e-9, abs=1e-14)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 8), st.integers(0, 5)), min_size=1, max_size=60), sizes)
@settings(max_examples=40, deadline=None)
def test_compressed_and_raw_histories_give_the_same_likelihood(rows: list[tuple[int, int, int]], values: list[float]) -> None:
    x, recency, later = np.array(rows).T
    recency = np.where(x > 0, recency, 0)
    age = recency + later
    for kind in KINDS:
        params = _model(kind, values).params_
        together = kind()._objective(compress(x, recency / 7, age / 7))(np.log(params.to_numpy()))
        alone = [
            kind()._objective(compress(*row))(np.log(params.to_numpy())) for row in zip(x, recency / 7, age / 7, strict=True)
        ]
        assert together[0] == pytest.approx(sum(value for value, _ in alone), rel=1e-12, abs=1e-11)
        assert together[1] == pytest.approx(sum(slope for _, slope in alone), rel=1e-9, abs=1e-9)


@given(kinds, sizes, st.integers(0, 60), shares, ages, st.floats(1, 100))
@settings(max_examples=40, deadline=None)
def test_the_predictive_interval_holds_its_share(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float, t: float
) -> None:
    model = _model(kind, [max(value, 0.3) for value in values])
    history = (x, age * share if x else 0.0, age)
    lower, upper = model.interval(t, *history, level=0.8).iloc[0]
    n = np.arange(int(upper) + 1)
    chances = np.cumsum(model.conditional_probability_of_n_purchases_up_to_time(n, t, *history))
    assert chances[int(upper)] >= 0.9 - 1e-6
    assert upper == 0 or chances[int(upper) - 1] < 0.9 + 1e-6
    assert lower == 0 or chances[int(lower) - 1] < 0.1 + 1e-6


@given(kinds, sizes, st.integers(0, 60), shares, ages, st.floats(0.05, 0.95))
@settings(max_examples=40, deadline=None)
def test_the_next_purchase_comes_with_the_chance_that_was_asked(
    kind: type[BuyTillYouDie], values: list[float], x: int, share: float, age: float, quantile: float
) -> None:
    model = _model(kind, values)
    history = (x, age * share if x else 0.0, age)
    t = model.time_to_next_purchase(quantile, *history)
    if np.isinf(t) or t > 1e6:
        assert model.conditional_probability_of_n_purchases_up_to_time(0, 1e5, *history) >= 1 - quantile - 1e-3
    else:
        assert model.conditional_probability_of_n_purchases_up_to_time(0, t, *history) == pytest.approx(1 - quantile, abs=1e-6)


@given(st.floats(0.2, 20), st.floats(1.05, 20), st.floats(0.5, 100), st.integers(0, 100), st.floats(0.1, 500))
def test_expected_spend_lies_between_the_customer_and_the_base(p: float, q: float, v: float, x: int, m: float) -> None:
    model = GammaGammaFitter.from_params(p=p, q=q, v=v)
    base = p * v / (q - 1)
    spend = model.conditional_expected_average_profit(x, m)
    assert min(base, m if x else base) * (1 - 1e-9) <= spend <= max(base, m if x else base) * (1 + 1e-9)
    lower, upper = model.interval([x], [m]).iloc[0]
    assert lower < upper


@given(sizes, st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_bg_bb_predictions(values: list[float], x: int, more: int, later: int) -> None:
    model = BetaGeoBetaBinomFitter.from_params(**dict(zip(BetaGeoBetaBinomFitter.names, values, strict=True)))
    history = (x, x + more if x else 0, x + more + later)
    chances = model.conditional_probability_of_n_purchases_up_to_time(np.arange(6), 5, *history)
    assert chances.sum() == pytest.approx(1)
    assert np.arange(6) @ chances == pytest.approx(model.predict(5, *history), rel=1e-9, abs=1e-12)
    assert 0 <= model.conditional_probability_alive(0, *history) <= 1
    assert model.expected_residual_transactions(0.1, *history, 300) == pytest.approx(
        model.expected_residual_transactions(0.1, *history), rel=1e-9
    )


def test_results_stand_in_the_order_and_under_the_index_of_the_input() -> None:
    model = BetaGeoFitter.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    histories = pd.DataFrame(
        {"frequency": [2, 0, 7, 2], "recency": [30.43, 0.0, 29.43, 30.43], "T": [38.86, 38.86, 38.86, 38.86]},
        index=["d", "a", "c", "b"],
    )
    columns = [histories[name] for name in ("frequency", "recency", "T")]
    expected = model.predict(39, *columns)
    assert list(expected.index) == ["d", "a", "c", "b"]
    assert expected["d"] == expected["b"] == pytest.approx(model.predict(39, 2, 30.43, 38.86))
    assert list(model.interval(39, *columns).index) == ["d", "a", "c", "b"]
    varied = model.predict(np.array([39, 39, 10, 1]), *columns)
    assert varied.to_numpy() == pytest.approx(
        [model.predict(t, *row) for t, row in zip([39, 39, 10, 1], histories.to_numpy(), strict=True)]
    )
