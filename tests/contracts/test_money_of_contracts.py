"""What the pages of contracts ask for beyond one record: sums by currency, proposals, orders to link, the job."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import ReceiptInput, RefundInput, add_receipt, equal_percents, link_order, refund, undo_allocation
from crm.contracts.queries import (
    ContractFilter,
    allocations_of,
    contract,
    contract_money,
    contract_ties,
    every_contract,
    free_of_customer,
    orders_to_link,
    orders_under,
    overdue_by_age,
    proposed_parts,
    receivable_totals,
    refunded,
    renewals_due,
)
from crm.jobs import JOBS
from crm.session import get, open_as
from crm.staff.models import OrgUnit
from tests.factories import TODAY, a_contract, a_customer, an_order


def days(number):
    return TODAY + dt.timedelta(number)


@pytest.fixture
def signed(people, customer):
    return a_contract(people.anna, customer, 1000, days(-5), days(5), ends_on=days(40), name="Alpha")


def paid(people, customer, amount):
    with open_as(people.anna.actor) as session:
        return add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=amount))


def test_money_by_currency(people, customer, signed):
    with open_as(SYSTEM) as session:
        get(session, OrgUnit, people.units["Machinery"]).currency = "USD"
    a_contract(people.emil, a_customer(people.emil), 70, days(-1))
    a_contract(people.anna, customer, 30, days(-1), state="draft")
    paid(people, customer, 200)
    with open_as(people.eve.actor) as session:
        found = contract_money(session, TODAY)
        assert found["received"] == {"CNY": 200, "USD": 0}
        assert found["outstanding"] == {"CNY": 800, "USD": 70}
        assert found["overdue"] == {"CNY": 300, "USD": 70}
        assert contract_money(session, TODAY, ContractFilter(search="alpha"))["overdue"] == {"CNY": 300}
        totals = receivable_totals(session, TODAY)
        assert (totals["customers"], totals["owners"], totals["receivable"]) == (2, 2, {"CNY": 800, "USD": 70})
    with open_as(people.chen.actor) as session:
        assert contract_money(session, TODAY)["outstanding"] == {}
        assert receivable_totals(session, TODAY)["customers"] == 0


def test_overdue_of_one_customer_and_of_nobody(people, customer, signed):
    with open_as(people.dana.actor) as session:
        assert overdue_by_age(session, TODAY, customer_id=customer.id)["lines"].sum() == 1
        assert overdue_by_age(session, TODAY, owner_id=people.ben.id).empty
        assert overdue_by_age(session, TODAY, owner_id=0).empty
    with open_as(SYSTEM) as session:
        contract(session, signed.id).owner_id = None
    with open_as(people.dana.actor) as session:
        assert overdue_by_age(session, TODAY, owner_id=0)["lines"].sum() == 1


def test_an_amount_is_proposed_for_what_was_due_first(people, customer, signed):
    with open_as(people.anna.actor) as session:
        found = proposed_parts(session, customer.id, Decimal(600), TODAY)
        assert found[["overdue_days", "outstanding", "part"]].values.tolist() == [[5, 500, 500], [0, 500, 100]]
        assert proposed_parts(session, a_customer(people.anna).id, Decimal(1), TODAY).empty


def test_what_is_free_and_what_went_back(people, customer, signed):
    receipt = paid(people, customer, 1100)
    with open_as(people.anna.actor) as session:
        assert free_of_customer(session, customer.id) == 100
        undo_allocation(session, int(allocations_of(session, receipt_id=receipt.id)["id"].iloc[0]))
        refund(session, receipt.id, RefundInput(received_on=TODAY, amount=50))
        assert free_of_customer(session, customer.id) == 550
        assert refunded(session, signed.id) == 50


def test_only_orders_of_no_contract_can_be_linked(people, customer, signed):
    first, second = an_order(customer, 10), an_order(customer, 20)
    an_order(a_customer(people.anna), 99)
    with open_as(people.anna.actor) as session:
        link_order(session, signed.id, first.id)
        assert orders_under(session, signed.id)["id"].tolist() == [first.id]
        assert orders_to_link(session, signed.id)["id"].tolist() == [second.id]
        assert orders_to_link(session, signed.id, returns=True).empty


def test_renewals_by_the_end_itself(people, signed):
    with open_as(people.anna.actor) as session:
        assert renewals_due(session, TODAY, within=30).empty
        assert renewals_due(session, TODAY, within=60)["days_left"].tolist() == [40]


def test_who_may_change_it(people, signed):
    told = {}
    for person in (people.anna, people.dana, people.amir):
        with open_as(person.actor) as session:
            told[person.username] = contract_ties(session, signed.id)["may_change"]
    assert told == {"anna": True, "dana": True, "amir": False}


def test_equal_shares_come_to_a_hundred():
    assert [sum(equal_percents(parts)) for parts in (1, 3, 7, 60)] == [100, 100, 100, 100]


def test_all_of_them_for_a_file(people, signed):
    with open_as(people.anna.actor) as session:
        assert every_contract(session, TODAY)["id"].tolist() == [signed.id]


def test_the_job_ends_what_has_expired(people, signed):
    assert JOBS["contracts"](days(40)) == {"ended": 0}
    assert JOBS["contracts"](days(41)) == {"ended": 1}
    assert JOBS["contracts"](days(41)) == {"ended": 0}
