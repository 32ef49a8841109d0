"""Custom fields away from the database: what one asks for, and the check of what somebody entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.errors import Invalid
from crm.office.models import FieldKind
from crm.words import language

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class CustomFieldSpec:
    """One custom field as plain data: it can be cached, and `str()` is its label in the current language."""

    id: int
    key: str
    label: str
    label_zh: str | None
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    in_list: bool = False
    position: int = 0
    version: int = 1

    def __str__(self) -> str:
        return self.label_zh if self.label_zh and language() == "zh" else self.label


def checked_custom(specs: Sequence[CustomFieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, by key -> what is stored: text, choice: str; number: decimal str; date: ISO str. Empty ones are left out.

    Raises Invalid, naming the field, for a wrong or missing value and for a key that no field has.
    """
    by_key = {spec.key: spec for spec in specs}
    for key in values:
        if key not in by_key:
            raise Invalid("There is no custom field {key}.", field=key, key=key)
    checked = {spec.key: _checked(spec, values.get(spec.key)) for spec in specs}
    return {key: value for key, value in checked.items() if value is not None}


def _checked(spec: CustomFieldSpec, value: Any) -> str | None:
    entered = value.strip() if isinstance(value, str) else value
    if entered is None or entered == "":
        if spec.required:
            raise Invalid("{name} must be filled in.", field=spec.key, name=spec)
        return None
    return _KINDS[FieldKind(spec.kind)](spec, entered)


def _text(spec: CustomFieldSpec, value: Any) -> str:
    text = str(value)
    if len(text) > LONGEST:
        raise Invalid("{name} is too long: at most {most} characters.", field=spec.key, name=spec, most=LONGEST)
    return text


def _number(spec: CustomFieldSpec, value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite():
        raise Invalid("{name} must be a number, not {value}.", field=spec.key, name=spec, value=str(value))
    return format(number.normalize(), "f")


def _date(spec: CustomFieldSpec, value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise Invalid("{name} must be a date, not {value}.", field=spec.key, name=spec, value=str(value)) from error


def _choice(spec: CustomFieldSpec, value: Any) -> str:
    for choice in spec.choices:
        if choice.casefold() == str(value).casefold():
            return choice
    choices = list(spec.choices)
    raise Invalid("{name} must be one of {choices}, not {value}.", field=spec.key, name=spec, choices=choices, value=str(value))


_KINDS = {FieldKind.TEXT: _text, FieldKind.NUMBER: _number, FieldKind.DATE: _date, FieldKind.CHOICE: _choice}
