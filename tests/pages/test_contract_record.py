import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import (
    ContractInput,
    InvoiceInput,
    PlanLine,
    ReceiptInput,
    ReturnInput,
    add_invoice,
    add_receipt,
    change_plan,
    edit_contract,
    link_order,
    return_goods,
)
from crm.contracts.queries import contract, contract_list, invoices_of, order_balance, orders_under, plan_of, trace
from crm.customers.commands import LineInput
from crm.errors import Invalid, NotFound
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands.quotes import QuoteAnswer, QuoteInput, QuoteLineInput, accept_quote, new_quote, send_quote
from crm.pipeline.models import Opportunity
from crm.session import get, open_as
from crm.ui.contracts.chain import arranged
from tests.factories import TODAY, a_contract, a_customer, an_opportunity, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/contract.py"
TABS = ("Plan and receipts", "Invoices", "Orders", "History")
CHANGING = {"contract.renew", "contract.end", "contract.terminate", "contract.edit", "plan.parts", "plan.receipt"}


def days(number):
    return TODAY + dt.timedelta(number)


@pytest.fixture
def customer(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def signed(people, customer):
    """1,000 in two parts, the first late; 300 came in, 600 billed, an order of 800 of which 100 came back"""
    made = a_contract(people.anna, customer, 1000, days(-10), days(30), number="K1", name="Alpha", ends_on=days(300))
    order = an_order(customer, 800, number="SO1")
    with open_as(people.anna.actor) as session:
        add_receipt(session, customer.id, ReceiptInput(received_on=days(-5), amount=300, reference="BK1"))
        link_order(session, made.id, order.id)
        add_invoice(session, made.id, InvoiceInput(number="I1", issued_on=TODAY, amount=600))
        line = LineInput(quantity=-1, unit_price=Decimal(100), description="One")
        return_goods(session, made.id, order.id, ReturnInput(returned_on=TODAY, lines=[line]))
    return made


def at_tab(at, tab, language="en"):
    from crm.words import say, speaking

    with speaking(language):
        at.session_state["contract.tabs"] = say(tab)
    return at.run()


def pressed(at, label):
    return next(button for button in at.button if button.label == label).click().run()


def test_it_works(people, signed):
    at = opened(PAGE, people.anna, contract=signed.id)
    assert at.title[0].value == "Alpha"
    seen = texts(at)
    for part in ("CN¥1,000.00", "CN¥600.00", "CN¥300.00", "CN¥700.00", "CN¥200.00 is overdue", "Aurora Music Ltd"):
        assert part in seen, part
    assert keys(at) >= CHANGING
    assert "contract.start" not in keys(at)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tab(people, signed, language):
    at = opened(PAGE, people.dana, language, contract=signed.id)
    for tab in TABS:
        at_tab(at, tab, language)
        assert [one.message for one in at.exception] == [], tab
        assert not at.error, tab
        if language == "zh":
            assert english_left(at) <= {unit for unit, _, _ in UNITS}, tab


def test_the_order_with_what_came_back(people, signed):
    at = at_tab(opened(PAGE, people.dana, contract=signed.id), "Orders")
    assert "1 order over CN¥800.00, CN¥100.00 came back" in texts(at)
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["returned"], row["invoiced"], row["to_invoice"]) == (100, 600, 100)


def test_a_stranger_learns_nothing(people, signed):
    for unknown in (signed.id, 9_999, "x"):
        at = opened(PAGE, people.emil, contract=unknown)
        assert at.error[0].value == "This record does not exist, or it is not yours to see."
        assert "Alpha" not in texts(at)


def test_a_reader_has_nothing_to_press(people, signed):
    at = opened(PAGE, people.gia, contract=signed.id)
    assert at.title[0].value == "Alpha"
    for tab in TABS:
        assert not (CHANGING | {"invoice.new", "orders.link"}) & keys(at_tab(at, tab)), tab


# ----------------------------------------------------------------------------------------------------------- life


def life_body(contract_id, name):
    from crm.contracts.queries import contract
    from crm.ui.contracts import life
    from crm.ui.desk import in_scope

    getattr(life, name)(in_scope(contract, contract_id))


def state_of(people, made):
    with open_as(people.dana.actor) as session:
        return contract(session, made.id).state


