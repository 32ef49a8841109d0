"""A lead becomes a customer with a contact; the pipeline area, above, makes the opportunity from what is handed back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from crm.customers.commands import ContactDetails, CustomerDetails, add_customer, save_contact, set_interests
from crm.customers.models import Contact, Customer, Kind
from crm.customers.queries import contacts
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid
from crm.marketing.commands.entries import open_entry, take_out
from crm.marketing.commands.leads import move
from crm.marketing.commands.nurturing import stop_nurturing
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadState, PoolMove
from crm.session import ScopedSession, get


class Conversion(Input):
    customer_id: int | None = Field(default=None, description="The customer it is already; empty = a new one.")
    knowing: bool = False
    """Make a new customer although one like it is followed by somebody."""
    with_contact: bool = True


@dataclass(frozen=True, slots=True)
class DealOfLead:
    """What an opportunity begins with."""

    lead_id: int
    customer_id: int
    contact_id: int | None
    name: str
    owner_id: int | None
    source: str | None
    campaign_id: int | None
    product_id: int | None
    amount: Decimal
    expected_close_on: dt.date | None
    need: str | None


@dataclass(frozen=True, slots=True)
class Converted:
    customer: Customer
    contact: Contact | None
    deal: DealOfLead


def convert_lead(session: ScopedSession, lead_id: int, to: Conversion) -> Converted:
    """In one step: customer, contact, product of interest, and the lead closed.

    Refused where somebody follows such a customer already: name him (`customer_id`), or say that it is another one (`knowing`).
    """
    lead = get(session, Lead, lead_id)
    if lead.state not in OPEN:
        raise Invalid("{name} is closed already.", name=lead.name)
    stop_nurturing(session, lead.id)
    entry = open_entry(session, lead)
    owner_id = lead.owner_id or session.actor.user_id
    customer = get(session, Customer, to.customer_id) if to.customer_id else _new_customer(session, lead, owner_id, to.knowing)
    contact = _contact(session, lead, customer) if to.with_contact else None
    if lead.product_id and to.customer_id is None:
        set_interests(session, customer.id, [lead.product_id])
    _close(session, lead, customer, owner_id)
    if entry is not None:
        take_out(session, entry, PoolMove.CLOSED, "{name} became a customer.")
    return Converted(customer, contact, deal_of(lead, contact))


def deal_of(lead: Lead, contact: Contact | None = None) -> DealOfLead:
    """Of a converted lead."""
    if lead.customer_id is None:
        raise Invalid("{name} was not converted.", name=lead.name)
    return DealOfLead(
        lead_id=lead.id,
        customer_id=lead.customer_id,
        contact_id=contact.id if contact else None,
        name=lead.name,
        owner_id=lead.owner_id,
        source=lead.source,
        campaign_id=lead.campaign_id,
        product_id=lead.product_id,
        amount=lead.budget or Decimal(0),
        expected_close_on=lead.wanted_by,
        need=lead.need,
    )


def _new_customer(session: ScopedSession, lead: Lead, owner_id: int, knowing: bool) -> Customer:
    same = ("name", "kind", "source", "region", "industry", "phone", "email")
    details = CustomerDetails(**{name: getattr(lead, name) for name in same}, remark=lead.need)
    return add_customer(session, details, owner_id=owner_id, knowing=knowing)


def _contact(session: ScopedSession, lead: Lead, customer: Customer) -> Contact | None:
    name = lead.contact or (lead.name if lead.kind == Kind.RETAIL else None)
    if name is None:
        return None
    known = contacts(session, customer.id)
    if name in set(known["name"]):
        return get(session, Contact, int(known.loc[known["name"] == name, "id"].iloc[0]))
    values = {field: getattr(lead, field) for field in ("position", "phone", "email", "wechat")}
    return save_contact(session, customer.id, ContactDetails(name=name, is_main=known.empty, **values))


def _close(session: ScopedSession, lead: Lead, customer: Customer, owner_id: int) -> None:
    """It was assigned and worked, whichever way it came here: a funnel never grows."""
    at = now()
    lead.assigned_at, lead.worked_at, lead.closed_at = lead.assigned_at or at, lead.worked_at or at, at
    lead.customer_id = customer.id
    move(session, lead, LeadState.CONVERTED, owner_id, customer.code)
    session.flush()
