"""Plans that keep in touch with leads, as people make and follow them."""

import datetime as dt

import pytest

from crm.marketing.commands import NurturePlan, NurturePlans, NurtureStep, nurture, set_nurture_plans
from crm.marketing.models import Lead
from crm.marketing.queries import nurture_plans
from crm.office.queries import activities_of
from crm.session import open_as
from tests.factories import TODAY
from tests.marketing.collecting import a_lead, now_of
from tests.marketing.conftest import day
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

LEADS, LEAD = "pages/sales/leads.py", "pages/sales/lead.py"
STEPS = (NurtureStep(after_days=0, kind="call", topic="Ask what is planned"), NurtureStep(after_days=10, topic="Invite *them*"))
__all__ = ["day"]


@pytest.fixture
def plan(people, day):
    with open_as(people.bao.actor) as session:
        plans = NurturePlans(plans=[NurturePlan(name="Keep warm", steps=STEPS, automatic=True, sources=["exhibition"])])
        set_nurture_plans(session, people.anna.board_id, plans)


@pytest.fixture
def lead(people, day):
    return a_lead(people.anna, name="Aurora Ltd", source="exhibition")


def submit(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


def test_a_board_reads_its_plans_and_only_who_sets_rules_changes_them(people, plan):
    at = opened(LEADS, people.anna, show="plans")
    said = texts(at)
    assert "1 plan keeps in touch with leads of Music" in said
    assert "day 0: Call, Ask what is planned → day 10: Call, Invite" in said
    assert "starts by itself: Exhibition" in said
    assert r"Invite \*them\*" in said, "typed text is no markup"
    assert "nurturing.new" not in keys(at)
    assert "nurturing.new" in keys(opened(LEADS, people.bao, show="plans"))


def test_empty_it_says_what_a_plan_is_for(people, day):
    assert "No plan yet" in texts(opened(LEADS, people.anna, show="plans"))
    at = opened(LEADS, people.bao, show="plans")
    assert not at.exception and "nurturing.new" in keys(at)


def changing(board_id, place):
    from crm.marketing import queries
    from crm.ui.desk import figures, me
    from crm.ui.marketing.nurturing import _dialog

    board = next(one for one in me().boards if one.id == board_id)
    _dialog(board, figures(queries.nurture_plans, board_id=board_id).plans, place)


def starting(lead_id, board_id):
    from crm.ui.marketing.nurturing import nurture_dialog

    nurture_dialog([lead_id], board_id)


def names(people):
    with open_as(people.bao.actor) as session:
        return {one.name: one for one in nurture_plans(session, people.anna.board_id).plans}


def test_a_board_administrator_makes_one_and_a_mistake_is_said(people, day):
    board, key = people.anna.board_id, f"nurturing.{people.anna.board_id}.-1"
    at = dialog(changing, people.bao, board, -1)
    at.text_input(key=f"{key}.name").set_value("Fair")
    submit(at, "Save plan")
    assert "Steps" in at.error[0].value and names(people) == {}
    edited = {"edited_rows": {0: {"topic": "Thank for the visit", "after_days": 2}}, "added_rows": [], "deleted_rows": []}
    at.session_state[f"{key}.steps"] = edited
    submit(at, "Save plan")
    assert [(step.topic, step.after_days) for step in names(people)["Fair"].steps] == [("Thank for the visit", 2)]


def test_a_plan_is_changed_in_its_place_and_deleted(people, plan):
    board, key = people.anna.board_id, f"nurturing.{people.anna.board_id}.0"
    at = dialog(changing, people.bao, board, 0)
    at.text_input(key=f"{key}.name").set_value("Keep hot")
    submit(at, "Save plan")
    assert names(people)["Keep hot"].steps == STEPS
    submit(dialog(changing, people.bao, board, 0), "Delete this plan")
    assert names(people) == {}


def test_a_rep_starts_a_plan_and_stops_it(people, lead, plan):
    assert "lead.nurture_start" in keys(opened(LEAD, people.anna, lead=lead.id))
    at = dialog(starting, people.anna, lead.id, lead.board_id)
    assert "Ask what is planned" in texts(at)
    at.button(key="nurture.start").click().run()
    at = opened(LEAD, people.anna, lead=lead.id)
    assert "Follows the plan **Keep warm**: step 1 of 2" in texts(at)
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "lead", lead.id)["planned_on"].tolist() == [TODAY]
    at.button(key="lead.nurture_stop").click().run()
    assert now_of(Lead, lead.id).nurture_activity_id is None


def test_the_second_step_is_told(people, lead, plan):
    with open_as(people.anna.actor) as session:
        nurture(session, [lead.id], "Keep warm")
    at = opened(LEAD, people.anna, lead=lead.id)
    done = next(button for button in at.button if (button.key or "").startswith("activities.done."))
    done.click().run()
    assert "step 2 of 2" in texts(opened(LEAD, people.anna, lead=lead.id))
    with open_as(people.anna.actor) as session:
        found = activities_of(session, "lead", lead.id)
    assert found.loc[found["happened_on"].isna(), "planned_on"].tolist() == [TODAY + dt.timedelta(10)]


def test_a_reader_sees_the_plan_and_no_button(people, lead, plan):
    assert "lead.nurture_start" not in keys(opened(LEAD, people.amir, lead=lead.id))


def test_all_of_it_is_said_in_chinese(people, lead, plan):
    assert english_left(opened(LEADS, people.bao, show="plans", language="zh")) <= {"Music"}
