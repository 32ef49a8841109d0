"""An honest funnel: every deal that entered counts once, whatever way it took; lost and open ones stay in.

Deals: opportunity_id, created_on, state (open, won, lost), closed_on, and any columns to compare by; one row per deal.
Events: opportunity_id, at, position (of the stage moved to, 0 = first), state (from here on); any order.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_missing, require_columns
from crm.analytics.durations import incidence, kaplan_meier, quantile_of
from crm.analytics.errors import AnalyticsError
from crm.analytics.proportions import Difference, newcombe, wilson

OPEN, WON, LOST = "open", "won", "lost"
DEAL = ("opportunity_id", "created_on", "state")
EVENT = ("opportunity_id", "at", "position", "state")


def furthest(deals: pd.DataFrame, events: pd.DataFrame, stages: int) -> pd.DataFrame:
    """Deals and events -> the deals with `reached`: the furthest stage ever entered; a won deal has passed all of them.

    A deal without events stands in the first stage."""
    require_columns(deals, DEAL)
    require_columns(events, EVENT)
    refuse_missing(deals, DEAL)
    if deals["opportunity_id"].duplicated().any():
        raise AnalyticsError("An opportunity stands here more than once.")
    top = events.groupby("opportunity_id")["position"].max()
    reached = deals["opportunity_id"].map(top).fillna(0).astype("int64")
    return deals.assign(reached=reached.where(deals["state"] != WON, stages - 1))


def funnel(deals: pd.DataFrame, events: pd.DataFrame, stages: int, level: float = 0.95) -> pd.DataFrame:
    """As `funnel_of`, from the deals and events themselves."""
    placed = furthest(deals, events, stages)
    return funnel_of(placed.groupby(["state", "reached"], as_index=False).agg(deals=("opportunity_id", "size")), stages, level)


def funnel_of(counts: pd.DataFrame, stages: int, level: float = 0.95) -> pd.DataFrame:
    """state, reached (furthest stage; of a won deal any), deals -> position, entered (came at least so far), went_on, won, lost
    (lost with this as their furthest), open (likewise), conversion (went_on / entered), low, high (Wilson), from_start (entered
    / all). For the last stage going on is winning; `won` are those of the entered who were won in the end.

    Invariant of every row: entered = went_on + lost + open; so won + lost + open = all that entered."""
    require_columns(counts, ("state", "reached", "deals"))
    if not set(counts["state"]) <= {OPEN, WON, LOST} or (counts["reached"] >= stages).any():
        raise AnalyticsError("The states of the opportunities contradict each other.")
    sizes = {state: np.zeros(stages, dtype="int64") for state in (WON, LOST, OPEN)}
    rows: Any = counts[["state", "reached", "deals"]].itertuples(index=False)
    for state, reached, deals in rows:
        sizes[state][stages - 1 if state == WON else reached] += deals
    lost, still_open, won = sizes[LOST], sizes[OPEN], sizes[WON]
    came = np.cumsum((lost + still_open + won)[::-1])[::-1]
    went_on = came - lost - still_open
    low, high = wilson(went_on, came, level)
    table = pd.DataFrame({"position": np.arange(stages), "entered": came, "went_on": went_on, "won": won.sum()})
    table = table.assign(lost=lost, open=still_open)
    with np.errstate(invalid="ignore"):
        return table.assign(
            conversion=went_on / np.where(came == 0, np.nan, came), low=low, high=high, from_start=came / max(came[0], 1)
        )


def cohorts(deals: pd.DataFrame, period: str = "M") -> pd.DataFrame:
    """Deals by the period of their creation -> cohort (its first day), entered, won, lost, open, win_rate (won / entered), low,
    high, decided_rate (won / (won + lost)); a young cohort has many open ones, so its win rate may still rise."""
    require_columns(deals, DEAL)
    starts = pd.to_datetime(deals["created_on"]).dt.to_period(period).dt.to_timestamp()
    return cohorts_of(
        deals.assign(cohort=starts).groupby(["cohort", "state"], as_index=False).agg(deals=("opportunity_id", "size"))
    )


def cohorts_of(sizes: pd.DataFrame) -> pd.DataFrame:
    """cohort (first day), state, deals -> columns of `cohorts`, oldest first."""
    require_columns(sizes, ("cohort", "state", "deals"))
    counts = sizes.pivot_table(index="cohort", columns="state", values="deals", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=[WON, LOST, OPEN], fill_value=0).astype("int64")
    entered = counts.sum(axis=1)
    low, high = wilson(counts[WON], entered)
    decided = (counts[WON] + counts[LOST]).replace(0, np.nan)
    table = counts.assign(entered=entered, win_rate=counts[WON] / entered, low=low, high=high, decided_rate=counts[WON] / decided)
    table.columns.name = None
    return table.reset_index()[["cohort", "entered", WON, LOST, OPEN, "win_rate", "low", "high", "decided_rate"]]


def stays(deals: pd.DataFrame, events: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Every stay in a stage -> opportunity_id, position, days, ended (False: it is there still), end (forward, back, won, lost,
    or empty). A deal that comes back to a stage has a row for each stay; events after `as_of` are not known."""
    require_columns(events, EVENT)
    moments = pd.to_datetime(events["at"])
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_localize(None)
    known = events.assign(at=moments)[moments < pd.Timestamp(as_of) + pd.Timedelta(days=1)]
    known = known[known["opportunity_id"].isin(deals["opportunity_id"])].sort_values(["opportunity_id", "at"], kind="stable")
    next_ = known.groupby("opportunity_id")[["at", "position", "state"]].shift(-1)
    days = (next_["at"].fillna(pd.Timestamp(as_of)) - known["at"]).dt.total_seconds() / 86_400
    end = np.select(
        [
            next_["state"] == WON,
            next_["state"] == LOST,
            next_["position"] > known["position"],
            next_["position"] < known["position"],
        ],
        [WON, LOST, "forward", "back"],
        default="",
    )
    rows = known[["opportunity_id", "position"]].assign(days=days.clip(lower=0), ended=next_["at"].notna(), end=end)
    return rows[known["state"] == OPEN].reset_index(drop=True)


