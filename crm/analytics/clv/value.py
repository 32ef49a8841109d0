"""What customers are worth: margin x spend x discounted expected purchases, for a horizon or without end.

Fader, Hardie, Lee 2005, RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing Research 42(4).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import betainc

from crm.analytics.checks import refuse_duplicates, refuse_missing, require_columns
from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.prospect import Prospect
from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]

PERIODS_PER_YEAR = {"D": 365.25, "W": 52.0, "M": 12.0, "Y": 1.0}
COLUMNS = ("frequency", "recency", "T", "monetary_value")
MOST_PURCHASES = 4000


def continuous_discount_rate(annual: float, periods_per_year: float) -> float:
    """Annual rate (0.15 = 15 % a year) -> continuous rate per period: ln(1 + annual) / periods_per_year."""
    if annual <= -1 or periods_per_year <= 0:
        raise AnalyticsError("A discount rate must be above -100 % and a year must have periods.")
    return float(np.log1p(annual) / periods_per_year)


def clv_decomposition(
    model: BuyTillYouDie,
    spend_model: GammaGammaFitter,
    summary: pd.DataFrame,
    *,
    annual_discount_rate: float,
    margin: float,
    time_unit: Literal["D", "W", "M", "Y"] = "W",
    horizon: float = np.inf,
) -> pd.DataFrame:
    """frequency, recency, T, monetary_value -> probability_alive, purchases_if_alive (discounted expected purchases within
    horizon), spend (expected mean per purchase), margin, clv: the product of the four, in the unit of monetary_value.

    recency, T and horizon in time_unit; margin 0.3 = 30 % of the spend; purchases in the past are not part of the value.
    Errors: a column missing or with empty values, customers twice."""
    require_columns(summary, COLUMNS)
    refuse_missing(summary, COLUMNS)
    refuse_duplicates(summary)
    discount = continuous_discount_rate(annual_discount_rate, PERIODS_PER_YEAR[time_unit])
    x, t_x, T = (summary[column].to_numpy() for column in COLUMNS[:3])
    purchases = model.expected_residual_transactions(discount, x, t_x, T, horizon)
    return _decomposed(summary, model.conditional_probability_alive(x, t_x, T), purchases, spend_model, margin)


def customer_lifetime_value(
    model: BuyTillYouDie,
    spend_model: GammaGammaFitter,
    summary: pd.DataFrame,
    *,
    annual_discount_rate: float,
    margin: float,
    time_unit: Literal["D", "W", "M", "Y"] = "W",
    horizon: float = np.inf,
) -> "pd.Series[float]":
    """As clv_decomposition -> clv alone, per customer."""
    parts = clv_decomposition(
        model,
        spend_model,
        summary,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        time_unit=time_unit,
        horizon=horizon,
    )
    return parts["clv"]


def value_at_risk(decomposition: pd.DataFrame) -> pd.DataFrame:
    """clv_decomposition -> clv, clv_if_alive, value_at_risk: what is lost if the customer, not known to be alive, is gone already
    (clv_if_alive - clv). Sorting by it finds the customers worth a call."""
    require_columns(decomposition, ("purchases_if_alive", "spend", "margin", "clv"))
    if_alive = decomposition["purchases_if_alive"] * decomposition["spend"] * decomposition["margin"]
    columns = {"clv": decomposition["clv"], "clv_if_alive": if_alive, "value_at_risk": if_alive - decomposition["clv"]}
    return pd.DataFrame(columns)


def value_interval(
    model: BuyTillYouDie,
    spend_model: GammaGammaFitter,
    summary: pd.DataFrame,
    *,
    horizon: float,
    margin: float,
    level: float = 0.8,
) -> pd.DataFrame:
    """frequency, recency, T, monetary_value -> lower, upper of each customer's margin in (T, T + horizon], undiscounted.

    The exact predictive distribution: the number of purchases mixed with the sum of as many amounts, which is beta prime given
    the customer's past spend. Meant for a page of customers: some milliseconds each."""
    require_columns(summary, COLUMNS)
    refuse_missing(summary, COLUMNS)
    bounds = [
        value_quantiles(model.prospect(x, t_x, T), spend_model, x, m, np.array([horizon]), level)
        for x, t_x, T, m in summary[list(COLUMNS)].to_numpy()
    ]
    return pd.DataFrame(margin * np.reshape(bounds, (-1, 2)), index=summary.index, columns=["lower", "upper"])


def value_quantiles(
    customer: Prospect, spend_model: GammaGammaFitter, frequency: float, monetary_value: float, horizons: Floats, level: float
) -> Floats:
    """Of one customer -> lower, upper (columns) of the spend in (T, T + horizon] for each horizon (rows), undiscounted."""
    p, q, v = spend_model.params_
    past = frequency if monetary_value > 0 else 0.0
    shape, scale = p * past + q, v + past * max(monetary_value, 0.0)
    most = _enough(customer, horizons)
    chances = customer.chances(np.arange(max(most) + 1.0), horizons)
    targets = (1 - level) / 2, (1 + level) / 2
    return np.array(
        [
            [scale * _odds_of_spend(row[: last + 1], p, shape, target) for target in targets]
            for row, last in zip(chances, most, strict=True)
        ]
    )


def _decomposed(
    summary: pd.DataFrame, alive: Floats, purchases: Floats, spend_model: GammaGammaFitter, margin: float
) -> pd.DataFrame:
    spend = spend_model.conditional_expected_average_profit(summary["frequency"].to_numpy(), summary["monetary_value"].to_numpy())
    if_alive = np.divide(purchases, alive, out=np.zeros(len(summary)), where=alive > 0)
    columns = {"probability_alive": alive, "purchases_if_alive": if_alive, "spend": spend, "margin": margin}
    return pd.DataFrame(columns, index=summary.index).assign(clv=margin * spend * purchases)


def _odds_of_spend(chances: Floats, p: float, shape: float, target: float) -> float:
    """The quantile of s / scale, s the sum of the amounts of 0, 1, 2, ... purchases with these chances; infinite where they do
    not add up to the target."""
    if chances[0] >= target:
        return 0.0
    if chances.sum() <= target:
        return np.inf
    shapes, some = p * np.arange(1, len(chances)), chances[1:]
    # z = s / (s + scale)
    z = brentq(lambda z: chances[0] + (some * betainc(shapes, shape, z)).sum() - target, 0.0, 1.0, xtol=1e-14)
    return float(z / (1 - z)) if z < 1 else np.inf


def _enough(customer: Prospect, horizons: Floats) -> list[int]:
    """For each horizon a number of purchases that is practically never passed."""
    upper = customer.quantiles(horizons, [1 - 5e-10])[:, 0]
    return [int(min(most if np.isfinite(most) else 0, MOST_PURCHASES)) for most in upper.tolist()]
