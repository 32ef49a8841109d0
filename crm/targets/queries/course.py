"""The way of one target: day by day so far, against the pace of its working days, and the band in which it will end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from crm.access import Actor
from crm.analytics.attainment import Floats
from crm.office.queries import today
from crm.session import ScopedSession
from crm.targets.models import Measure
from crm.targets.queries.actuals import GOODS, Whose, daily
from crm.targets.queries.attainment import sees_whole
from crm.targets.queries.calendar import Days
from crm.targets.queries.coming import Came
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
    works = came.works(session, one["starts_on"], one["ends_on"])
    days = np.arange(np.datetime64(one["starts_on"], "D"), np.datetime64(one["ends_on"], "D") + 1)
    mean = one["measure"] == Measure.SATISFACTION
    value, rows = _so_far(session, one, came, days)
    line = np.divide(value, rows, out=np.full(len(days), np.nan), where=rows > 0) if mean else value
    way = {"day": days.astype("datetime64[s]"), "actual": np.where(days <= np.datetime64(until, "D"), line, np.nan)}
    way |= {"pace": _pace(float(one["base"]), works, days, mean)}
    actual = float(line[-1])
    state: dict[str, Any] = {"actual": actual, "rows": int(rows[-1]), "state": "running", "whole": True}
    ahead = bands(session, found.assign(**state), _ahead(works, day, one["ends_on"]), came)
    told = np.full((len(days), 3), np.nan)
    if len(ahead):
        place = (np.array(ahead["day"], dtype="datetime64[D]") - days[0]).astype("int64")
        told[place] = ahead[["p10", "p50", "p90"]].to_numpy()
        told[np.searchsorted(days, np.datetime64(day, "D"))] = actual
    return pd.DataFrame(way | dict(zip(COLUMNS[3:], told.T, strict=True)))


def _known(actor: Actor, one: pd.Series[Any], day: dt.date) -> bool:
    whose = (one["measure"], one["subject_kind"], int(one["subject_id"]), int(one["team_id"]))
    return one["measure"] != Measure.VALUE_CHANGE and one["starts_on"] <= day and sees_whole(actor, *whose)


def _so_far(session: ScopedSession, one: pd.Series[Any], came: Came, days: Days) -> tuple[Floats, Floats]:
    """By day the sums up to then: of values, of rows."""
    board_id = plan(session, int(one["plan_id"])).board_id
    subject = (str(one["subject_kind"]), int(one["subject_id"]))
    whose = Whose(board_id, one["subject_kind"] in GOODS, subject)
    measure, since = str(one["measure"]), one["starts_on"]
    if one["ends_on"] <= came.day:
        found = daily(came.subjects(session), measure, since, one["ends_on"], whose)
    else:
        found = came.since(session, measure, whose, min(since, came.known_from(session)))
    place = (found["day"].to_numpy(dtype="datetime64[D]") - days[0]).astype("int64")
    inside = (place >= 0) & (place < len(days))
    values, rows = (found[name].fillna(0).to_numpy(dtype="float64")[inside] for name in ("value", "rows"))
    return tuple(np.bincount(place[inside], each, len(days)).cumsum() for each in (values, rows))  # type: ignore[return-value]


def _pace(base: float, works: Days, days: Days, mean: bool) -> Any:
    if mean or not len(works):
        return np.full(len(days), base)
    return base * np.searchsorted(works, days, "right") / len(works)


def _ahead(works: Days, day: dt.date, end: dt.date) -> list[dt.date]:
    """Some working days of those ahead, and the last day."""
    left = works[works > np.datetime64(day, "D")]
    if end <= day or not len(left):
        return []
    places = np.unique(np.linspace(0, len(left) - 1, AHEAD).astype(int))
    return sorted({*(left[place].item() for place in places[:-1]), end})


__all__ = ["course", "course_of"]
