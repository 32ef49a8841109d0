"""Columns of a file matched with fields: suggested, named, applied."""

import io
from datetime import date

import openpyxl
import pandas as pd
import pytest
from pydantic import ValidationError

from crm.exchange.errors import ExchangeError
from crm.exchange.fields import Field
from crm.exchange.mapping import Mapping, apply, suggest
from crm.exchange.reading import read_table

FIELDS = [
    Field("name", required=True, max_length=20, aliases=("customer name", "客户名称", "名称")),
    Field("phone", aliases=("telephone", "mobile", "电话", "手机")),
    Field(
        "level", "choice", choices={"gold": ("Gold", "金牌"), "silver": ("Silver", "银牌")}, aliases=("customer level", "级别")
    ),
    Field("since", "date", aliases=("customer since", "开户日期")),
    Field("revenue", "decimal", aliases=("annual revenue", "年收入")),
]


def table(text: str):
    return read_table(text.encode(), "customers.csv")


def mapping(**changes) -> Mapping:
    return Mapping(**{"name": "customers", "target": "customers", "columns": {"name": "Name"}} | changes)


def refusal(text: str, **changes) -> str:
    with pytest.raises(ExchangeError) as error:
        apply(table(text), mapping(**changes), FIELDS)
    return str(error.value)


@pytest.mark.parametrize(
    "headers",
    [
        ["Customer Name", "Mobile", "Customer_Level__c", "CUSTOMER SINCE", "AnnualRevenue"],
        ["客户名称", "手机", "级别", "开户日期", "年收入（元）"],
        ["Custommer name", "Telephone (office)", "level", "since", "Ａｎｎｕａｌ　Ｒｅｖｅｎｕｅ"],
    ],
)
def test_headers_are_recognised_in_both_languages(headers):
    assert suggest(headers, FIELDS) == dict(zip(["name", "phone", "level", "since", "revenue"], headers, strict=True))


def test_what_is_not_recognised_is_left_open():
    assert suggest(["SHIPPINGCITY", "x", "column 3"], FIELDS) == {}


def test_values_that_do_not_fit_speak_against_a_header():
    samples = pd.DataFrame({"since": ["long ago", "unknown"], "customer since": ["2011-01-02", None]}, dtype="str")
    assert suggest(list(samples), FIELDS, samples) == {"since": "customer since"}


def test_dates_that_could_be_read_in_two_ways_still_fit():
    samples = pd.DataFrame({"since": ["01/02/2011", "03/04/2011"]}, dtype="str")
    assert suggest(["since"], FIELDS, samples) == {"since": "since"}


def test_values_that_are_all_choices_speak_for_a_header():
    samples = pd.DataFrame({"class": ["金牌", "银牌", None, "金牌"], "other": ["Gold", "Bronze", "Silver", "x"]}, dtype="str")
    assert suggest(list(samples), FIELDS, samples) == {"level": "class"}


def test_a_mapping_is_kept_as_a_dict():
    kept = mapping(
        constants={"level": "gold"}, value_map={"level": {"A": "gold"}}, date_order="dmy", decimal_mark=",", key="name"
    )
    assert Mapping.model_validate(kept.model_dump(mode="json")) == kept
    with pytest.raises(ValidationError):
        Mapping.model_validate({**kept.model_dump(), "date_order": "sometimes"})
    with pytest.raises(ValidationError):
        Mapping.model_validate({**kept.model_dump(), "colour": "red"})


def test_apply_checks_the_mapped_columns_constants_and_values():
    checked = apply(
        table("Name,Class,From\nAnn,A,9/12/2011\nBen,Gold,2011-12-10\nCid,?,\nDan,Tin,2011-01-01\n"),
        mapping(
            columns={"name": "Name", "level": "Class", "since": "From"},
            constants={"revenue": "1.234,50"},
            value_map={"level": {"a": "gold", "?": ""}},
            date_order="dmy",
            decimal_mark=",",
        ),
        FIELDS,
    )
    expected = pd.DataFrame(
        {
            "name": pd.array(["Ann", "Ben", "Cid"], dtype="str"),
            "level": pd.array(["gold", "gold", None], dtype="str"),
            "since": pd.to_datetime(["2011-12-09", "2011-12-10", None]).astype("datetime64[us]"),
            "revenue": pd.array([12345000] * 3, dtype="Int64"),
        },
        index=pd.Index([2, 3, 4], name="line"),
    )
    pd.testing.assert_frame_equal(checked.rows, expected)
    assert checked.problems[["row", "column", "value"]].values.tolist() == [[5, "Class", "Tin"]]


def test_rows_of_a_wrong_width_are_problems_and_not_looked_into():
    checked = apply(table("Name,From\nAnn,2011-01-01\nBen\n,x,y\n"), mapping(columns={"name": "Name", "since": "From"}), FIELDS)
    assert checked.rows["name"].tolist() == ["Ann"]
    assert checked.problems["row"].tolist() == [3, 4]


def test_a_mapping_that_does_not_fit_is_refused_in_plain_words():
    assert refusal("name\nAnn\n") == "The file has no column Name; it has: name."
    assert refusal("Name\nAnn\n", columns={"nme": "Name"}) == "The mapping customers fills no field named nme."
    assert refusal("Name\nAnn\n", columns={"phone": "Name"}) == "No column is chosen for name."
    assert refusal("Name\nAnn\n", key="phone") == "The key phone is not filled by the mapping."
    assert refusal("Name\nAnn\n", value_map={"level": {}}) == "The mapping customers fills no field named level."
    assert "at once" in refusal("Name\nAnn\n", constants={"name": "Ann"})


def test_numbers_and_dates_of_a_workbook_need_no_question():
    book = openpyxl.Workbook()
    book.active.append(["Name", "From", "Revenue"])
    book.active.append(["Ann", date(2011, 12, 9), 1.234])
    book.active.append(["Ben", 40886, 2])
    target = io.BytesIO()
    book.save(target)
    fit = mapping(columns={"name": "Name", "since": "From", "revenue": "Revenue"})
    checked = apply(read_table(target.getvalue(), "c.xlsx"), fit, FIELDS)
    assert not checked.questions
    assert checked.rows["since"].tolist() == [pd.Timestamp(2011, 12, 9)] * 2
    assert checked.rows["revenue"].tolist() == [12340, 20000]
