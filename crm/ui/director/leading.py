"""Where a share of a target leads: to that target among those of its period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.staff.sign_in import Board
from crm.targets.queries import TargetFilter, targets
from crm.targets.queries.standing import Standing
from crm.targets.queries.subjects import Subject
from crm.ui.desk import load


def attainment_of(told: Standing, board: Board, subject: Subject, period: str, start: dt.date) -> dict[str, Any]:
    """The address of the attainment page. What is made of smaller targets stands in no row of its own: then the others of its
    period are shown."""
    where: dict[str, Any] = {"show": "attainment", "board": board.id, "measure": told.measure}
    asked = TargetFilter(approved=True, board_id=board.id, measure=(told.measure,), period=(period,))
    found = load(targets, where=asked.model_copy(update={"starts_from": start, "starts_to": start}))
    found = found[found["subject_kind"].isin(("person", "team", "board"))]
    if found.empty:
        return where
    where |= {"period": period, "starts": start.isoformat(), "of": "people", "plan": int(found["plan_id"].iloc[-1])}
    mine = found[(found["subject_kind"] == str(subject[0])) & (found["subject_id"] == subject[1])]
    if mine.empty:
        return where
    return where | {"plan": int(mine["plan_id"].iloc[-1]), "pick": int(mine["id"].iloc[-1])}


__all__ = ["attainment_of"]
