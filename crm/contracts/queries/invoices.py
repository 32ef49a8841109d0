"""What can be asked about invoices, and what an order of a contract still lacks."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.contracts.models import Allocation, ContractOrder, Invoice, ReceiptPlan
from crm.contracts.queries.contracts import contract
from crm.customers.models import Order
from crm.database import frame
from crm.session import ScopedSession

ZERO = Decimal(0)


def invoiced(session: ScopedSession, contract_id: int) -> Decimal:
    """All invoices less all credit notes."""
    return session.scalar(select(func.sum(Invoice.amount)).where(Invoice.contract_id == contract_id)) or ZERO


def credit_left(session: ScopedSession, invoice: Invoice) -> Decimal:
    """What of an invoice was not credited yet."""
    return invoice.amount + (session.scalar(select(func.sum(Invoice.amount)).where(Invoice.credits_id == invoice.id)) or ZERO)


def returned_of(session: ScopedSession, order_id: int) -> Decimal:
    """What came back of an order so far, as a positive amount."""
    query = select(func.sum(Order.amount)).join(ContractOrder, ContractOrder.order_id == Order.id)
    return -(session.scalar(query.where(ContractOrder.returns_id == order_id)) or ZERO)


def invoices_of(session: ScopedSession, contract_id: int) -> pd.DataFrame:
    """By day -> id, number, kind, issued_on, order, amount, credits (of a credit note: the number of its invoice), to_credit (of
    an invoice, not credited yet), remark, version."""
    first = aliased(Invoice)
    columns = (Invoice.id, Invoice.number, Invoice.kind, Invoice.issued_on, Order.number.label("order"), Invoice.amount)
    query = select(*columns, Invoice.credits_id, first.number.label("credits"), Invoice.remark, Invoice.version)
    query = query.outerjoin(first, first.id == Invoice.credits_id).outerjoin(Order, Order.id == Invoice.order_id)
    query = query.where(Invoice.contract_id == contract_id).order_by(Invoice.issued_on, Invoice.id)
    found = frame(session, query)
    taken = found.groupby("credits_id")["amount"].sum()
    left = (found["amount"] + found["id"].map(taken).fillna(0.0)).where(found["credits_id"].isna())
    return found.drop(columns="credits_id").assign(to_credit=left)


def order_balance(session: ScopedSession, contract_id: int) -> pd.DataFrame:
    """What each order of a contract still lacks -> order_id, number, ordered_on, amount, returned, invoiced, received,
    to_invoice, to_receive (both of the amount less what came back).

    What names no order belongs to the only one there is; where there are several, a last row without order_id holds it.
    """
    contract(session, contract_id)
    query = select(Order.id.label("order_id"), Order.number, Order.ordered_on, Order.amount)
    query = query.join(ContractOrder, ContractOrder.order_id == Order.id).where(ContractOrder.contract_id == contract_id)
    orders = frame(session, query.where(ContractOrder.returns_id.is_(None)).order_by(Order.ordered_on, Order.id))
    back = select(ContractOrder.returns_id.label("order_id"), (func.sum(Order.amount)).label("sum"))
    back = back.select_from(ContractOrder).join(Order, Order.id == ContractOrder.order_id)
    back = back.where(ContractOrder.contract_id == contract_id, ContractOrder.returns_id.is_not(None))
    bills = select(Invoice.order_id, func.sum(Invoice.amount).label("sum")).where(Invoice.contract_id == contract_id)
    paid = select(ReceiptPlan.order_id, func.sum(Allocation.amount).label("sum")).select_from(ReceiptPlan)
    paid = paid.join(Allocation, Allocation.plan_id == ReceiptPlan.id).where(ReceiptPlan.contract_id == contract_id)
    only = orders["order_id"].iloc[0] if len(orders) == 1 else None
    sums = {
        "returned": -_by_order(frame(session, back.group_by(ContractOrder.returns_id)), only),
        "invoiced": _by_order(frame(session, bills.group_by(Invoice.order_id)), only),
        "received": _by_order(frame(session, paid.group_by(ReceiptPlan.order_id)), only),
    }
    rest = pd.DataFrame({"order_id": [None]})
    found = pd.concat([orders.astype({"order_id": object}), rest.astype(object)], ignore_index=True)
    for name, by_order in sums.items():
        found[name] = [float(by_order.get(-1 if pd.isna(one) else one, 0.0)) for one in found["order_id"]]
    due = found["amount"].astype("float64") - found["returned"]
    found["to_invoice"], found["to_receive"] = due - found["invoiced"], due - found["received"]
    nothing = found["order_id"].isna() & (found[list(sums)] == 0).all(axis=1)
    return found[~nothing].reset_index(drop=True)


def _by_order(found: pd.DataFrame, only: int | None) -> pd.Series[float]:
    """-> index order_id (-1: none); sums."""
    keys = found["order_id"].astype("float64").fillna(-1 if only is None else only).astype("int64")
    return found["sum"].groupby(keys).sum()
