"""The customers behind a selection, and what each role can do with them."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.customers.filters import CustomerFilter
from crm.customers.queries import groups
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.ui.insight.selected import these
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import dialog, keys, texts


@pytest.fixture
def three(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    found = [a_customer(people.anna, name=name, region=region) for name, region in (("A", "North"), ("B", "South"), ("C", None))]
    an_order(found[0], 10, on=TODAY)
    an_order(found[1], 30, on=TODAY)
    return found


def body(where):
    from crm.customers.filters import CustomerFilter
    from crm.ui.insight.selected import selected

    selected(CustomerFilter(**where), key="here", made_from="RFM cell 5-4")


def group_body(where, purpose):
    from crm.customers.filters import CustomerFilter
    from crm.ui.insight.selected import group_dialog

    group_dialog(CustomerFilter(**where), purpose, "RFM cell 5-4", 3)


def named(at, name):
    at.text_input[0].set_value(name)
    next(button for button in at.button if button.label == "Save").click().run()


def made(person):
    with open_as(person.actor) as session:
        return groups(session).drop(columns="rule").to_dict("records")


def test_it_works(people, three):
    at = dialog(body, people.amir, {"orders_from": 1})
    assert not at.exception
    assert "**2** customers · **2** orders · CN¥40.00" in texts(at)
    assert at.dataframe[0].value["name"].tolist() == ["B", "A"]


def test_nobody_there_says_so(people, three):
    assert "No customer is in this selection." in texts(dialog(body, people.chen, {"orders_from": 1}))


def test_none_picked_is_nobody_and_not_everybody(people, three):
    assert these([]) != CustomerFilter()
    assert "No customer is in this selection." in texts(dialog(body, people.amir, {"ids": these([]).ids}))


def test_fifty_a_page(people):
    for number in range(51):
        a_customer(people.anna, name=f"Firm {number:02}")
    at = dialog(body, people.anna, {})
    assert len(at.dataframe[0].value) == 50
    at.get("pagination")[0].set_value(2).run()
    assert len(at.dataframe[0].value) == 1


def test_what_can_be_done_depends_on_the_role(people, three):
    def offered(person):
        at = dialog(body, person, {})
        return {name for name in ("segment", "call_list", "audience", "tag", "open") if f"here.{name}" in keys(at)}, any(
            one.label == "Excel" for one in at.get("download_button")
        )

    lists = {"segment", "call_list", "audience"}
    assert offered(people.anna) == (lists | {"tag", "open"}, True)
    assert offered(people.mia) == (lists | {"tag", "open"}, True)
    assert offered(people.amir) == (lists | {"open"}, True)
    assert offered(people.gia) == ({"tag", "open"}, False)


def test_ticked_rows_alone_are_acted_on(people, three):
    at = dialog(body, people.amir, {"orders_from": 1})
    key = at.dataframe[0].proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert "**1** chosen" in texts(at)


def test_the_analyst_saves_a_segment_by_rule(people, three):
    at = dialog(group_body, people.amir, {"orders_from": 1}, "segment")
    named(at, "Buyers")
    (row,) = made(people.amir)
    assert (row["name"], row["by_rule"], row["purpose"], row["made_from"]) == ("Buyers", True, "segment", "RFM cell 5-4")


def test_or_keeps_those_of_today(people, three):
    at = dialog(group_body, people.amir, {"orders_from": 1}, "segment")
    at.radio[0].set_value(False)
    named(at, "Buyers")
    assert not made(people.amir)[0]["by_rule"]
    assert not dialog(group_body, people.amir, {"ids": (three[0].id,)}, "segment").radio


def test_the_marketer_makes_an_audience(people, three):
    at = dialog(group_body, people.mia, {"board_id": (people.anna.board_id,)}, "audience")
    named(at, "Spring")
    (row,) = made(people.mia)
    assert (row["purpose"], row["by_rule"]) == ("audience", False)


def test_a_call_list_is_for_a_week_unless_one_says_otherwise(people, three):
    at = dialog(group_body, people.ben, {"orders_from": 1}, "call_list")
    named(at, "Call them")
    assert made(people.ben)[0]["until"] == TODAY + dt.timedelta(7)


def test_a_name_twice_is_refused_and_nothing_typed_is_lost(people, three):
    named(dialog(group_body, people.amir, {"orders_from": 1}, "segment"), "Buyers")
    at = dialog(group_body, people.amir, {"orders_from": 1}, "segment")
    named(at, "Buyers")
    assert at.error[0].value == "Your unit already has a list of this name."
    assert at.text_input[0].value == "Buyers"
    assert len(made(people.amir)) == 1
