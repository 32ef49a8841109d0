"""What a forecast is made of: open deals, what is won, how far deals missed what was expected, and how it was told before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import case, func, or_, select

from crm.database import MONEY_SCALE, frame
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import (
    ForecastRecord,
    ForecastSnapshot,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    Stage,
)
from crm.pipeline.queries.facts.reading import dated, plain, read
from crm.pipeline.queries.listing import ANY, CHANCE
from crm.session import ScopedSession, through_parent

LATELY = 1000
"""Won deals, the newest, by which it is judged how far deals miss what was expected of them."""


def open_deals(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.forecast -> opportunity_id, amount, probability, expected_close_on, forecast_category, stage_id,
    position, owner, state."""
    columns = {"opportunity_id": Opportunity.id, "amount": Opportunity.amount, "probability": CHANCE}
    columns |= {"expected_close_on": Opportunity.expected_close_on, "forecast_category": Opportunity.forecast_category}
    columns |= {"stage_id": Opportunity.stage_id, "position": Stage.position, "owner": Opportunity.owner_id}
    query = plain(columns | {"state": Opportunity.state}).select_from(Opportunity).join(Stage, Stage.id == Opportunity.stage_id)
    return read(session, query.where(Opportunity.state == OpportunityState.OPEN, *where.conditions(session)), columns)


def won_between(session: ScopedSession, since: dt.date, until: dt.date, where: OpportunityFilter = ANY) -> float:
    """The amount won from day to day."""
    won = (Opportunity.state == OpportunityState.WON, Opportunity.closed_on >= since, Opportunity.closed_on <= until)
    return float(session.scalar(select(func.sum(Opportunity.amount)).where(*won, *where.conditions(session))) or 0)


