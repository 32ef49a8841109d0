"""Where the search for the parameters begins, and how far it may go."""

import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.estimation import maximise
from crm.analytics.clv.fitters.likelihood import dot, nbd_objective
from crm.analytics.clv.patterns import Patterns

Floats = npt.NDArray[np.float64]


def longest_time(patterns: Patterns) -> float:
    return max(float(patterns.T.max()), 1e-6)


def bounds(scale: float) -> tuple[float, float]:
    """Of the log of a parameter of this order of magnitude."""
    return float(np.log(scale)) - 14.0, float(np.log(scale)) + 12.0


def start_rates(patterns: Patterns, longest: float) -> tuple[float, float]:
    """r and alpha to start from: the mean rate, with the spread that customer bases usually have."""
    exposure = max(dot(patterns.weights, patterns.T), 1e-3 * longest)
    return 0.5, 0.5 * exposure / patterns.purchases


def nbd_log_likelihood(patterns: Patterns) -> float:
    """The highest log-likelihood when nobody ever stops."""
    longest = longest_time(patterns)
    start = np.log(start_rates(patterns, longest))
    return maximise(nbd_objective(patterns), [start], [bounds(1.0), bounds(longest)]).log_likelihood
