"""What the firm promises: calendars, policies, colours."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import select

from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import day_blocks
from crm.customers.models import Level
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.commands import put_setting
from crm.office.models import Setting
from crm.session import WITH_DELETED, ScopedSession, get
from crm.support.colours import KEY, ColourRules
from crm.support.models import OPEN, CaseKind, CaseState, Priority, SlaPolicy, WorkingCalendar

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Hours = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Seconds = Annotated[int, Field(ge=60, le=366 * 86_400)]

R = TypeVar("R", WorkingCalendar, SlaPolicy)

OFFICE_HOURS = "08:30-12:00, 13:30-17:30"
WAITING = [CaseState.WAITING_CUSTOMER.value, CaseState.WAITING_THIRD.value]
HOUR = 3600


class CalendarInput(Input):
    name: Called
    zone: Called = "Asia/Shanghai"
    week: list[Hours] = Field(default_factory=lambda: [OFFICE_HOURS] * 5 + ["", ""], min_length=7, max_length=7)
    """Monday to Sunday."""
    holidays: list[dt.date] = Field(default_factory=list)
    extra_days: dict[dt.date, Hours] = Field(default_factory=dict)
    """Days with hours of their own."""

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no time zone of this name") from error
        return zone

    def check(self) -> None:
        try:
            blocks = [day_blocks(hours) for hours in (*self.week, *self.extra_days.values())]
        except AnalyticsError as error:
            raise Invalid(error.template, field="week", **error.values) from error
        if not any(blocks[:7]):
            raise Invalid("Somebody has to work on some day.", field="week")

    def values(self) -> dict[str, Any]:
        told = self.model_dump()
        days = {day.isoformat(): hours for day, hours in sorted(self.extra_days.items())}
        return told | {"holidays": [day.isoformat() for day in sorted(set(self.holidays))], "extra_days": days}


class PolicyInput(Input):
    name: Called
    level: Level | None = Field(None, description="Of the customer; empty = any.")
    priority: Priority | None = Field(None, description="Empty = any.")
    kind: CaseKind | None = Field(None, description="Empty = any.")
    calendar_id: int
    first_response_seconds: Seconds | None = Field(None, description="Working seconds; empty = nothing is promised.")
    next_response_seconds: Seconds | None = None
    resolution_seconds: Seconds | None = None
    pausing: list[CaseState] = Field(
        default_factory=lambda: [CaseState(state) for state in WAITING], description="States in which the clocks stand still."
    )

    @field_validator("pausing")
    @classmethod
    def _open(cls, states: list[str]) -> list[str]:
        if not set(states) <= set(OPEN):
            raise ValueError("only open states pause a clock")
        return states


def add_calendar(session: ScopedSession, input: CalendarInput) -> WorkingCalendar:
    session.actor.must("policies", "support")
    input.check()
    return _added(session, WorkingCalendar, input.values())


def edit_calendar(session: ScopedSession, calendar_id: int, input: CalendarInput, version: int) -> WorkingCalendar:
    """Clocks are replayed: all open ones follow the new hours, also for the past."""
    session.actor.must("policies", "support")
    input.check()
    found = get(session, WorkingCalendar, calendar_id)
    change(session, found, input.values(), version)
    session.flush()
    return found


def remove_calendar(session: ScopedSession, calendar_id: int) -> None:
    """Refused while a policy counts by it."""
    session.actor.must("policies", "support")
    found = get(session, WorkingCalendar, calendar_id)
    used = session.scalars(select(SlaPolicy.name).where(SlaPolicy.calendar_id == calendar_id)).first()
    if used is not None:
        raise Invalid("The policy {name} counts by this calendar.", name=used)
    found.deleted_at = now()
    session.flush()


def add_policy(session: ScopedSession, input: PolicyInput) -> SlaPolicy:
    """It comes last; `reorder_policies` puts it in its place."""
    session.actor.must("policies", "support")
    get(session, WorkingCalendar, input.calendar_id)
    positions = session.scalars(select(SlaPolicy.position)).all()
    return _added(session, SlaPolicy, input.model_dump(mode="json") | {"position": 1 + max(positions, default=-1)})


def _added(session: ScopedSession, kind: type[R], values: dict[str, Any]) -> R:
    """One of this name that was removed comes back, with the new values."""
    same = select(kind).where(kind.name == values["name"], kind.deleted_at.is_not(None))
    added = session.scalars(same, execution_options={WITH_DELETED: True}).first()
    if added is None:
        added = kind()
        session.add(added)
    for name, value in (values | {"deleted_at": None}).items():
        setattr(added, name, value)
    session.flush()
    return added


def edit_policy(session: ScopedSession, policy_id: int, input: PolicyInput, version: int) -> SlaPolicy:
    """Open cases follow at once; what was solved keeps the result of its day."""
    session.actor.must("policies", "support")
    get(session, WorkingCalendar, input.calendar_id)
    found = get(session, SlaPolicy, policy_id)
    change(session, found, input.model_dump(mode="json"), version)
    session.flush()
    return found


def reorder_policies(session: ScopedSession, policy_ids: list[int]) -> None:
    """All of them, in their new order: the first that fits a case holds for it."""
    session.actor.must("policies", "support")
    found = {one.id: one for one in session.scalars(select(SlaPolicy))}
    if sorted(found) != sorted(policy_ids):
        raise Invalid("Name every policy once.")
    for position, policy_id in enumerate(policy_ids):
        found[policy_id].position = position
    session.flush()


def remove_policy(session: ScopedSession, policy_id: int) -> None:
    session.actor.must("policies", "support")
    get(session, SlaPolicy, policy_id).deleted_at = now()
    session.flush()


def set_colours(session: ScopedSession, rules: ColourRules) -> Setting:
    rules.check()
    return put_setting(session, KEY, rules.model_dump(mode="json"))


STANDARD = [
    ("VIP", {"level": "vip"}, (HOUR // 2, 2 * HOUR, 8 * HOUR)),
    ("Critical", {"priority": "critical"}, (HOUR // 2, 2 * HOUR, 8 * HOUR)),
    ("High", {"priority": "high"}, (HOUR, 4 * HOUR, 16 * HOUR)),
    ("Normal", {"priority": "normal"}, (4 * HOUR, 8 * HOUR, 40 * HOUR)),
    ("Low", {}, (8 * HOUR, 16 * HOUR, 80 * HOUR)),
]
"""The policies that a firm starts with: to whom, and working seconds to the first response, the next ones, the resolution."""


def seed_policies(session: ScopedSession) -> None:
    """A calendar of office hours and the standard policies, where there is none yet."""
    if session.scalars(select(WorkingCalendar.id)).first() is not None:
        return
    hours = add_calendar(session, CalendarInput(name="Office hours"))
    for name, whom, (first, following, resolution) in STANDARD:
        times = {"first_response_seconds": first, "next_response_seconds": following, "resolution_seconds": resolution}
        add_policy(session, PolicyInput.model_validate({"name": name, "calendar_id": hours.id, **whom, **times}))
