"""What the buy-till-you-die models in continuous time share: fitting, and predictions from P(alive) and the future if alive."""

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from crm.analytics.checks import refuse_duplicates
from crm.analytics.clv.fitters.estimation import Estimate, Objective, Rebuilt, maximise
from crm.analytics.clv.fitters.futures import Future
from crm.analytics.clv.fitters.intervals import count_quantile
from crm.analytics.clv.fitters.likelihood import log1p_exp
from crm.analytics.clv.fitters.prospect import Prospect
from crm.analytics.clv.fitters.report import Reported
from crm.analytics.clv.fitters.starts import bounds, longest_time, nbd_log_likelihood
from crm.analytics.clv.patterns import Patterns, compress
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]
Result = Any  # a Series with the input's index for a Series, a float for numbers, else an array

ROUGH_SAMPLE = 20_000
FEWEST_REPEATERS = 20
CHUNK = 20_000
HOMOGENEOUS = 1e3  # a coefficient of variation below about 3 %
NO_GAIN = 0.01


class BuyTillYouDie(Reported):
    """frequency, recency and T (one unit of time) per customer, as in rfm_summary; predictions in the order of the input."""

    time_names: ClassVar[tuple[str, ...]] = ("alpha",)

    def fit(
        self,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        T: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        index: Any = None,
    ) -> Self:
        """frequency, recency, T [, weights = customers of each row] -> params_ and the other results.

        Errors: what check_history refuses, or a customer twice in the index. Data that are sound never fail: diagnosis_ is
        'interior', 'no dropout', 'homogeneous dropout', 'homogeneous purchasing', 'too few repeaters', 'no repeat buyers' or
        'flat likelihood', and refusal_ is set where the result should not be used."""
        if isinstance(frequency, pd.Series):
            refuse_duplicates(frequency.to_frame())
            index = frequency.index if index is None else index
        patterns = compress(frequency, recency, T, weights)
        rows = {"frequency": frequency, "recency": recency, "T": T, "weights": 1 if weights is None else weights}
        self.data = pd.DataFrame({name: np.asarray(values) for name, values in rows.items()}, index=index)
        self._objective_ = Rebuilt(self._objective, patterns)
        if patterns.repeaters == 0:
            self._report_nothing("no repeat buyers", TooLittleData("Not enough repeat buyers: {count}.", count=0))
            return self
        estimate = self._estimate(patterns)
        self._report(estimate, patterns.total)
        self.diagnosis_ = self._diagnosis(estimate, patterns)
        too_few = patterns.repeaters < FEWEST_REPEATERS
        self.refusal_ = TooLittleData("Not enough repeat buyers: {count}.", count=int(patterns.repeaters)) if too_few else None
        return self

    def individual_log_likelihood(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike) -> Result:
        """Log-likelihood of each customer's history."""
        patterns = compress(frequency, recency, T)
        values = self._log_alive(patterns) + log1p_exp(self._log_odds_dead(patterns))[0]
        return like(values[patterns.customers], frequency, recency, T)

    def conditional_probability_alive(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike) -> Result:
        """P(alive at T | frequency, recency, T)."""
        patterns = compress(frequency, recency, T)
        return like(self._alive(patterns)[patterns.customers], frequency, recency, T)

    def conditional_probability_alive_matrix(
        self, max_frequency: float | None = None, max_recency: float | None = None
    ) -> Floats:
        """P(alive) for recency 0, 1, ... (rows) and frequency 0, 1, ... (columns) at T = max_recency."""
        most = int(max_frequency or self.data["frequency"].max())
        age = int(max_recency or self.data["T"].max())
        t_x, x = np.meshgrid(np.arange(age + 1.0), np.arange(most + 1.0), indexing="ij")
        return np.asarray(self.conditional_probability_alive(x, t_x, np.full(x.shape, float(age))))

    def conditional_expected_number_of_purchases_up_to_time(
        self, t: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike
    ) -> Result:
        """Expected purchases in (T, T + t], the model's unit of time."""
        return self._predict(lambda future, ahead: future.expected(ahead), (t,), frequency, recency, T)

    def predict(self, t: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike) -> Result:
        """conditional_expected_number_of_purchases_up_to_time."""
        return self.conditional_expected_number_of_purchases_up_to_time(t, frequency, recency, T)

    def conditional_probability_of_n_purchases_up_to_time(
        self, n: npt.ArrayLike, t: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike
    ) -> Result:
        """P(n purchases in (T, T + t]), n one number or one per customer."""
        alive = self._predict(lambda future, count, ahead: sum(future.probability(count, ahead)), (n, t), frequency, recency, T)
        patterns = compress(frequency, recency, T)
        dead = like(1 - self._alive(patterns)[patterns.customers], frequency, recency, T)
        return alive + dead * (np.asarray(n) == 0)

    def expected_residual_transactions(
        self,
        discount: float,
        frequency: npt.ArrayLike = 0,
        recency: npt.ArrayLike = 0.0,
        T: npt.ArrayLike = 0.0,
        horizon: float = np.inf,
    ) -> Result:
        """Discounted expected purchases after T: DERT, and DECT of a new customer when no history is given.

        discount: continuous rate per unit of time (continuous_discount_rate). Source: Fader, Hardie, Lee 2005, JMR 42(4)."""
        return self._predict(lambda future: future.discounted(discount, horizon), (), frequency, recency, T)

    def weighted_expected_purchases(
        self, times: Floats, weights: Floats, frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike
    ) -> Result:
        """Sum over times of weight times the expected purchases in (T, T + time]."""

        def total(future: Future) -> Floats:
            return np.asarray(future.by_customer().expected(times) @ weights)

        return self._predict(total, (), frequency, recency, T)

    def time_to_next_purchase(
        self,
        quantile: float,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        T: npt.ArrayLike,
        *,
        if_alive: bool = False,
        if_within: float | None = None,
    ) -> Result:
        """Time from T until the next purchase has happened with this probability; infinite where it never will.

        if_alive: given that the customer is alive at T; if_within: given that a purchase comes within this time."""
        patterns = compress(frequency, recency, T)
        if if_within is not None:
            one, limit = np.array(1.0), np.array(if_within)
            first, which = patterns.histories
            times = self._on_rows(
                lambda future: future.first_purchase_quantile(quantile * future.at_least(one, limit)),
                patterns.frequency[first],
                patterns.T[first],
                (),
            )
            return like(times[which][patterns.customers], frequency, recency, T)
        chance = np.full(len(patterns), quantile) if if_alive else quantile / np.maximum(self._alive(patterns), 1e-300)
        values = self._on_rows(
            lambda future, q: future.first_purchase_quantile(q), patterns.frequency, patterns.T, (np.minimum(chance, 1.0),)
        )
        return like(values[patterns.customers], frequency, recency, T)

    def expected_number_of_purchases_up_to_time(self, t: npt.ArrayLike) -> Result:
        """Expected repeat purchases of a new customer in (0, t]."""
        born, future = self._newcomer()
        times = np.asarray(t, dtype=np.float64)
        values = born * future.by_customer().expected(times.reshape(1, -1)) if self._known() else np.full(times.size, np.nan)
        return like(values.ravel(), t)

    def probability_of_n_purchases_up_to_time(self, t: npt.ArrayLike, n: npt.ArrayLike) -> Result:
        """P(a new customer buys n times in (0, t])."""
        parts = self.probability_of_n_purchases_in_interval(n, 0.0, t)
        return like(parts["probability"].to_numpy(), n, t)

    def probability_of_n_purchases_in_interval(self, n: npt.ArrayLike, t: npt.ArrayLike, tau: npt.ArrayLike) -> pd.DataFrame:
        """P(X(t, t + tau) = n) of a new customer -> n, dead_before, alive_throughout, dies_inside, probability (their sum).

        Source: Fader, Hardie, Jerath 2007, Journal of Interactive Marketing 21(3), for Pareto/NBD."""
        count, start, span = (part.ravel().astype(np.float64) for part in np.broadcast_arrays(n, t, tau))
        born, future = self._newcomer()
        parts = np.full((3, len(count)), np.nan)
        if self._known():
            parts = np.array(future.window(count, start, span) if start.any() else (0 * span, *future.probability(count, span)))
        before = np.where(count == 0, 1 - born + born * parts[0], 0.0)
        frame = pd.DataFrame({"n": count.astype(int), "dead_before": before})
        frame["alive_throughout"], frame["dies_inside"] = born * parts[1], born * parts[2]
        return frame.assign(probability=frame["dead_before"] + frame["alive_throughout"] + frame["dies_inside"])

    def interval(
        self,
        t: float,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        T: npt.ArrayLike,
        *,
        kind: Literal["predictive", "parameter", "both"] = "predictive",
        level: float = 0.8,
    ) -> pd.DataFrame:
        """-> lower, upper for the purchases in (T, T + t], in the order of the input.

        predictive: quantiles of the number itself, at the estimated parameters. parameter: of the expected number, as far as the
        parameters are uncertain. both: quantiles of the number, averaged over the parameters' uncertainty."""
        if kind == "parameter":
            return self.parameter_interval(lambda model: model.predict(t, frequency, recency, T), level)
        patterns = compress(frequency, recency, T)
        models = [self] if kind == "predictive" else self._neighbours()
        index = frequency.index if isinstance(frequency, pd.Series) else None
        shares = {"lower": (1 - level) / 2, "upper": (1 + level) / 2}
        if not self._known():
            return pd.DataFrame(
                np.nan, index=index if index is not None else range(len(patterns.customers)), columns=list(shares)
            )
        cases = [(model._alive(patterns), model._future) for model in models]
        quantiles = {name: count_quantile(cases, patterns, t, q)[patterns.customers] for name, q in shares.items()}
        return pd.DataFrame(quantiles, index=index)

    def prospect(self, frequency: float, recency: float, T: float) -> Prospect:
        """A single customer."""
        patterns = compress(frequency, recency, T)
        x, age = float(patterns.frequency[0]), patterns.T[0]
        return Prospect(float(self._alive(patterns)[0]), lambda rows: self._future(np.full(rows, x), np.full(rows, age)))

    def generate_new_data(self, size: int = 1) -> pd.DataFrame:
        """A simulated base of the fitted size, by the generator of lifetimes that its plots use."""
        return self._generator()(self.data["T"].to_numpy(), *self.params_, size=size)

    def _predict(
        self,
        evaluate: Callable[..., Floats],
        given: tuple[npt.ArrayLike, ...],
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        T: npt.ArrayLike,
    ) -> Result:
        """P(alive) times a figure of the future, for each distinct (frequency, T) once where nothing else differs."""
        shapes = np.broadcast_shapes(*(np.shape(part) for part in (*given, frequency, recency, T)))
        history = (np.broadcast_to(np.asarray(part), shapes) for part in (frequency, recency, T))
        patterns = compress(*history)
        alive = self._alive(patterns)
        if all(np.ndim(part) == 0 for part in given):
            first, which = patterns.histories
            numbers = tuple(np.asarray(part, dtype=np.float64) for part in given)
            values = self._on_rows(evaluate, patterns.frequency[first], patterns.T[first], numbers)[which]
            return like((alive * values)[patterns.customers], frequency, recency, T)
        rows = patterns.customers
        columns = tuple(np.broadcast_to(np.asarray(part, dtype=np.float64), shapes).ravel() for part in given)
        values = self._on_rows(evaluate, patterns.frequency[rows], patterns.T[rows], columns)
        return like(alive[rows] * values, frequency, recency, T, *given)

    def _on_rows(self, evaluate: Callable[..., Floats], x: npt.NDArray[Any], T: Floats, given: tuple[Floats, ...]) -> Floats:
        if not self._known():
            return np.full(len(x), np.nan)
        values = np.empty(len(x))
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            chosen = (column[part] if column.ndim else column for column in given)
            values[part] = evaluate(self._future(x[part].astype(np.float64), T[part]), *chosen)
        return values

    def _alive(self, patterns: Patterns) -> Floats:
        return np.asarray(expit(-self._log_odds_dead(patterns)))

    def _newcomer(self) -> tuple[float, Future]:
        """P(a new customer is alive after the first purchase), and the future then."""
        return float(self._alive(compress(0, 0, 0))[0]), self._future(np.zeros(1), np.zeros(1))

    def _known(self) -> bool:
        return not np.isnan(self.params_.to_numpy()).any()

    def _estimate(self, patterns: Patterns) -> Estimate:
        sample = patterns.thinned(ROUGH_SAMPLE)
        rough = None if sample is patterns else self._objective(sample)
        longest = longest_time(patterns)
        limits = [bounds(longest if name in self.time_names else 1.0) for name in self.names]
        return maximise(self._objective_, self._starts(patterns, longest), limits, rough)

    def _diagnosis(self, estimate: Estimate, patterns: Patterns) -> str:
        if patterns.repeaters < FEWEST_REPEATERS:
            return "too few repeaters"
        if not self._gains_from_dropout(estimate, patterns):
            return "no dropout"
        if self._dropout_size() > HOMOGENEOUS:
            return "homogeneous dropout"
        if self._purchase_size() > HOMOGENEOUS:
            return "homogeneous purchasing"
        return "interior" if estimate.interior else "flat likelihood"

    def _gains_from_dropout(self, estimate: Estimate, patterns: Patterns) -> bool:
        """Whether the data say that customers stop: the likelihood is better than that of customers who never do."""
        return estimate.log_likelihood - nbd_log_likelihood(patterns) >= NO_GAIN

    def _purchase_size(self) -> float:
        """Grows without limit when all customers buy at the same rate."""
        return float(self.params_["r"])

    def _dropout_size(self) -> float:
        """Grows without limit when all customers have the same dropout."""
        return 0.0

    def _objective(self, patterns: Patterns) -> Objective:
        raise NotImplementedError

    def _starts(self, patterns: Patterns, longest: float) -> list[Floats]:
        raise NotImplementedError

    def _log_alive(self, patterns: Patterns) -> Floats:
        """Log-likelihood of each pattern together with being alive at T."""
        raise NotImplementedError

    def _log_odds_dead(self, patterns: Patterns) -> Floats:
        """Log odds of being dead at T."""
        raise NotImplementedError

    def _future(self, x: Floats, T: Floats) -> Future:
        raise NotImplementedError

    def _generator(self) -> Callable[..., pd.DataFrame]:
        raise AnalyticsError("This model has no generator: use the simulations.")


def like(values: Floats, *inputs: npt.ArrayLike) -> Result:
    for given in inputs:
        if isinstance(given, pd.Series):
            return pd.Series(values, index=given.index)
    shape = np.broadcast_shapes(*(np.shape(given) for given in inputs))
    return values.reshape(shape) if shape else float(values[0])
