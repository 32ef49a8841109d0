"""One figure: what a subject reached of a measure from day to day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func

from crm.session import ScopedSession
from crm.targets.models import Measure
from crm.targets.queries.actuals import GOODS, of_subject
from crm.targets.queries.counting import count_of
from crm.targets.queries.subjects import Subjects
from crm.targets.queries.value import value_change_of


def reached(
    session: ScopedSession, measure: str, kind: str, subject_id: int, board_id: int, since: dt.date, until: dt.date
) -> float | None:
    """In the business of a board, as far as the session sees; None where a mean or a change of value is not known."""
    if measure == Measure.VALUE_CHANGE:
        return value_change_of(session, kind, subject_id, since, until)
    told = count_of(measure, kind in GOODS)
    rows = of_subject(Subjects.of(session), told, kind, subject_id, board_id)
    total: Any = func.avg(told.value) if measure == Measure.SATISFACTION else func.sum(told.value)
    found = session.scalar(told.select(total).where(*told.span(since, until), *rows))
    if found is None:
        return None if measure == Measure.SATISFACTION else 0.0
    return float(found)
