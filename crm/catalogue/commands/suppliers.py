"""Suppliers, and the products that each of them delivers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from pydantic import Field
from sqlalchemy import select

from crm.catalogue.models import Supplier, Supply
from crm.catalogue.queries.products import product
from crm.catalogue.queries.suppliers import supplier
from crm.database import now
from crm.editing import Input, change
from crm.session import WITH_DELETED, ScopedSession


class Rating(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class SupplierInput(Input):
    name: str = Field(min_length=1, max_length=200)
    contact: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=200)
    address: str | None = Field(None, max_length=300)
    rating: Rating | None = None
    payment_days: int | None = Field(None, ge=0, le=3650, description="So many days after delivery we pay.")
    remark: str | None = Field(None, max_length=2000, json_schema_extra={"long": True})


class SupplyInput(Input):
    product_id: int
    cost: Decimal | None = Field(None, ge=0)
    lead_days: int | None = Field(None, ge=0, le=3650, description="From order to delivery.")
    their_code: str | None = Field(None, max_length=40)


def add_supplier(session: ScopedSession, input: SupplierInput) -> Supplier:
    """A deleted supplier of the same name comes back with the new values."""
    same = select(Supplier).where(Supplier.name == input.name, Supplier.deleted_at.is_not(None))
    added = session.scalar(same, execution_options={WITH_DELETED: True})
    if added is None:
        added = Supplier()
        session.add(added)
    for name, value in (input.model_dump() | {"deleted_at": None}).items():
        setattr(added, name, value)
    session.flush()
    return added


def edit_supplier(session: ScopedSession, supplier_id: int, input: SupplierInput, version: int) -> Supplier:
    found = supplier(session, supplier_id)
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def delete_supplier(session: ScopedSession, supplier_id: int) -> None:
    supplier(session, supplier_id).deleted_at = now()
    session.flush()


def put_supply(session: ScopedSession, supplier_id: int, input: SupplyInput) -> Supply:
    """The supplier delivers this product; what was known of it before is replaced."""
    supplier(session, supplier_id)
    product(session, input.product_id)
    found = _supply(session, supplier_id, input.product_id)
    if found is None:
        found = Supply(supplier_id=supplier_id)
        session.add(found)
    for name, value in input.model_dump().items():
        setattr(found, name, value)
    session.flush()
    return found


def save_supplies(session: ScopedSession, supplier_id: int, supplies: Sequence[SupplyInput], gone: Sequence[int] = ()) -> None:
    """Several at once: what he delivers anew or on other terms, and what he delivers no more."""
    for one in supplies:
        put_supply(session, supplier_id, one)
    for product_id in gone:
        take_out_supply(session, supplier_id, product_id)


def take_out_supply(session: ScopedSession, supplier_id: int, product_id: int) -> None:
    if (found := _supply(session, supplier_id, product_id)) is not None:
        session.delete(found)
        session.flush()


def _supply(session: ScopedSession, supplier_id: int, product_id: int) -> Supply | None:
    return session.scalar(select(Supply).where(Supply.supplier_id == supplier_id, Supply.product_id == product_id))
