"""Second conversion: failed leads that get another chance on a day, and what came of it so far."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.analytics.proportions import wilson
from crm.marketing import commands, queries
from crm.office.queries import today
from crm.session import ScopedSession
from crm.ui.desk import act, figures, go, load, me
from crm.ui.insight.about import about, titled
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import say
from crm.words.formats import percent

AHEAD = 30


def second_conversion() -> None:
    totals = figures(queries.second_conversion_totals)
    _sentence(totals)
    with st.container(horizontal=True, key="second.figures"):
        for title, name in (
            (say("Failed at least once"), "failed"),
            (say("With a second date"), "dated"),
            (say("Taken up again"), "taken_up"),
            (say("Became customers then"), "converted_again"),
        ):
            st.metric(title, totals[name], border=True)
    _due()


def _sentence(totals: dict[str, int]) -> None:
    came, every = totals["converted_again"], totals["converted"]
    if not every:
        title = titled("No lead became a customer yet: the share of second conversions follows", "second")
    elif not came:
        title = titled("None of {count:conversion|conversions} was a second one so far", "second", count=every)
    else:
        low, high = (float(one) for one in wilson(came, every))
        title = titled(
            "{share} of all conversions were second ones ({low} to {high})",
            "second",
            share=percent(came / every),
            low=percent(low),
            high=percent(high),
        )
    with title:
        about(
            "second",
            definition=say(
                "Converted leads that had failed before, among all that were converted; the interval is Wilson's, 95 "
                "%. Experience says about 20 % of customers come this way."
            ),
            scope=say("All leads you see"),
            as_of=figures(today),
            n=every,
        )


def _due() -> None:
    day = figures(today)
    rows = load(queries.second_conversions, until=day + dt.timedelta(AHEAD))
    if rows.empty:
        empty(
            "Nothing to take up again within {days} days. Close a lead that failed with a day for the second "
            "follow-up: it comes back here.",
            days=AHEAD,
        )
        return
    late = int((rows["second_follow_up_on"] <= day).sum())
    heading("{late} due, {soon} more within {days} days", late=late, soon=len(rows) - late, days=AHEAD)
    place = st.container()
    may = bool(me().actor.grant("marketing").change)
    chosen = table(
        rows, key="second.table", columns=["second_follow_up_on", "name", "invalid_reason", "score", "owner"], many=may
    )
    if chosen.opened:
        go("lead", lead=chosen.opened)
    if chosen.ticked:
        with place:
            text = say("Take up {count:lead|leads} again", count=len(chosen.ticked))
            if st.button(text, key="second.reopen", type="primary", icon=":material/replay:"):
                act(_reopen, chosen.ticked, done="Taken up again. Plan what comes first.")


def _reopen(session: ScopedSession, ids: list[int]) -> None:
    for lead_id in ids:
        commands.reopen_lead(session, lead_id, "second conversion")
