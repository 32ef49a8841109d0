"""Whether it pays: six figures with their rows, two periods, and costs."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.marketing.models import Campaign
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import Winning, win
from crm.pipeline.models import Expense
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_opportunity, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/roi.py"
MARCH = dt.date(2026, 3, 2)


@pytest.fixture
def business(people):
    """This year: a fair for 900 in June, 100 spent on a deal that was won through it for 3000, two new customers; last year one
    new customer and a mailing for 200."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        about = {
            "board_id": people.units["Music"],
            "owner_id": people.mia.id,
            "team_id": people.units["Music"],
            "channel": "event",
        }
        june = {"starts_on": dt.date(2026, 6, 1), "ends_on": dt.date(2026, 6, 10)}
        fair = Campaign(name="Fair", cost=Decimal(900), **june, **about)
        last = {"starts_on": dt.date(2025, 3, 1), "ends_on": dt.date(2025, 3, 5)}
        session.add_all([fair, Campaign(name="Mailing", cost=Decimal(200), **last, **about)])
        session.flush()
        fair_id = fair.id
    old = a_customer(people.anna, name="Old Hall")
    an_order(old, 50, on=dt.date(2025, 3, 3))
    new = a_customer(people.anna, name="New Hall")
    an_order(new, 70, on=MARCH)
    an_order(a_customer(people.chen, name="Far Hall"), 70, on=MARCH)
    deal = an_opportunity(people.anna, new, name="Organ", amount=Decimal(3000), created_on=MARCH, campaign_id=fair_id)
    with open_as(SYSTEM) as session:
        session.add(
            Expense(
                opportunity_id=deal.id,
                spent_on=MARCH,
                kind="travel",
                description="Train",
                amount=Decimal(100),
                by_id=people.anna.id,
            )
        )
    with open_as(people.anna.actor) as session:
        win(session, deal.id, Winning(reason="price"))
    return {"fair": fair_id, "deal": deal.id, "new": new.id}


def metrics(at):
    return {one.label: one.value.replace("\u00a0", " ") for one in at.metric}


def test_six_figures_with_what_they_are_made_of(people, business):
    at = opened(PAGE, people.dana)
    found = metrics(at)
    assert (found["CAC"], found["Conversion"], found["MROI"]) == ("CN¥500", "100.0 %", "233.3 %")
    assert found["Churn"] == found["CLV"] == "–"
    text = texts(at)
    assert "**CN¥1K** Cost of campaigns and sales" in text and "÷ **2** New customers" in text
    assert "No interval: money alone." in text and "Nothing to divide by in this period." in text
    assert "95 %: CN¥138" in text.replace("\u00a0", " ")
    assert "What a new customer cost" in text


def test_the_period_before_stands_beside(people, business):
    at = opened(PAGE, people.dana)
    (cac,) = [one for one in at.metric if one.label == "CAC"]
    assert cac.delta == "▲\u00a0+150.0\u00a0%" and "on CN¥200 before" in cac.proto.delta_description
    assert "Better than from 1 Jan 2025 to 30 Jun 2025: 1 of 2 figures" in texts(at)


@pytest.mark.parametrize(("metric", "value", "weight"), [("cac", 1000, 2), ("conversion", 1, 1), ("mroi", 2100, 900)])
def test_the_rows_add_up_to_what_stands_above_and_below(people, business, metric, value, weight):
    at = opened(PAGE, people.dana)
    at.button(key=f"lead.{metric}").click().run()
    told = at.session_state["_totals"]["roi"]
    assert (told["value"], told["weight"]) == (value, weight)
    rows = at.dataframe[0].value
    above = rows["above" if metric == "conversion" else "value"]
    assert (above.sum(), rows["weight"].sum(), len(rows)) == (value, weight, told["count"])
    at.button(key="roi.back").click().run()
    assert "CAC" in metrics(at)


