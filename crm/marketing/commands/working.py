"""Work a lead: what was done with it, that it leads nowhere, and that it is taken up again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from crm.customers.models import Customer
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.marketing.commands.entries import open_entry, put_in, take_out
from crm.marketing.commands.leads import move
from crm.marketing.commands.nurturing import go_on_nurturing, stop_nurturing
from crm.marketing.commands.scores import rescore
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadState, PoolKind, PoolMove, PoolReason
from crm.office.commands import ActivityResult, LoggedActivity, finish_activity, log_activity
from crm.office.models import Activity
from crm.office.queries import activity, today
from crm.session import ScopedSession, get
from crm.staff.models import User, UserState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Invalidation(Input):
    reason: Reason
    second_follow_up_on: dt.date | None = Field(
        default=None, description="On this day it is taken up again; empty = it goes to the invalid pool."
    )


class SecondFollowUp(Input):
    second_follow_up_on: dt.date | None = None


def work_lead(session: ScopedSession, lead_id: int, input: LoggedActivity) -> Activity:
    """Log what was done with a lead; the first time it becomes a worked one."""
    lead = get(session, Lead, lead_id)
    done = log_activity(session, "lead", lead_id, input)
    _note_work(session, lead)
    return done


def finish_lead_activity(session: ScopedSession, activity_id: int, input: ActivityResult, version: int) -> Activity:
    """A planned activity with a lead is done: as `work_lead`."""
    planned = activity(session, activity_id)
    if planned.subject_type != "lead":
        raise Invalid("This activity is not one with a lead.")
    done = finish_activity(session, activity_id, input, version)
    lead = get(session, Lead, planned.subject_id)
    _note_work(session, lead)
    go_on_nurturing(session, lead, done)
    return done


def _note_work(session: ScopedSession, lead: Lead) -> None:
    if lead.state == LeadState.ASSIGNED:
        move(session, lead, LeadState.WORKED, lead.owner_id)
        lead.worked_at = lead.worked_at or now()
        session.flush()
    rescore(session, lead)


def invalidate_lead(session: ScopedSession, lead_id: int, input: Invalidation, version: int | None = None) -> Lead:
    """It leads nowhere, with the reason: into the invalid pool, or to be taken up again on a day."""
    lead = get(session, Lead, lead_id)
    if lead.state not in OPEN:
        raise Invalid("{name} is closed already.", name=lead.name)
    _check_day(session, input.second_follow_up_on)
    stop_nurturing(session, lead.id)
    entry = open_entry(session, lead)
    values = {"invalid_reason": input.reason, "second_follow_up_on": input.second_follow_up_on}
    change(session, lead, values, lead.version if version is None else version)
    lead.closed_at = now()
    move(session, lead, LeadState.INVALID, lead.owner_id, input.reason)
    session.flush()
    if entry is not None:
        take_out(session, entry, PoolMove.CLOSED, "{name} leads nowhere: {remark}", remark=input.reason)
    if input.second_follow_up_on is None:
        _discard(session, lead)
    return lead


def plan_second_follow_up(session: ScopedSession, lead_id: int, input: SecondFollowUp, version: int) -> Lead:
    """When a failed lead is taken up again; without a day it goes to the invalid pool."""
    lead = get(session, Lead, lead_id)
    if lead.state != LeadState.INVALID:
        raise Invalid("{name} has not failed: plan an activity with it.", name=lead.name)
    _check_day(session, input.second_follow_up_on)
    entry = open_entry(session, lead)
    change(session, lead, input.model_dump(), version)
    session.flush()
    if input.second_follow_up_on is not None and entry is not None:
        day = input.second_follow_up_on
        take_out(session, entry, PoolMove.RESTORED, "{name} is taken up again on {day}.", day=day)
    elif input.second_follow_up_on is None and entry is None:
        _discard(session, lead)
    return lead


def reopen_lead(session: ScopedSession, lead_id: int, reason: str) -> Lead:
    """The second chance of a failed lead: its owner has it again; where he is gone it goes to the public pool."""
    lead = get(session, Lead, lead_id)
    if lead.state != LeadState.INVALID:
        raise Invalid("{name} has not failed.", name=lead.name)
    entry, previous_id = open_entry(session, lead), lead.owner_id
    owner = session.get(User, previous_id) if previous_id else None
    active = owner is not None and owner.state == UserState.ACTIVE
    state = LeadState.ASSIGNED if active else LeadState.COLLECTED
    move(session, lead, state, previous_id if active else None, reason or "second conversion")
    lead.closed_at, lead.invalid_reason, lead.second_follow_up_on = None, None, None
    lead.assigned_at = now() if active else lead.assigned_at
    session.flush()
    if entry is not None:
        take_out(session, entry, PoolMove.RESTORED, "{name} is taken up again: {remark}", remark=reason or "—")
    if not active:
        to_public_pool(session, lead, previous_id, reason)
    rescore(session, lead)
    return lead


def to_public_pool(session: ScopedSession, subject: Customer | Lead, previous_id: int | None, remark: str | None) -> None:
    put_in(
        session,
        subject,
        PoolKind.PUBLIC,
        PoolReason.RESTORED,
        PoolMove.RESTORED,
        "{name} came back to the public pool: {remark}",
        previous_owner_id=previous_id,
        remark=remark,
    )


def _discard(session: ScopedSession, lead: Lead) -> None:
    put_in(
        session,
        lead,
        PoolKind.INVALID,
        PoolReason.INVALID,
        PoolMove.DISCARDED,
        "{name} leads nowhere: {remark}",
        previous_owner_id=lead.owner_id,
        remark=lead.invalid_reason,
    )


def _check_day(session: ScopedSession, day: dt.date | None) -> None:
    if day is not None and day <= today(session):
        raise Invalid("The second follow-up lies in the future.", field="second_follow_up_on")
