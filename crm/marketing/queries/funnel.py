"""How far leads came, by where they came from."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from sqlalchemy import case, func, select

from crm.analytics.proportions import wilson
from crm.database import frame
from crm.marketing.filters import LeadFilter
from crm.marketing.models import Campaign, Lead, LeadState
from crm.marketing.queries.leads import ANY
from crm.session import ScopedSession

STEPS = ("collected", "assigned", "worked", "converted")


def lead_funnel(
    session: ScopedSession, by: Literal["source", "campaign"] | None = "source", where: LeadFilter = ANY
) -> pd.DataFrame:
    """How many of the leads ever came to each step -> source, or campaign_id and campaign (None = not given; none of
    them without `by`), collected, assigned, worked, converted, invalid, open,
    conversion, conversion_from, conversion_to (percent, 95 %).

    Each lead counts once in every step it reached, also when it went back to the pool; the filter takes cohorts by creation.
    """
    columns: dict[str | None, list[Any]] = {
        "source": [Lead.source],
        "campaign": [Lead.campaign_id, Campaign.name.label("campaign")],
    }
    group = columns.get(by, [])
    counts = [
        func.count(Lead.id).label("collected"),
        func.count(Lead.assigned_at).label("assigned"),
        func.count(Lead.worked_at).label("worked"),
        _of_state(LeadState.CONVERTED),
        _of_state(LeadState.INVALID),
    ]
    query = select(*group, *counts).select_from(Lead).where(*where.conditions())
    if by == "campaign":
        query = query.outerjoin(Campaign, Campaign.id == Lead.campaign_id)
    query = query.group_by(*group) if group else query
    found = frame(session, query.order_by(func.count(Lead.id).desc()))
    numbers = [*STEPS, "invalid"]
    found[numbers] = found[numbers].fillna(0).astype("int64")
    found["open"] = found["collected"] - found["converted"] - found["invalid"]
    return found.join(_shares(found))


def _of_state(state: LeadState) -> Any:
    return func.sum(case((Lead.state == state, 1), else_=0)).label(state.value)


def _shares(found: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson(found["converted"].to_numpy(), found["collected"].to_numpy())
    share = found["converted"] / found["collected"].where(found["collected"] > 0)
    columns = {"conversion": share, "conversion_from": low, "conversion_to": high}
    return pd.DataFrame(columns, index=found.index) * 100
