"""Frames -> CSV and Excel files that open well in Excel, run nothing there, and read back as the same values."""

import io
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from crm.exchange.cells import neutralise
from crm.exchange.errors import ExchangeError
from crm.exchange.workbook import ESCAPED, MOST_ROWS

LONGEST_CELL = 32_767
EXACT_INTEGER = 2**53
FIRST_DAY = date(1900, 3, 1)
UNWRITABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
NARROWEST, WIDEST, MEASURED_ROWS = 8, 60, 100


def to_csv(frame: pd.DataFrame, columns: Mapping[str, str]) -> bytes:
    """The columns (name -> header) as CSV in UTF-8 with a mark, without which Excel misreads Chinese. Times are in UTC."""
    ready = pd.DataFrame({name: _csv_values(_ready(frame[name])) for name in columns})
    text = ready.to_csv(index=False, header=_headers(columns), lineterminator="\r\n")
    return text.encode("utf-8-sig")


def to_xlsx(frame: pd.DataFrame, columns: Mapping[str, str], sheet_title: str) -> bytes:
    """The columns (name -> header) as an Excel sheet: bold frozen header, numbers and dates as such. Times are in UTC.

    Raises ExchangeError for more rows or longer texts than a sheet can hold.
    """
    if len(frame) > MOST_ROWS:
        raise ExchangeError("An Excel file holds at most {limit} rows: choose CSV.", limit=MOST_ROWS)
    lists = [_excel_values(_ready(frame[name]), label) for name, label in columns.items()]
    headers = _headers(columns)
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(sheet_name(sheet_title))
    sheet.freeze_panes = "A2"
    for place, (header, values) in enumerate(zip(headers, lists, strict=True), start=1):
        widest = max(display_width(str(value)) for value in [header, *values[:MEASURED_ROWS]] if value is not None)
        sheet.column_dimensions[get_column_letter(place)].width = min(max(widest + 2, NARROWEST), WIDEST)
    sheet.append([_bold(sheet, header) for header in headers])
    for row in zip(*lists, strict=True):
        sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet_name(title: str) -> str:
    """What Excel allows as the name of a sheet."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '")[:31] or "Sheet1"


def display_width(text: str) -> int:
    """In Latin letters; a Chinese character is as wide as two. The widest line counts."""
    return max(sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.split("\n"))


def safe_text(text: str) -> str:
    """One text as it may stand in a cell."""
    return str(_safe(pd.Series([text], dtype="str")).iloc[0])


def _safe(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    return neutralise(texts.str.replace(UNWRITABLE, "", regex=True))


def _headers(columns: Mapping[str, str]) -> list[str]:
    return [safe_text(label) for label in columns.values()]


def _bold(sheet: Any, header: str) -> Any:
    cell = WriteOnlyCell(sheet, header)
    cell.font = Font(bold=True)
    return cell


def _ready(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Texts made safe; times without zone; everything else as it is."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _ready(column.astype(column.cat.categories.dtype))
    if column.dtype == "object":
        texts = column.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
        return column.where(~texts, _safe(column.where(texts).astype("str")).astype("object"))
    return _safe(column) if pd.api.types.is_string_dtype(column.dtype) else column


def _csv_values(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype != "object":
        return column
    return column.map(lambda value: f"{value:f}" if isinstance(value, Decimal) else value)


def _excel_values(column: "pd.Series[Any]", label: str) -> list[object]:
    values: list[object] = [excel_value(value) for value in column.astype("object").where(column.notna(), None).tolist()]
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    if longest > LONGEST_CELL:
        raise ExchangeError(
            "{column} holds a text of {length} characters, an Excel cell at most {limit}: choose CSV.",
            column=label,
            length=longest,
            limit=LONGEST_CELL,
        )
    if all(value is None or (isinstance(value, datetime) and value.time() == time()) for value in values):
        return [value.date() if isinstance(value, datetime) else None for value in values]
    return values


def excel_value(value: Any) -> Any:
    """What Excel cannot keep as number or date without changing it is written as text."""
    match value:
        case str():
            escaped = ESCAPED.sub(r"_x005F_x\1_", value) if "_x" in value else value
            return escaped.replace("\r\n", "\n").replace("\r", "\n")
        case bool():
            return value
        case int():
            return value if abs(value) <= EXACT_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            moment = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
            moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
            return moment if moment.date() >= FIRST_DAY else moment.isoformat(sep=" ")
        case date():
            return value if value >= FIRST_DAY else value.isoformat()
    return value
