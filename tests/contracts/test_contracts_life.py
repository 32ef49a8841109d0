import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import (
    ContractInput,
    EndInput,
    InvoiceInput,
    ReceiptInput,
    TerminationInput,
    add_contract,
    add_invoice,
    add_receipt,
    delete_contract,
    edit_contract,
    end_contract,
    end_expired,
    renew_contract,
    start_contract,
    terminate_contract,
)
from crm.contracts.queries import (
    ContractFilter,
    contract,
    contract_list,
    contract_sums,
    contract_totals,
    customers_kept,
    plan_of,
    renewals_due,
)
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from tests.factories import TODAY, a_contract, a_customer, a_share, an_opportunity

START, END = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


def add(person, customer, **values):
    with open_as(person.actor) as session:
        details = ContractInput(**{"name": "Maintenance", "amount": 1200, "starts_on": START, "ends_on": END} | values)
        return add_contract(session, customer.id, details)


def do(command, person, made, *args):
    with open_as(person.actor) as session:
        return command(session, made.id, *args, contract(session, made.id).version)


def test_it_works(people, customer):
    made = add(people.anna, customer)
    assert (made.number, made.state, made.owner_id, made.remind_on) == ("CT000001", "draft", people.anna.id, dt.date(2026, 11, 1))
    with open_as(people.ben.actor) as session:
        (row,) = contract_list(session, TODAY).to_dict("records")
        shown = ("number", "name", "customer", "owner", "state", "amount", "received", "overdue")
        assert [row[name] for name in shown] == [
            "CT000001",
            "Maintenance",
            "Aurora Music Ltd",
            "Anna Lindqvist",
            "draft",
            1200,
            0,
            0,
        ]
        totals = contract_totals(session, TODAY, ContractFilter(search="aurora"))
        assert totals == {"contracts": 1, "amounts": {row["currency"]: 1200}}


def test_refused_for_a_stranger(people, customer):
    made = add(people.anna, customer)
    with pytest.raises(NotFound):
        add(people.chen, customer)
    with open_as(people.chen.actor) as session:
        assert contract_list(session, TODAY).empty
        with pytest.raises(NotFound):
            contract(session, made.id)


def test_refused_for_readers_also_of_a_shared_customer(people, customer):
    a_share(customer, user_id=people.chen.id)
    made = add(people.anna, customer)
    for reader in (people.amir, people.gia, people.chen):
        with pytest.raises(Refused):
            add(reader, customer)
        with pytest.raises(Refused):
            do(delete_contract, reader, made)


def test_who_has_nothing_to_do_with_contracts_sees_none(people, customer):
    add(people.anna, customer)
    with open_as(people.mia.actor) as session:
        assert contract_list(session, TODAY).empty


def test_days_and_amount_are_asked_for(people, customer):
    with pytest.raises(Invalid) as refusal:
        add(people.anna, customer, ends_on=dt.date(2025, 1, 1))
    assert refusal.value.field == "ends_on"
    with pytest.raises(Invalid) as refusal:
        add(people.anna, customer, amount=None)
    assert refusal.value.field == "amount"


def test_an_edit_of_an_old_version_is_refused(people, customer):
    made = add(people.anna, customer)
    with open_as(people.anna.actor) as session:
        edited = edit_contract(session, made.id, ContractInput(starts_on=START, ends_on=TODAY, amount=1300), 1)
        assert (edited.name, edited.amount, edited.remind_on) == ("Maintenance", 1300, dt.date(2026, 5, 1))
    with pytest.raises(Stale), open_as(people.ben.actor) as session:
        edit_contract(session, made.id, ContractInput(starts_on=START, amount=1), 1)


def test_it_starts_signed_and_ends(people, customer):
    made = add(people.anna, customer)
    with pytest.raises(Invalid, match="signed"):
        do(start_contract, people.anna, made)
    with open_as(people.anna.actor) as session:
        assert start_contract(session, made.id, 1, signed_on=START).state == "running"
    with pytest.raises(Invalid):
        do(end_contract, people.anna, made, EndInput(ended_on=dt.date(2025, 1, 1)))
    ended = do(end_contract, people.anna, made, EndInput(ended_on=TODAY))
    assert (ended.state, ended.ended_on) == ("ended", TODAY)
    with open_as(people.anna.actor) as session, pytest.raises(Invalid):
        edit_contract(session, made.id, ContractInput(starts_on=START, amount=1), ended.version)


def test_terminated_it_drops_what_nobody_will_pay(people, customer):
    days = (dt.date(2026, 2, 1), dt.date(2026, 8, 1), dt.date(2026, 9, 1))
    made = a_contract(people.anna, customer, 900, *days)
    with open_as(people.anna.actor) as session:
        add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=400))
    done = do(terminate_contract, people.anna, made, TerminationInput(ended_on=TODAY, reason="Moved away"))
    assert (done.state, done.end_reason) == ("terminated", "Moved away")
    with open_as(people.anna.actor) as session:
        assert plan_of(session, made.id, TODAY)[["due_on", "outstanding"]].values.tolist() == [[days[0], 0], [days[1], 200]]


