"""The customer file: basic, extended, key persons, competitors; ownership, sharing, relations; orders and their lines."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, Text, UniqueConstraint, false, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Actor, Configured, Owned, PartOf, Reach
from crm.database import DERIVED, Code, Fact, Name, Record


class Kind(StrEnum):
    CORPORATE = "corporate"
    RETAIL = "retail"


class Stage(StrEnum):
    POTENTIAL = "potential"
    TRANSACTING = "transacting"


class LifeCycle(StrEnum):
    POTENTIAL = "potential"
    ACTIVE = "active"
    DORMANT = "dormant"
    LOST = "lost"


class Level(StrEnum):
    VIP = "vip"
    A = "a"
    B = "b"
    C = "c"
    D = "d"


class CreditGrade(StrEnum):
    AAA = "aaa"
    AA = "aa"
    A = "a"
    B = "b"
    C = "c"


class Source(StrEnum):
    REFERRAL = "referral"
    WEBSITE = "website"
    EXHIBITION = "exhibition"
    ADVERTISING = "advertising"
    TELEPHONE = "telephone"
    PARTNER = "partner"
    SOCIAL = "social"
    STORE = "store"
    IMPORT = "import"
    OTHER = "other"


_COMPANY_WORDS = re.compile(
    r"(有限责任公司|股份有限公司|有限公司|集团|公司|\b(?:co|ltd|limited|inc|incorporated|corp|corporation|llc|plc|gmbh|ag|sa|bv|company)\b\.?)"
)


_CHINA = re.compile(r"^(?:00)?86(?=0?\d{10,11}$)")


def name_key(name: str) -> str:
    """A name reduced to what makes two records the same: width, case, spaces, punctuation and legal form do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"[\W_]+", "", _COMPANY_WORDS.sub(" ", folded))
    return (bare or re.sub(r"[\W_]+", "", folded))[:200]


def phone_key(phone: str | None) -> str | None:
    """The last eleven digits: country code, leading zeros, spaces and hyphens do not count. Fewer than six are no phone."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone or ""))
    bare = _CHINA.sub("", digits).lstrip("0")[-11:]
    return bare if len(bare) >= 6 else None


class CustomerClass(Record, Configured):
    """A class the firm defines by a rule: the first class in order whose filter a customer passes is his."""

    __tablename__ = "customer_class"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_customer_class_name", ("name",)): "There is already a class of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    colour: Mapped[str] = mapped_column(Code, default="neutral")
    position: Mapped[int] = mapped_column(default=0)
    rule: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.name


class Customer(Record, Owned):
    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("board_id", "code"),
        Index("ix_customer_list", "last_order_on", "id"),
        Index("ix_customer_list_amount", "order_amount", "id"),
        Index("ix_customer_list_name", "name", "id"),
        Index("ix_customer_list_created", "created_at", "id"),
        Index("ix_customer_owner_last", "owner_id", "last_order_on"),
        # Holds all that the counts and sums of a list need: the wide rows stay unread.
        Index(
            "ix_customer_totals",
            *("board_id", "team_id", "owner_id", "life_cycle", "order_count", "order_amount", "deleted_at"),
        ),
        Index("ix_customer_first", "board_id", "first_order_on"),
        Index("ix_customer_scores", "m_score", "life_cycle", "board_id"),
        {
            "info": {
                "says": {("uq_customer_board_id_code", ("board_id", "code")): "Another customer of this board has this code."}
            }
        },
    )

    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(Code, default=Kind.CORPORATE)
    stage: Mapped[str] = mapped_column(Code, default=Stage.POTENTIAL)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    level: Mapped[str | None] = mapped_column(Code)
    credit_grade: Mapped[str | None] = mapped_column(Code)
    source: Mapped[str | None] = mapped_column(Code)
    region: Mapped[str | None] = mapped_column(Name, index=True)
    industry: Mapped[str | None] = mapped_column(Name)
    phone: Mapped[str | None] = mapped_column(Code)
    email: Mapped[str | None] = mapped_column(Name)
    website: Mapped[str | None] = mapped_column(Name)
    address: Mapped[str | None] = mapped_column(String(400))
    product_field: Mapped[str | None] = mapped_column(Name)
    preferences: Mapped[str | None] = mapped_column(Text)
    """Key soft information: habits, interests, hobbies, personality."""
    remark: Mapped[str | None] = mapped_column(Text)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    converted_on: Mapped[dt.date | None]
    """The day of the first order: potential became transacting."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)

    name_key: Mapped[str] = mapped_column(Name, index=True, info=DERIVED)
    phone_key: Mapped[str | None] = mapped_column(String(11), index=True, info=DERIVED)
    search_text: Mapped[str] = mapped_column(Text, default="", info=DERIVED)
    """Name, code, phone, e-mail and contacts in one line, for the search index."""
    first_order_on: Mapped[dt.date | None] = mapped_column(info=DERIVED)
    last_order_on: Mapped[dt.date | None] = mapped_column(info=DERIVED)
    order_count: Mapped[int] = mapped_column(default=0, info=DERIVED)
    order_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=DERIVED)
    life_cycle: Mapped[str] = mapped_column(Code, default=LifeCycle.POTENTIAL, index=True, info=DERIVED)
    class_id: Mapped[int | None] = mapped_column(ForeignKey("customer_class.id"), index=True, info=DERIVED)
    asset_rating: Mapped[str | None] = mapped_column(String(1), info=DERIVED)
    contribution_rating: Mapped[str | None] = mapped_column(String(1), info=DERIVED)
    r_score: Mapped[int | None] = mapped_column(info=DERIVED)
    f_score: Mapped[int | None] = mapped_column(info=DERIVED)
    m_score: Mapped[int | None] = mapped_column(info=DERIVED)
    segment: Mapped[str | None] = mapped_column(Code, index=True, info=DERIVED)

    @property
    def title(self) -> str:
        return self.name

    def set_keys(self, contact_words: str = "") -> None:
        """Refresh what duplicates and search look at."""
        self.name_key, self.phone_key = name_key(self.name), phone_key(self.phone)
        self.search_text = self.text_for_search(contact_words)

    def text_for_search(self, contact_words: str) -> str:
        parts = [self.name, self.code, self.phone, self.email, contact_words]
        # The blank at the end makes a trigram of the last two characters too.
        return " ".join([*(part for part in parts if part), ""]).casefold()

    @classmethod
    def shared_ids(cls, actor: Actor, to_change: bool = False) -> Select[tuple[int]]:
        share = CustomerShare.__table__.c
        receivers = [share.user_id == actor.user_id]
        if actor.team_ids:
            # A share with a unit is for everybody in it and below it.
            receivers.append(share.unit_id.in_(sorted(actor.team_ids | actor.above_ids)))
        found = select(share.customer_id).where(or_(*receivers) if actor.user_id else false(), share.deleted_at.is_(None))
        return found.where(share.may_change.is_(True)) if to_change else found


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


