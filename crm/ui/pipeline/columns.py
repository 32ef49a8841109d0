"""Deals as rows of a table: what the queries give, in a reader's words."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd

from crm.ui.deal.stages import stage_title
from crm.words import label


def readable(found: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Rows of `opportunity_list` with the title of the stage, the chance in percent, the weighted amount, and the days an open
    deal has stood in its stage."""
    days = (pd.Timestamp(day) - pd.to_datetime(found["stage_since"])).dt.days
    return found.assign(
        stage_name=found["stage_id"].map(_stages(found)),
        probability=found["probability"] * 100,
        weighted=found["amount"].astype(float) * found["probability"],
        days_in_stage=days.where(found["state"] == "open").astype("Int64"),
    )


def _stages(found: pd.DataFrame) -> dict[int, str]:
    names = ["stage_id", "stage", "stage_name", "stage_name_zh"]
    rows = found[names].drop_duplicates("stage_id").itertuples(index=False, name=None)
    return {one: stage_title(SimpleNamespace(code=code, name=name, name_zh=zh)) for one, code, name, zh in rows}


def headings() -> dict[str, str]:
    """Of the columns whose name is not their title."""
    return {"stage_name": label("stage", of="deal")}
