"""A simulation as rows of the tables of the pipeline: what a day knows of the deals, their events, changes and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm.database import MONEY_SCALE
from crm.demo.simulation import LOST, OPEN, WON, Known
from crm.pipeline.commands.forecasting import CLOSED_WITHIN

ByDeal = Mapping[int, int] | pd.Series
Scale = pd.Series | float
"""What the amounts of the simulation are multiplied by: of each deal, or of all."""


@dataclass(frozen=True, slots=True)
class Stages:
    """A pipeline: ids of its stages in order, and the chance to win that the firm set for each."""

    pipeline_id: int
    ids: tuple[int, ...]
    probabilities: tuple[float, ...]


def deal_rows(known: Known, stages: Stages, scale: Scale = 1.0) -> pd.DataFrame:
    """Index deal -> what the simulation knows of the columns of an opportunity."""
    deals = known.deals
    empty: dict[str, Any] = {name: [[] for _ in range(len(deals))] for name in ("criteria_met", "win_reasons")}
    return pd.DataFrame(
        {
            "pipeline_id": stages.pipeline_id,
            "stage_id": np.asarray(stages.ids)[deals["position"]],
            "state": deals["state"],
            "created_on": deals["created_on"],
            "amount": stored(deals["amount"] * scale),
            "expected_close_on": deals["expected_close_on"],
            "closed_on": deals["closed_on"],
            "forecast_category": deals["category"],
            "source": deals["source"],
            "close_reason": deals["reason"],
            "stage_since": deals["stage_since"],
            "last_activity_on": deals["last_activity_on"],
            "custom": [{} for _ in range(len(deals))],
            **empty,
        },
        index=deals.index,
    )


def stored(amounts: pd.Series[float]) -> pd.Series[int]:
    """Whole units, as money is stored."""
    return amounts.round().astype("int64") * MONEY_SCALE


def event_rows(known: Known, ids: ByDeal, stages: Stages, by: ByDeal) -> pd.DataFrame:
    """ids: the opportunity; by: who moved it."""
    places = pd.Series([pd.NA, *stages.ids], index=range(-1, len(stages.ids)), dtype="Int64")
    events = known.events
    before = events.groupby("deal")[["at", "state"]].shift()
    held = pd.to_timedelta(events["at"] - before["at"]).dt.total_seconds() / 86_400
    stayed = held.round().where(before["state"] == "open")
    return pd.DataFrame(
        {
            "opportunity_id": events["deal"].map(ids),
            "stayed_days": stayed.astype("Int64"),
            "at": events["at"].dt.tz_localize("UTC"),
            "from_stage_id": events["from_position"].map(places),
            "to_stage_id": events["position"].map(places).astype("int64"),
            "state": events["state"],
            "by_id": events["deal"].map(by),
        }
    )


def change_rows(known: Known, ids: ByDeal, by: ByDeal, scale: Scale = 1.0) -> pd.DataFrame:
    """Amounts and days as the commands write them down."""
    changes = known.changes
    factor = changes["deal"].map(scale) if isinstance(scale, pd.Series) else pd.Series(scale, index=changes.index)
    told = {
        side: [_told(value, by_deal) for value, by_deal in zip(changes[side], factor, strict=True)]
        for side in ("before", "after")
    }
    return pd.DataFrame(
        {
            "opportunity_id": changes["deal"].map(ids),
            "at": changes["at"].dt.tz_localize("UTC"),
            "field": changes["field"],
            **told,
            "by_id": changes["deal"].map(by),
        }
    )


def _told(value: Any, factor: float) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value if isinstance(value, str) else str(round(value * factor))


def snapshot_rows(
    known: Known,
    ids: ByDeal,
    stages: Stages,
    scale: Scale = 1.0,
    chance: pd.Series[float] | None = None,
) -> pd.DataFrame:
    """Open deals, and those closed within a month, as they stood. chance: to win, of the open ones; else that of the stage."""
    deals = known.deals
    lately = deals["closed_on"] > pd.Timestamp(known.day) - pd.Timedelta(days=CLOSED_WITHIN)
    factor = scale.reindex(deals.index) if isinstance(scale, pd.Series) else scale
    rows = pd.DataFrame(
        {
            "opportunity_id": deals.index.to_series().map(ids),
            "taken_on": pd.Timestamp(known.day),
            "state": deals["state"],
            "stage_id": np.asarray(stages.ids)[deals["position"]],
            "amount": stored(deals["amount"] * factor),
            "probability": _probabilities(known, stages, chance),
            "expected_close_on": deals["expected_close_on"],
            "forecast_category": deals["category"],
        }
    )
    return rows[(deals["state"] == OPEN) | lately]


def _probabilities(known: Known, stages: Stages, chance: pd.Series[float] | None) -> pd.Series[float]:
    """1 and 0 once it is decided."""
    deals = known.deals
    by_stage = pd.Series(np.asarray(stages.probabilities)[deals["position"]], index=deals.index)
    told = by_stage if chance is None else chance
    return told.mask(deals["state"] == WON, 1.0).mask(deals["state"] == LOST, 0.0)


def activity_rows(known: Known, ids: ByDeal, by: ByDeal) -> pd.DataFrame:
    """What was done; without a kind and a text."""
    calls = known.calls
    return pd.DataFrame(
        {
            "subject_type": "opportunity",
            "subject_id": calls["deal"].map(ids),
            "author_id": calls["deal"].map(by),
            "happened_on": calls["happened_on"],
            "pinned": False,
        }
    )
