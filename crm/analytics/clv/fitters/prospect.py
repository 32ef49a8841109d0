"""A single customer: the figures that the models give of a base, without its tables and for several times at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.futures import Future
from crm.analytics.clv.fitters.intervals import BLOCK

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prospect:
    """P(alive at T), and what follows if he is. Times count from T, in the model's unit."""

    alive: float
    future: Callable[[int], Future]
    """His future as so many equal rows."""

    def expected(self, times: Floats) -> Floats:
        """Expected purchases in (T, T + time], for each time."""
        return self.alive * self.future(len(times)).expected(times)

    def discounted(self, discount: float, horizons: Floats) -> Floats:
        """Discounted expected purchases in (T, T + horizon], for each horizon: all finite or all endless.

        discount: continuous rate per unit of time."""
        return self.alive * self.future(len(horizons)).discounted(discount, horizons)

    def chances(self, counts: Floats, times: Floats) -> Floats:
        """P(n purchases in (T, T + time]): times (rows) x counts."""
        parts = self.future(len(times)).by_customer().probability(counts, times[:, None])
        return np.asarray(self.alive * sum(parts) + (1 - self.alive) * (counts == 0))

    def quantiles(self, times: Floats, shares: Sequence[float]) -> Floats:
        """Smallest n with P(at most n purchases in (T, T + time]) >= share: times (rows) x shares."""
        future, unlikely = self.future(len(times)).by_customer(), 1 - np.asarray(shares)
        found = np.zeros((len(times), len(unlikely)))
        n, size = 1, BLOCK
        while True:
            reached = self.alive * future.at_least(np.arange(n, n + size, dtype=np.float64), times[:, None])
            above = reached[:, :, None] > unlikely
            found += above.sum(axis=1)
            if not above[:, -1].any():
                return found
            n, size = n + size, 2 * size

    def next_purchase(self, shares: Sequence[float], within: float) -> Floats:
        """Time until the next purchase has happened with each probability, given that one comes within a time."""
        future = self.future(len(shares))
        return future.first_purchase_quantile(np.asarray(shares) * future.at_least(np.array(1.0), np.array(within)))
