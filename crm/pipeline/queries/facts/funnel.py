"""What a funnel counts, added up in SQL: deals by how far they came, by cohort, by how long they stood and how they ended."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Date, Integer, case, cast, func, literal, select

from crm.analytics import funnel
from crm.customers.models import Customer
from crm.database import frame
from crm.office.queries import today
from crm.pipeline.filters import FURTHEST, OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityState, Stage, StageEvent
from crm.pipeline.queries.facts.reading import days_between, month_of, plain, read
from crm.pipeline.queries.listing import ANY
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

OPEN, WON, LOST = OpportunityState.OPEN, OpportunityState.WON, OpportunityState.LOST

FACTS: dict[str, Any] = {
    "owner": Opportunity.owner_id,
    "team": Opportunity.team_id,
    "source": Opportunity.source,
    "product": Opportunity.product_id,
    "pipeline": Opportunity.pipeline_id,
    "region": Customer.region,
    "industry": Customer.industry,
}
"""What deals can be compared by; people, units and products by their ids."""


def deals(session: ScopedSession, where: OpportunityFilter = ANY, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """For crm.analytics.funnel -> opportunity_id, created_on, state, closed_on, amount, and the columns of FACTS asked for."""
    columns = {"opportunity_id": Opportunity.id, "created_on": Opportunity.created_on, "state": Opportunity.state}
    columns |= {"closed_on": Opportunity.closed_on, "amount": Opportunity.amount} | {name: FACTS[name] for name in by}
    query = _with_customer(plain(columns).select_from(Opportunity), by)
    return read(session, query.where(*where.conditions(session)), columns)


def _of_deals(query: Any, session: ScopedSession, where: OpportunityFilter) -> Any:
    joined: Any = query.join(Opportunity, Opportunity.id == StageEvent.opportunity_id).join(
        Stage, Stage.id == StageEvent.to_stage_id
    )
    return through_parent(joined.where(*where.conditions(session)), StageEvent)


def _with_customer(query: Any, by: tuple[str, ...]) -> Any:
    wanted = {"region", "industry"} & set(by)
    return query.outerjoin(Customer, Customer.id == Opportunity.customer_id) if wanted else query


def events(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.funnel.stays -> opportunity_id, at, position, state; in order. Events of removed stages are left out."""
    columns = {"opportunity_id": StageEvent.opportunity_id, "at": StageEvent.at, "position": Stage.position}
    columns |= {"state": StageEvent.state}
    query = _of_deals(plain(columns).select_from(StageEvent), session, where)
    return read(session, query.order_by(StageEvent.opportunity_id, StageEvent.at, StageEvent.id), columns)


