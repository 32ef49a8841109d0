"""The rows of one file on their way in: what is left of them, what was refused and why, and what would be written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm.errors import CrmError
from crm.exchange.fields import PROBLEM_COLUMNS, Checked, joined_problems, problem_frame
from crm.exchange.mapping import Mapping
from crm.exchange.parsing import Fault, Question
from crm.exchange.reading import Table
from crm.session import ScopedSession
from crm.words import say

Tell = Callable[[int, int, str], None]
"""(done, of how many, what): English, translated by who shows it."""

WHOLE_FILE = 0
"""The row of a warning that concerns no single row."""


class Cancelled(CrmError):  # noqa: N818 - says what happened, as those in crm.errors
    """Somebody stopped the import."""

    def __init__(self) -> None:
        super().__init__("The import was stopped. Nothing of the file was saved.")


@dataclass(frozen=True)
class Progress:
    """Tells how far an import is, and stops it when somebody asks for that."""

    tell: Tell = lambda done, total, what: None
    cancelled: Callable[[], bool] = lambda: False

    def at(self, done: int, total: int, template: str) -> None:
        if self.cancelled():
            raise Cancelled()
        self.tell(done, total, template)

    def of(self, total: int, template: str) -> Callable[[int], None]:
        return lambda done: self.at(done, total, template)


@dataclass
class Plan:
    """What the rows would do: counts in rows of the file. `differences`: row, key, field, before, after."""

    new: int
    changed: int
    unchanged: int
    differences: pd.DataFrame
    sample: pd.DataFrame
    """The first new records, as they would be."""
    detail: dict[str, int]
    """How many records of each kind come new."""
    write: Callable[[int, Progress], None]
    """(number of the import job, progress): puts it all into the session's transaction."""


@dataclass(frozen=True)
class Preview:
    """What an import would do; nothing was written.

    `problems` and `warnings`: row, column, value, reason_template, reason_values.
    """

    target: str
    read: int
    new: int
    changed: int
    unchanged: int
    refused: int
    differences: pd.DataFrame
    sample: pd.DataFrame
    problems: pd.DataFrame
    warnings: pd.DataFrame
    questions: tuple[Question, ...]
    detail: dict[str, int]


@dataclass
class Incoming:
    """The checked rows of a file. `rows` shrinks with every `reject`; its index is the row number in the file."""

    session: ScopedSession
    table: Table
    mapping: Mapping
    rows: pd.DataFrame
    progress: Progress = Progress()
    problems: list[pd.DataFrame] = dataclasses.field(default_factory=list)
    warnings: list[pd.DataFrame] = dataclasses.field(default_factory=list)

    @classmethod
    def of(cls, session: ScopedSession, table: Table, mapping: Mapping, checked: Checked, progress: Progress) -> Incoming:
        return cls(session, table, mapping, checked.rows, progress, [checked.problems])

    def checking(self, share: float) -> None:
        """How far the check of the rows is, told between its steps."""
        self.progress.at(round(share * len(self.table.frame)), len(self.table.frame), "Checking the rows")

    def has(self, name: str) -> bool:
        return name in self.rows

    def column(self, name: str) -> pd.Series[Any]:
        """The column, or an empty one where the mapping does not fill the field."""
        return self.rows[name] if name in self.rows else pd.Series(pd.NA, index=self.rows.index, dtype="str")

    def reject(self, where: Any, field: str, template: str, **values: Any) -> None:
        """Refuse the rows of the mask. A value that is a Series is taken row by row; {value} is the cell."""
        refused = self.rows.index[np.asarray(where, dtype=bool)]
        if len(refused):
            self.problems.append(self._found(refused, field, template, values))
            self.rows = self.rows.drop(index=refused)

    def warn(self, where: pd.Index[Any], field: str, template: str, **values: Any) -> None:
        if len(where):
            self.warnings.append(self._found(where, field, template, values))

    def warn_of_file(self, template: str, **values: Any) -> None:
        self.warnings.append(problem_frame([WHOLE_FILE], "", [None], [Fault(template, values)]))

    def _found(self, rows: pd.Index[Any], field: str, template: str, values: dict[str, Any]) -> pd.DataFrame:
        cells = self._cells(rows, field)
        lists = {key: one.reindex(rows).tolist() for key, one in values.items() if isinstance(one, pd.Series)}
        if "{value}" in template:
            lists["value"] = cells.tolist()
        fixed = {key: one for key, one in values.items() if key not in lists}
        if not lists:
            faults = [Fault(template, fixed)] * len(rows)
        else:
            by_row = zip(*lists.values(), strict=True)
            faults = [Fault(template, fixed | dict(zip(lists, each, strict=True))) for each in by_row]
        return problem_frame(rows, self.mapping.columns.get(field, ""), cells, faults)

    def _cells(self, rows: pd.Index[Any], field: str) -> pd.Series[Any]:
        header = self.mapping.columns.get(field)
        if header is None:
            return pd.Series(self.mapping.constants.get(field), index=rows, dtype="str")
        return self.table.frame[header].reindex(rows)

    def all_problems(self) -> pd.DataFrame:
        return joined_problems(self.problems)

    def all_warnings(self) -> pd.DataFrame:
        return joined_problems(self.warnings)


def first_of_same(keys: pd.DataFrame) -> pd.Series[Any]:
    """Rows with equal keys -> for each row the number of the first one; its own where it is the first."""
    numbers = pd.Series(keys.index, index=keys.index)
    return numbers.groupby([keys[name] for name in keys], dropna=False).transform("first")


def reasons(problems: pd.DataFrame, most: int = 8) -> list[str]:
    """Each kind of reason in a sentence: how many rows, and the first of them as the example; the most frequent first."""
    kinds = problems.groupby(["column", "reason_template"], dropna=False, sort=False)
    counted = kinds.agg(count=("row", "size"), row=("row", "first"), values=("reason_values", "first")).reset_index()
    lines = []
    for kind in counted.sort_values("count", ascending=False, kind="stable").head(most).to_dict("records"):
        reason = say(kind["reason_template"], **kind["values"])
        lines.append(say("{count:row|rows} like row {row}: {reason}", count=kind["count"], row=kind["row"], reason=reason))
    return lines


__all__ = ["PROBLEM_COLUMNS", "Cancelled", "Incoming", "Plan", "Preview", "Progress", "first_of_same", "reasons"]
