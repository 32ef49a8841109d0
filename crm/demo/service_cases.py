"""The cases of the demo company: which customers ask about what they bought, and how it went."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.catalogue.models import Product, ProductCategory
from crm.contracts.models import ContractOrder
from crm.customers.models import Contact, Customer, Order, OrderKind, OrderLine
from crm.database import frame
from crm.demo.people import DESK, FIELD, MACHINERY, PARTS, SERVICES, Company, Member
from crm.demo.service_course import WITHIN, Course, Hours, Plan, Terms, course, draw_used
from crm.demo.service_words import Topic, language, topics
from crm.session import ScopedSession
from crm.support.models import CaseKind, CaseState, Happening, Priority

COUNTS = {MACHINERY: 520, SERVICES: 330}
"""Cases that take their course; those that are made to stand open today come to them."""
DAYS = 545
_BOUGHT_WITHIN = 500
"""Days after which nobody asks about what he bought."""
_AGENTS = {
    DESK: ("agent", "agent", "agent2", "agent2", "agent3"),
    FIELD: ("agent4", "agent4", "agent5", "agent5", "lead6"),
    PARTS: ("agent6",),
}
_CHANNELS = {
    "phone": 40,
    "email": 25,
    "message": 14,
    "website": 10,
    "visit": 5,
    "self_service": 4,
    "counter": 2,
}
_PRIORITIES: dict[str, dict[Priority, int]] = {
    CaseKind.FAULT: {Priority.CRITICAL: 10, Priority.HIGH: 24, Priority.NORMAL: 50, Priority.LOW: 16},
    CaseKind.COMPLAINT: {Priority.HIGH: 40, Priority.NORMAL: 60},
}
_USUAL = {Priority.HIGH: 8, Priority.NORMAL: 60, Priority.LOW: 32}
_SEVERITIES = {Priority.CRITICAL: ("severe",), Priority.HIGH: ("severe", "major"), Priority.NORMAL: ("major", "minor")}
_LATELY = 14
"""Days of which the cases that stand open today are the greater part."""
_OUTSIDE = 0.12
"""Share of the messages that come in the evening or at night."""


@dataclass(slots=True, eq=False)
class Draft:
    """A case before it is written: `values` are those of its row."""

    board: str
    topic: Topic
    values: dict[str, Any]
    plan: Plan
    course: Course
    spoken: str
    customer: str
    address: str | None
    product: str
    merged_into: Draft | None = None
    id: int = 0

    @property
    def opened_at(self) -> float:
        return self.plan.opened_at

    @property
    def is_open(self) -> bool:
        return self.course.steps[-1].state not in (CaseState.SOLVED, CaseState.CLOSED)


@dataclass(slots=True)
class Sold:
    """Lines of orders by the day on which they were bought."""

    rows: list[dict[str, Any]]
    days: list[dt.date] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.days = [row["ordered_on"] for row in self.rows]

    def before(self, day: dt.date, random: Random) -> dict[str, Any] | None:
        """Something bought in the time before."""
        first = bisect_right(self.days, day - dt.timedelta(_BOUGHT_WITHIN))
        last = bisect_right(self.days, day - dt.timedelta(3))
        return self.rows[random.randrange(first, last)] if first < last else None


@dataclass(slots=True)
class Desk:
    """All that is needed to draw the cases of one board."""

    session: ScopedSession
    company: Company
    board: str
    terms: dict[tuple[str | None, str, str], Terms]
    hours: Hours
    random: Random
    end: dt.datetime
    topics: list[Topic] = field(default_factory=list)
    sold: dict[str, Sold] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.topics = topics(self.board)
        bought = _bought(self.session, self.company.units[self.board])
        for one in self.topics:
            self.sold[one.key] = Sold([row for row in bought if row["category"] in one.categories])

    # ------------------------------------------------------------------------------------- who asks, and about what

    def draft(self, opened_at: float, kinds: tuple[str, ...] = ()) -> tuple[Topic, dict[str, Any]]:
        """A topic, and somebody who bought what it is about."""
        known = [one for one in self.topics if not kinds or one.kind in kinds]
        day = dt.datetime.fromtimestamp(opened_at, dt.UTC).date()
        while True:
            topic = self.random.choices(known, [one.weight for one in known])[0]
            if (row := self.sold[topic.key].before(day, self.random)) is not None:
                return topic, row

    def moment(self) -> float:
        """In the office hours of a working day as a rule; more of them lately."""
        while True:
            days = (1 - self.random.random() ** 0.8) * DAYS
            if days < _LATELY and self.random.random() < 0.6:
                continue
            day = self.end - dt.timedelta(int(days) + 1)
            if self.random.random() < _OUTSIDE:
                return (day + dt.timedelta(hours=self.random.uniform(-1, 23))).timestamp()
            # From midnight there, by so much work: what falls on a holiday comes on the next working day.
            found = self.hours.after(day.timestamp() - 8 * 3600, self.random.uniform(60, 7.4 * 3600), self.hours.office)
            if found < self.end.timestamp():
                return found

    # --------------------------------------------------------------------------------------------------- the plans

    def natural(self) -> Draft:
        """It takes its course: with the rates that the desk has."""
        opened_at = self.moment()
        topic, row = self.draft(opened_at)
        priority = self._priority(topic)
        team = self._team(topic)
        owner = self._agent(team, row)
        terms = self.terms[row["level"], priority, topic.kind]
        used = draw_used(self.random, terms.resolution, WITHIN[team])
        plan = Plan(opened_at, terms, used, owner, priority, taken=self.random.random() < 0.55)
        self._happen(plan, topic, row, team)
        return self._drafted(topic, row, plan)

    def standing(self, share: float, *, ends: str, priority: str, kinds: tuple[str, ...], free: bool = False) -> Draft:
        """Open today, with such a share of the time for its solution used."""
        end = self.end.timestamp()
        while True:
            topic, row = self.draft(end - 86_400, kinds)
            if row["level"] != "vip" or topic.kind != CaseKind.FAULT:
                break
        terms = self.terms[row["level"], priority, topic.kind]
        used = share * terms.resolution
        opened_at = self.hours.before(end, used, terms.calendar)
        if ends in (CaseState.WAITING_CUSTOMER, CaseState.WAITING_THIRD):
            back = self.random.choice((2, 4, 8, 16, 30)) * 5 * 3600 * (2 if ends == CaseState.WAITING_THIRD else 1)
            opened_at = self.hours.before(opened_at, back, self.hours.office)
        owner = self._agent(self._team(topic), row)
        plan = Plan(opened_at, terms, used, owner, priority, taken=free or self.random.random() < 0.5, ends=ends)
        plan.answered = not free
        plan.actions = [] if free else self.random.choice(([], ["internal"], ["chase", "news"]))
        return self._drafted(topic, row, plan)

    def _happen(self, plan: Plan, topic: Topic, row: dict[str, Any], team: str) -> None:
        """What comes between the question and the solution."""
        random, actions = self.random, []
        chances = {"ask": 0.38, "internal": 0.3, "third": 0.22 if topic.kind in (CaseKind.FAULT, CaseKind.RETURN) else 0.03}
        actions += [name for name, chance in chances.items() if random.random() < chance]
        random.shuffle(actions)
        if random.random() < 0.16:
            actions += ["chase", "news"]
        if (first := self._first_owner(topic, team, plan.owner)) is not None:
            plan.first_owner = first
            actions.insert(0, "hand_over")
        if plan.priority == Priority.HIGH and random.random() < 0.25:
            plan.first_priority = Priority.NORMAL.value
            plan.first_terms = self.terms[row["level"], Priority.NORMAL, topic.kind]
            actions.insert(random.randrange(len(actions) + 1) if "chase" not in actions else 0, "raise")
        plan.actions = actions
        plan.again, plan.thanked = random.random() < 0.05, random.random() < 0.35

    def _first_owner(self, topic: Topic, team: str, owner: Member) -> Member | None:
        """Who had it before it was handed over; mostly nobody."""
        chance = self.random.random()
        if topic.team is not None and chance < 0.6:
            return self.company.members[self.random.choice(_AGENTS[DESK])]
        if team == FIELD and chance < 0.12:
            return self.company.members["agent6"]
        if chance > 0.93:
            return next(one for one in self.company.of(*_AGENTS[team], "agent2", "agent5") if one is not owner)
        return None

    def _drafted(self, topic: Topic, row: dict[str, Any], plan: Plan) -> Draft:
        spoken = language(row["customer_id"], row["region"])
        made = course(plan, self.hours, self.random, self.end.timestamp())
        names = {"customer": row["name"], "address": row["address"], "product": row["product"]}
        return Draft(self.board, topic, self._values(topic, row, plan), plan, made, spoken, **names)

    def _values(self, topic: Topic, row: dict[str, Any], plan: Plan) -> dict[str, Any]:
        named = ("customer_id", "contact_id", "product_id", "contract_id", "order_id")
        severity = self.random.choice(_SEVERITIES.get(Priority(plan.priority), ("minor",)))
        asks = topic.kind == CaseKind.INQUIRY
        return {
            **{name: row[name] for name in named},
            "board_id": self.company.units[self.board],
            "kind": topic.kind,
            "complaint_class": topic.complaint_class,
            "responsible_unit_id": self.company.units[topic.unit] if topic.unit else None,
            "channel": self.random.choices(list(_CHANNELS), list(_CHANNELS.values()))[0],
            "severity": None if asks else severity,
            "custom": {},
        }

    def _priority(self, topic: Topic) -> str:
        chances = _PRIORITIES.get(topic.kind, _USUAL)
        return str(self.random.choices(list(chances), list(chances.values()))[0].value)

    def _team(self, topic: Topic) -> str:
        if self.board == SERVICES:
            return DESK
        return PARTS if topic.kind == CaseKind.RETURN else FIELD

    def _agent(self, team: str, row: dict[str, Any]) -> Member:
        return self.company.members[self.random.choice(_AGENTS[team])]


def _bought(session: ScopedSession, board_id: int) -> list[dict[str, Any]]:
    """Lines of the sales of a board, the oldest first, with what is told of their customers."""
    about = (Customer.name, Customer.level, Customer.region, Customer.address)
    query = (
        select(Order.id.label("order_id"), Order.customer_id, Order.ordered_on, *about)
        .add_columns(OrderLine.product_id, Product.name.label("product"), ProductCategory.name.label("category"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Product, Product.id == OrderLine.product_id)
        .join(ProductCategory, ProductCategory.id == Product.category_id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.board_id == board_id, Order.kind != OrderKind.RETURN)
    )
    rows = frame(session, query.order_by(Order.ordered_on, OrderLine.id)).astype(object)
    contracts = dict(
        session.execute(select(ContractOrder.order_id, ContractOrder.contract_id).where(ContractOrder.returns_id.is_(None))).all()
    )
    contacts = frame(session, select(Contact.customer_id, Contact.id).order_by(Contact.id.desc()))
    first = dict(zip(contacts["customer_id"], contacts["id"], strict=True))
    found: list[dict[str, Any]] = rows.where(rows.notna(), None).to_dict("records")  # type: ignore[assignment]
    for row in found:
        row["ordered_on"] = pd.Timestamp(row["ordered_on"]).date()
        row["contract_id"] = contracts.get(row["order_id"])
        row["contact_id"] = first.get(row["customer_id"])
    return found


def twins(drafts: list[Draft], hours: Hours, random: Random, count: int) -> list[Draft]:
    """The same customer wrote twice: the second case becomes part of the first."""
    slow = [one for one in drafts if len(one.course.steps) > 3 and one.course.steps[-2].at - one.opened_at > 3 * 86_400]
    found = []
    for kept in random.sample(slow, count):
        opened_at = hours.after(kept.opened_at, random.uniform(2, 5) * 3600, hours.office)
        plan = replace(kept.plan, opened_at=opened_at, owner=kept.plan.owner, actions=[], again=False)
        opened = replace(kept.course.steps[0], at=opened_at, what=Happening.OPENED.value, owner=None)
        merged = replace(
            opened,
            at=hours.after(opened_at, random.uniform(0.2, 1.5) * 3600, hours.office),
            what=Happening.MERGED.value,
            state=CaseState.CLOSED.value,
            by=kept.plan.owner,
        )
        values = kept.values | {"channel": "email", "severity": None}
        found.append(replace(kept, values=values, plan=plan, course=Course([opened, merged]), merged_into=kept))
    return found


def numbered(drafts: list[Draft]) -> None:
    """By the board, in the order in which they were opened."""
    counts: Counter[str] = Counter()
    for one in sorted(drafts, key=lambda draft: draft.opened_at):
        counts[one.board] += 1
        one.values["number"] = f"CS{counts[one.board]:06}"
