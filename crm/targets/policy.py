"""What the firm asks of everybody: as numbers, beside the text that says it."""

from __future__ import annotations

from pydantic import Field

from crm.access import Role
from crm.editing import Input

JUDGED = (Role.LEAD, Role.REP, Role.AGENT, Role.MARKETER)


class Rules(Input):
    days_per_week: int | None = Field(
        None, ge=0, le=7, title="Days of sign-in in a week", description="Empty = every working day of the calendar."
    )
    travel_per_week: int = Field(2, ge=0, le=7, title="Days of sign-in in a week of travel")
    actions_per_month: int = Field(
        1, ge=0, le=31, title="Actions a month on each lead and opportunity", description="0 = none is asked for."
    )
    silent_weeks: int = Field(2, ge=1, le=52, title="Silent after so many weeks", description="Without a single sign-in.")
    roles: list[Role] = Field(list(JUDGED), min_length=1, title="For these roles")


DEFAULTS = Rules()
"""What holds while the firm has written down nothing."""
