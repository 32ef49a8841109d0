"""What every view of the lab works with, and what stands under each: its figures and its customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.customers.filters import CustomerFilter
from crm.customers.queries import group_choices
from crm.insight.queries import Population, left_out
from crm.insight.queries.lab import CALIBRATION_ROWS, HISTORY_ROWS, Fit, Lab, calibration_rows, history_rows
from crm.insight.queries.runs import WEEKS_A_MONTH
from crm.staff.sign_in import Board
from crm.ui.desk import figures, load
from crm.ui.insight.about import about
from crm.ui.insight.clv_controls import LabChoice
from crm.ui.insight.clv_held import Held
from crm.ui.insight.clv_words import meaning, model_name
from crm.ui.insight.selected import selected
from crm.ui.table import table
from crm.words import say
from crm.words.formats import date_short

MOST_LISTED = 5000


@dataclass(frozen=True)
class Shown:
    """One model of one contest, and the person's choices."""

    board: Board
    population: Population
    choice: LabChoice
    held: Held
    lab: Lab
    name: str

    @property
    def fit(self) -> Fit:
        """On the calibration period."""
        return self.lab.fits[self.name]

    @property
    def again(self) -> Fit:
        """On the whole history."""
        return self.held.again(self.name)

    @property
    def model(self) -> str:
        return model_name(self.name)

    @property
    def weeks(self) -> float:
        return self.choice.horizon * WEEKS_A_MONTH

    def scope(self) -> str:
        """Whose purchases of which days."""
        names = figures(group_choices, board_id=self.board.id) if self.population.group_id else {}
        values = {
            "board": self.board.name,
            "group": names.get(self.population.group_id or 0, ""),
            "first": date_short(self.held.first),
            "last": date_short(self.held.last),
        }
        if not values["group"]:
            return say("{board}, purchases from {first} to {last}, of customers you may see", **values)
        return say("{board}, {group}, purchases from {first} to {last}, of customers you may see", **values)

    def about_test(self, key: str, **values: object) -> None:
        """Of a figure on the calibration period and its holdout."""
        rows = partial(calibration_rows, lab=self.lab, name=self.name)
        count, day = len(self.lab.calibration), self.lab.plan.calibration_until
        self._about(key, meaning(key, **values), count, day, rows, CALIBRATION_ROWS)

    def about_today(self, key: str, n: int | None = None, **values: object) -> None:
        """Of a figure on the whole history."""
        whole = self.held.whole
        rows = partial(history_rows, summary=whole, fit=self.again, weeks=self.weeks)
        self._about(key, meaning(key, **values), n or len(whole), self.held.last, rows, HISTORY_ROWS)

    def _about(self, key: str, said: dict[str, str], n: int, as_of: dt.date, rows: Any, columns: Sequence[str]) -> None:
        state = st.session_state.get(f"{key}.about")
        excluded = load(left_out, population=self.population) if state else None
        about(key, **said, scope=self.scope(), as_of=as_of, n=n, left_out=excluded, rows=rows, columns=columns)

    def lead(self, customers: Sequence[int], made_from: str, key: str) -> None:
        """The customers behind what was clicked."""
        if len(customers) > MOST_LISTED:
            st.caption(say("{count} customers; the first {most} are listed.", count=len(customers), most=MOST_LISTED))
        chosen = CustomerFilter(ids=tuple(customers[:MOST_LISTED]) or (0,), board_id=(self.board.id,))
        selected(chosen, key=f"{key}.customers", made_from=f"{self.model}: {made_from}")


def figures_table(frame: pd.DataFrame, key: str, columns: Sequence[str], currency: str | None = None) -> None:
    """The same figures as a table, one click away."""
    panel = st.expander(say("The figures"), icon=":material/table_rows:", key=f"{key}.figures", on_change="rerun")
    if panel.open:
        with panel:
            rows = frame.reset_index(drop=True)
            table(rows.assign(id=rows.index), key=f"{key}.table", columns=columns, currency=currency, opens=False)
