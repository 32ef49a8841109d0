"""The way of one target: day by day so far, against the pace of its working days, and the band in which it will end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from crm.access import Actor
from crm.office.queries import today
from crm.session import ScopedSession
from crm.targets.models import Measure
from crm.targets.queries.actuals import GOODS, Whose, daily
from crm.targets.queries.attainment import sees_whole
from crm.targets.queries.calendar import Days, working_days
from crm.targets.queries.coming import Came, known_from
from crm.targets.queries.forecasting import bands
from crm.targets.queries.plans import TargetFilter, plan, targets

AHEAD = 6
"""Days ahead for which the band is told."""
COLUMNS = ["day", "actual", "pace", "p10", "p50", "p90"]


def course(session: ScopedSession, target_id: int) -> pd.DataFrame:
    """-> day, actual (the sum up to then, of marks their mean; missing ahead), pace, p10, p50, p90 (missing behind). Empty where
    the days are not known: of changes of value, of what lies ahead, and of units whose totals alone I may see."""
    return course_of(session, targets(session, TargetFilter(ids=(target_id,))), Came(today(session)))


def course_of(session: ScopedSession, found: pd.DataFrame, came: Came) -> pd.DataFrame:
    """`course` of one target, a row of `targets`; what `came` read already is not asked for again."""
    day = came.day
    if found.empty or not _known(session.actor, found.iloc[0], day):
        return pd.DataFrame(columns=COLUMNS)
    one, until = found.iloc[0], min(found["ends_on"].iloc[0], day)
    works = working_days(session, one["starts_on"], one["ends_on"])
    days = pd.date_range(one["starts_on"], one["ends_on"])
    mean = one["measure"] == Measure.SATISFACTION
    laid = _so_far(session, one, came, days)
    line = laid["value"] / laid["rows"].where(laid["rows"] > 0) if mean else laid["value"]
    seen = line.where(days <= pd.Timestamp(until)).to_numpy()
    way = pd.DataFrame({"day": days, "actual": seen, "pace": _pace(float(one["base"]), works, days, mean)})
    actual = float(line.iloc[-1])
    state: dict[str, Any] = {"actual": actual, "rows": int(laid["rows"].iloc[-1]), "state": "running", "whole": True}
    ahead = bands(session, found.assign(**state), _ahead(works, day, one["ends_on"]), came)
    if not len(ahead):
        return way.assign(p10=np.nan, p50=np.nan, p90=np.nan)
    now = {"day": day} | dict.fromkeys(("p10", "p50", "p90"), actual)
    ahead = pd.concat([pd.DataFrame([now]), ahead]).assign(day=lambda rows: pd.to_datetime(rows["day"]))
    return way.merge(ahead.astype({"day": way["day"].dtype}), on="day", how="left")[COLUMNS]


def _known(actor: Actor, one: pd.Series[Any], day: dt.date) -> bool:
    whose = (one["measure"], one["subject_kind"], int(one["subject_id"]), int(one["team_id"]))
    return one["measure"] != Measure.VALUE_CHANGE and one["starts_on"] <= day and sees_whole(actor, *whose)


def _so_far(session: ScopedSession, one: pd.Series[Any], came: Came, days: pd.DatetimeIndex) -> pd.DataFrame:
    """By day the sums up to then: value, rows."""
    board_id = plan(session, int(one["plan_id"])).board_id
    subject = (str(one["subject_kind"]), int(one["subject_id"]))
    whose = Whose(board_id, one["subject_kind"] in GOODS, subject)
    measure, since = str(one["measure"]), one["starts_on"]
    if one["ends_on"] <= came.day:
        found = daily(session, measure, since, one["ends_on"], whose)
    else:
        found = came.since(session, measure, whose, min(since, known_from(session, came.day)))
    by_day = found.groupby("day")[["value", "rows"]].sum().astype("float64")
    return by_day.reindex(days, fill_value=0.0).cumsum()


def _pace(base: float, works: Days, days: pd.DatetimeIndex, mean: bool) -> Any:
    if mean or not len(works):
        return np.full(len(days), base)
    return base * np.searchsorted(works, days.to_numpy(dtype="datetime64[D]"), "right") / len(works)


def _ahead(works: Days, day: dt.date, end: dt.date) -> list[dt.date]:
    """Some working days of those ahead, and the last day."""
    left = works[works > np.datetime64(day, "D")]
    if end <= day or not len(left):
        return []
    places = np.unique(np.linspace(0, len(left) - 1, AHEAD).astype(int))
    return sorted({*(left[place].item() for place in places[:-1]), end})


__all__ = ["course", "course_of"]
