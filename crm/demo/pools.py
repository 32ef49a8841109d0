"""What lies in the pools of the machinery board: customers who never bought, customers who did, leads, and what is no good."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from crm.customers.models import Customer, Order, Ownership
from crm.demo.writing import Book
from crm.marketing.commands import PoolRules, set_pool_rules
from crm.marketing.models import Lead, LeadState, PoolEntry, PoolEvent, PoolKind, PoolMove, PoolReason, PoolWarning
from crm.session import ScopedSession
from crm.staff.models import User

_RELEASED = "{owner} released {name}: {remark}"
_DISCARDED = "{owner} took {name} out of work: {remark}"
_SILENT = "Nothing happened with {name} since {since} ({days} days). {owner} was warned on {warned_on}."
_CLAIMED = "{owner} claimed {name}."
_NOWHERE = "{name} leads nowhere: {remark}"
_REMARKS = ("Too far away for me", "没有联系人，打不通电话", "They make their own parts now", "两年没有新设备计划")


@dataclass(frozen=True, slots=True)
class Idle:
    """Customers whom nobody sells anything: each group has its own fate."""

    untouched: list[int]
    """Never bought, and lie in the public pool."""
    silent: list[int]
    """Bought once, and lie there."""
    invalid: list[int]
    claimed: list[int]
    """Lay there, until their owner took them back."""
    warned: list[int]
    """Go there soon."""

    @property
    def all(self) -> set[int]:
        return {*self.untouched, *self.silent, *self.invalid, *self.claimed, *self.warned}


def idle_customers(session: ScopedSession, board_id: int, newest_code: str) -> Idle:
    """Those who never bought, and those who bought longest ago; not the ones that stand there twice, after `newest_code`."""
    last = select(Order.customer_id, func.max(Order.ordered_on).label("day")).group_by(Order.customer_id).subquery()
    query = select(Customer.id, last.c.day).outerjoin(last, last.c.customer_id == Customer.id)
    rows = session.execute(
        query.where(Customer.board_id == board_id, Customer.code <= newest_code).order_by(last.c.day, Customer.id)
    )
    found = [(row.id, row.day) for row in rows]
    never, ever = [one for one, day in found if day is None], [one for one, day in found if day is not None]
    return Idle(never[:4], ever[:5], [never[4], ever[5]], ever[6:8], ever[8:10])


def add_pools(book: Book, board_id: int, idle: Idle, day: dt.date) -> None:
    session = book.session
    set_pool_rules(session, board_id, PoolRules(recycles=True))
    for number, customer_id in enumerate((*idle.untouched, *idle.silent, *idle.invalid)):
        _leave(book, session.get_one(Customer, customer_id), number, customer_id in idle.invalid, customer_id in idle.silent, day)
    for number, customer_id in enumerate(idle.claimed):
        _come_back(book, session.get_one(Customer, customer_id), number, day)
    session.flush()
    _warn(book, [session.get_one(Customer, one) for one in idle.warned], day)


def _leave(book: Book, customer: Customer, number: int, is_invalid: bool, was_silent: bool, day: dt.date) -> None:
    at = _at(day - dt.timedelta(5 + 7 * number))
    owner = book.session.get_one(User, customer.owner_id)
    remark = None if was_silent else _REMARKS[number % len(_REMARKS)]
    values: dict[str, Any] = {"name": customer.name, "owner": owner.name, "remark": remark or "—"}
    bought = book.session.scalar(select(func.max(Order.ordered_on)).where(Order.customer_id == customer.id))
    if is_invalid:
        pool, reason, what, template = PoolKind.INVALID, PoolReason.INVALID, PoolMove.DISCARDED, _DISCARDED
    elif was_silent and bought:
        pool, reason, what, template = PoolKind.PUBLIC, PoolReason.SILENT, PoolMove.RECYCLED, _SILENT
        warned = at.date() - dt.timedelta(8)
        values |= {"since": bought.isoformat(), "days": (at.date() - bought).days, "warned_on": warned.isoformat()}
    else:
        pool, reason, what, template = PoolKind.PUBLIC, PoolReason.RELEASED, PoolMove.RELEASED, _RELEASED
    for interval in _open_intervals(book, customer):
        interval.ended_at = max(at, interval.started_at)
    row = _entry(customer, pool, reason, at, customer.owner_id, remark) | {"last_order_on": bought}
    customer.owner_id = None
    _put_in(book, row, what, template, values)


def _come_back(book: Book, customer: Customer, number: int, day: dt.date) -> None:
    left, claimed = _at(day - dt.timedelta(150 + number)), _at(day - dt.timedelta(90 + number))
    owner = book.session.get_one(User, customer.owner_id)
    for interval in _open_intervals(book, customer):
        interval.ended_at = left
    about = {"customer_id": customer.id, "owner_id": owner.id, "team_id": customer.team_id, "by_id": owner.id}
    book.insert(Ownership, [about | {"started_at": claimed, "ended_at": None, "reason": "claimed"}])
    row = _entry(customer, PoolKind.PUBLIC, PoolReason.RELEASED, left, owner.id, _REMARKS[0])
    row |= {"left_at": claimed, "claimed_by_id": owner.id}
    values = {"name": customer.name, "owner": owner.name, "remark": _REMARKS[0]}
    entry_id = _put_in(book, row, PoolMove.RELEASED, _RELEASED, values)
    _tell(book, entry_id, row | {"entered_at": claimed}, PoolMove.CLAIMED, _CLAIMED, values)


def _warn(book: Book, customers: list[Customer], day: dt.date) -> None:
    rows = [
        {
            "board_id": customer.board_id,
            "owner_id": customer.owner_id,
            "team_id": customer.team_id,
            "customer_id": customer.id,
            "name": customer.name,
            "reason": PoolReason.SILENT.value,
            "warned_on": day - dt.timedelta(3),
            "due_on": day + dt.timedelta(4 + number),
        }
        for number, customer in enumerate(customers)
    ]
    book.insert(PoolWarning, rows)


def pool_leads(book: Book, leads: list[Lead]) -> None:
    """What was given back, and what leads nowhere and is not taken up again."""
    for lead in leads:
        owner = book.session.get(User, lead.owner_id) if lead.owner_id else None
        if lead.state == LeadState.COLLECTED and lead.assigned_at is not None:
            at = lead.assigned_at + dt.timedelta(days=4)
            owner = book.session.get_one(User, lead.custom["released_by"])
            row = _entry(lead, PoolKind.PUBLIC, PoolReason.RELEASED, at, owner.id, _REMARKS[lead.id % len(_REMARKS)])
            told = {"name": lead.name, "owner": owner.name, "remark": row["remark"]}
            _put_in(book, row, PoolMove.RELEASED, _RELEASED, told)
        elif lead.state == LeadState.INVALID and lead.second_follow_up_on is None and lead.closed_at and owner:
            row = _entry(lead, PoolKind.INVALID, PoolReason.INVALID, lead.closed_at, owner.id, lead.invalid_reason)
            told = {"name": lead.name, "owner": owner.name, "remark": lead.invalid_reason or "—"}
            _put_in(book, row, PoolMove.DISCARDED, _NOWHERE, told)


# --------------------------------------------------------------------------------------------------- entries, events


def _entry(
    subject: Customer | Lead, pool: PoolKind, reason: PoolReason, at: dt.datetime, owner_id: int | None, remark: str | None
) -> dict[str, Any]:
    return {
        "pool": pool.value,
        "board_id": subject.board_id,
        "team_id": subject.board_id,
        f"{type(subject).__tablename__}_id": subject.id,
        "name": subject.name,
        "region": subject.region,
        "industry": subject.industry,
        "level": getattr(subject, "level", None),
        "previous_owner_id": owner_id,
        "entered_at": at,
        "reason": reason.value,
        "remark": remark,
    }


def _put_in(book: Book, row: dict[str, Any], what: PoolMove, template: str, values: dict[str, Any]) -> int:
    (entry_id,) = book.insert(PoolEntry, [row])
    _tell(book, entry_id, row, what, template, values)
    return entry_id


def _tell(book: Book, entry_id: int, row: dict[str, Any], what: PoolMove, template: str, values: dict[str, Any]) -> None:
    about = {"entry_id": entry_id, "team_id": row["team_id"], "at": row["entered_at"], "by_id": row["previous_owner_id"]}
    book.insert(PoolEvent, [about | {"what": what.value, "explanation": template, "values": values}])


def _open_intervals(book: Book, customer: Customer) -> list[Ownership]:
    query = select(Ownership).where(Ownership.customer_id == customer.id, Ownership.ended_at.is_(None))
    return list(book.session.scalars(query))


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(3), dt.UTC)
