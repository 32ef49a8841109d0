"""Take something out of the public pool for oneself: the rules of the board first, and each refusal says which one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from crm.access import SYSTEM
from crm.bulk import hold
from crm.customers.commands.details import board_of
from crm.customers.models import Customer
from crm.database import now
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands.entries import take_out
from crm.marketing.commands.leads import able_taker
from crm.marketing.commands.pools import hand_out
from crm.marketing.models import Lead, PoolEntry, PoolKind, PoolMove
from crm.marketing.queries.pools import my_claims
from crm.marketing.queries.settings import pool_rules
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import User


def claim(session: ScopedSession, entry_id: int) -> Customer | Lead:
    """What lies in the public pool is the actor's from now on. He could not see the record itself before: the change is made as
    the system, in his name, after the rules have allowed it."""
    session.actor.must("claim", "marketing")
    hold(session, PoolEntry)
    entry = _lying(session, entry_id)
    owner = able_taker(session, session.actor.user_id)
    if board_of(session, owner.unit_id).id != entry.board_id:
        raise Refused("{name} lies in the pool of another board.", name=entry.name)
    _require_room(session, entry)
    _require_not_mine_before(session, entry)
    with acting_as(replace(SYSTEM, user_id=owner.id, name=owner.name), session) as everything:
        _hand_over(everything, entry_id, owner.id)
    session.expire_all()
    return get(session, Lead, entry.lead_id) if entry.lead_id is not None else get(session, Customer, entry.customer_id)


def _lying(session: ScopedSession, entry_id: int) -> PoolEntry:
    entry = get(session, PoolEntry, entry_id)
    session.refresh(entry)
    if entry.left_at is not None:
        raise Invalid("{name} was taken before you.", name=entry.name)
    if entry.pool != PoolKind.PUBLIC:
        raise Refused("{name} lies in the invalid pool: who leads the unit can restore it.", name=entry.name)
    return entry


def _require_room(session: ScopedSession, entry: PoolEntry) -> None:
    mine = my_claims(session, entry.board_id)
    if mine["claimed_today"] >= mine["claims_per_day"]:
        raise Refused(
            "You have claimed {count} today; your board allows {most} a day. {name} waits until tomorrow.",
            count=mine["claimed_today"],
            most=mine["claims_per_day"],
            name=entry.name,
        )
    if entry.lead_id is not None and mine["leads"] >= mine["leads_held"]:
        raise Refused(
            "You have {count:open lead|open leads}; who has {most} or more claims none. Close or release some first.",
            count=mine["leads"],
            most=mine["leads_held"],
        )
    if entry.customer_id is not None and mine["customers"] >= mine["customers_held"]:
        raise Refused(
            "You have {count:customer|customers}; who has {most} or more claims none. Release some first.",
            count=mine["customers"],
            most=mine["customers_held"],
        )


def _require_not_mine_before(session: ScopedSession, entry: PoolEntry) -> None:
    days = pool_rules(session, entry.board_id).previous_owner_days
    free_from = entry.entered_at + dt.timedelta(days)
    if entry.previous_owner_id == session.actor.user_id and now() < free_from:
        raise Refused(
            "{name} was yours until {until}. For {days:day|days} it is open to others only; you can claim it from {free_from}.",
            name=entry.name,
            until=entry.entered_at.date(),
            days=days,
            free_from=free_from.date(),
        )


def _hand_over(everything: ScopedSession, entry_id: int, owner_id: int) -> None:
    entry, owner = get(everything, PoolEntry, entry_id), get(everything, User, owner_id)
    if not _is_nobodys(everything, entry):
        raise Invalid("{name} has an owner already, or is no longer there.", name=entry.name)
    hand_out(everything, entry, owner, "claimed")
    take_out(everything, entry, PoolMove.CLAIMED, "{owner} claimed {name}.", to_id=owner.id, owner=owner.name)


def _is_nobodys(everything: ScopedSession, entry: PoolEntry) -> bool:
    try:
        subject = get(everything, Lead, entry.lead_id) if entry.lead_id else get(everything, Customer, entry.customer_id)
    except NotFound:
        return False
    return subject.owner_id is None


__all__ = ["claim"]
