"""What a Pareto/NBD says of a new customer: against yearly counts, between two dates, year by year, and in money.

Fader, Hardie, Jerath 2007, Estimating CLV Using Aggregated Data: The Tuscan Lifestyles Case Revisited, Journal of Interactive
Marketing 21(3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.clv.aggregated import window_probabilities
from crm.analytics.clv.fitters import ParetoNBDFitter
from crm.analytics.clv.value import continuous_discount_rate
from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]


def histogram_fit(
    model: ParetoNBDFitter, counts: npt.ArrayLike, edges: Sequence[float], *, last_or_more: bool = False
) -> pd.DataFrame:
    """counts[period, x] and edges as in fit_pareto_nbd_from_histograms -> period (from 0), x, actual, expected: customers."""
    table, limits = np.atleast_2d(np.asarray(counts, dtype=np.float64)), np.asarray(edges, dtype=np.float64)
    chances = window_probabilities(model.params_.to_numpy(), table.shape[1], limits[:-1], np.diff(limits))
    if last_or_more:
        chances[:, -1] = 1 - chances[:, :-1].sum(axis=1)
    period, x = (part.ravel() for part in np.indices(table.shape))
    expected = (chances * table.sum(axis=1, keepdims=True)).ravel()
    return pd.DataFrame({"period": period, "x": x, "actual": table.ravel(), "expected": expected})


def misplaced(fit: pd.DataFrame) -> float:
    """histogram_fit -> share of the customers who would have to change their class for actual to be as expected."""
    return float((fit["actual"] - fit["expected"]).abs().sum() / 2 / fit["actual"].sum())


def window_distribution(model: ParetoNBDFitter, t: float, tau: float, most: int) -> pd.DataFrame:
    """P(X(t, t + tau) = n) of a new customer -> n (0, 1, ..., most and above), dead_before, alive_throughout, dies_inside,
    probability (their sum)."""
    found = model.probability_of_n_purchases_in_interval(np.arange(most + 1), t, tau)
    parts = ["dead_before", "alive_throughout", "dies_inside"]
    _, _, s, beta = model.params_
    alive_then, alive_after = (float((beta / (beta + time)) ** s) for time in (t, t + tau))
    whole = pd.Series([1 - alive_then, alive_after, alive_then - alive_after], index=parts)
    found.loc[most, parts] = (whole - found.loc[: most - 1, parts].sum()).clip(lower=0)
    return found.assign(probability=found[parts].sum(axis=1))


def orders_by_period(
    model: ParetoNBDFitter, counts: npt.ArrayLike, edges: Sequence[float], ahead: int, level: float = 0.8
) -> pd.DataFrame:
    """-> period (from 0), actual (orders per customer of the cohort; NaN in the `ahead` periods after the data), expected, lower,
    upper (as far as the parameters are uncertain). The periods ahead are as long as the last one."""
    table, limits = np.atleast_2d(np.asarray(counts, dtype=np.float64)), np.asarray(edges, dtype=np.float64)
    times = np.append(limits, limits[-1] + (limits[-1] - limits[-2]) * np.arange(1, ahead + 1))

    def per_period(one: ParetoNBDFitter) -> Floats:
        return np.diff(np.asarray(one.expected_number_of_purchases_up_to_time(times)))

    with np.errstate(invalid="ignore", divide="ignore"):
        actual = (table @ np.arange(table.shape[1])) / table.sum(axis=1)
    columns = {"period": np.arange(len(times) - 1), "actual": np.append(actual, np.full(ahead, np.nan))}
    band = model.parameter_interval(per_period, level)
    return pd.DataFrame(columns).assign(expected=per_period(model), lower=band["lower"], upper=band["upper"])


@dataclass(frozen=True)
class NewcomerValue:
    """Money per new customer. first_order + if_all_stayed - left_later - discounted = value; lower, upper: of value.

    value = first_order + margin x order value x orders_per_active_year x active_years x discounting: the four reasons why one
    intake is worth more than another. if_all_stayed is endless without a horizon: then it is discounted already."""

    first_order: float
    if_all_stayed: float
    left_later: float
    discounted: float
    value: float
    lower: float
    upper: float
    orders_per_active_year: float
    active_years: float
    discounting: float


def newcomer_value(
    model: ParetoNBDFitter,
    *,
    order_value: float,
    margin: float,
    annual_discount_rate: float,
    horizon: float = np.inf,
    level: float = 0.8,
) -> NewcomerValue:
    """A model in years -> the value of a customer at his first order, which is paid today.

    order_value: money per order; margin 0.3 = 30 % of it; horizon in years. Errors: an endless horizon without discount."""
    delta = continuous_discount_rate(annual_discount_rate, 1.0)
    if np.isinf(horizon) and delta <= 0:
        raise AnalyticsError("Without an end, the discount rate must be above 0.")
    per_order, rate = margin * order_value, float(model.params_["r"] / model.params_["alpha"])

    def later(one: ParetoNBDFitter) -> float:
        return float(one.expected_residual_transactions(delta, horizon=horizon))

    endless = np.isinf(horizon)
    orders = later(model)
    plain = orders if endless else float(model.expected_number_of_purchases_up_to_time(horizon))
    stayed = rate / delta if endless else rate * horizon
    band = model.parameter_interval(later, level).iloc[0]
    return NewcomerValue(
        first_order=per_order,
        if_all_stayed=per_order * stayed,
        left_later=per_order * (stayed - plain),
        discounted=per_order * (plain - orders),
        value=per_order * (1 + orders),
        lower=per_order * (1 + float(band["lower"])),
        upper=per_order * (1 + float(band["upper"])),
        orders_per_active_year=rate,
        active_years=plain / rate,
        discounting=orders / plain,
    )
