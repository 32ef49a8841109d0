"""Files that other systems wrote: Salesforce's own loader files, half a million real order lines, a service desk log."""

from pathlib import Path

import pandas as pd
import pytest

from crm.exchange.errors import ExchangeError
from crm.exchange.fields import Conventions, Field, check
from crm.exchange.mapping import Mapping, apply, suggest
from crm.exchange.reading import Table, read_table
from crm.exchange.refused import refused_file

pytestmark = pytest.mark.real_data

ORDER_LINE = [
    Field("invoice", required=True, max_length=20, aliases=("invoice no", "单号")),
    Field("product", required=True, max_length=20, aliases=("stock code", "商品编码")),
    Field("description", max_length=100, aliases=("商品名称",)),
    Field("quantity", "integer", required=True, aliases=("数量",)),
    Field("ordered_at", "datetime", required=True, aliases=("invoice date", "下单时间")),
    Field("price", "decimal", required=True, aliases=("unit price", "单价")),
    Field("customer", "reference", required=True, aliases=("customer id", "客户编号")),
    Field("country", aliases=("国家",)),
]


def order_lines(path: Path):
    table = read_table(path, path.name)
    mapping = Mapping(name="online retail", target="orders", columns=suggest(table.frame, ORDER_LINE, table.frame))
    return table, apply(table, mapping, ORDER_LINE)


@pytest.fixture(scope="module")
def online_retail(real_data):
    return order_lines(real_data / "online_retail" / "online_retail.csv.gz")


def table_of(folder: Path, name: str) -> Table:
    return read_table(folder / "salesforce_dataloader" / name, name)


def test_half_a_million_order_lines_to_the_penny(online_retail):
    table, checked = online_retail
    assert len(table.frame) == 541_909
    rows = checked.rows
    assert rows["customer"].nunique() == 4_372
    assert (rows["quantity"] * rows["price"]).sum() == 8_300_065_8140
    assert (rows["ordered_at"].min(), rows["ordered_at"].max()) == (
        pd.Timestamp(2010, 12, 1, 8, 26),
        pd.Timestamp(2011, 12, 9, 12, 50),
    )
    goods = rows[(rows["quantity"] > 0) & (rows["price"] > 0)]
    assert (len(goods), goods["invoice"].nunique(), goods["customer"].nunique()) == (397_884, 18_532, 4_338)
    spent = goods["quantity"] * goods["price"]
    november = goods["ordered_at"].between("2011-11-01", "2011-11-30 23:59:59")
    assert round(spent.sum() / 10_000, 2) == 8_911_407.90
    assert round(spent[november].sum() / 10_000, 2) == 1_161_817.38
    best = spent.groupby(goods["customer"]).sum().nlargest(3)
    assert best.to_dict() == {"14646": 280_206_0200, "18102": 259_657_3000, "17450": 194_550_7900}


def test_lines_without_customer_are_refused_with_their_line_and_reason(online_retail):
    table, checked = online_retail
    assert len(checked.problems) == 135_080
    assert set(checked.problems["column"]) == {"CustomerID"}
    assert set(checked.problems["reason_template"]) == {"A value is required."}
    first = checked.problems["row"].iloc[0]
    assert first == table.frame.index[table.frame["CustomerID"].isna()][0] == 624
    refused = refused_file(table, checked.problems)
    assert len(refused) == 135_080
    assert refused.loc[624].iloc[-1] == "CustomerID: A value is required."


def test_salesforce_accounts(real_data):
    table = table_of(real_data, "samples/accountData.csv")
    assert table.format.encoding == "cp1252"
    assert len(table.frame) == 423
    assert table.problems.empty
    assert table.frame.map(lambda cell: isinstance(cell, str) and "º" in cell).to_numpy().any()
    fields = [
        Field("ID", required=True, max_length=18),
        Field("ISDELETED", "bool"),
        Field("CREATEDDATE", "datetime", required=True),
    ]
    checked = check(table.frame, fields)
    assert checked.problems.empty
    assert checked.rows["CREATEDDATE"].iloc[0] == pd.Timestamp("2006-04-15 03:23:15")


