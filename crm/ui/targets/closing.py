"""What must close: the open deals that are enough to cover what is missing to a level of the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.session import ScopedSession
from crm.targets import queries
from crm.targets.queries.closing import FROM_DEALS
from crm.ui.desk import figures, go
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import option
from crm.ui.table import table
from crm.ui.targets.controls import Asked
from crm.ui.text import literal
from crm.words import label, say

COLUMNS = ["needed", "name", "customer", "owner", "stage", "expected_close_on", "amount", "chance", "contribution", "covered"]
LEVELS = ("base", "stretch", "challenge")


@dataclass(frozen=True)
class ToClose:
    deals: pd.DataFrame
    gap: float
    expected: float
    enough: bool


def to_close(session: ScopedSession, target_id: int, level: str, actual: float) -> ToClose:
    deals = queries.what_must_close(session, target_id, level, actual=actual)
    told = dict(deals.attrs)
    return ToClose(deals, float(told["gap"]), float(told["expected"]), bool(told["enough"]))


def must_close(of: Asked, row: Any) -> None:
    if row.measure not in FROM_DEALS or not row.whole or not of.person.actor.grant("pipeline").see:
        return
    known = {one: label(one, of="target") for one in LEVELS if (value := getattr(row, one)) is not None and value == value}
    key = "attainment.close"
    level = st.query_params.get("level", "base")
    asked = {"target_id": int(row.id), "level": level if level in known else "base", "actual": float(row.actual)}
    told = figures(to_close, **asked)
    needed = int(told.deals["needed"].sum())
    template = _answer(told, needed)
    values = {
        "gap": of.money(told.gap),
        "expected": of.money(told.expected),
        "deals": needed,
        "level": known.get(level, known["base"]),
    }
    with titled(template, key, **values):
        definition = say(
            "Open deals that count here and are due by the end of the period or overdue, by amount times chance, largest first:"
            " what each is expected to bring. The marked ones together cover what is missing."
        )
        about(key, definition=definition, scope=literal(row.subject), as_of=of.day, n=len(told.deals))
    option("level", known, "base", title=label("level", of="target"), key=key, draw=st.segmented_control)
    if told.deals.empty:
        st.caption(say("No open deal is due in this period. Open one in the pipeline with an amount and a day."))
        return
    shown = told.deals.assign(chance=told.deals["probability"] * 100)
    opened = table(
        shown, key=f"{key}.table.{row.id}", columns=COLUMNS, currency=of.board.currency, height=_height(len(shown))
    ).opened
    if opened:
        go("opportunity", opportunity=opened)


def _answer(told: ToClose, needed: int) -> str:
    if told.gap <= 0:
        return "Nothing more must close: the level {level} is reached"
    if told.enough:
        return "{deals:deal|deals} must close to cover the {gap} that are missing to {level}"
    return "Even all open deals are not enough: {expected} are expected, {gap} are missing to {level}"


def _height(rows: int) -> int | str:
    return "content" if rows <= 10 else 390


__all__ = ["must_close"]
