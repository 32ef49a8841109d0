"""The groups of customers I may use, and how many of my customers are in them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, CustomerGroup
from crm.database import frame
from crm.session import ScopedSession, get
from crm.staff.models import User


def groups(session: ScopedSession, board_id: int | None = None, purpose: str | None = None) -> pd.DataFrame:
    """-> id, name, purpose, board_id, owner_id, owner, by_rule, rule, made_from, until, version, created_at; newest first."""
    kind = CustomerGroup
    columns = (kind.id, kind.name, kind.purpose, kind.board_id, kind.owner_id, User.name.label("owner"), kind.rule)
    query = select(*columns, kind.made_from, kind.until, kind.version, kind.created_at).outerjoin(User, User.id == kind.owner_id)
    query = query.where(kind.board_id == board_id) if board_id else query
    query = query.where(kind.purpose == purpose) if purpose else query
    found = frame(session, query.order_by(kind.id.desc()))
    return found.assign(by_rule=[isinstance(rule, dict) for rule in found["rule"]])


def group_choices(session: ScopedSession, board_id: int | None = None) -> dict[int, str]:
    """id -> name, by name: to choose a population or a filter."""
    query = select(CustomerGroup.id, CustomerGroup.name).order_by(CustomerGroup.name)
    query = query.where(CustomerGroup.board_id == board_id) if board_id else query
    return dict(session.execute(query).all())


def group_size(session: ScopedSession, group_id: int) -> int:
    """How many customers that I see are in it today."""
    group = get(session, CustomerGroup, group_id)
    where = CustomerFilter(group_id=(group.id,))
    return session.scalar(select(func.count(Customer.id)).where(*where.conditions(session))) or 0


def group(session: ScopedSession, group_id: int) -> dict[str, Any]:
    """-> name, until, version, may_change: what its form needs."""
    found = get(session, CustomerGroup, group_id)
    may = session.actor.may("group", "insight") and found.changeable_by(session.actor, session)
    return {"name": found.name, "purpose": found.purpose, "until": found.until, "version": found.version, "may_change": may}
