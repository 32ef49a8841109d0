"""Twenty processes edit, import, merge, number, pay, close and claim the same at once: all adds up, and nobody sees a lock."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.contracts.commands import ContractInput, ReceiptInput, add_contract, add_receipt
from crm.contracts.models import Allocation, Contract, ReceiptPlan
from crm.customers.commands import Assignment, CustomerDetails, LineInput, OrderInput, add_order, assign, edit_customer, merge
from crm.customers.models import Customer, Merge, Order, Ownership
from crm.errors import Invalid, Stale
from crm.jobs import JOBS
from crm.marketing.commands import claim
from crm.marketing.models import Lead, PoolEntry
from crm.office.models import ImportJob
from crm.pipeline.commands import Losing, Winning, lose, win
from crm.pipeline.models import Opportunity
from crm.session import get, open_as
from crm.support.commands import NewCase, add_case
from crm.support.models import Case
from crm.upkeep.checking import check
from tests.factories import TODAY, a_contract, a_customer, an_opportunity, an_order
from tests.faults.writers import all_at_once, for_each
from tests.importing import bring
from tests.marketing.collecting import a_lead, entry_of

PROCESSES = 20


def raise_counter(people, customer_id, number):
    """A person reads, thinks, saves with the version that was read; who comes too late reads and saves again, once."""
    for last in (False, True):
        with open_as(people.dana.actor) as session:
            read = get(session, Customer, customer_id)
        known = {name: getattr(read, name) for name in CustomerDetails.model_fields}
        details = CustomerDetails(**known | {"remark": f"{counter(read.remark) + 1} of {number}"})
        try:
            with open_as(people.dana.actor) as session:
                edit_customer(session, customer_id, details, read.version)
            return
        except (Stale, Invalid):
            if last:
                raise


def counter(remark):
    return int(remark.partition(" ")[0])


def hand_over(people, customer_id, number):
    to = [people.anna, people.chen, people.ben][number % 3]
    with open_as(people.dana.actor) as session:
        assign(session, [customer_id], Assignment(owner_id=to.id, reason=f"by {number}"))


def merge_pair(people, pair, number):
    with open_as(people.dana.actor) as session:
        merge(session, *(pair if number % 2 else pair[::-1]))


def number_contract(people, customer_id, number):
    with open_as(people.dana.actor) as session:
        add_contract(session, customer_id, ContractInput(starts_on=TODAY, amount=Decimal(100)))


def number_case(people, customer_id, number):
    with open_as(people.gia.actor) as session:
        add_case(session, NewCase(subject=f"Case of {number}", customer_id=customer_id))


def pay(people, customer_id, number):
    with open_as(people.dana.actor) as session:
        add_receipt(session, customer_id, ReceiptInput(received_on=TODAY, amount=Decimal(70)))


def sell(people, customer_id, number):
    line = LineInput(description="Goods", quantity=Decimal(1), unit_price=Decimal(number + 1))
    with open_as(people.dana.actor) as session:
        add_order(session, customer_id, OrderInput(ordered_on=TODAY, lines=[line]))


def close(people, opportunity_id, number):
    with open_as(people.dana.actor) as session:
        if number % 2:
            win(session, opportunity_id, Winning(reason="price"))
        else:
            lose(session, opportunity_id, Losing(reason="price"))


def take(people, entry_id, number):
    with open_as((people.anna if number % 2 else people.chen).actor) as session:
        claim(session, entry_id)


def import_customers(people, number):
    """The first ten customers are those of everybody, the last ten its own; every fifth is stopped in the middle."""
    lines = [f"SHARED{row},Shared {row} of {number}" for row in range(10)] + [f"OWN{number}-{row},Own {row}" for row in range(10)]
    progress = Stopped() if number % 5 == 4 else None
    bring(people.dana, "customers", "\n".join(["Code,Name", *lines]), progress, key="code")


class Stopped:
    """A progress that is told to end once rows are being written."""

    def __new__(cls):
        from crm.customers.imports import Progress
        from crm.customers.imports.rows import Cancelled

        def tell(done, total, what):
            if what != "Checking the rows":
                raise Cancelled

        return Progress(tell)


def run_job(number):
    """One job in four processes each; the scores of all customers among them."""
    names = ["scores", "leads", "deals", "reminders"]
    if number % 4 == 0:
        JOBS[names[number // 4 % len(names)]](TODAY)


@pytest.fixture
def things(people):
    """What all of them want."""
    found = {}
    found["counted"] = [a_customer(people.anna, name=f"Counted {n}", remark="0").id for n in range(2)]
    found["handed"] = [a_customer(people.anna, name=f"Handed {n}").id for n in range(2)]
    found["pairs"] = []
    for n in range(2):
        one, other = a_customer(people.anna, name=f"Twin {n}"), a_customer(people.anna, name=f"Twin {n}")
        an_order(one, 10), an_order(other, 20)
        found["pairs"].append((one.id, other.id))
    payer = a_customer(people.anna, name="Payer")
    a_contract(people.anna, payer, 900, TODAY, TODAY + dt.timedelta(30), TODAY + dt.timedelta(60))
    found["payer"] = payer.id
    found["deals"] = [an_opportunity(people.anna, payer, amount=Decimal(500)).id for _ in range(2)]
    return found | {"entries": pooled(people)}


def pooled(people):
    from crm.marketing.commands import Release, release

    leads = [a_lead(people.ben, name=f"Lead {n}") for n in range(3)]
    with open_as(people.ben.actor) as session:
        release(session, Release(lead_ids=[one.id for one in leads], remark="No time"), ())
    return [entry_of(one).id for one in leads]


def of(happened: Counter, kind: str) -> dict[str, int]:
    return {outcome: count for (name, outcome), count in happened.items() if name == kind}


def test_twenty_processes_at_once(people, database, things):
    payer = things["payer"]
    deeds = {
        **for_each(partial(raise_counter, people), "count", things["counted"]),
        **for_each(partial(hand_over, people), "hand", things["handed"]),
        **for_each(partial(merge_pair, people), "merge", things["pairs"]),
        **for_each(partial(close, people), "close", things["deals"]),
        **for_each(partial(take, people), "claim", things["entries"]),
        "contract": partial(number_contract, people, payer),
        "case": partial(number_case, people, payer),
        "pay": partial(pay, people, payer),
        "sell": partial(sell, people, payer),
        "import": partial(import_customers, people),
        "job": run_job,
    }
    happened = all_at_once(PROCESSES, deeds)
    assert {outcome for _, outcome in happened} <= {"done", "Stale", "Invalid", "Refused", "NotFound", "Cancelled"}, happened
    assert_edits(things, of(happened, "count"))
    assert_one_each(things, happened)
    assert_numbers(happened)
    assert_money(payer, of(happened, "pay"))
    assert of(happened, "sell") == {"done": PROCESSES}
    assert_imports(of(happened, "import"))
    assert [str(one) for one in check()] == []


def assert_edits(things, told):
    """Each edit that was accepted is there, and each has one entry of the log."""
    with open_as(SYSTEM) as session:
        customers = [get(session, Customer, one) for one in things["counted"]]
        assert sum(counter(one.remark) for one in customers) == told["done"]
        for one in customers:
            assert one.version == 1 + counter(one.remark)
            entries = select(AuditEntry.after).where(
                AuditEntry.record_type == "customer", AuditEntry.record_id == one.id, AuditEntry.action == "change"
            )
            logged = [counter(after["remark"]) for after in session.scalars(entries.order_by(AuditEntry.id))]
            assert logged == list(range(1, counter(one.remark) + 1))
    assert told["done"] >= len(customers)


def assert_one_each(things, happened):
    assert of(happened, "merge")["done"] == len(things["pairs"])
    assert of(happened, "close")["done"] == len(things["deals"])
    assert of(happened, "claim")["done"] == len(things["entries"])
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Merge.id))) == len(things["pairs"])
        for pair in things["pairs"]:
            kept = session.scalars(select(Customer).where(Customer.id.in_(pair))).one()
            assert (kept.order_count, kept.order_amount) == (2, Decimal(30))
            assert set(session.scalars(select(Order.customer_id).where(Order.customer_id.in_(pair)))) == {kept.id}
        for one in things["handed"]:
            owned = list(session.scalars(select(Ownership).where(Ownership.customer_id == one).order_by(Ownership.id)))
            assert [row.ended_at is None for row in owned] == [*[False] * (len(owned) - 1), True]
            assert owned[-1].owner_id == get(session, Customer, one).owner_id
        states = {get(session, Opportunity, one).state for one in things["deals"]}
        assert states <= {"won", "lost"}
        taken = [get(session, PoolEntry, one) for one in things["entries"]]
        assert all(get(session, Lead, one.lead_id).owner_id == one.claimed_by_id is not None for one in taken)


def assert_numbers(happened):
    """Nobody is refused a number, none is given twice; after another one there is no gap where nothing was undone."""
    assert of(happened, "contract") == of(happened, "case") == {"done": PROCESSES}
    with open_as(SYSTEM) as session:
        for column, prefix in ((Contract.number, "CT"), (Case.number, "CS")):
            numbers = sorted(int(one[2:]) for one in session.scalars(select(column).where(column.startswith(prefix))))
            assert len(set(numbers)) == PROCESSES
            assert numbers == list(range(numbers[0], numbers[0] + PROCESSES)), prefix


def assert_money(payer, told):
    """1,400 came in for a plan of 900: each line is full, none has more."""
    assert told == {"done": PROCESSES}
    with open_as(SYSTEM) as session:
        lines = session.execute(
            select(ReceiptPlan.amount, func.sum(Allocation.amount))
            .join(Allocation, Allocation.plan_id == ReceiptPlan.id)
            .group_by(ReceiptPlan.id, ReceiptPlan.amount)
        ).all()
    assert lines and all(amount == paid for amount, paid in lines)


def assert_imports(told):
    """Whole or not at all: the rows that are there are those that the log of imports counts."""
    assert told == {"done": PROCESSES - PROCESSES // 5, "Cancelled": PROCESSES // 5}
    with open_as(SYSTEM) as session:
        jobs = list(session.scalars(select(ImportJob)))
        count = session.scalar(select(func.count(Customer.id)).where(Customer.code.like("OWN%") | Customer.code.like("SHARED%")))
        own = session.scalars(select(Customer.code).where(Customer.code.like("OWN%"))).all()
    assert len(jobs) == told["done"]
    assert sum(job.added for job in jobs) == count == 10 + 10 * told["done"]
    assert set(Counter(code.partition("-")[0] for code in own).values()) == {10}
