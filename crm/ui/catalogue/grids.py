"""Rows of one record (prices of a list, goods of a supplier) as a grid that is saved with one click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
from pydantic import BaseModel

from crm.ui.desk import act
from crm.ui.form import checked
from crm.ui.table import MONEY
from crm.words import label, say
from crm.words.formats import MISSING

I = TypeVar("I", bound=BaseModel)  # noqa: E741

Save = Callable[..., Any]
"""`command(session, record_id, changed, gone)`"""


def grid(
    rows: pd.DataFrame,
    kind: type[I],
    save: Save,
    record_id: int,
    *,
    key: str,
    columns: Sequence[str],
    edited: Mapping[str, Any],
) -> None:
    """`rows` has the `id` of the product; `edited`: column -> its column_config, the others are only shown."""
    turn = f"{key}.turn"
    own = f"{key}.{st.session_state.get(turn, 0)}.{len(rows)}"
    config = {name: _shown(name) for name in columns} | dict(edited)
    config["remove"] = st.column_config.CheckboxColumn(say("Remove"), width="small")
    st.data_editor(
        rows.assign(remove=False),
        key=own,
        num_rows="fixed",
        hide_index=True,
        width="stretch",
        height="content",
        placeholder=MISSING,
        column_order=[*columns, "remove"],
        column_config=config,
    )
    typed: dict[int, dict[str, Any]] = (st.session_state.get(own) or {}).get("edited_rows", {})
    if not typed:
        return
    gone = [int(rows["id"].iloc[place]) for place, change in typed.items() if change.get("remove")]
    changed = _changed(rows, kind, list(edited), {place: one for place, one in typed.items() if not one.get("remove")})
    words = say("{changed:change|changes}, {gone} taken out", changed=len(typed) - len(gone), gone=len(gone))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("Save"), type="primary", icon=":material/check:", key=f"{key}.save") and changed is not None:
            st.session_state[turn] = st.session_state.get(turn, 0) + 1
            act(save, record_id, changed, gone, done="Saved.")
        st.caption(words)


def _shown(name: str) -> Any:
    title = say("Unit of measure") if name == "unit" else label(name, of="head")
    column = st.column_config
    return column.NumberColumn(title, format="%,.2f", disabled=True) if name in MONEY else column.Column(title, disabled=True)


def _changed(rows: pd.DataFrame, kind: type[I], names: list[str], typed: dict[int, dict[str, Any]]) -> list[I] | None:
    """None after telling what is wrong."""
    found = []
    for place, change in typed.items():
        row = {str(name): None if pd.isna(value) else value for name, value in rows.iloc[place][names].items()}
        now = row | {name: change[name] for name in names if name in change}
        found.append(checked(kind, now | {"product_id": int(rows["id"].iloc[place])}))
    return [one for one in found if one is not None] if None not in found else None
