"""Cells filled by a rule and not saved yet: sums of the parts, a higher level so much above the base."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from crm.analytics.splitting import raised
from crm.targets.measures import rule_of
from crm.targets.queries import Candidate, PlanFacts
from crm.targets.queries.subjects import UNITS
from crm.ui.targets.lines import Row, parts_of_line, values_of
from crm.ui.targets.typed import Drawn, Typed
from crm.words import label, say


def fill(facts: PlanFacts, typed: Typed, drawn: Drawn, chosen: list[Candidate], rows: list[Row]) -> None:
    with st.popover(say("Fill"), icon=":material/format_color_fill:", key="plan.fill", on_change="rerun") as panel:
        if not panel.open:
            return
        st.markdown(say("Empty cells of units become the sum of what stands below them."))
        if st.button(say("Sum up"), icon=":material/functions:", key="plan.fill.sums"):
            sum_up(typed, drawn, chosen, rows)
            st.rerun()
        if drawn.level == "base":
            return
        st.divider()
        words = {"level": label(drawn.level, of="target")}
        percent = st.number_input(
            say("{level}: percent above the base", **words), 0.0, 1000.0, 10.0, 1.0, key="plan.fill.percent"
        )
        if st.button(say("Fill all cells"), icon=":material/percent:", key="plan.fill.percent_yes"):
            above_base(typed, drawn, chosen, Decimal(str(percent)))
            st.rerun()


def sum_up(typed: Typed, drawn: Drawn, chosen: list[Candidate], rows: list[Row]) -> None:
    """From the lowest unit upwards, so that a unit of units counts what was just filled."""
    now = [list(row) for row in rows]
    units = [place for place, one in enumerate(chosen) if one.kind in UNITS]
    for place in sorted(units, key=lambda place: -chosen[place].depth):
        for column, day in enumerate(drawn.days):
            if now[place][column] is not None:
                continue
            value = parts_of_line(chosen, now, chosen[place].subject, column, drawn.measure)
            if value is not None:
                now[place][column] = value
                typed.put(drawn.place(place, day.isoformat()), value)
    typed.start_anew()


def above_base(typed: Typed, drawn: Drawn, chosen: list[Candidate], percent: Decimal) -> None:
    unit = rule_of(drawn.measure).unit
    base = values_of(chosen, typed, drawn.measure, drawn.period, "base", drawn.days)
    for place, row in enumerate(base):
        for value, day in zip(row, drawn.days, strict=True):
            if value is not None:
                typed.put(drawn.place(place, day.isoformat()), float(raised(Decimal(str(value)), percent, unit)))
    typed.start_anew()


__all__ = ["above_base", "fill", "sum_up"]
