"""Shares of small numbers, honestly: intervals that stay between 0 and 1 and hold for few cases."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """-> (low, high) of a share, 0 to 1; NaN where there was no trial. Source: Wilson 1927, JASA 22."""
    hits, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if np.any(hits < 0) or np.any(hits > n):
        raise AnalyticsError("A share needs successes between 0 and the number of trials.")
    z = ndtri(0.5 + level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        return np.where(hits == 0, 0.0 * centre, centre - half), np.where(hits == n, 1.0 + 0.0 * centre, centre + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """A share against another: difference = first - second, with its interval."""

    first: float
    second: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Zero lies outside the interval."""
        return self.low > 0 or self.high < 0


def newcombe(hits_1: int, n_1: int, hits_2: int, n_2: int, level: float = 0.95) -> Difference:
    """The difference of two independent shares. Source: Newcombe 1998, Statistics in Medicine 17, method 10."""
    if not n_1 or not n_2:
        raise AnalyticsError("A comparison needs cases on both sides.")
    (low_1, low_2), (high_1, high_2) = wilson([hits_1, hits_2], [n_1, n_2], level)
    first, second = hits_1 / n_1, hits_2 / n_2
    down = np.hypot(first - low_1, high_2 - second)
    up = np.hypot(high_1 - first, second - low_2)
    return Difference(first, second, first - second, first - second - float(down), first - second + float(up))
