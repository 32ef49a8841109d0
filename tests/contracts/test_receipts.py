import datetime as dt
from decimal import Decimal

import pytest

from crm.contracts.commands import (
    Part,
    PlanLine,
    ReceiptInput,
    RefundInput,
    add_receipt,
    allocate,
    edit_planned,
    edit_receipt,
    plan_in_parts,
    plan_receipt,
    refund,
    remove_planned,
    remove_receipt,
    undo_allocation,
)
from crm.contracts.queries import (
    ReceiptFilter,
    allocations_of,
    free_of,
    plan_check,
    plan_of,
    receipt,
    receipt_list,
    receipt_totals,
)
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from tests.factories import TODAY, a_contract, a_customer, a_share, an_order

FEBRUARY, MAY = dt.date(2026, 2, 1), dt.date(2026, 5, 1)


def come(person, customer, amount, *parts, none=False, **values):
    with open_as(person.actor) as session:
        details = ReceiptInput(received_on=TODAY, amount=Decimal(str(amount)), **values)
        return add_receipt(session, customer.id, details, list(parts) if parts or none else None)


def plan(person, made):
    with open_as(person.actor) as session:
        return plan_of(session, made.id, TODAY)


def do(command, person, *args):
    with open_as(person.actor) as session:
        return command(session, *args)


# -------------------------------------------------------------------------------------------------------------- plan


def test_the_plan_is_held_against_the_contract(people, customer):
    made = a_contract(people.anna, customer, 1000)
    do(plan_receipt, people.anna, made.id, PlanLine(due_on=MAY, amount=700, what="Down payment"))
    assert do(plan_check, people.ben, made.id) == {"amount": 1000, "planned": 700, "difference": 300}
    too_much = PlanLine(due_on=TODAY, amount=400)
    with pytest.raises(Invalid) as refusal:
        do(plan_receipt, people.anna, made.id, too_much)
    assert (refusal.value.field, refusal.value.values["difference"]) == ("amount", 100)
    with open_as(people.anna.actor) as session:
        plan_receipt(session, made.id, too_much, knowing=True)
        assert plan_check(session, made.id)["difference"] == -100


def test_the_plan_in_parts_leaves_nothing(people, customer):
    made = a_contract(people.anna, customer, 1000)
    thirds = [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")]
    do(plan_in_parts, people.anna, made.id, thirds, dt.date(2026, 1, 31))
    found = plan(people.anna, made)
    assert found["amount"].tolist() == [333, 333, 334]
    assert found["due_on"].tolist() == [dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31)]
    for wrong in ([Decimal(50)], [Decimal(100)]):
        with pytest.raises(Invalid):
            do(plan_in_parts, people.anna, made.id, wrong, TODAY)


def test_a_line_names_an_order_of_its_contract(people, customer):
    made = a_contract(people.anna, customer, 1000)
    with pytest.raises(Invalid) as refusal:
        do(plan_receipt, people.anna, made.id, PlanLine(due_on=MAY, amount=1, order_id=an_order(customer).id))
    assert refusal.value.field == "order_id"


def test_what_was_paid_for_stays(people, customer):
    made = a_contract(people.anna, customer, 1000, FEBRUARY, MAY)
    come(people.anna, customer, 600)
    first, second = plan(people.anna, made)["id"].tolist()
    for line, less in ((first, 499), (second, 99)):
        with pytest.raises(Invalid, match="came in"):
            do(edit_planned, people.anna, line, PlanLine(due_on=MAY, amount=less), 1)
        with pytest.raises(Invalid, match="came in"):
            do(remove_planned, people.anna, line)
    do(edit_planned, people.anna, second, PlanLine(due_on=TODAY, amount=100), 1)
    with pytest.raises(Stale):
        do(edit_planned, people.anna, second, PlanLine(due_on=MAY, amount=100), 1)
    assert plan(people.anna, made)["outstanding"].tolist() == [0, 0]


# ---------------------------------------------------------------------------------------------------------- receipts


def test_it_pays_for_what_was_due_first(people, customer):
    later = a_contract(people.anna, customer, 300, MAY)
    earlier = a_contract(people.anna, customer, 200, FEBRUARY, TODAY)
    a_contract(people.anna, customer, 500, dt.date(2026, 1, 1), state="draft")
    got = come(people.anna, customer, 350, method="transfer", reference="TX 1")
    assert plan(people.anna, earlier)[["received", "outstanding"]].values.tolist() == [[100, 0], [0, 100]]
    assert plan(people.ben, later)[["received", "outstanding", "overdue_days"]].values.tolist() == [[250, 50, 60]]
    with open_as(people.anna.actor) as session:
        assert free_of(session, got.id) == 0
        assert allocations_of(session, receipt_id=got.id)["amount"].tolist() == [100, 250]
        (row,) = receipt_list(session).to_dict("records")
        assert (row["customer"], row["amount"], row["allocated"], row["free"]) == ("Aurora Music Ltd", 350, 350, 0)


