"""Open deals decided by chance: what groups of them bring up to any day, each run deciding each deal once for all days and for
everybody who shares it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_missing, refuse_rows, require_columns
from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Days = npt.NDArray[np.int16]
Shifts = Sequence[float] | Floats

DEAL = ("opportunity_id", "amount", "probability", "expected_close_on")


class Drawn:
    """Of open deals (the columns DEAL) and the day `start`, up to days not after `end`.

    Each run decides every deal by its probability; shifts the close date by days drawn from `shifts` and the amount by a factor
    drawn from `ratios`, see crm.analytics.forecast.simulate. `groups`: a number for each deal, 0 for all where there are none;
    groups are drawn independently of each other, and the same whichever others there are."""

    def __init__(
        self,
        deals: pd.DataFrame,
        start: date,
        end: date,
        *,
        groups: npt.ArrayLike | None = None,
        opens: date | None = None,
        shifts: Shifts = (0.0,),
        ratios: Shifts = (1.0,),
        runs: int,
        seed: int,
    ) -> None:
        self.start, self.runs, self.seed = start, runs, seed
        numbers = np.zeros(len(deals), dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
        self.held = _held(deals, numbers, start, end, opens)
        self.moved = np.sort(np.asarray(shifts, dtype=np.float64))
        self.factor = np.asarray(ratios, dtype=np.float64)
        self._last = self.held.chance * self.held.closing(self.moved, (end - start).days)
        self._groups: dict[int, _Group] = {}
        self._chances: dict[date, Floats] = {}

    def total(self, day: date, group: int = 0) -> Floats:
        """What the group brings by the end of the day, one value per run."""
        if group not in self._groups:
            self._groups[group] = self._drawn(np.flatnonzero(self.held.group == group))
        mine, left = self._groups[group], (day - self.start).days
        closed = np.searchsorted(mine.closes, left, side="right")
        total: Floats = np.bincount(mine.run[:closed], mine.amount[:closed], self.runs).astype(np.float64)
        if not mine.rest.size:
            return total
        if day not in self._chances:
            self._chances[day] = self.held.chance * self.held.closing(self.moved, left)
        return total + _together(self.held.amount[mine.rest], self._chances[day][mine.rest], self.factor, mine.normal)

    def _drawn(self, places: Indices) -> "_Group":
        chance = self._last[places]
        first = self.held.number[places].min() if places.size else 0
        random = np.random.default_rng((self.seed, int(first)))
        places = places[chance > 0]
        few, rest = _largest_and_rest(self.held.amount, self._last, places, self.factor)
        level = random.random((self.runs, few.size), dtype=np.float32)
        found = np.flatnonzero(level < self._last[few].astype(np.float32))
        run, deal = np.divmod(found, max(few.size, 1))
        drawn = few[deal]
        amount = self.held.amount[drawn] * self.factor[random.integers(0, self.factor.size, found.size)]
        normal = random.standard_normal(self.runs if rest.size else 0)
        closes = self.held.closes(self.moved, drawn, level.ravel()[found])
        order = np.argsort(closes, kind="stable")
        return _Group(run[order], closes[order], amount[order], rest, normal)


@dataclass(frozen=True)
class _Group:
    """What is won by the last day, in order of closing: its run, the days until it closes, what it brings; deals that are told
    together, and how they turn out in each run."""

    run: Indices
    closes: Days
    amount: Floats
    rest: Indices
    normal: Floats


@dataclass(frozen=True)
class _Held:
    """The dated open deals: number, group, amount, chance, days from today to the expected one (0 where it has passed), days
    left, and days until the period begins."""

    number: Indices
    group: Indices
    amount: Floats
    chance: Floats
    days: Floats
    left: int
    ahead: int

    def closing(self, moved: Floats, left: int) -> Floats:
        """The chance of each, if it is won, that it closes within the period and so many days: the share of the shifts (sorted)
        by which it does."""

        def within(days: int) -> Floats:
            return np.asarray(np.searchsorted(moved, days - self.days, side="right") / moved.size, dtype=np.float64)

        if left < self.ahead:
            return np.zeros_like(self.days)
        return within(left) - within(self.ahead - 1) if self.ahead else within(left)

    def closes(self, moved: Floats, places: Indices, level: npt.NDArray[np.float32]) -> Days:
        """The days after which the chance of each deal that it is won and closed rises above its level."""
        before = np.searchsorted(moved, self.ahead - 1 - self.days[places], side="right") if self.ahead else 0
        needed = np.floor(level / self.chance[places] * moved.size).astype(np.int64) + before
        days: Floats = np.ceil(moved[np.minimum(needed, moved.size - 1)] + self.days[places])
        return np.minimum(days, _FAR).astype(np.int16)

    @property
    def weighted(self) -> float:
        """The sum of amount x probability of what is expected to close in the period."""
        return float((self.amount * self.chance)[(self.days <= self.left) & (self.days >= self.ahead)].sum())


def _held(deals: pd.DataFrame, groups: Indices, start: date, end: date, opens: date | None) -> _Held:
    require_columns(deals, DEAL)
    refuse_missing(deals, ("opportunity_id", "amount", "probability"))
    chance = deals["probability"].to_numpy(dtype=np.float64)
    refuse_rows(
        deals, (chance < 0) | (chance > 1), "The column {column} holds no chance between 0 and 1 in rows {rows}.", "probability"
    )
    if end < start:
        raise AnalyticsError("The period ends before it starts.")
    days = (pd.to_datetime(deals["expected_close_on"]) - pd.Timestamp(start)).dt.days.to_numpy(dtype=np.float64)
    dated = ~np.isnan(days)
    return _Held(
        deals["opportunity_id"].to_numpy(dtype=np.int64)[dated],
        groups[dated],
        deals["amount"].to_numpy(dtype=np.float64)[dated],
        chance[dated],
        np.maximum(days[dated], 0.0),
        (end - start).days,
        max((opens - start).days, 0) if opens else 0,
    )


def _largest_and_rest(amount: Floats, chance: Floats, places: Indices, factor: Floats) -> tuple[Indices, Indices]:
    """Of the deals at `places` those that make most of the spread, and all others: their sum is as good as normal."""
    if places.size <= _ONE_BY_ONE:
        return places, places[:0]
    order = places[np.argsort(-_variance(amount[places], chance[places], factor), kind="stable")]
    return order[:_ONE_BY_ONE], order[_ONE_BY_ONE:]


def _together(amount: Floats, chance: Floats, factor: Floats, normal: Floats) -> Floats:
    """The sum of very many deals, none of them large, in each run: by its mean and spread (central limit)."""
    total: Floats = (amount * chance).sum() * factor.mean() + np.sqrt(_variance(amount, chance, factor).sum()) * normal
    return np.maximum(total, 0.0)


def _variance(amount: Floats, chance: Floats, factor: Floats) -> Floats:
    found: Floats = amount**2 * (chance * (factor**2).mean() - (chance * factor.mean()) ** 2)
    return found


_FAR = 30_000
"""Days: no period is as long; so small a number is sorted at once."""
_ONE_BY_ONE = 150
"""Deals that are drawn one by one; with thousands of them drawing the small ones changes nothing but the time it takes."""

__all__ = ["DEAL", "Drawn", "Floats", "Shifts"]
