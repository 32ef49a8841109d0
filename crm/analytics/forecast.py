"""What will be won by the end of a period: a distribution, not a number; and why it moved since last time.

Open deals: opportunity_id, amount, probability (0 to 1), expected_close_on, and what they are compared by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from crm.analytics.checks import require_columns
from crm.analytics.deals_drawn import DEAL, Drawn, Floats, Shifts
from crm.analytics.errors import AnalyticsError

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
    drawn = Drawn(deals, start, end, opens=opens, shifts=shifts, ratios=ratios, runs=runs, seed=seed)
    return Forecast(float(won), won + drawn.held.weighted, won + drawn.total(end))


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
    drawn = Drawn(deals, start, max(days), opens=opens, shifts=shifts, ratios=ratios, runs=runs, seed=seed)
    rows = [np.quantile(won + drawn.total(day), [0.1, 0.5, 0.9]) for day in days]
    return pd.DataFrame(rows, columns=["p10", "p50", "p90"]).assign(day=pd.to_datetime(pd.Series(list(days))))


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
