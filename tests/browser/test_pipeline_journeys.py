"""A rep takes a deal from the board to the contract; a stranger sees none of it."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from crm.contracts.queries import contract_list
from crm.office.queries import activities_of
from crm.pipeline.commands import DealLine, save_line
from crm.pipeline.queries import opportunity, quotes_of, stages_of
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity


@pytest.fixture(scope="session")
def deal(company):
    """Of anna: one press, in the first stage."""
    customer = a_customer(company.anna, name="Harbour Crane Works")
    press = a_product(name="Press P4", price=Decimal(48_000))
    made = an_opportunity(company.anna, customer, name="Press for Harbour Crane", source="website")
    with open_as(company.anna.actor) as session:
        save_line(session, made.id, DealLine(product_id=press.id, quantity=Decimal(2)))
    return made


def stage_of(person, deal):
    with open_as(person.actor) as session:
        return opportunity(session, deal.id).stage.code


def tab(screen, name):
    screen.page.get_by_role("tab", name=name, exact=True).click()
    screen.settle()


def test_a_rep_moves_a_deal_logs_a_call_makes_a_quote_and_wins_it(company, deal, visit):
    screen = visit("anna", "/pipeline")
    screen.title("Pipeline")
    card = screen.page.locator(f"article[data-id='{deal.id}']")
    expect(card).to_contain_text("Harbour Crane Works")
    card.get_by_role("button", name="Move: Press for Harbour Crane").click()
    with open_as(company.anna.actor) as session:
        first, second = (stage.id for stage in stages_of(session, deal.pipeline_id)[:2])
    screen.page.get_by_role("menuitem").first.click()
    expect(screen.page.locator(f"section[data-stage='{second}'] article[data-id='{deal.id}']")).to_be_visible()
    screen.settle()
    assert stage_of(company.anna, deal) == "follow_up" and first != second

    card.get_by_role("button", name="Press for Harbour Crane", exact=True).click()
    screen.title("Press for Harbour Crane")
    screen.settle()
    tab(screen, "Activities")
    screen.fill("all_activities.text", "Called: wants an offer for two presses")
    screen.submit("Save activity")
    screen.says("wants an offer for two presses")
    with open_as(company.anna.actor) as session:
        logged = activities_of(session, "opportunity", deal.id)
        assert logged["happened_on"].tolist() == [TODAY]
        assert opportunity(session, deal.id).last_activity_on == TODAY

    tab(screen, "Products and quotes")
    screen.press("quote.new")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("96,000")
    screen.submit("Save draft")
    expect(dialog).to_have_count(0)
    screen.press("quote.send")
    screen.press("quote.accepted")
    screen.submit("Save")
    expect(dialog).to_have_count(0)
    with open_as(company.anna.actor) as session:
        assert quotes_of(session, deal.id)["state"].tolist() == ["accepted"]

    screen.press("deal.win")
    screen.choose(f"deal.win.{deal.id}.reason", "Price")
    screen.submit("Mark as won")
    expect(dialog).to_have_count(0)
    with open_as(company.anna.actor) as session:
        won = opportunity(session, deal.id)
    assert (won.state, won.amount, won.closed_on) == ("won", Decimal(96_000), TODAY)

    screen.press("deal.contract.make")
    expect(dialog).to_contain_text("96,000")
    screen.submit("Make the contract")
    expect(dialog).to_have_count(0)
    screen.says("Contract")
    with open_as(company.anna.actor) as session:
        made = contract_list(session, TODAY)
    assert made.loc[made["customer"] == "Harbour Crane Works", "amount"].tolist() == [96_000]


def test_a_stranger_sees_none_of_it(company, deal, visit):
    screen = visit("chen", "/pipeline?show=list")
    screen.title("Pipeline")
    expect(screen.page.locator("[data-testid=stMain]")).not_to_contain_text("Harbour Crane")
    screen.page.goto(f"/opportunity?opportunity={deal.id}")
    screen.title("Opportunity")
    screen.settle()
    expect(screen.page.locator("[data-testid=stApp]")).not_to_contain_text("Harbour")
    expect(screen.page.locator("[data-testid=stApp]")).not_to_contain_text("Press")
