"""What a table expects of a file: fields; and the check of a frame of texts against them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd

from crm.exchange.dates import parse_dates
from crm.exchange.errors import ExchangeError
from crm.exchange.numbers import SCALE_PLACES, parse_numbers
from crm.exchange.parsing import Fault, Parsed, Question, mask_of
from crm.exchange.texts import EXCEL_ERRORS, parse_booleans, parse_choices, parse_texts, trimmed

Kind = Literal["text", "integer", "decimal", "date", "datetime", "choice", "bool", "reference"]
DateOrder = Literal["dmy", "mdy"]
DecimalMark = Literal[".", ","]
Bound = int | Decimal | date | datetime
DTYPES: dict[Kind, Any] = {
    "text": "str",
    "reference": "str",
    "choice": "str",
    "integer": "Int64",
    "decimal": "Int64",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
    "bool": "boolean",
}
PROBLEM_COLUMNS = ("row", "column", "value", "reason_template", "reason_values")
MISSING = Fault("A value is required.", {})


@dataclass(frozen=True)
class Field:
    """One column that can be filled from a file.

    `choices` gives for each stored code the spellings accepted besides it; `aliases` are header spellings; both in English and
    Chinese. `minimum` and `maximum` are in the field's own units (a decimal's in whole units, not in ten-thousandths).
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    max_length: int | None = None
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    minimum: Bound | None = None
    maximum: Bound | None = None


@dataclass(frozen=True)
class Conventions:
    """How the file writes what can be written in two ways; None is to be learnt from each column."""

    date_order: DateOrder | None = None
    decimal_mark: DecimalMark | None = None
    date_system: Literal[1900, 1904] | None = None


@dataclass(frozen=True)
class Checked:
    """`rows`: the rows without any problem, coerced; `problems`: row (its number in the file), column, value as written,
    reason_template, reason_values; `questions`: what must be answered before the refused dates or numbers can be read."""

    rows: pd.DataFrame
    problems: pd.DataFrame
    questions: tuple[Question, ...] = ()


def check(frame: pd.DataFrame, fields: "list[Field]", conventions: Conventions | None = None) -> Checked:
    """Frame of texts, a column for each field's name (an optional one may lack), indexed by row number -> Checked.

    Columns of `rows`: text, reference, choice (its code): str; integer: Int64; decimal: Int64 in ten-thousandths; date and
    datetime: datetime64[us], times in UTC; bool: boolean. Raises ExchangeError where a required column lacks.
    """
    conventions = conventions or Conventions()
    lacking = [expected.name for expected in fields if expected.required and expected.name not in frame]
    if lacking:
        raise ExchangeError("The required columns {columns} are missing.", columns=", ".join(lacking))
    rows, problems, questions = {}, [], []
    for expected in (each for each in fields if each.name in frame):
        rows[expected.name], found, question = _check_column(frame[expected.name], expected, conventions)
        problems.append(found)
        questions += [question] if question else []
    listed = joined_problems(problems)
    coerced = pd.DataFrame(rows, index=frame.index)
    return Checked(coerced[~coerced.index.isin(listed["row"])], listed, tuple(questions))


def joined_problems(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Several lists of problems as one, in the order of the rows."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return problem_frame([], "", [], [])
    return pd.concat(filled, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def problem_frame(rows: Any, column: str, values: Any, faults: list[Fault]) -> pd.DataFrame:
    """One problem for each row: its number in the file, the column, the value as written, the reason."""
    frame = pd.DataFrame(
        {
            "row": np.asarray(rows, dtype="int64"),
            "column": pd.array([column] * len(faults), dtype="str"),
            "value": pd.array(values, dtype="str"),
            "reason_template": pd.array([fault.template for fault in faults], dtype="str"),
            "reason_values": pd.Series([fault.values for fault in faults], dtype="object"),
        }
    )
    return frame[list(PROBLEM_COLUMNS)]


def _check_column(
    raw: "pd.Series[str]", expected: Field, conventions: Conventions
) -> tuple["pd.Series[Any]", pd.DataFrame, Question | None]:
    """Each different text is parsed once, however many rows share it."""
    codes, different = pd.factorize(raw)
    written = pd.Series(different, dtype="str")
    texts = trimmed(written)
    filled = texts.notna().to_numpy()
    parsed = _parse(texts[filled].reset_index(drop=True), expected, conventions)
    places = np.flatnonzero(filled)
    values = pd.Series(pd.array([pd.NA] * len(texts), dtype=DTYPES[expected.kind]))
    values.iloc[places] = parsed.values.astype(DTYPES[expected.kind]).array
    coerced = values.reindex(codes).set_axis(raw.index)
    faults: list[Fault | None] = [None] * len(texts)
    for position, fault in parsed.faults.items():
        faults[places[position]] = fault
    if expected.required:
        faults = [MISSING if not there else fault for fault, there in zip(faults, filled, strict=True)]
    # The last entry is reached by code -1, the code of an empty cell.
    by_code = np.array([*faults, MISSING if expected.required else None], dtype="object")
    refused = np.array([fault is not None for fault in by_code])[codes]
    found = problem_frame(raw.index[refused], expected.name, raw[refused].array, list(by_code[codes[refused]]))
    return coerced, found, parsed.question


def _parse(texts: "pd.Series[str]", expected: Field, conventions: Conventions) -> Parsed:
    match expected.kind:
        case "text" | "reference":
            parsed = parse_texts(texts, expected.max_length)
        case "choice":
            parsed = parse_choices(texts, expected.choices)
        case "bool":
            parsed = parse_booleans(texts)
        case "integer" | "decimal":
            places = SCALE_PLACES if expected.kind == "decimal" else 0
            parsed = parse_numbers(expected.name, texts, places, conventions.decimal_mark)
        case "date" | "datetime":
            with_time = expected.kind == "datetime"
            parsed = parse_dates(expected.name, texts, with_time, conventions.date_order, conventions.date_system)
    _hold_bounds(parsed, texts, expected)
    for error in set(EXCEL_ERRORS) & set(texts):
        parsed.faults |= {
            int(position): Fault("The cell holds the Excel error {value}.", {"value": error})
            for position in np.flatnonzero(texts == error)
        }
    return parsed


def _hold_bounds(parsed: Parsed, texts: "pd.Series[str]", expected: Field) -> None:
    if expected.minimum is not None:
        below = mask_of(parsed.values < _in_units(expected.minimum, expected.kind))
        parsed.refuse(texts, below, "{value} is less than {minimum}.", minimum=expected.minimum)
    if expected.maximum is not None:
        above = mask_of(parsed.values > _in_units(expected.maximum, expected.kind))
        parsed.refuse(texts, above, "{value} is more than {maximum}.", maximum=expected.maximum)


def _in_units(bound: Bound, kind: Kind) -> Any:
    if kind == "decimal" and isinstance(bound, int | Decimal):
        return int(bound * 10**SCALE_PLACES)
    return pd.Timestamp(bound) if isinstance(bound, date) else bound
