"""The list: fifty deals in the order and with the columns of a person, and what can be done with the ticked ones."""

from __future__ import annotations

from functools import partial
from typing import get_args

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.pipeline import commands, queries
from crm.pipeline.commands import DealAssignment, Expectation
from crm.pipeline.filters import OpportunityFilter, Sort
from crm.session import ScopedSession
from crm.staff.queries import colleagues
from crm.ui.desk import act, figures, go, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.filtering import named
from crm.ui.form import form
from crm.ui.money import currency_of
from crm.ui.paging import page_of, pager
from crm.ui.pipeline.columns import headings, readable
from crm.ui.quick_log import log_dialog, may_log
from crm.ui.shape import columns_of, order_and_columns, sort_of
from crm.ui.table import table
from crm.ui.tags import tag_dialog
from crm.words import label, say

SIZE = 50
MOST = 10_000
"""As many at once can be changed."""
USUAL: tuple[str, ...] = ("name", "customer", "stage_name", "amount", "probability", "weighted", "expected_close_on")
USUAL += ("days_in_stage", "last_activity_on", "owner", "forecast_category", "state")
WIDTHS = {"name": 230, "customer": 150}
"""In pixels; the whole name stands on the record."""
FURTHER = ("number", "currency", "unit", "product", "source", "created_on", "closed_on", "close_reason", "silent_days", "rotting")


def _columns() -> tuple[str, ...]:
    several_currencies = ("currency",) if currency_of(me()) is None else ()
    return columns_of((*USUAL, *FURTHER), (*USUAL, *several_currencies))


def _sort() -> tuple[Sort, bool]:
    return sort_of(get_args(Sort), "created_on")


def view_of_list() -> dict[str, object]:
    """What a saved view keeps of the list besides its filter."""
    return {"sort": st.query_params.get("sort"), "columns": _columns()}


def order() -> None:
    order_and_columns("pipeline", get_args(Sort), _sort(), (*USUAL, *FURTHER), _columns(), headings())


def export(where: OpportunityFilter) -> None:
    titles = headings()
    shown = {name: titles.get(name) or label(name, of="head") for name in dict.fromkeys(("number", *_columns()))}
    filters = where.model_dump(mode="json", exclude_defaults=True)
    export_button("opportunities", partial(_exported, where), shown, filters, area="pipeline")


def _exported(where: OpportunityFilter, session: ScopedSession) -> pd.DataFrame:
    return readable(queries.export_rows(session, where), today(session))


def rows(where: OpportunityFilter, total: int) -> None:
    page, (by, down), shown = page_of(total, SIZE), _sort(), _columns()
    found = load(queries.opportunity_list, where=where, sort=by, descending=down, page=page, size=SIZE)
    actions = st.container()
    chosen = table(
        readable(found, figures(today)),
        key=f"pipeline.table.{page}.{hash((where, by, down, shown))}",
        columns=shown,
        labels=headings(),
        currency=currency_of(me()),
        many=True,
        widths=WIDTHS,
        press=say("Log") if may_log() else None,
        press_last=True,
    )
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)
    if chosen.pressed:
        log_dialog("opportunity", chosen.pressed, str(found.loc[found["id"] == chosen.pressed, "name"].iloc[0]))
    if chosen.ticked:
        with actions:
            _actions(chosen.ticked, where, total)
    pager(total, SIZE, "pipeline.page")


def _actions(ids: list[int], where: OpportunityFilter, total: int) -> None:
    """What can be done with the ticked deals, or with all that the filter finds."""
    actor = me().actor
    with st.container(horizontal=True, vertical_alignment="center", key="pipeline.actions"):
        st.markdown(say("**{count}** chosen", count=len(ids)), width="content")
        if len(ids) < total <= MOST and st.toggle(say("all {count} found", count=total), key="pipeline.everything"):
            ids = in_scope(queries.opportunity_ids, where)
        if actor.may("assign", "pipeline") and st.button(say("Assign"), icon=":material/swap_horiz:", key="pipeline.assign"):
            open_dialog(say("Assign {count:deal|deals}", count=len(ids)), assign_dialog, ids, width="small")
        if actor.grant("pipeline").change and st.button(say("Expect"), icon=":material/event:", key="pipeline.expect"):
            open_dialog(say("What to expect of {count:deal|deals}", count=len(ids)), expect_dialog, ids, width="small")
        if actor.grant("office").change and st.button(say("Tag"), icon=":material/sell:", key="pipeline.tag"):
            open_dialog(say("Tag {count:deal|deals}", count=len(ids)), tag_dialog, "opportunity", ids, width="small")
        if actor.may("assign", "pipeline") and st.button(say("Delete"), icon=":material/delete:", key="pipeline.delete"):
            open_dialog(say("Delete {count:deal|deals}", count=len(ids)), delete_dialog, ids, width="small")


def assign_dialog(ids: list[int]) -> None:
    to = form(DealAssignment, key="pipeline.assign_form", choices={"owner_id": named(load(colleagues))}, columns=1, save="Assign")
    if to:
        act(commands.assign, ids, to, done="Assigned. The new owner may read the customers.")


def expect_dialog(ids: list[int]) -> None:
    expected = form(Expectation, key="pipeline.expect_form", columns=1, save="Apply")
    if expected:
        act(commands.expect, ids, expected, done="Applied. The former values stay in the history of each deal.")


def delete_dialog(ids: list[int]) -> None:
    st.markdown(say("They leave the board, the list and every sum. Their customers, contracts and orders stay."))
    if st.button(say("Delete"), type="primary", key="pipeline.delete_yes"):
        act(commands.delete_opportunities, ids, done="Deleted.")
