"""A director agrees upon targets; a rep calls, plans a visit and checks in; his lead sees where, and writes to him about it."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from crm.office.queries import activities_of, visit_entries
from crm.session import open_as
from crm.targets.commands import Cell, PlanDetails, add_plan, set_targets
from crm.targets.queries import TargetFilter, plan_facts, targets
from tests.factories import TODAY, a_customer

JUNE = dt.date(2026, 6, 1)
PLACE = {"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12}
TOPIC = "Look at the roof"
WORDS = "Take the new price list along."
ROW, NAMES, MONTH = 32, 150, 64
"""Pixels of the grid of a plan: the height of its rows, the width of the names and of a month."""


@pytest.fixture
def plan(company):
    """A draft of the director: 2000 for the board in June, 700 of it for anna."""
    with open_as(company.dana.actor) as session:
        added = add_plan(session, PlanDetails(name="Music 2026", year=2026), company.units["Music"])
        subjects = (("board", company.units["Music"], 2000), ("person", company.anna.id, 700))
        set_targets(session, added.id, [a_cell(*one) for one in subjects])
    return added


def a_cell(kind, subject_id, base):
    values = {"measure": "revenue", "period": "month", "starts_on": JUNE, "base": Decimal(base)}
    return Cell(**values, subject_kind=kind, subject_id=subject_id)


@pytest.fixture(scope="module")
def customer(company):
    return a_customer(company.anna, name="Quarry Lane Roofing")


def test_a_director_types_a_target_approves_the_plan_and_attainment_asks_for_it(company, plan, visit):
    screen = visit("dana", f"/targets?show=plans&plan={plan.id}")
    screen.title("Targets")
    screen.says("Everything is saved.")
    type_into(screen, row=0, month=6, text="2500")
    screen.says("1 cell typed")
    expect(screen.widget("plan.approve").get_by_role("button")).to_be_disabled()
    screen.press("plan.save")
    screen.says("Everything is saved.")
    with open_as(company.dana.actor) as session:
        june = targets(session, TargetFilter(plan_id=plan.id)).set_index("subject")["base"]
    assert june.to_dict() == {"Music": 2500, "Anna Lindqvist": 700}

    screen.press("plan.approve")
    screen.widget("plan.approve_yes").get_by_role("button").click()
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.says("approved on")
    with open_as(company.dana.actor) as session:
        assert not plan_facts(session, plan.id).is_draft

    screen.widget("targets.show").get_by_text("Attainment").click()
    expect(screen.widget("tile.attainment.share")).to_contain_text("2.5K")
    mine = visit("anna", "/targets?measure=revenue")
    expect(mine.widget("tile.attainment.share")).to_contain_text("700")


def type_into(screen, row, month, text):
    """A cell of the grid, which is drawn: click it, type, and leave it with Enter."""
    grid = screen.page.locator("[class*='st-key-plan-'] [data-testid=stDataFrame]").first
    grid.locator("canvas").first.wait_for()
    screen.settle()
    grid.click(position={"x": NAMES + MONTH * (month - 1) + MONTH // 2, "y": ROW * (row + 1) + ROW // 2})
    screen.page.keyboard.type(text[0])
    editor = screen.page.locator(".gdg-input, [id^=gdg-overlay] input").first
    editor.fill(text)
    editor.press("Enter")
    screen.settle()


def test_a_rep_calls_plans_a_visit_and_checks_in_and_the_lead_sees_where(company, customer, visit, server):
    screen = visit("anna", f"/customer?customer={customer.id}")
    log_in_two_clicks(screen, "Reached")
    with open_as(company.anna.actor) as session:
        (call,) = activities_of(session, "customer", customer.id).to_dict("records")
    assert (call["kind"], call["outcome"], call["happened_on"]) == ("call", "reached", TODAY)

    screen.page.goto("/")
    screen.title("Overview")
    expect(screen.widget("day.done").get_by_role("button").first).to_contain_text(customer.name)

    screen.page.goto("/calendar")
    screen.title("Calendar")
    plan_a_visit(screen, customer)
    screen.page.context.grant_permissions(["geolocation"], origin=server)
    screen.page.context.set_geolocation(PLACE)
    entry = screen.page.locator("button.entry", has_text=TOPIC).locator("visible=true").first
    entry.click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Check in here").click()
    expect(screen.page.get_by_role("dialog")).to_contain_text("31.23040, 121.47370 (± 12 m)")

    with open_as(company.ben.actor) as session:
        seen = visit_entries(session, since=TODAY, until=TODAY, people=(company.anna.id,))
    (made,) = seen[seen["name"] == customer.name].to_dict("records")
    assert (round(made["latitude"], 4), round(made["longitude"], 4)) == (PLACE["latitude"], PLACE["longitude"])

    lead = visit("ben", f"/calendar?show=visits&whose={company.anna.id}")
    lead.title("Calendar")
    lead.click_cell("visits-rows", x=300)
    told = lead.page.get_by_role("dialog")
    expect(told).to_contain_text(customer.name)
    expect(told).to_contain_text(re.compile(r"Checked in .*\d\d:\d\d"))
    expect(told).to_contain_text("31.23040, 121.47370 (± 12 m)")
    expect(told.get_by_role("button", name="Check in here")).to_have_count(0)


def log_in_two_clicks(screen, outcome):
    """One on the button of the head, one on how it came out."""
    screen.page.locator("[class*='st-key-customer-log']").get_by_role("button").first.click()
    screen.page.get_by_role("button", name=outcome, exact=True).or_(
        screen.page.get_by_role("radio", name=outcome, exact=True)
    ).click()
    screen.says("Undo")
    screen.settle()


def plan_a_visit(screen, customer):
    """On the day of today, which is clicked."""
    screen.page.locator(f".cell[data-day='{TODAY}'] button.plan").dispatch_event("click")
    dialog = screen.page.get_by_role("dialog")
    screen.fill("calendar.plan.customer.words", customer.name)
    expect(screen.widget("calendar.plan.customer.chosen").locator("input")).to_have_value(re.compile(customer.name))
    screen.choose("calendar.plan.kind", "Visit")
    screen.fill("calendar.plan.topic", TOPIC)
    screen.submit("Plan it")
    expect(dialog).to_have_count(0)


def test_a_lead_writes_about_a_customer_and_the_bell_of_the_rep_leads_there(company, customer, visit):
    rep = visit("anna", f"/customer?customer={customer.id}")
    rep.title(customer.name)
    before = news(rep)
    lead = visit("ben", f"/customer?customer={customer.id}")
    lead.pick("customer.more", "Send a message")
    form = f"message.customer.{customer.id}.None"
    lead.choose(f"{form}.to", "Anna Lindqvist")
    lead.fill(f"{form}.text", WORDS)
    lead.submit("Send")
    expect(lead.page.get_by_role("dialog")).to_have_count(0)

    rep.page.reload()
    rings(rep, before + 1)
    rep.press("bell")
    rep.title("Inbox")
    rep.says(WORDS)
    rep.page.get_by_role("button", name=f"About {customer.name}").click()
    rep.title(customer.name)
    rings(rep, before)


def news(screen):
    """The figure at the bell; it has none where nothing is new."""
    return int(re.sub(r"\D", "", screen.widget("bell").inner_text()) or 0)


def rings(screen, count):
    expect(screen.widget("bell")).to_have_text(re.compile(rf"\D{count}$" if count else r"^\D*$"))
