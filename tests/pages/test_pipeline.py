import datetime as dt
import json

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.office.models import Activity
from crm.office.queries import views
from crm.pipeline.commands import PipelineDetails, Winning, add_pipeline, seed_pipelines, win
from crm.pipeline.models import Opportunity
from crm.pipeline.queries import opportunity, opportunity_list, stages_of
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_opportunity
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/sales/pipeline.py"


@pytest.fixture
def stages(people):
    """code -> id of the default pipeline's stages; the product counts from TODAY."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        return {stage.code: stage.id for stage in stages_of(session, seed_pipelines(session).id)}


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def deals(people, stages, customer):
    """Three open ones of anna's, one of ben's."""
    soon = TODAY + dt.timedelta(20)
    return {
        name: an_opportunity(owner, customer, name=name, amount=amount, stage_id=stages[stage], **changes).id
        for name, owner, amount, stage, changes in (
            ("Grand", people.anna, 9000, "lead", {"expected_close_on": soon}),
            ("Upright", people.anna, 1000, "lead", {"forecast_category": "commit"}),
            ("Organ", people.anna, 4000, "need_confirmed", {"expected_close_on": TODAY - dt.timedelta(5)}),
            ("Harp", people.ben, 500, "bid", {}),
        )
    }


def drawn(at):
    """What the board in the browser gets."""
    return json.loads(at.get("bidi_component")[0].proto.json)


def column(at, title):
    return next(stage for stage in drawn(at)["stages"] if stage["title"] == title)


def cards(at):
    return {card["name"]: card for stage in drawn(at)["stages"] for card in stage["cards"]}


def asked(person, what, card=None, to=None, **query):
    """The page after the browser asked the board for something."""
    at = opened(PAGE, person, **query)
    at.session_state["pipeline.asked"] = {"what": what, "card": card and str(card), "to": to and str(to)}
    return at.run()


def stage_of(person, opportunity_id):
    with open_as(person.actor) as session:
        return opportunity(session, opportunity_id).stage.code


def rows(at):
    return [] if not at.dataframe else at.dataframe[0].value["name"].tolist()


# ---------------------------------------------------------------------------------------------------- the board


def test_it_works(people, deals):
    at = opened(PAGE, people.anna)
    assert not at.exception
    assert [stage["title"] for stage in drawn(at)["stages"]][:3] == ["Lead", "Follow up", "Need confirmed"]
    lead = column(at, "Lead")
    assert [card["name"] for card in lead["cards"]] == ["Grand", "Upright"]
    assert (lead["count"], lead["amount"], lead["weighted"]) == ("2", "CN¥10K", "500")
    assert "**4** deals · CN¥14,500.00 · weighted CN¥2,050.00" in texts(at)


def test_a_card_says_what_matters_and_warns_only_of_what_is_wrong(people, deals):
    with open_as(people.anna.actor) as session:
        about = {"subject_type": "opportunity", "subject_id": deals["Grand"], "author_id": people.anna.id}
        session.add(Activity(**about, kind="call", topic="Ask for the plan", planned_on=TODAY + dt.timedelta(1)))
        session.add(Activity(**about, kind="visit", planned_on=TODAY + dt.timedelta(9)))
    found = cards(opened(PAGE, people.anna))
    grand = found["Grand"]
    assert (grand["customer"], grand["amount"], grand["chance"], grand["owner"]) == (
        "Aurora Music Ltd",
        "CN¥9K",
        "5\xa0%",
        "Anna Lindqvist",
    )
    assert (grand["next"], grand["when"], grand["late"], grand["days"]) == ("Ask for the plan", "tomorrow", False, "0 days")
    assert grand["wrong"] == [] and "next" not in found["Upright"]
    assert found["Organ"]["wrong"] == ["Should have closed 25 Jun 2026"]


def test_a_deal_that_rots_is_marked_and_found(people, deals):
    with open_as(SYSTEM) as session:
        get(session, Opportunity, deals["Upright"]).stage_since = TODAY - dt.timedelta(40)
    at = opened(PAGE, people.anna)
    assert cards(at)["Upright"]["wrong"] == ["Untouched for 40 days"]
    at.pills(key="pipeline.rotting").set_value(True).run()
    assert list(cards(at)) == ["Upright"]


def test_a_move_takes_the_totals_along_and_can_be_undone(people, stages, deals):
    at = asked(people.anna, "move", deals["Grand"], stages["follow_up"])
    assert stage_of(people.anna, deals["Grand"]) == "follow_up"
    assert (column(at, "Lead")["amount"], column(at, "Follow up")["amount"]) == ("CN¥1K", "CN¥9K")
    at.button(key="pipeline.undo").click().run()
    assert stage_of(people.anna, deals["Grand"]) == "lead"
    assert "pipeline.undo" not in keys(at)


def test_a_move_that_asks_for_something_opens_a_dialog_with_it(people, stages, deals):
    at = asked(people.anna, "move", deals["Organ"], stages["solution"])
    assert stage_of(people.anna, deals["Organ"]) == "need_confirmed"
    assert any("Need" in area.label for area in at.text_area)


def test_winning_and_losing_open_their_dialogs(people, deals):
    for what in ("win", "lose"):
        at = asked(people.anna, what, deals["Grand"])
        assert not at.exception
        assert "**Grand**" in texts(at)


def test_what_the_browser_makes_up_does_nothing(people, stages, deals):
    for card, to in ((deals["Grand"], 999), (999, stages["bid"]), ("x", stages["bid"])):
        assert not asked(people.anna, "move", card, to).exception
    assert stage_of(people.anna, deals["Grand"]) == "lead"


def test_only_my_deals_can_be_moved(people, deals):
    found = cards(opened(PAGE, people.anna))
    assert found["Grand"]["mine"] and not found["Harp"]["mine"]
    assert all(card["mine"] for card in cards(opened(PAGE, people.ben)).values())
    assert not any(card["mine"] for card in cards(opened(PAGE, people.amir)).values())


def test_a_forged_move_is_refused(people, stages, deals):
    at = asked(people.anna, "move", deals["Harp"], stages["signed"])
    assert stage_of(people.anna, deals["Harp"]) == "bid"
    assert not at.exception


def test_only_the_largest_are_cards_and_the_rest_is_in_the_list(people, stages, customer):
    for number in range(22):
        an_opportunity(people.anna, customer, name=f"Deal {number:02}", amount=number + 1)
    lead = column(opened(PAGE, people.anna), "Lead")
    assert len(lead["cards"]) == 20 and lead["cards"][0]["name"] == "Deal 21"
    assert lead["more"] == "2 more in the list"
    at = asked(people.anna, "more", to=stages["lead"])
    assert len(rows(at)) == 22 and rows(at)[0] == "Deal 21"


def test_a_card_opens_its_deal(people, deals):
    at = asked(people.anna, "open", deals["Grand"])
    assert not at.exception
    assert at.query_params["opportunity"] in (str(deals["Grand"]), [str(deals["Grand"])])


# -------------------------------------------------------------------------------------------------- the filters


def test_mine_and_what_should_close_this_quarter(people, deals):
    at = opened(PAGE, people.ben)
    at.segmented_control(key="pipeline.whose").set_value("mine").run()
    assert list(cards(at)) == ["Harp"]
    at = opened(PAGE, people.anna)
    at.segmented_control(key="pipeline.closing").set_value("overdue").run()
    assert list(cards(at)) == ["Organ"]
    at.segmented_control(key="pipeline.closing").set_value("next").run()
    assert list(cards(at)) == ["Grand"]
    at.segmented_control(key="pipeline.closing").set_value(None).run()
    assert len(cards(at)) == 4


def test_how_wide_one_may_look_depends_on_the_role(people, deals):
    def offered(person):
        found = [one for one in opened(PAGE, person).segmented_control if one.key == "pipeline.whose"]
        return found[0].options if found else []

    assert offered(people.anna) == ["All", "Mine"]
    assert offered(people.ben) == ["All", "Mine", "My team"]
    assert offered(people.amir) == ["All", "My team"]


def test_filters_stand_in_the_address_and_come_off_as_chips(people, deals):
    at = opened(PAGE, people.anna, amount_from=4000, forecast_category="pipeline")
    assert list(cards(at)) == ["Grand", "Organ"]
    at.button(key="chip.amount_from").click().run()
    assert "amount_from" not in at.query_params
    assert list(cards(at)) == ["Grand", "Organ", "Harp"]


def test_what_makes_no_sense_in_the_address_is_dropped(people, deals):
    at = opened(PAGE, people.anna, show="x", amount_from="much", pipeline_id=99, stage_id="lead", sort="nothing", page=9)
    assert not at.exception
    assert len(cards(at)) == 4


def test_typing_narrows_and_nothing_found_says_so(people, deals):
    at = opened(PAGE, people.anna)
    at.text_input(key="pipeline.search").set_value("organ").run()
    assert list(cards(at)) == ["Organ"]
    at.text_input(key="pipeline.search").set_value("zzz").run()
    assert "No deal fits these filters." in texts(at)


def test_several_pipelines_are_looked_at_one_by_one(people, deals):
    with open_as(people.eve.actor) as session:
        other = add_pipeline(session, PipelineDetails(name="Rentals", name_zh="租赁")).id
        add_pipeline(session, PipelineDetails(name="Presses", board_id=people.units["Machinery"]))
    at = opened(PAGE, people.anna)
    assert at.segmented_control(key="pipeline.pipeline").options == ["Standard", "Rentals"]
    at.segmented_control(key="pipeline.pipeline").set_value(other).run()
    assert "No deal fits these filters." in texts(at) or "Here your deals will stand" in texts(at)


# ------------------------------------------------------------------------------------------------------ the list


def test_the_list_begins_with_what_the_board_showed(people, deals):
    with open_as(people.anna.actor) as session:
        win(session, deals["Upright"], Winning(reason="price"))
    at = opened(PAGE, people.anna)
    at.segmented_control(key="pipeline.show").set_value("list").run()
    assert sorted(rows(at)) == ["Grand", "Harp", "Organ"]
    assert sorted(rows(opened(PAGE, people.anna, show="list"))) == ["Grand", "Harp", "Organ", "Upright"]
    at = opened(PAGE, people.anna, show="list", state="won")
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["name"], row["stage_name"], row["state"], row["probability"], row["weighted"]) == (
        "Upright",
        "Lead",
        "Won",
        100,
        1000,
    )


def test_the_list_is_sorted_and_paged(people, stages, customer):
    for number in range(51):
        an_opportunity(people.anna, customer, name=f"Deal {number:02}", amount=number + 1)
    assert rows(opened(PAGE, people.anna, show="list", sort="amount"))[:2] == ["Deal 50", "Deal 49"]
    assert rows(opened(PAGE, people.anna, show="list", sort="amount", page=2)) == ["Deal 00"]


def test_what_can_be_done_with_ticked_deals_depends_on_the_role(people, deals):
    def offered(person):
        at = opened(PAGE, person, show="list")
        key = at.dataframe[0].proto.id.split("-", 2)[-1]
        at.session_state[key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
        return {name for name in ("assign", "expect", "tag", "delete") if f"pipeline.{name}" in keys(at.run())}

    assert offered(people.ben) == {"assign", "expect", "tag", "delete"}
    assert offered(people.anna) == {"expect", "tag"}
    assert offered(people.amir) == set()


def assign_body(ids):
    from crm.ui.pipeline.listing import assign_dialog

    assign_dialog(ids)


def test_deals_are_assigned(people, deals):
    at = dialog(assign_body, people.ben, [deals["Grand"], deals["Organ"]])
    at.selectbox(key="pipeline.assign_form.owner_id").set_value(people.ben.id)
    at.text_input(key="pipeline.assign_form.reason").set_value("Leave")
    at.button[0].click().run()
    with open_as(people.ben.actor) as session:
        assert opportunity(session, deals["Grand"]).owner_id == people.ben.id


def expect_body(ids):
    from crm.ui.pipeline.listing import expect_dialog

    expect_dialog(ids)


def test_what_is_expected_of_several_deals_is_said_at_once(people, deals):
    at = dialog(expect_body, people.anna, [deals["Grand"], deals["Organ"]])
    at.selectbox(key="pipeline.expect_form.forecast_category").set_value("best_case")
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        found = [opportunity(session, deals[name]) for name in ("Grand", "Organ")]
    assert [deal.forecast_category for deal in found] == ["best_case", "best_case"]
    assert found[0].expected_close_on == TODAY + dt.timedelta(20)


def delete_body(ids):
    from crm.ui.pipeline.listing import delete_dialog

    delete_dialog(ids)


def test_deals_are_deleted(people, deals):
    dialog(delete_body, people.ben, [deals["Harp"]]).button(key="pipeline.delete_yes").click().run()
    assert "Harp" not in cards(opened(PAGE, people.ben))


def test_a_view_is_saved_and_opened_again(people, deals):
    at = opened(PAGE, people.anna, show="list", amount_from=4000, sort="amount")
    at.text_input(key="pipeline.view_name").set_value("Large")
    at.button(key="pipeline.view_save").click().run()
    with open_as(people.anna.actor) as session:
        assert views(session, "pipeline")["name"].tolist() == ["Large"]
    at = opened(PAGE, people.anna)
    at.segmented_control(key="pipeline.view").set_value("Large").run()
    assert rows(at) == ["Grand", "Organ"]


# ------------------------------------------------------------------------------------------------- who sees what


def test_strangers_see_none_of_it(people, deals):
    at = opened(PAGE, people.chen)
    assert "Here your deals will stand" in texts(at)
    assert not at.get("bidi_component") and "Grand" not in texts(at)
    assert rows(opened(PAGE, people.chen, show="list")) == []


def test_the_page_stays_closed_to_who_has_no_pipeline(people, deals):
    assert "Your role does not open this page." in opened(PAGE, people.ada).error[0].value


def test_readers_begin_nothing(people, deals):
    assert "pipeline.new" in keys(opened(PAGE, people.anna))
    assert "pipeline.new" not in keys(opened(PAGE, people.amir))


def test_without_a_pipeline_it_says_who_makes_one(people):
    assert "There is no pipeline yet" in texts(opened(PAGE, people.anna))


@pytest.mark.parametrize("show", ["board", "list"])
def test_in_chinese(people, deals, show):
    at = opened(PAGE, people.anna, "zh", show=show)
    assert not at.exception
    assert english_left(at) == set()


# ------------------------------------------------------------------------------------------------------ new deals


def new_body(customer_id):
    from crm.ui.pipeline.new_deal import new_deal

    new_deal(customer_id)


def named(person):
    with open_as(person.actor) as session:
        return set(opportunity_list(session)["name"])


def test_a_deal_of_a_customer_takes_a_name(people, stages, customer):
    at = dialog(new_body, people.anna, customer.id)
    assert "Aurora Music Ltd" in texts(at)
    (first,) = [key for key in (box.key for box in at.text_input) if key.endswith(".name")]
    at.text_input(key=first).set_value("Two pianos")
    at.button[0].click().run()
    assert named(people.anna) == {"Two pianos"}


def test_the_customer_of_a_new_deal_is_found_by_a_few_letters(people, stages, customer):
    at = dialog(new_body, people.anna, None)
    at.text_input(key="deal.new.customer.words").set_value("auro").run()
    (first,) = [box.key for box in at.text_input if box.key.endswith(".name")]
    at.text_input(key=first).set_value("Piano")
    at.button[0].click().run()
    assert named(people.anna) == {"Piano"}


def test_a_new_deal_needs_a_customer(people, stages):
    at = dialog(new_body, people.anna, None)
    (first,) = [box.key for box in at.text_input if box.key.endswith(".name")]
    at.text_input(key=first).set_value("Piano")
    at.button[0].click().run()
    assert "Say to whom it is sold." in at.error[0].value
    assert at.text_input(key=first).value == "Piano"
    assert named(people.anna) == set()


def deals_body(customer_id):
    from crm.ui.pipeline.of_customer import deals_of

    deals_of(customer_id)


def test_the_deals_of_a_customer(people, deals, customer):
    at = dialog(deals_body, people.anna, customer.id)
    assert "**4** open · CN¥14,500.00" in texts(at)
    assert sorted(rows(at)) == ["Grand", "Harp", "Organ", "Upright"]
    assert "deals.new" in keys(at)
    at = dialog(deals_body, people.amir, a_customer(people.anna).id)
    assert "Nothing is being sold to this customer yet." in texts(at)
    assert "deals.new" not in keys(at)
