"""What hangs on a customer: profiles, contacts, competitors, holdings, interests, relations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import ColumnElement, ForeignKey, String, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Actor, PartOf
from crm.customers.models.customer import Customer
from crm.database import DERIVED, Code, Name, Record


class RetailProfile(Record, PartOf):
    """What a firm keeps of a private person."""

    __tablename__ = "retail_profile"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), unique=True)
    sex: Mapped[str | None] = mapped_column(Code)
    birthday: Mapped[dt.date | None]
    id_number: Mapped[str | None] = mapped_column(Code)
    home_phone: Mapped[str | None] = mapped_column(Code)
    occupation: Mapped[str | None] = mapped_column(Name)
    employer: Mapped[str | None] = mapped_column(Name)
    education: Mapped[str | None] = mapped_column(Code)
    marital_status: Mapped[str | None] = mapped_column(Code)

    customer: Mapped[Customer] = relationship()


class CorporateProfile(Record, PartOf):
    """What a firm keeps of a firm: strategy, condition, and what it demands."""

    __tablename__ = "corporate_profile"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), unique=True)
    registration_number: Mapped[str | None] = mapped_column(Code)
    employees: Mapped[int | None]
    annual_revenue: Mapped[Decimal | None]
    business_strategy: Mapped[str | None] = mapped_column(Text)
    production_scale: Mapped[str | None] = mapped_column(Text)
    product_range: Mapped[str | None] = mapped_column(Text)
    business_condition: Mapped[str | None] = mapped_column(Text)
    growth_bottleneck: Mapped[str | None] = mapped_column(Text)
    logistics_cost: Mapped[Decimal | None]
    logistics_mode: Mapped[str | None] = mapped_column(Text)
    stock_needs: Mapped[str | None] = mapped_column(Text)
    transit_needs: Mapped[str | None] = mapped_column(Text)
    transport_needs: Mapped[str | None] = mapped_column(Text)
    packaging_needs: Mapped[str | None] = mapped_column(Text)
    feedback_needs: Mapped[str | None] = mapped_column(Text)

    customer: Mapped[Customer] = relationship()


class Contact(Record, PartOf):
    """A person at or around the customer; key persons have an influence on the decision."""

    __tablename__ = "contact"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(Name)
    position: Mapped[str | None] = mapped_column(Name)
    department: Mapped[str | None] = mapped_column(Name)
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    influence: Mapped[str | None] = mapped_column(Code)
    """decides, influences, uses, pays, outside"""
    phone: Mapped[str | None] = mapped_column(Code)
    phone_key: Mapped[str | None] = mapped_column(String(11), index=True, info=DERIVED)
    email: Mapped[str | None] = mapped_column(Name)
    wechat: Mapped[str | None] = mapped_column(Code)
    birthday: Mapped[dt.date | None]
    is_main: Mapped[bool] = mapped_column(default=False)
    interests: Mapped[str | None] = mapped_column(Text)
    remark: Mapped[str | None] = mapped_column(Text)

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.name


class CustomerCompetitor(Record, PartOf):
    """Who else sells to this customer."""

    __tablename__ = "customer_competitor"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(Name)
    products: Mapped[str | None] = mapped_column(Name)
    share_percent: Mapped[int | None]
    strengths: Mapped[str | None] = mapped_column(Text)
    weaknesses: Mapped[str | None] = mapped_column(Text)

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.name


class Holding(Record, PartOf):
    """What a customer holds or owes, with us or elsewhere: deposits, funds, loans, cards."""

    __tablename__ = "holding"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    side: Mapped[str] = mapped_column(Code)
    """asset, liability, intermediary"""
    product_type: Mapped[str] = mapped_column(Code)
    """current_deposit, term_deposit, fund, bond, wealth_product, e_bank, loan, card, insurance, other"""
    place: Mapped[str] = mapped_column(Code)
    """us, competitor, other"""
    institution: Mapped[str | None] = mapped_column(Name)
    amount: Mapped[Decimal]
    as_of: Mapped[dt.date]

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.institution or self.product_type


class CustomerInterest(Record, PartOf):
    """A product the customer asks about."""

    __tablename__ = "customer_interest"
    __table_args__ = (UniqueConstraint("customer_id", "product_id"),)
    PARENT = "customer"
    DISPOSABLE = True

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)

    customer: Mapped[Customer] = relationship()


class Relation(Record, PartOf):
    """A tie between two customers, told from the first: parent company of, spouse of, supplier of, guarantor for."""

    __tablename__ = "relation"
    __table_args__ = (
        UniqueConstraint("customer_id", "other_id", "kind"),
        {
            "info": {
                "says": {
                    (
                        "uq_relation_customer_id_other_id_kind",
                        ("customer_id", "other_id", "kind"),
                    ): "This relation is known already."
                }
            }
        },
    )
    PARENT = "customer"
    DISPOSABLE = True

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    """parent_company, spouse, child, family, supplier, guarantor, partner"""
    remark: Mapped[str | None] = mapped_column(String(300))

    customer: Mapped[Customer] = relationship(foreign_keys=customer_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Seen from either end."""
        condition = Customer.visible_to(actor)
        if condition is None:
            return None
        mine = select(Customer.__table__.c.id).where(condition)
        table = cls.__table__.c
        return or_(table.customer_id.in_(mine), table.other_id.in_(mine))
