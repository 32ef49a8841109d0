"""Likelihoods, gradients and predictions against 40-digit arithmetic, at random points and where lifetimes 0.11.3 fails."""

from collections.abc import Callable, Sequence

import mpmath as mp
import numpy as np
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
from crm.analytics.clv.fitters.futures import ExponentialFuture, GeometricFuture
from crm.analytics.clv.fitters.pareto_integral import DayGrid, PatternByPattern, integrals_for
from crm.analytics.clv.fitters.quadrature import beta_rule
from crm.analytics.clv.patterns import compress

mp.mp.dps = 40
Point = tuple[Sequence[float], tuple[float, float, float]]
POINTS = 60


def _random_points(time_params: Sequence[int], size: int, seed: int) -> list[Point]:
    """Parameters from .05 to 20 (times that are scales up to 300) and histories with up to 300 purchases."""
    random = np.random.default_rng(seed)
    points: list[Point] = []
    for _ in range(POINTS):
        params = np.exp(random.uniform(np.log(0.05), np.log(20), size))
        params[list(time_params)] *= np.exp(random.uniform(0, 2.5, len(time_params)))
        age = float(np.exp(random.uniform(0, np.log(500))))
        x = int(random.choice([0, 1, 2, 5, 20, 100, 300]))
        recency = 0.0 if x == 0 else age * float(random.beta(2, 0.5))
        points.append((params.tolist(), (x, recency, age)))
    return points


def _bg_log_likelihood(params: Sequence[mp.mpf], x: int, t_x: float, T: float, birth: int = 0) -> mp.mpf:
    r, alpha, a, b = params
    chances = x + birth
    alive = mp.beta(a, b + chances) / mp.beta(a, b) * (alpha + T) ** (-r - x)
    dead = mp.beta(a + 1, b + chances - 1) / mp.beta(a, b) * (alpha + t_x) ** (-r - x) if chances else mp.mpf(0)
    return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + mp.log(alive + dead)


def _mbg_log_likelihood(params: Sequence[mp.mpf], x: int, t_x: float, T: float) -> mp.mpf:
    return _bg_log_likelihood(params, x, t_x, T, birth=1)


def _pareto_log_likelihood(params: Sequence[mp.mpf], x: int, t_x: float, T: float) -> mp.mpf:
    """With 2F1: Fader, Hardie 2005, A Note on Deriving the Pareto/NBD Model, equations (18) to (20)."""
    r, alpha, s, beta = params
    t_x, T = mp.mpf(t_x), mp.mpf(T)
    most, exponent = max(alpha, beta), (s + 1 if alpha >= beta else r + x)
    rsx = r + s + x

    def term(y: mp.mpf) -> mp.mpf:
        return mp.hyp2f1(rsx, exponent, rsx + 1, abs(alpha - beta) / (most + y)) / (most + y) ** rsx

    with mp.workdps(80):
        inside = s / rsx * (term(t_x) - term(T))
        alive = (alpha + T) ** (-r - x) * (beta + T) ** (-s)
        return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta) + mp.log(alive + inside)


def _nbd_log_likelihood(params: Sequence[mp.mpf], x: int, t_x: float, T: float) -> mp.mpf:
    r, alpha = params
    return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)


def _gradient(function: Callable[..., mp.mpf], params: Sequence[float], history: tuple[float, float, float]) -> list[float]:
    """In log parameters, by central differences of 20 digits."""
    values = [mp.mpf(value) for value in params]
    step, slopes = mp.mpf(10) ** -14, []
    for place in range(len(values)):
        ends = []
        for sign in (1, -1):
            moved = list(values)
            moved[place] = values[place] * mp.exp(sign * step)
            ends.append(function(moved, *history))
        slopes.append(float((ends[0] - ends[1]) / (2 * step)))
    return slopes


