"""Leads from a file."""

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.errors import Refused
from crm.marketing.imports import TARGETS
from crm.marketing.models import Lead, LeadEvent
from crm.marketing.scoring import score_reasons
from crm.session import open_as
from tests.factories import a_customer, a_product
from tests.importing import bring, reasons, tried
from tests.marketing.collecting import a_campaign, a_lead

FILE = """
    name,contact,phone,source,budget,campaign,owner,board
    Aurora Ltd,Zhang Min,13800138000,exhibition,120000,Spring fair,anna,
    Borealis,,,website,,,,Music
"""


def leads():
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(Lead).order_by(Lead.id)))


def test_the_doors_know_it():
    assert TARGETS["leads"].area == "marketing"


def test_new_ones_of_a_person_and_of_nobody(people):
    fair = a_campaign(people.dana)
    imported = bring(people.mia, "leads", FILE, key=None)
    assert imported.problems.empty and (imported.job.added, imported.job.target) == (2, "leads")
    first, second = leads()
    assert (first.owner_id, first.state, first.team_id) == (people.anna.id, "assigned", people.units["Sales East"])
    assert (first.campaign_id, first.budget, first.phone_key, first.import_job_id) == (
        fair.id,
        120_000,
        "13800138000",
        imported.job.id,
    )
    assert {"met_in_person", "budget_known", "large_budget", "fresh"} <= dict(score_reasons(first.score_reasons)).keys()
    assert first.score > second.score
    assert (second.owner_id, second.state, second.board_id, second.assigned_at) == (
        None,
        "collected",
        people.units["Music"],
        None,
    )
    with open_as(SYSTEM) as session:
        events = session.execute(select(LeadEvent.to_state, LeadEvent.to_owner_id, LeadEvent.reason).order_by(LeadEvent.id)).all()
    assert [tuple(one) for one in events] == [("assigned", people.anna.id, "import"), ("collected", None, "import")]


def test_found_again_by_phone_and_changed(people):
    a_campaign(people.dana)
    a_lead(people.anna, name="Aurora", phone="138-0013 8000")
    text = FILE.splitlines()[1] + "\n" + FILE.splitlines()[2]
    preview = tried(people.dana, "leads", text, key="phone")
    assert (preview.new, preview.changed) == (0, 1)
    bring(people.dana, "leads", text, key="phone")
    (found,) = leads()
    assert (found.name, found.name_key, found.contact) == ("Aurora Ltd", "aurora", "Zhang Min")
    assert bring(people.dana, "leads", text, key="phone").job.unchanged == 1


def test_what_cannot_be_is_refused_with_the_reason(people):
    a_product(code="P1")
    text = """
        name,product code,owner,campaign,board
        One,P1,nobody,,
        Two,P9,,,Music
        Three,,,No fair,Music
        Four,,,,
        Five,,,,Moon
    """
    found = reasons(tried(people.mia, "leads", text, key=None).problems)
    assert found[2] == "Nobody has the user name nobody."
    assert found[3] == "There is no P9 here; add it first, or leave the cell empty."
    assert found[4] == "There is no No fair here; add it first, or leave the cell empty."
    assert found[5] == "A lead belongs to a board: name it, or an owner."
    assert found[6] == "There is no board called Moon."


def test_one_that_is_a_customer_is_remarked_on(people):
    a_customer(people.chen, name="Borealis")
    preview = tried(people.dana, "leads", "name\nBorealis Ltd", key=None)
    assert preview.new == 1 and "looks like" in preview.warnings["reason_template"].iloc[0]


def test_refused_for_who_may_not_import_and_beyond_the_reach(people):
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            bring(person, "leads", FILE, key=None)
    outside = "name,owner\nDelta,emil"
    assert "outside your reach" in reasons(tried(people.ben, "leads", outside, key=None).problems)[2]
    with pytest.raises(Refused):
        bring(people.ben, "leads", "name,board\nDelta,Machinery", key=None)
    assert leads() == []
