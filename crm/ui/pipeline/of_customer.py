"""What is being sold to one customer, and what was."""

from __future__ import annotations

import streamlit as st

from crm.office.queries import today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.ui.address import parameters
from crm.ui.desk import figures, go, load, me
from crm.ui.money import amounts, currency_of
from crm.ui.pipeline.columns import headings, readable
from crm.ui.pipeline.page import new_deal_button
from crm.ui.show import empty
from crm.ui.table import table
from crm.words import say

MOST = 20
COLUMNS = ("name", "stage_name", "state", "amount", "probability", "expected_close_on", "days_in_stage", "owner")


def deals_of(customer_id: int, key: str = "deals") -> None:
    """The newest deals of a customer with what they come to; a click opens one."""
    where = OpportunityFilter(customer_id=(customer_id,))
    totals = figures(queries.totals, where=where)
    with st.container(horizontal=True, vertical_alignment="center"):
        if totals["opportunities"]:
            _sums(where, totals["won"], totals["lost"])
        st.space("stretch")
        if me().actor.grant("pipeline").change:
            new_deal_button(f"{key}.new", customer_id)
    if not totals["opportunities"]:
        empty("Nothing is being sold to this customer yet. A new deal puts it on the board and into the forecast.")
        return
    found = load(queries.opportunity_list, where=where, size=MOST)
    rows = readable(found, figures(today))
    opened = table(rows, key=f"{key}.table", columns=COLUMNS, labels=headings(), currency=currency_of(me())).opened
    if opened:
        go("opportunity", opportunity=opened)
    if totals["opportunities"] > MOST and st.button(
        say("All {count} in the list", count=totals["opportunities"]), key=f"{key}.all", type="tertiary"
    ):
        go("pipeline", show="list", **parameters(where))


def _sums(where: OpportunityFilter, won: int, lost: int) -> None:
    living = figures(queries.totals, where=where.model_copy(update={"state": ("open",)}))
    st.markdown(
        say(
            "**{open}** open · {amount} · weighted {weighted} · {won} won, {lost} lost",
            open=living["opportunities"],
            amount=amounts(living["amounts"]),
            weighted=amounts(living["weighted"]),
            won=won,
            lost=lost,
        ),
        width="content",
    )
