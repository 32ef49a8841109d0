"""A printable offer to a customer: who to whom, a table of lines with their sum, terms; as wide as a sheet of A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from crm.exchange.profiles import A4, BOX, LINE_HEIGHT, SHADE, Item
from crm.exchange.writing import display_width, excel_value, safe_text, saved, sheet_name


@dataclass(frozen=True)
class Column:
    head: str
    width: int
    format: str | None = None
    """Of Excel, for numbers, which stand at the right; None = text."""


def offer_xlsx(
    title: str, facts: Sequence[Item], columns: Sequence[Column], rows: Sequence[Sequence[object]], total: Item, notes: str
) -> bytes:
    """Title, facts (label, value) two in a line, the table, its sum in the last column, notes below. Numbers stay numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet: Worksheet = book.create_sheet(sheet_name(title))
    _set_up_page(sheet, columns)
    last = len(columns)
    _across(sheet, 1, title, last, size=16)
    row = _facts(sheet, 3, facts, last)
    row = _table(sheet, row + 1, columns, rows)
    _total(sheet, row, total, columns)
    if notes:
        _across(sheet, row + 2, notes, last, lines=_lines_of(notes, sum(column.width for column in columns)))
        row += 2
    sheet.print_area = f"A1:{sheet.cell(row, last).coordinate}"
    return saved(book)


def _set_up_page(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "portrait"
    # As many pages long as the lines need.
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.sheet_view.showGridLines = False


def _across(sheet: Worksheet, row: int, text: str, last: int, size: int | None = None, lines: int = 1) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
    cell = sheet.cell(row, 1, safe_text(text))
    cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
    cell.font = Font(bold=bool(size), size=size or 11)
    sheet.row_dimensions[row].height = 2 * size if size else LINE_HEIGHT * lines


def _lines_of(text: str, width: int) -> int:
    return sum(1 + display_width(line) // max(width, 1) for line in text.split("\n"))


def _facts(sheet: Worksheet, row: int, facts: Sequence[Item], last: int) -> int:
    """-> the next free row. The second of a line begins in the middle."""
    middle = last // 2 + 1
    for place, (label, value) in enumerate(facts):
        at, start = row + place // 2, 1 if place % 2 == 0 else middle
        name = sheet.cell(at, start, safe_text(label))
        name.font = Font(color="666666")
        end = middle - 1 if place % 2 == 0 else last
        sheet.merge_cells(start_row=at, end_row=at, start_column=start + 1, end_column=end)
        content = sheet.cell(at, start + 1, excel_value(safe_text(value) if isinstance(value, str) else value))
        content.alignment = Alignment(horizontal="left", wrap_text=True, vertical="top")
    return row + (len(facts) + 1) // 2


def _table(sheet: Worksheet, row: int, columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> int:
    """-> the row of the sum."""
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(row, place, safe_text(column.head))
        cell.fill, cell.border, cell.font = SHADE, BOX, Font(bold=True)
        cell.alignment = Alignment(horizontal="right" if column.format else "left", wrap_text=True, vertical="top")
    for at, values in enumerate(rows, start=row + 1):
        for place, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            cell = sheet.cell(at, place, excel_value(safe_text(value) if isinstance(value, str) else value))
            cell.border = BOX
            cell.alignment = Alignment(horizontal="right" if column.format else "left", wrap_text=True, vertical="top")
            if column.format:
                cell.number_format = column.format
    sheet.print_title_rows = f"{row}:{row}"
    return row + 1 + len(rows)


def _total(sheet: Worksheet, row: int, total: Item, columns: Sequence[Column]) -> None:
    label, value = total
    last = len(columns)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last - 1)
    name, amount = sheet.cell(row, 1, safe_text(label)), sheet.cell(row, last, excel_value(value))
    name.font = amount.font = Font(bold=True)
    name.alignment = amount.alignment = Alignment(horizontal="right")
    amount.number_format = columns[-1].format or "General"
    for place in range(1, last + 1):
        sheet.cell(row, place).border = BOX
