"""An agent takes a case, answers, waits and solves it; the customer says by his link how it was; others see none of it."""

import re

import pytest
from playwright.sync_api import expect

from crm.access import SYSTEM
from crm.session import get, open_as
from crm.support.commands import seed_policies
from crm.support.models import Case
from crm.support.queries import comments, events, invitations_of
from tests.browser.seen import Screen
from tests.factories import a_case, a_customer

SUBJECT = "Turntable hums below sixty hertz"
SOLUTION = "Changed the belt and tightened the ground wire."
WORDS = "Friendly, and quicker than I thought."


@pytest.fixture(scope="session")
def waiting(company):
    """A case that nobody has yet, in the team of gia."""
    with open_as(SYSTEM) as session:
        seed_policies(session)
    customer = a_customer(company.anna, name="Foxglove Listening Room")
    about = {"subject": SUBJECT, "description": "It began on Friday.", "team_id": company.units["Service"]}
    return a_case(company.anna, customer, **about)


def stands(company, case):
    with open_as(company.gia.actor) as session:
        return get(session, Case, case.id)


def says(screen, text, case, said):
    """Type into the box of the case, in which `said` comments stand already."""
    screen.fill(f"case.box.text.{case.id}.{said}", text)


def ask(screen):
    """-> the link, as it stands there for the customer"""
    screen.page.get_by_role("tab", name="Feedback", exact=True).click()
    screen.settle()
    screen.widget("case.feedback.language").get_by_text("English").click()
    screen.settle()
    screen.press("case.feedback.ask.case")
    link = screen.widget("case.feedback.link").locator("code").first.inner_text().strip()
    assert re.search(r"/survey\?token=[\w-]{40,}$", link)
    return link


def opened_by_a_stranger(window, address):
    page = window().new_page()
    page.goto(address)
    screen = Screen(page)
    screen.settle()
    return screen


def sees_the_survey_alone(window, link):
    """Nothing of the product: no menu, no person, no case; and without the token not even this."""
    screen = opened_by_a_stranger(window, link)
    screen.title("How satisfied are you?")
    whole = screen.page.locator("body")
    expect(screen.page.locator("[data-testid=stSidebarNav], [data-testid=stTopNavLink]")).to_have_count(0)
    for hidden in (SOLUTION, "moving coil", "Foxglove", "Gia Rossi", "CS0", "Customers", "Cases", "Sign in"):
        expect(whole).not_to_contain_text(hidden)
    guessed = opened_by_a_stranger(window, link[:-1] + ("A" if link[-1] != "A" else "B"))
    guessed.says("This link does not work")
    expect(guessed.page.locator("body")).not_to_contain_text(SUBJECT)
    outside = opened_by_a_stranger(window, "/cases")
    expect(outside.page.get_by_role("button", name="Sign in")).to_be_visible()


def answer(window, link):
    screen = opened_by_a_stranger(window, link)
    screen.widget("survey.csat").get_by_role("radio").nth(4).click()
    screen.widget("survey.nps").get_by_role("radio", name="9", exact=True).click()
    screen.fill("survey.comment", WORDS)
    screen.widget("survey.send").get_by_role("button").click()
    screen.title("Thank you")


def is_used_up(window, link):
    screen = opened_by_a_stranger(window, link)
    screen.says("This link does not work")
    expect(screen.page.locator("h1")).to_have_count(0)


def becomes(screen, company, case, state):
    """What was typed stands on the page before it is saved: the record tells when it is."""
    for _ in range(300):
        if stands(company, case).state == state:
            break
        screen.page.wait_for_timeout(200)
    assert stands(company, case).state == state


def test_an_agent_takes_answers_waits_and_solves_and_the_customer_answers(company, waiting, visit, window):
    case = waiting
    screen = visit("gia", "/cases?whose=unassigned")
    screen.title("Cases")
    screen.says("1 case is open")
    screen.click_cell("queue-table", x=350)
    screen.title(SUBJECT)
    screen.press("case.take")
    screen.says("In progress")
    assert (stands(company, case).owner_id, stands(company, case).state) == (company.gia.id, "in_progress")

    says(screen, "I look into it today.", case, 0)
    screen.press("case.box.send")
    screen.says("I look into it today.")
    says(screen, "Which cartridge is in it?", case, 1)
    screen.press("case.box.wait")
    screen.says("Which cartridge is in it?")
    becomes(screen, company, case, "waiting_customer")

    screen.widget("case.box.mode").get_by_text("The customer said").click()
    screen.settle()
    says(screen, "A moving coil, three years old.", case, 2)
    screen.press("case.box.said")
    screen.says("A moving coil, three years old.")
    becomes(screen, company, case, "in_progress")

    screen.press("case.answer")
    dialog = screen.page.get_by_role("dialog")
    dialog.locator("textarea").first.fill(SOLUTION)
    dialog.get_by_role("button", name="Send and solve").click()
    becomes(screen, company, case, "solved")
    solved = stands(company, case)
    assert (solved.state, solved.solution, solved.made_sla) == ("solved", SOLUTION, True)
    with open_as(company.gia.actor) as session:
        told = events(session, case.id)["state"].tolist()
        assert len(comments(session, case.id)) == 4
    assert told == ["new", "in_progress", "waiting_customer", "in_progress", "solved"]

    link = ask(screen)
    sees_the_survey_alone(window, link)
    answer(window, link)
    screen.page.reload()
    screen.title(SUBJECT)
    screen.page.get_by_role("tab", name="Feedback", exact=True).click()
    screen.settle()
    screen.says("Satisfaction 5 of 5 on average")
    screen.says(WORDS)
    with open_as(company.ben.actor) as session:
        asked = invitations_of(session, case_id=case.id).iloc[0]
    assert (asked["csat"], asked["nps"], asked["comment"]) == (5, 9, WORDS)
    is_used_up(window, link)


def test_a_rep_of_another_board_sees_none_of_it(company, waiting, visit):
    screen = visit("emil", f"/case?case={waiting.id}")
    screen.title("Case")
    screen.settle()
    for hidden in (SUBJECT, "Foxglove", waiting.number):
        expect(screen.page.locator("[data-testid=stApp]")).not_to_contain_text(hidden)
    screen.page.goto("/cases?show=list")
    screen.title("Cases")
    screen.settle()
    expect(screen.page.locator("[data-testid=stApp]")).not_to_contain_text("Foxglove")
