"""The sheet of a reviewer: criteria down, a mark for each, the score as it comes out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.targets import commands
from crm.targets.commands import ReviewInput
from crm.targets.commands.evaluations import weighted
from crm.ui.desk import act, me
from crm.ui.form import checked
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import number

FEW = 7
"""Marks up to this many are buttons, more are a slider."""


def sheet(evaluation_id: int, criteria: list[dict[str, Any]], highest: int, holding: pd.DataFrame) -> None:
    """Filled with what I gave before; saving again takes its place."""
    before = next((row for row in records(holding) if row.by_id == me().user_id), None)
    key = f"sheet.{evaluation_id}"
    with st.container(border=True, key=key):
        place = st.empty()
        marks = {one["key"]: _mark(one, highest, before.marks.get(one["key"]) if before else None, key) for one in criteria}
        given = {name: int(mark) for name, mark in marks.items() if mark is not None}
        with place.container():
            _title(criteria, given, highest, before is not None)
        remark = st.text_area(label("remark"), (before.remark if before else None) or "", key=f"{key}.remark", height=80)
        title = say("Save my marks again") if before else say("Save my marks")
        lacking = len(criteria) - len(given)
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.button(title, type="primary", icon=":material/check:", key=f"{key}.save", disabled=lacking > 0)
            if lacking:
                st.caption(say("{count:mark is|marks are} missing.", count=lacking))
    if sent and (details := checked(ReviewInput, {"marks": given, "remark": remark or None})) is not None:
        act(commands.review, evaluation_id, details, done="Your marks are saved.")


def _title(criteria: list[dict[str, Any]], given: dict[str, int], highest: int, again: bool) -> None:
    if len(given) == len(criteria):
        heading("My marks: {score} of 100", score=number(weighted(criteria, given, highest), 1), about=_meant(again))
    else:
        heading("My marks, from 1 to {highest}", highest=highest, about=_meant(again))


def _meant(again: bool) -> str:
    text = say("The score is the weighted mean: 0 = the lowest mark everywhere, 100 = the highest.")
    return (
        text + " " + say("You have given marks before; saving again takes their place, and both stay known.") if again else text
    )


def _mark(one: dict[str, Any], highest: int, before: int | None, key: str) -> int | None:
    left, right = st.columns(2, vertical_alignment="center")
    left.markdown(f"{literal(one['name'])} :gray[{one['weight']} %]")
    own = f"{key}.{one['key']}"
    if highest <= FEW:
        marks = list(range(1, highest + 1))
        return right.segmented_control(literal(one["name"]), marks, default=before, key=own, label_visibility="collapsed")
    value = before or (highest + 1) // 2
    return int(right.slider(literal(one["name"]), 1, highest, value, key=own, label_visibility="collapsed"))


__all__ = ["sheet"]
