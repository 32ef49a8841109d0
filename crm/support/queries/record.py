"""What the page of one case tells besides the case: names of what it points to, what is promised, how its clocks got there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm.analytics.clock import spans
from crm.analytics.working_time import moments_of
from crm.catalogue.models import Product
from crm.contracts.models import Contract
from crm.customers.models import Contact, Customer, CustomerScore, Order
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User
from crm.support.models import Case, Problem
from crm.support.queries.cases import events
from crm.support.queries.clocks import OVER, RUNNING, runs_of
from crm.support.queries.promises import working

STEPS = ["clock", "start_at", "end_at", "clock_state", "state", "priority", "target", "seconds", "used"]


def case_ties(session: ScopedSession, case_id: int) -> dict[str, Any]:
    """Names of what a case points to, None where there is nothing or it is hidden -> owner, team, board, currency,
    responsible_unit, customer, level, life_cycle, lifetime_value, p_alive, contact, phone, email, product, order, contract,
    problem, workaround, merged_into; merged: id, number, subject of each case that was merged into it; may_change."""
    found = get(session, Case, case_id)
    board, unit, kept = aliased(OrgUnit), aliased(OrgUnit), aliased(Case)
    query: Any = select(
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
    query = query.outerjoin(CustomerScore, CustomerScore.customer_id == Customer.id).where(Case.id == case_id)
    told = dict(session.execute(query).one()._mapping)
    merged = select(Case.id, Case.number, Case.subject).where(Case.merged_into_id == case_id).order_by(Case.id)
    told["merged"] = [tuple(row) for row in session.execute(merged)]
    return told | {"may_change": found.changeable_by(session.actor, session)}


def replay(session: ScopedSession, case_id: int, at: dt.datetime | None = None) -> pd.DataFrame:
    """How each clock came to where it stands, a row for each time in which nothing changed -> clock, start_at, end_at,
    clock_state (running, paused, ended), state and priority of the case, target, seconds (working, of this row), used (by its
    end)."""
    case, now = get(session, Case, case_id), at or moment(session)
    runs = runs_of(session, [Case.id == case.id], now)
    if runs.empty:
        return pd.DataFrame(columns=STEPS)
    laid = working(session, runs["at"].min().to_pydatetime(), now)
    found = spans(runs.rename(columns={"run": "case_id"}), now).rename(columns={"case_id": "run", "state": "clock_state"})
    found["seconds"] = 0.0
    for key, rows in found[found["clock_state"] == RUNNING].groupby("calendar"):
        found.loc[rows.index, "seconds"] = laid[str(key)].between(rows["start"], rows["end"])
    found["used"] = found.groupby("run")["seconds"].cumsum()
    found = found[(found["end"] > found["start"]) | found["last"]]
    times = {f"{name}_at": moments_of(found[name].to_numpy(dtype=np.float64)) for name in ("start", "end")}
    told = found.assign(clock=found["run"].map(runs.groupby("run")["clock"].first()), **times)
    told["end_at"] = told["end_at"].mask(told["clock_state"] == OVER)
    return _as_it_stood(session, case, told)


def _as_it_stood(session: ScopedSession, case: Case, told: pd.DataFrame) -> pd.DataFrame:
    """With state and priority of the case at the start of each row."""
    stood = events(session, case.id)[["at", "state", "priority"]].rename(columns={"at": "start_at"})
    for part in (stood, told):
        part["start_at"] = pd.to_datetime(part["start_at"], utc=True).astype("datetime64[us, UTC]")
    ordered = told.reset_index(drop=True).rename_axis("place").reset_index().sort_values("start_at", kind="stable")
    joined = pd.merge_asof(ordered, stood.sort_values("start_at", kind="stable"), on="start_at")
    return joined.sort_values("place", ignore_index=True)[STEPS]
