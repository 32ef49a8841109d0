import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.marketing.commands import LeadDetails, add_lead, edit_lead, remove_lead
from crm.marketing.filters import LeadFilter
from crm.marketing.models import Lead, LeadEvent
from crm.marketing.queries import lead, lead_duplicates, lead_events, lead_list, lead_totals
from crm.marketing.scoring import score_reasons
from crm.session import open_as
from tests.factories import a_customer
from tests.marketing.collecting import a_campaign, a_lead, now_of


def add(person, name="Borealis Ltd", *, owner_id=None, board_id=None, knowing=False, **values):
    with open_as(person.actor) as session:
        details = LeadDetails(name=name, **values)
        return add_lead(session, details, owner_id=owner_id, board_id=board_id, knowing=knowing)


def events(one):
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(LeadEvent).where(LeadEvent.lead_id == one.id).order_by(LeadEvent.id)))


def test_a_rep_adds_a_lead_of_his_own(people, day):
    added = now_of(Lead, add(people.anna, phone="021-5550 1234", source="referral").id)
    assert (added.owner_id, added.state, added.board_id) == (people.anna.id, "assigned", people.units["Music"])
    assert (added.name_key, added.phone_key) == ("borealis", "2155501234")
    assert [(one.from_state, one.to_state, one.to_owner_id) for one in events(added)] == [(None, "assigned", people.anna.id)]
    assert ("asked_for_us", 20) in score_reasons(added.score_reasons) and added.score >= 20


def test_a_marketer_collects_one_of_nobody_for_a_board(people):
    added = add(people.mia, board_id=people.units["Music"])
    assert (added.owner_id, added.state, added.team_id) == (None, "collected", people.units["Music"])
    with pytest.raises(Invalid, match="belongs to a board"):
        add(people.mia, "Other")


def test_a_lead_of_nobody_is_not_seen_by_a_rep(people):
    nobodys = a_lead(None, people.anna)
    with open_as(people.anna.actor) as session, pytest.raises(NotFound):
        lead(session, nobodys.id)
    with open_as(people.ben.actor) as session:
        assert lead(session, nobodys.id).id == nobodys.id


def test_refused_for_a_reader_and_for_who_keeps_no_leads(people):
    for person in (people.amir, people.gia):
        with pytest.raises(Refused):
            add(person)


def test_a_rep_gives_no_lead_to_a_colleague(people):
    with pytest.raises(Refused):
        add(people.anna, owner_id=people.chen.id)
    assert add(people.ben, owner_id=people.anna.id).owner_id == people.anna.id


def test_one_that_is_here_already_is_refused_masked(people):
    a_lead(people.emil, name="Borealis Co., Ltd.")
    with pytest.raises(Invalid, match=r"B＊＊.* is a lead of Machinery"):
        add(people.anna)
    assert add(people.anna, knowing=True)


def test_one_that_is_a_customer_is_refused(people):
    a_customer(people.chen, name="Borealis")
    with pytest.raises(Invalid, match="is a customer of Music"):
        add(people.anna)


def test_edit_and_its_optimistic_lock(people, lead):
    with open_as(people.anna.actor) as session:
        edit_lead(session, lead.id, LeadDetails(name="Aurora", budget=Decimal(200_000), need="A new hall"), 1)
    found = now_of(Lead, lead.id)
    assert (found.name_key, found.budget) == ("aurora", 200_000)
    assert {"need_known", "budget_known", "large_budget"} <= {code for code, _ in score_reasons(found.score_reasons)}
    with open_as(people.anna.actor) as session, pytest.raises(Stale):
        edit_lead(session, lead.id, LeadDetails(name="Late"), 1)


def test_edit_is_refused_for_a_stranger_and_a_reader(people, lead):
    with open_as(people.chen.actor) as session, pytest.raises(NotFound):
        edit_lead(session, lead.id, LeadDetails(name="X"), 1)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        edit_lead(session, lead.id, LeadDetails(name="X"), 1)


def test_remove(people, lead):
    with open_as(people.anna.actor) as session:
        remove_lead(session, lead.id)
        assert lead_list(session).empty


def test_list_filters_and_totals(people, lead):
    fair = a_campaign(people.dana)
    a_lead(people.anna, name="Cascade", source="website", campaign_id=fair.id, score=70)
    a_lead(None, people.anna, name="Delta")
    a_lead(people.emil)
    with open_as(people.ben.actor) as session:
        assert lead_list(session)["name"].tolist()[0] == "Cascade"
        assert lead_totals(session)["unassigned"] == 1 and lead_totals(session)["leads"] == 3
        assert lead_list(session, LeadFilter(owner_id=(0,)))["name"].tolist() == ["Delta"]
        assert lead_list(session, LeadFilter(search="zhang"))["name"].tolist() == ["Aurora Music Ltd"]
        assert lead_list(session, LeadFilter(search="55501234"))["name"].tolist() == ["Aurora Music Ltd"]
        assert lead_list(session, LeadFilter(campaign_id=(fair.id,), score_from=60))["campaign"].tolist() == ["Spring fair"]
        assert lead_list(session, LeadFilter(created_to=dt.date(2020, 1, 1))).empty
    with open_as(people.anna.actor) as session:
        assert lead_list(session, LeadFilter(source=("website",)))["campaign"].tolist() == ["Spring fair"], "a rep sees its name"


def test_duplicates_and_history(people, lead):
    a_lead(people.anna, name="AURORA MUSIC")
    with open_as(people.anna.actor) as session:
        assert lead_duplicates(session)[["name", "other", "because"]].values.tolist() == [
            ["Aurora Music Ltd", "AURORA MUSIC", "name"]
        ]
        assert lead_events(session, lead.id)["to_owner"].tolist() == ["Anna Lindqvist"]
    with open_as(people.chen.actor) as session:
        assert lead_duplicates(session).empty and lead_events(session, lead.id).empty
