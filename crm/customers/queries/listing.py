"""The list of customers: paged, filtered, sorted and counted in SQL."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.access import Reach
from crm.customers.filters import CustomerFilter, Sort
from crm.customers.models import Customer, CustomerClass
from crm.customers.queries.orders import by_currency
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession
from crm.staff.models import OrgUnit, User

_board = aliased(OrgUnit)

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
    "asset_rating": Customer.asset_rating,
    "contribution_rating": Customer.contribution_rating,
    "created_at": Customer.created_at,
}
"""What a list or an export can show."""

USUAL = ("name", "code", "life_cycle", "segment", "level", "owner", "region", "order_count", "order_amount", "last_order_on")
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
    query = _selected(("id", *columns)).where(*where.conditions()).order_by(*_order(sort, descending, few))
    query = query.limit(size).offset((page - 1) * size)
    if deleted:
        query = query.where(Customer.deleted_at.is_not(None)).execution_options(**{WITH_DELETED: True})
    return frame(session, query)


def _selected(names: tuple[str, ...]) -> Select[Any]:
    """Joins only what the columns need: an owner's name costs nothing where nobody shows it."""
    columns = [
        COLUMNS[name] if name in COLUMNS else Customer.custom[name.removeprefix("custom:")].as_string().label(name)
        for name in names
    ]
    query = select(*columns).select_from(Customer)
    if "owner" in names:
        query = query.outerjoin(User, User.id == Customer.owner_id)
    if "unit" in names:
        query = query.outerjoin(OrgUnit, OrgUnit.id == Customer.team_id)
    if "board" in names or "currency" in names:
        query = query.outerjoin(_board, _board.id == Customer.board_id)
    if "class" in names:
        query = query.outerjoin(CustomerClass, CustomerClass.id == Customer.class_id)
    return query


def _order(sort: str, descending: bool, few: bool = False) -> list[Any]:
    """`few`: a person's own customers are quicker sorted than sought along an index of everybody's."""
    if sort not in get_args(Sort):
        sort = "last_order_on"
    column: Any = getattr(Customer, sort)
    column = func.coalesce(column, None) if few else column
    # Customers without the value come last, whichever way: SQLite reads the index for both forms.
    return [column.desc().nulls_last(), Customer.id.desc()] if descending else [column.asc().nulls_last(), Customer.id]


def customer_totals(session: ScopedSession, where: CustomerFilter = CustomerFilter()) -> dict[str, Any]:  # noqa: B008
    """-> customers, orders, amounts {currency: sum} of all that the filter finds; boards may count in different currencies."""
    counted = (func.count(Customer.id), func.sum(Customer.order_count), func.sum(Customer.order_amount))
    rows = session.execute(select(Customer.board_id, *counted).where(*where.conditions()).group_by(Customer.board_id)).all()
    amounts = by_currency(session, {row[0]: float(row[3] or 0) for row in rows})
    return {"customers": sum(row[1] for row in rows), "orders": sum(int(row[2] or 0) for row in rows), "amounts": amounts}


def customer_ids(session: ScopedSession, where: CustomerFilter, limit: int = 10_000) -> list[int]:
    """The ids that the filter finds, for actions on all of them."""
    return list(session.scalars(select(Customer.id).where(*where.conditions()).order_by(Customer.id).limit(limit)))


def export_rows(session: ScopedSession, where: CustomerFilter, columns: tuple[str, ...], limit: int = 200_000) -> pd.DataFrame:
    """All rows of the list in its columns, for a file."""
    query = _selected(("id", *columns)).where(*where.conditions()).order_by(Customer.id).limit(limit)
    return frame(session, query)


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
