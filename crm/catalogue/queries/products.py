"""What can be asked about products and their categories."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from crm.catalogue.models import Product, ProductCategory
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession, get

PAGE_SIZE = 10


class ProductFilter(BaseModel):
    """Every word of the search stands in the name or the code; a category holds what is below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    category_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        texts = (Product.name, Product.code)
        found = [or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in self.search.split()]
        if self.category_id is not None:
            below = select(ProductCategory.id).where(ProductCategory.parent_id == self.category_id)
            found.append(or_(Product.category_id == self.category_id, Product.category_id.in_(below)))
        return found


EVERY_PRODUCT = ProductFilter()


def category(session: ScopedSession, category_id: int) -> ProductCategory:
    return get(session, ProductCategory, category_id)


def product(session: ScopedSession, product_id: int) -> Product:
    return get(session, Product, product_id)


def categories(session: ScopedSession) -> pd.DataFrame:
    """The tree in order -> id, code, name, parent_id, parent, remark, products (in the category and below it)."""
    above, below, own = aliased(ProductCategory), aliased(ProductCategory), ProductCategory
    within = select(below.id).where(or_(below.id == own.id, below.parent_id == own.id)).correlate(own)
    products = select(func.count(Product.id)).where(Product.category_id.in_(within)).correlate(own).scalar_subquery()
    parent = above.name.label("parent")
    tree = select(own.id, own.code, own.name, own.parent_id, parent, own.remark, products.label("products"))
    found = frame(session, tree.outerjoin(above, above.id == own.parent_id))
    return found.sort_values("code", key=lambda codes: codes.map(_numbers), ignore_index=True)


def _numbers(code: str) -> tuple[list[int], str]:
    """C2 before C10, and C2 before C2-01."""
    return [int(digits) for digits in re.findall(r"\d+", code)], code


def category_choices(session: ScopedSession) -> dict[int, str]:
    """Category id -> "C01 Machines", or "C01-02 Machines / Drills" below it; in the order of the tree."""
    tree = categories(session)
    paths = tree["parent"].fillna("").where(tree["parent"].isna(), tree["parent"] + " / ") + tree["name"]
    return dict(zip(tree["id"].tolist(), (tree["code"] + " " + paths).tolist(), strict=True))


def products(session: ScopedSession, where: ProductFilter = EVERY_PRODUCT, page: int = 1) -> pd.DataFrame:
    """Ten products a page, by code -> columns of `product_rows`."""
    return frame(session, _products(where).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))


def product_rows(session: ScopedSession, where: ProductFilter = EVERY_PRODUCT) -> pd.DataFrame:
    """All of them, for a file -> id, code, name, category, unit, price, service_fee, in_stock, renewal_months, description."""
    return frame(session, _products(where))


def product_count(session: ScopedSession, where: ProductFilter = EVERY_PRODUCT) -> int:
    return session.scalar(select(func.count(Product.id)).where(*where.conditions())) or 0


def product_choices(session: ScopedSession) -> dict[int, str]:
    """Product id -> "P00001 Name", by code, for pickers."""
    known = select(Product.id, Product.code, Product.name).order_by(Product.code)
    return {row.id: f"{row.code} {row.name}" for row in session.execute(known)}


def product_titles(session: ScopedSession, ids: tuple[int, ...]) -> dict[int, tuple[str, str]]:
    """Product id -> its code and its name, also of those that left the catalogue."""
    query = select(Product.id, Product.code, Product.name).where(Product.id.in_(ids))
    return {row.id: (row.code, row.name) for row in session.execute(query, execution_options={WITH_DELETED: True})}


def _products(where: ProductFilter) -> Select[*tuple[Any, ...]]:
    columns = (Product.id, Product.code, Product.name, ProductCategory.name.label("category"))
    rest = (Product.unit, Product.price, Product.service_fee, Product.in_stock, Product.renewal_months, Product.description)
    listed = select(*columns, *rest).outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
    return listed.where(*where.conditions()).order_by(Product.code)