def time_in_stage(stayed: pd.DataFrame, stages: int) -> pd.DataFrame:
    """Stays -> position, stays, open, p25_days, median_days, p75_days, p90_days (Kaplan-Meier: those still there count as far as
    they have come; None where fewer than that share have ended), lost_share (of stays that end, by Aalen-Johansen)."""
    rows: list[dict[str, float | None]] = []
    unknown = dict.fromkeys(("p25_days", "median_days", "p75_days", "p90_days", "lost_share"))
    for position in range(stages):
        here = stayed[stayed["position"] == position]
        if here.empty:
            rows.append({"position": position, "stays": 0, "open": 0, **unknown})
            continue
        curve = kaplan_meier(here["days"], here["ended"])
        causes = incidence(here["days"], np.where(here["ended"], np.where(here["end"] == LOST, 2, 1), 0), 2)
        last = causes.iloc[-1]
        ended = float(last["cause_1"] + last["cause_2"])
        rows.append(
            {
                "position": position,
                "stays": len(here),
                "open": int((~here["ended"]).sum()),
                "p25_days": quantile_of(curve, 0.25),
                "median_days": quantile_of(curve),
                "p75_days": quantile_of(curve, 0.75),
                "p90_days": quantile_of(curve, 0.9),
                "lost_share": float(last["cause_2"]) / ended if ended else None,
            }
        )
    return pd.DataFrame(rows)


def outcomes(days: npt.ArrayLike, states: npt.ArrayLike) -> pd.DataFrame:
    """Days from creation to the end, or to today where still open, and the states -> duration, open, won, lost: the shares by
    then, which add up to one (Aalen-Johansen)."""
    names = np.asarray(states, dtype=object)
    curves = incidence(days, np.select([names == WON, names == LOST], [1, 2], 0), 2)
    return curves.rename(columns={"still": OPEN, "cause_1": WON, "cause_2": LOST})


def compare_funnels(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Two tables of `funnel_of` -> position, entered_1, entered_2, conversion_1, conversion_2, difference (first - second), low,
    high (Newcombe), clear (zero lies outside); empty where nobody came so far on one of the sides."""
    rows = []
    counts = ["position", "entered", "went_on"]
    sides = (table[counts].to_numpy(dtype=np.int64).tolist() for table in (first, second))
    for (position, came_1, on_1), (_, came_2, on_2) in zip(*sides, strict=True):
        row: dict[str, Any] = {"position": position, "entered_1": came_1, "entered_2": came_2}
        if came_1 and came_2:
            found = newcombe(on_1, came_1, on_2, came_2)
            row |= {"conversion_1": found.first, "conversion_2": found.second, "difference": found.difference}
            row |= {"low": found.low, "high": found.high, "clear": found.is_clear}
        rows.append(row)
    names = ["position", "entered_1", "entered_2", "conversion_1", "conversion_2", "difference", "low", "high", "clear"]
    return pd.DataFrame(rows, columns=names)


def compare(deals: pd.DataFrame, by: str, first: object, second: object) -> Difference:
    """The share won of those decided, of one value of a column against another, with Newcombe's interval."""
    require_columns(deals, ("state", by))
    decided = deals[deals["state"] != OPEN]
    won = decided["state"] == WON
    sides = [decided[by] == value for value in (first, second)]
    (hits_1, n_1), (hits_2, n_2) = ((int((won & side).sum()), int(side.sum())) for side in sides)
    return newcombe(hits_1, n_1, hits_2, n_2)


def win_rates(deals: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Deals with `amount` -> the columns of `by`, won, lost, open, win_rate (won / decided), low, high, won_amount, average_deal,
    days_to_win (mean, from created_on to closed_on), velocity (amount that a day of the pipeline brings: open deals x win rate x
    average deal / days to win)."""
    require_columns(deals, ("state", "amount", "created_on", "closed_on"))
    names = [by] if isinstance(by, str) else list(by)
    won = deals["state"] == WON
    days = (pd.to_datetime(deals["closed_on"]) - pd.to_datetime(deals["created_on"])).dt.days
    facts = deals[names].assign(
        **{state: (deals["state"] == state).astype("int64") for state in (WON, LOST, OPEN)},
        won_amount=deals["amount"].where(won, 0.0),
        days_to_win=days.where(won),
    )
    groups = facts.groupby(names, dropna=False, observed=True)
    return rates_of(groups[[WON, LOST, OPEN, "won_amount", "days_to_win"]].sum().reset_index())


def rates_of(sums: pd.DataFrame) -> pd.DataFrame:
    """Any keys, won, lost, open (deals), won_amount, days_to_win (sums) -> columns of `win_rates`."""
    won, decided = sums[WON].replace(0, np.nan), (sums[WON] + sums[LOST]).replace(0, np.nan)
    low, high = wilson(sums[WON], sums[WON] + sums[LOST])
    table = sums.assign(days_to_win=sums["days_to_win"] / won)
    rate, average = table[WON] / decided, table["won_amount"] / won
    pace = table[OPEN] * rate * average / table["days_to_win"].replace(0, np.nan)
    return table.assign(win_rate=rate, low=low, high=high, average_deal=average, velocity=pace)
