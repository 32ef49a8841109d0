"""The facts that `crm.analytics` counts: deals, events, snapshots, as I may see them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Date, String, and_, func, select, type_coerce

from crm.analytics import funnel
from crm.customers.models import Customer
from crm.database import MONEY_SCALE, Instant, Money, frame
from crm.office.models import Activity
from crm.office.queries import today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityChange, OpportunityState, Stage, StageEvent
from crm.pipeline.queries.listing import ANY, CHANCE
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

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
    query = _plain(columns).select_from(Opportunity)
    if {"region", "industry"} & set(by):
        query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id)
    return _read(session, query.where(*where.conditions(session)), columns)


def events(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.funnel.stays -> opportunity_id, at, position, state; in order. Events of removed stages are left out."""
    columns = {"opportunity_id": StageEvent.opportunity_id, "at": StageEvent.at, "position": Stage.position}
    columns |= {"state": StageEvent.state}
    query = _of_deals(_plain(columns).select_from(StageEvent), session, where)
    return _read(session, query.order_by(StageEvent.opportunity_id, StageEvent.at, StageEvent.id), columns)


def furthest_events(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.funnel.funnel, which asks no more than this: one row a deal -> opportunity_id, at (empty), position
    (the furthest), state (as it is)."""
    columns = (StageEvent.opportunity_id, func.max(Stage.position).label("position"), Opportunity.state)
    query = _of_deals(select(*columns), session, where)
    return frame(session, query.group_by(StageEvent.opportunity_id, Opportunity.state)).assign(at="")


def funnel_facts(
    session: ScopedSession, where: OpportunityFilter = ANY, by: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The deals and events that crm.analytics.funnel.funnel and compare ask for, counted in SQL: quick for very many ->
    opportunity_id (a running number), created_on (today), state, and the columns of FACTS asked for; and
    opportunity_id, at (empty), position (the furthest), state."""
    columns = (Opportunity.state, *(FACTS[name].label(name) for name in by), func.max(Stage.position).label("position"))
    query = _of_deals(select(Opportunity.id, *columns).select_from(StageEvent), session, where)
    if {"region", "industry"} & set(by):
        query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id)
    deal = query.group_by(Opportunity.id, Opportunity.state, *(FACTS[name] for name in by)).subquery()
    keys = [deal.c[name] for name in ("state", *by, "position")]
    counted: Any = select(*keys, func.count().label("deals")).select_from(deal).group_by(*keys)
    groups = frame(session, through_parent(counted, StageEvent))
    told = groups.loc[groups.index.repeat(groups["deals"])].reset_index(drop=True)
    told = told.assign(opportunity_id=np.arange(1, len(told) + 1), created_on=pd.Timestamp(today(session)), at="")
    return told[["opportunity_id", "created_on", "state", *by]], told[["opportunity_id", "at", "position", "state"]]


def _plain(columns: dict[str, Any]) -> Any:
    """Very many rows: days and money as the database keeps them, to be read at once by `_read` and not one by one."""
    stored: dict[Any, Any] = {Money: BigInteger, Date: String, Instant: String}
    kinds: dict[str, Any] = {name: stored.get(type(column.type), column.type) for name, column in columns.items()}
    return select(*(type_coerce(column, kinds[name]).label(name) for name, column in columns.items()))


def _read(session: ScopedSession, query: Any, columns: dict[str, Any]) -> pd.DataFrame:
    found = frame(session, query)
    for name, column in columns.items():
        if isinstance(column.type, Money):
            found[name] = found[name].astype("float64") / MONEY_SCALE
        elif isinstance(column.type, Date | Instant):
            found[name] = pd.to_datetime(found[name], utc=isinstance(column.type, Instant), format="ISO8601")
    return found


def _of_deals(query: Any, session: ScopedSession, where: OpportunityFilter) -> Any:
    joined: Any = query.join(Opportunity, Opportunity.id == StageEvent.opportunity_id).join(
        Stage, Stage.id == StageEvent.to_stage_id
    )
    return through_parent(joined.where(*where.conditions(session)), StageEvent)


