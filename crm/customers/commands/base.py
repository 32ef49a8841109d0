"""The derived columns of customers: summary of orders, life cycle, RFM, ratings, classes. Refreshed, never typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from crm.bulk import bulk_derive, hold
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, CustomerClass, Holding
from crm.customers.queries.derived import known_alive, life_cycle, rfm_of, summaries
from crm.customers.queries.sums import plain_numbers
from crm.database import frame
from crm.office.queries import thresholds
from crm.session import ScopedSession


def refresh_summaries(session: ScopedSession, ids: Sequence[int] | None, today: dt.date) -> None:
    """First, last, count and amount of orders, and the life cycle, of some customers (None = of all)."""
    base = summaries(session, ids)
    base["life_cycle"] = life_cycle(base, known_alive(session, ids), today, thresholds(session))
    if ids is not None:
        base = base[base.index.isin(ids)]
    bulk_derive(session, Customer, base.drop(columns="board_id").reset_index(), logged=ids is None)


def refresh_base(session: ScopedSession, today: dt.date) -> dict[str, int]:
    """Everything derived, for all customers the actor sees: summary, life cycle, RFM within each board, ratings, classes.

    Held from the first reading on: an order that came in between would be missing from the sums."""
    hold(session, Customer)
    base = state_of(session, today)
    if len(base):
        bulk_derive(session, Customer, base.drop(columns="board_id").reset_index())
    return {"scored": int(base["r_score"].notna().sum()), "rated": _rate(session), "classed": assign_classes(session)}


def state_of(
    session: ScopedSession, today: dt.date, alive: pd.DataFrame | None = None, until: dt.date | None = None
) -> pd.DataFrame:
    """-> index id; board_id and what `refresh_base` derives from orders: as of today by the stored scores, or as it was on a day
    `until`, by the P(alive) of then (see known_alive)."""
    base = summaries(session, until=until)
    base["life_cycle"] = life_cycle(base, known_alive(session) if alive is None else alive, today, thresholds(session))
    scored = rfm_of(session, base, today)
    return base.join(scored.assign(contribution_rating=scored["m_score"].map(dict(enumerate("EDCBA", start=1)))))


def refresh_life_cycle(session: ScopedSession, board_id: int, today: dt.date) -> None:
    """The life cycle of a board's customers, after their scores have changed."""
    last = plain_numbers(session, Customer.last_order_on, (Customer.id,), Customer.board_id == board_id)
    ids = np.concatenate([found[:, 0] for _, found in last]) if last else np.empty(0, dtype=np.int64)
    days = np.array([day for day, _ in last], dtype="datetime64[s]").repeat([len(found) for _, found in last])
    base = pd.DataFrame({"last_order_on": days}, index=pd.Index(ids, name="id"))
    states = life_cycle(base, known_alive(session), today, thresholds(session))
    bulk_derive(session, Customer, states.rename("life_cycle").reset_index())


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
        for customer_id in session.scalars(select(Customer.id).where(*rule.conditions(session))):
            theirs.setdefault(customer_id, one.id)
    had = dict(session.execute(select(Customer.id, Customer.class_id).where(Customer.class_id.is_not(None))).all())
    changed = {key: theirs.get(key) for key in theirs.keys() | had.keys() if theirs.get(key) != had.get(key)}
    if changed:
        rows = pd.DataFrame({"id": list(changed), "class_id": pd.array(list(changed.values()), dtype="Int64")})
        bulk_derive(session, Customer, rows)
    return len(theirs)
