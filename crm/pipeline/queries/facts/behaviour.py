"""What was done with opportunities early on, and how they ended: which habits go with winning."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import case, func, select

from crm.analytics.proportions import wilson
from crm.database import frame
from crm.office.models import Activity, ActivityKind
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityState, Quote
from crm.pipeline.queries.facts.reading import days_between
from crm.pipeline.queries.listing import ANY
from crm.session import ScopedSession, through_parent

FIRST_DAYS = 30
"""Only what was done by then counts, and only opportunities that were still open then: else long ones would look well cared for
because they were long."""

HABITS = {
    "touches": ("0", "1-2", "3-5", "6+"),
    "first_touch": ("0-2", "3-7", "8-30", "none"),
    "met": ("no", "yes"),
    "quoted": ("no", "yes"),
}
"""Habit -> its groups: activities; days until the first; a visit or meeting; a quote sent."""


def behaviour(session: ScopedSession, where: OpportunityFilter = ANY, first_days: int = FIRST_DAYS) -> pd.DataFrame:
    """Decided opportunities that were still open after `first_days` -> habit, group, won, lost, win_rate, low, high (Wilson); a
    row for each group of HABITS. It shows what goes together, not what causes what."""
    deal = _looked_at(session, where, first_days).subquery()
    names = [deal.c[name] for name in (*HABITS, "state")]
    counted: Any = select(*names, func.count().label("deals")).select_from(deal).group_by(*names)
    return _shares(frame(session, through_parent(counted, Quote)))


def behaved(
    session: ScopedSession, habit: str, group: str, where: OpportunityFilter = ANY, first_days: int = FIRST_DAYS, limit: int = 500
) -> list[int]:
    """The opportunities of one row of `behaviour`, largest first."""
    deal = _looked_at(session, where, first_days).subquery()
    here: Any = select(deal.c.id).where(deal.c[habit] == group).order_by(deal.c.amount.desc(), deal.c.id).limit(limit)
    return list(session.scalars(through_parent(here, Quote)))


def _looked_at(session: ScopedSession, where: OpportunityFilter, first_days: int) -> Any:
    """-> id, state, amount, and the group of each of HABITS"""
    touched, quoted = _touched(first_days).subquery(), _quoted(first_days).subquery()
    count, first = func.coalesce(touched.c.touches, 0), touched.c.first
    groups = {
        "touches": case((count == 0, "0"), (count <= 2, "1-2"), (count <= 5, "3-5"), else_="6+"),
        "first_touch": case((first.is_(None), "none"), (first < 3, "0-2"), (first < 8, "3-7"), else_="8-30"),
        "met": case((func.coalesce(touched.c.met, 0) > 0, "yes"), else_="no"),
        "quoted": case((quoted.c.opportunity_id.is_not(None), "yes"), else_="no"),
    }
    decided = (
        Opportunity.state != OpportunityState.OPEN,
        days_between(Opportunity.created_on, Opportunity.closed_on) >= first_days,
    )
    columns = [group.label(name) for name, group in groups.items()]
    return (
        select(Opportunity.id, Opportunity.state, Opportunity.amount, *columns)
        .outerjoin(touched, touched.c.subject_id == Opportunity.id)
        .outerjoin(quoted, quoted.c.opportunity_id == Opportunity.id)
        .where(*decided, *where.conditions(session))
    )


def _touched(first_days: int) -> Any:
    """-> subject_id, touches, first (days until the first), met (visits and meetings)"""
    days = days_between(Opportunity.created_on, Activity.happened_on)
    met = Activity.kind.in_((ActivityKind.VISIT, ActivityKind.MEETING))
    return (
        select(
            Activity.subject_id,
            func.count(Activity.id).label("touches"),
            func.min(days).label("first"),
            func.sum(case((met, 1), else_=0)).label("met"),
        )
        .join(Opportunity, Opportunity.id == Activity.subject_id)
        .where(Activity.subject_type == "opportunity", days >= 0, days < first_days)
        .group_by(Activity.subject_id)
    )


def _quoted(first_days: int) -> Any:
    days = days_between(Opportunity.created_on, Quote.sent_at)
    early = select(Quote.opportunity_id).join(Opportunity, Opportunity.id == Quote.opportunity_id)
    return early.where(days >= 0, days < first_days).group_by(Quote.opportunity_id)


def _shares(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for habit, names in HABITS.items():
        counts = found.pivot_table(index=habit, columns="state", values="deals", aggfunc="sum", fill_value=0)
        counts = counts.reindex(index=list(names), columns=["won", "lost"], fill_value=0)
        rows.append(counts.rename_axis("group").reset_index().assign(habit=habit))
    told = pd.concat(rows, ignore_index=True)
    won, lost = told["won"].astype("int64"), told["lost"].astype("int64")
    low, high = wilson(won, won + lost)
    rate = (won / (won + lost)).astype("float64")
    return told.assign(won=won, lost=lost, win_rate=rate, low=low, high=high)[
        ["habit", "group", "won", "lost", "win_rate", "low", "high"]
    ]