def won_by_day(session: ScopedSession, since: dt.date, until: dt.date, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """-> day, amount, of the days on which something was won."""
    won = (Opportunity.state == OpportunityState.WON, Opportunity.closed_on >= since, Opportunity.closed_on <= until)
    query = select(Opportunity.closed_on.label("day"), func.sum(Opportunity.amount).label("amount"))
    found = frame(session, query.where(*won, *where.conditions(session)).group_by(Opportunity.closed_on))
    return dated(found, "day").sort_values("day", ignore_index=True)


def misses(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """How far the newest won deals ended from what was first expected -> opportunity_id, shift_days (empty where no day was
    expected), ratio (final / first amount)."""
    won = (Opportunity.state == OpportunityState.WON, *where.conditions(session))
    columns = {"opportunity_id": Opportunity.id, "closed_on": Opportunity.closed_on, "amount": Opportunity.amount}
    columns |= {"expected_close_on": Opportunity.expected_close_on}
    newest = (Opportunity.closed_on.desc(), Opportunity.id.desc())
    query = plain(columns).select_from(Opportunity).where(*won).order_by(*newest).limit(LATELY)
    first = _first_told(session, select(Opportunity.id).where(*won).order_by(*newest).limit(LATELY))
    found = [
        (one, _days(first.get((one, "expected_close_on")) or expected, closed), _ratio(first.get((one, "amount")), amount))
        for one, closed, amount, expected in session.execute(query)
    ]
    kinds = {"opportunity_id": "int64", "shift_days": "float64", "ratio": "float64"}
    return pd.DataFrame(found, columns=list(kinds)).astype(kinds)


def _days(expected: str | dt.date | None, closed: str | dt.date | None) -> int | None:
    """Between days as the database gives them: PostgreSQL as days, SQLite as text."""
    if not expected or not closed:
        return None
    return (dt.date.fromisoformat(str(closed)) - dt.date.fromisoformat(str(expected))).days


def _ratio(first: str | None, stored: int) -> float | None:
    amount = stored / MONEY_SCALE
    before = float(first) if first else amount
    return amount / before if before > 0 else None


def _first_told(session: ScopedSession, of: Any) -> dict[tuple[int, str], str]:
    """Of amount and close date of each deal the value before the first change, where there was one."""
    kind = OpportunityChange
    query: Any = select(kind.opportunity_id, kind.field, kind.before)
    query = query.join(Opportunity, Opportunity.id == kind.opportunity_id)
    query = query.where(kind.field.in_(("amount", "expected_close_on")), Opportunity.id.in_(of))
    first: dict[tuple[int, str], str | None] = {}
    for one, field, before in session.execute(through_parent(query.order_by(kind.at, kind.id), kind)):
        first.setdefault((one, field), before)
    return {key: before for key, before in first.items() if before}


def snapshot_days(session: ScopedSession, where: OpportunityFilter = ANY, most: int = 60) -> list[dt.date]:
    """Days of which I see deals as they stood, newest first."""
    query = select(ForecastSnapshot.taken_on).join(Opportunity, Opportunity.id == ForecastSnapshot.opportunity_id)
    query = query.where(*where.conditions(session)).group_by(ForecastSnapshot.taken_on)
    return list(session.scalars(through_parent(query.order_by(ForecastSnapshot.taken_on.desc()).limit(most), ForecastSnapshot)))


def stood(session: ScopedSession, taken_on: dt.date, start: dt.date, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.forecast.what_changed: deals as they stood on a day of a snapshot -> opportunity_id, state, amount,
    probability, expected_close_on (of closed ones the day they closed). What had closed long before is as it is now."""
    kind = ForecastSnapshot
    columns = {"opportunity_id": kind.opportunity_id, "state": kind.state, "amount": kind.amount}
    columns |= {"probability": kind.probability, "expected_close_on": kind.expected_close_on}
    query = plain(columns).select_from(kind).join(Opportunity, Opportunity.id == kind.opportunity_id)
    query = through_parent(query.where(kind.taken_on == taken_on, *where.conditions(session)), kind)
    kept = read(session, query, columns)
    long_closed = _as_now(session, where, (Opportunity.closed_on >= start, Opportunity.closed_on <= taken_on))
    return pd.concat([kept, long_closed[~long_closed["opportunity_id"].isin(kept["opportunity_id"])]], ignore_index=True)


def stands(session: ScopedSession, since: dt.date, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """As they stand now: the open deals, and those closed since a day -> columns of `stood`."""
    return _as_now(session, where, (or_(Opportunity.state == OpportunityState.OPEN, Opportunity.closed_on >= since),))


def _as_now(session: ScopedSession, where: OpportunityFilter, wanted: Any) -> pd.DataFrame:
    columns = {"opportunity_id": Opportunity.id, "state": Opportunity.state, "amount": Opportunity.amount}
    columns |= {"probability": CHANCE, "expected_close_on": DAY}
    query = plain(columns).select_from(Opportunity).join(Stage, Stage.id == Opportunity.stage_id)
    return read(session, query.where(*wanted, *where.conditions(session)), columns)


DAY: Any = case((Opportunity.state == OpportunityState.OPEN, Opportunity.expected_close_on), else_=Opportunity.closed_on)
"""When it is expected, or when it was decided."""


def forecasts_told(session: ScopedSession, board_ids: tuple[int, ...]) -> pd.DataFrame:
    """Of whole boards, by whoever sees all of them -> board_id, taken_on, period_from, period_to, won, p10, p50, p90, weighted,
    commit, best_case; oldest first."""
    kind = ForecastRecord
    names = ("board_id", "taken_on", "period_from", "period_to", "won", "p10", "p50", "p90", "weighted", "commit", "best_case")
    query = select(*(getattr(kind, name).label(name) for name in names)).where(kind.board_id.in_(board_ids))
    return dated(frame(session, query.order_by(kind.taken_on, kind.id)), "taken_on", "period_from", "period_to")


__all__ = [
    "DAY",
    "forecasts_told",
    "misses",
    "open_deals",
    "snapshot_days",
    "stands",
    "stood",
    "won_between",
    "won_by_day",
]
