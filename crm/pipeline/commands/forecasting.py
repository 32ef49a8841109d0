"""The forecast as it is told on a day, kept: deal by deal, and by board and quarter. For the system alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
from sqlalchemy import func, or_, select

from crm.bulk import bulk_insert
from crm.database import MONEY_SCALE
from crm.office.queries import today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import ForecastRecord, ForecastSnapshot, Opportunity, OpportunityState, Stage
from crm.pipeline.periods import Kind, before, span
from crm.pipeline.queries.facts.forecast import DAY
from crm.pipeline.queries.facts.reading import plain, read
from crm.pipeline.queries.listing import CHANCE
from crm.pipeline.queries.outlook import outlook
from crm.session import ScopedSession

WEEK = 7
"""Days between two snapshots: the job may run more often."""
CLOSED_WITHIN = 31
"""Days for which a closed deal is kept in the snapshots."""
TOLD: tuple[Kind, ...] = ("quarter", "next_quarter")


def keep_snapshot(session: ScopedSession) -> int:
    """The open and the lately closed deals as they stand today, once a week -> rows written."""
    day = today(session)
    newest = session.scalar(select(func.max(ForecastSnapshot.taken_on)))
    if newest is not None and newest > day - dt.timedelta(WEEK):
        return 0
    columns = {"opportunity_id": Opportunity.id, "state": Opportunity.state, "stage_id": Opportunity.stage_id}
    columns |= {"amount": Opportunity.amount, "probability": CHANCE, "expected_close_on": DAY}
    columns |= {"forecast_category": Opportunity.forecast_category}
    late = Opportunity.closed_on > day - dt.timedelta(CLOSED_WITHIN)
    query = plain(columns).select_from(Opportunity).join(Stage, Stage.id == Opportunity.stage_id)
    rows = read(session, query.where(or_(Opportunity.state == OpportunityState.OPEN, late)), columns)
    if len(rows):
        stored = rows.assign(taken_on=pd.Timestamp(day), amount=(rows["amount"] * MONEY_SCALE).round().astype("int64"))
        bulk_insert(session, ForecastSnapshot, stored)
    return len(rows)


def keep_forecast(session: ScopedSession, board_id: int) -> int:
    """The forecast of a board for this quarter and the next, once a week -> records written."""
    day = today(session)
    newest = session.scalar(select(func.max(ForecastRecord.taken_on)).where(ForecastRecord.board_id == board_id))
    where = OpportunityFilter(board_id=(board_id,))
    if newest is not None and newest > day - dt.timedelta(WEEK):
        return 0
    if session.scalar(select(func.count(Opportunity.id)).where(*where.conditions(session))) == 0:
        return 0
    for kind in TOLD:
        start, end = span(kind, day)
        found = outlook(session, start, end, before((start, end)), where)
        names = ("won", "p10", "p50", "p90", "weighted", "commit", "best_case")
        sums = {name: Decimal(str(round(getattr(found, name), 2))) for name in names}
        placed = {"board_id": board_id, "team_id": board_id, "owner_id": None, "taken_on": day}
        session.add(ForecastRecord(**placed, period_from=start, period_to=end, **sums))
    session.flush()
    return len(TOLD)


__all__ = ["keep_forecast", "keep_snapshot"]
