"""Into a pool and out of it: the entry, and the event that explains it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm.audit import plain
from crm.customers.models import Customer
from crm.database import now
from crm.marketing.models import Lead, PoolEntry, PoolEvent, PoolKind, PoolMove, PoolReason
from crm.session import ScopedSession

_SHOWN = ("name", "region", "industry", "level", "life_cycle", "last_order_on")


def put_in(
    session: ScopedSession,
    subject: Customer | Lead,
    pool: PoolKind,
    reason: PoolReason,
    what: PoolMove,
    template: str,
    *,
    previous_owner_id: int | None,
    remark: str | None = None,
    **values: Any,
) -> PoolEntry:
    """The whole board sees the entry. Flushes: what was changed of the subject until here is still judged by its old owner."""
    entry = PoolEntry(
        pool=pool,
        board_id=subject.board_id,
        team_id=subject.board_id,
        previous_owner_id=previous_owner_id,
        entered_at=now(),
        reason=reason,
        remark=remark,
        **{f"{type(subject).__tablename__}_id": subject.id},
        **{name: getattr(subject, name, None) for name in _SHOWN},
    )
    session.add(entry)
    session.flush()
    _explain(session, entry, what, template, name=subject.name, remark=remark or "—", **values)
    return entry


def take_out(
    session: ScopedSession, entry: PoolEntry, what: PoolMove, template: str, *, to_id: int | None = None, **values: Any
) -> None:
    entry.left_at, entry.claimed_by_id = now(), to_id
    _explain(session, entry, what, template, name=entry.name, **values)
    session.flush()


def _explain(session: ScopedSession, entry: PoolEntry, what: PoolMove, template: str, **values: Any) -> None:
    told = {name: plain(value) for name, value in values.items()}
    about = {"entry_id": entry.id, "team_id": entry.team_id, "at": now(), "by_id": session.actor.user_id}
    session.add(PoolEvent(**about, what=what, explanation=template, values=told))


def open_entry(session: ScopedSession, subject: Customer | Lead) -> PoolEntry | None:
    """Where it lies now."""
    column: Any = PoolEntry.lead_id if isinstance(subject, Lead) else PoolEntry.customer_id
    query = select(PoolEntry).where(column == subject.id, PoolEntry.left_at.is_(None)).order_by(PoolEntry.id.desc())
    return session.scalars(query.limit(1)).first()
