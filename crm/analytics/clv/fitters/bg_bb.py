"""BG/BB: purchases at given opportunities (a year's appeal, a monthly order), yes or no, until an unseen dropout.

Fader, Hardie, Shang 2010, Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6).
"""

from dataclasses import dataclass
from typing import Any, Self

import lifetimes
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln

from crm.analytics.checks import refuse_rows
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.estimation import Estimate, Objective
from crm.analytics.clv.fitters.futures import Future
from crm.analytics.clv.fitters.likelihood import dot, rising
from crm.analytics.clv.fitters.quadrature import beta_rule
from crm.analytics.clv.patterns import Patterns

Floats = npt.NDArray[np.float64]
Result = Any

RULE = 64
NO_DROPOUT = 1e-4
LAST_OPPORTUNITY = 1200


@dataclass(frozen=True)
class DiscreteFuture(Future):
    """At each opportunity a customer first stops with a probability that is Beta(gamma, D), else buys with one that is
    Beta(R, A). Times are whole numbers of opportunities."""

    gamma: float
    D: Floats

    def expected(self, t: Floats) -> Floats:
        chances = self._survival(int(np.max(t)))
        sums = np.concatenate([np.zeros((*chances.shape[:-1], 1)), np.cumsum(chances[..., 1:], axis=-1)], axis=-1)
        return np.asarray(self.R / (self.R + self.A) * self._at(sums, t))

    def alive(self, u: Floats) -> Floats:
        return self._at(self._survival(int(np.max(u))), u)

    def probability(self, n: Floats, t: Floats) -> tuple[Floats, Floats]:
        """Dead at t with n purchases: the last opportunity that was used or declined alive was i = n .. t - 1."""
        i = np.arange(int(np.max(t)), dtype=np.float64)
        R, A, D, n_, t_ = (np.asarray(part)[..., None] for part in (self.R, self.A, self.D, n, t))
        dying = np.exp(betaln(self.gamma + 1, D + i) - betaln(self.gamma, D)) * _beta_binomial(n_, i, R, A)
        inside = np.where((i >= n_) & (i < t_), dying, 0.0).sum(axis=-1)
        return self.alive(t) * _beta_binomial(n, t, self.R, self.A), inside

    def window(self, n: Floats, t: Floats, tau: Floats) -> tuple[Floats, Floats, Floats]:
        alive = self.alive(t)
        still, inside = DiscreteFuture(self.R, self.A, self.gamma, self.D + t).probability(n, tau)
        return 1 - alive, alive * still, alive * inside

    def at_least(self, n: Floats, t: Floats) -> Floats:
        counts = np.arange(int(np.max(t)) + 1, dtype=np.float64)
        below = np.cumsum(np.add(*self.probability(counts, t)), axis=-1)
        place = np.minimum(n, len(counts)).astype(np.int64) - 1
        return np.asarray(np.where(n > np.max(t), 0.0, np.maximum(1 - below[..., place], 0.0)))

    def first_purchase_quantile(self, q: Floats) -> Floats:
        rows, t = np.full(len(self.R), np.inf), np.arange(1.0, LAST_OPPORTUNITY + 1)
        for row in range(len(rows)):
            one = DiscreteFuture(self.R[row : row + 1], self.A[row : row + 1], self.gamma, self.D[row : row + 1])
            stays = np.exp(betaln(one.R, one.A + t) - betaln(one.R, one.A))
            ends = np.exp(betaln(self.gamma + 1, one.D + t - 1) - betaln(self.gamma, one.D))
            before = np.exp(betaln(one.R, one.A + t - 1) - betaln(one.R, one.A))
            bought = 1 - stays * one._survival(len(t))[0, 1:] - np.cumsum(ends * before)
            reached = np.flatnonzero(bought >= q[row])
            rows[row] = t[reached[0]] if len(reached) else np.inf
        return rows

    def discounted(self, discount: float, horizon: float | Floats = np.inf) -> Floats:
        if np.isfinite(horizon).all():
            ahead = np.arange(1, int(np.max(horizon)) + 1)
            factors = np.exp(-discount * ahead) * (ahead <= np.reshape(horizon, (-1, 1)))
            chances = self.by_customer()._survival(len(ahead))[:, 0, 1:]
            return np.asarray(self.R / (self.R + self.A) * (chances * factors).sum(axis=1))
        growth = np.expm1(discount)
        if growth == 0.0 and self.gamma <= 1:
            return np.full(self.R.shape, np.inf)
        distinct, which = np.unique(self.D, return_inverse=True)
        rules = [beta_rule(self.gamma, D, RULE, np.sqrt(max(1.0, 1 / max(growth, 1e-9) / (1 + D / 4)))) for D in distinct]
        means = np.array([(w * (1 - theta) / (growth + theta)).sum() for theta, w in rules])
        return np.asarray(self.R / (self.R + self.A) * means[which])

    def _survival(self, most: int) -> Floats:
        """P(alive after 0 .. most opportunities), on a last axis."""
        i = np.arange(most)
        D = np.asarray(self.D)[..., None]
        logs = np.cumsum(np.log((D + i) / (self.gamma + D + i)), axis=-1)
        return np.concatenate([np.ones(D.shape), np.exp(logs)], axis=-1)

    def _at(self, values: Floats, t: Floats) -> Floats:
        shape = np.broadcast_shapes(values.shape[:-1], t.shape)
        place = np.broadcast_to(t, shape).astype(np.int64)[..., None]
        return np.take_along_axis(np.broadcast_to(values, (*shape, values.shape[-1])), place, axis=-1)[..., 0]


