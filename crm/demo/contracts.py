"""Contracts of the won deals with the orders that followed, what was to be received for them, and what came in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from crm.contracts.models import (
    Allocation,
    Contract,
    ContractOrder,
    ContractState,
    Invoice,
    InvoiceKind,
    PaymentMethod,
    Receipt,
    ReceiptKind,
    ReceiptPlan,
)
from crm.customers.models import Order, OrderKind
from crm.demo.pipeline import Deals
from crm.demo.simulation import WON
from crm.demo.writing import Book, money
from crm.session import ScopedSession

_REMIND = 60
_SMALL = money(20_000)
"""Below it is paid at once."""
_PARTS = ((30, 7, "Down payment"), (60, 30, "On delivery"), (10, 120, "After acceptance"))
"""Percent, days after the order, what for."""
_TERMS = ("Delivery free to the works; twelve months of warranty.", "质保一年，含两次巡检。")


@dataclass(slots=True)
class _Deal:
    """A contract on its way: `values` are those of its row."""

    values: dict[str, Any]
    order_id: int | None
    ordered_on: dt.date
    returned: tuple[int, int, dt.date] | None = None
    """Id of the return, its amount (positive), its day."""
    id: int = 0


def add_contracts(book: Book, board_id: int, clerk_id: int, found: Deals, accepted: dict[int, int]) -> None:
    """clerk_id: who writes down what came in."""
    contracts = _of_deals(book, board_id, found, accepted)
    _end_some(contracts, found.drawn.known.day)
    ids = book.insert(Contract, [one.values for one in contracts])
    for one, contract_id in zip(contracts, ids, strict=True):
        one.id = contract_id
    book.insert(ContractOrder, [{"contract_id": one.id, "order_id": one.order_id, "returns_id": None} for one in contracts])
    back = [one for one in contracts if one.returned]
    links = [{"contract_id": one.id, "order_id": one.returned[0], "returns_id": one.order_id} for one in back if one.returned]
    book.insert(ContractOrder, links)
    renewals = _renewed(book, contracts, found.drawn.known.day)
    signed = [one for one in (*contracts, *renewals) if one.values["state"] != ContractState.DRAFT]
    _bill(book, signed, found.drawn.known.day)
    _collect(book, signed, clerk_id, found.drawn.known.day)


def _of_deals(book: Book, board_id: int, found: Deals, accepted: dict[int, int]) -> list[_Deal]:
    """Every won deal whose order was placed; the newest are still drafts."""
    random, day = book.random, found.drawn.known.day
    returns = _returns(book.session, board_id)
    won = [deal for deal, facts in found.drawn.facts.items() if facts["state"] == WON]
    contracts: list[_Deal] = []
    for deal in sorted(won, key=lambda one: found.drawn.facts[one]["closed_on"]):
        facts = found.drawn.facts[deal]
        sale, closed = found.sales[deal], facts["closed_on"].date()
        if sale.order_id is None or sale.ordered_on is None or sale.ordered_on > day:
            continue
        ends = closed + relativedelta(months=random.choice((12, 12, 12, 24))) - dt.timedelta(1)
        draft = closed > day - dt.timedelta(10)
        values = {
            "number": f"CT{len(contracts) + 1:06}",
            "name": found.names[deal][:200],
            "board_id": board_id,
            "customer_id": sale.customer_id,
            "opportunity_id": found.ids[deal],
            "quote_id": accepted.get(deal),
            "owner_id": sale.owner.id,
            "team_id": sale.owner.unit_id,
            "state": (ContractState.DRAFT if draft else ContractState.RUNNING).value,
            "signed_on": None if draft else closed,
            "starts_on": closed,
            "ends_on": ends,
            "amount": sale.amount,
            "remind_days": _REMIND,
            "remind_on": ends - dt.timedelta(_REMIND),
            "terms": random.choice(_TERMS),
        }
        contracts.append(_Deal(values, sale.order_id, sale.ordered_on, None if draft else returns.get(sale.order_id)))
    return contracts


def _returns(session: ScopedSession, board_id: int) -> dict[int, tuple[int, int, dt.date]]:
    """Order -> what came back of it: "M0001-003-R" takes back "M0001-003"."""
    query = select(Order.id, Order.number, Order.amount, Order.ordered_on).where(Order.board_id == board_id)
    orders = {row.number: row.id for row in session.execute(query.where(Order.kind != OrderKind.RETURN))}
    return {
        orders[row.number.removesuffix("-R")]: (row.id, money(int(-row.amount)), row.ordered_on)
        for row in session.execute(query.where(Order.kind == OrderKind.RETURN))
    }


def _end_some(contracts: list[_Deal], day: dt.date) -> None:
    """Those whose last day is past have ended; two were terminated before."""
    for one in contracts:
        if one.values["ends_on"] < day:
            one.values |= {"state": ContractState.ENDED.value, "ended_on": one.values["ends_on"]}
    running = [one for one in contracts if one.values["state"] == ContractState.RUNNING and one.values["starts_on"].year == 1997]
    running = running or [one for one in contracts if one.values["state"] == ContractState.RUNNING]
    for one, reason in zip(running[:2], ("The customer was taken over.", "设备退回，双方协商终止。"), strict=False):
        ended = one.values["starts_on"] + dt.timedelta(100)
        one.values |= {"state": ContractState.TERMINATED.value, "ended_on": ended, "end_reason": reason}


def _renewed(book: Book, contracts: list[_Deal], day: dt.date) -> list[_Deal]:
    """Every third that came to its end goes on for a year, at two thirds of the price or so, without a new machine."""
    found: list[_Deal] = []
    for old in [one for one in contracts if one.values["state"] == ContractState.ENDED][::3]:
        begins = old.values["ends_on"] + dt.timedelta(1)
        ends = begins + relativedelta(years=1) - dt.timedelta(1)
        values = old.values | {
            "number": f"CT{len(contracts) + len(found) + 1:06}",
            "opportunity_id": None,
            "quote_id": None,
            "renews_id": old.id,
            "state": (ContractState.RUNNING if ends >= day else ContractState.ENDED).value,
            "signed_on": begins - dt.timedelta(12),
            "starts_on": begins,
            "ends_on": ends,
            "ended_on": None if ends >= day else ends,
            "amount": old.values["amount"] // money(100) * money(62),
            "remind_on": ends - dt.timedelta(_REMIND),
        }
        found.append(_Deal(values, None, begins))
    for one, contract_id in zip(found, book.insert(Contract, [one.values for one in found]), strict=True):
        one.id = contract_id
    return found


# ------------------------------------------------------------------------------------------------------- invoices


def _bill(book: Book, contracts: list[_Deal], day: dt.date) -> None:
    billed = [one for one in contracts if one.ordered_on <= day and book.random.randrange(12)]
    rows = [
        {
            "contract_id": one.id,
            "number": f"98{number:06}",
            "issued_on": one.ordered_on,
            "amount": one.values["amount"],
            "kind": InvoiceKind.SPECIAL_VAT.value,
            "order_id": one.order_id,
        }
        for number, one in enumerate(billed, start=1)
    ]
    ids = book.insert(Invoice, rows)
    notes = [
        {
            "contract_id": one.id,
            "number": f"{row['number']}-C",
            "issued_on": one.returned[2],
            "amount": -one.returned[1],
            "kind": InvoiceKind.CREDIT_NOTE.value,
            "order_id": one.order_id,
            "credits_id": invoice_id,
            "remark": "Goods came back",
        }
        for one, row, invoice_id in zip(billed, rows, ids, strict=True)
        if one.returned
    ]
    book.insert(Invoice, notes)


# ------------------------------------------------------------------------------------------------------- receipts


def _collect(book: Book, contracts: list[_Deal], clerk_id: int, day: dt.date) -> None:
    """Plans, what came in for their lines, and the money that went back."""
    random = book.random
    lines = [(one, line) for one in contracts for line in _plan(one)]
    ids = book.insert(ReceiptPlan, [line for _, line in lines])
    receipts: list[dict[str, Any]] = []
    allocations: list[tuple[int, int, int]] = []
    for (one, line), plan_id in zip(lines, ids, strict=True):
        came = _paid(random, line, day)
        if came is None:
            continue
        received_on, amount = came
        receipts.append(_receipt(random, one, received_on, amount, len(receipts) + 1, clerk_id))
        allocations.append((len(receipts) - 1, plan_id, amount))
    for number in range(3):
        one = contracts[-1 - number]
        receipts.append(_receipt(random, one, day - dt.timedelta(2 * number + 1), money(5_000), len(receipts) + 1, clerk_id))
    receipts += _overpaid(random, contracts, len(receipts), clerk_id)
    written = book.insert(Receipt, receipts)
    rows = [{"receipt_id": written[place], "plan_id": plan, "amount": sum_} for place, plan, sum_ in allocations]
    book.insert(Allocation, [row | {"by_id": clerk_id} for row in rows])
    _refund(book, receipts, written, clerk_id)


def _plan(one: _Deal) -> list[dict[str, Any]]:
    """What is paid for: the contract less what came back; nothing after a termination."""
    total = one.values["amount"] - (one.returned[1] if one.returned else 0)
    if total <= 0:
        return []
    parts = _PARTS if one.values["amount"] >= _SMALL else ((100, 30, "On delivery"),)
    amounts = [total * percent // money(100) * money(1) for percent, _, _ in parts[:-1]]
    amounts.append(total - sum(amounts))
    rows = [
        {"contract_id": one.id, "due_on": one.ordered_on + dt.timedelta(days), "amount": amount, "what": what}
        for amount, (_, days, what) in zip(amounts, parts, strict=True)
    ]
    kept = [row for row in rows if one.values["state"] != ContractState.TERMINATED or row["due_on"] <= one.values["ended_on"]]
    return [row | {"order_id": one.order_id} for row in kept]


def _paid(random: Random, line: dict[str, Any], day: dt.date) -> tuple[dt.date, int] | None:
    """Most pay within some weeks; the older a line, the likelier; some in part."""
    late = random.choice((-6, -2, 0, 1, 3, 5, 8, 12, 20, 35, 60, 90, 160))
    received = line["due_on"] + dt.timedelta(late)
    if received > day or random.randrange(40) == 0:
        return None
    return received, line["amount"] if random.randrange(25) else line["amount"] // money(2) * money(1)


def _receipt(random: Random, one: _Deal, day: dt.date, amount: int, number: int, clerk_id: int) -> dict[str, Any]:
    method = random.choice((PaymentMethod.TRANSFER, PaymentMethod.TRANSFER, PaymentMethod.TRANSFER, PaymentMethod.BILL))
    return {
        "customer_id": one.values["customer_id"],
        "board_id": one.values["board_id"],
        "received_on": day,
        "amount": amount,
        "kind": ReceiptKind.RECEIPT.value,
        "method": method.value,
        "reference": f"BK{number:05}",
        "remark": None,
        "refunds_id": None,
        "by_id": clerk_id,
    }


def _overpaid(random: Random, contracts: list[_Deal], known: int, clerk_id: int) -> list[dict[str, Any]]:
    """One customer had paid for what came back."""
    one = next((one for one in contracts if one.returned), None)
    if one is None or one.returned is None:
        return []
    _, amount, day = one.returned
    return [_receipt(random, one, day - dt.timedelta(3), amount, known + 1, clerk_id) | {"remark": "Paid for what came back"}]


def _refund(book: Book, receipts: list[dict[str, Any]], ids: list[int], clerk_id: int) -> None:
    given = [(row, one) for row, one in zip(receipts, ids, strict=True) if row["remark"]]
    back = {
        "kind": ReceiptKind.REFUND.value,
        "method": PaymentMethod.TRANSFER.value,
        "by_id": clerk_id,
        "remark": "Goods came back",
    }
    book.insert(
        Receipt,
        [
            row
            | back
            | {"amount": -row["amount"], "refunds_id": one, "reference": f"{row['reference']}-R"}
            | {"received_on": row["received_on"] + dt.timedelta(12)}
            for row, one in given
        ],
    )
