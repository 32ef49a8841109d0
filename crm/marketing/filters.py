"""What a list of leads can be narrowed by: one definition for the page, saved views, exports and bulk actions."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, or_, select

from crm.customers.models import phone_key
from crm.marketing.models import Lead, LeadState
from crm.office.models import Tagging

OPEN = (LeadState.COLLECTED, LeadState.ASSIGNED, LeadState.WORKED)

LeadSort = Literal["score", "name", "created_at", "assigned_at", "second_follow_up_on", "budget", "wanted_by", "state"]


class LeadFilter(BaseModel):
    """Every field left empty means: any. An empty text, or 0 for a number, among the values stands for "not given"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    campaign_id: tuple[int, ...] = ()
    owner_id: tuple[int, ...] = ()
    """0 among them stands for nobody's: not assigned yet, or in the pool."""
    team_id: tuple[int, ...] = ()
    board_id: tuple[int, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    product_id: tuple[int, ...] = ()
    tag_id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    import_job_id: int | None = None
    score_from: int | None = None
    score_to: int | None = None
    created_from: dt.date | None = None
    created_to: dt.date | None = None
    second_due_to: dt.date | None = None
    """Failed ones to be taken up again by this day."""
    came_to: Literal["", "assigned", "worked", "converted"] = ""
    """Ever came so far, wherever it stands now: the steps of the funnel."""

    def conditions(self) -> list[ColumnElement[bool]]:
        names = ("state", "kind", "source", "campaign_id", "owner_id", "team_id", "board_id", "region", "industry", "product_id")
        found = [_among(getattr(Lead, name), values) for name in names if (values := getattr(self, name))]
        found += [_matches(word) for word in self.search.split()]
        ranges: list[tuple[Any, Any, Any]] = [
            (Lead.score, self.score_from, self.score_to),
            (Lead.created_at, _start(self.created_from), None),
        ]
        found += [column >= low for column, low, _ in ranges if low is not None]
        found += [column <= high for column, _, high in ranges if high is not None]
        if self.created_to is not None:
            found.append(Lead.created_at < _start(self.created_to, days=1))
        if self.second_due_to is not None:
            found += [Lead.state == LeadState.INVALID, Lead.second_follow_up_on <= self.second_due_to]
        if self.came_to:
            found.append(_REACHED[self.came_to])
        if self.tag_id:
            tagged = select(Tagging.subject_id).where(Tagging.subject_type == "lead", Tagging.tag_id.in_(self.tag_id))
            found.append(Lead.id.in_(tagged))
        if self.ids:
            found.append(Lead.id.in_(self.ids))
        if self.import_job_id is not None:
            found.append(Lead.import_job_id == self.import_job_id)
        return found


_REACHED: dict[str, ColumnElement[bool]] = {
    "assigned": Lead.assigned_at.is_not(None),
    "worked": Lead.worked_at.is_not(None),
    "converted": Lead.state == LeadState.CONVERTED,
}


def _among(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    given = [value for value in values if value not in ("", 0)]
    conditions: list[ColumnElement[bool]] = [column.in_(given)] if given else []
    return or_(*conditions, column.is_(None)) if len(given) < len(values) else conditions[0]


def _matches(word: str) -> ColumnElement[bool]:
    columns: list[Any] = [Lead.name, Lead.contact, Lead.phone, Lead.email, Lead.wechat]
    found = [column.icontains(word, autoescape=True) for column in columns]
    digits = phone_key(word)
    return or_(*found, Lead.phone_key.contains(digits, autoescape=True)) if digits else or_(*found)


def _start(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    return dt.datetime.combine(day + dt.timedelta(days), dt.time(), dt.UTC) if day else None
