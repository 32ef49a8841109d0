import datetime as dt

import pytest

from crm.marketing.commands import AssignmentWay, Conversion, Invalidation, convert_lead, invalidate_lead
from crm.marketing.filters import LeadFilter
from crm.marketing.models import Lead
from crm.marketing.queries import campaigns, lead_list, score_rules
from crm.session import open_as
from tests.factories import TODAY, a_customer
from tests.marketing.collecting import a_campaign, a_lead, now_of, rules
from tests.marketing.conftest import day
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/sales/leads.py"
__all__ = ["day"]


@pytest.fixture
def three(people, day):
    """anna's: two open ones and one that is nobody's in her unit"""
    hot = a_lead(
        people.anna, name="Hot", score=80, score_reasons="asked_for_us=20 silent=-10", source="referral", phone="021-5550 1234"
    )
    cold = a_lead(people.anna, name="Cold", score=10, source="exhibition")
    return hot, cold, a_lead(None, people.anna, name="Nobodys", score=50)


def rows(at):
    return [] if not at.dataframe else at.dataframe[0].value["name"].tolist()


def tick(at, *positions):
    key = at.dataframe[0].proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"rows": list(positions), "columns": [], "cells": []}}
    return at.run()


def submit(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


def test_the_most_promising_first_with_its_reasons(people, three):
    at = opened(PAGE, people.ben)
    assert rows(at) == ["Hot", "Nobodys", "Cold"]
    assert at.dataframe[0].value["reasons"].tolist()[0] == "Asked for us +20 · Silent −10"
    assert "**3** leads · **3** open, **1** of them unassigned" in texts(at)


def test_a_rep_sees_his_own_and_a_stranger_none(people, three):
    assert rows(opened(PAGE, people.anna)) == ["Hot", "Cold"]
    at = opened(PAGE, people.chen)
    assert rows(at) == [] and "Here your leads will stand" in texts(at)
    at = opened(PAGE, people.gia)
    assert at.error[0].value == "Your role does not open this page." and not at.title


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"source": "referral"}, ["Hot"]),
        ({"state": "collected"}, ["Nobodys"]),
        ({"owner_id": 0}, ["Nobodys"]),
        ({"search": "5550"}, ["Hot"]),
        ({"score_to": 20}, ["Cold"]),
        ({"came_to": "worked"}, []),
        ({"came_to": "assigned"}, ["Hot", "Cold"]),
        ({"sort": "name"}, ["Cold", "Hot", "Nobodys"]),
    ],
)
def test_the_address_narrows_and_sorts(people, three, where, found):
    assert rows(opened(PAGE, people.ben, **where)) == found


def test_pills_and_chips(people, three):
    at = opened(PAGE, people.ben, source="referral")
    at.button(key="leads.chip.source").click().run()
    assert rows(at) == ["Hot", "Nobodys", "Cold"]
    at.pills(key="leads.state").set_value(["collected"]).run()
    assert rows(at) == ["Nobodys"]
    at.segmented_control(key="leads.whose").set_value("nobodys").run()
    assert rows(at) == ["Nobodys"]


def test_who_may_do_what_with_ticked_ones(people, three):
    offered = {"leads.assign", "leads.release", "leads.invalid", "leads.delete"}
    assert keys(tick(opened(PAGE, people.ben), 0)) >= offered
    assert keys(tick(opened(PAGE, people.anna), 0)) & offered == offered - {"leads.assign"}
    at = opened(PAGE, people.amir)
    assert rows(at) == ["Hot", "Nobodys", "Cold"] and "leads.new" not in keys(at)
    assert not offered & keys(tick(at, 0)), "an analyst reads"


def assign(ids):
    from crm.ui.marketing.lead_actions import assign_dialog

    assign_dialog(ids)


def test_given_to_who_has_the_least(people, three):
    at = dialog(assign, people.ben, [three[2].id])
    at.segmented_control(key="leads.assign_way").set_value(AssignmentWay.LEAST_LOAD.value).run()
    submit(at, "Assign")
    assert now_of(Lead, three[2].id).owner_id == people.anna.id


def test_given_by_hand(people, three):
    at = dialog(assign, people.ben, [three[2].id])
    at.selectbox(key="leads.assign_form.by_hand.owner_id").set_value(people.anna.id)
    submit(at, "Assign")
    assert now_of(Lead, three[2].id).owner_id == people.anna.id


def test_nobodys_are_given_out_by_the_rule_of_the_board(people, three):
    assert "leads.by_rule" not in keys(opened(PAGE, people.ben)), "by hand"
    rules(people.units["Music"], assignment="round_robin")
    at = opened(PAGE, people.ben)
    at.button(key="leads.by_rule").click().run()
    assert now_of(Lead, three[2].id).owner_id == people.anna.id


def release(ids):
    from crm.ui.marketing.lead_actions import release_dialog

    release_dialog(ids)


def test_released_with_a_reason(people, three):
    at = dialog(release, people.anna, [three[0].id])
    at.text_area(key="leads.release_remark").set_value("Too far").run()
    at.button(key="leads.release_yes").click().run()
    assert now_of(Lead, three[0].id).owner_id is None


