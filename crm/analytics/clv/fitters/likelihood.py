"""Pieces of the likelihoods that depend on the frequency alone."""

import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.estimation import Objective
from crm.analytics.clv.patterns import Patterns

Floats = npt.NDArray[np.float64]


def rising(c: float, most: int) -> tuple[Floats, Floats]:
    """ln [c (c + 1) ... (c + n - 1)] and its derivative in c, for n = 0 .. most.

    Sums of logs, not differences of ln Gamma, which lose all digits when c is large."""
    terms = c + np.arange(most)
    logs, slopes = np.zeros(most + 1), np.zeros(most + 1)
    np.cumsum(np.log(terms), out=logs[1:])
    np.cumsum(1 / terms, out=slopes[1:])
    return logs, slopes


def dot(a: Floats, b: Floats) -> float:
    """Without the threads of the linear algebra library, which cost more than they bring at this size."""
    return float(np.einsum("i,i->", a, b))


def log1p_exp(log_odds: Floats) -> tuple[Floats, Floats]:
    """ln(1 + odds) and odds / (1 + odds), without overflow."""
    small = np.exp(-np.abs(log_odds))
    share = np.where(log_odds > 0, 1.0, small) / (1 + small)
    return np.maximum(log_odds, 0) + np.log1p(small), share


def nbd_objective(patterns: Patterns) -> Objective:
    """Log-likelihood of (x, T) when nobody ever stops: Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x)."""
    most = len(patterns.by_frequency) - 1

    def objective(log_params: Floats) -> tuple[float, Floats]:
        r, alpha = np.exp(log_params)
        rises, slopes = rising(r, most)
        age = np.log1p(patterns.times / alpha)
        share = patterns.times / (alpha + patterns.times)
        exponents = r * patterns.by_age + patterns.purchases_by_age
        value = dot(patterns.by_frequency, rises) - patterns.purchases * log_params[1] - dot(exponents, age)
        in_r = r * (dot(patterns.by_frequency, slopes) - dot(patterns.by_age, age))
        return value, np.array([in_r, dot(exponents, share) - patterns.purchases])

    return objective
