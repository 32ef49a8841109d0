"""From lead to cash: what became of what, of one customer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select

from crm.contracts.models import Allocation, Contract, ContractOrder, Invoice, Receipt, ReceiptPlan
from crm.customers.models import Customer, Order
from crm.database import frame
from crm.marketing.models import Lead
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession, get

STEPS = ("lead", "opportunity", "contract", "order", "invoice", "receipt")
COLUMNS = ["kind", "id", "happened_on", "number", "name", "state", "amount", "from_kind", "from_id"]


def trace(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Everything between the lead and the money, by day -> kind (one of STEPS), id, happened_on, number, name, state (of an
    order, an invoice or a receipt: its kind), amount, from_kind, from_id (what it came from).

    A receipt that pays for several contracts has a row for each, and one with from_id empty for what is not written off.
    """
    get(session, Customer, customer_id)
    parts = [_leads, _opportunities, _contracts, _orders, _invoices]
    came_from = [None, "lead", "opportunity", "contract", "contract"]
    found = [
        frame(session, part(customer_id)).assign(kind=step, from_kind=before).astype(object)
        for step, before, part in zip(STEPS, came_from, parts, strict=False)
    ]
    every = pd.concat([*found, _receipts(session, customer_id)], ignore_index=True).reindex(columns=COLUMNS)
    every["happened_on"] = [day.date() if isinstance(day, dt.datetime) else day for day in every["happened_on"]]
    every["amount"] = every["amount"].astype("float64")
    every["from_kind"] = every["from_kind"].where(every["from_id"].notna(), None)
    rank = every["kind"].map(STEPS.index)
    order = every.assign(rank=rank).sort_values(["happened_on", "rank", "id"]).index
    return every.loc[order, COLUMNS].reset_index(drop=True)


def _leads(customer_id: int) -> Select[*tuple[Any, ...]]:
    on, amount = Lead.created_at.label("happened_on"), Lead.budget.label("amount")
    return select(Lead.id, on, Lead.name, Lead.state, amount).where(Lead.customer_id == customer_id)


def _opportunities(customer_id: int) -> Select[*tuple[Any, ...]]:
    on, before = Opportunity.created_on.label("happened_on"), Opportunity.lead_id.label("from_id")
    query = select(Opportunity.id, on, Opportunity.number, Opportunity.name, Opportunity.state, Opportunity.amount, before)
    return query.where(Opportunity.customer_id == customer_id)


def _contracts(customer_id: int) -> Select[*tuple[Any, ...]]:
    on = func.coalesce(Contract.signed_on, Contract.starts_on).label("happened_on")
    before = Contract.opportunity_id.label("from_id")
    query = select(Contract.id, on, Contract.number, Contract.name, Contract.state, Contract.amount, before)
    return query.where(Contract.customer_id == customer_id)


def _orders(customer_id: int) -> Select[*tuple[Any, ...]]:
    on, before = Order.ordered_on.label("happened_on"), ContractOrder.contract_id.label("from_id")
    query = select(Order.id, on, Order.number, Order.kind.label("state"), Order.amount, before)
    return query.outerjoin(ContractOrder, ContractOrder.order_id == Order.id).where(Order.customer_id == customer_id)


def _invoices(customer_id: int) -> Select[*tuple[Any, ...]]:
    on, before = Invoice.issued_on.label("happened_on"), Invoice.contract_id.label("from_id")
    query = select(Invoice.id, on, Invoice.number, Invoice.kind.label("state"), Invoice.amount, before)
    return query.join(Contract, Contract.id == Invoice.contract_id).where(Contract.customer_id == customer_id)


def _receipts(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Parts by contract, what is left of each, and refunds as they are."""
    on, name = Receipt.received_on.label("happened_on"), Receipt.reference.label("name")
    about = (Receipt.id, on, name, Receipt.kind.label("state"), Receipt.amount, Receipt.refunds_id)
    came = frame(session, select(*about).where(Receipt.customer_id == customer_id))
    used = select(Allocation.receipt_id.label("id"), ReceiptPlan.contract_id.label("from_id"))
    used = used.add_columns(func.sum(Allocation.amount).label("part")).join(ReceiptPlan, ReceiptPlan.id == Allocation.plan_id)
    used = used.where(Allocation.receipt_id.in_(came["id"].tolist())).group_by(Allocation.receipt_id, ReceiptPlan.contract_id)
    parts = frame(session, used)
    parts = parts[parts["part"] != 0]
    written = came.merge(parts, on="id").assign(amount=lambda one: one["part"], from_kind="contract").drop(columns="part")
    left = came["amount"] - came["id"].map(parts.groupby("id")["part"].sum()).fillna(0.0)
    rest = came.assign(amount=left, from_id=came["refunds_id"], from_kind="receipt")
    rest = rest[rest["amount"] != 0]
    return pd.concat([written.astype(object), rest.astype(object)]).assign(kind="receipt").drop(columns="refunds_id")
