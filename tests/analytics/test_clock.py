"""The clocks of a case: the golden cases, and properties of the replay."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.clock import answers, clocks
from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import WorkingCalendar, WorkingTime, always, day_blocks

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3600.0
RUNNING, PAUSED = ("new", "in_progress"), ("waiting",)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def laid_out(calendar: WorkingCalendar) -> WorkingTime:
    return WorkingTime(calendar, at("2024-12-30"), at("2026-01-02"))


OFFICE = WorkingCalendar(
    ZONE.key, [day_blocks("08:30-12:00, 13:30-17:30")] * 5 + [[], []], holidays=frozenset({date(2025, 5, 1)})
)
BERLIN = WorkingCalendar("Europe/Berlin", [day_blocks("00:00-08:00")] * 7)
WORKING = {"office": laid_out(OFFICE), "always": laid_out(always()), "berlin": laid_out(BERLIN)}


def replay(*told: tuple[str, str, float], now: str, calendar: str = "office") -> Any:
    """(at, state, target in hours) of one case."""
    rows = [(1, at(when), state, target * HOUR, calendar) for when, state, target in told]
    events = pd.DataFrame(rows, columns=["case_id", "at", "state", "target", "calendar"])
    return clocks(events, at(now), WORKING, running=RUNNING, paused=PAUSED).loc[1]


def local(moment: pd.Timestamp) -> str:
    return moment.tz_convert(ZONE).strftime("%m-%d %H:%M")


def test_a_running_case_knows_when_it_is_due() -> None:
    found = replay(("2025-03-03 09:00", "new", 8), now="2025-03-03 11:00")
    assert (found["used"], found["left"], found["state"]) == (2 * HOUR, 6 * HOUR, "running")
    assert local(found["due"]) == "03-04 09:30"
    assert pd.isna(found["breached_at"])


def test_pause_then_resume_shifts_the_due_moment_by_the_pause() -> None:
    found = replay(
        ("2025-03-03 09:00", "new", 8),
        ("2025-03-03 10:00", "waiting", 8),
        ("2025-03-03 11:30", "in_progress", 8),
        now="2025-03-03 11:45",
    )
    assert found["used"] == 1.25 * HOUR
    assert local(found["due"]) == "03-04 11:00"  # 09:30 without the pause


def test_in_a_pause_nothing_is_due() -> None:
    found = replay(("2025-03-03 09:00", "new", 8), ("2025-03-03 10:00", "waiting", 8), now="2025-03-05 10:00")
    assert found["state"] == "paused"
    assert found["used"] == HOUR
    assert pd.isna(found["due"])


def test_lunch_night_and_holiday_do_not_count() -> None:
    assert replay(("2025-03-03 11:00", "new", 8), now="2025-03-03 14:00")["used"] == 1.5 * HOUR
    assert replay(("2025-03-03 17:00", "new", 8), now="2025-03-04 09:00")["used"] == HOUR
    assert replay(("2025-04-30 17:00", "new", 8), now="2025-05-02 09:00")["used"] == HOUR


def test_priority_raised_in_the_middle_keeps_the_time_used() -> None:
    found = replay(("2025-03-03 09:00", "new", 16), ("2025-03-03 11:00", "new", 4), now="2025-03-03 11:30")
    assert (found["used"], found["target"], found["left"]) == (2.5 * HOUR, 4 * HOUR, 1.5 * HOUR)
    assert local(found["due"]) == "03-03 14:30"


def test_priority_raised_above_what_is_left_breaches_at_that_moment() -> None:
    found = replay(("2025-03-03 09:00", "new", 16), ("2025-03-03 15:00", "new", 4), now="2025-03-03 16:00")
    assert local(found["breached_at"]) == "03-03 15:00"
    assert pd.isna(found["due"])
    waiting = replay(("2025-03-03 09:00", "new", 16), ("2025-03-03 15:00", "waiting", 4), now="2025-03-03 16:00")
    assert local(waiting["breached_at"]) == "03-03 15:00"


def test_the_breach_is_the_moment_at_which_the_time_was_used_up() -> None:
    found = replay(("2025-03-03 09:00", "new", 4), now="2025-03-04 09:00")
    assert local(found["breached_at"]) == "03-03 14:30"
    assert found["left"] == -3.5 * HOUR


def test_a_reopened_case_runs_on_from_where_it_was() -> None:
    told = (("2025-03-03 09:00", "new", 8), ("2025-03-03 10:30", "solved", 8))
    solved = replay(*told, now="2025-03-05 10:00")
    assert (solved["used"], solved["state"]) == (1.5 * HOUR, "ended")
    again = replay(*told, ("2025-03-05 09:00", "in_progress", 8), now="2025-03-05 10:00")
    assert (again["used"], again["state"]) == (2.5 * HOUR, "running")


def test_the_hour_that_summer_time_takes_is_not_counted() -> None:
    """In Berlin the night of 30 March 2025 has seven hours between midnight and eight."""
    found = replay(("2025-03-30 06:00", "new", 8), now="2025-03-30 20:00", calendar="berlin")  # 29 March 23:00 there
    assert found["used"] == 7 * HOUR


def test_a_case_without_a_target_is_never_late() -> None:
    found = replay(("2025-03-03 09:00", "new", float("nan")), now="2025-03-28 09:00")
    assert pd.isna(found["due"])
    assert pd.isna(found["breached_at"])


def test_as_of_an_earlier_moment_later_events_are_not_known() -> None:
    told = (("2025-03-03 09:00", "new", 8), ("2025-03-03 10:30", "solved", 8))
    assert replay(*told, now="2025-03-03 10:00")["state"] == "running"


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="no working calendar"):
        replay(("2025-03-03 09:00", "new", 8), now="2025-03-03 10:00", calendar="moon")


def test_answers_pair_each_wait_with_the_first_answer_after_it() -> None:
    told = [("09:00", True), ("09:10", True), ("09:40", False), ("09:50", False), ("11:00", True)]
    found = answers((at(f"2025-03-03 {when}").timestamp(), who) for when, who in told)
    hours = [tuple(None if one is None else local(pd.Timestamp(one, unit="s", tz=UTC)) for one in wait) for wait in found]
    assert hours == [("03-03 09:00", "03-03 09:40"), ("03-03 11:00", None)]


# ------------------------------------------------------------------------------------------------- properties

START = at("2025-02-03 08:00")
steps = st.lists(st.tuples(st.integers(1, 3000), st.sampled_from((*RUNNING, *PAUSED, "solved"))), min_size=1, max_size=8)


def told_of(steps: list[tuple[int, str]], target: float = 8 * HOUR, calendar: str = "office", shift: int = 0) -> pd.DataFrame:
    when, rows = START + timedelta(minutes=shift), []
    for minutes, state in [(0, "new"), *steps]:
        when += timedelta(minutes=minutes)
        rows.append((1, when, state, target, calendar))
    return pd.DataFrame(rows, columns=["case_id", "at", "state", "target", "calendar"])


def end_of(events: pd.DataFrame, more: int = 600) -> datetime:
    return events["at"].max().to_pydatetime() + timedelta(minutes=more)


@given(steps)
@settings(max_examples=80, deadline=None)
def test_used_is_the_sum_of_what_lies_in_running_spans(steps: list[tuple[int, str]]) -> None:
    events = told_of(steps)
    now = end_of(events)
    moments = [*(one.timestamp() for one in events["at"]), now.timestamp()]
    states = list(events["state"])
    by_hand = sum(
        float(WORKING["office"].between(*pair)) for pair, state in zip(pairwise(moments), states, strict=True) if state in RUNNING
    )
    assert clocks(events, now, WORKING, running=RUNNING, paused=PAUSED)["used"].iloc[0] == pytest.approx(by_hand)


@given(steps, st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=80, deadline=None)
def test_time_used_only_grows(steps: list[tuple[int, str]], one: int, two: int) -> None:
    events = told_of(steps)
    earlier, later = (
        clocks(events, end_of(events, more), WORKING, running=RUNNING, paused=PAUSED) for more in sorted((one, two))
    )
    assert earlier["used"].iloc[0] <= later["used"].iloc[0]


@given(steps, st.integers(1, 4000))
@settings(max_examples=80, deadline=None)
def test_day_and_night_a_pause_is_a_shift(steps: list[tuple[int, str]], pause: int) -> None:
    """A pause put before everything else moves the due moment by its length and changes nothing else."""
    plain = told_of(steps, target=1e7, calendar="always")
    begun = told_of(steps, target=1e7, calendar="always", shift=pause)
    waiting = pd.DataFrame([(1, START, "waiting", 1e7, "always")], columns=plain.columns)
    paused = pd.concat([waiting, begun], ignore_index=True)
    one = clocks(plain, end_of(plain), WORKING, running=RUNNING, paused=PAUSED).iloc[0]
    two = clocks(paused, end_of(paused), WORKING, running=RUNNING, paused=PAUSED).iloc[0]
    assert one["used"] == pytest.approx(two["used"])
    if pd.notna(one["due"]):
        assert (two["due"] - one["due"]).total_seconds() == pytest.approx(pause * 60)


@given(steps)
@settings(max_examples=80, deadline=None)
def test_late_exactly_when_more_is_used_than_allowed(steps: list[tuple[int, str]]) -> None:
    events = told_of(steps)
    found = clocks(events, end_of(events), WORKING, running=RUNNING, paused=PAUSED).iloc[0]
    assert pd.notna(found["breached_at"]) == (found["left"] < 0)


@given(st.lists(steps, min_size=1, max_size=5), st.randoms())
@settings(max_examples=40, deadline=None)
def test_cases_do_not_touch_each_other_and_order_does_not_matter(cases: list[list[tuple[int, str]]], random: Any) -> None:
    told = [told_of(one).assign(case_id=number) for number, one in enumerate(cases)]
    together = pd.concat(told, ignore_index=True)
    now = end_of(together)
    mixed = together.sample(frac=1, random_state=random.randrange(1000))
    found = clocks(mixed, now, WORKING, running=RUNNING, paused=PAUSED)
    for number, one in enumerate(told):
        alone = clocks(one, now, WORKING, running=RUNNING, paused=PAUSED)
        pd.testing.assert_series_equal(found.loc[number], alone.loc[number])
