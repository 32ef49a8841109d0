"""Days asked for and days missing, on weeks written out by hand; and what holds for any weeks."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.presence import judged

MONDAY = dt.date(2026, 6, 1)


def a_week(places="desk desk desk desk desk off off", here="", working="1111100", per_week=None, per_trip=2, **changes):
    """Seven days from Monday; `here`: the places of the days on which he came."""
    return pd.DataFrame(
        {
            "person": 1,
            "day": pd.date_range(MONDAY, periods=7),
            "place": places.replace("off", "desk").split(),
            "working": [one == "1" for one in working],
            "here": [str(number) in here for number in range(7)],
            "week_days": working.count("1"),
            "per_week": np.nan if per_week is None else float(per_week),
            "per_trip": per_trip,
            **changes,
        }
    )


def told(week):
    found = judged(week)
    return int(found["asked"].iloc[0]), np.flatnonzero(found["missing"]).tolist()


def test_every_working_day_is_asked_for():
    assert told(a_week(here="0134")) == (5, [2])
    assert told(a_week(here="01234")) == (5, [])


def test_a_holiday_and_a_saturday_worked_in_its_place():
    assert told(a_week(working="0111110", here="1234")) == (5, [5])


def test_a_day_off_does_not_make_up_for_a_working_day():
    assert told(a_week(here="01256")) == (5, [3, 4])


def test_leave_asks_for_nothing():
    assert told(a_week("leave leave leave leave leave off off")) == (0, [])
    assert told(a_week("leave desk desk sickness desk off off", here="1")) == (3, [2, 4])


def test_twice_in_a_week_of_travel_on_whatever_day():
    trip = "trip trip trip trip trip trip trip"
    assert told(a_week(trip)) == (2, [3, 4])
    assert told(a_week(trip, here="6")) == (2, [4])
    assert told(a_week(trip, here="06")) == (2, [])


def test_a_short_trip_asks_for_its_part():
    assert told(a_week("trip trip desk desk desk off off", here="234")) == (3, [])
    assert told(a_week("trip trip trip trip desk off off", here="4")) == (2, [3])


def test_fewer_days_than_the_week_has():
    assert told(a_week(per_week=3, here="0")) == (3, [3, 4])
    assert told(a_week(per_week=3, here="024")) == (3, [])
    assert told(a_week("leave leave desk desk desk off off", per_week=4, here="23")) == (2, [])


def test_a_part_of_a_week_counts_as_a_part():
    week = a_week("trip trip trip trip trip trip trip")
    assert judged(week.head(3))["asked"].max() == 1
    assert judged(week.head(0)).empty


def test_people_and_weeks_are_kept_apart():
    both = pd.concat([a_week(here="01234"), a_week(here="0").assign(person=2)])
    assert judged(both).groupby("person")["missing"].sum().to_dict() == {1: 0, 2: 4}


PLACES = st.sampled_from(["desk", "trip", "leave", "sickness", "before"])
DAY = st.tuples(PLACES, st.booleans(), st.booleans())


@given(st.lists(DAY, min_size=1, max_size=21), st.none() | st.integers(0, 7), st.integers(0, 7))
@settings(deadline=None, max_examples=150)
def test_whatever_the_weeks_are(days, per_week, per_trip):
    rows = pd.DataFrame(days, columns=["place", "working", "here"]).assign(
        person=1,
        day=pd.date_range(MONDAY, periods=len(days)),
        per_week=np.nan if per_week is None else float(per_week),
        per_trip=per_trip,
    )
    week = (rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D")).rename("week")
    rows["week_days"] = rows["working"].groupby(week).transform("sum")
    found = judged(rows)
    missing = found[found["missing"]]
    assert missing["working"].all() and not missing["here"].any() and missing["place"].isin(["desk", "trip"]).all()
    by_week = found.groupby("week").agg(asked=("asked", "max"), missing=("missing", "sum"))
    assert (by_week["missing"] <= by_week["asked"]).all()
    asked_of = found[found["working"] & found["place"].isin(["desk", "trip"])].groupby("week").size()
    assert (by_week["asked"] <= asked_of.reindex(by_week.index, fill_value=0)).all()
    present = judged(rows.assign(here=True))
    assert not present["missing"].any() and (present["asked"] == found["asked"]).all()
    absent = judged(rows.assign(here=False)).groupby("week").agg(asked=("asked", "max"), missing=("missing", "sum"))
    assert (absent["asked"] == absent["missing"]).all()