FAILING_PARETO: list[Point] = [
    ([0.55, 0.01, 0.6, 500.0], (300, 20.0, 38.0)),
    ([0.5694, 1.3787, 0.9136, 58.83], (409, 10.4611, 34.8705)),
    ([0.553, 10.578, 1.0, 11.669], (2, 30.43, 38.86)),
    ([0.55, 500.0, 0.6, 0.01], (3, 20.0, 38.0)),
    ([0.5, 10.0, 0.6, 10.0], (3, 20.0, 38.0)),
]
FAILING_BG: list[Point] = [
    ([0.11, 2.24, 0.31, 0.5], (0, 0.0, 1.0)),
    ([0.243, 4.414, 1.0, 2.426], (2, 30.43, 38.86)),
    ([2.0, 0.5, 3.0, 1.0], (200, 38.0, 38.86)),
    ([0.5, 6.0, 0.9, 1.6], (2000, 500.0, 501.0)),
]
MODELS: list[tuple[type[BuyTillYouDie], Callable[..., mp.mpf], list[Point]]] = [
    (BetaGeoFitter, _bg_log_likelihood, _random_points([1], 4, 1) + FAILING_BG),
    (ModifiedBetaGeoFitter, _mbg_log_likelihood, _random_points([1], 4, 2) + FAILING_BG),
    (ParetoNBDFitter, _pareto_log_likelihood, _random_points([1, 3], 4, 3) + FAILING_PARETO),
    (NBDFitter, _nbd_log_likelihood, _random_points([1], 2, 4)),
]


@pytest.mark.parametrize(("kind", "truth", "points"), MODELS, ids=["BG", "MBG", "Pareto", "NBD"])
def test_likelihood_and_gradient(kind: type[BuyTillYouDie], truth: Callable[..., mp.mpf], points: list[Point]) -> None:
    for params, history in points:
        value, gradient = kind()._objective(compress(*history))(np.log(params))
        expected = float(truth([mp.mpf(part) for part in params], *history))
        individual = kind.from_params(**dict(zip(kind.names, params, strict=True))).individual_log_likelihood(*history)
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-10), (params, history)
        assert individual == pytest.approx(expected, rel=1e-12, abs=1e-10), (params, history)
        slopes = _gradient(truth, params, history)
        assert gradient == pytest.approx(slopes, rel=1e-9, abs=1e-9 * (1 + history[0])), (params, history)


def test_the_day_grid_gives_the_same_integrals() -> None:
    random = np.random.default_rng(5)
    age = random.integers(1, 120, 400)
    recency = (age * random.beta(2, 0.7, 400)).astype(int)
    x = np.minimum(random.poisson(4, 400), recency)
    patterns = compress(x, np.where(x > 0, recency, 0) / 7, age / 7)
    weights = random.random(len(patterns))
    for params in random.lognormal(0, 1.2, (40, 4)) * [1, 8, 1, 8]:
        r, alpha, s, beta = params
        falls = (r + patterns.frequency) * np.log((alpha + patterns.T) / (alpha + patterns.recency))
        falls += s * np.log((beta + patterns.T) / (beta + patterns.recency))
        grid, direct = DayGrid(patterns, np.unique(patterns.frequency)), PatternByPattern(patterns)
        first, second = (way.update(r, alpha, s, beta, falls) for way in (grid, direct))
        assert first == pytest.approx(second, rel=1e-9, abs=1e-14)
        assert grid.weighted(weights) == pytest.approx(direct.weighted(weights), rel=1e-9, abs=1e-12)


def test_large_bases_by_days_use_the_grid() -> None:
    age, recency = (part.ravel() for part in np.meshgrid(np.arange(10, 60), np.arange(1, 11)))
    assert isinstance(integrals_for(compress(np.ones(len(age)), recency, age)), DayGrid)
    assert isinstance(integrals_for(compress(3, 1.2345, 7.77)), PatternByPattern)


