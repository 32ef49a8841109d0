"""How work and projects are judged, and what an attainment earns: forms, evaluations with their reviews, rules, statements."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Owned, PartOf, Reach, Shared
from crm.contracts.models import Contract
from crm.database import Code, Fact, Name, Record
from crm.marketing.models import Campaign
from crm.pipeline.models import Opportunity


class EvaluationKind(StrEnum):
    WORK = "work"
    """Of a person."""
    PROJECT = "project"
    """Of an opportunity, a contract or a campaign, as the firm runs it."""


class EvaluationState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class PayKind(StrEnum):
    COMMISSION = "commission"
    """A share of what was reached, in money."""
    BONUS = "bonus"
    """A part of an amount that is paid when the target is met."""


class Decided(Shared):
    """Seen by everybody: people know by what they are judged. Made by those who approve targets."""

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.may("approve", "targets")


class Confidential(Owned):
    """About one person: seen by him and by those above him who write it, whom it is not about."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        grant = actor.grant("targets")
        if grant.change is Reach.NOTHING and grant.see is not Reach.NOTHING:
            mine: ColumnElement[bool] = cls.__table__.c.owner_id == actor.user_id  # type: ignore[attr-defined]
            return mine
        return super().visible_to(actor) if grant.see else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        mine = self.owner_id is not None and self.owner_id == actor.user_id
        return super().changeable_by(actor, session) and (not mine or actor.grant("targets").change is Reach.EVERYTHING)


class EvaluationForm(Record, Decided):
    """What is judged, and how much each of it weighs."""

    __tablename__ = "evaluation_form"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_evaluation_form_name", ("name",)): "There is already a form of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(Code)
    highest: Mapped[int] = mapped_column(default=5)
    """Marks go from 1 to this."""
    criteria: Mapped[list[Any]]
    """{key, name, weight} in order; the weights are percent and add up to 100."""
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name


class Evaluation(Record, Confidential):
    """One judgement by several people: of the owner's work in a time, or of a project that he led."""

    __tablename__ = "evaluation"
    __table_args__ = (
        Index("ix_evaluation_owner", "owner_id", "starts_on"),
        Index("ix_evaluation_opportunity", "opportunity_id"),
        Index("ix_evaluation_contract", "contract_id"),
        Index("ix_evaluation_campaign", "campaign_id"),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("evaluation_form.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    highest: Mapped[int] = mapped_column(default=5)
    criteria: Mapped[list[Any]]
    """Of the form, as they were when it began."""
    reviewer_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Who is asked for marks; others who may give them too."""
    state: Mapped[str] = mapped_column(Code, default=EvaluationState.OPEN)
    conclusion: Mapped[str | None] = mapped_column(Text)

    form: Mapped[EvaluationForm] = relationship()
    opportunity: Mapped[Opportunity | None] = relationship()
    contract: Mapped[Contract | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.kind} {self.starts_on}"


class Review(Fact, PartOf):
    """The marks that somebody gave; a later review of the same person takes its place, and both stay."""

    __tablename__ = "evaluation_review"
    __table_args__ = (Index("ix_evaluation_review", "evaluation_id", "by_id"),)
    PARENT = "evaluation"

    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"))
    by_id: Mapped[int]
    at: Mapped[dt.datetime]
    marks: Mapped[dict[str, Any]]
    """Key of a criterion -> mark."""
    score: Mapped[float] = mapped_column(Float)
    """0 to 100: the weighted mean."""
    remark: Mapped[str | None] = mapped_column(Text)

    evaluation: Mapped[Evaluation] = relationship()


class IncentiveRule(Record, Decided):
    """What attaining a target earns: rates by tiers of attainment, a cap."""

    __tablename__ = "incentive_rule"
    __table_args__ = (
        UniqueConstraint("board_id", "name"),
        {
            "info": {
                "says": {("uq_incentive_rule_board_id_name", ("board_id", "name")): "This board already has a rule of this name."}
            }
        },
    )

    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    measure: Mapped[str] = mapped_column(Code)
    period: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    bonus: Mapped[Decimal | None]
    """What meeting the target exactly at a rate of 1 earns; only of a bonus."""
    tiers: Mapped[list[Any]]
    """{from_share, rate} upwards: what lies above a share of the target (1 = met) earns at this rate."""
    threshold: Mapped[float] = mapped_column(Float, default=0.0)
    """Below this share of the target nothing is paid."""
    cap: Mapped[Decimal | None]
    """At most so much for a period."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        reach = actor.grant("targets").change
        near = reach is Reach.EVERYTHING or self.board_id in actor.team_ids
        return near and super().changeable_by(actor, session)


class IncentiveStatement(Fact, Confidential):
    """What a person earned in a period by a rule, with the reckoning; the newest one holds."""

    __tablename__ = "incentive_statement"
    __table_args__ = (Index("ix_incentive_statement_owner", "owner_id", "starts_on"),)

    rule_id: Mapped[int] = mapped_column(ForeignKey("incentive_rule.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    base: Mapped[Decimal]
    actual: Mapped[Decimal]
    amount: Mapped[Decimal]
    lines: Mapped[list[Any]]
    """The reckoning: columns of crm.analytics.incentive.Line."""
    remark: Mapped[str | None] = mapped_column(String(300))
    by_id: Mapped[int]

    rule: Mapped[IncentiveRule] = relationship()
