import datetime as dt

import pytest

from crm.customers.commands import refresh_base
from crm.office.commands import DemoDay, set_demo_today
from crm.office.queries import activities_of
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_order
from tests.pages.opened import keys, opened, texts

PAGE = "pages/work/overview.py"


@pytest.fixture
def business(people):
    """anna's Loyal bought this month and last month, Silent long ago and much; something planned is late"""
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    loyal, silent = a_customer(people.anna, name="Loyal"), a_customer(people.anna, name="Silent")
    an_order(loyal, 100, on=TODAY)
    an_order(loyal, 40, on=dt.date(2026, 5, 20))
    an_order(silent, 9000, on=dt.date(2024, 1, 1))
    for number in range(4):
        an_order(a_customer(people.anna), number + 1, on=TODAY)
    an_activity(loyal, people.anna, topic="Send the quote", planned_on=TODAY - dt.timedelta(2))
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)
    return loyal, silent


def metrics(at):
    return {one.label: (one.value, one.delta) for one in at.metric}


def test_the_director_sees_the_month(people, business):
    at = opened(PAGE, people.dana, view="trade")
    found = metrics(at)
    assert found["Revenue this month"][0] == "CN¥110"
    assert found["Orders this month"][0] == "5"
    assert found["Buyers this month"][0] == "5"
    assert found["New customers this month"][0] == "4"
    assert "5 of 6 customers are active" in texts(at)


def test_every_figure_leads_to_its_rows(people, business):
    for name, count in (("revenue", 5), ("orders", 5), ("buyers", 5), ("new_customers", 4)):
        at = opened(PAGE, people.dana, view="trade")
        at.button(key=f"lead.{name}").click().run()
        assert not at.exception
        assert at.title[0].value == ("Orders" if name in ("revenue", "orders") else "Customers")
        assert len(at.dataframe[0].value) == count, name


def test_the_silent_ones_are_those_that_were_counted(people, business):
    at = opened(PAGE, people.dana, view="trade")
    assert "1 of the most valuable fifth have gone silent" in texts(at)
    at.button(key="attention.silent").click().run()
    assert at.dataframe[0].value["name"].tolist() == ["Silent"]


def test_the_rep_sees_who_waits_and_does_it(people, business):
    at = opened(PAGE, people.anna)
    assert "0 planned for today, 1 overdue" in texts(at)
    assert not at.metric
    (key,) = [key for key in keys(at) if key.startswith("due.done.")]
    at.button(key=key).click().run()
    assert "Nothing is planned and nobody waits" in texts(at)
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "customer", business[0].id)["happened_on"].tolist() == [TODAY]


def test_a_row_opens_the_customer(people, business):
    at = opened(PAGE, people.anna)
    (key,) = [key for key in keys(at) if key.startswith("due.open.")]
    at.button(key=key).click().run()
    assert at.title[0].value == "Loyal"


def test_the_analyst_sees_how_fresh_the_data_are(people, business):
    found = metrics(opened(PAGE, people.amir))
    assert (found["Customers"][0], found["Orders"][0]) == ("6", "7")


def test_a_stranger_sees_none_of_it(people, business):
    assert "Loyal" not in texts(opened(PAGE, people.chen))
    at = opened(PAGE, people.ada)
    assert not at.metric and "Loyal" not in texts(at)


def test_the_second_board_is_chosen_in_the_address(people, business):
    at = opened(PAGE, people.eve, board=people.units["Machinery"], view="trade")
    assert metrics(at)["Orders this month"][0] == "0"
