"""Price lists, and the prices in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from crm.catalogue.models import Price, PriceList
from crm.catalogue.queries.prices import price_list
from crm.catalogue.queries.products import product
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import WITH_DELETED, ScopedSession, get
from crm.staff.models import OrgUnit


class PriceListInput(Input):
    name: str = Field(min_length=1, max_length=200)
    board_id: int | None = Field(None, description="Empty: for all boards.")
    starts_on: dt.date
    ends_on: dt.date | None = Field(None, description="Empty: until a later list takes its place.")
    remark: str | None = Field(None, max_length=2000, json_schema_extra={"long": True})


class PriceInput(Input):
    product_id: int
    price: Decimal = Field(ge=0)


def add_price_list(session: ScopedSession, input: PriceListInput, prices_of: int | None = None) -> PriceList:
    """`prices_of`: begins with the prices of another list. A deleted list of the same name comes back."""
    _check(session, input)
    earlier = select(Price).where(Price.price_list_id == price_list(session, prices_of).id) if prices_of else None
    same = select(PriceList).where(PriceList.name == input.name, PriceList.deleted_at.is_not(None))
    added = session.scalar(same, execution_options={WITH_DELETED: True})
    if added is None:
        added = PriceList()
        session.add(added)
    for name, value in (input.model_dump() | {"deleted_at": None}).items():
        setattr(added, name, value)
    session.flush()
    for price in session.scalars(earlier).all() if earlier is not None else ():
        put_price(session, added.id, PriceInput(product_id=price.product_id, price=price.price))
    return added


def edit_price_list(session: ScopedSession, price_list_id: int, input: PriceListInput, version: int) -> PriceList:
    _check(session, input)
    found = price_list(session, price_list_id)
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def delete_price_list(session: ScopedSession, price_list_id: int) -> None:
    """Quotes keep the prices they were made with."""
    price_list(session, price_list_id).deleted_at = now()
    session.flush()


def put_price(session: ScopedSession, price_list_id: int, input: PriceInput) -> Price:
    """The price of a product in this list; an earlier one is replaced."""
    price_list(session, price_list_id)
    product(session, input.product_id)
    found = _price(session, price_list_id, input.product_id)
    if found is None:
        found = Price(price_list_id=price_list_id, product_id=input.product_id)
        session.add(found)
    found.price = input.price
    session.flush()
    return found


def save_prices(session: ScopedSession, price_list_id: int, prices: Sequence[PriceInput], gone: Sequence[int] = ()) -> None:
    """Several at once: new or changed prices, and the products that leave the list."""
    for price in prices:
        put_price(session, price_list_id, price)
    for product_id in gone:
        take_out_price(session, price_list_id, product_id)


def take_out_price(session: ScopedSession, price_list_id: int, product_id: int) -> None:
    if (found := _price(session, price_list_id, product_id)) is not None:
        session.delete(found)
        session.flush()


def _price(session: ScopedSession, price_list_id: int, product_id: int) -> Price | None:
    return session.scalar(select(Price).where(Price.price_list_id == price_list_id, Price.product_id == product_id))


def _check(session: ScopedSession, input: PriceListInput) -> None:
    if input.board_id is not None:
        get(session, OrgUnit, input.board_id)
    if input.ends_on is not None and input.ends_on < input.starts_on:
        raise Invalid("It cannot end before it begins.", field="ends_on")
