import datetime as dt

import pytest
from pydantic import ValidationError

from crm.access import SYSTEM
from crm.errors import Invalid, Refused
from crm.session import get, open_as
from crm.support.colours import ColourRules
from crm.support.commands import (
    CalendarInput,
    PolicyInput,
    add_calendar,
    add_policy,
    edit_calendar,
    edit_policy,
    remove_calendar,
    remove_policy,
    reorder_policies,
    seed_policies,
    set_colours,
)
from crm.support.models import SlaPolicy
from crm.support.queries import calendars, colour_rules, policies


@pytest.fixture
def hours(people):
    with open_as(people.bao.actor) as session:
        return add_calendar(session, CalendarInput(name="Office", holidays=[dt.date(2026, 5, 1)]))


def test_calendars(people, hours):
    with open_as(people.bao.actor) as session:
        extra = {dt.date(2026, 5, 9): "09:00-12:00"}
        edit_calendar(session, hours.id, CalendarInput(name="Office", extra_days=extra), hours.version)
        assert calendars(session)["extra_days"].tolist() == [{"2026-05-09": "09:00-12:00"}]
        remove_calendar(session, hours.id)
        assert calendars(session).empty


@pytest.mark.parametrize("week", [["25:00-26:00"] * 7, ["10:00-09:00"] * 7, [""] * 7, ["08:00-10:00, 09:00-11:00"] * 7])
def test_hours_that_cannot_be(people, week):
    with pytest.raises(Invalid) as refusal, open_as(people.bao.actor) as session:
        add_calendar(session, CalendarInput(name="Office", week=week))
    assert refusal.value.field == "week"


def test_zones_and_states_that_are_none():
    with pytest.raises(ValidationError, match="no time zone"):
        CalendarInput(name="Office", zone="Moon/Base")
    with pytest.raises(ValidationError, match="only open states"):
        PolicyInput(name="P", calendar_id=1, pausing=["solved"])


def test_policies_in_their_order(people, hours):
    with open_as(people.bao.actor) as session:
        one = add_policy(session, PolicyInput(name="All", calendar_id=hours.id, resolution_seconds=3600))
        two = add_policy(session, PolicyInput(name="VIP", calendar_id=hours.id, level="vip"))
        with pytest.raises(Invalid):
            reorder_policies(session, [one.id])
        reorder_policies(session, [two.id, one.id])
        assert policies(session)["name"].tolist() == ["VIP", "All"]
        edit_policy(session, one.id, PolicyInput(name="Everybody", calendar_id=hours.id), one.version)
        with pytest.raises(Invalid, match="counts by this calendar"):
            remove_calendar(session, hours.id)
        remove_policy(session, two.id)
        assert policies(session)["name"].tolist() == ["Everybody"]


def test_which_policy_fits():
    policy = SlaPolicy(level="vip", priority=None, kind="fault")
    assert policy.fits("vip", "low", "fault")
    assert not policy.fits(None, "low", "fault")
    assert not policy.fits("vip", "low", "return")


def test_only_those_who_set_policies(people, hours):
    for person in (people.anna, people.gia, people.ben, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            add_policy(session, PolicyInput(name="Mine", calendar_id=hours.id))
        with pytest.raises(Refused), open_as(person.actor) as session:
            set_colours(session, ColourRules())


def test_colours(people):
    with open_as(people.bao.actor) as session:
        assert colour_rules(session) == ColourRules()
        set_colours(session, ColourRules(amber=0.5, red=0.9))
        assert colour_rules(session).red == 0.9
        with pytest.raises(Invalid):
            set_colours(session, ColourRules(amber=0.9, red=0.5))


def test_seeded_once():
    names = ["VIP", "Critical", "High", "Normal", "Low"]
    with open_as(SYSTEM) as session:
        seed_policies(session)
        seed_policies(session)
        assert policies(session)["name"].tolist() == names
        assert get(session, SlaPolicy, 1).seconds("resolution") == 8 * 3600
