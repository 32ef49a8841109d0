import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.customers.commands import LossDetails, enter_loss, refresh_base
from crm.customers.models import CustomerCompetitor
from crm.customers.queries import losses
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order
from tests.insight.test_churn_queries import START, day, keep_scores, lose
from tests.pages.opened import dialog, keys, offers, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/insight/churn.py"
CUSTOMER = "pages/sales/customer.py"
VIEWS = ("who", "why", "to_whom", "composition", "movement", "trial")


@pytest.fixture
def world(people):
    """name -> customer of Music: Gone (anna's) and Quiet (ben's) stopped in the last six months, Stays (anna's) did not."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    bought = {"Gone": (people.anna, "2025-02-01", 300), "Quiet": (people.ben, "2025-06-30", 50)}
    bought["Stays"] = (people.anna, "2026-06-30", 80)
    found = {}
    for name, (owner, on, amount) in bought.items():
        found[name] = a_customer(owner, name=name, region="North")
        an_order(found[name], amount, on=day(on))
    an_order(found["Stays"], 20, on=day("2025-07-01"))
    return found


def listed(at):
    return at.dataframe[0].value["name"].tolist() if at.dataframe else []


def figure(at, label):
    return next(one.value for one in at.metric if one.label == label)


def test_it_works(people, world):
    at = opened(PAGE, people.dana)
    assert "2 customers stopped; of 2 nobody knows why" in texts(at)
    assert listed(at) == ["Gone", "Quiet"]
    assert (figure(at, "Stopped"), figure(at, "Churn rate"), figure(at, "Reason known")) == ("2", "66.7\u00a0%", "0.0\u00a0%")


def test_a_rep_sees_his_own(people, world):
    assert listed(opened(PAGE, people.anna)) == ["Gone"]
    assert "Nobody has bought here yet" in texts(opened(PAGE, people.chen))


def test_refused_for_a_role_without_insight(people, world):
    at = opened(PAGE, people.gia)
    assert not at.metric and not at.dataframe


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_chinese(people, world, view):
    lose(people.anna, world["Gone"], direction="competitor", competitor="Acme")
    for name in ("Gone", "Quiet", "Stays"):
        keep_scores(world[name], START, 0.9, 100)
        keep_scores(world[name], TODAY, 0.2, 50)
    at = opened(PAGE, people.dana, "zh", show=view)
    assert not at.exception
    assert english_left(at) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_board_without_scores_or_losses(people, world, view):
    at = opened(PAGE, people.dana, show=view)
    assert not at.exception and not at.error


def test_why_and_to_whom(people, world):
    lose(people.anna, world["Gone"], reason="price", direction="competitor", competitor="Acme")
    assert "Price is the first reason: 1 of the 1 who are known" in texts(opened(PAGE, people.dana, show="why"))
    assert "The most went to Acme: 1 of the 1 who are known" in texts(opened(PAGE, people.dana, show="to_whom"))
    assert figure(opened(PAGE, people.dana), "Reason known") == "50.0\u00a0%"


def test_the_rule_stands_in_the_address(people, world):
    lose(people.anna, world["Stays"], on="2026-06-30")
    assert listed(opened(PAGE, people.dana, rule="entered")) == ["Stays"]
    at = opened(PAGE, people.dana, rule="nonsense", months="x", until="yesterday", limit="x", show="nothing", worth="gold")
    assert listed(at) == ["Gone", "Quiet"]


def test_by_the_model_only_where_scores_are_kept(people, world):
    at = opened(PAGE, people.dana, rule="model")
    assert "By the model needs scores" in texts(at)
    assert listed(at) == ["Gone", "Quiet"]


def test_by_the_model(people, world):
    for name, later in (("Gone", 0.1), ("Quiet", 0.6)):
        keep_scores(world[name], START, 0.9, 100)
        keep_scores(world[name], TODAY, later, 50)
    at = opened(PAGE, people.dana, rule="model")
    assert listed(at) == ["Gone"]
    assert figure(at, "Expected gone") == "1"
    assert listed(opened(PAGE, people.dana, rule="model", limit=70)) == ["Gone", "Quiet"]


def test_the_reps_are_asked_for_reasons_by_a_call_list(people, world):
    assert "churn.ask.list" in keys(opened(PAGE, people.anna))


def test_composition_table(people, world):
    at = opened(PAGE, people.dana, show="composition", of="owner_id")
    rows = at.dataframe[0].value
    assert rows[["name", "customers", "stopped"]].values.tolist() == [["Anna Lindqvist", 2, 1], ["Ben Okafor", 1, 1]]


def test_too_little_for_a_test_says_so(people, world):
    at = opened(PAGE, people.dana, show="trial", ahead=365)
    assert "needs twice that time" in texts(at)


# ------------------------------------------------------------------------------------------ on the customer's page


def loss_body(customer_id, current=None):
    from crm.ui.customer.loss import loss_dialog

    loss_dialog(customer_id, current)


def _save(at):
    next(button for button in at.button if button.label == "Save").click().run()


def test_entered_on_the_customers_page(people, world):
    with open_as(people.anna.actor) as session:
        session.add(CustomerCompetitor(customer_id=world["Gone"].id, name="Acme"))
    assert "Lost" in offers(opened(CUSTOMER, people.anna, customer=world["Gone"].id), "customer.more")
    at = dialog(loss_body, people.anna, world["Gone"].id)
    at.selectbox(key="loss.new.form.reason").set_value("price")
    at.selectbox(key="loss.new.form.direction").set_value("competitor")
    at.selectbox(key="loss.new.competitor").set_value("Acme")
    _save(at)
    with open_as(people.anna.actor) as session:
        assert [(row["reason"], row["competitor"]) for row in losses(session, world["Gone"].id)] == [("price", "Acme")]


def test_a_reason_is_needed(people, world):
    at = dialog(loss_body, people.anna, world["Gone"].id)
    _save(at)
    assert at.error[0].value == "**Reason**: fill this in"


def test_the_page_says_lost_and_won_back(people, world):
    with open_as(people.anna.actor) as session:
        details = {"reason": "price", "direction": "competitor", "competitor": "Acme"}
        enter_loss(session, world["Gone"].id, LossDetails(lost_on=dt.date(2026, 3, 1), **details))
    assert "Lost on 1 Mar 2026 to Acme: Price" in texts(opened(CUSTOMER, people.amir, customer=world["Gone"].id))
    an_order(world["Gone"], 5, on=dt.date(2026, 5, 1))
    at = opened(CUSTOMER, people.amir, customer=world["Gone"].id)
    assert "Won back on 1 May 2026, by an order" in texts(at)
    assert {"customer.lost", "loss.edit.1"} & keys(at) == set()


def test_of_a_silent_customer_the_page_asks_why(people, world):
    with open_as(SYSTEM) as session:
        refresh_base(session, TODAY)
    asking = "Nobody has entered why he stopped."
    assert asking in texts(opened(CUSTOMER, people.anna, customer=world["Gone"].id))
    assert asking not in texts(opened(CUSTOMER, people.amir, customer=world["Gone"].id))
    at = opened(CUSTOMER, people.anna, customer=world["Stays"].id)
    assert asking not in texts(at) and "Lost" in offers(at, "customer.more")
    lose(people.anna, world["Gone"])
    at = opened(CUSTOMER, people.anna, customer=world["Gone"].id)
    assert asking not in texts(at) and "customer.lost" not in keys(at) and "Lost" not in offers(at, "customer.more")


def test_nobody_can_be_lost_who_never_bought(people, world):
    new = a_customer(people.anna)
    at = opened(CUSTOMER, people.anna, customer=new.id)
    assert "customer.lost" not in keys(at) and "Lost" not in offers(at, "customer.more")
