"""Forms: what is judged, and how much each of it weighs; edited in a small grid whose weights add up to 100 %."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.targets import commands, queries
from crm.targets.commands import FormInput
from crm.targets.models import EvaluationKind
from crm.ui.compare import compare, save
from crm.ui.desk import act, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.words import label, say

EMPTY = [{"key": f"c{at}", "name": "", "weight": weight} for at, weight in enumerate((40, 30, 30), 1)]


WIDTHS = {"name": 185, "kind": 70, "highest": 95, "criteria": 655}


def forms_list() -> None:
    found = load(queries.forms)
    if found.empty:
        empty(
            "A form says what is judged and how much each criterion weighs. None is there yet: who approves targets makes them."
        )
        return
    heading("{count:form|forms}; an evaluation keeps the criteria it began with", count=len(found))
    shown = found.assign(
        kind=[label(one, of="evaluation_kind") for one in found["kind"]],
        criteria=[" · ".join(f"{one['name']} {one['weight']} %" for one in criteria) for criteria in found["criteria"]],
    )
    labels = {"name": label("form"), "highest": label("highest_mark")}
    columns = ["name", "kind", "highest", "criteria", *(["remark"] if shown["remark"].any() else [])]
    chosen = table(shown, key="forms.table", columns=columns, labels=labels, once=True, widths=WIDTHS)
    if chosen.opened and (one := next((row for row in records(found) if row.id == chosen.opened), None)):
        current = {name: getattr(one, name) for name in ("id", "name", "kind", "highest", "criteria", "remark", "version")}
        open_dialog(str(one.name), form_dialog, current)


def form_dialog(current: dict[str, Any] | None = None) -> None:
    """`current` is the form as it was when the dialog opened; None = a new one."""
    if not me().actor.may("approve", "targets"):
        st.table(pd.DataFrame(current["criteria"] if current else [])[["name", "weight"]])
        return
    key = f"forms.edit.{current['id'] if current else 'new'}"
    values = _fields(current or {}, key)
    criteria, total = _grid(current["criteria"] if current else EMPTY, key)
    with st.container(horizontal=True, vertical_alignment="center"):
        sent = st.button(say("Save"), type="primary", icon=":material/check:", key=f"{key}.save", disabled=total != 100)
        if total != 100:
            st.caption(say("The weights add up to {total} %, not to 100 %.", total=total))
    if sent and (details := checked(FormInput, values | {"criteria": criteria})) is not None:
        if current is None:
            act(commands.add_form, details, done="Form added.")
        else:
            version = int(current["version"])
            save(
                commands.edit_form,
                current["id"],
                details,
                version=version,
                now=lambda: _version(current["id"]),
                key=key,
                done="Saved.",
            )
    compare(key)
    if current and st.button(say("Delete this form"), icon=":material/delete:", type="tertiary", key=f"{key}.delete"):
        act(commands.remove_form, current["id"], done="Form deleted. Evaluations made with it stay.")


def _fields(current: dict[str, Any], key: str) -> dict[str, Any]:
    kinds = [one.value for one in EvaluationKind]
    left, middle, right = st.columns([3, 2, 1])
    name = left.text_input(label("name") + " *", current.get("name", ""), key=f"{key}.name")
    kind = middle.selectbox(
        label("kind"),
        kinds,
        index=kinds.index(current.get("kind", "work")),
        key=f"{key}.kind",
        format_func=lambda one: label(one, of="evaluation_kind"),
    )
    highest = right.number_input(
        label("highest_mark"), 2, 100, int(current.get("highest", 5)), key=f"{key}.highest", help=say("Marks go from 1 to this.")
    )
    remark = st.text_input(label("remark"), current.get("remark") or "", key=f"{key}.remark")
    return {"name": name, "kind": kind, "highest": int(highest), "remark": remark or None}


def _grid(criteria: list[dict[str, Any]], key: str) -> tuple[list[dict[str, Any]], int]:
    """-> the criteria as they were edited, each with a key, and what their weights add up to."""
    edited = st.data_editor(
        pd.DataFrame(criteria, columns=["key", "name", "weight"]),
        key=f"{key}.grid",
        hide_index=True,
        num_rows="dynamic",
        width="stretch",
        height="content",
        column_order=["name", "weight"],
        column_config={
            "name": st.column_config.TextColumn(label("criterion"), required=True, max_chars=100, width="large"),
            "weight": st.column_config.NumberColumn(label("weight") + " %", min_value=1, max_value=100, step=1, required=True),
        },
    )
    rows = [row for row in edited.fillna({"name": "", "weight": 0}).to_dict("records") if row["name"].strip() or row["weight"]]
    taken = {row["key"] for row in rows if isinstance(row["key"], str)}
    free = (name for name in (f"c{at}" for at in range(1, 100)) if name not in taken)
    told = []
    for row in rows:
        own = row["key"] if isinstance(row["key"], str) else next(free)
        told.append({"key": own, "name": row["name"].strip(), "weight": int(row["weight"])})
    return told, sum(one["weight"] for one in told)


def _version(form_id: int) -> int:
    return next((int(row.version) for row in records(load(queries.forms)) if row.id == form_id), 0)


__all__ = ["form_dialog", "forms_list"]
