"""The grid of a plan: who shall reach how much, months across; typed like a sheet, saved with one click."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from crm.targets.commands.grid import LEVELS
from crm.targets.measures import rule_of
from crm.targets.models import Measure, PeriodKind
from crm.targets.periods import within
from crm.targets.queries import Candidate, PlanFacts
from crm.ui.address import choice
from crm.ui.desk import me
from crm.ui.insight.sides import switch
from crm.ui.money import board_currency
from crm.ui.show import empty, heading
from crm.ui.targets.adding import add_lines, offer_lines
from crm.ui.targets.filling import fill
from crm.ui.targets.lines import Row, Sum, in_grid, sums, total, values_of
from crm.ui.targets.saving import save, save_bar, show_refused
from crm.ui.targets.spreading import spread
from crm.ui.targets.typed import Drawn, Typed, typed_of
from crm.ui.targets.wording import amount, inside, period_name
from crm.words import label, say
from crm.words.formats import MISSING

PERIODS = {"month": "By month", "quarter": "By quarter", "year": "Whole year"}
SUMS = {"parts": "Their parts", "difference": "Difference", "people": "Sum", "goods": "Sum of the products"}
ROW, MOST = 32, 13
SHORT = 1000
"""Smaller amounts are told in full."""
NAMES = {"month": 150, "quarter": 230, "year": 260}
SUMS_WIDE = {"month": 84, "quarter": 130, "year": 160}
WIDTHS = {"month": 64, "quarter": 120, "year": 160}
"""With the names and the sum twelve months find room beside the menu of a small desk."""
ROOM = 1_000_000
"""Larger amounts need more than such a column."""


def grid(facts: PlanFacts) -> None:
    typed = typed_of(facts.id)
    typed.take()
    currency = board_currency(me(), facts.board_id)
    measure, period, level, scale = _controls(facts, typed, currency)
    chosen = in_grid(facts, typed, measure, period)
    days = tuple(within(period, PeriodKind.YEAR, dt.date(facts.year, 1, 1)))
    if not chosen:
        _nobody(facts, typed, measure, period)
        return
    drawn = _drawn(facts, typed, measure, period, level, chosen, days, scale)
    rows = values_of(chosen, typed, measure, period, level, days)
    below = sums(facts, chosen, rows, measure, len(days)) if facts.sees_all else []
    with st.container(horizontal=True, vertical_alignment="center", key="plan.grid.head"):
        with st.container(width="stretch"):
            _title(facts, measure, level, chosen, rows, below)
        reason = save_bar(facts, typed)
    if reason is not None:
        save(facts, typed, reason)
    show_refused(facts, typed)
    if facts.may_change:
        st.space("xsmall")  # The toolbar of the table would cover the buttons.
    _table(drawn, chosen, rows, facts.may_change)
    typed.drawn = drawn if facts.may_change else None
    if below:
        _sums(drawn, below)
    if facts.may_change:
        _tools(facts, typed, drawn, chosen, rows)


def _controls(facts: PlanFacts, typed: Typed, currency: str) -> tuple[str, str, str, int]:
    with st.container(horizontal=True, vertical_alignment="center", key="plan.controls"):
        measure = measure_of(facts)
        there = {key[3] for key in typed.targets(measure)} | {key[3] for key, _ in typed.values if key[0] == measure}
        periods = {one: say(text) for one, text in PERIODS.items()}
        period = switch("period", periods, next((one for one in PERIODS if one in there), "month"), title=label("period"))
        levels = {one: label(one, of="target") for one in LEVELS}
        level = switch("level", levels, "base", title=label("level", of="target"))
        scale = "1"
        if rule_of(measure).money:
            units = {"1": currency, "1000": say("{currency} thousand", currency=currency)}
            scale = switch("unit", units, _usual_scale(typed, measure, period), title=say("Unit of money"))
    return measure, period, level, int(scale)


def _usual_scale(typed: Typed, measure: str, period: str) -> str:
    """Thousands, where twelve months would not find room otherwise."""
    stored = (levels["base"] or 0 for key, (levels, _) in typed.targets(measure).items() if key[3] == period)
    return "1000" if period == PeriodKind.MONTH and max(stored, default=0) >= ROOM else "1"


def measure_of(facts: PlanFacts, key: str = "plan.measure") -> str:
    """Which measure is looked at, in the address; at first one that has targets."""
    codes = tuple(one.value for one in Measure)
    now = choice("measure", codes, next(iter(facts.measures), codes[0]))
    st.session_state[key] = now
    held = set(facts.measures)
    st.selectbox(
        label("measure"),
        codes,
        key=key,
        format_func=lambda one: label(one, of="measure") + ("" if one in held else f" {MISSING}"),
        label_visibility="collapsed",
        width=200,
        on_change=_measure_chosen,
        args=(key,),
    )
    return now


def _measure_chosen(key: str) -> None:
    st.query_params["measure"] = st.session_state[key]


def _nobody(facts: PlanFacts, typed: Typed, measure: str, period: str) -> None:
    name = inside(measure)
    if not facts.may_change:
        empty("This plan holds no target of {measure} that you may see.", measure=name)
        return
    empty("No target of {measure} yet. Choose for whom, then type: the months stand across.", measure=name)
    offer_lines(facts, typed, measure, period)


# -------------------------------------------------------------------------------------------------------- the table


def _drawn(
    facts: PlanFacts,
    typed: Typed,
    measure: str,
    period: str,
    level: str,
    chosen: list[Candidate],
    days: tuple[dt.date, ...],
    scale: int,
) -> Drawn:
    subjects = tuple(one.subject for one in chosen)
    lines = crc32(repr(subjects).encode())
    key = f"plan.{facts.id}.{measure}.{period}.{level}.{scale}.{typed.turn}.{lines}"
    return Drawn(key, measure, period, level, subjects, days, scale)


def _frame(drawn: Drawn, names: list[str], rows: list[Row]) -> pd.DataFrame:
    scaled = [[None if one is None else one / drawn.scale for one in row] for row in rows]
    told = pd.DataFrame(scaled, columns=[day.isoformat() for day in drawn.days], dtype="float64")
    told.insert(0, "subject", names)
    if len(drawn.days) > 1:
        told["total"] = [_scaled(total(row, drawn.measure), drawn.scale) for row in rows]
    return told.astype(dict.fromkeys(told.columns[1:], "float64"))


def _scaled(value: float | None, scale: int) -> float | None:
    return None if value is None else value / scale


def _without_cents(drawn: Drawn) -> bool:
    return rule_of(drawn.measure).money and drawn.period == PeriodKind.MONTH


def _columns(drawn: Drawn, head: str) -> dict[str, Any]:
    column, step = st.column_config, float(rule_of(drawn.measure).unit)
    format: Any = "%,.0f" if _without_cents(drawn) else "localized"
    found: dict[str, Any] = {"subject": column.TextColumn(head, disabled=True, width=NAMES[drawn.period], pinned=True)}
    for day in drawn.days:
        found[day.isoformat()] = column.NumberColumn(
            period_name(drawn.period, day), format=format, width=WIDTHS[drawn.period], step=step if drawn.scale == 1 else None
        )
    sum_head = say("Year") if rule_of(drawn.measure).adds_up else say("Mean")
    found["total"] = column.NumberColumn(sum_head, format=format, disabled=True, width=SUMS_WIDE[drawn.period])
    return found


def _table(drawn: Drawn, chosen: list[Candidate], rows: list[Row], may: bool) -> None:
    told = _frame(drawn, ["\u2003" * one.depth + one.name for one in chosen], rows)
    options: dict[str, Any] = {
        "hide_index": True,
        "width": "content",
        "height": ROW * (min(len(rows), MOST) + 1) + 3,
        "row_height": ROW,
        "placeholder": "" if may else MISSING,
        "column_config": _columns(drawn, label("subject", of="target")),
    }
    if may:
        st.data_editor(told, key=drawn.key, num_rows="fixed", **options)
    else:
        st.dataframe(told, key=f"{drawn.key}.read", **options)


def _sums(drawn: Drawn, below: list[Sum]) -> None:
    """The same columns under the grid."""
    told = _frame(drawn, [say(SUMS[one.kind]) for one in below], [one.values for one in below])
    if _without_cents(drawn):
        told = told.round(0).replace({-0.0: 0.0})
    st.dataframe(
        told,
        key="plan.sums",
        hide_index=True,
        width="content",
        height=ROW * (len(below) + 1) + 3,
        row_height=ROW,
        placeholder="",
        column_config=_columns(drawn, say("Added up")),
    )


# ------------------------------------------------------------------------------------------------ title and tools


def _title(facts: PlanFacts, measure: str, level: str, chosen: list[Candidate], rows: list[Row], below: list[Sum]) -> None:
    kept = say("What is typed is kept over every switch until you save or discard it. Months are shown without their cents.")
    about = kept if facts.may_change else None
    currency = board_currency(me(), facts.board_id)
    own = next((total(row, measure) for one, row in zip(chosen, rows, strict=True) if one.subject == facts.unit), None)
    parts = next((total(one.values, measure) for one in below if one.kind == "parts"), None)
    words = {"measure": label(measure, of="measure"), "level": label(level, of="target"), "year": str(facts.year)}
    if own is not None and parts is not None:
        _against(facts, measure, own, parts, currency, about)
        return
    single = (
        own if own is not None else next((total(one.values, measure) for one in below if one.kind in ("people", "goods")), None)
    )
    single = single if single is not None else next((found for row in rows if (found := total(row, measure)) is not None), None)
    if single is None:
        heading("{measure} {year}, {level}: nothing typed yet", about=about, **words)
        return
    heading("{measure} {year}, {level}: {amount}", about=about, amount=amount(measure, single, currency, short=True), **words)


def _against(facts: PlanFacts, measure: str, own: float, parts: float, currency: str, about: str | None) -> None:
    apart = round(parts - own, 4)
    words = {
        "unit": facts.unit_name,
        "measure": label(measure, of="measure"),
        "own": amount(measure, own, currency, short=True),
        "apart": amount(measure, abs(apart), currency, short=abs(apart) >= SHORT),
    }
    if apart == 0:
        heading("{measure}, {unit}: {own}, which is what its parts come to", about=about, **words)
    elif apart > 0:
        heading("{measure}, {unit}: {own}; its parts come to {apart} more", about=about, **words)
    else:
        heading("{measure}, {unit}: {own}; its parts come to {apart} less", about=about, **words)


def _tools(facts: PlanFacts, typed: Typed, drawn: Drawn, chosen: list[Candidate], rows: list[Row]) -> None:
    with st.container(horizontal=True, key="plan.tools"):
        add_lines(facts, typed, drawn.measure, drawn.period)
        fill(facts, typed, drawn, chosen, rows)
        spread(facts, typed, drawn, chosen)


__all__ = ["grid", "measure_of"]
