"""Take in a case, correct it, take it or give it to somebody."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.access import GRANTS, SYSTEM, Reach, Role
from crm.catalogue.models import Product
from crm.contracts.models import Contract
from crm.customers.commands.details import Line, Prose, board_of, free_number
from crm.customers.models import Contact, Customer, CustomerShare, Order
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.fields import checked_custom
from crm.office.queries import custom_fields
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import OrgUnit, User, UserState
from crm.staff.sign_in import actor_for
from crm.support.models import (
    Case,
    CaseChannel,
    CaseEvent,
    CaseKind,
    CaseState,
    ComplaintClass,
    Happening,
    Priority,
    Severity,
)

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]

_LONG: dict[str, Any] = {"long": True}


class CaseDetails(Input):
    """What is known of a case; its number and its state come by themselves."""

    subject: Called
    description: Prose = Field(None, json_schema_extra=_LONG)
    kind: CaseKind = CaseKind.FAULT
    customer_id: int | None = None
    contact_id: int | None = None
    channel: CaseChannel = CaseChannel.PHONE
    priority: Priority = Priority.NORMAL
    severity: Severity | None = None
    complaint_class: ComplaintClass | None = Field(None, description="Of a complaint: what it is about.")
    responsible_unit_id: int | None = Field(None, description="Whom a complaint is about.")
    product_id: int | None = None
    order_id: int | None = None
    contract_id: int | None = None
    cause: Line | None = None
    custom: dict[str, Any] = Field(default_factory=dict, json_schema_extra={"hidden": True})


class NewCase(CaseDetails):
    opened_at: dt.datetime | None = Field(None, description="Empty = now.")
    team_id: int | None = Field(None, description="Who shall work on it; empty = my own unit.")


class CaseAssignment(Input):
    owner_id: int
    note: Note | None = None


def add_case(session: ScopedSession, details: NewCase, *, owner_id: int | None = None) -> Case:
    """The actor's own (or that of `owner_id`), or, where a team is named, nobody's yet in that team; numbered by the board."""
    owner = get(session, User, owner_id or session.actor.user_id)
    board = board_of(session, owner.unit_id)
    if details.customer_id is None:
        raise Invalid("Say whose case it is.", field="customer_id")
    _check(session, details, board.id)
    at = moment(session)
    opened_at = details.opened_at or at
    if opened_at.tzinfo is None:
        opened_at = opened_at.replace(tzinfo=dt.UTC)
    if opened_at > at:
        raise Invalid("A case cannot begin in the future.", field="opened_at")
    added = Case(
        **details.model_dump(exclude={"opened_at", "team_id", "custom"}),
        **_custom(session, details),
        number=free_number(session, Case.number, "CS", 6, board.id),
        board_id=board.id,
        owner_id=owner.id,
        team_id=owner.unit_id,
        opened_at=opened_at,
    )
    session.add(added)
    session.flush()
    if details.team_id is not None:
        # It was mine for the moment in which I gave it away.
        give(session, added, details.team_id, None)
    record(session, added, Happening.OPENED, at=opened_at)
    session.flush()
    return added


def edit_case(session: ScopedSession, case_id: int, details: CaseDetails, version: int) -> Case:
    """A change of priority is an event: the clocks keep the time that was used."""
    case = get(session, Case, case_id)
    if details.customer_id is None and case.customer_id is not None:
        raise Invalid("Say whose case it is.", field="customer_id")
    _check(session, details, case.board_id)
    before = case.priority
    values = details.model_dump(include=set(CaseDetails.model_fields) - {"custom"})
    change(session, case, values | _custom(session, details), version)
    if case.priority != before:
        record(session, case, Happening.PRIORITY)
    session.flush()
    return case


def take_case(session: ScopedSession, case_id: int) -> Case:
    """What nobody has yet is mine from now on."""
    case = get(session, Case, case_id)
    session.refresh(case)
    if case.owner_id is not None:
        raise Invalid("{number} was taken before you.", number=case.number)
    if not case.is_open:
        raise Invalid("This case is closed: reopen it first.")
    case.owner_id = session.actor.user_id
    if case.state == CaseState.NEW:
        case.state = CaseState.IN_PROGRESS
    record(session, case, Happening.HANDED_OVER)
    session.flush()
    return case


def assign(session: ScopedSession, ids: list[int], to: CaseAssignment) -> int:
    """Give cases to somebody of the same board, who may then read their customers. -> how many really moved."""
    session.actor.must("assign", "support")
    owner = able_agent(session, to.owner_id)
    moved = 0
    for case_id in ids:
        case = get(session, Case, case_id)
        if case.owner_id == owner.id:
            continue
        give(session, case, owner.unit_id, owner)
        record(session, case, Happening.HANDED_OVER, note=to.note)
        moved += 1
    session.flush()
    return moved


def delete_cases(session: ScopedSession, ids: list[int]) -> int:
    """Logical; for those who may also hand them to somebody else."""
    session.actor.must("assign", "support")
    for case_id in ids:
        get(session, Case, case_id).deleted_at = now()
    session.flush()
    return len(ids)


# ---------------------------------------------------------------------------------------- shared by the commands


def record(
    session: ScopedSession, case: Case, what: Happening, *, at: dt.datetime | None = None, note: str | None = None
) -> None:
    """The case as it stands from here on; saved with the change itself, while the case is still the actor's to change."""
    with session.no_autoflush:
        moved_at = at or moment(session)
    about = {name: getattr(case, name) for name in ("state", "priority", "owner_id", "team_id")}
    event = CaseEvent(case_id=case.id, at=moved_at, what=what, note=note, by_id=session.actor.user_id, **about)
    session.add(event)


