"""The rows behind the figures of the ledger: each with what it adds above and below the line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum

import pandas as pd
from sqlalchemy import case, literal, or_, select

from crm.customers.models import Customer, LifeCycle, ScoreSnapshot
from crm.database import frame
from crm.marketing.models import Campaign, Lead
from crm.office.queries import today
from crm.pipeline.models import Expense, Opportunity, OpportunityState
from crm.session import ScopedSession, through_parent
from crm.support.filters import beginning
from crm.support.models import FeedbackInvitation, SurveyAnswer
from crm.targets.queries.value import kept_day


class Metric(StrEnum):
    CAC = "cac"
    CLV = "clv"
    CONVERSION = "conversion"
    SATISFACTION = "satisfaction"
    CHURN = "churn"
    MROI = "mroi"


def ledger_rows(session: ScopedSession, metric: str, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """-> what (campaign, expense, customer, opportunity, answer), id, title, day, part (numerator, denominator, both), value,
    weight: the values add up to the numerator, the weights to the denominator."""
    return _ROWS[Metric(metric)](session, board_id, since, until)


def _campaign_costs(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    return spent(campaigns(session, board_id, since, until), today(session), since, until)


def campaigns(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Those of a period that cost something -> id, title, starts_on, ends_on, cost."""
    query = select(Campaign.id, Campaign.name.label("title"), Campaign.starts_on, Campaign.ends_on, Campaign.cost)
    query = query.where(Campaign.board_id == board_id, Campaign.cost.is_not(None), Campaign.starts_on <= until)
    return frame(session, query.where(or_(Campaign.ends_on.is_(None), Campaign.ends_on >= since)).order_by(Campaign.id))


def spent(found: pd.DataFrame, day: dt.date, since: dt.date, until: dt.date) -> pd.DataFrame:
    """What was spent on campaigns, by the days of each that lie in the period; one without an end runs until today."""
    values = pd.Series(spent_on_each(found, day, since, until), index=found.index, dtype="float64")
    told = found.assign(value=values, day=found["starts_on"], what="campaign")
    return told.loc[told["value"] > 0, ["id", "title", "day", "value", "what"]]


def spent_on_each(found: pd.DataFrame, day: dt.date, since: dt.date, until: dt.date) -> list[float]:
    """The values of `spent`, 0 for a campaign none of whose days lies in the period."""
    values = []
    for start, end, cost in zip(found["starts_on"], found["ends_on"], found["cost"], strict=True):
        last = max(end if isinstance(end, dt.date) else max(day, start), start)
        inside = (min(last, until) - max(start, since)).days + 1
        values.append(round(float(cost) * max(inside, 0) / ((last - start).days + 1), 4))
    return values


