"""How a plan was changed after it was approved: its versions, what each changed cell by cell, and the targets as they were."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.targets import queries
from crm.targets.queries import PlanFacts
from crm.ui.desk import load, me
from crm.ui.dialog import open_dialog
from crm.ui.money import board_currency
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.targets.wording import period_name, unit_of
from crm.words import label, say

LEVELS = ("base", "stretch", "challenge")


def versions(facts: PlanFacts) -> None:
    found = load(queries.versions, plan_id=facts.id)
    if found.empty:
        empty("No version yet: the first is kept when the plan is approved, and one for each change after that, with its reason.")
        return
    names = {"at": "changed_at", "changed": "changed_targets", "by": "changed_by"}
    rows = _with_reasons(found).assign(id=found["number"]).rename(columns=names)
    labels = {"number": label("edition"), "changed_targets": say("Targets changed")}
    columns = ("number", "changed_at", "changed_by", "reason", "changed_targets")
    heading("{count:version|versions} of this plan", count=len(rows))
    table(
        rows,
        key="plan.versions",
        columns=columns,
        labels=labels,
        opens=False,
        height=_height(len(rows), 6),
        widths={"reason": 420},
    )
    _compared(facts, [int(one) for one in found["number"]])


def _with_reasons(found: pd.DataFrame) -> pd.DataFrame:
    """An approval without a note of its own has its code as the reason."""
    return found.assign(reason=[label(one, of="state") if one == "approved" else one for one in found["reason"]])


def _height(rows: int, most: int = 14) -> int:
    return min(rows + 1, most) * 35 + 3


def _compared(facts: PlanFacts, numbers: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        later = st.selectbox(say("Version"), numbers, format_func=_name, key="plan.versions.later", width=200)
        earlier = st.selectbox(
            say("Against"),
            [number for number in [*numbers, 0] if number < later],
            format_func=_name,
            key=f"plan.versions.earlier.{later}",
            width=200,
        )
        whole = st.toggle(say("All its targets"), key="plan.versions.whole")
    if whole:
        _as_of(facts, int(later))
    else:
        _changes(facts, int(earlier), int(later))


def _name(number: int) -> str:
    return say("Version {number}", number=number) if number else say("Before the approval")


def _changes(facts: PlanFacts, earlier: int, later: int) -> None:
    found = load(queries.changed_targets, plan_id=facts.id, earlier=earlier, later=later)
    words = {"later": _name(later), "earlier": _name(earlier)}
    if found.empty:
        heading("{later} holds the same targets as {earlier}, as far as you may see them", **words)
        return
    heading("{later} changes {count:target|targets} against {earlier}", count=len(found), **words)
    levels = [name for name in LEVELS if _differs(found, name)]
    told = _readable(found)
    labels = {f"{name}_{side}": f"{label(name, of='target')} {text}" for name in LEVELS for side, text in _sides().items()}
    columns = ["name", "measure", "when", *(f"{name}_{side}" for name in levels for side in ("before", "after"))]
    opened = table(
        told,
        key=f"plan.changes.{earlier}.{later}",
        columns=columns,
        labels=labels | _heads(),
        once=True,
        height=_height(len(told)),
    ).opened
    if opened is not None:
        row = told.set_index("id").loc[opened]
        title = say("{subject}, {when}", subject=str(row["name"]), when=str(row["when"]))
        open_dialog(title, history_dialog, facts, int(opened), str(found.set_index("id").loc[opened, "measure"]), width="medium")


def _differs(found: pd.DataFrame, name: str) -> bool:
    before, after = found[f"{name}_before"], found[f"{name}_after"]
    return bool((~(before.eq(after) | (before.isna() & after.isna()))).any())


def _sides() -> dict[str, str]:
    return {"before": say("before"), "after": say("after")}


def _heads() -> dict[str, str]:
    return {"name": label("subject", of="target"), "when": label("period")}


def _readable(found: pd.DataFrame) -> pd.DataFrame:
    when = [period_name(period, day, with_year=True) for period, day in zip(found["period"], found["starts_on"], strict=True)]
    return found.rename(columns={"subject": "name"}).assign(when=when)


def history_dialog(facts: PlanFacts, target_id: int, measure: str) -> None:
    """Of one target, newest first; without values it was taken out."""
    found = _with_reasons(load(queries.changes_of, target_id=target_id)).rename(columns={"at": "changed_at", "by": "changed_by"})
    unit = unit_of(measure, board_currency(me(), facts.board_id))
    st.caption(" ".join(filter(None, [label(measure, of="measure"), unit])))
    labels: dict[str, Any] = {name: label(name, of="target") for name in LEVELS} | {"number": label("edition")}
    columns = ("number", "changed_at", "changed_by", "reason", *LEVELS)
    table(found.assign(id=found["number"]), key="plan.history", columns=columns, labels=labels, opens=False)


def _as_of(facts: PlanFacts, number: int) -> None:
    found = load(queries.targets_at, plan_id=facts.id, number=number)
    names = load(queries.changed_targets, plan_id=facts.id, earlier=0, later=number)
    keys = ["measure", "subject_kind", "subject_id", "period", "starts_on"]
    told = _readable(found.merge(names[[*keys, "subject"]], "left", keys)).assign(id=range(len(found)))
    heading("{count:target|targets} held in {version}", count=len(told), version=_name(number))
    labels = {name: label(name, of="target") for name in LEVELS} | _heads()
    levels = [name for name in LEVELS if told[name].notna().any()]
    columns = ("name", "measure", "when", *levels)
    table(told, key=f"plan.as_of.{number}", columns=columns, labels=labels, opens=False, height=_height(len(told)))


__all__ = ["history_dialog", "versions"]
