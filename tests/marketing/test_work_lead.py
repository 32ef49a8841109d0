import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import (
    Invalidation,
    SecondFollowUp,
    finish_lead_activity,
    invalidate_lead,
    plan_second_follow_up,
    refresh_scores,
    reopen_lead,
    work_lead,
)
from crm.marketing.models import Lead
from crm.marketing.queries import lead_events, pool_history, second_conversions
from crm.marketing.scoring import score_reasons
from crm.office.commands import ActivityResult, LoggedActivity, PlannedActivity, plan_activity
from crm.session import open_as
from crm.staff.models import User
from tests.marketing.collecting import TODAY, a_lead, done, entry_of, now_of, set_now

CALLED = LoggedActivity(kind="call", happened_on=TODAY, text="Wants an offer")
LATER = TODAY + dt.timedelta(60)


def fail(person, lead, **values):
    with open_as(person.actor) as session:
        return invalidate_lead(session, lead.id, Invalidation(reason="No budget", **values))


def test_the_first_activity_makes_it_a_worked_one(people, lead, day):
    with open_as(people.anna.actor) as session:
        work_lead(session, lead.id, CALLED)
    found = now_of(Lead, lead.id)
    assert found.state == "worked" and found.worked_at is not None
    assert "in_contact" in dict(score_reasons(found.score_reasons))
    with open_as(people.anna.actor) as session:
        work_lead(session, lead.id, CALLED)
        assert lead_events(session, lead.id)["to_state"].tolist() == ["worked", "assigned"]
    assert now_of(Lead, lead.id).worked_at == found.worked_at


def test_a_planned_activity_that_is_done_counts_as_well(people, lead, day):
    with open_as(people.anna.actor) as session:
        planned = plan_activity(session, "lead", lead.id, PlannedActivity(planned_on=TODAY))
        assert now_of(Lead, lead.id).state == "assigned"
        finish_lead_activity(session, planned.id, ActivityResult(happened_on=TODAY, text="Done"), planned.version)
    assert now_of(Lead, lead.id).state == "worked"


def test_working_is_refused_for_a_stranger_and_a_reader(people, lead, day):
    with open_as(people.chen.actor) as session, pytest.raises(NotFound):
        work_lead(session, lead.id, CALLED)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        work_lead(session, lead.id, CALLED)


def test_it_leads_nowhere_and_lies_in_the_invalid_pool(people, lead, day):
    fail(people.anna, lead)
    found = now_of(Lead, lead.id)
    assert (found.state, found.invalid_reason, found.owner_id) == ("invalid", "No budget", people.anna.id)
    assert found.closed_at is not None
    entry = entry_of(lead)
    assert (entry.pool, entry.left_at, entry.remark) == ("invalid", None, "No budget")
    with open_as(people.anna.actor) as session, pytest.raises(Invalid, match="closed already"):
        invalidate_lead(session, lead.id, Invalidation(reason="Again"))


def test_failing_is_refused_for_a_stranger_and_a_reader(people, lead, day):
    with pytest.raises(NotFound):
        fail(people.chen, lead)
    with pytest.raises(Refused):
        fail(people.amir, lead)


def test_a_second_follow_up_is_listed_when_it_is_due(people, lead, day):
    fail(people.anna, lead, second_follow_up_on=LATER)
    assert entry_of(lead) is None, "not in the invalid pool"
    with open_as(people.anna.actor) as session:
        assert second_conversions(session, LATER - dt.timedelta(1)).empty
        assert second_conversions(session, LATER)["name"].tolist() == ["Aurora Music Ltd"]
    with open_as(people.chen.actor) as session:
        assert second_conversions(session, LATER).empty
    with pytest.raises(Invalid, match="lies in the future"):
        fail(people.anna, a_lead(people.anna), second_follow_up_on=TODAY)


def test_planning_and_dropping_a_second_follow_up(people, lead, day):
    fail(people.anna, lead)
    with open_as(people.anna.actor) as session:
        plan_second_follow_up(session, lead.id, SecondFollowUp(second_follow_up_on=LATER), now_of(Lead, lead.id).version)
    assert entry_of(lead).left_at is not None
    with open_as(people.anna.actor) as session:
        plan_second_follow_up(session, lead.id, SecondFollowUp(), now_of(Lead, lead.id).version)
    assert entry_of(lead).left_at is None


def test_the_second_chance(people, lead, day):
    fail(people.anna, lead)
    with open_as(people.anna.actor) as session:
        reopen_lead(session, lead.id, "They called")
    found = now_of(Lead, lead.id)
    assert (found.state, found.owner_id, found.invalid_reason, found.closed_at) == ("assigned", people.anna.id, None, None)
    assert entry_of(lead).left_at is not None
    with open_as(people.ben.actor) as session:
        assert pool_history(session, lead_id=lead.id)["what"].tolist() == ["restored", "discarded"]
        with pytest.raises(Invalid, match="has not failed"):
            reopen_lead(session, lead.id, "")


def test_a_lead_whose_owner_left_comes_back_to_the_public_pool(people, lead, day):
    fail(people.anna, lead)
    set_now(now_of(User, people.anna.id), state="left")
    with open_as(people.ben.actor) as session:
        reopen_lead(session, lead.id, "They called")
    found, entry = now_of(Lead, lead.id), entry_of(lead)
    assert (found.state, found.owner_id) == ("collected", None)
    assert (entry.pool, entry.left_at, entry.previous_owner_id) == ("public", None, people.anna.id)


def test_scores_follow_the_days(people, lead, day):
    set_now(lead, created_at=dt.datetime(2026, 6, 20, tzinfo=dt.UTC))
    with open_as(people.anna.actor) as session:
        assert refresh_scores(session, TODAY) == 1
        assert refresh_scores(session, TODAY) == 0
    assert "fresh" in dict(score_reasons(now_of(Lead, lead.id).score_reasons))
    with open_as(people.anna.actor) as session:
        refresh_scores(session, TODAY + dt.timedelta(100))
    assert {"old", "silent"} <= dict(score_reasons(now_of(Lead, lead.id).score_reasons)).keys()
    for _ in range(3):
        done(lead, people.anna, TODAY + dt.timedelta(100))
    with open_as(people.anna.actor) as session:
        refresh_scores(session, TODAY + dt.timedelta(100))
    assert {"in_contact", "in_talks", "old"} <= dict(score_reasons(now_of(Lead, lead.id).score_reasons)).keys()
    assert "silent" not in dict(score_reasons(now_of(Lead, lead.id).score_reasons))
