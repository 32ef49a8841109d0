"""What a board decides about its pools: who may take how much, and when something goes back."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from crm.customers.models import Level
from crm.editing import Input
from crm.errors import Invalid


class AssignmentWay(StrEnum):
    BY_HAND = "by_hand"
    ROUND_ROBIN = "round_robin"
    """To who has waited longest for one."""
    LEAST_LOAD = "least_load"
    """To who has the fewest open ones."""


class PoolRules(Input):
    claims_per_day: int = Field(5, title="Claims a day", ge=0, le=500, description="Of one person, customers and leads together.")
    customers_held: int = Field(
        200, title="Customers held at most", ge=0, le=100_000, description="Who has so many customers claims none."
    )
    leads_held: int = Field(
        100, title="Open leads held at most", ge=0, le=100_000, description="Who has so many open leads claims none."
    )
    previous_owner_days: int = Field(
        30,
        title="Closed to the previous owner, days",
        ge=0,
        le=3650,
        description="So long the previous owner cannot claim it back.",
    )
    recycles: bool = Field(
        False, title="Recycle by itself", description="What is silent for too long goes to the public pool by itself."
    )
    silence_vip: int = Field(
        0, title="Silence of VIP, days", ge=0, le=3650, description="Days of silence until recycling; 0 = never."
    )
    silence_a: int = Field(365, title="Silence of level A, days", ge=0, le=3650)
    silence_b: int = Field(270, title="Silence of level B, days", ge=0, le=3650)
    silence_c: int = Field(180, title="Silence of level C, days", ge=0, le=3650)
    silence_d: int = Field(120, title="Silence of level D, days", ge=0, le=3650)
    silence_other: int = Field(
        180, title="Silence without a level, days", ge=0, le=3650, description="Of customers without a level."
    )
    silence_leads: int = Field(30, title="Silence of leads, days", ge=0, le=3650)
    contract_end_days: int = Field(
        90,
        title="After the contract ended, days",
        ge=0,
        le=3650,
        description="So long after the last contract ended without another; 0 = never.",
    )
    warn_days: int = Field(7, title="Warning, days before", ge=0, le=365, description="The owner is told so many days before.")
    assignment: AssignmentWay = Field(
        AssignmentWay.BY_HAND, title="How to give out", description="How new leads without an owner are given out."
    )

    def silence(self, level: str | None) -> int:
        return int(getattr(self, f"silence_{level or 'other'}"))

    @property
    def silences(self) -> dict[str | None, int]:
        """Level -> days; only those that end."""
        levels: list[str | None] = [level.value for level in Level]
        return {level: days for level in [*levels, None] if (days := self.silence(level))}

    def check(self) -> None:
        shortest = min([*self.silences.values(), self.silence_leads or 3650, self.contract_end_days or 3650])
        if self.warn_days >= shortest:
            raise Invalid("The warning must be shorter than the silence it warns of ({days:day|days}).", days=shortest)


def pools_key(board_id: int) -> str:
    return f"pools.{board_id}"


def scores_key(board_id: int) -> str:
    return f"leads.{board_id}"
