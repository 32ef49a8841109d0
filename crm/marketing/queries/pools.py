"""What lies in the pools, what I have claimed, and what will go there."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple

import pandas as pd
from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import aliased

from crm.customers.models import Customer
from crm.database import frame, now
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, PoolEntry, PoolEvent, PoolKind, PoolMove, PoolWarning
from crm.marketing.queries.settings import pool_rules
from crm.session import ScopedSession, get
from crm.staff.models import User

Shelf = Literal["potential", "won", "leads"]
"""Customers who never bought, customers who have, and leads."""

_SHELVES: dict[str, Any] = {
    "potential": PoolEntry.customer_id.is_not(None) & PoolEntry.last_order_on.is_(None),
    "won": PoolEntry.customer_id.is_not(None) & PoolEntry.last_order_on.is_not(None),
    "leads": PoolEntry.lead_id.is_not(None),
}


def pool_entry(session: ScopedSession, entry_id: int) -> PoolEntry:
    return get(session, PoolEntry, entry_id)


def pool_list(
    session: ScopedSession,
    pool: PoolKind = PoolKind.PUBLIC,
    board_id: int | None = None,
    shelf: Shelf | None = None,
    search: str = "",
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """One page, what came last first; without phone, contact or need -> id, subject (customer, lead), name, region, industry,
    level, life_cycle, last_order_on, previous_owner, reason, remark, entered_at, mine_before (I am its previous owner)."""
    mine = PoolEntry.previous_owner_id == session.actor.user_id
    query = (
        select(
            PoolEntry.id,
            case((PoolEntry.lead_id.is_not(None), literal("lead")), else_=literal("customer")).label("subject"),
            PoolEntry.name,
            PoolEntry.region,
            PoolEntry.industry,
            PoolEntry.level,
            PoolEntry.life_cycle,
            PoolEntry.last_order_on,
            User.name.label("previous_owner"),
            PoolEntry.reason,
            PoolEntry.remark,
            PoolEntry.entered_at,
            func.coalesce(mine, False).label("mine_before"),
        )
        .outerjoin(User, User.id == PoolEntry.previous_owner_id)
        .where(*_lying(pool, board_id, shelf, search))
        .order_by(PoolEntry.entered_at.desc(), PoolEntry.id.desc())
    )
    found = frame(session, query.limit(size).offset((page - 1) * size))
    return found.assign(mine_before=found["mine_before"].astype(bool))


def _lying(pool: str, board_id: int | None, shelf: str | None, search: str) -> list[Any]:
    found = [PoolEntry.pool == pool, PoolEntry.left_at.is_(None)]
    found += [PoolEntry.board_id == board_id] if board_id is not None else []
    found += [_SHELVES[shelf]] if shelf else []
    columns: list[Any] = [PoolEntry.name, PoolEntry.region, PoolEntry.industry]
    return found + [or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in search.split()]


def lies_in(session: ScopedSession, *, customer_id: int | None = None, lead_id: int | None = None) -> dict[str, Any] | None:
    """Where a customer or a lead lies now -> id (of the entry), pool, reason, remark, entered_at, board_id; None: in no pool."""
    subject = PoolEntry.customer_id == customer_id if customer_id is not None else PoolEntry.lead_id == lead_id
    names = ("id", "pool", "reason", "remark", "entered_at", "board_id")
    query = select(*(getattr(PoolEntry, name) for name in names)).where(subject, PoolEntry.left_at.is_(None))
    row = session.execute(query.order_by(PoolEntry.id.desc()).limit(1)).first()
    return dict(row._mapping) if row is not None else None


def pool_totals(session: ScopedSession, board_id: int | None = None) -> dict[str, int]:
    """How many lie there -> potential, won, leads (of the public pool), invalid."""
    found = {}
    for shelf in _SHELVES:
        count = select(func.count(PoolEntry.id)).where(*_lying(PoolKind.PUBLIC, board_id, shelf, ""))
        found[shelf] = session.scalar(count) or 0
    invalid = select(func.count(PoolEntry.id)).where(*_lying(PoolKind.INVALID, board_id, None, ""))
    return found | {"invalid": session.scalar(invalid) or 0}


def pool_history(session: ScopedSession, *, customer_id: int | None = None, lead_id: int | None = None) -> pd.DataFrame:
    """Every move of a customer or a lead into and out of a pool, newest first -> id, at, what, pool, by, explanation (a template)
    and values (to say it with)."""
    subject = PoolEntry.customer_id == customer_id if customer_id is not None else PoolEntry.lead_id == lead_id
    query = select(
        PoolEvent.id, PoolEvent.at, PoolEvent.what, PoolEntry.pool, User.name.label("by"), PoolEvent.explanation, PoolEvent.values
    )
    query = query.join(PoolEntry, PoolEntry.id == PoolEvent.entry_id).outerjoin(User, User.id == PoolEvent.by_id)
    return frame(session, query.where(subject).order_by(PoolEvent.id.desc()))


def my_claims(session: ScopedSession, board_id: int) -> dict[str, int]:
    """What the actor took today and has, and how far he may go -> claimed_today, claims_per_day, customers, customers_held,
    leads, leads_held."""
    me, rules = session.actor.user_id, pool_rules(session, board_id)
    taken = [PoolEvent.what == PoolMove.CLAIMED, PoolEvent.by_id == me, PoolEvent.at >= _midnight()]
    counts: dict[str, Any] = {
        "claimed_today": select(func.count(PoolEvent.id)).where(*taken),
        "customers": select(func.count(Customer.id)).where(Customer.owner_id == me),
        "leads": select(func.count(Lead.id)).where(Lead.owner_id == me, Lead.state.in_(OPEN)),
    }
    limits = {name: getattr(rules, name) for name in ("claims_per_day", "customers_held", "leads_held")}
    return {name: session.scalar(query) or 0 for name, query in counts.items()} | limits


def recent_moves(session: ScopedSession, board_id: int, limit: int = 50) -> pd.DataFrame:
    """What moved in the pools of a board, newest first -> id, at, what, name, by, explanation (a template) and values."""
    query = select(
        PoolEvent.id, PoolEvent.at, PoolEvent.what, PoolEntry.name, User.name.label("by"), PoolEvent.explanation, PoolEvent.values
    )
    query = query.join(PoolEntry, PoolEntry.id == PoolEvent.entry_id).outerjoin(User, User.id == PoolEvent.by_id)
    query = query.where(PoolEntry.board_id == board_id)
    return frame(session, query.order_by(PoolEvent.at.desc(), PoolEvent.id.desc()).limit(limit))


def claimed_today(session: ScopedSession) -> pd.DataFrame:
    """What the actor took today, the last first -> id, subject_id (of the customer or lead), subject, name, at."""
    subject = case((PoolEntry.lead_id.is_not(None), literal("lead")), else_=literal("customer")).label("subject")
    subject_id = func.coalesce(PoolEntry.lead_id, PoolEntry.customer_id).label("subject_id")
    query = select(PoolEntry.id, subject_id, subject, PoolEntry.name, PoolEvent.at)
    query = query.join(PoolEvent, PoolEvent.entry_id == PoolEntry.id)
    mine = [PoolEvent.what == PoolMove.CLAIMED, PoolEvent.by_id == session.actor.user_id, PoolEvent.at >= _midnight()]
    return frame(session, query.where(*mine).order_by(PoolEvent.id.desc()))


def _midnight() -> dt.datetime:
    """The start of the server's day: claims are counted by real time, also in a demo that stands still."""
    return now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


