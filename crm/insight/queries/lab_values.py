"""What a fitted model says over all histories: lines of equal value, grids over (x, t_x), the pull of spend to the mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.value import PERIODS_PER_YEAR, continuous_discount_rate
from crm.insight.queries.runs import WEEKS_A_MONTH

Floats = npt.NDArray[np.float64]

STEPS, CELLS, ROWS = 80, 12, 12
MOST_FREQUENCY, MOST_PLACES, MOST_DOTS = 60, 1200, 400
LEVELS = 7
OFTEN = (1, 2, 4, 8)
BANDS = 4


def value_of(
    model: BuyTillYouDie, history: tuple[Any, Any, Any], spend: float, *, months: int, margin: float, annual_discount: float
) -> Floats:
    """frequency, recency, T (weeks) -> discounted margin of the next months at a mean spend, in the currency of the spend."""
    discount = continuous_discount_rate(annual_discount, PERIODS_PER_YEAR["W"])
    purchases = model.expected_residual_transactions(discount, *history, horizon=months * WEEKS_A_MONTH)
    return np.asarray(margin * spend * purchases, dtype=np.float64)


def iso_value_curves(value: Callable[[Any, Any], Floats], summary: pd.DataFrame) -> pd.DataFrame:
    """value(frequency, recency) at the age of the oldest customer -> level, frequency, recency: for each frequency the recency
    (weeks) at which the value passes the level. Source: Fader, Hardie, Lee 2005, Journal of Marketing Research 42(4)."""
    age = float(summary["T"].max())
    frequencies, weeks = np.arange(1, _highest(summary) + 1), np.linspace(0, age, STEPS)
    x, t_x = np.meshgrid(frequencies, weeks, indexing="ij")
    values = value(x.ravel(), t_x.ravel()).reshape(x.shape)
    rows = [
        (level, int(frequency), float(np.interp(level, np.maximum.accumulate(row), weeks)))
        for level in _round_levels(values)
        for frequency, row in zip(frequencies, values, strict=True)
        if row[0] < level < row[-1]
    ]
    return pd.DataFrame(rows, columns=["level", "frequency", "recency"])


def places(summary: pd.DataFrame) -> pd.DataFrame:
    """frequency, recency, T -> frequency, low, high (recency in weeks), customers: where they stand, the fullest place first."""
    width = max(float(summary["T"].max()) / (2 * CELLS), 1.0)
    shown = summary[summary["frequency"] <= _highest(summary)]
    cells = (shown["recency"] / width).astype(int)
    table = shown.groupby([shown["frequency"].astype(int), cells]).size().rename("customers").reset_index()
    low = table.pop("recency") * width
    table.insert(1, "low", low)
    table.insert(2, "high", low + width)
    return table.nlargest(MOST_PLACES, "customers")


def history_grid(value: Callable[[Any, Any], Floats], summary: pd.DataFrame, age: float) -> pd.DataFrame:
    """value(frequency, recency) at this age (weeks) -> frequency, low, high (recency), value, customers (of about this age). What
    cannot be (a recency without a repeat purchase, and the reverse) is missing."""
    width = age / CELLS
    of_age = summary[_band(summary, age)]
    top = min(ROWS, _highest(summary))
    frequency, cell = (part.ravel() for part in np.meshgrid(np.arange(top + 1), np.arange(CELLS), indexing="ij"))
    grid = pd.DataFrame({"frequency": frequency, "low": cell * width, "high": (cell + 1) * width})
    grid = grid[(grid["frequency"] > 0) | (grid["low"] == 0)].reset_index(drop=True)
    middle = np.where(grid["frequency"] > 0, (grid["low"] + grid["high"]) / 2, 0.0)
    grid["value"] = value(grid["frequency"].to_numpy(), middle)
    standing = of_age.groupby([of_age["frequency"].astype(int), np.minimum(of_age["recency"] // width, CELLS - 1)]).size()
    keys = zip(grid["frequency"], np.rint(grid["low"] / width), strict=True)
    return grid.assign(customers=[int(standing.get(key, 0)) for key in keys])


def ages(summary: pd.DataFrame) -> list[float]:
    """Four ages (weeks) that the grids can be drawn for, in quarters of the oldest."""
    oldest = float(summary["T"].max())
    return [oldest * number / BANDS for number in range(1, BANDS + 1)]


def usual_age(summary: pd.DataFrame) -> float:
    """The one of `ages` that most customers are nearest to."""
    return max(ages(summary), key=lambda age: int(_band(summary, age).sum()))


def standing_at(summary: pd.DataFrame, frequency: int, low: float, high: float, age: float | None = None) -> list[int]:
    """Customers with this frequency and a recency in [low, high), of about this age where one is given -> customer_ids."""
    within = summary["recency"].between(low, high, inclusive="both" if high == age else "left")
    chosen = within & (summary["frequency"] == frequency)
    if age:
        chosen &= _band(summary, age)
    return [int(customer) for customer in summary.index[chosen]]


def _band(summary: pd.DataFrame, age: float) -> pd.Series[bool]:
    half = float(summary["T"].max()) / BANDS / 2
    youngest = age < 3 * half
    return (summary["T"] > (-1.0 if youngest else age - half)) & (summary["T"] <= age + half)


def _highest(summary: pd.DataFrame) -> int:
    """The frequency up to which nearly all customers stand, at least five."""
    return int(np.clip(summary["frequency"].quantile(0.998), 5, MOST_FREQUENCY))


def _round_levels(values: Floats) -> list[float]:
    """1, 2 or 5 times powers of ten below the highest value, the seven highest of them."""
    top = float(values.max())
    if not top > 0:
        return []
    exponent = int(np.floor(np.log10(top)))
    levels = [factor * 10.0**power for power in range(exponent - 3, exponent + 1) for factor in (1, 2, 5)]
    return [level for level in levels if level < top][-LEVELS:]


# ----------------------------------------------------------------------------------------------------- spend


def spend_table(model: GammaGammaFitter, summary: pd.DataFrame, most: int = 7) -> pd.DataFrame:
    """frequency, monetary_value -> frequency (1, 2, ..., most and above), customers, observed_mean, expected_mean (per purchase),
    own_share: how much of the expectation is the customer's own mean, the rest is everybody's."""
    buyers = _buyers(summary)
    x, m = buyers["frequency"].to_numpy(), buyers["monetary_value"].to_numpy()
    p, q, _ = model.params_
    rows = pd.DataFrame(
        {
            "frequency": np.minimum(x, most).astype(int),
            "observed_mean": m,
            "expected_mean": np.asarray(model.conditional_expected_average_profit(x, m)),
            "own_share": p * x / (p * x + q - 1),
        }
    ).groupby("frequency")
    table = rows.mean().reset_index()
    table.insert(1, "customers", rows.size().to_numpy())
    return table


def spend_lines(model: GammaGammaFitter, summary: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """frequency, monetary_value -> (frequency, observed, expected: one line for each number of purchases; customer_id, observed,
    expected: some customers, evenly through the base)."""
    buyers = _buyers(summary)
    reach = float(buyers["monetary_value"].quantile(0.97)) * 1.1
    often = [number for number in OFTEN if number <= buyers["frequency"].max()]
    ends = np.array([reach / 1000, reach])
    expected = {x: model.conditional_expected_average_profit(np.full(2, x), ends) for x in often}
    lines = [pd.DataFrame({"frequency": x, "observed": ends, "expected": values}) for x, values in expected.items()]
    shown = buyers[buyers["monetary_value"] <= reach].sort_values("monetary_value")
    shown = shown.iloc[:: max(len(shown) // MOST_DOTS, 1)]
    own = model.conditional_expected_average_profit(shown["frequency"].to_numpy(), shown["monetary_value"].to_numpy())
    dots = pd.DataFrame({"customer_id": shown.index, "observed": shown["monetary_value"].to_numpy(), "expected": own})
    return pd.concat(lines, ignore_index=True), dots


def _buyers(summary: pd.DataFrame) -> pd.DataFrame:
    return summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]


__all__ = [
    "ages",
    "history_grid",
    "iso_value_curves",
    "places",
    "spend_lines",
    "spend_table",
    "standing_at",
    "usual_age",
    "value_of",
]
