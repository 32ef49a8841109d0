"""What can be done with plans and targets."""

from crm.targets.commands.grid import Cell, CellsRefused, Refusal, set_targets
from crm.targets.commands.plans import Because, PlanDetails, add_plan, approve_plan, delete_plan, edit_plan
from crm.targets.commands.spreading import Copying, Splitting, copy_targets, split_target, take_sum

__all__ = [
    "Because",
    "Cell",
    "CellsRefused",
    "Copying",
    "PlanDetails",
    "Refusal",
    "Splitting",
    "add_plan",
    "approve_plan",
    "copy_targets",
    "delete_plan",
    "edit_plan",
    "set_targets",
    "split_target",
    "take_sum",
]
