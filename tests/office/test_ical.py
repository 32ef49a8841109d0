"""Read back by the library's own parser: what a phone would make of it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from crm.errors import Refused
from crm.exchange.ical import Appointment, to_ical
from crm.office.queries import exports
from crm.session import open_as
from crm.ui.calendar.entries import entries, worded
from crm.ui.calendar.files import made
from crm.words import speaking
from tests.factories import TODAY, a_contract, an_activity

STAMP = dt.datetime(2026, 6, 30, 8, 15, tzinfo=dt.UTC)
DAY = dt.date(2026, 7, 2)


def events(content):
    return Calendar.from_ical(content).walk("VEVENT")


def test_a_time_is_told_in_the_zone_of_the_firm():
    one = Appointment("a1@house", DAY, "Visit", starts_at=dt.time(9, 30), minutes=45)
    content = to_ical([one], "Asia/Shanghai", STAMP, "Perennial CRM")
    (event,) = events(content)
    starts = dt.datetime(2026, 7, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (starts, starts + dt.timedelta(minutes=45))
    assert event.decoded("dtstart").astimezone(dt.UTC) == dt.datetime(2026, 7, 2, 1, 30, tzinfo=dt.UTC)
    assert event.decoded("dtstamp") == STAMP
    assert event["uid"] == "a1@house"
    zones = Calendar.from_ical(content).walk("VTIMEZONE")
    assert [str(zone["tzid"]) for zone in zones] == ["Asia/Shanghai"]


def test_without_a_time_it_takes_the_day_and_keeps_nobody_busy():
    (event,) = events(to_ical([Appointment("a1@house", DAY, "Call")], "Asia/Shanghai", STAMP, "x"))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (DAY, DAY + dt.timedelta(1))
    assert event["transp"] == "TRANSPARENT"


def test_commas_lines_and_chinese_come_back_whole():
    text = "上海；王经理, \\ 试听\n第二行 " + "钢琴" * 60
    one = Appointment("a1@house", DAY, "拜访, 琴行; A", about=text, place="3号门, 二楼", kind="拜访")
    content = to_ical([one], "Asia/Shanghai", STAMP, "日历")
    (event,) = events(content)
    assert (event["summary"], event["location"], event["description"]) == ("拜访, 琴行; A", "3号门, 二楼", text)
    assert event["categories"].cats == ["拜访"]
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_lines_end_as_the_standard_says():
    content = to_ical([Appointment("a1@house", DAY, "Call")], "UTC", STAMP, "x")
    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")


def of(person, **asked):
    with open_as(person.actor) as session:
        return made(session, worded(entries(session, TODAY, TODAY, **asked)), "customers", {"since": str(TODAY)})


def test_what_stands_in_the_calendar_goes_out_and_into_the_log(people, customer):
    an_activity(customer, people.anna, kind="visit", topic="试听", planned_on=TODAY, starts_at=dt.time(14), place="Gate 3")
    an_activity(customer, people.anna, kind="call", text="Asked for pianos")
    found = events(of(people.anna))
    assert {str(event["summary"]) for event in found} == {f"试听 · {customer.name}", f"✓ Call · {customer.name}"}
    with open_as(people.anna.actor) as session:
        (row,) = exports(session).to_dict("records")
    assert (row["what"], row["format"], row["rows"]) == ("calendar", "ics", 2)


def test_an_entry_keeps_its_uid_and_counts_its_changes(people, customer):
    planned = an_activity(customer, people.anna, planned_on=TODAY)
    first, second = (events(of(people.anna))[0] for _ in range(2))
    assert first["uid"] == second["uid"]
    assert str(first["uid"]).startswith(f"a{planned.id}@")
    assert first["sequence"] == planned.version


def test_in_the_language_of_the_reader(people, customer):
    an_activity(customer, people.anna, kind="visit", planned_on=TODAY)
    with speaking("zh"):
        (event,) = events(of(people.anna))
    assert str(event["summary"]).startswith("拜访")


def test_money_that_is_due_is_there_too(people, customer):
    a_contract(people.anna, customer, 1000, TODAY)
    (event,) = events(of(people.anna, groups=("contract",)))
    assert str(event["summary"]).startswith("CN¥1,000.00 due")


def test_refused_for_whoever_may_not_export(people, customer):
    with pytest.raises(Refused):
        of(people.gia)
