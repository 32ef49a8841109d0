"""Begin an opportunity, correct it, give it to somebody else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.customers.commands.details import Prose, board_of, free_number
from crm.customers.commands.ownership import Reason, Sharing, able_owner, share
from crm.customers.models import Customer, CustomerShare, Source
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.marketing.models import Campaign, Lead
from crm.office.fields import checked_custom
from crm.office.queries import custom_fields, today
from crm.pipeline.commands.recording import record_changes, record_stage
from crm.pipeline.commands.registration import registration_of
from crm.pipeline.models import (
    ForecastCategory,
    Opportunity,
    OpportunityLine,
    OpportunityState,
    Pipeline,
    Stage,
)
from crm.pipeline.queries.deals import moment
from crm.pipeline.queries.stages import pipeline_of_board, stages_of
from crm.session import ScopedSession, get
from crm.staff.models import User

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 12)]

TRACKED = ("amount", "expected_close_on", "owner_id", "forecast_category")
"""Columns whose every change is kept as an event."""


class OpportunityDetails(Input):
    """What is known of a deal; the amount is the sum of the lines as soon as there are any."""

    name: Called
    customer_id: int | None = None
    amount: Amount = Decimal(0)
    expected_close_on: dt.date | None = None
    forecast_category: ForecastCategory = ForecastCategory.PIPELINE
    product_id: int | None = Field(None, description="The main product, where there are no lines.")
    source: Source | None = None
    campaign_id: int | None = None
    need: Prose = Field(None, json_schema_extra={"long": True})
    remark: Prose = Field(None, json_schema_extra={"long": True})
    custom: dict[str, Any] = Field(default_factory=dict, json_schema_extra={"hidden": True})


class NewOpportunity(OpportunityDetails):
    pipeline_id: int | None = Field(None, description="Empty = the default of the board.")
    stage_id: int | None = Field(None, description="Empty = the first.")
    created_on: dt.date | None = Field(None, description="The day it entered the pipeline; empty = today.")
    lead_id: int | None = Field(None, json_schema_extra={"hidden": True})


class Swot(Input):
    strengths: Prose = Field(None, json_schema_extra={"long": True})
    weaknesses: Prose = Field(None, json_schema_extra={"long": True})
    chances: Prose = Field(None, json_schema_extra={"long": True})
    threats: Prose = Field(None, json_schema_extra={"long": True})


class DealAssignment(Input):
    owner_id: int
    reason: Reason


def add_opportunity(session: ScopedSession, details: NewOpportunity, *, owner_id: int | None = None) -> Opportunity:
    """Owned by the actor unless somebody else within reach is named; its number is the next of the board."""
    owner = get(session, User, owner_id or session.actor.user_id)
    board = board_of(session, owner.unit_id)
    if details.customer_id is None:
        raise Invalid("Say to whom it is sold.", field="customer_id")
    get(session, Customer, details.customer_id)
    _check_origin(session, details.campaign_id, details.lead_id)
    stage = _entry(session, details, board.id)
    day = today(session)
    created_on = details.created_on or day
    if created_on > day:
        raise Invalid("An opportunity cannot begin in the future.", field="created_on")
    values = details.model_dump(exclude={"pipeline_id", "stage_id", "created_on"}) | _custom(session, details)
    added = Opportunity(
        **values,
        number=free_number(session, Opportunity.number, "OP", 6, board.id),
        board_id=board.id,
        owner_id=owner.id,
        team_id=owner.unit_id,
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        created_on=created_on,
        stage_since=created_on,
    )
    added.registration = registration_of(session, added)
    session.add(added)
    session.flush()
    at = moment(session)
    record_stage(session, added, None, at=at if created_on == day else dt.datetime.combine(created_on, dt.time(), dt.UTC))
    open_customer(session, added, owner)
    session.flush()
    return added


def _check_origin(session: ScopedSession, campaign_id: int | None, lead_id: int | None) -> None:
    """What a deal came from must be the actor's to see; the campaign of his lead is."""
    lead = get(session, Lead, lead_id) if lead_id is not None else None
    if campaign_id is not None and (lead is None or lead.campaign_id != campaign_id):
        get(session, Campaign, campaign_id)


