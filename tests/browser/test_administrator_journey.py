"""An administrator takes somebody in, gives the firm a field and a tag, lets him go again, and finds all of it in the log."""

from playwright.sync_api import expect

from crm.office.queries import custom_fields, tags
from crm.session import open_as
from crm.staff.queries import AuditFilter, PeopleFilter, audit_log, people
from tests.factories import a_customer

NAME, USERNAME = "Newcomer in the East", "newcomer"
FIRST, OWN = "a first password from above", "a password of my own"
FOREIGN, OF_HIS_OWN = "Larkspur Rowing Club", "Willow Boathouse"


def takes_in(screen):
    screen.press("people.add")
    screen.fill("new_person.name", NAME)
    screen.choose("new_person.role", "Rep")
    screen.choose("new_person.unit_id", "Sales East")
    screen.fill("new_person.username", USERNAME)
    screen.fill("new_person.password", FIRST)
    screen.submit("Save")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)


def signs_in_for_the_first_time(visit, customer):
    """-> his screen, after a password of his own; before it no page opens"""
    screen = visit(None)
    screen.sign_in(USERNAME, FIRST)
    screen.title("My account")
    screen.page.goto(f"/customer?customer={customer.id}")
    screen.title("My account")
    screen.says("Choose a password of your own")
    for field, text in (("old_password", FIRST), ("new_password", OWN), ("new_password_again", OWN)):
        screen.fill(f"change_password.{field}", text)
    screen.submit("Change")
    expect(screen.page.get_by_test_id("stSidebarNav")).to_be_visible()
    return screen


def sees_nothing_of_others(screen, customer):
    screen.page.goto(f"/customer?customer={customer.id}")
    screen.says("This record does not exist, or it is not yours to see.")
    for address in ("/customers", "/people"):
        screen.page.goto(address)
        screen.settle()
        expect(screen.page.locator("body")).not_to_contain_text(FOREIGN)
    screen.says("Your role does not open this page.")


def gives_a_field_and_a_tag(screen):
    screen.page.goto("/settings")
    screen.title("Settings")
    screen.press("field.new")
    screen.fill("field.add.label", "Boat class")
    screen.submit("Add")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.page.get_by_role("radio", name="Tags").click()
    screen.press("tag.new")
    screen.fill("tag.add.name", "Regatta")
    screen.submit("Add")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)


def finds_the_field(screen):
    screen.page.goto("/customers")
    screen.title("Customers")
    screen.press("customers.new")
    screen.fill("customers.new_form.name", OF_HIS_OWN)
    screen.submit("Add")
    screen.title(OF_HIS_OWN)
    screen.press("customer.edit")
    expect(screen.page.get_by_role("dialog")).to_contain_text("Boat class")


def lets_go(screen):
    screen.page.goto("/people")
    screen.title("People")
    screen.fill("people.search", USERNAME)
    screen.page.keyboard.press("Enter")
    screen.says("1 person")
    screen.settle()
    screen.click_cell("people-rows")
    expect(screen.widget("person")).to_contain_text(NAME)
    screen.press("freeze")
    expect(screen.widget("person")).to_contain_text("Frozen")


def finds_it_in_the_log(screen):
    screen.page.goto("/audit")
    screen.title("Audit")
    screen.fill("audit.search", NAME)
    screen.page.keyboard.press("Enter")
    screen.settle()
    screen.click_cell("audit-rows")
    expect(screen.page.get_by_role("table")).to_contain_text("Active")
    expect(screen.page.get_by_role("table")).to_contain_text("Frozen")


def test_an_administrator_takes_in_equips_lets_go_and_finds_it_in_the_log(company, visit):
    customer = a_customer(company.anna, name=FOREIGN)
    screen = visit("ada", "/people")
    screen.title("People")
    takes_in(screen)
    theirs = signs_in_for_the_first_time(visit, customer)
    sees_nothing_of_others(theirs, customer)
    gives_a_field_and_a_tag(screen)
    finds_the_field(theirs)
    lets_go(screen)
    theirs.page.goto("/customers")
    expect(theirs.page.get_by_label("User name")).to_be_visible()
    finds_it_in_the_log(screen)
    with open_as(company.ada.actor) as session:
        (made,) = people(session, PeopleFilter(USERNAME)).to_dict("records")
        logged = audit_log(session, AuditFilter(search=NAME))
        assert "Boat class" in [field.label for field in custom_fields(session, "customer")]
        assert "Regatta" in tags(session)["name"].tolist()
    assert made["state"] == "frozen"
    assert logged["action"].tolist() == ["change", "create"]
    assert set(logged["actor_name"]) == {"Ada Moreau"}
