"""The list of leads, one lead with its history, and what is to be taken up again."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.catalogue.models import Product
from crm.database import frame
from crm.marketing.filters import OPEN, LeadFilter, LeadSort
from crm.marketing.models import Campaign, Lead, LeadEvent, LeadState
from crm.office.models import Activity
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User

_board = aliased(OrgUnit)

COLUMNS: dict[str, Any] = {
    "id": Lead.id,
    "name": Lead.name,
    "kind": Lead.kind,
    "state": Lead.state,
    "score": Lead.score,
    "score_reasons": Lead.score_reasons,
    "owner": User.name.label("owner"),
    "unit": OrgUnit.name.label("unit"),
    "board": _board.name.label("board"),
    "currency": _board.currency.label("currency"),
    "contact": Lead.contact,
    "position": Lead.position,
    "phone": Lead.phone,
    "email": Lead.email,
    "wechat": Lead.wechat,
    "region": Lead.region,
    "industry": Lead.industry,
    "employees": Lead.employees,
    "source": Lead.source,
    "campaign": Campaign.name.label("campaign"),
    "product": Product.name.label("product"),
    "need": Lead.need,
    "budget": Lead.budget,
    "wanted_by": Lead.wanted_by,
    "invalid_reason": Lead.invalid_reason,
    "second_follow_up_on": Lead.second_follow_up_on,
    "created_at": Lead.created_at,
    "assigned_at": Lead.assigned_at,
    "worked_at": Lead.worked_at,
    "closed_at": Lead.closed_at,
    "version": Lead.version,
}
"""What a list or an export can show."""

USUAL = ("name", "state", "score", "owner", "source", "campaign", "region", "budget", "second_follow_up_on", "created_at")
"""The columns of a list nobody has changed."""

TOUCHED = "touched_on"
"""A further column of one page: the day of the last activity, or on which its owner got it, or on which it was collected."""

ANY = LeadFilter()


def lead(session: ScopedSession, lead_id: int) -> Lead:
    return get(session, Lead, lead_id)


def lead_list(
    session: ScopedSession,
    where: LeadFilter = ANY,
    sort: LeadSort = "score",
    descending: bool = True,
    page: int = 1,
    size: int = 50,
    columns: tuple[str, ...] = USUAL,
) -> pd.DataFrame:
    """One page of the list -> id, the columns asked for, TOUCHED among them if it is."""
    column: Any = getattr(Lead, sort if sort in get_args(LeadSort) else "score")
    order = [column.desc().nulls_last(), Lead.id.desc()] if descending else [column.asc().nulls_last(), Lead.id]
    names = ("id", *(name for name in columns if name != TOUCHED), *(("created_at", "assigned_at") if TOUCHED in columns else ()))
    query = _selected(names).where(*where.conditions()).order_by(*order)
    found = frame(session, query.limit(size).offset((page - 1) * size))
    return found.assign(touched_on=_touched(session, found)) if TOUCHED in columns else found


def _touched(session: ScopedSession, found: pd.DataFrame) -> pd.Series[Any]:
    last = select(Activity.subject_id, func.max(Activity.happened_on)).where(Activity.subject_type == "lead")
    worked = dict(session.execute(last.where(Activity.subject_id.in_(found["id"].tolist())).group_by(Activity.subject_id)).all())
    days = []
    rows: list[Any] = list(found.itertuples())
    for row in rows:
        known = [one.date() for one in (row.created_at, row.assigned_at) if not pd.isna(one)]
        days.append(max([*known, *([done] if (done := worked.get(row.id)) else [])]))
    return pd.Series(days, index=found.index, dtype="object")


def _selected(names: tuple[str, ...]) -> Select[Any]:
    """Joins only what the columns need."""
    query = select(*[COLUMNS[name] for name in dict.fromkeys(names)]).select_from(Lead)
    if "owner" in names:
        query = query.outerjoin(User, User.id == Lead.owner_id)
    if "unit" in names:
        query = query.outerjoin(OrgUnit, OrgUnit.id == Lead.team_id)
    if "board" in names or "currency" in names:
        query = query.outerjoin(_board, _board.id == Lead.board_id)
    if "campaign" in names:
        query = query.outerjoin(Campaign, Campaign.id == Lead.campaign_id)
    if "product" in names:
        query = query.outerjoin(Product, Product.id == Lead.product_id)
    return query


def lead_totals(session: ScopedSession, where: LeadFilter = ANY) -> dict[str, int]:
    """What the filter finds -> leads, each state by its name, unassigned (open and nobody's)."""
    query = select(Lead.state, Lead.owner_id.is_(None).label("nobodys"), func.count(Lead.id)).where(*where.conditions())
    rows = session.execute(query.group_by(Lead.state, Lead.owner_id.is_(None))).all()
    found = {state.value: sum(count for name, _, count in rows if name == state) for state in LeadState}
    unassigned = sum(count for name, nobodys, count in rows if nobodys and name in OPEN)
    return {"leads": sum(count for _, _, count in rows), **found, "unassigned": unassigned}


def lead_ids(session: ScopedSession, where: LeadFilter, limit: int = 10_000) -> list[int]:
    return list(session.scalars(select(Lead.id).where(*where.conditions()).order_by(Lead.id).limit(limit)))


def boards_of_leads(session: ScopedSession, ids: list[int]) -> list[int]:
    return list(session.scalars(select(Lead.board_id).where(Lead.id.in_(ids)).distinct().order_by(Lead.board_id)))


def export_leads(session: ScopedSession, where: LeadFilter, columns: tuple[str, ...], limit: int = 200_000) -> pd.DataFrame:
    """All rows of the list in its columns, for a file."""
    return frame(session, _selected(("id", *columns)).where(*where.conditions()).order_by(Lead.id).limit(limit))


def lead_choices(session: ScopedSession) -> dict[str, list[str]]:
    """Regions and industries in use, most frequent first, for the filters."""
    found: dict[str, list[str]] = {}
    for name in ("region", "industry"):
        column: Any = getattr(Lead, name)
        query = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc()).limit(200)
        found[name] = list(session.scalars(query))
    return found


def lead_events(session: ScopedSession, lead_id: int) -> pd.DataFrame:
    """Every change of state or owner, newest first -> id, at, from_state, to_state, from_owner, to_owner, by, reason."""
    before, after, by = aliased(User), aliased(User), aliased(User)
    query = (
        select(
            LeadEvent.id,
            LeadEvent.at,
            LeadEvent.from_state,
            LeadEvent.to_state,
            before.name.label("from_owner"),
            after.name.label("to_owner"),
            by.name.label("by"),
            LeadEvent.reason,
        )
        .outerjoin(before, before.id == LeadEvent.from_owner_id)
        .outerjoin(after, after.id == LeadEvent.to_owner_id)
        .outerjoin(by, by.id == LeadEvent.by_id)
        .where(LeadEvent.lead_id == lead_id)
    )
    return frame(session, query.order_by(LeadEvent.id.desc()))


def second_conversions(session: ScopedSession, until: dt.date, owner_id: int | None = None) -> pd.DataFrame:
    """Failed leads to be taken up again by a day, longest overdue first -> id, name, second_follow_up_on, invalid_reason, owner,
    score, version."""
    columns = ("id", "name", "second_follow_up_on", "invalid_reason", "owner", "score", "version")
    query = _selected(columns).where(*LeadFilter(second_due_to=until).conditions())
    query = query if owner_id is None else query.where(Lead.owner_id == owner_id)
    return frame(session, query.order_by(Lead.second_follow_up_on, Lead.id).limit(500))
