"""What can be asked about contracts: the list with its filters and totals, one record with its sums, renewals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, case, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from crm.contracts.models import Allocation, Contract, ContractState, Invoice, ReceiptPlan
from crm.contracts.queries.receipts import BATCH, OWED, open_of_line, paid_for_line
from crm.customers.models import Customer
from crm.customers.queries.orders import by_currency
from crm.database import Money, frame
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit, User

Sort = Literal["number", "name", "signed_on", "starts_on", "ends_on", "amount", "created_at"]

_later = aliased(Contract)
_RENEWABLE_DAYS = 90
"""So long after its end a contract that nobody renewed is still shown."""


class ContractFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    """In the number, the name, or the name of the customer."""
    state: tuple[str, ...] = ()
    customer_id: int | None = None
    opportunity_id: int | None = None
    owner_id: tuple[int, ...] = ()
    team_id: tuple[int, ...] = ()
    board_id: tuple[int, ...] = ()
    signed_from: dt.date | None = None
    signed_to: dt.date | None = None
    ends_from: dt.date | None = None
    ends_to: dt.date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    renewal_due: bool = False
    overdue: bool = False

    def conditions(self, day: dt.date) -> list[ColumnElement[bool]]:
        texts = (Contract.number, Contract.name, Customer.name)
        found = [or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in self.search.split()]
        for name in ("state", "owner_id", "team_id", "board_id"):
            found += [getattr(Contract, name).in_(values)] if (values := getattr(self, name)) else []
        for name in ("customer_id", "opportunity_id"):
            found += [getattr(Contract, name) == value] if (value := getattr(self, name)) is not None else []
        for name, column in (("signed", Contract.signed_on), ("ends", Contract.ends_on), ("amount", Contract.amount)):
            low, high = getattr(self, f"{name}_from"), getattr(self, f"{name}_to")
            found += [column >= low] if low is not None else []
            found += [column <= high] if high is not None else []
        found += renewable(day) if self.renewal_due else []
        if self.overdue:
            late = select(ReceiptPlan.contract_id).where(ReceiptPlan.due_on < day, open_of_line() > 0)
            found += [Contract.state.in_(OWED), Contract.id.in_(late)]
        return found


EVERY_CONTRACT = ContractFilter()


def contract(session: ScopedSession, contract_id: int) -> Contract:
    return get(session, Contract, contract_id)


def contract_list(
    session: ScopedSession,
    day: dt.date,
    where: ContractFilter = EVERY_CONTRACT,
    sort: Sort = "signed_on",
    descending: bool = True,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """One page -> id, number, name, customer_id, customer, owner, state, signed_on, starts_on, ends_on, currency, amount,
    received, invoiced, overdue."""
    about = (Contract.id, Contract.number, Contract.name, Contract.customer_id, Customer.name.label("customer"))
    days = (Contract.state, Contract.signed_on, Contract.starts_on, Contract.ends_on, OrgUnit.currency, Contract.amount)
    query = select(*about, User.name.label("owner"), *days).join(Customer, Customer.id == Contract.customer_id)
    query = query.join(OrgUnit, OrgUnit.id == Contract.board_id).outerjoin(User, User.id == Contract.owner_id)
    column: Any = getattr(Contract, sort)
    order = (column.is_(None), column.desc() if descending else column, Contract.id.desc())
    found = frame(session, query.where(*where.conditions(day)).order_by(*order).limit(size).offset((page - 1) * size))
    ids = found["id"].tolist()
    sums = _sums(session, ids, day)
    return found.assign(**{name: np.array([each.get(one, 0.0) for one in ids], dtype="float64") for name, each in sums.items()})


def contract_totals(session: ScopedSession, day: dt.date, where: ContractFilter = EVERY_CONTRACT) -> dict[str, Any]:
    """-> contracts, amounts {currency: sum}."""
    query = select(Contract.board_id, func.count(Contract.id), func.sum(Contract.amount)).group_by(Contract.board_id)
    if where.search:
        query = query.join(Customer, Customer.id == Contract.customer_id)
    rows = session.execute(query.where(*where.conditions(day))).all()
    amounts = by_currency(session, {row[0]: float(row[2] or 0) for row in rows})
    return {"contracts": sum(row[1] for row in rows), "amounts": amounts}


def every_contract(session: ScopedSession, day: dt.date, where: ContractFilter = EVERY_CONTRACT) -> pd.DataFrame:
    """All pages of `contract_list`, for a file."""
    pages = [contract_list(session, day, where, size=BATCH)]
    while len(pages[-1]) == BATCH:
        pages.append(contract_list(session, day, where, page=len(pages) + 1, size=BATCH))
    return pd.concat(pages, ignore_index=True)


def contract_money(session: ScopedSession, day: dt.date, where: ContractFilter = EVERY_CONTRACT) -> dict[str, dict[str, float]]:
    """-> received, outstanding (planned, not received; of signed contracts), overdue: {currency: sum}."""
    owed, late = Contract.state.in_(OWED), ReceiptPlan.due_on < day
    lines = select(Contract.board_id, open_of_line().label("left"), paid_for_line().label("paid"), owed.label("owed"))
    lines = lines.add_columns(late.label("late")).select_from(ReceiptPlan).join(Contract, Contract.id == ReceiptPlan.contract_id)
    lines = lines.join(Customer, Customer.id == Contract.customer_id) if where.search else lines
    each = lines.where(*where.conditions(day)).subquery()
    counted = {
        "received": func.sum(each.c.paid),
        "outstanding": func.sum(case((each.c.owed, each.c.left), else_=0)),
        "overdue": func.sum(case((each.c.owed & each.c.late, each.c.left), else_=0)),
    }
    query = select(each.c.board_id, *(type_coerce(total, Money).label(name) for name, total in counted.items()))
    rows = session.execute(through_parent(query.group_by(each.c.board_id), Allocation)).all()
    return {name: by_currency(session, {row.board_id: float(getattr(row, name) or 0) for row in rows}) for name in counted}


def contract_sums(session: ScopedSession, contract_id: int, day: dt.date) -> dict[str, float]:
    """Of one contract -> amount, planned, received, invoiced, overdue, outstanding (planned, not received), to_plan, to_receive,
    to_invoice (negative: too much)."""
    found = contract(session, contract_id)
    sums = {name: each.get(contract_id, 0.0) for name, each in _sums(session, [contract_id], day).items()}
    lines = session.scalar(select(func.sum(ReceiptPlan.amount)).where(ReceiptPlan.contract_id == contract_id))
    amount, plan = float(found.amount), float(lines or 0)
    told = {"amount": amount, "planned": plan} | {name: sums[name] for name in ("received", "invoiced", "overdue")}
    told["outstanding"] = round(plan - told["received"], 4)
    lacks = {"to_plan": plan, "to_receive": told["received"], "to_invoice": told["invoiced"]}
    return told | {name: round(amount - value, 4) for name, value in lacks.items()}


def _sums(session: ScopedSession, ids: list[int], day: dt.date) -> dict[str, dict[int, float]]:
    """-> received, overdue, invoiced: each by contract, of those that have any."""
    if not ids:
        return {"received": {}, "overdue": {}, "invoiced": {}}
    of = ReceiptPlan.contract_id
    received = select(of, func.sum(Allocation.amount)).select_from(ReceiptPlan).group_by(of)
    received = received.join(Allocation, Allocation.plan_id == ReceiptPlan.id).where(of.in_(ids))
    late = select(of, func.sum(open_of_line())).join(Contract, Contract.id == ReceiptPlan.contract_id).group_by(of)
    late = late.where(of.in_(ids), ReceiptPlan.due_on < day, Contract.state.in_(OWED))
    invoiced = select(Invoice.contract_id, func.sum(Invoice.amount)).where(Invoice.contract_id.in_(ids))
    asked: dict[str, Select[*tuple[Any, ...]]] = {
        "received": through_parent(received, Allocation),
        "overdue": through_parent(late, Allocation),
        "invoiced": invoiced.group_by(Invoice.contract_id),
    }
    return {name: {one: float(total) for one, total in session.execute(query)} for name, query in asked.items()}


def contract_ties(session: ScopedSession, contract_id: int) -> dict[str, Any]:
    """What a contract hangs on -> customer, owner, board, currency; opportunity, renews and renewed_by as (id, text), or None;
    and whether the actor `may_change` it."""
    found = contract(session, contract_id)
    board = get(session, OrgUnit, found.board_id)
    owner = session.scalar(select(User.name).where(User.id == found.owner_id))
    about = select(Opportunity.id, Opportunity.name).where(Opportunity.id == found.opportunity_id)
    before = select(Contract.id, Contract.number).where(Contract.id == found.renews_id)
    after = select(Contract.id, Contract.number).where(Contract.renews_id == contract_id)
    ties = {"opportunity": about, "renews": before, "renewed_by": after}
    told = {"customer": found.customer.name, "owner": owner, "board": board.name, "currency": board.currency}
    rows = {name: session.execute(query).first() for name, query in ties.items()}
    links = {name: tuple(row) if row is not None else None for name, row in rows.items()}
    return told | links | {"may_change": found.changeable_by(session.actor, session)}


# ------------------------------------------------------------------------------------------------------ renewals


def renewals_due(
    session: ScopedSession,
    day: dt.date,
    owner_id: int | None = None,
    board_id: int | None = None,
    limit: int = 200,
    within: int | None = None,
) -> pd.DataFrame:
    """Contracts whose reminder has come (or that end `within` so many days), or that ended lately, and that nobody has renewed;
    the earliest end first -> id, number, name, customer_id, customer, owner, state, ends_on, days_left (negative: since it
    ended), amount, currency."""
    about = (Contract.id, Contract.number, Contract.name, Contract.customer_id, Customer.name.label("customer"))
    query = select(*about, User.name.label("owner"), Contract.state, Contract.ends_on, Contract.amount, OrgUnit.currency)
    query = query.join(Customer, Customer.id == Contract.customer_id).outerjoin(User, User.id == Contract.owner_id)
    query = query.join(OrgUnit, OrgUnit.id == Contract.board_id).where(*renewable(day, within))
    query = query.where(Contract.owner_id == owner_id) if owner_id is not None else query
    query = query.where(Contract.board_id == board_id) if board_id is not None else query
    found = frame(session, query.order_by(Contract.ends_on, Contract.id).limit(limit))
    left = pd.Series([(end - day).days for end in found["ends_on"]], index=found.index, dtype="int64")
    found.insert(list(found.columns).index("ends_on") + 1, "days_left", left)
    return found


def renewable(day: dt.date, within: int | None = None) -> list[ColumnElement[bool]]:
    """Contracts whose reminder has come, or that end within so many days, or ended lately; not yet renewed."""
    lately = (Contract.state == ContractState.ENDED) & (Contract.ends_on >= day - dt.timedelta(_RENEWABLE_DAYS))
    renewed = select(_later.id).where(_later.renews_id == Contract.id).correlate(Contract).exists()
    near = Contract.remind_on <= day if within is None else Contract.ends_on <= day + dt.timedelta(within)
    due = Contract.state.in_([ContractState.RUNNING, ContractState.ENDED]) & near
    return [due, or_(Contract.state == ContractState.RUNNING, lately), ~renewed]
