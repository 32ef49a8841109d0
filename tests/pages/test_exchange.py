"""Import and export: a file from upload to log, as a person does it."""

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import Customer
from crm.office.commands import log_export
from crm.office.models import ImportJob, SavedMapping
from crm.session import open_as
from tests.factories import a_customer
from tests.pages.opened import keys, opened, texts

PAGE = "pages/admin/exchange.py"
FILE = "Customer code,Customer name,Level,Region\nK1,Aurora,VIP,East\nK2,Borealis,b,West\nK3,Cascade,nonsense,West\n"


def everything(kind):
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def uploaded(person, text=FILE, language="en", name="customers.csv"):
    at = opened(PAGE, person, language)
    at.file_uploader[0].upload(name, text.encode(), "text/csv")
    return at.run()


def key_of(elements, ending):
    return next(one.proto.id.split("-", 2)[2] for one in elements if one.proto.id.endswith(ending))


def target_of(at):
    return next(one.value for one in at.segmented_control if one.key.startswith("import.target"))


def metrics(at):
    return [metric.value for metric in at.metric]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["anna", "ben", "dana", "bao", "amir", "eve"])
def test_it_opens_for_those_it_is_for(people, name, language):
    at = opened(PAGE, getattr(people, name), language)
    assert not at.exception
    assert at.title[0].value == {"en": "Import and export", "zh": "导入与导出"}[language]
    assert len(at.file_uploader) == (name != "amir")


@pytest.mark.parametrize("name", ["gia", "ada"])
def test_others_are_refused(people, name):
    at = opened(PAGE, getattr(people, name))
    assert "Your role does not open this page." in texts(at) and not at.file_uploader


def test_a_file_is_recognised_checked_and_brought_in(people):
    at = uploaded(people.anna)
    assert not at.exception
    assert target_of(at) == "customers"
    at.button(key="import.check").click().run()
    assert metrics(at) == ["2", "0", "0", "1"]
    assert everything(Customer) == []
    at.button(key="import.run").click().run()
    assert not at.exception
    assert [one.code for one in everything(Customer)] == ["K1", "K2"]
    assert "is in" in texts(at) and metrics(at) == ["2", "0", "0", "1"]
    assert {"import.show", "import.again"} <= keys(at)
    at.button(key="import.again").click().run()
    assert "import.show" not in keys(at)


def test_changes_are_shown_before_they_are_made(people):
    a_customer(people.anna, code="K1", name="Aurora", level="a", region="East")
    at = uploaded(people.anna)
    at.button(key="import.check").click().run()
    changes = next(frame.value for frame in at.dataframe if "before" in frame.value)
    assert changes[["field", "before", "after"]].values.tolist() == [["Level", "A", "VIP"]]
    assert everything(Customer)[0].level == "a"


def test_another_mapping_makes_the_check_void(people):
    at = uploaded(people.anna)
    at.button(key="import.check").click().run()
    editor = key_of(at.dataframe, ".columns")
    at.session_state[editor] = {"edited_rows": {2: {"becomes": None}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert metrics(at) == [] and "import.check" in keys(at)
    at.button(key="import.check").click().run()
    assert metrics(at) == ["3", "0", "0", "0"]


def test_two_columns_for_one_field_are_told(people):
    at = uploaded(people.anna)
    editor = key_of(at.dataframe, ".columns")
    at.session_state[editor] = {"edited_rows": {3: {"becomes": "Name"}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert "Two columns become the same: Name" in texts(at) and "import.check" not in keys(at)


def test_a_mapping_is_saved_and_offered_to_the_next(people):
    at = uploaded(people.anna)
    name = next(one.key for one in at.text_input if one.key.endswith(".name"))
    at.text_input(key=name).set_value("fair").run()
    at.button(key=name.removesuffix("name") + "save").click().run()
    assert [one.name for one in everything(SavedMapping)] == ["fair"]
    box = next(one for one in uploaded(people.chen).selectbox if one.key.startswith("import.mapping"))
    assert box.value == "fair"


def test_an_owner_is_chosen_for_the_team(people):
    at = uploaded(people.ben)
    owner = next(one.key for one in at.selectbox if one.key.endswith(".owner"))
    at.selectbox(key=owner).set_value("Anna Lindqvist").run()
    at.button(key="import.check").click().run()
    at.button(key="import.run").click().run()
    assert {one.owner_id for one in everything(Customer)} == {people.anna.id}


def test_what_is_no_table_is_told_in_plain_words(people):
    assert "web page" in texts(uploaded(people.anna, "<html><table></table></html>"))


def test_the_same_file_again_is_recognised(people):
    at = uploaded(people.anna)
    at.button(key="import.check").click().run()
    at.button(key="import.run").click().run()
    again = uploaded(people.ben)
    again.button(key="import.check").click().run()
    assert any("Anna Lindqvist brought in this file" in info.value for info in again.info)


def test_the_logs_tell_what_came_and_went(people):
    at = uploaded(people.anna)
    at.button(key="import.check").click().run()
    at.button(key="import.run").click().run()
    with open_as(people.anna.actor) as session:
        log_export(session, "customers", "csv", 2, {"region": ["East"]})
    for tab, words in (("Log of imports", ["customers.csv"]), ("Log of exports", ["CSV", "Region: East"])):
        at = opened(PAGE, people.eve)
        at.session_state["exchange.tabs"] = tab
        at.run()
        shown = at.dataframe[0].value.to_string()
        assert all(word.lower() in shown.lower() for word in words), shown
    assert everything(ImportJob)[0].file_name == "customers.csv"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_file_is_recognised_by_its_headings(people, language):
    files = {
        "orders": "InvoiceNo,InvoiceDate,CustomerID,StockCode,Quantity,UnitPrice\n1,2026-05-01,K1,P1,1,2",
        "contacts": "customer code,name,position,is main\nK1,Zhang Min,Buyer,yes",
        "customers": "客户编号,客户名称,电话,地区\nK1,极光音乐,13800138000,华东",
    }
    for target, text in files.items():
        at = uploaded(people.bao, text, language)
        assert not at.exception
        assert target_of(at) == target
