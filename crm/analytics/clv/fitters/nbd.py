"""NBD: purchase rates differ, nobody ever stops (Ehrenberg 1959). The yardstick that any dropout model has to beat."""

import lifetimes
import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.estimation import Estimate, Objective
from crm.analytics.clv.fitters.futures import Future
from crm.analytics.clv.fitters.likelihood import nbd_objective, rising
from crm.analytics.clv.fitters.starts import start_rates
from crm.analytics.clv.patterns import Patterns

Floats = npt.NDArray[np.float64]


class NBDFitter(BuyTillYouDie, lifetimes.BaseFitter):  # type: ignore[misc] # lifetimes has no type information
    """params_: r, alpha (purchase rates, Gamma). Recency does not matter; the likelihood is that of the purchase times."""

    names = ("r", "alpha")

    def _objective(self, patterns: Patterns) -> Objective:
        return nbd_objective(patterns)

    def _starts(self, patterns: Patterns, longest: float) -> list[Floats]:
        return [np.log(start_rates(patterns, longest))]

    def _log_alive(self, patterns: Patterns) -> Floats:
        r, alpha = self.params_
        by_x = rising(r, int(patterns.frequency.max()))[0]
        x = patterns.frequency
        return np.asarray(by_x[x] - x * np.log(alpha) - (r + x) * np.log1p(patterns.T / alpha))

    def _log_odds_dead(self, patterns: Patterns) -> Floats:
        return np.full(len(patterns), -np.inf)

    def _future(self, x: Floats, T: Floats) -> Future:
        r, alpha = self.params_
        return Future(r + x, alpha + T)

    def _gains_from_dropout(self, estimate: Estimate, patterns: Patterns) -> bool:
        return True  # there is none in this model, so nothing to report
