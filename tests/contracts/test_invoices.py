import datetime as dt
from decimal import Decimal

import pytest

from crm.contracts.commands import (
    CreditInput,
    InvoiceInput,
    PlanLine,
    ReceiptInput,
    ReturnInput,
    add_invoice,
    add_receipt,
    credit,
    link_order,
    link_return,
    plan_receipt,
    return_goods,
    unlink_order,
)
from crm.contracts.queries import invoices_of, order_balance
from crm.customers.commands import LineInput
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import TODAY, a_contract, a_customer, an_order


def bill(person, made, amount, number="I1", knowing=False, **values):
    with open_as(person.actor) as session:
        details = InvoiceInput(number=number, issued_on=TODAY, amount=Decimal(str(amount)), **values)
        return add_invoice(session, made.id, details, knowing=knowing)


def do(command, person, *args):
    with open_as(person.actor) as session:
        return command(session, *args)


def test_it_works(people, customer):
    made = a_contract(people.anna, customer, 1000)
    bill(people.anna, made, 600)
    with open_as(people.ben.actor) as session:
        (row,) = invoices_of(session, made.id).to_dict("records")
    assert (row["number"], row["kind"], row["amount"], row["to_credit"]) == ("I1", "special_vat", 600, 600)


def test_refused_for_strangers_and_readers(people, customer):
    made = a_contract(people.anna, customer, 1000)
    with pytest.raises(NotFound):
        bill(people.chen, made, 1)
    for reader in (people.amir, people.gia):
        with pytest.raises(Refused):
            bill(reader, made, 1)


def test_never_more_than_the_contract_without_saying_so(people, customer):
    made = a_contract(people.anna, customer, 1000)
    bill(people.anna, made, 600)
    with pytest.raises(Invalid) as refusal:
        bill(people.anna, made, 500, "I2")
    assert refusal.value.values == {"total": 1100, "difference": 100}
    assert bill(people.anna, made, 500, "I2", knowing=True).amount == 500


def test_a_number_is_given_once_in_a_contract_and_a_draft_is_not_billed(people, customer):
    made = a_contract(people.anna, customer, 1000)
    bill(people.anna, made, 1)
    with pytest.raises(Invalid) as refusal:
        bill(people.anna, made, 1)
    assert refusal.value.template == "Another invoice of this contract has this number."
    with pytest.raises(Invalid, match="draft"):
        bill(people.anna, a_contract(people.anna, customer, state="draft"), 1)


def test_a_credit_note_takes_back_what_is_left(people, customer):
    made = a_contract(people.anna, customer, 1000)
    first = bill(people.anna, made, 600)
    do(credit, people.anna, first.id, CreditInput(number="C1", issued_on=TODAY, amount=200))
    with pytest.raises(Invalid, match="only 400"):
        do(credit, people.anna, first.id, CreditInput(number="C2", issued_on=TODAY, amount=401))
    note = do(credit, people.anna, first.id, CreditInput(number="C2", issued_on=TODAY))
    assert (note.amount, note.kind, note.credits_id) == (-400, "credit_note", first.id)
    for one in (first, note):
        with pytest.raises(Invalid):
            do(credit, people.anna, one.id, CreditInput(number="C3", issued_on=TODAY))
    with open_as(people.anna.actor) as session:
        found = invoices_of(session, made.id)
        assert found["to_credit"].tolist()[0] == 0
        assert found["credits"].tolist()[1:] == ["I1", "I1"]
    assert bill(people.anna, made, 1000, "I2").amount == 1000


def test_what_an_order_still_lacks(people, customer):
    made = a_contract(people.anna, customer, 1000)
    first, second = an_order(customer, 300, on=dt.date(2026, 2, 1)), an_order(customer, 700, on=dt.date(2026, 3, 1))
    do(link_order, people.anna, made.id, first.id)
    bill(people.anna, made, 100)
    with open_as(people.anna.actor) as session:
        assert order_balance(session, made.id)["to_invoice"].tolist() == [200]
    do(link_order, people.anna, made.id, second.id)
    bill(people.anna, made, 700, "I2", order_id=second.id)
    with open_as(people.anna.actor) as session:
        plan_receipt(session, made.id, PlanLine(due_on=TODAY, amount=300, order_id=first.id))
        add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=250))
        return_goods(session, made.id, first.id, ReturnInput(returned_on=TODAY))
    with open_as(people.ben.actor) as session:
        found = order_balance(session, made.id)
    shown = found[["returned", "invoiced", "received", "to_invoice", "to_receive"]].fillna(-1).values.tolist()
    assert found["number"].tolist()[:2] == [first.number, second.number]
    assert shown == [[300, 0, 250, 0, -250], [0, 700, 0, 0, 700], [0, 100, 0, -1, -1]]


def test_never_more_comes_back_than_was_ordered(people, customer):
    made, order = a_contract(people.anna, customer, 1000), an_order(customer, 300)
    do(link_order, people.anna, made.id, order.id)
    part = LineInput(description="One", quantity=1, unit_price=200)
    do(return_goods, people.anna, made.id, order.id, ReturnInput(returned_on=TODAY, lines=[part]))
    for lines in ([part], []):
        with pytest.raises(Invalid):
            do(return_goods, people.anna, made.id, order.id, ReturnInput(returned_on=TODAY, lines=lines))
    with open_as(people.anna.actor) as session:
        assert order_balance(session, made.id)["returned"].tolist() == [200]
    back, much = an_order(customer, -100), an_order(customer, -1)
    do(link_return, people.anna, made.id, back.id, order.id)
    for one in (back, much, an_order(customer, 5)):
        with pytest.raises(Invalid):
            do(link_return, people.anna, made.id, one.id, order.id)


def test_an_order_belongs_to_one_contract_of_its_customer(people, customer):
    made, other = a_contract(people.anna, customer, 1000), a_contract(people.anna, customer, 1000)
    order = an_order(customer)
    do(link_order, people.anna, made.id, order.id)
    with pytest.raises(Invalid, match="already"):
        do(link_order, people.anna, other.id, order.id)
    with pytest.raises(Invalid, match="another customer"):
        do(link_order, people.anna, made.id, an_order(a_customer(people.anna)).id)
    with pytest.raises(Refused):
        do(link_order, people.amir, other.id, an_order(customer).id)
    do(unlink_order, people.anna, made.id, order.id)
    do(link_order, people.anna, other.id, order.id)
    bill(people.anna, other, 1, order_id=order.id)
    with pytest.raises(Invalid, match="stays"):
        do(unlink_order, people.anna, other.id, order.id)
