"""Product categories as a two-level tree, and products."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Shared
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
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"))

    category: Mapped[ProductCategory | None] = relationship()

    @property
    def title(self) -> str:
        return self.name
