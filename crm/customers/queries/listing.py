"""The list of customers: paged, filtered, sorted and counted in SQL."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.access import Reach
from crm.customers.filters import CustomerFilter, Sort
from crm.customers.models import Customer, CustomerClass, CustomerScore
from crm.customers.queries.orders import by_currency
from crm.customers.queries.trends import MONTHS, orders_by_month
from crm.database import frame
from crm.office.queries import today
from crm.session import WITH_DELETED, ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

_board = aliased(OrgUnit)

SCORES: dict[str, Any] = {
    "p_alive": CustomerScore.p_alive,
    "expected_orders": CustomerScore.expected_orders,
    "expected_value": CustomerScore.expected_value,
    "lifetime_value": CustomerScore.lifetime_value,
    "value_at_risk": CustomerScore.value_at_risk,
    "next_order_from": CustomerScore.next_order_from,
    "next_order_until": CustomerScore.next_order_until,
}
"""What the published model says of a customer."""

TREND = "orders_by_month"
"""The orders of each of the last twelve months, as a list of numbers."""

COLUMNS: dict[str, Any] = {
    "id": Customer.id,
    "code": Customer.code,
    "name": Customer.name,
    "kind": Customer.kind,
    "stage": Customer.stage,
    "life_cycle": Customer.life_cycle,
    "segment": Customer.segment,
    "class": CustomerClass.name.label("class"),
    "level": Customer.level,
    "credit_grade": Customer.credit_grade,
    "owner": User.name.label("owner"),
    "unit": OrgUnit.name.label("unit"),
    "board": _board.name.label("board"),
    "currency": _board.currency.label("currency"),
    "region": Customer.region,
    "industry": Customer.industry,
    "source": Customer.source,
    "phone": Customer.phone,
    "email": Customer.email,
    "website": Customer.website,
    "address": Customer.address,
    "product_field": Customer.product_field,
    "preferences": Customer.preferences,
    "remark": Customer.remark,
    "first_order_on": Customer.first_order_on,
    "last_order_on": Customer.last_order_on,
    "order_count": Customer.order_count,
    "order_amount": Customer.order_amount,
    TREND: Customer.id.label(TREND),
    **SCORES,
    "p_alive": (CustomerScore.p_alive * 100).label("p_alive"),
    "asset_rating": Customer.asset_rating,
    "contribution_rating": Customer.contribution_rating,
    "created_at": Customer.created_at,
}
"""What a list or an export can show."""

USUAL = (
    "name",
    "life_cycle",
    "segment",
    "owner",
    "order_amount",
    "orders_by_month",
    "last_order_on",
    "value_at_risk",
)
"""The columns of a list nobody has changed."""


def customer_list(
    session: ScopedSession,
    where: CustomerFilter = CustomerFilter(),  # noqa: B008 - frozen
    sort: Sort = "last_order_on",
    descending: bool = True,
    page: int = 1,
    size: int = 50,
    columns: tuple[str, ...] = USUAL,
    deleted: bool = False,
) -> pd.DataFrame:
    """One page of the list -> id, the columns asked for, and `custom:<key>` columns."""
    few = session.actor.grant("customers").see is Reach.OWN
    query, order = _selected(("id", *columns), by_score=sort in SCORES), _order(sort, descending, few)
    conditions = [*where.conditions(session), *([Customer.deleted_at.is_not(None)] if deleted else [])]
    query = query.execution_options(**{WITH_DELETED: True}) if deleted else query
    if few and sort not in SCORES:
        # Sorted alone, and only the page with its names and scores.
        ids = select(Customer.id).where(*conditions).order_by(*order).limit(size).offset((page - 1) * size)
        query = query.where(Customer.id.in_(ids.correlate(None))).order_by(*order)
    else:
        query = query.where(*conditions).order_by(*order).limit(size).offset((page - 1) * size)
    found = frame(session, query)
    if sort in SCORES and len(found) < size:
        found = _and_unscored(session, found, (page - 1) * size, size, columns, where)
    return _with_trend(session, found, [Customer.id.in_(found["id"].tolist())])


@lru_cache(maxsize=200)
def _selected(names: tuple[str, ...], by_score: bool = False) -> Select[Any]:
    """Joins only what the columns need: an owner's name costs nothing where nobody shows it.

    by_score: only those who have a score, so that its index gives the order."""
    columns = [
        COLUMNS[name] if name in COLUMNS else Customer.custom[name.removeprefix("custom:")].as_string().label(name)
        for name in names
    ]
    query = select(*columns).select_from(Customer)
    if by_score or SCORES.keys() & set(names):
        query = query.join(CustomerScore, CustomerScore.customer_id == Customer.id, isouter=not by_score)
    if "owner" in names:
        query = query.outerjoin(User, User.id == Customer.owner_id)
    if "unit" in names:
        query = query.outerjoin(OrgUnit, OrgUnit.id == Customer.team_id)
    if "board" in names or "currency" in names:
        query = query.outerjoin(_board, _board.id == Customer.board_id)
    if "class" in names:
        query = query.outerjoin(CustomerClass, CustomerClass.id == Customer.class_id)
    return through_parent(query, CustomerScore)


def _and_unscored(
    session: ScopedSession, found: pd.DataFrame, offset: int, size: int, columns: tuple[str, ...], where: CustomerFilter
) -> pd.DataFrame:
    """A page in the order of a score, filled up with those who have none."""
    conditions = where.conditions(session)
    count: Any = select(func.count(Customer.id)).join(CustomerScore, CustomerScore.customer_id == Customer.id).where(*conditions)
    scored = offset + len(found) if len(found) or not offset else session.scalar(through_parent(count, CustomerScore)) or 0
    unscored = Customer.id.not_in(select(CustomerScore.customer_id))
    rest = _selected(("id", *columns)).where(*conditions, unscored).order_by(Customer.id.desc())
    more = frame(session, rest.limit(size - len(found)).offset(max(0, offset - scored)))
    return more if found.empty else found if more.empty else pd.concat([found, more], ignore_index=True)


def _with_trend(session: ScopedSession, found: pd.DataFrame, whose: list[Any]) -> pd.DataFrame:
    if TREND not in found:
        return found
    counts = orders_by_month(session, whose, today(session))
    nothing = [0] * MONTHS
    return found.assign(**{TREND: pd.Series([counts.get(one, nothing) for one in found["id"]], dtype="object")})


def _order(sort: str, descending: bool, few: bool = False) -> list[Any]:
    """`few`: a person's own customers are quicker sorted than sought along an index of everybody's."""
    if sort not in get_args(Sort):
        sort = "last_order_on"
    column: Any = SCORES[sort] if sort in SCORES else getattr(Customer, sort)
    column = func.coalesce(column, None) if few else column
    # Customers without the value come last, whichever way: SQLite reads the index for both forms.
    last = CustomerScore.customer_id if sort in SCORES else Customer.id
    return [column.desc().nulls_last(), last.desc()] if descending else [column.asc().nulls_last(), last]


def customer_totals(session: ScopedSession, where: CustomerFilter = CustomerFilter()) -> dict[str, Any]:  # noqa: B008
    """-> customers, orders, amounts {currency: sum} of all that the filter finds; boards may count in different currencies."""
    counted = (func.count(Customer.id), func.sum(Customer.order_count), func.sum(Customer.order_amount))
    query: Any = select(Customer.board_id, *counted).where(*where.conditions(session))
    rows = session.execute(through_parent(query.group_by(Customer.board_id), CustomerScore)).all()
    amounts = by_currency(session, {row[0]: float(row[3] or 0) for row in rows})
    return {"customers": sum(row[1] for row in rows), "orders": sum(int(row[2] or 0) for row in rows), "amounts": amounts}


def value_at_risk(session: ScopedSession, where: CustomerFilter) -> dict[str, float]:
    """By currency, of all that the filter finds."""
    query: Any = select(Customer.board_id, func.sum(CustomerScore.value_at_risk))
    query = query.join(CustomerScore, CustomerScore.customer_id == Customer.id).where(*where.conditions(session))
    rows = session.execute(through_parent(query.group_by(Customer.board_id), CustomerScore)).all()
    return by_currency(session, {row[0]: float(row[1] or 0) for row in rows})


def customer_ids(session: ScopedSession, where: CustomerFilter, limit: int = 10_000) -> list[int]:
    """The ids that the filter finds, for actions on all of them."""
    query = select(Customer.id).where(*where.conditions(session)).order_by(Customer.id).limit(limit)
    return list(session.scalars(through_parent(query, CustomerScore)))


def export_rows(session: ScopedSession, where: CustomerFilter, columns: tuple[str, ...], limit: int = 200_000) -> pd.DataFrame:
    """All rows of the list in its columns, for a file; the orders by month as "0 2 1 ...", oldest first."""
    conditions = where.conditions(session)
    query = _selected(("id", *columns)).where(*conditions).order_by(Customer.id).limit(limit)
    found = _with_trend(session, frame(session, query), conditions)
    return found.assign(**{TREND: [" ".join(map(str, one)) for one in found[TREND]]}) if TREND in found else found


def regions_and_industries(session: ScopedSession) -> dict[str, list[str]]:
    """The values in use, most frequent first, for the filters."""
    found: dict[str, list[str]] = {}
    for name in ("region", "industry"):
        column: Any = getattr(Customer, name)
        query = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc()).limit(200)
        found[name] = list(session.scalars(query))
    return found


def classes(session: ScopedSession) -> pd.DataFrame:
    """The classes the firm defined, in order -> id, name, position, rule, version, customers (that I see)."""
    kind = CustomerClass
    theirs = select(func.count(Customer.id)).where(Customer.class_id == kind.id).scalar_subquery().label("customers")
    query = select(kind.id, kind.name, kind.position, kind.rule, kind.version, theirs)
    return frame(session, query.order_by(kind.position, kind.id))
