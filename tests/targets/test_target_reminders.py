"""Who is told that a target falls behind, and that somebody is silent; both settle by themselves."""

import datetime as dt

import pytest

from crm import jobs
from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today, set_reminders
from crm.office.models import NoticeTopic
from crm.office.queries import notices, reminder_rules
from crm.office.reminding import ReminderRule
from crm.session import open_as
from crm.staff.models import Presence, User
from crm.targets.commands import approve_plan
from crm.targets.queries.reminders import behind, silent
from tests.factories import TODAY, a_customer, an_order
from tests.targets.conftest import JUNE, a_cell, targets_of

MIDDLE = dt.date(2026, 6, 15)


@pytest.fixture
def middle(people):
    """The product counts from the middle of June."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=MIDDLE))


def told(person, topic):
    with open_as(person.actor) as session:
        found = notices(session)
        return found[found["topic"] == topic]


@pytest.fixture
def targets(people, plan, middle):
    """Of Anna, Chen and the unit of Anna, 1000 each for June; half of the month is gone."""
    cells = [a_cell("person", people.anna.id), a_cell("person", people.chen.id), a_cell("team", people.units["Sales East"])]
    targets_of(people.dana, plan, *cells)
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    an_order(a_customer(people.anna), 300, on=JUNE)
    an_order(a_customer(people.chen), 480, on=JUNE)


def test_who_is_behind_is_told(people, targets):
    jobs.reminders()
    mine = told(people.anna, "target_behind").iloc[0]
    assert (mine["about"], mine["due_on"], mine["subject_type"]) == ("Anna Lindqvist", dt.date(2026, 6, 30), "target")
    assert mine["values"] == {"measure": "revenue", "period": "month", "share": 0.6, "attainment": 0.3}
    assert told(people.ben, "target_behind")["about"].tolist() == ["Sales East"], "whoever leads hears of his unit"
    assert told(people.chen, "target_behind").empty, "480 of 500 are near enough"


def test_it_settles_by_itself(people, targets):
    jobs.reminders()
    an_order(a_customer(people.anna), 200, on=MIDDLE)
    jobs.reminders()
    assert told(people.anna, "target_behind").empty and told(people.ben, "target_behind").empty


def test_the_threshold_is_the_firms(people, targets):
    with open_as(SYSTEM) as session:
        set_reminders(session, {NoticeTopic.TARGET_BEHIND: ReminderRule(before=60, percent=98)})
    jobs.reminders()
    assert not told(people.chen, "target_behind").empty
    with open_as(SYSTEM) as session:
        assert behind(session, MIDDLE, 14) == [], "so long before the end nobody is told"


def test_a_month_that_has_just_begun_and_a_draft_say_nothing(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id))
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=MIDDLE))
        assert behind(session, MIDDLE, 60) == []
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    with open_as(SYSTEM) as session:
        assert len(behind(session, MIDDLE, 60)) == 1
        set_demo_today(session, DemoDay(day=JUNE + dt.timedelta(2)))
        assert behind(session, JUNE + dt.timedelta(2), 60) == []


@pytest.fixture
def joined(people):
    with open_as(SYSTEM) as session:
        for name in ("anna", "chen"):
            session.get(User, getattr(people, name).id).created_at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        session.add(Presence(user_id=people.anna.id, day=TODAY - dt.timedelta(16)))
        session.add(Presence(user_id=people.chen.id, day=TODAY - dt.timedelta(14)))


def test_whoever_leads_is_told_who_is_silent(people, joined):
    jobs.reminders()
    found = told(people.ben, "person_silent")
    assert found[["about", "subject_type", "due_on"]].values.tolist() == [["Anna Lindqvist", "user", TODAY - dt.timedelta(2)]]
    assert found["values"].iloc[0] == {"weeks": 2, "last": str(TODAY - dt.timedelta(16))}
    assert told(people.anna, "person_silent").empty and told(people.dana, "person_silent").empty


def test_the_day_stays_the_same_and_the_matter_goes_once_he_is_back(people, joined):
    jobs.reminders()
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY + dt.timedelta(1)))
    assert jobs.reminders()["told"] == 1, "Chen, told to the director: his unit has no lead"
    assert told(people.dana, "person_silent")["about"].tolist() == ["Chen Wei"]
    with open_as(SYSTEM) as session:
        session.add(Presence(user_id=people.anna.id, day=TODAY))
    jobs.reminders()
    assert told(people.ben, "person_silent").empty


def test_of_whom_nothing_is_known_nothing_is_told(people):
    with open_as(SYSTEM) as session:
        assert silent(session, TODAY, 0) == []
        assert reminder_rules(session)[NoticeTopic.PERSON_SILENT].escalate == 7
