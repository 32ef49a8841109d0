"""What makes a lead promising: rules as data, each worth some points, so that a score can say its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from crm.customers.models import Source
from crm.editing import Input
from crm.errors import Invalid

HIGHEST = 100


class Looks(StrEnum):
    """What a rule looks at."""

    SOURCE = "source"
    """One of the values."""
    FILLED = "filled"
    """How many of the named fields are filled in."""
    BUDGET = "budget"
    EMPLOYEES = "employees"
    DAYS_TO_NEED = "days_to_need"
    """Until the day by which it is wanted."""
    ACTIVITIES = "activities"
    """How many were done."""
    AGE_DAYS = "age_days"
    """Since it was collected."""
    SILENT_DAYS = "silent_days"
    """Since the last activity, or since it was collected."""


class LeadReason(StrEnum):
    """Codes of the rules that come with the product."""

    ASKED_FOR_US = "asked_for_us"
    MET_IN_PERSON = "met_in_person"
    SAW_ADVERTISING = "saw_advertising"
    REACHABLE = "reachable"
    WELL_DESCRIBED = "well_described"
    NEED_KNOWN = "need_known"
    PRODUCT_KNOWN = "product_known"
    NEEDED_SOON = "needed_soon"
    BUDGET_KNOWN = "budget_known"
    LARGE_BUDGET = "large_budget"
    LARGE_FIRM = "large_firm"
    IN_CONTACT = "in_contact"
    IN_TALKS = "in_talks"
    FRESH = "fresh"
    OLD = "old"
    SILENT = "silent"


class ScoreRule(Input):
    """Its points count where the looked-at number lies within the limits, or the source is among the values."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\s=]+$")]
    looks_at: Looks
    values: tuple[str, ...] = ()
    """Sources, or names of fields."""
    at_least: float | None = None
    at_most: float | None = None
    points: int = Field(ge=-HIGHEST, le=HIGHEST)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        if self.looks_at == Looks.SOURCE:
            return facts.get("source") in self.values
        if self.looks_at == Looks.FILLED:
            number: float | None = sum(facts.get(name) not in (None, "") for name in self.values)
        else:
            found = facts.get(self.looks_at)
            number = None if found is None else float(found)
        if number is None:
            return False
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)


def _rule(code: LeadReason, looks_at: Looks, points: int, *values: str, **limits: float) -> ScoreRule:
    return ScoreRule(code=code, looks_at=looks_at, points=points, values=values, **limits)


DEFAULT_RULES = (
    _rule(LeadReason.ASKED_FOR_US, Looks.SOURCE, 20, Source.REFERRAL, Source.WEBSITE, Source.TELEPHONE),
    _rule(LeadReason.MET_IN_PERSON, Looks.SOURCE, 15, Source.EXHIBITION, Source.PARTNER, Source.STORE),
    _rule(LeadReason.SAW_ADVERTISING, Looks.SOURCE, 8, Source.ADVERTISING, Source.SOCIAL),
    _rule(LeadReason.REACHABLE, Looks.FILLED, 10, "phone", "email", "wechat", at_least=2),
    _rule(LeadReason.WELL_DESCRIBED, Looks.FILLED, 5, "contact", "position", "region", "industry", "employees", at_least=4),
    _rule(LeadReason.NEED_KNOWN, Looks.FILLED, 10, "need", at_least=1),
    _rule(LeadReason.PRODUCT_KNOWN, Looks.FILLED, 5, "product_id", at_least=1),
    _rule(LeadReason.NEEDED_SOON, Looks.DAYS_TO_NEED, 10, at_least=0, at_most=90),
    _rule(LeadReason.BUDGET_KNOWN, Looks.BUDGET, 10, at_least=1),
    _rule(LeadReason.LARGE_BUDGET, Looks.BUDGET, 10, at_least=100_000),
    _rule(LeadReason.LARGE_FIRM, Looks.EMPLOYEES, 10, at_least=200),
    _rule(LeadReason.IN_CONTACT, Looks.ACTIVITIES, 5, at_least=1),
    _rule(LeadReason.IN_TALKS, Looks.ACTIVITIES, 5, at_least=3),
    _rule(LeadReason.FRESH, Looks.AGE_DAYS, 5, at_most=14),
    _rule(LeadReason.OLD, Looks.AGE_DAYS, -10, at_least=90),
    _rule(LeadReason.SILENT, Looks.SILENT_DAYS, -10, at_least=30),
)
"""Until a board sets its own."""


class ScoreRules(Input):
    rules: tuple[ScoreRule, ...] = DEFAULT_RULES

    def check(self) -> None:
        codes = [rule.code for rule in self.rules]
        if len(codes) > 20 or len(codes) != len(set(codes)):
            raise Invalid("At most twenty rules, each with a code of its own.")


def score(rules: Sequence[ScoreRule], facts: Mapping[str, Any]) -> tuple[int, str]:
    """-> points from 0 to 100, and every rule that counted as "code=points code=points"."""
    held = [rule for rule in rules if rule.holds(facts)]
    points = min(HIGHEST, max(0, sum(rule.points for rule in held)))
    return points, " ".join(f"{rule.code}={rule.points}" for rule in held)[:500]


def score_reasons(text: str) -> list[tuple[str, int]]:
    """What counted -> (code, points), the weightiest first."""
    pairs = [part.split("=") for part in text.split()]
    return sorted(((pair[0], int(pair[1])) for pair in pairs if len(pair) == 2), key=lambda one: -abs(one[1]))
