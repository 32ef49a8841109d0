"""Totals over all records, whoever asks: an administrator learns what hangs on a tag or a field without seeing customers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from crm.access import SYSTEM, subjects
from crm.office.models import CustomField, Tagging
from crm.session import ScopedSession, get, open_as


def tag_uses(session: ScopedSession) -> dict[int, int]:
    """Tag id -> how many records carry it; a tag that none carries is not there."""
    with open_as(SYSTEM) as everything:
        counts = select(Tagging.tag_id, func.count(Tagging.id).label("records")).group_by(Tagging.tag_id)
        return {row.tag_id: row.records for row in everything.execute(counts)}


def values_held(session: ScopedSession, field_id: int) -> int:
    """How many records hold a value of the custom field."""
    field = get(session, CustomField, field_id)
    kind: Any = subjects()[field.subject_type]
    with open_as(SYSTEM) as everything:
        held = select(func.count(kind.id)).where(kind.custom[field.key].as_string().is_not(None))
        return everything.scalar(held) or 0
