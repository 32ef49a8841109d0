"""The log of files that go out."""

from __future__ import annotations

from typing import Any

from crm.office.models import ExportEvent
from crm.session import ScopedSession


def log_export(
    session: ScopedSession, what: str, format: str, rows: int, filters: dict[str, Any], area: str = "customers"
) -> None:
    """Before a file goes out: may the actor export from the area? Then who, what, how many rows, under which filters."""
    session.actor.must("export", area)
    session.add(ExportEvent(user_id=session.actor.user_id, what=what, format=format, rows=rows, filters=filters))
    session.flush()
