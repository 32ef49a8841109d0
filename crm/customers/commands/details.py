"""Create, edit, delete and restore a customer, and his extended file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import Select, func, select, update

from crm.access import SYSTEM
from crm.bulk import hold
from crm.customers.models import (
    Contact,
    CreditGrade,
    Customer,
    Kind,
    Level,
    Ownership,
    Source,
)
from crm.customers.queries.record import PROFILES, collisions
from crm.database import Base, now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.fields import checked_custom
from crm.office.queries import custom_fields
from crm.session import WITH_DELETED, ScopedSession, acting_as, get
from crm.staff.models import OrgUnit, User

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Prose = Annotated[str | None, StringConstraints(strip_whitespace=True, max_length=5000), Field(json_schema_extra={"long": True})]


def has_at(value: str | None) -> str | None:
    """What every input asks of an e-mail address."""
    if value and ("@" not in value.strip("@") or " " in value):
        raise ValueError("not an e-mail address")
    return value


class CustomerDetails(Input):
    """The basic file of a customer."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: Kind = Kind.CORPORATE
    code: Short | None = Field(default=None, description="Left empty: the next free number.")
    level: Level | None = None
    credit_grade: CreditGrade | None = None
    source: Source | None = None
    region: Line | None = None
    industry: Line | None = None
    phone: Short | None = None
    email: Line | None = None
    website: Line | None = None
    address: Annotated[str, StringConstraints(max_length=400)] | None = None
    product_field: Line | None = None
    preferences: Prose = Field(
        default=None, description="Habits, interests, hobbies, personality.", json_schema_extra={"long": True}
    )
    remark: Prose = Field(default=None, json_schema_extra={"long": True})
    custom: dict[str, Any] = Field(default_factory=dict, json_schema_extra={"hidden": True})

    _has_at = field_validator("email")(has_at)


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Education(StrEnum):
    SCHOOL = "school"
    COLLEGE = "college"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"


class MaritalStatus(StrEnum):
    SINGLE = "single"
    MARRIED = "married"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


class RetailDetails(Input):
    sex: Sex | None = None
    birthday: dt.date | None = None
    id_number: Short | None = None
    home_phone: Short | None = None
    occupation: Line | None = None
    employer: Line | None = None
    education: Education | None = None
    marital_status: MaritalStatus | None = None


class CorporateDetails(Input):
    registration_number: Short | None = None
    employees: int | None = Field(default=None, ge=0)
    annual_revenue: Decimal | None = Field(default=None, ge=0)
    logistics_cost: Decimal | None = Field(default=None, ge=0)
    business_strategy: Prose = None
    production_scale: Prose = None
    product_range: Prose = None
    business_condition: Prose = None
    growth_bottleneck: Prose = None
    logistics_mode: Prose = None
    stock_needs: Prose = None
    transit_needs: Prose = None
    transport_needs: Prose = None
    packaging_needs: Prose = None
    feedback_needs: Prose = None


PROFILE_DETAILS: dict[str, type[RetailDetails] | type[CorporateDetails]] = {
    Kind.RETAIL: RetailDetails,
    Kind.CORPORATE: CorporateDetails,
}


def add_customer(
    session: ScopedSession, details: CustomerDetails, *, owner_id: int | None = None, knowing: bool = False
) -> Customer:
    """A new potential customer, owned by the actor unless somebody else within reach is named.

    Refuses a customer that somebody follows already, unless the person knows (`knowing`) and wants both.
    """
    owner = get(session, User, owner_id or session.actor.user_id)
    board = board_of(session, owner.unit_id)
    if not knowing:
        _refuse_collision(session, details)
    values = details.model_dump() | {"custom": checked_custom(custom_fields(session, "customer"), details.custom)}
    values["code"] = details.code or free_number(session, Customer.code, "C", 6, board.id)
    customer = Customer(**values, board_id=board.id, owner_id=owner.id, team_id=owner.unit_id)
    customer.set_keys()
    session.add(customer)
    session.flush()
    session.add(first_ownership(customer, session.actor.user_id, "created"))
    return customer


