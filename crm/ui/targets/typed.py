"""What was typed into the grids of a plan and is not saved yet: kept over every switch, with what stood there meanwhile."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.targets.commands import Cell
from crm.targets.commands.grid import LEVELS, Key
from crm.targets.queries import TargetFilter, targets
from crm.targets.queries.subjects import Subject
from crm.ui.desk import load

Value = float | None
Place = tuple[Key, str]
"""The cell, and which of its levels."""
Targets = dict[Key, tuple[dict[str, Value], int]]
"""Cell -> what stands there at each level, and its version."""


@dataclass(frozen=True)
class Drawn:
    """A grid as it stands on the page."""

    key: str
    measure: str
    period: str
    level: str
    subjects: tuple[Subject, ...]
    days: tuple[dt.date, ...]
    scale: int

    def place(self, row: int, column: str) -> Place:
        kind, one = self.subjects[row]
        return (self.measure, kind, one, self.period, dt.date.fromisoformat(column)), self.level


@dataclass(frozen=True)
class NotTaken:
    key: Key
    level: str
    template: str
    values: dict[str, Any]
    overtaken: bool


@dataclass
class Typed:
    plan_id: int
    values: dict[Place, Value] = field(default_factory=dict)
    read: dict[str, Targets] = field(default_factory=dict)
    """Measure -> the targets as they were when somebody began to type: by them a save is judged."""
    seen: dict[str, Targets] = field(default_factory=dict)
    """Measure -> the targets as they were drawn last."""
    added: set[Subject] = field(default_factory=set)
    turn: int = 0
    drawn: Drawn | None = None
    refused: tuple[NotTaken, ...] = ()

    def targets(self, measure: str) -> Targets:
        """As they were read; those of a measure nobody types into are fresh."""
        found = self.read[measure] if measure in self.read else self._fresh(measure)
        self.seen[measure] = found
        return found

    def _fresh(self, measure: str) -> Targets:
        return _by_key(load(targets, where=TargetFilter(plan_id=self.plan_id, measure=(measure,))))

    def take(self) -> None:
        """What was typed since the page was drawn."""
        grid = self.drawn
        edited = ((st.session_state.get(grid.key) or {}) if grid else {}).get("edited_rows", {})
        for row, typed in edited.items():
            for column, value in typed.items():
                if grid is not None and column[:2].isdigit():
                    self.put(grid.place(int(row), column), None if value is None else float(value) * grid.scale)

    def put(self, place: Place, value: Value) -> None:
        key, level = place
        measure = key[0]
        if self.values.get(place, ()) == value:
            return
        if measure not in self.read:
            self.read[measure] = self.seen[measure] if measure in self.seen else self.targets(measure)
        self.values[place] = value
        self.refused = tuple(one for one in self.refused if (one.key, one.level) != place)
        if self.stored(key)[0][level] == value:
            del self.values[place]

    def stored(self, key: Key) -> tuple[dict[str, Value], int]:
        """The levels of a target as they were read, and its version; without one nothing, and 0."""
        return self.read[key[0]].get(key) or (dict.fromkeys(LEVELS), 0)

    def cells(self) -> list[Cell]:
        by_key: dict[Key, dict[str, Value]] = defaultdict(dict)
        for (key, level), value in self.values.items():
            by_key[key][level] = value
        return [self._cell(key, typed) for key, typed in by_key.items()]

    def _cell(self, key: Key, typed: dict[str, Value]) -> Cell:
        stored, version = self.stored(key)
        gone = "base" in typed and typed["base"] is None
        levels: dict[str, Value] = (dict.fromkeys(LEVELS) if gone else stored) | typed
        measure, kind, one, period, day = key
        about = {"measure": measure, "subject_kind": kind, "subject_id": one, "period": period, "starts_on": day}
        exact = {name: None if value is None else Decimal(str(value)) for name, value in levels.items()}
        return Cell.model_validate(about | exact | {"version": version})

    def forget(self) -> None:
        """Nothing is typed; the grid starts anew."""
        self.values, self.read, self.refused = {}, {}, ()
        self.start_anew()

    def start_anew(self) -> None:
        self.turn, self.drawn = self.turn + 1, None

    def read_again(self) -> None:
        """What was typed stays, to be saved over what others have set since."""
        for measure in self.read:
            self.read[measure] = self._fresh(measure)
        self.refused = ()


def typed_of(plan_id: int) -> Typed:
    found: Typed = st.session_state.setdefault(f"plan.{plan_id}.typed", Typed(plan_id))
    return found


def _by_key(found: pd.DataFrame) -> Targets:
    names = ["measure", "subject_kind", "subject_id", "period", "starts_on", *LEVELS, "version"]
    held: Targets = {}
    for row in found[names].itertuples(index=False, name=None):
        levels = {name: None if pd.isna(value) else float(value) for name, value in zip(LEVELS, row[5:8], strict=True)}
        held[row[0], row[1], int(row[2]), row[3], row[4]] = levels, int(row[8])
    return held


__all__ = ["Drawn", "NotTaken", "Typed", "Value", "typed_of"]
