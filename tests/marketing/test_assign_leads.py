import datetime as dt

import pytest

from crm.access import SYSTEM, Role
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import AssignmentWay, LeadAssignment, assign_by_rule, assign_leads
from crm.marketing.models import Lead
from crm.marketing.queries import lead_events, takers
from crm.session import get, open_as
from crm.staff.absences import AbsenceDetails, absences, add_absence, away, remove_absence
from crm.staff.commands import freeze
from crm.staff.models import User
from tests.marketing.collecting import TODAY, a_lead, now_of, rules


@pytest.fixture
def cora(people):
    """a second rep of Sales East"""
    with open_as(SYSTEM) as session:
        user = User(username="cora", name="Cora", role=Role.REP, unit_id=people.units["Sales East"])
        session.add(user)
    return user


def assign(person, leads, **to):
    with open_as(person.actor) as session:
        return assign_leads(session, [one.id for one in leads], LeadAssignment(**to))


def owners(leads):
    return [now_of(Lead, one.id).owner_id for one in leads]


def test_by_hand(people):
    lead = a_lead(None, people.anna)
    assert assign(people.ben, [lead], owner_id=people.anna.id, reason="knows them") == 1
    found = now_of(Lead, lead.id)
    assert (found.owner_id, found.state, found.team_id) == (people.anna.id, "assigned", people.units["Sales East"])
    assert found.assigned_at is not None
    with open_as(people.anna.actor) as session:
        event = lead_events(session, lead.id).iloc[0]
    assert (event["from_state"], event["to_state"], event["to_owner"], event["reason"]) == (
        "collected",
        "assigned",
        "Anna Lindqvist",
        "knows them",
    )
    assert assign(people.ben, [lead], owner_id=people.anna.id) == 0, "nothing moved"


def test_refused_for_a_rep_a_reader_and_a_stranger(people):
    lead = a_lead(None, people.anna)
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            assign(person, [lead], owner_id=people.anna.id)
    strange = a_lead(people.emil)
    with pytest.raises(NotFound):
        assign(people.ben, [strange], owner_id=people.anna.id)


def test_nobody_outside_the_reach_gets_one(people):
    with pytest.raises(Refused, match="outside your reach"):
        assign(people.ben, [a_lead(None, people.anna)], owner_id=people.chen.id)


def test_who_keeps_no_customers_or_is_frozen_gets_none(people):
    lead = a_lead(None, people.anna)
    with pytest.raises(Invalid):
        assign(people.dana, [lead], owner_id=people.amir.id)
    with open_as(SYSTEM) as session:
        freeze(session, people.anna.id)
    with pytest.raises(Invalid, match="not active"):
        assign(people.dana, [lead], owner_id=people.anna.id)


def test_a_closed_one_is_not_assigned(people):
    with pytest.raises(Invalid, match="closed"):
        assign(people.ben, [a_lead(people.anna, state="invalid")], owner_id=people.ben.id)


def test_round_robin_goes_on_where_it_stopped(people, cora):
    leads = [a_lead(None, people.anna) for _ in range(3)]
    assign(people.ben, leads, way=AssignmentWay.ROUND_ROBIN)
    assert owners(leads) == [people.anna.id, cora.id, people.anna.id]
    more = [a_lead(None, people.anna)]
    assign(people.ben, more, way=AssignmentWay.ROUND_ROBIN)
    assert owners(more) == [cora.id]


def test_least_load(people, cora):
    for _ in range(2):
        a_lead(people.anna)
    a_lead(people.anna, state="invalid")
    leads = [a_lead(None, people.anna) for _ in range(3)]
    assign(people.ben, leads, way=AssignmentWay.LEAST_LOAD)
    assert owners(leads)[:2] == [cora.id, cora.id]


@pytest.mark.parametrize("why", ["frozen", "left", "absent"])
def test_by_turn_skips_who_is_not_there(people, cora, day, why):
    with open_as(SYSTEM) as session:
        if why == "absent":
            add_absence(session, AbsenceDetails(user_id=people.anna.id, starts_on=TODAY, ends_on=TODAY + dt.timedelta(3)))
        else:
            get(session, User, people.anna.id).state = why
    leads = [a_lead(None, people.ben) for _ in range(2)]
    for lead in leads:
        assign(people.ben, [lead], way=AssignmentWay.ROUND_ROBIN)
    assert owners(leads) == [cora.id] * 2
    with open_as(people.ben.actor) as session:
        assert list(takers(session, people.units["Sales East"], TODAY)) == [cora.id]


def test_nobody_there(people, day):
    with open_as(SYSTEM) as session:
        add_absence(session, AbsenceDetails(user_id=people.anna.id, starts_on=TODAY, ends_on=TODAY))
    with pytest.raises(Invalid, match="absent"):
        assign(people.ben, [a_lead(None, people.anna)], way=AssignmentWay.ROUND_ROBIN)


def test_by_the_rule_of_the_board(people):
    lead = a_lead(None, people.anna)
    with open_as(people.ben.actor) as session:
        assert assign_by_rule(session, [lead.id]) == 0, "by hand until the board says otherwise"
    rules(people.units["Music"], assignment="least_load")
    with open_as(people.ben.actor) as session:
        assert assign_by_rule(session, [lead.id]) == 1
    assert owners([lead]) == [people.anna.id]


def test_absences(people):
    mine = AbsenceDetails(user_id=people.anna.id, starts_on=TODAY, ends_on=TODAY)
    with open_as(people.anna.actor) as session:
        added = add_absence(session, mine)
        assert away(session, TODAY) == {people.anna.id} and away(session, TODAY + dt.timedelta(1)) == set()
        assert absences(session, TODAY)["name"].tolist() == ["Anna Lindqvist"]
    for person in (people.chen, people.mia, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            remove_absence(session, added.id)
        with pytest.raises(Refused), open_as(person.actor) as session:
            add_absence(session, mine)
    with open_as(people.ben.actor) as session:
        remove_absence(session, added.id)
        assert away(session, TODAY) == set()
    with open_as(people.anna.actor) as session, pytest.raises(Invalid):
        add_absence(session, AbsenceDetails(user_id=people.anna.id, starts_on=TODAY, ends_on=TODAY - dt.timedelta(1)))
