"""Whether the parts make the whole: each target beside the sum of its parts, which it can take with one click."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.targets.commands import take_sum
from crm.targets.queries import PlanFacts, parts_of
from crm.ui.desk import act, load, me
from crm.ui.dialog import open_dialog
from crm.ui.money import board_currency
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.targets.grid import measure_of
from crm.ui.targets.spreading import because_of, told_why
from crm.ui.targets.typed import typed_of
from crm.ui.targets.wording import in_words, inside, period_name, unit_of
from crm.words import label, say

BY = {"subject": "Those below", "period": "Smaller periods"}
COLUMNS = ("name", "when", "parts_are", "parts", "own_target", "sum_of_parts", "apart")


def apart(facts: PlanFacts) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        measure = measure_of(facts, "plan.apart.measure")
        everything = st.toggle(say("Also what adds up"), key="plan.apart.all")
    found = load(parts_of, plan_id=facts.id, measure=measure)
    if found.empty:
        empty(
            "No target of {measure} has parts yet: set one for a unit and for those in it, or for a year and its months, and the "
            "difference stands here.",
            measure=inside(measure),
        )
        return
    differs = found[found["difference"] != 0]
    _title(len(found), len(differs), label(measure, of="measure"))
    shown = found if everything else differs
    if shown.empty:
        return
    _table(facts, shown, unit_of(measure, board_currency(me(), facts.board_id)))


def _title(count: int, differing: int, name: str) -> None:
    about = say(
        "The nearest targets below in the same period, or the smaller periods of the same line; marks are compared as a mean."
    )
    if differing:
        text = "{measure}: {differing} of {count:target with parts is|targets with parts are} not the sum of them"
        heading(text, measure=name, count=count, differing=differing, about=about)
    else:
        heading(
            "{measure}: {count:target with parts is|targets with parts are} the sum of them, to the cent",
            measure=name,
            count=count,
            about=about,
        )


def _table(facts: PlanFacts, found: pd.DataFrame, unit: str) -> None:
    order = found["difference"].abs().sort_values(ascending=False, kind="stable").index
    told = found.loc[order].reset_index(drop=True)
    told = told.assign(
        id=range(len(told)),
        when=[period_name(period, day, with_year=True) for period, day in zip(told["period"], told["starts_on"], strict=True)],
        parts_are=[say(BY[by]) for by in told["by"]],
    ).rename(columns={"subject": "name", "base": "own_target", "parts_sum": "sum_of_parts", "difference": "apart"})
    heads = {"own_target": say("Own target"), "sum_of_parts": say("Sum of the parts"), "apart": label("difference")}
    labels = {name: f"{head} {unit}".strip() for name, head in heads.items()} | {"parts_are": say("Parts are")}
    labels |= {"name": label("subject", of="target"), "when": label("period")}
    press = [say("Take the sum") if one else None for one in told["apart"]] if facts.may_change else None
    pressed = table(
        told,
        key="plan.apart",
        columns=COLUMNS,
        labels=labels,
        opens=False,
        press=press,
        press_last=True,
        height=_height(len(told)),
    ).pressed
    if pressed is not None:
        row: Any = told.loc[pressed]
        _take(facts, int(row["target_id"]), int(row["version"]), str(row["by"]))


def _height(rows: int) -> int:
    return min(rows + 1, 16) * 35 + 3


def _take(facts: PlanFacts, target_id: int, version: int, by: str) -> None:
    if not facts.is_draft:
        open_dialog(say("Take the sum"), take_dialog, facts, target_id, version, by, width="small")
        return
    typed_of(facts.id).start_anew()
    act(in_words(take_sum), target_id, version, None, by, done="The target is the sum of its parts now.")


def take_dialog(facts: PlanFacts, target_id: int, version: int, by: str) -> None:
    because = because_of(facts, "apart.reason")
    if st.button(say("Take the sum"), type="primary", icon=":material/functions:", key="apart.yes") and told_why(facts, because):
        act(in_words(take_sum), target_id, version, because, by, done="The target is the sum of its parts now.")


__all__ = ["apart", "take_dialog"]
