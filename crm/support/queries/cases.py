"""One case, and what hangs on it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from crm.database import frame
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit, User
from crm.support.models import Case, CaseComment, CaseEvent, Escalation, FieldVisit, Problem, VisitState


def case(session: ScopedSession, case_id: int) -> Case:
    return get(session, Case, case_id)


def events(session: ScopedSession, case_id: int) -> pd.DataFrame:
    """Oldest first -> id, at, what, state, priority, owner, team, note, by."""
    owner, by = aliased(User), aliased(User)
    query = (
        select(
            CaseEvent.id,
            CaseEvent.at,
            CaseEvent.what,
            CaseEvent.state,
            CaseEvent.priority,
            owner.name.label("owner"),
            OrgUnit.name.label("team"),
            CaseEvent.note,
            by.name.label("by"),
        )
        .select_from(CaseEvent)
        .join(Case, Case.id == CaseEvent.case_id)
        .outerjoin(owner, owner.id == CaseEvent.owner_id)
        .outerjoin(OrgUnit, OrgUnit.id == CaseEvent.team_id)
        .outerjoin(by, by.id == CaseEvent.by_id)
        .where(Case.id == case_id)
    )
    return frame(session, through_parent(query.order_by(CaseEvent.at, CaseEvent.id), CaseEvent))


def comments(session: ScopedSession, case_id: int) -> pd.DataFrame:
    """Oldest first, with those of the cases that were merged into it -> id, at, text, public, by_customer, by, number (of the
    case)."""
    return frame(session, _comments().where(or_(Case.id == case_id, Case.merged_into_id == case_id)))


@cache
def _comments() -> Select[*tuple[Any, ...]]:
    said = (CaseComment.id, CaseComment.at, CaseComment.text, CaseComment.public, CaseComment.by_customer)
    query: Select[*tuple[Any, ...]] = select(*said, User.name.label("by"), Case.number).select_from(CaseComment)
    query = query.join(Case, Case.id == CaseComment.case_id).outerjoin(User, User.id == CaseComment.by_id)
    return through_parent(query.order_by(CaseComment.at, CaseComment.id), CaseComment)


def merged_here(session: ScopedSession, case_id: int) -> list[Case]:
    """The cases that were merged into it."""
    return list(session.scalars(select(Case).where(Case.merged_into_id == case_id).order_by(Case.id)))


def escalations(
    session: ScopedSession, *, case_id: int | None = None, to_id: int | None = None, limit: int = 200
) -> pd.DataFrame:
    """Of a case or to a person, newest first -> id, case_id, number, subject, clock, level, to, at."""
    query = select(
        Escalation.id,
        Escalation.case_id,
        Case.number,
        Case.subject,
        Escalation.clock,
        Escalation.level,
        User.name.label("to"),
        Escalation.at,
    )
    query = query.join(Case, Case.id == Escalation.case_id).outerjoin(User, User.id == Escalation.to_id)
    query = query.where(Case.id == case_id) if case_id is not None else query
    query = query.where(Escalation.to_id == to_id) if to_id is not None else query
    return frame(session, through_parent(query.order_by(Escalation.at.desc(), Escalation.id.desc()).limit(limit), Escalation))


def visits(
    session: ScopedSession,
    *,
    case_id: int | None = None,
    customer_id: int | None = None,
    technician_id: int | None = None,
    since: dt.datetime | None = None,
) -> pd.DataFrame:
    """Field visits, the next first -> id, case_id, number, subject, technician, technician_id, planned_at, minutes, address,
    task, state, done_at, result, version; since a moment only those that are still to be made."""
    kind = FieldVisit
    about: tuple[Any, ...] = (kind.planned_at, kind.minutes, kind.address, kind.task, kind.state, kind.done_at, kind.result)
    query = select(kind.id, kind.case_id, Case.number, Case.subject, User.name.label("technician"), kind.technician_id, *about)
    query = query.add_columns(kind.version)
    query = query.join(Case, Case.id == kind.case_id).outerjoin(User, User.id == kind.technician_id)
    query = query.where(Case.id == case_id) if case_id is not None else query
    query = query.where(Case.customer_id == customer_id) if customer_id is not None else query
    query = query.where(kind.technician_id == technician_id) if technician_id is not None else query
    if since is not None:
        query = query.where(kind.planned_at >= since, kind.state == VisitState.PLANNED)
    return frame(session, through_parent(query.order_by(kind.planned_at, kind.id), kind))


def problem(session: ScopedSession, problem_id: int) -> Problem:
    return get(session, Problem, problem_id)
