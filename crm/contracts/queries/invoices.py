"""What can be asked about invoices, and what an order of a contract still lacks."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.catalogue.models import Product
from crm.contracts.models import Allocation, ContractOrder, Invoice, Receipt, ReceiptPlan
from crm.contracts.queries.contracts import contract
from crm.customers.models import Order, OrderKind, OrderLine
from crm.database import frame
from crm.session import ScopedSession, through_parent

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


def orders_under(session: ScopedSession, contract_id: int) -> pd.DataFrame:
    """Orders of a contract and what came back of them, by day -> id, number, ordered_on, kind, amount, returns (of a return: the
    number of the order)."""
    first = aliased(Order)
    columns = (Order.id, Order.number, Order.ordered_on, Order.kind, Order.amount, first.number.label("returns"))
    query = select(*columns).join(ContractOrder, ContractOrder.order_id == Order.id)
    query = query.outerjoin(first, first.id == ContractOrder.returns_id).where(ContractOrder.contract_id == contract_id)
    return frame(session, query.order_by(Order.ordered_on, Order.id))


def lines_under(session: ScopedSession, contract_id: int, order_id: int) -> pd.DataFrame:
    """Lines of an order of a contract -> id, product_id, code, description, quantity, unit_price (after discount), amount."""
    name = func.coalesce(OrderLine.description, Product.name).label("description")
    query = select(OrderLine.id, OrderLine.product_id, Product.code, name, OrderLine.quantity, OrderLine.amount)
    query = query.join(Order, Order.id == OrderLine.order_id).outerjoin(Product, Product.id == OrderLine.product_id)
    query = query.join(ContractOrder, ContractOrder.order_id == Order.id).where(Order.id == order_id)
    query = query.where(ContractOrder.contract_id == contract_id).order_by(OrderLine.id)
    found = frame(session, through_parent(query, OrderLine))
    each = (found["amount"] / found["quantity"]).where(found["quantity"] != 0, 0.0)
    return found.assign(unit_price=each)


def orders_to_link(session: ScopedSession, contract_id: int, returns: bool = False, limit: int = 100) -> pd.DataFrame:
    """Orders (or returns) of the customer that belong to no contract yet, newest first -> id, number, ordered_on, kind,
    amount."""
    found = contract(session, contract_id)
    taken = select(ContractOrder.id).where(ContractOrder.order_id == Order.id).exists()
    back = Order.kind == OrderKind.RETURN
    query = select(Order.id, Order.number, Order.ordered_on, Order.kind, Order.amount)
    query = query.where(Order.customer_id == found.customer_id, back if returns else ~back, ~taken)
    return frame(session, query.order_by(Order.ordered_on.desc(), Order.id.desc()).limit(limit))


def refunded(session: ScopedSession, contract_id: int) -> Decimal:
    """What went back of receipts that paid for a contract, as a positive amount."""
    paid = select(Allocation.receipt_id).join(ReceiptPlan, ReceiptPlan.id == Allocation.plan_id)
    paid = paid.where(ReceiptPlan.contract_id == contract_id)
    return -(session.scalar(select(func.sum(Receipt.amount)).where(Receipt.refunds_id.in_(paid))) or ZERO)


def _by_order(found: pd.DataFrame, only: int | None) -> pd.Series[float]:
    """-> index order_id (-1: none); sums."""
    keys = found["order_id"].astype("float64").fillna(-1 if only is None else only).astype("int64")
    return found["sum"].groupby(keys).sum()