def _entry(session: ScopedSession, details: NewOpportunity, board_id: int) -> Stage:
    if details.stage_id is not None:
        stage = get(session, Stage, details.stage_id)
        if details.pipeline_id not in (None, stage.pipeline_id):
            raise Invalid("This stage belongs to another pipeline.", field="stage_id")
        pipeline = get(session, Pipeline, stage.pipeline_id)
    else:
        chosen = details.pipeline_id
        pipeline = get(session, Pipeline, chosen) if chosen is not None else pipeline_of_board(session, board_id)
        found = stages_of(session, pipeline.id)
        if not found:
            raise Invalid("A pipeline needs at least one stage.", field="pipeline_id")
        stage = found[0]
    if pipeline.board_id not in (None, board_id):
        raise Invalid("{name} is the pipeline of another board.", field="pipeline_id", name=pipeline.name)
    return stage


def edit_opportunity(session: ScopedSession, opportunity_id: int, details: OpportunityDetails, version: int) -> Opportunity:
    """Changes of amount, close date and forecast category are kept as events; a closed deal keeps them as they were."""
    deal = get(session, Opportunity, opportunity_id)
    if details.customer_id is None and deal.customer_id is not None:
        raise Invalid("Say to whom it is sold.", field="customer_id")
    if details.customer_id not in (None, deal.customer_id):
        get(session, Customer, details.customer_id)
    if details.product_id not in (None, deal.product_id):
        get(session, Product, details.product_id)
    if details.campaign_id not in (None, deal.campaign_id):
        _check_origin(session, details.campaign_id, None)
    if details.amount != deal.amount and lines_sum(session, deal.id) is not None:
        raise Invalid("The amount is the sum of the lines: change them.", field="amount")
    fields = set(OpportunityDetails.model_fields)
    values = details.model_dump(include=fields) | _custom(session, details)
    before = {name: getattr(deal, name) for name in TRACKED}
    if deal.state != OpportunityState.OPEN and any(values.get(name, before[name]) != before[name] for name in TRACKED):
        raise Invalid("This opportunity is closed: reopen it first.")
    change(session, deal, values, version)
    deal.registration = registration_of(session, deal)
    record_changes(session, deal, before)
    session.flush()
    return deal


def edit_swot(session: ScopedSession, opportunity_id: int, swot: Swot, version: int) -> Opportunity:
    deal = get(session, Opportunity, opportunity_id)
    change(session, deal, swot.model_dump(), version)
    session.flush()
    return deal


def assign(session: ScopedSession, ids: list[int], to: DealAssignment) -> int:
    """Give opportunities to another owner of the same board, who may then read their customers. -> how many really moved."""
    session.actor.must("assign", "pipeline")
    owner = able_owner(session, to.owner_id)
    board = board_of(session, owner.unit_id)
    moved = 0
    for opportunity_id in ids:
        deal = get(session, Opportunity, opportunity_id)
        if (deal.owner_id, deal.team_id) == (owner.id, owner.unit_id):
            continue
        if deal.board_id != board.id:
            raise Invalid("{name} works in another board than “{deal}”.", field="owner_id", name=owner.name, deal=deal.name)
        before = {name: getattr(deal, name) for name in TRACKED}
        # The events are written while the deal is still mine to change.
        open_customer(session, deal, owner)
        deal.owner_id, deal.team_id = owner.id, owner.unit_id
        record_changes(session, deal, before, to.reason)
        moved += 1
    session.flush()
    return moved


def delete_opportunities(session: ScopedSession, ids: list[int]) -> int:
    """Logical; for those who may also hand them to somebody else."""
    session.actor.must("assign", "pipeline")
    for opportunity_id in ids:
        get(session, Opportunity, opportunity_id).deleted_at = now()
    session.flush()
    return len(ids)


def lines_sum(session: ScopedSession, opportunity_id: int) -> Decimal | None:
    """None = there are no lines."""
    amounts = session.scalars(select(OpportunityLine.amount).where(OpportunityLine.opportunity_id == opportunity_id)).all()
    return sum(amounts, Decimal(0)) if amounts else None


def open_customer(session: ScopedSession, deal: Opportunity, person: User) -> None:
    """Whoever works on a deal may read its customer."""
    if deal.customer_id is None:
        return
    customer = get(session, Customer, deal.customer_id)
    theirs = select(CustomerShare.id).where(CustomerShare.customer_id == customer.id, CustomerShare.user_id == person.id)
    mine = person.id == session.actor.user_id
    if customer.owner_id != person.id and not mine and session.scalars(theirs).first() is None:
        share(session, customer.id, Sharing(user_id=person.id, reason=deal.number))


def _custom(session: ScopedSession, details: OpportunityDetails) -> dict[str, Any]:
    return {"custom": checked_custom(custom_fields(session, "opportunity"), details.custom)}
