"""What can be asked about suppliers and what they deliver."""

from __future__ import annotations

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, or_, select

from crm.catalogue.models import Product, Supplier, Supply
from crm.database import frame
from crm.session import ScopedSession, get


class SupplierFilter(BaseModel):
    """Every word of the search stands in the name, the contact or the phone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    rating: tuple[str, ...] = ()
    product_id: int | None = None
    """Those who deliver it."""

    def conditions(self) -> list[ColumnElement[bool]]:
        texts = (Supplier.name, Supplier.contact, Supplier.phone)
        found = [or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in self.search.split()]
        if self.rating:
            found.append(Supplier.rating.in_(self.rating))
        if self.product_id is not None:
            found.append(Supplier.id.in_(select(Supply.supplier_id).where(Supply.product_id == self.product_id)))
        return found


EVERY_SUPPLIER = SupplierFilter()


def supplier(session: ScopedSession, supplier_id: int) -> Supplier:
    return get(session, Supplier, supplier_id)


def suppliers(session: ScopedSession, where: SupplierFilter = EVERY_SUPPLIER, page: int = 1, size: int = 50) -> pd.DataFrame:
    """By name -> id, name, contact, phone, email, address, rating, payment_days, remark, products (how many), version."""
    products = select(func.count(Supply.id)).where(Supply.supplier_id == Supplier.id).correlate(Supplier).scalar_subquery()
    about = (Supplier.id, Supplier.name, Supplier.contact, Supplier.phone, Supplier.email, Supplier.address)
    rest = (Supplier.rating, Supplier.payment_days, Supplier.remark, products.label("products"), Supplier.version)
    query = select(*about, *rest).where(*where.conditions()).order_by(Supplier.name, Supplier.id)
    return frame(session, query.limit(size).offset((page - 1) * size))


def supplier_count(session: ScopedSession, where: SupplierFilter = EVERY_SUPPLIER) -> int:
    return session.scalar(select(func.count(Supplier.id)).where(*where.conditions())) or 0


def supplier_choices(session: ScopedSession) -> dict[int, str]:
    """Supplier id -> name, by name, for pickers."""
    return {row.id: row.name for row in session.execute(select(Supplier.id, Supplier.name).order_by(Supplier.name))}


def supplies(session: ScopedSession, supplier_id: int) -> pd.DataFrame:
    """What a supplier delivers, by code -> id (of the product), code, name, their_code, cost, price, lead_days."""
    columns = (Product.id, Product.code, Product.name, Supply.their_code, Supply.cost, Product.price, Supply.lead_days)
    query = select(*columns).select_from(Supply).join(Product, Product.id == Supply.product_id)
    return frame(session, query.where(Supply.supplier_id == supplier_id).order_by(Product.code))


def suppliers_of(session: ScopedSession, product_id: int) -> pd.DataFrame:
    """Who delivers a product, the cheapest first -> id (of the supplier), name, rating, their_code, cost, lead_days."""
    columns = (Supplier.id, Supplier.name, Supplier.rating, Supply.their_code, Supply.cost, Supply.lead_days)
    query = select(*columns).select_from(Supply).join(Supplier, Supplier.id == Supply.supplier_id)
    return frame(
        session, query.where(Supply.product_id == product_id).order_by(Supply.cost.is_(None), Supply.cost, Supplier.name)
    )
