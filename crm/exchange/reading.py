"""A CSV or Excel file -> a frame of texts, with the line numbers that a person sees in the file."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from crm.exchange import delimited, workbook
from crm.exchange.cells import restore
from crm.exchange.encodings import detect_encoding
from crm.exchange.errors import ExchangeError
from crm.exchange.fields import joined_problems, problem_frame
from crm.exchange.parsing import Fault
from crm.exchange.streams import HEAD, MOST_BYTES, content, is_workbook
from crm.exchange.tabular import SEARCHED_ROWS, Row, column_names, header_position, looks_like_header

BATCH = 20_000
REASON = "reason (import)"
EXTRA = "extra cell {number} (import)"
MOST_COLUMNS = 2_000
OWN_EXTRA = re.compile(r"extra cell \d+ \(import\)")
Numbered = tuple[int, Row]


@dataclass(frozen=True)
class FileFormat:
    """How the file is written. Excel: no encoding and separator; `date_system` says what its unformatted dates count from."""

    kind: Literal["csv", "xlsx"]
    encoding: str | None = None
    separator: str | None = None
    compressed: bool = False
    has_header: bool = True
    sheets: tuple[str, ...] = ()
    date_system: Literal[1900, 1904] | None = None


@dataclass(frozen=True)
class Table:
    """`frame`: str columns named as in the file, NA for an empty cell, indexed by line (Excel: row) number.

    `problems`: the rows with too many or too few cells, as in Checked; `extra`: line number -> the cells beyond the last column.
    """

    frame: pd.DataFrame
    format: FileFormat
    problems: pd.DataFrame
    extra: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def line_numbers(self) -> pd.Index:
        return self.frame.index


def sniff(data: bytes, name: str, most_bytes: int = MOST_BYTES) -> FileFormat:
    """The format of a file's content. Raises ExchangeError for what cannot be read; `most_bytes` bounds what is unpacked."""
    return _sniff(data, name, None, most_bytes)


def read_table(
    source: bytes | Path,
    name: str,
    format: FileFormat | None = None,
    sheet: str | None = None,
    limit: int | None = None,
    most_bytes: int = MOST_BYTES,
) -> Table:
    """The first `limit` rows, or all. Empty rows are left out; titles above the header too. `sheet`: None for the first one.

    The columns that `refused_file` adds are not part of the table. Raises ExchangeError.
    """
    form = format or _sniff(source, name, sheet, most_bytes)
    with ExitStack() as stack:
        rows = _rows(stack, source, form, sheet, most_bytes)
        first = list(islice(rows, SEARCHED_ROWS))
        if not first:
            raise ExchangeError("The file is empty.")
        if form.has_header:
            first = first[header_position([row for _, row in first]) :]
            names = column_names(first.pop(0)[1])
        else:
            names = column_names([None] * max(len(row) for _, row in first))
        return _table(islice(chain(first, rows), limit), names, form)


def _sniff(source: bytes | Path, name: str, sheet: str | None, most_bytes: int) -> FileFormat:
    with content(source, most_bytes) as (stream, packed):
        head = stream.read(HEAD)
    if is_workbook(head, source, packed, most_bytes):
        with workbook.opened(source) as book:
            sample = [row for _, row in islice(workbook.read_sheet(book, sheet), SEARCHED_ROWS)]
            system, sheets = workbook.date_system(book), workbook.sheet_names(book)
        return FileFormat("xlsx", has_header=_has_header(sample), sheets=sheets, date_system=system)
    with content(source, most_bytes) as (stream, _):
        encoding = detect_encoding(head, stream)
    with content(source, most_bytes) as (stream, _):
        separator, texts = delimited.sample_rows(stream, encoding, only_tabs=".tsv" in Path(name).suffixes)
    return FileFormat("csv", encoding, separator, packed, _has_header(texts))


def _has_header(rows: "list[Row] | list[list[str]] | list[list[str | None]]") -> bool:
    """Headings that are no words (a file may have them) are known by the column that we added to the refused rows."""
    rows = rows[header_position(rows) :]
    return bool(rows and REASON in rows[0]) or looks_like_header(rows)


