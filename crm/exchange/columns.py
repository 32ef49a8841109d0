"""The named columns of a CSV file as texts: for files whose form is known beforehand, read whole or not at all."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from crm.exchange.errors import ExchangeError
from crm.exchange.streams import MOST_BYTES, content

LONGEST = 200


def read_columns(path: Path, names: Sequence[str], missing: str = "") -> pd.DataFrame:
    """-> str columns in the order of `names`, trimmed, NA where a cell is empty or `missing`.

    The file may be packed by gzip. Raises ExchangeError for a file or a column that is not there, for what is no CSV in UTF-8,
    for a row of another width than the header, and for a cell that no record can keep.
    """
    try:
        with content(path, MOST_BYTES) as (stream, _), io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            cells = list(_picked(csv.reader(text, strict=True), names, path.name))
    except FileNotFoundError as error:
        raise ExchangeError("The file {file} is missing.", file=str(path)) from error
    except UnicodeError as error:
        raise ExchangeError("{file} is not written in UTF-8: save it as CSV UTF-8.", file=path.name) from error
    except (csv.Error, OSError) as error:
        raise ExchangeError("The file {file} cannot be read: {why}.", file=str(path), why=str(error)) from error
    table = pd.DataFrame(cells, columns=list(names), dtype="str")
    for name in names:
        table[name] = table[name].str.strip()
        table[name] = table[name].mask(table[name].isin(["", missing]))
        _require_fitting(table[name], path)
    return table


def _picked(rows: Iterator[list[str]], names: Sequence[str], file: str) -> Iterator[list[str]]:
    header = [heading.strip() for heading in next(rows, [])]
    if lacking := [name for name in names if name not in header]:
        raise ExchangeError("{file} has no column {columns}.", file=file, columns=", ".join(lacking))
    places = [header.index(name) for name in names]
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise ExchangeError(
                "Row {row} of {file} has {count} cells, the header has {width}.",
                row=number,
                file=file,
                count=len(row),
                width=len(header),
            )
        yield [row[place] for place in places]


def _require_fitting(texts: "pd.Series[str]", path: Path) -> None:
    wrong = (texts.str.len() > LONGEST) | texts.str.contains("\x00", regex=False, na=False)
    if wrong.any():
        raise ExchangeError(
            "Column {column} of {file} holds a text in row {row} that is longer than {limit} characters or no text.",
            column=str(texts.name),
            file=path.name,
            row=int(texts.index[wrong][0]) + 2,
            limit=LONGEST,
        )
