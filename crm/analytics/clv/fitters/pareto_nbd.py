"""Pareto/NBD: purchases at a customer's own rate until an unseen dropout, at a rate of its own.

Schmittlein, Morrison, Colombo 1987, Counting Your Customers, Management Science 33(1); Fader, Hardie 2005, A Note on Deriving
the Pareto/NBD Model and Related Expressions.
"""

from collections.abc import Callable

import lifetimes
import numpy as np
import numpy.typing as npt
import pandas as pd
from lifetimes import generate_data

from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.estimation import Objective
from crm.analytics.clv.fitters.futures import ExponentialFuture, Future
from crm.analytics.clv.fitters.likelihood import dot, log1p_exp, rising
from crm.analytics.clv.fitters.pareto_integral import integrals_for
from crm.analytics.clv.fitters.starts import start_rates
from crm.analytics.clv.patterns import Patterns, weighted_counts

Floats = npt.NDArray[np.float64]


class ParetoNBDFitter(BuyTillYouDie, lifetimes.ParetoNBDFitter):  # type: ignore[misc] # lifetimes has no type information
    """params_: r, alpha (purchase rates, Gamma), s, beta (dropout rates, Gamma)."""

    names = ("r", "alpha", "s", "beta")
    time_names = ("alpha", "beta")

    def _objective(self, patterns: Patterns) -> Objective:
        most = len(patterns.by_frequency) - 1
        integrals = integrals_for(patterns)
        recency_at, age_at, times = patterns.recency_at, patterns.age_at, patterns.times

        def objective(log_params: Floats) -> tuple[float, Floats]:
            r, alpha, s, beta = np.exp(log_params)
            rises, slopes = rising(r, most)
            slow, stop = np.log1p(times / alpha), np.log1p(times / beta)
            share, stop_share = times / (alpha + times), times / (beta + times)
            R = r + patterns.frequency
            falls = R * (slow[age_at] - slow[recency_at]) + s * (stop[age_at] - stop[recency_at])
            inside = integrals.update(r, alpha, s, beta, falls)
            with np.errstate(divide="ignore"):
                log_sum, dead = log1p_exp(falls + np.log(s * inside))
            value = (
                dot(patterns.by_frequency, rises)
                - patterns.purchases * log_params[1]
                - dot(r * patterns.by_age + patterns.purchases_by_age, slow)
                - s * dot(patterns.by_age, stop)
                + dot(patterns.weights, log_sum)
            )
            died, lived = patterns.weights * dead, patterns.weights * (1 - dead)
            by_age, by_age_R = (weighted_counts(age_at, part, len(times)) for part in (lived, lived * R))
            shares = np.divide(died, inside, out=np.zeros_like(died), where=inside > 0)
            in_r, in_alpha, in_s, in_beta = integrals.weighted(shares)
            gradient = [
                r * (dot(patterns.by_frequency, slopes) - dot(by_age, slow) - in_r),
                dot(by_age_R, share) + in_alpha - patterns.purchases,
                died.sum() - s * (dot(by_age, stop) + in_s),
                s * dot(by_age, stop_share) - died.sum() + (s + 1) * in_beta,
            ]
            return value, np.array(gradient)

        return objective

    def _starts(self, patterns: Patterns, longest: float) -> list[Floats]:
        r, alpha = start_rates(patterns, longest)
        return [np.log([r, alpha, 0.6, longest / 3]), np.log([2 * r, 2 * alpha, 2.0, 2 * longest])]

    def _log_alive(self, patterns: Patterns) -> Floats:
        r, alpha, s, beta = self.params_
        by_x = rising(r, int(patterns.frequency.max()))[0]
        x, T = patterns.frequency, patterns.T
        return np.asarray(by_x[x] - x * np.log(alpha) - (r + x) * np.log1p(T / alpha) - s * np.log1p(T / beta))

    def _log_odds_dead(self, patterns: Patterns) -> Floats:
        r, alpha, s, beta = self.params_
        hiatus = patterns.T - patterns.recency
        R = r + patterns.frequency.astype(np.float64)
        falls = R * np.log1p(hiatus / (alpha + patterns.recency)) + s * np.log1p(hiatus / (beta + patterns.recency))
        inside = integrals_for(patterns).update(r, alpha, s, beta, falls)
        with np.errstate(divide="ignore"):
            return np.asarray(falls + np.log(s * inside))

    def _future(self, x: Floats, T: Floats) -> Future:
        r, alpha, s, beta = self.params_
        return ExponentialFuture(r + x, alpha + T, s, beta + T)

    def _dropout_size(self) -> float:
        return float(self.params_["s"])

    def _generator(self) -> Callable[..., pd.DataFrame]:
        generator: Callable[..., pd.DataFrame] = generate_data.pareto_nbd_model
        return generator
