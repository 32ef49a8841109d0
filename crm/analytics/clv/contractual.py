"""Retention under contract: who renews, from the survivors of a cohort alone, and what a contract is still worth.

ShiftedBetaGeometric: every customer ends the contract with his own constant probability, Beta(alpha, beta) among customers.
    Fader, Hardie 2007, How to Project Customer Retention, Journal of Interactive Marketing 21(1).
BetaDiscreteWeibull: that probability also falls (c < 1) or grows (c > 1) with the time under contract.
    Fader, Hardie, Liu, Davin, Steenburgh 2018, Journal of Interactive Marketing 43.
Both: S(t) = B(alpha, beta + t^c) / B(alpha, beta), c = 1 for the first.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from crm.analytics.clv.fitters.estimation import Estimate, maximise
from crm.analytics.clv.fitters.report import Reported
from crm.analytics.clv.value import continuous_discount_rate
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]

SIZES = (-9.0, 10.0)  # of ln alpha and ln beta: beyond, the likelihood no longer changes
SHAPES = (-3.0, 3.0)  # of ln c
NEAR = 1e-3
HOMOGENEOUS, POLARISED = 1e-4, 0.999  # of 1 / (1 + alpha + beta), the polarisation index of the beta distribution
NEGLIGIBLE = 1e-15


class BetaDiscreteWeibull(Reported):
    """After fit, what Reported lists; diagnosis_ is "interior", "homogeneous churn", "polarised churn", "nobody left",
    "duration dependence at its limit" or "flat likelihood"."""

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")

    def fit(self, survivors: Sequence[float] | Sequence[Sequence[float]]) -> Self:
        """survivors: customers still under contract after 0, 1, 2, ... renewals, one cohort or a list of cohorts. The last
        entry of a cohort is censored. Errors: growing counts, or fewer renewals seen than there are parameters."""
        losses, censored = _losses_and_censored(_cohorts(survivors), len(self.names))
        self._objective_ = partial(_log_likelihood, losses, censored)
        estimate = maximise(self._objective_, self._starts(), [SIZES, SIZES, SHAPES][: len(self.names)])
        diagnosis = _diagnosis(estimate) if losses.any() else "nobody left"
        self._report(replace(estimate, interior=diagnosis == "interior"), float(losses.sum() + censored.sum()))
        self.diagnosis_, self.refusal_ = diagnosis, None
        return self

    def survival(self, t: npt.ArrayLike) -> Floats:
        """Share of a new cohort that is still under contract after t renewals; S(0) = 1."""
        return _survival_ratio(self._natural(), np.asarray(t, dtype=np.float64), np.array(0.0))

    def retention_rate(self, t: npt.ArrayLike) -> Floats:
        """S(t) / S(t - 1): of those under contract before the t-th renewal (t >= 1), the share that renews."""
        times = np.asarray(t, dtype=np.float64)
        if np.any(times < 1):
            raise AnalyticsError("The first renewal is number 1.")
        return _survival_ratio(self._natural(), times, times - 1)

    def del_(self, discount: float, periods_per_year: float = 1.0) -> float:
        """Discounted expected lifetime of a new customer, in periods: the sum of S(t) / (1 + d)^t from t = 0, the payment of
        today included. discount: annual rate. Source: Fader, Hardie 2010, Marketing Science 29(1)."""
        return 1.0 + float(self._discounted(np.array([0.0]), discount, periods_per_year)[0])

    def derl(self, periods: npt.ArrayLike, discount: float, periods_per_year: float = 1.0) -> Floats:
        """Discounted expected residual lifetime, in periods, of a customer now in contract period n (n - 1 renewals made),
        just before the next renewal: the sum over k >= 1 of S(n - 1 + k) / S(n - 1) / (1 + d)^(k - 1).
        discount: annual rate. Source: Fader, Hardie 2010, Marketing Science 29(1)."""
        renewals = np.atleast_1d(np.asarray(periods, dtype=np.float64)) - 1
        if np.any(renewals < 0):
            raise AnalyticsError("The first contract period is number 1.")
        growth = np.exp(continuous_discount_rate(discount, periods_per_year))
        return np.asarray(self._discounted(renewals, discount, periods_per_year) * growth)

    def _discounted(self, renewals: Floats, discount: float, periods_per_year: float) -> Floats:
        """The sum over k >= 1 of S(m + k) / S(m) / (1 + d)^k for each number of renewals m."""
        if not discount > 0:
            raise AnalyticsError("The discount rate must be above 0.")
        rate = float(continuous_discount_rate(discount, periods_per_year))
        steps = np.arange(1, int(np.ceil(-np.log(NEGLIGIBLE * rate) / rate)) + 1)
        params, fading = self._natural(), np.exp(-rate * steps)
        made, place = np.unique(renewals, return_inverse=True)
        sums = [_survival_ratio(params, m + steps, np.array(m)) @ fading for m in made]
        return np.asarray(sums)[place]

    def _natural(self) -> Floats:
        return _with_shape(np.asarray(self.params_, dtype=np.float64))

    def _starts(self) -> list[Floats]:
        shapes = (0.8, 1.5, 5.0) if len(self.names) == 3 else (1.0,)
        return [np.log([*size, shape][: len(self.names)]) for size in ((0.5, 2.0), (10.0, 30.0)) for shape in shapes]


class ShiftedBetaGeometric(BetaDiscreteWeibull):
    """The BetaDiscreteWeibull with c = 1: the older a cohort, the higher its retention rate, because those who leave easily
    have left, although nobody becomes more loyal."""

    names = ("alpha", "beta")


def _log_likelihood(losses: Floats, censored: Floats, logs: Floats) -> tuple[float, Floats]:
    """Value and gradient in the logs of the parameters."""
    params = _with_shape(np.exp(logs))
    times = np.arange(len(losses), dtype=np.float64)
    log_s, slope = _log_survival(params, times), _log_survival_slope(params, times)
    step = log_s[1:] - log_s[:-1]
    leaving = -np.expm1(step)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = log_s[:-1] + np.log(leaving)
        slope_p = (slope[:, :-1] - slope[:, 1:] * np.exp(step)) / leaving
    lost = losses[1:] > 0
    value = losses[1:][lost] @ log_p[lost] + censored @ log_s
    gradient = slope_p[:, lost] @ losses[1:][lost] + slope @ censored
    return float(value), (gradient * params)[: len(logs)]


def _with_shape(params: Floats) -> Floats:
    return params if len(params) == 3 else np.append(params, 1.0)


def _diagnosis(estimate: Estimate) -> str:
    polarisation = 1 / (1 + np.exp(estimate.log_params[:2]).sum())
    if polarisation < HOMOGENEOUS:
        return "homogeneous churn"
    if polarisation > POLARISED:
        return "polarised churn"
    shape = estimate.log_params[2:]
    if np.any((shape < SHAPES[0] + NEAR) | (shape > SHAPES[1] - NEAR)):
        return "duration dependence at its limit"
    return "interior" if estimate.interior else "flat likelihood"


def _log_survival(params: Floats, t: Floats) -> Floats:
    alpha, beta, c = params
    log_s: Floats = betaln(alpha, beta + t**c) - betaln(alpha, beta)
    return log_s


def _survival_ratio(params: Floats, later: Floats, earlier: Floats) -> Floats:
    ratio: Floats = np.exp(_log_survival(params, later) - _log_survival(params, earlier))
    return ratio


def _log_survival_slope(params: Floats, t: Floats) -> Floats:
    """Derivatives of ln S(t) by alpha, beta and c, one row each."""
    alpha, beta, c = params
    grown = t**c
    whole = digamma(alpha + beta) - digamma(alpha + beta + grown)
    part = digamma(beta + grown) - digamma(beta)
    by_growth = digamma(beta + grown) - digamma(alpha + beta + grown)
    return np.array([whole, whole + part, by_growth * grown * np.log(np.maximum(t, 1.0))])


def _cohorts(survivors: Sequence[float] | Sequence[Sequence[float]]) -> list[Floats]:
    nested = [survivors] if np.ndim(survivors[0]) == 0 else survivors
    cohorts = [np.asarray(cohort, dtype=np.float64) for cohort in nested]
    for number, cohort in enumerate(cohorts, start=1):
        if not np.isfinite(cohort).all() or (cohort < 0).any() or (np.diff(cohort) > 0).any() or not cohort[0] > 0:
            raise AnalyticsError("Cohort {number}: survivors must start above 0 and never grow.", number=number)
    return cohorts


def _losses_and_censored(cohorts: list[Floats], needed: int) -> tuple[Floats, Floats]:
    """Losses at the t-th renewal and customers last seen after t renewals, all cohorts together."""
    renewals = max(len(cohort) for cohort in cohorts) - 1
    if renewals < needed:
        raise TooLittleData("Not enough renewals: {count}, needed: {needed}.", count=renewals, needed=needed)
    losses, censored = np.zeros(renewals + 1), np.zeros(renewals + 1)
    for cohort in cohorts:
        losses[1 : len(cohort)] += -np.diff(cohort)
        censored[len(cohort) - 1] += cohort[-1]
    return losses, censored
