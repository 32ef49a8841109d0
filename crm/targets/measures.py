"""What may be set for each measure: its unit, its bounds, whether parts add up, and for which subjects."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.targets.models import Measure, SubjectKind

_PEOPLE = frozenset({SubjectKind.PERSON, SubjectKind.TEAM, SubjectKind.BOARD})
_GOODS = frozenset({SubjectKind.PRODUCT, SubjectKind.CATEGORY})
CENT, ONE = Decimal("0.01"), Decimal(1)


@dataclass(frozen=True)
class Rule:
    unit: Decimal = ONE
    """Targets are multiples of it."""
    lowest: Decimal | None = Decimal(0)
    highest: Decimal | None = None
    subjects: frozenset[SubjectKind] = _PEOPLE
    adds_up: bool = True
    """The whole is the sum of its parts; else it is their mean."""
    money: bool = False


RULES: dict[Measure, Rule] = {
    Measure.REVENUE: Rule(CENT, money=True, subjects=_PEOPLE | _GOODS),
    Measure.WON: Rule(CENT, money=True, subjects=_PEOPLE | _GOODS),
    Measure.RECEIPTS: Rule(CENT, money=True),
    Measure.CONTRACTS: Rule(),
    Measure.NEW_CUSTOMERS: Rule(),
    Measure.ACTIVITIES: Rule(),
    Measure.CASES: Rule(),
    Measure.SATISFACTION: Rule(CENT, lowest=Decimal(1), highest=Decimal(5), adds_up=False),
    Measure.VALUE_CHANGE: Rule(CENT, lowest=None, money=True),
}


def rule_of(measure: str) -> Rule:
    return RULES[Measure(measure)]
