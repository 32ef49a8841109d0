"""Search everything: customers, contacts and orders by a few letters or digits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from crm.customers.filters import CustomerFilter
from crm.customers.models import Contact, Customer, Order
from crm.customers.queries.orders import numbered
from crm.session import ScopedSession


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    """customer, contact, order"""
    customer_id: int
    title: str
    detail: str
    day: dt.date | None = None


def search_everything(session: ScopedSession, words: str, limit: int = 6) -> list[Found]:
    """The best few of each kind; names that begin with the words come first."""
    where = CustomerFilter(search=words)
    starts = func.lower(Customer.name).startswith(words.casefold(), autoescape=True)
    customers = session.execute(
        select(Customer.id, Customer.name, Customer.code)
        .where(*where.conditions(session))
        .order_by(starts.desc(), Customer.last_order_on.desc().nulls_last(), Customer.id)
        .limit(limit)
    ).all()
    found = [Found("customer", row.id, row.name, row.code) for row in customers]
    return found + _contacts(session, words, where, limit) + _orders(session, words, limit)


def _contacts(session: ScopedSession, words: str, where: CustomerFilter, limit: int) -> list[Found]:
    """Contacts stand in their customer's search text, so the index narrows them first."""
    customers = dict(session.execute(select(Customer.id, Customer.name).where(*where.conditions(session)).limit(200)).all())
    # SQLite lowers plain letters alone: Élodie is found by her capital.
    written = {words, words.title(), words.upper()}
    hit = or_(
        func.lower(Contact.name).contains(words.casefold(), autoescape=True),
        *(Contact.name.contains(one, autoescape=True) for one in sorted(written)),
        Contact.phone.contains(words, autoescape=True),
    )
    query = select(Contact.customer_id, Contact.name).where(Contact.customer_id.in_(customers), hit).limit(limit)
    return [Found("contact", customer_id, name, customers[customer_id]) for customer_id, name in session.execute(query)]


def _orders(session: ScopedSession, words: str, limit: int) -> list[Found]:
    if len(words) < 3 or " " in words:
        return []
    query = select(Order.customer_id, Order.number, Order.ordered_on, Customer.name).join(
        Customer, Customer.id == Order.customer_id
    )
    rows = session.execute(query.where(numbered(words)).order_by(Order.number).limit(limit))
    return [Found("order", customer_id, f"{number} · {name}", "", day) for customer_id, number, day, name in rows]
