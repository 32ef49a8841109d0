"""Where the figure of a target leads: the list that shows just its rows, else a table of them on this page."""

from __future__ import annotations

from typing import Any

from crm.targets import queries
from crm.targets.measures import rule_of
from crm.targets.models import Measure
from crm.ui.address import parameters
from crm.ui.desk import figures
from crm.ui.menu import BY_PATH, allowed
from crm.ui.targets.controls import Asked

LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "OrderFilter": ("orders", {}),
    "OpportunityFilter": ("pipeline", {"show": "list"}),
    "ContractFilter": ("contracts", {}),
    "CustomerFilter": ("customers", {}),
    "CaseFilter": ("cases", {"show": "list"}),
}
"""Receipts have no list of their own with these filters: their rows stand on this page."""
Led = tuple[str | None, dict[str, Any], str | None]


def leads(of: Asked, row: Any) -> Led:
    """-> page, address, and which total of it equals the figure; no page where only the total may be seen."""
    if not row.whole or row.state == "future" or row.measure == Measure.VALUE_CHANGE:
        return None, {}, None
    until = min(row.ends_on, of.day)
    named = {"measure": row.measure, "kind": row.subject_kind, "subject_id": int(row.subject_id), "board_id": of.board.id}
    filter_ = figures(queries.leads_to, **named, since=row.starts_on, until=until)
    total = None if row.measure == Measure.SATISFACTION else "amount" if rule_of(row.measure).money else "count"
    page, more = LISTS.get(type(filter_).__name__, ("", {}))
    if filter_ is not None and page and allowed(of.person.actor, BY_PATH[page].needs):
        return page, more | parameters(filter_), total
    return "targets", of.address(show="attainment", measure=row.measure, pick=int(row.id), rows=1), total


__all__ = ["leads"]
