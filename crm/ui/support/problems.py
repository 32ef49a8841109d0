"""Known problems: how many cases hang on each, and what helps until it is solved."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_choices
from crm.support import commands, queries
from crm.support.commands import ProblemInput
from crm.support.models import ProblemState
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import search_box
from crm.ui.form import form
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import number as spoken

SHOWN = ("name", "state", "open_cases", "cases", "product", "workaround", "last_case_on")
WIDTHS = {"name": 290, "open_cases": 90, "product": 180, "workaround": 300, "state": 110}


def problems() -> None:
    """Everything below the sides of the page; a fragment."""
    with st.container(horizontal=True, vertical_alignment="center", key="problems.top"):
        words = search_box("problems.search", say("Name, cause, workaround"), width=240)
        solved = st.toggle(say("Solved ones too"), key="problems.solved")
        st.space("stretch")
        if me().actor.grant("support").change and st.button(say("New problem"), icon=":material/add:", key="problems.new"):
            open_dialog(say("New problem"), new_dialog, width="medium")
    rows = load(queries.problem_list, search=(words or "").strip(), solved=solved)
    if rows.empty:
        if words:
            empty("No known problem has these words.")
        else:
            empty("No problem is known. When cases have one cause, write it down here with what helps until it is solved.")
        return
    _title(rows)
    chosen = table(rows, key=f"problems.table.{solved}.{words}", columns=SHOWN, once=True, widths=WIDTHS, height="auto")
    if chosen.opened is not None:
        row = records(rows[rows["id"] == chosen.opened])[0]
        open_dialog(str(row.name), problem_dialog, int(row.id), int(row.cases), int(row.open_cases), width="medium")


def _title(rows: pd.DataFrame) -> None:
    waiting = int(rows["open_cases"].sum())
    without = int(((rows["state"] == ProblemState.OPEN) & rows["workaround"].fillna("").eq("")).sum())
    values: dict[str, Any] = {"count": len(rows), "waiting": spoken(waiting, 0), "without": spoken(without, 0)}
    heading("{count:known problem|known problems}, {waiting} open cases hang on them; {without} without a workaround", **values)


def problem_dialog(problem_id: int, cases: int, open_cases: int) -> None:
    """What is known of it, its cases, and the form for those who work on cases."""
    found = find(queries.problem, problem_id)
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(label(found.state, of="state"), color="green" if found.state == ProblemState.SOLVED else "orange")
        _drill(say("{count:case|cases}", count=cases), cases, problem_id=problem_id)
        _drill(say("{count} open", count=open_cases), open_cases, problem_id=problem_id, open=True)
    if not me().actor.grant("support").change:
        _facts(found)
        return
    key = f"problem.edit.{problem_id}"
    current = {name: getattr(found, name) for name in ProblemInput.model_fields}
    version = st.session_state.setdefault(f"{key}.version", found.version)
    input = form(ProblemInput, current, key=key, choices={"product_id": figures(product_choices)})
    if input is not None:
        save(
            commands.edit_problem,
            problem_id,
            input,
            version=version,
            now=lambda: _version(problem_id),
            key=key,
            done="Saved.",
        )
    compare(key, {"product_id": figures(product_choices)})
    if not cases and st.button(say("Delete this problem"), key=f"{key}.delete", type="tertiary", icon=":material/delete:"):
        act(commands.remove_problem, problem_id, done="Deleted.")


def _drill(text: str, count: int, **where: Any) -> None:
    if count and st.button(text, key=f"problem.cases.{len(where)}", icon=":material/arrow_forward:", type="tertiary"):
        go("cases", show="list", **where)


def _facts(found: Any) -> None:
    for name in ("description", "cause", "workaround"):
        if text := getattr(found, name):
            st.markdown(f"**{label(name)}**  \n{literal(text)}")


def new_dialog() -> None:
    input = form(ProblemInput, key="problem.new", choices={"product_id": figures(product_choices)}, save="Add")
    if input is not None:
        act(commands.add_problem, input, done="The problem is known from now on. Link its cases to it.")


def _version(problem_id: int) -> int:
    found = find(queries.problem, problem_id)
    return found.version if found else 0
