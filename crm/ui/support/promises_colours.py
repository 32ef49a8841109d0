"""When a clock turns amber and red, when a line of the complaints does, and who is told."""

from __future__ import annotations

import streamlit as st

from crm.support import commands, queries
from crm.support.colours import ColourRules
from crm.support.models import Colour
from crm.ui.desk import act, figures
from crm.ui.form import checked
from crm.ui.show import heading
from crm.ui.support.promises_days import typed_time
from crm.ui.support.states import INKS
from crm.words import say
from crm.words.formats import percent

EXAMPLE = 8 * 3600
"""Working seconds of the promise that the example speaks of."""
DOT = {colour: f":{ink}[●]" for colour, ink in INKS.items()}


def colours(may: bool) -> None:
    rules: ColourRules = figures(queries.colour_rules)
    left, right = st.columns(2, gap="large")
    with left:
        _shares(rules, may)
    with right:
        _escalation(rules)


def _shares(rules: ColourRules, may: bool) -> None:
    heading(
        "Colours of the clocks and of the complaints", about=say("One setting for the whole firm; open cases follow at once.")
    )
    after = {name: typed_time(round(EXAMPLE * share)) for name, share in (("amber", rules.amber), ("red", rules.red))}
    example = say("Of a promise of {time}: amber after {amber}, red after {red}.", time=typed_time(EXAMPLE), **after)
    if not may:
        st.markdown(_told(rules))
        st.caption(example)
        return
    with st.form("promises.colours", border=True):
        cells = [*st.columns(2), *st.columns(2)]
        titles = (
            say("Clock amber from, % of its time"),
            say("Clock red from, % of its time"),
            say("Complaints amber from, % of all"),
            say("Complaints red from, % of all"),
        )
        given = {
            name: cell.number_input(
                title, 1.0, 99.0, round(getattr(rules, name) * 100, 1), 5.0, format="%.4g", key=f"colours.{name}"
            )
            for cell, title, name in zip(cells, titles, ColourRules.model_fields, strict=True)
        }
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.form_submit_button(say("Save"), type="primary", icon=":material/check:")
            st.caption(example, width="stretch")
    if sent and (new := checked(ColourRules, {name: round(value / 100, 4) for name, value in given.items()})) is not None:
        act(commands.set_colours, new, done="Saved: the clocks follow at once.")


def _told(rules: ColourRules) -> str:
    lines = (
        (say("A clock"), rules.amber, rules.red),
        (say("A line of the complaints"), rules.complaints_amber, rules.complaints_red),
    )
    amber, red = DOT[Colour.AMBER.value], DOT[Colour.RED.value]
    return "  \n".join(f"{name} {amber} {percent(one, 0)} {red} {percent(two, 0)}" for name, one, two in lines)


def _escalation(rules: ColourRules) -> None:
    heading(
        "Who is told when time runs out", about=say("Each level of each clock is told once; a further wait of the customer anew.")
    )
    amber, red = DOT[Colour.AMBER.value], DOT[Colour.RED.value]
    steps = (
        f"{amber} " + say("Amber, from {share} of the time: the lead of the team.", share=percent(rules.amber, 0)),
        f"{red} " + say("Red, from {share}: the lead of the team once more.", share=percent(rules.red, 0)),
        ":red[:material/error:] " + say("Broken: the manager (director, board administrator or executive)."),
    )
    st.markdown("  \n".join(steps))
    st.caption(say("Where a team has nobody of that role, the unit above it is asked, and so on to the top of the firm."))
