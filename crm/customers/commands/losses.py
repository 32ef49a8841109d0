"""Why a customer stopped, entered by who knows him."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from crm.bulk import hold
from crm.customers.commands.details import Line, Prose
from crm.customers.models import Customer, Loss, LossDirection, LossReason
from crm.customers.queries.losses import first_purchase_after, losses
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.queries import today
from crm.session import ScopedSession, get


class LossDetails(Input):
    lost_on: dt.date
    reason: LossReason
    direction: LossDirection = LossDirection.UNKNOWN
    competitor: Line | None = Field(default=None, description="The name, where he went to a competitor.")
    won_back_on: dt.date | None = Field(default=None, description="Left empty: his next order says it.")
    remark: Prose = Field(default=None, json_schema_extra={"long": True})


def enter_loss(session: ScopedSession, customer_id: int, details: LossDetails) -> Loss:
    """Refused: before his first order, in the future, and while another loss of his stands."""
    # First of all, so that of two who enter the same loss at once the second finds it.
    hold(session, Loss)
    customer = get(session, Customer, customer_id)
    _check(session, customer, details, None)
    loss = Loss(customer_id=customer.id, by_id=session.actor.user_id, **_values(details))
    session.add(loss)
    session.flush()
    return loss


def edit_loss(session: ScopedSession, loss_id: int, details: LossDetails, version: int) -> Loss:
    """Also how a customer is entered as won back before he has ordered."""
    hold(session, Loss)
    loss = get(session, Loss, loss_id)
    _check(session, get(session, Customer, loss.customer_id), details, loss_id)
    change(session, loss, _values(details), version)
    session.flush()
    return loss


def _values(details: LossDetails) -> dict[str, object]:
    values = details.model_dump()
    return values if details.direction == LossDirection.COMPETITOR else values | {"competitor": None}


def _check(session: ScopedSession, customer: Customer, details: LossDetails, loss_id: int | None) -> None:
    _check_days(customer, details, today(session))
    if details.direction == LossDirection.COMPETITOR and not details.competitor:
        raise Invalid("Name the competitor, or choose “unknown”.", field="competitor")
    end = _end(details.won_back_on, first_purchase_after(session, customer.id, details.lost_on))
    for other in losses(session, customer.id):
        apart = other["lost_on"] >= end or (other["back_on"] or dt.date.max) <= details.lost_on
        if other["id"] != loss_id and not apart:
            raise Invalid("He is entered as lost on {day} already: change that entry.", day=other["lost_on"])


def _check_days(customer: Customer, details: LossDetails, day: dt.date) -> None:
    first = customer.first_order_on
    if first is None:
        raise Invalid("{name} has never ordered: only a customer can be lost.", name=customer.name)
    if details.lost_on < first:
        raise Invalid("He ordered first on {day}: he cannot be lost before that.", field="lost_on", day=first)
    if details.lost_on > day:
        raise Invalid("Today is {day}: enter a loss when it has happened.", field="lost_on", day=day)
    if details.won_back_on is not None and not details.lost_on < details.won_back_on <= day:
        raise Invalid("He was won back after he was lost ({lost}), and not later than today.", lost=details.lost_on)


def _end(entered: dt.date | None, bought: dt.date | None) -> dt.date:
    return min(entered or dt.date.max, bought or dt.date.max)
