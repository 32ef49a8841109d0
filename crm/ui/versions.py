"""An edit that somebody else may make at the same time: the second save shows both versions, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import BaseModel

from crm.ui.compare import compare, save
from crm.ui.form import Choices, form


def edit_form(
    kind: type[BaseModel],
    record: Any,
    command: Callable[..., Any],
    *,
    key: str,
    done: str,
    choices: Choices | None = None,
    columns: int = 2,
) -> None:
    """The form of a stored record; saves with the version it was opened with, `command(session, id, values, version)`."""
    kept, names = f"{key}.version", list(kind.model_fields)
    if kept not in st.session_state or f"{key}.{names[0]}" not in st.session_state:
        st.session_state[kept] = record.version
    current = {name: getattr(record, name) for name in names}
    values = form(kind, current, key=key, choices=choices, columns=columns)
    if values is not None:
        opened = st.session_state.pop(kept)
        save(command, record.id, values, version=opened, now=lambda: record.version, key=key, done=done)
        # Not saved. Who has seen both versions and saves again means it.
        st.session_state[kept] = record.version if f"{key}.stale" in st.session_state else opened
    compare(key, choices)
