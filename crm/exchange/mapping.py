"""Which column of a file fills which field: suggested from the headers, kept under a name, applied to a table."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from crm.exchange.errors import ExchangeError
from crm.exchange.fields import Checked, Conventions, DateOrder, DecimalMark, Field, check, joined_problems
from crm.exchange.reading import Table
from crm.exchange.texts import parse_choices, same_spelling, trimmed

EXACT, WITHOUT_BRACKETS, BY_VALUES = 3.0, 2.5, 0.5
SIMILAR = 0.88
SHORTEST_SIMILAR = 5
SAMPLED_ROWS = 200


class Mapping(BaseModel):
    """A named way to read files for one target. To and from a dict: `model_dump(mode="json")` and `model_validate`.

    `columns`: field -> header in the file; `constants`: field -> the value of every row; `value_map`: field -> value in the file
    -> value meant ("" for none); `key`: the field by which rows are found again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    target: str
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    key: str | None = None
    date_order: DateOrder | None = None
    decimal_mark: DecimalMark | None = None
    value_map: dict[str, dict[str, str]] = {}


def suggest(headers: Iterable[str], fields: list[Field], samples: pd.DataFrame | None = None) -> dict[str, str]:
    """Headers (and rows of the file, as texts) -> field name: header, for the fields that can be told.

    A header is chosen by the field's name and aliases; values that do not fit speak against it; values that are all among a
    field's choices speak for it.
    """
    sample = samples.head(SAMPLED_ROWS) if samples is not None else pd.DataFrame()
    candidates = [
        (score, place, field, header)
        for field in fields
        for place, header in enumerate(headers)
        if (score := _score(header, field, sample.get(header))) > 0
    ]
    chosen: dict[str, str] = {}
    for _, _, field, header in sorted(candidates, key=lambda candidate: (-candidate[0], candidate[1])):
        if field.name not in chosen and header not in chosen.values():
            chosen[field.name] = header
    return chosen


def apply(table: Table, mapping: Mapping, fields: list[Field]) -> Checked:
    """The table's rows, checked as the mapping says; problems name the file's own columns.

    Rows with too many or too few cells are problems already and not looked into. Raises ExchangeError where the mapping does
    not fit the file or the fields.
    """
    _check_fit(table, mapping, fields)
    whole = table.frame[~table.frame.index.isin(table.problems["row"])]
    texts = {field: whole[header] for field, header in mapping.columns.items()}
    texts |= {field: pd.Series(value, index=whole.index, dtype="str") for field, value in mapping.constants.items()}
    texts |= {field: _translated(texts[field], meant) for field, meant in mapping.value_map.items()}
    mark = mapping.decimal_mark or ("." if table.format.kind == "xlsx" else None)
    conventions = Conventions(mapping.date_order, mark, table.format.date_system)
    checked = check(pd.DataFrame(texts, index=whole.index), fields, conventions)
    found = checked.problems.assign(column=checked.problems["column"].replace(mapping.columns))
    return Checked(checked.rows, joined_problems([table.problems, found]), checked.questions)


def _check_fit(table: Table, mapping: Mapping, fields: list[Field]) -> None:
    lacking = [header for header in mapping.columns.values() if header not in table.frame]
    if lacking:
        has = ", ".join(map(str, table.frame.columns))
        raise ExchangeError("The file has no column {columns}; it has: {headers}.", columns=", ".join(lacking), headers=has)
    twice = mapping.columns.keys() & mapping.constants.keys()
    if twice:
        raise ExchangeError("{fields} cannot be filled by a column and by a constant at once.", fields=", ".join(sorted(twice)))
    filled = {**mapping.columns, **mapping.constants}
    known = {field.name for field in fields}
    unknown = sorted(({*filled} - known) | ({*mapping.value_map} - {*filled}))
    if unknown:
        raise ExchangeError(
            "The mapping {mapping} fills no field named {fields}.", mapping=mapping.name, fields=", ".join(unknown)
        )
    needed = [field.name for field in fields if field.required and field.name not in filled]
    if needed:
        raise ExchangeError("No column is chosen for {fields}.", fields=", ".join(needed))
    if mapping.key is not None and mapping.key not in filled:
        raise ExchangeError("The key {field} is not filled by the mapping.", field=mapping.key)


def _translated(texts: "pd.Series[str]", meant: dict[str, str]) -> "pd.Series[str]":
    lookup = {same_spelling(value): other for value, other in meant.items()}
    codes, different = pd.factorize(texts)
    replaced = [lookup.get(same_spelling(text), text) for text in different]
    return pd.Series(pd.array(replaced, dtype="str")).reindex(codes).set_axis(texts.index)


def _score(header: str, field: Field, values: "pd.Series[Any] | None") -> float:
    names = {_key(name) for name in (field.name, *field.aliases)}
    by_name = 0.0
    if _key(header) in names:
        by_name = EXACT
    elif _key(re.sub(r"[(（\[【].*?[)）\]】]", "", header)) in names:
        by_name = WITHOUT_BRACKETS
    elif len(_key(header)) >= SHORTEST_SIMILAR:
        nearest = max(SequenceMatcher(None, _key(header), name).ratio() for name in names)
        by_name = nearest if nearest >= SIMILAR else 0.0
    texts = trimmed(values).dropna().reset_index(drop=True) if values is not None else None
    if texts is None or texts.empty:
        return by_name
    if by_name:
        return by_name if _fits(texts, field) else 0.0
    named = field.kind == "choice" and texts.nunique() > 1 and not parse_choices(texts, field.choices).faults
    return BY_VALUES if named else 0.0


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold().removesuffix("__c")
    return "".join(character for character in plain if character.isalnum())


def _fits(texts: "pd.Series[Any]", field: Field) -> bool:
    checked = check(pd.DataFrame({field.name: texts}), [field], Conventions(date_system=1900))
    return bool(checked.questions) or len(checked.problems) <= len(texts) / 2
