import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.support.commands import CalendarInput, PolicyInput, add_calendar, add_policy, remove_policy, seed_policies
from crm.support.queries import calendar, calendars, colour_rules, overruled, policies, policy
from crm.ui.support.promises_days import DayError, extra_of, holidays_of, holidays_text, seconds_of, typed_time, working_day
from crm.ui.text import literal
from crm.words import speaking
from tests.factories import TODAY
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

WEEK = ["08:30-12:00, 13:30-17:30"] * 5 + ["", ""]


@pytest.fixture
def seeded(people):
    """name -> id of the usual policies"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        seed_policies(session)
        found = policies(session)
    return dict(zip(found["name"], found["id"].astype(int), strict=True))


def body():
    from crm.ui.support.promises import promises

    promises()


def shown(person):
    at = dialog(body, person)
    assert not at.exception
    return at


def order():
    with open_as(SYSTEM) as session:
        return policies(session)["name"].tolist()


# ------------------------------------------------------------------------------------------------------ the side


def test_it_begins_with_what_is_usual(people):
    at = shown(people.bao)
    assert "Nothing is promised yet" in texts(at)
    at.button(key="promises.seed").click().run()
    assert order() == ["VIP", "Critical", "High", "Normal", "Low"]


@pytest.mark.parametrize("name", ["anna", "gia", "ben", "amir"])
def test_others_read_it(people, seeded, name):
    at = shown(getattr(people, name))
    seen = texts(at)
    for part in (
        "**VIP**",
        "30 min",
        "40 h",
        "Office hours",
        "the lead of the team",
        "amber after 4 h 48 min, red after 6 h 48",
    ):
        assert part in seen, part
    assert keys(at) == set() and not at.number_input


def test_a_reader_is_told_that_nothing_is_promised(people):
    at = shown(people.gia)
    assert "Nothing is promised yet" in texts(at) and keys(at) == set()


@pytest.mark.parametrize("name", ["bao", "dana", "eve", "ada"])
def test_whoever_sets_policies_changes_it(people, seeded, name):
    wanted = {"policy.new", f"policy.edit.{seeded['VIP']}", "calendar.edit", "calendar.new", f"policy.1.{seeded['VIP']}"}
    assert wanted <= keys(shown(getattr(people, name)))


def test_a_policy_moves_by_its_arrows(people, seeded):
    at = shown(people.bao)
    assert at.button(key=f"policy.-1.{seeded['VIP']}").disabled
    at.button(key=f"policy.1.{seeded['VIP']}").click().run()
    assert order()[:2] == ["Critical", "VIP"]


def test_a_policy_that_never_holds_is_marked(people, seeded):
    with open_as(people.bao.actor) as session:
        hours = int(calendars(session)["id"].iloc[0])
        added = add_policy(session, PolicyInput(name="Faults", kind="fault", calendar_id=hours))
        assert overruled(session) == {added.id: "Low"}
    assert "Never used: Low above fits first." in texts(shown(people.bao))


def test_a_gap_is_told(people, seeded):
    assert "promised nothing" not in texts(shown(people.bao))
    with open_as(people.bao.actor) as session:
        remove_policy(session, seeded["Low"])
    assert "What fits none of them is promised nothing." in texts(shown(people.bao))


def test_which_policy_holds(people, seeded):
    at = shown(people.gia)
    assert "**Normal**" in at.markdown[-1].value or any("**Normal**  \n" in one.value for one in at.markdown)
    at.selectbox(key="promises.ask.level").set_value("vip").run()
    (answer,) = [one.value for one in at.markdown if "Opened now" in one.value]
    assert "**VIP**" in answer and "First response by" in answer


# -------------------------------------------------------------------------------------------------- the dialogs


def new_policy_body():
    from crm.ui.support.promises_policy import new_policy

    new_policy()


def edit_policy_body(policy_id):
    from crm.ui.support.promises_policy import edit_policy

    edit_policy(policy_id)


def test_a_policy_is_added_with_its_times(people, seeded):
    at = dialog(new_policy_body, people.bao)
    at.text_input(key="policy.add.name").set_value("Returns")
    at.selectbox(key="policy.add.kind").set_value("return")
    at.text_input(key="policy.add.first_response_seconds").set_value("1 h 30 min")
    at.text_input(key="policy.add.resolution_seconds").set_value("2 d")
    at.button[0].click().run()
    with open_as(people.bao.actor) as session:
        added = policies(session).iloc[-1]
    assert (added["name"], added["kind"], added["first_response_seconds"]) == ("Returns", "return", 5400)
    assert added["resolution_seconds"] == 15 * 3600, "two days of seven and a half hours"
    assert added["pausing"] == ["waiting_customer", "waiting_third"]


def test_a_time_that_is_none_is_named(people, seeded):
    at = dialog(new_policy_body, people.bao)
    at.text_input(key="policy.add.name").set_value("Returns")
    at.text_input(key="policy.add.resolution_seconds").set_value("soon")
    at.button[0].click().run()
    assert "**Resolution**: Write a time like 30 min, 4 h or 2 d; this is not: soon" in at.error[0].value
    assert "Returns" not in order()


def test_a_policy_is_changed_and_removed(people, seeded):
    at = dialog(edit_policy_body, people.bao, seeded["High"])
    key = f"policy.{seeded['High']}.form"
    assert at.text_input(key=f"{key}.next_response_seconds").value == "4 h"
    at.text_input(key=f"{key}.next_response_seconds").set_value("")
    at.button[0].click().run()
    with open_as(people.bao.actor) as session:
        found = policy(session, seeded["High"])
    assert (found.next_response_seconds, found.resolution_seconds, found.priority) == (None, 16 * 3600, "high")
    dialog(edit_policy_body, people.bao, seeded["High"]).button(key="policy.remove_yes").click().run()
    assert "High" not in order()


def test_a_policy_that_somebody_changed_meanwhile_shows_both(people, seeded):
    at = dialog(edit_policy_body, people.bao, seeded["High"])
    with open_as(people.eve.actor) as session:
        policy(session, seeded["High"]).resolution_seconds = 3600
    at.text_input(key=f"policy.{seeded['High']}.form.resolution_seconds").set_value("8 h")
    at.button[0].click().run()
    assert at.warning and at.table
    at.button(key=f"policy.{seeded['High']}.form.mine").click().run()
    with open_as(people.bao.actor) as session:
        assert policy(session, seeded["High"]).resolution_seconds == 8 * 3600


def test_a_removed_name_is_free_again(people, seeded):
    with open_as(people.bao.actor) as session:
        remove_policy(session, seeded["VIP"])
        hours = int(calendars(session)["id"].iloc[0])
        add_policy(session, PolicyInput(name="VIP", level="vip", calendar_id=hours))
    assert order()[-1] == "VIP"
    with pytest.raises(Invalid, match="already a policy"), open_as(people.bao.actor) as session:
        add_policy(session, PolicyInput(name="VIP", calendar_id=hours))


def new_calendar_body():
    from crm.ui.support.promises_calendar import new_calendar

    new_calendar()


def edit_calendar_body(calendar_id):
    from crm.ui.support.promises_calendar import edit_calendar

    edit_calendar(calendar_id)


def test_a_calendar_with_pasted_holidays(people, seeded):
    at = dialog(new_calendar_body, people.bao)
    at.text_input(key="calendar.add.name").set_value("Service desk")
    at.text_input(key="calendar.add.sat").set_value("09:00-12:00")
    at.text_area(key="calendar.add.holidays").set_value("2026-07-01 ~ 2026-07-03 Founders\n2026/12/25")
    at.text_area(key="calendar.add.extra").set_value("2026-07-05\n2026-07-12 10:00-12:00")
    at.button[0].click().run()
    with open_as(people.bao.actor) as session:
        found = calendars(session).set_index("name").loc["Service desk"]
    assert found["week"] == [*WEEK[:5], "09:00-12:00", ""]
    assert found["holidays"] == ["2026-07-01", "2026-07-02", "2026-07-03", "2026-12-25"]
    assert found["extra_days"] == {"2026-07-05": WEEK[0], "2026-07-12": "10:00-12:00"}
    assert found["zone"] == "Asia/Shanghai"
    at = shown(people.bao)
    at.segmented_control(key="calendar.chosen").set_value(int(found["id"])).run()
    assert not at.exception
    assert "3 holidays among them" in texts(at) and literal(f"Mon–Fri {WEEK[0]} · Sat 09:00-12:00") in texts(at)


def test_what_is_wrong_with_a_calendar_names_the_day(people, seeded):
    at = dialog(new_calendar_body, people.bao)
    at.text_input(key="calendar.add.name").set_value("Service desk")
    at.text_input(key="calendar.add.tue").set_value("17:00-09:00")
    at.text_input(key="calendar.add.fri").set_value("all day")
    at.text_area(key="calendar.add.holidays").set_value("2026-10-01\n31 October")
    at.button[0].click().run()
    (told,) = [one.value for one in at.error]
    assert "**Tue**: The working hours of a day overlap" in told
    assert "**Fri**: Working hours are written like" in told and "all day" in told
    assert "**Holidays, 31 October**: Begin the line with a day" in told
    assert at.text_input(key="calendar.add.fri").value == "all day", "what was typed stays"


def test_a_week_without_work_is_refused(people, seeded):
    at = dialog(new_calendar_body, people.bao)
    at.text_input(key="calendar.add.name").set_value("Never")
    for day in ("mon", "tue", "wed", "thu", "fri"):
        at.text_input(key=f"calendar.add.{day}").set_value("")
    at.button[0].click().run()
    assert "Somebody has to work on some day." in at.error[0].value


def test_a_calendar_is_changed_and_stays_while_it_is_used(people, seeded):
    with open_as(people.bao.actor) as session:
        used = int(calendars(session)["id"].iloc[0])
        other = add_calendar(session, CalendarInput(name="Spare")).id
    at = dialog(edit_calendar_body, people.bao, used)
    assert "VIP, Critical, High, Normal, Low count by it" in texts(at)
    assert "calendar.remove_yes" not in keys(at)
    at.text_input(key=f"calendar.{used}.form.wed").set_value("08:30-12:00")
    at.button[0].click().run()
    with open_as(people.bao.actor) as session:
        assert calendar(session, used).week[2] == "08:30-12:00"
    dialog(edit_calendar_body, people.bao, other).button(key="calendar.remove_yes").click().run()
    with open_as(people.bao.actor) as session:
        assert calendars(session)["name"].tolist() == ["Office hours"]


def test_colours_are_set_by_whoever_sets_policies(people, seeded):
    for person, red in ((people.dana, 90.0), (people.ada, 95.0)):
        at = shown(person)
        at.number_input(key="colours.red").set_value(red)
        next(button for button in at.button if button.label == "Save").click().run()
        with open_as(SYSTEM) as session:
            assert colour_rules(session).red == red / 100
    at = shown(people.dana)
    at.number_input(key="colours.amber").set_value(99.0)
    next(button for button in at.button if button.label == "Save").click().run()
    assert "Amber must begin before red." in at.error[0].value


# ----------------------------------------------------------------------------------------------------- as typed


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("", None),
        ("30 min", 1800),
        ("4h", 14_400),
        ("1 h 30 min", 5400),
        ("2 d", 54_000),
        ("1,5 h", 5400),
        ("2 天 1 小时", 57_600),
    ],
)
def test_times(typed, seconds):
    assert seconds_of(typed, 27_000) == seconds


@pytest.mark.parametrize("typed", ["soon", "4", "4 h soon", "4 weeks", "-"])
def test_times_that_are_none(typed):
    with pytest.raises(Invalid):
        seconds_of(typed, 27_000)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seconds", [None, 60, 1800, 5400, 14_400, 288_000])
def test_a_time_is_read_as_it_is_written(seconds, language):
    with speaking(language):
        assert seconds_of(typed_time(seconds), 27_000) == seconds


def test_a_usual_day():
    assert working_day(WEEK) == 7.5 * 3600
    assert working_day(["22:00-24:00", *[""] * 6]) == 2 * 3600
    assert working_day([""] * 7) == 8 * 3600


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-10-01", ["2026-10-01"]),
        ("2026年10月1日 国庆节\n2026.10.2", ["2026-10-01", "2026-10-02"]),
        ("2026-10-01 to 2026/10/03 National Day", ["2026-10-01", "2026-10-02", "2026-10-03"]),
        ("2026-10-01至2026-10-02；2026-10-02", ["2026-10-01", "2026-10-02"]),
        ("2026-10-01 - a holiday", ["2026-10-01"]),
        ("\n \n", []),
    ],
)
def test_holidays(text, days):
    assert [day.isoformat() for day in holidays_of(text)] == days
    assert [day.isoformat() for day in holidays_of(holidays_text(days))] == days


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "2026-10-07 ~ 2026-10-01", "2026-10-01 ~ 2062-10-01"])
def test_holidays_that_are_none(text):
    with pytest.raises(DayError) as refusal:
        holidays_of(text)
    assert refusal.value.name == text


def test_extra_days():
    week = ["", "09:00-17:00", *[""] * 5]
    assert extra_of("2026-10-10\n2026-10-11: 10:00-12:00", week) == {
        dt.date(2026, 10, 10): "09:00-17:00",
        dt.date(2026, 10, 11): "10:00-12:00",
    }
    with pytest.raises(DayError):
        extra_of("2026-10-11 in the morning", week)


# ------------------------------------------------------------------------------------------------------ the page


def test_the_chinese_page(people, seeded):
    at = opened("pages/service/service.py", people.bao, "zh", show="promises")
    assert not at.exception
    assert english_left(at) - seeded.keys() == set(), "but the names that the firm gave"
