"""The way of a case: worked on, waiting, handed over, solved, closed, open again, one with another. Each step is an event."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field, StringConstraints

from crm.customers.commands.details import Line
from crm.editing import Input
from crm.errors import Invalid
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit
from crm.support.commands.cases import Note, able_agent, give, record
from crm.support.models import ENDED, Case, CaseState, Clock, Happening, Problem
from crm.support.queries.cases import merged_here
from crm.support.queries.clocks import clocks_of

Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class CaseMove(Input):
    state: CaseState
    note: Note | None = None


class Solving(Input):
    solution: Told = Field(json_schema_extra={"long": True})
    cause: Line | None = None
    close: bool = Field(False, description="There is nothing to wait for: closed at once.")


class HandOver(Input):
    """To another department, which picks the case up by its state."""

    team_id: int
    owner_id: int | None = Field(None, description="Empty = whoever takes it there.")
    state: CaseState | None = Field(None, description="Empty = as it is.")
    note: Note | None = None


def move_case(session: ScopedSession, case_id: int, move: CaseMove) -> Case:
    """From one open state to another, or from solved to closed; a case is solved by `solve_case`."""
    case = get(session, Case, case_id)
    if move.state == case.state:
        return case
    if move.state == CaseState.SOLVED or (move.state == CaseState.CLOSED and case.state != CaseState.SOLVED):
        raise Invalid("Say how it was solved.", field="solution")
    if case.state in ENDED and move.state != CaseState.CLOSED:
        raise Invalid("This case is closed: reopen it first.")
    case.state = move.state
    if move.state == CaseState.CLOSED:
        case.closed_at = moment(session)
    record(session, case, Happening.STATE, note=move.note)
    session.flush()
    return case


def solve_case(session: ScopedSession, case_id: int, solving: Solving) -> Case:
    """What its clock had used by then, and whether that was within what was promised, stays with the case."""
    case = get(session, Case, case_id)
    if case.state in ENDED:
        raise Invalid("This case is solved already.")
    at = moment(session)
    case.solution, case.cause = solving.solution, solving.cause or case.cause
    case.state, case.solved_at, case.answered_at = CaseState.SOLVED, at, case.answered_at or at
    record(session, case, Happening.STATE, at=at)
    if solving.close:
        case.state, case.closed_at = CaseState.CLOSED, at
        session.flush()
        record(session, case, Happening.STATE, at=at)
    session.flush()
    keep_result(session, case)
    session.flush()
    return case


def reopen_case(session: ScopedSession, case_id: int, note: str | None = None) -> Case:
    """Its clock runs on from where it was; a case that was merged stands by itself again."""
    case = get(session, Case, case_id)
    if case.state not in ENDED:
        raise Invalid("This case is open.")
    if case.merged_into_id is None:
        case.reopened += 1
    case.state, case.merged_into_id = CaseState.IN_PROGRESS, None
    case.solved_at = case.closed_at = case.made_sla = case.worked_seconds = None
    record(session, case, Happening.REOPENED, note=note)
    session.flush()
    return case


def hand_over(session: ScopedSession, case_id: int, to: HandOver) -> Case:
    """Solve what one can, set the state, and another department goes on."""
    case = get(session, Case, case_id)
    if case.state in ENDED or to.state in ENDED:
        raise Invalid("What is solved is not handed over: reopen it first.")
    owner = able_agent(session, to.owner_id) if to.owner_id is not None else None
    unit = get(session, OrgUnit, to.team_id)
    if (case.team_id, case.owner_id) == (unit.id, owner.id if owner else None):
        raise Invalid("The case is there already.", field="team_id")
    give(session, case, unit.id, owner)
    case.state = to.state or case.state
    record(session, case, Happening.HANDED_OVER, note=to.note)
    session.flush()
    return case


def merge_cases(session: ScopedSession, into_id: int, ids: list[int]) -> Case:
    """Cases of one customer about the same thing become one: the others are closed, what was said on them is read here."""
    session.actor.must("merge", "support")
    kept = get(session, Case, into_id)
    if kept.state in ENDED:
        raise Invalid("This case is closed: reopen it first.")
    for case_id in ids:
        case = get(session, Case, case_id)
        if case.id == kept.id or case.merged_into_id is not None:
            raise Invalid("{number} cannot be merged here: it is part of another case, or this one.", number=case.number)
        if case.customer_id != kept.customer_id:
            raise Invalid("{number} is the case of another customer.", number=case.number)
        _close_into(session, case, kept)
        for further in merged_here(session, case.id):
            further.merged_into_id = kept.id
    session.flush()
    return kept


def _close_into(session: ScopedSession, case: Case, kept: Case) -> None:
    """Not solved by itself: it counts neither as kept nor as broken."""
    case.merged_into_id, case.closed_at = kept.id, moment(session)
    case.state, case.made_sla, case.worked_seconds = CaseState.CLOSED, None, None
    record(session, case, Happening.MERGED, note=kept.number)


def link_problem(session: ScopedSession, case_ids: list[int], problem_id: int | None) -> int:
    """Cases to the known problem behind them; None takes the link away. -> how many changed."""
    if problem_id is not None:
        get(session, Problem, problem_id)
    changed = 0
    for case_id in case_ids:
        case = get(session, Case, case_id)
        changed += case.problem_id != problem_id
        case.problem_id = problem_id
    session.flush()
    return changed


def keep_result(session: ScopedSession, case: Case) -> None:
    """A fact of the solved case: the seconds its clock had used, and whether the promise of that day was kept."""
    clocks = clocks_of(session, [case.id])
    found = clocks[clocks["clock"] == Clock.RESOLUTION.value].iloc[0]
    case.worked_seconds = round(float(found["used"]))
    case.made_sla = None if pd.isna(found["target"]) else bool(pd.isna(found["breached_at"]))