def funnel_counts(session: ScopedSession, where: OpportunityFilter = ANY, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """For crm.analytics.funnel.funnel_of -> the columns of FACTS asked for, state, reached, deals."""
    columns = [*(FACTS[name].label(name) for name in by), Opportunity.state.label("state"), FURTHEST.label("reached")]
    query = _with_customer(select(Opportunity.id, *columns).select_from(Opportunity), by)
    deal = query.where(*where.conditions(session)).subquery()
    keys = [deal.c[name] for name in (*by, "state", "reached")]
    counted: Any = select(*keys, func.count().label("deals")).select_from(deal).group_by(*keys)
    return frame(session, through_parent(counted, StageEvent))


def segment_sizes(session: ScopedSession, by: str, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """-> the column of FACTS asked for, deals; most deals first."""
    count = func.count(Opportunity.id)
    query = _with_customer(select(FACTS[by].label(by), count.label("deals")).select_from(Opportunity), (by,))
    return frame(session, query.where(*where.conditions(session)).group_by(FACTS[by]).order_by(count.desc(), FACTS[by]))


def cohort_counts(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.funnel.cohorts_of, by month of creation -> cohort, state, deals."""
    month = month_of(Opportunity.created_on).label("cohort")
    query = select(month, Opportunity.state.label("state"), func.count(Opportunity.id).label("deals")).select_from(Opportunity)
    query = query.where(*where.conditions(session)).group_by(month, Opportunity.state).order_by(month, Opportunity.state)
    found = frame(session, query)
    return found.assign(cohort=pd.to_datetime(found["cohort"], format="%Y-%m"))


def stay_counts(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """What crm.analytics.funnel.stays finds, in whole days, for time_in_stage: one row a stay -> position, days, ended, end."""
    event = StageEvent
    keys = (event.from_stage_id.label("stage_id"), event.to_stage_id.label("next_id"), event.state.label("next_state"))
    query: Any = select(*keys, event.stayed_days.label("days"), func.count(event.id).label("stays"))
    left = query.join(Opportunity, Opportunity.id == event.opportunity_id).where(event.stayed_days.is_not(None))
    groups = (event.from_stage_id, event.to_stage_id, event.state, event.stayed_days)
    ended = frame(session, through_parent(left.where(*where.conditions(session)).group_by(*groups), event))
    here = select(Opportunity.stage_id, Opportunity.stage_since, func.count(Opportunity.id).label("stays"))
    here = here.where(Opportunity.state == OPEN, *where.conditions(session)).group_by(
        Opportunity.stage_id, Opportunity.stage_since
    )
    there = frame(session, here)
    days = (pd.Timestamp(today(session)) - pd.to_datetime(there["stage_since"])).dt.days
    still = there.drop(columns="stage_since").assign(days=days, next_id=None, next_state=None)
    return _stays(session, pd.concat([one for one in (ended, still) if len(one)] or [ended], ignore_index=True))


def _stays(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    rows: Any = session.execute(select(Stage.id, Stage.position)).all()
    positions = dict(rows)
    position, onward = (found[name].map(positions) for name in ("stage_id", "next_id"))
    moved = pd.Series("back", index=found.index).mask(onward > position, "forward")
    ended = found["next_state"].notna()
    end = found["next_state"].where(found["next_state"].isin([WON, LOST]), moved).where(ended, "")
    told = pd.DataFrame({"position": position, "days": found["days"].astype("float64").clip(lower=0), "ended": ended, "end": end})
    known = told.assign(stays=found["stays"])[position.notna()].astype({"position": "int64"})
    return known.loc[known.index.repeat(known["stays"])].drop(columns="stays").reset_index(drop=True)


def outcome_counts(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.funnel.outcomes: one row a deal -> days (from creation to its end, or to today), state."""
    day = literal(today(session), Date)
    days = cast(days_between(Opportunity.created_on, func.coalesce(Opportunity.closed_on, day)), Integer).label("days")
    query = select(days, Opportunity.state.label("state"), func.count(Opportunity.id).label("deals")).select_from(Opportunity)
    found = frame(session, query.where(*where.conditions(session)).group_by(days, Opportunity.state))
    told = found.loc[found.index.repeat(found["deals"]), ["days", "state"]].reset_index(drop=True)
    return told.assign(days=told["days"].astype("float64").clip(lower=0))


def win_rates(session: ScopedSession, by: str = "owner", where: OpportunityFilter = ANY) -> pd.DataFrame:
    """By rep, unit or another column of FACTS -> key, name, won, lost, open, win_rate (won / decided), low, high, won_amount,
    average_deal, days_to_win, velocity; most won first."""
    won = Opportunity.state == WON
    sums = {state.value: func.sum(case((Opportunity.state == state, 1), else_=0)) for state in (WON, LOST, OPEN)}
    days = func.sum(case((won, days_between(Opportunity.created_on, Opportunity.closed_on)), else_=0))
    columns = [FACTS[by].label("key"), *(count.label(name) for name, count in sums.items()), days.label("days_to_win")]
    query = _with_customer(select(*columns, _won_amount().label("won_amount")).select_from(Opportunity), (by,))
    found = frame(session, query.where(*where.conditions(session)).group_by(FACTS[by]))
    numbers = {name: found[name].astype("float64").fillna(0) for name in ("days_to_win", "won_amount")}
    rates = funnel.rates_of(found.assign(**numbers, **{name: found[name].astype("int64") for name in sums}))
    kinds: dict[str, Any] = {"owner": User, "team": OrgUnit}
    rows: Any = session.execute(select(kinds[by].id, kinds[by].name)).all() if by in kinds else []
    names = dict(rows)
    return rates.assign(name=[names.get(key, key) for key in rates["key"]]).sort_values(
        ["won_amount", "won"], ascending=False, ignore_index=True
    )


def _won_amount() -> Any:
    return func.sum(Opportunity.amount).filter(Opportunity.state == WON)


def loss_reasons(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """Lost deals, most frequent reason first -> reason (empty = nobody said), deals, amount."""
    return _lost(session, Opportunity.close_reason.label("reason"), where)


def lost_to(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """Lost deals by who won them -> competitor, deals, amount."""
    return _lost(session, Opportunity.lost_to.label("competitor"), where)


def _lost(session: ScopedSession, key: Any, where: OpportunityFilter) -> pd.DataFrame:
    query = select(key, func.count(Opportunity.id).label("deals"), func.sum(Opportunity.amount).label("amount"))
    lost = query.where(Opportunity.state == OpportunityState.LOST, *where.conditions(session))
    return frame(session, lost.group_by(key).order_by(func.count(Opportunity.id).desc()))
