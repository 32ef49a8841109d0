"""What hangs on a customer: contacts, competitors, holdings, relations, products of interest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.customers.commands.details import Line, Prose, Short, refresh_search
from crm.customers.models import (
    Contact,
    Customer,
    CustomerCompetitor,
    CustomerInterest,
    Holding,
    Relation,
    phone_key,
)
from crm.database import Record, now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import ScopedSession, get

Part = TypeVar("Part", Contact, CustomerCompetitor, Holding)
Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Influence(StrEnum):
    DECIDES = "decides"
    INFLUENCES = "influences"
    USES = "uses"
    PAYS = "pays"
    OUTSIDE = "outside"


class ContactDetails(Input):
    name: Called
    position: Line | None = None
    department: Line | None = None
    reports_to_id: int | None = None
    influence: Influence | None = Field(default=None, description="Key persons have an influence on the decision.")
    phone: Short | None = None
    email: Line | None = None
    wechat: Short | None = None
    birthday: dt.date | None = None
    is_main: bool = False
    interests: Prose = Field(default=None, json_schema_extra={"long": True})
    remark: Prose = Field(default=None, json_schema_extra={"long": True})


class CompetitorDetails(Input):
    name: Called
    products: Line | None = None
    share_percent: int | None = Field(default=None, ge=0, le=100)
    strengths: Prose = Field(default=None, json_schema_extra={"long": True})
    weaknesses: Prose = Field(default=None, json_schema_extra={"long": True})


class Side(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INTERMEDIARY = "intermediary"


class ProductType(StrEnum):
    CURRENT_DEPOSIT = "current_deposit"
    TERM_DEPOSIT = "term_deposit"
    FUND = "fund"
    BOND = "bond"
    WEALTH_PRODUCT = "wealth_product"
    E_BANK = "e_bank"
    INSURANCE = "insurance"
    LOAN = "loan"
    CARD = "card"
    OTHER = "other"


class Place(StrEnum):
    US = "us"
    COMPETITOR = "competitor"
    OTHER = "other"


class HoldingDetails(Input):
    side: Side
    product_type: ProductType
    place: Place = Place.US
    institution: Line | None = None
    amount: Decimal
    as_of: dt.date


class RelationKind(StrEnum):
    PARENT_COMPANY = "parent_company"
    SUPPLIER = "supplier"
    PARTNER = "partner"
    GUARANTOR = "guarantor"
    SPOUSE = "spouse"
    CHILD = "child"
    FAMILY = "family"


class RelationDetails(Input):
    kind: RelationKind
    other_id: int
    remark: Annotated[str, StringConstraints(max_length=300)] | None = None


def _save(session: ScopedSession, kind: type[Part], customer_id: int, details: Input, part_id: int | None, version: int) -> Part:
    values: dict[str, Any] = details.model_dump()
    if part_id is None:
        part = kind(customer_id=get(session, Customer, customer_id).id, **values)
        session.add(part)
    else:
        part = get(session, kind, part_id)
        change(session, part, values, version)
    return part


def save_contact(
    session: ScopedSession, customer_id: int, details: ContactDetails, contact_id: int | None = None, version: int = 0
) -> Contact:
    if details.reports_to_id:
        _refuse_circle(session, customer_id, contact_id, details.reports_to_id)
    contact = _save(session, Contact, customer_id, details, contact_id, version)
    contact.phone_key = phone_key(contact.phone)
    session.flush()
    if details.is_main:
        others = select(Contact).where(Contact.customer_id == customer_id, Contact.id != contact.id, Contact.is_main)
        for other in session.scalars(others):
            other.is_main = False
    refresh_search(session, customer_id)
    return contact


def _refuse_circle(session: ScopedSession, customer_id: int, contact_id: int | None, above_id: int) -> None:
    above: Contact | None = get(session, Contact, above_id)
    if above is not None and above.customer_id != customer_id:
        raise Invalid("A contact reports to a contact of the same customer.", field="reports_to_id")
    while above is not None:
        if above.id == contact_id:
            raise Invalid("This would be a circle: somebody would report to himself.", field="reports_to_id")
        above = session.get(Contact, above.reports_to_id) if above.reports_to_id else None


def save_competitor(
    session: ScopedSession, customer_id: int, details: CompetitorDetails, competitor_id: int | None = None, version: int = 0
) -> CustomerCompetitor:
    return _save(session, CustomerCompetitor, customer_id, details, competitor_id, version)


def save_holding(
    session: ScopedSession, customer_id: int, details: HoldingDetails, holding_id: int | None = None, version: int = 0
) -> Holding:
    return _save(session, Holding, customer_id, details, holding_id, version)


def remove_part(session: ScopedSession, kind: type[Record], part_id: int) -> None:
    """Take away a contact, a competitor or a holding (logical)."""
    part = get(session, kind, part_id)
    if isinstance(part, Contact):
        for below in session.scalars(select(Contact).where(Contact.reports_to_id == part_id)):
            below.reports_to_id = part.reports_to_id
    part.deleted_at = now()
    if isinstance(part, Contact):
        session.flush()
        refresh_search(session, part.customer_id)


def relate(session: ScopedSession, customer_id: int, details: RelationDetails) -> Relation:
    """A tie from this customer to another one that the actor can see."""
    if details.other_id == customer_id:
        raise Invalid("A customer has no relation with himself.", field="other_id")
    ends = get(session, Customer, customer_id).id, get(session, Customer, details.other_id).id
    relation = Relation(customer_id=ends[0], other_id=ends[1], kind=details.kind, remark=details.remark)
    session.add(relation)
    return relation


def unrelate(session: ScopedSession, relation_id: int) -> None:
    session.delete(get(session, Relation, relation_id))


def set_interests(session: ScopedSession, customer_id: int, product_ids: list[int]) -> None:
    """The products this customer asks about are these."""
    get(session, Customer, customer_id)
    now_there = list(session.scalars(select(CustomerInterest).where(CustomerInterest.customer_id == customer_id)))
    for interest in now_there:
        if interest.product_id not in product_ids:
            session.delete(interest)
    known = {interest.product_id for interest in now_there}
    session.add_all(CustomerInterest(customer_id=customer_id, product_id=one) for one in product_ids if one not in known)
