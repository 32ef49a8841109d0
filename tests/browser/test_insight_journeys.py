"""What an analyst does with a base of customers, and a rep with the day's calls."""

import datetime as dt
import re
from decimal import Decimal

import pandas as pd
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import CustomerGroup
from crm.customers.queries import groups
from crm.insight.models import Call
from crm.insight.queries import published_run
from crm.jobs import scores
from crm.office.models import Activity
from crm.office.queries import activities_of
from crm.session import open_as
from tests.bases import sell, some_purchases
from tests.factories import TODAY, a_customer, an_order
from tests.scored import a_run, a_score


@pytest.fixture(scope="session")
def base(company) -> int:
    """600 customers of chen, with a year and more of orders up to today."""
    bought = some_purchases(600)
    late = pd.Timestamp(TODAY) - bought["date"].max()
    sell(bought.assign(date=bought["date"] + late), company.chen)
    scores(TODAY)
    return company.chen.board_id


def test_a_rep_calls_logs_and_the_next_one_stands_there(company, visit):
    run = a_run(company.anna.board_id)
    names = ["Pine Valley", "Quiet Harbour", "Red Canyon"]
    for place, name in enumerate(names):
        customer = a_customer(company.anna, name=name)
        an_order(customer, 100, on=TODAY - dt.timedelta(150))
        a_score(customer, run, value_at_risk=Decimal(1000 - 100 * place), p_alive=0.5)
    with open_as(company.anna.actor) as session:
        for planned in session.scalars(select(Activity).where(Activity.happened_on.is_(None))):
            planned.planned_on = TODAY + dt.timedelta(365)  # what another journey planned for today would come first
    screen = visit("anna", "/call-today")
    screen.title("Call today")
    card = screen.widget("call.card")
    expect(card).to_contain_text(re.compile("|".join(names)))
    first = card.inner_text().splitlines()[0]
    assert any(name in first for name in names)
    card.get_by_role("textbox").first.fill("Wants an offer in July")
    screen.submit("Log and next")
    expect(card).not_to_contain_text(first)
    with open_as(company.anna.actor) as session:
        called = session.scalars(select(Call).where(Call.user_id == company.anna.id, Call.state == "done")).one()
        logged = activities_of(session, "customer", called.customer_id)
    assert logged["text"].tolist() == ["Wants an offer in July"]
    assert called.acted_on == TODAY and isinstance(called.until, dt.date)


def test_an_analyst_fits_compares_publishes_selects_saves_and_takes_away(base, company, visit):
    screen = visit("amir", "/lifetime-value")
    screen.title("Lifetime value")
    screen.press("clv.fit")
    screen.says("Ranking")
    screen.press("clv.publish")
    with open_as(company.amir.actor) as session:
        before = published_run(session, base)
    screen.press("clv.confirm")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    with open_as(company.amir.actor) as session:
        after = published_run(session, base)
        assert after is not None and after.by_id == company.amir.id
        assert before is None or after.id > before.id

    screen.page.goto("/rfm")
    screen.title("RFM")
    screen.settle()
    cell = screen.page.locator("[class*='st-key-rfm-cells'] .barlayer .point path").first
    cell.wait_for()
    box = cell.bounding_box()
    screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.settle()
    expect(screen.widget("rfm.selected.segment")).to_be_visible()
    screen.press("rfm.selected.segment")
    screen.fill("group.segment.name", "Look at them again")
    screen.submit("Save")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    with open_as(company.amir.actor) as session:
        assert "Look at them again" in groups(session)["name"].tolist()
    screen.press("rfm.selected.export")
    with screen.page.expect_download() as arriving:
        screen.widget("rfm.selected.export_csv").get_by_role("button").click()
    assert arriving.value.path().read_text(encoding="utf-8-sig").count("\n") > 1
    with open_as(SYSTEM) as session:
        made = session.scalar(select(CustomerGroup).where(CustomerGroup.name == "Look at them again"))
        assert made is not None and made.owner_id == company.amir.id
