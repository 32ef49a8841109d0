"""What hangs on a deal: lines, people, team, further customers, competitors, samples, expenses, assessments."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.customers.commands.details import Line, Prose
from crm.customers.models import Contact, Customer, CustomerShare
from crm.database import Record, now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.queries import today
from crm.pipeline.commands.deals import Amount, Called, lines_sum, open_customer
from crm.pipeline.commands.recording import record_changes
from crm.pipeline.commands.registration import registration_of
from crm.pipeline.models import (
    Assessment,
    Attitude,
    DecisionRole,
    Expense,
    ExpenseKind,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityCustomer,
    OpportunityLine,
    OpportunityMember,
    OpportunityState,
    Sample,
    Threat,
)
from crm.session import ScopedSession, get
from crm.staff.models import User, UserState

Part = TypeVar(
    "Part",
    OpportunityLine,
    OpportunityContact,
    OpportunityMember,
    OpportunityCustomer,
    OpportunityCompetitor,
    Sample,
    Expense,
    Assessment,
)
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Mark = Annotated[int, Field(ge=1, le=5)]


class DealLine(Input):
    product_id: int | None = None
    description: Text | None = None
    quantity: Decimal = Field(Decimal(1), gt=0, le=Decimal(10) ** 9)
    unit_price: Amount | None = Field(None, description="Empty = the list price of the product.")
    discount_percent: Decimal = Field(Decimal(0), ge=0, le=100)


class DealContact(Input):
    contact_id: int
    role: DecisionRole = DecisionRole.INFLUENCES
    attitude: Attitude = Attitude.UNKNOWN
    remark: Text | None = None


class DealMember(Input):
    user_id: int
    part: Line | None = Field(None, description="What this colleague does in it.")


class DealCustomer(Input):
    customer_id: int
    part: Line | None = Field(None, description="General contractor, end user, agent, ...")


class DealCompetitor(Input):
    name: Called
    offer: Line | None = None
    price: Amount | None = None
    strengths: Prose = Field(None, json_schema_extra={"long": True})
    weaknesses: Prose = Field(None, json_schema_extra={"long": True})
    threat: Threat | None = None


class DealSample(Input):
    product_id: int | None = None
    description: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    quantity: Decimal = Field(Decimal(1), gt=0)
    sent_on: dt.date | None = None
    returned_on: dt.date | None = None
    answer: Prose = Field(None, json_schema_extra={"long": True})


class DealExpense(Input):
    kind: ExpenseKind
    spent_on: dt.date
    amount: Amount
    description: Text | None = None


class DealAssessment(Input):
    """Does it exist, do we want it, can we win it: 1 (bad for us) to 5 (good)."""

    assessed_on: dt.date | None = Field(None, description="Empty = today.")
    budget: Mark
    authority: Mark
    need: Mark
    timing: Mark
    fit: Mark
    competition: Mark
    remark: Prose = Field(None, json_schema_extra={"long": True})


def save_line(
    session: ScopedSession, opportunity_id: int, details: DealLine, line_id: int | None = None, version: int = 0
) -> OpportunityLine:
    """Its amount follows from quantity, price and discount; the deal's from its lines."""
    deal = _open_deal(session, opportunity_id)
    product = get(session, Product, details.product_id) if details.product_id else None
    if product is None and not details.description:
        raise Invalid("Choose a product, or say what is sold.", field="description")
    price = details.unit_price if details.unit_price is not None else product.price if product else None
    if price is None:
        raise Invalid("Say the price: the product has none.", field="unit_price")
    net = details.quantity * price * (100 - details.discount_percent) / 100
    amount = {"unit_price": price, "amount": net.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)}
    line = _save(session, OpportunityLine, deal.id, details.model_dump() | amount, line_id, version)
    _sum_up(session, deal)
    return line


def save_contact(
    session: ScopedSession, opportunity_id: int, details: DealContact, part_id: int | None = None, version: int = 0
) -> OpportunityContact:
    """A contact of the deal's customer, or of a further one."""
    deal = get(session, Opportunity, opportunity_id)
    contact = get(session, Contact, details.contact_id)
    further = select(OpportunityCustomer.customer_id).where(OpportunityCustomer.opportunity_id == deal.id)
    if contact.customer_id not in {deal.customer_id, *session.scalars(further)}:
        raise Invalid("This is no contact of a customer of this deal.", field="contact_id")
    return _save(session, OpportunityContact, deal.id, details.model_dump(), part_id, version)


