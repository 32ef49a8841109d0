"""The clocks of cases, replayed from their events whenever somebody asks; nothing of it is stored."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Select, String, select, type_coerce

from crm.analytics.clock import OVER, PAUSED, RUNNING, Events, answers, standing
from crm.analytics.working_time import Seconds, WorkingTime, moments_of
from crm.customers.models import Customer
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.support.models import ENDED, OPEN, Case, CaseComment, CaseEvent, Clock
from crm.support.queries.promises import Terms, colour_rules, promised, working

BY_ID = 10_000
"""More ids than that do not fit into one statement of every database."""
COLUMNS = ["case_id", "clock", "since", "used", "target", "left", "due", "breached_at", "state", "share", "colour"]
Where = Sequence[ColumnElement[bool]]


class Step(NamedTuple):
    """How a case, or a clock of it, stands from a moment on (seconds since 1970)."""

    at: float
    state: str
    """Of the clocks: running, paused, ended."""
    terms: Terms


class Run(NamedTuple):
    """A clock of a case, when it began, and what it is replayed from."""

    case_id: int
    clock: Clock
    since: float
    steps: list[Step]


def clocks_of(session: ScopedSession, case_ids: Collection[int], at: dt.datetime | None = None) -> pd.DataFrame:
    """Of these cases as far as the actor sees them -> case_id, clock (first_response, resolution; next_response once the customer
    waits again), since (when it began), used, target, left (working seconds; target and left are missing where nothing is
    promised), due, breached_at, state (running, paused, ended), share (used / target), colour."""
    return _replayed(session, [Case.id.in_(list(case_ids))], at)


def open_clocks(session: ScopedSession, conditions: Where = (), at: dt.datetime | None = None) -> pd.DataFrame:
    """Of all open cases that the conditions find -> columns of `clocks_of`."""
    return _replayed(session, [Case.state.in_(OPEN), *conditions], at)


def most_urgent(clocks: pd.DataFrame) -> pd.DataFrame:
    """`clocks_of` -> one row for each case, indexed by case_id: the clock of which the largest share is used; clocks that ended
    or that promise nothing only where there is no other."""
    over, allowed = (clocks["state"] == OVER).to_numpy(), clocks["target"].notna().to_numpy()
    left, share = (clocks[name].to_numpy(dtype="float64") for name in ("left", "share"))
    order = np.lexsort((left, -share, ~allowed, over))
    first = np.unique(clocks["case_id"].to_numpy(dtype="int64")[order], return_index=True)[1]
    return clocks.iloc[order[np.sort(first)]].set_index("case_id")


def _replayed(session: ScopedSession, where: Where, at: dt.datetime | None) -> pd.DataFrame:
    now = at or moment(session)
    runs = runs_of(session, where, now)
    if not runs:
        return pd.DataFrame(columns=COLUMNS)
    found = standing(steps_of(runs), now, working_of(session, runs, now))
    begun = [runs[place] for place in found.clock]
    share = pd.Series(found.used / np.where(found.target > 0, found.target, np.nan))
    told = {
        "case_id": [run.case_id for run in begun],
        "clock": [run.clock.value for run in begun],
        "since": moments_of(np.array([run.since for run in begun])),
        "used": found.used,
        "target": found.target,
        "left": found.left,
        "due": moments_of(found.due),
        "breached_at": moments_of(found.breached_at),
        "state": found.state,
        "share": share,
        "colour": colour_rules(session).of_clocks(share),
    }
    return pd.DataFrame(told)


def working_of(session: ScopedSession, runs: Sequence[Run], now: dt.datetime) -> dict[str, WorkingTime]:
    """The calendars, laid out for all the time that these need."""
    return working(session, dt.datetime.fromtimestamp(min(run.since for run in runs), dt.UTC), now)


def steps_of(runs: Sequence[Run]) -> Events:
    """The steps of all of them; each clock by its place."""
    steps = [step for run in runs for step in run.steps]
    place = np.repeat(np.arange(len(runs)), [len(run.steps) for run in runs])
    state, calendar = (
        np.array(told, dtype=object) for told in ([one.state for one in steps], [one.terms.calendar for one in steps])
    )
    target = np.array([step.terms.seconds[run.clock] for run in runs for step in run.steps])
    return Events(place, np.array([step.at for step in steps]), state == RUNNING, state == PAUSED, target, calendar)


def runs_of(session: ScopedSession, where: Where, now: dt.datetime) -> list[Run]:
    """By case and name of the clock; nothing of a case to which nothing has happened yet."""
    rows = _rows(session, _EVENTS.where(*where), CaseEvent, now.timestamp())
    cases = {row[0]: row for _, row in rows}
    steps = _steps(session, rows)
    said = _said(session, by_ids(list(cases), where), now.timestamp()) if steps else {}
    opened, answered = (dict(zip(cases, seconds_in([row[at] for row in cases.values()]), strict=True)) for at in (6, 7))
    runs: list[Run] = []
    for case_id in sorted(steps):
        told = [(opened[case_id], True), *said[case_id]]
        runs += _responses(case_id, steps[case_id], told, _known(answered[case_id], now.timestamp()))
        runs.append(Run(case_id, Clock.RESOLUTION, steps[case_id][0].at, steps[case_id]))
    return runs


def by_ids(ids: list[int], where: Where) -> Where:
    """The cases that `where` found, by their ids: who sees what is weighed for these alone, not once more for all."""
    return [Case.id.in_(ids)] if len(ids) <= BY_ID else where


def seconds_in(moments: Sequence[Any]) -> Seconds:
    """As the database keeps them -> seconds since 1970; NaN where there is none."""
    at = np.array(moments, dtype="datetime64[us]")
    return np.where(np.isnat(at), np.nan, at.astype("int64") / 1e6)


def _kept(column: Any) -> Any:
    """Very many rows: moments as the database keeps them, read at once."""
    return type_coerce(column, String)


# With what is asked of their cases: a second statement would weigh once more who sees which case.
_EVENTS: Select[Any] = (
    select(CaseEvent.case_id, _kept(CaseEvent.at), CaseEvent.state, CaseEvent.priority, Case.kind, Customer.level)
    .add_columns(_kept(Case.opened_at), _kept(Case.answered_at))
    .select_from(CaseEvent)
    .join(Case, Case.id == CaseEvent.case_id)
    .outerjoin(Customer, Customer.id == Case.customer_id)
    .order_by(CaseEvent.case_id, CaseEvent.at, CaseEvent.id)
)
_SAID: Select[Any] = (
    select(CaseComment.case_id, _kept(CaseComment.at), CaseComment.by_customer)
    .join(Case, Case.id == CaseComment.case_id)
    .where(CaseComment.public)
    .order_by(CaseComment.id)
)


def _rows(session: ScopedSession, query: Select[Any], kind: Any, now: float) -> list[tuple[float, Any]]:
    """In order, as far as they have happened -> when, and the row."""
    rows = session.execute(through_parent(query, kind)).all()
    return [(at, row) for at, row in zip(seconds_in([row[1] for row in rows]).tolist(), rows, strict=True) if at <= now]


def _steps(session: ScopedSession, rows: list[tuple[float, Any]]) -> dict[int, list[Step]]:
    """What happened to each case, with what was promised from there on."""
    told = [(at, row[0], row[2], (row[5] or None, row[3], row[4])) for at, row in rows]
    terms = promised(session, {asked for *_, asked in told}) if rows else {}
    found: dict[int, list[Step]] = defaultdict(list)
    for at, case_id, state, asked in told:
        one = terms[asked]
        found[case_id].append(Step(at, OVER if state in ENDED else PAUSED if state in one.pausing else RUNNING, one))
    return found


def _said(session: ScopedSession, where: Where, now: float) -> dict[int, list[tuple[float, bool]]]:
    """When something was said in public on each case, and was it by the customer?"""
    found: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for at, (case_id, _, by_customer) in _rows(session, _SAID.where(*where), CaseComment, now):
        found[case_id].append((at, bool(by_customer)))
    return found


def _known(at: float, now: float) -> float | None:
    return at if at <= now else None


def _responses(case_id: int, steps: list[Step], told: list[tuple[float, bool]], answered: float | None) -> Iterator[Run]:
    """A clock for the first wait of the case, and one for the last where that is another."""
    # To solve a case is an answer as well.
    solved = [(step.at, False) for step in steps if step.state == OVER]
    waits = answers(sorted([*told, *solved], key=lambda one: one[0]))
    first = _response(case_id, Clock.FIRST_RESPONSE, steps, waits[0][0], answered)
    last = _response(case_id, Clock.NEXT_RESPONSE, steps, *waits[-1]) if len(waits) > 1 else None
    yield from (run for run in (first, last) if run is not None)


def _response(case_id: int, clock: Clock, steps: list[Step], asked_at: float, answered_at: float | None) -> Run | None:
    """It runs by what happened to the case from the question to the answer; None where that was nothing."""
    found: dict[float, Step] = {}
    for step in steps:
        if answered_at is None or step.at < answered_at or step.at <= asked_at:
            # What was so before the question holds when it is asked.
            one = step if step.at >= asked_at else step._replace(at=asked_at)
            found[one.at] = one
    if not found:
        return None
    told = list(found.values())
    if answered_at is not None:
        told.append(Step(answered_at, OVER, told[-1].terms))
    return Run(case_id, clock, min(told[0].at, told[-1].at), told)
