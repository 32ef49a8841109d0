"""A lead becomes a customer, a contact and an opportunity, in one step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import Field

from crm.customers.models import Source
from crm.marketing.commands import Conversion, DealOfLead, convert_lead
from crm.pipeline.commands.deals import NewOpportunity, add_opportunity
from crm.pipeline.commands.parts import DealContact, save_contact
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession


class DealConversion(Conversion):
    """What is said of the opportunity; empty = as the lead has it."""

    name: str | None = Field(default=None, max_length=200, description="Of the opportunity; empty = as the lead.")
    amount: Decimal | None = Field(default=None, ge=0, le=Decimal(10) ** 12)
    expected_close_on: dt.date | None = None
    pipeline_id: int | None = None


def convert_lead_to_deal(session: ScopedSession, lead_id: int, to: DealConversion) -> Opportunity:
    """Refused as `convert_lead` and `add_opportunity` are: then nothing was made at all."""
    made = convert_lead(session, lead_id, Conversion(**to.model_dump(include=set(Conversion.model_fields))))
    deal = add_opportunity(session, _beginning(made.deal, to), owner_id=made.deal.owner_id)
    if made.deal.contact_id is not None:
        save_contact(session, deal.id, DealContact(contact_id=made.deal.contact_id))
    return deal


def _beginning(of_lead: DealOfLead, to: DealConversion) -> NewOpportunity:
    same = ("customer_id", "lead_id", "campaign_id", "product_id", "need")
    known: dict[str, Any] = {name: getattr(of_lead, name) for name in same}
    said = {name: value for name in ("name", "amount", "expected_close_on") if (value := getattr(to, name)) is not None}
    began = {name: getattr(of_lead, name) for name in ("name", "amount", "expected_close_on")} | said
    source = of_lead.source if of_lead.source in list(Source) else None
    return NewOpportunity.model_validate(known | began | {"source": source, "pipeline_id": to.pipeline_id})
