"""The clocks of a case as its events tell them, on a calendar of office hours in Shanghai. 30 June 2026 is a Tuesday."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.session import get, open_as
from crm.support.commands import CalendarInput, PolicyInput, add_calendar, add_policy
from crm.support.models import Case, CaseComment, CaseEvent
from crm.support.queries import case_list, clocks_of, most_urgent, open_clocks
from tests.factories import a_case, a_customer

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3600


def at(day, time):
    return dt.datetime.fromisoformat(f"2026-06-{day:02} {time}").replace(tzinfo=ZONE)


@pytest.fixture(autouse=True)
def promises(people):
    with open_as(SYSTEM) as session:
        hours = add_calendar(session, CalendarInput(name="Office", holidays=[dt.date(2026, 6, 25)])).id
        strict = {"first_response_seconds": HOUR, "next_response_seconds": 2 * HOUR, "resolution_seconds": 4 * HOUR}
        add_policy(session, PolicyInput(name="Urgent", calendar_id=hours, priority="critical", **strict))
        usual = {"first_response_seconds": 4 * HOUR, "next_response_seconds": 8 * HOUR, "resolution_seconds": 16 * HOUR}
        add_policy(session, PolicyInput(name="VIP", calendar_id=hours, level="vip", **strict))
        add_policy(session, PolicyInput(name="Fault", calendar_id=hours, kind="fault", **usual))


@pytest.fixture
def found(people, customer):
    return a_case(people.anna, customer, opened_at=at(22, "09:00"))


def happened(case, *events):
    with open_as(SYSTEM) as session:
        for when, state, priority in events:
            about = {"owner_id": case.owner_id, "team_id": case.team_id, "by_id": case.owner_id, "what": "state"}
            session.add(CaseEvent(case_id=case.id, at=when, state=state, priority=priority, **about))
        get(session, Case, case.id).state = events[-1][1]


def said(case, *comments):
    with open_as(SYSTEM) as session:
        for when, by_customer in comments:
            told = {"text": "…", "public": True, "by_customer": by_customer, "by_id": case.owner_id}
            session.add(CaseComment(case_id=case.id, at=when, **told))
        ours = [when for when, by_customer in comments if not by_customer]
        get(session, Case, case.id).answered_at = min(ours) if ours else None


def clock(person, case, name, now):
    with open_as(person.actor) as session:
        found = clocks_of(session, [case.id], now)
    rows = found[found["clock"] == name]
    return rows.iloc[0] if len(rows) else None


def local(moment):
    return moment.tz_convert(ZONE).strftime("%m-%d %H:%M")


def test_it_works_over_lunch_and_night(people, found):
    told = clock(people.anna, found, "resolution", at(22, "14:30"))
    assert (told["used"], told["target"], told["state"], told["colour"]) == (4 * HOUR, 16 * HOUR, "running", "green")
    assert local(told["due"]) == "06-24 10:00"  # 7 h on Monday, 7.5 h on Tuesday, 1.5 h more
    assert local(clock(people.anna, found, "first_response", at(22, "10:00"))["due"]) == "06-22 14:30"


def test_a_holiday_does_not_count(people, customer):
    late = a_case(people.anna, customer, opened_at=at(24, "16:30"))
    assert clock(people.anna, late, "resolution", at(26, "09:30"))["used"] == 2 * HOUR


def test_a_stranger_sees_no_clock(people, found):
    assert clock(people.emil, found, "resolution", at(23, "09:00")) is None
    assert clock(people.amir, found, "resolution", at(23, "09:00"))["used"] > 0


def test_pause_then_resume_is_a_shift(people, found):
    happened(found, (at(22, "10:00"), "waiting_customer", "normal"), (at(22, "11:00"), "in_progress", "normal"))
    told = clock(people.anna, found, "resolution", at(22, "14:30"))
    assert (told["used"], local(told["due"])) == (3 * HOUR, "06-24 11:00")


def test_standing_still(people, found):
    happened(found, (at(22, "10:00"), "waiting_third", "normal"))
    told = clock(people.anna, found, "resolution", at(23, "09:00"))
    assert (told["used"], told["state"], pd.isna(told["due"])) == (HOUR, "paused", True)


def test_priority_raised_in_the_middle_keeps_the_time_used(people, found):
    happened(found, (at(22, "11:00"), "in_progress", "critical"))
    told = clock(people.anna, found, "resolution", at(22, "11:30"))
    assert (told["used"], told["target"], local(told["due"])) == (2.5 * HOUR, 4 * HOUR, "06-22 14:30")


def test_reopened_it_runs_on_from_where_it_was(people, found):
    happened(found, (at(22, "10:00"), "solved", "normal"), (at(23, "09:00"), "in_progress", "normal"))
    told = clock(people.anna, found, "resolution", at(23, "10:00"))
    assert (told["used"], told["state"]) == (2 * HOUR, "running")


def test_the_first_answer_ends_the_first_clock_and_the_next_question_begins_another(people, found):
    said(found, (at(22, "10:00"), False), (at(23, "09:00"), True), (at(23, "09:30"), True))
    first = clock(people.anna, found, "first_response", at(23, "10:00"))
    assert (first["used"], first["state"]) == (HOUR, "ended")
    following = clock(people.anna, found, "next_response", at(23, "10:00"))
    assert (following["used"], following["target"], following["state"]) == (HOUR, 8 * HOUR, "running")
    assert following["since"] == at(23, "09:00")
    said(found, (at(22, "10:00"), False), (at(23, "10:30"), False))
    assert clock(people.anna, found, "next_response", at(23, "12:00"))["used"] == 1.5 * HOUR


def test_by_the_level_of_the_customer_and_nothing_promised_to_other_kinds(people):
    vip = a_case(people.anna, a_customer(people.anna, level="vip"), opened_at=at(22, "09:00"))
    told = clock(people.anna, vip, "resolution", at(22, "16:00"))
    assert (told["target"], told["left"], told["colour"], local(told["breached_at"])) == (
        4 * HOUR,
        -1.5 * HOUR,
        "red",
        "06-22 14:30",
    )
    asked = a_case(people.anna, a_customer(people.anna), kind="inquiry", opened_at=at(22, "09:00"))
    told = clock(people.anna, asked, "resolution", at(22, "10:00"))
    assert (pd.isna(told["target"]), told["colour"], told["used"]) == (True, None, HOUR)


def test_as_of_an_earlier_moment(people, found):
    happened(found, (at(22, "10:00"), "solved", "normal"))
    assert clock(people.anna, found, "resolution", at(22, "09:30"))["state"] == "running"
    with open_as(people.anna.actor) as session:
        assert clocks_of(session, [found.id], at(21, "09:00")).empty
        assert open_clocks(session).empty


def test_the_list_shows_the_most_urgent_clock(people, found):
    with open_as(people.anna.actor) as session:
        urgent = most_urgent(clocks_of(session, [found.id], at(22, "10:00")))
        assert urgent.loc[found.id, "clock"] == "first_response"
        assert case_list(session).loc[0, ["clock", "colour", "clock_state"]].tolist() == ["first_response", "red", "running"]
