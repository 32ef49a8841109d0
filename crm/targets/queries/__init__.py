"""What can be asked about plans and targets."""

from crm.targets.queries.actuals import Whose, actuals, daily, rows_of
from crm.targets.queries.attainment import attainment
from crm.targets.queries.calendar import count_days, working_days
from crm.targets.queries.closing import what_must_close
from crm.targets.queries.figures import reached
from crm.targets.queries.forecasting import forecasts
from crm.targets.queries.judging import (
    criteria_of,
    evaluation,
    evaluations,
    forms,
    incentives,
    reviews_of,
    statements,
)
from crm.targets.queries.leading import leads_to
from crm.targets.queries.ledger import DEFINITIONS, Definition, Figure, before_and_after, figure, ledger
from crm.targets.queries.ledger_rows import Metric, ledger_rows
from crm.targets.queries.plans import TargetFilter, changes_of, part_targets, parts_of, plan, plans, targets, targets_at, versions
from crm.targets.queries.ranking import Leaderboard, leaderboard
from crm.targets.queries.value import changes_of_subject, value_change_of, value_changes

__all__ = [
    "DEFINITIONS",
    "Definition",
    "Figure",
    "Leaderboard",
    "Metric",
    "TargetFilter",
    "Whose",
    "actuals",
    "attainment",
    "before_and_after",
    "changes_of",
    "changes_of_subject",
    "count_days",
    "criteria_of",
    "daily",
    "evaluation",
    "evaluations",
    "figure",
    "forecasts",
    "forms",
    "incentives",
    "leaderboard",
    "leads_to",
    "ledger",
    "ledger_rows",
    "part_targets",
    "parts_of",
    "plan",
    "plans",
    "reached",
    "reviews_of",
    "rows_of",
    "statements",
    "targets",
    "targets_at",
    "value_change_of",
    "value_changes",
    "versions",
    "what_must_close",
    "working_days",
]
