"""What will be won by the end of a period: a distribution, not a number; and why it moved since last time.

Open deals: opportunity_id, amount, probability (0 to 1), expected_close_on, and what they are compared by.
"""

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
Shifts = Sequence[float] | Floats

DEAL = ("opportunity_id", "amount", "probability", "expected_close_on")
STEPS = (
    "opening",
    "won",
    "new",
    "pulled_in",
    "amount_up",
    "more_likely",
    "amount_down",
    "less_likely",
    "pushed_out",
    "lost",
    "closing",
)
"""The steps of `what_changed`, in the order of the waterfall."""


@dataclass(frozen=True)
class Forecast:
    """won: already in; simulated: totals at the end of the period, won included, one per run."""

    won: float
    weighted: float
    """won + sum of amount x probability of what is expected to close in the period."""
    simulated: Floats

    def quantile(self, share: float) -> float:
        return float(np.quantile(self.simulated, share))

    def chance_of(self, target: float) -> float:
        """That the period ends at `target` or above."""
        return float((self.simulated >= target).mean())


def simulate(
    deals: pd.DataFrame,
    start: date,
    end: date,
    *,
    opens: date | None = None,
    won: float = 0.0,
    shifts: Shifts = (0.0,),
    ratios: Shifts = (1.0,),
    runs: int = 4000,
    seed: int,
) -> Forecast:
    """Open deals -> the distribution of what is won by `end`, counted from the day `start` (today), or from `opens` where the
    period lies ahead: what is won until then does not belong to it.

    Each run decides every deal by its probability; shifts the close date by days drawn from `shifts` (days that decided deals
    closed after the date that was expected) and the amount by a factor drawn from `ratios` (final / expected amount). Deals whose
    expected day has passed close later than today. Without a date a deal does not close in the period."""
    held = _drawn_from(deals, start, end, opens)
    weighted = won + float((held.amount * held.chance)[(held.days <= held.left) & (held.days >= held.ahead)].sum())
    random = np.random.default_rng(seed)
    totals = np.full(runs, float(won))
    factor = np.asarray(ratios, dtype=np.float64)
    chance = held.chance * held.closing(shifts, held.left)
    few, rest = _largest_and_rest(held.amount, chance, factor)
    for first in range(0, runs, _RUNS_AT_ONCE):
        size = (min(_RUNS_AT_ONCE, runs - first), few.size)
        wins = random.random(size) < chance[few]
        totals[first : first + size[0]] += (held.amount[few] * random.choice(factor, size) * wins).sum(axis=1)
    return Forecast(
        float(won), weighted, totals + _together(held.amount[rest], chance[rest], factor, random.standard_normal(runs))
    )


def path(
    deals: pd.DataFrame,
    start: date,
    days: Sequence[date],
    *,
    opens: date | None = None,
    won: float = 0.0,
    shifts: Shifts = (0.0,),
    ratios: Shifts = (1.0,),
    runs: int = 1000,
    seed: int,
) -> pd.DataFrame:
    """As `simulate`, for several days from `start` on -> day, p10, p50, p90 of what is won by the end of each, in total."""
    held = _drawn_from(deals, start, max(days), opens)
    random, factor = np.random.default_rng(seed), np.asarray(ratios, dtype=np.float64)
    few, rest = _largest_and_rest(held.amount, held.chance * held.closing(shifts, held.left), factor)
    amounts = held.amount[few] * random.choice(factor, (runs, few.size))
    # Won deals of a run are the same on every day; each closes at its own share of the way.
    amounts *= random.random((runs, few.size)) < held.chance[few]
    moment, together = random.random((runs, few.size)), random.standard_normal(runs)
    rows = []
    for day in days:
        closing = held.closing(shifts, (day - start).days)
        totals = won + (amounts * (moment < closing[few])).sum(axis=1)
        totals = totals + _together(held.amount[rest], (held.chance * closing)[rest], factor, together)
        rows.append(np.quantile(totals, [0.1, 0.5, 0.9]))
    return pd.DataFrame(rows, columns=["p10", "p50", "p90"]).assign(day=pd.to_datetime(pd.Series(list(days))))