def open_deals(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """For crm.analytics.forecast -> opportunity_id, name, amount, probability, expected_close_on, forecast_category, stage_id,
    position, owner, state."""
    query = select(
        Opportunity.id.label("opportunity_id"),
        Opportunity.name,
        Opportunity.amount,
        CHANCE.label("probability"),
        Opportunity.expected_close_on,
        Opportunity.forecast_category,
        Opportunity.stage_id,
        Stage.position,
        Opportunity.owner_id.label("owner"),
        Opportunity.state,
    ).join(Stage, Stage.id == Opportunity.stage_id)
    found = query.where(Opportunity.state == OpportunityState.OPEN, *where.conditions(session))
    return _dated(frame(session, found), "expected_close_on")


def won_between(session: ScopedSession, since: dt.date, until: dt.date, where: OpportunityFilter = ANY) -> float:
    """The amount won from day to day."""
    won = (Opportunity.state == OpportunityState.WON, Opportunity.closed_on >= since, Opportunity.closed_on <= until)
    return float(session.scalar(select(func.sum(Opportunity.amount)).where(*won, *where.conditions(session))) or 0)


def misses(session: ScopedSession, where: OpportunityFilter = ANY) -> pd.DataFrame:
    """How far won deals ended from what was first expected -> opportunity_id, shift_days, ratio (final / first amount)."""
    won = (Opportunity.state == OpportunityState.WON, *where.conditions(session))
    query = select(
        Opportunity.id.label("opportunity_id"), Opportunity.closed_on, Opportunity.expected_close_on, Opportunity.amount
    )
    found = _dated(frame(session, query.where(*won)), "closed_on", "expected_close_on").set_index("opportunity_id")
    first = _changes(session, where).drop_duplicates(["opportunity_id", "field"]).set_index("opportunity_id")
    expected, amount = found["expected_close_on"], found["amount"]
    days = pd.to_datetime(first.loc[first["field"] == "expected_close_on", "before"])
    expected = days.reindex(found.index).fillna(expected)
    amounts = pd.to_numeric(first.loc[first["field"] == "amount", "before"]).reindex(found.index).fillna(amount)
    shift = (found["closed_on"] - expected).dt.days
    ratio = (amount / amounts.where(amounts > 0)).astype("float64")
    return pd.DataFrame({"shift_days": shift, "ratio": ratio}).reset_index()


def _changes(session: ScopedSession, where: OpportunityFilter) -> pd.DataFrame:
    """Of amount and close date, oldest first -> opportunity_id, at, field, before, after."""
    kind = OpportunityChange
    query = select(kind.opportunity_id, kind.at, kind.field, kind.before, kind.after)
    query = query.join(Opportunity, Opportunity.id == kind.opportunity_id)
    query = query.where(kind.field.in_(("amount", "expected_close_on")), *where.conditions(session))
    return frame(session, through_parent(query.order_by(kind.at, kind.id), kind))


def snapshots(
    session: ScopedSession, where: OpportunityFilter = ANY, categories: tuple[str, ...] = ("owner", "source"), every: int = 14
) -> pd.DataFrame:
    """For crm.analytics.winning: deals as they stood every so many days while open, and the open ones as they stand today ->
    opportunity_id, day, won (empty while open), position, days_in_stage, age_days, silent_days, amount, and the categories."""
    day = pd.Timestamp(today(session))
    told = deals(session, where, categories).set_index("opportunity_id", drop=False).rename_axis(None)
    moves = events(session, where)
    if told.empty or moves.empty:
        names = ["opportunity_id", "day", "won", "position", "days_in_stage", "age_days", "silent_days", "amount", *categories]
        return pd.DataFrame(columns=names)
    grid = _looks(told, day, every)
    moves = moves.assign(at=moves["at"].dt.tz_localize(None).astype("datetime64[ns]")).sort_values("at", kind="stable")
    # A look falls on the end of its day: what happened on it is known.
    stood = pd.merge_asof(grid, moves[["opportunity_id", "at", "position"]], left_on="seen", right_on="at", by="opportunity_id")
    stood["days_in_stage"] = (stood["seen"] - stood["at"]).dt.days
    stood = _silence(session, where, stood)
    stood["amount"] = _amounts(_changes(session, where), stood, told["amount"])
    facts = told.loc[stood["opportunity_id"], ["created_on", "state", *categories]].reset_index(drop=True)
    stood["age_days"] = (stood["day"] - facts["created_on"]).dt.days
    decided = facts["state"] != OpportunityState.OPEN
    stood["won"] = (facts["state"] == OpportunityState.WON).astype("boolean").where(decided)
    kept = stood[["opportunity_id", "day", "won", "position", "days_in_stage", "age_days", "silent_days", "amount"]].join(
        facts[list(categories)]
    )
    return kept[kept["position"].notna()].astype({"position": "int64"}).reset_index(drop=True)


def _looks(told: pd.DataFrame, day: pd.Timestamp, every: int) -> pd.DataFrame:
    """A fixed rhythm from the creation on, the same for all: when one looks must not depend on how it ends."""
    still_open = told["state"] == OpportunityState.OPEN
    end = told["closed_on"].fillna(day)
    counts = np.where(still_open, 1, 1 + np.maximum((end - told["created_on"]).dt.days.to_numpy() - 1, 0) // every)
    ids = np.repeat(told["opportunity_id"].to_numpy(), counts)
    step = np.arange(len(ids)) - np.repeat(np.cumsum(counts) - counts, counts)
    looked = told["created_on"].to_numpy().repeat(counts) + step * np.timedelta64(every, "D")
    looked = np.where(np.repeat(still_open.to_numpy(), counts), np.datetime64(day), looked)
    grid = pd.DataFrame({"opportunity_id": ids, "day": pd.to_datetime(looked).astype("datetime64[ns]")})
    return grid.assign(seen=grid["day"] + pd.Timedelta(hours=23, minutes=59)).sort_values(
        "seen", kind="stable", ignore_index=True
    )


def _silence(session: ScopedSession, where: OpportunityFilter, stood: pd.DataFrame) -> pd.DataFrame:
    """Days since the last activity, or since the last move where that is later."""
    about = and_(Activity.subject_type == "opportunity", Activity.subject_id == Opportunity.id, Activity.happened_on.is_not(None))
    query = (
        select(Activity.subject_id.label("opportunity_id"), Activity.happened_on).select_from(Opportunity).join(Activity, about)
    )
    done = _dated(frame(session, query.where(*where.conditions(session))), "happened_on").sort_values("happened_on")
    done = done.assign(happened_on=done["happened_on"].astype("datetime64[ns]")).astype({"opportunity_id": "int64"})
    joined = pd.merge_asof(stood, done, left_on="seen", right_on="happened_on", by="opportunity_id")
    last = joined[["at", "happened_on"]].max(axis=1)
    return stood.assign(silent_days=(joined["seen"] - last).dt.days)


def _amounts(changed: pd.DataFrame, stood: pd.DataFrame, present: pd.Series[float]) -> np.ndarray[Any, Any]:
    """As it was told then: the amount before the first later change, else the present one."""
    of_amount = changed[changed["field"] == "amount"]
    later = of_amount.assign(
        at=of_amount["at"].dt.tz_localize(None).astype("datetime64[ns]"), before=pd.to_numeric(of_amount["before"])
    ).sort_values("at", kind="stable")
    now_there = stood["opportunity_id"].map(present)
    if later.empty:
        return now_there.to_numpy(dtype="float64")
    columns = later[["opportunity_id", "at", "before"]].rename(columns={"at": "changed_at"})
    options: dict[str, Any] = {"direction": "forward", "allow_exact_matches": False}
    found = pd.merge_asof(stood, columns, left_on="seen", right_on="changed_at", by="opportunity_id", **options)
    return found["before"].fillna(now_there).to_numpy(dtype="float64")


def win_rates(session: ScopedSession, by: str = "owner", where: OpportunityFilter = ANY) -> pd.DataFrame:
    """By rep, unit or another column of FACTS -> key, name, won, lost, open, win_rate (won / decided), low, high, won_amount,
    average_deal, days_to_win, velocity; most won first."""
    found = funnel.win_rates(deals(session, where, (by,)), by).rename(columns={by: "key"})
    kinds: dict[str, Any] = {"owner": User, "team": OrgUnit}
    rows: Any = session.execute(select(kinds[by].id, kinds[by].name)).all() if by in kinds else []
    names = dict(rows)
    return found.assign(name=[names.get(key, key) for key in found["key"]]).sort_values(
        ["won_amount", "won"], ascending=False, ignore_index=True
    )


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


def _dated(found: pd.DataFrame, *names: str) -> pd.DataFrame:
    return found.assign(**{name: pd.to_datetime(found[name]) for name in names})
