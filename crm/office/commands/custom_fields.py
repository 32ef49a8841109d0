"""Custom fields: added, changed and removed by an administrator, without code."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlalchemy import select

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office import totals
from crm.office.models import CustomField, FieldKind
from crm.office.queries import subject_kind
from crm.session import WITH_DELETED, ScopedSession, get


def _lines(value: Any) -> Any:
    """Choices typed one a line, or given as a list; empty and repeated ones do not count."""
    lines = value.splitlines() if isinstance(value, str) else value or []
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class CustomFieldDetails(Input):
    label: str = Field(min_length=1, max_length=200)
    label_zh: str | None = Field(None, max_length=200, title="Chinese label")
    kind: FieldKind = FieldKind.TEXT
    position: int = Field(0, title="Sequence", description="Smaller numbers stand first.")
    required: bool = False
    in_list: bool = Field(False, title="Column of the list")
    choices: Annotated[list[str], BeforeValidator(_lines)] = Field(
        default=[], description="One a line, for a field of the kind choice.", json_schema_extra={"long": True}
    )


class CustomFieldInput(CustomFieldDetails):
    key: str | None = Field(
        None, max_length=40, title="Field key", description="How files and filters call it; made from the label when empty."
    )


def add_custom_field(session: ScopedSession, subject_type: str, input: CustomFieldInput) -> CustomField:
    """A removed field of the same key and kind comes back, and with it the values that records still hold."""
    _check_field(input)
    taken = _fields_of(session, subject_type)
    key = input.key or _free_key(input, subject_type, taken)
    found = taken.get(key)
    _check_key(key, subject_type, input, found)
    if found is None:
        found = CustomField(subject_type=subject_type, key=key)
        session.add(found)
    for name, value in input.model_dump(exclude={"key"}).items():
        setattr(found, name, value)
    found.deleted_at = None
    session.flush()
    return found


def edit_custom_field(session: ScopedSession, field_id: int, input: CustomFieldDetails, version: int) -> CustomField:
    """The key stays. The kind may change as long as no record holds a value."""
    _check_field(input)
    found = get(session, CustomField, field_id)
    held = totals.values_held(session, field_id) if input.kind != found.kind else 0
    if held:
        raise Invalid("The kind cannot change: {count:record holds|records hold} a value.", field="kind", count=held)
    change(session, found, input.model_dump(include=set(CustomFieldDetails.model_fields)), version)
    session.flush()
    return found


def remove_custom_field(session: ScopedSession, field_id: int) -> int:
    """-> how many records hold a value; they keep it, and adding the field again shows it again."""
    found = get(session, CustomField, field_id)
    held = totals.values_held(session, field_id)
    found.deleted_at = now()
    session.flush()
    return held


def _check_field(input: CustomFieldDetails) -> None:
    if input.kind == FieldKind.CHOICE and not input.choices:
        raise Invalid("Give the choices, one a line.", field="choices")


def _fields_of(session: ScopedSession, subject_type: str) -> dict[str, CustomField]:
    """By key, the removed ones too."""
    fields = select(CustomField).where(CustomField.subject_type == subject_type)
    return {field.key: field for field in session.scalars(fields, execution_options={WITH_DELETED: True})}


def _check_key(key: str, subject_type: str, input: CustomFieldInput, found: CustomField | None) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key):
        raise Invalid("A key is made of small letters, digits and _, and starts with a letter.", field="key")
    if key in _columns(subject_type):
        raise Invalid("{key} is a field that every record has already.", field="key", key=key)
    if found is not None and found.deleted_at is None:
        raise Invalid("There is already a field with this key.", field="key")
    if found is not None and found.kind != input.kind:
        raise Invalid("A removed field with this key was of another kind; choose another key.", field="key")


def _columns(subject_type: str) -> set[str]:
    return set(subject_kind(subject_type).__table__.columns.keys())


def _free_key(input: CustomFieldInput, subject_type: str, taken: dict[str, CustomField]) -> str:
    """From the label; numbered when it is taken. A label without Latin letters gives field, field_2, ..."""
    plain = unicodedata.normalize("NFKD", input.label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36].strip("_") or "field"
    key = key if key[0].isalpha() else f"field_{key}"[:36]

    def is_free(candidate: str) -> bool:
        field = taken.get(candidate)
        comes_back = field is not None and field.deleted_at is not None and (field.label, field.kind) == (input.label, input.kind)
        return candidate not in _columns(subject_type) and (field is None or comes_back)

    candidates = [key, *(f"{key}_{number}" for number in range(2, len(taken) + 4))]
    return next(candidate for candidate in candidates if is_free(candidate))