@dataclass(frozen=True)
class _Held:
    """The dated open deals: amount, chance, days from today to the expected one (0 where it has passed), days left, and days
    until the period begins."""

    amount: Floats
    chance: Floats
    days: Floats
    left: int
    ahead: int

    def closing(self, shifts: Shifts, left: int) -> Floats:
        """The chance of each, if it is won, that it closes within the period and so many days: the share of the shifts by which
        it does."""
        moved = np.sort(np.asarray(shifts, dtype=np.float64))

        def within(days: int) -> Floats:
            return np.asarray(np.searchsorted(moved, days - self.days, side="right") / moved.size, dtype=np.float64)

        if left < self.ahead:
            return np.zeros_like(self.days)
        return within(left) - within(self.ahead - 1) if self.ahead else within(left)


def _drawn_from(deals: pd.DataFrame, start: date, end: date, opens: date | None) -> _Held:
    require_columns(deals, DEAL)
    refuse_missing(deals, ("opportunity_id", "amount", "probability"))
    chance = deals["probability"].to_numpy(dtype=np.float64)
    refuse_rows(
        deals, (chance < 0) | (chance > 1), "The column {column} holds no chance between 0 and 1 in rows {rows}.", "probability"
    )
    if end < start:
        raise AnalyticsError("The period ends before it starts.")
    amount = deals["amount"].to_numpy(dtype=np.float64)
    days = (pd.to_datetime(deals["expected_close_on"]) - pd.Timestamp(start)).dt.days.to_numpy(dtype=np.float64)
    dated = ~np.isnan(days)
    return _Held(
        amount[dated],
        chance[dated],
        np.maximum(days[dated], 0.0),
        (end - start).days,
        max((opens - start).days, 0) if opens else 0,
    )


def _largest_and_rest(amount: Floats, chance: Floats, factor: Floats) -> tuple[Indices, Indices]:
    """Places of the deals that make most of the spread, and of all others: their sum is as good as normal."""
    if amount.size <= _ONE_BY_ONE:
        return np.arange(amount.size), np.arange(0)
    order = np.argsort(-_variance(amount, chance, factor), kind="stable")
    return order[:_ONE_BY_ONE], order[_ONE_BY_ONE:]


def _together(amount: Floats, chance: Floats, factor: Floats, normal: Floats) -> Floats:
    """The sum of very many deals, none of them large, in each run: by its mean and spread (central limit)."""
    total: Floats = (amount * chance).sum() * factor.mean() + np.sqrt(_variance(amount, chance, factor).sum()) * normal
    return np.maximum(total, 0.0)


def _variance(amount: Floats, chance: Floats, factor: Floats) -> Floats:
    found: Floats = amount**2 * (chance * (factor**2).mean() - (chance * factor.mean()) ** 2)
    return found


_ONE_BY_ONE = 500
"""Deals that are drawn one by one; with thousands of them drawing the small ones changes nothing but the time it takes."""
_RUNS_AT_ONCE = 200
"""Runs drawn together: bounds the memory for many deals."""


def what_changed(before: pd.DataFrame, after: pd.DataFrame, start: date, end: date, begun: bool = True) -> pd.DataFrame:
    """Two snapshots of deals (DEAL columns and state: open, won, lost) and the period -> opportunity_id, step, change: why the
    expected amount of the period moved, deal by deal. Opening + all changes = closing, exactly.

    What a deal counts is amount x probability where it is expected to close in the period; won counts whole, lost nothing.
    Open deals whose day has passed count in a period that has `begun`.
    Of one deal the step is the first that applies: won, lost, new, moved into or out of the period, then amount, then chance."""
    one, two = (_counted(part, start, end, begun) for part in (before, after))
    both = one.merge(two, how="outer", left_index=True, right_index=True, suffixes=("_before", "_after"))
    old, new = both["counts_before"].fillna(0.0), both["counts_after"].fillna(0.0)
    inside = {name: both[f"inside_{name}"].fillna(False).astype(bool) for name in ("before", "after")}
    step = np.select(
        [
            (both["state_after"] == "won") & (both["state_before"] != "won"),
            (both["state_after"] == "lost") | both["state_after"].isna(),
            both["state_before"].isna(),
            ~inside["before"] & inside["after"],
            inside["before"] & ~inside["after"],
        ],
        ["won", "lost", "new", "pulled_in", "pushed_out"],
        default="",
    )
    whole = pd.DataFrame({"opportunity_id": both.index, "step": step, "change": (new - old).to_numpy()})
    stayed = both[step == ""]
    by_amount = (stayed["amount_after"] - stayed["amount_before"]) * stayed["chance_before"] * inside["after"][step == ""]
    by_chance = stayed["amount_after"] * (stayed["chance_after"] - stayed["chance_before"]) * inside["after"][step == ""]
    parts = [whole[step != ""], _named(by_amount, "amount_up", "amount_down"), _named(by_chance, "more_likely", "less_likely")]
    changes = pd.concat(parts, ignore_index=True)
    told: pd.DataFrame = changes[(changes["change"] != 0) | (changes["step"] == "won")]
    return told.reset_index(drop=True)


