"""What is promised: working calendars and policies."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Shared
from crm.analytics import working_time
from crm.database import Code, Name, Record


class Clock(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Late(StrEnum):
    """At which of these somebody above is told."""

    AMBER = "amber"
    RED = "red"
    BREACHED = "breached"


class Promised(Shared):
    """Seen by everybody, changed by those who may set policies."""

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.may("policies", "support")


class WorkingCalendar(Record, Promised):
    """When the firm works, in its own zone."""

    __tablename__ = "working_calendar"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_working_calendar_name", ("name",)): "There is already a calendar of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    zone: Mapped[str] = mapped_column(Code)
    week: Mapped[list[Any]]
    """Monday to Sunday, each as "08:30-12:00, 13:30-17:30"; "" = nobody works."""
    holidays: Mapped[list[Any]] = mapped_column(default=list)
    """ISO days without work"""
    extra_days: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """ISO day -> its hours: a Saturday worked in place of a holiday"""

    @property
    def title(self) -> str:
        return self.name

    def hours(self) -> working_time.WorkingCalendar:
        """As the clocks take it."""
        return working_time.WorkingCalendar(
            self.zone,
            [working_time.day_blocks(day) for day in self.week],
            frozenset(dt.date.fromisoformat(day) for day in self.holidays),
            {dt.date.fromisoformat(day): working_time.day_blocks(hours) for day, hours in self.extra_days.items()},
        )


class SlaPolicy(Record, Promised):
    """What is promised to whom: the first in order whose level, priority and kind fit a case holds for it."""

    __tablename__ = "sla_policy"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_sla_policy_name", ("name",)): "There is already a policy of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    position: Mapped[int] = mapped_column(default=0)
    level: Mapped[str | None] = mapped_column(Code)
    """Of the customer; None = any. So are the next two."""
    priority: Mapped[str | None] = mapped_column(Code)
    kind: Mapped[str | None] = mapped_column(Code)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("working_calendar.id"))
    first_response_seconds: Mapped[int | None]
    """Working seconds; None = nothing is promised."""
    next_response_seconds: Mapped[int | None]
    resolution_seconds: Mapped[int | None]
    pausing: Mapped[list[Any]] = mapped_column(default=list)
    """States in which the clocks stand still."""

    calendar: Mapped[WorkingCalendar] = relationship()

    @property
    def title(self) -> str:
        return self.name

    def seconds(self, clock: Clock) -> int | None:
        found: int | None = getattr(self, f"{clock}_seconds")
        return found

    def fits(self, level: str | None, priority: str, kind: str) -> bool:
        asked = ((self.level, level), (self.priority, priority), (self.kind, kind))
        return all(wanted in (None, given) for wanted, given in asked)
