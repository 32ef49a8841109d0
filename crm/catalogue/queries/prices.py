"""What can be asked about price lists, and what a product costs on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import pandas as pd
from sqlalchemy import func, or_, select

from crm.catalogue.models import Price, PriceList, Product
from crm.database import frame
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit


def price_list(session: ScopedSession, price_list_id: int) -> PriceList:
    return get(session, PriceList, price_list_id)


def price_lists(session: ScopedSession, on: dt.date | None = None, page: int = 1, size: int = 50) -> pd.DataFrame:
    """Newest first, or those valid on a day -> id, name, board (empty: all), starts_on, ends_on, products, remark, version."""
    products = select(func.count(Price.id)).where(Price.price_list_id == PriceList.id).correlate(PriceList).scalar_subquery()
    columns = (PriceList.id, PriceList.name, OrgUnit.name.label("board"), PriceList.starts_on, PriceList.ends_on)
    query = select(*columns, products.label("products"), PriceList.remark, PriceList.version)
    query = query.outerjoin(OrgUnit, OrgUnit.id == PriceList.board_id)
    if on is not None:
        query = query.where(PriceList.starts_on <= on, or_(PriceList.ends_on.is_(None), PriceList.ends_on >= on))
    query = query.order_by(PriceList.starts_on.desc(), PriceList.id.desc())
    return frame(session, query.limit(size).offset((page - 1) * size))


def prices_in(session: ScopedSession, price_list_id: int, page: int = 1, size: int = 50) -> pd.DataFrame:
    """A page of a list, by code -> id (of the product), code, name, unit, price (in this list), usual_price (of the product)."""
    columns = (Product.id, Product.code, Product.name, Product.unit, Price.price, Product.price.label("usual_price"))
    query = select(*columns).select_from(Price).join(Product, Product.id == Price.product_id)
    query = query.where(Price.price_list_id == price_list_id).order_by(Product.code)
    return frame(session, query.limit(size).offset((page - 1) * size))


def price_count(session: ScopedSession, price_list_id: int) -> int:
    """Of products that are still in the catalogue."""
    query = select(func.count(Price.id)).join(Product, Product.id == Price.product_id)
    return session.scalar(query.where(Price.price_list_id == price_list_id)) or 0


def prices_of(session: ScopedSession, product_id: int) -> pd.DataFrame:
    """The lists that price a product, newest first -> id (of the list), name, board (empty: all), starts_on, ends_on, price."""
    columns = (PriceList.id, PriceList.name, OrgUnit.name.label("board"), PriceList.starts_on, PriceList.ends_on, Price.price)
    query = select(*columns).select_from(Price).join(PriceList, PriceList.id == Price.price_list_id)
    query = query.outerjoin(OrgUnit, OrgUnit.id == PriceList.board_id).where(Price.product_id == product_id)
    return frame(session, query.order_by(PriceList.starts_on.desc(), PriceList.id.desc()))


def list_prices(session: ScopedSession, ids: Iterable[int], day: dt.date, board_id: int | None = None) -> dict[int, Decimal]:
    """Product id -> its list price on a day: by the price list of the board, else by one of all boards (of several valid ones the
    one that began last), else the product's own; a product that has none is missing."""
    wanted = sorted(set(ids))
    own = select(Product.id, Product.price).where(Product.id.in_(wanted), Product.price.is_not(None))
    found: dict[int, Decimal] = {row.id: row.price for row in session.execute(own)}
    valid = select(Price.product_id, Price.price).join(PriceList, PriceList.id == Price.price_list_id)
    valid = valid.where(Price.product_id.in_(wanted), PriceList.starts_on <= day)
    valid = valid.where(or_(PriceList.ends_on.is_(None), PriceList.ends_on >= day))
    valid = valid.where(or_(PriceList.board_id.is_(None), PriceList.board_id == board_id))
    # The best comes last and stays.
    best_last = valid.order_by(PriceList.board_id.is_not(None), PriceList.starts_on, PriceList.id)
    return found | {row.product_id: row.price for row in session.execute(best_last)}
