"""Complaints by class, responsible unit and product, beside the period before; by month, and by order."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
from sqlalchemy import String, case, func, select, type_coerce

from crm.customers.models import Order, OrderKind, OrderLine
from crm.database import frame
from crm.session import ScopedSession
from crm.support.filters import CaseFilter, beginning
from crm.support.models import OPEN, Case, CaseKind
from crm.support.queries.listing import ANY
from crm.support.queries.naming import names_of
from crm.support.queries.promises import colour_rules

By = Literal["complaint_class", "unit", "product"]

KEYS: dict[By, str] = {"complaint_class": "complaint_class", "unit": "responsible_unit_id", "product": "product_id"}
"""What a table goes by -> the column of a case, and the field of its filter."""
_NUMBERS = ["complaints", "open", "previous"]
MONTHS = 12
"""That are shown at least."""


def complaints(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY) -> dict[By, pd.DataFrame]:
    """From day to day, by each of KEYS -> key (a ComplaintClass, or an id; missing = not given), name (of a unit or product),
    complaints, share (of all; the bar), colour, open, previous (in as many days before), change (complaints - previous); most
    first."""
    first, last = beginning(since), beginning(until + dt.timedelta(1))
    here = Case.opened_at >= first
    counts = (
        func.sum(case((here, 1), else_=0)).label("complaints"),
        func.sum(case((here & Case.state.in_(OPEN), 1), else_=0)).label("open"),
        func.sum(case((here, 0), else_=1)).label("previous"),
    )
    columns = [getattr(Case, column) for column in KEYS.values()]
    query = select(*columns, *counts).where(Case.kind == CaseKind.COMPLAINT, *where.conditions())
    before = first - (last - first)
    found = frame(session, query.where(Case.opened_at >= before, Case.opened_at < last).group_by(*columns))
    return {by: _table(session, by, found.astype(dict.fromkeys(_NUMBERS, "int64"))) for by in KEYS}


def _table(session: ScopedSession, by: By, found: pd.DataFrame) -> pd.DataFrame:
    told = found.groupby(KEYS[by], dropna=False)[_NUMBERS].sum().rename_axis("key").reset_index()
    share = told["complaints"] / max(int(told["complaints"].sum()), 1)
    told = told.assign(
        name=names_of(session, by, told["key"]),
        share=share,
        colour=colour_rules(session).of_complaints(share),
        change=told["complaints"] - told["previous"],
    ).sort_values(["complaints", "previous"], ascending=False, kind="stable", ignore_index=True)
    return told[["key", "name", "complaints", "share", "colour", "open", "previous", "change"]]


def complaint_rows(since: dt.date, until: dt.date, by: By, key: str | int | None, where: CaseFilter = ANY) -> CaseFilter:
    """The filter of the cases behind a line of `complaints`."""
    values = ("" if by == "complaint_class" else 0,) if key is None else (key,)
    chosen = {KEYS[by]: values, "kind": (CaseKind.COMPLAINT.value,), "opened_from": since, "opened_to": until}
    return where.model_copy(update=chosen)


def complaint_months(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY) -> pd.DataFrame:
    """By month, at least twelve until the last day -> month (its first day), complaints."""
    begin = min(since.replace(day=1), (pd.Timestamp(until).to_period("M") - MONTHS + 1).start_time.date())
    day = type_coerce(func.date(Case.opened_at), String)
    query = select(day.label("day"), func.count(Case.id).label("count")).group_by(day)
    days = where.model_copy(update={"kind": (CaseKind.COMPLAINT.value,), "opened_from": begin, "opened_to": until})
    found = frame(session, query.where(*days.conditions()))
    months = pd.period_range(begin, until, freq="M")
    return pd.DataFrame({"month": months.to_timestamp(), "complaints": _by_month(found, months)})


def _by_month(found: pd.DataFrame, months: pd.PeriodIndex) -> Any:
    month = pd.PeriodIndex(pd.to_datetime(found["day"]), freq="M")
    return found["count"].astype("int64").groupby(month).sum().reindex(months, fill_value=0).to_numpy()


def complaint_rate(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY) -> dict[str, Any]:
    """-> complaints, orders (of the days, without returns), rate (complaints by order; None without orders)."""
    days = where.model_copy(update={"kind": (CaseKind.COMPLAINT.value,), "opened_from": since, "opened_to": until})
    complained = session.scalar(select(func.count(Case.id)).where(*days.conditions())) or 0
    query = select(func.count(Order.id)).where(Order.ordered_on >= since, Order.ordered_on <= until, *_orders_of(where))
    orders = session.scalar(query) or 0
    return {"complaints": complained, "orders": orders, "rate": complained / orders if orders else None}


def _orders_of(where: CaseFilter) -> list[Any]:
    found: list[Any] = [Order.kind != OrderKind.RETURN]
    found += [Order.board_id.in_(where.board_id)] if where.board_id else []
    found += [Order.customer_id.in_(where.customer_id)] if where.customer_id else []
    with_product = select(OrderLine.order_id).where(OrderLine.product_id.in_(where.product_id))
    return found + ([Order.id.in_(with_product)] if where.product_id else [])
