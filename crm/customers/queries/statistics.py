"""Totals over the customers I may see: what the overview and the statistics show. Sums are made in SQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from dateutil.relativedelta import relativedelta
from sqlalchemy import and_, case, extract, func, select

from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, Order
from crm.customers.queries.orders import BOUGHT, of_living
from crm.database import frame
from crm.office.models import Activity, ImportJob
from crm.session import ScopedSession, through_parent
from crm.staff.models import User, UserState

ABOUT_CUSTOMER = and_(Activity.subject_type == "customer", Activity.subject_id == Customer.id)

DIMENSIONS = ("kind", "life_cycle", "segment", "level", "credit_grade", "source", "region", "industry", "owner_id", "class_id")


def by_dimension(session: ScopedSession, dimension: str, where: CustomerFilter = CustomerFilter()) -> pd.DataFrame:  # noqa: B008
    """Customers of a filter by one column -> value, customers, orders, amount; most customers first."""
    if dimension not in DIMENSIONS:
        raise ValueError(dimension)
    column: Any = getattr(Customer, dimension)
    amount = func.sum(Customer.order_amount).label("amount")
    query = select(
        column.label("value"), func.count(Customer.id).label("customers"), func.sum(Customer.order_count).label("orders"), amount
    )
    query = query.where(*where.conditions(session)).group_by(column)
    return frame(session, query.order_by(func.count(Customer.id).desc()).limit(100))


def revenue_by_month(session: ScopedSession, until: dt.date, months: int = 24, board_id: int | None = None) -> pd.DataFrame:
    """-> period (first of the month), revenue, orders; the months up to the one of `until`."""
    start = until.replace(day=1) - relativedelta(months=months - 1)
    query = select(Order.ordered_on, func.sum(Order.amount).label("revenue"), func.count(Order.id).label("orders"))
    query = query.where(Order.ordered_on >= start, Order.ordered_on <= until)
    query = query.where(Order.board_id == board_id) if board_id else query
    days = frame(session, of_living(session, query.group_by(Order.ordered_on)))
    days["period"] = pd.to_datetime(days["ordered_on"]).dt.to_period("M").dt.to_timestamp()
    sums = days.groupby("period")[["revenue", "orders"]].sum()
    return sums.reindex(pd.date_range(start, until, freq="MS"), fill_value=0).rename_axis("period").reset_index()


def headline(session: ScopedSession, today: dt.date, board_id: int | None = None) -> dict[str, Any]:
    """This month to date against the same days of last month and of last year -> revenue, orders, buyers, new_customers, each
    a triple (this, last month, last year)."""
    start = today.replace(day=1)
    spans = [(start - relativedelta(**back), today - relativedelta(**back)) for back in ({}, {"months": 1}, {"years": 1})]
    found: dict[str, list[float]] = {"revenue": [], "orders": [], "buyers": [], "new_customers": []}
    for first, last in spans:
        inside = and_(Order.ordered_on >= first, Order.ordered_on <= last)
        buyers = func.count(case((BOUGHT, Order.customer_id)).distinct())
        query = select(func.sum(Order.amount), func.count(Order.id), buyers).join(Customer, Customer.id == Order.customer_id)
        query = query.where(inside)
        query = query.where(Order.board_id == board_id) if board_id else query
        revenue, orders, bought = session.execute(query).one()
        new = select(func.count(Customer.id)).where(Customer.first_order_on >= first, Customer.first_order_on <= last)
        new = new.where(Customer.board_id == board_id) if board_id else new
        values = (float(revenue or 0), orders, bought, session.scalar(new) or 0)
        for name, value in zip(found, values, strict=True):
            found[name].append(value)
    return {name: tuple(values) for name, values in found.items()} | {"spans": spans}


def movers(session: ScopedSession, today: dt.date, days: int = 90, limit: int = 8, board_id: int | None = None) -> pd.DataFrame:
    """Whose revenue changed most against the same days of the period before -> id, name, before, now, change; ups and downs."""
    start, earlier = today - dt.timedelta(days - 1), today - dt.timedelta(2 * days - 1)
    now = func.sum(case((Order.ordered_on >= start, Order.amount), else_=0))
    before = func.sum(case((Order.ordered_on < start, Order.amount), else_=0))
    base = select(Order.customer_id.label("id"), before.label("before"), now.label("now"))
    base = base.where(Order.ordered_on >= earlier, Order.ordered_on <= today).group_by(Order.customer_id)
    base = base.where(Order.board_id == board_id) if board_id else base
    up = frame(session, base.having(now - before > 0).order_by((now - before).desc()).limit(limit))
    down = frame(session, base.having(now - before < 0).order_by((now - before).asc()).limit(limit))
    both = pd.concat([up, down], ignore_index=True)
    names = dict(session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(both["id"].tolist()))).all())
    both.insert(1, "name", both["id"].map(names))
    return both.dropna(subset="name").assign(change=both["now"] - both["before"]).reset_index(drop=True)


def planned_activities(
    session: ScopedSession,
    until: dt.date,
    owner_id: int | None = None,
    board_id: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> pd.DataFrame:
    """Planned up to a day and not done, oldest first; of customers that `owner_id` has, or planned by him -> id (customer),
    activity_id, name, kind, topic, planned_on, author, version."""
    query = (
        select(
            Customer.id,
            Activity.id.label("activity_id"),
            Customer.name,
            Activity.kind,
            Activity.topic,
            Activity.planned_on,
            User.name.label("author"),
            Activity.version,
        )
        .join(Activity, ABOUT_CUSTOMER)
        .join(User, User.id == Activity.author_id, isouter=True)
        .where(Activity.happened_on.is_(None), Activity.planned_on <= until)
    )
    query = query.where(Customer.board_id == board_id) if board_id else query
    if owner_id:
        # Asked of the activity alone: the customers of most need not be looked up.
        his = Activity.subject_id.in_(select(Customer.id).where(Customer.owner_id == owner_id))
        query = query.where(his | (Activity.author_id == owner_id))
    query = query.order_by(Activity.planned_on, Activity.id).limit(limit).offset(offset)
    return frame(session, through_parent(query, Activity))


def base_by_cohort(session: ScopedSession, board_id: int | None = None) -> pd.DataFrame:
    """Customers by when they first ordered and what they are today -> cohort (first day), life_cycle, customers, amount.

    By month, or by quarter where the base grew over more than a year and a half.
    """
    year = extract("year", Customer.first_order_on).label("year")
    month = extract("month", Customer.first_order_on).label("month")
    query = select(
        year,
        month,
        Customer.life_cycle,
        func.count(Customer.id).label("customers"),
        func.sum(Customer.order_amount).label("amount"),
    )
    query = query.where(Customer.first_order_on.is_not(None))
    query = query.where(Customer.board_id == board_id) if board_id else query
    found = frame(session, query.group_by(year, month, Customer.life_cycle))
    days = pd.to_datetime({"year": found["year"], "month": found["month"], "day": 1})
    months = pd.PeriodIndex(days, freq="M")
    found["cohort"] = (months if months.nunique() <= 18 else months.asfreq("Q")).to_timestamp()
    return found.groupby(["cohort", "life_cycle"], as_index=False)[["customers", "amount"]].sum()


def freshness(session: ScopedSession) -> dict[str, Any]:
    """How new and how large the data are -> customers, orders, first_order, last_order, last_import (time), last_file."""
    orders, first, last = session.execute(
        select(func.count(Order.id), func.min(Order.ordered_on), func.max(Order.ordered_on)).join(
            Customer, Customer.id == Order.customer_id
        )
    ).one()
    job = session.scalars(select(ImportJob).order_by(ImportJob.id.desc()).limit(1)).first()
    customers = session.scalar(select(func.count(Customer.id))) or 0
    found = {"customers": customers, "orders": orders, "first_order": first, "last_order": last}
    return found | {"last_import": job.created_at if job else None, "last_file": job.file_name if job else None}


def states(session: ScopedSession, board_id: int | None = None) -> pd.DataFrame:
    """Customers by life cycle -> life_cycle, customers, amount."""
    query = select(
        Customer.life_cycle, func.count(Customer.id).label("customers"), func.sum(Customer.order_amount).label("amount")
    )
    query = query.where(Customer.board_id == board_id) if board_id else query
    return frame(session, query.group_by(Customer.life_cycle))


def attention(session: ScopedSession, today: dt.date, board_id: int | None = None) -> dict[str, int]:
    """What somebody should look at -> valuable_silent (a fifth by amount, no longer active), overdue (planned activities),
    orphaned (their owner is frozen or has left)."""
    silent = select(func.count(Customer.id)).where(Customer.m_score == 5, Customer.life_cycle.in_(("dormant", "lost")))
    late = (
        select(func.count(Activity.id))
        .join(Customer, ABOUT_CUSTOMER)
        .where(Activity.happened_on.is_(None), Activity.planned_on < today)
    )
    if board_id:
        silent, late = silent.where(Customer.board_id == board_id), late.where(Customer.board_id == board_id)
    asked = {"valuable_silent": silent, "overdue": through_parent(late, Activity)}
    return {name: session.scalar(query) or 0 for name, query in asked.items()} | {"orphaned": _orphaned(session, board_id)}


def _orphaned(session: ScopedSession, board_id: int | None) -> int:
    """Who has left is asked for first: they are few, and to find theirs all customers of the board would be gone through."""
    left = session.scalars(select(User.id).where(User.state != UserState.ACTIVE)).all()
    query = select(func.count(Customer.id)).where(Customer.owner_id.in_(left))
    query = query.where(Customer.board_id == board_id) if board_id else query
    return (session.scalar(query) or 0) if left else 0


def latest_customers(session: ScopedSession, owner_id: int, limit: int = 8) -> pd.DataFrame:
    """A rep's own customers, those touched last first -> id, name, life_cycle, last_order_on, order_amount, updated_at."""
    query = select(
        Customer.id, Customer.name, Customer.life_cycle, Customer.last_order_on, Customer.order_amount, Customer.updated_at
    )
    return frame(
        session, query.where(Customer.owner_id == owner_id).order_by(Customer.updated_at.desc(), Customer.id).limit(limit)
    )


def daily_record(session: ScopedSession, day: dt.date, author_id: int | None = None, limit: int = 100) -> pd.DataFrame:
    """What was done on a day, by one person or by all I see -> id (customer), author, kind, name, text (or what it was about)."""
    text = func.coalesce(Activity.text, Activity.topic).label("text")
    query = (
        select(Customer.id, User.name.label("author"), Activity.kind, Customer.name, text)
        .join(Activity, ABOUT_CUSTOMER)
        .join(User, User.id == Activity.author_id)
        .where(Activity.happened_on == day)
    )
    query = query.where(Activity.author_id == author_id) if author_id else query
    return frame(session, through_parent(query.order_by(User.name, Activity.id.desc()).limit(limit), Activity))
