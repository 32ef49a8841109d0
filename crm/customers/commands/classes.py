"""Classes of customers that the firm defines itself, each by a filter."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from crm.customers.filters import CustomerFilter
from crm.customers.models import CustomerClass
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import ScopedSession, get


class ClassDetails(Input):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    position: int = Field(default=0, ge=0, description="The first class in order that a customer passes is his.")
    rule: dict[str, Any] = Field(default_factory=dict, json_schema_extra={"hidden": True})


def save_class(session: ScopedSession, details: ClassDetails, class_id: int | None = None, version: int = 0) -> CustomerClass:
    try:
        rule = CustomerFilter.model_validate(details.rule).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        raise Invalid("The rule of {name} is not a filter of customers.", name=details.name) from error
    if not rule:
        raise Invalid("A class needs a rule: choose at least one filter.", field="rule")
    values = details.model_dump() | {"rule": rule}
    if class_id is None:
        found = CustomerClass(**values)
        session.add(found)
        return found
    found = get(session, CustomerClass, class_id)
    change(session, found, values, version)
    return found


def remove_class(session: ScopedSession, class_id: int) -> None:
    get(session, CustomerClass, class_id).deleted_at = now()
