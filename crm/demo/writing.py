"""Drafts of customers, and how a whole board of them is written at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

from crm.bulk import bulk_insert
from crm.customers.models import Contact, Customer, Order, OrderKind, OrderLine, Ownership, Stage, phone_key
from crm.database import MONEY_SCALE, Base
from crm.demo.people import Member
from crm.office.models import Activity
from crm.session import ScopedSession

LAST_DAY = dt.date(1998, 6, 30)
"""Of the CDNOW orders: "today" of the demo company, for all boards."""


@dataclass(frozen=True, slots=True)
class LineDraft:
    product_id: int
    quantity: int
    amount: int
    """In ten-thousandths, as money is stored."""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    number: str
    day: dt.date
    lines: tuple[LineDraft, ...]
    kind: str = OrderKind.SALE.value

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(slots=True, eq=False)
class Draft:
    """A customer with all that hangs on him; `contacts` may name the number of the one they report to as `above`,
    `activities` that of the one they come after as `follows`."""

    values: dict[str, Any]
    owner: Member
    since: dt.date
    formerly: Member | None = None
    contacts: list[dict[str, Any]] = field(default_factory=list)
    orders: list[OrderDraft] = field(default_factory=list)
    parts: list[tuple[type[Base], dict[str, Any]]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    id: int = 0


@dataclass(slots=True)
class Book:
    """Where the drafts go: one transaction, one generator, one shift of all days."""

    session: ScopedSession
    random: Random
    shift: dt.timedelta = dt.timedelta(0)
    moved: dt.timedelta = dt.timedelta(0)
    """By so much the days of the drafts were moved before they came here."""

    def settled(self, random: Random) -> Book:
        """The same book for what is drawn after the customers and orders were written: its days stay as they are."""
        return Book(self.session, random, moved=self.shift)

    def insert(self, kind: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
        """Rows with the defaults of their columns -> ids."""
        if not rows:
            return []
        columns = pd.DataFrame([self._row(kind, row) for row in rows], dtype=object)
        return [int(number) for number in bulk_insert(self.session, kind, columns)]

    def _row(self, kind: type[Base], row: dict[str, Any]) -> dict[str, Any]:
        return _defaults(kind) | {name: self._shifted(value) for name, value in row.items()}

    def _shifted(self, value: Any) -> Any:
        """Every day moves, birthdays too: people keep their age."""
        return value + self.shift if isinstance(value, dt.date) else value

    def write(self, drafts: list[Draft], board_id: int) -> None:
        """Customers of one board with their owners, contacts, orders, parts and activities; each draft learns its id."""
        ids = self.insert(Customer, [self._customer(draft, board_id) for draft in drafts])
        for draft, customer_id in zip(drafts, ids, strict=True):
            draft.id = customer_id
        self.insert(Ownership, [row for draft in drafts for row in _ownership(draft)])
        self._write_contacts(drafts)
        self._write_orders(drafts, board_id)
        parts = [(kind, {"customer_id": draft.id, **row}) for draft in drafts for kind, row in draft.parts]
        for kind in dict.fromkeys(kind for kind, _ in parts):
            self.insert(kind, [row for each, row in parts if each is kind])
        self._write_activities(drafts)

    def _customer(self, draft: Draft, board_id: int) -> dict[str, Any]:
        bought = [order.day for order in draft.orders if order.amount > 0]
        customer = Customer(**draft.values)
        words = [one.get(name) for one in draft.contacts for name in ("name", "phone", "email")]
        customer.set_keys(" ".join(word for word in words if word))
        derived = {name: getattr(customer, name) for name in ("name_key", "phone_key", "search_text")}
        place = {"board_id": board_id, "owner_id": draft.owner.id, "team_id": draft.owner.unit_id}
        stage = Stage.TRANSACTING if bought else Stage.POTENTIAL
        return {
            "custom": {},
            **draft.values,
            **derived,
            **place,
            "stage": stage.value,
            "converted_on": min(bought, default=None),
        }

    def _write_contacts(self, drafts: list[Draft]) -> None:
        """Those at the top first: the others name them."""
        waiting = [(draft, number) for draft in drafts for number in range(len(draft.contacts))]
        known: dict[tuple[int, int | None], int | None] = {(draft.id, None): None for draft in drafts}
        while waiting:
            ready = [(draft, number) for draft, number in waiting if (draft.id, draft.contacts[number].get("above")) in known]
            rows = [_contact(draft, number, known[draft.id, draft.contacts[number].get("above")]) for draft, number in ready]
            ids = self.insert(Contact, rows)
            known |= {(draft.id, number): contact_id for (draft, number), contact_id in zip(ready, ids, strict=True)}
            waiting = [one for one in waiting if one not in ready]

    def _write_activities(self, drafts: list[Draft]) -> None:
        """Those that come after another are written last: they name it."""
        numbered = [(draft.id, number, row) for draft in drafts for number, row in enumerate(draft.activities)]
        first = [one for one in numbered if "follows" not in one[2]]
        ids = self.insert(Activity, [_activity(customer_id, row) for customer_id, _, row in first])
        known = {(customer_id, number): one for (customer_id, number, _), one in zip(first, ids, strict=True)}
        self.insert(
            Activity,
            [
                _activity(customer_id, row) | {"previous_id": known[customer_id, row["follows"]]}
                for customer_id, _, row in numbered
                if "follows" in row
            ],
        )

    def _write_orders(self, drafts: list[Draft], board_id: int) -> None:
        orders = [(draft, order) for draft in drafts for order in draft.orders]
        rows = [
            {
                "customer_id": draft.id,
                "board_id": board_id,
                "number": order.number,
                "kind": order.kind,
                "ordered_on": order.day,
                "seller_id": draft.owner.id,
                "amount": order.amount,
                "import_job_id": draft.values.get("import_job_id"),
            }
            for draft, order in orders
        ]
        ids = self.insert(Order, rows)
        lines = [(order_id, line) for order_id, (_, order) in zip(ids, orders, strict=True) for line in order.lines]
        self.insert(OrderLine, [_line(order_id, line) for order_id, line in lines])


def _line(order_id: int, line: LineDraft) -> dict[str, Any]:
    price = round(line.amount / line.quantity)
    return {
        "order_id": order_id,
        "product_id": line.product_id,
        "quantity": line.quantity * MONEY_SCALE,
        "unit_price": price,
        "amount": line.amount,
    }


def _ownership(draft: Draft) -> list[dict[str, Any]]:
    """From the first day on; where somebody had the customer before, from his last day on."""
    start = dt.datetime.combine(draft.since, dt.time(1), dt.UTC)
    if draft.formerly is None:
        return [_interval(draft, draft.owner, start, None, "created")]
    change = start + (dt.datetime.combine(LAST_DAY, dt.time(1), dt.UTC) - start) / 2
    before = _interval(draft, draft.formerly, start, change, "created")
    return [before, _interval(draft, draft.owner, change, None, f"{draft.formerly.name} left the company")]


def _interval(draft: Draft, owner: Member, start: dt.datetime, end: dt.datetime | None, reason: str) -> dict[str, Any]:
    held_by = {"owner_id": owner.id, "team_id": owner.unit_id, "by_id": owner.id}
    return {"customer_id": draft.id, "started_at": start, "ended_at": end, "reason": reason, **held_by}


def _contact(draft: Draft, number: int, above: int | None) -> dict[str, Any]:
    values = {name: value for name, value in draft.contacts[number].items() if name != "above"}
    return values | {"customer_id": draft.id, "reports_to_id": above, "phone_key": phone_key(values.get("phone"))}


def _activity(customer_id: int, row: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "follows"}
    return values | {"subject_type": "customer", "subject_id": customer_id}


def _defaults(kind: type[Base]) -> dict[str, Any]:
    """What the mapped class would fill in by itself, as stored."""
    columns: Any = kind.__table__.columns
    found = {column.name: column.default.arg for column in columns if column.default is not None and column.default.is_scalar}
    return {name: _stored(value) for name, value in found.items() if name != "version"}


def _stored(value: Any) -> Any:
    return money(int(value)) if isinstance(value, Decimal) else getattr(value, "value", value)


def money(amount: int) -> int:
    """Whole units of a currency, as stored."""
    return amount * MONEY_SCALE
