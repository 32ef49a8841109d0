"""What a rep, a director and an analyst do on an ordinary day."""

import re

import pytest
from playwright.sync_api import expect

from crm.customers.queries import customer as one
from crm.customers.queries import customer_list, owners
from crm.office.models import ExportEvent
from crm.office.queries import activities_of
from crm.session import open_as
from crm.staff.commands import freeze, unfreeze
from tests.browser.heard import Heard
from tests.browser.seen import Screen
from tests.factories import TODAY, a_contact, a_customer, an_order


@pytest.fixture
def customer(company, request):
    """anna's, named after the test"""
    found = a_customer(company.anna, name=f"Aurora {request.node.name[5:25]}", region="North")
    an_order(found, 100, on=TODAY)
    return found


def read(person, customer):
    with open_as(person.actor) as session:
        return one(session, customer.id)


def test_a_wrong_then_the_right_password_and_the_address_is_kept(company, customer, visit):
    screen = visit(None, f"/customer?customer={customer.id}")
    expect(screen.page.get_by_label("User name")).to_be_visible()
    expect(screen.page.get_by_text("Aurora")).to_have_count(0)
    screen.try_password("anna", "a guess")
    screen.says("The user name or the password is wrong.")
    screen.sign_in("anna")
    screen.title(customer.name)
    assert screen.page.url.endswith(f"/customer?customer={customer.id}")
    screen.page.reload()
    screen.title(customer.name)
    (cookie,) = [cookie for cookie in screen.page.context.cookies() if cookie["name"] == "crm_session"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"


def test_a_rep_finds_opens_writes_down_and_edits(company, customer, visit):
    a_contact(customer, "Zhang Min")
    screen = visit("anna", "/customers")
    screen.fill("customers.search", customer.name)
    screen.says("1 customers · 1 orders")
    screen.settle()
    screen.page.wait_for_timeout(1000)  # the grid draws on a canvas: nothing in the page says when it is done
    screen.click_cell("customers-table")
    screen.title(customer.name)
    screen.fill("activities.text", "Asked for a quote")
    screen.fill("activities.next", "Send the quote")
    due = screen.widget("activities.due").get_by_role("spinbutton").first
    due.click()
    screen.page.keyboard.type("20260701")
    screen.submit("Save activity")
    screen.says("Asked for a quote")
    screen.says("Send the quote")
    screen.press("customer.edit")
    screen.fill("customer.edit_form.region", "South")
    screen.submit("Save")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    assert read(company.anna, customer).region == "South"
    with open_as(company.anna.actor) as session:
        planned, done = activities_of(session, "customer", customer.id).to_dict("records")
    assert done["text"] == "Asked for a quote"
    assert (planned["topic"], planned["planned_on"].isoformat()) == ("Send the quote", "2026-07-01")


def test_a_director_goes_from_a_figure_to_its_rows_and_assigns(company, customer, visit):
    screen = visit("dana", "/?view=trade")
    screen.title("Overview")
    screen.press("lead.buyers")
    screen.title("Customers")
    assert "last_order_from=2026-06-01" in screen.page.url
    screen.fill("customers.search", customer.name)
    screen.says("1 customers · 1 orders")
    screen.tick("customers-table")
    screen.press("customers.assign")
    screen.choose("customers.assign_form.owner_id", "Chen Wei")
    screen.fill("customers.assign_form.reason", "Closer to the customer")
    screen.submit("Assign")
    expect(screen.page.get_by_text("Assigned. The former owner stays in the history.")).to_be_visible()
    with open_as(company.chen.actor) as session:
        assert owners(session, customer.id)["reason"].tolist() == ["Closer to the customer", "created"]


def exports(person):
    with open_as(person.actor) as session:
        return session.query(ExportEvent).count()


def test_an_analyst_sees_and_takes_away_and_changes_nothing(company, customer, visit):
    listed = f"/customers?search={customer.name.replace(' ', '+')}"
    before = exports(company.amir)
    screen = visit("amir", listed)
    screen.says("1 customers · 1 orders")
    expect(screen.widget("customers.new")).to_have_count(0)
    screen.click_cell("customers-table")
    screen.title(customer.name)
    for key in ("customer.edit", "activities.text"):
        expect(screen.widget(key)).to_have_count(0)
    assert screen.offers("customer.more") == ["Send a message"]
    screen.page.goto(listed)
    screen.says("1 customers · 1 orders")
    screen.settle()
    screen.press("export")
    with screen.page.expect_download() as arriving:
        screen.widget("export_csv").get_by_role("button").click()
    content = arriving.value.path().read_text(encoding="utf-8-sig")
    assert customer.name in content and content.count("\n") == 2
    assert exports(company.amir) == before + 1


def test_of_two_who_edit_one_customer_the_second_is_told_and_saves_his(company, customer, visit):
    first, second = (visit(name, f"/customer?customer={customer.id}") for name in ("ben", "anna"))
    for screen, region in ((first, "West"), (second, "South")):
        screen.press("customer.edit")
        screen.fill("customer.edit_form.region", region)
    first.submit("Save")
    expect(first.page.get_by_role("dialog")).to_have_count(0)
    second.submit("Save")
    told = second.page.get_by_role("dialog")
    expect(told).to_contain_text("Ben Okafor saved this record before you")
    expect(told.get_by_role("table")).to_contain_text("Region South West".replace(" ", ""))
    expect(second.widget("customer.edit_form.region").locator("input")).to_have_value("South")
    assert read(company.anna, customer).region == "West"
    second.submit("Save mine")
    expect(second.page.get_by_role("dialog")).to_have_count(0)
    assert read(company.anna, customer).region == "South"


def test_a_stranger_sees_nothing(company, customer, visit):
    screen = visit("chen", f"/customer?customer={customer.id}")
    screen.says("This record does not exist, or it is not yours to see.")
    expect(screen.page.get_by_text(customer.name)).to_have_count(0)
    screen.page.goto("/people")
    screen.says("Your role does not open this page.")
    assert screen.page.request.get("/media/anything.csv").status == 404
    assert visit(None).page.request.get("/media/anything.csv").status == 403


def test_who_is_frozen_is_out_at_the_next_click_in_every_tab(company, customer, visit):
    screen = visit("emil", "/customers")
    screen.says("Here your customers will stand.")
    other = Screen(screen.page.context.new_page())
    other.page.goto("/orders")
    other.title("Orders")
    other.settle()
    with open_as(company.ada.actor) as session:
        freeze(session, company.emil.id)
    screen.fill("customers.search", "a")
    other.fill("orders.number", "1")
    for page in (screen.page, other.page):
        expect(page.get_by_label("User name")).to_be_visible()
        expect(page.locator("h1")).to_have_count(0)
    with open_as(company.ada.actor) as session:
        unfreeze(session, company.emil.id)


def test_a_picture_from_elsewhere_is_heard(chromium, server):
    """The ear that every browser test has: `heard` in conftest.py."""
    ear, context = Heard(server), chromium.new_context(base_url=server)
    ear.listen(context)
    page = context.new_page()
    page.goto("/healthz")
    assert ear.elsewhere() == []
    page.goto("about:blank")
    page.set_content("<img src='http://127.0.0.1:1/pixel.png'>")
    with pytest.raises(AssertionError, match="another machine"):
        ear.check()
    context.close()


def test_the_language_is_switched_and_kept(company, customer, visit):
    screen = visit("bao", "/customers")
    screen.title("Customers")
    screen.page.get_by_role("radio", name="中文").or_(screen.page.get_by_role("button", name="中文")).first.click()
    screen.title("客户")
    expect(screen.widget("customers.new")).to_contain_text("新")
    screen.page.reload()
    screen.title("客户")
    again = visit("bao", "/customers")
    again.title("客户")
    assert not re.search("Customers", again.page.locator("[data-testid=stSidebarNav]").inner_text())


def test_a_browser_that_prefers_chinese_is_asked_in_chinese(company, visit):
    screen = visit(None, locale="zh-CN")
    expect(screen.page.get_by_label("用户名")).to_be_visible()


def test_a_new_customer_in_two_clicks(company, visit):
    screen = visit("anna", "/customers")
    screen.press("customers.new")
    screen.fill("customers.new_form.name", "Brand new Ltd")
    screen.submit("Add")
    screen.title("Brand new Ltd")
    with open_as(company.anna.actor) as session:
        assert "Brand new Ltd" in customer_list(session)["name"].tolist()