def _rows(stack: ExitStack, source: bytes | Path, form: FileFormat, sheet: str | None, most_bytes: int) -> Iterator[Numbered]:
    if form.kind == "xlsx":
        return _narrow(workbook.read_sheet(stack.enter_context(workbook.opened(source)), sheet))
    stream, _ = stack.enter_context(content(source, most_bytes))
    return _narrow(delimited.read_rows(stream, form.encoding or "utf-8", form.separator or ","))


def _narrow(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Numbered]:
    """Refuses a row that is wider than any table: one cell far to the right would fill the memory with empty ones."""
    for line, row in rows:
        if len(row) > MOST_COLUMNS:
            raise ExchangeError("Row {line} has more than {limit} columns.", line=line, limit=MOST_COLUMNS)
        yield line, row


def _table(rows: Iterator[Numbered], names: list[str], form: FileFormat) -> Table:
    """Built batch by batch, so that the texts of the whole file are never there as single objects."""
    extra: dict[int, tuple[str, ...]] = {}
    parts, problems = [_frame([], [], names)], []
    while batch := list(islice(rows, BATCH)):
        if form.kind == "xlsx":
            names = _widened(names, max(len(row) for _, row in batch))
        if any(len(row) != len(names) for _, row in batch):
            batch, found, beyond = _evened(batch, names, form)
            problems.append(found)
            extra |= beyond
        parts.append(_frame([line for line, _ in batch], [row for _, row in batch], names))
    table = Table(pd.concat(parts), form, joined_problems(problems), extra)
    return _without_own_columns(table)


def _widened(names: list[str], width: int) -> list[str]:
    """A sheet is a rectangle: cells beyond the header make columns without a name."""
    return names if width <= len(names) else column_names([*names, *[None] * (width - len(names))])


def _evened(
    batch: list[Numbered], names: list[str], form: FileFormat
) -> tuple[list[Numbered], pd.DataFrame, dict[int, tuple[str, ...]]]:
    """Every row as wide as the header; in a CSV file the others are problems, but empty cells at the end are not."""
    width = len(names)
    even: list[Numbered] = []
    uneven, extra = {}, {}
    for line, row in batch:
        beyond = tuple(cell or "" for cell in row[width:])
        if any(beyond):
            extra[line] = beyond
        if any(beyond) or (len(row) < width and form.kind == "csv"):
            uneven[line] = _uneven(len(row), width)
        even.append((line, [*row[:width], *[None] * (width - len(row))]))
    return even, problem_frame(list(uneven), "", [None] * len(uneven), list(uneven.values())), extra


def _uneven(count: int, width: int) -> Fault:
    return Fault("The row has {count} cells, the header has {width}.", {"count": count, "width": width})


def _without_own_columns(table: Table) -> Table:
    """Without the columns of a file of refused rows; what still stands in its columns for extra cells is still too much."""
    beyond = [name for name in table.frame if OWN_EXTRA.fullmatch(str(name))]
    if not beyond and REASON not in table.frame:
        return table
    frame = table.frame.drop(columns=[*beyond, REASON], errors="ignore")
    extra = {
        int(line): tuple("" if cell is pd.NA or cell != cell else str(cell) for cell in cells)
        for line, *cells in table.frame.loc[table.frame[beyond].notna().any(axis=1), beyond].itertuples()
    }
    faults = [_uneven(len(frame.columns) + len(cells), len(frame.columns)) for cells in extra.values()]
    found = problem_frame(list(extra), "", [None] * len(extra), faults)
    return Table(frame, table.format, joined_problems([table.problems, found]), table.extra | extra)


def _frame(lines: list[int], rows: list[Row], names: list[str]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    frame = pd.DataFrame(
        {name: pd.array(column, dtype="str") for name, column in zip(names, columns, strict=True)},
        index=pd.Index(lines, dtype="int64", name="line"),
    )
    return frame.apply(restore).mask(frame == "")
