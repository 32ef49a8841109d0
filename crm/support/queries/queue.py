"""The open cases, those first in which most is at stake."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from sqlalchemy import ColumnElement, select

from crm.analytics.stake import breach_risk, stake
from crm.customers.models import CustomerScore
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession
from crm.support.filters import CaseFilter
from crm.support.models import OPEN, Case, Clock, Colour
from crm.support.queries.clocks import most_urgent, open_clocks
from crm.support.queries.listing import ANY, shown

Whose = Literal["mine", "team", "unassigned", "all"]
LOOKED_BACK = dt.timedelta(days=730)
MOST = 10_000
"""Solved cases from which the risk is learned, the newest."""


@dataclass(frozen=True)
class Queue:
    rows: pd.DataFrame
    """One page: columns of `case_list`, and risk (0 to 1), value, stake (risk x value)"""
    counts: dict[str, int]
    """cases, and of them green, amber, red, breached"""


def queue(session: ScopedSession, whose: Whose = "all", where: CaseFilter = ANY, page: int = 1, size: int = 50) -> Queue:
    """Mine, those of my units, those that nobody has, or all that I see; the highest stake first, then what is due first."""
    conditions = [*_whose(session, whose), *where.conditions()]
    clocks = open_clocks(session, conditions)
    if clocks.empty:
        return Queue(_with_stake(shown(session, []), pd.DataFrame(columns=["risk", "value", "stake"])), _counts(clocks))
    told = stakes(session, conditions, clocks)
    urgent = most_urgent(clocks)
    order = told.join(urgent[["due", "share"]]).sort_values(
        ["stake", "share", "due"], ascending=[False, False, True], kind="stable"
    )
    ids = [int(one) for one in order.index[(page - 1) * size : page * size]]
    return Queue(_with_stake(shown(session, ids, clocks), told), _counts(clocks))


def stakes(session: ScopedSession, conditions: list[ColumnElement[bool]], clocks: pd.DataFrame) -> pd.DataFrame:
    """`open_clocks` of the same conditions -> indexed by case: risk (that the resolution comes too late), value (lifetime value
    of the customer by the published model), stake."""
    resolution = clocks[clocks["clock"] == Clock.RESOLUTION.value].set_index("case_id")
    query = select(Case.id, Case.kind, Case.priority, CustomerScore.lifetime_value.label("value"))
    query = query.outerjoin(CustomerScore, CustomerScore.customer_id == Case.customer_id)
    about = frame(session, query.where(Case.state.in_(OPEN), *conditions)).set_index("id")
    waiting = resolution[["used", "left"]].join(about, how="inner")
    past = pd.concat([_solved(session), waiting.rename(columns={"used": "seconds"}).assign(ended=False)[PAST]], ignore_index=True)
    return stake(breach_risk(past.astype({"ended": bool}), waiting), waiting["value"])


PAST = ["kind", "priority", "seconds", "ended"]


def _solved(session: ScopedSession) -> pd.DataFrame:
    """What the clocks of past cases had used when they were solved -> kind, priority, seconds, ended."""
    since = moment(session) - LOOKED_BACK
    query = select(Case.kind, Case.priority, Case.worked_seconds.label("seconds"))
    found = query.where(Case.solved_at >= since, Case.worked_seconds.is_not(None)).order_by(Case.solved_at.desc()).limit(MOST)
    return frame(session, found).assign(ended=True)[PAST]


def _whose(session: ScopedSession, whose: Whose) -> list[ColumnElement[bool]]:
    actor = session.actor
    if whose == "mine":
        return [Case.owner_id == actor.user_id]
    if whose == "team":
        return [Case.team_id.in_(sorted(actor.team_ids))]
    return [Case.owner_id.is_(None)] if whose == "unassigned" else []


def _with_stake(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    return rows.join(told[["risk", "value", "stake"]], on="id")


def _counts(clocks: pd.DataFrame) -> dict[str, int]:
    urgent = most_urgent(clocks) if len(clocks) else clocks
    late = urgent["breached_at"].notna() & (urgent["left"].astype("float64") < 0)
    colours = {colour.value: int((urgent["colour"].eq(colour.value) & ~late).sum()) for colour in Colour}
    return {"cases": len(urgent), **colours, "breached": int(late.sum())}
