"""What is written opens well in Excel, runs nothing there, and reads back as it was."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.exchange.errors import ExchangeError
from crm.exchange.profiles import profile_xlsx
from crm.exchange.reading import read_table
from crm.exchange.writing import to_csv, to_xlsx

ORDERS = pd.DataFrame(
    {
        "customer": ["上海电气", None],
        "amount": [1234.5, np.nan],
        "count": pd.array([-3, None], dtype="Int64"),
        "day": pd.to_datetime(["2011-12-09", None]),
        "at": pd.to_datetime(["2011-12-09 08:26:00", "2011-12-10 00:00:00"]),
        "money": pd.Series([Decimal("1E+3"), Decimal("-0.0100")], dtype="object"),
    }
)
LABELS = {"customer": "客户", "amount": "Amount", "count": "Count", "day": "Day", "at": "At", "money": "Money"}


def sheet(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def texts(*values: str) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.array(values, dtype="str")})


def test_csv_is_for_excel_and_in_the_order_asked():
    assert (
        to_csv(ORDERS, {name: LABELS[name] for name in ("money", "customer", "at", "day", "amount", "count")})
        == (
            "\ufeffMoney,客户,At,Day,Amount,Count\r\n"
            "1000,上海电气,2011-12-09 08:26:00,2011-12-09,1234.5,-3\r\n"
            "-0.0100,,2011-12-10 00:00:00,,,\r\n"
        ).encode()
    )


def test_a_workbook_holds_numbers_and_dates_and_a_bold_frozen_header():
    page = sheet(to_xlsx(ORDERS, LABELS, "Orders: 2011/12"))
    assert page.title == "Orders  2011 12"
    assert page.freeze_panes == "A2"
    assert [cell.value for cell in page[1]] == list(LABELS.values())
    assert all(cell.font.bold for cell in page[1])
    assert [cell.value for cell in page[2]] == ["上海电气", 1234.5, -3, datetime(2011, 12, 9), datetime(2011, 12, 9, 8, 26), 1000]
    assert [cell.value for cell in page[3]] == [None, None, None, None, datetime(2011, 12, 10), -0.01]
    assert page["D2"].number_format == "yyyy-mm-dd"
    assert "h:mm" in page["E3"].number_format
    assert page.column_dimensions["A"].width >= 10


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "@sum", "-2+3", "\t=1", "\r=1", "-cmd|' /C calc'!A0"])
def test_formulas_are_neutralised(text):
    assert to_csv(texts(text), {"a": "a"}).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"').startswith("'" + text[0])
    assert sheet(to_xlsx(texts(text), {"a": "a"}, "s"))["A2"].value.startswith("'")


def test_headers_are_neutralised_too():
    assert to_csv(texts("x"), {"a": "=1+1"}).decode("utf-8-sig").startswith("'=1+1")
    assert sheet(to_xlsx(texts("x"), {"a": "=1+1"}, "s"))["A1"].value == "'=1+1"


def test_negative_numbers_stay_as_they_are():
    assert to_csv(texts("-5", "-1,234.50"), {"a": "a"}).decode("utf-8-sig") == 'a\r\n-5\r\n"-1,234.50"\r\n'
    assert to_csv(pd.DataFrame({"a": [-5.5]}), {"a": "a"}).decode("utf-8-sig") == "a\r\n-5.5\r\n"


def test_mixed_columns_are_written_value_by_value():
    frame = pd.DataFrame({"a": pd.Series(["=x", 3, date(2011, 12, 9), None, True], dtype="object")})
    assert to_csv(frame, {"a": "a"}).decode("utf-8-sig") == 'a\r\n\'=x\r\n3\r\n2011-12-09\r\n""\r\nTrue\r\n'
    values = [row[0] for row in sheet(to_xlsx(frame, {"a": "a"}, "s")).iter_rows(min_row=2, values_only=True)]
    assert values[:3] == ["'=x", 3, datetime(2011, 12, 9)]
    assert values[-1] is True


def test_times_with_a_zone_are_written_in_utc():
    frame = pd.DataFrame({"a": pd.to_datetime(["2011-12-09 08:26:00+08:00"])})
    assert b"2011-12-09 00:26:00\r" in to_csv(frame, {"a": "a"})
    assert sheet(to_xlsx(frame, {"a": "a"}, "s"))["A2"].value == datetime(2011, 12, 9, 0, 26)
    objects = pd.DataFrame({"a": pd.Series([datetime(2011, 12, 9, tzinfo=UTC), "x"], dtype="object")})
    assert sheet(to_xlsx(objects, {"a": "a"}, "s"))["A2"].value == datetime(2011, 12, 9)


def test_what_excel_would_change_is_written_as_text():
    frame = pd.DataFrame({"long": [12345678901234567890], "old": [pd.Timestamp(1850, 1, 1)]})
    assert [cell.value for cell in sheet(to_xlsx(frame, {"long": "l", "old": "o"}, "s"))[2]] == [
        "12345678901234567890",
        "1850-01-01 00:00:00",
    ]


def test_what_a_sheet_cannot_hold_is_refused(monkeypatch):
    with pytest.raises(ExchangeError, match="a text of 32768 characters"):
        to_xlsx(texts("x" * 32768), {"a": "a"}, "s")
    monkeypatch.setattr("crm.exchange.writing.MOST_ROWS", 1)
    with pytest.raises(ExchangeError, match="at most 1 rows"):
        to_xlsx(texts("x", "y"), {"a": "a"}, "s")


def test_an_empty_frame_is_a_header():
    assert to_csv(texts(), {"a": "客户"}) == "\ufeff客户\r\n".encode()
    assert [cell.value for cell in sheet(to_xlsx(texts(), {"a": "客户"}, ""))[1]] == ["客户"]


CONTROLS = "".join(map(chr, {*range(32)} - {*b"\t\n\r"})) + "\x7f\ufffe\uffff"
CELL = st.text(st.characters(exclude_characters=CONTROLS, exclude_categories=["Cs"]), min_size=1, max_size=12)
TRICKY = st.one_of(
    CELL, st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "''=", "'-", "-1", "_x000D_"]), CELL)
)
ROWS = st.lists(st.tuples(TRICKY, TRICKY | st.none(), TRICKY | st.none()), min_size=1, max_size=20)


def frame_of(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "b", "c"], dtype="str")


def read(data: bytes, name: str, form=None):
    frame = read_table(data, name, form).frame
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_csv_reads_back_as_it_was(rows):
    form = read_table(b"name,b,c\nx,y,z\n", "f.csv").format
    given_form = form.__class__("csv", encoding="utf-8-sig", separator=",")
    data = to_csv(frame_of([("head", "x", "y"), *rows]), {"name": "name", "b": "b", "c": "c"})
    assert read(data, "f.csv", given_form) == [["head", "x", "y"], *map(list, rows)]


@given(ROWS)
@settings(max_examples=25, deadline=None)
def test_a_workbook_reads_back_as_it_was_but_for_line_ends(rows):
    frame = frame_of([("head", "x", "y"), *rows])
    expected = [[cell and cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
    assert read(to_xlsx(frame, {"name": "name", "b": "b", "c": "c"}, "s"), "f.xlsx")[1:] == expected


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**53), 2**53),
            st.datetimes(min_value=datetime(1900, 3, 1), max_value=datetime(2200, 1, 1)).map(
                lambda moment: moment.replace(microsecond=0)
            ),
            st.decimals(-(10**9), 10**9, places=4),
        ),
        min_size=2,
        max_size=6,
    )
)
@settings(max_examples=20, deadline=None)
def test_numbers_and_times_read_back_from_a_workbook(rows):
    frame = pd.DataFrame(
        {
            "n": [n for n, _, _ in rows],
            "at": pd.Series([at for _, at, _ in rows], dtype="datetime64[us]"),
            "money": pd.Series([money for _, _, money in rows], dtype="object"),
        }
    )
    back = read_table(to_xlsx(frame, {"n": "n", "at": "at", "money": "money"}, "s"), "f.xlsx").frame
    assert back["n"].astype("int64").tolist() == frame["n"].tolist()
    assert pd.to_datetime(back["at"], format="ISO8601").tolist() == frame["at"].tolist()
    assert [Decimal(money) for money in back["money"]] == frame["money"].tolist()


def test_a_profile_is_one_printable_page():
    sections = [
        (
            "基本情况",
            [
                ("名称", "上海电气集团"),
                ("Since", date(2011, 12, 9)),
                ("Value", 12.5),
                ("Note", "=cmd " + "words " * 40),
                ("Phone", None),
            ],
        ),
        ("Owner", [("Name", "Ann")]),
    ]
    page = sheet(profile_xlsx("客户基本情况表", sections))
    assert (page.page_setup.paperSize, page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage) == (9, 1, True)
    rows = [list(row) for row in page.iter_rows(max_col=4, values_only=True)]
    assert rows[0][0] == "客户基本情况表"
    assert rows[1][0] == "基本情况"
    assert rows[2] == ["名称", "上海电气集团", "Since", datetime(2011, 12, 9)]
    assert rows[3][:2] == ["Value", 12.5]
    assert rows[4][0] == "Note"
    assert rows[4][1].startswith("'=cmd")
    assert rows[5][:2] == ["Phone", None]
    assert rows[6:] == [["Owner", None, None, None], ["Name", "Ann", None, None]]
    assert page.row_dimensions[5].height > page.row_dimensions[4].height
