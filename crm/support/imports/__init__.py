"""Cases from a log of another service desk, with their history."""

from crm.support.imports.command import Outcome, run_log
from crm.support.imports.reading import Log, Plan, read_log, read_plan

__all__ = ["Log", "Outcome", "Plan", "read_log", "read_plan", "run_log"]