class PoolNotice(NamedTuple):
    due_on: dt.date
    reason: str


def warned_of(session: ScopedSession, *, customer_id: int | None = None, lead_id: int | None = None) -> list[PoolNotice]:
    """That a customer or a lead will go to the pool unless something happens, the nearest first."""
    subject = PoolWarning.customer_id == customer_id if customer_id is not None else PoolWarning.lead_id == lead_id
    query = select(PoolWarning.due_on, PoolWarning.reason).where(subject, PoolWarning.settled_at.is_(None))
    return [PoolNotice(*row) for row in session.execute(query.order_by(PoolWarning.due_on, PoolWarning.id))]


def pool_warnings(session: ScopedSession, day: dt.date, owner_id: int | None = None, board_id: int | None = None) -> pd.DataFrame:
    """What will go to the pool unless something happens, the nearest first -> id, subject, customer_id, lead_id, name, owner_id,
    owner, reason, warned_on, due_on, days (left from a day)."""
    person = aliased(User)
    query = select(
        PoolWarning.id,
        case((PoolWarning.lead_id.is_not(None), literal("lead")), else_=literal("customer")).label("subject"),
        PoolWarning.customer_id,
        PoolWarning.lead_id,
        PoolWarning.name,
        PoolWarning.owner_id,
        person.name.label("owner"),
        PoolWarning.reason,
        PoolWarning.warned_on,
        PoolWarning.due_on,
    ).outerjoin(person, person.id == PoolWarning.owner_id)
    query = query.where(PoolWarning.settled_at.is_(None))
    asked = {"owner_id": owner_id, "board_id": board_id}
    query = query.where(*(getattr(PoolWarning, name) == value for name, value in asked.items() if value is not None))
    found = frame(session, query.order_by(PoolWarning.due_on, PoolWarning.id).limit(500))
    return found.assign(days=[(due - day).days for due in found["due_on"]])