def able_agent(session: ScopedSession, user_id: int) -> User:
    person = get(session, User, user_id)
    if person.state != UserState.ACTIVE:
        raise Invalid("{name} is not active and cannot take cases.", field="owner_id", name=person.name)
    grant = GRANTS[Role(person.role)].get("support")
    if grant is None or grant.change is Reach.NOTHING:
        raise Invalid("{name} has a role that works on no cases.", field="owner_id", name=person.name)
    return person


def give(session: ScopedSession, case: Case, team_id: int, owner: User | None) -> None:
    """To a team of the same board, and to somebody in it; both may read the customer from now on."""
    if board_of(session, team_id).id != case.board_id:
        unit = get(session, OrgUnit, team_id)
        raise Invalid(
            "{unit} belongs to another board than the case {number}.", field="team_id", unit=unit.name, number=case.number
        )
    _open_customer(session, case, team_id, owner)
    case.owner_id, case.team_id = (owner.id if owner else None), team_id


def _open_customer(session: ScopedSession, case: Case, team_id: int, owner: User | None) -> None:
    """Whoever works on a case may read its customer. The system opens him, in the actor's name: an agent may share nobody."""
    if case.customer_id is None:
        return
    actor = session.actor
    with acting_as(replace(SYSTEM, user_id=actor.user_id, name=actor.name), session) as everything:
        customer = get(everything, Customer, case.customer_id)
        if (owner is not None and _sees(everything, owner, customer.id)) or (owner is None and customer.team_id == team_id):
            return
        receiver = {"user_id": owner.id} if owner else {"unit_id": team_id}
        known = select(CustomerShare.id).filter_by(customer_id=customer.id, **receiver)
        if everything.scalars(known).first() is None:
            everything.add(CustomerShare(customer_id=customer.id, reason=case.number, **receiver))


def _sees(everything: ScopedSession, person: User, customer_id: int) -> bool:
    with acting_as(actor_for(everything, person), everything) as theirs:
        return theirs.scalars(select(Customer.id).where(Customer.id == customer_id)).first() is not None


def _check(session: ScopedSession, details: CaseDetails, board_id: int) -> None:
    """Everything that is named must be there, and be the customer's."""
    customer = details.customer_id
    if customer is not None and get(session, Customer, customer).board_id != board_id:
        raise Invalid("This customer belongs to another board.", field="customer_id")
    theirs: list[tuple[str, Any]] = [("contact_id", Contact), ("order_id", Order), ("contract_id", Contract)]
    for name, kind in theirs:
        if (found := getattr(details, name)) is not None and get(session, kind, found).customer_id != customer:
            raise Invalid("This belongs to another customer.", field=name)
    if details.product_id is not None:
        get(session, Product, details.product_id)
    if details.responsible_unit_id is not None:
        get(session, OrgUnit, details.responsible_unit_id)
    if details.kind == CaseKind.COMPLAINT and details.complaint_class is None:
        raise Invalid("Say what the complaint is about.", field="complaint_class")
    if details.kind != CaseKind.COMPLAINT and details.complaint_class is not None:
        raise Invalid("Only a complaint has a class.", field="complaint_class")


def _custom(session: ScopedSession, details: CaseDetails) -> dict[str, Any]:
    return {"custom": checked_custom(custom_fields(session, "service_case"), details.custom)}
