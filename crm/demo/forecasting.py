"""How the deals stood at the end of each of the last weeks, and what was forecast then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crm.analytics import forecast
from crm.bulk import bulk_insert
from crm.demo.pipeline import Deals
from crm.demo.recording import snapshot_rows
from crm.demo.simulation import OPEN, WON, Known, chances, known
from crm.demo.writing import Book, money
from crm.pipeline.models import ForecastRecord, ForecastSnapshot
from crm.pipeline.periods import span

WEEKS = 26
_RUNS = 1000


def look_back(book: Book, board_id: int, found: Deals) -> None:
    """Told with the chances that the facts gave the deals, as a good model would have."""
    days = [found.drawn.known.day - dt.timedelta(7 * week) for week in range(WEEKS, 0, -1)]
    weeks = [known(found.drawn.history, day) for day in days]
    told = [_chances(found, week) for week in weeks]
    rows = [snapshot_rows(week, found.ids, found.stages, found.scale, chance) for week, chance in zip(weeks, told, strict=True)]
    bulk_insert(book.session, ForecastSnapshot, pd.concat(rows, ignore_index=True))
    records = [
        _record(found, week, chance, *span(kind, week.day)) | {"board_id": board_id, "team_id": board_id}
        for week, chance in zip(weeks, told, strict=True)
        for kind in ("quarter", "next_quarter")
    ]
    book.insert(ForecastRecord, records)


def _chances(found: Deals, week: Known) -> pd.Series[float]:
    deals = week.deals
    lift = found.drawn.history.deals.loc[deals.index, "lift"]
    return pd.Series(chances(lift, deals["position"], deals["left_alone"]), index=deals.index).round(4)


def _record(found: Deals, week: Known, chance: pd.Series[float], start: dt.date, end: dt.date) -> dict[str, Any]:
    deals = week.deals.assign(amount=(week.deals["amount"] * found.scale.reindex(week.deals.index)).round(), probability=chance)
    held = deals[deals["state"] == OPEN].rename_axis("opportunity_id").reset_index()
    won = deals[(deals["state"] == WON) & deals["closed_on"].between(pd.Timestamp(start), pd.Timestamp(end))]["amount"].sum()
    opens = start if start > week.day else None
    told = forecast.simulate(
        held, week.day, end, opens=opens, won=float(won), runs=_RUNS, seed=week.day.toordinal(), **_misses(found, deals)
    )
    due = held[held["expected_close_on"] <= pd.Timestamp(end)]
    due = due[due["expected_close_on"] >= pd.Timestamp(start)] if opens else due
    of_category = due.groupby("category")["amount"].sum()
    commit = float(won + of_category.get("commit", 0.0))
    sums = {"won": won, "weighted": told.weighted, "commit": commit}
    sums |= {f"p{share}": told.quantile(share / 100) for share in (10, 50, 90)}
    sums |= {"best_case": commit + of_category.get("best_case", 0.0)}
    days = {"taken_on": week.day, "period_from": start, "period_to": end, "owner_id": None}
    return days | {name: money(round(value)) for name, value in sums.items()}


def _misses(found: Deals, deals: pd.DataFrame) -> dict[str, Any]:
    """By how much the deals won until then missed what was first told of them."""
    won = deals[deals["state"] == WON]
    first = found.drawn.history.dates.drop_duplicates("deal").set_index("deal").loc[won.index, "expected"]
    told = found.drawn.history.deals.loc[won.index]
    shifts = (won["closed_on"] - pd.Timestamp(found.drawn.history.start)).dt.days - first
    ratios = told["final_amount"].where(told["amount_day"] < told["ended"], told["first_amount"]) / told["first_amount"]
    return {"shifts": shifts.to_numpy(dtype="float64"), "ratios": ratios.to_numpy(dtype="float64")}
