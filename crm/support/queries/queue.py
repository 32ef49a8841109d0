"""The open cases, those first in which most is at stake."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, case, func, select

from crm.analytics.clock import OVER
from crm.analytics.stake import breach_risk, stake
from crm.customers.models import Customer, CustomerScore
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.support.filters import CaseFilter
from crm.support.models import OPEN, Case, Clock, Late
from crm.support.queries.clocks import by_ids, most_urgent, open_clocks
from crm.support.queries.listing import ANY, shown

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
        return Queue(_with_stake(shown(session, []), pd.DataFrame(columns=STAKE)), _counts(pd.Series(dtype="object")), [])
    urgent = most_urgent(clocks)
    told = stakes(session, clocks)
    first = urgent.loc[told.index]
    told = told.assign(shade=_shades(first))
    due, share, at_stake = first["due"].to_numpy("datetime64[us]"), first["share"].to_numpy(), told["stake"].to_numpy()
    order = told.iloc[np.lexsort((due, -share, -at_stake))]
    chosen = order if shade is None else order[order["shade"] == shade]
    ids = chosen.index.tolist()
    rows = shown(session, ids[(page - 1) * size : page * size], urgent)
    return Queue(_with_stake(rows, told), _counts(told["shade"]), ids[:100])


def whose_counts(session: ScopedSession, where: CaseFilter = ANY) -> dict[str, int]:
    """How many open cases each of the four holds."""
    asked = {name: _whose(session, name) for name in get_args(Whose)}
    sums = [func.sum(case((conditions[0], 1), else_=0)) if conditions else func.count() for conditions in asked.values()]
    row = session.execute(select(*sums).select_from(Case).where(Case.state.in_(OPEN), *where.conditions())).one()
    return {name: int(count or 0) for name, count in zip(asked, row, strict=True)}


def stakes(session: ScopedSession, clocks: pd.DataFrame) -> pd.DataFrame:
    """`open_clocks` -> indexed by case: risk (that the resolution comes too late), value (lifetime value of the customer by the
    published model), stake."""
    resolution = clocks[clocks["clock"] == Clock.RESOLUTION.value]
    ids = resolution["case_id"].tolist()
    query = _WORTH.where(*by_ids(ids, [Case.state.in_(OPEN)]))
    worth = {row.id: row for row in session.execute(through_parent(query, CustomerScore))}
    stood = zip(ids, resolution["used"].tolist(), resolution["left"].tolist(), strict=True)
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
    since = moment(session) - LOOKED_BACK
    query: Any = select(Case.kind, Case.priority, Case.worked_seconds)
    found = query.where(Case.solved_at >= since, Case.worked_seconds.is_not(None)).order_by(Case.solved_at.desc()).limit(MOST)
    return [((kind, priority), seconds, True) for kind, priority, seconds in session.execute(found)]


def _whose(session: ScopedSession, whose: Whose) -> list[ColumnElement[bool]]:
    actor = session.actor
    if whose == "mine":
        return [Case.owner_id == actor.user_id]
    if whose == "team":
        return [Case.team_id.in_(sorted(actor.team_ids))]
    return [Case.owner_id.is_(None)] if whose == "unassigned" else []


def _with_stake(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    return rows.join(told[STAKE], on="id")


def _shades(urgent: pd.DataFrame) -> pd.Series[Any]:
    """Missing where nothing is promised, or where every clock has ended."""
    late = urgent["breached_at"].notna().to_numpy() & (urgent["left"].to_numpy(dtype="float64") < 0)
    over = (urgent["state"] == OVER).to_numpy()
    told = np.where(late, BREACHED, urgent["colour"].to_numpy(dtype="object"))
    told[over] = None
    return pd.Series(told, urgent.index, dtype="object")


def _counts(shades: pd.Series[Any]) -> dict[str, int]:
    told = Counter(shades)
    return {"cases": len(shades), **{shade: told[shade] for shade in get_args(Shade)}}
