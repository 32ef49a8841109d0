"""For what a plan sets targets: measures, periods, and kinds of subjects."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import func, select

from crm.database import frame
from crm.session import ScopedSession
from crm.targets.models import Target


def covered(session: ScopedSession, plan_id: int) -> pd.DataFrame:
    """As far as I see -> measure, period, starts_on, subject_kind, targets (how many)."""
    cell = (Target.measure, Target.period, Target.starts_on, Target.subject_kind)
    query = select(*cell, func.count(Target.id).label("targets")).where(Target.plan_id == plan_id)
    return frame(session, query.group_by(*cell).order_by(Target.starts_on))


__all__ = ["covered"]
