"""BG/NBD and MBG/NBD: after each purchase a customer may stop for good; with MBG already after the first.

BG/NBD: Fader, Hardie, Lee 2005, "Counting Your Customers" the Easy Way, Marketing Science 24(2).
MBG/NBD: Batislam, Denizel, Filiztekin 2007, International Journal of Research in Marketing 24(3); Wagner, Hoppe 2008.
"""

from collections.abc import Callable
from typing import ClassVar

import lifetimes
import numpy as np
import numpy.typing as npt
import pandas as pd
from lifetimes import generate_data

from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.estimation import Objective
from crm.analytics.clv.fitters.futures import Future, GeometricFuture
from crm.analytics.clv.fitters.likelihood import dot, log1p_exp, rising
from crm.analytics.clv.fitters.starts import start_rates
from crm.analytics.clv.patterns import Patterns, weighted_counts

Floats = npt.NDArray[np.float64]


class BetaGeoFitter(BuyTillYouDie, lifetimes.BetaGeoFitter):  # type: ignore[misc] # lifetimes has no type information
    """BG/NBD. params_: r, alpha (purchase rates, Gamma), a, b (dropout after each repeat purchase, Beta)."""

    names = ("r", "alpha", "a", "b")
    dropout_at_birth: ClassVar[int] = 0  # whether the first purchase, too, may have been the last

    def _objective(self, patterns: Patterns) -> Objective:
        most, birth = len(patterns.by_frequency) - 1, self.dropout_at_birth

        def objective(log_params: Floats) -> tuple[float, Floats]:
            r, alpha, a, b = np.exp(log_params)
            rises, slopes = rising(r, most)
            survived, in_b = rising(b, most + birth)
            chances, in_ab = rising(a + b, most + birth)
            age, share = np.log1p(patterns.times / alpha), patterns.times / (alpha + patterns.times)
            exponents = r * patterns.by_age + patterns.purchases_by_age
            R = r + patterns.frequency
            hiatus = age[patterns.age_at] - age[patterns.recency_at]
            log_odds = self._stop_log_odds(a, b, most)[patterns.frequency] + R * hiatus
            log_sum, dead = log1p_exp(log_odds)
            dead *= patterns.weights
            dead_by_x = weighted_counts(patterns.frequency, dead)
            stopped = b + np.maximum(np.arange(most + 1) + birth - 1, 0)
            by_x = patterns.by_frequency
            value = (
                dot(by_x, rises + survived[birth:] - chances[birth:])
                - patterns.purchases * log_params[1]
                - dot(exponents, age)
                + dot(patterns.weights, log_sum)
            )
            in_alpha = dot(exponents, share) - dot(dead * R, share[patterns.age_at] - share[patterns.recency_at])
            gradient = [
                r * (dot(by_x, slopes) - dot(patterns.by_age, age) + dot(dead, hiatus)),
                in_alpha - patterns.purchases,
                dead_by_x.sum() - a * dot(by_x, in_ab[birth:]),
                b * (dot(by_x, in_b[birth:] - in_ab[birth:]) - dot(dead_by_x, 1 / stopped)),
            ]
            return value, np.array(gradient)

        return objective

    def _starts(self, patterns: Patterns, longest: float) -> list[Floats]:
        rates = start_rates(patterns, longest)
        return [np.log([*rates, 0.8, 2.5])]

    def _log_alive(self, patterns: Patterns) -> Floats:
        r, alpha, a, b = self.params_
        most, birth = int(patterns.frequency.max()), self.dropout_at_birth
        survived = rising(b, most + birth)[0] - rising(a + b, most + birth)[0]
        by_x = rising(r, most)[0] + survived[birth:] - np.arange(most + 1) * np.log(alpha)
        return np.asarray(by_x[patterns.frequency] - (r + patterns.frequency) * np.log1p(patterns.T / alpha))

    def _log_odds_dead(self, patterns: Patterns) -> Floats:
        r, alpha, a, b = self.params_
        hiatus = np.log1p((patterns.T - patterns.recency) / (alpha + patterns.recency))
        stops = self._stop_log_odds(a, b, int(patterns.frequency.max()))
        return np.asarray(stops[patterns.frequency] + (r + patterns.frequency) * hiatus)

    def _stop_log_odds(self, a: float, b: float, most: int) -> Floats:
        """Log odds that the last purchase was the last for good, before the hiatus is looked at, for x = 0 .. most."""
        chances = np.arange(most + 1) + self.dropout_at_birth
        return np.where(chances > 0, np.log(a) - np.log(b + np.maximum(chances - 1, 0)), -np.inf)

    def _future(self, x: Floats, T: Floats) -> Future:
        r, alpha, a, b = self.params_
        return GeometricFuture(r + x, alpha + T, a, b + x + self.dropout_at_birth)

    def _dropout_size(self) -> float:
        return float(self.params_["a"] + self.params_["b"]) if self.params_["a"] > 1 else 0.0

    def _generator(self) -> Callable[..., pd.DataFrame]:
        generator: Callable[..., pd.DataFrame] = generate_data.beta_geometric_nbd_model
        return generator


class ModifiedBetaGeoFitter(BetaGeoFitter, lifetimes.ModifiedBetaGeoFitter):  # type: ignore[misc]
    """MBG/NBD. params_: r, alpha, a, b as in BG/NBD; a customer may also stop after the very first purchase."""

    dropout_at_birth = 1

    def _generator(self) -> Callable[..., pd.DataFrame]:
        generator: Callable[..., pd.DataFrame] = generate_data.modified_beta_geometric_nbd_model
        return generator
