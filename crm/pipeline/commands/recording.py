"""What every command leaves behind: the stage from here on, and what changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.pipeline.models import Opportunity, OpportunityChange, OpportunityState, StageEvent
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession


def record_stage(session: ScopedSession, deal: Opportunity, from_stage_id: int | None, *, at: dt.datetime | None = None) -> None:
    """The deal as it stands from here on."""
    at = at or moment(session)
    session.add(
        StageEvent(
            opportunity_id=deal.id,
            at=at,
            from_stage_id=from_stage_id,
            to_stage_id=deal.stage_id,
            state=deal.state,
            stayed_days=_stayed(session, deal.id, at),
            by_id=session.actor.user_id,
        )
    )


def _stayed(session: ScopedSession, opportunity_id: int, at: dt.datetime) -> int | None:
    known = select(StageEvent.at, StageEvent.state).where(StageEvent.opportunity_id == opportunity_id)
    last = session.execute(known.order_by(StageEvent.at.desc(), StageEvent.id.desc()).limit(1)).first()
    if last is None or last.state != OpportunityState.OPEN:
        return None
    held: dt.timedelta = at - last.at
    return max(round(held / dt.timedelta(days=1)), 0)


def record_changes(session: ScopedSession, deal: Opportunity, before: dict[str, Any], reason: str | None = None) -> None:
    at = moment(session)
    for name, old in before.items():
        if (new := getattr(deal, name)) != old:
            values = {"before": _told(old), "after": _told(new), "reason": reason}
            session.add(OpportunityChange(opportunity_id=deal.id, at=at, field=name, **values, by_id=session.actor.user_id))


def _told(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
