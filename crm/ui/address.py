"""The state of a page in the browser's address: a filter that can be shared, and that Back brings back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_origin

import streamlit as st
from pydantic import BaseModel, ValidationError

LARGEST, MOST = 2**31 - 1, Decimal(10) ** 12
"""No id and no count is larger, no amount of money."""

F = TypeVar("F", bound=BaseModel)


def read_filter(kind: type[F]) -> F:
    """The filter in the address; what makes no sense there is dropped."""
    values: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        if name in st.query_params:
            values[name] = _value(name, get_origin(info.annotation) is tuple)
    try:
        found = kind.model_validate(values)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        found = kind.model_validate({name: value for name, value in values.items() if name not in wrong})
    huge = {
        name: info.get_default(call_default_factory=True) for name, info in kind.model_fields.items() if _is_huge(found, name)
    }
    return found.model_copy(update=huge)


def _is_huge(found: BaseModel, name: str) -> bool:
    """More than a column of the database can hold: nothing is found by it, and asking for it would be an error."""
    value = getattr(found, name)
    several = value if isinstance(value, tuple) else (value,)
    return any(abs(one) > LARGEST if isinstance(one, int) else isinstance(one, Decimal) and abs(one) > MOST for one in several)


def _value(name: str, several: bool) -> Any:
    if name == "custom":
        return [tuple(pair.split("=", 1)) for pair in st.query_params.get_all(name) if "=" in pair]
    return st.query_params.get_all(name) if several else st.query_params[name]


def write_filter(where: BaseModel, keep: tuple[str, ...] = ()) -> None:
    """Put a filter into the address; only what differs from "any" stands there. `keep` names other parameters that stay."""
    kept = {name: st.query_params.get_all(name) for name in keep if name in st.query_params}
    st.query_params.from_dict(parameters(where) | kept)


def parameters(where: BaseModel) -> dict[str, Any]:
    """-> what the address of a list with this filter carries."""
    chosen = where.model_dump(mode="json", exclude_defaults=True)
    if "custom" in chosen:
        chosen["custom"] = [f"{key}={value}" for key, value in chosen["custom"]]
    return {name: [str(one) for one in value] if isinstance(value, list) else str(value) for name, value in chosen.items()}


def number(name: str, default: int) -> int:
    """A whole number in the address, such as the page of a list."""
    text = str(st.query_params.get(name, default))
    return int(text) if text.isdecimal() and len(text) < 12 and int(text) <= LARGEST else default


def choice(name: str, options: Mapping[str, Any] | tuple[str, ...], default: str) -> str:
    found = st.query_params.get(name, default)
    return found if found in options else default
