"""Who is to be contacted today, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, and_, or_, select

from crm.analytics.rfm import Rhythm, rhythm
from crm.customers.models import Customer, CustomerGroup, Order
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.insight.calling import CONTACTS, CallSettings
from crm.insight.models import Arm, Call, CallState
from crm.office.models import Activity, Setting
from crm.office.queries import setting
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import User, UserState

PLANNED, LISTED, AT_RISK = "planned", "listed", "at_risk"
"""Why somebody stands in the queue, in this order."""


def call_settings(session: ScopedSession, board_id: int) -> CallSettings:
    stored = setting(session, settings_key(board_id)) or {}
    return CallSettings.model_validate({name: value for name, value in stored.items() if name in CallSettings.model_fields})


def settings_version(session: ScopedSession, board_id: int) -> int:
    """0 while nobody has set anything."""
    return session.scalar(select(Setting.version).where(Setting.key == settings_key(board_id))) or 0


def settings_key(board_id: int) -> str:
    return f"calls.{board_id}"


def callers(session: ScopedSession, board_id: int) -> dict[int, str]:
    """People who have customers of the board that I see, by name: id -> name."""
    owners = select(Customer.owner_id).where(Customer.board_id == board_id).distinct()
    query = select(User.id, User.name).where(User.id.in_(owners), User.state == UserState.ACTIVE).order_by(User.name)
    return dict(session.execute(query).all())


# ------------------------------------------------------------------------------------------------------ the queue


def queue(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> pd.DataFrame:
    """What stands in somebody's queue, in its order: what is planned and due, then call lists, then by value at risk x chance
    that contact helps per minute -> id (from 0), because (planned, listed, at_risk), customer_id, name, call_id, activity_id,
    version, kind, minutes, topic, planned_on, author, list_name, until, p_alive, value_at_risk, rank_value. A customer once."""
    settings = call_settings(session, board_id)
    planned, drawn = _planned(session, user_id, board_id, day, settings), _drawn(session, user_id, board_id, day)
    found = pd.concat([part for part in (planned, drawn) if len(part)] or [planned], ignore_index=True)
    found = found.drop_duplicates("customer_id", ignore_index=True)
    return found.assign(id=range(len(found)), minutes=found["minutes"].astype("int64"))


def _planned(session: ScopedSession, user_id: int, board_id: int, day: dt.date, settings: CallSettings) -> pd.DataFrame:
    """Of his customers, whoever planned it: a customer stands in one queue only."""
    query = (
        select(
            Customer.id.label("customer_id"),
            Customer.name,
            Activity.id.label("activity_id"),
            Activity.version,
            Activity.kind,
            Activity.topic,
            Activity.planned_on,
            User.name.label("author"),
        )
        .join(Activity, and_(Activity.subject_type == "customer", Activity.subject_id == Customer.id))
        .join(User, User.id == Activity.author_id)
        .where(Activity.happened_on.is_(None), Activity.planned_on <= day, Customer.board_id == board_id)
        .where(Customer.owner_id == user_id)
        .order_by(Activity.planned_on, Activity.id)
        .limit(200)
    )
    found = frame(session, through_parent(query, Activity))
    return found.assign(because=PLANNED, minutes=[settings.minutes(kind) for kind in found["kind"]])


def _drawn(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> pd.DataFrame:
    """Open ones, and those put off until today; whoever was contacted since, by anybody, has left the queue."""
    query = (
        select(
            Customer.id.label("customer_id"),
            Customer.name,
            Call.id.label("call_id"),
            Call.version,
            Call.kind,
            Call.minutes,
            Call.until,
            Call.p_alive,
            Call.value_at_risk,
            Call.rank_value,
            CustomerGroup.name.label("list_name"),
        )
        .join(Customer, Customer.id == Call.customer_id)
        .outerjoin(CustomerGroup, CustomerGroup.id == Call.group_id)
        .where(Call.user_id == user_id, Call.board_id == board_id, Call.arm == Arm.CALL, _waiting(day))
        .where(Customer.owner_id == user_id, ~contacted(Call.drawn_on))
        .order_by(Call.group_id.is_(None), Call.rank_value.desc(), Call.id)
        .limit(200)
    )
    found = frame(session, through_parent(query, Call, Activity))
    return found.assign(because=np.where(found["list_name"].notna(), LISTED, AT_RISK))


def _waiting(day: dt.date) -> ColumnElement[bool]:
    open_ = and_(Call.state == CallState.OPEN, Call.drawn_on <= day, Call.until >= day)
    return or_(open_, and_(Call.state == CallState.SNOOZED, Call.snoozed_until <= day))


def contacted(since: Any) -> ColumnElement[bool]:
    about = select(Activity.id).where(Activity.subject_type == "customer", Activity.subject_id == Customer.id)
    return about.where(Activity.kind.in_(CONTACTS), Activity.happened_on >= since).exists()


def done_today(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> dict[str, int]:
    """What he has done with customers of the board that day -> count, minutes (as written down, else those of the kind)."""
    settings = call_settings(session, board_id)
    query: Any = (
        select(Activity.kind, Activity.minutes)
        .join(Customer, and_(Activity.subject_type == "customer", Activity.subject_id == Customer.id))
        .where(Activity.author_id == user_id, Activity.happened_on == day, Customer.board_id == board_id)
    )
    rows = session.execute(through_parent(query, Activity)).all()
    return {"count": len(rows), "minutes": sum(row.minutes or settings.minutes(row.kind) for row in rows)}


def paces(session: ScopedSession, customer_ids: tuple[int, ...], day: dt.date) -> dict[int, Rhythm]:
    """Each customer's rhythm, as his own page says it; nobody who has not bought."""
    query = select(Order.customer_id, Order.ordered_on).join(Customer, Customer.id == Order.customer_id)
    query = query.where(Order.customer_id.in_(customer_ids), BOUGHT, Order.ordered_on <= day)
    days = frame(session, through_parent(query, Order))
    grouped: Any = days.groupby("customer_id")["ordered_on"]
    return {int(one): rhythm(part, day) for one, part in grouped}


def drawn_on(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> bool:
    """Has his day been drawn?"""
    query = select(Call.id).where(Call.user_id == user_id, Call.board_id == board_id, Call.drawn_on == day)
    return session.scalar(query.limit(1)) is not None


def call(session: ScopedSession, call_id: int) -> Call:
    return get(session, Call, call_id)
