"""Opportunities from files of another CRM, with their accounts, products and people."""

from crm.pipeline.imports.command import Outcome, run_folder
from crm.pipeline.imports.reading import Plan, Source, read_folder, read_plan

__all__ = ["Outcome", "Plan", "Source", "read_folder", "read_plan", "run_folder"]
