"""What can be done with plans, targets, evaluations and incentives."""

from crm.targets.commands.evaluations import (
    Criterion,
    EvaluationInput,
    FormInput,
    ReviewInput,
    add_form,
    close_evaluation,
    edit_form,
    remove_form,
    reopen_evaluation,
    review,
    start_evaluation,
)
from crm.targets.commands.grid import Cell, CellsRefused, Refusal, set_targets
from crm.targets.commands.incentives import (
    IncentiveInput,
    TierInput,
    add_incentive,
    edit_incentive,
    make_statements,
    reckon,
    remove_incentive,
)
from crm.targets.commands.plans import Because, PlanDetails, add_plan, approve_plan, delete_plan, edit_plan
from crm.targets.commands.spreading import Copying, Splitting, copy_targets, split_target, take_sum

__all__ = [
    "Because",
    "Cell",
    "CellsRefused",
    "Copying",
    "Criterion",
    "EvaluationInput",
    "FormInput",
    "IncentiveInput",
    "PlanDetails",
    "Refusal",
    "ReviewInput",
    "Splitting",
    "TierInput",
    "add_form",
    "add_incentive",
    "add_plan",
    "approve_plan",
    "close_evaluation",
    "copy_targets",
    "delete_plan",
    "edit_form",
    "edit_incentive",
    "edit_plan",
    "make_statements",
    "reckon",
    "remove_form",
    "remove_incentive",
    "reopen_evaluation",
    "review",
    "set_targets",
    "split_target",
    "start_evaluation",
    "take_sum",
]