def _expected_with_dropout(R: float, A: float, a: float, B: float, t: float) -> float:
    """Equation (9) of Fader, Hardie, Lee 2005 with 60 digits, which also suffice next to its singularity at a = 1."""
    with mp.workdps(80):
        shifted = mp.mpf(a) + (mp.mpf(10) ** -30 if a == 1 or a + B == 1 else 0)
        c, z = shifted + B - 1, mp.mpf(t) / (mp.mpf(A) + t)
        return float(c / (shifted - 1) * (1 - mp.hyp2f1(R, B, c, z) * (1 - z) ** R))


def test_expected_purchases_with_geometric_dropout() -> None:
    random = np.random.default_rng(6)
    points = [tuple(row) for row in np.exp(random.uniform(np.log(0.05), np.log(30), (60, 5))) * [1, 3, 1, 1, 10]]
    points += [(0.11, 3.24, 0.31, 0.5, 30), (0.11, 41.1, 0.31, 0.5, 520), (0.243, 4.4, 1.0, 2.4, 39), (202, 39.36, 3, 201, 520)]
    points += [(202, 1.7, 0.3, 202, 520), (30, 1, 0.5, 30, 3000), (300, 2, 0.04, 5, 800), (0.2, 1e-3, 20, 300, 500)]
    points += [(2002, 520, 0.9, 2001.6, 520), (0.5, 0.01, 0.3, 2, 500), (300, 2, 0.4, 0.3, 50), (1.5, 10, 1.0, 5, 1e-6)]
    for R, A, a, B, t in points:
        future = GeometricFuture(np.array([R]), np.array([A]), a, np.array([B]))
        assert future.expected(np.array(t))[0] == pytest.approx(_expected_with_dropout(R, A, a, B, t), rel=1e-11), (R, A, a, B, t)


def test_many_customers_at_once_give_the_same_as_one_by_one() -> None:
    random = np.random.default_rng(7)
    R, A, B = random.gamma(1, 20, 300), random.gamma(2, 20, 300) + 0.05, np.round(random.gamma(1, 20, 300)) + 1.6
    future = GeometricFuture(R, A, 0.8, B)
    together = future.expected(np.array(52.0))
    alone = [_expected_with_dropout(R[i], A[i], 0.8, B[i], 52) for i in range(0, 300, 15)]
    assert together[::15] == pytest.approx(alone, rel=1e-11)


def test_expected_purchases_with_exponential_dropout() -> None:
    random = np.random.default_rng(8)
    for R, A, s, B, t in [*np.exp(random.uniform(-3, 4, (60, 5))), (0.5, 10, 1.0, 12, 39), (0.5, 10, 1 + 1e-9, 12, 39)]:
        future = ExponentialFuture(np.array([R]), np.array([A]), s, np.array([B]))
        with mp.workdps(60):
            slope = mp.mpf(1) - mp.mpf(s)
            growth = mp.log(1 + mp.mpf(t) / B) if slope == 0 else ((1 + mp.mpf(t) / B) ** slope - 1) / slope
            truth = float(mp.mpf(R) / A * B * growth)
        assert future.expected(np.array(t))[0] == pytest.approx(truth, rel=1e-12)


def test_discounted_purchases() -> None:
    random = np.random.default_rng(9)
    mp.mp.dps = 20
    for R, A, s, B in np.exp(random.uniform(-1, 4, (8, 4))):
        for discount in (0.0027, 0.05):
            one = ExponentialFuture(np.array([R]), np.array([A]), s, np.array([B]))
            z = mp.mpf(discount) * B  # Fader, Hardie, Lee 2005, JMR 42(4), equation (2), for a customer who is alive
            truth = float(mp.mpf(R) / A * B ** mp.mpf(s) * mp.mpf(discount) ** (s - 1) * mp.hyperu(s, s, z))
            assert one.discounted(discount)[0] == pytest.approx(truth, rel=1e-10)
            other = GeometricFuture(np.array([R]), np.array([A]), 0.8, np.array([B]))
            slope = [mp.hyp2f1(R + 1, 0.8, 0.8 + B, -u / A) for u in (mp.mpf(1), mp.mpf(50))]
            assert other.rate(np.array([1.0]))[0] == pytest.approx(float(R / A * slope[0]), rel=1e-11)
            assert other.rate(np.array([50.0]))[0] == pytest.approx(float(R / A * slope[1]), rel=1e-11)
    mp.mp.dps = 40


