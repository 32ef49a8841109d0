"""Deals as they stood on earlier days: what the model of the chance to win learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import and_, select

from crm.database import frame
from crm.office.models import Activity
from crm.office.queries import today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityChange, OpportunityState
from crm.pipeline.queries.facts.funnel import deals, events
from crm.pipeline.queries.facts.reading import dated
from crm.pipeline.queries.listing import ANY
from crm.session import ScopedSession, through_parent


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
    stood["amount"] = _amounts(_amount_changes(session, where), stood, told["amount"])
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
    done = dated(frame(session, query.where(*where.conditions(session))), "happened_on").sort_values("happened_on")
    done = done.assign(happened_on=done["happened_on"].astype("datetime64[ns]")).astype({"opportunity_id": "int64"})
    joined = pd.merge_asof(stood, done, left_on="seen", right_on="happened_on", by="opportunity_id")
    last = joined[["at", "happened_on"]].max(axis=1)
    return stood.assign(silent_days=(joined["seen"] - last).dt.days)


def _amounts(changed: pd.DataFrame, stood: pd.DataFrame, present: pd.Series[float]) -> np.ndarray[Any, Any]:
    """As it was told then: the amount before the first later change, else the present one."""
    later = changed.assign(
        at=changed["at"].dt.tz_localize(None).astype("datetime64[ns]"), before=pd.to_numeric(changed["before"])
    ).sort_values("at", kind="stable")
    now_there = stood["opportunity_id"].map(present)
    if later.empty:
        return now_there.to_numpy(dtype="float64")
    columns = later[["opportunity_id", "at", "before"]].rename(columns={"at": "changed_at"})
    options: dict[str, Any] = {"direction": "forward", "allow_exact_matches": False}
    found = pd.merge_asof(stood, columns, left_on="seen", right_on="changed_at", by="opportunity_id", **options)
    return found["before"].fillna(now_there).to_numpy(dtype="float64")


def _amount_changes(session: ScopedSession, where: OpportunityFilter) -> pd.DataFrame:
    """Oldest first -> opportunity_id, at, before."""
    kind = OpportunityChange
    query = select(kind.opportunity_id, kind.at, kind.before).join(Opportunity, Opportunity.id == kind.opportunity_id)
    query = query.where(kind.field == "amount", *where.conditions(session))
    return frame(session, through_parent(query.order_by(kind.at, kind.id), kind))
