"""The targets of a plan as a quota table, as `crm.targets.imports` reads it: a line for each subject and measure."""

from __future__ import annotations

import pandas as pd

from crm.session import ScopedSession
from crm.targets.models import PeriodKind
from crm.targets.queries.plans import TargetFilter, plan, targets

ABOUT = ["plan", "name", "subject_kind", "measure"]
COLUMNS = [*ABOUT, *(f"month_{month}" for month in range(1, 13)), *(f"quarter_{place}" for place in range(1, 5)), "whole_year"]


def quota_table(session: ScopedSession, plan_id: int, level: str = "base") -> pd.DataFrame:
    """-> `COLUMNS`: one level of the targets that I see."""
    name = plan(session, plan_id).name
    found = targets(session, TargetFilter(plan_id=plan_id))
    column = [_column(period, day.month) for period, day in zip(found["period"], found["starts_on"], strict=True)]
    lines = found.assign(plan=name, name=found["subject"], column=column)[[*ABOUT, "subject_id", "column", level]]
    wide = lines.pivot(index=[*ABOUT, "subject_id"], columns="column", values=level).reset_index()
    return wide.reindex(columns=COLUMNS)


def _column(period: str, month: int) -> str:
    if period == PeriodKind.YEAR:
        return "whole_year"
    return f"month_{month}" if period == PeriodKind.MONTH else f"quarter_{month // 3 + 1}"


__all__ = ["COLUMNS", "quota_table"]