def invalid(ids):
    from crm.ui.marketing.lead_actions import invalid_dialog

    invalid_dialog(ids)


def test_several_lead_nowhere(people, three):
    at = dialog(invalid, people.anna, [one.id for one in three[:2]])
    at.text_input(key="leads.invalid_form.reason").set_value("Fake")
    submit(at, "Close it")
    assert [now_of(Lead, one.id).state for one in three[:2]] == ["invalid", "invalid"]


def test_a_new_lead(people, day):
    at = opened(PAGE, people.anna)
    at.button(key="leads.new").click().run()
    at.button(key="leads.new").click()
    at.text_input(key="leads.new_form.name").set_value("Delta")
    submit(at, "Add")
    assert at.title[0].value == "Delta"


def new():
    from crm.ui.marketing.new_lead import new_lead

    new_lead()


def test_one_that_is_here_already_is_shown_before_it_is_entered_twice(people, three):
    a_customer(people.chen, name="Hot Ltd")
    at = dialog(new, people.anna)
    at.text_input(key="leads.new_form.name").set_value("Hot")
    submit(at, "Add")
    assert "is a lead of Music already" in at.error[0].value
    assert f"leads.twin.lead.{three[0].id}" in keys(at)
    assert "Hot Ltd" not in texts(at) + at.dataframe[0].value.to_csv(), "the customer of a colleague is masked"
    with open_as(people.anna.actor) as session:
        assert len(lead_list(session)) == 2


def test_the_funnel_leads_to_its_rows(people, three):
    with open_as(people.anna.actor) as session:
        convert_lead(session, three[0].id, Conversion())
    at = opened(PAGE, people.ben, show="funnel")
    assert "Of 3 leads 33.3 % became customers" in texts(at).replace("\xa0", " ")
    table = at.dataframe[-1].value.set_index("name")
    assert table.loc["Referral", ["collected", "converted", "conversion"]].tolist() == [1, 1, 100.0]
    assert "No lead came in this time." in texts(opened(PAGE, people.chen, show="funnel"))


def test_what_a_conversion_cost(people, day):
    fair = a_campaign(people.dana, cost=500)
    won = a_lead(people.anna, campaign_id=fair.id)
    a_lead(people.anna, campaign_id=fair.id)
    with open_as(people.anna.actor) as session:
        convert_lead(session, won.id, Conversion())
    table = opened(PAGE, people.dana, show="funnel", by="campaign").dataframe[-1].value.set_index("name")
    assert table.loc["Spring fair", ["cost", "cost_per_lead", "cost_per_conversion"]].tolist() == [500, 250, 500]
    at = opened(PAGE, people.dana, show="campaigns")
    assert "Spring fair converts at the lowest cost" in texts(at)


def add():
    from crm.ui.marketing.campaigns import add_dialog

    add_dialog()


def test_a_new_campaign(people, day):
    assert "No campaign yet." in texts(opened(PAGE, people.dana, show="campaigns"))
    at = dialog(add, people.dana)
    at.text_input(key="campaigns.new_form.name").set_value("Autumn fair")
    submit(at, "Add")
    with open_as(people.dana.actor) as session:
        assert campaigns(session)["name"].tolist() == ["Autumn fair"]


def test_the_second_chance(people, three):
    with open_as(people.anna.actor) as session:
        later = dt.date(TODAY.year, 7, 10)
        invalidate_lead(session, three[1].id, Invalidation(reason="No budget", second_follow_up_on=later))
        invalidate_lead(session, three[0].id, Invalidation(reason="Wrong number"))
    at = opened(PAGE, people.anna, show="second")
    assert [metric.value for metric in at.metric] == ["2", "1", "0", "0"]
    assert rows(at) == ["Cold"]
    tick(at, 0).button(key="second.reopen").click().run()
    assert now_of(Lead, three[1].id).state == "assigned"
    assert "Nothing to take up again" in texts(at)


def test_score_rules_are_set_by_who_may(people, three):
    assert "Save and score all leads anew" not in texts(opened(PAGE, people.ben, show="rules"))
    at = opened(PAGE, people.bao, show="rules")
    board = people.units["Music"]
    at.session_state[f"scores.edit.{board}"] = {"edited_rows": {0: {"points": 33}}, "added_rows": [], "deleted_rows": [1]}
    submit(at, "Save and score all leads anew")
    with open_as(people.bao.actor) as session:
        found = score_rules(session, board).rules
        assert (found[0].code, found[0].points, len(found)) == ("asked_for_us", 33, 15)
        hot = lead_list(session, LeadFilter(search="Hot"), columns=("score_reasons",))["score_reasons"].iloc[0]
    assert "asked_for_us=33" in hot


@pytest.mark.parametrize("show", ["list", "funnel", "campaigns", "second", "rules"])
def test_in_chinese(people, three, show):
    a_campaign(people.dana)
    at = opened(PAGE, people.bao, "zh", show=show)
    assert not at.exception and english_left(at) <= {"Music"}