def _refuse_collision(session: ScopedSession, details: CustomerDetails) -> None:
    found = collisions(session, details.name, details.phone, details.email)
    if len(found):
        first = found.iloc[0]
        if first["in_pool"]:
            raise Invalid(
                "“{name}” lies in a pool of {board}. Claim it there; save again if it is really another customer.",
                field="name",
                name=first["name"],
                board=first["board"],
            )
        raise Invalid(
            "“{name}” is already followed by a colleague in {board}. Look first; save again if it is really another customer.",
            field="name",
            name=first["name"],
            board=first["board"],
        )


def first_ownership(customer: Customer, by_id: int, reason: str) -> Ownership:
    held_by = {"owner_id": customer.owner_id, "team_id": customer.team_id}
    return Ownership(customer_id=customer.id, **held_by, started_at=now(), reason=reason, by_id=by_id)


def board_of(session: ScopedSession, unit_id: int) -> OrgUnit:
    """The board a unit belongs to; a person of the group itself has none."""
    unit: OrgUnit | None = get(session, OrgUnit, unit_id)
    while unit is not None and unit.kind != "board":
        unit = session.get(OrgUnit, unit.parent_id) if unit.parent_id else None
    if unit is None:
        raise Invalid("A customer belongs to a board: choose an owner who works in one.", field="owner_id")
    return unit


def free_number(session: ScopedSession, column: Any, prefix: str, digits: int, board_id: int) -> str:
    """One more than the newest record, or the next that nobody in the board has typed; hidden and deleted ones count too.

    Others who ask for a number wait until we commit.
    """
    kind = column.class_
    hold(session, kind)
    with acting_as(SYSTEM, session) as everything:
        number = (_scalar(everything, select(func.max(kind.id))) or 0) + 1
        while _scalar(everything, _with_number(column, f"{prefix}{number:0{digits}}", board_id)):
            number += 1
    return f"{prefix}{number:0{digits}}"


def _with_number(column: Any, number: str, board_id: int) -> Select[int]:
    return select(column.class_.id).where(column == number, column.class_.board_id == board_id)


def _scalar(session: ScopedSession, query: Select[int]) -> int | None:
    return session.scalars(query, execution_options={WITH_DELETED: True}).first()


def edit_customer(session: ScopedSession, customer_id: int, details: CustomerDetails, version: int) -> Customer:
    customer = get(session, Customer, customer_id)
    values = details.model_dump() | {"custom": checked_custom(custom_fields(session, "customer"), details.custom)}
    values["code"] = details.code or customer.code
    words = contact_words(session, customer_id)
    change(session, customer, values, version)
    customer.set_keys(words)
    return customer


def save_profile(session: ScopedSession, customer_id: int, details: RetailDetails | CorporateDetails, version: int = 0) -> Base:
    """The extended file, of the kind the customer is; made with the first save."""
    customer = get(session, Customer, customer_id)
    kind = PROFILES[customer.kind]
    if not isinstance(details, PROFILE_DETAILS[customer.kind]):
        raise Invalid("Somebody else changed this record at the same moment. Nothing was saved; open it again.")
    found = session.scalars(select(kind).where(kind.customer_id == customer_id)).first()
    if found is None:
        found = kind(customer_id=customer_id, **details.model_dump())
        session.add(found)
    else:
        change(session, found, details.model_dump(), version)
    return found


def refresh_search(session: ScopedSession, customer_id: int) -> None:
    """After a change of contacts. An open form of the customer stays as good as it was: no version moves."""
    text = get(session, Customer, customer_id).text_for_search(contact_words(session, customer_id))
    session.execute(update(Customer).where(Customer.id == customer_id).values(search_text=text))


def contact_words(session: ScopedSession, customer_id: int) -> str:
    """What a search should find of the contacts."""
    rows = session.execute(select(Contact.name, Contact.phone, Contact.email).where(Contact.customer_id == customer_id))
    return " ".join(word for row in rows for word in row if word)


def delete_customers(session: ScopedSession, ids: list[int]) -> int:
    """Logical: orders and history stay, restore brings the customer back."""
    session.actor.must("delete", "customers")
    for customer_id in ids:
        get(session, Customer, customer_id).deleted_at = now()
    return len(ids)


def restore_customers(session: ScopedSession, ids: list[int]) -> int:
    session.actor.must("delete", "customers")
    for customer_id in ids:
        customer = get(session, Customer, customer_id, with_deleted=True)
        if customer.merged_into_id:
            raise Invalid("{name} was merged into another customer: undo the merge there.", name=customer.name)
        customer.deleted_at = None
    return len(ids)
