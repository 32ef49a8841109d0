"""What stands above and below the line of the figures of the ledger, for several periods with one statement each."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import Float, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from crm.customers.models import Customer, LifeCycle, ScoreSnapshot
from crm.database import MONEY_SCALE, Instant
from crm.marketing.models import Lead
from crm.office.queries import today
from crm.pipeline.models import Expense, Opportunity, OpportunityState
from crm.session import ScopedSession, through_parent
from crm.support.filters import beginning
from crm.support.models import FeedbackInvitation, SurveyAnswer
from crm.targets.queries.ledger_rows import campaigns, spent_on_each
from crm.targets.queries.value import kept_day

Span = tuple[dt.date, dt.date]
ONE = dt.timedelta(1)
ALIVE = (LifeCycle.ACTIVE, LifeCycle.DORMANT)


class Sums:
    """Of a board, as far as the session sees; every answer in the order of the periods."""

    def __init__(self, session: ScopedSession, board_id: int, spans: tuple[Span, ...]) -> None:
        self.session, self.board_id, self.spans = session, board_id, spans
        self.whole = min(since for since, _ in spans), max(until for _, until in spans)
        self.kept: list[tuple[dt.date, dt.date | None]] = []
        """Days asked for -> the last day up to each on which scores were kept."""

    def of_campaigns(self) -> list[float]:
        """What they cost."""
        known, day = campaigns(self.session, self.board_id, *self.whole), today(self.session)
        return [sum(spent_on_each(known, day, *span)) for span in self.spans]

    def of_sales(self) -> list[float]:
        """What they cost."""
        query = select().join(Opportunity, Opportunity.id == Expense.opportunity_id)
        query = query.where(Opportunity.board_id == self.board_id)
        return [one[0] for one in self._summed(query, Expense.spent_on, func.sum(Expense.amount), parts=(Expense,))]

    def new_customers(self) -> list[float]:
        found = self._summed(select().where(Customer.board_id == self.board_id), Customer.first_order_on, func.count())
        return [one[0] for one in found]

    def decided(self) -> list[list[float]]:
        """Won, and all that were decided."""
        query = select().where(Opportunity.board_id == self.board_id, Opportunity.state != OpportunityState.OPEN)
        won = case((Opportunity.state == OpportunityState.WON, 1), else_=0)
        return self._summed(query, Opportunity.closed_on, func.sum(won), func.count())

    def won_through_campaigns(self) -> list[float]:
        """Won deals that name a campaign, or whose lead does."""
        led = select(Lead.id).where(Lead.campaign_id.is_not(None))
        query = select().where(Opportunity.board_id == self.board_id, Opportunity.state == OpportunityState.WON)
        query = query.where(or_(Opportunity.campaign_id.is_not(None), Opportunity.lead_id.in_(led)))
        return [one[0] for one in self._summed(query, Opportunity.closed_on, func.sum(Opportunity.amount))]

    def marks(self) -> list[list[float]]:
        """Their sum, that of their squares, their number."""
        asked, mark = FeedbackInvitation, SurveyAnswer.csat
        query = select().select_from(SurveyAnswer).join(asked, asked.id == SurveyAnswer.invitation_id)
        query = query.join(Customer, Customer.id == asked.customer_id).where(Customer.board_id == self.board_id)
        sums = func.sum(mark), func.sum(mark * mark), func.count()
        return self._summed(query, SurveyAnswer.at, *sums, parts=(SurveyAnswer, asked))

    def _summed(self, query: Any, day: Any, *sums: Any, parts: tuple[Any, ...] = ()) -> list[list[float]]:
        """Of each period the sums (0 where there is none), by the day of each row: read by day, since periods overlap."""
        by_day = func.date(day) if isinstance(day.type, Instant) else day
        query = query.add_columns(by_day, *sums).where(_within(day, self.whole)).group_by(by_day)
        found = self.session.execute(through_parent(query, *parts)).all()
        days = np.array([row[0] for row in found], dtype="datetime64[D]")
        rows = np.array([[float(one or 0) for one in row[1:]] for row in found]).reshape(len(found), len(sums))
        within = [(days >= np.datetime64(since, "D")) & (days <= np.datetime64(until, "D")) for since, until in self.spans]
        return [rows[inside].sum(axis=0).round(4).tolist() for inside in within]

    # ---------------------------------------------------------------------------------- by the scores of a day

    def worth(self) -> list[tuple[float, float, float]]:
        """By the scores kept last in the period: lifetime values, their squares, customers."""
        sums = cache(self._worth)
        days = [(since, self._kept(until)) for since, until in self.spans]
        return [sums(day) if day is not None and day >= since else (0.0, 0.0, 0.0) for since, day in days]

    def _worth(self, day: dt.date) -> tuple[float, float, float]:
        value = cast(ScoreSnapshot.lifetime_value, Float) / float(MONEY_SCALE)
        query: Any = select(func.sum(value), func.sum(value * value), func.count(ScoreSnapshot.id)).select_from(ScoreSnapshot)
        query = query.join(Customer, Customer.id == ScoreSnapshot.customer_id).where(ScoreSnapshot.board_id == self.board_id)
        query = query.where(ScoreSnapshot.as_of == day, ScoreSnapshot.lifetime_value.is_not(None))
        total, squares, count = self.session.execute(through_parent(query, ScoreSnapshot)).one()
        return float(total or 0), float(squares or 0), float(count)

    def lost(self) -> list[tuple[float, float]]:
        """Of those not lost by the scores before the period: lost at its end, and all."""
        sums = cache(self._lost)
        days = [(since, self._kept(since - ONE), self._kept(until)) for since, until in self.spans]
        return [sums(one, two) if one and two and two >= since else (0.0, 0.0) for since, one, two in days]

    def _lost(self, before: dt.date, after: dt.date) -> tuple[float, float]:
        """Who was never a customer before cannot be lost."""
        old, new = aliased(ScoreSnapshot), aliased(ScoreSnapshot)
        lost = func.sum(case((new.life_cycle == LifeCycle.LOST, 1), else_=0))
        query: Any = select(lost, func.count(old.id)).select_from(old).join(Customer, Customer.id == old.customer_id)
        query = query.outerjoin(new, (new.customer_id == old.customer_id) & (new.as_of == after))
        query = query.where(old.board_id == self.board_id, old.as_of == before, old.life_cycle.in_(ALIVE))
        above, below = self.session.execute(through_parent(query, ScoreSnapshot)).one()
        return float(above or 0), float(below)

    def _kept(self, day: dt.date) -> dt.date | None:
        """No day from one on which they were kept up to the one asked for has another answer."""
        for asked, found in self.kept:
            if day <= asked and (found is None or found <= day):
                return found
        self.kept.append((day, kept_day(self.session, self.board_id, day)))
        return self.kept[-1][1]


def _within(day: Any, span: Span) -> Any:
    since, until = span
    if isinstance(day.type, Instant):
        return and_(day >= beginning(since), day < beginning(until + ONE))
    return and_(day >= since, day <= until)


__all__ = ["Span", "Sums"]
