"""Leads that are not ready yet are kept in touch with by a plan, a step at a time."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused
from crm.jobs import leads as leads_job
from crm.marketing.commands import (
    Invalidation,
    NurturePlan,
    NurturePlans,
    NurtureStep,
    finish_lead_activity,
    invalidate_lead,
    nurture,
    set_nurture_plans,
    stop_nurturing,
)
from crm.marketing.models import Lead
from crm.marketing.queries import nurture_plans
from crm.office.commands import ActivityResult
from crm.office.queries import activities_of, activity
from crm.session import get, open_as
from tests.marketing.collecting import TODAY, a_lead, now_of

STEPS = (
    NurtureStep(after_days=0, kind="call", topic="Ask what is planned"),
    NurtureStep(after_days=10, kind="email", topic="Send the catalogue"),
)
WARM = NurturePlan(name="Keep warm", steps=STEPS)


def plans_of(people, *plans):
    with open_as(people.bao.actor) as session:
        set_nurture_plans(session, people.anna.board_id, NurturePlans(plans=plans))


def start(person, lead, name="Keep warm"):
    with open_as(person.actor) as session:
        return nurture(session, [lead.id], name)


def planned(person, lead):
    with open_as(person.actor) as session:
        found = activities_of(session, "lead", lead.id)
    return found.loc[found["happened_on"].isna(), ["topic", "planned_on"]].values.tolist()


def finish(person, lead):
    with open_as(person.actor) as session:
        number = get(session, Lead, lead.id).nurture_activity_id
        step = activity(session, number)
        finish_lead_activity(session, step.id, ActivityResult(happened_on=TODAY), step.version)


@pytest.fixture
def plan(people, day):
    plans_of(people, WARM)


def test_a_step_at_a_time_to_the_end(people, lead, plan):
    assert start(people.anna, lead) == 1
    assert planned(people.anna, lead) == [["Ask what is planned", TODAY]]
    finish(people.anna, lead)
    assert planned(people.anna, lead) == [["Send the catalogue", TODAY + dt.timedelta(10)]]
    finish(people.anna, lead)
    assert planned(people.anna, lead) == []
    assert now_of(Lead, lead.id).nurture_activity_id is None


def test_the_lead_of_the_team_starts_it_for_the_rep(people, lead, plan):
    assert start(people.ben, lead) == 1
    assert planned(people.anna, lead) == [["Ask what is planned", TODAY]]


def test_a_plan_that_was_stopped_leaves_nothing_planned(people, lead, plan):
    start(people.anna, lead)
    with open_as(people.anna.actor) as session:
        stop_nurturing(session, lead.id)
    assert planned(people.anna, lead) == []


def test_a_lead_that_leads_nowhere_stops(people, lead, plan):
    start(people.anna, lead)
    with open_as(people.anna.actor) as session:
        invalidate_lead(session, lead.id, Invalidation(reason="No budget"))
    assert planned(people.anna, lead) == []
    with pytest.raises(Invalid, match="closed already"):
        start(people.anna, lead)


def test_another_plan_takes_the_place_of_the_first(people, lead, day):
    plans_of(people, WARM, NurturePlan(name="Invite", steps=[NurtureStep(after_days=3, topic="Invite to the fair")]))
    start(people.anna, lead)
    start(people.anna, lead, "Invite")
    assert planned(people.anna, lead) == [["Invite to the fair", TODAY + dt.timedelta(3)]]


def test_a_plan_that_was_taken_away_ends_after_its_step(people, lead, plan):
    start(people.anna, lead)
    plans_of(people)
    finish(people.anna, lead)
    assert planned(people.anna, lead) == []


def test_new_leads_start_the_automatic_plan_that_suits_them(people, day):
    plans_of(people, NurturePlan(name="Fair", steps=STEPS, automatic=True, sources=("exhibition",)))
    suits, other = a_lead(people.anna, source="exhibition"), a_lead(people.anna, source="website")
    before = a_lead(people.anna, source="exhibition", nurture_plan="Fair")
    nobodys = a_lead(None, people.anna, source="exhibition")
    leads_job(TODAY)
    followed = {lead.id: planned(people.ben, lead) for lead in (suits, other, before, nobodys)}
    assert [len(followed[lead.id]) for lead in (suits, other, before, nobodys)] == [1, 0, 0, 0]
    leads_job(TODAY)
    assert len(planned(people.ben, suits)) == 1


def test_a_promising_lead_is_left_to_its_owner():
    plan = NurturePlan(name="Fair", steps=STEPS, automatic=True, score_to=40)
    assert plan.suits("website", 40)
    assert not plan.suits("website", 41)
    assert not WARM.suits("website", 1)


def test_refused_for_a_stranger_and_a_reader(people, lead, plan):
    with pytest.raises(NotFound):
        start(people.chen, lead)
    with pytest.raises(Refused):
        start(people.amir, lead)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        set_nurture_plans(session, people.anna.board_id, NurturePlans())


def test_plans_that_make_no_sense_are_refused(people, lead, plan):
    with pytest.raises(Invalid, match="no plan"):
        start(people.anna, lead, "Nothing")
    with pytest.raises(Invalid, match="same name"):
        plans_of(people, WARM, WARM)
    with pytest.raises(Invalid, match="order"):
        plans_of(people, NurturePlan(name="Back", steps=STEPS[::-1]))
    with pytest.raises(ValueError, match="at least 1"):
        NurturePlan(name="Empty", steps=())


def test_what_was_saved_is_read_again(people, plan):
    with open_as(SYSTEM) as session:
        assert nurture_plans(session, people.anna.board_id).plans == (WARM,)
