"""What was done is written down in two clicks, from the record and from lists, and taken back with a third."""

import pytest

from crm.office.commands import DemoDay, set_demo_today
from crm.office.queries import activities_of
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_opportunity
from tests.pages.opened import keys, opened, texts


@pytest.fixture
def loyal(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_customer(people.anna, name="Loyal")


def done(person, subject, subject_id):
    with open_as(person.actor) as session:
        return activities_of(session, subject, subject_id)


def pills(at, end):
    return next(
        one
        for one in at.get("button_group")
        if one.key.endswith(end) and one.key.startswith(("customer.log", "deal.log", "log."))
    )


def test_two_clicks_and_a_third_to_take_it_back(people, loyal):
    at = opened("pages/sales/customer.py", people.anna, customer=loyal.id)
    pills(at, ".kind").set_value("visit").run()
    pills(at, ".outcome").set_value("interested").run()
    assert not at.exception
    row = done(people.anna, "customer", loyal.id).iloc[0]
    assert (row["kind"], row["outcome"], row["happened_on"]) == ("visit", "interested", TODAY)
    at.button(key="customer.log.undo").click().run()
    assert done(people.anna, "customer", loyal.id).empty
    assert "customer.log.undo" not in keys(at)


def test_what_comes_next_is_planned_and_taken_back_with_it(people, loyal):
    at = opened("pages/sales/customer.py", people.anna, customer=loyal.id)
    pills(at, ".later").set_value(7).run()
    pills(at, ".outcome").set_value("not_reached").run()
    assert (done(people.anna, "customer", loyal.id)["planned_on"].dropna() - TODAY).tolist()[0].days == 7
    at.button(key="customer.log.undo").click().run()
    assert done(people.anna, "customer", loyal.id).empty


def test_a_note_needs_its_words(people, loyal):
    at = opened("pages/sales/customer.py", people.anna, customer=loyal.id)
    pills(at, ".kind").set_value("note").run()
    (key,) = [key for key in keys(at) if key.startswith("customer.log") and key.endswith(".save")]
    at.button(key=key).click().run()
    assert "say what happened" in at.error[0].value
    (text,) = [one for one in at.text_input if (one.key or "").startswith("customer.log")]
    text.set_value("Moves in May").run()
    at.button(key=key).click().run()
    assert done(people.anna, "customer", loyal.id)["text"].tolist() == ["Moves in May"]


def test_from_a_deal(people, loyal):
    deal = an_opportunity(people.anna, loyal, name="Strings")
    at = opened("pages/sales/opportunity.py", people.anna, opportunity=deal.id)
    pills(at, ".outcome").set_value("reached").run()
    row = done(people.anna, "opportunity", deal.id).iloc[0]
    assert (row["kind"], row["outcome"]) == ("call", "reached")
    assert "Undo" in [one.label for one in at.button]


def test_from_a_row_of_the_list(people, loyal):
    at = opened("pages/sales/customers.py", people.anna)
    assert at.dataframe[0].value["press"].tolist() == ["Log"]


def test_who_may_not_does_not_see_it(people, loyal):
    at = opened("pages/sales/customers.py", people.amir)
    assert "press" not in at.dataframe[0].value
    record = opened("pages/sales/customer.py", people.amir, customer=loyal.id)
    assert "Loyal" in texts(record)
    assert not [one for one in record.get("button_group") if one.key.startswith("customer.log")]
