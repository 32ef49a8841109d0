"""The list: fifty cases in the order and with the columns of a person, and what can be done with the ticked ones."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.pipeline.queries.deals import moment
from crm.support import queries
from crm.support.filters import CaseFilter, Sort
from crm.support.models import OPEN, CaseKind, CaseState
from crm.ui.address import parameters, read_filter
from crm.ui.desk import figures, go, load, me
from crm.ui.exporter import export_button
from crm.ui.paging import page_of, pager
from crm.ui.shape import columns_of, order_and_columns, sort_of
from crm.ui.show import empty
from crm.ui.support.filters import chips, codes, filters_panel, nothing_fits, search
from crm.ui.support.many import actions
from crm.ui.support.remaining import time_left
from crm.ui.table import records, table
from crm.ui.tile import told
from crm.ui.views import Fixed, saved_views
from crm.words import label, say
from crm.words.formats import number as spoken
from crm.words.formats import percent

SIZE = 50
USUAL: tuple[str, ...] = ("number", "title", "customer", "kind", "priority", "state", "time_left", "owner", "team", "opened_at")
FURTHER: tuple[str, ...] = ("complaint_class", "channel", "severity", "product", "cause", "answered_at", "solved_at", "closed_at")
FURTHER += ("reopened", "made_sla")
EXPORTED: tuple[str, ...] = ("number", "title", "customer", "product", "kind", "complaint_class", "channel", "priority")
EXPORTED += (
    "severity",
    "state",
    "owner",
    "team",
    "cause",
    "opened_at",
    "answered_at",
    "solved_at",
    "closed_at",
    "reopened",
    "made_sla",
)
WIDTHS = {"number": 88, "title": 176, "customer": 140, "kind": 92, "priority": 66, "state": 100, "time_left": 176, "owner": 72}


def listing() -> None:
    """Everything below the sides of the page; a fragment, so that typing and paging redraw the list alone."""
    where = read_filter(CaseFilter)
    with st.container(horizontal=True, vertical_alignment="center"):
        saved_views("cases", _views(), lambda: {"filter": parameters(where), "show": "list"} | _view_of_list())
        st.space("stretch")
        _export(where)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list.line"):
        search(where, "list.search")
        codes("state", [state.value for state in CaseState], where.state, "list.state")
        codes("kind", [kind.value for kind in CaseKind], where.kind, "list.kind")
    totals = figures(queries.totals, where=where)
    told("cases", {"count": totals["cases"]})
    with st.container(horizontal=True, vertical_alignment="center", key="list.figures"):
        st.markdown(_sentence(totals), width="content")
        chips(where, ("search", "state", "kind"))
        st.space("stretch")
        filters_panel(where, "list")
        order_and_columns("list", get_args(Sort), _sort(), (*USUAL, *FURTHER), _columns(), _headings())
    if totals["cases"]:
        _rows(where, totals["cases"])
    else:
        _nothing(where)


def _views() -> Fixed:
    day = figures(today)
    month = {"solved_from": str(day.replace(day=1)), "solved_to": str(day)}
    found: dict[str, tuple[str, dict[str, Any]]] = {"all": (say("All"), {})}
    if me().actor.grant("support").change:
        found["mine"] = say("Mine"), {"owner_id": [str(me().user_id)], "open": "True"}
    found |= {
        "open": (say("Open"), {"open": "True"}),
        "escalated": (say("Escalated to me"), {"escalated_to_id": str(me().user_id), "open": "True"}),
        "complaints": (say("Complaints"), {"kind": [CaseKind.COMPLAINT.value]}),
        "late": (say("Solved late this month"), {"made_sla": "False", "sort": "solved_at"} | month),
    }
    return {name: (title, {"show": "list"} | address) for name, (title, address) in found.items()}


def _view_of_list() -> dict[str, object]:
    """What a saved view keeps besides its filter."""
    return {"sort": st.query_params.get("sort"), "columns": _columns()}


def _columns() -> tuple[str, ...]:
    return columns_of((*USUAL, *FURTHER), USUAL)


def _sort() -> tuple[Sort, bool]:
    return sort_of(get_args(Sort), "opened_at")


def _headings() -> dict[str, str]:
    return {"title": label("subject"), "made_sla": say("Solved in time"), "owner": label("agent")}


def _sentence(totals: dict[str, int]) -> str:
    decided = totals["made_sla"] + totals["missed_sla"]
    told = say(
        "**{cases}** cases · **{open}** open, **{unassigned}** of them nobody's",
        **{name: spoken(totals[name], 0) for name in ("cases", "open", "unassigned")},
    )
    return f"{told} · {say('{share} solved in time', share=percent(totals['made_sla'] / decided))}" if decided else told


def _export(where: CaseFilter) -> None:
    shown = {name: _headings().get(name) or label(name, of="head") for name in EXPORTED}
    filters = where.model_dump(mode="json", exclude_defaults=True)
    export_button(
        "cases",
        lambda session: queries.export_rows(session, where).rename(columns={"subject": "title"}),
        shown,
        filters,
        area="support",
        key="list.export",
    )


def _rows(where: CaseFilter, total: int) -> None:
    page, (by, down), columns = page_of(total, SIZE), _sort(), _columns()
    found = load(queries.case_list, where=where, sort=by, descending=down, page=page, size=SIZE)
    above = st.container()
    chosen = table(
        readable(found, figures(moment)),
        key=f"list.table.{page}.{hash((where, by, down, columns))}",
        columns=columns,
        labels=_headings(),
        many=True,
        widths=WIDTHS,
    )
    if chosen.opened is not None:
        go("case", case=chosen.opened)
    if chosen.ticked:
        with above:
            actions(chosen.ticked, where, total)
    pager(total, SIZE, "list.page")


def readable(rows: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    """A page of the list as the table shows it."""
    going = [time_left(row, now) if row.state in OPEN else "" for row in records(rows)]
    return rows.assign(title=rows["subject"], time_left=going)


def _nothing(where: CaseFilter) -> None:
    if where == CaseFilter():
        empty("Here all cases will stand, open and closed. Write down the first one, or import those of another system.")
    else:
        empty("No case fits these filters.")
        nothing_fits()
