"""A pydantic input as a form: one widget per field, labels and hints from the field. Data in, a valid input out."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from crm.words import label, say

Input = TypeVar("Input", bound=BaseModel)

Choices = Mapping[str, Mapping[Any, str]]
"""field -> {value: text} for fields that choose among records."""


def form(
    kind: type[Input],
    current: Mapping[str, Any] | None = None,
    *,
    key: str,
    choices: Choices | None = None,
    only: Sequence[str] | None = None,
    save: str = "Save",
    columns: int = 2,
    extra: Callable[[], dict[str, Any]] | None = None,
) -> Input | None:
    """Show the fields of `kind` filled from `current`; -> the checked input once it was submitted, else None.

    What was typed stays when it is refused. `extra` draws further widgets inside the form and returns their values.
    """
    names = [name for name in (kind.model_fields if only is None else only) if not _extra(kind.model_fields[name]).get("hidden")]
    values: dict[str, Any] = {name: current[name] for name in kind.model_fields if current and name in current}
    with st.form(key, border=False, enter_to_submit=True):
        short = [name for name in names if not _is_long(kind.model_fields[name])]
        cells = st.columns(columns) if columns > 1 else [st.container()]
        for position, name in enumerate(short):
            with cells[position % len(cells)]:
                values[name] = _widget(kind, name, values.get(name), f"{key}.{name}", choices or {})
        for name in names:
            if name not in short:
                values[name] = _widget(kind, name, values.get(name), f"{key}.{name}", choices or {})
        if extra:
            values |= extra()
        sent = st.form_submit_button(say(save), type="primary", icon=":material/check:")
    if not sent:
        return None
    return checked(kind, values)


def checked(kind: type[Input], values: Mapping[str, Any]) -> Input | None:
    """The input, or None after telling which fields are wrong and how."""
    try:
        return kind.model_validate({name: None if value == "" else value for name, value in values.items()})
    except ValidationError as error:
        st.error("  \n".join(_sentence(problem) for problem in error.errors()), icon=":material/error:")
        return None


_SENTENCES = {
    "missing": "fill this in",
    "string_type": "fill this in",
    "string_too_long": "too long: at most {max_length} characters",
    "string_too_short": "fill this in",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
} | dict.fromkeys(("int_type", "decimal_type", "float_type", "date_type", "bool_type", "enum"), "fill this in")


def _sentence(problem: Any) -> str:
    name = label(str(problem["loc"][0])) if problem["loc"] else ""
    template = _SENTENCES.get(problem["type"])
    context = problem.get("ctx") or {}
    if problem["type"] == "value_error":
        error = context["error"]
        text = say(error.template, **error.values) if hasattr(error, "template") else say(str(error))
    else:
        text = say(template, **context) if template else problem["msg"]
    return say("**{name}**: {text}", name=name, text=text) if name else text


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _is_long(info: FieldInfo) -> bool:
    return bool(_extra(info).get("long"))


def _bare(annotation: Any) -> tuple[Any, bool]:
    """`X | None` -> (X, optional), also where X has rules of its own."""
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        wanted = get_args(options[0])[0] if get_origin(options[0]) is Annotated else options[0]
        return wanted, len(options) < len(get_args(annotation))
    return annotation, False


def _widget(kind: type[BaseModel], name: str, value: Any, key: str, choices: Choices) -> Any:
    info = kind.model_fields[name]
    wanted, optional = _bare(info.annotation)
    title = (say(info.title) if info.title else label(name)) + (" *" if info.is_required() and not optional else "")
    value = value if value is not None or info.is_required() else info.get_default(call_default_factory=True)
    hint = say(info.description) if info.description else None
    if name in choices:
        return _choose(
            title, dict(choices[name]), value, optional or not info.is_required(), key, hint, get_origin(wanted) in (list, tuple)
        )
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        options = {member.value: label(member.value, of=name) for member in wanted}
        return _choose(title, options, getattr(value, "value", value), optional, key, hint, False)
    return _plain(wanted, title, value, key, hint, info)


def _choose(title: str, options: dict[Any, str], value: Any, optional: bool, key: str, hint: str | None, several: bool) -> Any:
    if several:
        return st.multiselect(
            title,
            list(options),
            default=[one for one in value or [] if one in options],
            format_func=lambda one: options[one],
            key=key,
            help=hint,
        )
    codes = list(options)
    index = codes.index(value) if value in options else (None if optional or len(codes) > 1 else 0)
    return st.selectbox(
        title, codes, index=index, format_func=lambda code: options[code], key=key, help=hint, placeholder=say("Choose")
    )


def _plain(wanted: Any, title: str, value: Any, key: str, hint: str | None, info: FieldInfo) -> Any:
    if wanted is bool:
        return st.checkbox(title, value=bool(value), key=key, help=hint)
    if wanted is dt.date:
        earliest, latest = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
        return st.date_input(title, value=value, min_value=earliest, max_value=latest, key=key, help=hint, format="YYYY-MM-DD")
    if wanted is dt.time:
        return st.time_input(title, value=value, key=key, help=hint, step=dt.timedelta(minutes=15))
    if wanted is int:
        return st.number_input(title, value=None if value is None else int(value), step=1, key=key, help=hint)
    if wanted in (Decimal, float):
        return st.number_input(title, value=None if value is None else float(value), step=None, format="%.2f", key=key, help=hint)
    if _is_long(info):
        lines = "\n".join(value) if isinstance(value, list) else value
        return st.text_area(title, value=lines or "", key=key, help=hint, height=90)
    secret: Any = "password" if _extra(info).get("secret") else "default"
    return st.text_input(title, value=value or "", key=key, help=hint, type=secret)
