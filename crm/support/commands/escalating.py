"""Tell whoever leads a team that the clock of a case runs out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.access import Role
from crm.analytics.clock import OVER
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.staff.queries import leaders
from crm.support.models import OPEN, Case, Colour, Escalation, Late
from crm.support.queries.clocks import open_clocks

_TOLD: dict[Late, tuple[Role, ...]] = {
    Late.AMBER: (Role.LEAD,),
    Late.RED: (Role.LEAD,),
    Late.BREACHED: (Role.DIRECTOR, Role.BOARD_ADMIN, Role.EXECUTIVE),
}
"""Who hears of it: the first of these roles in the unit of the case, else in the next one above."""


def escalate(session: ScopedSession, at: dt.datetime | None = None) -> int:
    """Amber and red to the lead, broken promises to the manager; each level of each clock once, however often this runs. A case
    that became red at once is told as red alone. -> how many were told."""
    now = at or moment(session)
    clocks = open_clocks(session, at=now)
    levels = _levels(clocks)
    if levels.empty:
        return 0
    teams = dict(session.execute(select(Case.id, Case.team_id).where(Case.state.in_(OPEN))).all())
    leader = leaders(session)
    known = _known(session)
    told = 0
    for row in levels.itertuples(index=False):
        level, case_id = Late(str(row.level)), int(str(row.case_id))
        since = pd.Timestamp(str(row.since)).to_pydatetime()
        if known.get((case_id, str(row.clock), since), -1) >= list(Late).index(level):
            continue
        to_id = leader(_TOLD[level], teams[case_id])
        session.add(Escalation(case_id=case_id, clock=str(row.clock), since=since, level=level.value, to_id=to_id, at=now))
        told += 1
    session.flush()
    return told


def _levels(clocks: pd.DataFrame) -> pd.DataFrame:
    """Clocks that are late or will be -> case_id, clock, since, level."""
    if clocks.empty:
        return pd.DataFrame(columns=["case_id", "clock", "since", "level"])
    going = clocks[(clocks["state"] != OVER) & clocks["colour"].isin([Colour.AMBER.value, Colour.RED.value])]
    level = going["colour"].where(going["left"].astype("float64") >= 0, Late.BREACHED.value)
    return going.assign(level=level)[["case_id", "clock", "since", "level"]]


def _known(session: ScopedSession) -> dict[tuple[int, str, dt.datetime], int]:
    """What was told of open cases: case, clock, since -> the highest level."""
    query: Any = select(Escalation.case_id, Escalation.clock, Escalation.since, Escalation.level)
    query = query.join(Case, Case.id == Escalation.case_id).where(Case.state.in_(OPEN))
    ranks = {level.value: rank for rank, level in enumerate(Late)}
    highest: dict[tuple[int, str, dt.datetime], int] = {}
    for case_id, clock, since, level in session.execute(through_parent(query, Escalation)):
        key = (case_id, clock, since)
        highest[key] = max(highest.get(key, -1), ranks[level])
    return highest
