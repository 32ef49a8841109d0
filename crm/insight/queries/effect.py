"""Whether calling helped: who was drawn by lot, who of them was contacted, and what they ordered since."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, select

from crm.customers.models import Customer, Order, OrderKind
from crm.database import frame
from crm.insight.calling import CONTACTS
from crm.insight.models import Arm, Call
from crm.office.models import Activity
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

WINDOWS = (30, 60, 90)
"""Days after the drawing."""


class Measured(BaseModel):
    """Customers drawn by lot: of a board, of one period or all of them, of one unit or all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board_id: int
    until: dt.date
    """As known on this day."""
    period_end: dt.date | None = None
    team_id: int | None = None


def drawn_rows(session: ScopedSession, measured: Measured) -> pd.DataFrame:
    """-> id (of the drawing), customer_id, name, owner, team_id, team, drawn_on, period_end, called (bool), stratum (the chance
    to be left out), contacted (bool: by anybody, until the end of the period), seen_days, days (until the first order, else as
    seen), ordered (bool), ordered_30/60/90 (bool) and revenue_30/60/90 (returns taken off); newest first.

    Call lists and what was planned are not drawn by lot and not here. An order of the day of the drawing counts, in both arms."""
    found = _drawn(session, measured)
    contacts, orders = _contacts(session, measured), _orders(session, measured)
    found = found.assign(contacted=found["id"].isin(contacts)).join(_first_order(orders), on="id")
    found = found.assign(ordered=found["days"].notna(), days=found["days"].fillna(found["seen_days"]).astype("int64"))
    for days in WINDOWS:
        within = orders[orders["after"] <= days].groupby("id")["amount"].sum()
        found[f"ordered_{days}"] = found["ordered"] & (found["days"] <= days)
        found[f"revenue_{days}"] = found["id"].map(within).fillna(0.0)
    return found


def _drawn(session: ScopedSession, measured: Measured) -> pd.DataFrame:
    query = (
        select(
            Call.id,
            Call.customer_id,
            Customer.name,
            User.name.label("owner"),
            User.unit_id.label("team_id"),
            OrgUnit.name.label("team"),
            Call.drawn_on,
            Call.until.label("period_end"),
            Call.arm,
            Call.control_share.label("stratum"),
        )
        .join(Customer, Customer.id == Call.customer_id)
        .join(User, User.id == Call.user_id)
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .where(*_of(measured))
        .order_by(Call.drawn_on.desc(), Call.id.desc())
    )
    found = frame(session, through_parent(query, Call))
    days = {name: pd.to_datetime(found[name]) for name in ("drawn_on", "period_end")}
    seen = (pd.Timestamp(measured.until) - days["drawn_on"]).dt.days
    return found.assign(**days, called=found["arm"] == Arm.CALL, seen_days=seen).drop(columns="arm")


def _of(measured: Measured) -> list[Any]:
    found = [Call.board_id == measured.board_id, Call.drawn_on <= measured.until, Call.control_share > 0]
    found += [Call.until == measured.period_end] if measured.period_end else []
    within = select(User.id).where(User.unit_id == measured.team_id)
    return found + ([Call.user_id.in_(within)] if measured.team_id else [])


def _contacts(session: ScopedSession, measured: Measured) -> set[int]:
    """Ids of the drawings after which somebody turned to the customer."""
    about = and_(Activity.subject_type == "customer", Activity.subject_id == Call.customer_id)
    query = select(Call.id).join(Customer, Customer.id == Call.customer_id).join(Activity, about).where(*_of(measured))
    query = query.where(Activity.kind.in_(CONTACTS), Activity.happened_on >= Call.drawn_on, Activity.happened_on <= Call.until)
    return set(session.scalars(through_parent(query, Call)))


def _orders(session: ScopedSession, measured: Measured) -> pd.DataFrame:
    """-> id (of the drawing), drawn_on, ordered_on, kind, amount, after (days), bought (bool: no return)."""
    query = select(Call.id, Call.drawn_on, Order.ordered_on, Order.kind, Order.amount)
    query = query.join(Customer, Customer.id == Call.customer_id).join(Order, Order.customer_id == Customer.id)
    query = query.where(*_of(measured), Order.ordered_on >= Call.drawn_on, Order.ordered_on <= measured.until)
    found = frame(session, through_parent(query, Call))
    after = (pd.to_datetime(found["ordered_on"]) - pd.to_datetime(found["drawn_on"])).dt.days
    return found.assign(after=after, bought=(found["kind"] != OrderKind.RETURN) & (found["amount"] > 0))


def _first_order(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["bought"]].groupby("id")[["after"]].min().rename(columns={"after": "days"})


def periods(session: ScopedSession, board_id: int) -> list[dt.date]:
    """The last days of the periods in which somebody was drawn by lot, newest first."""
    query = select(Call.until).join(Customer, Customer.id == Call.customer_id)
    query = query.where(Call.board_id == board_id, Call.control_share > 0).distinct().order_by(Call.until.desc())
    return list(session.scalars(through_parent(query, Call)))


def teams(session: ScopedSession, board_id: int) -> dict[int, str]:
    """Units whose people had somebody drawn by lot: id -> name."""
    query: Any = select(OrgUnit.id, OrgUnit.name).join(User, User.unit_id == OrgUnit.id).join(Call, Call.user_id == User.id)
    query = query.join(Customer, Customer.id == Call.customer_id).where(Call.board_id == board_id, Call.control_share > 0)
    return dict(session.execute(through_parent(query.distinct().order_by(OrgUnit.name), Call)).all())
