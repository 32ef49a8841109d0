"""Pareto/NBD from yearly counts alone: how many customers bought 0, 1, 2, ... times in each period, no customer rows.

Fader, Hardie, Jerath 2007, Estimating CLV Using Aggregated Data: The Tuscan Lifestyles Case Revisited, Journal of Interactive
Marketing 21(3).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln

from crm.analytics.clv.fitters import ParetoNBDFitter
from crm.analytics.clv.fitters.estimation import Objective, Rebuilt, maximise
from crm.analytics.clv.fitters.quadrature import legendre
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]
Numbers = Any  # floats or complex numbers, alone or in arrays

NODES = 64
IMAGINARY = 1e-30
FEWEST_PURCHASES = 20


def fit_pareto_nbd_from_histograms(
    counts: pd.DataFrame | npt.ArrayLike, edges: Sequence[float], *, last_or_more: bool = False
) -> ParetoNBDFitter:
    """counts[period, x]: customers with x = 0, 1, 2, ... repeat purchases in each period; edges: the periods' limits in time
    since the first purchase (one more than periods) -> ParetoNBDFitter with params_, their errors, diagnosis_ and refusal_.

    last_or_more: the last column holds customers with that many purchases or more. The periods are taken as independent, as in
    the paper, though they show the same customers: the errors are those of that likelihood.
    Errors: counts that are negative or empty, edges that do not grow or do not fit the rows."""
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    limits = np.asarray(edges, dtype=np.float64)
    if not np.all(np.isfinite(table)) or table.min() < 0:
        raise AnalyticsError("The counts must be numbers from 0 on.")
    if len(limits) != len(table) + 1 or limits[0] < 0 or np.any(np.diff(limits) <= 0):
        raise AnalyticsError("There must be one limit more than periods, each later than the one before.")
    model = ParetoNBDFitter()
    model._objective_ = Rebuilt(histogram_objective, table, limits, last_or_more)
    purchases = float((table * np.arange(table.shape[1])).sum())
    if purchases == 0:
        model._report_nothing("no repeat buyers", TooLittleData("Not enough repeat buyers: {count}.", count=0))
        return model
    rate, span = purchases / (table.sum(axis=1) @ np.diff(limits)), limits[-1]
    starts = [np.log([1.0, 1 / rate, 0.6, span / 3]), np.log([2.0, 1 / rate, 2.0, 2 * span])]
    scale = float(np.log(span))
    bounds = [(-14.0, 12.0), (scale - 14, scale + 12), (-14.0, 12.0), (scale - 14, scale + 12)]
    estimate = maximise(model._objective_, starts, bounds)
    model._report(estimate, float(table.sum()))
    model.diagnosis_ = "interior" if estimate.interior else "flat likelihood"
    too_few = purchases < FEWEST_PURCHASES
    model.refusal_ = TooLittleData("Not enough repeat buyers: {count}.", count=int(purchases)) if too_few else None
    return model


def histogram_objective(table: Floats, limits: Floats, last_or_more: bool) -> Objective:
    """Log-likelihood of the counts, and its gradient by complex steps, which are exact to the last digit."""
    starts, spans = limits[:-1], np.diff(limits)

    def value(log_params: Numbers) -> complex:
        chances = window_probabilities(np.exp(log_params), table.shape[1], starts, spans)
        if last_or_more:
            chances[:, -1] = 1 - chances[:, :-1].sum(axis=1)
        chances = np.where(chances.real > 1e-300, chances, 1e-300)
        return complex((table * np.log(chances)).sum())

    def objective(log_params: Floats) -> tuple[float, Floats]:
        steps = log_params + 1j * IMAGINARY * np.eye(len(log_params))
        return value(log_params).real, np.array([value(step).imag / IMAGINARY for step in steps])

    return objective


def window_probabilities(params: Numbers, size: int, starts: Floats, spans: Floats) -> Numbers:
    """P(X(t, t + tau) = x) for each window (rows) and x = 0 .. size - 1, in three parts that are added: dead before t, alive
    throughout, dying inside; also for complex parameters."""
    r, alpha, s, beta = params
    x = np.arange(size)
    rises = np.concatenate([[0 * r], np.cumsum(np.log(r + x[:-1]))]) - gammaln(x + 1)
    t, tau = starts[:, None], spans[:, None]

    def purchases(y: Floats) -> Any:
        ratio = y[..., None] / (alpha + y[..., None])
        return np.exp(rises + x * np.log(ratio) + r * np.log(alpha / (alpha + y[..., None])))

    node, weight = legendre(NODES)
    scale = min(alpha.real, beta.real)
    length = np.log1p(tau / scale)
    y = scale * np.expm1(length * node)
    density = np.exp(s * np.log(beta / (beta + t + y))) * s / (beta + t + y) * scale * length * np.exp(length * node) * weight
    inside = (density[..., None] * purchases(y)).sum(axis=1)
    throughout = purchases(tau)[:, 0] * np.exp(s * np.log(beta / (beta + t + tau)))
    before = (1 - np.exp(s * np.log(beta / (beta + t)))) * (x == 0)
    return before + throughout + inside
