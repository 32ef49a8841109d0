"""What the page of one case tells besides the case: names of what it points to, what is promised, how its clocks got there."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from crm.analytics.clock import OVER, PAUSED, RUNNING, spans
from crm.analytics.working_time import moments_of
from crm.catalogue.models import Product
from crm.contracts.models import Contract
from crm.customers.models import Contact, Customer, CustomerScore, Order
from crm.errors import NotFound
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit, User
from crm.support.models import Case, Clock, Problem
from crm.support.queries.cases import events
from crm.support.queries.clocks import runs_of, steps_of, working_of

STEPS = ["clock", "start_at", "end_at", "clock_state", "state", "priority", "target", "seconds", "used"]


def case_ties(session: ScopedSession, case_id: int) -> dict[str, Any]:
    """Names of what a case points to, None where there is nothing or it is hidden -> owner, team, board, currency,
    responsible_unit, customer, level, life_cycle, lifetime_value, p_alive, contact, phone, email, product, order, contract,
    problem, workaround, merged_into; merged: id, number, subject of each case that was merged into it; may_change."""
    row = session.execute(_ties(), {"of": case_id}).one_or_none()
    if row is None:
        raise NotFound()
    told = dict(row._mapping)
    found: Case = told.pop("Case")
    merged = select(Case.id, Case.number, Case.subject).where(Case.merged_into_id == case_id).order_by(Case.id)
    told["merged"] = [tuple(row) for row in session.execute(merged)]
    return told | {"may_change": found.changeable_by(session.actor, session)}


@cache
def _ties() -> Any:
    """The case `of`, and the names: a second statement would weigh once more who sees which case."""
    board, unit, kept = aliased(OrgUnit), aliased(OrgUnit), aliased(Case)
    query: Any = select(
        Case,
        User.name.label("owner"),
        OrgUnit.name.label("team"),
        board.name.label("board"),
        board.currency,
        unit.name.label("responsible_unit"),
        Customer.name.label("customer"),
        Customer.level,
        Customer.life_cycle,
        CustomerScore.lifetime_value,
        CustomerScore.p_alive,
        Contact.name.label("contact"),
        Contact.phone,
        Contact.email,
        Product.name.label("product"),
        Order.number.label("order"),
        Contract.number.label("contract"),
        Problem.name.label("problem"),
        Problem.workaround,
        kept.number.label("merged_into"),
    ).select_from(Case)
    joined: list[tuple[Any, Any]] = [(User, Case.owner_id), (OrgUnit, Case.team_id), (board, Case.board_id)]
    joined += [(unit, Case.responsible_unit_id), (Customer, Case.customer_id), (Contact, Case.contact_id)]
    joined += [(Product, Case.product_id), (Order, Case.order_id), (Contract, Case.contract_id), (Problem, Case.problem_id)]
    joined.append((kept, Case.merged_into_id))
    for kind, column in joined:
        query = query.outerjoin(kind, kind.id == column)
    query = query.outerjoin(CustomerScore, CustomerScore.customer_id == Customer.id)
    return through_parent(query.where(Case.id == bindparam("of")), CustomerScore)


def replay(session: ScopedSession, case_id: int, at: dt.datetime | None = None) -> pd.DataFrame:
    """How each clock came to where it stands, a row for each time in which nothing changed -> clock, start_at, end_at,
    clock_state (running, paused, ended), state and priority of the case, target, seconds (working, of this row), used (by its
    end)."""
    case, now = get(session, Case, case_id), at or moment(session)
    runs = sorted(runs_of(session, [Case.id == case.id], now), key=lambda run: run.clock is not Clock.RESOLUTION)
    if not runs:
        return pd.DataFrame(columns=STEPS)
    found = spans(steps_of(runs), now, working_of(session, runs, now))
    steps, over = found.events, ~(found.events.running | found.events.paused)
    told = {
        "clock": [runs[place].clock.value for place in steps.clock],
        "start_at": moments_of(steps.at),
        "end_at": moments_of(np.where(over, np.nan, found.end)),
        "clock_state": np.where(steps.running, RUNNING, np.where(steps.paused, PAUSED, OVER)),
        "target": steps.target,
        "seconds": found.worked,
        "used": found.used,
    }
    return _as_it_stood(session, case, pd.DataFrame(told)[(found.end > steps.at) | found.last])


def _as_it_stood(session: ScopedSession, case: Case, told: pd.DataFrame) -> pd.DataFrame:
    """With state and priority of the case at the start of each row."""
    stood = events(session, case.id)[["at", "state", "priority"]].rename(columns={"at": "start_at"})
    for part in (stood, told):
        part["start_at"] = pd.to_datetime(part["start_at"], utc=True).astype("datetime64[us, UTC]")
    ordered = told.reset_index(drop=True).rename_axis("place").reset_index().sort_values("start_at", kind="stable")
    joined = pd.merge_asof(ordered, stood.sort_values("start_at", kind="stable"), on="start_at")
    return joined.sort_values("place", ignore_index=True)[STEPS]
