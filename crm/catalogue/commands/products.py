"""What can be done with products and their categories."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import Field
from sqlalchemy import func, select

from crm.catalogue.models import Product, ProductCategory
from crm.catalogue.queries.products import category, product
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import WITH_DELETED, ScopedSession

# ---------------------------------------------------------------------------------------------------- categories


class CategoryInput(Input):
    name: str = Field(min_length=1, max_length=200)
    parent_id: int | None = Field(None, description="Empty: a category of the first level.")
    remark: str | None = Field(None, max_length=2000, json_schema_extra={"long": True})


def add_category(session: ScopedSession, input: CategoryInput) -> ProductCategory:
    """Its code is made: C01, and C01-01 below it."""
    above = _above(session, input.parent_id)
    added = ProductCategory(code=_next_category_code(session, above), **input.model_dump())
    session.add(added)
    session.flush()
    return added


def edit_category(session: ScopedSession, category_id: int, input: CategoryInput, version: int) -> ProductCategory:
    """Under another parent it gets a new code."""
    found = category(session, category_id)
    values = input.model_dump()
    if input.parent_id != found.parent_id:
        above = _above(session, input.parent_id)
        if above is not None:
            _check_movable(session, found, above)
        values["code"] = _next_category_code(session, above)
    change(session, found, values, version)
    session.flush()
    return found


def delete_category(session: ScopedSession, category_id: int) -> None:
    found = category(session, category_id)
    below = _count_below(session, category_id)
    products = session.scalar(select(func.count(Product.id)).where(Product.category_id == category_id)) or 0
    if below or products:
        raise Invalid(
            "{name} cannot be deleted: {below:category|categories} and {products:product|products} hang on it.",
            name=found.name,
            below=below,
            products=products,
        )
    found.deleted_at = now()
    session.flush()


def _above(session: ScopedSession, parent_id: int | None) -> ProductCategory | None:
    above = category(session, parent_id) if parent_id else None
    if above is not None and above.parent_id is not None:
        raise Invalid("There are two levels: {name} is below another category already.", field="parent_id", name=above.name)
    return above


def _check_movable(session: ScopedSession, found: ProductCategory, above: ProductCategory) -> None:
    below = _count_below(session, found.id)
    if below or above.id == found.id:
        raise Invalid("There are two levels: {name} has categories below it.", field="parent_id", name=found.name)


def _count_below(session: ScopedSession, category_id: int) -> int:
    return session.scalar(select(func.count(ProductCategory.id)).where(ProductCategory.parent_id == category_id)) or 0


def _next_category_code(session: ScopedSession, above: ProductCategory | None) -> str:
    """Never the code of a deleted one."""
    start = f"{above.code}-" if above else "C"
    return _next_code(session, ProductCategory, start, digits=2)


def _next_code(session: ScopedSession, kind: type[Product] | type[ProductCategory], start: str, digits: int) -> str:
    codes = select(kind.code).where(kind.code.startswith(start, autoescape=True))
    ends = [code.removeprefix(start) for code in session.scalars(codes, execution_options={WITH_DELETED: True})]
    numbers = [int(end) for end in ends if re.fullmatch(r"\d{1,9}", end)]
    return f"{start}{max(numbers, default=0) + 1:0{digits}}"


# ------------------------------------------------------------------------------------------------------ products


class ProductInput(Input):
    name: str = Field(min_length=1, max_length=200)
    code: str | None = Field(None, max_length=40, description="Left empty: the next free number.")
    category_id: int | None = None
    unit: str | None = Field(None, max_length=20, title="Unit of measure", description="Piece, hour, kilogram, ...")
    price: Decimal | None = Field(None, ge=0)
    service_fee: Decimal | None = Field(None, ge=0, description="What serving it costs besides the price.")
    in_stock: bool | None = None
    renewal_months: int | None = Field(None, ge=1, le=1200, description="Bought again after so many months; empty: bought once.")
    description: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    features: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    known_problems: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    upgrade: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    installation: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    warranty: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})
    contract_terms: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})


def add_product(session: ScopedSession, input: ProductInput) -> Product:
    """A deleted product of the same code comes back with the new values."""
    values = _product_values(session, input, None)
    same = select(Product).where(Product.code == values["code"], Product.deleted_at.is_not(None))
    added = session.scalar(same, execution_options={WITH_DELETED: True})
    if added is None:
        added = Product()
        session.add(added)
    for name, value in (values | {"deleted_at": None}).items():
        setattr(added, name, value)
    session.flush()
    return added


def edit_product(session: ScopedSession, product_id: int, input: ProductInput, version: int) -> Product:
    found = product(session, product_id)
    change(session, found, _product_values(session, input, found.code), version)
    session.flush()
    return found


def delete_product(session: ScopedSession, product_id: int) -> None:
    """Orders keep it."""
    product(session, product_id).deleted_at = now()
    session.flush()


def _product_values(session: ScopedSession, input: ProductInput, code: str | None) -> dict[str, object]:
    if input.category_id is not None:
        category(session, input.category_id)
    return input.model_dump() | {"code": input.code or code or _next_code(session, Product, "P", digits=5)}
