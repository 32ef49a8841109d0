"""The open cases, those first in which most is at stake."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, bindparam, case, func, select

from crm.access import Reach
from crm.analytics.clock import OVER
from crm.analytics.stake import breach_risk, stake
from crm.customers.models import Customer, CustomerScore
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.support.filters import CaseFilter
from crm.support.models import OPEN, Case, CaseState, Clock, Late
from crm.support.queries.clocks import by_ids, most_urgent, open_clocks
from crm.support.queries.listing import ANY, beside, shown

Whose = Literal["mine", "team", "unassigned", "all"]
Shade = Literal["green", "amber", "red", "breached"]
"""The colour of the most urgent clock; breached = its time is used up."""
BREACHED = Late.BREACHED.value
LOOKED_BACK = dt.timedelta(days=730)
MOST = 4_000
"""Solved cases from which the risk is learned, the newest."""


@dataclass(frozen=True)
class Queue:
    rows: pd.DataFrame
    """One page: columns of `case_list`, and risk (0 to 1), value, stake (risk x value), shade"""
    counts: dict[str, int]
    """cases, and of them green, amber, red, breached"""
    ids: list[int]
    """The first hundred of all pages, in order"""


def queue(
    session: ScopedSession,
    whose: Whose = "all",
    where: CaseFilter = ANY,
    page: int = 1,
    size: int = 50,
    shade: Shade | None = None,
) -> Queue:
    """Mine, those of my units, those that nobody has, or all that I see; the highest stake first, then what is due first.

    `shade` narrows the rows, not the counts."""
    conditions = [*_whose(session, whose), *where.conditions()]
    clocks = open_clocks(session, conditions)
    if clocks.empty:
        return Queue(beside(shown(session, []), pd.DataFrame(columns=STAKE)), _counts(()), [])
    urgent = most_urgent(clocks)
    told = stakes(session, clocks)
    first = urgent.take(urgent.index.get_indexer(told.index))
    shades = _shades(first)
    due, share, at_stake = first["due"].to_numpy("datetime64[us]"), first["share"].to_numpy(), told["stake"].to_numpy()
    order = np.lexsort((due, -share, -at_stake))
    told = told.assign(shade=pd.Series(shades, told.index, dtype="object"))
    ids = told.index.to_numpy()[order if shade is None else order[shades[order] == shade]].tolist()
    rows = shown(session, ids[(page - 1) * size : page * size], urgent)
    return Queue(beside(rows, told[STAKE]), _counts(shades), ids[:100])


def whose_counts(session: ScopedSession, where: CaseFilter = ANY) -> dict[str, int]:
    """How many open cases each of the four holds."""
    asked = {name: _whose(session, name) for name in get_args(Whose)}
    sums = [func.sum(case((conditions[0], 1), else_=0)) if conditions else func.count() for conditions in asked.values()]
    row = session.execute(select(*sums).select_from(Case).where(Case.state.in_(OPEN), *where.conditions())).one()
    return {name: int(count or 0) for name, count in zip(asked, row, strict=True)}


def stakes(session: ScopedSession, clocks: pd.DataFrame) -> pd.DataFrame:
    """`open_clocks` -> indexed by case: risk (that the resolution comes too late), value (lifetime value of the customer by the
    published model), stake."""
    here = clocks["clock"].to_numpy() == Clock.RESOLUTION.value
    ids, spent, remaining = (clocks[name].to_numpy()[here].tolist() for name in ("case_id", "used", "left"))
    query = _WORTH.where(*by_ids(ids, [Case.state.in_(OPEN)]))
    worth = {row.id: row for row in session.execute(through_parent(query, CustomerScore))}
    stood = zip(ids, spent, remaining, strict=True)
    waiting = [((worth[one].kind, worth[one].priority), used, left) for one, used, left in stood if one in worth]
    past = _solved(session) + [(group, used, False) for group, used, _ in waiting]
    index = pd.Index([one for one in ids if one in worth], name="case_id")
    value = pd.Series([worth[one].lifetime_value for one in index], index, dtype="float64")
    return stake(pd.Series(breach_risk(past, waiting), index), value)


_WORTH: Any = (
    select(Case.id, Case.kind, Case.priority, CustomerScore.lifetime_value)
    .outerjoin(Customer, Customer.id == Case.customer_id)
    .outerjoin(CustomerScore, CustomerScore.customer_id == Customer.id)
)
STAKE = ["risk", "value", "stake", "shade"]


def _solved(session: ScopedSession) -> list[tuple[tuple[str, str], float, bool]]:
    """What the clocks of past cases had used when they were solved -> kind and priority, seconds, ended."""
    actor = session.actor
    of_unit = actor.grant("support").see is Reach.TEAM and len(actor.team_ids) == 1
    found = session.execute(_past(of_unit), {"since": moment(session) - LOOKED_BACK})
    return [((kind, priority), seconds, True) for kind, priority, seconds in found]


@cache
def _past(of_unit: bool) -> Any:
    """Solved `since`, the newest."""
    query: Any = select(Case.kind, Case.priority, Case.worked_seconds)
    query = query.where(Case.solved_at >= bindparam("since"), Case.worked_seconds.is_not(None))
    # Those of one unit are few: with every state named an index leads to them, past all that others have solved.
    query = query.where(Case.state.in_(list(CaseState))) if of_unit else query
    return query.order_by(Case.solved_at.desc()).limit(MOST)


def _whose(session: ScopedSession, whose: Whose) -> list[ColumnElement[bool]]:
    actor = session.actor
    if whose == "mine":
        return [Case.owner_id == actor.user_id]
    if whose == "team":
        return [Case.team_id.in_(sorted(actor.team_ids))]
    return [Case.owner_id.is_(None)] if whose == "unassigned" else []


def _shades(urgent: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Missing where nothing is promised, or where every clock has ended."""
    late = urgent["breached_at"].notna().to_numpy() & (urgent["left"].to_numpy(dtype="float64") < 0)
    told: npt.NDArray[np.object_] = np.where(late, BREACHED, urgent["colour"].to_numpy(dtype="object"))
    told[(urgent["state"] == OVER).to_numpy()] = None
    return told


def _counts(shades: Iterable[str | None]) -> dict[str, int]:
    told = Counter(shades)
    return {"cases": told.total(), **{shade: told[shade] for shade in get_args(Shade)}}
