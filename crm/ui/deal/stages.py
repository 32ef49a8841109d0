"""The stages of a pipeline in the reader's words."""

from __future__ import annotations

from typing import Any

from crm.pipeline.queries import stages
from crm.ui.desk import load
from crm.ui.table import records
from crm.words import label, language


def stage_title(stage: Any) -> str:
    """`stage` has code, name, name_zh."""
    return own_or_code(stage.code, stage.name, stage.name_zh)


def own_or_code(code: Any, name: Any, name_zh: Any) -> str:
    """The firm's own word for the stage, else that of the code."""
    words = [name_zh, name] if language() == "zh" else [name]
    return next((word for word in words if isinstance(word, str) and word), label(str(code), of="stage"))


def pipeline_title(pipeline: Any) -> str:
    """`pipeline` has name, name_zh."""
    return str((pipeline.name_zh if language() == "zh" else None) or pipeline.name)


def stage_titles(pipeline_id: int) -> dict[int, str]:
    """The stages in order: id -> title."""
    return {int(stage.id): stage_title(stage) for stage in records(load(stages, pipeline_id=pipeline_id))}
