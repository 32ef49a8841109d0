import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import discard_to_pool, release_to_pool
from crm.customers.models import Customer
from crm.marketing.commands import PoolRules, Release
from crm.marketing.models import Lead, PoolEntry
from crm.marketing.queries import pool_rules
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_opportunity, an_order
from tests.marketing.collecting import a_lead, entry_of, now_of, rules
from tests.marketing.conftest import day
from tests.marketing.test_recycle import old_customer, run
from tests.pages.opened import dialog, keys, offers, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/sales/pools.py"
__all__ = ["day"]


@pytest.fixture
def lying(people, day):
    """chen's, released: one who never bought, one who did, a lead; and one out of work"""
    new, won, wrong = (a_customer(people.chen, name=name, phone="021-5550 1234") for name in ("New", "Won", "Wrong"))
    an_order(won, 10)
    lead = a_lead(people.chen, name="Warm")
    with open_as(people.chen.actor) as session:
        release_to_pool(session, Release(customer_ids=(new.id, won.id), lead_ids=(lead.id,), remark="Too far"))
        discard_to_pool(session, [wrong.id], "Closed down")
    return new, won, lead, wrong


def rows(at):
    return [] if not at.dataframe else at.dataframe[0].value["name"].tolist()


def tick(at, *positions):
    key = at.dataframe[0].proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"rows": list(positions), "columns": [], "cells": []}}
    return at.run()


