"""A printable page about one record: sections of labels and values, on one sheet of A4."""

import math
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from crm.exchange.writing import display_width, excel_value, safe_text, saved, sheet_name

A4 = 9
LABEL_WIDTH, VALUE_WIDTH = 16, 30
LONGEST_SHORT_VALUE = 2 * VALUE_WIDTH
LINE_HEIGHT, TALLEST = 16, 409
LINE = Side(style="thin", color="BFBFBF")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
SHADE = PatternFill("solid", fgColor="EDEDED")

Item = tuple[str, object]


@dataclass(frozen=True)
class _Line:
    """One line of the page: one item across it, or two side by side."""

    items: list[Item]

    @property
    def value_width(self) -> int:
        return VALUE_WIDTH if len(self.items) == 2 else 2 * VALUE_WIDTH + LABEL_WIDTH

    @property
    def height(self) -> int:
        values = [_wrapped_lines(_shown(value), self.value_width) for _, value in self.items]
        labels = [_wrapped_lines(label, LABEL_WIDTH) for label, _ in self.items]
        return min(LINE_HEIGHT * max(values + labels), TALLEST)


def profile_xlsx(title: str, sections: list[tuple[str, list[Item]]]) -> bytes:
    """Title and sections of (label, value) -> an Excel sheet that prints on one page of A4, items in two columns.

    A long value takes the whole width. Numbers and dates stay numbers and dates; None is an empty cell.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet: Worksheet = book.create_sheet(sheet_name(title))
    _set_up_page(sheet)
    _write_heading(sheet, 1, title, size=16)
    row = 2
    for heading, items in sections:
        _write_heading(sheet, row, heading, size=12)
        lines = _lines(items)
        for place, line in enumerate(lines, start=row + 1):
            _write_line(sheet, place, line)
        row += len(lines) + 1
    sheet.print_area = f"A1:D{row - 1}"
    return saved(book)


def _wrapped_lines(text: str, width: int) -> int:
    return sum(max(1, math.ceil(display_width(line) / width)) for line in text.split("\n"))


def _set_up_page(sheet: Worksheet) -> None:
    for column, width in zip("ABCD", (LABEL_WIDTH, VALUE_WIDTH) * 2, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.sheet_view.showGridLines = False


def _lines(items: list[Item]) -> list[_Line]:
    """Two short items side by side; a long one alone."""
    lines: list[_Line] = []
    waiting: list[Item] = []
    for label, value in items:
        if display_width(_shown(value)) > LONGEST_SHORT_VALUE:
            lines += [_Line(waiting)] if waiting else []
            lines, waiting = [*lines, _Line([(label, value)])], []
            continue
        waiting.append((label, value))
        if len(waiting) == 2:
            lines, waiting = [*lines, _Line(waiting)], []
    return [*lines, _Line(waiting)] if waiting else lines


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _write_heading(sheet: Worksheet, row: int, text: str, size: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
    cell = sheet.cell(row, 1, safe_text(text))
    cell.font = Font(bold=True, size=size)
    cell.alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center")
    sheet.row_dimensions[row].height = 2 * size


def _write_line(sheet: Worksheet, row: int, line: _Line) -> None:
    for place, (label, value) in enumerate(line.items):
        name = sheet.cell(row, 2 * place + 1, safe_text(label))
        name.fill = SHADE
        content = sheet.cell(row, 2 * place + 2, excel_value(safe_text(value) if isinstance(value, str) else value))
        content.alignment = name.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
    for column in range(1, 5):
        sheet.cell(row, column).border = BOX
    if len(line.items) == 1:
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=4)
    sheet.row_dimensions[row].height = line.height
