"""Leads and opportunities that were open all through a month without anybody doing anything with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Integer, case, cast, func, or_, select

from crm.customers.models import Customer
from crm.database import Instant, frame
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadEvent
from crm.office.models import Activity
from crm.pipeline.models import Opportunity, OpportunityChange, OpportunityState, Stage
from crm.session import ScopedSession, through_parent
from crm.staff.models import User

SIZE = 50
DEAL, LEAD = "opportunity", "lead"
Ids = tuple[int, ...]


@dataclass(frozen=True)
class Month:
    """From its first day up to a day of it, in the firm's zone; `times`: actions asked for."""

    since: dt.date
    until: dt.date
    zone: str
    times: int

    def begins(self, column: Any) -> Any:
        return self._of(column, self.since)

    def ends(self, column: Any) -> Any:
        """The first day or moment after it."""
        return self._of(column, self.until + dt.timedelta(1))

    def _of(self, column: Any, day: dt.date) -> Any:
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.zone)) if isinstance(column.type, Instant) else day


@dataclass(frozen=True)
class _Kind:
    """What is open: when it began and ended, and the events in which it went from one owner to another."""

    name: str
    record: Any
    began: Any
    ended: Any
    is_open: Any
    event: Any
    of: Any
    before: Any
    moved: Any


_KINDS = {
    DEAL: _Kind(
        DEAL,
        Opportunity,
        Opportunity.created_on,
        Opportunity.closed_on,
        Opportunity.state == OpportunityState.OPEN,
        OpportunityChange,
        OpportunityChange.opportunity_id,
        cast(OpportunityChange.before, Integer),
        OpportunityChange.field == "owner_id",
    ),
    LEAD: _Kind(
        LEAD,
        Lead,
        Lead.created_at,
        Lead.closed_at,
        Lead.state.in_(OPEN),
        LeadEvent,
        LeadEvent.lead_id,
        LeadEvent.from_owner_id,
        func.coalesce(LeadEvent.from_owner_id, 0) != func.coalesce(LeadEvent.to_owner_id, 0),
    ),
}


def open_counts(session: ScopedSession, kind: str, month: Month, people: Ids) -> dict[int, tuple[int, int]]:
    """Of each person -> what was open all through the month, and how much of it without enough actions."""
    asked = _KINDS[kind]
    idle = func.sum(case((asked.record.id.in_(_acted(asked, month)), 0), else_=1))
    owner, query = _open(asked, month, people, func.count(asked.record.id), idle)
    return {one: (int(held), int(left)) for one, held, left in session.execute(query.group_by(owner))}


def idle_rows(
    session: ScopedSession, kind: str, month: Month, people: Ids, page: int = 1, size: int | None = SIZE
) -> pd.DataFrame:
    """What was open all through the month without enough actions, the oldest first -> id, name, customer, stage (of a deal) or
    state (of a lead), person_id, person, since_on, last_action_on."""
    asked = _KINDS[kind]
    named: dict[str, Any] = {"id": asked.record.id, "name": asked.record.name}
    named |= {"stage": Stage.code} if kind == DEAL else {"state": Lead.state}
    named |= {"customer": Customer.name, "person": User.name, "since_on": asked.began}
    owner, query = _open(asked, month, people, *(column.label(name) for name, column in named.items()))
    query = query.outerjoin(Customer, Customer.id == asked.record.customer_id).outerjoin(User, User.id == owner)
    query = query.join(Stage, Stage.id == Opportunity.stage_id) if kind == DEAL else query
    query = query.where(asked.record.id.not_in(_acted(asked, month))).order_by(asked.began, asked.record.id)
    found = frame(session, query if size is None else query.limit(size).offset((page - 1) * size))
    if isinstance(asked.began.type, Instant):
        found["since_on"] = found["since_on"].dt.tz_convert(month.zone).dt.date
    return found.assign(last_action_on=found["id"].map(_last_actions(session, asked, month, found["id"])).astype("object"))


def _last_actions(session: ScopedSession, asked: _Kind, month: Month, ids: Any) -> dict[int, dt.date]:
    query: Any = select(Activity.subject_id, func.max(Activity.happened_on)).where(Activity.subject_type == asked.name)
    query = query.join(asked.record, asked.record.id == Activity.subject_id).where(Activity.happened_on <= month.until)
    query = query.where(asked.record.id.in_(ids.tolist())).group_by(Activity.subject_id)
    return {row[0]: row[1] for row in session.execute(through_parent(query, Activity))}


def _open(asked: _Kind, month: Month, people: Ids, *columns: Any) -> tuple[Any, Any]:
    """-> whose it was at the end of the month, and the question for what was his and open from its first to its last day."""
    later = select(asked.of.label("record_id"), func.min(asked.event.id).label("first"))
    later = later.where(asked.moved, asked.event.at >= month.ends(asked.event.at)).group_by(asked.of)
    handed = later.subquery()
    owner = case((handed.c.first.is_not(None), asked.before), else_=asked.record.owner_id)
    during = select(asked.of).where(asked.moved, asked.event.at >= month.begins(asked.event.at))
    query = select(owner.label("person_id"), *columns).select_from(asked.record)
    query = query.outerjoin(handed, handed.c.record_id == asked.record.id).outerjoin(
        asked.event, asked.event.id == handed.c.first
    )
    # Of events and activities only those count whose record is seen.
    return owner, through_parent(query, asked.event, Activity).where(
        owner.in_(people),
        asked.began < month.begins(asked.began),
        or_(asked.is_open, asked.ended >= month.ends(asked.ended)),
        asked.record.id.not_in(during.where(asked.event.at < month.ends(asked.event.at))),
    )


def _acted(asked: _Kind, month: Month) -> Any:
    done = select(Activity.subject_id).where(Activity.subject_type == asked.name)
    done = done.where(Activity.happened_on >= month.since, Activity.happened_on <= month.until)
    return done.group_by(Activity.subject_id).having(func.count(Activity.id) >= month.times)


__all__ = ["DEAL", "LEAD", "Month", "idle_rows", "open_counts"]
