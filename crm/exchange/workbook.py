"""XLSX: the sheets, and the rows of one as texts: dates as ISO dates, numbers as they were typed."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.workbook import Workbook

from crm.exchange.errors import ExchangeError

MOST_ROWS = 1_000_000
LAST_ROW, MOST_CELLS = 1_048_576, 100_000_000
"""The last row that Excel has; and cells, empty ones among them, that are looked at."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@contextmanager
def _refusing_damage() -> Iterator[None]:
    """In a broken archive or sheet the reader fails with whatever it stumbles over; none of it is a fault of ours."""
    try:
        yield
    except (ExchangeError, MemoryError):
        raise
    except Exception as error:
        raise ExchangeError("The Excel file is damaged.") from error


@contextmanager
def opened(source: bytes | Path) -> Iterator[Workbook]:
    """The workbook, read as a stream and with the last calculated values of its formulas."""
    with _refusing_damage():
        book = openpyxl.load_workbook(io.BytesIO(source) if isinstance(source, bytes) else source, read_only=True, data_only=True)
    try:
        yield book
    finally:
        book.close()


def sheet_names(book: Workbook) -> tuple[str, ...]:
    """The sheets that a person sees when opening the file."""
    return tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")


def date_system(book: Workbook) -> Literal[1900, 1904]:
    return 1904 if book.epoch == CALENDAR_MAC_1904 else 1900


def read_sheet(book: Workbook, name: str | None) -> Iterator[tuple[int, list[str | None]]]:
    """(row number, cells without empty ones at the end) for each row that is not empty."""
    names = sheet_names(book)
    if not names or (name is not None and name not in names):
        raise ExchangeError("The file has no sheet {sheet}; it has: {sheets}.", sheet=name or "", sheets=", ".join(names))
    filled = looked_at = 0
    with _refusing_damage():
        sheet: Any = book[name or names[0]]
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            looked_at += len(values)
            if number > LAST_ROW or looked_at > MOST_CELLS:
                raise ExchangeError("The sheet has more than {limit} rows: save it as CSV.", limit=MOST_ROWS)
            cells = [_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                filled += 1
                if filled > MOST_ROWS:
                    raise ExchangeError("The sheet has more than {limit} rows: save it as CSV.", limit=MOST_ROWS)
                yield number, cells


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case str():
            return ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return _number(value)
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _number(value: float) -> str:
    """Fifteen digits, as Excel shows them: the rest is noise of the binary form."""
    text = f"{value:.15g}"
    return text if "e" not in text else f"{Decimal(text):f}"


def _moment(value: datetime) -> str:
    """Excel keeps times as fractions of a day, which may miss the second by a few microseconds."""
    rounded = (value + timedelta(microseconds=500)).replace(microsecond=0)
    value = rounded if abs(rounded - value) < timedelta(milliseconds=1) else value
    return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
