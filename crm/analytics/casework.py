"""How a service desk does, from its cases: what waits, what comes and goes, how long it takes, how often it is in time.

Cases: opened, answered, solved, ended (seconds since 1970, UTC; NaN = not yet or not known; ended = solved, or closed without),
is_open, waiting (for the customer or a third), unassigned, merged (True, False), made_sla (1, 0; NaN = nothing promised, or not
solved), reopened (how often), and keys such as team_id or kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.durations import kaplan_meier, quantiles_by
from crm.analytics.proportions import wilson

AGES = ((1, "up_to_1_day"), (3, "2_to_3_days"), (7, "4_to_7_days"), (30, "8_to_30_days"), (None, "over_30_days"))
"""Days since a case was opened, and what they are called."""
MEASURES = {"first_response": "answered", "resolution": "solved"}
"""What is waited for -> the column that says when it came."""
POINTS = 160
"""Of a curve that is drawn."""
DAY, WEEK = 86_400.0, 604_800.0

Floats = npt.NDArray[np.float64]


def start_of(day: dt.date) -> float:
    """Of the UTC day, in seconds since 1970."""
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()


def between(moments: Any, first: dt.date, last: dt.date) -> npt.NDArray[np.bool_]:
    """From day to day, the last one counts."""
    seconds = np.asarray(moments, dtype=np.float64)
    return (seconds >= start_of(first)) & (seconds < start_of(last) + DAY)


def open_by_age(cases: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """-> age (each of AGES), cases, unassigned, waiting, opened_from, opened_to (days; missing = no limit)."""
    firsts = [day - dt.timedelta(days - 1) if days else None for days, _ in AGES]
    lasts = [None, *(one - dt.timedelta(1) for one in firsts[:-1] if one)]
    here = cases[cases["is_open"].to_numpy()]
    limits = [start_of(first) for first in firsts if first]
    age = len(limits) - np.searchsorted(limits[::-1], here["opened"].to_numpy(), side="right")
    counts = {name: np.bincount(age, here[name], len(AGES)).astype("int64") for name in ("unassigned", "waiting")}
    days = {"opened_from": pd.Series(firsts, dtype="object"), "opened_to": pd.Series(lasts, dtype="object")}
    return pd.DataFrame({"age": [name for _, name in AGES], "cases": np.bincount(age, minlength=len(AGES)), **counts, **days})


def flow(cases: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """All that is open, and all that was opened or ended since `first` -> week (its Monday, which may lie before), arrived,
    ended (from `first` to `last`), backlog (open when the week ended, or the last day)."""
    monday = first - dt.timedelta(first.weekday())
    weeks = pd.date_range(monday, last, freq="7D")
    known = cases[(cases["is_open"] | cases["ended"].notna()).to_numpy()]
    moments = {name: known[column].to_numpy() for name, column in (("arrived", "opened"), ("ended", "ended"))}
    told = {
        name: np.bincount(((at[between(at, first, last)] - start_of(monday)) // WEEK).astype(int), minlength=len(weeks))
        for name, at in moments.items()
    }
    beyond = start_of(last) + DAY
    later = int((moments["ended"] >= beyond).sum()) - int((moments["arrived"] >= beyond).sum())
    grown = np.cumsum(told["arrived"] - told["ended"])
    at_end = int(known["is_open"].sum()) + later
    return pd.DataFrame({"week": weeks, **told, "backlog": at_end - grown[-1] + grown})


def times(cases: pd.DataFrame, now: float, by: str | None = None) -> pd.DataFrame:
    """Hours as the customer waits, day and night; cases that are still open count as far as they have come -> measure
    (first_response, resolution), key (of `by`), cases, ended, median, p90 (missing where the cases do not reach so far). Ended
    cases of which nobody knows when it was are left out, and those that were merged into another."""
    places, keys = _groups(cases, by)
    found = [pd.DataFrame(columns=["measure", "key", "cases", "ended", "median", "p90"])]
    for measure in MEASURES:
        known, hours, ended = _hours(cases, measure, now)
        if hours.size:
            told = quantiles_by(places[known], hours, ended).rename(columns={"0.5": "median", "0.9": "p90"})
            found.append(told.assign(measure=measure, key=keys[told.pop("group").to_numpy()]))
    return pd.concat(found[1:] or found, ignore_index=True)[found[0].columns]


def waits(cases: pd.DataFrame, now: float, level: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier of both measures -> measure, duration (hours), still, low, high; at most POINTS rows each, to be drawn."""
    found = [pd.DataFrame(columns=["measure", "duration", "still", "low", "high"])]
    for measure in MEASURES:
        _, hours, ended = _hours(cases, measure, now)
        if hours.size:
            curve = kaplan_meier(hours.round(2), ended, level)
            at = np.unique(np.linspace(0, len(curve) - 1, POINTS).round().astype(int))
            found.append(curve.iloc[at].assign(measure=measure))
    return pd.concat(found[1:] or found, ignore_index=True)[found[0].columns]


