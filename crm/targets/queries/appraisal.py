"""What the customers of each person became worth, complete for all whose figures the actor may know, and beside it the volume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.access import SYSTEM, Reach
from crm.customers.models import Customer, ScoreSnapshot
from crm.database import frame
from crm.session import ScopedSession, acting_as, through_parent
from crm.staff.models import OrgUnit, User
from crm.targets.models import Measure
from crm.targets.queries.actuals import of_people
from crm.targets.queries.value import WORTH, value_changes

VOLUME = {"revenue": Measure.REVENUE, "won_amount": Measure.WON, "activities": Measure.ACTIVITIES}
RATINGS = ("segment", "contribution_rating", "asset_rating")
PEOPLE = select(User.id.label("person_id"), User.name.label("person"), User.unit_id, OrgUnit.name.label("unit"))


def kept_days(session: ScopedSession, board_id: int) -> list[dt.date]:
    """On which scores of a board were kept, newest first."""
    query = select(ScoreSnapshot.as_of).where(ScoreSnapshot.board_id == board_id, WORTH.is_not(None)).distinct()
    with _everything(session) as asked:
        return list(asked.scalars(query.order_by(ScoreSnapshot.as_of.desc())))


def appraised(session: ScopedSession) -> pd.DataFrame:
    """Whose figures the actor may know: himself, the people of his units, everybody -> person_id, person, unit_id, unit."""
    actor = session.actor
    reach = actor.grant("targets").see
    query = PEOPLE.join(OrgUnit, OrgUnit.id == User.unit_id).order_by(User.name)
    if reach is not Reach.EVERYTHING:
        near = User.unit_id.in_(sorted(actor.team_ids)) if reach is Reach.TEAM else User.id == actor.user_id
        query = query.where(near | (User.id == actor.user_id))
    return frame(session, query)


def changes_of_people(session: ScopedSession, board_id: int, before: dt.date, after: dt.date) -> pd.DataFrame:
    """Between the scores kept on two days, of all whom the actor appraises, also by customers whom he sees no more
    -> columns of crm.analytics.value_change.value_changes."""
    people, actor = appraised(session)["person_id"], session.actor
    few = actor.grant("targets").see is not Reach.EVERYTHING and board_id not in actor.team_ids
    with _everything(session) as asked:
        found = value_changes(asked, board_id, before + dt.timedelta(1), after, people.tolist() if few else None)
    return found[found["owner"].isin(people)].reset_index(drop=True)


def seen_customers(session: ScopedSession, board_id: int) -> set[int]:
    """Whom the actor may look at."""
    return set(session.scalars(select(Customer.id).where(Customer.board_id == board_id)))


def volume_of_people(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """What they sold and did from day to day, as far as the session sees -> person_id, revenue, won_amount, won, activities."""
    told = pd.DataFrame({"person_id": appraised(session)["person_id"]})
    for name, measure in VOLUME.items():
        mine = of_people(session, measure, since, until, board_id).set_index("person").astype("float64")
        told[name] = told["person_id"].map(mine["value"]).fillna(0.0)
        if measure == Measure.WON:
            told["won"] = told["person_id"].map(mine["rows"]).fillna(0).astype("int64")
    return told.astype({"activities": "int64"})


def worth_by_rating(session: ScopedSession, board_id: int, days: tuple[dt.date, dt.date], by: str) -> pd.DataFrame:
    """Of all whom the actor appraises, on the two days -> owner, code, customers_before, value_before, customers, value.

    The segment is that of the day; ratings are not kept by day: both days are told by the rating of today."""
    rating: Any = ScoreSnapshot.segment if by == "segment" else getattr(Customer, by)
    keys = (ScoreSnapshot.owner_id.label("owner"), rating.label("code"))
    sums = (func.count(ScoreSnapshot.id).label("customers"), func.sum(WORTH).label("value"))
    people = appraised(session)["person_id"].tolist()
    parts = []
    with _everything(session) as asked:
        for day, suffix in zip(days, ("_before", ""), strict=True):
            query = select(*keys, *sums).join(Customer, Customer.id == ScoreSnapshot.customer_id)
            query = query.where(ScoreSnapshot.board_id == board_id, ScoreSnapshot.as_of == day, WORTH.is_not(None))
            query = through_parent(query.where(ScoreSnapshot.owner_id.in_(people)), ScoreSnapshot)
            found = frame(asked, query.group_by(ScoreSnapshot.owner_id, rating)).astype({"value": "float64", "code": "object"})
            found["code"] = found["code"].where(found["code"].notna(), "")
            parts.append(found.rename(columns={name: name + suffix for name in ("customers", "value")}))
    told = parts[0].merge(parts[1], how="outer", on=["owner", "code"]).fillna(0)
    return told.astype({"customers_before": "int64", "customers": "int64"})


@contextmanager
def _everything(session: ScopedSession) -> Iterator[ScopedSession]:
    actor = session.actor
    with acting_as(replace(SYSTEM, user_id=actor.user_id, name=actor.name), session) as asked:
        yield asked


__all__ = ["RATINGS", "appraised", "changes_of_people", "kept_days", "seen_customers", "volume_of_people", "worth_by_rating"]
