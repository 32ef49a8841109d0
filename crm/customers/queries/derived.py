"""What follows for customers from their orders and scores, for all of them at once: summaries, life cycle, RFM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from crm.analytics import rfm
from crm.analytics.segments import DEFAULT_SEGMENTS, segments_from_dicts
from crm.customers.models import Customer, CustomerScore, LifeCycle, Order
from crm.customers.queries.orders import BOUGHT
from crm.customers.queries.sums import plain_numbers, plain_orders
from crm.office.queries import setting
from crm.office.thresholds import Thresholds
from crm.session import ScopedSession, through_parent

_CERTAIN = 10**9
"""P(alive) travels as a whole number of billionths."""
FEW = 20_000
"""So many customers are asked for by their ids."""


def summaries(session: ScopedSession, ids: Sequence[int] | None = None, until: dt.date | None = None) -> pd.DataFrame:
    """Customers (None = all) and their orders up to a day -> index id; board_id, first_order_on, last_order_on (datetime64, NaT
    without a purchase), order_count (purchases), order_amount (ten-thousandths, returns taken off)."""
    few = ids is not None and len(ids) <= FEW
    of_customer: list[ColumnElement[bool]] = [Customer.id.in_(ids)] if few and ids is not None else []
    of_order: list[ColumnElement[bool]] = [Order.customer_id.in_(ids)] if few and ids is not None else []
    of_order += [Order.ordered_on <= until] if until else []
    boards = plain_numbers(session, Customer.board_id, (Customer.id,), *of_customer)
    parts = [_summed(session, board_id, np.sort(found[:, 0]), of_order, few) for board_id, found in boards]
    return pd.concat(parts).sort_index() if parts else _summed(session, 0, np.empty(0, dtype=np.int64), of_order, few)


def _summed(session: ScopedSession, board_id: int, ids: Any, of_order: list[ColumnElement[bool]], few: bool) -> pd.DataFrame:
    of_board = of_order if few else [Order.board_id == board_id, *of_order]
    base = pd.DataFrame(index=pd.Index(ids, name="id", dtype="int64"))
    first, last = (np.full(len(ids), np.datetime64("NaT", "s")) for _ in range(2))
    count, amount = np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    for condition in (BOUGHT, ~BOUGHT) if len(ids) else ():
        orders = plain_orders(session, condition, *of_board)
        place = _places(ids, orders["customer_id"].to_numpy())
        known = place >= 0
        at, days, amounts = place[known], orders["date"].to_numpy()[known], orders["amount"].to_numpy()[known]
        amount += np.bincount(at, amounts, len(ids)).round().astype(np.int64)
        if condition is BOUGHT:
            count = np.bincount(at, minlength=len(ids))
            last[at] = days  # oldest first: the newest stays
            first[at[::-1]] = days[::-1]
    return base.assign(board_id=board_id, first_order_on=first, last_order_on=last, order_count=count, order_amount=amount)


def _places(ids: Any, wanted: Any) -> Any:
    """Where each wanted id stands among the sorted ids; -1 = it is not there."""
    place = np.full(int(ids[-1]) + 1, -1, dtype=np.int32)
    place[ids] = np.arange(len(ids), dtype=np.int32)
    return np.where(wanted <= ids[-1], place[np.minimum(wanted, ids[-1])], -1)


_KNOWN = (
    cast(func.round((CustomerScore.T - CustomerScore.recency) * 7), BigInteger),
    cast(func.round(CustomerScore.p_alive * _CERTAIN), BigInteger),
)
"""Days of silence and P(alive) as scored."""


def known_alive(session: ScopedSession, ids: Sequence[int] | None = None) -> pd.DataFrame:
    """The newest scores -> index customer_id; p_alive, seen_on (datetime64: the last purchase that they know)."""
    columns = CustomerScore.customer_id, *_KNOWN
    few = ids is not None and len(ids) <= FEW
    where = [CustomerScore.customer_id.in_(ids)] if few and ids is not None else []
    found = plain_numbers(session, CustomerScore.as_of, columns, *where)
    seen = [np.datetime64(day, "s") - numbers[:, 1].astype("timedelta64[D]") for day, numbers in found]
    numbers = np.concatenate([numbers for _, numbers in found]) if found else np.empty((0, 3), dtype=np.int64)
    days = np.concatenate(seen) if seen else np.empty(0, dtype="datetime64[s]")
    return pd.DataFrame({"p_alive": numbers[:, 2] / _CERTAIN, "seen_on": days}, index=numbers[:, 0])


class KnownAlive(NamedTuple):
    p_alive: float
    seen_on: dt.date


def known_of(session: ScopedSession, customer_id: int) -> KnownAlive | None:
    """`known_alive` of one customer."""
    query: Any = select(CustomerScore.as_of, *_KNOWN).join(Customer, Customer.id == CustomerScore.customer_id)
    row = session.execute(through_parent(query.where(Customer.id == customer_id), CustomerScore)).first()
    return KnownAlive(row[2] / _CERTAIN, row[0] - dt.timedelta(row[1])) if row is not None else None


def life_cycle(base: pd.DataFrame, alive: pd.DataFrame, today: dt.date, limits: Thresholds) -> pd.Series[Any]:
    """last_order_on by customer, and `known_alive` -> potential (no purchase yet), active, dormant or lost.

    By P(alive) of the published model, where it says anything: it must know the customer's last purchase, and it must be able to
    doubt him. A model that takes everybody for alive (NBD), or every one-time buyer (BG/NBD), gives exactly 1: that is its
    assumption and no finding. For such customers, for those without scores, and for those who have ordered since they were
    scored, the days of silence decide."""
    silence = (pd.Timestamp(today) - base["last_order_on"]).dt.days
    known = alive.reindex(base.index)
    chance = known["p_alive"].where((known["seen_on"] == base["last_order_on"]) & (known["p_alive"] < 1))
    told = chance.notna()
    active = (chance >= limits.active_chance).where(told, silence <= limits.active_days)
    dormant = (chance >= limits.dormant_chance).where(told, silence <= limits.dormant_days)
    state = np.select(
        [silence.isna(), active.astype(bool), dormant.astype(bool)],
        [LifeCycle.POTENTIAL.value, LifeCycle.ACTIVE.value, LifeCycle.DORMANT.value],
        LifeCycle.LOST.value,
    )
    return pd.Series(state, index=base.index, dtype="object")


def rfm_of(session: ScopedSession, base: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """board_id, last_order_on, order_count, order_amount by customer -> r_score, f_score, m_score (Int64), segment: within each
    board by the firm's own cut points and segments, or quintiles; missing where nobody has bought."""
    stored = setting(session, "rfm") or {}
    segments = segments_from_dicts(stored["segments"]) if stored.get("segments") else DEFAULT_SEGMENTS
    bought = base[base["order_count"] > 0]
    last = bought["last_order_on"]
    # A board may hold orders after today: the demo's day stands still, real files do not.
    newest = last.groupby(bought["board_id"]).transform("max")
    seen_from = newest.where(newest > pd.Timestamp(today), pd.Timestamp(today))
    facts = {"recency_days": (seen_from - last).dt.days, "frequency": bought["order_count"]}
    facts |= {"monetary": bought["order_amount"] / 10_000}
    summary = pd.DataFrame(facts)
    parts = [
        rfm.rfm_segments(rfm.rfm_scores(part, cuts=stored.get("cuts")), segments)
        for _, part in summary.groupby(bought["board_id"])
    ]
    names = {"r": "r_score", "f": "f_score", "m": "m_score"}
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="Int64") for name in names.values()} | {"segment": None}, index=base.index)
    found = pd.concat([part[[*names]].astype("Int64").assign(segment=part["segment"].astype("object")) for part in parts])
    return found.rename(columns=names).reindex(base.index)


__all__ = ["FEW", "KnownAlive", "known_alive", "known_of", "life_cycle", "rfm_of", "summaries"]
