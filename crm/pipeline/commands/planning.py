"""What a salesperson expects of many deals at once: how sure they are, and when they should be decided."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from crm.editing import Input
from crm.errors import Invalid
from crm.pipeline.commands.recording import record_changes
from crm.pipeline.models import ForecastCategory, Opportunity, OpportunityState
from crm.session import ScopedSession, get


class Expectation(Input):
    forecast_category: ForecastCategory | None = Field(None, description="Empty = as it is.")
    expected_close_on: dt.date | None = Field(None, description="Empty = as it is.")


def expect(session: ScopedSession, ids: list[int], expected: Expectation) -> int:
    """All of them or none; each change is kept as an event. -> how many really changed."""
    values = expected.model_dump(exclude_none=True)
    changed = 0
    for opportunity_id in ids:
        deal = get(session, Opportunity, opportunity_id)
        if deal.state != OpportunityState.OPEN:
            raise Invalid("“{deal}” is closed: reopen it first.", deal=deal.name)
        before = {name: getattr(deal, name) for name in values}
        for name, value in values.items():
            setattr(deal, name, value)
        record_changes(session, deal, before)
        changed += before != values
    session.flush()
    return changed
