"""Each day on which a person used the product is known, and noted once."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.errors import Refused
from crm.session import data_version, open_as
from crm.staff.models import Presence, SignInEvent
from crm.staff.presence import days_here, last_here
from crm.staff.sign_in import mark_present, open_browser_session, who
from tests.people import TODAY

YESTERDAY = TODAY - dt.timedelta(1)
ZONE = "Asia/Shanghai"


def was_here(person, *days):
    with open_as(SYSTEM) as session:
        session.add_all(Presence(user_id=person.id, day=day) for day in days)


def here(reader, since=YESTERDAY, until=TODAY):
    with open_as(reader.actor) as session:
        return sorted(days_here(session, since, until, ZONE).itertuples(index=False, name=None))


def test_it_works(people):
    token = open_browser_session(people.anna.id)
    browser = who(token)
    assert browser.seen_on is None
    assert mark_present(browser.session_id, people.anna.id, TODAY)
    assert who(token).seen_on == TODAY
    assert here(people.anna) == [(people.anna.id, TODAY)]


def test_two_browsers_are_one_day(people):
    for _ in range(2):
        browser = who(open_browser_session(people.anna.id))
        assert mark_present(browser.session_id, people.anna.id, TODAY)
    assert mark_present(browser.session_id, people.anna.id, TODAY + dt.timedelta(1))
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Presence.id))) == 2


def test_what_others_have_read_stays_valid(people):
    browser = who(open_browser_session(people.anna.id))
    with open_as(SYSTEM) as session:
        before = data_version(session)
    mark_present(browser.session_id, people.anna.id, TODAY)
    with open_as(SYSTEM) as session:
        assert data_version(session) == before


def test_a_sign_in_counts_on_the_day_of_the_firm(people):
    late = dt.datetime.combine(YESTERDAY, dt.time(17), dt.UTC)
    with open_as(SYSTEM) as session:
        session.add(SignInEvent(user_id=people.anna.id, kind="signed_in", username="anna", created_at=late))
        session.add(SignInEvent(user_id=people.ben.id, kind="wrong_password", username="ben", created_at=late))
    assert here(people.ben) == [(people.anna.id, TODAY)], "five in the afternoon in London is tomorrow in Shanghai"
    with open_as(people.ben.actor) as session:
        assert last_here(session, YESTERDAY, ZONE) == {}
        assert last_here(session, TODAY, ZONE) == {people.anna.id: TODAY}


def test_the_last_day(people):
    was_here(people.anna, TODAY - dt.timedelta(9), YESTERDAY)
    with open_as(people.anna.actor) as session:
        assert last_here(session, TODAY, ZONE) == {people.anna.id: YESTERDAY}
        assert last_here(session, TODAY - dt.timedelta(5), ZONE) == {people.anna.id: TODAY - dt.timedelta(9)}


def test_whoever_sees_the_people_sees_when_they_were_here(people):
    was_here(people.anna, TODAY)
    was_here(people.emil, TODAY)
    assert here(people.chen) == here(people.amir) == []
    assert here(people.anna) == here(people.ben) == here(people.dana) == [(people.anna.id, TODAY)]
    assert len(here(people.eve)) == 2


def test_nobody_writes_his_own_presence(people):
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        session.add(Presence(user_id=people.anna.id, day=TODAY))
