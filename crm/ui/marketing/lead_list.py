"""The list of leads: the most promising first, each with the reasons of its score; actions on ticked rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.marketing import commands, queries
from crm.marketing.filters import LeadFilter, LeadSort
from crm.marketing.models import LeadState
from crm.marketing.pooling import AssignmentWay
from crm.marketing.queries.leads import TOUCHED
from crm.marketing.scoring import score_reasons
from crm.office.queries import today
from crm.ui.address import choice, parameters, read_filter
from crm.ui.desk import act, figures, go, in_scope, load, me
from crm.ui.exporter import export_button
from crm.ui.marketing.lead_actions import lead_actions
from crm.ui.marketing.lead_filters import chips, more_filters, quick_filters, whose
from crm.ui.marketing.new_lead import new_lead_button
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
MOST = 2
"""Reasons that a row has room for; the record shows all."""
ASKED = (
    "score",
    "score_reasons",
    "name",
    "contact",
    "phone",
    "state",
    "source",
    "campaign",
    "owner",
    "second_follow_up_on",
    TOUCHED,
)
SHOWN = (
    "score",
    "name",
    "lead_state",
    "reasons",
    "contact",
    "phone",
    "source",
    "campaign",
    "owner",
    "silent_days",
    "second_follow_up_on",
)
EXPORTED = (
    *("name", "kind", "state", "score", "owner", "unit", "contact", "position", "phone", "email", "wechat", "region", "industry"),
    *(
        "employees",
        "source",
        "campaign",
        "product",
        "need",
        "budget",
        "wanted_by",
        "invalid_reason",
        "second_follow_up_on",
        "created_at",
    ),
)
SORTS: dict[str, LeadSort] = {
    "score": "score",
    "created_at": "created_at",
    "second_follow_up_on": "second_follow_up_on",
    "name": "name",
}
ASCENDING = ("name", "second_follow_up_on")


@st.fragment
def lead_list() -> None:
    """A fragment, so that typing and paging redraw the list alone."""
    where = read_filter(LeadFilter)
    with st.container(horizontal=True, vertical_alignment="center"):
        whose(where)
        st.space("stretch")
        _files(where)
        new_lead_button()
    with st.container(horizontal=True, vertical_alignment="center"):
        quick_filters(where)
        panel = st.popover(say("Filters"), icon=":material/tune:", key="leads.filters", on_change="rerun")
        if panel.open:
            with panel:
                more_filters(where)
        _sorting()
    totals = figures(queries.lead_totals, where=where)
    told("leads", {"count": totals["leads"]})
    with st.container(horizontal=True, vertical_alignment="center", key="leads.figures"):
        st.markdown(_sentence(totals), width="content")
        chips(where)
        _by_rule(where, totals["unassigned"])
    if totals["leads"]:
        _rows(where, totals["leads"])
    else:
        _nothing(where)


def _sentence(totals: dict[str, int]) -> str:
    return say(
        "**{leads}** leads · **{open}** open, **{unassigned}** of them unassigned · **{converted}** converted · "
        "**{invalid}** invalid",
        leads=spoken(totals["leads"], 0),
        open=spoken(totals["collected"] + totals["assigned"] + totals["worked"], 0),
        **{name: spoken(totals[name], 0) for name in ("unassigned", "converted", "invalid")},
    )


def _sorting() -> None:
    st.session_state["leads.sort"] = _sort()
    st.selectbox(
        say("Sort by"),
        list(SORTS),
        key="leads.sort",
        format_func=lambda name: say("{name} first", name=label(name)) if name == "score" else label(name),
        label_visibility="collapsed",
        width=150,
        on_change=lambda: st.query_params.update(sort=st.session_state["leads.sort"]),
    )


def _sort() -> str:
    return choice("sort", tuple(SORTS), "score")


def _files(where: LeadFilter) -> None:
    applied = where.model_dump(mode="json", exclude_defaults=True)
    labels = {name: label(name) for name in EXPORTED}
    export_button("leads", lambda session: queries.export_leads(session, where, EXPORTED), labels, applied, area="marketing")
    actor = me().actor
    can_import = actor.may("import", "marketing") and actor.may("export", "customers")
    if can_import and st.button(say("Import"), icon=":material/upload:", key="leads.import"):
        go("exchange")


def _by_rule(where: LeadFilter, unassigned: int) -> None:
    """What nobody has, given out the way each board has chosen; nothing where it assigns by hand."""
    ways = [figures(queries.pool_rules, board_id=board.id).assignment for board in me().boards]
    ruled = any(way != AssignmentWay.BY_HAND for way in ways)
    if not (unassigned and ruled and me().actor.may("assign", "marketing")):
        return
    text = say("Give out {count:unassigned lead|unassigned leads} by rule", count=unassigned)
    if st.button(text, icon=":material/shuffle:", key="leads.by_rule", type="tertiary"):
        nobodys = {"owner_id": (0,), "state": (LeadState.COLLECTED.value,)}
        ids = in_scope(queries.lead_ids, LeadFilter.model_validate(where.model_dump() | nobodys))
        act(commands.assign_by_rule, ids, done="Given out by the rule of the board.")


def _rows(where: LeadFilter, total: int) -> None:
    page, sort = page_of(total, SIZE), _sort()
    rows = load(
        queries.lead_list, where=where, sort=SORTS[sort], descending=sort not in ASCENDING, page=page, size=SIZE, columns=ASKED
    )
    actions, may = st.container(), bool(me().actor.grant("marketing").change)
    chosen = table(
        _readable(rows),
        key=f"leads.table.{page}.{hash((where, sort))}",
        columns=SHOWN,
        labels={"lead_state": label("state")},
        many=may,
    )
    if chosen.opened:
        go("lead", lead=chosen.opened)
    if may and chosen.ticked:
        with actions:
            lead_actions(chosen.ticked, where, total)
    pager(total, SIZE, "leads.page")


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the reasons of the score in words, and how long each open lead has been silent."""
    day = figures(today)
    open_ones = ~rows["state"].isin([LeadState.CONVERTED, LeadState.INVALID])
    silent = [max((day - touched).days, 0) for touched in rows[TOUCHED]]
    told = rows.assign(reasons=[reasons(text, MOST) for text in rows["score_reasons"]], lead_state=rows["state"])
    return told.assign(silent_days=pd.Series(silent, index=rows.index, dtype="Int64").where(open_ones))


def reasons(text: str, most: int | None = None) -> str:
    """The weightiest first: Asked for us +20 · Silent −10"""
    return " · ".join(f"{label(code)} {'+' if points > 0 else '−'}{abs(points)}" for code, points in score_reasons(text)[:most])


def _nothing(where: LeadFilter) -> None:
    if not parameters(where):
        empty(
            "Here your leads will stand, the most promising first. Add the first one, import a list, or claim some from the pool."
        )
        if st.button(say("To the pools"), icon=":material/water:", key="leads.to_pools"):
            go("pools")
    else:
        empty("No lead fits these filters.")
        st.button(
            say("Take all filters off"), on_click=st.query_params.clear, icon=":material/filter_alt_off:", key="leads.clear"
        )
