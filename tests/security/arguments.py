"""Arguments for any public function of an area, made from the names and the types of its parameters.

What names a record is a slot: it can be filled with a record of one's own, with one of somebody else, or with none at all.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from crm.access import AREAS
from tests.people import TODAY
from tests.security.firm import LOOKED_AT

MISSING = 987_654
"""No record has this id."""

TABLES = {
    "author": "user",
    "board": "org_unit",
    "calendar": "working_calendar",
    "case": "service_case",
    "category": "product_category",
    "class": "customer_class",
    "competitor": "customer_competitor",
    "field": "custom_field",
    "form": "evaluation_form",
    "from": "user",
    "group": "customer_group",
    "invitation": "feedback_invitation",
    "line": "opportunity_line",
    "link": "case_article",
    "manager": "user",
    "newest": "policy_version",
    "owner": "user",
    "part": "opportunity_competitor",
    "parent": "org_unit",
    "person": "user",
    "policy": "sla_policy",
    "returns": "order",
    "rule": "incentive_rule",
    "seller": "user",
    "responsible_unit": "org_unit",
    "reports_to": "contact",
    "share": "customer_share",
    "team": "org_unit",
    "technician": "user",
    "unit": "org_unit",
    "version": "policy_version",
    "view": "saved_view",
    "visit": "field_visit",
    "entry": "pool_entry",
    "other": "customer",
    "keep": "customer",
    "merge": "customer",
    "into": "service_case",
    "to": "user",
    "earlier": "quote",
    "escalated_to": "user",
    "from_plan": "target_plan",
    "reviewer": "user",
    "session": "auth_session",
    "later": "quote",
}
"""Name of a parameter without `_id` -> table, where it is not the name of the table."""

IDS = {
    "customers": "customer",
    "marketing": "lead",
    "pipeline": "opportunity",
    "contracts": "customer",
    "support": "service_case",
    "targets": "user",
    "catalogue": "product",
}
"""Area -> what its plain `ids` are."""

EXCEPTIONS: dict[str, dict[str, str]] = {
    "contracts.edit_planned": {"plan_id": "receipt_plan"},
    "contracts.remove_planned": {"plan_id": "receipt_plan"},
    "contracts.discard_to_pool": {"ids": "customer"},
    "customers.undo_merge": {"merge_id": "merge"},
    "customers.remove_part": {"part_id": "contact"},
    "pipeline.remove_part": {"part_id": "expense"},
    "pipeline.save_assessment": {"part_id": "assessment"},
    "pipeline.save_contact": {"part_id": "opportunity_contact"},
    "pipeline.save_customer": {"part_id": "opportunity_customer"},
    "pipeline.save_expense": {"part_id": "expense"},
    "pipeline.save_member": {"part_id": "opportunity_member"},
    "pipeline.save_sample": {"part_id": "sample"},
    "marketing.discard_customers": {"ids": "customer"},
    "marketing.recycle": {"kept": ""},
    "targets.targets_at": {"plan_id": "target_plan"},
}
"""area.function -> parameter -> table, where the name alone would mislead; "" = no record."""

KINDS_OF_PART = {"customers.remove_part": "contact", "pipeline.remove_part": "expense"}


@dataclass(frozen=True)
class Call:
    """A public function of an area that asks in the name of somebody."""

    area: str
    name: str
    function: Callable[..., Any]
    parameters: dict[str, inspect.Parameter]

    @property
    def title(self) -> str:
        return f"{self.area}.{self.name}"


def calls(kind: str) -> Iterator[Call]:
    """Every function that `crm.<area>.<kind>` offers and that takes a session first."""
    for area in AREAS:
        package = importlib.import_module(f"crm.{area}.{kind}")
        for name in getattr(package, "__all__", None) or [one for one in vars(package) if not one.startswith("_")]:
            function = getattr(package, name)
            if not inspect.isfunction(function) or not function.__module__.startswith(f"crm.{area}."):
                continue
            first, *rest = inspect.signature(function, eval_str=True).parameters.values() or [None]
            if first is not None and first.name == "session" and f"{area}.{name}" not in INNER:
                yield Call(area, name, function, {one.name: one for one in rest})


Choice = Callable[[str, str, bool], int | None]
"""(slot, table, must something stand there?) -> the id that stands there; None leaves it out."""


@dataclass
class Making:
    """Makes the arguments of one call; remembers which slots there are."""

    call: Call
    choose: Choice
    given: Mapping[str, Any] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        made = {name: self._parameter(name, one) for name, one in self.call.parameters.items()}
        return {name: value for name, value in made.items() if value is not _LEFT_OUT}

    def _parameter(self, name: str, one: inspect.Parameter) -> Any:
        given = OF_CALL.get(self.call.title, {}) | dict(self.given)
        if name in given:
            return given[name]
        optional = one.default is not inspect.Parameter.empty
        return self._value(name, name, one.annotation, optional)

    def _value(self, path: str, name: str, annotation: Any, optional: bool) -> Any:
        table = self._table(name)
        if table:
            return self._ids(path, table, annotation, optional)
        if optional and not _holds_a_model(annotation):
            return _LEFT_OUT
        return self._of_type(path, name, annotation)

    def _table(self, name: str) -> str:
        known = EXCEPTIONS.get(self.call.title, {})
        if name in known:
            return known[name]
        if name in ("ids", "kept"):
            return IDS.get(self.call.area, "")
        if name == "subject_ids":
            return "customer"
        if name == "to" and self.call.title == "office.send_message":
            return "user"
        stem = name.removesuffix("_ids").removesuffix("_id")
        if stem == name:
            return ""
        if stem == "plan" and "receipt" not in self.call.title:
            return "target_plan"
        if stem == "subject":
            return "customer" if "subject_type" in self.call.parameters else "user"
        found = TABLES.get(stem, stem)
        assert not found or found in LOOKED_AT, (
            f"{self.call.title}: say in tests/security/arguments.py (TABLES or EXCEPTIONS) which table {name} is about"
        )
        return found

    def _ids(self, path: str, table: str, annotation: Any, optional: bool) -> Any:
        self.slots[path] = table
        chosen = self.choose(path, table, not optional)
        if chosen is None and optional:
            return _LEFT_OUT
        kind = _collection(annotation)
        if kind in (dict, Mapping):
            return {}
        return kind([chosen]) if kind else chosen

    def _of_type(self, path: str, name: str, annotation: Any) -> Any:
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin in (Union, types.UnionType):
            return self._of_type(path, name, next(one for one in inner if one is not type(None)))
        if origin is Literal:
            return inner[0]
        if kind := _collection(annotation):
            if kind is dict:
                return {}
            several = inner and inspect.isclass(inner[0]) and issubclass(inner[0], BaseModel)
            return kind([self._model(path, inner[0])] if several else [])
        if inspect.isclass(annotation):
            if issubclass(annotation, BaseModel):
                return self._model(path, annotation)
            if issubclass(annotation, Enum):
                return next(iter(annotation))
        return _plain(name, annotation, self.call)

    def _model(self, path: str, kind: type[BaseModel]) -> BaseModel:
        values = {}
        for name, info in kind.model_fields.items():
            given = GIVEN.get(f"{kind.__name__}.{name}")
            value = given() if given else self._value(f"{path}.{name}", name, info.annotation, not info.is_required())
            if value is not _LEFT_OUT:
                values[name] = value
        return kind.model_validate(values)


_LEFT_OUT = object()

GIVEN: dict[str, Callable[[], Any]] = {
    "LoggedActivity.outcome": lambda: "reached",
    "PlanDetails.year": lambda: 2026,
}
"""Model.field -> a value, where one of its type would not do."""

SPAN = (TODAY.replace(month=1, day=1), TODAY)
OF_CALL: dict[str, dict[str, Any]] = {
    "customers.by_dimension": {"dimension": "owner_id"},
    "pipeline.behaved": {"habit": "met", "group": "yes"},
    "pipeline.segment_sizes": {"by": "source"},
    "targets.before_and_after": {"before": SPAN, "after": SPAN},
    "targets.ledger_rows": {"metric": "cac"},
    "targets.ledgers": {"spans": (SPAN,)},
    "targets.projects": {"kind": "opportunity"},
    "targets.without_action": {"kind": "opportunity"},
    "targets.worth_by_rating": {"days": SPAN, "by": "segment"},
}
"""Parameters of single functions that one value of their type would not do for."""

INNER = {
    "staff.note": "writes the line that a sign-in left",
    "targets.actuals": "asked with conditions that other queries of the area make",
    "targets.daily": "asked with conditions that other queries of the area make",
    "targets.forecasts": "adds to rows that `attainment` gave",
    "customers.take_past_snapshot": "adds to scores that a job reckoned",
}
"""Functions that take what only the product makes."""

PLAIN = {
    "subject_type": "customer",
    "measure": "revenue",
    "kind": "person",
    "period": "month",
    "target": "customer",
    "key": "demo",
    "page": "customers",
    "name": "Zebra",
    "format": "csv",
}


def _plain(name: str, annotation: Any, call: Call) -> Any:
    if name == "kind" and call.title in KINDS_OF_PART:
        return LOOKED_AT[KINDS_OF_PART[call.title]]
    if annotation is str:
        return PLAIN.get(name, "Zebra")
    samples: dict[Any, Any] = {
        int: 1,
        float: 1.0,
        bool: False,
        bytes: b"Zebra",
        Decimal: Decimal(1),
        dt.date: TODAY,
        dt.datetime: dt.datetime.combine(TODAY, dt.time(8), dt.UTC),
        dt.time: dt.time(9),
    }
    assert annotation in samples, f"{call.title}: say in tests/security what stands for {name}: {annotation}"
    return samples[annotation]


def _collection(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return next((found for one in get_args(annotation) if (found := _collection(one))), None)
    return {
        list: list,
        tuple: tuple,
        set: set,
        frozenset: frozenset,
        dict: dict,
        Sequence: list,
        Iterable: list,
        Collection: list,
        Mapping: dict,
    }.get(origin or annotation)


def _holds_a_model(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)