def test_salesforce_opportunities_add_up(real_data):
    table = table_of(real_data, "samples/opportunityData.csv")
    checked = check(table.frame, [Field("AMOUNT", "decimal"), Field("CLOSEDATE", "date"), Field("ISWON", "bool")])
    assert checked.problems.empty
    assert checked.rows["AMOUNT"].sum() == 6_270_000_0000
    assert checked.rows["ISWON"].sum() == 8
    assert checked.rows["CLOSEDATE"].max() == pd.Timestamp(2006, 6, 6)


@pytest.mark.parametrize("name", ["csvtext.csv", "csvtext_BOM_UTF8.csv", "csvtext_BOM_UTF16LE.csv", "csvtext_BOM_UTF16BE.csv"])
def test_salesforce_marks_of_encodings(real_data, name):
    expected = [["row1-1", "row1-2", "row1-3"], ["row2-1", "row2-2", "row2-3"]]
    table = table_of(real_data, f"tests/{name}")
    assert list(table.frame) == ["column1", "column2", "column3"]
    assert table.frame.to_numpy().tolist() == expected


@pytest.mark.parametrize("name", ["csvtext_BOM_UTF32LE.csv", "csvtext_BOM_UTF32BE.csv"])
def test_four_byte_texts_under_a_two_byte_mark_are_refused(real_data, name):
    with pytest.raises(ExchangeError, match="neither a text file nor an Excel file"):
        table_of(real_data, f"tests/{name}")


def test_salesforce_times_with_zones(real_data):
    table = table_of(real_data, "tests/timeZoneFormatTesting.csv")
    checked = check(table.frame, [Field("Date", "datetime")])
    assert checked.rows["Date"].iloc[:3].tolist() == [
        pd.Timestamp("2009-07-14 18:14:45"),
        pd.Timestamp("2009-07-14 06:14:45"),
        pd.Timestamp("2009-07-14 12:14:45"),
    ]
    wrong = check(table_of(real_data, "tests/timeZoneFormatTestingWithErrors.csv").frame, [Field("Date", "datetime")])
    assert {"2009\\7\\14 22:14:45+0800", "2009-07/14 02:14:45-0800"} <= set(wrong.problems["value"])


def test_every_salesforce_file_is_read_or_refused_in_words(real_data):
    files = sorted((real_data / "salesforce_dataloader").rglob("*.csv"))
    assert len(files) > 45
    refused = []
    for path in files:
        try:
            table = read_table(path, path.name)
            assert table.problems.empty, path.name
        except ExchangeError:
            refused.append(path.name)
    assert refused == ["csvtext_BOM_UTF32BE.csv", "csvtext_BOM_UTF32LE.csv"]


def test_the_pipeline_adds_up(real_data):
    path = real_data / "maven_crm_sales_opportunities" / "sales_pipeline.csv"
    checked = check(
        read_table(path, path.name).frame, [Field("deal_stage"), Field("close_value", "decimal"), Field("close_date", "date")]
    )
    assert checked.problems.empty
    assert checked.rows.loc[checked.rows["deal_stage"] == "Won", "close_value"].sum() == 10_005_534_0000


def test_the_service_desk_log_tells_its_order_of_day_and_month(real_data):
    path = real_data / "uci_incident_event_log" / "incident_event_log.csv.gz"
    frame = read_table(path, path.name, limit=20_000).frame
    checked = check(frame[["opened_at", "made_sla"]], [Field("opened_at", "datetime"), Field("made_sla", "bool")])
    assert checked.problems.empty
    assert checked.rows["opened_at"].iloc[0] == pd.Timestamp(2016, 2, 29, 1, 16)
    unknown = check(frame[["sys_created_at"]], [Field("sys_created_at", "datetime")], Conventions())
    assert set(unknown.problems["value"]) == {"?"}
