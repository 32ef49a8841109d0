"""Campaigns, and what they brought."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import case, func, select

from crm.database import frame
from crm.marketing.models import Campaign, Lead, LeadState
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User


def campaign(session: ScopedSession, campaign_id: int) -> Campaign:
    return get(session, Campaign, campaign_id)


def campaigns(session: ScopedSession, search: str = "", board_id: int | None = None) -> pd.DataFrame:
    """Newest first -> id, name, channel, starts_on, ends_on, budget, cost, currency, owner, group_id, version, leads, converted,
    cost_per_lead, cost_per_conversion; the leads are those that the actor sees."""
    won = func.sum(case((Lead.state == LeadState.CONVERTED, 1), else_=0)).label("converted")
    brought = select(Lead.campaign_id, func.count(Lead.id).label("leads"), won).group_by(Lead.campaign_id).subquery()
    query = (
        select(
            Campaign.id,
            Campaign.name,
            Campaign.channel,
            Campaign.starts_on,
            Campaign.ends_on,
            Campaign.budget,
            Campaign.cost,
            OrgUnit.currency,
            User.name.label("owner"),
            Campaign.group_id,
            Campaign.version,
            func.coalesce(brought.c.leads, 0).label("leads"),
            func.coalesce(brought.c.converted, 0).label("converted"),
        )
        .outerjoin(brought, brought.c.campaign_id == Campaign.id)
        .outerjoin(User, User.id == Campaign.owner_id)
        .outerjoin(OrgUnit, OrgUnit.id == Campaign.board_id)
    )
    if search.strip():
        query = query.where(Campaign.name.icontains(search.strip(), autoescape=True))
    if board_id is not None:
        query = query.where(Campaign.board_id == board_id)
    found = frame(session, query.order_by(Campaign.starts_on.desc(), Campaign.id.desc()).limit(500))
    for name in ("leads", "converted"):
        found[name] = found[name].astype("int64")
    found["cost_per_lead"] = found["cost"] / found["leads"].where(found["leads"] > 0)
    found["cost_per_conversion"] = found["cost"] / found["converted"].where(found["converted"] > 0)
    return found


def campaign_choices(session: ScopedSession, board_id: int | None = None) -> dict[int, str]:
    """Newest first: id -> name."""
    query = select(Campaign.id, Campaign.name).order_by(Campaign.starts_on.desc(), Campaign.id.desc())
    query = query if board_id is None else query.where(Campaign.board_id == board_id)
    return dict(session.execute(query).all())