def test_what_is_left_waits(people, customer):
    made = a_contract(people.anna, customer, 100, FEBRUARY)
    got = come(people.anna, customer, 150)
    with open_as(people.anna.actor) as session:
        assert free_of(session, got.id) == 50
        assert receipt_list(session, ReceiptFilter(unallocated=True))["free"].tolist() == [50]
        plan_receipt(session, made.id, PlanLine(due_on=TODAY, amount=30), knowing=True)
        assert [one.amount for one in allocate(session, got.id)] == [30]
        assert allocate(session, got.id) == []


def test_refused_for_strangers_and_readers(people, customer):
    made = a_contract(people.anna, customer, 100, FEBRUARY)
    with pytest.raises(NotFound):
        come(people.chen, customer, 100)
    a_share(customer, user_id=people.chen.id)
    for reader in (people.amir, people.gia, people.chen):
        with pytest.raises(Refused):
            come(reader, customer, 100)
        with pytest.raises(Refused):
            do(plan_receipt, reader, made.id, PlanLine(due_on=MAY, amount=1), True)
    come(people.anna, customer, 100)
    with open_as(people.mia.actor) as session:
        assert receipt_list(session).empty
    with open_as(people.emil.actor) as session:
        assert receipt_totals(session) == {"receipts": 0, "amounts": {}}


def test_never_more_than_the_receipt_or_the_line(people, customer):
    made = a_contract(people.anna, customer, 1000, FEBRUARY, MAY)
    first, second = plan(people.anna, made)["id"].tolist()
    with pytest.raises(Invalid, match="only 100 is left"):
        come(people.anna, customer, 100, Part(plan_id=first, amount=60), Part(plan_id=second, amount=60))
    with pytest.raises(Invalid, match="only 500"):
        come(people.anna, customer, 900, Part(plan_id=first, amount=501))
    with open_as(people.anna.actor) as session:
        assert receipt_list(session).empty
    come(people.anna, customer, 900, Part(plan_id=second, amount=500), Part(plan_id=first, amount=400))
    assert plan(people.anna, made)["outstanding"].tolist() == [100, 0]


def test_not_for_the_contract_of_another(people, customer):
    other = a_contract(people.anna, a_customer(people.anna), 100, FEBRUARY)
    (line,) = plan(people.anna, other)["id"].tolist()
    with pytest.raises(Invalid, match="another customer"):
        come(people.anna, customer, 100, Part(plan_id=line, amount=1))


def test_a_write_off_is_undone_once_by_an_opposite_one(people, customer):
    made = a_contract(people.anna, customer, 100, FEBRUARY)
    got = come(people.anna, customer, 100)
    with open_as(people.anna.actor) as session:
        (first,) = allocations_of(session, contract_id=made.id)["id"].tolist()
    opposite = do(undo_allocation, people.anna, first)
    assert (opposite.amount, opposite.undoes_id) == (-100, first)
    assert plan(people.anna, made)["outstanding"].tolist() == [100]
    for again in (first, opposite.id):
        with pytest.raises(Invalid):
            do(undo_allocation, people.anna, again)
    with open_as(people.anna.actor) as session:
        assert free_of(session, got.id) == 100
        assert allocations_of(session, receipt_id=got.id)["undone"].tolist() == [True, False]


def test_only_what_is_free_goes_back(people, customer):
    a_contract(people.anna, customer, 100, FEBRUARY)
    got = come(people.anna, customer, 150)
    with pytest.raises(Invalid, match="50 can go back"):
        do(refund, people.anna, got.id, RefundInput(received_on=TODAY, amount=51))
    back = do(refund, people.anna, got.id, RefundInput(received_on=TODAY, amount=20))
    assert (back.amount, back.kind, back.refunds_id) == (-20, "refund", got.id)
    with open_as(people.anna.actor) as session:
        assert free_of(session, got.id) == 30
        assert list(receipt_totals(session)["amounts"].values()) == [130]
        assert receipt_list(session, ReceiptFilter(kind=("refund",)))["amount"].tolist() == [-20]
        with pytest.raises(Invalid, match="refund"):
            allocate(session, back.id)
    with pytest.raises(Invalid, match="less"):
        do(edit_receipt, people.anna, got.id, ReceiptInput(received_on=TODAY, amount=119), 1)
    assert do(edit_receipt, people.anna, got.id, ReceiptInput(received_on=TODAY, amount=120), 1).amount == 120


def test_a_used_receipt_is_not_removed(people, customer):
    made = a_contract(people.anna, customer, 100, FEBRUARY)
    got = come(people.anna, customer, 100)
    with pytest.raises(Invalid, match="used already"):
        do(remove_receipt, people.anna, got.id)
    with open_as(people.anna.actor) as session:
        undo_allocation(session, int(allocations_of(session, contract_id=made.id)["id"].iloc[0]))
        remove_receipt(session, got.id)
        with pytest.raises(NotFound):
            receipt(session, got.id)