def test_a_draft_is_put_into_force(people, customer):
    draft = a_contract(people.anna, customer, state="draft", signed_on=None)
    assert "contract.start" in keys(opened(PAGE, people.anna, contract=draft.id))
    pressed(dialog(life_body, people.anna, draft.id, "start_dialog"), "Put into force")
    assert state_of(people, draft) == "running"


def test_terminated_only_with_a_reason(people, signed):
    at = pressed(dialog(life_body, people.anna, signed.id, "terminate_dialog"), "Terminate")
    assert "fill this in" in at.error[0].value
    at.text_input(key="contract.terminate.form.reason").set_value("Closed down")
    pressed(at, "Terminate")
    assert state_of(people, signed) == "terminated"
    assert not CHANGING - {"plan.receipt"} & keys(opened(PAGE, people.anna, contract=signed.id))


def test_ended(people, signed):
    pressed(dialog(life_body, people.anna, signed.id, "end_dialog"), "End as agreed")
    assert state_of(people, signed) == "ended"


def test_a_draft_is_deleted(people, customer):
    draft = a_contract(people.anna, customer, state="draft")
    dialog(life_body, people.anna, draft.id, "delete_dialog").button(key="contract.delete.yes").click().run()
    with open_as(people.anna.actor) as session, pytest.raises(NotFound):
        contract(session, draft.id)


def test_who_saves_second_sees_both(people, signed):
    at = dialog(life_body, people.anna, signed.id, "edit_dialog")
    with open_as(people.ben.actor) as session:
        found = contract(session, signed.id)
        values = {name: getattr(found, name) for name in ContractInput.model_fields} | {"name": "His"}
        edit_contract(session, signed.id, ContractInput(**values), found.version)
    at.text_input(key=f"contract.edit.{signed.id}.name").set_value("Hers")
    pressed(at, "Save")
    assert "Ben Okafor saved this record before you" in at.warning[0].value
    pressed(at, "Save mine")
    with open_as(people.anna.actor) as session:
        assert contract(session, signed.id).name == "Hers"


# ----------------------------------------------------------------------------------------------------------- plan


def lines(people, made):
    with open_as(people.anna.actor) as session:
        return plan_of(session, made.id, TODAY)


def grid_of(people, made):
    found = lines(people, made)
    return f"plan.grid.{made.id}.{hash(tuple(zip(found['id'], found['version'], strict=True)))}"


def typed(at, grid, **changes):
    at.session_state[grid] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | changes
    return pressed(at, "Save plan")


def test_the_plan_is_changed_in_the_grid(people, signed):
    at, grid = opened(PAGE, people.anna, contract=signed.id), grid_of(people, signed)
    new = {"due_on": days(60).isoformat(), "amount": 200.0, "what": "At the end"}
    typed(at, grid, edited_rows={1: {"amount": 300.0}}, added_rows=[new])
    assert not at.error
    found = lines(people, signed)
    assert found["amount"].tolist() == [500, 300, 200]
    assert found["what"].iloc[2] == "At the end"


def test_a_line_is_taken_out_unless_it_was_paid(people, signed):
    at, grid = opened(PAGE, people.anna, contract=signed.id), grid_of(people, signed)
    typed(at, grid, deleted_rows=[0])
    assert "300 came in for this line already: undo that first." in at.error[0].value
    typed(at, grid, deleted_rows=[1])
    assert lines(people, signed)["amount"].tolist() == [500]


def test_beyond_the_contract_only_when_it_is_saved_twice(people, signed):
    at, grid = opened(PAGE, people.anna, contract=signed.id), grid_of(people, signed)
    typed(at, grid, edited_rows={1: {"amount": 700.0}})
    assert "200 more than the contract" in at.error[0].value
    assert lines(people, signed)["amount"].tolist() == [500, 500]
    pressed(at, "Save plan")
    assert lines(people, signed)["amount"].tolist() == [500, 700]


def test_what_moves_between_two_lines_is_judged_as_a_whole(people, signed):
    first, second = lines(people, signed).to_dict("records")

    def moved(down, up):
        rows = ((second, up), (first, down))
        return {row["id"]: (PlanLine(due_on=row["due_on"], amount=amount), row["version"]) for row, amount in rows}

    with open_as(people.anna.actor) as session:
        change_plan(session, signed.id, moved(400, 600), [], [])
    assert lines(people, signed)["amount"].tolist() == [400, 600]
    other = a_contract(people.anna, a_customer(people.anna), 10, TODAY)
    with open_as(people.anna.actor) as session, pytest.raises(NotFound):
        change_plan(session, signed.id, {}, [], [int(lines(people, other).loc[0, "id"])])


