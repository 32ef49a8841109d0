"""What the filters of every list share: choosing among records, saying what is chosen, and taking it off again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.staff.queries import units
from crm.ui.desk import load, me
from crm.ui.table import records
from crm.words import label, say

Texts = Mapping[Any, str]
"""value -> text"""


def named(frame: pd.DataFrame) -> dict[Any, str]:
    return dict(zip(frame["id"].tolist(), frame["name"].tolist(), strict=True)) if len(frame) else {}


def units_in_reach(area: str) -> dict[Any, str]:
    """Those whose records a person may see, from the board down."""
    actor = me().actor
    every = actor.grant(area).see is Reach.EVERYTHING
    rows = records(load(units))
    return {row.id: str(row.path).split(" / ", 1)[-1] for row in rows if every or row.id in actor.team_ids}


def search_box(
    key: str, words: str, changed: Callable[[], Any] | None = None, *, width: int = 260, help: str | None = None
) -> str | None:
    """Found while it is typed; `words`: what is looked at."""
    return st.text_input(
        say("Search"),
        key=key,
        type="search",
        live=True,
        width=width,
        icon=":material/search:",
        placeholder=words,
        help=help,
        label_visibility="collapsed",
        on_change=changed,
    )


def code_pills(name: str, codes: Sequence[Any], key: str, changed: Callable[[], Any], of: str = "") -> None:
    """One click each: as many codes of a field as are wanted."""
    st.pills(
        label(name),
        codes,
        selection_mode="multi",
        key=key,
        format_func=lambda code: label(code, of=of or name),
        label_visibility="collapsed",
        on_change=changed,
    )


def several(name: str, texts: Texts, value: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """What is chosen stays among the options, also where it is no longer in use."""
    known = {one: _text(one, texts) for one in (*texts, *value)}
    return tuple(
        st.multiselect(
            label(name), list(known), default=list(value), format_func=known.__getitem__, key=key, placeholder=say("Any")
        )
    )


def among(name: str, value: tuple[Any, ...], texts: Texts) -> str:
    """Owner: Anna, Ben, Chen…"""
    words = [_text(one, texts) for one in value]
    return say("{name}: {text}", name=label(name), text=words[:3]) + ("…" if len(words) > 3 else "")


def _text(value: Any, texts: Texts) -> str:
    return texts[value] if value in texts else say("not given") if value in ("", 0) else str(value)


def chips(applied: Mapping[str, str], off: Callable[[str], None]) -> None:
    """One small button per filter in force (field -> sentence); a click takes it off."""
    for name, text in applied.items():
        st.button(
            text, key=f"chip.{name}", icon=":material/close:", icon_position="right", type="tertiary", on_click=off, args=(name,)
        )
