"""The firm's own fields inside a form, whatever record they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from crm.office.queries import CustomFieldSpec
from crm.words import say


def custom_widgets(specs: Sequence[CustomFieldSpec], current: Mapping[str, Any], key: str) -> dict[str, object]:
    """-> field: what was entered; empty ones are left out."""
    if not specs:
        return {}
    cells = st.columns(2)
    entered = {}
    for position, spec in enumerate(specs):
        with cells[position % 2]:
            entered[spec.key] = _widget(spec, current.get(spec.key), f"{key}.{spec.key}")
    return {name: value for name, value in entered.items() if value not in (None, "")}


def _widget(spec: CustomFieldSpec, value: Any, key: str) -> object:
    title = str(spec)
    if spec.kind == "choice":
        options = list(spec.choices)
        index = options.index(value) if value in options else None
        return st.selectbox(title, options, index=index, key=key, placeholder=say("Choose"))
    if spec.kind == "date":
        return st.date_input(title, value=dt.date.fromisoformat(value) if value else None, key=key, format="YYYY-MM-DD")
    if spec.kind == "number":
        return st.number_input(title, value=float(value) if value else None, step=None, key=key)
    return st.text_input(title, value=value or "", key=key)
