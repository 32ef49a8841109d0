"""Who works with the product at the same time, and on what: people of all roles, each with a working day of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from random import Random
from typing import Any

from sqlalchemy import select

from crm.access import SYSTEM, Role
from crm.bench.pages import Scene, scenes
from crm.bench.server import cookie_of
from crm.customers.models import Customer
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import open_as
from crm.staff.models import OrgUnit, User
from crm.staff.sign_in import actor_for
from crm.support.models import OPEN, Case

SHARES = {Role.REP: 64, Role.AGENT: 22, Role.LEAD: 9, Role.DIRECTOR: 4, Role.EXECUTIVE: 1}
"""Of a hundred people."""
_DIRECTOR = {
    "Overview": 20, "Customers": 8, "Search, three letters and more": 2, "Search, two Chinese characters": 2, "A customer": 12,
    "Pipeline, list": 8, "Pipeline, board": 6, "An opportunity": 10, "Cases, list": 3, "A case": 3, "Calendar, week": 3,
    "Inbox": 5, "Funnel": 6, "Forecast": 6, "Targets, attainment": 6,
}  # fmt: skip
MIXTURE: dict[Role, dict[str, int]] = {
    Role.REP: {
        "Overview": 10, "Customers": 12, "Search, three letters and more": 6, "Search, two Chinese characters": 6,
        "A customer": 24, "Pipeline, list": 8, "Pipeline, board": 7, "An opportunity": 13, "Cases, list": 2, "A case": 2,
        "Calendar, week": 4, "Inbox": 3, "Funnel": 1, "Forecast": 1, "Targets, attainment": 1,
    },
    Role.AGENT: {
        "Overview": 8, "Cases, queue": 22, "Cases, list": 8, "A case": 38, "Customers": 4, "Search, three letters and more": 4,
        "Search, two Chinese characters": 4, "A customer": 8, "Calendar, week": 2, "Inbox": 2,
    },
    Role.LEAD: {
        "Overview": 12, "Customers": 10, "Search, three letters and more": 3, "Search, two Chinese characters": 3,
        "A customer": 14, "Pipeline, list": 10, "Pipeline, board": 10, "An opportunity": 12, "Cases, list": 2, "A case": 2,
        "Calendar, week": 4, "Inbox": 4, "Funnel": 4, "Forecast": 5, "Targets, attainment": 5,
    },
    Role.DIRECTOR: _DIRECTOR,
    Role.EXECUTIVE: _DIRECTOR,
}  # fmt: skip
"""Of a hundred pages that somebody of the role opens."""
WRITES = 20
"""One action in so many saves something."""
_RECORDS = 12
"""Customers, deals and cases with which one person works."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action: a page that is opened, or widgets that are used on the page before."""

    name: str
    shows: str
    """A kind of element without which the action did not work."""
    page: str = ""
    query: str = ""
    uses: dict[str, Any] = field(default_factory=dict)
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    role: str
    cookie: str
    seed: int
    scenes: list[dict[str, Any]]


def casting(count: int) -> list[Role]:
    """Roles of so many people in their shares, whatever the count."""
    cast: list[Role] = []
    total = sum(SHARES.values())
    for number in range(1, count + 1):
        cast.append(max(SHARES, key=lambda role: SHARES[role] * number / total - cast.count(role)))
    return cast


def people(count: int) -> list[Person]:
    """Signed in, with the records they work on. Where there are too few of a role, some sit at a second browser."""
    _promote()
    names = {role: cycle(_usernames(role)) for role in SHARES}
    return [_person(next(names[role]), role, seed) for seed, role in enumerate(casting(count))]


def _promote() -> None:
    """The large company has no team leads: one for each team that sells."""
    with open_as(SYSTEM) as session:
        if session.scalars(select(User.id).where(User.role == Role.LEAD).limit(1)).first() is None:
            selling = select(User.unit_id).where(User.role == Role.REP)
            for unit in session.scalars(select(OrgUnit).where(OrgUnit.id.in_(selling))).all():
                session.add(User(username=f"lead{unit.id}", name=f"Lead {unit.name}", role=Role.LEAD, unit_id=unit.id))


