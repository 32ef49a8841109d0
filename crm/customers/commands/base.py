"""The derived columns of customers: summary of orders, life cycle, RFM, ratings, classes. Refreshed, never typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import case, func, select

from crm.analytics import rfm
from crm.bulk import bulk_derive
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, CustomerClass, Holding, LifeCycle, Order
from crm.customers.queries.orders import BOUGHT
from crm.database import MONEY_SCALE, frame
from crm.office.queries import thresholds
from crm.session import ScopedSession


def refresh_summaries(session: ScopedSession, ids: Sequence[int] | None, today: dt.date) -> None:
    """First, last, count and amount of orders, and the life cycle, of some customers (None = of all)."""
    bulk_derive(session, Customer, _summaries(session, ids, today), logged=ids is None)


def _summaries(session: ScopedSession, ids: Sequence[int] | None, today: dt.date) -> pd.DataFrame:
    """-> id, first_order_on, last_order_on, order_count, order_amount (as stored), life_cycle; one GROUP BY."""
    query = (
        select(
            Customer.id,
            func.min(case((BOUGHT, Order.ordered_on))).label("first_order_on"),
            func.max(case((BOUGHT, Order.ordered_on))).label("last_order_on"),
            func.count(case((BOUGHT, Order.id))).label("order_count"),
            func.coalesce(func.sum(Order.amount), 0).label("order_amount"),
        )
        .outerjoin(Order, Order.customer_id == Customer.id)
        .group_by(Customer.id)
    )
    if ids is not None and len(ids) <= 20_000:
        query = query.where(Customer.id.in_(ids))
    found = frame(session, query)
    found["order_amount"] = (found["order_amount"].astype("float64") * MONEY_SCALE).round().astype("int64")
    found["life_cycle"] = life_cycle(found["last_order_on"], today, *_limits(session))
    return found


def _limits(session: ScopedSession) -> tuple[int, int]:
    limits = thresholds(session)
    return limits.active_days, limits.dormant_days


def life_cycle(last_order_on: pd.Series[Any], today: dt.date, active_days: int, dormant_days: int) -> pd.Series[Any]:
    """Day of the last purchase -> potential (none yet), active, dormant or lost, by the days of silence."""
    silence = (pd.Timestamp(today) - pd.to_datetime(last_order_on)).dt.days
    state = pd.Series(LifeCycle.LOST.value, index=last_order_on.index)
    state[silence <= dormant_days] = LifeCycle.DORMANT.value
    state[silence <= active_days] = LifeCycle.ACTIVE.value
    state[silence.isna()] = LifeCycle.POTENTIAL.value
    return state


def refresh_base(session: ScopedSession, today: dt.date) -> dict[str, int]:
    """Everything derived, for all customers the actor sees: summary, life cycle, RFM within each board, ratings, classes."""
    refresh_summaries(session, None, today)
    scored = _score(session, today)
    rated = _rate(session)
    return {"scored": scored, "rated": rated, "classed": assign_classes(session)}


def _score(session: ScopedSession, today: dt.date) -> int:
    _clear(session, SCORES, Customer.r_score.is_not(None), Customer.order_count == 0)
    query = select(Customer.id, Customer.board_id, Customer.last_order_on, Customer.order_count, Customer.order_amount)
    base = frame(session, query.where(Customer.order_count > 0))
    if base.empty:
        return 0
    last = pd.to_datetime(base["last_order_on"])
    # A board may hold orders after today: the demo's day stands still, real files do not.
    newest = last.groupby(base["board_id"]).transform("max")
    seen_from = newest.where(newest > pd.Timestamp(today), pd.Timestamp(today))
    base["recency_days"] = (seen_from - last).dt.days
    base = base.rename(columns={"order_count": "frequency", "order_amount": "monetary"}).set_index("id")
    parts = [rfm.rfm_segments(rfm.rfm_scores(part)) for _, part in base.groupby("board_id")]
    scores = pd.concat(parts)
    rows = scores[["r", "f", "m", "segment"]].rename(columns={"r": "r_score", "f": "f_score", "m": "m_score"}).reset_index()
    rows["contribution_rating"] = rows["m_score"].map(dict(enumerate("EDCBA", start=1)))
    bulk_derive(session, Customer, rows)
    return len(rows)


SCORES = ("r_score", "f_score", "m_score", "segment", "contribution_rating")


def _clear(session: ScopedSession, columns: Sequence[str], *where: Any) -> None:
    """Who no longer earns these columns loses them."""
    ids = list(session.scalars(select(Customer.id).where(*where)))
    if ids:
        bulk_derive(session, Customer, pd.DataFrame({"id": ids}).assign(**dict.fromkeys(columns)))


def _rate(session: ScopedSession) -> int:
    """Rating by what a customer holds with us; the least that earns A, B, C and D is a setting, below is E."""
    amount = func.sum(Holding.amount).label("amount")
    query = select(Holding.customer_id.label("id"), amount).where(Holding.side == "asset", Holding.place == "us")
    held = frame(session, query.group_by(Holding.customer_id))
    cuts = thresholds(session).asset_cuts
    held["asset_rating"] = ["ABCDE"[sum(amount < cut for cut in cuts)] for amount in held["amount"]]
    _clear(session, ("asset_rating",), Customer.asset_rating.is_not(None), Customer.id.not_in(held["id"].tolist()))
    if len(held):
        bulk_derive(session, Customer, held[["id", "asset_rating"]])
    return len(held)


def assign_classes(session: ScopedSession) -> int:
    """The first class in order whose rule a customer passes is his; -> how many have one."""
    classes = list(session.scalars(select(CustomerClass).order_by(CustomerClass.position, CustomerClass.id)))
    theirs: dict[int, int] = {}
    for one in classes:
        rule = CustomerFilter.model_validate(one.rule)
        for customer_id in session.scalars(select(Customer.id).where(*rule.conditions())):
            theirs.setdefault(customer_id, one.id)
    had = dict(session.execute(select(Customer.id, Customer.class_id).where(Customer.class_id.is_not(None))).all())
    changed = {key: theirs.get(key) for key in theirs.keys() | had.keys() if theirs.get(key) != had.get(key)}
    if changed:
        rows = pd.DataFrame({"id": list(changed), "class_id": pd.array(list(changed.values()), dtype="Int64")})
        bulk_derive(session, Customer, rows)
    return len(theirs)
