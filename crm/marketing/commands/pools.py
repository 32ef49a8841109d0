"""Into the pools by hand, and out of them by who leads the unit; claiming is in `claiming`, the automatic in `recycling`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy import Select, select

from crm.access import Reach
from crm.customers.commands.details import board_of, first_ownership
from crm.customers.commands.ownership import end_interval
from crm.customers.models import Customer
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid, Refused
from crm.marketing.commands.assigning import Turns
from crm.marketing.commands.entries import put_in, take_out
from crm.marketing.commands.leads import able_taker, move
from crm.marketing.commands.working import reopen_lead, to_public_pool
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadState, PoolEntry, PoolKind, PoolMove, PoolReason
from crm.marketing.pooling import AssignmentWay
from crm.session import ScopedSession, get
from crm.staff.models import User

Remark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Release(Input):
    """What its owner gives away, and why."""

    customer_ids: tuple[int, ...] = ()
    lead_ids: tuple[int, ...] = ()
    remark: Remark


class Gift(Input):
    """To whom what lies in the public pool goes."""

    way: AssignmentWay = AssignmentWay.BY_HAND
    owner_id: int | None = None
    unit_id: int | None = None
    """Among whom it is his turn; empty = the whole board."""
    remark: Remark


def release(session: ScopedSession, what: Release, kept: Collection[int]) -> int:
    """Into the public pool, by the owner or who leads his unit -> how many.

    kept: customers with a running contract or an open deal, whom the areas above know; these never leave.
    """
    for customer_id in what.customer_ids:
        customer = _leaving(session, customer_id, kept)
        put_in_pool(
            session,
            customer,
            PoolKind.PUBLIC,
            PoolReason.RELEASED,
            PoolMove.RELEASED,
            "{owner} released {name}: {remark}",
            remark=what.remark,
        )
    for lead_id in what.lead_ids:
        lead = _leaving_lead(session, lead_id)
        put_in_pool(
            session,
            lead,
            PoolKind.PUBLIC,
            PoolReason.RELEASED,
            PoolMove.RELEASED,
            "{owner} released {name}: {remark}",
            remark=what.remark,
        )
    return len(what.customer_ids) + len(what.lead_ids)


def discard_customers(session: ScopedSession, ids: Collection[int], remark: str, kept: Collection[int]) -> int:
    """Into the invalid pool: closed for good, wrong, never to be worked -> how many."""
    for customer_id in ids:
        customer = _leaving(session, customer_id, kept)
        put_in_pool(
            session,
            customer,
            PoolKind.INVALID,
            PoolReason.INVALID,
            PoolMove.DISCARDED,
            "{owner} took {name} out of work: {remark}",
            remark=remark,
        )
    return len(ids)


def put_in_pool(
    session: ScopedSession,
    subject: Customer | Lead,
    pool: PoolKind,
    reason: PoolReason,
    what: PoolMove,
    template: str,
    remark: str | None = None,
    **values: object,
) -> PoolEntry:
    """Nobody's from now on: the interval of the owner ends, a lead is collected again."""
    owner = session.get(User, subject.owner_id) if subject.owner_id else None
    previous_id = subject.owner_id
    if isinstance(subject, Customer):
        end_interval(session, subject.id)
        subject.owner_id = None
    else:
        move(session, subject, LeadState.COLLECTED, None, str(reason))
    told = {"owner": owner.name if owner else "—", **values}
    return put_in(session, subject, pool, reason, what, template, previous_owner_id=previous_id, remark=remark, **told)


def _leaving(session: ScopedSession, customer_id: int, kept: Collection[int]) -> Customer:
    customer = get(session, Customer, customer_id)
    if customer.id in kept:
        raise Refused("{name} has a running contract or an open deal and stays with his owner.", name=customer.name)
    if customer.owner_id is None:
        raise Invalid("{name} lies in a pool already.", name=customer.name)
    _require_keeper(session, customer, "customers")
    return customer


