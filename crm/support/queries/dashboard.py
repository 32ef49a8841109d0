"""How the service goes: what is open, what comes and goes, how long it takes, how often it is in time. Days are UTC days."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import String, case, func, select, type_coerce

from crm.analytics.durations import kaplan_meier, quantile_of
from crm.analytics.proportions import wilson
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession
from crm.support.filters import CaseFilter, beginning
from crm.support.models import OPEN, Case, CaseState
from crm.support.queries.listing import ANY
from crm.support.queries.naming import names_of

AGES = ((1, "up_to_1_day"), (3, "2_to_3_days"), (7, "4_to_7_days"), (30, "8_to_30_days"), (None, "over_30_days"))
"""Days since a case was opened, and what they are called."""

By = Literal["team", "owner", "priority", "kind", "product", "channel"]
_KEYS: dict[str, Any] = {"team": Case.team_id, "owner": Case.owner_id, "product": Case.product_id}
_KEYS |= {"priority": Case.priority, "kind": Case.kind, "channel": Case.channel}

ENDED_AT: Any = func.coalesce(Case.solved_at, Case.closed_at)


def open_by_age(session: ScopedSession, where: CaseFilter = ANY) -> pd.DataFrame:
    """-> age (each of AGES), cases, unassigned, waiting (for the customer or a third), opened_from, opened_to (days, for the list
    of these cases; missing = no limit)."""
    day = moment(session).date()
    limits = [(Case.opened_at >= beginning(day - dt.timedelta(days - 1)), age) for days, age in AGES if days]
    age = case(*limits, else_=AGES[-1][1]).label("age")
    waiting = Case.state.in_((CaseState.WAITING_CUSTOMER, CaseState.WAITING_THIRD))
    counts = (
        func.count(Case.id).label("cases"),
        func.sum(case((Case.owner_id.is_(None), 1), else_=0)).label("unassigned"),
        func.sum(case((waiting, 1), else_=0)).label("waiting"),
    )
    found = frame(session, select(age, *counts).where(Case.state.in_(OPEN), *where.conditions()).group_by(age))
    told = found.set_index("age").reindex([name for _, name in AGES], fill_value=0).astype("int64").reset_index()
    first = [day - dt.timedelta(days - 1) if days else None for days, _ in AGES]
    last = [None, *(one - dt.timedelta(1) for one in first[:-1] if one)]
    return told.assign(opened_from=pd.Series(first, dtype="object"), opened_to=pd.Series(last, dtype="object"))


def arrivals_and_closures(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY) -> pd.DataFrame:
    """By week from day to day -> week (its Monday), arrived, ended (solved, or closed without), backlog (open when it ended)."""
    first = since - dt.timedelta(since.weekday())
    weeks = pd.date_range(first, until, freq="7D", name="week")
    arrived, ended = (_by_day(session, column, until, where) for column in (Case.opened_at, ENDED_AT))
    told = pd.DataFrame(index=weeks)
    for name, counts in (("arrived", arrived), ("ended", ended)):
        days = pd.DatetimeIndex(counts.index[counts.index >= pd.Timestamp(first)])
        monday = days - pd.to_timedelta(days.day_of_week.to_numpy(), unit="D")
        told[name] = counts.reindex(days).groupby(monday).sum().reindex(weeks, fill_value=0)
    before = [int(counts[counts.index < pd.Timestamp(first)].sum()) for counts in (arrived, ended)]
    told["backlog"] = before[0] - before[1] + (told["arrived"] - told["ended"]).cumsum()
    return told.astype("int64").reset_index()


def _by_day(session: ScopedSession, column: Any, until: dt.date, where: CaseFilter) -> pd.Series[int]:
    day = func.date(column)
    query = select(type_coerce(day, String).label("day"), func.count(Case.id).label("cases")).select_from(Case)
    query = query.where(column < beginning(until + dt.timedelta(1)), *where.conditions()).group_by(day)
    found = frame(session, query)
    return pd.Series(found["cases"].to_numpy(dtype="int64"), index=pd.DatetimeIndex(pd.to_datetime(found["day"])))


def times(session: ScopedSession, where: CaseFilter = ANY, by: By | None = None) -> pd.DataFrame:
    """Hours as the customer waits, day and night; cases that are still open count as far as they have come -> measure
    (first_response, resolution), key, name, cases, ended, median, p90 (missing where the cases do not reach so far); closed cases
    of which nobody knows when they were solved are left out of the resolution."""
    found = _durations(session, where, by)
    rows = []
    for measure, end in (("first_response", "answered_at"), ("resolution", "solved_at")):
        known = found if measure == "first_response" else found[found["solved_at"].notna() | found["is_open"]]
        known = known[known["answered_at"].notna() | known["is_open"]] if measure == "first_response" else known
        hours = (known[end].fillna(pd.Timestamp(moment(session))) - known["opened_at"]).dt.total_seconds().clip(lower=0) / 3600
        told = pd.DataFrame({"key": known["key"] if by else None, "hours": hours, "ended": known[end].notna()})
        groups: Any = told.groupby("key", dropna=False) if by else [(None, told)]
        rows += [(measure, key, len(part), *_quantiles(part)) for key, part in groups if len(part)]
    shown = pd.DataFrame(rows, columns=["measure", "key", "cases", "ended", "median", "p90"])
    shown.insert(2, "name", names_of(session, by, shown["key"]))
    return shown


def _quantiles(part: pd.DataFrame) -> tuple[int, float, float]:
    curve = kaplan_meier(part["hours"], part["ended"], None)
    median, p90 = (quantile_of(curve, share) for share in (0.5, 0.9))
    return int(part["ended"].sum()), np.nan if median is None else median, np.nan if p90 is None else p90


def _durations(session: ScopedSession, where: CaseFilter, by: By | None) -> pd.DataFrame:
    """-> opened_at, answered_at, solved_at, is_open, key. Very many rows: moments as the database keeps them, read at once."""
    names = ("opened_at", "answered_at", "solved_at")
    columns = [type_coerce(getattr(Case, name), String).label(name) for name in names]
    key = [_KEYS[by].label("key")] if by else []
    merged = Case.merged_into_id.is_(None)
    found = frame(session, select(*columns, Case.state.in_(OPEN).label("is_open"), *key).where(merged, *where.conditions()))
    told = {name: pd.to_datetime(found[name], utc=True, format="ISO8601") for name in names}
    return found.assign(**told, is_open=found["is_open"].astype(bool))


def within_sla(session: ScopedSession, where: CaseFilter = ANY, by: By = "team") -> pd.DataFrame:
    """Solved cases to which something was promised -> key, name, decided, kept, share, low, high (Wilson, 95 %); most first."""
    kept = func.sum(case((Case.made_sla.is_(True), 1), else_=0)).label("kept")
    query = select(_KEYS[by].label("key"), func.count(Case.id).label("decided"), kept)
    found = frame(session, query.where(Case.made_sla.is_not(None), *where.conditions()).group_by(_KEYS[by]))
    return _shares(session, found, by, "kept", "decided")


def reopen_rate(session: ScopedSession, where: CaseFilter = ANY, by: By = "team") -> pd.DataFrame:
    """Cases that were solved at least once -> key, name, solved, reopened, share, low, high (Wilson, 95 %); most first."""
    again = func.sum(case((Case.reopened > 0, 1), else_=0)).label("reopened")
    once = (ENDED_AT.is_not(None)) | (Case.reopened > 0)
    query = select(_KEYS[by].label("key"), func.count(Case.id).label("solved"), again)
    found = frame(session, query.where(once, *where.conditions()).group_by(_KEYS[by]))
    return _shares(session, found, by, "reopened", "solved")


def _shares(session: ScopedSession, found: pd.DataFrame, by: By, hits: str, trials: str) -> pd.DataFrame:
    told = found.astype({hits: "int64", trials: "int64"})
    low, high = wilson(told[hits], told[trials])
    told.insert(1, "name", names_of(session, by, told["key"]))
    told = told.assign(share=told[hits] / told[trials], low=low, high=high)
    return told.sort_values(trials, ascending=False, kind="stable", ignore_index=True)


def top_causes(session: ScopedSession, where: CaseFilter = ANY, limit: int = 10) -> pd.DataFrame:
    """-> cause (missing = nobody said), cases, share (of all), open; most first."""
    counts = (func.count(Case.id).label("cases"), func.sum(case((Case.state.in_(OPEN), 1), else_=0)).label("open"))
    query = select(Case.cause, *counts).where(*where.conditions()).group_by(Case.cause)
    found = frame(session, query.order_by(func.count(Case.id).desc(), Case.cause))
    told = found.assign(share=found["cases"] / max(int(found["cases"].sum()), 1))
    return told[["cause", "cases", "share", "open"]].head(limit)


def top_problems(session: ScopedSession, where: CaseFilter = ANY, limit: int = 10) -> pd.DataFrame:
    """Known problems with most cases -> problem_id, cases, open."""
    counts = (func.count(Case.id).label("cases"), func.sum(case((Case.state.in_(OPEN), 1), else_=0)).label("open"))
    query = select(Case.problem_id, *counts).where(Case.problem_id.is_not(None), *where.conditions()).group_by(Case.problem_id)
    return frame(session, query.order_by(func.count(Case.id).desc()).limit(limit))
