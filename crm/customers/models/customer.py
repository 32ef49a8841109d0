"""The customer, and the classes a firm sorts customers into."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, Text, UniqueConstraint, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.access import Actor, Configured, Owned
from crm.customers.models.keys import name_key, phone_key
from crm.database import DERIVED, Base, Code, Name, Record


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


_SEEN_BY = ("team_id", "owner_id", "deleted_at")
"""What a scope asks for, so that an index answers alone."""


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
            *("board_id", "team_id", "owner_id", "life_cycle", "order_count", "order_amount", "last_order_on", "deleted_at"),
        ),
        Index("ix_customer_first", "board_id", "first_order_on", *_SEEN_BY),
        Index("ix_customer_scores", "m_score", "life_cycle", "board_id", *_SEEN_BY),
        # Whose an order, a case, a score is, and who may see it, is asked of many thousands by their customer.
        Index("ix_customer_within", "id", "board_id", *_SEEN_BY),
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
        share = Base.metadata.tables["customer_share"].c
        receivers = [share.user_id == actor.user_id]
        if actor.team_ids:
            # A share with a unit is for everybody in it and below it.
            receivers.append(share.unit_id.in_(sorted(actor.team_ids | actor.above_ids)))
        found = select(share.customer_id).where(or_(*receivers) if actor.user_id else false(), share.deleted_at.is_(None))
        return found.where(share.may_change.is_(True)) if to_change else found
