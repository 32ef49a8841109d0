"""What counts as a number, a date, a choice; and what is refused, with which words."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.exchange.errors import ExchangeError
from crm.exchange.fields import Checked, Conventions, Field, check


def checked(values: list[str | None], kind: str, conventions: Conventions | None = None, **options) -> Checked:
    frame = pd.DataFrame({"x": pd.array(values, dtype="str")}, index=range(2, len(values) + 2))
    return check(frame, [Field("x", kind, **options)], conventions)


def value(text: str, kind: str, conventions: Conventions | None = None, **options):
    result = checked([text], kind, conventions, **options)
    assert result.problems.empty, reasons(result)
    return result.rows["x"].iloc[0]


def reasons(result: Checked) -> list[str]:
    return [problem.reason_template.format(**problem.reason_values) for problem in result.problems.itertuples()]


def reason(text: str, kind: str, conventions: Conventions | None = None, **options) -> str:
    (only,) = reasons(checked([text], kind, conventions, **options))
    return only


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("12", 120000),
        ("1,234.50", 12345000),
        ("1.234,50", 12345000),
        ("1,234,567", 12345670000),
        ("1.234.567", 12345670000),
        ("￥１，２３４．５", 12345000),
        ("¥ 12", 120000),
        ("12元", 120000),
        ("$-3.5", -35000),
        ("-£3.5", -35000),
        ("12.00 €", 120000),
        ("3 234,50", 32345000),
        ("1'234.50", 12345000),
        ("12-", -120000),
        ("(12.5)", -125000),
        ("−12.5", -125000),
        ("+.5", 5000),
        ("0.123", 1230),
        ("500000.00000", 5000000000),
        ("99999999999999.9999", 999999999999999999),
    ],
)
def test_decimals_as_people_write_them(text, scaled):
    assert value(text, "decimal") == scaled


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("abc", "abc is not a number."),
        ("--3", "--3 is not a number."),
        ("(3", "(3 is not a number."),
        ("1,23,456", "1,23,456 is not a number."),
        ("1.5E+05", "1.5E+05 is not a number."),
        ("12%", "12% is not a number."),
        ("1 2", "1 2 is not a number."),
        ("0.12345", "0.12345 has more than 4 decimals."),
        ("100000000000000", "100000000000000 is too large."),
        ("1,234", "It is not clear whether the mark in 1,234 separates decimals or thousands."),
        ("#N/A", "The cell holds the Excel error #N/A."),
    ],
)
def test_what_is_no_decimal(text, sentence):
    assert reason(text, "decimal") == sentence


def test_the_other_values_of_the_column_tell_the_decimal_mark():
    assert checked(["1.234", "2,50"], "decimal").rows["x"].tolist() == [12340000, 25000]
    assert checked(["1.234", "2.50"], "decimal").rows["x"].tolist() == [12340, 25000]
    assert checked(["1,234", "1,234,567"], "decimal").rows["x"].tolist() == [12340000, 12345670000]


def test_a_column_that_does_not_tell_its_decimal_mark_asks():
    result = checked(["1.234", "7"], "decimal")
    assert result.rows["x"].to_dict() == {3: 70000}
    (question,) = result.questions
    assert (question.column, question.about, question.values["value"]) == ("x", "decimal_mark", "1.234")
    assert value("1.234", "decimal", Conventions(decimal_mark=".")) == 12340
    assert value("1.234", "decimal", Conventions(decimal_mark=",")) == 12340000
    assert reason("1,5", "decimal", Conventions(decimal_mark=".")) == "1,5 is not a number."


def test_whole_numbers():
    assert checked(["1,234", "17850.0", "-5", " ７ ", None], "integer").rows["x"].tolist() == [1234, 17850, -5, 7, pd.NA]
    assert reason("5.5", "integer") == "5.5 is not a whole number."
    assert checked(["1,000"], "integer").questions


@given(st.lists(st.decimals(min_value=-(10**13), max_value=10**13, places=4), min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_every_amount_is_read_exactly(amounts: list[Decimal]):
    expected = [int(amount * 10_000) for amount in amounts]
    english = [f"{amount:,.4f}" for amount in amounts]
    continental = [text.translate(str.maketrans(",.", ".,")) for text in english]
    assert checked(english, "decimal", Conventions(decimal_mark=".")).rows["x"].tolist() == expected
    assert checked(continental, "decimal", Conventions(decimal_mark=",")).rows["x"].tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "2011-12-09",
        "2011/12/9",
        "2011.12.09",
        "20111209",
        "2011年12月9日",
        "2011 年 12 月 9 日",
        "２０１１－１２－０９",
        "2011-12-09T23:30:00-05:00",
        "2011-12-09 08:26",
    ],
)
def test_dates_are_the_day_that_is_written(text):
    assert value(text, "date") == pd.Timestamp(2011, 12, 9)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2010-10-14T12:00:00.000Z", "2010-10-14 12:00"),
        ("2010-10-14T12:00:00.000GMT", "2010-10-14 12:00"),
        ("2009-07-14 22:14:45+0800", "2009-07-14 14:14:45"),
        ("2009-07-14T22:14:45.5-02:30", "2009-07-15 00:44:45.5"),
        ("2011年12月9日08:26", "2011-12-09 08:26"),
        ("2011-12-25 1:05 PM", "2011-12-25 13:05"),
        ("2011-12-25 12:05 am", "2011-12-25 00:05"),
        ("2011-12-25", "2011-12-25"),
    ],
)
def test_times_are_brought_to_utc(text, moment):
    assert value(text, "datetime") == pd.Timestamp(moment)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2011-02-29", "2011-02-29 is not a date."),
        ("2011-13-01", "2011-13-01 is not a date."),
        ("2009-07/14", "2009-07/14 is not a date."),
        ("2009\\7\\14", "2009\\7\\14 is not a date."),
        ("wrongdate", "wrongdate is not a date."),
        ("2011-12-09 25:00", "2011-12-09 25:00 is not a date."),
        ("2010-10-14T12:00:00.000Z-0300", "2010-10-14T12:00:00.000Z-0300 is not a date."),
        ("2010-10-14 12:00+1500", "2010-10-14 12:00+1500 is not a date."),
        ("13/12/11", "Write the year of 13/12/11 with four digits."),
        ("40886", "40886 is not a date."),
        ("2011129", "2011129 is not a date."),
    ],
)
def test_what_is_no_date(text, sentence):
    assert reason(text, "datetime") == sentence


def test_leap_days():
    assert value("2012-02-29", "date") == pd.Timestamp(2012, 2, 29)
    assert value("2000-02-29", "date") == pd.Timestamp(2000, 2, 29)
    assert reason("1900-02-29", "date") == "1900-02-29 is not a date."


def test_one_value_decides_the_order_of_day_and_month_for_its_column():
    assert checked(["9/12/2011", "13/12/2011"], "date").rows["x"].tolist() == [
        pd.Timestamp(2011, 12, 9),
        pd.Timestamp(2011, 12, 13),
    ]
    assert checked(["9/12/2011", "12/13/2011"], "date").rows["x"].tolist() == [
        pd.Timestamp(2011, 9, 12),
        pd.Timestamp(2011, 12, 13),
    ]


def test_a_column_that_does_not_tell_its_order_asks_and_accepts_only_what_is_clear():
    result = checked(["9/12/2011", "5/5/2011", "2011-01-02"], "date")
    assert result.rows.index.tolist() == [3, 4]
    assert reasons(result) == ["It is not clear which part of 9/12/2011 is the day and which the month."]
    (question,) = result.questions
    assert question.about == "date_order"
    assert value("9/12/2011", "date", Conventions(date_order="dmy")) == pd.Timestamp(2011, 12, 9)
    assert value("9/12/2011", "date", Conventions(date_order="mdy")) == pd.Timestamp(2011, 9, 12)


def test_a_column_of_both_orders_accepts_only_what_is_clear():
    result = checked(["13/12/2011", "12/13/2011", "9/12/2011"], "date")
    assert result.rows["x"].tolist() == [pd.Timestamp(2011, 12, 13)] * 2
    assert result.questions


def test_a_given_order_is_held():
    assert reason("12/25/2011", "date", Conventions(date_order="dmy")) == "12/25/2011 is not a date with the day first."


def test_excel_counts_days():
    excel = Conventions(date_system=1900)
    assert value("40886", "date", excel) == pd.Timestamp(2011, 12, 9)
    assert value("40886.351388889", "datetime", excel) == pd.Timestamp(2011, 12, 9, 8, 26)
    assert value("39424", "date", Conventions(date_system=1904)) == pd.Timestamp(2011, 12, 9)
    assert reason("2011", "date", excel) == "2011 is not a date."


@given(st.lists(st.datetimes(min_value=datetime(1000, 1, 1)), min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_every_iso_time_is_read_exactly(moments):
    assert checked([moment.isoformat() for moment in moments], "datetime").rows["x"].tolist() == moments


def test_choices_by_code_english_or_chinese():
    choices = {"won": ("Won", "赢单"), "lost": ("Lost", "输单")}
    result = checked(["Won", " 赢单 ", "LOST", "ＷＯＮ", "open"], "choice", choices=choices)
    assert result.rows["x"].tolist() == ["won", "won", "lost", "won"]
    assert reasons(result) == ["open is not one of: Won, Lost."]


def test_yes_and_no():
    assert checked(["是", "FALSE", "1", "n", None], "bool").rows["x"].tolist() == [True, False, True, False, pd.NA]
    assert reason("perhaps", "bool") == "perhaps is neither yes nor no."


def test_texts_are_trimmed_and_never_cut():
    assert value("\u3000 Ann\xa0", "text") == "Ann"
    assert value("\u202a+86 138\u202c", "text") == "+86 138"
    assert value("two\nlines", "text") == "two\nlines"
    assert value("客" * 10, "text", max_length=10) == "客" * 10
    assert reason("x" * 11, "text", max_length=10) == "The text has 11 characters; the limit is 10."
    assert reason("a\x07b", "text") == "The text holds the invisible character U+0007."


def test_long_values_are_shortened_in_the_reason_but_not_in_the_problem():
    result = checked(["x" * 1000], "integer")
    assert len(reasons(result)[0]) < 100
    assert result.problems["value"].tolist() == ["x" * 1000]


def test_required_values():
    result = checked(["a", None, "  "], "text", required=True)
    assert result.rows["x"].to_dict() == {2: "a"}
    assert result.problems["row"].tolist() == [3, 4]
    assert set(reasons(result)) == {"A value is required."}
    with pytest.raises(ExchangeError, match="name"):
        check(pd.DataFrame(), [Field("name", required=True)])


def test_bounds_are_in_the_units_of_the_field():
    assert reason("0", "decimal", minimum=Decimal("0.01")) == "0 is less than 0.01."
    assert value("0.01", "decimal", minimum=Decimal("0.01")) == 100
    assert reason("2100-01-01", "date", maximum=date(2030, 1, 1)) == "2100-01-01 is more than 2030-01-01."
    assert reason("11", "integer", maximum=10) == "11 is more than 10."


def test_one_bad_cell_refuses_its_row_and_all_its_problems_are_named():
    frame = pd.DataFrame({"n": ["1", "x", "3"], "d": ["2011-01-01", "y", "2011-01-03"]}, index=[2, 3, 4], dtype="str")
    result = check(frame, [Field("n", "integer"), Field("d", "date")])
    assert result.rows.index.tolist() == [2, 4]
    assert [(p.row, p.column, p.value) for p in result.problems.itertuples()] == [(3, "n", "x"), (3, "d", "y")]


@pytest.mark.parametrize("kind", ["text", "integer", "decimal", "date", "datetime", "choice", "bool", "reference"])
@pytest.mark.parametrize("values", [[], [None], [None, " "]])
def test_empty_columns_have_their_type(kind, values):
    full = checked(["1"], kind, choices={"1": ()}) if kind not in ("date", "datetime") else checked(["2011-01-01"], kind)
    result = checked(values, kind)
    assert len(result.rows) == len(values)
    assert result.rows["x"].isna().all()
    assert result.rows["x"].dtype == full.rows["x"].dtype


@given(
    st.lists(st.text(max_size=20) | st.none(), max_size=30),
    st.sampled_from(["text", "integer", "decimal", "date", "datetime", "bool"]),
)
@settings(max_examples=30, deadline=None)
def test_no_text_crashes_the_check(values, kind):
    result = checked(values, kind)
    assert len(result.rows) + result.problems["row"].nunique() == len(values)
