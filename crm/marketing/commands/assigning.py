"""Give leads to people: by hand, or by whose turn it is."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import StringConstraints

from crm.customers.commands.details import board_of
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid
from crm.marketing.commands.entries import open_entry, take_out
from crm.marketing.commands.leads import able_taker, move
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadState, PoolMove
from crm.marketing.pooling import AssignmentWay
from crm.marketing.queries.people import last_given, open_leads, takers
from crm.marketing.queries.settings import pool_rules
from crm.office.queries import today
from crm.session import ScopedSession, get

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class LeadAssignment(Input):
    way: AssignmentWay = AssignmentWay.BY_HAND
    owner_id: int | None = None
    """By hand: to whom."""
    unit_id: int | None = None
    """Else: among whom; empty = among those of the lead's unit and below it."""
    reason: Why | None = None


class Turns:
    """Whose turn it is, while several are given out."""

    def __init__(self, session: ScopedSession, way: str) -> None:
        self._session, self._way = session, way
        self._people: dict[int, list[int]] = {}
        self._load: Counter[int] = Counter()
        self._last: dict[int, int] = {}

    def next(self, unit_id: int) -> int:
        """Equal ones in the order in which they came to the firm."""
        if unit_id not in self._people:
            self._ask(unit_id)
        people = self._people[unit_id]
        if not people:
            raise Invalid(
                "Nobody of this unit can be given leads today: all are frozen, have left or are absent.", field="unit_id"
            )
        if self._way == AssignmentWay.ROUND_ROBIN:
            chosen = min(people, key=lambda one: (self._last.get(one, 0), one))
        else:
            chosen = min(people, key=lambda one: (self._load[one], self._last.get(one, 0), one))
        self._last[chosen] = max([0, *self._last.values()]) + 1
        self._load[chosen] += 1
        return chosen

    def _ask(self, unit_id: int) -> None:
        people = list(takers(self._session, unit_id, today(self._session)))
        new = [one for one in people if one not in self._last and one not in self._load]
        self._people[unit_id] = people
        self._last |= last_given(self._session, new)
        self._load.update(open_leads(self._session, new))


def assign_leads(session: ScopedSession, ids: list[int], to: LeadAssignment) -> int:
    """Give leads to a person, or to those whose turn it is -> how many really moved. Frozen, left and absent people get none by
    turn; by hand an absent one may, who is active."""
    session.actor.must("assign", "marketing")
    if to.way == AssignmentWay.BY_HAND and to.owner_id is None:
        raise Invalid("Choose to whom.", field="owner_id")
    turns, moved = Turns(session, to.way), 0
    for lead_id in ids:
        lead = get(session, Lead, lead_id)
        if lead.state not in OPEN:
            raise Invalid("{name} is closed: take it up again first.", name=lead.name)
        by_hand = to.way == AssignmentWay.BY_HAND and to.owner_id is not None
        owner_id = to.owner_id if by_hand and to.owner_id is not None else turns.next(to.unit_id or lead.team_id)
        moved += hand(session, lead, owner_id, to.reason or str(to.way))
    return moved


def assign_by_rule(session: ScopedSession, ids: list[int]) -> int:
    """New leads of nobody by the way that their board has chosen; those of boards that assign by hand wait."""
    session.actor.must("assign", "marketing")
    moved = 0
    turns: dict[str, Turns] = {}
    for lead_id in ids:
        lead = get(session, Lead, lead_id)
        way = pool_rules(session, lead.board_id).assignment
        if lead.owner_id is not None or lead.state not in OPEN or way == AssignmentWay.BY_HAND:
            continue
        owner_id = turns.setdefault(way, Turns(session, way)).next(lead.team_id)
        moved += hand(session, lead, owner_id, str(way))
    return moved


def hand(session: ScopedSession, lead: Lead, owner_id: int, reason: str) -> int:
    """-> 1, or 0 where he has it already. It leaves the pool it lay in."""
    owner = able_taker(session, owner_id)
    if lead.owner_id == owner.id:
        return 0
    board_id, entry = board_of(session, owner.unit_id).id, open_entry(session, lead)
    move(session, lead, LeadState.ASSIGNED, owner.id, reason)
    lead.team_id, lead.board_id, lead.assigned_at = owner.unit_id, board_id, now()
    session.flush()
    if entry is not None:
        take_out(session, entry, PoolMove.ASSIGNED, "{name} was assigned to {owner}.", to_id=owner.id, owner=owner.name)
    return 1
