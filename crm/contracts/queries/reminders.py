"""Money that should come in, and contracts that end, as reminders for whoever has the contract."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from crm.contracts.models import Allocation, Contract, ReceiptPlan
from crm.contracts.queries.contracts import renewable
from crm.contracts.queries.receipts import OWED, open_of_line
from crm.office.reminding import Reminder
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit


def receipts_due(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """One for each line of a plan that is not paid whole."""
    left = open_of_line()
    query: Any = select(
        Contract.owner_id, Contract.id, Contract.number, Contract.name, ReceiptPlan.due_on, left, OrgUnit.currency
    )
    query = query.join(Contract, Contract.id == ReceiptPlan.contract_id).join(OrgUnit, OrgUnit.id == Contract.board_id)
    due = (Contract.state.in_(OWED), Contract.owner_id.is_not(None), left > 0, ReceiptPlan.due_on <= day + dt.timedelta(before))
    query = query.where(*due).order_by(ReceiptPlan.due_on, ReceiptPlan.id)
    return [
        Reminder(owner_id, "contract", contract_id, f"{number} {name}", due_on, {"amount": float(amount), "currency": currency})
        for owner_id, contract_id, number, name, due_on, amount, currency in session.execute(through_parent(query, Allocation))
    ]


def ending(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """From the day on that each contract names itself; `before` adds to it."""
    query: Any = select(Contract.owner_id, Contract.id, Contract.number, Contract.name, Contract.ends_on)
    query = query.where(Contract.owner_id.is_not(None), *renewable(day + dt.timedelta(before))).order_by(Contract.ends_on)
    rows = session.execute(query)
    return [Reminder(owner, "contract", one, f"{number} {name}", ends) for owner, one, number, name, ends in rows if ends]
