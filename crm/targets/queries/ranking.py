"""Who stands where: by name as far as the role may see, beyond that totals alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from crm.access import SYSTEM
from crm.analytics.attainment import ranks
from crm.session import ScopedSession, acting_as, get
from crm.targets.models import SubjectKind, TargetPlan
from crm.targets.queries.attainment import attainment
from crm.targets.queries.plans import TargetFilter


@dataclass(frozen=True)
class Leaderboard:
    """`mine`: columns of `attainment` and rank among all of them, best first; `places`: how many there are in all; of those whom
    I do not see: how many, and the sums of what they shall reach and reached."""

    mine: pd.DataFrame
    places: int
    others: int
    others_base: float
    others_actual: float


def leaderboard(
    session: ScopedSession,
    plan_id: int,
    measure: str,
    period: str,
    starts_on: dt.date,
    kind: str = SubjectKind.PERSON,
) -> Leaderboard:
    """The subjects of a kind that have a target of a plan in a period, by the share they reached."""
    get(session, TargetPlan, plan_id)
    where = TargetFilter(plan_id=plan_id, measure=(measure,), period=(period,), subject_kind=(kind,))
    where = where.model_copy(update={"starts_from": starts_on, "starts_to": starts_on})
    mine = attainment(session, where)
    actor = session.actor
    with acting_as(replace(SYSTEM, user_id=actor.user_id, name=actor.name), session) as everything:
        everybody = attainment(everything, where)
    everybody = everybody.assign(rank=pd.Series(ranks(everybody["share"].tolist()), index=everybody.index, dtype="int64"))
    others = everybody[~everybody["id"].isin(mine["id"])]
    ranked = mine.assign(rank=mine["id"].map(everybody.set_index("id")["rank"]).astype("int64"))
    return Leaderboard(
        mine=ranked.sort_values(["rank", "subject"], ignore_index=True),
        places=len(everybody),
        others=len(others),
        others_base=float(others["base"].sum()),
        others_actual=float(others["actual"].sum()),
    )
