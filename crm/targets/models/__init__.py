"""Plans with their targets and versions, evaluations, incentives; versions, reviews and statements are append-only."""

from crm.targets.models.discipline import PolicyVersion
from crm.targets.models.judging import (
    Evaluation,
    EvaluationForm,
    EvaluationKind,
    EvaluationState,
    IncentiveRule,
    IncentiveStatement,
    PayKind,
    Review,
)
from crm.targets.models.targets import (
    Measure,
    PeriodKind,
    PlanState,
    PlanVersion,
    SubjectKind,
    Target,
    TargetPlan,
    TargetRevision,
)

__all__ = [
    "Evaluation",
    "EvaluationForm",
    "EvaluationKind",
    "EvaluationState",
    "IncentiveRule",
    "IncentiveStatement",
    "Measure",
    "PayKind",
    "PeriodKind",
    "PlanState",
    "PlanVersion",
    "PolicyVersion",
    "Review",
    "SubjectKind",
    "Target",
    "TargetPlan",
    "TargetRevision",
]
