"""The clocks of a service case, replayed from its events: nothing about them is ever stored.

Events: case_id, at (UTC), state, target (seconds allowed by the policy in force from here on; NaN = none), calendar (a key);
in any order. A clock runs in some states, pauses in others, and is over in the rest; a reopened case runs on from where it
was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_missing, require_columns
from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import Seconds, WorkingTime, moments_of, seconds_of

EVENT = ("case_id", "at", "state", "target", "calendar")
RUNNING, PAUSED, OVER = "running", "paused", "ended"
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Events:
    """Of many clocks, each column as an array of the same length: which clock (a number), at (seconds since 1970), does it run or
    pause from there on, target (seconds, NaN = none), calendar (keys)."""

    clock: npt.NDArray[np.int64]
    at: Seconds
    running: Flags
    paused: Flags
    target: Seconds
    calendar: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Standing:
    """How clocks stand, a place in each array for each clock that has begun, by its number: used, target, left in working
    seconds, due and breached_at in seconds since 1970 (NaN = never), state: running, paused, ended."""

    clock: npt.NDArray[np.int64]
    used: Seconds
    target: Seconds
    left: Seconds
    due: Seconds
    breached_at: Seconds
    state: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Spans:
    """The times between events that are known by now, clock by clock in their order."""

    events: Events
    end: Seconds
    """Of the last: now."""
    last: Flags
    worked: Seconds
    """Working seconds of this span."""
    used: Seconds
    """By its end."""


def spans(events: Events, now: datetime, working: Mapping[str, WorkingTime]) -> Spans:
    """What lies after `now` is not known yet and left out."""
    known = np.flatnonzero(events.at <= now.timestamp())
    order = known[np.lexsort((events.at[known], events.clock[known]))]
    told = Events(**{each.name: getattr(events, each.name)[order] for each in fields(Events)})
    following = told.clock[1:] == told.clock[:-1]
    last = np.append(~following, np.ones(min(order.size, 1), dtype=bool))
    end = np.where(last, now.timestamp(), np.roll(told.at, -1))
    worked = np.zeros(order.size)
    for key, rows in _by_calendar(told.calendar, told.running):
        worked[rows] = _of(working, key).between(told.at[rows], end[rows])
    used = np.asarray(pd.Series(worked).groupby(told.clock).cumsum(), dtype=np.float64)
    return Spans(told, end, last, worked, used)


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
    require_columns(events, EVENT)
    refuse_missing(events, ("case_id", "at", "state", "calendar"))
    number, cases = pd.factorize(events["case_id"], sort=True)
    runs, pauses = (events["state"].isin(set(states)).to_numpy() for states in (running, paused))
    target, calendar = events["target"].to_numpy(dtype="float64"), events["calendar"].to_numpy(dtype="object")
    found = standing(Events(number.astype("int64"), seconds_of(events["at"]), runs, pauses, target, calendar), now, working)
    told = {name: getattr(found, name) for name in ("used", "target", "left", "due", "breached_at", "state")}
    told |= {name: moments_of(told[name]) for name in ("due", "breached_at")}
    return pd.DataFrame(told, index=pd.Index(cases[found.clock], name="case_id"))


def standing(events: Events, now: datetime, working: Mapping[str, WorkingTime]) -> Standing:
    """As `clocks`, from arrays and in arrays: of very few events as quick as of very many."""
    found = spans(events, now, working)
    told, last = found.events, found.last
    # At once where a stricter target came into force than what was used before, be it in a pause.
    before = told.target - (found.used - found.worked)
    over = ((found.worked > 0) & (found.worked > before)) | (told.paused & (before < 0))
    breach = _after(told.calendar, told.at, before.clip(min=0), over, working)
    running, paused = told.running[last], told.paused[last]
    used, target = found.used[last], told.target[last]
    left = target - used
    due = _after(told.calendar[last], np.full(used.size, now.timestamp()), left, running & (left > 0), working)
    begins = np.flatnonzero(np.roll(last, 1))
    breached = np.fmin.reduceat(breach, begins) if begins.size else breach
    state = np.where(running, RUNNING, np.where(paused, PAUSED, OVER)).astype(object)
    return Standing(told.clock[last], used, target, left, due, breached, state)


def _after(
    calendar: npt.NDArray[np.object_], start: Seconds, seconds: Seconds, asked: Flags, working: Mapping[str, WorkingTime]
) -> Seconds:
    """The moment at which so many working seconds have passed; NaN where it is not asked for."""
    moment = np.full(start.size, np.nan)
    for key, rows in _by_calendar(calendar, asked):
        moment[rows] = _of(working, key).after(start[rows], seconds[rows])
    return moment


def _by_calendar(calendar: npt.NDArray[np.object_], asked: Flags) -> list[tuple[str, Flags]]:
    """Of what is asked for: each calendar and where it holds."""
    return [(key, asked & (calendar == key)) for key in dict.fromkeys(calendar[asked].tolist())]


def _of(working: Mapping[str, WorkingTime], key: str) -> WorkingTime:
    if key not in working:
        raise AnalyticsError("There is no working calendar {calendar}.", calendar=str(key))
    return working[key]


def answers(said: Iterable[tuple[float, bool]]) -> list[tuple[float, float | None]]:
    """What was said on one case in its order (when, by the customer?) -> each time the customer began to wait, and when the first
    answer after it came (None = not yet). Further words of the customer while he waits start no new wait."""
    found: list[tuple[float, float | None]] = []
    waiting = False
    for at, by_customer in said:
        if by_customer and not waiting:
            found.append((at, None))
        elif waiting and not by_customer:
            found[-1] = found[-1][0], at
        waiting = by_customer
    return found