def test_discounted_purchases_with_geometric_dropout() -> None:
    future = GeometricFuture(np.array([2.24, 0.24]), np.array([43.3, 4.4]), 0.8, np.array([4.4, 2.4]))
    for row, (R, A, B) in enumerate([(2.24, 43.3, 4.4), (0.24, 4.4, 2.4)]):
        with mp.workdps(20):
            truth = mp.quad(
                lambda u, R=R, A=A, B=B: mp.exp(-0.0027 * u) * mp.mpf(R) / A * mp.hyp2f1(R + 1, 0.8, 0.8 + B, -u / A),
                [0, 5, 50, 500, 4000, 20000],
            )
        assert future.discounted(0.0027)[row] == pytest.approx(float(truth), rel=1e-9)


def test_mean_over_a_beta_distribution() -> None:
    random = np.random.default_rng(10)
    for a, b in np.exp(random.uniform(-2, 7, (40, 2))):
        p, w = beta_rule(a, b, 24)
        assert w.sum() == pytest.approx(1, rel=1e-12)
        assert (w * p).sum() == pytest.approx(a / (a + b), rel=1e-11)
        assert (w * p**2).sum() == pytest.approx(a * (a + 1) / (a + b) / (a + b + 1), rel=1e-11)


def test_gamma_gamma() -> None:
    random = np.random.default_rng(11)
    for p, q, v in np.exp(random.uniform(-1, 3, (40, 3))) * [1, 1, 10]:
        x, m = float(random.integers(1, 60)), float(random.gamma(2, 20))

        def truth(params: Sequence[mp.mpf], x: float = x, m: float = m) -> mp.mpf:
            p, q, v = params
            logs = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q) + q * mp.log(v)
            return logs + (p * x - 1) * mp.log(m) + p * x * mp.log(x) - (p * x + q) * mp.log(x * m + v)

        model = GammaGammaFitter().fit([x], [m])
        point = [mp.mpf(p), mp.mpf(q), mp.mpf(v)]
        assert model.log_likelihood([p, q, v]) == pytest.approx(float(truth(point)), rel=1e-11, abs=1e-11)
        slopes = np.array(_gradient(truth, [p, q, v], ())) / [p, q, v]  # type: ignore[arg-type]
        assert model.score([p, q, v]).to_numpy() == pytest.approx(slopes, rel=1e-9, abs=1e-9)


def test_bg_bb() -> None:
    random = np.random.default_rng(12)
    for params in np.exp(random.uniform(-1.5, 1.5, (25, 4))):
        n = int(random.integers(1, 9))
        t_x = int(random.integers(0, n + 1))
        x = 0 if t_x == 0 else int(random.integers(1, t_x + 1))

        def truth(values: Sequence[mp.mpf], x: int = x, t_x: int = t_x, n: int = n) -> mp.mpf:
            alpha, beta, gamma, delta = values
            total = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
            for i in range(n - t_x):
                total += mp.beta(alpha + x, beta + t_x - x + i) * mp.beta(gamma + 1, delta + t_x + i)
            return mp.log(total / mp.beta(alpha, beta) / mp.beta(gamma, delta))

        value, gradient = BetaGeoBetaBinomFitter()._objective(compress(x, t_x, n))(np.log(params))
        assert value == pytest.approx(float(truth([mp.mpf(part) for part in params])), rel=1e-12, abs=1e-12)
        assert gradient == pytest.approx(_gradient(truth, params, ()), rel=1e-9, abs=1e-10)  # type: ignore[arg-type]
