"""Leads that may be the same, and customers that a lead may be."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from crm.access import SYSTEM
from crm.customers.models import name_key, phone_key
from crm.customers.queries import collisions
from crm.customers.queries.record import masked
from crm.database import frame
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import OrgUnit

TWINS = ["id", "name", "state", "board", "because"]


def lead_twins(session: ScopedSession, name: str, phone: str | None = None, but: int | None = None) -> pd.DataFrame:
    """Open leads like this one, in the whole group -> id (None where it is not mine to see), name (then masked), state, board,
    because (name, phone)."""
    key, digits = name_key(name), phone_key(phone)
    tests = [*([Lead.name_key == key] if key else []), *([Lead.phone_key == digits] if digits else [])]
    if not tests:
        return pd.DataFrame(columns=TWINS)
    alike = [or_(*tests), Lead.state.in_(OPEN), Lead.id != (but or 0)]
    mine = set(session.scalars(select(Lead.id).where(*alike)))
    query = select(Lead.id, Lead.name, Lead.state, Lead.name_key, OrgUnit.name.label("board"))
    query = query.join(OrgUnit, OrgUnit.id == Lead.board_id).where(*alike).order_by(Lead.id).limit(20)
    with acting_as(SYSTEM, session) as everything:
        rows = everything.execute(query).all()
    found: list[dict[str, Any]] = [
        {
            "id": row.id if row.id in mine else None,
            "name": row.name if row.id in mine else masked(row.name),
            "state": row.state,
            "board": row.board,
            "because": "name" if key and row.name_key == key else "phone",
        }
        for row in rows
    ]
    return pd.DataFrame(found, columns=TWINS)


def customers_like(session: ScopedSession, lead_id: int) -> pd.DataFrame:
    """Customers that the lead may be already, before it is converted -> columns of `collisions`."""
    found = get(session, Lead, lead_id)
    return collisions(session, found.name, found.phone, found.email)


def lead_duplicates(session: ScopedSession, limit: int = 200) -> pd.DataFrame:
    """Pairs of open leads of a board that I see and that share a phone or a name -> id, other_id, name, other, because."""
    parts = []
    for column, because in (("phone_key", "phone"), ("name_key", "name")):
        key: Any = getattr(Lead, column)
        shared = select(Lead.board_id, key).where(key.is_not(None), key != "", Lead.state.in_(OPEN))
        keys = {value for _, value in session.execute(shared.group_by(Lead.board_id, key).having(func.count() > 1).limit(limit))}
        query = select(Lead.id, Lead.name, Lead.board_id, key.label("key")).where(key.in_(keys), Lead.state.in_(OPEN))
        rows = frame(session, query.order_by(Lead.id))
        pairs = rows.merge(rows, on=["board_id", "key"], suffixes=("", "_other"))
        pairs = pairs[pairs["id"] < pairs["id_other"]]
        parts.append(pairs.rename(columns={"id_other": "other_id", "name_other": "other"}).assign(because=because))
    found = pd.concat(parts, ignore_index=True)[["id", "other_id", "name", "other", "because"]]
    return found.drop_duplicates(["id", "other_id"]).head(limit).reset_index(drop=True)
