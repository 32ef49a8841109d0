"""What the reading of one column's texts gives: values, faults, and perhaps a question to the person."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

SHOWN_CHARACTERS = 60


def shown(value: object) -> str:
    """The value as it is quoted in a sentence: long texts shortened."""
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


class Fault:
    """Why one value is refused: an English template and its values."""

    __slots__ = ("template", "values")

    def __init__(self, template: str, values: dict[str, object]) -> None:
        self.template = template
        self.values = values


class Question:
    """What only the person who knows the file can say: the order of day and month, or the decimal mark, of one column."""

    def __init__(
        self, column: str, about: Literal["date_order", "decimal_mark"], template: str, values: dict[str, object]
    ) -> None:
        self.column = column
        self.about = about
        self.template = template
        self.values = values


@dataclass
class Parsed:
    """`values` has one entry for each text given, NA where `faults` (by position) has an entry."""

    values: "pd.Series[Any]"
    faults: dict[int, Fault] = field(default_factory=dict)
    question: Question | None = None

    def refuse(self, texts: "pd.Series[str]", where: "np.ndarray[Any, Any]", template: str, **values: object) -> None:
        """Refuse the texts at `where` (a mask), unless they are refused already. The template may name {value}."""
        for position in np.flatnonzero(where).tolist():
            if position not in self.faults:
                self.faults[position] = Fault(template, {"value": shown(texts.iloc[position]), **values})
        self.values = self.values.mask(where)


def mask_of(series: "pd.Series[Any]") -> "np.ndarray[Any, Any]":
    """A comparison as a plain mask: what is not known is not true."""
    return series.fillna(False).to_numpy(dtype=bool)
