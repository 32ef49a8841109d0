"""Whatever people do in whatever order: no receipt and no line is used beyond its amount, and all sums agree."""

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.contracts.commands import (
    Part,
    PlanLine,
    ReceiptInput,
    RefundInput,
    add_receipt,
    allocate,
    edit_planned,
    edit_receipt,
    refund,
    remove_planned,
    remove_receipt,
    undo_allocation,
)
from crm.contracts.models import ReceiptPlan
from crm.contracts.queries import allocations_of, contract_sums, free_of, open_lines, plan_of, receipt, receipt_list, receivables
from crm.errors import CrmError
from crm.session import get, open_as
from tests.conftest import proof
from tests.factories import TODAY, a_contract, a_customer

AMOUNTS = st.decimals("0.01", "400", places=2)
PICKS = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("receive"), AMOUNTS, PICKS),
    st.tuples(st.sampled_from(["part", "refund", "lower receipt", "change line"]), AMOUNTS, PICKS),
    st.tuples(st.sampled_from(["allocate", "undo", "remove line", "remove receipt"]), st.just(Decimal(1)), PICKS),
)


def step(session, customer, made, what, amount, pick):
    """One thing that a person does; `pick` chooses the record."""

    def chosen(frame):
        return int(frame["id"].iloc[pick % len(frame)]) if len(frame) else 0

    mine = receipt_list(session)
    mine = mine[mine["customer_id"] == customer.id]
    lines = plan_of(session, made.id, TODAY)
    if what == "receive":
        parts = [[], None, [Part(plan_id=chosen(lines), amount=amount)]][pick % 3]
        add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=amount), parts)
    elif what == "part":
        allocate(session, chosen(mine), [Part(plan_id=chosen(lines), amount=amount)])
    elif what == "allocate":
        allocate(session, chosen(mine))
    elif what == "refund":
        refund(session, chosen(mine), RefundInput(received_on=TODAY, amount=amount))
    elif what == "lower receipt":
        found = receipt(session, chosen(mine))
        edit_receipt(session, found.id, ReceiptInput(received_on=TODAY, amount=amount), found.version)
    elif what == "change line":
        line = get(session, ReceiptPlan, chosen(lines))
        edit_planned(session, line.id, PlanLine(due_on=line.due_on, amount=amount), line.version, knowing=True)
    elif what == "remove line":
        remove_planned(session, chosen(lines))
    elif what == "remove receipt":
        remove_receipt(session, chosen(mine))
    else:
        undo_allocation(session, chosen(allocations_of(session, contract_id=made.id)))


def check(session, customer, made):
    lines, mine = plan_of(session, made.id, TODAY), receipt_list(session)
    mine = mine[mine["customer_id"] == customer.id]
    written = allocations_of(session, contract_id=made.id)
    assert (lines["outstanding"] >= 0).all()
    assert (lines["received"] >= 0).all()
    receipts = mine[mine["kind"] == "receipt"]
    assert (receipts["free"] >= 0).all()
    assert (receipts["allocated"] >= 0).all()
    for one in receipts.to_dict("records"):
        assert float(free_of(session, one["id"])) == round(one["free"], 4)
    cents = {
        "write-offs": written["amount"].sum(),
        "receipts": receipts["allocated"].sum(),
        "lines": lines["received"].sum(),
        "money": mine["amount"].sum() - receipts["free"].sum(),
        "contract": contract_sums(session, made.id, TODAY)["received"],
        "plan": lines["amount"].sum() - lines["outstanding"].sum(),
    }
    assert len({round(value, 2) for value in cents.values()}) == 1, cents
    owed = float(sum((left for _, left in open_lines(session, customer.id)), Decimal(0)))
    told = receivables(session, TODAY)
    assert round(told[told["id"] == customer.id]["receivable"].sum(), 2) == round(owed, 2) == round(lines["outstanding"].sum(), 2)


@settings(
    max_examples=60 if proof() else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_nothing_is_used_twice_and_the_sums_agree(people, steps):
    customer = a_customer(people.anna)
    days = [TODAY + dt.timedelta(days) for days in (-100, -40, 0, 30)]
    made = a_contract(people.anna, customer, 1000, *days)
    for what, amount, pick in steps:
        try:
            with open_as(people.anna.actor) as session:
                step(session, customer, made, what, amount, pick)
        except CrmError:
            pass  # refused: nothing changed, which the sums show
        with open_as(people.anna.actor) as session:
            check(session, customer, made)
