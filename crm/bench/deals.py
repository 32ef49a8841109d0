"""Many opportunities for the large company: the simulation of the demo company, at another size."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.random import Generator

from crm.bulk import bulk_insert
from crm.database import MONEY_SCALE
from crm.demo.pipeline import pipeline_stages
from crm.demo.recording import activity_rows, change_rows, deal_rows, event_rows, snapshot_rows
from crm.demo.simulation import draw, known
from crm.office.models import Activity
from crm.pipeline.models import ForecastSnapshot, Opportunity, OpportunityChange, OpportunityLine, StageEvent
from crm.session import ScopedSession

REPS = 40
"""Sales representatives who share all deals: with 50,000 of them some 1,250 each."""
WEEKS = 26
_ACTIVITIES = 0.5
"""Share of the calls of the simulation that somebody wrote down."""


def add_deals(
    session: ScopedSession, random: Generator, base: pd.DataFrame, products: pd.DataFrame, count: int, today: dt.date, days: int
) -> None:
    """base: customers with id, owner_id, team_id, board_id; products: product_id, price. The first REPS owners have the deals."""
    owners = sorted(base["owner_id"].unique())[:REPS]
    start = today - dt.timedelta(days)
    history = draw(count, start, days, int(random.integers(2**31)), len(owners))
    now, stages = known(history, today), pipeline_stages(session)
    deals = now.deals
    who = _customers(random, base, np.asarray(owners)[deals["rep"]])
    product = random.integers(0, len(products), len(deals))
    rows = deal_rows(now, stages).assign(
        number=[f"OP{number:06}" for number in range(1, len(deals) + 1)],
        name=[f"Deal {number:06} 项目" for number in range(1, len(deals) + 1)],
        product_id=products["product_id"].to_numpy()[product],
        **{name: who[name].to_numpy() for name in ("customer_id", "owner_id", "team_id", "board_id")},
    )
    ids = bulk_insert(session, Opportunity, rows)
    by = rows["owner_id"]
    bulk_insert(session, StageEvent, event_rows(now, ids, stages, by))
    bulk_insert(session, OpportunityChange, change_rows(now, ids, by))
    bulk_insert(session, OpportunityLine, _lines(rows, ids))
    calls = activity_rows(now, ids, by).sample(frac=_ACTIVITIES, random_state=int(random.integers(2**31)))
    bulk_insert(session, Activity, calls.assign(kind="call", text="Talked about the offer. 谈了方案。"))
    for week in range(WEEKS, 0, -1):
        then = known(history, today - dt.timedelta(7 * week))
        bulk_insert(session, ForecastSnapshot, snapshot_rows(then, ids, stages))


def _customers(random: Generator, base: pd.DataFrame, owners: np.ndarray) -> pd.DataFrame:
    """For each owner one of his customers -> customer_id, owner_id, team_id, board_id."""
    ordered = base.sort_values("owner_id", kind="stable", ignore_index=True)
    first = np.searchsorted(ordered["owner_id"], owners, side="left")
    last = np.searchsorted(ordered["owner_id"], owners, side="right")
    chosen: pd.DataFrame = ordered.iloc[first + (random.random(len(owners)) * (last - first)).astype(int)]
    return chosen.rename(columns={"id": "customer_id"}).reset_index(drop=True)


def _lines(rows: pd.DataFrame, ids: pd.Series[int]) -> pd.DataFrame:
    """One line each, for the whole amount."""
    return pd.DataFrame(
        {
            "opportunity_id": ids,
            "product_id": rows["product_id"],
            "quantity": MONEY_SCALE,
            "unit_price": rows["amount"],
            "discount_percent": 0,
            "amount": rows["amount"],
        }
    )
