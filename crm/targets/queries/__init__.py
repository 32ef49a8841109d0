"""What can be asked about plans and targets."""

from crm.targets.queries.actuals import Whose, actuals, daily, rows_of
from crm.targets.queries.appraisal import (
    RATINGS,
    appraised,
    changes_of_people,
    kept_days,
    seen_customers,
    volume_of_people,
    worth_by_rating,
)
from crm.targets.queries.attained import Attained, attained, own_of
from crm.targets.queries.attainment import attainment
from crm.targets.queries.calendar import count_days, firm_day, firm_zone, working_days
from crm.targets.queries.closing import what_must_close
from crm.targets.queries.course import course
from crm.targets.queries.covered import covered
from crm.targets.queries.discipline import (
    discipline,
    discipline_counts,
    missing_days,
    presence,
    without_action,
)
from crm.targets.queries.figures import reached
from crm.targets.queries.forecasting import expected, forecasts
from crm.targets.queries.judging import (
    criteria_of,
    evaluation,
    evaluations,
    forms,
    incentives,
    may_judge,
    possible_reviewers,
    projects,
    reviews_of,
    statements,
)
from crm.targets.queries.leading import leads_to
from crm.targets.queries.ledger import DEFINITIONS, Definition, Figure, before_and_after, ledger, ledgers
from crm.targets.queries.ledger_rows import Metric, ledger_rows
from crm.targets.queries.planning import (
    Candidate,
    PlanFacts,
    candidates,
    changed_targets,
    editable_plans,
    plan_facts,
    plan_sums,
    units_to_plan,
)
from crm.targets.queries.plans import TargetFilter, changes_of, part_targets, parts_of, plan, plans, targets, targets_at, versions
from crm.targets.queries.policy import policy_on, policy_version, policy_versions, rules_on
from crm.targets.queries.quota import quota_table
from crm.targets.queries.ranking import Leaderboard, leaderboard
from crm.targets.queries.rows import named_rows, row_totals
from crm.targets.queries.standing import Standing, standing
from crm.targets.queries.value import changes_of_subject, value_change_of, value_changes
from crm.targets.queries.watch import Watch, watch

__all__ = [
    "DEFINITIONS",
    "RATINGS",
    "Attained",
    "Candidate",
    "Definition",
    "Figure",
    "Leaderboard",
    "Metric",
    "PlanFacts",
    "Standing",
    "TargetFilter",
    "Watch",
    "Whose",
    "actuals",
    "appraised",
    "attained",
    "attainment",
    "before_and_after",
    "candidates",
    "changed_targets",
    "changes_of",
    "changes_of_people",
    "changes_of_subject",
    "count_days",
    "course",
    "covered",
    "criteria_of",
    "daily",
    "discipline",
    "discipline_counts",
    "editable_plans",
    "evaluation",
    "evaluations",
    "expected",
    "firm_day",
    "firm_zone",
    "forecasts",
    "forms",
    "incentives",
    "kept_days",
    "leaderboard",
    "leads_to",
    "ledger",
    "ledger_rows",
    "ledgers",
    "may_judge",
    "missing_days",
    "named_rows",
    "own_of",
    "part_targets",
    "parts_of",
    "plan",
    "plan_facts",
    "plan_sums",
    "plans",
    "policy_on",
    "policy_version",
    "policy_versions",
    "possible_reviewers",
    "presence",
    "projects",
    "quota_table",
    "reached",
    "reviews_of",
    "row_totals",
    "rows_of",
    "rules_on",
    "seen_customers",
    "standing",
    "statements",
    "targets",
    "targets_at",
    "units_to_plan",
    "value_change_of",
    "value_changes",
    "versions",
    "volume_of_people",
    "watch",
    "what_must_close",
    "without_action",
    "working_days",
    "worth_by_rating",
]
