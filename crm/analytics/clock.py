"""The clocks of a service case, replayed from its events: nothing about them is ever stored.

Events: case_id, at (UTC), state, target (seconds allowed by the policy in force from here on; NaN = none), calendar (a key);
in any order. A clock runs in some states, pauses in others, and is over in the rest; a reopened case runs on from where it
was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from crm.analytics.checks import refuse_missing, require_columns
from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import Seconds, WorkingTime, moments_of, seconds_of

EVENT = ("case_id", "at", "state", "target", "calendar")


def spans(events: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Events -> case_id, start, end (seconds since 1970; of the last: now), state, target, calendar, last; what lies after
    `now` is not known yet and left out."""
    require_columns(events, EVENT)
    refuse_missing(events, ("case_id", "at", "state", "calendar"))
    at = seconds_of(events["at"])
    known = events.assign(start=at)[at <= now.timestamp()].sort_values(["case_id", "start"], kind="stable")
    last = ~known["case_id"].duplicated(keep="last")
    end = known["start"].shift(-1).where(~last, now.timestamp())
    return known.assign(end=end, last=last)[["case_id", "start", "end", "state", "target", "calendar", "last"]].reset_index(
        drop=True
    )


def clocks(
    events: pd.DataFrame,
    now: datetime,
    working: Mapping[str, WorkingTime],
    *,
    running: Collection[str],
    paused: Collection[str] = (),
) -> pd.DataFrame:
    """Events -> indexed by case_id: used (working seconds), target (of the policy in force at the end), left (target - used), due
    (the moment at which the target will be used up if nothing pauses the clock; NaT while it does not run, or where it is used
    up already), breached_at (when the time allowed was first exceeded; NaT = never), state: running, paused, ended.

    A change of the target, as by a change of priority, keeps the time used."""
    found = spans(events, now)
    used_here = np.where(found["state"].isin(set(running)), _worked(found, working), 0.0)
    found = found.assign(here=used_here)
    found["until"] = found.groupby("case_id")["here"].cumsum()
    found["breach"] = _breach(found, found["state"].isin(set(paused)), working)
    groups = found.groupby("case_id")
    last = found[found["last"]].set_index("case_id")
    used, target = groups["here"].sum(), last["target"].astype("float64")
    state = pd.Series("ended", index=last.index).mask(last["state"].isin(set(paused)), "paused")
    state = state.mask(last["state"].isin(set(running)), "running")
    left = target - used
    open_ = (state == "running") & (left > 0)
    due = np.where(open_, _after(last["calendar"], pd.Series(now.timestamp(), index=last.index), left, working), np.nan)
    breached = groups["breach"].min().to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "used": used,
            "target": target,
            "left": left,
            "due": moments_of(due),
            "breached_at": moments_of(breached),
            "state": state,
        }
    )


def _worked(found: pd.DataFrame, working: Mapping[str, WorkingTime]) -> Seconds:
    seconds = np.zeros(len(found))
    for key, rows in found.groupby("calendar").indices.items():
        part = found.iloc[rows]
        seconds[rows] = _of(working, key).between(part["start"], part["end"])
    return seconds


def _breach(found: pd.DataFrame, paused: pd.Series, working: Mapping[str, WorkingTime]) -> Seconds:
    """Within each span: the moment at which more was used than its target allows; at once where a stricter target came into
    force than what was used before, be it in a pause."""
    before = found["until"] - found["here"]
    left = found["target"].astype("float64") - before
    over = ((found["here"] > 0) & (found["here"] > left)) | (paused & (left < 0))
    moment = np.full(len(found), np.nan)
    rows = found.loc[over]
    moment[np.flatnonzero(over)] = _after(rows["calendar"], rows["start"], left[over].clip(lower=0), working)
    return moment


def _after(calendar: pd.Series, start: pd.Series, seconds: pd.Series, working: Mapping[str, WorkingTime]) -> Seconds:
    moment = np.full(len(calendar), np.nan)
    for key, rows in calendar.groupby(calendar).indices.items():
        moment[rows] = _of(working, key).after(start.iloc[rows], seconds.iloc[rows])
    return moment


def _of(working: Mapping[str, WorkingTime], key: object) -> WorkingTime:
    if key not in working:
        raise AnalyticsError("There is no working calendar {calendar}.", calendar=str(key))
    return working[str(key)]


def answers(comments: pd.DataFrame) -> pd.DataFrame:
    """What was said on cases (case_id, at, by_customer) -> case_id, asked_at, answered_at (NaT = not yet), first: each time the
    customer began to wait, and the first answer after it. Further words of the customer while he waits start no new wait."""
    require_columns(comments, ("case_id", "at", "by_customer"))
    ordered = comments.sort_values(["case_id", "at"], kind="stable")
    asks = ordered["by_customer"].astype(bool)
    same = ordered["case_id"].eq(ordered["case_id"].shift())
    begins = asks & ~(same & asks.shift(fill_value=False))
    ends = ~asks & same & asks.shift(fill_value=False)
    waits = ordered.loc[begins, ["case_id", "at"]].rename(columns={"at": "asked_at"}).reset_index(drop=True)
    number = begins.astype("int64").cumsum()
    answered = pd.Series(ordered.loc[ends, "at"].to_numpy(), index=number[ends].to_numpy() - 1)
    waits["answered_at"] = pd.to_datetime(answered.reindex(range(len(waits))).to_numpy(), utc=True)
    waits["first"] = ~waits["case_id"].duplicated()
    return waits
