"""The funnel counts every deal once, by hand on eight deals and as properties on any."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics import funnel
from crm.analytics.errors import AnalyticsError

DAY = dt.date(2026, 3, 31)


def deals(*rows):
    return pd.DataFrame(rows, columns=["opportunity_id", "created_on", "state", "closed_on", "amount", "rep"]).assign(
        created_on=lambda frame: pd.to_datetime(frame["created_on"]), closed_on=lambda frame: pd.to_datetime(frame["closed_on"])
    )


def events(*rows):
    frame = pd.DataFrame(rows, columns=["opportunity_id", "at", "position", "state"])
    return frame.assign(at=pd.to_datetime(frame["at"]))


DEALS = deals(
    (1, "2026-01-01", "won", "2026-01-31", 100.0, "a"),
    (2, "2026-01-05", "lost", "2026-02-01", 50.0, "a"),
    (3, "2026-01-20", "open", None, 70.0, "b"),
    (4, "2026-02-02", "won", "2026-02-12", 300.0, "b"),
    (5, "2026-02-03", "lost", "2026-02-20", 10.0, "b"),
)
EVENTS = events(
    (1, "2026-01-01", 0, "open"),
    (1, "2026-01-11", 2, "open"),  # leaps over a stage
    (1, "2026-01-31", 2, "won"),
    (2, "2026-01-05", 0, "open"),
    (2, "2026-01-10", 1, "open"),
    (2, "2026-01-15", 0, "open"),  # back
    (2, "2026-01-20", 1, "open"),  # and forth
    (2, "2026-02-01", 1, "lost"),
    (3, "2026-01-20", 0, "open"),
    (3, "2026-03-01", 1, "open"),
    (4, "2026-02-02", 0, "open"),
    (4, "2026-02-12", 0, "won"),  # won from the first stage
    (5, "2026-02-03", 0, "open"),
    (5, "2026-02-20", 0, "lost"),
)


def test_by_hand():
    table = funnel.funnel(DEALS, EVENTS, 3)
    assert table[["entered", "went_on", "lost", "open"]].to_numpy().tolist() == [[5, 4, 1, 0], [4, 2, 1, 1], [2, 2, 0, 0]]
    assert table["conversion"].tolist() == [0.8, 0.5, 1.0]
    assert table["from_start"].tolist() == [1.0, 0.8, 0.4]
    assert (table["low"] < table["conversion"]).all() and (table["conversion"] <= table["high"]).all()


def test_cohorts_by_month_of_creation_keep_lost_and_open():
    table = funnel.cohorts(DEALS)
    assert table["cohort"].dt.month.tolist() == [1, 2]
    assert table[["entered", "won", "lost", "open"]].to_numpy().tolist() == [[3, 1, 1, 1], [2, 1, 1, 0]]
    assert table["win_rate"].tolist() == pytest.approx([1 / 3, 1 / 2])
    assert table["decided_rate"].tolist() == [0.5, 0.5]


def test_stays_know_how_they_ended_and_what_is_there_still():
    stayed = funnel.stays(DEALS, EVENTS, DAY)
    of_two = stayed[stayed["opportunity_id"] == 2]
    assert of_two[["position", "days", "end"]].to_numpy().tolist() == [
        [0, 5, "forward"],
        [1, 5, "back"],
        [0, 5, "forward"],
        [1, 12, "lost"],
    ]
    still = stayed[~stayed["ended"]]
    assert still[["opportunity_id", "position", "days"]].to_numpy().tolist() == [[3, 1, 30]]
    assert funnel.stays(DEALS, EVENTS, dt.date(2026, 1, 12))["ended"].sum() == 2  # what came later is not known
    times = funnel.time_in_stage(stayed, 3)
    assert times["stays"].tolist() == [6, 3, 1]
    assert times["open"].tolist() == [0, 1, 0]
    # First stage: 10, 5, 5, 40, 10, 17 days: half have gone on by the tenth.
    assert times["median_days"].iloc[0] == 10
    assert times["lost_share"].iloc[0] == pytest.approx(1 / 6)


def test_rates_by_person():
    table = funnel.win_rates(DEALS, "rep").set_index("rep")
    assert table.loc["b", ["won", "lost", "open", "won_amount", "average_deal", "days_to_win"]].tolist() == [
        1,
        1,
        1,
        300,
        300,
        10,
    ]
    assert table.loc["b", "velocity"] == pytest.approx(1 * 0.5 * 300 / 10)
    difference = funnel.compare(DEALS, "rep", "a", "b")
    assert difference.difference == 0 and not difference.is_clear


WAYS = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=6), st.sampled_from(["open", "won", "lost"])), min_size=1, max_size=30
)


@settings(max_examples=50)
@given(WAYS)
def test_nobody_is_lost_or_counted_twice(ways):
    start = pd.Timestamp("2026-01-01")
    found = deals(*((i, start, state, None, 1.0, "a") for i, (_, state) in enumerate(ways)))
    rows = [(i, start + pd.Timedelta(days=n), p, "open") for i, (path, _) in enumerate(ways) for n, p in enumerate([0, *path])]
    table = funnel.funnel(found, events(*rows), 5)
    assert (table["entered"] == table["went_on"] + table["lost"] + table["open"]).all()
    assert table["entered"].iloc[0] == len(ways)
    assert table["went_on"].tolist()[:-1] == table["entered"].tolist()[1:]
    assert table["lost"].sum() + table["open"].sum() + table["went_on"].iloc[-1] == len(ways)


def test_refusals():
    with pytest.raises(AnalyticsError, match="position"):
        funnel.funnel(DEALS, EVENTS.drop(columns="position"), 3)
    with pytest.raises(AnalyticsError, match="more than once"):
        funnel.funnel(pd.concat([DEALS, DEALS]), EVENTS, 3)
    with pytest.raises(AnalyticsError, match="both sides"):
        funnel.compare(DEALS, "rep", "a", "nobody")
