"""The moves of a customer or a lead into and out of the pools, in sentences."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.marketing import queries
from crm.ui.desk import load
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say


def moves(*, customer_id: int | None = None, lead_id: int | None = None) -> list[tuple[dt.datetime, str]]:
    """Newest first: when, and what happened with its explanation."""
    found = load(queries.pool_history, customer_id=customer_id, lead_id=lead_id)
    return [(row.at, told(row)) for row in records(found.rename(columns={"values": "told"}))]


def told(row: Any) -> str:
    """The explanation of a move (`explanation`, and its values as `told`); days were kept as text."""
    template = row.explanation
    return say(template, **{name: _value(value) for name, value in row.told.items()})


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return literal(value)
