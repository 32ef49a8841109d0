"""Collect and correct leads; every change of state or owner is an event."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from crm.access import GRANTS, Reach, Role
from crm.catalogue.models import Product
from crm.customers.commands.details import Line, Prose, Short, board_of, has_at
from crm.customers.commands.ownership import able_owner
from crm.customers.models import Kind, Source
from crm.customers.queries import collisions
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.marketing.commands.scores import rescore
from crm.marketing.models import Campaign, Lead, LeadEvent, LeadState
from crm.marketing.queries.duplicates import lead_twins
from crm.office.fields import checked_custom
from crm.office.queries import custom_fields
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class LeadDetails(Input):
    """Somebody who may become a customer."""

    name: Called
    kind: Kind = Kind.CORPORATE
    contact: Line | None = None
    position: Line | None = None
    phone: Short | None = None
    email: Line | None = None
    wechat: Short | None = None
    region: Line | None = None
    industry: Line | None = None
    employees: int | None = Field(default=None, ge=0, le=10_000_000)
    source: Source | None = None
    campaign_id: int | None = None
    need: Prose = Field(default=None, json_schema_extra={"long": True})
    product_id: int | None = None
    budget: Decimal | None = Field(default=None, ge=0)
    wanted_by: dt.date | None = None
    custom: dict[str, Any] = Field(default_factory=dict, json_schema_extra={"hidden": True})

    _has_at = field_validator("email")(has_at)


def add_lead(
    session: ScopedSession,
    details: LeadDetails,
    *,
    owner_id: int | None = None,
    board_id: int | None = None,
    knowing: bool = False,
) -> Lead:
    """A new lead: of the one who adds it where he keeps his own, of a named person, or nobody's until it is assigned.

    Refuses one that is here already as a lead or a customer, unless the person knows (`knowing`) and wants both.
    """
    if not knowing:
        _refuse_twins(session, details.name, details.phone, details.email)
    if owner_id is None and session.actor.grant("marketing").change is Reach.OWN:
        owner_id = session.actor.user_id
    owner, team_id, board = _place(session, owner_id, board_id)
    lead = Lead(**_values(session, details), board_id=board, team_id=team_id, owner_id=owner)
    lead.state, lead.assigned_at = (LeadState.ASSIGNED, now()) if owner else (LeadState.COLLECTED, None)
    lead.set_keys()
    session.add(lead)
    session.flush()
    begin(session, lead, "created")
    rescore(session, lead)
    return lead


def edit_lead(session: ScopedSession, lead_id: int, details: LeadDetails, version: int) -> Lead:
    lead = get(session, Lead, lead_id)
    values = _values(session, details)
    change(session, lead, values, version)
    lead.set_keys()
    session.flush()
    rescore(session, lead)
    return lead


def remove_lead(session: ScopedSession, lead_id: int) -> None:
    """Logical. A converted one stays: it tells where the customer came from."""
    lead = get(session, Lead, lead_id)
    if lead.state == LeadState.CONVERTED:
        raise Invalid("{name} was converted and stays.", name=lead.name)
    lead.deleted_at = now()
    session.flush()


def _values(session: ScopedSession, details: LeadDetails) -> dict[str, Any]:
    if details.campaign_id:
        get(session, Campaign, details.campaign_id)
    if details.product_id:
        get(session, Product, details.product_id)
    return details.model_dump() | {"custom": checked_custom(custom_fields(session, "lead"), details.custom)}


def _refuse_twins(session: ScopedSession, name: str, phone: str | None, email: str | None) -> None:
    twins = lead_twins(session, name, phone)
    if len(twins):
        found = {"name": twins.iloc[0]["name"], "board": twins.iloc[0]["board"]}
        raise Invalid(
            "“{name}” is a lead of {board} already. Look first; save again if it is really another.", field="name", **found
        )
    known = collisions(session, name, phone, email)
    if len(known):
        found = {"name": known.iloc[0]["name"], "board": known.iloc[0]["board"]}
        raise Invalid(
            "“{name}” is a customer of {board} already. Look first; save again if it is really another.", field="name", **found
        )


# ----------------------------------------------------------------------------------------------- place and events


def _place(session: ScopedSession, owner_id: int | None, board_id: int | None) -> tuple[int | None, int, int]:
    """-> owner, unit, board; a lead of nobody belongs to the unit of who adds it, where that lies in the board."""
    if owner_id is not None:
        if owner_id != session.actor.user_id:
            session.actor.must("assign", "marketing")
        owner = able_taker(session, owner_id)
        return owner.id, owner.unit_id, board_of(session, owner.unit_id).id
    person = session.get(User, session.actor.user_id) if session.actor.user_id else None
    if board_id is None:
        if person is None:
            raise Invalid("A lead belongs to a board: choose one.", field="board_id")
        board_id = board_of(session, person.unit_id).id
    if get(session, OrgUnit, board_id).kind != "board":
        raise Invalid("A lead belongs to a board: choose one.", field="board_id")
    inside = person is not None and _within_board(session, person.unit_id, board_id)
    return None, person.unit_id if person is not None and inside else board_id, board_id


def _within_board(session: ScopedSession, unit_id: int, board_id: int) -> bool:
    try:
        return board_of(session, unit_id).id == board_id
    except Invalid:
        return False


def able_taker(session: ScopedSession, owner_id: int) -> User:
    """Who can have leads: active, in a role that works them, and within the actor's reach."""
    owner = able_owner(session, owner_id)
    if "marketing" not in GRANTS[Role(owner.role)] or GRANTS[Role(owner.role)]["marketing"].change is Reach.NOTHING:
        raise Invalid("{name} has a role that works no leads.", field="owner_id", name=owner.name)
    actor, reach = session.actor, session.actor.grant("marketing").change
    mine = owner.id == actor.user_id or (reach is Reach.TEAM and owner.unit_id in actor.team_ids)
    if not mine and reach is not Reach.EVERYTHING:
        raise Refused("{name} works outside your reach: you cannot give leads to this person.", name=owner.name)
    return owner


def begin(session: ScopedSession, lead: Lead, reason: str) -> None:
    """The first event of a lead."""
    about = {"lead_id": lead.id, "at": now(), "by_id": session.actor.user_id, "reason": reason}
    session.add(LeadEvent(**about, from_state=None, to_state=lead.state, from_owner_id=None, to_owner_id=lead.owner_id))
    session.flush()


def move(session: ScopedSession, lead: Lead, state: LeadState, owner_id: int | None, reason: str | None = None) -> None:
    """Set state and owner, with the event; not flushed, so that both are judged by the owner before."""
    about = {"lead_id": lead.id, "at": now(), "by_id": session.actor.user_id, "reason": reason}
    before = {"from_state": lead.state, "from_owner_id": lead.owner_id}
    if (lead.state, lead.owner_id) == (state, owner_id):
        return
    lead.state, lead.owner_id = state, owner_id
    session.add(LeadEvent(**about, **before, to_state=state, to_owner_id=owner_id))
