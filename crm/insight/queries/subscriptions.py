"""Services that customers hold, as contracts: when each began, how often it was renewed, and whether it was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from sqlalchemy import case, func, select

from crm.analytics.clv.contracts import contracts_of_orders
from crm.catalogue.models import Product, ProductCategory
from crm.customers.models import Customer, Order, OrderKind, OrderLine
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.session import ScopedSession, through_parent

GRACE_DAYS = 60
"""A renewal that comes no later than this after the end is still one; what comes later is a new contract."""

COLUMNS = ("customer", "product", "started_on", "renewals", "ends_on", "lost")
"""Of the rows behind a figure."""


def services(session: ScopedSession, board_id: int) -> pd.DataFrame:
    """Services that customers of a board have bought -> id, product, category_id, category, months (the term), price, customers;
    most customers first."""
    columns = (Product.id, Product.name.label("product"), Product.category_id, ProductCategory.name.label("category"))
    rest = (Product.renewal_months.label("months"), Product.price)
    customers = func.count(Order.customer_id.distinct()).label("customers")
    query = (
        select(*columns, *rest, customers)
        .select_from(Product)
        .join(OrderLine, OrderLine.product_id == Product.id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(Product.renewal_months.is_not(None), Order.board_id == board_id, BOUGHT)
        .group_by(*columns, *rest)
        .order_by(customers.desc(), Product.id)
    )
    return frame(session, through_parent(query, OrderLine))


def contracts(
    session: ScopedSession, board_id: int, product_ids: Sequence[int], as_of: dt.date, grace_days: int = GRACE_DAYS
) -> pd.DataFrame:
    """-> columns of contracts_of_orders and customer, product (names); one row a contract, oldest first.

    A return of a service takes the order before it back, as if it had never been made."""
    back = case((Order.kind == OrderKind.RETURN, 1), else_=0).label("taken_back")
    query = (
        select(
            Order.customer_id.label("customer_id"),
            Customer.name.label("customer"),
            Product.id.label("product_id"),
            Product.name.label("product"),
            Product.renewal_months.label("months"),
            Order.ordered_on,
            back,
        )
        .select_from(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.product_id.in_(product_ids), Product.renewal_months.is_not(None))
        .where(Order.board_id == board_id, Order.ordered_on <= as_of)
        .where(BOUGHT | (Order.kind == OrderKind.RETURN))
    )
    rows = frame(session, through_parent(query, OrderLine))
    rows = rows.assign(ordered_on=pd.to_datetime(rows["ordered_on"]), taken_back=rows["taken_back"].astype(bool))
    found = contracts_of_orders(rows.astype({"months": "int64"}), pd.Timestamp(as_of), grace_days)
    names = {key: rows.drop_duplicates(f"{key}_id").set_index(f"{key}_id")[key] for key in ("customer", "product")}
    found = found.assign(**{key: found[f"{key}_id"].map(name) for key, name in names.items()})
    return found.sort_values(["started_on", "customer_id"], ignore_index=True)


__all__ = ["COLUMNS", "GRACE_DAYS", "contracts", "services"]
