"""Complaints by class, responsible unit and product, beside the period before."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
from sqlalchemy import case, func, select

from crm.customers.models import Order
from crm.database import frame
from crm.session import ScopedSession
from crm.support.filters import CaseFilter, beginning
from crm.support.models import OPEN, Case, CaseKind
from crm.support.queries.listing import ANY
from crm.support.queries.naming import names_of
from crm.support.queries.promises import colour_rules

By = Literal["complaint_class", "unit", "product"]

_KEYS: dict[str, Any] = {"complaint_class": Case.complaint_class, "unit": Case.responsible_unit_id, "product": Case.product_id}
_FILTERS = {"complaint_class": "complaint_class", "unit": "responsible_unit_id", "product": "product_id"}


def complaints(
    session: ScopedSession, since: dt.date, until: dt.date, by: By = "complaint_class", where: CaseFilter = ANY
) -> pd.DataFrame:
    """From day to day -> key (a ComplaintClass, or an id; missing = not given), name (of a unit or product), complaints, share
    (of all; the bar), colour, open, previous (in as many days before), change (complaints - previous); most first."""
    key = _KEYS[by]
    first, last = beginning(since), beginning(until + dt.timedelta(1))
    before = first - (last - first)
    here = Case.opened_at >= first
    counts = (
        func.sum(case((here, 1), else_=0)).label("complaints"),
        func.sum(case((here & Case.state.in_(OPEN), 1), else_=0)).label("open"),
        func.sum(case((here, 0), else_=1)).label("previous"),
    )
    query = select(key.label("key"), *counts).where(Case.kind == CaseKind.COMPLAINT, *where.conditions())
    found = frame(session, query.where(Case.opened_at >= before, Case.opened_at < last).group_by(key))
    found = found.astype(dict.fromkeys(("complaints", "open", "previous"), "int64"))
    share = found["complaints"] / max(int(found["complaints"].sum()), 1)
    told = found.assign(
        name=names_of(session, by, found["key"]),
        share=share,
        colour=colour_rules(session).of_complaints(share),
        change=found["complaints"] - found["previous"],
    ).sort_values(["complaints", "previous"], ascending=False, kind="stable", ignore_index=True)
    return told[["key", "name", "complaints", "share", "colour", "open", "previous", "change"]]


def complaint_rows(since: dt.date, until: dt.date, by: By, key: str | int | None, where: CaseFilter = ANY) -> CaseFilter:
    """The filter of the cases behind a line of `complaints`."""
    values = ("" if by == "complaint_class" else 0,) if key is None else (key,)
    chosen = {_FILTERS[by]: values, "kind": (CaseKind.COMPLAINT.value,), "opened_from": since, "opened_to": until}
    return where.model_copy(update=chosen)


def complaint_rate(session: ScopedSession, since: dt.date, until: dt.date, where: CaseFilter = ANY) -> dict[str, Any]:
    """-> complaints, orders (of the days), rate (complaints by order; None without orders)."""
    days = where.model_copy(update={"kind": (CaseKind.COMPLAINT.value,), "opened_from": since, "opened_to": until})
    complained = session.scalar(select(func.count(Case.id)).where(*days.conditions())) or 0
    orders = session.scalar(select(func.count(Order.id)).where(Order.ordered_on >= since, Order.ordered_on <= until)) or 0
    return {"complaints": complained, "orders": orders, "rate": complained / orders if orders else None}