def test_a_draft_is_deleted_and_frees_what_it_renewed(people, customer):
    old = a_contract(people.anna, customer, ends_on=dt.date(2026, 7, 15))
    with open_as(people.anna.actor) as session:
        new = renew_contract(session, old.id, ContractInput(starts_on=dt.date(2026, 7, 16)))
        assert (new.renews_id, new.amount, new.name, new.state) == (old.id, 1000, old.name, "draft")
    with pytest.raises(Invalid, match="renewed already"), open_as(people.anna.actor) as session:
        renew_contract(session, old.id, ContractInput(starts_on=dt.date(2026, 7, 16)))
    do(delete_contract, people.anna, new)
    with open_as(people.anna.actor) as session:
        assert renewals_due(session, TODAY)["id"].tolist() == [old.id]
        renew_contract(session, old.id, ContractInput(starts_on=dt.date(2026, 7, 16)))
        assert renewals_due(session, TODAY).empty
    with pytest.raises(Invalid):
        do(delete_contract, people.anna, old)


def test_a_renewal_begins_after_the_old_one(people, customer):
    old = a_contract(people.anna, customer, ends_on=END)
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        renew_contract(session, old.id, ContractInput(starts_on=END))
    assert refusal.value.field == "starts_on"


def test_renewals_are_due_by_their_reminder(people, customer):
    soon = a_contract(people.anna, customer, ends_on=TODAY + dt.timedelta(60))
    a_contract(people.anna, customer, ends_on=TODAY + dt.timedelta(61))
    a_contract(people.anna, customer)
    lately = a_contract(people.anna, customer, ends_on=TODAY - dt.timedelta(90), state="ended")
    a_contract(people.anna, customer, ends_on=TODAY - dt.timedelta(91), state="ended")
    with open_as(people.anna.actor) as session:
        assert renewals_due(session, TODAY)[["id", "days_left"]].values.tolist() == [[lately.id, -90], [soon.id, 60]]
        assert set(contract_list(session, TODAY, ContractFilter(renewal_due=True))["id"]) == {soon.id, lately.id}
        assert renewals_due(session, TODAY, owner_id=people.ben.id).empty
    with open_as(people.chen.actor) as session:
        assert renewals_due(session, TODAY).empty


def test_what_ran_out_is_ended_by_the_job_once(people, customer):
    over = a_contract(people.anna, customer, ends_on=TODAY - dt.timedelta(1))
    a_contract(people.anna, customer, ends_on=TODAY)
    for expected in (1, 0):
        with open_as(SYSTEM) as session:
            assert end_expired(session, TODAY) == expected
    with open_as(people.anna.actor) as session:
        assert (contract(session, over.id).state, contract(session, over.id).ended_on) == ("ended", TODAY - dt.timedelta(1))


def test_filters_and_order(people, customer):
    other = a_customer(people.anna, name="Borealis")
    first = a_contract(people.anna, customer, 100, TODAY - dt.timedelta(1), name="Alpha", signed_on=dt.date(2026, 3, 1))
    second = a_contract(people.ben, other, 300, TODAY, name="Beta", state="draft", ends_on=END)

    def ids(sort="amount", **where):
        with open_as(people.ben.actor) as session:
            return contract_list(session, TODAY, ContractFilter(**where), sort=sort)["id"].tolist()

    assert ids() == [second.id, first.id]
    assert ids("signed_on") == [first.id, second.id]
    assert ids("ends_on") == [second.id, first.id]
    assert ids(search="borealis") == [second.id]
    assert ids(state=("running",)) == ids(overdue=True) == ids(signed_from=dt.date(2026, 2, 1)) == [first.id]
    assert ids(customer_id=other.id) == ids(owner_id=(people.ben.id,)) == ids(amount_from=Decimal(200)) == [second.id]
    assert ids(ends_to=END) == [second.id]


def test_the_sums_of_one(people, customer):
    made = a_contract(people.anna, customer, 1000, dt.date(2026, 2, 1), TODAY)
    with open_as(people.anna.actor) as session:
        add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=300))
        add_invoice(session, made.id, InvoiceInput(number="I1", issued_on=TODAY, amount=600))
        sums = contract_sums(session, made.id, TODAY)
        (row,) = contract_list(session, TODAY).to_dict("records")
    assert sums == {
        "amount": 1000,
        "planned": 1000,
        "received": 300,
        "invoiced": 600,
        "overdue": 200,
        "outstanding": 700,
        "to_plan": 0,
        "to_receive": 700,
        "to_invoice": 400,
    }
    assert (row["received"], row["invoiced"], row["overdue"]) == (300, 600, 200)


def test_customers_with_a_running_contract_or_an_open_deal_are_kept(people, customer):
    def another(**changes):
        return a_contract(people.anna, a_customer(people.anna), **changes)

    kept = another(ends_on=TODAY)
    another(ends_on=TODAY - dt.timedelta(1))
    another(state="draft")
    another(state="terminated")
    deal, lost = a_customer(people.chen), a_customer(people.chen)
    an_opportunity(people.chen, deal)
    an_opportunity(people.chen, lost, state="lost")
    with open_as(SYSTEM) as session:
        assert customers_kept(session) == {kept.customer_id, deal.id}