def parts_body(contract_id):
    from crm.contracts.queries import contract
    from crm.ui.contracts.plan import parts_dialog
    from crm.ui.desk import in_scope

    parts_dialog(in_scope(contract, contract_id), "CNY")


def test_planned_in_equal_parts_and_in_shares(people, customer):
    made, other = a_contract(people.anna, customer, 100), a_contract(people.anna, customer, 100)
    at = dialog(parts_body, people.anna, made.id)
    at.number_input(key="plan.parts.count").set_value(3)
    pressed(at, "Plan")
    assert lines(people, made)["amount"].tolist() == [33.33, 33.33, 33.34]
    at = dialog(parts_body, people.anna, other.id)
    at.text_input(key="plan.parts.shares").set_value("30, 60, 9")
    pressed(at, "Plan")
    assert "99 %" in at.error[0].value
    at.text_input(key="plan.parts.shares").set_value("30，60，10")
    pressed(at, "Plan")
    assert lines(people, other)["amount"].tolist() == [30, 60, 10]


# ----------------------------------------------------------------------------------------------- invoices, orders


def invoice_body(contract_id):
    from crm.contracts.queries import contract
    from crm.ui.contracts.invoices import new_invoice
    from crm.ui.desk import in_scope

    new_invoice(in_scope(contract, contract_id), 400.0)


def test_what_is_left_is_billed_and_more_only_knowingly(people, signed):
    at = dialog(invoice_body, people.anna, signed.id)
    at.text_input(key="invoice.form.number").set_value("I2")
    at.number_input(key="invoice.form.amount").set_value(500.0)
    pressed(at, "Save")
    assert "100 more than the contract" in at.error[0].value
    pressed(at, "Save")
    with open_as(people.anna.actor) as session:
        assert invoices_of(session, signed.id)["amount"].tolist() == [600, 500]


def credit_body(contract_id):
    from crm.contracts.queries import invoices_of
    from crm.ui.contracts.invoices import invoice_dialog
    from crm.ui.desk import in_scope

    invoice_dialog(in_scope(invoices_of, contract_id).iloc[0].to_dict(), "CNY")


def test_an_invoice_is_credited_in_part(people, signed):
    at = dialog(credit_body, people.anna, signed.id)
    at.text_input(key="invoice.credit.number").set_value("C1")
    at.number_input(key="invoice.credit.amount").set_value(100.0)
    pressed(at, "Credit")
    with open_as(people.anna.actor) as session:
        assert sorted(invoices_of(session, signed.id)["amount"].tolist()) == [-100, 600]


def order_body(contract_id):
    from crm.contracts.queries import contract, order_balance
    from crm.ui.contracts.orders import order_dialog
    from crm.ui.desk import in_scope

    order_dialog(in_scope(contract, contract_id), in_scope(order_balance, contract_id).iloc[0].to_dict(), "CNY")


def test_an_order_that_something_takes_back_stays(people, signed):
    at = dialog(order_body, people.anna, signed.id)
    at.button(key="orders.unlink").click().run()
    assert "it stays" in at.error[0].value


def test_goods_come_back(people, signed):
    at = dialog(order_body, people.anna, signed.id)
    with open_as(people.anna.actor) as session:
        order_id = int(order_balance(session, signed.id)["order_id"].iloc[0])
    rows = {"edited_rows": {0: {"returned_now": 0.5}}, "added_rows": [], "deleted_rows": []}
    at.session_state[f"orders.return.{order_id}"] = rows
    pressed(at, "Goods came back")
    with open_as(people.anna.actor) as session:
        back = orders_under(session, signed.id)
    assert back["returns"].notna().sum() == 2
    assert order_balance_of(people, signed)["returned"] == 500


def order_balance_of(people, made):
    with open_as(people.anna.actor) as session:
        return order_balance(session, made.id).iloc[0]


def link_body(contract_id):
    from crm.contracts.queries import contract
    from crm.ui.contracts.orders import link_dialog
    from crm.ui.desk import in_scope

    link_dialog(in_scope(contract, contract_id), "CNY")


