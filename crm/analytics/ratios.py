"""Intervals of means, and of a cost that is divided by a count."""

import numpy as np
from scipy.special import stdtrit
from scipy.stats import chi2


def mean_interval(total: float, squares: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """The sum of n values and of their squares -> (low, high) of their mean (Student's t); missing for fewer than two."""
    if n < 2:
        return np.nan, np.nan
    mean = total / n
    spread = max((squares - n * mean**2) / (n - 1), 0.0)
    half = float(stdtrit(n - 1, 0.5 + level / 2) * np.sqrt(spread / n))
    return mean - half, mean + half


def ratio_interval(amount: float, count: float, level: float = 0.95) -> tuple[float, float]:
    """Of a fixed amount for each of a Poisson count -> (low, high) by the exact interval of the count; missing for a count of 0.
    Source: Garwood 1936, Biometrika 28."""
    if count <= 0:
        return np.nan, np.nan
    fewest, most = chi2.ppf((1 - level) / 2, 2 * count) / 2, chi2.ppf((1 + level) / 2, 2 * count + 2) / 2
    return float(amount / most), float(amount / fewest)
