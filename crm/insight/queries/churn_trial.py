"""Is the model right? At days in the past it says who will buy again, beside rules that only look at the silence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from crm.analytics.clv.contest import MODELS, compare_models, same_rate
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.clv.validate import brier_score, chance_of_activity, holdout_metrics
from crm.analytics.errors import TooLittleData

COLUMNS = [
    "cutoff",
    "name",
    "kind",
    "days",
    "customers",
    "total_actual",
    "total_expected",
    "total_error",
    "mae",
    "brier",
    "wrong",
]
SILENT = "silent"
"""The name of the rule: whoever has been silent for more than so many days has stopped."""


def cutoffs(bought: pd.DataFrame, end: dt.date, holdout_days: int, most: int = 4) -> list[dt.date]:
    """Days in the past, oldest first, each followed by its own holdout; none shares a day of it with another.

    A cut-off needs as long a history before it as the holdout after it, else the model has nothing to learn from."""
    if bought.empty:
        raise TooLittleData("Nobody has bought yet: there is nothing to test.")
    first = bought["date"].min().date()
    days = [end - dt.timedelta(holdout_days * step) for step in range(most, 0, -1)]
    able = [day for day in days if (day - first).days >= holdout_days]
    if not able:
        raise TooLittleData(
            "The purchases reach back to {first} only: a test over {days} days needs twice that time.",
            first=first,
            days=holdout_days,
        )
    return able


def trial(bought: pd.DataFrame, cutoff: dt.date, holdout_days: int, model: str, silences: tuple[int, ...]) -> pd.DataFrame:
    """customer_id, date -> one row for the model, for each simple rule and for each length of silence: cutoff, name, kind (model,
    rule), days (of silence), customers, total_actual, total_expected, total_error (share), mae, brier (of P(buys again)), wrong
    (share of customers called wrongly: will buy, will not).

    The contest of the engine at one day: the model is fitted anew on what was known then."""
    end = pd.Timestamp(cutoff) + pd.Timedelta(days=holdout_days)
    known = bought[bought["date"] <= end]
    summary = rfm_summary(known, "customer_id", "date", observation_period_end=end, calibration_period_end=cutoff)
    contest = compare_models(summary, {model: MODELS[model]})
    table = pd.concat([contest.table, pd.DataFrame([_silent(summary, days) for days in silences])], ignore_index=True)
    table["wrong"] = table["brier"]  # of a rule, that says yes or no, both are the same
    table.loc[table["kind"] == "model", "wrong"] = _wrong(contest.fitted[model], summary)
    return table.assign(cutoff=pd.Timestamp(cutoff), customers=len(summary)).reindex(columns=COLUMNS)


def _wrong(fitted: BuyTillYouDie, summary: pd.DataFrame) -> float:
    if fitted.params_.isna().any():
        return float("nan")
    active = summary["frequency_holdout"].to_numpy() > 0
    return float(((chance_of_activity(fitted, summary) >= 0.5) != active).mean())


def _silent(summary: pd.DataFrame, days: int) -> dict[str, Any]:
    """Who has bought within so many days goes on as often as so far; nobody else buys again."""
    silence = (summary["T"] - summary["recency"]).to_numpy() * 7
    expected = np.where(silence <= days, same_rate(summary), 0.0)
    active = summary["frequency_holdout"].to_numpy() > 0
    metrics = holdout_metrics(summary["frequency_holdout"], expected)
    return {"name": SILENT, "kind": "rule", "days": days, **metrics, "brier": brier_score(silence <= days, active)}


def verdict(table: pd.DataFrame) -> dict[str, Any]:
    """The rows of `trial` for all cut-offs -> model, tests (those with a fitted model), wins (fewer customers called wrongly than
    by every length of silence, and a better Brier score), wrong and rival_wrong (means), days (of the best one)."""
    own = table[table["kind"] == "model"].set_index("cutoff")[["brier", "wrong"]].dropna()
    silent = table[(table["name"] == SILENT) & table["cutoff"].isin(own.index)]
    best = silent.groupby("cutoff")[["brier", "wrong"]].min().reindex(own.index)
    by_days = silent.groupby("days")["wrong"].mean()
    return {
        "model": str(table.loc[table["kind"] == "model", "name"].iloc[0]),
        "tests": len(own),
        "wins": int((own < best).all(axis=1).sum()),
        "wrong": float(own["wrong"].mean()) if len(own) else None,
        "rival_wrong": float(by_days.min()) if len(by_days) else None,
        "days": int(by_days.index[int(by_days.argmin())]) if len(by_days) else 0,
    }
