import pytest

from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import opened, texts

PAGE = "pages/sales/orders.py"


@pytest.fixture
def sold(people):
    mine, foreign = a_customer(people.anna, name="A"), a_customer(people.chen, name="Foreign")
    an_order(mine, 10, number="SO1", on=TODAY)
    an_order(mine, -4, number="SO1-R", on=TODAY)
    an_order(foreign, 99, number="SO2", on=TODAY)


def rows(at):
    return at.dataframe[0].value["number"].tolist() if at.dataframe else []


def test_it_works(people, sold):
    at = opened(PAGE, people.anna)
    assert rows(at) == ["SO1-R", "SO1"]
    assert "**2** orders · CN¥6.00" in texts(at)
    assert rows(opened(PAGE, people.dana)) == ["SO2", "SO1-R", "SO1"]


def test_the_filter_stands_in_the_address(people, sold):
    assert rows(opened(PAGE, people.dana, kind="return")) == ["SO1-R"]
    assert rows(opened(PAGE, people.dana, number="so2")) == ["SO2"]
    assert rows(opened(PAGE, people.dana, ordered_from="2026-06-30", ordered_to="2026-06-30")) == ["SO2", "SO1-R", "SO1"]


def test_typing_narrows(people, sold):
    at = opened(PAGE, people.dana)
    at.text_input(key="orders.number").set_value("SO2").run()
    assert rows(at) == ["SO2"]
    at.text_input(key="orders.number").set_value("none").run()
    assert "No order fits these filters." in texts(at)


def test_nonsense_in_the_address_is_dropped(people, sold):
    at = opened(PAGE, people.anna, ordered_from="yesterday", page="-1")
    assert not at.exception
    assert len(rows(at)) == 2
