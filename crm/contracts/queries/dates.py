"""The days of contracts that a calendar shows: money that is due, and when they end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.contracts.models import Allocation, Contract, ContractState, ReceiptPlan
from crm.contracts.queries.receipts import OWED, open_of_line
from crm.customers.models import Customer
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

MOST = 1000
Rows = list[dict[str, Any]]
"""Plain values by column, None where there is nothing."""


def receipts_between(session: ScopedSession, since: dt.date, until: dt.date, people: Sequence[int] | None = None) -> Rows:
    """Lines of plans that are due on these days and not paid whole -> id, contract_id, number, customer, day, what, outstanding,
    currency, who_id, who."""
    left = open_of_line().label("outstanding")
    about = (ReceiptPlan.id, Contract.id.label("contract_id"), Contract.number, Customer.name.label("customer"))
    query: Any = select(*about, ReceiptPlan.due_on.label("day"), ReceiptPlan.what, left, OrgUnit.currency)
    query = query.add_columns(Contract.owner_id.label("who_id"), User.name.label("who"))
    query = query.join(Contract, Contract.id == ReceiptPlan.contract_id).join(Customer, Customer.id == Contract.customer_id)
    query = query.join(OrgUnit, OrgUnit.id == Contract.board_id).outerjoin(User, User.id == Contract.owner_id)
    query = query.where(Contract.state.in_(OWED), left > 0, ReceiptPlan.due_on.between(since, until))
    query = query if people is None else query.where(Contract.owner_id.in_(people))
    query = through_parent(query.order_by(ReceiptPlan.due_on, ReceiptPlan.id).limit(MOST), Allocation)
    return [row | {"outstanding": float(row["outstanding"])} for row in map(dict, session.execute(query).mappings())]


def ends_between(session: ScopedSession, since: dt.date, until: dt.date, people: Sequence[int] | None = None) -> Rows:
    """Contracts that ran or run until one of these days -> id, number, name, customer, day, state, who_id, who."""
    about = (Contract.id, Contract.number, Contract.name, Customer.name.label("customer"), Contract.ends_on.label("day"))
    query = select(*about, Contract.state, Contract.owner_id.label("who_id"), User.name.label("who"))
    query = query.join(Customer, Customer.id == Contract.customer_id).outerjoin(User, User.id == Contract.owner_id)
    query = query.where(Contract.state.in_([ContractState.RUNNING, ContractState.ENDED]), Contract.ends_on.between(since, until))
    query = query if people is None else query.where(Contract.owner_id.in_(people))
    return [dict(row) for row in session.execute(query.order_by(Contract.ends_on, Contract.id).limit(MOST)).mappings()]
