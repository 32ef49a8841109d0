"""How a case goes, drawn with known rates: knows no database. A walk through working hours, written down step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from statistics import NormalDist

from crm.analytics.working_time import WorkingTime
from crm.demo.people import DESK, FIELD, PARTS, Member
from crm.support.models import CaseState, Happening

WITHIN = {DESK: 0.87, FIELD: 0.72, PARTS: 0.8}
"""Share of the cases that each desk solves within what was promised."""
ANSWERED_WITHIN = 0.9
SPREAD = 0.8
"""Of the logarithm of the time that a solution takes."""
HOUR = 3600.0
_ASK, _THIRD, _NOTICE = 4 * HOUR, 20 * HOUR, 10 * HOUR
"""Working seconds in the middle: until the customer answers, until a part comes, until a fault comes back."""
_CLOSED_AFTER = 22.5 * HOUR
_NEW, _GOING, _SOLVED = CaseState.NEW.value, CaseState.IN_PROGRESS.value, CaseState.SOLVED.value
_ASKED, _PART = CaseState.WAITING_CUSTOMER.value, CaseState.WAITING_THIRD.value


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised, in seconds of a calendar."""

    calendar: str
    first: float
    resolution: float


@dataclass(frozen=True, slots=True)
class Hours:
    office: str
    laid: Mapping[str, WorkingTime]

    def after(self, at: float, seconds: float, calendar: str) -> float:
        return float(self.laid[calendar].after([at], [seconds])[0])

    def before(self, at: float, seconds: float, calendar: str) -> float:
        """The moment from which so much is used at `at`."""
        working = self.laid[calendar]
        return float(working.after([working.first], [float(working.since_start([at])[0]) - seconds])[0])


@dataclass(frozen=True, slots=True)
class Step:
    at: float
    what: str
    state: str
    priority: str
    owner: Member | None
    team_id: int
    by: Member
    note: str | None = None
    """The list of texts that it is taken from."""


@dataclass(frozen=True, slots=True)
class Said:
    at: float
    text: str
    """The list of texts that it is taken from."""
    public: bool
    by_customer: bool
    by: Member


@dataclass(slots=True)
class Plan:
    """What will happen on the way, and how much time it takes."""

    opened_at: float
    terms: Terms
    used: float
    owner: Member
    priority: str
    taken: bool = True
    """Somebody took it who did not open it."""
    first_owner: Member | None = None
    first_priority: str | None = None
    first_terms: Terms | None = None
    actions: list[str] = field(default_factory=list)
    again: bool = False
    thanked: bool = False
    ends: str = _SOLVED
    """The state in which it stands in the end."""
    answered: bool = True


@dataclass(slots=True)
class Course:
    steps: list[Step] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)


def draw_used(random: Random, target: float, within: float) -> float:
    """Working seconds, so that a share of `within` keeps the target."""
    return target * math.exp(SPREAD * (random.gauss(0, 1) - NormalDist().inv_cdf(within)))


class Walk:
    """Where the case stands now."""

    def __init__(self, plan: Plan, hours: Hours, random: Random) -> None:
        self.plan, self.hours, self.random, self.course = plan, hours, random, Course()
        self.at, self.state = plan.opened_at, _NEW
        self.priority, self.terms = plan.first_priority or plan.priority, plan.first_terms or plan.terms
        self.hand: Member = plan.first_owner or plan.owner
        self.owner: Member | None = None if plan.taken else self.hand
        self.left = plan.used

    def go(self) -> Course:
        self._note(Happening.OPENED)
        if not self.plan.answered:
            return self.course
        self._answer()
        shares = sorted(self.random.random() for _ in self.plan.actions)
        whole = self.left * (0.7 if self.plan.again else 1.0)
        done = 0.0
        for share, action in zip(shares, self.plan.actions, strict=True):
            self._work(whole * (share - done))
            done = share
            getattr(self, f"_{action}")()
        self._work(whole * (1 - done))
        if self.plan.ends == _SOLVED:
            self._solve()
        else:
            self._stop()
        return self.course

    def _work(self, seconds: float) -> None:
        self.at = self.hours.after(self.at, seconds, self.terms.calendar)
        self.left -= seconds

    def _wait(self, middle: float) -> None:
        self.at = self.hours.after(self.at, middle * math.exp(self.random.gauss(0, 0.7)), self.hours.office)

    def _note(self, what: Happening, note: str | None = None) -> None:
        team_id = (self.owner or self.hand).unit_id
        self.course.steps.append(
            Step(self.at, what.value, self.state, self.priority, self.owner, team_id, self.owner or self.hand, note)
        )

    def _say(self, text: str, *, public: bool = True, by_customer: bool = False) -> None:
        self.course.said.append(Said(self.at, text, public, by_customer, self.owner or self.hand))

    def _move(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._note(Happening.STATE)

    def _answer(self) -> None:
        drawn = draw_used(self.random, self.terms.first, ANSWERED_WITHIN)
        first = min(drawn, self.plan.used * 0.6)
        waited = first * self.random.uniform(0.2, 0.9)
        self._work(waited)
        if self.owner is None:
            self.owner, self.state = self.hand, _GOING
            self._note(Happening.HANDED_OVER)
        self._work(first - waited)
        self._say("answer")
        self._move(_GOING)

    def _internal(self) -> None:
        self._say("internal", public=False)

    def _ask(self) -> None:
        self._say("ask")
        self._move(_ASKED)
        self._wait(_ASK)
        self._say("reply", by_customer=True)
        self._move(_GOING)

    def _third(self) -> None:
        self._move(_PART)
        self._wait(_THIRD)
        self._move(_GOING)

    def _chase(self) -> None:
        self._say("chase", by_customer=True)

    def _news(self) -> None:
        self._say("news")

    def _hand_over(self) -> None:
        self.owner = self.hand = self.plan.owner
        self._note(Happening.HANDED_OVER, "hand_over")

    def _raise(self) -> None:
        self.priority, self.terms = self.plan.priority, self.plan.terms
        self._note(Happening.PRIORITY, "raised")

    def _solve(self) -> None:
        self._say("done")
        self._move(_SOLVED)
        if self.plan.again:
            self._wait(_NOTICE)
            self._say("again", by_customer=True)
            self.state = _GOING
            self._note(Happening.REOPENED)
            self._work(self.left)
            self._say("done")
            self._move(_SOLVED)
        solved_at = self.at
        if self.plan.thanked:
            self._wait(_ASK)
            self._say("thanks", by_customer=True)
        self.at = max(self.at, self.hours.after(solved_at, _CLOSED_AFTER, self.hours.office))
        self._move(CaseState.CLOSED.value)

    def _stop(self) -> None:
        if self.plan.ends == _ASKED:
            self._say("ask")
        self._move(self.plan.ends)


def course(plan: Plan, hours: Hours, random: Random, end: float) -> Course:
    """As far as one knows at `end`."""
    found = Walk(plan, hours, random).go()
    return Course([one for one in found.steps if one.at <= end], [one for one in found.said if one.at <= end])