def _hours(cases: pd.DataFrame, measure: str, now: float) -> tuple[npt.NDArray[np.bool_], Floats, npt.NDArray[np.bool_]]:
    """-> of which cases it is known; of these the hours, and whether it came."""
    end = cases[MEASURES[measure]].to_numpy(dtype=np.float64)
    came = ~np.isnan(end)
    known = (came | cases["is_open"].to_numpy()) & ~cases["merged"].to_numpy()
    hours = (np.where(came, end, now) - cases["opened"].to_numpy(dtype=np.float64))[known] / 3600
    return known, np.clip(hours, 0, None), came[known]


def kept(cases: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Solved cases to which something was promised -> key, decided, kept, share, low, high (Wilson, 95 %); most first."""
    known = cases[cases["made_sla"].notna().to_numpy()]
    return _shares(known, known["made_sla"], by, "decided", "kept")


def reopened(cases: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Cases that were solved at least once -> key, solved, reopened, share, low, high (Wilson, 95 %); most first."""
    once = cases[(cases["ended"].notna() | (cases["reopened"] > 0)).to_numpy()]
    return _shares(once, once["reopened"] > 0, by, "solved", "reopened")


def _shares(cases: pd.DataFrame, hits: Any, by: str | None, trials: str, successes: str) -> pd.DataFrame:
    places, keys = _groups(cases, by)
    every = np.bincount(places, minlength=len(keys))
    came = np.bincount(places, np.asarray(hits, dtype=np.float64), len(keys))
    low, high = wilson(came, every)
    order = np.argsort(-every, kind="stable")
    told = {"key": keys, trials: every, successes: came.astype("int64"), "share": came / np.maximum(every, 1)}
    return pd.DataFrame({name: values[order] for name, values in (told | {"low": low, "high": high}).items()})


def most(cases: pd.DataFrame, by: str, limit: int = 10) -> pd.DataFrame:
    """-> key (missing = not given), cases, share (of all), open; most first."""
    places, keys = _groups(cases, by)
    every = np.bincount(places, minlength=len(keys))
    is_open = np.bincount(places, cases["is_open"], len(keys)).astype("int64")
    order = np.argsort(-every, kind="stable")[:limit]
    told = {"key": keys, "cases": every, "share": every / max(len(cases), 1), "open": is_open}
    return pd.DataFrame({name: values[order] for name, values in told.items()})


def _groups(cases: pd.DataFrame, by: str | None) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
    """The group of each case, and the key of each group (None = not given)."""
    if by is None:
        return np.zeros(len(cases), dtype=np.intp), np.array([None] if len(cases) else [], dtype=object)
    places, keys = pd.factorize(cases[by], use_na_sentinel=False)
    plain = [None if pd.isna(key) else key for key in keys.tolist()]
    found = np.empty(len(plain), dtype=object)
    found[:] = plain
    return places, found


__all__ = ["AGES", "MEASURES", "between", "flow", "kept", "most", "open_by_age", "reopened", "start_of", "times", "waits"]
