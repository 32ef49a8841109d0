import datetime as dt
import json
from decimal import Decimal

import pytest

from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_list, shares
from crm.office.commands import CustomFieldInput, TagInput, add_custom_field, add_tag
from crm.office.queries import tags_of, views
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.scored import a_run, a_score

PAGE = "pages/sales/customers.py"


@pytest.fixture
def three(people):
    found = [a_customer(people.anna, name=name, region=region) for name, region in (("A", "North"), ("B", "South"), ("C", None))]
    an_order(found[0], 10, on=TODAY)
    return found


def rows(at):
    return [] if not at.dataframe else at.dataframe[0].value["name"].tolist()


def tick(at, *positions):
    """Tick rows of the list."""
    key = at.dataframe[0].proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"rows": list(positions), "columns": [], "cells": []}}
    return at.run()


def test_it_works(people, three):
    at = opened(PAGE, people.anna)
    assert rows(at) == ["A", "C", "B"]
    assert "**3** customers · **1** orders" in texts(at)


def test_the_filter_stands_in_the_address(people, three):
    at = opened(PAGE, people.anna, region="South")
    assert rows(at) == ["B"]
    assert "chip.region" in keys(at)
    at.button(key="chip.region").click().run()
    assert rows(at) == ["A", "C", "B"]
    assert "region" not in at.query_params


def test_what_makes_no_sense_in_the_address_is_dropped(people, three):
    at = opened(PAGE, people.anna, amount_from="much", page="x", sort="nonsense", show="nothing", class_id="gold")
    assert not at.exception
    assert len(rows(at)) == 3


def test_typing_narrows_and_nothing_found_says_so(people, three):
    at = opened(PAGE, people.anna)
    at.text_input(key="customers.search").set_value("zzz").run()
    assert "No customer fits these filters." in texts(at)
    assert at.query_params["search"] in ("zzz", ["zzz"])


def test_strangers_see_an_empty_list(people, three):
    at = opened(PAGE, people.chen)
    assert rows(at) == []
    assert "Here your customers will stand." in texts(at)


def test_mine_and_never_ordered(people, three):
    a_customer(people.ben, name="Bens")
    at = opened(PAGE, people.ben, view="mine", owner_id=people.ben.id)
    assert rows(at) == ["Bens"]
    assert rows(opened(PAGE, people.ben, stage="potential", sort="name.up")) == ["B", "Bens", "C"]


def test_columns_chosen_and_custom_ones(people, three):
    with open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number", in_list=True))
    assert "custom:shoe_size" in opened(PAGE, people.anna).dataframe[0].value
    at = opened(PAGE, people.anna, columns="name,region")
    assert list(at.dataframe[0].value) == ["name", "region", "press"]


def test_fifty_a_page(people):
    for number in range(51):
        a_customer(people.anna, name=f"Firm {number:02}")
    assert len(rows(opened(PAGE, people.anna, sort="name.up"))) == 50
    assert rows(opened(PAGE, people.anna, sort="name.up", page=2)) == ["Firm 50"]


def test_what_can_be_done_with_ticked_rows_depends_on_the_role(people, three):
    actions = {"assign", "tag", "share", "merge", "delete"}

    def offered(person):
        at = tick(opened(PAGE, person), 0, 1)
        return {name for name in actions if f"customers.{name}" in keys(at)}

    assert offered(people.ben) == actions
    assert offered(people.anna) == {"tag", "share"}
    assert offered(people.amir) == set()
    assert "customers.new" not in keys(opened(PAGE, people.amir))


def test_a_new_customer(people, three):
    at = opened(PAGE, people.anna)
    at.button(key="customers.new").click().run()
    at.button(key="customers.new").click()
    at.text_input(key="customers.new_form.name").set_value("Delta")
    _submit(at, "Add")
    assert at.title[0].value == "Delta"
    with open_as(people.anna.actor) as session:
        assert "Delta" in customer_list(session)["name"].tolist()


