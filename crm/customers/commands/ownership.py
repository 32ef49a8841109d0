"""Who has a customer, and who else may see him."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.access import GRANTS, Reach, Role
from crm.customers.commands.details import board_of, first_ownership
from crm.customers.models import Customer, CustomerShare, Order, Ownership
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User, UserState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Assignment(Input):
    owner_id: int
    reason: Reason


class Sharing(Input):
    user_id: int | None = None
    unit_id: int | None = None
    may_change: bool = Field(default=False, description="Without it: to read only.")
    reason: Annotated[str, StringConstraints(max_length=300)] | None = None


def assign(session: ScopedSession, ids: list[int], to: Assignment) -> int:
    """Give customers to another owner; the interval of the old one ends, with the reason. -> how many really moved."""
    session.actor.must("assign", "customers")
    owner = able_owner(session, to.owner_id)
    board = board_of(session, owner.unit_id)
    moved = 0
    for customer_id in ids:
        customer = get(session, Customer, customer_id)
        if customer.owner_id is None:
            raise Invalid("{name} lies in a pool: give him to somebody from there.", name=customer.name)
        if (customer.owner_id, customer.team_id) == (owner.id, owner.unit_id):
            continue
        if customer.board_id != board.id:
            session.actor.must("assign across boards", "customers")
            _move_board(session, customer, board)
        end_interval(session, customer_id)
        customer.owner_id, customer.team_id = owner.id, owner.unit_id
        session.add(first_ownership(customer, session.actor.user_id, to.reason))
        # The interval is written while the customer is still mine to change.
        moved += 1
    return moved


def able_owner(session: ScopedSession, owner_id: int) -> User:
    owner = get(session, User, owner_id)
    if owner.state != UserState.ACTIVE:
        raise Invalid("{name} is not active and cannot take customers.", field="owner_id", name=owner.name)
    if GRANTS[Role(owner.role)].get("customers", None) is None or GRANTS[Role(owner.role)]["customers"].change is Reach.NOTHING:
        raise Invalid("{name} has a role that keeps no customers.", field="owner_id", name=owner.name)
    return owner


def end_interval(session: ScopedSession, customer_id: int) -> None:
    open_intervals = select(Ownership).where(Ownership.customer_id == customer_id, Ownership.ended_at.is_(None))
    for interval in session.scalars(open_intervals):
        interval.ended_at = now()


def _move_board(session: ScopedSession, customer: Customer, board: OrgUnit) -> None:
    """A customer's orders follow him to the other board."""
    customer.board_id = board.id
    for order in session.scalars(select(Order).where(Order.customer_id == customer.id)):
        order.board_id = board.id


def hand_over(session: ScopedSession, from_id: int, to: Assignment) -> int:
    """All customers of one person to another: nobody is left alone when a colleague leaves."""
    ids = list(session.scalars(select(Customer.id).where(Customer.owner_id == from_id)))
    return assign(session, ids, to)


def share(session: ScopedSession, customer_id: int, to: Sharing) -> CustomerShare:
    """Open a customer to one person or one unit; sharing again changes how far."""
    session.actor.must("share", "customers")
    customer = get(session, Customer, customer_id)
    if (to.user_id is None) == (to.unit_id is None):
        raise Invalid("Choose a person or a unit.", field="user_id")
    if to.user_id is not None and to.user_id == customer.owner_id:
        raise Invalid("The owner sees this customer anyway.", field="user_id")
    get(session, User, to.user_id) if to.user_id else get(session, OrgUnit, to.unit_id)
    receiver = [CustomerShare.user_id == to.user_id] if to.user_id else [CustomerShare.unit_id == to.unit_id]
    found = session.scalars(select(CustomerShare).where(CustomerShare.customer_id == customer_id, *receiver)).first()
    if found is None:
        found = CustomerShare(customer_id=customer_id, **to.model_dump())
        session.add(found)
    else:
        found.may_change, found.reason = to.may_change, to.reason
    return found


def stop_sharing(session: ScopedSession, share_id: int) -> None:
    session.actor.must("share", "customers")
    get(session, CustomerShare, share_id).deleted_at = now()