def _expenses(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    query = select(Expense.id, Expense.description.label("title"), Expense.spent_on.label("day"), Expense.amount.label("value"))
    query = query.join(Opportunity, Opportunity.id == Expense.opportunity_id).where(Opportunity.board_id == board_id)
    found = frame(session, through_parent(query.where(Expense.spent_on >= since, Expense.spent_on <= until), Expense))
    return found.assign(value=found["value"].astype("float64"), what="expense")


def cost_rows(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """-> what (campaign, expense), id, title, day, part, value, weight: the costs above the line of the CAC."""
    return _told([_costs(session, board_id, since, until)])


def _costs(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    parts = [part(session, board_id, since, until) for part in (_campaign_costs, _expenses)]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).assign(part="numerator", weight=0.0)


def _of_cac(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    costs = _costs(session, board_id, since, until)
    query = select(Customer.id, Customer.name.label("title"), Customer.first_order_on.label("day"))
    query = query.where(Customer.board_id == board_id, Customer.first_order_on >= since, Customer.first_order_on <= until)
    new = frame(session, query).assign(value=0.0, what="customer", part="denominator", weight=1.0)
    return _told([costs, new])


def _of_mroi(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Won deals that name a campaign, or whose lead does."""
    costs = _campaign_costs(session, board_id, since, until)
    spent = costs.assign(part="both", weight=costs["value"], value=-costs["value"])
    led = select(Lead.id).where(Lead.campaign_id.is_not(None))
    query = select(
        Opportunity.id, Opportunity.name.label("title"), Opportunity.closed_on.label("day"), Opportunity.amount.label("value")
    )
    query = query.where(Opportunity.board_id == board_id, Opportunity.state == OpportunityState.WON)
    query = query.where(Opportunity.closed_on >= since, Opportunity.closed_on <= until)
    won = frame(session, query.where(or_(Opportunity.campaign_id.is_not(None), Opportunity.lead_id.in_(led))))
    return _told([spent, won.assign(part="numerator", weight=0.0, what="opportunity")])


def _of_conversion(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    won = case((Opportunity.state == OpportunityState.WON, 1.0), else_=0.0)
    query = select(Opportunity.id, Opportunity.name.label("title"), Opportunity.closed_on.label("day"), won.label("value"))
    query = query.where(Opportunity.board_id == board_id, Opportunity.state != OpportunityState.OPEN)
    found = frame(session, query.where(Opportunity.closed_on >= since, Opportunity.closed_on <= until))
    return _told([found.assign(part="both", weight=1.0, what="opportunity")])


def _of_satisfaction(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    asked = FeedbackInvitation
    query = select(SurveyAnswer.id, Customer.name.label("title"), SurveyAnswer.at.label("day"), SurveyAnswer.csat.label("value"))
    query = query.join(asked, asked.id == SurveyAnswer.invitation_id).join(Customer, Customer.id == asked.customer_id)
    query = query.where(Customer.board_id == board_id, SurveyAnswer.at >= beginning(since))
    query = query.where(SurveyAnswer.at < beginning(until + dt.timedelta(1)))
    found = frame(session, through_parent(query, SurveyAnswer))
    return _told([found.assign(day=found["day"].dt.date, part="both", weight=1.0, what="answer")])


def _of_clv(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    day = kept_day(session, board_id, until)
    worth = ScoreSnapshot.lifetime_value
    query = select(ScoreSnapshot.customer_id.label("id"), Customer.name.label("title"), ScoreSnapshot.as_of.label("day"))
    query = query.add_columns(worth.label("value")).join(Customer, Customer.id == ScoreSnapshot.customer_id)
    query = query.where(ScoreSnapshot.board_id == board_id, ScoreSnapshot.as_of == day, worth.is_not(None))
    query = query if day is not None and day >= since else query.where(literal(False))
    found = frame(session, through_parent(query, ScoreSnapshot))
    return _told([found.assign(part="both", weight=1.0, what="customer")])


def _of_churn(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """By the life cycle that was kept with the scores; who was never a customer before cannot be lost."""
    days = kept_day(session, board_id, since - dt.timedelta(1)), kept_day(session, board_id, until)
    known = days[0] is not None and days[1] is not None and days[1] >= since
    before, after = (_states(session, board_id, day if known else None) for day in days)
    here = before[before["state"].isin([LifeCycle.ACTIVE, LifeCycle.DORMANT])].set_index("id")
    now = after.set_index("id")["state"].reindex(here.index)
    lost = (now == LifeCycle.LOST).astype("float64")
    told = here.reset_index()[["id", "title"]].assign(day=days[1], value=lost.to_numpy())
    return _told([told.assign(part="both", weight=1.0, what="customer")])


def _states(session: ScopedSession, board_id: int, day: dt.date | None) -> pd.DataFrame:
    query = select(ScoreSnapshot.customer_id.label("id"), Customer.name.label("title"), ScoreSnapshot.life_cycle.label("state"))
    query = query.join(Customer, Customer.id == ScoreSnapshot.customer_id)
    query = query.where(ScoreSnapshot.board_id == board_id, ScoreSnapshot.as_of == day)
    return frame(session, through_parent(query, ScoreSnapshot))


def _told(parts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["what", "id", "title", "day", "part", "value", "weight"]
    whole = pd.concat([part[columns].astype({"value": "float64", "weight": "float64"}) for part in parts], ignore_index=True)
    return whole.assign(value=whole["value"].astype("float64"), weight=whole["weight"].astype("float64"))


_ROWS: dict[Metric, Callable[[ScopedSession, int, dt.date, dt.date], pd.DataFrame]] = {
    Metric.CAC: _of_cac,
    Metric.CLV: _of_clv,
    Metric.CONVERSION: _of_conversion,
    Metric.SATISFACTION: _of_satisfaction,
    Metric.CHURN: _of_churn,
    Metric.MROI: _of_mroi,
}
