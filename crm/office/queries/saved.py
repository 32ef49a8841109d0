"""Saved views of lists, and saved mappings of files."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.database import frame
from crm.office.models import SavedMapping, SavedView
from crm.session import ScopedSession


def views(session: ScopedSession, page: str) -> pd.DataFrame:
    """My saved views of a page -> id, name, state."""
    mine = select(SavedView.id, SavedView.name, SavedView.state).where(SavedView.user_id == session.actor.user_id)
    return frame(session, mine.where(SavedView.page == page).order_by(SavedView.name))


def mappings(session: ScopedSession, target: str) -> dict[str, dict[str, Any]]:
    """Name -> mapping, for one import target."""
    known = select(SavedMapping.name, SavedMapping.mapping).where(SavedMapping.target == target).order_by(SavedMapping.name)
    return {row.name: row.mapping for row in session.execute(known)}
