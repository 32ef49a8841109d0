"""What is promised: calendars, policies, colours; and which policy holds for a case."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import select

from crm.analytics.working_time import WorkingTime, always
from crm.customers.models import Customer
from crm.database import frame
from crm.office.queries import setting
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.support.colours import KEY, ColourRules
from crm.support.models import Clock, SlaPolicy, WorkingCalendar

ROUND_THE_CLOCK = "always"
"""The calendar of cases to whom nothing is promised."""


def calendars(session: ScopedSession) -> pd.DataFrame:
    """-> id, name, zone, week, holidays, extra_days, version; by name."""
    kind = WorkingCalendar
    query = select(kind.id, kind.name, kind.zone, kind.week, kind.holidays, kind.extra_days, kind.version)
    return frame(session, query.order_by(kind.name))


def calendar(session: ScopedSession, calendar_id: int) -> WorkingCalendar:
    return get(session, WorkingCalendar, calendar_id)


def policies(session: ScopedSession) -> pd.DataFrame:
    """In order -> id, name, position, level, priority, kind, calendar, first_response_seconds, next_response_seconds,
    resolution_seconds, pausing, version."""
    kind = SlaPolicy
    query = select(
        kind.id,
        kind.name,
        kind.position,
        kind.level,
        kind.priority,
        kind.kind,
        WorkingCalendar.name.label("calendar"),
        kind.first_response_seconds,
        kind.next_response_seconds,
        kind.resolution_seconds,
        kind.pausing,
        kind.version,
    ).join(WorkingCalendar, WorkingCalendar.id == kind.calendar_id)
    return frame(session, query.order_by(kind.position, kind.id))


def policy(session: ScopedSession, policy_id: int) -> SlaPolicy:
    return get(session, SlaPolicy, policy_id)


def colour_rules(session: ScopedSession) -> ColourRules:
    stored = setting(session, KEY) or {}
    return ColourRules.model_validate({name: value for name, value in stored.items() if name in ColourRules.model_fields})


def promised(session: ScopedSession, combinations: pd.DataFrame) -> pd.DataFrame:
    """level, priority, kind -> the same rows with calendar (a key of `working`), pausing (a set), first_response, next_response,
    resolution (seconds, missing = nothing promised)."""
    found = list(session.scalars(select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id)))

    def terms(level: Any, priority: str, kind: str) -> tuple[Any, ...]:
        one = next((each for each in found if each.fits(level, priority, kind)), None)
        if one is None:
            return (ROUND_THE_CLOCK, frozenset(), None, None, None)
        return (str(one.calendar_id), frozenset(one.pausing), *(one.seconds(clock) for clock in Clock))

    keys = combinations[["level", "priority", "kind"]].astype(object)
    rows = [terms(*row) for row in keys.where(keys.notna(), None).itertuples(index=False)]
    names = ["calendar", "pausing", *(clock.value for clock in Clock)]
    told = pd.DataFrame(rows, columns=names, index=combinations.index)
    return combinations.assign(**told.astype({clock.value: "float64" for clock in Clock}))


@dataclass(frozen=True)
class Promise:
    """What is promised to a case: the policy, and by when if it began now; None = nothing."""

    policy: str | None = None
    calendar: str | None = None
    zone: str = "UTC"
    pausing: tuple[str, ...] = ()
    """States of a case in which its clocks stand still"""
    seconds: dict[str, int | None] = field(default_factory=dict)
    due: dict[str, dt.datetime] = field(default_factory=dict)
    """In the zone of the calendar"""


def promise_for(
    session: ScopedSession, priority: str, kind: str, customer_id: int | None = None, level: str | None = None
) -> Promise:
    """To a case that begins now, by the names of the clocks; of this customer, or of one of this level."""
    if customer_id is not None:
        level = session.scalar(select(Customer.level).where(Customer.id == customer_id))
    found = session.scalars(select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id))
    one = next((each for each in found if each.fits(level, priority, kind)), None)
    if one is None:
        return Promise()
    at = moment(session)
    hours, now = working(session, at, at)[str(one.calendar_id)], [at.timestamp()]
    seconds = {clock.value: one.seconds(clock) for clock in (Clock.FIRST_RESPONSE, Clock.RESOLUTION)}
    ends = {name: float(hours.after(now, [float(allowed)])[0]) for name, allowed in seconds.items() if allowed is not None}
    zone = ZoneInfo(one.calendar.zone)
    due = {name: dt.datetime.fromtimestamp(end, zone) for name, end in ends.items() if end == end}  # not NaN
    return Promise(one.name, one.calendar.name, one.calendar.zone, tuple(one.pausing), seconds, due)


def overruled(session: ScopedSession) -> dict[int, str]:
    """Policies that hold for no case, because one above them fits all that they fit -> the name of that one."""
    above: list[SlaPolicy] = []
    found = {}
    for one in session.scalars(select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id)):
        wider = (
            each for each in above if all(asked in (None, given) for asked, given in zip(_asked(each), _asked(one), strict=True))
        )
        if (first := next(wider, None)) is not None:
            found[one.id] = first.name
        above.append(one)
    return found


def _asked(one: SlaPolicy) -> tuple[str | None, ...]:
    return one.level, one.priority, one.kind


def working(session: ScopedSession, first: dt.datetime, last: dt.datetime) -> dict[str, WorkingTime]:
    """Calendars by their keys, laid out for the years of both moments and one more."""
    years = first.year, last.year + 1
    found = {str(one.id): one for one in session.scalars(select(WorkingCalendar))}
    laid = {key: _laid_out(_key(one), *years) for key, one in found.items()}
    return {ROUND_THE_CLOCK: _laid_out(None, *years), **laid}


Hours = tuple[str, tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]


def _key(one: WorkingCalendar) -> Hours:
    return one.zone, tuple(one.week), tuple(one.holidays), tuple(sorted(one.extra_days.items()))


@lru_cache(maxsize=64)
def _laid_out(hours: Hours | None, first: int, last: int) -> WorkingTime:
    """Laying out years of days takes a while, and nothing changes them but an administrator."""
    days = dt.datetime(first, 1, 1, tzinfo=dt.UTC) - dt.timedelta(1), dt.datetime(last, 12, 31, tzinfo=dt.UTC)
    if hours is None:
        return WorkingTime(always(), *days)
    zone, week, holidays, extra = hours
    told = WorkingCalendar(zone=zone, week=list(week), holidays=list(holidays), extra_days=dict(extra))
    return WorkingTime(told.hours(), *days)
