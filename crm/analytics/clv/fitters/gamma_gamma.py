"""Gamma-Gamma: how much a customer spends per purchase, when spend and frequency are independent.

Fader, Hardie 2013, The Gamma-Gamma Model of Monetary Value; Colombo, Jiang 1999. With u = x m, the total spend of a customer:
ln L = -ln B(p x, q) - p x ln(1 + v/u) - q ln(1 + u/v) - ln m.
"""

from typing import Any, Literal, Self

import lifetimes
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, gammaincinv, psi

from crm.analytics.checks import refuse_duplicates, refuse_rows
from crm.analytics.clv.fitters.base import FEWEST_REPEATERS, HOMOGENEOUS, ROUGH_SAMPLE, BuyTillYouDie, like
from crm.analytics.clv.fitters.estimation import Estimate, Objective, Rebuilt, maximise
from crm.analytics.clv.fitters.likelihood import dot
from crm.analytics.clv.fitters.report import Reported
from crm.analytics.clv.patterns import weighted_counts
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]
Result = Any

LARGEST_CORRELATION = 0.3
MONTHS = {"D": 30.0, "W": 4.345, "M": 1.0, "H": 30.0 * 24}  # of lifetimes


class GammaGammaFitter(Reported, lifetimes.GammaGammaFitter):  # type: ignore[misc] # lifetimes has no type information
    """params_: p (shape of the single purchases), q, v (customers' rates: Gamma). left_out_ counts the customers without a repeat
    purchase or with a spend of 0 or less; correlation_ is that of frequency and spend among the others."""

    names = ("p", "q", "v")
    left_out_: "pd.Series[int]"
    correlation_: float

    def fit(
        self, frequency: npt.ArrayLike, monetary_value: npt.ArrayLike, weights: npt.ArrayLike | None = None, index: Any = None
    ) -> Self:
        """frequency, monetary_value (mean spend of a repeat purchase) [, weights] -> params_ and the other results.

        Errors: empty values, a customer twice in the index. diagnosis_: 'interior', 'identical spend', 'mean does not exist'
        (q <= 1), 'spend depends on frequency', 'too few repeaters', 'no repeat buyers' or 'flat likelihood'."""
        if isinstance(frequency, pd.Series):
            refuse_duplicates(frequency.to_frame())
            index = frequency.index if index is None else index
        x, m = (np.asarray(column, dtype=np.float64) for column in (frequency, monetary_value))
        rows = pd.DataFrame(index=index if index is not None else range(len(x)))
        for name, column in (("frequency", x), ("monetary_value", m)):
            refuse_rows(rows, ~np.isfinite(column), "The column {column} is empty in rows {rows}.", name)
        counts = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
        self.data = pd.DataFrame({"monetary_value": m, "frequency": x, "weights": counts}, index=index)
        used = (x > 0) & (m > 0)
        left_out = {"no_repeat_purchase": (x <= 0).sum(), "zero_or_negative": ((x > 0) & (m <= 0)).sum()}
        self.left_out_ = pd.Series(left_out, dtype=np.int64)
        self._fit_buyers(x[used], m[used], counts[used], thin=weights is None)
        return self

    def conditional_expected_average_profit(
        self, frequency: npt.ArrayLike | None = None, monetary_value: npt.ArrayLike | None = None
    ) -> Result:
        """Expected mean spend of each customer; without a repeat purchase, or with a spend of 0 or less, that of the base.

        NaN where the model has no mean (p x + q <= 1)."""
        given = [self.data["frequency"] if frequency is None else frequency]
        given.append(self.data["monetary_value"] if monetary_value is None else monetary_value)
        x, m = self._usable(*given)
        p, q, v = self.params_
        weight = p * x + q - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            return like(np.where(weight > 0, p * (v + x * m) / weight, np.nan), *given)

    def interval(
        self,
        frequency: npt.ArrayLike,
        monetary_value: npt.ArrayLike,
        *,
        kind: Literal["predictive", "parameter"] = "predictive",
        level: float = 0.8,
    ) -> pd.DataFrame:
        """-> lower, upper of each customer's mean spend. predictive: of the mean itself, at the estimated parameters;
        parameter: of the expected mean, as far as the parameters are uncertain."""
        if kind == "parameter":
            return self.parameter_interval(
                lambda model: model.conditional_expected_average_profit(frequency, monetary_value), level
            )
        x, m = self._usable(frequency, monetary_value)
        p, q, v = self.params_
        bounds = {"lower": (1 + level) / 2, "upper": (1 - level) / 2}
        quantiles = {name: p * (v + x * m) / gammaincinv(p * x + q, upper) for name, upper in bounds.items()}
        return pd.DataFrame(quantiles, index=frequency.index if isinstance(frequency, pd.Series) else None)

    def customer_lifetime_value(
        self,
        transaction_prediction_model: Any,
        frequency: "pd.Series[Any]",
        recency: "pd.Series[float]",
        T: "pd.Series[float]",
        monetary_value: "pd.Series[float]",
        time: int = 12,
        discount_rate: float = 0.01,
        freq: Literal["D", "W", "M", "H"] = "D",
    ) -> "pd.Series[float]":
        """As in lifetimes: `time` months, each discounted at its end by the monthly rate, without a margin; freq: the unit of T.

        crm.analytics.clv.value has margins, annual rates and endless horizons."""
        if not isinstance(transaction_prediction_model, BuyTillYouDie):
            value: pd.Series[float] = super().customer_lifetime_value(
                transaction_prediction_model, frequency, recency, T, monetary_value, time, discount_rate, freq
            )
            return value
        spend = self.conditional_expected_average_profit(frequency, monetary_value)
        months = np.arange(1.0, time + 1)
        factors = np.asarray((1 + discount_rate) ** -months)
        purchases = transaction_prediction_model.weighted_expected_purchases(
            months * MONTHS[freq], factors - np.append(factors[1:], 0.0), frequency, recency, T
        )
        return pd.Series(np.asarray(spend) * np.asarray(purchases), index=frequency.index, name="clv")

    def _usable(self, frequency: npt.ArrayLike, monetary_value: npt.ArrayLike) -> tuple[Floats, Floats]:
        x, m = np.broadcast_arrays(np.asarray(frequency, np.float64), np.asarray(monetary_value, np.float64))
        x, m = x.ravel(), m.ravel()
        used = (x > 0) & (m > 0)
        return np.where(used, x, 0.0), np.where(used, m, 0.0)

    def _fit_buyers(self, x: Floats, m: Floats, weights: Floats, *, thin: bool) -> None:
        self._objective_ = Rebuilt(_objective, x, m, weights)
        buyers = float(weights.sum())
        if buyers == 0:
            self.correlation_ = np.nan
            self._report_nothing("no repeat buyers", TooLittleData("Not enough repeat buyers: {count}.", count=0))
            return
        self.correlation_ = _correlation(x, m, weights)
        mean = dot(weights, m) / buyers
        starts = [np.log([6.0, 4.0, mean / 2]), np.log([1.0, 2.0, mean])]
        bounds = [(-7.0, 12.0), (-7.0, 12.0), (np.log(mean) - 20.0, np.log(mean) + 20.0)]
        stride = len(x) // ROUGH_SAMPLE
        some = slice(None, None, stride)
        rough = _objective(x[some], m[some], weights[some] * stride) if thin and stride > 1 else None
        estimate = maximise(self._objective_, starts, bounds, rough)
        self._report(estimate, buyers)
        self.diagnosis_, self.refusal_ = self._judged(estimate, int(buyers), m)

    def _judged(self, estimate: Estimate, buyers: int, m: Floats) -> tuple[str, AnalyticsError | None]:
        if buyers < FEWEST_REPEATERS:
            return "too few repeaters", TooLittleData("Not enough repeat buyers: {count}.", count=buyers)
        if self.params_["p"] > HOMOGENEOUS or np.ptp(m) == 0:
            return "identical spend", None
        if self.params_["q"] <= 1:
            q = f"{self.params_['q']:.2f}"
            return "mean does not exist", AnalyticsError("The mean spend does not exist in this model (q = {q}).", q=q)
        if abs(self.correlation_) > LARGEST_CORRELATION:
            shown = f"{self.correlation_:.2f}"
            refusal = AnalyticsError("Spend depends on frequency (correlation {correlation}).", correlation=shown)
            return "spend depends on frequency", refusal
        return ("interior" if estimate.interior else "flat likelihood"), None


