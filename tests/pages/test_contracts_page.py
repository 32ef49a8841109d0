import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import ReceiptInput, add_receipt
from crm.contracts.models import Contract
from crm.contracts.queries import contract_list, plan_of, receipt_list
from crm.office.commands import DemoDay, set_demo_today
from crm.office.queries import activities_of
from crm.session import get, open_as
from tests.factories import TODAY, a_contract, a_customer
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/contracts.py"


def days(number):
    return TODAY + dt.timedelta(number)


@pytest.fixture
def customer(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def signed(people, customer):
    """anna's customer: 1,000 in two parts, the first 100 days late; ben's other one ends in 20 days; a stranger's"""
    other = a_customer(people.ben, name="Borealis")
    first = a_contract(people.anna, customer, 1000, days(-100), days(30), number="K1", name="Alpha", ends_on=days(300))
    second = a_contract(people.ben, other, 500, days(-5), number="K2", name="Beta", ends_on=days(20))
    a_contract(people.emil, a_customer(people.emil), 77, days(-5), number="K9")
    return first, second


def numbers(at):
    return at.dataframe[0].value["number"].tolist() if at.dataframe else []


def test_it_works(people, signed):
    at = opened(PAGE, people.anna)
    assert numbers(at) == ["K1"]
    assert "CN¥500" in texts(at)
    at = opened(PAGE, people.dana)
    assert sorted(numbers(at)) == ["K1", "K2"]
    for sum_of in ("CN¥1.5K", "CN¥1K"):
        assert sum_of in texts(at), sum_of


def test_the_quick_filters_stand_in_the_address(people, signed):
    at = opened(PAGE, people.dana)
    at.pills(key="contracts.quick").set_value(["soon"]).run()
    assert numbers(at) == ["K2"]
    at.pills(key="contracts.quick").set_value([]).run()
    at.text_input(key="contracts.search").set_value("aurora").run()
    assert numbers(at) == ["K1"]
    at = opened(PAGE, people.dana, state="draft")
    assert "No contract fits these filters." in texts(at)


def test_mine_and_overdue(people, signed):
    at = opened(PAGE, people.ben)
    assert sorted(numbers(at)) == ["K1", "K2"]
    at.pills(key="contracts.quick").set_value(["mine", "overdue"]).run()
    assert numbers(at) == ["K2"]


@pytest.mark.parametrize("show", ["contracts", "receivables", "receipts", "renewals"])
def test_each_side_when_there_is_nothing_yet(people, show):
    at = opened(PAGE, people.anna, show=show)
    assert [one.message for one in at.exception] == []
    assert any(":material/inbox:" in one.value for one in at.markdown)


@pytest.mark.parametrize("show", ["contracts", "receivables", "receipts", "renewals"])
def test_each_side_in_chinese(people, signed, show):
    with open_as(people.anna.actor) as session:
        add_receipt(session, signed[0].customer_id, ReceiptInput(received_on=TODAY, amount=30, method="bill"))
    at = opened(PAGE, people.dana, "zh", show=show)
    assert [one.message for one in at.exception] == []
    assert english_left(at) <= {unit for unit, _, _ in UNITS}


def test_refused_for_whom_contracts_do_not_concern(people, signed):
    at = opened(PAGE, people.mia)
    assert at.error[0].value == "Your role does not open this page."
    assert not at.dataframe


def test_a_reader_has_nothing_to_press(people, signed):
    for show in ("contracts", "receipts", "renewals"):
        pressed = keys(opened(PAGE, people.gia, show=show))
        assert not [key for key in pressed if key.startswith(("contract.new", "receipt.new", "renewal.renew", "renewal.call"))]


# ---------------------------------------------------------------------------------------------------- receivables


def test_the_title_says_how_bad_it_is_and_the_lines_stand_below(people, signed):
    at = opened(PAGE, people.dana, show="receivables")
    assert "**CN¥1K of CN¥1.5K is overdue, 50\u00a0% of that for more than 90 days**" in texts(at)
    owing, lines = at.dataframe[0].value, at.dataframe[1].value
    assert dict(zip(owing["name"], owing["overdue"], strict=True)) == {"Aurora Music Ltd": 500, "Borealis": 500}
    assert lines[["number", "overdue_days"]].values.tolist() == [["K1", 100], ["K2", 5]]


def test_an_age_or_a_customer_narrows_the_lines(people, signed):
    at = opened(PAGE, people.dana, show="receivables", age="over_90_days")
    assert at.dataframe[1].value["number"].tolist() == ["K1"]
    at = opened(PAGE, people.dana, show="receivables", customer_id=signed[1].customer_id)
    assert at.dataframe[1].value["number"].tolist() == ["K2"]
    at.button(key="receivables.off.customer_id").click().run()
    assert at.dataframe[1].value["number"].tolist() == ["K1", "K2"]


def test_by_rep(people, signed):
    at = opened(PAGE, people.dana, show="receivables", by="owner")
    assert sorted(at.dataframe[0].value["name"]) == ["Anna Lindqvist", "Ben Okafor"]


# ------------------------------------------------------------------------------------------------------- receipts


def receipt_body(customer_id):
    from crm.ui.contracts.receipt import new_receipt

    new_receipt(customer_id)


def outstanding(people, contract):
    with open_as(people.dana.actor) as session:
        return plan_of(session, contract.id, TODAY)["outstanding"].tolist()


def test_a_receipt_pays_for_what_was_due_first(people, signed):
    at = dialog(receipt_body, people.anna, signed[0].customer_id)
    at.number_input(key="receipt.amount").set_value(700.0).run()
    assert "**CN¥700.00** is written off, **CN¥0.00** stays free." in texts(at)
    at.button(key="receipt.save").click().run()
    assert not at.error
    assert outstanding(people, signed[0]) == [0, 300]


def test_the_proposal_can_be_changed_before_it_is_saved(people, signed):
    at = dialog(receipt_body, people.anna, signed[0].customer_id)
    at.number_input(key="receipt.amount").set_value(700.0).run()
    grid = f"receipt.parts.{signed[0].customer_id}.{Decimal('700.0')}"
    at.session_state[grid] = {"edited_rows": {0: {"part": 0.0}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert "**CN¥200.00** is written off, **CN¥500.00** stays free." in texts(at)
    at.button(key="receipt.save").click().run()
    assert outstanding(people, signed[0]) == [500, 300]


def test_more_than_came_in_is_refused_and_nothing_is_saved(people, signed):
    at = dialog(receipt_body, people.anna, signed[0].customer_id)
    at.number_input(key="receipt.amount").set_value(100.0).run()
    grid = f"receipt.parts.{signed[0].customer_id}.{Decimal('100.0')}"
    at.session_state[grid] = {"edited_rows": {0: {"part": 400.0}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert "CN¥300.00 more than there is" in at.warning[0].value
    at.button(key="receipt.save").click().run()
    assert "only 100 is left; 400 is too much" in at.error[0].value
    with open_as(people.anna.actor) as session:
        assert receipt_list(session).empty


def one_receipt_body(receipt_id, action):
    import streamlit as st

    from crm.ui.contracts.receipt import receipt_dialog

    if action and f"receipt.action.{receipt_id}" not in st.session_state:
        st.session_state[f"receipt.action.{receipt_id}"] = action
    receipt_dialog(receipt_id)


@pytest.fixture
def received(people, signed):
    with open_as(people.anna.actor) as session:
        return add_receipt(session, signed[0].customer_id, ReceiptInput(received_on=TODAY, amount=1200, reference="BK1"))


def test_the_rest_of_a_receipt_is_told_and_goes_back(people, received):
    at = dialog(one_receipt_body, people.anna, received.id, "refund")
    assert "CN¥200.00 not written off" in texts(at)
    next(button for button in at.button if button.label == "Refund").click().run()
    assert not at.error
    with open_as(people.anna.actor) as session:
        assert sorted(receipt_list(session)["amount"].tolist()) == [-200, 1200]


def test_a_receipt_in_use_is_not_deleted(people, received):
    at = dialog(one_receipt_body, people.anna, received.id, "delete")
    at.button(key="receipt.delete").click().run()
    assert "undo that first" in at.error[0].value


def test_a_write_off_is_undone(people, signed, received):
    at = dialog(one_receipt_body, people.anna, received.id, "")

    at.session_state["written_off.2"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    at.button(key="written_off.undo").click().run()
    assert outstanding(people, signed[0]) == [500, 0]


def test_who_only_reads_gets_no_action(people, received):
    at = dialog(one_receipt_body, people.amir, received.id, "")
    assert "BK1" in texts(at)
    assert not at.segmented_control and not at.button


# ------------------------------------------------------------------------------------------------------- renewals


def test_what_ends_soon_and_a_call_with_one_click(people, signed):
    at = opened(PAGE, people.ben, show="renewals", within=30)
    assert "1 contract worth CN¥500 will end within 30 days" in texts(at)
    at.button(key=f"renewal.call.{signed[1].id}").click().run()
    with open_as(people.ben.actor) as session:
        (call,) = activities_of(session, "customer", signed[1].customer_id).to_dict("records")
    assert (call["kind"], call["topic"], call["planned_on"]) == ("call", "Renewal of contract K2", days(1))


def test_what_has_just_ended_stays_until_it_is_renewed(people, signed):
    with open_as(SYSTEM) as session:
        found = get(session, Contract, signed[1].id)
        found.state, found.ends_on = "ended", days(-10)
    at = opened(PAGE, people.ben, show="renewals", within=30)
    assert "1 contract ended and nobody renewed" in texts(at)


def renewal_body(contract_id):
    from crm.ui.contracts.renewals import renew_dialog

    renew_dialog(contract_id)


def test_renewed_in_one_dialog(people, signed):
    at = dialog(renewal_body, people.ben, signed[1].id)
    next(button for button in at.button if button.label == "Renew").click().run()
    assert not at.error
    with open_as(people.ben.actor) as session:
        new = contract_list(session, TODAY).set_index("state").loc["draft"]
    assert (new["name"], new["amount"], new["starts_on"]) == ("Beta", 500, days(21))


def new_body(customer_id):
    from crm.ui.contracts.new import new_contract

    new_contract(customer_id)


def test_a_contract_by_hand(people, customer):
    at = dialog(new_body, people.anna, customer.id)
    at.number_input(key="contract.new.form.amount").set_value(250.0)
    next(button for button in at.button if button.label == "Save contract").click().run()
    with open_as(people.anna.actor) as session:
        (made,) = contract_list(session, TODAY).to_dict("records")
    assert (made["amount"], made["state"], made["customer"]) == (250, "draft", "Aurora Music Ltd")
