"""What a director keeps an eye on beside the targets: the promises of the service, what may be lost, what waits for somebody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select

from crm.access import Reach
from crm.contracts.queries import receivable_totals
from crm.customers.models import Customer, CustomerScore
from crm.customers.queries import attention
from crm.office.queries import today
from crm.pipeline.filters import rotting
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit
from crm.support.filters import beginning
from crm.support.models import OPEN, Case, CaseKind
from crm.targets.models import PeriodKind
from crm.targets.periods import first_day, last_day
from crm.targets.queries.discipline import breakers

LOOKED_BACK = 90
"""Days of the service that are told of, beside as many before them."""


@dataclass(frozen=True)
class Watch:
    """Of a board, as far as the session sees; None where it sees nothing of the area."""

    service_from: dt.date
    decided: int | None
    """Cases opened since then, solved, to which something was promised."""
    kept: int
    """Of them those that were in time."""
    decided_before: int
    kept_before: int
    open_cases: int
    open_complaints: int
    at_risk: float
    """Of the lifetime value of all customers, what is lost with the chance that they have stopped."""
    risky: int
    """Customers of whom anything is."""
    worth: float
    """Their lifetime value in all."""
    waiting: dict[str, tuple[int, float]]
    """What waits for somebody -> how many, and the money of it (0 where it is none): valuable_silent, orphaned, overdue,
    rotting, receivable, complaints"""

    people: int
    """Whom the policy is for, and those of them who broke a rule in this month."""
    broke: int

    @property
    def in_time(self) -> float | None:
        return self.kept / self.decided if self.decided else None

    @property
    def in_time_before(self) -> float | None:
        return self.kept_before / self.decided_before if self.decided_before else None


def watch(session: ScopedSession, board_id: int, unit_id: int | None = None) -> Watch:
    """`unit_id`: whose discipline is asked for, where it is not the whole board's."""
    day = today(session)
    since = day - dt.timedelta(LOOKED_BACK - 1)
    at_risk, risky, worth = _risk(session, board_id)
    month = first_day(PeriodKind.MONTH, day)
    people, broke = breakers(session, month, last_day(PeriodKind.MONTH, month), unit_id or board_id)
    service = _service(session, board_id, since)
    return Watch(
        since,
        *service,
        at_risk=at_risk,
        risky=risky,
        worth=worth,
        people=people,
        broke=broke,
        waiting=_waiting(session, board_id, day) | {"complaints": (service[-1], 0.0)},
    )


def _service(session: ScopedSession, board_id: int, since: dt.date) -> tuple[int | None, int, int, int, int, int]:
    """-> decided and kept in the days looked at, and in those before; open, and open complaints."""
    if session.actor.grant("support").see is Reach.NOTHING:
        return None, 0, 0, 0, 0, 0
    first, middle = beginning(since - dt.timedelta(LOOKED_BACK)), beginning(since)
    known = Case.made_sla.is_not(None)
    late, early = Case.opened_at >= middle, Case.opened_at < middle
    asked = [and_(known, late), and_(Case.made_sla.is_(True), late), and_(known, early), and_(Case.made_sla.is_(True), early)]
    query = select(*map(_count, asked)).where(Case.board_id == board_id, Case.opened_at >= first)
    opened = select(func.count(Case.id), _count(Case.kind == CaseKind.COMPLAINT))
    opened = opened.where(Case.board_id == board_id, Case.state.in_(OPEN))
    told = [int(one or 0) for one in (*session.execute(query).one(), *session.execute(opened).one())]
    return told[0], told[1], told[2], told[3], told[4], told[5]


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _risk(session: ScopedSession, board_id: int) -> tuple[float, int, float]:
    risk = CustomerScore.value_at_risk
    query: Any = select(func.sum(risk), _count(risk > 0), func.sum(CustomerScore.lifetime_value))
    query = query.join(Customer, Customer.id == CustomerScore.customer_id).where(Customer.board_id == board_id)
    lost, count, worth = session.execute(through_parent(query, CustomerScore)).one()
    return float(lost or 0), int(count or 0), float(worth or 0)


def _waiting(session: ScopedSession, board_id: int, day: dt.date) -> dict[str, tuple[int, float]]:
    found = {name: (count, 0.0) for name, count in attention(session, today=day, board_id=board_id).items()}
    silent: Any = select(func.count(Opportunity.id), func.sum(Opportunity.amount))
    count, amount = session.execute(silent.where(Opportunity.board_id == board_id, rotting(session))).one()
    found["rotting"] = int(count), float(amount or 0)
    if session.actor.grant("contracts").see is not Reach.NOTHING:
        currency = session.scalar(select(OrgUnit.currency).where(OrgUnit.id == board_id))
        owed = receivable_totals(session, day, board_id)["overdue"].get(currency, 0.0)
        found["receivable"] = (1 if owed else 0), owed
    return found


__all__ = ["LOOKED_BACK", "Watch", "watch"]
