"""What people entered about customers who stopped, and when they came back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from crm.customers.models import Customer, CustomerCompetitor, Loss, Order
from crm.customers.queries.orders import BOUGHT
from crm.session import ScopedSession, through_parent
from crm.staff.models import User


def losses(session: ScopedSession, customer_id: int) -> list[dict[str, Any]]:
    """The entered losses of one customer, newest first -> id, lost_on, reason, direction, competitor, remark, won_back_on (as
    entered), by, version, back_on (entered or by a purchase, whichever came first), back_by (order, entered or None)."""
    query = (
        select(
            Loss.id,
            Loss.lost_on,
            Loss.reason,
            Loss.direction,
            Loss.competitor,
            Loss.remark,
            Loss.won_back_on,
            User.name.label("by"),
            Loss.version,
            bought_again(),
        )
        .join(Customer, Customer.id == Loss.customer_id)
        .outerjoin(User, User.id == Loss.by_id)
        .where(Loss.customer_id == customer_id)
        .order_by(Loss.lost_on.desc(), Loss.id.desc())
    )
    found = [dict(row) for row in session.execute(through_parent(query, Loss, Order)).mappings()]
    for row in found:
        row["back_on"], row["back_by"] = _end(row["won_back_on"], row.pop("bought_again"))
    return found


def bought_again() -> Any:
    """The first purchase after a loss."""
    again = select(func.min(Order.ordered_on)).where(Order.customer_id == Loss.customer_id, Order.ordered_on > Loss.lost_on)
    return again.where(BOUGHT).scalar_subquery().label("bought_again")


def first_purchase_after(session: ScopedSession, customer_id: int, day: dt.date) -> dt.date | None:
    query = select(func.min(Order.ordered_on)).where(Order.customer_id == customer_id, Order.ordered_on > day, BOUGHT)
    return session.scalar(query)


def _end(entered: dt.date | None, bought: dt.date | None) -> tuple[dt.date | None, str | None]:
    if bought is not None and (entered is None or bought <= entered):
        return bought, "order"
    return (entered, "entered") if entered is not None else (None, None)


def rivals(session: ScopedSession, customer_id: int, limit: int = 30) -> list[str]:
    """Names to suggest for whom a customer went to: his known competitors first, then where others of his board went."""
    kind = CustomerCompetitor
    own = select(kind.name).join(Customer, Customer.id == kind.customer_id).where(kind.customer_id == customer_id)
    board = select(Customer.board_id).where(Customer.id == customer_id).scalar_subquery()
    others = (
        select(Loss.competitor)
        .join(Customer, Customer.id == Loss.customer_id)
        .where(Customer.board_id == board, Loss.competitor.is_not(None))
        .group_by(Loss.competitor)
        .order_by(func.count(Loss.id).desc(), Loss.competitor)
        .limit(limit)
    )
    known = session.scalars(through_parent(own.order_by(kind.id), kind))
    names = [*known, *session.scalars(through_parent(others, Loss))]
    return list(dict.fromkeys(name for name in names if name))[:limit]