def submit(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


@pytest.mark.parametrize(
    ("show", "found"), [("potential", ["New"]), ("won", ["Won"]), ("leads", ["Warm"]), ("invalid", ["Wrong"])]
)
def test_every_pool_with_its_reason_and_without_a_phone(people, lying, show, found):
    at = opened(PAGE, people.anna, show=show)
    assert rows(at) == found
    frame = at.dataframe[0].value
    assert frame["why"].iloc[0] in ("Released: Too far", "Invalid: Closed down")
    assert frame["previous_owner"].iloc[0] == "Chen Wei" and "5550" not in frame.to_csv()
    assert "Potential customers · 1" in at.segmented_control(key="pools.show").options


def test_another_board_and_a_role_without_leads_see_nothing(people, lying):
    at = opened(PAGE, people.emil)
    assert rows(at) == [] and "No customer who never bought lies here." in texts(at)
    at = opened(PAGE, people.gia)
    assert at.error[0].value == "Your role does not open this page." and not at.title


def test_claimed(people, lying):
    at = tick(opened(PAGE, people.anna), 0)
    assert "You claimed **0** of 5 today" in texts(at)
    at.button(key="pools.claim").click().run()
    assert now_of(Customer, lying[0].id).owner_id == people.anna.id
    assert "You claimed **1** of 5 today" in texts(at) and rows(at) == []
    next(button for button in at.button if button.label == "New").click().run()
    assert at.title[0].value == "New", "what was claimed is a click away"


def test_the_previous_owner_is_told_until_when_he_waits(people, lying):
    at = tick(opened(PAGE, people.chen), 0)
    at.button(key="pools.claim").click().run()
    assert "For 30 days it is open to others only" in at.error[0].value
    assert now_of(Customer, lying[0].id).owner_id is None


def test_who_may_do_what(people, lying):
    def offered(person, show):
        return {key for key in keys(tick(opened(PAGE, person, show=show), 0)) if key.startswith("pools.")}

    assert offered(people.anna, "leads") == {"pools.claim"}
    assert offered(people.dana, "leads") == {"pools.give"}
    assert offered(people.dana, "invalid") == {"pools.restore"}
    assert offered(people.anna, "invalid") == set()
    assert offered(people.amir, "leads") == set(), "an analyst reads"


def give(ids, board_id):
    from crm.ui.marketing.pool_list import give_dialog

    give_dialog(ids, board_id)


def restore(ids):
    from crm.ui.marketing.pool_list import restore_dialog

    restore_dialog(ids)


def test_given_to_somebody(people, lying):
    at = dialog(give, people.dana, [entry_of(lying[2]).id], people.units["Music"])
    at.selectbox(key="pools.give_form.by_hand.owner_id").set_value(people.anna.id)
    at.text_input(key="pools.give_form.by_hand.remark").set_value("Near you")
    submit(at, "Give")
    assert now_of(Lead, lying[2].id).owner_id == people.anna.id


def test_brought_back(people, lying):
    at = dialog(restore, people.dana, [entry_of(lying[3]).id])
    at.text_input(key="pools.restore_remark").set_value("Open again").run()
    at.button(key="pools.restore_yes").click().run()
    assert entry_of(lying[3]).pool == "public"


def entry(entry_id):
    from crm.ui.marketing.pool_list import entry_dialog

    entry_dialog(entry_id, True)


def test_one_entry_tells_how_it_came_here_and_is_claimed(people, lying):
    at = dialog(entry, people.anna, entry_of(lying[0]).id)
    assert "Chen Wei released New: Too far" in texts(at)
    at.button(key="pools.claim_one").click().run()
    assert now_of(Customer, lying[0].id).owner_id == people.anna.id


def test_what_moved_is_told_in_sentences(people, lying):
    said = texts(opened(PAGE, people.anna, show="moved"))
    assert "Chen Wei released Won: Too far" in said and "Chen Wei took Wrong out of work: Closed down" in said


@pytest.fixture
def silent(people, day):
    """Warned of: two of anna's and one of chen's that follows sooner"""
    board = people.units["Music"]
    rules(board, recycles=True, warn_days=7)
    for name in ("First", "Second"):
        old_customer(people.anna, name=name)
    run(board)
    return board


def test_warnings_mine_first(people, silent):
    old_customer(people.chen, name="Other")
    run(silent, TODAY - dt.timedelta(1))
    at = opened(PAGE, people.anna, show="warnings")
    assert "2 customers and leads go to the pool within 7 days; 2 of them yours" in texts(at)
    assert rows(at) == ["First", "Second"], "not what is chen's"
    assert rows(opened(PAGE, people.dana, show="warnings"))[0] == "Other"


def test_no_warnings_say_why(people, day):
    assert "Recycling is switched off" in texts(opened(PAGE, people.anna, show="warnings"))


def test_rules_are_tried_before_they_are_saved_and_nothing_moves(people, day):
    customer, bound = old_customer(people.anna, name="Silent", level="vip"), old_customer(people.anna, name="Bound", level="vip")
    an_opportunity(people.chen, bound)
    board = people.units["Music"]
    at = opened(PAGE, people.bao, show="rules")
    assert "Today 0 would go to the pool and 0 would be warned" in texts(at)
    at.number_input(key=f"pools.rules.{board}.silence_vip").set_value(100)
    at.checkbox(key=f"pools.rules.{board}.recycles").check()
    submit(at, "Show what would move")
    assert "With these rules 0 would go to the pool today and 1 would be warned" in texts(at)
    assert rows(at) == ["Silent"]
    at.segmented_control(key=f"pools.effect.{board}").set_value("keep").run()
    assert at.dataframe[0].value[["name", "keeps"]].values.tolist() == [["Bound", "Open deal"]]
    with open_as(SYSTEM) as session:
        assert pool_rules(session, board) == PoolRules()
        assert session.query(PoolEntry).count() == 0
    at.button(key="pools.rules.save").click().run()
    with open_as(SYSTEM) as session:
        assert pool_rules(session, board).silence_vip == 100
    assert now_of(Customer, customer.id).owner_id == people.anna.id
    at.button(key="pools.run").click().run()
    assert "Warnings · 1" in at.segmented_control(key="pools.show").options


def test_rules_that_contradict_themselves_are_refused(people, day):
    at = opened(PAGE, people.bao, show="rules")
    at.number_input(key=f"pools.rules.{people.units['Music']}.warn_days").set_value(365)
    submit(at, "Show what would move")
    assert "The warning must be shorter" in at.error[0].value and "pools.rules.save" not in keys(at)


def test_who_sets_no_rules_reads_them(people, silent):
    at = opened(PAGE, people.dana, show="rules")
    assert "Show what would move" not in texts(at) and "pools.run" not in keys(at), "all are warned already"
    assert "Silence of leads, days" in at.dataframe[0].value.to_csv()
    assert "would go to the pool" not in texts(opened(PAGE, people.anna, show="rules")), "a rep runs nothing"


@pytest.mark.parametrize("show", ["potential", "invalid", "warnings", "moved", "rules"])
def test_in_chinese(people, lying, show):
    at = opened(PAGE, people.bao, "zh", show=show)
    assert not at.exception and english_left(at) <= {"Music"}


CUSTOMER = "pages/sales/customer.py"


def test_a_customer_is_released_and_claimed_at_his_page(people, day):
    customer = a_customer(people.anna, name="Aurora")
    assert "Release to the pool" in offers(opened(CUSTOMER, people.anna, customer=customer.id), "customer.more")
    assert "Release to the pool" not in offers(opened(CUSTOMER, people.amir, customer=customer.id), "customer.more")
    at = dialog(release, people.anna, customer.id)
    at.text_area(key="customer.release_remark").set_value("Too far").run()
    at.button(key="customer.release_yes").click().run()
    at = opened(CUSTOMER, people.ben, customer=customer.id)
    assert "· No owner ·" in texts(at)
    assert "in the public pool since" in at.info[0].value


def release(customer_id):
    from crm.ui.marketing.claiming import release_customer_dialog

    release_customer_dialog(customer_id)


def test_one_with_an_open_deal_stays(people, day):
    customer = a_customer(people.anna, name="Aurora")
    an_opportunity(people.chen, customer)
    at = dialog(release, people.anna, customer.id)
    at.text_area(key="customer.release_remark").set_value("Too far").run()
    at.button(key="customer.release_yes").click().run()
    assert "has a running contract or an open deal" in at.error[0].value
    assert now_of(Customer, customer.id).owner_id == people.anna.id


def test_a_warned_customer_says_so(people, silent):
    with open_as(SYSTEM) as session:
        customer_id = session.query(Customer.id).filter_by(name="First").scalar()
    at = opened(CUSTOMER, people.anna, customer=customer_id)
    assert any("Goes to the public pool in 7 days" in one.value for one in at.warning)


def test_the_list_of_customers_offers_those_of_nobody(people, day):
    nobodys = a_customer(people.anna, name="Nobodys")
    with open_as(people.anna.actor) as session:
        release_to_pool(session, Release(customer_ids=(nobodys.id,), remark="Too far"))
    a_customer(people.anna, name="Hers")
    at = opened("pages/sales/customers.py", people.ben, owner_id=0)
    assert at.dataframe[0].value["name"].tolist() == ["Nobodys"]
    assert any("No owner" in str(button.label) for button in at.button)
