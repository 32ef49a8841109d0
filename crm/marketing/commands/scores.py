"""The scores of leads: set with every change, and refreshed as time passes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select, update

from crm.bulk import bulk_derive
from crm.database import frame
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead
from crm.marketing.queries.settings import score_rules
from crm.marketing.scoring import ScoreRule, score
from crm.office.models import Activity
from crm.office.queries import today
from crm.session import ScopedSession

_FACTS = ("contact", "position", "phone", "email", "wechat", "region", "industry", "employees", "source", "need", "product_id")


def rescore(session: ScopedSession, lead: Lead) -> None:
    """One lead, after something about it changed. An open form of it stays as good as it was: no version moves."""
    row = frame(session, _facts().where(Lead.id == lead.id)).to_dict("records")[0]
    points, reasons = scored(score_rules(session, lead.board_id).rules, row, today(session))
    if (points, reasons) != (lead.score, lead.score_reasons):
        session.execute(update(Lead).where(Lead.id == lead.id).values(score=points, score_reasons=reasons))


def refresh_scores(session: ScopedSession, day: dt.date) -> int:
    """All open leads that the actor sees, as of a day -> how many changed."""
    found = frame(session, _facts().where(Lead.state.in_(OPEN)).order_by(Lead.id))
    rules = {board_id: score_rules(session, int(board_id)).rules for board_id in found["board_id"].unique()}
    changed = []
    for row in found.to_dict("records"):
        points, reasons = scored(rules[row["board_id"]], row, day)
        if (points, reasons) != (row["score"], row["score_reasons"]):
            changed.append((row["id"], points, reasons))
    if changed:
        bulk_derive(session, Lead, pd.DataFrame(changed, columns=["id", "score", "score_reasons"]))
    return len(changed)


def scored(rules: tuple[ScoreRule, ...], row: dict[Any, Any], day: dt.date) -> tuple[int, str]:
    """A row with the columns of a lead (created_at, and activities and last_on where they are known) -> points and reasons."""
    known: dict[str, Any] = {name: None if pd.isna(value) else value for name, value in row.items()}
    created: dt.date = row["created_at"].date()
    last: dt.date = known["last_on"] if known.get("last_on") else created
    days: dict[str, Any] = {"age_days": (day - created).days, "silent_days": (day - max(last, created)).days}
    if known.get("wanted_by"):
        days["days_to_need"] = (known["wanted_by"] - day).days
    return score(rules, known | days | {"activities": known.get("activities") or 0})


def _facts() -> Select[Any]:
    done = (Activity.subject_type == "lead") & Activity.happened_on.is_not(None)
    counts = (func.count(Activity.id).label("activities"), func.max(Activity.happened_on).label("last_on"))
    worked = select(Activity.subject_id, *counts).where(done).group_by(Activity.subject_id).subquery()
    own = [getattr(Lead, name) for name in (*_FACTS, "budget", "wanted_by", "created_at", "score", "score_reasons")]
    query = select(Lead.id, Lead.board_id, *own, worked.c.activities, worked.c.last_on)
    return query.outerjoin(worked, worked.c.subject_id == Lead.id)
