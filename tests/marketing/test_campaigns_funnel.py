import datetime as dt
from decimal import Decimal

import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import CampaignDetails, add_campaign, edit_campaign, remove_campaign
from crm.marketing.filters import LeadFilter
from crm.marketing.queries import campaign_choices, campaigns, lead_funnel
from crm.session import open_as
from tests.marketing.collecting import TODAY, a_campaign, a_lead

FAIR = CampaignDetails(name="Spring fair", channel="exhibition", starts_on=TODAY, cost=Decimal(3000))


def test_it_works(people):
    with open_as(people.mia.actor) as session:
        added = add_campaign(session, FAIR, people.units["Music"])
    with open_as(people.mia.actor) as session:
        edit_campaign(session, added.id, FAIR.model_copy(update={"cost": Decimal(6000)}), added.version)
    a_lead(people.anna, campaign_id=added.id, state="converted")
    a_lead(people.anna, campaign_id=added.id)
    with open_as(people.dana.actor) as session:
        row = campaigns(session).iloc[0]
    assert (row["name"], row["channel"], row["leads"], row["converted"]) == ("Spring fair", "exhibition", 2, 1)
    assert (row["cost_per_lead"], row["cost_per_conversion"]) == (3000, 6000)


def test_a_rep_sees_what_his_board_runs_and_no_other(people):
    a_campaign(people.dana)
    a_campaign(people.emil, "Mine fair")
    with open_as(people.anna.actor) as session:
        assert list(campaign_choices(session).values()) == ["Spring fair"]


def test_changing_is_refused_for_a_stranger_and_a_reader(people):
    fair = a_campaign(people.dana)
    for person, error in ((people.emil, NotFound), (people.amir, Refused), (people.anna, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            edit_campaign(session, fair.id, FAIR.model_copy(update={"cost": Decimal(1)}), fair.version)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        add_campaign(session, FAIR)


def test_the_rules(people):
    with open_as(people.ben.actor) as session, pytest.raises(Invalid, match="last day"):
        add_campaign(session, FAIR.model_copy(update={"ends_on": TODAY - dt.timedelta(1)}))
    with open_as(people.ben.actor) as session:
        add_campaign(session, FAIR)
    with pytest.raises(Invalid, match="of this name"), open_as(people.ben.actor) as session:
        add_campaign(session, FAIR)
    with pytest.raises(Invalid, match="choose one"), open_as(people.mia.actor) as session:
        add_campaign(session, FAIR, people.units["Sales East"])


def test_one_that_brought_leads_stays(people):
    fair, empty = a_campaign(people.ben), a_campaign(people.ben, "Empty")
    a_lead(people.anna, campaign_id=fair.id)
    with open_as(people.ben.actor) as session:
        remove_campaign(session, empty.id)
        with pytest.raises(Invalid, match="1 lead and stays"):
            remove_campaign(session, fair.id)
        assert campaigns(session)["name"].tolist() == ["Spring fair"]


def test_the_funnel_counts_each_lead_once_in_every_step_it_reached(people):
    fair = a_campaign(people.dana)
    at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    a_lead(people.anna, source="website", state="converted", worked_at=at, campaign_id=fair.id)
    a_lead(people.anna, source="website", state="invalid", worked_at=at)
    a_lead(people.anna, source="website")
    a_lead(None, people.anna, source="website", assigned_at=at, worked_at=at)
    a_lead(None, people.anna)
    a_lead(people.emil, source="website")
    with open_as(people.ben.actor) as session:
        found = lead_funnel(session)
        whole = lead_funnel(session, by=None).iloc[0]
        by_campaign = lead_funnel(session, "campaign")
        nothing = lead_funnel(session, where=LeadFilter(created_to=dt.date(2020, 1, 1)))
    steps = ["source", "collected", "assigned", "worked", "converted", "invalid", "open"]
    assert found[steps].values.tolist()[0] == ["website", 4, 4, 3, 1, 1, 2]
    assert found["source"].isna().tolist() == [False, True]
    assert whole["collected"] == 5 == whole["converted"] + whole["invalid"] + whole["open"]
    first = found.iloc[0]
    assert first["conversion"] == 25 and first["conversion_from"] < 25 < first["conversion_to"]
    assert by_campaign.dropna(subset="campaign")["campaign"].tolist() == ["Spring fair"]
    assert nothing.empty
