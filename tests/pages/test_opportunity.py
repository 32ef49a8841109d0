"""The page of one opportunity."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, LoggedActivity, PlannedActivity, log_activity, plan_activity, set_demo_today
from crm.office.queries import activities_of
from crm.pipeline.commands import (
    DealAssessment,
    DealCompetitor,
    DealContact,
    DealExpense,
    DealLine,
    DealMember,
    DealSample,
    Losing,
    Move,
    OpportunityDetails,
    Swot,
    edit_opportunity,
    edit_swot,
    lose,
    move_opportunity,
    save_assessment,
    save_competitor,
    save_contact,
    save_expense,
    save_line,
    save_member,
    save_sample,
    seed_pipelines,
)
from crm.pipeline.models import Opportunity, Stage
from crm.pipeline.queries import opportunity, stages_of
from crm.session import get, open_as
from crm.words import say, speaking
from tests.factories import TODAY, a_contact, a_contract, a_customer, a_product, an_opportunity
from tests.pages.opened import keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/opportunity.py"
TABS = ("Overview", "Products and quotes", "People", "Activities", "Assessment", "Costs", "Review", "History")
CHANGING = {"deal.win", "deal.lose", "deal.edit", "deal.assign", "deal.delete", "deal.reopen"}


@pytest.fixture
def stages(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        return {stage.code: stage.id for stage in stages_of(session, seed_pipelines(session).id)}


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora *Music*")


@pytest.fixture
def deal(people, customer, stages):
    """Twenty days old, with something of every kind on it."""
    values = {"name": "Two *pianos*", "amount": 1000, "need": "Grands for the hall", "created_on": TODAY - dt.timedelta(20)}
    found = an_opportunity(people.anna, customer, **values, expected_close_on=TODAY + dt.timedelta(30))
    chief, buyer = a_contact(customer, "Zhang Min"), a_contact(customer, "Li Na")
    piano = a_product(name="Piano", price=Decimal(600))
    with open_as(people.anna.actor) as session:
        move_opportunity(session, found.id, Move(stage_id=stages["solution"]))
        save_line(session, found.id, DealLine(product_id=piano.id, quantity=2))
        save_contact(session, found.id, DealContact(contact_id=chief.id, role="decides", attitude="against_us"))
        save_contact(session, found.id, DealContact(contact_id=buyer.id, role="champion", attitude="for_us"))
        save_competitor(session, found.id, DealCompetitor(name="Borealis", threat="high"))
        save_sample(session, found.id, DealSample(description="A key", sent_on=TODAY))
        for kind, amount in (("travel", 40), ("bid", 20)):
            save_expense(session, found.id, DealExpense(kind=kind, amount=amount, spent_on=TODAY))
        for day, mark in ((TODAY - dt.timedelta(10), 2), (TODAY, 4)):
            marks = dict.fromkeys(("budget", "authority", "need", "timing", "fit", "competition"), mark)
            save_assessment(session, found.id, DealAssessment(assessed_on=day, **marks))
        edit_swot(session, found.id, Swot(strengths="We tune *at home*"), get(session, Opportunity, found.id).version)
        log_activity(session, "opportunity", found.id, LoggedActivity(text="They want them black", happened_on=TODAY))
    return found


def at_tab(person, deal, tab, language="en"):
    return show(opened(PAGE, person, language, opportunity=deal.id), tab, language)


def show(at, tab, language="en"):
    with speaking(language):
        at.session_state["deal.tabs"] = say(tab)
        return at.run()


def seen(at):
    return texts(at) + "\n".join(str(one.value) for one in at.text)


def now(deal):
    with open_as(SYSTEM) as session:
        return opportunity(session, deal.id)


def path(at):
    return next(one for one in at.segmented_control if one.key.startswith("deal.stage."))


def test_it_works(people, deal):
    at = opened(PAGE, people.anna, opportunity=deal.id)
    assert at.title[0].value == r"Two \*pianos\*"
    told = seen(at)
    for part in ("45\xa0% to win CN¥1.2K", "CN¥540", "Grands for the hall", "They want them black", "in 4 weeks", "0 of 14 days"):
        assert part in told, part
    assert path(at).value == now(deal).stage_id
    assert "Solution · 0 days" in path(at).options


@pytest.mark.parametrize(("name", "language"), [("anna", "zh"), ("amir", "en")])
def test_every_tab_for_owner_and_reader(people, deal, name, language):
    at = opened(PAGE, getattr(people, name), language, opportunity=deal.id)
    for tab in TABS:
        show(at, tab, language)
        assert [one.message for one in at.exception] == [], tab
        assert not at.error, tab
        if language == "zh":
            assert english_left(at) <= {unit for unit, _, _ in UNITS}, tab


def test_each_tab_answers(people, deal):
    at = opened(PAGE, people.anna, opportunity=deal.id)
    for tab, answer in (
        ("Products and quotes", "1 product for CN¥1,200.00"),
        ("People", "Against us, and strong: Zhang Min"),
        ("Assessment", "Scored 75 of 100, up 50 since 20 Jun 2026"),
        ("Assessment", "The strongest competitors: Borealis"),
        ("Costs", "CN¥60.00 spent, 5.0\xa0% of the amount"),
        ("Costs", "1 sample is out without an answer"),
        ("Review", "Written when the deal is won or lost"),
        ("History", "From Lead to Solution after 20 days"),
        ("History", "Amount raised from CN¥1,000.00 to CN¥1,200.00"),
    ):
        assert answer in texts(show(at, tab)), answer


def test_the_map_shows_who_is_for_and_against_us(people, deal):
    at = at_tab(people.anna, deal, "People")
    shown = at.table[0].value
    assert shown.loc["Decides", "Against us"] == ":red-badge[Zhang Min]"
    assert shown.loc["Champion", "For us"] == ":green-badge[Li Na]"


def test_a_deal_of_which_nothing_is_known(people, stages):
    bare = an_opportunity(people.anna, a_customer(people.anna))
    at = opened(PAGE, people.anna, opportunity=bare.id)
    assert "not set" in texts(at) and "nothing planned" in texts(at)
    for tab in TABS:
        show(at, tab)
        assert not at.exception and not at.error, tab
    assert "Began in Lead" in texts(at)


def test_a_deal_whose_source_knew_no_customer(people, deal):
    with open_as(SYSTEM) as session:
        get(session, Opportunity, deal.id).customer_id = None
    at = opened(PAGE, people.anna, opportunity=deal.id)
    for tab in TABS:
        show(at, tab)
        assert not at.exception and not at.error, tab
    assert "deal.customer" not in keys(at)


def test_a_stranger_learns_nothing_not_even_that_it_exists(people, deal):
    for unknown in (deal.id, 9_999, "abc", ""):
        at = opened(PAGE, people.emil, opportunity=unknown)
        assert at.error[0].value == "This record does not exist, or it is not yours to see."
        assert "pianos" not in texts(at)
        assert at.title[0].value == "Opportunity"


def test_a_reader_has_nothing_to_press(people, deal):
    at = opened(PAGE, people.amir, opportunity=deal.id)
    assert not CHANGING & keys(at)
    assert path(at).disabled
    own = opened(PAGE, people.anna, opportunity=deal.id)
    for tab, part in (("Products and quotes", "line"), ("People", "contact"), ("Assessment", "competitor"), ("Costs", "expense")):
        assert f"deal.{part}.add" not in keys(show(at, tab))
        assert not at.text_area
        assert f"deal.{part}.add" in keys(show(own, tab))


def test_a_colleague_who_sees_the_customer_only_reads_the_deal(people, customer, stages):
    theirs = an_opportunity(people.ben, customer)
    at = opened(PAGE, people.anna, opportunity=theirs.id)
    assert not at.error and not CHANGING & keys(at)


def test_a_member_works_on_it(people, deal):
    with open_as(people.anna.actor) as session:
        save_member(session, deal.id, DealMember(user_id=people.chen.id))
    at = opened(PAGE, people.chen, opportunity=deal.id)
    assert {"deal.win", "deal.edit"} <= keys(at)
    assert not {"deal.assign", "deal.delete"} & keys(at)


def test_a_click_moves_the_deal_at_once(people, deal, stages):
    at = opened(PAGE, people.anna, opportunity=deal.id)
    path(at).set_value(stages["bid"]).run()
    assert not at.error and now(deal).stage_id == stages["bid"]
    assert path(at).value == stages["bid"]


def test_a_click_on_a_stage_that_asks_for_more_shows_what(people, stages):
    bare = an_opportunity(people.anna, a_customer(people.anna))
    at = opened(PAGE, people.anna, opportunity=bare.id)
    path(at).set_value(stages["bid"]).run()
    assert at.text_area(key=f"deal.move.{bare.id}.form.need")
    assert now(bare).stage_id == stages["lead"]


def test_what_the_stage_asks_for_is_ticked_beside_it(people, deal, stages):
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["solution"]).exit_criteria = ["Budget known", "Met the boss"]
    at = opened(PAGE, people.anna, opportunity=deal.id)
    at.checkbox(key=f"deal.criterion.{deal.id}.{stages['solution']}.1").check().run()
    assert now(deal).criteria_met == ["Met the boss"]


def test_the_forecast_category_is_changed_in_place(people, deal):
    at = opened(PAGE, people.anna, opportunity=deal.id)
    next(one for one in at.segmented_control if one.key.startswith("deal.category.")).set_value("commit").run()
    assert not at.error and now(deal).forecast_category == "commit"
    assert "Forecast category: Pipeline → Commit" in texts(show(at, "History"))


def test_passed_close_and_long_silence_are_warnings(people, deal):
    with open_as(SYSTEM) as session:
        found = get(session, Opportunity, deal.id)
        found.expected_close_on, found.stage_since = TODAY - dt.timedelta(3), TODAY - dt.timedelta(40)
        found.last_activity_on = TODAY - dt.timedelta(15)
    told = texts(opened(PAGE, people.anna, opportunity=deal.id))
    assert "3 days ago]" in told.split("27 Jun 2026")[1][:40] and ":red[:material/warning: 27 Jun 2026" in told
    assert ":red[:material/warning: 15 of 14 days]" in told


def test_the_chance_is_explained(people, deal):
    assert "The chance that the firm set for the stage Solution" in texts(opened(PAGE, people.anna, opportunity=deal.id))
    with open_as(SYSTEM) as session:
        found = get(session, Opportunity, deal.id)
        found.win_probability, found.win_reasons = 0.62, [["position", 0.9], ["silent_days", -0.4], ["amount", 0.2]]
    told = texts(opened(PAGE, people.anna, opportunity=deal.id))
    assert "62\xa0% to win" in told
    assert "For it: the stage Solution, an amount of CN¥1.2K" in told
    assert "Against it: 0 days of silence" in told


def test_what_is_planned_next_stands_beside_it(people, deal):
    with open_as(people.anna.actor) as session:
        for topic, days in (("Visit them", 9), ("Send the plan", 2)):
            planned = PlannedActivity(kind="task", topic=topic, planned_on=TODAY + dt.timedelta(days))
            plan_activity(session, "opportunity", deal.id, planned)
    assert "**Send the plan** :gray[in 2 days]" in texts(opened(PAGE, people.anna, opportunity=deal.id))


def test_an_activity_is_logged_in_two_steps(people, deal):
    at = opened(PAGE, people.anna, opportunity=deal.id)
    at.text_area(key="activities.text").set_value("Met the tuner")
    next(button for button in at.button if button.label == "Save activity").click().run()
    assert "Met the tuner" in seen(at)
    with open_as(people.anna.actor) as session:
        assert "Met the tuner" in activities_of(session, "opportunity", deal.id)["text"].tolist()


def test_swot_is_edited_in_place_and_a_change_elsewhere_does_not_age_it(people, deal):
    at = at_tab(people.anna, deal, "Assessment")
    with open_as(people.ben.actor) as session:
        found = get(session, Opportunity, deal.id)
        values = {name: getattr(found, name) for name in OpportunityDetails.model_fields} | {"remark": "By Ben"}
        edit_opportunity(session, deal.id, OpportunityDetails(**values), found.version)
    at.run()
    field(at, "weaknesses").set_value("No branch")
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.warning and not at.error
    assert (now(deal).weaknesses, now(deal).strengths) == ("No branch", "We tune *at home*")


def field(at, name):
    return next(one for one in at.text_area if one.key.startswith("deal.swot.") and one.key.endswith(name))


def test_who_saves_the_swot_second_sees_both(people, deal):
    at = at_tab(people.anna, deal, "Assessment")
    field(at, "strengths").set_value("Mine")
    with open_as(people.ben.actor) as session:
        edit_swot(session, deal.id, Swot(strengths="His"), get(session, Opportunity, deal.id).version)
    next(button for button in at.button if button.label == "Save").click().run()
    assert "Ben Okafor saved this record before you" in at.warning[0].value
    assert at.table[-1].value.to_dict() == {"Yours": {"Strengths": "Mine"}, "Theirs": {"Strengths": "His"}}
    next(button for button in at.button if button.label == "Save mine").click().run()
    assert now(deal).strengths == "Mine"


def test_lost_and_open_again(people, deal):
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="price", lost_to="Borealis", review="Too dear"))
    at = opened(PAGE, people.anna, opportunity=deal.id)
    assert "CN¥1.2K lost to Borealis" in texts(at)
    assert "Too dear" in seen(show(at, "Review")) and "deal.review" in keys(at)
    assert "deal.line.add" not in keys(show(at, "Products and quotes"))
    at.button(key="deal.reopen").click().run()
    assert now(deal).state == "open" and "deal.win" in keys(at)
    assert "Opened again in Solution" in texts(show(at, "History"))


def test_a_won_deal_with_a_contract_stays_won(people, customer, deal):
    with open_as(SYSTEM) as session:
        found = get(session, Opportunity, deal.id)
        found.state, found.closed_on = "won", TODAY
    a_contract(people.anna, customer, opportunity_id=deal.id)
    at = opened(PAGE, people.anna, opportunity=deal.id)
    assert "deal.contract.open" in keys(at)
    assert "deal.reopen" not in keys(at)


def test_a_large_deal_waits_for_the_leads_word(people, deal):
    with open_as(SYSTEM) as session:
        get(session, Opportunity, deal.id).registration = "asked"
    assert "deal.confirm" not in keys(opened(PAGE, people.anna, opportunity=deal.id))
    assert {"deal.confirm", "deal.refuse", "deal.assign", "deal.delete"} <= keys(opened(PAGE, people.ben, opportunity=deal.id))
    with open_as(SYSTEM) as session:
        found = get(session, Opportunity, deal.id)
        found.registration, found.registration_note = "refused", "Chen has them"
    at = opened(PAGE, people.anna, opportunity=deal.id)
    assert "A lead refused it: Chen has them" in texts(at)
    at.button(key="deal.report").click().run()
    assert now(deal).registration == "asked"
