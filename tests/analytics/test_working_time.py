"""Working time: what lies between two moments, and when so much of it is used; golden days and properties."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import WorkingCalendar, WorkingTime, always, day_blocks

SHANGHAI = "Asia/Shanghai"
BERLIN = "Europe/Berlin"
OFFICE = day_blocks("08:30-12:00, 13:30-17:30")
HOUR = 3600


def office(zone: str = SHANGHAI, **more: object) -> WorkingCalendar:
    return WorkingCalendar(zone, [OFFICE] * 5 + [[], []], **more)  # type: ignore[arg-type]


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def laid_out(calendar: WorkingCalendar) -> WorkingTime:
    return WorkingTime(calendar, at("2025-01-01", "UTC"), at("2025-12-31", "UTC"))


def hours(calendar: WorkingCalendar, start: str, end: str, zone: str = SHANGHAI) -> float:
    return float(laid_out(calendar).between(at(start, zone).timestamp(), at(end, zone).timestamp())) / HOUR


def due(calendar: WorkingCalendar, start: str, wanted: float, zone: str = SHANGHAI) -> str:
    moment = float(laid_out(calendar).after(at(start, zone).timestamp(), wanted * HOUR))
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2025-03-03 09:00", "2025-03-03 11:00", 2),
        ("2025-03-03 11:00", "2025-03-03 14:30", 2),  # over lunch
        ("2025-03-03 12:10", "2025-03-03 13:20", 0),  # within lunch
        ("2025-03-03 16:30", "2025-03-04 09:30", 2),  # over night
        ("2025-03-07 16:30", "2025-03-10 09:30", 2),  # over a weekend
        ("2025-03-03 00:00", "2025-03-10 00:00", 37.5),  # a week
    ],
)
def test_working_hours_between_two_moments(start: str, end: str, wanted: float) -> None:
    assert hours(office(), start, end) == pytest.approx(wanted)


def test_a_holiday_has_none_and_a_worked_saturday_has_its_own() -> None:
    calendar = office(holidays=frozenset({date(2025, 10, 1)}), extra={date(2025, 9, 28): day_blocks("09:00-12:00")})
    assert hours(calendar, "2025-09-30 16:30", "2025-10-02 09:30") == pytest.approx(2)
    assert hours(calendar, "2025-09-28 00:00", "2025-09-29 00:00") == pytest.approx(3)


def test_the_due_moment_skips_lunch_night_and_holiday() -> None:
    calendar = office(holidays=frozenset({date(2025, 10, 1)}))
    assert due(calendar, "2025-09-30 16:30", 1) == "2025-09-30 17:30"
    assert due(calendar, "2025-09-30 16:30", 1.5) == "2025-10-02 09:00"
    assert due(calendar, "2025-09-30 11:30", 1) == "2025-09-30 14:00"
    assert due(calendar, "2025-10-01 10:00", 0) == "2025-10-01 10:00"


def test_summer_time_gives_a_night_shift_an_hour_less_or_more() -> None:
    night = WorkingCalendar(BERLIN, [day_blocks("00:00-06:00")] * 7)
    assert hours(night, "2025-03-30 00:00", "2025-03-30 12:00", BERLIN) == pytest.approx(5)
    assert hours(night, "2025-10-26 00:00", "2025-10-26 12:00", BERLIN) == pytest.approx(7)
    day = WorkingCalendar(BERLIN, [day_blocks("09:00-17:00")] * 7)
    assert hours(day, "2025-03-30 00:00", "2025-03-31 00:00", BERLIN) == pytest.approx(8)
    assert due(day, "2025-03-29 16:00", 2, BERLIN) == "2025-03-30 10:00"


def test_two_zones_see_the_same_moments() -> None:
    """09:00 in Shanghai is 01:00 UTC: an office in Berlin has not opened."""
    start, end = at("2025-06-02 09:00"), at("2025-06-02 17:00")
    berlin = laid_out(office(BERLIN))
    assert float(berlin.between(start.timestamp(), end.timestamp())) / HOUR == pytest.approx(2.5)


def test_what_lies_outside_the_laid_out_days_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="outside the days"):
        laid_out(office()).between(at("2024-06-03 09:00").timestamp(), at("2025-06-03 09:00").timestamp())
    short = WorkingTime(office(), at("2025-06-02 00:00"), at("2025-06-03 00:00"))
    assert str(short.after(at("2025-06-02 16:30").timestamp(), 2 * HOUR)) == "nan"


@pytest.mark.parametrize("text", ["9 to 5", "12:00-09:00", "09:00-12:00, 11:00-13:00", "00:00-24:00, 08:00-09:00", "25:00-26:00"])
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(AnalyticsError):
        day_blocks(text)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(AnalyticsError, match="seven days"):
        WorkingCalendar("UTC", [OFFICE] * 5)


def test_day_and_night_is_plain_time() -> None:
    assert hours(always(), "2025-03-29 00:00", "2025-03-31 00:00", BERLIN) == pytest.approx(47)  # the night of the change


# ------------------------------------------------------------------------------------------------- properties

minutes = st.integers(0, 60 * 24 * 300)
BEGIN = datetime(2025, 1, 10, tzinfo=UTC)
LAID = {name: laid_out(office(name)) for name in (SHANGHAI, BERLIN)}


def moment(minute: int) -> float:
    return (BEGIN + timedelta(minutes=minute)).timestamp()


@given(st.sampled_from(sorted(LAID)), minutes, minutes, minutes)
@settings(max_examples=150, deadline=None)
def test_time_adds_up_and_never_exceeds_the_clock_on_the_wall(zone: str, one: int, two: int, three: int) -> None:
    first, middle, last = sorted((one, two, three))
    whole = float(LAID[zone].between(moment(first), moment(last)))
    parts = float(LAID[zone].between(moment(first), moment(middle)) + LAID[zone].between(moment(middle), moment(last)))
    assert whole == pytest.approx(parts)
    assert 0 <= whole <= moment(last) - moment(first)


@given(st.sampled_from(sorted(LAID)), minutes, st.integers(1, 60 * 80))
@settings(max_examples=150, deadline=None)
def test_the_due_moment_is_the_first_at_which_so_much_has_passed(zone: str, start: int, wanted: int) -> None:
    found = float(LAID[zone].after(moment(start), wanted * 60))
    assert float(LAID[zone].between(moment(start), found)) == pytest.approx(wanted * 60)
    assert float(LAID[zone].between(moment(start), found - 1)) < wanted * 60


@given(minutes, st.integers(0, 60 * 24 * 20))
@settings(max_examples=100, deadline=None)
def test_minute_by_minute_counting_comes_to_the_same(start: int, length: int) -> None:
    """The slow way: is each quarter of an hour of local time inside a block?"""
    start -= start % 15
    length = min(length - length % 15, 60 * 24 * 5)
    counted = 0
    for quarter in range(0, length, 15):
        local = (BEGIN + timedelta(minutes=start + quarter)).astimezone(ZoneInfo(SHANGHAI))
        blocks = OFFICE if local.weekday() < 5 else []
        counted += any(begin <= local.time() < end or (end == time(0) and begin <= local.time()) for begin, end in blocks)
    assert float(LAID[SHANGHAI].between(moment(start), moment(start + length))) == counted * 15 * 60