def _named(change: pd.Series, up: str, down: str) -> pd.DataFrame:
    step = np.where(change.to_numpy() > 0, up, down)
    return pd.DataFrame({"opportunity_id": change.index, "step": step, "change": change.to_numpy()})


def waterfall(changes: pd.DataFrame, opening: float) -> pd.DataFrame:
    """Changes -> step, change, total (after the step), deals; opening first, closing last."""
    sums = changes.groupby("step")["change"].agg(["sum", "size"]).reindex(STEPS[1:-1], fill_value=0)
    change = np.concatenate(([opening], sums["sum"].to_numpy(dtype=np.float64)))
    total = np.cumsum(change)
    deals = np.concatenate(([0], sums["size"].to_numpy(dtype=np.int64), [0]))
    return pd.DataFrame(
        {"step": STEPS, "change": [*change, total[-1]], "total": [*total, total[-1]], "deals": deals},
    )


def expected(snapshot: pd.DataFrame, start: date, end: date, begun: bool = True) -> float:
    """What a snapshot counts for the period."""
    return float(_counted(snapshot, start, end, begun)["counts"].sum())


def _counted(snapshot: pd.DataFrame, start: date, end: date, begun: bool) -> pd.DataFrame:
    require_columns(snapshot, (*DEAL, "state"))
    if snapshot["opportunity_id"].duplicated().any():
        raise AnalyticsError("An opportunity stands here more than once.")
    day = pd.to_datetime(snapshot["expected_close_on"])
    chance = (
        snapshot["probability"].astype("float64").mask(snapshot["state"] == "won", 1.0).mask(snapshot["state"] == "lost", 0.0)
    )
    overdue = (snapshot["state"] == "open") & (day < pd.Timestamp(start)) & begun
    inside = day.between(pd.Timestamp(start), pd.Timestamp(end)) | overdue
    rows = pd.DataFrame(
        {
            "opportunity_id": snapshot["opportunity_id"],
            "state": snapshot["state"],
            "amount": snapshot["amount"].astype("float64"),
            "chance": chance,
            "inside": inside,
        }
    )
    return rows.assign(counts=rows["amount"] * rows["chance"] * rows["inside"]).set_index("opportunity_id")


def accuracy(told: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    """Forecasts as they were told (taken_on, period_to, p10, p50, p90, weighted) and what came (period_to, won), both with
    board_id where there are several boards -> days_before,
    forecasts, error (mean of (p50 - won) / won), absolute_error, inside (share with won between p10 and p90; 80 % is right),
    weighted_error; by days to the end of the period: 0-7, 8-30, 31-60, 61+."""
    keys = [name for name in ("board_id", "period_to") if name in told]
    rows = told.merge(final, on=keys, suffixes=("", "_final"))
    rows = rows[rows["won_final" if "won_final" in rows else "won"] > 0]
    if rows.empty:
        return pd.DataFrame(columns=["days_before", "forecasts", "error", "absolute_error", "inside", "weighted_error"])
    came = rows["won_final" if "won_final" in rows else "won"].astype("float64")
    ahead = (pd.to_datetime(rows["period_to"]) - pd.to_datetime(rows["taken_on"])).dt.days
    horizon = pd.cut(ahead, [-np.inf, 7, 30, 60, np.inf], labels=["0-7", "8-30", "31-60", "61+"])
    error = rows["p50"].astype("float64") / came - 1
    facts = pd.DataFrame(
        {
            "days_before": horizon,
            "error": error,
            "absolute_error": error.abs(),
            "inside": came.between(rows["p10"].astype("float64"), rows["p90"].astype("float64")),
            "weighted_error": rows["weighted"].astype("float64") / came - 1,
        }
    )
    groups = facts.groupby("days_before", observed=True)
    return groups.mean().assign(forecasts=groups.size()).reset_index()
