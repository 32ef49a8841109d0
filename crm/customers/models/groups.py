"""Customers that somebody put together: a segment by rule, a call list, an audience."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, column, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Owned, PartOf, Reach, was
from crm.customers.models.customer import Customer
from crm.database import Code, Fact, Name, Record


class Purpose(StrEnum):
    SEGMENT = "segment"
    """Customers that are alike, to look at them again."""
    CALL_LIST = "call_list"
    """To be called by their owners until a day."""
    AUDIENCE = "audience"
    """To be written to in a campaign."""


NAMED = ("board_id", "team_id", "name")
_LIVING: ColumnElement[bool] = column("deleted_at").is_(None)


class CustomerGroup(Record, Owned):
    """A name for some customers: either a rule (who fits it today) or the fixed list of those it was made of."""

    __tablename__ = "customer_group"
    __table_args__ = (
        # Who shares a unit sees its lists; others may use the same name. A deleted one gives its name free.
        Index("uq_customer_group_name", *NAMED, unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
        {"info": {"says": {("uq_customer_group_name", NAMED): "Your unit already has a list of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    purpose: Mapped[str] = mapped_column(Code, default=Purpose.SEGMENT)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    rule: Mapped[dict[str, Any] | None]
    """A CustomerFilter; None = the members are fixed."""
    made_from: Mapped[str | None] = mapped_column(String(300))
    """Where the customers were picked, in words."""
    until: Mapped[dt.date | None]
    """A call list is worked until this day."""

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """What a unit made is for everybody in it and below it; its members are seen as far as the customers are."""
        condition = super().visible_to(actor)
        if condition is None or not actor.grant("customers").see:
            return condition
        return or_(condition, cls.__table__.c.team_id.in_(sorted(actor.team_ids | actor.above_ids)))

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """By who made it; others' by those who may change the customers of the unit."""
        if not actor.may("group", "insight"):
            return False
        if was(self, "owner_id") == actor.user_id:
            return actor.grant("customers").see is Reach.EVERYTHING or self.board_id in actor.team_ids | actor.above_ids
        return super().changeable_by(actor, session)


class GroupMember(Fact, PartOf):
    """One customer of a fixed list. Whoever does not see the customer does not see him here."""

    __tablename__ = "group_member"
    __table_args__ = (UniqueConstraint("group_id", "customer_id"), Index("ix_group_member_customer", "customer_id"))
    PARENT = "group"

    group_id: Mapped[int] = mapped_column(ForeignKey("customer_group.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

    group: Mapped[CustomerGroup] = relationship()
    customer: Mapped[Customer] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        group, customer = super().visible_to(actor), Customer.visible_to(actor)
        table = cls.__table__.c
        if customer is None:
            return group
        mine = table.customer_id.in_(select(Customer.__table__.c.id).where(customer))
        return mine if group is None else and_(group, mine)
