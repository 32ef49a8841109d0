"""Field visits: day by day what is to be made, by whom, where; finished with its result."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.office.queries import today
from crm.support import commands, queries
from crm.ui.address import choice
from crm.ui.desk import act, figures, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.show import empty, heading
from crm.ui.support.times import local
from crm.ui.support.visiting import finish_dialog, visit_dialog
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_relative, date_short

MADE = 50
WHOSE = {"mine": "Mine", "team": "My team", "all": "All"}
SHOWN = ("done_at", "case", "customer", "technician", "minutes", "state", "result")


def visits() -> None:
    """Everything below the sides of the page; a fragment."""
    whose = _whose()
    asked = {"technician_id": me().user_id if whose == "mine" else None, "team": whose == "team"}
    rows, day, zone = load(queries.visit_list, **asked), figures(today), firm_zone()
    if rows.empty:
        empty("No visit is planned. Plan one on its case, and it stands here on its day.")
    else:
        _planned(rows, day, zone)
    made = load(queries.visit_list, planned=False, limit=MADE, **asked)
    if len(made):
        heading("{count:visit|visits} made or cancelled lately", count=len(made))
        _made(made, zone)


def _whose() -> str:
    actor = me().actor
    known = [one for one in WHOSE if one != "team" or actor.grant("support").see is Reach.TEAM]
    known = [one for one in known if one != "mine" or actor.grant("support").change]
    now = choice("whose", tuple(known), known[0])
    st.session_state["visits.whose"] = now
    st.segmented_control(
        say("Whose"),
        known,
        key="visits.whose",
        required=True,
        format_func=lambda one: say(WHOSE[one]),
        label_visibility="collapsed",
        on_change=lambda: st.query_params.update(whose=st.session_state["visits.whose"]),
    )
    return now


def firm_zone() -> str:
    """In which moments are told: that of the first working calendar."""
    found = load(queries.calendars)
    return str(found["zone"].iloc[0]) if len(found) else "UTC"


def _made(rows: pd.DataFrame, zone: str) -> None:
    shown = rows.assign(
        case=[_case(row) for row in records(rows)],
        done_at=rows["done_at"].dt.tz_convert(zone).dt.tz_localize(None),
    )
    chosen = table(shown, key="visits.made", columns=SHOWN, height="auto")
    if chosen.opened is not None:
        cases = dict(zip(rows["id"].tolist(), rows["case_id"].tolist(), strict=True))
        go("case", case=cases[chosen.opened])


def _case(row: Any) -> str:
    return f"{row.number} · {row.subject}"


# ------------------------------------------------------------------------------------------------------- planned


def _planned(rows: pd.DataFrame, day: dt.date, zone: str) -> None:
    days = [local(at, zone).date() for at in rows["planned_at"]]
    late, first = sum(one < day for one in days), days.count(day)
    if late:
        heading("{count:visit|visits} today; {late} should have been made already", count=first, late=late)
    else:
        heading("{count:visit|visits} today, {total} planned in all", count=first, total=len(rows))
    for on, part in rows.groupby(pd.Series(days, index=rows.index)):
        ink = "red" if on < day else "gray"
        with st.container(border=True, gap="small", key=f"visits.{on}"):
            st.markdown(f"**{date_short(on)}** :{ink}[{date_relative(on, day)}]")
            for row in records(part):
                _visit(row, zone)


def _visit(row: Any, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"visit.{row.id}"):
        st.markdown(f"**{local(row.planned_at, zone):%H:%M}**", width=48)
        with st.container(gap=None, width="stretch"):
            if st.button(literal(_case(row)), key=f"visit.case.{row.id}", type="tertiary", icon=":material/support_agent:"):
                go("case", case=row.case_id)
            st.caption(" · ".join(_facts(row)))
        if me().actor.grant("support").change:
            _moves(row, zone)


def _facts(row: Any) -> list[str]:
    """Who goes to whom, where, how long, what for."""
    facts = [literal(one) for one in (row.customer, row.technician, row.address) if isinstance(one, str) and one]
    facts += [say("{count:minute|minutes}", count=int(row.minutes))] if pd.notna(row.minutes) else []
    return facts + ([literal(row.task)] if isinstance(row.task, str) and row.task else [])


def _moves(row: Any, zone: str) -> None:
    if st.button(say("Done"), key=f"visit.done.{row.id}", icon=":material/check:"):
        open_dialog(say("How did the visit go?"), finish_dialog, int(row.id), row.minutes, width="small")
    words = {"edit": say("Change the visit"), "cancel": say("Cancel the visit")}
    chosen = st.menu_button(
        "", list(words), format_func=words.__getitem__, key=f"visit.more.{row.id}", icon=":material/more_vert:", type="tertiary"
    )
    if chosen == "edit":
        open_dialog(say("Change the visit"), visit_dialog, int(row.case_id), zone, row._asdict(), width="medium")
    elif chosen == "cancel":
        act(commands.cancel_visit, int(row.id), done="The visit is cancelled.")
