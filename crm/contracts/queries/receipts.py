"""What can be asked about plans, receipts and write-offs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from crm.contracts.models import Allocation, Contract, ContractState, Receipt, ReceiptKind, ReceiptPlan
from crm.customers.models import Customer, Order
from crm.customers.queries.orders import by_currency
from crm.database import Money, frame
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit

ZERO = Decimal(0)
BATCH = 5000
"""Rows that are asked for at once where all are wanted."""

OWED = (ContractState.RUNNING, ContractState.ENDED, ContractState.TERMINATED)
"""Contracts that money is owed for: signed ones."""


def paid_for_line() -> ScalarSelect[Decimal]:
    """Of a line of a plan, inside a statement that asks for ReceiptPlan."""
    sums = select(func.coalesce(func.sum(Allocation.amount), 0)).where(Allocation.plan_id == ReceiptPlan.id)
    return sums.correlate(ReceiptPlan).scalar_subquery()


def open_of_line() -> ColumnElement[Decimal]:
    return type_coerce(ReceiptPlan.amount - paid_for_line(), Money)


# ---------------------------------------------------------------------------------------------------------- plan


def planned(session: ScopedSession, contract_id: int) -> Decimal:
    return session.scalar(select(func.sum(ReceiptPlan.amount)).where(ReceiptPlan.contract_id == contract_id)) or ZERO


def plan_check(session: ScopedSession, contract_id: int) -> dict[str, Decimal]:
    """-> amount (of the contract), planned, difference (what the plan lacks; negative: what it has too much)."""
    amount, total = get(session, Contract, contract_id).amount, planned(session, contract_id)
    return {"amount": amount, "planned": total, "difference": amount - total}


def plan_of(session: ScopedSession, contract_id: int, day: dt.date) -> pd.DataFrame:
    """By day -> id, due_on, what, order, amount, received, outstanding, overdue_days (0: not due), version."""
    columns = (ReceiptPlan.id, ReceiptPlan.due_on, ReceiptPlan.what, Order.number.label("order"), ReceiptPlan.amount)
    sums = (type_coerce(paid_for_line(), Money).label("received"), open_of_line().label("outstanding"))
    query = select(*columns, *sums, ReceiptPlan.version).join(Contract, Contract.id == ReceiptPlan.contract_id)
    query = query.outerjoin(Order, Order.id == ReceiptPlan.order_id).where(Contract.id == contract_id)
    found = frame(session, through_parent(query.order_by(ReceiptPlan.due_on, ReceiptPlan.id), Allocation))
    late = [max((day - due).days, 0) if left > 0 else 0 for due, left in zip(found["due_on"], found["outstanding"], strict=True)]
    return found.assign(overdue_days=pd.Series(late, index=found.index, dtype="int64"))


def allocated_to(session: ScopedSession, plan_id: int) -> Decimal:
    """What came in for a line of a plan."""
    return session.scalar(select(func.sum(Allocation.amount)).where(Allocation.plan_id == plan_id)) or ZERO


def open_lines(session: ScopedSession, customer_id: int) -> list[tuple[int, Decimal]]:
    """Lines of a customer that wait for money, the oldest due first -> id, what is open."""
    left = open_of_line()
    query: Select[*tuple[Any, ...]] = select(ReceiptPlan.id, left.label("outstanding")).join(
        Contract, Contract.id == ReceiptPlan.contract_id
    )
    query = query.where(Contract.customer_id == customer_id, Contract.state.in_(OWED), left > 0)
    rows = session.execute(through_parent(query.order_by(ReceiptPlan.due_on, ReceiptPlan.id), Allocation))
    return [(row.id, row.outstanding) for row in rows]


def oldest_first(lines: list[tuple[int, Decimal]], amount: Decimal) -> dict[int, Decimal]:
    """So much of an amount for each line of `open_lines`, until nothing is left."""
    parts = {}
    for plan_id, still_open in lines:
        if (taken := min(amount, still_open)) <= 0:
            break
        parts[plan_id] = taken
        amount -= taken
    return parts


def proposed_parts(session: ScopedSession, customer_id: int, amount: Decimal, day: dt.date) -> pd.DataFrame:
    """Lines of a customer that wait for money, the oldest due first -> id, number, contract, due_on, what, overdue_days,
    outstanding, part (of the amount, for this line)."""
    lines = open_lines(session, customer_id)
    parts = oldest_first(lines, amount)
    about = (ReceiptPlan.id, Contract.number, Contract.name.label("contract"), ReceiptPlan.due_on, ReceiptPlan.what)
    query = select(*about).join(Contract, Contract.id == ReceiptPlan.contract_id).where(Contract.customer_id == customer_id)
    query = query.where(ReceiptPlan.id.in_([line for line, _ in lines])).order_by(ReceiptPlan.due_on, ReceiptPlan.id)
    found = frame(session, query)
    late = pd.Series([max((day - due).days, 0) for due in found["due_on"]], index=found.index, dtype="int64")
    left = found["id"].map({line: float(still_open) for line, still_open in lines}).astype("float64")
    part = found["id"].map({line: float(taken) for line, taken in parts.items()}).astype("float64").fillna(0.0)
    return found.assign(overdue_days=late, outstanding=left, part=part)


# ------------------------------------------------------------------------------------------------------ receipts


class ReceiptFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    """In the reference or the name of the customer."""
    kind: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    customer_id: int | None = None
    board_id: tuple[int, ...] = ()
    received_from: dt.date | None = None
    received_to: dt.date | None = None
    unallocated: bool = False
    """Only receipts of which something is left."""

    def conditions(self) -> list[ColumnElement[bool]]:
        texts = (Receipt.reference, Customer.name)
        found = [or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in self.search.split()]
        for column, values in ((Receipt.kind, self.kind), (Receipt.method, self.method), (Receipt.board_id, self.board_id)):
            found += [column.in_(values)] if values else []
        found += [Receipt.customer_id == self.customer_id] if self.customer_id is not None else []
        found += [Receipt.received_on >= self.received_from] if self.received_from else []
        found += [Receipt.received_on <= self.received_to] if self.received_to else []
        return found + ([Receipt.id.in_(_with_rest())] if self.unallocated else [])


EVERY_RECEIPT = ReceiptFilter()

_other, _refund = aliased(Receipt), aliased(Receipt)


def _with_rest() -> Select[int]:
    """Ids of receipts of which something is neither written off nor given back; summed once, not for each receipt."""
    used = select(Allocation.receipt_id, func.sum(Allocation.amount).label("sum")).group_by(Allocation.receipt_id).subquery()
    back = select(_refund.refunds_id, func.sum(_refund.amount).label("sum")).where(_refund.refunds_id.is_not(None))
    given = back.group_by(_refund.refunds_id).subquery()
    query = select(_other.id).outerjoin(used, used.c.receipt_id == _other.id).outerjoin(given, given.c.refunds_id == _other.id)
    left = _other.amount + func.coalesce(given.c.sum, 0)
    return query.where(_other.kind == ReceiptKind.RECEIPT, left > func.coalesce(used.c.sum, 0))


def receipt(session: ScopedSession, receipt_id: int) -> Receipt:
    return get(session, Receipt, receipt_id)


def receipt_about(session: ScopedSession, receipt_id: int) -> dict[str, Any]:
    """-> customer, currency; free (neither written off nor given back); whether the actor `may_change` it."""
    found = receipt(session, receipt_id)
    about = {"customer": found.customer.name, "currency": get(session, OrgUnit, found.board_id).currency}
    free = float(free_of(session, receipt_id)) if found.kind == ReceiptKind.RECEIPT else 0.0
    return about | {"free": free, "may_change": found.changeable_by(session.actor, session)}


def free_of(session: ScopedSession, receipt_id: int) -> Decimal:
    """What is neither written off nor given back."""
    used = session.scalar(select(func.sum(Allocation.amount)).where(Allocation.receipt_id == receipt_id)) or ZERO
    back = session.scalar(select(func.sum(Receipt.amount)).where(Receipt.refunds_id == receipt_id)) or ZERO
    return receipt(session, receipt_id).amount - used + back


def receipt_list(session: ScopedSession, where: ReceiptFilter = EVERY_RECEIPT, page: int = 1, size: int = 50) -> pd.DataFrame:
    """Newest first -> id, received_on, customer_id, customer, kind, method, reference, amount, remark, version, currency,
    allocated, free (empty for a refund)."""
    about = (Receipt.id, Receipt.received_on, Receipt.customer_id, Customer.name.label("customer"), Receipt.kind)
    sums = (Receipt.amount, Receipt.remark, Receipt.version, OrgUnit.currency)
    query = select(*about, Receipt.method, Receipt.reference, *sums).join(OrgUnit, OrgUnit.id == Receipt.board_id)
    query = query.join(Customer, Customer.id == Receipt.customer_id).where(*where.conditions())
    query = query.order_by(Receipt.received_on.desc(), Receipt.id.desc()).limit(size).offset((page - 1) * size)
    found = frame(session, query)
    ids = found["id"].tolist()
    used = select(Allocation.receipt_id.label("id"), func.sum(Allocation.amount).label("sum"))
    back = select(Receipt.refunds_id.label("id"), func.sum(Receipt.amount).label("sum"))
    used = used.where(Allocation.receipt_id.in_(ids)).group_by(Allocation.receipt_id)
    back = back.where(Receipt.refunds_id.in_(ids)).group_by(Receipt.refunds_id)
    allocated, given = (found["id"].map(frame(session, query).set_index("id")["sum"]).fillna(0.0) for query in (used, back))
    free = (found["amount"] - allocated + given).where(found["kind"] == ReceiptKind.RECEIPT)
    return found.assign(allocated=allocated, free=free)


def every_receipt(session: ScopedSession, where: ReceiptFilter = EVERY_RECEIPT) -> pd.DataFrame:
    """All pages of `receipt_list`, for a file."""
    pages = [receipt_list(session, where, size=BATCH)]
    while len(pages[-1]) == BATCH:
        pages.append(receipt_list(session, where, page=len(pages) + 1, size=BATCH))
    return pd.concat(pages, ignore_index=True)


def free_of_customer(session: ScopedSession, customer_id: int) -> float:
    """What came in from a customer and is neither written off nor given back."""
    came = select(func.sum(Receipt.amount)).where(Receipt.customer_id == customer_id)
    used = select(func.sum(Allocation.amount)).join(Receipt, Receipt.id == Allocation.receipt_id)
    return float((session.scalar(came) or ZERO) - (session.scalar(used.where(Receipt.customer_id == customer_id)) or ZERO))


def receipt_totals(session: ScopedSession, where: ReceiptFilter = EVERY_RECEIPT) -> dict[str, Any]:
    """-> receipts (refunds included), amounts {currency: sum}."""
    query = select(Receipt.board_id, func.count(Receipt.id), func.sum(Receipt.amount)).group_by(Receipt.board_id)
    query = query.join(Customer, Customer.id == Receipt.customer_id).where(*where.conditions())
    rows = session.execute(query).all()
    return {
        "receipts": sum(row[1] for row in rows),
        "amounts": by_currency(session, {row[0]: float(row[2] or 0) for row in rows}),
    }


def allocations_of(session: ScopedSession, *, receipt_id: int | None = None, contract_id: int | None = None) -> pd.DataFrame:
    """Write-offs of a receipt or of a contract, as they were made -> id, created_at, receipt_id, reference, received_on, plan_id,
    due_on, what, contract_id, contract, amount, undoes_id, undone."""
    later = aliased(Allocation)
    undone = select(later.id).where(later.undoes_id == Allocation.id).correlate(Allocation).exists().label("undone")
    about = (Allocation.id, Allocation.created_at, Allocation.receipt_id, Receipt.reference, Receipt.received_on)
    line = (Allocation.plan_id, ReceiptPlan.due_on, ReceiptPlan.what, Contract.id.label("contract_id"))
    query = select(*about, *line, Contract.name.label("contract"), Allocation.amount, Allocation.undoes_id, undone)
    query = query.join(ReceiptPlan, ReceiptPlan.id == Allocation.plan_id).join(Contract, Contract.id == ReceiptPlan.contract_id)
    query = query.outerjoin(Receipt, Receipt.id == Allocation.receipt_id)
    query = query.where(Allocation.receipt_id == receipt_id) if receipt_id is not None else query
    query = query.where(Contract.id == contract_id) if contract_id is not None else query
    return frame(session, query.order_by(Allocation.id))
