"""Customers put together under a name: a segment by rule, or a fixed list to look at, to call or to write to."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, StringConstraints
from sqlalchemy import func, select

from crm.bulk import bulk_insert
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, CustomerGroup, GroupMember, Purpose
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.queries import today
from crm.session import ScopedSession, get
from crm.staff.models import User

MOST = 50_000
"""Members of a fixed list."""


class GroupDetails(Input):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    purpose: Purpose = Purpose.SEGMENT
    by_rule: bool = False
    """Whoever fits on the day it is looked at; else those who fit now."""
    until: dt.date | None = Field(None, title="Call until")
    made_from: Annotated[str, StringConstraints(max_length=300)] | None = None


class GroupEdit(Input):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    until: dt.date | None = Field(None, title="Call until")


def create_group(session: ScopedSession, details: GroupDetails, where: CustomerFilter) -> CustomerGroup:
    """A group of the customers that the filter finds: of one board, made by the actor for his unit and those below it."""
    session.actor.must("group", "insight")
    _check_until(session, details.purpose, details.until)
    values: dict[str, Any] = details.model_dump(exclude={"by_rule"}) | {"board_id": _board(session, where)}
    if details.by_rule:
        values["rule"] = _rule(details, where)
    maker = get(session, User, session.actor.user_id)
    group = CustomerGroup(**values, owner_id=maker.id, team_id=maker.unit_id)
    session.add(group)
    session.flush()
    if not details.by_rule:
        _fill(session, group, where)
    return group


def edit_group(session: ScopedSession, group_id: int, details: GroupEdit, version: int) -> CustomerGroup:
    session.actor.must("group", "insight")
    group = get(session, CustomerGroup, group_id)
    if details.until != group.until:
        _check_until(session, group.purpose, details.until)
    change(session, group, details.model_dump(), version)
    session.flush()
    return group


def remove_group(session: ScopedSession, group_id: int) -> None:
    """Its customers stay as they are; the name is free again."""
    session.actor.must("group", "insight")
    get(session, CustomerGroup, group_id).deleted_at = now()
    session.flush()


def _check_until(session: ScopedSession, purpose: str, until: dt.date | None) -> None:
    if (purpose == Purpose.CALL_LIST) != (until is not None):
        template = "Say until when these customers are to be called." if until is None else "Only a call list has a last day."
        raise Invalid(template, field="until")
    if until is not None and until < today(session):
        raise Invalid("The last day of a call list cannot be over already.", field="until")


def _board(session: ScopedSession, where: CustomerFilter) -> int:
    found = list(session.scalars(select(Customer.board_id).where(*where.conditions(session)).distinct()))
    boards = found or list(where.board_id)
    if not boards:
        raise Invalid("There is no customer in this selection.")
    if len(boards) > 1:
        raise Invalid("These customers belong to several boards. Choose one board first.")
    return boards[0]


def _rule(details: GroupDetails, where: CustomerFilter) -> dict[str, Any]:
    if details.purpose != Purpose.SEGMENT:
        raise Invalid("Who is called or written to is a fixed list: keep the customers of today.", field="by_rule")
    if where.group_id:
        raise Invalid("A rule cannot name other lists. Keep the customers of today instead.", field="by_rule")
    rule: dict[str, Any] = where.model_dump(mode="json", exclude_defaults=True, exclude={"board_id"})
    if not rule:
        raise Invalid("A rule needs at least one filter.", field="by_rule")
    return rule


def _fill(session: ScopedSession, group: CustomerGroup, where: CustomerFilter) -> None:
    found = where.conditions(session)
    count = session.scalar(select(func.count(Customer.id)).where(*found)) or 0
    if not 0 < count <= MOST:
        template = "A fixed list holds at most {most} customers, here are {count}." if count else _NOBODY
        raise Invalid(template, most=MOST, count=count)
    ids = list(session.scalars(select(Customer.id).where(*found).order_by(Customer.id)))
    bulk_insert(session, GroupMember, pd.DataFrame({"group_id": group.id, "customer_id": ids}), {"list": group.name})


_NOBODY = "There is no customer in this selection."
