"""What the RFM explorer asks: recency, frequency and amount on a day, the firm's scale, and who was in which segment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, String, case, cast, func, select, type_coerce

from crm.analytics.rfm import Cuts, rfm_scores, rfm_segments
from crm.analytics.segments import DEFAULT_SEGMENTS, Segment, segments_from_dicts, segments_to_dicts
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, Order, ScoreSnapshot
from crm.customers.models.orders import BOUGHT
from crm.customers.scales import seen_on
from crm.database import MONEY_SCALE, frame
from crm.office.models import Setting
from crm.session import ScopedSession

KEY = "rfm"
BINS = 5


def rfm_settings(session: ScopedSession) -> dict[str, Any]:
    """The firm's scale -> cuts {"r", "f", "m": four numbers} or None for quintiles, segments (dicts), version (0: none saved)."""
    found = session.scalar(select(Setting).where(Setting.key == KEY))
    stored: dict[str, Any] = found.value if found else {}
    usual = {"cuts": None, "segments": segments_to_dicts(DEFAULT_SEGMENTS)}
    return usual | stored | {"version": found.version if found else 0}


def rfm_day(session: ScopedSession, board_id: int) -> dt.date:
    """The day from which recency counts when nobody asks for another one."""
    return seen_on(session, board_id)


def rfm_base(session: ScopedSession, where: CustomerFilter, board_id: int, day: dt.date, by_orders: bool = False) -> pd.DataFrame:
    """Customers of a board who bought -> index id; recency_days (to `day`), frequency, monetary (returns taken off): by their
    stored summaries as they stand, or by the orders up to that day."""
    customers = [Customer.board_id == board_id, *where.conditions(session)]
    if by_orders:
        return _summaries(session, day, *_until(board_id, day, customers))
    bought = select(Customer).where(Customer.order_count > 0, *customers)
    return _summaries(session, day, bought, Customer.id, Customer.last_order_on, Customer.order_count, Customer.order_amount)


def _until(board_id: int, day: dt.date, customers: list[Any]) -> tuple[Any, ...]:
    last, count = func.max(case((BOUGHT, Order.ordered_on))), func.count(case((BOUGHT, Order.id)))
    totals = select(Order.customer_id, last.label("last"), count.label("orders"), func.sum(Order.amount).label("amount"))
    totals = totals.where(Order.board_id == board_id, Order.ordered_on <= day).group_by(Order.customer_id).having(count > 0)
    found = totals.subquery()
    of_them = select(Customer).join(found, found.c.customer_id == Customer.id).where(*customers)
    return of_them, Customer.id, found.c.last, found.c.orders, found.c.amount


def _summaries(session: ScopedSession, day: dt.date, query: Any, key: Any, last: Any, orders: Any, amount: Any) -> pd.DataFrame:
    """A text for each last day holds the numbers of its customers: no object for each of a hundred thousand rows."""
    key, orders, amount = (cast(column, String) for column in (key, orders, type_coerce(amount, BigInteger)))
    one = key + "," + orders + "," + amount
    last = func.coalesce(last, None)  # so that SQLite reads the index of the totals, not the table in the order of the days
    days: list[dt.date] = []
    parts: list[Any] = []
    for last_day, text in session.execute(query.with_only_columns(last, func.aggregate_strings(one, ",")).group_by(last)):
        days.append(last_day)
        parts.append(np.fromstring(text, dtype=np.int64, sep=",").reshape(-1, 3))
    rows = np.concatenate(parts) if parts else np.empty((0, 3), dtype=np.int64)
    silent = np.array([(day - one).days for one in days], dtype=np.int64).repeat([len(part) for part in parts])
    base = {"recency_days": silent, "frequency": rows[:, 1], "monetary": rows[:, 2] / MONEY_SCALE}
    return pd.DataFrame(base, index=pd.Index(rows[:, 0], name="id")).sort_index()


def rfm_scored(base: pd.DataFrame, segments: tuple[Segment, ...], cuts: Cuts | None = None) -> pd.DataFrame:
    """The frame of rfm_base with r, f, m, rfm and segment; by these cut points, else by quintiles."""
    return rfm_segments(rfm_scores(base, BINS, cuts), segments, BINS)


def snapshot_days(session: ScopedSession, board_id: int) -> list[dt.date]:
    """The days of which the scores were kept, newest first."""
    query = select(ScoreSnapshot.as_of).where(ScoreSnapshot.board_id == board_id).distinct()
    return list(session.scalars(query.order_by(ScoreSnapshot.as_of.desc())))


def segments_kept(session: ScopedSession, where: CustomerFilter, board_id: int, day: dt.date) -> pd.DataFrame:
    """As the snapshot of that day has them -> index id; segment."""
    query = select(Customer.id, ScoreSnapshot.segment).join(ScoreSnapshot, ScoreSnapshot.customer_id == Customer.id)
    query = query.where(ScoreSnapshot.as_of == day, ScoreSnapshot.board_id == board_id, ScoreSnapshot.segment.is_not(None))
    return frame(session, query.where(*where.conditions(session))).set_index("id")


def rfm_rows(
    session: ScopedSession,
    where: CustomerFilter,
    board_id: int,
    day: dt.date,
    by_orders: bool,
    cuts: Cuts | None,
    segments: list[dict[str, Any]],
) -> pd.DataFrame:
    """Everybody who is counted on the chart -> code, name, recency_days, frequency, monetary, r, f, m, segment."""
    scored = rfm_scored(rfm_base(session, where, board_id, day, by_orders), segments_from_dicts(segments, BINS), cuts)
    names = frame(session, select(Customer.id, Customer.code, Customer.name).where(Customer.board_id == board_id)).set_index("id")
    return names.join(scored.drop(columns="rfm").astype({"segment": "str"}), how="inner").reset_index(drop=True)


def never_bought(session: ScopedSession, where: CustomerFilter, board_id: int) -> int:
    """Customers whom no score can be given: without a purchase."""
    query = select(func.count(Customer.id)).where(Customer.board_id == board_id, Customer.order_count == 0)
    return session.scalar(query.where(*where.conditions(session))) or 0
