"""What each kind of file can fill: built from the inputs of the commands, with the headings people give their columns."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from crm.catalogue.models import Product
from crm.customers.commands.details import PROFILE_DETAILS, CustomerDetails
from crm.customers.commands.parts import ContactDetails
from crm.customers.imports.headings import HEADINGS
from crm.customers.models import Kind, OrderKind
from crm.exchange import fields as exchange
from crm.exchange.fields import Field
from crm.office.fields import CustomFieldSpec
from crm.office.models import FieldKind
from crm.office.queries import custom_fields
from crm.session import ScopedSession
from crm.words import english_label, label, speaking

CUSTOM = "custom:"
"""Before the key of a custom field: the name under which lists, filters and files know it."""

BASIC = tuple(name for name in CustomerDetails.model_fields if name != "custom")
PROFILES = {kind: tuple(details.model_fields) for kind, details in PROFILE_DETAILS.items()}


def customer_fields(session: ScopedSession) -> list[Field]:
    basic = [of_input(CustomerDetails, name) for name in BASIC]
    profile = [of_input(details, name) for details in PROFILE_DETAILS.values() for name in details.model_fields]
    return [*basic, _field("owner", "reference"), *profile, *map(_of_custom, custom_fields(session, "customer"))]


def contact_fields(session: ScopedSession) -> list[Field]:
    own = [of_input(ContactDetails, name) for name in ContactDetails.model_fields if name != "reports_to_id"]
    return [_field("customer_code", "reference", required=True), *own]


def order_fields(session: ScopedSession) -> list[Field]:
    return [
        _field("order_number", required=True, max_length=40),
        _field("ordered_at", "datetime", required=True),
        _field("customer_code", max_length=40),
        _field("customer_name", max_length=200),
        _field("product_code", max_length=40),
        _field("description", max_length=200),
        _field("quantity", "decimal", required=True),
        _field("unit_price", "decimal"),
        _field("amount", "decimal"),
        _field("kind", "choice", choices=words_of(OrderKind, "kind")),
        _field("customer_kind", "choice", choices=words_of(Kind, "kind")),
        _field("region", max_length=200),
        _field("seller", "reference"),
        _field("owner", "reference"),
    ]


def product_fields(session: ScopedSession) -> list[Field]:
    return [
        _field("code", required=True, max_length=_width(Product, "code")),
        _field("name", max_length=_width(Product, "name")),
        _field("category", "reference"),
        _field("unit", max_length=_width(Product, "unit")),
        _field("price", "decimal", minimum=0),
        _field("renewal_months", "integer", minimum=1, maximum=1200),
        _field("description", max_length=5000),
    ]


def _width(kind: Any, column: str) -> int:
    return int(kind.__table__.c[column].type.length)


def _field(name: str, kind: exchange.Kind = "text", **rules: Any) -> Field:
    return Field(name, kind, aliases=headings_of(name), **rules)


def headings_of(name: str) -> tuple[str, ...]:
    with speaking("zh"):
        chinese = label(name)
    further = HEADINGS[name].split(", ") if name in HEADINGS else []
    return tuple(dict.fromkeys((english_label(name), chinese, *further)))


def of_input(details: type[BaseModel], name: str) -> Field:
    """A field of a command's input: the same limits, the same choices."""
    info = details.model_fields[name]
    bare, rules = _bare(info.annotation)
    limits = _limits([*rules, *info.metadata])
    required = info.is_required() and details is not CustomerDetails
    if issubclass(bare, Enum):
        return _field(name, "choice", required=required, choices=words_of(bare, name))
    return _field(name, _kind(bare), required=required, **limits)


def _bare(annotation: Any) -> tuple[type[Any], list[Any]]:
    """`Annotated[str, rules] | None` -> (str, rules)."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(option for option in get_args(annotation) if option is not type(None))
    if get_origin(annotation) is Annotated:
        inner, *rules = get_args(annotation)
        bare, further = _bare(inner)
        return bare, [*further, *rules]
    return annotation, []


def _limits(rules: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rule in rules:
        for here, there in (("max_length", "max_length"), ("ge", "minimum"), ("le", "maximum")):
            if getattr(rule, here, None) is not None:
                found[there] = getattr(rule, here)
    return found


_KINDS: dict[type[Any], exchange.Kind] = {str: "text", int: "integer", bool: "bool", Decimal: "decimal", dt.date: "date"}


def _kind(bare: type[Any]) -> exchange.Kind:
    return _KINDS[bare]


def words_of(choices: type[Enum], of: str) -> dict[str, tuple[str, ...]]:
    """Code -> its English and its Chinese word."""
    found: dict[str, tuple[str, ...]] = {}
    for choice in choices:
        spellings = []
        for language in ("en", "zh"):
            with speaking(language):
                spellings.append(label(choice.value, of=of))
        found[choice.value] = tuple(dict.fromkeys(spellings))
    return found


def _of_custom(spec: CustomFieldSpec) -> Field:
    kinds: Mapping[str, exchange.Kind] = {
        FieldKind.TEXT: "text",
        FieldKind.NUMBER: "decimal",
        FieldKind.DATE: "date",
        FieldKind.CHOICE: "choice",
    }
    names = tuple(dict.fromkeys(name for name in (spec.key, spec.label, spec.label_zh) if name))
    choices: dict[str, tuple[str, ...]] = {choice: (choice,) for choice in spec.choices}
    limit = 2000 if spec.kind == FieldKind.TEXT else None
    return Field(CUSTOM + spec.key, kinds[spec.kind], max_length=limit, choices=choices, aliases=names)
