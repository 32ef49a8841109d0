import datetime as dt

import pytest

from crm.office.commands import ActivityDetails, CheckIn, check_in, edit_activity
from crm.office.queries import activities_of, activity
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/work/calendar.py"
NEXT = TODAY + dt.timedelta(1)


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Harmony Hall")


@pytest.fixture
def visit(people, customer):
    about = {"topic": "Show the new grand", "planned_on": TODAY, "starts_at": dt.time(9, 30), "place": "Stage door"}
    return an_activity(customer, people.anna, kind="visit", **about)


def page(person, language="en", **query):
    return opened(PAGE, person, language, **{"day": TODAY} | query)


def asked(at, **wish):
    """What the browser sends: the component itself has no place in a page test."""
    at.session_state["calendar.asked"] = wish
    return at.run()


def visits_shown(at):
    return [] if not at.dataframe else at.dataframe[-1].value["name"].tolist()


def test_a_click_opens_the_entry_with_what_can_be_done(people, visit):
    at = asked(page(people.anna), what="open", id=f"a{visit.id}")
    assert not at.exception
    assert "Stage door" in texts(at)
    assert "entry.record" in keys(at)
    assert f"check_in.without.{visit.id}" in keys(at)


def test_an_entry_moves_to_another_day_and_back(people, customer, visit):
    at = asked(page(people.anna), what="move", id=f"a{visit.id}", day=NEXT.isoformat())
    with open_as(people.anna.actor) as session:
        assert (activity(session, visit.id).planned_on, activity(session, visit.id).starts_at) == (NEXT, dt.time(9, 30))
    at.button(key="calendar.undo").click().run()
    with open_as(people.anna.actor) as session:
        assert activity(session, visit.id).planned_on == TODAY


def test_in_a_week_it_moves_to_another_hour(people, visit):
    asked(page(people.anna, view="week"), what="move", id=f"a{visit.id}", day=TODAY.isoformat(), time="14:00")
    with open_as(people.anna.actor) as session:
        assert activity(session, visit.id).starts_at == dt.time(14)


def test_a_day_is_planned_with_a_customer(people, customer):
    def body(day, at):
        from crm.ui.calendar.planning import plan_dialog

        plan_dialog(day, at)

    at = dialog(body, people.anna, NEXT, dt.time(10))
    at.text_input(key="calendar.plan.customer.words").set_value("Harmony").run()
    at.text_input(key="calendar.plan.topic").set_value("Ask about the organ")
    at.button[-1].click().run()
    with open_as(people.anna.actor) as session:
        (row,) = activities_of(session, "customer", customer.id).to_dict("records")
    assert (row["topic"], row["planned_on"], row["starts_at"]) == ("Ask about the organ", NEXT, dt.time(10))


def test_without_a_customer_it_says_what_to_do_first(people):
    def body(day, at):
        from crm.ui.calendar.planning import plan_dialog

        plan_dialog(day, at)

    at = dialog(body, people.anna, NEXT, None)
    at.button[-1].click().run()
    assert [error.value.split(":")[0] for error in at.error] == ["Choose the customer first"]


def test_check_in_without_a_place(people, visit):
    def body(activity_id):
        from crm.office.queries import activity
        from crm.ui.calendar.check_in import check_in_part
        from crm.ui.desk import find

        check_in_part(find(activity, activity_id))

    at = dialog(body, people.anna, visit.id)
    at.button(key=f"check_in.without.{visit.id}").click().run()
    assert "Checked in" in texts(at)
    assert "without a place" in texts(at)
    with open_as(people.anna.actor) as session:
        assert activity(session, visit.id).checked_in_at is not None


@pytest.mark.parametrize("why", ["refused", "unavailable", "late", "insecure"])
def test_where_the_device_says_nothing_the_page_says_why(people, visit, why):
    at = page(people.anna)
    at.session_state[f"check_in.failed.{visit.id}"] = why
    at = asked(at, what="open", id=f"a{visit.id}")
    assert len(at.warning) == 1
    assert "heck in without it" in at.warning[0].value


def test_nobody_checks_in_for_somebody_else(people, visit):
    at = asked(page(people.ben, whose="team"), what="open", id=f"a{visit.id}")
    assert "Stage door" in texts(at)
    assert f"check_in.without.{visit.id}" not in keys(at)


def test_the_lead_looks_at_his_team_or_at_one_of_it(people, visit):
    at = page(people.ben)
    assert people.anna.actor.name in at.selectbox(key="calendar.whose").options
    assert asked(at, what="open", id=f"a{visit.id}").button(key="calendar.today")
    assert "Stage door" not in texts(asked(page(people.ben), what="open", id=f"a{visit.id}"))
    one = page(people.ben, whose=people.anna.id)
    assert "Stage door" in texts(asked(one, what="open", id=f"a{visit.id}"))


def test_a_rep_looks_at_nobody_else(people, visit):
    at = page(people.chen, whose=people.anna.id)
    assert "calendar.whose" not in [one.key for one in at.selectbox]
    assert "Stage door" not in texts(asked(at, what="open", id=f"a{visit.id}"))


def test_a_reader_plans_and_moves_nothing(people, visit):
    at = asked(page(people.amir), what="move", id=f"a{visit.id}", day=NEXT.isoformat())
    assert not at.exception
    with open_as(people.amir.actor) as session:
        assert activity(session, visit.id).planned_on == TODAY


def test_refused_for_whoever_sees_no_activities(people):
    assert "Your role" in texts(page(people.ada)) or not page(people.ada).segmented_control


def test_kinds_narrow_what_is_there(people, visit):
    at = page(people.anna, kind="call")
    assert "Stage door" not in texts(asked(at, what="open", id=f"a{visit.id}"))


def test_visits_with_who_made_none(people, customer, visit):
    with open_as(people.anna.actor) as session:
        version = check_in(session, visit.id, CheckIn(latitude=31.2304, longitude=121.4737)).version
        about = {"kind": "visit", "topic": "Shown", "planned_on": TODAY, "starts_at": dt.time(9, 30)}
        edit_activity(session, visit.id, ActivityDetails(**about, happened_on=dt.date(2025, 6, 2)), version)
    at = page(people.ben, show="visits", whose="team", day="2025-06-15")
    assert not at.exception
    assert "1 of 1 visit made; none by Ben Okafor" in texts(at)
    people_rows = at.dataframe[0].value
    assert people_rows.iloc[0].tolist()[:5] == ["Anna Lindqvist", 1, 1, 0, 1]
    assert visits_shown(at) == ["Harmony Hall"]
    assert at.dataframe[-1].value["coordinates"].tolist() == ["31.23040, 121.47370"]
    without = page(people.ben, show="visits", whose="team", day="2025-06-15", state="photo")
    assert "None of the visits of this month is like that." in texts(without)


def test_a_month_without_visits_says_what_to_do(people):
    at = page(people.anna, show="visits", day="2020-01-01")
    assert "Plan one by a click on a day" in texts(at)


@pytest.mark.parametrize("show", ["days", "visits"])
def test_in_chinese(people, visit, show):
    at = page(people.anna, "zh", show=show)
    assert not at.exception
    assert english_left(at) == set()
