"""Pipelines and stages, as each line of business sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import select

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.pipeline.models import Pipeline, Stage, StageCode
from crm.pipeline.queries.stages import deals_in, stages_of
from crm.session import WITH_DELETED, ScopedSession, get
from crm.staff.models import OrgUnit

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]

STANDARD: list[dict[str, Any]] = [
    {"code": StageCode.LEAD, "probability": 0.05, "rotting_days": 30},
    {"code": StageCode.FOLLOW_UP, "probability": 0.15, "rotting_days": 21},
    {"code": StageCode.NEED_CONFIRMED, "probability": 0.3, "rotting_days": 14, "required_fields": ["need"]},
    {"code": StageCode.SOLUTION, "probability": 0.45, "rotting_days": 14, "required_fields": ["amount", "expected_close_on"]},
    {"code": StageCode.TENDER_PUBLISHED, "probability": 0.55, "rotting_days": 21},
    {"code": StageCode.BID, "probability": 0.7, "rotting_days": 14},
    {"code": StageCode.SIGNED, "probability": 0.95, "rotting_days": 30},
]
"""The stages that a new pipeline starts with."""

REQUIRABLE = ("need", "amount", "expected_close_on", "product_id", "source", "customer_id", "strengths", "weaknesses")
"""Columns of an opportunity that a stage may ask for."""


class PipelineDetails(Input):
    name: Name
    name_zh: Name | None = None
    board_id: int | None = Field(None, description="Empty = of all boards.")
    is_default: bool = Field(False, description="New opportunities enter here.")
    register_from: Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 12)] | None = Field(
        None, description="From this amount on a new opportunity waits for a lead's confirmation; empty = never."
    )


class StageDetails(Input):
    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = Field(
        None, description="Left empty: the next free number."
    )
    name: Name | None = None
    name_zh: Name | None = None
    probability: float = Field(ge=0, le=1)
    rotting_days: int | None = Field(None, ge=1, description="Days without an activity; empty = never.")
    exit_criteria: list[Sentence] = Field(default_factory=list)
    required_fields: list[str] = Field(default_factory=list)
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None

    @field_validator("required_fields")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        if not set(names) <= set(REQUIRABLE):
            raise ValueError("no field of an opportunity")
        return names


def seed_pipelines(session: ScopedSession) -> Pipeline:
    """The default pipeline with its stages, where there is none yet."""
    found = session.scalars(select(Pipeline).order_by(Pipeline.is_default.desc(), Pipeline.position, Pipeline.id)).first()
    return found or add_pipeline(session, PipelineDetails(name="Standard", name_zh="标准流程", is_default=True))


def add_pipeline(session: ScopedSession, details: PipelineDetails) -> Pipeline:
    """It starts with the standard stages."""
    session.actor.must("settings", "office")
    _check_board(session, details.board_id)
    others = session.scalars(select(Pipeline)).all()
    added = Pipeline(**details.model_dump(), position=1 + max((one.position for one in others), default=-1))
    session.add(added)
    session.flush()
    for position, values in enumerate(STANDARD):
        session.add(Stage(pipeline_id=added.id, position=position, **values))
    _only_default(session, added)
    session.flush()
    return added


def edit_pipeline(session: ScopedSession, pipeline_id: int, details: PipelineDetails, version: int) -> Pipeline:
    session.actor.must("settings", "office")
    _check_board(session, details.board_id)
    found = get(session, Pipeline, pipeline_id)
    change(session, found, details.model_dump(), version)
    _only_default(session, found)
    session.flush()
    return found


def remove_pipeline(session: ScopedSession, pipeline_id: int) -> None:
    """Refused while opportunities stand in it, and for the last one."""
    session.actor.must("settings", "office")
    found = get(session, Pipeline, pipeline_id)
    _refuse_inhabited(session, [stage.id for stage in stages_of(session, pipeline_id)])
    if session.scalars(select(Pipeline.id).where(Pipeline.id != pipeline_id)).first() is None:
        raise Invalid("This is the last pipeline: opportunities need one.")
    found.deleted_at = now()
    session.flush()


def add_stage(session: ScopedSession, pipeline_id: int, details: StageDetails) -> Stage:
    """The new one comes last; `reorder_stages` puts it in its place."""
    session.actor.must("settings", "office")
    here = stages_of(session, get(session, Pipeline, pipeline_id).id)
    values = details.model_dump() | {"code": details.code or _free_code(session, pipeline_id)}
    added = Stage(pipeline_id=pipeline_id, position=len(here), **values)
    session.add(added)
    session.flush()
    return added


def edit_stage(session: ScopedSession, stage_id: int, details: StageDetails, version: int) -> Stage:
    session.actor.must("settings", "office")
    found = get(session, Stage, stage_id)
    change(session, found, details.model_dump() | {"code": details.code or found.code}, version)
    session.flush()
    return found


def reorder_stages(session: ScopedSession, pipeline_id: int, stage_ids: list[int]) -> None:
    """All stages of the pipeline, in their new order."""
    session.actor.must("settings", "office")
    here = {stage.id: stage for stage in stages_of(session, pipeline_id)}
    if sorted(here) != sorted(stage_ids):
        raise Invalid("Name every stage of the pipeline once.")
    for position, stage_id in enumerate(stage_ids):
        here[stage_id].position = position
    session.flush()


def remove_stage(session: ScopedSession, stage_id: int) -> None:
    """Refused while opportunities stand in it, open or closed, and for the last one."""
    session.actor.must("settings", "office")
    found = get(session, Stage, stage_id)
    _refuse_inhabited(session, [stage_id])
    others = [stage for stage in stages_of(session, found.pipeline_id) if stage.id != stage_id]
    if not others:
        raise Invalid("A pipeline needs at least one stage.")
    found.deleted_at = now()
    for position, stage in enumerate(others):
        stage.position = position
    session.flush()


def _refuse_inhabited(session: ScopedSession, stage_ids: list[int]) -> None:
    still_open, closed = deals_in(stage_ids)
    if still_open or closed:
        raise Invalid("{count} open and {closed} closed opportunities stand here.", count=still_open, closed=closed)


def _check_board(session: ScopedSession, board_id: int | None) -> None:
    if board_id is not None and get(session, OrgUnit, board_id).kind != "board":
        raise Invalid("A pipeline belongs to a board, or to all.", field="board_id")


def _only_default(session: ScopedSession, chosen: Pipeline) -> None:
    """One default for each board, and one for all."""
    if not chosen.is_default:
        return
    of_board = Pipeline.board_id.is_(None) if chosen.board_id is None else Pipeline.board_id == chosen.board_id
    for other in session.scalars(select(Pipeline).where(of_board, Pipeline.id != chosen.id, Pipeline.is_default)):
        other.is_default = False


def _free_code(session: ScopedSession, pipeline_id: int) -> str:
    """Codes of removed stages stay taken: events still name them."""
    query = select(Stage.code).where(Stage.pipeline_id == pipeline_id)
    taken = set(session.scalars(query, execution_options={WITH_DELETED: True}))
    return next(code for number in range(1, len(taken) + 2) if (code := f"stage_{number}") not in taken)
