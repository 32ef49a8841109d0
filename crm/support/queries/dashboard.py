"""How the service goes: what is open, what comes and goes, how long it takes, how often it is in time. Days are UTC days.

Asked once for all figures: a question for each would weigh who sees what once for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import String, func, or_, select, type_coerce

from crm.analytics import casework
from crm.analytics.clock import OVER
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.staff.models import User
from crm.support.filters import ENDED_AT, CaseFilter, beginning
from crm.support.models import OPEN, Case, CaseState, Escalation, Problem
from crm.support.queries.clocks import clocks_of, most_urgent
from crm.support.queries.listing import ANY
from crm.support.queries.naming import names_of
from crm.support.queries.satisfaction import csat_of

By = Literal["team", "kind", "priority", "product", "channel", "owner"]
KEYS: dict[str, str] = {"team": "team_id", "owner": "owner_id", "product": "product_id"}
"""Where the column of what is told apart has another name than itself."""
_WAITING = (CaseState.WAITING_CUSTOMER.value, CaseState.WAITING_THIRD.value)
_ABOUT = (Case.team_id, Case.owner_id, Case.kind, Case.priority, Case.product_id, Case.channel, Case.cause, Case.problem_id)


@dataclass(frozen=True)
class ServiceFigures:
    """Of the cases opened in a period, but for what is open now and what ended in it."""

    cases: int
    now: dict[str, int]
    """open, unassigned, breached (a clock of an open case has used up its time)"""
    numbers: dict[str, tuple[float | None, float | None]]
    """In the period, and in as many days before: arrivals, closures, first_response and resolution (hours, median), within_sla,
    reopened (shares), csat (mean); and open: now, and when the period began"""
    ages: pd.DataFrame
    weeks: pd.DataFrame
    times: pd.DataFrame
    waits: pd.DataFrame
    groups: pd.DataFrame
    """Of what was asked `by`: key, name, cases, median, p90, first_median, first_p90, decided, kept, share, low, high, solved,
    reopened, again, again_low, again_high; most cases first"""
    causes: pd.DataFrame
    problems: pd.DataFrame
    products: pd.DataFrame
    """key, name (of a problem, a product), cases, share, open; most first"""


def service_figures(
    session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY, by: By = "team"
) -> ServiceFigures:
    now, days = moment(session), dt.timedelta((until - since).days + 1)
    every = case_facts(session, since - days, since, where)
    cases = every[casework.between(every["opened"], since, until)]
    weeks = casework.flow(every, since, until)
    numbers = _numbers(every, since, until, now)
    return ServiceFigures(
        cases=len(cases),
        now=_now(session, every),
        numbers=numbers | {"open": _open(every, weeks), "csat": csat_of(session, since - days, since, until, where)},
        ages=casework.open_by_age(every, now.date()),
        weeks=weeks,
        times=casework.times(cases, now.timestamp()),
        waits=casework.waits(cases, now.timestamp()),
        groups=_groups(session, cases, now, by),
        causes=casework.most(cases, "cause"),
        problems=_named_problems(session, casework.most(cases[cases["problem_id"].notna()], "problem_id")),
        products=_named(session, "product", casework.most(cases, "product_id")),
    )


def case_facts(session: ScopedSession, opened_from: dt.date, since: dt.date, where: CaseFilter = ANY) -> pd.DataFrame:
    """Cases opened from the one day on, or ended from the other on, or open -> id and the columns of crm.analytics.casework, with
    team_id, owner_id, kind, priority, product_id, channel, cause, problem_id."""
    # Very many rows: moments as the database keeps them, read at once.
    moments = {"opened": Case.opened_at, "answered": Case.answered_at, "solved": Case.solved_at, "ended": ENDED_AT}
    columns = [type_coerce(column, String).label(name) for name, column in moments.items()]
    is_open, waiting = Case.state.in_(OPEN), Case.state.in_(_WAITING)
    flags = {"is_open": is_open, "waiting": waiting, "merged": Case.merged_into_id.is_not(None)}
    flags |= {"unassigned": Case.owner_id.is_(None)}
    query = select(Case.id, *columns, *_ABOUT, Case.made_sla, Case.reopened, *(one.label(name) for name, one in flags.items()))
    recent = or_(Case.opened_at >= beginning(opened_from), beginning(since) <= ENDED_AT, is_open)
    found = frame(session, query.where(recent, *where.conditions()))
    told = {name: _seconds(found[name]) for name in moments}
    return found.assign(
        **told, made_sla=found["made_sla"].astype("float64"), **{name: found[name].astype(bool) for name in flags}
    )


def _seconds(moments: pd.Series[Any]) -> Any:
    at = pd.to_datetime(moments, utc=True, format="ISO8601").to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(at), np.nan, at.astype("int64") / 1e6)


def _now(session: ScopedSession, cases: pd.DataFrame) -> dict[str, int]:
    here = cases[cases["is_open"]]
    late = 0
    if len(here):
        urgent = most_urgent(clocks_of(session, here["id"].tolist()))
        late = int((urgent["breached_at"].notna() & (urgent["left"].astype("float64") < 0) & (urgent["state"] != OVER)).sum())
    return {"open": len(here), "unassigned": int(here["unassigned"].sum()), "breached": late}


Pair = tuple[float | None, float | None]


def _numbers(every: pd.DataFrame, since: dt.date, until: dt.date, now: dt.datetime) -> dict[str, Pair]:
    """Of this period and of the one before."""
    days = dt.timedelta((until - since).days + 1)
    spans = [(since, until), (since - days, since - dt.timedelta(1))]
    opened, ended = ([casework.between(every[name], *span) for span in spans] for name in ("opened", "ended"))
    both = every.assign(period=np.select(opened, [0, 1], -1))
    both = both[both["period"] >= 0]
    medians = casework.times(both, now.timestamp(), "period")
    told = {name: _pair(medians[medians["measure"] == name], "median") for name in casework.MEASURES}
    told |= {"within_sla": _pair(casework.kept(both, "period"), "share")}
    told |= {"reopened": _pair(casework.reopened(both, "period"), "share")}
    counts = {"arrivals": opened, "closures": ended}
    return told | {name: (float(there[0].sum()), float(there[1].sum())) for name, there in counts.items()}


def _pair(found: pd.DataFrame, column: str) -> Pair:
    known = dict(zip(found["key"], found[column], strict=True))
    return _known(known.get(0)), _known(known.get(1))


def _open(every: pd.DataFrame, weeks: pd.DataFrame) -> Pair:
    """Now, and when the period began."""
    first = weeks.iloc[0]
    return float(every["is_open"].sum()), float(first["backlog"] - first["arrived"] + first["ended"])


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _groups(session: ScopedSession, cases: pd.DataFrame, now: dt.datetime, by: By) -> pd.DataFrame:
    key = KEYS.get(by, by)
    told = casework.most(cases, key, len(cases))[["key", "cases"]]
    times = casework.times(cases, now.timestamp(), key)
    first = {"median": "first_median", "p90": "first_p90"}
    again = {"share": "again", "low": "again_low", "high": "again_high"}
    parts = (
        times.loc[times["measure"] == "resolution", ["key", "median", "p90"]],
        times.loc[times["measure"] == "first_response", ["key", *first]].rename(columns=first),
        casework.kept(cases, key),
        casework.reopened(cases, key).rename(columns=again),
    )
    for part in parts:
        told = told.merge(part, on="key", how="left")
    return _named(session, by, told)


def _named(session: ScopedSession, by: str, told: pd.DataFrame) -> pd.DataFrame:
    return told.assign(name=names_of(session, by, told["key"]))


def _named_problems(session: ScopedSession, told: pd.DataFrame) -> pd.DataFrame:
    ids = [int(one) for one in told["key"]]
    names = dict(session.execute(select(Problem.id, Problem.name).where(Problem.id.in_(ids))).all())
    return told.assign(name=pd.Series([names.get(one) for one in ids], index=told.index, dtype="object"))


def escalated(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY, limit: int = 10) -> pd.DataFrame:
    """From day to day, newest first -> id (of the case), number, subject, clock, level (amber, red, breached), to, at, state,
    total (of all)."""
    about = (Case.id, Case.number, Case.subject, Escalation.clock, Escalation.level, User.name.label("to"), Escalation.at)
    query = select(*about, Case.state, func.count().over().label("total")).select_from(Escalation)
    query = query.join(Case, Case.id == Escalation.case_id).outerjoin(User, User.id == Escalation.to_id)
    at = Escalation.at
    days = at >= beginning(since), at < beginning(until + dt.timedelta(1))
    # Few cases are told of: without naming them the planner would weigh for each case of all who sees it.
    told = select(Escalation.case_id).where(*days)
    query = query.where(*days, Case.id.in_(told), *where.conditions())
    return frame(session, through_parent(query.order_by(at.desc(), Escalation.id.desc()).limit(limit), Escalation))


def newest_case(session: ScopedSession, where: CaseFilter = ANY) -> dt.date | None:
    """The day on which the last one was opened."""
    found = session.scalar(select(func.max(Case.opened_at)).where(*where.conditions()))
    return found.date() if found else None
