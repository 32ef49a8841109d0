"""Who decides, who helps, who competes, and what was judged, sent and spent: what hangs on the deals of the demo company."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.customers.models import Contact, Customer, CustomerShare
from crm.demo.machinery import RIVALS
from crm.demo.people import MACHINERY, Company
from crm.demo.simulation import LOST, WON
from crm.demo.writing import Book, money
from crm.pipeline.models import (
    Assessment,
    Attitude,
    DecisionRole,
    Expense,
    ExpenseKind,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityCustomer,
    OpportunityMember,
    Sample,
    Threat,
)

if TYPE_CHECKING:
    from crm.demo.pipeline import Deals

_ROLES = {
    "decides": DecisionRole.DECIDES,
    "influences": DecisionRole.INFLUENCES,
    "uses": DecisionRole.USES,
    "pays": DecisionRole.PAYS,
}
_ATTITUDES = {
    WON: (Attitude.FOR_US, Attitude.FOR_US, Attitude.FOR_US, Attitude.NEUTRAL),
    LOST: (Attitude.AGAINST_US, Attitude.NEUTRAL, Attitude.NEUTRAL, Attitude.UNKNOWN, Attitude.FOR_US),
    "open": (Attitude.FOR_US, Attitude.FOR_US, Attitude.NEUTRAL, Attitude.UNKNOWN, Attitude.AGAINST_US),
}
_PARTS = ("Technical advice", "售前支持", "Opened the door", "Prepares the bid")
_HELPERS = ("lead", "lead2", "rep", "rep2", "rep3", "rep4", "rep5")
_SPENT = (
    (ExpenseKind.TRAVEL, "Visit with trial part", (180, 1_400)),
    (ExpenseKind.TRAVEL, "去客户现场测量", (120, 900)),
    (ExpenseKind.ENTERTAINMENT, "Dinner with the managing director", (400, 2_200)),
    (ExpenseKind.BID, "标书工本费", (200, 800)),
    (ExpenseKind.MATERIAL, "Castings for the trial cut", (300, 1_800)),
)
_SAMPLES = ("Milled trial part, 42CrMo4", "试切样件 Ra 0.8", "Set of inserts for a week of trial")


def add_parts(book: Book, company: Company, found: Deals) -> None:
    people = _contacts(book, company)
    rows: dict[Any, list[dict[str, Any]]] = {}
    for deal, facts in found.drawn.facts.items():
        sale, opportunity = found.sales[deal], {"opportunity_id": found.ids[deal]}
        for kind, row in _of_deal(book.random, facts, people.get(sale.customer_id, []), sale.amount):
            rows.setdefault(kind, []).append(opportunity | row | _by(kind, sale.owner.id))
        for row in _helpers(book.random, company, sale.owner.id):
            rows.setdefault(OpportunityMember, []).append(opportunity | row)
            shared = {"customer_id": sale.customer_id, "user_id": row["user_id"], "reason": found.numbers[deal]}
            rows.setdefault(CustomerShare, []).append(shared)
    rows[OpportunityCustomer] = _further(book.random, found)
    for kind, of_kind in rows.items():
        book.insert(kind, of_kind)


def _contacts(book: Book, company: Company) -> dict[int, list[tuple[int, str]]]:
    """Customer -> (id, influence) of the people who work there."""
    query = select(Contact.id, Contact.customer_id, Contact.influence).join(Customer, Customer.id == Contact.customer_id)
    rows = book.session.execute(query.where(Customer.board_id == company.units[MACHINERY]).order_by(Contact.id))
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append((row.id, str(row.influence)))
    return found


def _by(kind: Any, user_id: int) -> dict[str, Any]:
    return {"by_id": user_id} if kind in (Expense, Assessment) else {}


def _of_deal(
    random: Random, facts: dict[str, Any], people: list[tuple[int, str]], amount: int
) -> list[tuple[Any, dict[str, Any]]]:
    begun, position, state = facts["created_on"].date(), int(facts["position"]), str(facts["state"])
    last = (facts["closed_on"] if state != "open" else facts["stage_since"]).date()
    found: list[tuple[Any, dict[str, Any]]] = []
    for contact_id, influence in people[: 1 + position]:
        role = DecisionRole.CHAMPION if influence == "uses" and random.randrange(4) == 0 else _ROLES[influence]
        attitude = random.choice(_ATTITUDES[state])
        found.append((OpportunityContact, {"contact_id": contact_id, "role": role.value, "attitude": attitude.value}))
    found += [(OpportunityCompetitor, row) for row in _rivals(random, int(facts["rival"]), position, amount)]
    if position >= 2 and random.randrange(2):
        found.append((Assessment, _assessed(random, state, _between(random, begun, last))))
    if position >= 3 and random.randrange(5) == 0:
        sent = _between(random, begun, last)
        sample = {"description": random.choice(_SAMPLES), "quantity": money(1), "sent_on": sent}
        found.append((Sample, sample | ({"answer": "Surface good, one bore out of tolerance."} if state == WON else {})))
    for kind, text, (low, high) in random.sample(_SPENT, random.choice((0, 0, 1, 1, 2)) if position >= 2 else 0):
        spent = {"kind": kind.value, "spent_on": _between(random, begun, last), "amount": money(random.randrange(low, high, 10))}
        found.append((Expense, spent | {"description": text}))
    return found


def _between(random: Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(random.randrange((last - first).days + 1))


def _rivals(random: Random, winner: int, position: int, amount: int) -> list[dict[str, Any]]:
    """The one who won, where somebody did, and others that were met on the way."""
    others = random.sample(range(len(RIVALS)), random.choice((0, 0, 1, 1, 2)) if position >= 2 else 0)
    chosen = dict.fromkeys([winner, *others] if winner >= 0 else others)
    rows = []
    for number in chosen:
        price = amount // 1_000_000 * random.randrange(82, 108) * 10_000 if random.randrange(2) else None
        threat = Threat.HIGH if number == winner else random.choice(tuple(Threat))
        row = {"name": RIVALS[number], "offer": random.choice(("Comparable machine", "二手设备翻新", "Leasing")), "price": price}
        rows.append(row | {"strengths": "Price", "weaknesses": "售后", "threat": threat.value})
    return rows


def _assessed(random: Random, state: str, day: dt.date) -> dict[str, Any]:
    marks = {WON: (3, 4, 4, 5, 5), LOST: (1, 2, 2, 3, 4), "open": (2, 3, 3, 4, 5)}[state]
    names = ("budget", "authority", "need", "timing", "fit", "competition")
    return {name: random.choice(marks) for name in names} | {"assessed_on": day}


def _helpers(random: Random, company: Company, owner_id: int) -> list[dict[str, Any]]:
    if random.randrange(5):
        return []
    others = [member for member in company.of(*_HELPERS) if member.id != owner_id]
    return [{"user_id": one.id, "part": random.choice(_PARTS)} for one in random.sample(others, random.choice((1, 1, 2)))]


def _further(random: Random, found: Deals) -> list[dict[str, Any]]:
    """A general contractor, an end user or an agent on one deal in thirty."""
    rows = []
    customers = sorted({sale.customer_id for sale in found.sales.values()})
    for deal in list(found.sales)[::30]:
        other = random.choice([one for one in customers if one != found.sales[deal].customer_id])
        part = random.choice(("General contractor", "End user", "代理商"))
        rows.append({"opportunity_id": found.ids[deal], "customer_id": other, "part": part})
    return rows
