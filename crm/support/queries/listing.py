"""The list of cases: filtered, sorted, counted and cut in SQL."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import numpy as np
import pandas as pd
from sqlalchemy import case, func, select

from crm.catalogue.models import Product
from crm.customers.models import Customer
from crm.database import frame
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, User
from crm.support.filters import CaseFilter, Sort
from crm.support.models import OPEN, Case, Priority
from crm.support.queries.clocks import clocks_of, most_urgent

ANY = CaseFilter()
RANKS = {priority.value: rank for rank, priority in enumerate(Priority)}
CLOCK = ["clock", "left", "due", "breached_at", "share", "colour", "clock_state"]


def case_list(
    session: ScopedSession,
    where: CaseFilter = ANY,
    sort: Sort = "opened_at",
    descending: bool = True,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """One page -> id, number, subject, kind, complaint_class, channel, priority, severity, state, customer_id, customer, product,
    owner_id, owner, team, cause, opened_at, answered_at, solved_at, closed_at, reopened, made_sla, version, and of the most
    urgent clock: clock, left (working seconds), due, breached_at, share, colour, clock_state."""
    order = _order(sort, descending)
    chosen = select(Case.id).where(*where.conditions()).order_by(*order)
    return shown(session, list(session.scalars(chosen.limit(size).offset((page - 1) * size))))


def totals(session: ScopedSession, where: CaseFilter = ANY) -> dict[str, int]:
    """-> cases, open, unassigned (open and nobody's), made_sla, missed_sla, reopened."""
    is_open = Case.state.in_(OPEN)
    asked: dict[str, Any] = {
        "open": is_open,
        "unassigned": is_open & Case.owner_id.is_(None),
        "made_sla": Case.made_sla.is_(True),
        "missed_sla": Case.made_sla.is_(False),
        "reopened": Case.reopened > 0,
    }
    counted = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in asked.items()]
    row = session.execute(select(func.count(Case.id).label("cases"), *counted).where(*where.conditions())).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def case_ids(session: ScopedSession, where: CaseFilter, limit: int = 10_000) -> list[int]:
    """The ids that the filter finds, for actions on all of them."""
    return list(session.scalars(select(Case.id).where(*where.conditions()).order_by(Case.id).limit(limit)))


def export_rows(session: ScopedSession, where: CaseFilter = ANY, limit: int = 200_000) -> pd.DataFrame:
    """All rows of the list, for a file -> columns of `case_list` but for those of the clocks."""
    return frame(session, _columns().where(*where.conditions()).order_by(Case.id).limit(limit))


def shown(session: ScopedSession, ids: list[int], urgent: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows of these ids, in their order -> columns of `case_list`; `urgent`: the most urgent clocks, where they are known."""
    found = frame(session, _columns().where(Case.id.in_(ids)))
    place = {one: place for place, one in enumerate(ids)}
    ordered = found.iloc[np.argsort([place[one] for one in found["id"].tolist()])].reset_index(drop=True)
    urgent = most_urgent(clocks_of(session, ids)) if urgent is None else urgent
    return beside(ordered, urgent.rename(columns={"state": "clock_state"})[CLOCK])


def beside(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """`rows.join(told, on="id")`, at a fraction of its time where each row is told of."""
    place = told.index.get_indexer(pd.Index(rows["id"]))
    if not place.size or (place < 0).any():
        return rows.join(told, on="id")
    return pd.concat([rows, told.take(place).set_axis(rows.index)], axis=1)


def _order(sort: str, descending: bool) -> list[Any]:
    if sort not in get_args(Sort):
        sort = "opened_at"
    column: Any = case(RANKS, value=Case.priority, else_=9) if sort == "priority" else getattr(Case, sort)
    first = column.desc().nulls_last() if descending else column.asc().nulls_last()
    return [first, Case.id.desc() if descending else Case.id]


@cache
def _columns() -> Any:
    return (
        select(
            Case.id,
            Case.number,
            Case.subject,
            Case.kind,
            Case.complaint_class,
            Case.channel,
            Case.priority,
            Case.severity,
            Case.state,
            Case.customer_id,
            Customer.name.label("customer"),
            Product.name.label("product"),
            Case.owner_id,
            User.name.label("owner"),
            OrgUnit.name.label("team"),
            Case.cause,
            Case.opened_at,
            Case.answered_at,
            Case.solved_at,
            Case.closed_at,
            Case.reopened,
            Case.made_sla,
            Case.version,
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Product, Product.id == Case.product_id)
        .outerjoin(User, User.id == Case.owner_id)
        .outerjoin(OrgUnit, OrgUnit.id == Case.team_id)
    )
