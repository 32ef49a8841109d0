"""Customers, contacts, orders and products from files."""

from crm.customers.imports.command import Outcome, refresh_scores, run_file
from crm.customers.imports.mappings import find_mapping, known_mappings, save_mapping
from crm.customers.imports.rows import Cancelled, Preview, Progress, reasons
from crm.customers.imports.run import TARGETS, Imported, dry_run, run, suggested

__all__ = [
    "TARGETS",
    "Cancelled",
    "Imported",
    "Outcome",
    "Preview",
    "Progress",
    "dry_run",
    "find_mapping",
    "known_mappings",
    "reasons",
    "refresh_scores",
    "run",
    "run_file",
    "save_mapping",
    "suggested",
]
