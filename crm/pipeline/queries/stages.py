"""Pipelines and their stages; what stands in them, whoever asks."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.database import frame
from crm.errors import Invalid
from crm.pipeline.models import Opportunity, OpportunityState, Pipeline, Stage
from crm.session import ScopedSession, get, open_as
from crm.staff.models import OrgUnit


def pipelines(session: ScopedSession, board_id: int | None = None) -> pd.DataFrame:
    """All, or those that a board may use -> id, name, name_zh, board_id, board, is_default, position, stages, version."""
    stages = select(func.count(Stage.id)).where(Stage.pipeline_id == Pipeline.id).scalar_subquery().label("stages")
    query = select(
        Pipeline.id,
        Pipeline.name,
        Pipeline.name_zh,
        Pipeline.board_id,
        OrgUnit.name.label("board"),
        Pipeline.is_default,
        Pipeline.position,
        stages,
        Pipeline.version,
    ).outerjoin(OrgUnit, OrgUnit.id == Pipeline.board_id)
    if board_id is not None:
        query = query.where((Pipeline.board_id == board_id) | Pipeline.board_id.is_(None))
    return frame(session, query.order_by(Pipeline.position, Pipeline.id))


def pipeline(session: ScopedSession, pipeline_id: int) -> Pipeline:
    return get(session, Pipeline, pipeline_id)


def pipeline_of_board(session: ScopedSession, board_id: int) -> Pipeline:
    """The one a new opportunity of the board enters: its own before that of all, the default before others."""
    usable = select(Pipeline).where((Pipeline.board_id == board_id) | Pipeline.board_id.is_(None))
    order = (Pipeline.board_id.is_(None), Pipeline.is_default.desc(), Pipeline.position, Pipeline.id)
    found = session.scalars(usable.order_by(*order)).first()
    if found is None:
        raise Invalid("There is no pipeline yet: an administrator adds one under settings.", field="pipeline_id")
    return found


def stages(session: ScopedSession, pipeline_id: int) -> pd.DataFrame:
    """In order -> id, code, name, name_zh, position, probability, rotting_days, exit_criteria, required_fields, description,
    version."""
    query = select(
        Stage.id,
        Stage.code,
        Stage.name,
        Stage.name_zh,
        Stage.position,
        Stage.probability,
        Stage.rotting_days,
        Stage.exit_criteria,
        Stage.required_fields,
        Stage.description,
        Stage.version,
    )
    return frame(session, query.where(Stage.pipeline_id == pipeline_id).order_by(Stage.position, Stage.id))


def stages_of(session: ScopedSession, pipeline_id: int) -> list[Stage]:
    return list(session.scalars(select(Stage).where(Stage.pipeline_id == pipeline_id).order_by(Stage.position, Stage.id)))


def stage(session: ScopedSession, stage_id: int) -> Stage:
    return get(session, Stage, stage_id)


def deals_in(stage_ids: list[int]) -> tuple[int, int]:
    """-> how many opportunities stand in these stages, open and closed, whoever may see them: counts only."""
    with open_as(SYSTEM) as everything:
        query = select(Opportunity.state == OpportunityState.OPEN, func.count(Opportunity.id))
        rows = everything.execute(query.where(Opportunity.stage_id.in_(stage_ids)).group_by(Opportunity.state)).all()
    return sum(count for is_open, count in rows if is_open), sum(count for is_open, count in rows if not is_open)
