"""Who can be given a lead or a customer of a pool, and whose turn it is."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from crm.access import GRANTS
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadEvent
from crm.session import ScopedSession
from crm.staff.absences import away
from crm.staff.models import OrgUnit, User, UserState

CLAIMERS = tuple(role for role, areas in GRANTS.items() if "marketing" in areas and "claim" in areas["marketing"].may)


def takers(session: ScopedSession, unit_id: int, day: dt.date) -> dict[int, str]:
    """Who works in a unit or below it and can be given something on a day: id -> name. Frozen, left and absent people are not."""
    query = select(User.id, User.name).where(User.state == UserState.ACTIVE, User.role.in_(CLAIMERS))
    query = query.where(User.unit_id.in_(_below(session, unit_id))).order_by(User.id)
    absent = away(session, day)
    return {row.id: row.name for row in session.execute(query) if row.id not in absent}


def _below(session: ScopedSession, unit_id: int) -> set[int]:
    parents = {row.id: row.parent_id for row in session.execute(select(OrgUnit.id, OrgUnit.parent_id))}
    found, waiting = {unit_id}, [unit_id]
    while waiting:
        above = waiting.pop()
        children = {one for one, parent in parents.items() if parent == above} - found
        found |= children
        waiting += children
    return found


def last_given(session: ScopedSession, ids: list[int]) -> dict[int, int]:
    """Person -> number of the newest event that gave him a lead; those who never got one are missing."""
    newest = select(LeadEvent.to_owner_id, func.max(LeadEvent.id)).where(LeadEvent.to_owner_id.in_(ids))
    newest = newest.where(LeadEvent.from_owner_id.is_distinct_from(LeadEvent.to_owner_id)).group_by(LeadEvent.to_owner_id)
    return {int(one): number for one, number in session.execute(newest) if one is not None}


def open_leads(session: ScopedSession, ids: list[int]) -> dict[int, int]:
    """Person -> how many open leads he has; those without any are missing."""
    query = select(Lead.owner_id, func.count(Lead.id)).where(Lead.owner_id.in_(ids), Lead.state.in_(OPEN))
    return {int(one): count for one, count in session.execute(query.group_by(Lead.owner_id)) if one is not None}


__all__ = ["CLAIMERS", "last_given", "open_leads", "takers"]