def test_a_new_customer_that_a_colleague_follows_is_added_at_the_second_try(people):
    a_customer(people.emil, name="Delta Ltd")
    at = opened(PAGE, people.anna)
    at.button(key="customers.new").click().run()
    at.button(key="customers.new").click()
    at.text_input(key="customers.new_form.name").set_value("Delta")
    _submit(at, "Add")
    assert "followed by a colleague in Machinery" in at.error[0].value
    assert "Delta Ltd" not in texts(at) + at.dataframe[-1].value.to_csv()
    at.button(key="customers.new").click()
    _submit(at, "Add")
    assert at.title[0].value == "Delta"


def _submit(at, label):
    next(button for button in at.button if button.label == label).click().run()


def assign_body(ids):
    from crm.ui.customer_list import assign_dialog

    assign_dialog(ids)


def share_body(ids):
    from crm.ui.customer_list import share_dialog

    share_dialog(ids)


def tag_body(ids):
    from crm.ui.tags import tag_dialog

    tag_dialog("customer", ids)


def delete_body(ids):
    from crm.ui.customer_list import delete_dialog

    delete_dialog(ids)


def test_assigned(people, three):
    at = dialog(assign_body, people.ben, [one.id for one in three[:2]])
    at.selectbox(key="customers.assign_form.owner_id").set_value(people.chen.id)
    at.text_input(key="customers.assign_form.reason").set_value("Closer")
    _submit(at, "Assign")
    with open_as(people.chen.actor) as session:
        assert sorted(customer_list(session)["name"]) == ["A", "B"]


def test_assigned_without_a_reason_says_what_is_missing(people, three):
    at = dialog(assign_body, people.ben, [three[0].id])
    at.selectbox(key="customers.assign_form.owner_id").set_value(people.chen.id)
    _submit(at, "Assign")
    assert at.error[0].value == "**Reason**: fill this in"
    with open_as(people.anna.actor) as session:
        assert len(customer_list(session)) == 3


def test_shared_with_a_unit(people, three):
    at = dialog(share_body, people.anna, [three[0].id])
    at.selectbox(key="customers.share_form.unit_id").set_value(people.units["Sales West"])
    _submit(at, "Share")
    with open_as(people.anna.actor) as session:
        assert shares(session, three[0].id)["with"].tolist() == ["Sales West"]


def test_tagged(people, three):
    with open_as(people.anna.actor) as session:
        add_tag(session, TagInput(name="Key account"))
    at = dialog(tag_body, people.anna, [one.id for one in three])
    at.selectbox(key="customer.tag_name").set_value("Key account")
    at.button(key="customer.tag_save").click().run()
    with open_as(people.anna.actor) as session:
        assert tags_of(session, "customer", [one.id for one in three])["name"].tolist() == ["Key account"] * 3


def test_deleted(people, three):
    at = dialog(delete_body, people.ben, [three[0].id])
    assert "1 order hangs on them" in texts(at)
    at.button(key="customers.delete_yes").click().run()
    with open_as(people.anna.actor) as session:
        assert sorted(customer_list(session)["name"]) == ["B", "C"]


def test_a_view_is_saved_and_opened_again(people, three):
    at = opened(PAGE, people.anna, region="South", sort="name.up")
    at.text_input(key="customers.view_name").set_value("South")
    at.button(key="customers.view_save").click().run()
    with open_as(people.anna.actor) as session:
        (state,) = views(session, "customers")["state"]
    assert state["filter"] == {"region": ["South"]}
    at = opened(PAGE, people.anna)
    at.segmented_control(key="customers.view").set_value("South").run()
    assert rows(at) == ["B"]
    assert CustomerFilter(**state["filter"]).region == ("South",)


@pytest.mark.parametrize("by", ["life_cycle", "region", "owner_id", "class_id"])
def test_counted_instead_of_listed(people, three, by):
    at = opened(PAGE, people.anna, show="statistics", by=by)
    assert not at.exception
    assert at.dataframe[0].value["customers"].sum() == 3


def test_the_analyst_may_take_the_list_away_and_the_agent_may_not(people, three):
    assert at_export(people.amir)
    assert not at_export(people.gia)


def at_export(person):
    return any(button.label == "Excel" for button in opened(PAGE, person).get("download_button"))


# ------------------------------------------------------------------------------------------------------- scores