class Ownership(Fact, PartOf):
    """Who had the customer from when to when, and why. Closed by the next one, never rewritten."""

    __tablename__ = "ownership"
    PARENT = "customer"
    CLOSES = frozenset({"ended_at"})

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()


class CustomerShare(Record, PartOf):
    """Opens a customer to one person or one unit, to read or to change."""

    __tablename__ = "customer_share"
    __table_args__ = (
        Index("ix_customer_share_user", "user_id", "customer_id"),
        Index("ix_customer_share_unit", "unit_id", "customer_id"),
    )
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    may_change: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(300))

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.reason or str(getattr(self.customer, "name", ""))


class Merge(Record, PartOf):
    """Two records became one; what moved is kept, so that it can be undone."""

    __tablename__ = "merge"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    moved: Mapped[dict[str, Any]]
    """table -> ids that moved"""
    kept_before: Mapped[dict[str, Any]]
    undone_at: Mapped[dt.datetime | None]

    customer: Mapped[Customer] = relationship(foreign_keys=customer_id)


class OrderKind(StrEnum):
    SALE = "sale"
    RENEWAL = "renewal"
    RETURN = "return"


class Order(Record, PartOf):
    """A transaction. Returns and cancellations are orders with negative lines."""

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        Index("ix_order_customer_day", "customer_id", "ordered_on"),
        Index("ix_order_day", "ordered_on", "id"),
        Index("ix_order_number", "number"),
        # Sums over days and customers of a board are read from the index alone.
        Index("ix_order_sums", "board_id", "ordered_on", "customer_id", "amount", "kind", "deleted_at"),
        {
            "info": {
                "says": {("uq_order_board_id_number", ("board_id", "number")): "Another order of this board has this number."}
            }
        },
    )
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    number: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code, default=OrderKind.SALE)
    ordered_on: Mapped[dt.date]
    ordered_at: Mapped[dt.datetime | None]
    """The minute, where the source knows it; local time of the board."""
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=DERIVED)
    """Sum of the lines."""
    remark: Mapped[str | None] = mapped_column(String(300))
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)

    customer: Mapped[Customer] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """With its customer; who reaches a whole board reaches all orders of it, which is quicker to see."""
        condition = super().visible_to(actor)
        if condition is None or actor.grant("customers").see is not Reach.TEAM:
            return condition
        # Not by an index: orders of half the base are better walked in the order of the list.
        board = func.coalesce(cls.__table__.c.board_id, 0)
        return or_(board.in_(sorted(actor.team_ids)), condition)

    @property
    def title(self) -> str:
        return self.number


class OrderLine(Record, PartOf):
    __tablename__ = "order_line"
    PARENT = "order"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    description: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal]
    amount: Mapped[Decimal]
    """quantity x unit price, as stored in the source's currency"""

    order: Mapped[Order] = relationship(back_populates="lines")
