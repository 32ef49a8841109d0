"""What can be asked about plans and targets."""

from crm.targets.queries.actuals import actuals, daily, rows_of
from crm.targets.queries.attainment import attainment
from crm.targets.queries.calendar import count_days, working_days
from crm.targets.queries.closing import what_must_close
from crm.targets.queries.figures import reached
from crm.targets.queries.forecasting import forecasts
from crm.targets.queries.plans import TargetFilter, changes_of, part_targets, parts_of, plan, plans, targets, targets_at, versions
from crm.targets.queries.ranking import Leaderboard, leaderboard
from crm.targets.queries.value import changes_of_subject, value_change_of, value_changes

__all__ = [
    "Leaderboard",
    "TargetFilter",
    "actuals",
    "attainment",
    "changes_of",
    "changes_of_subject",
    "count_days",
    "daily",
    "forecasts",
    "leaderboard",
    "part_targets",
    "parts_of",
    "plan",
    "plans",
    "reached",
    "rows_of",
    "targets",
    "targets_at",
    "value_change_of",
    "value_changes",
    "versions",
    "what_must_close",
    "working_days",
]
