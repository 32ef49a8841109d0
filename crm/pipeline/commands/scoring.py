"""The chance of every open deal, by the model of its board: for the system alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.analytics import winning
from crm.analytics.clv.validate import reliability
from crm.analytics.winning import WinModel
from crm.bulk import bulk_derive
from crm.database import frame
from crm.office.commands import put_setting
from crm.office.queries import setting, today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityState
from crm.pipeline.queries.facts import snapshots
from crm.pipeline.queries.outlook import MODEL
from crm.session import ScopedSession

CATEGORIES = ("owner", "source", "product")
MOST = 12_000
"""Decided deals, the newest, that a board's model learns from."""


def score_deals(session: ScopedSession, board_id: int) -> dict[str, int]:
    """Fit to the deals of a board that are decided, and write the chance of those that are open with its reasons; where the
    model refuses, the base rate of the stage holds. -> open, modelled."""
    session.actor.must("settings", "office")
    where = OpportunityFilter(board_id=(board_id,))
    looks = snapshots(session, where, CATEGORIES)
    if looks.empty:
        return {"open": 0, "modelled": 0}
    known = _newest(looks[looks["won"].notna()].astype({"won": "bool"}))
    present = looks[looks["won"].isna()]
    model = winning.fit(known, CATEGORIES)
    _write(session, where, present, model)
    report = _report(today(session), model, known, present)
    put_setting(session, MODEL, (setting(session, MODEL) or {}) | {str(board_id): report})
    return {"open": len(present), "modelled": 0 if model.refusal else len(present)}


def _newest(known: pd.DataFrame) -> pd.DataFrame:
    last = known.groupby("opportunity_id")["day"].max()
    return known[known["opportunity_id"].isin(last.sort_values().index[-MOST:])].reset_index(drop=True)


def _write(session: ScopedSession, where: OpportunityFilter, present: pd.DataFrame, model: WinModel) -> None:
    open_ = where.model_copy(update={"state": (OpportunityState.OPEN.value,)})
    query = select(Opportunity.id, Opportunity.win_probability.label("was")).where(*open_.conditions(session))
    rows = frame(session, query)
    if model.refusal is None:
        chance = dict(zip(present["opportunity_id"], model.chances(present).round(4).tolist(), strict=True))
        reasons = dict(zip(present["opportunity_id"], model.reasons(present), strict=True))
    else:
        chance, reasons = {}, {}
        rows = rows[rows["was"].notna()]
    told = [[[name, round(effect, 3)] for name, effect in reasons.get(one, [])] for one in rows["id"]]
    values = rows[["id"]].assign(win_probability=rows["id"].map(chance).astype("float64"))
    values["win_reasons"] = pd.Series(told, index=values.index, dtype="object")
    if len(values):
        bulk_derive(session, Opportunity, values)


def _report(day: dt.date, model: WinModel, known: pd.DataFrame, present: pd.DataFrame) -> dict[str, Any]:
    """Plain figures: as_of, deals, won, open, brier, brier_base, refusal [template, values], base (rate by position), reliability
    (rows of crm.analytics.clv.validate.reliability), tested (deals), weights (column -> mean effect)."""
    by_deal = known.groupby("opportunity_id")["won"].first()
    tested = model.tested
    bins = reliability(tested["chance"], tested["won"]) if len(tested) else pd.DataFrame()
    refusal = None if model.refusal is None else [model.refusal.template, model.refusal.values]
    return {
        "as_of": day.isoformat(),
        "deals": len(by_deal),
        "won": int(by_deal.sum()),
        "open": len(present),
        "brier": model.brier,
        "brier_base": model.brier_base,
        "refusal": refusal,
        "base": {str(position): float(rate) for position, rate in model.base.items()},
        "reliability": bins.round(4).to_dict("records"),
        "tested": int(tested["opportunity_id"].nunique()) if len(tested) else 0,
        "weights": {str(name): round(float(size), 3) for name, size in model.weights(known).items()},
    }


__all__ = ["CATEGORIES", "score_deals"]