def _beta_binomial(n: Floats, t: Floats, R: Floats, A: Floats) -> Floats:
    """P(n purchases at t opportunities)."""
    with np.errstate(invalid="ignore"):
        missed = np.maximum(t - n, 0.0)
        logs = betaln(R + n, A + missed) - betaln(R, A) - np.log(t + 1) - betaln(n + 1, missed + 1)
        return np.where(n <= t, np.exp(logs), 0.0)


class BetaGeoBetaBinomFitter(BuyTillYouDie, lifetimes.BetaGeoBetaBinomFitter):  # type: ignore[misc] # no type information
    """params_: alpha, beta (a purchase at an opportunity, Beta), gamma, delta (dropout before an opportunity, Beta).

    recency is the number of the opportunity of the last purchase, n_periods the number of opportunities so far."""

    names = ("alpha", "beta", "gamma", "delta")
    time_names = ()

    def fit(
        self,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        n_periods: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        index: Any = None,
    ) -> Self:
        """frequency, recency, n_periods [, weights] -> params_ and the other results. Errors: as the other models, and more
        purchases than opportunities until the last of them."""
        x, t_x, n = (np.asarray(column, dtype=np.float64) for column in (frequency, recency, n_periods))
        rows = pd.DataFrame(index=frequency.index if isinstance(frequency, pd.Series) else range(len(x)))
        refuse_rows(rows, x > t_x, "The column {column} is more than the recency in rows {rows}.", "frequency")
        refuse_rows(
            rows, n != np.floor(n), "The column {column} must hold whole numbers from 0 on, see rows {rows}.", "n_periods"
        )
        super().fit(frequency, recency, n_periods, weights, index)
        self.data = self.data.rename(columns={"T": "n_periods"})
        return self

    def conditional_probability_alive(  # type: ignore[override] # as in lifetimes, some opportunities later
        self, m_periods_in_future: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, n_periods: npt.ArrayLike
    ) -> Result:
        """P(alive after m_periods_in_future more opportunities | frequency, recency, n_periods)."""
        return self._predict(lambda future, ahead: future.alive(ahead), (m_periods_in_future,), frequency, recency, n_periods)

    def conditional_expected_number_of_purchases_up_to_time(
        self, m_periods_in_future: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, n_periods: npt.ArrayLike
    ) -> Result:
        """Expected purchases at the next m_periods_in_future opportunities."""
        return super().conditional_expected_number_of_purchases_up_to_time(m_periods_in_future, frequency, recency, n_periods)

    def expected_number_of_transactions_in_first_n_periods(self, n: int) -> pd.DataFrame:
        """-> index frequency, model: customers of the fitted base expected to have bought so often at n opportunities."""
        counts = np.sort(self.data["frequency"].unique())
        expected = self.probability_of_n_purchases_up_to_time(n, counts) * float(self.data["weights"].sum())
        return pd.DataFrame({"model": expected}, index=pd.Index(counts, name="frequency"))

    def _objective(self, patterns: Patterns) -> Objective:
        def objective(log_params: Floats) -> tuple[float, Floats]:
            terms, slopes = _terms(np.exp(log_params), patterns)
            highest = terms.max(axis=1, keepdims=True)
            shares = np.exp(terms - highest)
            totals = shares.sum(axis=1)
            shares *= (patterns.weights / totals)[:, None]
            gradient = [float((shares * slope).sum()) for slope in slopes]
            return dot(patterns.weights, highest[:, 0] + np.log(totals)), np.array(gradient) * np.exp(log_params)

        return objective

    def _starts(self, patterns: Patterns, longest: float) -> list[Floats]:
        return [np.log([1.0, 1.0, 0.5, 3.0]), np.log([0.5, 2.0, 1.0, 10.0])]

    def _log_alive(self, patterns: Patterns) -> Floats:
        return self._alive_and_dead(patterns)[0]

    def _log_odds_dead(self, patterns: Patterns) -> Floats:
        alive, dead = self._alive_and_dead(patterns)
        return dead - alive

    def _alive_and_dead(self, patterns: Patterns) -> tuple[Floats, Floats]:
        terms, _ = _terms(np.asarray(self.params_, dtype=np.float64), patterns)
        last = (patterns.age_at - patterns.recency_at)[:, None]
        alive = np.take_along_axis(terms, last, axis=1)[:, 0]
        np.put_along_axis(terms, last, -np.inf, axis=1)
        with np.errstate(divide="ignore"):
            return alive, np.logaddexp.reduce(terms, axis=1)

    def _future(self, x: Floats, T: Floats) -> Future:
        alpha, beta, gamma, delta = self.params_
        return DiscreteFuture(alpha + x, beta + T - x, gamma, delta + T)

    def _diagnosis(self, estimate: Estimate, patterns: Patterns) -> str:
        gamma, delta = self.params_["gamma"], self.params_["delta"]
        diagnosis = super()._diagnosis(estimate, patterns)
        return "no dropout" if diagnosis != "too few repeaters" and gamma / (gamma + delta) < NO_DROPOUT else diagnosis

    def _gains_from_dropout(self, estimate: Estimate, patterns: Patterns) -> bool:
        return True

    def _dropout_size(self) -> float:
        return float(self.params_["gamma"] + self.params_["delta"])

    def _purchase_size(self) -> float:
        return float(self.params_["alpha"] + self.params_["beta"])


