"""What is to be received and what came in: plan, receipts, refunds, and the write-off of the one against the other."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal

from dateutil.relativedelta import relativedelta
from pydantic import Field
from sqlalchemy import func, select

from crm.bulk import hold
from crm.contracts.models import (
    Allocation,
    Contract,
    ContractOrder,
    ContractState,
    PaymentMethod,
    Receipt,
    ReceiptKind,
    ReceiptPlan,
)
from crm.contracts.queries.contracts import contract
from crm.contracts.queries.receipts import allocated_to, free_of, oldest_first, open_lines, planned
from crm.customers.models import Customer
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, NotFound
from crm.session import ScopedSession, get

ZERO = Decimal(0)


class PlanLine(Input):
    due_on: dt.date
    amount: Decimal = Field(gt=0)
    what: str | None = Field(None, max_length=300, description="Down payment, on delivery, after acceptance, ...")
    order_id: int | None = Field(None, description="Empty: for the contract as a whole.")


class ReceiptInput(Input):
    received_on: dt.date
    amount: Decimal = Field(gt=0)
    method: PaymentMethod | None = None
    reference: str | None = Field(None, title="Payment reference", max_length=200)
    remark: str | None = Field(None, max_length=300)


class RefundInput(ReceiptInput):
    """Money that goes back."""


class Part(Input):
    """So much of a receipt for a line of a plan."""

    plan_id: int
    amount: Decimal = Field(gt=0)


# ---------------------------------------------------------------------------------------------------------- plan


def plan_receipt(session: ScopedSession, contract_id: int, input: PlanLine, knowing: bool = False) -> ReceiptPlan:
    """A line of the plan; one that goes beyond the contract is refused with the difference, unless the person knows."""
    found = contract(session, contract_id)
    _check_line(session, found, input, planned(session, contract_id) + input.amount, knowing)
    line = ReceiptPlan(contract_id=contract_id, **input.model_dump())
    session.add(line)
    session.flush()
    return line


def edit_planned(session: ScopedSession, plan_id: int, input: PlanLine, version: int, knowing: bool = False) -> ReceiptPlan:
    """Never below what came in for it."""
    hold(session, Allocation)
    line = get(session, ReceiptPlan, plan_id)
    found = contract(session, line.contract_id)
    _check_line(session, found, input, planned(session, found.id) - line.amount + input.amount, knowing)
    paid = allocated_to(session, plan_id)
    if input.amount < paid:
        raise Invalid("{paid} came in for this line already: it cannot be less.", field="amount", paid=paid)
    change(session, line, input.model_dump(), version)
    session.flush()
    return line


def remove_planned(session: ScopedSession, plan_id: int) -> None:
    hold(session, Allocation)
    line = get(session, ReceiptPlan, plan_id)
    if paid := allocated_to(session, plan_id):
        raise Invalid("{paid} came in for this line already: undo that first.", paid=paid)
    line.deleted_at = now()
    session.flush()


def change_plan(
    session: ScopedSession,
    contract_id: int,
    changed: dict[int, tuple[PlanLine, int]],
    added: list[PlanLine],
    removed: list[int],
    knowing: bool = False,
) -> None:
    """Several lines at once (id -> line, version). What becomes less comes first, so that only the whole is judged by the
    amount of the contract."""
    for plan_id in removed:
        remove_planned(session, _line_of(session, contract_id, plan_id).id)
    growth = {one: line.amount - _line_of(session, contract_id, one).amount for one, (line, _) in changed.items()}
    for plan_id in sorted(growth, key=growth.__getitem__):
        edit_planned(session, plan_id, *changed[plan_id], knowing)
    for line in added:
        plan_receipt(session, contract_id, line, knowing)


def _line_of(session: ScopedSession, contract_id: int, plan_id: int) -> ReceiptPlan:
    line = get(session, ReceiptPlan, plan_id)
    if line.contract_id != contract_id:
        raise NotFound()
    return line


def equal_percents(parts: int) -> list[Decimal]:
    """So many equal shares; the last takes what rounding leaves."""
    each = (Decimal(100) / parts).quantize(Decimal("0.00000001"))
    return [*[each] * (parts - 1), 100 - each * (parts - 1)]


def plan_in_parts(
    session: ScopedSession, contract_id: int, percents: list[Decimal], first_due: dt.date, months: int = 1
) -> list[ReceiptPlan]:
    """What is not planned yet, in parts (30, 60, 10) so many months apart; the last takes what rounding leaves."""
    found = contract(session, contract_id)
    left = found.amount - planned(session, contract_id)
    if sum(percents) != 100 or min(percents) <= 0:
        raise Invalid("The parts come to {sum} %, not to 100 %.", field="percents", sum=sum(percents))
    if left <= 0:
        raise Invalid("The whole amount is planned already.")
    amounts = [(left * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN) for percent in percents[:-1]]
    days = [first_due + relativedelta(months=months * number) for number in range(len(percents))]
    lines = [
        ReceiptPlan(contract_id=contract_id, due_on=day, amount=amount)
        for day, amount in zip(days, [*amounts, left - sum(amounts, ZERO)], strict=True)
        if amount > 0
    ]
    session.add_all(lines)
    session.flush()
    return lines


def _check_line(session: ScopedSession, found: Contract, input: PlanLine, total: Decimal, knowing: bool) -> None:
    if found.state == ContractState.TERMINATED:
        raise Invalid("This contract was terminated: nothing new is to be received for it.")
    if total > found.amount and not knowing:
        raise Invalid(
            "The plan would come to {total}, {difference} more than the contract. Save again if it is meant so.",
            field="amount",
            total=total,
            difference=total - found.amount,
        )
    check_order(session, found.id, input.order_id)


def check_order(session: ScopedSession, contract_id: int, order_id: int | None) -> None:
    """An order that is named must be one of the contract."""
    linked = select(ContractOrder.id).where(ContractOrder.contract_id == contract_id, ContractOrder.order_id == order_id)
    if order_id is not None and session.scalar(linked.where(ContractOrder.returns_id.is_(None))) is None:
        raise Invalid("This order is not one of the contract.", field="order_id")


# ------------------------------------------------------------------------------------------------------ receipts


def add_receipt(session: ScopedSession, customer_id: int, input: ReceiptInput, parts: list[Part] | None = None) -> Receipt:
    """Money of a customer came in. It pays for the parts that are named, else for what was due first; an empty list: for none."""
    hold(session, Allocation)
    customer = get(session, Customer, customer_id)
    values = input.model_dump() | {"customer_id": customer_id, "board_id": customer.board_id, "by_id": session.actor.user_id}
    receipt = Receipt(**values)
    session.add(receipt)
    session.flush()
    allocate(session, receipt.id, parts)
    return receipt


def edit_receipt(session: ScopedSession, receipt_id: int, input: ReceiptInput, version: int) -> Receipt:
    """Never below what was written off with it and given back."""
    hold(session, Allocation)
    receipt = _receipt(session, receipt_id)
    used = receipt.amount - free_of(session, receipt_id)
    if input.amount < used:
        raise Invalid("{used} of this receipt is used already: it cannot be less.", field="amount", used=used)
    change(session, receipt, input.model_dump(), version)
    session.flush()
    return receipt


def remove_receipt(session: ScopedSession, receipt_id: int) -> None:
    """One that was entered by mistake, or a refund; what was written off with it must be undone first."""
    hold(session, Allocation)
    receipt = get(session, Receipt, receipt_id)
    if receipt.kind == ReceiptKind.RECEIPT and (used := receipt.amount - free_of(session, receipt_id)):
        raise Invalid("{used} of this receipt is used already: undo that first.", used=used)
    receipt.deleted_at = now()
    session.flush()


def refund(session: ScopedSession, receipt_id: int, input: RefundInput) -> Receipt:
    """A receipt goes back, wholly or in part: only what is not written off."""
    hold(session, Allocation)
    receipt = _receipt(session, receipt_id)
    free = free_of(session, receipt_id)
    if input.amount > free:
        raise Invalid("Of this receipt {free} can go back; the rest is written off: undo that first.", field="amount", free=free)
    about = {"customer_id": receipt.customer_id, "board_id": receipt.board_id, "by_id": session.actor.user_id}
    values = input.model_dump() | {"amount": -input.amount, "kind": ReceiptKind.REFUND, "refunds_id": receipt_id}
    given = Receipt(**about | values)
    session.add(given)
    session.flush()
    return given


# ----------------------------------------------------------------------------------------------------- write-off


def allocate(session: ScopedSession, receipt_id: int, parts: list[Part] | None = None) -> list[Allocation]:
    """Write off what is left of a receipt against lines of plans of its customer: the oldest due first, or the parts named.
    Never more than the receipt or the line."""
    hold(session, Allocation)
    receipt = _receipt(session, receipt_id)
    free = free_of(session, receipt_id)
    wanted = _oldest_first(session, receipt, free) if parts is None else parts
    total = sum((part.amount for part in wanted), ZERO)
    if total > free:
        raise Invalid("Of this receipt only {free} is left; {total} is too much.", field="amount", free=free, total=total)
    return [_allocated(session, receipt, part) for part in wanted]


def undo_allocation(session: ScopedSession, allocation_id: int) -> Allocation:
    """By an opposite one; once."""
    hold(session, Allocation)
    found = get(session, Allocation, allocation_id)
    if found.undoes_id is not None:
        raise Invalid("This is the undoing of a write-off itself: write off again instead.")
    if session.scalar(select(func.count(Allocation.id)).where(Allocation.undoes_id == allocation_id)):
        raise Invalid("This was undone already.")
    about = {"receipt_id": found.receipt_id, "plan_id": found.plan_id, "by_id": session.actor.user_id}
    opposite = Allocation(**about, amount=-found.amount, undoes_id=allocation_id)
    session.add(opposite)
    session.flush()
    return opposite


def _oldest_first(session: ScopedSession, receipt: Receipt, free: Decimal) -> list[Part]:
    parts = oldest_first(open_lines(session, receipt.customer_id), free)
    return [Part(plan_id=plan_id, amount=taken) for plan_id, taken in parts.items()]


def _allocated(session: ScopedSession, receipt: Receipt, part: Part) -> Allocation:
    line = get(session, ReceiptPlan, part.plan_id)
    if contract(session, line.contract_id).customer_id != receipt.customer_id:
        raise Invalid("This contract is of another customer than the receipt.", field="plan_id")
    still_open = line.amount - allocated_to(session, line.id)
    if part.amount > still_open:
        raise Invalid(
            "For this line only {open} is still open; {amount} is too much.", field="amount", open=still_open, amount=part.amount
        )
    added = Allocation(receipt_id=receipt.id, plan_id=line.id, amount=part.amount, by_id=session.actor.user_id)
    session.add(added)
    session.flush()
    return added


def _receipt(session: ScopedSession, receipt_id: int) -> Receipt:
    found = get(session, Receipt, receipt_id)
    if found.kind != ReceiptKind.RECEIPT:
        raise Invalid("This is a refund: what went back cannot be used.")
    return found
