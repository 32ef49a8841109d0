"""What is promised: calendars, policies, colours; and which policy holds for a case."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
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
Asked = tuple[str | None, str, str]
"""Level of a customer (None = not known), priority and kind of a case."""
_IN_ORDER = select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id)


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


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised: the calendar (a key of `working`), states in which the clocks stand still, seconds by clock."""

    calendar: str = ROUND_THE_CLOCK
    pausing: frozenset[str] = frozenset()
    seconds: Mapping[Clock, float] = field(default_factory=lambda: dict.fromkeys(Clock, math.nan))
    """NaN = nothing is promised."""


def promised(session: ScopedSession, combinations: Collection[Asked]) -> dict[Asked, Terms]:
    """Level of the customer, priority and kind of the case -> what is promised to each of these."""
    found = list(session.scalars(_IN_ORDER))
    return {asked: _terms(_first(found, *asked)) for asked in combinations}


def _terms(one: SlaPolicy | None) -> Terms:
    if one is None:
        return Terms()
    allowed = {clock: one.seconds(clock) for clock in Clock}
    seconds = {clock: math.nan if found is None else float(found) for clock, found in allowed.items()}
    return Terms(str(one.calendar_id), frozenset(one.pausing), seconds)


def _first(found: Iterable[SlaPolicy], level: str | None, priority: str, kind: str) -> SlaPolicy | None:
    return next((each for each in found if each.fits(level, priority, kind)), None)


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
    one = _first(session.scalars(_IN_ORDER), level, priority, kind)
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
    for one in session.scalars(_IN_ORDER):
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
