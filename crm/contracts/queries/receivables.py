"""What customers owe: overdue by age, by customer and by owner. A line is overdue from the day after it was due."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, Select, case, func, select

from crm.contracts.models import Allocation, Contract, ReceiptPlan
from crm.contracts.queries.receipts import OWED, open_of_line
from crm.customers.models import Customer
from crm.customers.queries.orders import by_currency
from crm.database import frame
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

AGES = ("1_to_30_days", "31_to_60_days", "61_to_90_days", "over_90_days")
"""1 to 30, 31 to 60, 61 to 90 and more than 90 days overdue."""

By = Literal["customer", "owner"]


def overdue_lines(
    session: ScopedSession,
    day: dt.date,
    *,
    age: str | None = None,
    customer_id: int | None = None,
    owner_id: int | None = None,
    board_id: int | None = None,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """Lines that should have come in, the oldest first -> id (of the contract), plan_id, number, contract, customer_id, customer,
    owner, due_on, overdue_days, ageing, what, amount, outstanding, currency."""
    left = open_of_line()
    about = (Contract.id, ReceiptPlan.id.label("plan_id"), Contract.number, Contract.name.label("contract"))
    who = (Contract.customer_id, Customer.name.label("customer"), User.name.label("owner"))
    line = (ReceiptPlan.due_on, _age(ReceiptPlan.due_on, day).label("ageing"), ReceiptPlan.what, ReceiptPlan.amount)
    query = select(*about, *who, *line, left.label("outstanding"), OrgUnit.currency).select_from(ReceiptPlan)
    query = query.join(Contract, Contract.id == ReceiptPlan.contract_id).join(Customer, Customer.id == Contract.customer_id)
    query = query.outerjoin(User, User.id == Contract.owner_id).join(OrgUnit, OrgUnit.id == Contract.board_id)
    query = query.where(*_owed(board_id), left > 0, ReceiptPlan.due_on < day)
    query = query.where(_age(ReceiptPlan.due_on, day) == age) if age else query
    query = query.where(Contract.customer_id == customer_id) if customer_id is not None else query
    query = query.where(_of_owner(owner_id)) if owner_id is not None else query
    query = query.order_by(ReceiptPlan.due_on, ReceiptPlan.id).limit(size).offset((page - 1) * size)
    found = frame(session, through_parent(query, Allocation))
    late = [(day - due).days for due in found["due_on"]]
    found.insert(list(found.columns).index("due_on") + 1, "overdue_days", pd.Series(late, index=found.index, dtype="int64"))
    return found


def overdue_by_age(
    session: ScopedSession,
    day: dt.date,
    board_id: int | None = None,
    customer_id: int | None = None,
    owner_id: int | None = None,
) -> pd.DataFrame:
    """-> currency, ageing (each of AGES), lines, amount."""
    query = _open_lines(board_id).where(ReceiptPlan.due_on < day)
    query = query.where(Contract.customer_id == customer_id) if customer_id is not None else query
    query = query.where(_of_owner(owner_id)) if owner_id is not None else query
    lines = query.subquery()
    age = _age(lines.c.due_on, day).label("ageing")
    query = select(OrgUnit.currency, age, func.count().label("lines"), func.sum(lines.c.outstanding).label("amount"))
    query = query.select_from(lines).join(OrgUnit, OrgUnit.id == lines.c.board_id).group_by(OrgUnit.currency, age)
    found = frame(session, through_parent(query, Allocation))
    every = pd.MultiIndex.from_product([sorted(found["currency"].unique()), AGES], names=["currency", "ageing"])
    return found.set_index(["currency", "ageing"]).reindex(every, fill_value=0).reset_index()


def receivables(
    session: ScopedSession, day: dt.date, by: By = "customer", board_id: int | None = None, page: int = 1, size: int = 50
) -> pd.DataFrame:
    """What is open by customer or by owner of the contract, most overdue first -> id (of the customer or owner), name, currency,
    receivable, not_due, overdue, 1_to_30_days, 31_to_60_days, 61_to_90_days, over_90_days."""
    lines = _open_lines(board_id).subquery()
    who: Any = Customer if by == "customer" else User
    key = lines.c.customer_id if by == "customer" else lines.c.owner_id
    late = func.sum(case((lines.c.due_on < day, lines.c.outstanding), else_=0)).label("overdue")
    ages = [func.sum(case((_age(lines.c.due_on, day) == age, lines.c.outstanding), else_=0)).label(age) for age in AGES]
    ahead = func.sum(case((lines.c.due_on >= day, lines.c.outstanding), else_=0)).label("not_due")
    sums = (func.sum(lines.c.outstanding).label("receivable"), ahead, late, *ages)
    query = select(who.id, who.name, OrgUnit.currency, *sums).select_from(lines).outerjoin(who, who.id == key)
    query = query.join(OrgUnit, OrgUnit.id == lines.c.board_id).group_by(who.id, who.name, OrgUnit.currency)
    query = query.order_by(late.desc(), func.sum(lines.c.outstanding).desc(), who.id)
    return frame(session, through_parent(query.limit(size).offset((page - 1) * size), Allocation))


def receivable_totals(session: ScopedSession, day: dt.date, board_id: int | None = None) -> dict[str, Any]:
    """-> customers and owners (of contracts) that money is awaited from; receivable and overdue {currency: sum}."""
    lines = _open_lines(board_id).subquery()
    late = func.sum(case((lines.c.due_on < day, lines.c.outstanding), else_=0)).label("overdue")
    # Contracts may lie in a pool, without an owner: they stand in a row of their own.
    owners = func.count(func.distinct(func.coalesce(lines.c.owner_id, 0))).label("owners")
    counts = (func.count(func.distinct(lines.c.customer_id)).label("customers"), owners)
    query = select(lines.c.board_id, *counts, func.sum(lines.c.outstanding).label("receivable"), late).group_by(lines.c.board_id)
    rows = session.execute(through_parent(query, Allocation)).all()
    return {"customers": sum(row.customers for row in rows), "owners": sum(row.owners for row in rows)} | {
        name: by_currency(session, {row.board_id: float(getattr(row, name) or 0) for row in rows})
        for name in ("receivable", "overdue")
    }


def _open_lines(board_id: int | None) -> Select[*tuple[Any, ...]]:
    left = open_of_line()
    columns = (Contract.customer_id, Contract.owner_id, Contract.board_id, ReceiptPlan.due_on, left.label("outstanding"))
    query = select(*columns).select_from(ReceiptPlan).join(Contract, Contract.id == ReceiptPlan.contract_id)
    return query.where(*_owed(board_id), left > 0)


def _of_owner(owner_id: int) -> ColumnElement[bool]:
    """0 = nobody's."""
    return Contract.owner_id == owner_id if owner_id else Contract.owner_id.is_(None)


def _owed(board_id: int | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Contract.state.in_(OWED)]
    return [*found, Contract.board_id == board_id] if board_id is not None else found


def _age(due_on: Any, day: dt.date) -> ColumnElement[Any]:
    limits = [(30, AGES[0]), (60, AGES[1]), (90, AGES[2])]
    cases = [(due_on >= day - dt.timedelta(days), age) for days, age in limits]
    return case((due_on >= day, "not_due"), *cases, else_=AGES[3])
