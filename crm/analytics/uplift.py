"""Whether contact works: those proposed for it against those left out by lot, whoever was really reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri
from scipy.stats import t as student

from crm.analytics.checks import require_columns
from crm.analytics.durations import kaplan_meier
from crm.analytics.errors import AnalyticsError, TooLittleData
from crm.analytics.proportions import newcombe

Floats = npt.NDArray[np.float64]

COLUMNS = ("called", "stratum", "outcome")


@dataclass(frozen=True, slots=True)
class Effect:
    """By intention to treat: the mean of those proposed less the mean of those left out, with its interval."""

    called_n: int
    control_n: int
    called: float
    control: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Zero lies outside the interval."""
        return self.low > 0 or self.high < 0


def share_effect(rows: pd.DataFrame, level: float = 0.95) -> Effect:
    """called (bool), stratum, outcome (bool) by customer -> the Effect on the share with an outcome.

    A stratum is a set of customers with the same chance to be left out; where that chance was changed in between, mixing them
    would compare different customers. Each stratum's difference with Newcombe's interval; several are weighed by
    n1 * n0 / (n1 + n0), their intervals joined by the distances of their ends (MOVER). Sources: Newcombe 1998, Statistics in
    Medicine 17, method 10; Zou, Donner 2008, Statistics in Medicine 27. Raises TooLittleData without both arms in a stratum."""
    parts = _strata(rows)
    found = [newcombe(int(one.called.sum()), one.called.size, int(one.control.sum()), one.control.size, level) for one in parts]
    weights = _weights(parts)
    differences, lows, highs = np.array([(one.difference, one.low, one.high) for one in found]).T
    difference = float(weights @ differences)
    down, up = (float(np.sqrt(weights**2 @ (ends - differences) ** 2)) for ends in (lows, highs))
    return _effect(parts, weights, difference - down, difference + up)


def mean_effect(rows: pd.DataFrame, level: float = 0.95) -> Effect:
    """called (bool), stratum, outcome (an amount) by customer -> the Effect on the mean amount of a customer.

    Welch's interval, which lets the arms differ in size and spread; several strata are weighed as in share_effect. Amounts of
    customers are skewed: with fewer than some thirty on a side the interval is too narrow. Source: Welch 1947, Biometrika 34.
    Raises TooLittleData with fewer than two customers on a side of a stratum."""
    parts = _strata(rows, least=2)
    weights = _weights(parts)
    sizes = np.array([arm.size for one in parts for arm in (one.called, one.control)])
    spreads = np.array([arm.var(ddof=1) / arm.size for one in parts for arm in (one.called, one.control)])
    terms = weights.repeat(2) ** 2 * spreads
    variance = float(terms.sum())
    freedom = variance**2 / float((terms**2 / (sizes - 1)).sum()) if variance else np.inf
    half = float(student.ppf(0.5 + level / 2, freedom)) * float(np.sqrt(variance))
    difference = float(weights @ np.array([one.difference for one in parts]))
    return _effect(parts, weights, difference - half, difference + half)


def customers_needed(base: float, difference: float, control_share: float, level: float = 0.95, power: float = 0.8) -> int:
    """The share of those left out, a difference worth knowing and the chance to be left out -> how many customers must be drawn
    in all (both arms) for the interval to leave out zero with probability `power`, if the difference is real.

    Normal approximation for two shares of unequal groups. Source: Fleiss, Levin, Paik 2003, Statistical Methods for Rates and
    Proportions, chapter 4 (without its continuity correction)."""
    if not 0 < control_share < 1 or not difference:
        raise AnalyticsError("A comparison needs two groups, and a difference to look for.")
    low, high = np.clip([base, base + difference], 0.001, 0.999)
    middle = control_share * low + (1 - control_share) * high
    spread = middle * (1 - middle) / (control_share * (1 - control_share))
    each = low * (1 - low) / control_share + high * (1 - high) / (1 - control_share)
    z, z_power = float(ndtri(0.5 + level / 2)), float(ndtri(power))
    return int(np.ceil((z * np.sqrt(spread) + z_power * np.sqrt(each)) ** 2 / (high - low) ** 2))


def ordered_by_day(days: pd.DataFrame, until: int, level: float = 0.95) -> pd.DataFrame:
    """called (bool), days (until the first order, or as long as seen), ordered (bool) by customer -> called, day, share, low,
    high: the share that has ordered by each day since the drawing, by Kaplan and Meier; who has not been seen for long enough
    counts as far as he was. A row for day 0 and for each day up to `until` on which the share rises, and for the last one."""
    require_columns(days, ("called", "days", "ordered"))
    found = []
    for called, part in days.groupby("called"):
        seen = int(min(part["days"].max(), until))
        within = part.assign(ordered=part["ordered"] & (part["days"] <= until), days=part["days"].clip(upper=until))
        curve = kaplan_meier(within["days"], within["ordered"], level)
        rows = pd.DataFrame(
            {"day": curve["duration"], "share": 1 - curve["still"], "low": 1 - curve["high"], "high": 1 - curve["low"]}
        )
        last = rows.iloc[[-1]].assign(day=seen) if seen > rows["day"].iloc[-1] else rows.iloc[:0]
        found.append(pd.concat([rows, last], ignore_index=True).assign(called=bool(called)))
    names = ["called", "day", "share", "low", "high"]
    return pd.concat(found, ignore_index=True)[names] if found else pd.DataFrame(columns=names)


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The outcomes of both arms."""

    called: Floats
    control: Floats

    @property
    def difference(self) -> float:
        return float(self.called.mean() - self.control.mean())

    @property
    def weight(self) -> float:
        return self.called.size * self.control.size / (self.called.size + self.control.size)


def _strata(rows: pd.DataFrame, least: int = 1) -> list[_Stratum]:
    """Those that have both arms."""
    require_columns(rows, COLUMNS)
    found = []
    for _, part in rows.groupby("stratum", dropna=False):
        outcome, called = part["outcome"].to_numpy(dtype=np.float64), part["called"].to_numpy(dtype=bool)
        if min(called.sum(), (~called).sum()) >= least:
            found.append(_Stratum(outcome[called], outcome[~called]))
    if not found:
        raise TooLittleData("Nobody can be compared yet: both groups need customers.")
    return found


def _weights(parts: list[_Stratum]) -> Floats:
    sizes = np.array([one.weight for one in parts])
    return np.asarray(sizes / sizes.sum())


def _effect(parts: list[_Stratum], weights: Floats, low: float, high: float) -> Effect:
    called = float(weights @ np.array([one.called.mean() for one in parts]))
    control = float(weights @ np.array([one.control.mean() for one in parts]))
    sizes = sum(one.called.size for one in parts), sum(one.control.size for one in parts)
    return Effect(*sizes, called, control, called - control, low, high)
