"""Campaigns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import func, select

from crm.access import Reach
from crm.customers.commands.details import Prose, board_of
from crm.customers.models import CustomerGroup
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.marketing.models import Campaign, Channel, Lead
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User


class CampaignDetails(Input):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    channel: Channel = Channel.OTHER
    starts_on: dt.date
    ends_on: dt.date | None = None
    budget: Decimal | None = Field(default=None, ge=0)
    cost: Decimal | None = Field(default=None, ge=0, description="What was spent so far.")
    group_id: int | None = None
    """The audience."""
    remark: Prose = Field(default=None, json_schema_extra={"long": True})


def add_campaign(session: ScopedSession, details: CampaignDetails, board_id: int | None = None) -> Campaign:
    """Of the actor; for the board named, or his own."""
    _check(session, details)
    maker = get(session, User, session.actor.user_id)
    board = board_of(session, maker.unit_id) if board_id is None else get(session, OrgUnit, board_id)
    if board.kind != "board":
        raise Invalid("A campaign belongs to a board: choose one.", field="board_id")
    actor = session.actor
    if actor.grant("marketing").change is not Reach.EVERYTHING and board.id not in actor.team_ids | actor.above_ids:
        raise Refused("You may not change this: {title}.", title=board.name)
    added = Campaign(**details.model_dump(), board_id=board.id, owner_id=maker.id, team_id=maker.unit_id)
    session.add(added)
    session.flush()
    return added


def edit_campaign(session: ScopedSession, campaign_id: int, details: CampaignDetails, version: int) -> Campaign:
    _check(session, details)
    found = get(session, Campaign, campaign_id)
    change(session, found, details.model_dump(), version)
    session.flush()
    return found


def remove_campaign(session: ScopedSession, campaign_id: int) -> None:
    """Refused while leads name it: their origin would be lost."""
    found = get(session, Campaign, campaign_id)
    leads = session.scalar(select(func.count(Lead.id)).where(Lead.campaign_id == campaign_id)) or 0
    if leads:
        raise Invalid("{name} has brought {count:lead|leads} and stays.", name=found.name, count=leads)
    found.deleted_at = now()
    session.flush()


def _check(session: ScopedSession, details: CampaignDetails) -> None:
    if details.ends_on and details.ends_on < details.starts_on:
        raise Invalid("The last day lies before the first.", field="ends_on")
    if details.group_id is not None:
        get(session, CustomerGroup, details.group_id)