def test_an_order_is_linked(people, customer, signed):
    an_order(customer, 50, number="SO2")
    at = dialog(link_body, people.anna, signed.id)
    at.session_state["orders.free"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    at.button(key="orders.link.yes").click().run()
    with open_as(people.anna.actor) as session:
        assert "SO2" in orders_under(session, signed.id)["number"].tolist()


# --------------------------------------------------------------------------------------------------- of a won deal


def deal_body(opportunity_id):
    from crm.pipeline.models import Opportunity
    from crm.session import get
    from crm.ui.contracts.of_deal import contract_of_deal
    from crm.ui.desk import in_scope

    contract_of_deal(in_scope(get, Opportunity, opportunity_id))


def make_body(opportunity_id):
    from crm.ui.contracts.of_deal import make_contract

    make_contract(opportunity_id)


@pytest.fixture
def deal(people, customer):
    found = an_opportunity(people.anna, customer, name="Two pianos", amount=900)
    quote_lines = [QuoteLineInput(description="Piano", quantity=2, unit_price=Decimal(400))]
    with open_as(people.anna.actor) as session:
        made = new_quote(session, found.id, QuoteInput(lines=quote_lines))
        send_quote(session, made.id, made.version)
        accept_quote(session, made.id, QuoteAnswer(), made.version)
    win(found)
    return found


def win(found):
    with open_as(SYSTEM) as session:
        get(session, Opportunity, found.id).state = "won"


def test_a_won_deal_becomes_a_contract_with_its_order(people, deal):
    assert "deal.contract.make" in keys(dialog(deal_body, people.anna, deal.id))
    at = dialog(make_body, people.anna, deal.id)
    assert "A draft contract with **Aurora Music Ltd** over **CN¥800.00**" in texts(at)
    pressed(at, "Make the contract")
    with open_as(people.anna.actor) as session:
        (made,) = contract_list(session, TODAY).to_dict("records")
        assert orders_under(session, made["id"])["amount"].tolist() == [800]
    at = dialog(deal_body, people.anna, deal.id)
    assert f"Contract **{made['number']}** · CN¥800.00" in texts(at)
    assert "deal.contract.make" not in keys(at)


def test_a_won_deal_without_an_accepted_quote(people, customer):
    found = an_opportunity(people.anna, customer, name="By word", amount=70)
    assert not keys(dialog(deal_body, people.anna, found.id))
    win(found)
    at = dialog(make_body, people.anna, found.id)
    assert "No order is made." in at.info[0].value
    pressed(at, "Make the contract")
    with open_as(people.anna.actor) as session:
        (made,) = contract_list(session, TODAY).to_dict("records")
    assert (made["name"], made["amount"]) == ("By word", 70)


def test_who_only_reads_makes_no_contract(people, deal):
    assert not keys(dialog(deal_body, people.amir, deal.id))


# --------------------------------------------------------------------------------------------------- of a customer


def customer_body(customer_id):
    from crm.ui.contracts.of_customer import contracts_of

    contracts_of(customer_id)


def test_what_a_customer_owes(people, customer, signed):
    at = dialog(customer_body, people.anna, customer.id)
    for part in ("CN¥700.00", "CN¥200.00", "CN¥300.00"):
        assert part in texts(at), part
    assert at.dataframe[0].value["number"].tolist() == ["K1"]
    assert {"contracts.new", "contracts.receipt"} <= keys(at)
    at = dialog(customer_body, people.mia, customer.id)
    assert not at.dataframe and not at.markdown


def test_the_chain_from_lead_to_cash(people, customer, deal):
    pressed(dialog(make_body, people.anna, deal.id), "Make the contract")
    an_opportunity(people.anna, customer, name="Open one")
    with open_as(people.anna.actor) as session:
        chains = arranged(trace(session, customer.id))
    assert [sorted(chain) for chain in chains] == [["contract", "opportunity", "order"], ["opportunity"]]
    at = dialog(customer_body, people.anna, customer.id)
    assert "From lead to cash: 2 deals" in texts(at)


def test_the_tab_of_the_customer(people, customer, signed):
    at = opened("pages/sales/customer.py", people.anna, customer=customer.id)
    at.session_state["customer.tabs"] = "Contracts"
    at.run()
    assert [one.message for one in at.exception] == []
    assert "contracts.new" in keys(at)
    assert "Contracts" not in [tab.label for tab in opened("pages/sales/customer.py", people.mia, customer=customer.id).tabs]


def test_a_refusal_says_what_is_wrong(people, signed):
    with open_as(people.anna.actor) as session, pytest.raises(Invalid) as refusal:
        change_plan(session, signed.id, {}, [PlanLine(due_on=TODAY, amount=1)], [])
    assert "difference" in refusal.value.values
