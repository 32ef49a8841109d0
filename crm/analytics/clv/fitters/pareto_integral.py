"""The integral in the Pareto/NBD likelihood, without the hypergeometric function.

L = Gamma(r+x)/Gamma(r) alpha^r beta^s [ (alpha+T)^-R (beta+T)^-s + s * integral over (t_x, T) of f(y) dy ], R = r + x,
f(y) = (alpha+y)^-R (beta+y)^-(s+1): the customer dies at y (Fader, Hardie 2005, A Note on Deriving the Pareto/NBD Model, eq. 13).

Nodes lie in z = ln(min(alpha, beta) + y), in which f is smooth even when alpha and beta differ by many orders of magnitude.
Besides 1, four kernels under the integral give the exact gradient. Integrals are scaled by (alpha+t_x)^R (beta+t_x)^s.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.likelihood import dot
from crm.analytics.clv.fitters.quadrature import legendre
from crm.analytics.clv.patterns import Patterns, weighted_counts

Floats = npt.NDArray[np.float64]

CELL_NODES = 8
DIRECT_NODES = 48
NEGLIGIBLE = 45.0
ROWS = 8192


class Integrals(Protocol):
    """For the patterns it was made for, at the parameters last given to `update`."""

    def update(self, r: float, alpha: float, s: float, beta: float, falls: Floats) -> Floats:
        """-> scaled integrals of f. falls: ln of (alpha+T)^R (beta+T)^s over (alpha+t_x)^R (beta+t_x)^s."""

    def weighted(self, weights: Floats) -> Floats:
        """Sums over patterns of weights times the scaled integrals of f times ln(1 + y/alpha), R y/(alpha+y), ln(1 + y/beta),
        y/(beta+y)."""


def integrals_for(patterns: Patterns) -> Integrals:
    """Day by day where purchases are counted by days and the base is large, else pattern by pattern."""
    distinct = np.unique(patterns.frequency)
    by_days = len(distinct) * len(patterns.times) * CELL_NODES
    at_most_one_a_step = bool(np.all(patterns.frequency <= patterns.recency_at))
    if patterns.step is not None and at_most_one_a_step and by_days < len(patterns) * DIRECT_NODES:
        return DayGrid(patterns, distinct)
    return PatternByPattern(patterns)


class DayGrid:
    """For each distinct x, the integral from each grid day to the last one, as a backward sum over days: the cost does not
    depend on the number of customers."""

    def __init__(self, patterns: Patterns, distinct: npt.NDArray[np.int64]) -> None:
        self._times = patterns.times
        self._distinct = distinct
        row = np.searchsorted(distinct, patterns.frequency)
        self._from = row * len(patterns.times) + patterns.recency_at
        self._to = row * len(patterns.times) + patterns.age_at

    def update(self, r: float, alpha: float, s: float, beta: float, falls: Floats) -> Floats:
        nearer = min(alpha, beta)
        node, weight = legendre(CELL_NODES)
        z = np.log(nearer + self._times)
        length = np.diff(z)[:, None]
        y = np.exp(z[:-1, None] + length * node) - nearer
        steps = weight * length * (nearer + y) / (beta + y)
        in_alpha, in_beta = np.log1p(y / alpha), np.log1p(y / beta)
        day_alpha, day_beta = np.log1p(self._times / alpha), np.log1p(self._times / beta)
        kernels = np.stack([np.ones_like(y), in_alpha, y / (alpha + y), in_beta, y / (beta + y)]) * steps
        self._R = (r + self._distinct)[:, None, None]
        decay = np.exp(-self._R * (in_alpha - day_alpha[:-1, None]) - s * (in_beta - day_beta[:-1, None]))
        cells = np.einsum("xdk,idk->dix", decay, kernels)
        days = np.exp(-self._R[:, :, 0] * np.diff(day_alpha) - s * np.diff(day_beta)).T
        sums = np.zeros((len(self._times), 5, len(self._distinct)))
        for day in range(len(days) - 1, -1, -1):
            sums[day] = cells[day] + sums[day + 1] * days[day]
        self._sums = np.ascontiguousarray(sums.transpose(1, 2, 0)).reshape(5, -1)
        self._shrink = np.exp(-falls)
        return np.asarray(np.maximum(self._sums[0][self._from] - self._sums[0][self._to] * self._shrink, 0.0))

    def weighted(self, weights: Floats) -> Floats:
        size = self._sums.shape[1]
        table = weighted_counts(self._from, weights, size) - weighted_counts(self._to, weights * self._shrink, size)
        scaled = (table.reshape(len(self._R), -1) * self._R[:, :, 0]).ravel()
        logs, slow, stop_logs, stop = self._sums[1:]
        return np.array([dot(logs, table), dot(slow, scaled), dot(stop_logs, table), dot(stop, table)])


class PatternByPattern:
    """Each integral by itself, for times that lie on no grid, and for a few customers."""

    def __init__(self, patterns: Patterns) -> None:
        self._x, self._recency, self._age = patterns.frequency, patterns.recency, patterns.T

    def update(self, r: float, alpha: float, s: float, beta: float, falls: Floats) -> Floats:
        self._params = (r, alpha, s, beta)
        return np.concatenate([f.sum(axis=0) for _, _, _, f in self._chunks()])

    def weighted(self, weights: Floats) -> Floats:
        _, alpha, _, beta = self._params
        total = np.zeros(4)
        for part, R, y, f in self._chunks():
            kernels = np.log1p(y / alpha), R * y / (alpha + y), np.log1p(y / beta), y / (beta + y)
            total += [dot((f * kernel).sum(axis=0), weights[part]) for kernel in kernels]
        return total

    def _chunks(self) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
        """Rows; R of each, nodes y (first axis) and f dy there, from t_x to T or to where f has become negligible."""
        r, alpha, s, beta = self._params
        nearer = min(alpha, beta)
        node, weight = (part[:, None] for part in legendre(DIRECT_NODES))
        for start in range(0, len(self._x), ROWS):
            part = slice(start, start + ROWS)
            R, begin = np.asarray(r + self._x[part], dtype=np.float64), self._recency[part]
            with np.errstate(over="ignore"):
                reach_alpha = (alpha + begin) * np.expm1(NEGLIGIBLE / R)
                reach_beta = (beta + begin) * np.expm1(NEGLIGIBLE / s)
            span = np.minimum(self._age[part] - begin, np.minimum(reach_alpha, reach_beta))
            length = np.log1p(span / (nearer + begin))
            ahead = (nearer + begin) * np.expm1(length * node)
            y = begin + ahead
            fall = R * np.log1p(ahead / (alpha + begin)) + s * np.log1p(ahead / (beta + begin))
            yield part, R, y, np.exp(-fall) * weight * length * (nearer + y) / (beta + y)
