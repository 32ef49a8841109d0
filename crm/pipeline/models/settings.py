"""Pipelines and their stages, as each line of business sells."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Configured, Reach, was
from crm.database import Code, Name, Record


def sets_up(actor: Actor, board_id: int | None) -> bool:
    """Does he see the people of the board?"""
    return actor.grant("staff").see is Reach.EVERYTHING or board_id in actor.team_ids


class Pipeline(Record, Configured):
    __tablename__ = "pipeline"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_pipeline_name", ("name",)): "There is already a pipeline of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    name_zh: Mapped[str | None] = mapped_column(Name)
    board_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), active_history=True)
    """Of one board; None = of all."""
    position: Mapped[int] = mapped_column(default=0)
    is_default: Mapped[bool] = mapped_column(default=False)
    register_from: Mapped[Decimal | None]
    """An opportunity of this amount or more waits for a lead's confirmation; None = never."""

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """What is of one board by those who see its people; what is of all by whoever sets up, but it stays of all."""
        boards = {was(self, "board_id"), self.board_id}
        return (boards == {None} or all(sets_up(actor, board_id) for board_id in boards)) and super().changeable_by(
            actor, session
        )


class StageCode(StrEnum):
    """The steps that come with the product; a firm may add its own."""

    LEAD = "lead"
    FOLLOW_UP = "follow_up"
    NEED_CONFIRMED = "need_confirmed"
    SOLUTION = "solution"
    TENDER_PUBLISHED = "tender_published"
    BID = "bid"
    SIGNED = "signed"


class Stage(Record, Configured):
    """A step of a pipeline. Won and lost are states of the opportunity, not stages."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("pipeline_id", "code"),
        {"info": {"says": {("uq_stage_pipeline_id_code", ("pipeline_id", "code")): "This pipeline has a stage of this code."}}},
    )

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"), index=True)
    code: Mapped[str] = mapped_column(Code)
    """A StageCode, or one of the firm's own."""
    name: Mapped[str | None] = mapped_column(Name)
    name_zh: Mapped[str | None] = mapped_column(Name)
    """Where the firm has a word of its own; else the word of the code."""
    position: Mapped[int]
    probability: Mapped[float] = mapped_column(Float)
    """Chance to win of a deal in this stage, 0 to 1, as the firm set it."""
    rotting_days: Mapped[int | None]
    """Days without an activity until a deal in this stage is marked; None = never."""
    exit_criteria: Mapped[list[Any]] = mapped_column(default=list)
    """Sentences that a person ticks before the deal goes on."""
    required_fields: Mapped[list[Any]] = mapped_column(default=list)
    """Columns of the opportunity that must be filled to leave the stage forwards."""
    description: Mapped[str | None] = mapped_column(String(300))

    pipeline: Mapped[Pipeline] = relationship()

    @property
    def title(self) -> str:
        return self.name or self.code

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        with session.no_autoflush:
            pipeline = session.get(Pipeline, self.pipeline_id)
        return pipeline is not None and pipeline.changeable_by(actor, session)


class ForecastCategory(StrEnum):
    COMMIT = "commit"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"
    OMITTED = "omitted"
