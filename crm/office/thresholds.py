"""The limits that the firm sets once: how long a customer counts as active, and what assets earn which rating."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from pydantic import Field

from crm.editing import Input
from crm.errors import Invalid


class Thresholds(Input):
    active_days: int = Field(180, ge=1)
    """Up to so many days after the last order a customer is active, ..."""
    dormant_days: int = Field(365, ge=1)
    """... and up to so many dormant; then lost."""
    active_chance: float = Field(0.5, gt=0, lt=1)
    """Where a published model knows the customer: with at least this chance to be one still he is active, ..."""
    dormant_chance: float = Field(0.2, gt=0, lt=1)
    """... and with at least this one dormant; below it lost."""
    assets_for_a: Decimal = Field(Decimal(1_000_000), ge=0)
    assets_for_b: Decimal = Field(Decimal(200_000), ge=0)
    assets_for_c: Decimal = Field(Decimal(50_000), ge=0)
    assets_for_d: Decimal = Field(Decimal(10_000), ge=0)
    """Below this the rating is E."""

    @property
    def asset_cuts(self) -> tuple[Decimal, ...]:
        """The least that earns A, B, C and D."""
        return self.assets_for_a, self.assets_for_b, self.assets_for_c, self.assets_for_d

    def check(self) -> None:
        if self.active_days >= self.dormant_days:
            raise Invalid("Dormant must end later than active: after more than {days:day|days}.", days=self.active_days)
        if self.active_chance <= self.dormant_chance:
            raise Invalid("Active must ask for a higher chance than dormant.")
        if any(high <= low for high, low in pairwise(self.asset_cuts)):
            raise Invalid("A better rating must ask for more assets than the next.")
