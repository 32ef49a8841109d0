"""What every edit does: refuse a save that began from an older version, then set what really changed."""

from __future__ import annotations

from typing import Any

from crm.audit import plain
from crm.database import Base
from crm.errors import Stale
from crm.session import ScopedSession, history_of


def require_version(session: ScopedSession, record: Any, version: int, values: dict[str, Any]) -> None:
    """Raises Stale with both versions of what differs, and who saved first."""
    if record.version == version:
        return
    theirs = {name: plain(getattr(record, name)) for name in values}
    mine = {name: plain(value) for name, value in values.items()}
    differing = [name for name in mine if mine[name] != theirs[name]]
    latest = next(iter(history_of(session, record)), None)
    raise Stale(
        {name: mine[name] for name in differing},
        {name: theirs[name] for name in differing},
        latest.actor_name if latest else None,
    )


def set_values(record: Base, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)