def _terms(params: Floats, patterns: Patterns) -> tuple[Floats, list[Floats]]:
    """Log-likelihood of each pattern with death before opportunity t_x + 1, .., n, and alive at n (columns, -inf beyond), and the
    derivatives of each in the four parameters. Source: equation (5) of the paper."""
    alpha, beta, gamma, delta = params
    x, first, n = (part[:, None] for part in (patterns.frequency, patterns.recency_at, patterns.age_at))
    last = np.minimum(first + np.arange(int((n - first).max()) + 1), n)
    most = int(n.max())
    (a, a_), (b, b_), (ab, ab_) = (rising(c, most) for c in (alpha, beta, alpha + beta))
    (d, d_), (gd, gd_) = (rising(c, most + 1) for c in (delta, gamma + delta))
    alive = last == n
    ended = np.where(alive, last, last + 1)
    terms = a[x] + b[last - x] - ab[last] + d[last] - gd[ended] + np.where(alive, 0.0, np.log(gamma))
    beyond = first + np.arange(last.shape[1]) > n
    in_gamma = np.where(alive, 0.0, 1 / gamma) - gd_[ended]
    slopes = [a_[x] - ab_[last], b_[last - x] - ab_[last], in_gamma, d_[last] - gd_[ended]]
    return np.where(beyond, -np.inf, terms), slopes
