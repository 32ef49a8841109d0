"""Known problems, and visits on the spot."""

from __future__ import annotations

import datetime as dt

from pydantic import Field
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.customers.commands.details import Prose
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.support.commands.cases import Called, able_agent
from crm.support.commands.moving import Told
from crm.support.models import Case, FieldVisit, Problem, ProblemState, VisitState


class ProblemInput(Input):
    name: Called
    description: Prose = Field(None, json_schema_extra={"long": True})
    product_id: int | None = None
    cause: Prose = Field(None, json_schema_extra={"long": True})
    workaround: Prose = Field(None, json_schema_extra={"long": True})
    state: ProblemState = ProblemState.OPEN


class VisitInput(Input):
    technician_id: int
    planned_at: dt.datetime
    minutes: int | None = Field(None, ge=1, le=10_080)
    address: str | None = Field(None, max_length=400)
    task: Prose = Field(None, json_schema_extra={"long": True})


class VisitResult(Input):
    result: Told = Field(json_schema_extra={"long": True})
    minutes: int | None = Field(None, ge=1, le=10_080)
    done_at: dt.datetime | None = Field(None, description="Empty = now.")


def add_problem(session: ScopedSession, input: ProblemInput) -> Problem:
    _check(session, input)
    added = Problem(**input.model_dump())
    session.add(added)
    session.flush()
    return added


def edit_problem(session: ScopedSession, problem_id: int, input: ProblemInput, version: int) -> Problem:
    _check(session, input)
    found = get(session, Problem, problem_id)
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def remove_problem(session: ScopedSession, problem_id: int) -> None:
    """Refused while cases that the actor sees hang on it."""
    found = get(session, Problem, problem_id)
    if session.scalars(select(Case.id).where(Case.problem_id == problem_id)).first() is not None:
        raise Invalid("Cases are linked to this problem.")
    found.deleted_at = now()
    session.flush()


def plan_visit(session: ScopedSession, case_id: int, input: VisitInput) -> FieldVisit:
    case = get(session, Case, case_id)
    if not case.is_open:
        raise Invalid("This case is closed: reopen it first.")
    able_agent(session, input.technician_id)
    added = FieldVisit(case_id=case.id, **input.model_dump() | {"planned_at": _utc(input.planned_at)})
    session.add(added)
    session.flush()
    return added


def edit_visit(session: ScopedSession, visit_id: int, input: VisitInput, version: int) -> FieldVisit:
    found = _planned(session, visit_id)
    able_agent(session, input.technician_id)
    change(session, found, input.model_dump() | {"planned_at": _utc(input.planned_at)}, version)
    session.flush()
    return found


def finish_visit(session: ScopedSession, visit_id: int, input: VisitResult) -> FieldVisit:
    found, at = _planned(session, visit_id), moment(session)
    done_at = _utc(input.done_at) if input.done_at else at
    if done_at > at:
        raise Invalid("What was done cannot lie in the future.", field="done_at")
    found.state, found.result, found.done_at = VisitState.DONE, input.result, done_at
    found.minutes = input.minutes or found.minutes
    session.flush()
    return found


def cancel_visit(session: ScopedSession, visit_id: int) -> FieldVisit:
    found = _planned(session, visit_id)
    found.state = VisitState.CANCELLED
    session.flush()
    return found


def _planned(session: ScopedSession, visit_id: int) -> FieldVisit:
    found = get(session, FieldVisit, visit_id)
    if found.state != VisitState.PLANNED:
        raise Invalid("This visit was made or cancelled already.")
    return found


def _check(session: ScopedSession, input: ProblemInput) -> None:
    if input.product_id is not None:
        get(session, Product, input.product_id)


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
