"""Tags, and the records that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import and_, func, select

from crm.access import subjects
from crm.database import frame
from crm.office.models import Tag, Tagging
from crm.office.queries.activities import Rows, seen_with
from crm.session import ScopedSession, get


def tag(session: ScopedSession, tag_id: int) -> Tag:
    return get(session, Tag, tag_id)


def tags(session: ScopedSession) -> pd.DataFrame:
    """Every tag by name, with the number of records I see that carry it -> id, name, colour, version, records."""
    uses = select(func.count(Tagging.id)).where(Tagging.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    return frame(session, select(Tag.id, Tag.name, Tag.colour, Tag.version, uses.label("records")).order_by(Tag.name))


def tag_choices(session: ScopedSession) -> dict[int, str]:
    """Tag id -> name, for pickers: does not count."""
    return {row.id: row.name for row in session.execute(select(Tag.id, Tag.name).order_by(Tag.name))}


def tags_of(session: ScopedSession, subject_type: str, subject_ids: Sequence[int]) -> pd.DataFrame:
    """The tags of one or many records -> subject_id, tag_id, name, colour."""
    kind: Any = subjects().get(subject_type)
    return frame(session, _carried(kind, subject_type).where(Tagging.subject_id.in_(subject_ids)))


@cache
def _carried(kind: Any, subject_type: str) -> Rows:
    columns = (Tagging.subject_id, Tagging.tag_id, Tag.name, Tag.colour)
    carried = select(*columns).join(Tag, and_(Tag.id == Tagging.tag_id, Tag.deleted_at.is_(None)))
    carried = carried.where(Tagging.subject_type == subject_type)
    return seen_with(carried, Tagging, kind).order_by(Tagging.subject_id, Tag.name)