def _objective(x: Floats, m: Floats, weights: Floats) -> Objective:
    spend = x * m
    by_x = weighted_counts(x.astype(np.int64), weights, 1)
    frequencies = np.flatnonzero(by_x)
    customers = by_x[frequencies]
    weighted_x = weights * x
    own = dot(weighted_x, np.log(spend))
    buyers, logs = float(weights.sum()), dot(weights, np.log(m))

    def objective(log_params: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(log_params)
        px = p * frequencies
        sums = spend + v
        log_sums, shares = np.log(sums), v / sums
        in_p = own - dot(weighted_x, log_sums)
        in_q = buyers * log_params[2] - dot(weights, log_sums)
        value = p * in_p + q * in_q - logs - dot(customers, betaln(px, q))
        both = psi(px + q)
        gradient = [
            p * (in_p + dot(customers * frequencies, both - psi(px))),
            q * (in_q + dot(customers, both - psi(q))),
            q * buyers - p * dot(weighted_x, shares) - q * dot(weights, shares),
        ]
        return value, np.array(gradient)

    return objective


def _correlation(x: Floats, m: Floats, weights: Floats) -> float:
    if np.ptp(x) == 0 or np.ptp(m) == 0:
        return 0.0
    covariance = np.cov(x, m, aweights=weights)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
