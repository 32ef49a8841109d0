"""Visits that are to be made, and known problems with their cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, case, func, or_, select

from crm.catalogue.models import Product
from crm.customers.models import Customer
from crm.database import frame
from crm.session import ScopedSession, through_parent
from crm.staff.models import User
from crm.support.filters import beginning
from crm.support.models import OPEN, Case, FieldVisit, Problem, ProblemState, VisitState


def visit_list(
    session: ScopedSession,
    *,
    technician_id: int | None = None,
    team: bool = False,
    planned: bool = True,
    until: dt.date | None = None,
    limit: int = 200,
) -> pd.DataFrame:
    """Those still to be made, the next first; or those that were made or cancelled, the last first -> id, case_id, number,
    subject, customer_id, customer, technician_id, technician, planned_at, minutes, address, task, state, done_at,
    result, version.

    `team`: of technicians of my units."""
    kind = FieldVisit
    query = (
        select(
            kind.id,
            kind.case_id,
            Case.number,
            Case.subject,
            Case.customer_id,
            Customer.name.label("customer"),
            kind.technician_id,
            User.name.label("technician"),
            kind.planned_at,
            kind.minutes,
            kind.address,
            kind.task,
            kind.state,
            kind.done_at,
            kind.result,
            kind.version,
        )
        .join(Case, Case.id == kind.case_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(User, User.id == kind.technician_id)
    )
    asked: list[ColumnElement[bool]] = [(kind.state == VisitState.PLANNED) if planned else (kind.state != VisitState.PLANNED)]
    asked += [kind.technician_id == technician_id] if technician_id is not None else []
    asked += [User.unit_id.in_(sorted(session.actor.team_ids))] if team else []
    asked += [kind.planned_at < beginning(until + dt.timedelta(1))] if until is not None else []
    order = (kind.planned_at, kind.id) if planned else (kind.planned_at.desc(), kind.id.desc())
    return frame(session, through_parent(query.where(*asked).order_by(*order).limit(limit), kind))


def visits_between(
    session: ScopedSession, first: dt.datetime, last: dt.datetime, people: Sequence[int] | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """Field visits planned between two moments (without the last), but for cancelled ones, of technicians or of all -> plain
    values by id, case_id, number, subject, customer, planned_at, minutes, address, task, state, who_id, who."""
    kind = FieldVisit
    about: tuple[Any, ...] = (kind.id, kind.case_id, Case.number, Case.subject, Customer.name.label("customer"), kind.planned_at)
    query = select(*about, kind.minutes, kind.address, kind.task, kind.state)
    query = query.add_columns(kind.technician_id.label("who_id"), User.name.label("who"))
    query = query.join(Case, Case.id == kind.case_id).outerjoin(Customer, Customer.id == Case.customer_id)
    query = query.outerjoin(User, User.id == kind.technician_id)
    query = query.where(kind.planned_at >= first, kind.planned_at < last, kind.state != VisitState.CANCELLED)
    query = query if people is None else query.where(kind.technician_id.in_(people))
    found = session.execute(through_parent(query.order_by(kind.planned_at, kind.id).limit(limit), kind))
    return [dict(row) for row in found.mappings()]


def problem_list(session: ScopedSession, *, search: str = "", solved: bool = True, limit: int = 500) -> pd.DataFrame:
    """Known problems, those with most open cases first -> id, name, product, state, cases, open_cases (as the actor sees them),
    last_case_on, workaround, updated_at, version; `solved`: those that are solved as well."""
    counted = (
        select(
            Case.problem_id.label("problem_id"),
            func.count(Case.id).label("cases"),
            func.sum(case((Case.state.in_(OPEN), 1), else_=0)).label("open_cases"),
            func.max(Case.opened_at).label("last_case_on"),
        )
        .where(Case.problem_id.is_not(None))
        .group_by(Case.problem_id)
        .subquery()
    )
    query = (
        select(
            Problem.id,
            Problem.name,
            Product.name.label("product"),
            Problem.state,
            func.coalesce(counted.c.cases, 0).label("cases"),
            func.coalesce(counted.c.open_cases, 0).label("open_cases"),
            counted.c.last_case_on,
            Problem.workaround,
            Problem.updated_at,
            Problem.version,
        )
        .outerjoin(counted, counted.c.problem_id == Problem.id)
        .outerjoin(Product, Product.id == Problem.product_id)
    )
    texts = (Problem.name, Problem.description, Problem.cause, Problem.workaround)
    for word in search.split():
        query = query.where(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    query = query if solved else query.where(Problem.state != ProblemState.SOLVED)
    return frame(session, query.order_by(func.coalesce(counted.c.open_cases, 0).desc(), Problem.name).limit(limit))


def problem_choices(session: ScopedSession) -> dict[int, str]:
    """Those that are not solved first -> id: name."""
    query = select(Problem.id, Problem.name).order_by(Problem.state == ProblemState.SOLVED, Problem.name)
    return {row.id: row.name for row in session.execute(query)}


def causes_in_use(session: ScopedSession, limit: int = 200) -> list[str]:
    """The causes that stand in cases, the most frequent ones, by name."""
    query = select(Case.cause).where(Case.cause.is_not(None)).group_by(Case.cause).order_by(func.count(Case.id).desc())
    return sorted(cause for cause in session.scalars(query.limit(limit)) if cause)
