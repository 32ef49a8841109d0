"""Who was here on the days on which he was to be: every working day at the desk, now and then on a trip.

At the desk a number of days of each week is asked for (all of its working days, where none is given); on a trip another. A week
that is not spent whole in one of the two ways asks for its part of the number, rounded down: a trip of two days out of five asks
for floor(2 x 2 / 5) = 0 days, one of four for floor(2 x 4 / 5) = 1. Days of leave and days off ask for nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Frame = pd.DataFrame

DESK, TRIP = "desk", "trip"
"""Codes of `place`; every other one excuses."""


def judged(days: Frame) -> Frame:
    """A row for each person and calendar day -> the same rows and order, with week (its Monday), missing (no, though it was asked
    for), asked (days asked for in that week).

    person; day (datetime64); place (desk, trip, else excused); working (a working day); here (was here); week_days (working days
    of the whole calendar week, also where the rows show a part of it); per_week (days asked for in a full week at the desk;
    missing = every working day); per_trip (the same on a trip). Of a week that falls short the latest days are the missing ones:
    as many as are wanting. On a trip any day counts, also a day off."""
    told = days.reset_index(drop=True)
    told["week"] = told["day"] - pd.to_timedelta(told["day"].dt.day_of_week, unit="D")
    keys = told.groupby(["person", "week"]).ngroup().to_numpy()
    desk, trip = (told["place"] == DESK) & told["working"], told["place"] == TRIP
    every = told["per_week"].isna()
    at_desk = _in_week(desk, keys)
    asked_desk = np.where(every, at_desk, np.minimum(at_desk, _part(told["per_week"].fillna(0), at_desk, told["week_days"])))
    on_trip = _in_week(trip & told["working"], keys)
    asked_trip = np.minimum(on_trip, _part(told["per_trip"], on_trip, told["week_days"]))
    short_desk = asked_desk - _in_week(desk & told["here"], keys)
    short_trip = asked_trip - _in_week(trip & told["here"], keys)
    missing = _latest(desk & ~told["here"], short_desk, keys) | _latest(trip & told["working"] & ~told["here"], short_trip, keys)
    return told.assign(missing=missing, asked=(asked_desk + asked_trip).astype("int64"))


def _in_week(rows: pd.Series[Any], keys: Any) -> Any:
    return np.bincount(keys, rows.to_numpy()).astype("int64")[keys]


def _part(number: pd.Series[Any], days: Any, of: pd.Series[Any]) -> Any:
    return np.floor(number.to_numpy("float64") * days / np.maximum(of.to_numpy(), 1) + 1e-9)


def _latest(rows: pd.Series[Any], count: Any, keys: Any) -> pd.Series[Any]:
    """As many of the rows of each week as are wanting, from its end."""
    place: pd.Series[Any] = rows.iloc[::-1].astype("int64").groupby(keys[::-1]).cumsum().iloc[::-1]
    found: pd.Series[Any] = rows & (place <= count)
    return found
