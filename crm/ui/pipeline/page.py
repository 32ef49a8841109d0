"""The pipeline: the deals a person sees, as a board or as a list, under one line of filters."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office.queries import today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.periods import span
from crm.ui.address import choice, parameters, read_filter, write_filter
from crm.ui.deal.stages import stage_titles
from crm.ui.desk import figures, me
from crm.ui.dialog import open_dialog
from crm.ui.money import amounts, in_one_currency
from crm.ui.pipeline import listing
from crm.ui.pipeline.board import CARDS, board, undo
from crm.ui.pipeline.filters import KEEP, chips, choose_pipeline, more_filters, quick_filters
from crm.ui.pipeline.new_deal import new_deal
from crm.ui.quick_log import undo_log
from crm.ui.show import empty
from crm.ui.tile import told
from crm.ui.views import Fixed, saved_views
from crm.words import label, say
from crm.words.formats import number as spoken

PAGE = "pipeline"
OPEN = ("open",)


@st.fragment
def pipeline() -> None:
    """Everything below the top line; a fragment, so that typing and paging redraw this alone."""
    where, show = read_filter(OpportunityFilter), choice("show", ("board", "list"), "board")
    with st.container(horizontal=True, vertical_alignment="center"):
        saved_views(PAGE, _views(), lambda: {"filter": parameters(where), "show": show} | listing.view_of_list())
        st.space("stretch")
        _board_or_list(show)
        listing.export(where if show == "list" else where.model_copy(update={"state": OPEN}))
        if me().actor.grant("pipeline").change:
            new_deal_button("pipeline.new")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = choose_pipeline(where, show)
        quick_filters(where)
    if show == "list":
        _list(where)
    elif shown is None:
        empty("There is no pipeline yet: an administrator adds one under settings.")
    else:
        _board(shown, where)


def new_deal_button(key: str, customer_id: int | None = None) -> None:
    if st.button(say("New deal"), type="primary", icon=":material/add:", key=key, shortcut="Alt+N"):
        open_dialog(say("New deal"), new_deal, customer_id, width="medium")


def _views() -> Fixed:
    day = figures(today)
    quarter = {"closed_from": str(span("quarter", day)[0]), "closed_to": str(day), "show": "list", "sort": "closed_on"}
    return {
        "all": (say("All"), {}),
        "won": (say("Won this quarter"), {"state": ["won"]} | quarter),
        "lost": (say("Lost this quarter"), {"state": ["lost"]} | quarter),
    }


def _board_or_list(show: str) -> None:
    icons = {"board": ":material/view_kanban:", "list": ":material/table_rows:"}
    st.session_state["pipeline.show"] = show
    st.segmented_control(
        say("Show"),
        list(icons),
        key="pipeline.show",
        required=True,
        format_func=lambda way: f"{icons[way]} {label(way, of='show')}",
        label_visibility="collapsed",
        on_change=_show_chosen,
    )


def _show_chosen() -> None:
    """The board has the open deals by their stages; a list that begins from it shows the same ones."""
    show, where = st.session_state["pipeline.show"], read_filter(OpportunityFilter)
    closed = {"closed_from": None, "closed_to": None, "close_reason": ()}
    there = {"state": where.state or OPEN} if show == "list" else {"state": (), "stage_id": ()} | closed
    write_filter(where.model_copy(update=there), tuple(name for name in KEEP if name != "view"))
    st.query_params["show"] = show


def _board(pipeline_id: int, where: OpportunityFilter) -> None:
    shown = where.model_copy(update={"pipeline_id": (), "state": ()})
    found = figures(queries.board, pipeline_id=pipeline_id, where=shown, cards=CARDS)
    deals = int(found.stages["deals"].sum())
    _say(deals, _added(found.stages["amounts"]), _added(found.stages["weighted"]))
    with st.container(horizontal=True, vertical_alignment="center", key="pipeline.figures"):
        _sums(deals, _added(found.stages["amounts"]), _added(found.stages["weighted"]))
        chips(shown)
        undo(stage_titles(pipeline_id))
        undo_log("pipeline.log")
        st.space("stretch")
        _more_filters(where)
    if deals:
        board(found, where)
    else:
        _nothing(shown)


def _list(where: OpportunityFilter) -> None:
    totals = figures(queries.totals, where=where)
    _say(totals["opportunities"], totals["amounts"], totals["weighted"])
    with st.container(horizontal=True, vertical_alignment="center", key="pipeline.figures"):
        _sums(totals["opportunities"], totals["amounts"], totals["weighted"])
        chips(where)
        undo_log("pipeline.log")
        st.space("stretch")
        _more_filters(where)
        listing.order()
    if totals["opportunities"]:
        listing.rows(where, totals["opportunities"])
    else:
        _nothing(where)


def _more_filters(where: OpportunityFilter) -> None:
    panel = st.popover(say("Filters"), icon=":material/tune:", key="pipeline.filters", on_change="rerun")
    if panel.open:
        with panel:
            more_filters(where)


def _say(deals: int, amount: dict[str, float], weighted: dict[str, float]) -> None:
    told("pipeline", {"count": deals, **in_one_currency("amount", amount), **in_one_currency("weighted", weighted)})


def _sums(deals: int, amount: dict[str, float], weighted: dict[str, float]) -> None:
    st.markdown(
        say(
            "**{deals}** deals · {amount} · weighted {weighted}",
            deals=spoken(deals, 0),
            amount=amounts(amount),
            weighted=amounts(weighted),
        ),
        width="content",
        help=say("Weighted: each amount times its chance to win. What is won counts whole, what is lost not at all."),
    )


def _added(by_stage: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    for sums in by_stage:
        for currency, amount in sums.items():
            found[currency] = found.get(currency, 0.0) + amount
    return found


def _nothing(where: OpportunityFilter) -> None:
    if where == OpportunityFilter():
        empty("Here your deals will stand, stage by stage. Begin with a new one, or convert a lead.")
    else:
        empty("No deal fits these filters.")
        st.button(say("Take all filters off"), on_click=st.query_params.clear, icon=":material/filter_alt_off:")