def _usernames(role: Role) -> list[str]:
    """Of those who have something to do, which not all in the large company have; of different boards in turn."""
    work = select(Case.id) if role is Role.AGENT else select(Opportunity.id).where(Opportunity.state == OpportunityState.OPEN)
    with open_as(SYSTEM) as session:
        people = session.scalars(select(User).where(User.role == role).order_by(User.id)).all()
        reaches = {person.username: actor_for(session, person) for person in people}
    found = []
    for username, actor in reaches.items():
        with open_as(actor) as session:
            if session.scalars(work.limit(1)).first() is not None:
                found.append(username)
    Random(len(found)).shuffle(found)
    return found


def _person(username: str, role: Role, seed: int) -> Person:
    with open_as(SYSTEM) as session:
        actor = actor_for(session, session.scalars(select(User).where(User.username == username)).one())
    with open_as(actor) as session:
        customers = select(Customer.id).where(Customer.order_count.between(3, 12))
        deals = select(Opportunity.id).where(Opportunity.state == OpportunityState.OPEN)
        cases = select(Case.id).where(Case.state.in_(OPEN))
        ids = [_some(list(session.scalars(query.limit(7 * _RECORDS))), seed) for query in (customers, deals, cases)]
    known = [
        asdict(scene) | _EMPTY.get(scene.name, {}) for scene in scenes(*ids) if scene.queries and scene.name in MIXTURE[role]
    ]
    return Person(username, role.value, cookie_of(username), seed, known)


_EMPTY = {"Customers": {"shows": "markdown"}}
"""What was searched for before stays searched for: an empty list is an answer as well."""


def _some(ids: list[int], seed: int) -> list[int]:
    """Two browsers of one person work on different records, where there are enough."""
    start = seed * _RECORDS % max(1, len(ids))
    return (ids[start:] + ids[:start])[:_RECORDS]


def steps(person: Person) -> Iterator[Step]:
    """A working day without end: pages by their weights, and every twentieth action saves something."""
    random, role = Random(person.seed), Role(person.role)
    known = {each["name"]: Scene(**each) for each in person.scenes}
    writings = _writings(role, known)
    left, turn, page = random.randrange(WRITES), random.randrange(len(writings) or 1), ""
    while True:
        writing = writings[turn % len(writings)] if writings else []
        if 0 <= left < len(writing):
            yield from (_placed(step, known, random) for step in writing)
            left, turn, page = WRITES - 1, turn + 1, known[str(writing[0])].page
            continue
        left -= 1
        # Another page than before: the same one would keep what was searched there.
        others = {name: MIXTURE[role][name] for name, scene in known.items() if scene.page != page} or dict.fromkeys(known, 1)
        scene = known[random.choices(list(others), list(others.values()))[0]]
        page = scene.page
        yield _visit(scene, random)


def _visit(scene: Scene, random: Random) -> Step:
    return Step(scene.name, scene.shows, scene.page, random.choice(scene.queries))


def _placed(step: Step | str, known: dict[str, Scene], random: Random) -> Step:
    """A name stands for the page of that name."""
    return _visit(known[step], random) if isinstance(step, str) else step


def _writings(role: Role, known: dict[str, Scene]) -> list[list[Step | str]]:
    """What somebody of the role saves: the actions that lead to it, the last of which saves."""
    logged = Step("Log a call with a customer", "toast", uses={"customer.log.*.outcome": 0}, writes=True)
    of_deal = Step("Log a call about an opportunity", "toast", uses={"deal.log.*.outcome": 0}, writes=True)
    opened = Step("Edit a customer: the form", "text_input", uses={"customer.edit": True})
    fields = {"customer.edit_form.industry": "Machines", "FormSubmitter:customer.edit_form-*": True}
    edited = Step("Edit a customer: save", "toast", uses=fields, writes=True)
    mode = Step("Note on a case: choose", "text_area", uses={"case.box.mode": 1})
    words = {"case.box.text.*": "Called back. 已回电。", "case.box.note": True}
    noted = Step("Note on a case: save", "toast", uses=words, writes=True)
    seller: list[list[Step | str]] = [["A customer", logged], ["An opportunity", of_deal], ["A customer", opened, edited]]
    agent: list[list[Step | str]] = [["A case", mode, noted]]
    by_role = {Role.REP: seller, Role.LEAD: seller, Role.DIRECTOR: seller[:1], Role.AGENT: agent}
    return [writing for writing in by_role.get(role, []) if writing[0] in known]
