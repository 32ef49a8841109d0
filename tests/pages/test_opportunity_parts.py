"""The dialogs and the parts of an opportunity's page."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.errors import NotFound
from crm.office.commands import CustomFieldInput, DemoDay, add_custom_field, set_demo_today
from crm.pipeline.commands import (
    DealCompetitor,
    DealCustomer,
    DealLine,
    Losing,
    lose,
    save_competitor,
    save_customer,
    save_line,
    seed_pipelines,
)
from crm.pipeline.models import Stage
from crm.pipeline.queries import (
    assessments,
    competitors,
    decision_makers,
    expenses,
    further_customers,
    opportunity,
    samples,
    stages_of,
)
from crm.session import get, open_as
from tests.factories import TODAY, a_contact, a_customer, a_product, an_opportunity
from tests.pages.opened import dialog, opened, texts


@pytest.fixture
def stages(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        return {stage.code: stage.id for stage in stages_of(session, seed_pipelines(session).id)}


@pytest.fixture
def deal(people, stages):
    customer = a_customer(people.anna, name="Aurora *Music*")
    return an_opportunity(people.anna, customer, name="Two *pianos*", amount=1000, created_on=TODAY - dt.timedelta(20))


def now(person, deal):
    with open_as(person.actor) as session:
        return opportunity(session, deal.id)


def press(at, text):
    return next(button for button in at.button if button.label == text).click().run()


def move_body(opportunity_id, stage_id):
    from crm.ui.deal.closing import move_dialog

    move_dialog(opportunity_id, stage_id)


def win_body(opportunity_id):
    from crm.ui.deal.closing import win_dialog

    win_dialog(opportunity_id)


def lose_body(opportunity_id):
    from crm.ui.deal.closing import lose_dialog

    lose_dialog(opportunity_id)


def test_a_move_shows_what_is_missing_and_takes_it(people, deal, stages):
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["lead"]).exit_criteria = ["Budget known"]
    at = dialog(move_body, people.anna, deal.id, stages["bid"])
    assert not at.number_input, "the amount is known already"
    press(at, "Move")
    assert at.error[0].value == "Not ticked yet: Budget known."
    at.checkbox(key=f"deal.move.{deal.id}.criterion.0").check()
    at.text_area(key=f"deal.move.{deal.id}.form.need").set_value("Two grands")
    at.date_input(key=f"deal.move.{deal.id}.form.expected_close_on").set_value(TODAY)
    press(at, "Move")
    assert not at.error and not at.exception
    found = now(people.anna, deal)
    assert (found.stage_id, found.need, found.expected_close_on) == (stages["bid"], "Two grands", TODAY)


def test_won_with_its_day_reason_and_review(people, deal):
    at = dialog(win_body, people.anna, deal.id)
    assert "Two \\*pianos\\*" in texts(at) and "Aurora \\*Music\\*" in texts(at)
    press(at, "Mark as won")
    assert "Reason" in at.error[0].value
    at.selectbox(key=f"deal.win.{deal.id}.reason").set_value("service")
    at.number_input(key=f"deal.win.{deal.id}.amount").set_value(900.0)
    at.text_area(key=f"deal.win.{deal.id}.review").set_value("They want it tuned")
    press(at, "Mark as won")
    found = now(people.anna, deal)
    assert (found.state, found.close_reason, found.amount, found.closed_on) == ("won", "service", 900, TODAY)
    assert found.review == "They want it tuned"


def test_lost_to_a_competitor_of_the_deal(people, deal):
    with open_as(people.anna.actor) as session:
        save_competitor(session, deal.id, DealCompetitor(name="Borealis"))
    at = dialog(lose_body, people.anna, deal.id)
    rivals = at.selectbox(key=f"deal.lose.{deal.id}.lost_to")
    assert rivals.options == ["Borealis"]
    rivals.set_value("Borealis")
    at.selectbox(key=f"deal.lose.{deal.id}.reason").set_value("price")
    press(at, "Mark as lost")
    found = now(people.anna, deal)
    assert (found.state, found.lost_to, found.close_reason) == ("lost", "Borealis", "price")


@pytest.mark.parametrize("body", [win_body, lose_body])
def test_a_stranger_is_told_nothing(people, deal, body):
    at = dialog(body, people.emil, deal.id)
    assert at.error[0].value == "This record does not exist, or it is not yours to see."
    assert "pianos" not in texts(at)


# ------------------------------------------------------------------------------------------------ what hangs on it


def part_body(opportunity_id, part, index=None):
    from crm.pipeline.queries import opportunity
    from crm.ui.deal.parts import PARTS, part_dialog
    from crm.ui.desk import in_scope, load

    rows = load(PARTS[part].query, opportunity_id=opportunity_id)
    current = None if index is None else rows.iloc[index].to_dict()
    part_dialog(in_scope(opportunity, opportunity_id), part, current)


def rows_of(deal, query):
    with open_as(SYSTEM) as session:
        return query(session, deal.id)


def test_a_product_and_the_amount_follows(people, deal):
    piano = a_product(name="Piano", price=Decimal(600))
    at = dialog(part_body, people.anna, deal.id, "line")
    at.selectbox(key="deal.line.new.form.product_id").set_value(piano.id)
    at.number_input(key="deal.line.new.form.quantity").set_value(2.0)
    at.number_input(key="deal.line.new.form.discount_percent").set_value(10.0)
    press(at, "Save")
    assert not at.error and now(people.anna, deal).amount == 1080


def test_a_line_is_corrected_and_taken_away(people, deal):
    with open_as(people.anna.actor) as session:
        line = save_line(session, deal.id, DealLine(description="Tuning", unit_price=Decimal("99.5")))
        save_line(session, deal.id, DealLine(description="Transport", unit_price=50))
    key = f"deal.line.{line.id}"
    at = dialog(part_body, people.anna, deal.id, "line", 0)
    assert at.number_input(key=f"{key}.form.unit_price").value == 99.5
    at.number_input(key=f"{key}.form.unit_price").set_value(100.0)
    press(at, "Save")
    assert now(people.anna, deal).amount == 150
    dialog(part_body, people.anna, deal.id, "line", 0).button(key=f"{key}.delete").click().run()
    assert now(people.anna, deal).amount == 50


def test_a_part_that_somebody_overtook_shows_both(people, deal):
    with open_as(people.anna.actor) as session:
        rival = save_competitor(session, deal.id, DealCompetitor(name="Borealis"))
    with open_as(people.ben.actor) as session:
        save_competitor(session, deal.id, DealCompetitor(name="Borealis", offer="Hire"), rival.id, rival.version)
    stale = dialog(stale_body, people.anna, deal.id, rival.version)
    stale.text_input(key=f"deal.competitor.{rival.id}.form.offer").set_value("Leasing")
    press(stale, "Save")
    assert "Ben Okafor saved this record before you" in stale.warning[0].value
    press(stale, "Save mine")
    assert rows_of(deal, competitors)["offer"].tolist() == ["Leasing"]


def stale_body(opportunity_id, version):
    from crm.pipeline.queries import competitors, opportunity
    from crm.ui.deal.parts import part_dialog
    from crm.ui.desk import in_scope

    row = in_scope(competitors, opportunity_id).iloc[0].to_dict() | {"offer": None, "version": version}
    part_dialog(in_scope(opportunity, opportunity_id), "competitor", row)


def test_only_contacts_of_the_customers_on_the_deal_can_decide(people, deal):
    a_contact(now(people.anna, deal).customer, "Zhang Min")
    further = a_customer(people.anna, name="Hall Ltd")
    a_contact(further, "Wang Fang")
    a_contact(a_customer(people.anna), "Nobody")
    with open_as(people.anna.actor) as session:
        save_customer(session, deal.id, DealCustomer(customer_id=further.id, part="Builder"))
    at = dialog(part_body, people.anna, deal.id, "contact")
    offered = at.selectbox(key="deal.contact.new.form.contact_id")
    assert offered.options == ["Zhang Min · Aurora *Music*", "Wang Fang · Hall Ltd"]
    offered.select_index(1)
    at.selectbox(key="deal.contact.new.form.role").set_value("decides")
    press(at, "Save")
    assert rows_of(deal, decision_makers)[["name", "role"]].values.tolist() == [["Wang Fang", "decides"]]


def test_without_contacts_it_says_where_to_add_them(people, deal):
    at = dialog(part_body, people.anna, deal.id, "contact")
    assert "no contacts yet" in at.caption[0].value and not at.button


def test_a_further_customer_is_found_by_a_few_letters(people, deal):
    a_customer(people.anna, name="Hall Ltd")
    at = dialog(part_body, people.anna, deal.id, "customer")
    assert not at.button
    at.text_input(key="deal.customer.find.words").set_value("hall").run()
    at.text_input(key="deal.customer.new.form.part").set_value("Builder")
    press(at, "Save")
    assert rows_of(deal, further_customers)[["name", "part"]].values.tolist() == [["Hall Ltd", "Builder"]]


def test_a_colleague_joins_and_the_owner_is_not_offered(people, deal):
    at = dialog(part_body, people.anna, deal.id, "member")
    box = at.selectbox(key="deal.member.new.form.user_id")
    assert "Anna Lindqvist" not in box.options
    box.set_value(people.chen.id)
    press(at, "Save")
    assert now(people.chen, deal).id == deal.id


@pytest.mark.parametrize(
    ("part", "entered", "query"),
    [("expense", {"kind": "travel", "amount": 40.0}, expenses), ("sample", {"description": "A key"}, samples)],
)
def test_what_it_costs(people, deal, part, entered, query):
    at = dialog(part_body, people.anna, deal.id, part)
    for name, value in entered.items():
        field(at, f"deal.{part}.new.form.{name}").set_value(value)
    press(at, "Save")
    assert not at.error
    (row,) = rows_of(deal, query)[list(entered)].to_dict("records")
    assert row == entered


def field(at, key):
    return next(one for kind in (at.selectbox, at.number_input, at.text_input) for one in kind if one.key == key)


def test_an_assessment_asks_for_every_mark(people, deal):
    at = dialog(part_body, people.anna, deal.id, "assessment")
    press(at, "Save")
    assert at.error[0].value.count("fill this in") == 6
    for name in ("budget", "authority", "need", "timing", "fit", "competition"):
        field(at, f"deal.assessment.new.form.{name}").set_value(4)
    press(at, "Save")
    assert rows_of(deal, assessments)["score"].tolist() == [75]


def test_what_a_stranger_sends_is_refused(people, deal):
    at = dialog(part_body, people.amir, deal.id, "expense")
    for name, value in {"kind": "travel", "amount": 40.0}.items():
        field(at, f"deal.expense.new.form.{name}").set_value(value)
    press(at, "Save")
    assert "You may not change this" in at.error[0].value and rows_of(deal, expenses).empty


# --------------------------------------------------------------------------------------------------------- editing


def edit_body(opportunity_id, version):
    from crm.pipeline.queries import opportunity
    from crm.ui.deal.editing import edit_dialog
    from crm.ui.desk import in_scope

    found = in_scope(opportunity, opportunity_id)
    found.version = version
    edit_dialog(found)


def test_edited_and_who_saves_second_sees_both(people, deal):
    opened_with = now(people.anna, deal).version
    at = dialog(edit_body, people.anna, deal.id, opened_with)
    at.number_input(key="deal.edit_form.amount").set_value(1500.0)
    at.date_input(key="deal.edit_form.expected_close_on").set_value(TODAY)
    press(at, "Save")
    assert not at.error and not at.warning
    assert (now(people.anna, deal).amount, now(people.anna, deal).expected_close_on) == (1500, TODAY)
    at = dialog(edit_body, people.ben, deal.id, opened_with)
    at.number_input(key="deal.edit_form.amount").set_value(900.0)
    press(at, "Save")
    assert "Anna Lindqvist saved this record before you" in at.warning[0].value
    press(at, "Save mine")
    assert now(people.anna, deal).amount == 900


def test_with_products_the_amount_is_not_typed_and_closed_keeps_its_figures(people, deal):
    with open_as(people.anna.actor) as session:
        save_line(session, deal.id, DealLine(description="Tuning", unit_price=100))
    at = dialog(edit_body, people.anna, deal.id, 1)
    assert "deal.edit_form.amount" not in {one.key for one in at.number_input}
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="price"))
    at = dialog(edit_body, people.anna, deal.id, now(people.anna, deal).version)
    assert not at.date_input
    at.text_area(key="deal.edit_form.remark").set_value("Ask again in spring")
    press(at, "Save")
    assert not at.error and now(people.anna, deal).remark == "Ask again in spring"


def test_the_firms_own_fields_are_in_the_form_and_on_the_page(people, deal):
    with open_as(SYSTEM) as session:
        for kind, key in (("text", "Hall"), ("number", "Seats"), ("date", "Opening")):
            add_custom_field(session, "opportunity", CustomFieldInput(kind=kind, label=key, key=key.lower()))
    at = dialog(edit_body, people.anna, deal.id, now(people.anna, deal).version)
    at.text_input(key="deal.custom.hall").set_value("Great *Hall*")
    at.number_input(key="deal.custom.seats").set_value(800.0)
    at.date_input(key="deal.custom.opening").set_value(TODAY)
    press(at, "Save")
    assert not at.error
    page = opened("pages/sales/opportunity.py", people.anna, opportunity=deal.id)
    assert "Great \\*Hall\\*" in texts(page) and "800" in texts(page)


def review_body(opportunity_id):
    from crm.pipeline.queries import opportunity
    from crm.ui.deal.review import review_dialog
    from crm.ui.desk import in_scope

    review_dialog(in_scope(opportunity, opportunity_id))


def test_the_review_of_a_lost_deal(people, deal):
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="price", lost_to="Borealis"))
    key = f"deal.review.{deal.id}"
    at = dialog(review_body, people.anna, deal.id)
    assert at.selectbox(key=f"{key}.lost_to").value == "Borealis"
    at.selectbox(key=f"{key}.form.reason").set_value("timing")
    at.text_area(key=f"{key}.form.review").set_value("Call in autumn")
    press(at, "Save")
    found = now(people.anna, deal)
    assert (found.close_reason, found.lost_to, found.review) == ("timing", "Borealis", "Call in autumn")


def assign_body(opportunity_id):
    from crm.ui.deal.editing import assign_dialog

    assign_dialog([opportunity_id])


def test_given_to_a_colleague(people, deal):
    at = dialog(assign_body, people.dana, deal.id)
    at.selectbox(key="deal.assign_form.owner_id").set_value(people.chen.id)
    at.text_input(key="deal.assign_form.reason").set_value("Knows the hall")
    press(at, "Assign")
    assert not at.error and now(people.chen, deal).owner_id == people.chen.id


def delete_body(opportunity_id):
    from crm.ui.deal.editing import delete_dialog

    delete_dialog([opportunity_id])


def test_deleting_is_for_those_who_may_assign(people, deal):
    at = dialog(delete_body, people.anna, deal.id)
    press(at, "Delete")
    assert "Your role does not allow this" in at.error[0].value
    press(dialog(delete_body, people.ben, deal.id), "Delete")
    with pytest.raises(NotFound):
        now(people.ben, deal)