def test_a_figure_without_rows_says_so(people, business):
    assert "Nothing of this happened" in texts(opened(PAGE, people.dana, metric="satisfaction"))


def test_a_rep_sees_his_own(people, business):
    found = metrics(opened(PAGE, people.chen))
    assert found["Conversion"] == "–"
    assert "÷ **1** New customers" in texts(opened(PAGE, people.chen))


def test_who_has_nothing_to_do_with_targets_is_refused(people, business):
    assert not opened(PAGE, people.ada).metric


def test_another_span_and_nonsense_in_the_address(people, business):
    assert metrics(opened(PAGE, people.dana, span="last_year"))["CAC"] == "CN¥200"
    assert metrics(opened(PAGE, people.dana, span="never", metric="luck"))["CAC"] == "CN¥500"


def compared(at):
    return at.dataframe[0].value.set_index("metric")


def test_two_periods_against_the_aim(people, business):
    at = opened(PAGE, people.dana, show="compare")
    cac = compared(at).loc["CAC"]
    assert (cac["moved"], cac["aim"], cac["verdict"], cac["intervals"]) == ("+150\u00a0%", "−20\u00a0%", "worse", "they touch")
    assert "1 of 2 figures moved the right way, 1 as far as aimed at" in texts(at)
    days = {"before_from": "2026-01-01", "before_to": "2026-05-31", "after_from": "2026-06-01", "after_to": "2026-06-30"}
    empty = opened(PAGE, people.dana, show="compare", **days)
    assert compared(empty).loc["CAC"]["verdict"] == "not known"


def test_periods_are_compared_the_other_way_round(people, business):
    days = {"before_from": "2026-01-01", "before_to": "2026-06-30", "after_from": "2025-01-01", "after_to": "2025-06-30"}
    cac = compared(opened(PAGE, people.dana, show="compare", **days)).loc["CAC"]
    assert (cac["moved"], cac["verdict"]) == ("−60\u00a0%", "better, aim reached")


def test_costs_by_month_and_by_campaign(people, business):
    at = opened(PAGE, people.dana, show="costs")
    text = texts(at)
    assert "CN¥1K in twelve months: CN¥900 for campaigns, CN¥100 for deals" in text and "CN¥900 in 2026-06" in text
    (campaigns,) = [one.value for one in at.dataframe if "name" in one.value]
    assert campaigns["name"].tolist() == ["Fair", "Mailing"]
    assert "CN¥100 in 2026-03" in texts(opened(PAGE, people.dana, show="costs", month="2026-03-01"))


def test_a_cost_is_entered(people, business):
    def body(campaign_id):
        from crm.marketing import queries
        from crm.ui.desk import find
        from crm.ui.marketing.campaigns import campaign_dialog

        campaign_dialog(find(queries.campaign, campaign_id))

    at = dialog(body, people.dana, business["fair"])
    (field,) = [one for one in at.number_input if one.label == "Cost"]
    field.set_value(1900.0)
    next(one for one in at.button if one.label == "Save").click().run()
    assert "CN¥1.9K for campaigns" in texts(opened(PAGE, people.dana, show="costs"))


def test_nobody_adds_campaigns_who_may_not(people, business):
    assert "roi.costs.new" in keys(opened(PAGE, people.dana, show="costs"))
    assert "roi.costs.new" not in keys(opened(PAGE, people.amir, show="costs"))


@pytest.mark.parametrize("query", [{}, {"show": "compare"}, {"show": "costs"}, {"metric": "cac"}])
def test_in_chinese_and_with_nothing_at_all(people, query):
    at = opened(PAGE, people.dana, "zh", **query)
    assert not at.exception and english_left(at) == set()


@pytest.mark.parametrize("query", [{}, {"show": "compare"}, {"show": "costs"}, {"metric": "mroi"}])
def test_in_chinese(people, business, query):
    at = opened(PAGE, people.dana, "zh", **query)
    assert not at.exception and english_left(at) - {"Fair"} == set()
