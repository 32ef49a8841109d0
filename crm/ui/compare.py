"""A save that somebody overtook: both versions side by side, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crm.errors import Stale
from crm.ui.desk import act
from crm.ui.form import Choices
from crm.ui.text import typed
from crm.words import label, say


def save(command: Callable[..., Any], *arguments: Any, version: int, now: Callable[[], int], key: str, done: str) -> None:
    """Run `command(session, *arguments, version)`; where the version is old, show both and let the person decide.

    `now()` -> the version that stands in the database when the person decides to save all the same.
    """
    st.session_state.pop(f"{key}.stale", None)
    try:
        act(command, *arguments, version, done=done)
    except Stale as error:
        st.session_state[f"{key}.stale"] = (error, command, arguments, now, done)


def compare(key: str, choices: Choices | None = None) -> None:
    """Below the form: the two versions, and what to do. `choices`: field -> {value: text}, as in the form."""
    if f"{key}.stale" not in st.session_state:
        return
    error, command, arguments, now, done = st.session_state[f"{key}.stale"]
    st.warning(say(error.template, **typed(error.values)), icon=":material/sync_problem:")
    names = list(error.mine)
    known = choices or {}
    sides = ((say("Yours"), error.mine), (say("Theirs"), error.theirs))
    both = {title: [_text(values[name], known.get(name, {})) for name in names] for title, values in sides}
    st.table(pd.DataFrame(both, index=[label(name) for name in names]))
    with st.container(horizontal=True):
        if st.button(say("Save mine"), type="primary", key=f"{key}.mine"):
            st.session_state.pop(f"{key}.stale")
            st.session_state.pop(f"{key}.version", None)
            act(command, *arguments, now(), done=done)
        if st.button(say("Keep theirs"), key=f"{key}.theirs"):
            st.session_state.pop(f"{key}.stale")
            st.session_state.pop(f"{key}.version", None)
            st.rerun()


def _text(value: Any, texts: Mapping[Any, str]) -> str:
    return "–" if value in (None, "", {}) else texts.get(value, str(value)) if not isinstance(value, dict | list) else str(value)