@pytest.fixture
def scored(people, three):
    """A nearly surely there, B at risk, C without a score"""
    run = a_run(people.anna.board_id)
    a_score(three[0], run, p_alive=0.95, value_at_risk=Decimal(20), lifetime_value=Decimal(400))
    a_score(three[1], run, p_alive=0.4, value_at_risk=Decimal(600), lifetime_value=Decimal(300))
    return three


SCORED = "name,p_alive,expected_orders,expected_value,lifetime_value,value_at_risk,next_order_from,next_order_until"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sorted_by_value_at_risk(people, scored, language):
    at = opened(PAGE, people.anna, language, sort="value_at_risk", columns=f"{SCORED},orders_by_month")
    assert not at.exception
    assert rows(at) == ["B", "A", "C"]
    assert at.dataframe[0].value["p_alive"].tolist()[:2] == [40.0, 95.0]
    if language == "zh":
        assert english_left(at) <= set("ABC")
        assert json.loads(at.dataframe[0].proto.columns)["p_alive"]["label"] == "活跃概率"


def test_narrowed_by_scores_from_the_address_with_chips_that_say_so(people, scored):
    at = opened(PAGE, people.anna, p_alive_to="0.5", risk_from="100", value_from="1", next_order_to=str(TODAY + dt.timedelta(10)))
    assert rows(at) == ["B"]
    named = {button.key: button.label for button in at.button if button.key and button.key.startswith("chip.")}
    assert named == {
        "chip.p_alive_to": "P(alive) to 50\u00a0%",
        "chip.risk_from": "Value at risk from 100",
        "chip.value_from": "Lifetime value from 1",
        "chip.next_order_to": "Next order to 10 Jul 2026",
    }
    at.button(key="chip.p_alive_to").click().run()
    at.button(key="chip.risk_from").click().run()
    assert sorted(rows(at)) == ["A", "B"]


def test_ranges_are_entered_as_percent_and_money(people, scored):
    at = at_filters(people.anna)
    at.number_input(key="customers.more.p_alive_from").set_value(90.0)
    at.number_input(key="customers.more.value_to").set_value(400.0)
    next(button for button in at.button if button.label == "Apply").click().run()
    assert (at.query_params["p_alive_from"], at.query_params["value_to"]) == ("0.9", "400.0")
    assert rows(at) == ["A"]
    assert at_filters(people.anna, p_alive_from="0.9").number_input(key="customers.more.p_alive_from").value == 90.0


def at_filters(person, **query):
    at = opened(PAGE, person, **query)
    at.session_state["customers.filters"] = True
    return at.run()


def test_units_that_one_reaches_can_be_chosen(people, three):
    a_customer(people.chen, name="West")
    units = at_filters(people.dana).multiselect(key="customers.more.team_id").options
    assert units == ["Music", "Music / Sales East", "Music / Sales West", "Music / Service"]
    assert "Machinery / Machinery Sales" in at_filters(people.eve).multiselect(key="customers.more.team_id").options
    assert not [one for one in at_filters(people.anna).multiselect if one.key == "customers.more.team_id"]
    at = opened(PAGE, people.dana, team_id=people.units["Sales West"])
    assert rows(at) == ["West"]
    assert at.button(key="chip.team_id").label == "Team: Music / Sales West"


def test_a_saved_view_keeps_scores(people, scored):
    at = opened(PAGE, people.anna, p_alive_to="0.5", sort="value_at_risk", columns=SCORED)
    at.text_input(key="customers.view_name").set_value("Shaky")
    at.button(key="customers.view_save").click().run()
    at = opened(PAGE, people.anna)
    at.segmented_control(key="customers.view").set_value("Shaky").run()
    assert rows(at) == ["B"]
    assert list(at.dataframe[0].value) == [*SCORED.split(","), "press"]


def test_codes_that_nobody_has_are_no_warning(people, three, recwarn):
    assert opened(PAGE, people.anna, columns="name,credit_grade").dataframe[0].value["credit_grade"].tolist() == [""] * 3
    assert [one for one in recwarn if "incompatible" in str(one.message) or "fillna" in str(one.message)] == []
