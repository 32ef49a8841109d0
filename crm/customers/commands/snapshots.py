"""The scores of every customer as they were on a day: kept daily for a while, then one of each month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import Date, false, func, literal, select

from crm.bulk import bulk_replace
from crm.customers.commands.base import state_of
from crm.customers.models import Customer, CustomerScore, Ownership, ScoreSnapshot
from crm.database import MONEY_SCALE, frame
from crm.session import ScopedSession

DAILY = 90
"""Days for which every snapshot is kept; of the time before, the newest of each month."""
_SHARED = ("life_cycle", "r_score", "f_score", "m_score", "segment")
_SCORES = ("model_run_id", "p_alive", "expected_orders", "expected_value", "lifetime_value", "value_at_risk")
_MONEY = ("expected_value", "lifetime_value", "value_at_risk")


def take_snapshot(session: ScopedSession, day: dt.date) -> int:
    """What is stored of every customer now, as the snapshot of a day -> rows written; it never leaves the database."""
    own = [getattr(Customer, name) for name in ("board_id", "owner_id", *_SHARED)]
    scores = [getattr(CustomerScore, name) for name in _SCORES]
    query: Any = select(Customer.id.label("customer_id"), literal(day, Date).label("as_of"), *own, *scores)
    query = query.outerjoin(CustomerScore, CustomerScore.customer_id == Customer.id)
    query = query.where(Customer.deleted_at.is_(None)).order_by(Customer.id)
    return bulk_replace(session, ScoreSnapshot, query, "customer_id", _table().as_of == day)


def take_past_snapshot(session: ScopedSession, day: dt.date, scores: pd.DataFrame, alive: pd.DataFrame) -> int:
    """As it was on an earlier day, from the orders up to then -> rows written; nothing current changes.

    scores: index customer_id; model_run_id, p_alive, expected_orders, and values in currency, fitted to those orders; alive: see
    known_alive. Of customers who had bought by then, under whoever owned them on the day."""
    base = state_of(session, day, alive, until=day)
    base = base[base["order_count"] > 0]
    owners = _owners(session, day).reindex(base.index)
    rows = base[["board_id", *_SHARED]].assign(as_of=pd.Timestamp(day), owner_id=owners.astype("Int64"))
    rows = rows.join(scores.reindex(columns=list(_SCORES)).astype("float64"))
    rows[list(_MONEY)] = (rows[list(_MONEY)] * MONEY_SCALE).round()
    rows = rows.rename_axis("customer_id").reset_index()
    return bulk_replace(session, ScoreSnapshot, rows, "customer_id", _table().as_of == day)


def thin_snapshots(session: ScopedSession, day: dt.date) -> int:
    """Of the snapshots older than DAILY days, all but the newest of each month go -> how many days went."""
    gone, kept = 0, None
    older: dt.date | None = day - dt.timedelta(DAILY)
    while older := session.scalar(select(func.max(ScoreSnapshot.as_of)).where(ScoreSnapshot.as_of < older)):
        if kept == (older.year, older.month):
            nothing = select(ScoreSnapshot.customer_id).where(false())
            bulk_replace(session, ScoreSnapshot, nothing, "customer_id", _table().as_of == older)
            gone += 1
        kept = older.year, older.month
    return gone


def _owners(session: ScopedSession, day: dt.date) -> pd.Series[Any]:
    """Index customer_id -> who had the customer at the end of a day; today's owner where the records begin later."""
    now = frame(session, select(Customer.id, Customer.owner_id)).set_index("id")["owner_id"]
    end = dt.datetime.combine(day + dt.timedelta(1), dt.time(), dt.UTC)
    held = select(Ownership.customer_id, Ownership.owner_id).where(Ownership.started_at < end, Ownership.ended_at >= end)
    then = frame(session, held).drop_duplicates("customer_id").set_index("customer_id")["owner_id"]
    return then.reindex(now.index).fillna(now)


def _table() -> Any:
    return ScoreSnapshot.__table__.c


__all__ = ["DAILY", "take_past_snapshot", "take_snapshot", "thin_snapshots"]
