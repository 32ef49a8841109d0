import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import release_to_pool
from crm.marketing.commands import Invalidation, LeadAssignment, Release, assign_leads, invalidate_lead, reopen_lead
from crm.marketing.models import Lead
from crm.office.queries import activities_of
from crm.pipeline.commands import seed_pipelines
from crm.pipeline.models import Opportunity
from crm.session import open_as
from tests.factories import TODAY, a_customer
from tests.marketing.collecting import a_lead, now_of
from tests.marketing.conftest import day
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/sales/lead.py"
__all__ = ["day"]


@pytest.fixture
def lead(people, day):
    with open_as(SYSTEM) as session:
        seed_pipelines(session)
    about = {"contact": "Zhang Min", "phone": "021-5550 1234", "need": "A *new* hall", "source": "exhibition"}
    reasons = {"score": 25, "score_reasons": "met_in_person=15 reachable=10"}
    return a_lead(people.anna, name="Aurora Ltd", budget=Decimal(80_000), wanted_by=dt.date(2026, 9, 30), **about, **reasons)


def submit(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


def test_what_is_known_and_why_it_is_promising(people, lead):
    at = opened(PAGE, people.anna, lead=lead.id)
    assert at.title[0].value == "Aurora Ltd"
    said = texts(at)
    assert "Score 25 of 100" in said and "Zhang Min" in said and "Anna Lindqvist" in said
    assert r"A \*new\* hall" in said, "typed text is no markup"
    assert "021-5550 1234" in said


def test_hidden_from_a_stranger_and_read_by_a_reader(people, lead):
    at = opened(PAGE, people.chen, lead=lead.id)
    assert at.title[0].value == "Lead" and "Aurora" not in texts(at)
    at = opened(PAGE, people.amir, lead=lead.id)
    assert at.title[0].value == "Aurora Ltd"
    assert not {key for key in keys(at) if key.startswith("lead.")}, "an analyst reads"
    assert opened(PAGE, people.gia, lead=lead.id).error[0].value == "Your role does not open this page."


def test_what_a_role_is_offered(people, lead):
    mine = {key for key in keys(opened(PAGE, people.anna, lead=lead.id)) if key.startswith("lead.")}
    offered = {"lead.convert", "lead.edit", "lead.release_to_the_pool", "lead.leads_nowhere", "lead.delete", "lead.nurture_start"}
    assert mine == offered
    assert "lead.assign" in keys(opened(PAGE, people.ben, lead=lead.id))
    assert "lead.convert" not in keys(opened(PAGE, people.mia, lead=lead.id)), "a marketer makes no customers"


def test_a_call_logged_makes_it_a_worked_one(people, lead):
    at = opened(PAGE, people.anna, lead=lead.id)
    at.text_area(key="activities.text").set_value("Called them")
    submit(at, "Save activity")
    assert now_of(Lead, lead.id).state == "worked"
    assert "Anna Lindqvist began to work it." in texts(at)
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "lead", lead.id)["text"].tolist() == ["Called them"]


def test_a_planned_call_that_is_done_makes_it_a_worked_one(people, lead):
    at = opened(PAGE, people.anna, lead=lead.id)
    at.segmented_control(key="activities.mode").set_value("plan").run()
    submit(at, "Plan it")
    assert now_of(Lead, lead.id).state == "assigned", "a plan is no work"
    next(button for button in at.button if button.label == "Done").click().run()
    assert now_of(Lead, lead.id).state == "worked"


def convert(lead_id):
    from crm.marketing import queries
    from crm.ui.desk import find
    from crm.ui.marketing.converting import convert_dialog

    lead = find(queries.lead, lead_id)
    if lead is not None:
        convert_dialog(lead)


def deals():
    with open_as(SYSTEM) as session:
        return [(one.name, one.amount, one.customer_id, one.lead_id) for one in session.query(Opportunity).all()]


def test_converted_in_one_step(people, lead):
    at = dialog(convert, people.anna, lead.id)
    at.text_input(key=f"lead.convert.{lead.id}.name").set_value("Hall 4")
    submit(at, "Convert")
    stored = now_of(Lead, lead.id)
    assert stored.state == "converted"
    assert deals() == [("Hall 4", 80_000, stored.customer_id, lead.id)]


def test_one_who_is_a_customer_already_is_offered(people, lead):
    known = a_customer(people.anna, name="Aurora")
    at = dialog(convert, people.anna, lead.id)
    assert "Yes: Aurora (Anna Lindqvist, same name)" in at.radio[0].options
    submit(at, "Convert")
    assert now_of(Lead, lead.id).customer_id == known.id


def test_a_customer_of_a_colleague_is_named_and_not_shown(people, lead):
    theirs = a_customer(people.chen, name="Aurora Limited")
    at = dialog(convert, people.anna, lead.id)
    assert "is a customer of a colleague in Music already" in at.warning[0].value and "Aurora Limited" not in texts(at)
    submit(at, "Convert")
    assert now_of(Lead, lead.id).customer_id not in (None, theirs.id)


def edit(lead_id):
    import streamlit as st

    from crm.marketing import queries
    from crm.ui.desk import find
    from crm.ui.marketing.lead_head import edit_dialog

    if "opened" not in st.session_state:
        st.session_state["opened"] = find(queries.lead, lead_id)
    edit_dialog(st.session_state["opened"])


def test_an_edit_that_somebody_overtook_shows_both(people, lead):
    at = dialog(edit, people.anna, lead.id)
    from tests.marketing.collecting import set_now

    set_now(now_of(Lead, lead.id), contact="Li Na")
    at.text_input(key=f"lead.edit.{lead.id}.form.contact").set_value("Wang Fang")
    submit(at, "Save")
    assert at.warning and "Wang Fang" in at.table[0].value.to_string() and "Li Na" in at.table[0].value.to_string()
    at.button(key=f"lead.edit.{lead.id}.mine").click().run()
    assert now_of(Lead, lead.id).contact == "Wang Fang"


def test_the_history_tells_why(people, lead):
    other = a_lead(None, people.anna, name="Nobodys")
    with open_as(people.ben.actor) as session:
        assign_leads(session, [other.id], LeadAssignment(way="round_robin"))
    with open_as(people.anna.actor) as session:
        invalidate_lead(session, other.id, Invalidation(reason="Wrong number"))
        reopen_lead(session, other.id, "Number found")
        release_to_pool(session, Release(lead_ids=(other.id,), remark="Too far"))
    at = opened(PAGE, people.ben, lead=other.id)
    assert "It lies in the public pool since" in at.info[0].value
    said = texts(at)
    for sentence in (
        "Assigned to Anna Lindqvist because it was this person's turn",
        "Anna Lindqvist closed it: Wrong number",
        "Anna Lindqvist took it up again: Number found",
        "Anna Lindqvist released Nobodys: Too far",
    ):
        assert sentence in said, sentence


def test_a_failed_one_shows_its_second_day(people, lead):
    with open_as(people.anna.actor) as session:
        invalidate_lead(session, lead.id, Invalidation(reason="No budget", second_follow_up_on=TODAY + dt.timedelta(3)))
    at = opened(PAGE, people.anna, lead=lead.id)
    assert "Leads nowhere: No budget It is taken up again in 3 days." in at.warning[0].value
    assert {"lead.reopen", "lead.second"} <= keys(at) and "lead.convert" not in keys(at)


def test_in_chinese(people, lead):
    at = opened(PAGE, people.anna, "zh", lead=lead.id)
    assert not at.exception and english_left(at) == set()
