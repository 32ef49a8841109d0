"""Birthdays, customers who fell silent, and services that run out, as reminders for whoever has the customer."""

from __future__ import annotations

import datetime as dt
from calendar import isleap
from collections import Counter
from typing import Any

from sqlalchemy import extract, or_, select

from crm.customers.models import Contact, Customer, CustomerScore, LifeCycle, RetailProfile
from crm.customers.queries.orders import renewals_due
from crm.office.reminding import Reminder
from crm.session import ScopedSession

SILENT = 10
"""Silent customers of one person of whom he is reminded: those with most value at risk. The queue of calls holds the others."""


def birthdays(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """Of contacts and of private customers."""
    days = [day + dt.timedelta(ahead) for ahead in range(before + 1)]
    found = []
    for kind, name in ((Contact, Contact.name), (RetailProfile, Customer.name)):
        query: Any = select(Customer.owner_id, Customer.id, Customer.name, name, kind.birthday)
        query = query.join(kind, kind.customer_id == Customer.id).where(
            Customer.owner_id.is_not(None), _falls(kind.birthday, days)
        )
        for owner_id, customer_id, customer, person, born in session.execute(query.order_by(Customer.id)):
            due = next(one for one in days if _same_day(born, one))
            found.append(Reminder(owner_id, "customer", customer_id, customer, due, {"name": person}))
    return found


def _falls(birthday: Any, days: list[dt.date]) -> Any:
    """A day of birth in February of a leap year is kept on the 28th in the years between."""
    spoken = {(one.month, one.day) for one in days}
    spoken |= {(2, 29) for one in days if _stands_for_leap_day(one)}
    return or_(*((extract("month", birthday) == month) & (extract("day", birthday) == number) for month, number in spoken))


def _same_day(born: dt.date, day: dt.date) -> bool:
    leap = (born.month, born.day) == (2, 29) and _stands_for_leap_day(day)
    return (born.month, born.day) == (day.month, day.day) or leap


def _stands_for_leap_day(day: dt.date) -> bool:
    return (day.month, day.day) == (2, 28) and not isleap(day.year)


def silent(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """Dormant customers with value at risk, for each person those with most."""
    query: Any = select(Customer.owner_id, Customer.id, Customer.name, Customer.last_order_on, CustomerScore.value_at_risk)
    query = query.join(CustomerScore, CustomerScore.customer_id == Customer.id)
    dormant = (Customer.life_cycle == LifeCycle.DORMANT, Customer.owner_id.is_not(None), CustomerScore.value_at_risk > 0)
    query = query.where(*dormant, Customer.last_order_on.is_not(None))
    given: Counter[int] = Counter()
    found = []
    for owner_id, customer_id, name, last, at_risk in session.execute(query.order_by(CustomerScore.value_at_risk.desc())):
        if given[owner_id] < SILENT:
            given[owner_id] += 1
            found.append(Reminder(owner_id, "customer", customer_id, name, last, {"amount": float(at_risk)}))
    return found


def ending_services(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    due = renewals_due(session, day + dt.timedelta(before), limit=10_000)
    owned: Any = select(Customer.id, Customer.owner_id).where(Customer.id.in_(due["id"].tolist()), Customer.owner_id.is_not(None))
    owners = dict(session.execute(owned).all())
    rows = due[due["id"].isin(owners)].to_dict("records")
    return [
        Reminder(owners[row["id"]], "customer", row["id"], row["customer"], row["ends_on"], {"product": row["product"]})
        for row in rows
    ]
