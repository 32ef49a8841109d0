"""Product categories as a two-level tree, products, who supplies them, and price lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf, Shared
from crm.database import Code, Name, Record


class ProductCategory(Record, Shared):
    __tablename__ = "product_category"
    __table_args__ = (
        UniqueConstraint("code"),
        {"info": {"says": {("uq_product_category_code", ("code",)): "There is already a category with this code."}}},
    )

    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("product_category.id"), index=True)
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name


class Product(Record, Shared):
    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("code"),
        {"info": {"says": {("uq_product_code", ("code",)): "There is already a product with this code."}}},
    )

    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("product_category.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(20))
    price: Mapped[Decimal | None]
    renewal_months: Mapped[int | None]
    """A service that runs out and is renewed after so many months; None = bought once."""
    description: Mapped[str | None] = mapped_column(Text)
    service_fee: Mapped[Decimal | None]
    """What serving it costs besides the price."""
    in_stock: Mapped[bool | None]
    """Can be delivered at once; None = nobody has said."""
    features: Mapped[str | None] = mapped_column(Text)
    known_problems: Mapped[str | None] = mapped_column(Text)
    upgrade: Mapped[str | None] = mapped_column(Text)
    installation: Mapped[str | None] = mapped_column(Text)
    warranty: Mapped[str | None] = mapped_column(Text)
    contract_terms: Mapped[str | None] = mapped_column(Text)
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"))

    category: Mapped[ProductCategory | None] = relationship()

    @property
    def title(self) -> str:
        return self.name


class Supplier(Record, Shared):
    __tablename__ = "supplier"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_supplier_name", ("name",)): "There is already a supplier of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    contact: Mapped[str | None] = mapped_column(Name)
    phone: Mapped[str | None] = mapped_column(Code)
    email: Mapped[str | None] = mapped_column(Name)
    address: Mapped[str | None] = mapped_column(String(300))
    rating: Mapped[str | None] = mapped_column(String(1))
    """A to E, as the firm judges them."""
    payment_days: Mapped[int | None]
    """So many days after delivery we pay."""
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name


class Supply(Record, PartOf):
    """A product that a supplier delivers, and what it costs us."""

    __tablename__ = "supply"
    __table_args__ = (UniqueConstraint("supplier_id", "product_id"),)
    PARENT = "supplier"
    DISPOSABLE = True

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    cost: Mapped[Decimal | None]
    lead_days: Mapped[int | None]
    """From order to delivery."""
    their_code: Mapped[str | None] = mapped_column(Code)

    supplier: Mapped[Supplier] = relationship()
    product: Mapped[Product] = relationship()


class PriceList(Record, Shared):
    """Prices that hold from a day on: of one board, or of all."""

    __tablename__ = "price_list"
    __table_args__ = (
        UniqueConstraint("name"),
        Index("ix_price_list_days", "starts_on", "ends_on"),
        {"info": {"says": {("uq_price_list_name", ("name",)): "There is already a price list of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    """None = of all boards."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    """The last day; None = until a later list takes its place."""
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name


class Price(Record, PartOf):
    """What a product costs by a price list."""

    __tablename__ = "price"
    __table_args__ = (UniqueConstraint("price_list_id", "product_id"),)
    PARENT = "price_list"
    DISPOSABLE = True

    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    price: Mapped[Decimal]

    price_list: Mapped[PriceList] = relationship()
    product: Mapped[Product] = relationship()