def save_member(
    session: ScopedSession, opportunity_id: int, details: DealMember, part_id: int | None = None, version: int = 0
) -> OpportunityMember:
    """The colleague sees and changes the deal from now on, and reads its customer."""
    deal = get(session, Opportunity, opportunity_id)
    person = get(session, User, details.user_id)
    if person.state != UserState.ACTIVE:
        raise Invalid("{name} is not active.", field="user_id", name=person.name)
    if person.id == deal.owner_id:
        raise Invalid("The owner is on the team anyway.", field="user_id")
    member = _save(session, OpportunityMember, deal.id, details.model_dump(), part_id, version)
    open_customer(session, deal, person)
    session.flush()
    return member


def save_customer(
    session: ScopedSession, opportunity_id: int, details: DealCustomer, part_id: int | None = None, version: int = 0
) -> OpportunityCustomer:
    deal = get(session, Opportunity, opportunity_id)
    if get(session, Customer, details.customer_id).id == deal.customer_id:
        raise Invalid("This customer is on the deal already.", field="customer_id")
    return _save(session, OpportunityCustomer, deal.id, details.model_dump(), part_id, version)


def save_competitor(
    session: ScopedSession, opportunity_id: int, details: DealCompetitor, part_id: int | None = None, version: int = 0
) -> OpportunityCompetitor:
    return _save(session, OpportunityCompetitor, opportunity_id, details.model_dump(), part_id, version)


def save_sample(
    session: ScopedSession, opportunity_id: int, details: DealSample, part_id: int | None = None, version: int = 0
) -> Sample:
    if details.returned_on and (details.sent_on is None or details.returned_on < details.sent_on):
        raise Invalid("It cannot come back before it was sent.", field="returned_on")
    return _save(session, Sample, opportunity_id, details.model_dump(), part_id, version)


def save_expense(
    session: ScopedSession, opportunity_id: int, details: DealExpense, part_id: int | None = None, version: int = 0
) -> Expense:
    """Whoever enters it first spent it."""
    values = details.model_dump() | ({} if part_id else {"by_id": session.actor.user_id})
    return _save(session, Expense, opportunity_id, values, part_id, version)


def save_assessment(
    session: ScopedSession, opportunity_id: int, details: DealAssessment, part_id: int | None = None, version: int = 0
) -> Assessment:
    """A new judgement each time the deal is looked at again; an old one is only corrected."""
    values = details.model_dump() | {"assessed_on": details.assessed_on or today(session)}
    return _save(
        session, Assessment, opportunity_id, values | ({} if part_id else {"by_id": session.actor.user_id}), part_id, version
    )


def remove_part(session: ScopedSession, kind: type[Record], part_id: int) -> None:
    """Take a part away. A colleague who leaves the team reads the customer no longer, if only this deal opened it to him."""
    part: Any = get(session, kind, part_id)
    deal = get(session, Opportunity, part.opportunity_id)
    if isinstance(part, OpportunityLine):
        _open_deal(session, deal.id)
    if isinstance(part, OpportunityMember):
        _close_customer(session, deal, part.user_id)
    if getattr(kind, "DISPOSABLE", False):
        session.delete(part)
    else:
        part.deleted_at = now()
    session.flush()
    if isinstance(part, OpportunityLine):
        _sum_up(session, deal)


def _save(
    session: ScopedSession, kind: type[Part], opportunity_id: int, values: dict[str, Any], part_id: int | None, version: int
) -> Part:
    if part_id is None:
        part = kind(opportunity_id=get(session, Opportunity, opportunity_id).id, **values)
        session.add(part)
    else:
        part = get(session, kind, part_id)
        if part.opportunity_id != opportunity_id:
            raise Invalid("This belongs to another opportunity.")
        change(session, part, values, version)
    session.flush()
    return part


def _open_deal(session: ScopedSession, opportunity_id: int) -> Opportunity:
    deal = get(session, Opportunity, opportunity_id)
    if deal.state != OpportunityState.OPEN:
        raise Invalid("This opportunity is closed: reopen it first.")
    return deal


def _sum_up(session: ScopedSession, deal: Opportunity) -> None:
    """Without lines the last amount stands as the expectation."""
    total = lines_sum(session, deal.id)
    if total is not None and total != deal.amount:
        before = {"amount": deal.amount}
        deal.amount = total
        deal.registration = registration_of(session, deal)
        record_changes(session, deal, before)
        session.flush()


def _close_customer(session: ScopedSession, deal: Opportunity, user_id: int) -> None:
    opened = CustomerShare.reason == deal.number
    mine = (CustomerShare.customer_id == deal.customer_id, CustomerShare.user_id == user_id, opened)
    for share in session.scalars(select(CustomerShare).where(*mine)):
        share.deleted_at = now()
