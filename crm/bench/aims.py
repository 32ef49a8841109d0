"""Targets of everybody in the large company, what campaigns cost, what people are told, and when they were here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from crm.bulk import bulk_insert
from crm.database import MONEY_SCALE
from crm.marketing.models import Campaign
from crm.office.models import Notice
from crm.session import ScopedSession
from crm.staff.models import Presence
from crm.targets.models import Measure, PeriodKind, PlanState, PlanVersion, SubjectKind, Target, TargetPlan, TargetRevision
from crm.targets.periods import within

BASES = {
    Measure.REVENUE: 90_000,
    Measure.WON: 60_000,
    Measure.ACTIVITIES: 40,
    Measure.NEW_CUSTOMERS: 12,
    Measure.VALUE_CHANGE: 20_000,
}
"""Of one person in a month."""
CAMPAIGNS, NOTICES, DAYS_HERE = 12, 60, 120
"""Of a board; of a person; days back."""


def add_aims(session: ScopedSession, random: Generator, owners: pd.DataFrame, base: pd.DataFrame, today: dt.date) -> None:
    """owners: owner_id, team_id, board_id; base: customers with id, owner_id, board_id."""
    boards: Any = owners.groupby("board_id")
    for board_id, people in boards:
        for year in (today.year - 1, today.year, today.year + 1):
            state = PlanState.DRAFT if year > today.year else PlanState.APPROVED
            _plan(session, random, int(board_id), people, year, state)
    _campaigns(session, random, owners, today)
    _told(session, random, base, today)
    _here(session, random, owners, today)


def _plan(session: ScopedSession, random: Generator, board_id: int, people: pd.DataFrame, year: int, state: PlanState) -> None:
    at = dt.datetime(year - 1, 12, 20, 8, tzinfo=dt.UTC)
    approved = state == PlanState.APPROVED
    by = int(people["owner_id"].iloc[0])
    about = {"board_id": board_id, "team_id": board_id, "owner_id": by, "year": year, "state": state, "edition": int(approved)}
    plan = TargetPlan(name=f"Plan {year}", approved_at=at if approved else None, **about)
    session.add(plan)
    session.flush()
    rows = pd.concat(
        [_cells(random, measure, each, people, board_id, year) for measure, each in BASES.items()], ignore_index=True
    )
    ids = bulk_insert(session, Target, rows.assign(plan_id=plan.id))
    if approved:
        session.add(PlanVersion(plan_id=plan.id, number=1, at=at, reason="approved", by_id=by))
        levels = rows[["base", "stretch", "challenge"]]
        bulk_insert(session, TargetRevision, levels.assign(target_id=ids.to_numpy(), number=1))


def _cells(random: Generator, measure: Measure, each: int, people: pd.DataFrame, board_id: int, year: int) -> pd.DataFrame:
    """Months, quarters and the year of each person, and their sums by team and for the board."""
    months = within(PeriodKind.MONTH, PeriodKind.YEAR, dt.date(year, 1, 1))
    drawn = np.round(each * random.uniform(0.6, 1.4, (len(people), len(months))))
    of_months = pd.DataFrame(drawn, columns=months).assign(
        person=people["owner_id"].to_numpy(), team=people["team_id"].to_numpy(), board=board_id
    )
    kinds = {SubjectKind.PERSON: "person", SubjectKind.TEAM: "team", SubjectKind.BOARD: "board"}
    parts = []
    for kind, column in kinds.items():
        sums = of_months.groupby(column)[months].sum()
        for period, size in ((PeriodKind.MONTH, 1), (PeriodKind.QUARTER, 3), (PeriodKind.YEAR, 12)):
            for place in range(0, 12, size):
                value = sums.iloc[:, place : place + size].sum(axis=1)
                ids = sums.index.to_numpy()
                owner = pd.array(ids, dtype="Int64") if kind == SubjectKind.PERSON else pd.array([None] * len(ids), dtype="Int64")
                team = people.set_index("owner_id")["team_id"].loc[ids].to_numpy() if kind == SubjectKind.PERSON else ids
                about = {"subject_kind": kind.value, "subject_id": ids, "period": period.value, "starts_on": months[place]}
                parts.append(pd.DataFrame(about | {"owner_id": owner, "team_id": team, "value": value.to_numpy()}))
    rows = pd.concat(parts, ignore_index=True)
    whole = {name: (rows["value"] * share).round().astype("int64") * MONEY_SCALE for name, share in _LEVELS.items()}
    return rows.drop(columns="value").assign(measure=measure.value, **whole)


_LEVELS = {"base": 1.0, "stretch": 1.1, "challenge": 1.25}


def _campaigns(session: ScopedSession, random: Generator, owners: pd.DataFrame, today: dt.date) -> None:
    first = owners.drop_duplicates("board_id")
    rows: list[dict[str, Any]] = [
        {
            "name": f"Campaign {number}",
            "board_id": int(board_id),
            "team_id": int(board_id),
            "owner_id": int(owner_id),
            "channel": "exhibition",
            "starts_on": today - dt.timedelta(int(random.integers(20, 700))),
            "cost": int(random.integers(5_000, 90_000)) * MONEY_SCALE,
        }
        for owner_id, board_id in first[["owner_id", "board_id"]].itertuples(index=False)
        for number in range(1, CAMPAIGNS + 1)
    ]
    bulk_insert(session, Campaign, pd.DataFrame(rows))


def _told(session: ScopedSession, random: Generator, base: pd.DataFrame, today: dt.date) -> None:
    mine = base.groupby("owner_id").head(NOTICES)
    late = random.integers(0, 30, len(mine))
    rows = pd.DataFrame(
        {
            "user_id": mine["owner_id"].to_numpy(),
            "category": "alert",
            "topic": "customer_silent",
            "subject_type": "customer",
            "subject_id": mine["id"].to_numpy(),
            "about": [f"Customer {one}" for one in mine["id"]],
            "values": [{"amount": float(100 * (1 + day))} for day in late],
            "due_on": [today - dt.timedelta(int(day)) for day in late],
            "key": [f"customer_silent:customer:{one}:{number}" for number, one in enumerate(mine["id"])],
        }
    )
    bulk_insert(session, Notice, rows)


def _here(session: ScopedSession, random: Generator, owners: pd.DataFrame, today: dt.date) -> None:
    days = [today - dt.timedelta(back) for back in range(1, DAYS_HERE)]
    working = [day for day in days if day.weekday() < 5]
    rows = pd.MultiIndex.from_product([owners["owner_id"], working], names=["user_id", "day"]).to_frame(index=False)
    bulk_insert(session, Presence, rows[random.random(len(rows)) < 0.97])
