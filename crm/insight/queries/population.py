"""Which customers and purchases a model or a chart is about, and what of their orders is left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from crm.analytics.clv.summary import rfm_summary
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, Order, OrderKind
from crm.customers.queries.orders import BOUGHT, of_living
from crm.customers.queries.sums import plain_orders
from crm.database import MONEY_SCALE, frame
from crm.session import ScopedSession


class Population(BaseModel):
    """Customers of one board, by a group and a filter, and their purchases from and to a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board_id: int
    group_id: int | None = None
    where: CustomerFilter = CustomerFilter()
    since: dt.date | None = None
    until: dt.date | None = None
    count_free: bool = False
    """Orders of no amount are purchases too, as in the published figures of CDNOW; else samples and gifts are left out."""

    def bought(self) -> ColumnElement[bool]:
        """The orders that count as purchases."""
        return and_(Order.kind != OrderKind.RETURN, Order.amount >= 0) if self.count_free else BOUGHT


REASONS = ("returned", "zero_amount")
"""Why an order is no purchase: it takes something back, or was given away."""


def purchases(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> customer_id (int64), date (datetime64[s]), amount (float64, currency of the board): one row per customer and day with a
    purchase, sorted by both. Returns and (see count_free) orders of no amount are left out; several of a day are one purchase."""
    found = plain_orders(session, population.bought(), *_conditions(session, population))
    found = found.iloc[np.argsort(found["customer_id"].to_numpy(), kind="stable")]
    customers, dates = found["customer_id"].to_numpy(), found["date"].to_numpy()
    new = np.ones(len(found), dtype=bool)
    new[1:] = (customers[1:] != customers[:-1]) | (dates[1:] != dates[:-1])
    starts = np.flatnonzero(new)
    amounts = np.add.reduceat(found["amount"].to_numpy(), starts) if len(starts) else np.empty(0)
    return pd.DataFrame({"customer_id": customers[starts], "date": dates[starts], "amount": amounts / MONEY_SCALE})


def history(session: ScopedSession, population: Population, calibration_until: dt.date | None = None) -> pd.DataFrame:
    """-> index customer_id (sorted): frequency, recency, T (weeks, to the day), monetary_value (mean spend of a repeat purchase
    day); with calibration_until these until that day, and frequency_holdout, monetary_holdout, duration_holdout after it.

    Seen until population.until, else until the last purchase. Empty where nobody bought in time."""
    bought = purchases(session, population)
    end = pd.Timestamp(population.until) if population.until else bought["date"].max()
    if bought.empty or (calibration_until and bought["date"].min() > pd.Timestamp(calibration_until)):
        return _nobody(calibration_until)
    return rfm_summary(
        bought, "customer_id", "date", "amount", observation_period_end=end, calibration_period_end=calibration_until
    )


def left_out(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> reason (one of REASONS), orders, customers, amount; a row for each reason, also when it is 0."""
    reason = _reason().label("reason")
    counts = func.count(Order.id).label("orders"), func.count(Order.customer_id.distinct()).label("customers")
    query = select(reason, *counts, func.sum(Order.amount).label("amount"))
    query = query.where(~population.bought(), *_conditions(session, population)).group_by(reason)
    found = frame(session, of_living(session, query)).set_index("reason").reindex(list(REASONS))
    return found.fillna(0).astype({"orders": "int64", "customers": "int64", "amount": "float64"}).reset_index()


def left_out_rows(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> number, customer, ordered_on, amount, reason: the orders behind `left_out`, newest first."""
    query = (
        select(Order.number, Customer.name.label("customer"), Order.ordered_on, Order.amount, _reason().label("reason"))
        .join(Customer, Customer.id == Order.customer_id)
        .where(~population.bought(), *_conditions(session, population))
        .order_by(Order.ordered_on.desc(), Order.id.desc())
    )
    return frame(session, query)


def last_purchase_day(session: ScopedSession, board_id: int) -> dt.date | None:
    """The day of the newest purchase among the customers that the actor sees."""
    query = select(func.max(Order.ordered_on)).where(BOUGHT, Order.board_id == board_id)
    return session.scalar(of_living(session, query))


def _conditions(session: ScopedSession, population: Population) -> list[ColumnElement[bool]]:
    """On orders: of the board, within the days, of the customers asked for."""
    found: list[ColumnElement[bool]] = [Order.board_id == population.board_id]
    found += [Order.ordered_on >= population.since] if population.since else []
    found += [Order.ordered_on <= population.until] if population.until else []
    if of_customers := customer_conditions(session, population):
        found.append(Order.customer_id.in_(select(Customer.id).where(*of_customers)))
    return found


def customer_conditions(session: ScopedSession, population: Population) -> list[ColumnElement[bool]]:
    """On customers: the filter and the group; none where the population is the whole board."""
    group = CustomerFilter(group_id=(population.group_id,)) if population.group_id else CustomerFilter()
    return population.where.conditions(session) + group.conditions(session)


def _reason() -> ColumnElement[str]:
    back = or_(Order.kind == OrderKind.RETURN, Order.amount < 0)
    return case((back, literal("returned")), else_=literal("zero_amount"))


def _nobody(calibration_until: dt.date | None) -> pd.DataFrame:
    names = ["frequency", "recency", "T", "monetary_value"]
    names += ["frequency_holdout", "monetary_holdout", "duration_holdout"] if calibration_until else []
    columns: dict[str, Any] = {name: pd.Series(dtype="float64") for name in names}
    return pd.DataFrame(columns, index=pd.Index([], dtype="int64", name="customer_id"))


__all__ = [
    "REASONS",
    "Population",
    "customer_conditions",
    "history",
    "last_purchase_day",
    "left_out",
    "left_out_rows",
    "purchases",
]
