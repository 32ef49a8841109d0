"""How targets are written: periods, amounts with their unit, and the codes inside a refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from crm.errors import CrmError
from crm.targets.measures import rule_of
from crm.targets.models import PeriodKind
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import money, number, short_money

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CODES = {"measure": "measure", "kind": "subject_kind", "period": "period", "grain": "period", "field": "target"}
"""Value of a refusal -> what its code is a code of."""


def period_name(period: str, day: dt.date, with_year: bool = False) -> str:
    if period == PeriodKind.YEAR:
        return str(day.year)
    name = say(MONTHS[day.month - 1]) if period == PeriodKind.MONTH else say("Q{quarter}", quarter=day.month // 3 + 1)
    return say("{period} {year}", period=name, year=str(day.year)) if with_year else name


def amount(measure: str, value: float, currency: str, short: bool = False) -> str:
    rule = rule_of(measure)
    if rule.money:
        return short_money(value, currency) if short else money(value, currency)
    return number(value, None if rule.adds_up else 2)


def inside(measure: str) -> str:
    """Its name in the middle of a sentence: "revenue", "CSAT"."""
    name = label(measure, of="measure")
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def unit_of(measure: str, currency: str) -> str:
    return currency if rule_of(measure).money else say("marks") if not rule_of(measure).adds_up else ""


def readable(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a refusal as people read them."""
    return {name: label(str(one), of=CODES[name]) if name in CODES else one for name, one in values.items()}


def refusal(template: str, values: dict[str, Any]) -> str:
    safe = {name: literal(one) if isinstance(one, str) else one for name, one in readable(values).items()}
    return say(template, **safe)


def in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same command; where it refuses, codes are words already."""

    @wraps(command)
    def spoken(*arguments: Any) -> Any:
        try:
            return command(*arguments)
        except CrmError as error:
            error.values = readable(error.values)
            raise

    return spoken


__all__ = ["amount", "in_words", "period_name", "readable", "refusal", "unit_of"]
