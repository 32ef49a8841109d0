"""What every command leaves behind: the stage from here on, and what changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.pipeline.models import Opportunity, OpportunityChange, StageEvent
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession


def record_stage(session: ScopedSession, deal: Opportunity, from_stage_id: int | None, *, at: dt.datetime | None = None) -> None:
    """The deal as it stands from here on."""
    session.add(
        StageEvent(
            opportunity_id=deal.id,
            at=at or moment(session),
            from_stage_id=from_stage_id,
            to_stage_id=deal.stage_id,
            state=deal.state,
            by_id=session.actor.user_id,
        )
    )


def record_changes(session: ScopedSession, deal: Opportunity, before: dict[str, Any], reason: str | None = None) -> None:
    at = moment(session)
    for name, old in before.items():
        if (new := getattr(deal, name)) != old:
            values = {"before": _told(old), "after": _told(new), "reason": reason}
            session.add(OpportunityChange(opportunity_id=deal.id, at=at, field=name, **values, by_id=session.actor.user_id))


def _told(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
