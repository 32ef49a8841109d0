"""How content the customers of the demo company are: asked after cases, visits and deliveries; low marks after late solutions."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from sqlalchemy import select

from crm.customers.models import Customer, Order
from crm.demo.people import EAST, FIELD, MACHINERY, WEST, Company
from crm.demo.service_cases import Draft
from crm.demo.service_words import language, one_of
from crm.demo.writing import Book
from crm.support.models import CaseState, FeedbackInvitation, ServiceItem, SurveyAnswer

ASKED, RESPONSE = 0.62, 0.46
"""Share of the solved cases after which the customer is asked; share of the asked who answer."""
MARKS = {False: (0.02, 0.04, 0.12, 0.42, 0.40), True: (0.24, 0.30, 0.24, 0.16, 0.06)}
"""Was it late? -> the chances of the marks 1 to 5"""
_NPS = {1: (0, 1, 2, 3), 2: (2, 3, 4, 5, 6), 3: (5, 6, 7, 8), 4: (7, 8, 8, 9, 10), 5: (8, 9, 9, 10, 10)}
_ORDERS, _YEARLY = 110, 70
_OF_VISIT = 0.4
"""Share of the asked who are asked about the visit, where there was one."""
_OPEN = dt.timedelta(30)


def mean_mark(late: bool) -> float:
    return sum(mark * chance for mark, chance in enumerate(MARKS[late], start=1))


def add_feedback(
    book: Book, company: Company, drafts: list[Draft], late: dict[int, bool], visited: set[int], end: dt.datetime
) -> None:
    """late: the solved cases; visited: those for which somebody went to the customer"""
    asked = [*_after_cases(book, drafts, late, visited), *_after_orders(book, company, end), *_yearly(book, company, end)]
    asked = sorted((one for one in asked if one[0]["sent_at"] < end), key=lambda one: one[0]["sent_at"])
    for row, _ in asked:
        # Nobody knows the token that this would be the hash of.
        row |= {"token_hash": f"{book.random.getrandbits(256):064x}", "expires_at": row["sent_at"] + _OPEN}
    ids = book.insert(FeedbackInvitation, [row for row, _ in asked])
    answers = [_answer(book.random, invitation_id, row, slow) for invitation_id, (row, slow) in zip(ids, asked, strict=True)]
    book.insert(SurveyAnswer, [one for one in answers if one is not None and one["at"] < end])


def _after_cases(book: Book, drafts: list[Draft], late: dict[int, bool], visited: set[int]) -> list[tuple[dict[str, Any], bool]]:
    found = []
    for one in drafts:
        if one.id not in late or book.random.random() >= ASKED:
            continue
        last = [step for step in one.course.steps if step.state == CaseState.SOLVED][-1]
        sent_at = dt.datetime.fromtimestamp(round(last.at + book.random.uniform(600, 30 * 3600)), dt.UTC)
        about = {name: one.values[name] for name in ("customer_id", "contact_id")}
        about |= {"case_id": one.id, "team_id": last.team_id, "language": one.spoken}
        about["item"] = "field_visit" if one.id in visited and book.random.random() < _OF_VISIT else one.topic.item
        found.append((about | {"sent_at": sent_at, "by_id": last.by.id}, late[one.id]))
    return found


def _after_orders(book: Book, company: Company, end: dt.datetime) -> list[tuple[dict[str, Any], bool]]:
    """Orders of the last year: was the delivery as it should be?"""
    query = select(Order.id, Order.customer_id, Order.ordered_on, Customer.region, Customer.team_id, Customer.owner_id)
    query = query.join(Customer, Customer.id == Order.customer_id).where(Order.board_id == company.units[MACHINERY])
    query = query.where(Order.ordered_on > end.date() - dt.timedelta(365), Order.kind == "sale", Customer.owner_id.is_not(None))
    teams = {company.units[EAST], company.units[WEST]}
    rows = [row for row in book.session.execute(query.order_by(Order.id)).all() if row.team_id in teams]
    found = []
    for row in book.random.sample(rows, _ORDERS):
        sent_at = dt.datetime.combine(row.ordered_on, dt.time(3), dt.UTC) + dt.timedelta(book.random.randrange(8, 21))
        item = book.random.choice((ServiceItem.DELIVERY, ServiceItem.DELIVERY, ServiceItem.ORDER)).value
        about = {"customer_id": row.customer_id, "order_id": row.id, "team_id": row.team_id, "item": item}
        about |= {"language": language(row.customer_id, row.region), "sent_at": sent_at, "by_id": row.owner_id}
        found.append((about, book.random.random() < 0.12))
    return found


def _yearly(book: Book, company: Company, end: dt.datetime) -> list[tuple[dict[str, Any], bool]]:
    """The survey of spring."""
    query = select(Customer.id, Customer.region).where(Customer.board_id == company.units[MACHINERY])
    rows = book.session.execute(query.order_by(Customer.id)).all()
    sent_at = end - dt.timedelta(96) + dt.timedelta(hours=2)
    about = {"team_id": company.units[FIELD], "item": ServiceItem.RELATIONSHIP.value, "by_id": company.members["lead6"].id}
    return [
        (
            about | {"customer_id": row.id, "language": language(row.id, row.region), "sent_at": sent_at},
            book.random.random() < 0.2,
        )
        for row in book.random.sample(list(rows), _YEARLY)
    ]


def _answer(random: Random, invitation_id: int, asked: dict[str, Any], late: bool) -> dict[str, Any] | None:
    if random.random() >= RESPONSE:
        return None
    mark = random.choices(range(1, 6), MARKS[late])[0]
    said = random.random() < (0.7 if mark <= 2 else 0.3)
    return {
        "invitation_id": invitation_id,
        "at": asked["sent_at"] + dt.timedelta(seconds=round(random.expovariate(1 / 100_000)) + 600),
        "csat": mark,
        "nps": random.choice(_NPS[mark]) if random.random() < 0.85 else None,
        "comment": one_of(random, "bad" if mark <= 2 else "good", asked["language"]) if said and mark != 3 else None,
    }
