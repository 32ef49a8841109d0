"""Leads, campaigns and what lies in pools, in one line; made by the system, with events as the commands leave them."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from sqlalchemy import select

from crm.access import SYSTEM
from crm.database import now
from crm.marketing.commands import PoolRules
from crm.marketing.models import Campaign, Lead, LeadEvent, LeadState, PoolEntry
from crm.marketing.pooling import pools_key
from crm.office.commands import put_setting
from crm.office.models import Activity
from crm.session import get, open_as
from tests.people import TODAY, Person

_numbers = count(1)


def a_lead(owner: Person | None, near: Person | None = None, **changes: Any) -> Lead:
    """Of a person, or nobody's in the unit of `near`."""
    place = owner or near
    assert place is not None
    values: dict[str, Any] = {
        "name": f"Lead {next(_numbers)}",
        "board_id": place.board_id,
        "team_id": place.unit_id,
        "owner_id": owner.id if owner else None,
        "state": LeadState.ASSIGNED if owner else LeadState.COLLECTED,
        "assigned_at": now() if owner else None,
    }
    with open_as(SYSTEM) as session:
        lead = Lead(**values | changes)
        lead.set_keys()
        session.add(lead)
        session.flush()
        about = {"lead_id": lead.id, "at": now(), "by_id": place.id, "reason": "created"}
        session.add(LeadEvent(**about, to_state=lead.state, to_owner_id=lead.owner_id))
    return lead


def a_campaign(owner: Person, name: str = "Spring fair", **changes: Any) -> Campaign:
    values = {"name": name, "board_id": owner.board_id, "team_id": owner.unit_id, "owner_id": owner.id, "starts_on": TODAY}
    with open_as(SYSTEM) as session:
        campaign = Campaign(**values | changes)
        session.add(campaign)
    return campaign


def done(subject: Any, author: Person, on: dt.date = TODAY) -> None:
    about = {"subject_type": type(subject).__tablename__, "subject_id": subject.id, "author_id": author.id}
    with open_as(SYSTEM) as session:
        session.add(Activity(**about, text="Spoke to them", happened_on=on))


def rules(board_id: int, **changes: Any) -> PoolRules:
    found = PoolRules(**changes)
    with open_as(SYSTEM) as session:
        put_setting(session, pools_key(board_id), found.model_dump(mode="json"))
    return found


def now_of(kind: type[Any], record_id: int) -> Any:
    """The record as it is stored now."""
    with open_as(SYSTEM) as session:
        return get(session, kind, record_id)


def set_now(record: Any, **values: Any) -> None:
    """Values that no command sets: another time, another state."""
    with open_as(SYSTEM) as session:
        found = get(session, type(record), record.id)
        for name, value in values.items():
            setattr(found, name, value)


def entry_of(subject: Any) -> PoolEntry:
    column = getattr(PoolEntry, f"{type(subject).__tablename__}_id")
    with open_as(SYSTEM) as session:
        return session.scalars(select(PoolEntry).where(column == subject.id).order_by(PoolEntry.id.desc())).first()


__all__ = ["TODAY", "a_campaign", "a_lead", "done", "entry_of", "now_of", "rules", "set_now"]