def _leaving_lead(session: ScopedSession, lead_id: int) -> Lead:
    lead = get(session, Lead, lead_id)
    if lead.state not in OPEN:
        raise Invalid("{name} is closed already.", name=lead.name)
    if lead.owner_id is None and session.scalars(_lying(lead)).first() is not None:
        raise Invalid("{name} lies in a pool already.", name=lead.name)
    _require_keeper(session, lead, "marketing")
    return lead


def _lying(lead: Lead) -> Select[PoolEntry]:
    return select(PoolEntry).where(PoolEntry.lead_id == lead.id, PoolEntry.left_at.is_(None))


def _require_keeper(session: ScopedSession, subject: Customer | Lead, area: str) -> None:
    """With whom it is only shared does not give it away."""
    actor = session.actor
    reach = actor.grant(area).change
    keeps = reach is not Reach.NOTHING and subject.owner_id == actor.user_id
    if not keeps and reach is not Reach.EVERYTHING and not (reach is Reach.TEAM and subject.team_id in actor.team_ids):
        raise Refused("Only the owner, or who leads his unit, can give {name} away.", name=subject.name)


# ------------------------------------------------------------------------------------------------------ out again


def give(session: ScopedSession, entry_ids: Collection[int], to: Gift) -> int:
    """What lies in the public pool goes to a person, or to those whose turn it is -> how many."""
    session.actor.must("assign", "marketing")
    if to.way == AssignmentWay.BY_HAND and to.owner_id is None:
        raise Invalid("Choose to whom.", field="owner_id")
    turns = Turns(session, to.way)
    for entry_id in entry_ids:
        entry = _in(session, entry_id, PoolKind.PUBLIC)
        by_hand = to.way == AssignmentWay.BY_HAND and to.owner_id is not None
        owner_id = to.owner_id if by_hand and to.owner_id is not None else turns.next(to.unit_id or entry.board_id)
        owner = able_taker(session, owner_id)
        hand_out(session, entry, owner, to.remark)
        take_out(session, entry, PoolMove.ASSIGNED, "{name} was assigned to {owner}.", to_id=owner.id, owner=owner.name)
    return len(entry_ids)


def hand_out(session: ScopedSession, entry: PoolEntry, owner: User, reason: str) -> Customer | Lead:
    """The record gets its owner, and a new interval begins."""
    if board_of(session, owner.unit_id).id != entry.board_id:
        raise Refused("{name} lies in the pool of another board.", name=entry.name)
    if entry.lead_id is not None:
        lead = get(session, Lead, entry.lead_id)
        _require_nobodys(lead)
        move(session, lead, LeadState.ASSIGNED, owner.id, reason)
        lead.team_id, lead.assigned_at = owner.unit_id, now()
        session.flush()
        return lead
    customer = get(session, Customer, entry.customer_id)
    _require_nobodys(customer)
    customer.owner_id, customer.team_id = owner.id, owner.unit_id
    session.add(first_ownership(customer, session.actor.user_id, reason))
    session.flush()
    return customer


def _require_nobodys(subject: Customer | Lead) -> None:
    if subject.owner_id is not None:
        raise Invalid("{name} has an owner already, or is no longer there.", name=subject.name)


def restore(session: ScopedSession, entry_ids: Collection[int], remark: str) -> int:
    """Out of the invalid pool -> how many. A lead goes back to its owner, a customer to the public pool."""
    session.actor.must("recycle", "marketing")
    for entry_id in entry_ids:
        entry = _in(session, entry_id, PoolKind.INVALID)
        if entry.lead_id is not None:
            reopen_lead(session, entry.lead_id, remark)
            continue
        customer = get(session, Customer, entry.customer_id)
        take_out(session, entry, PoolMove.RESTORED, "{name} came back to the public pool: {remark}", remark=remark)
        to_public_pool(session, customer, entry.previous_owner_id, remark)
    return len(entry_ids)


def _in(session: ScopedSession, entry_id: int, pool: PoolKind) -> PoolEntry:
    entry = get(session, PoolEntry, entry_id)
    if entry.left_at is not None:
        raise Invalid("{name} lies in no pool any more.", name=entry.name)
    if entry.pool != pool:
        raise Invalid("{name} lies in another pool.", name=entry.name)
    return entry
