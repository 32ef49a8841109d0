"""Campaigns, leads and their life, the pools of leads and customers that nobody works."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, false, or_
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Owned, PartOf, Reach, Scoped
from crm.customers.models import name_key, phone_key
from crm.database import DERIVED, Code, Fact, Name, Record


class Channel(StrEnum):
    EXHIBITION = "exhibition"
    ADVERTISING = "advertising"
    EMAIL = "email"
    SOCIAL = "social"
    TELEPHONE = "telephone"
    WEBSITE = "website"
    EVENT = "event"
    PARTNER = "partner"
    OTHER = "other"


class Campaign(Record, Owned):
    """What brings leads, when, by which channel, and what it costs."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("board_id", "name"),
        {
            "info": {
                "says": {("uq_campaign_board_id_name", ("board_id", "name")): "This board already has a campaign of this name."}
            }
        },
    )

    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    channel: Mapped[str] = mapped_column(Code, default=Channel.OTHER)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    budget: Mapped[Decimal | None]
    cost: Mapped[Decimal | None]
    """What was spent so far."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    """The audience it is written to."""
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """What a unit runs is for everybody in it and below it: whoever sees a lead sees what brought it."""
        condition = super().visible_to(actor)
        if condition is None or not actor.grant("marketing").see:
            return condition
        return or_(condition, cls.__table__.c.team_id.in_(sorted(actor.team_ids | actor.above_ids)))


class LeadState(StrEnum):
    COLLECTED = "collected"
    ASSIGNED = "assigned"
    WORKED = "worked"
    CONVERTED = "converted"
    INVALID = "invalid"


class Lead(Record, Owned):
    """Somebody who may become a customer. Without an owner it lies in the public pool of its unit."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_state_score", "board_id", "state", "score", "id"),
        Index("ix_lead_score", "score", "id"),
        Index("ix_lead_owner_state", "owner_id", "state"),
        Index("ix_lead_created", "created_at", "id"),
    )

    name: Mapped[str] = mapped_column(Name)
    """The firm, or the private person."""
    kind: Mapped[str] = mapped_column(Code, default="corporate")
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    contact: Mapped[str | None] = mapped_column(Name)
    position: Mapped[str | None] = mapped_column(Name)
    phone: Mapped[str | None] = mapped_column(Code)
    email: Mapped[str | None] = mapped_column(Name)
    wechat: Mapped[str | None] = mapped_column(Code)
    region: Mapped[str | None] = mapped_column(Name)
    industry: Mapped[str | None] = mapped_column(Name)
    employees: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(Code)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    need: Mapped[str | None] = mapped_column(Text)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    budget: Mapped[Decimal | None]
    wanted_by: Mapped[dt.date | None]
    state: Mapped[str] = mapped_column(Code, default=LeadState.COLLECTED)
    invalid_reason: Mapped[str | None] = mapped_column(String(300))
    second_follow_up_on: Mapped[dt.date | None]
    """A lead that failed is taken up again on this day."""
    assigned_at: Mapped[dt.datetime | None]
    worked_at: Mapped[dt.datetime | None]
    """First activity after it was assigned."""
    closed_at: Mapped[dt.datetime | None]
    """Converted or invalid."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    """What it became. The opportunity names its lead itself."""
    nurture_plan: Mapped[str | None] = mapped_column(Code)
    """The plan it follows or followed."""
    nurture_started_on: Mapped[dt.date | None]
    nurture_step: Mapped[int] = mapped_column(default=0)
    """Number of the step that is planned, or was last."""
    nurture_activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    """That step among the planned activities; None = the plan has ended or was stopped."""
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"))

    score: Mapped[int] = mapped_column(default=0, info=DERIVED)
    score_reasons: Mapped[str] = mapped_column(String(500), default="", info=DERIVED)
    """Every rule that counted with its points, "code=points code=points": see crm.marketing.scoring."""
    name_key: Mapped[str] = mapped_column(Name, index=True, info=DERIVED)
    phone_key: Mapped[str | None] = mapped_column(String(11), index=True, info=DERIVED)

    campaign: Mapped[Campaign | None] = relationship()

    @property
    def title(self) -> str:
        return self.name

    def set_keys(self) -> None:
        """Refresh what duplicates look at."""
        self.name_key, self.phone_key = name_key(self.name), phone_key(self.phone)


class LeadEvent(Fact, PartOf):
    """A change of state or owner; append-only."""

    __tablename__ = "lead_event"
    PARENT = "lead"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    at: Mapped[dt.datetime]
    from_state: Mapped[str | None] = mapped_column(Code)
    to_state: Mapped[str] = mapped_column(Code)
    from_owner_id: Mapped[int | None]
    to_owner_id: Mapped[int | None]
    by_id: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(300))

    lead: Mapped[Lead] = relationship()


class PoolKind(StrEnum):
    PUBLIC = "public"
    """Nobody works it: whoever may claim, may."""
    INVALID = "invalid"
    """Not to be worked: wrong, closed, never."""


class OfUnit(Scoped):
    """Seen by everybody who works in the unit or below it, and by those above it."""

    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        reach = actor.grant("marketing").see
        if reach is Reach.EVERYTHING:
            return None
        mine = sorted(actor.team_ids | actor.above_ids)
        return inspect(cls).local_table.c.team_id.in_(mine) if reach and mine else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        grant = actor.grant("marketing")
        return grant.change is Reach.EVERYTHING or (bool(grant.change) and self.team_id in actor.team_ids | actor.above_ids)


class PoolReason(StrEnum):
    RELEASED = "released"
    SILENT = "silent"
    CONTRACT_ENDED = "contract_ended"
    NOT_ASSIGNED = "not_assigned"
    INVALID = "invalid"
    RESTORED = "restored"


class PoolEntry(Record, OfUnit):
    """A customer or a lead that lies in a pool, with just what somebody must know to claim it: no phone, no contact."""

    __tablename__ = "pool_entry"
    __table_args__ = (Index("ix_pool_entry_open", "board_id", "pool", "left_at"), Index("ix_pool_entry_customer", "customer_id"))

    pool: Mapped[str] = mapped_column(Code, default=PoolKind.PUBLIC)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    name: Mapped[str] = mapped_column(Name)
    region: Mapped[str | None] = mapped_column(Name)
    industry: Mapped[str | None] = mapped_column(Name)
    level: Mapped[str | None] = mapped_column(Code)
    life_cycle: Mapped[str | None] = mapped_column(Code)
    last_order_on: Mapped[dt.date | None]
    previous_owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    entered_at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(Code)
    remark: Mapped[str | None] = mapped_column(String(300))
    """What the person who put it here wrote."""
    left_at: Mapped[dt.datetime | None]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    @property
    def title(self) -> str:
        return self.name


class PoolMove(StrEnum):
    RELEASED = "released"
    RECYCLED = "recycled"
    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    DISCARDED = "discarded"
    RESTORED = "restored"
    CLOSED = "closed"
    """It had an owner already, or was deleted or merged."""


class PoolEvent(Fact, OfUnit):
    """Every move into and out of a pool, with its explanation; append-only."""

    __tablename__ = "pool_event"

    entry_id: Mapped[int] = mapped_column(ForeignKey("pool_entry.id"), index=True)
    at: Mapped[dt.datetime]
    what: Mapped[str] = mapped_column(Code)
    by_id: Mapped[int]
    explanation: Mapped[str] = mapped_column(String(500))
    """An English template, said with the values in the language of the reader."""
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PoolWarning(Record, Owned):
    """Told to the owner before a customer or a lead goes to the pool; settled once he has worked it, or it has gone."""

    __tablename__ = "pool_warning"
    __table_args__ = (
        Index("ix_pool_warning_owner", "owner_id", "settled_at"),
        Index("ix_pool_warning_open", "board_id", "settled_at"),
    )

    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    name: Mapped[str] = mapped_column(Name)
    reason: Mapped[str] = mapped_column(Code)
    warned_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    """It goes to the pool on this day, unless something happens."""
    settled_at: Mapped[dt.datetime | None]

    @property
    def title(self) -> str:
        return self.name
