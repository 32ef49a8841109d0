"""The fields that an administrator added."""

from __future__ import annotations

from sqlalchemy import select

from crm.office.fields import CustomFieldSpec
from crm.office.models import CustomField
from crm.session import ScopedSession, get


def custom_field(session: ScopedSession, field_id: int) -> CustomField:
    return get(session, CustomField, field_id)


def custom_fields(session: ScopedSession, subject_type: str) -> list[CustomFieldSpec]:
    """The fields of a table that an administrator added, in their order."""
    fields = select(CustomField).where(CustomField.subject_type == subject_type).order_by(CustomField.position, CustomField.id)
    return [_spec(field) for field in session.scalars(fields)]


def _spec(field: CustomField) -> CustomFieldSpec:
    return CustomFieldSpec(
        field.id,
        field.key,
        field.label,
        field.label_zh,
        field.kind,
        tuple(field.choices),
        field.required,
        field.in_list,
        field.position,
        field.version,
    )
