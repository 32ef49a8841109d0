import datetime as dt

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.analytics import audit, cohorts
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.words import speaking
from tests.insight.buying import bring_in, cdnow
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/insight/cohorts.py"
DAY = dt.date(1998, 6, 14)
"""June is not over."""
VIEWS = [("cohorts", view) for view in ("heat", "c3", "second", "repeat")]
VIEWS += [("concentration", view) for view in ("lorenz", "deciles", "stability", "change")]


@pytest.fixture
def shop(people):
    """Buyers of a real shop in turn anna's and chen's -> what they bought up to DAY: customer_id, date, amount above zero."""
    orders = cdnow()
    orders = orders[orders["customer"] % 15 == 0]
    ids = bring_in(orders, people.anna, people.chen)
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=DAY))
    orders = orders.assign(customer_id=orders["customer"].map(ids))
    bought = (orders["amount"] > 0) & (orders["date"] <= pd.Timestamp(DAY))
    return orders.loc[bought, ["customer_id", "date", "amount"]].reset_index(drop=True)


def clicked(at, key, *customdata):
    """The page after a click on a point of a chart."""
    at.session_state[key] = {"selection": {"points": [{"customdata": list(customdata)}]}}
    return at.run()


def row_opened(at, key, row, column):
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [[row, column]]}}
    return at.run()


def listed(at):
    """How many customers stand under the chart, as its head says."""
    (head,) = [one.value for one in at.markdown if "** customers · **" in one.value]
    return int(head.split("**")[1].replace(",", ""))


def cohort(orders, month):
    first = orders.groupby("customer_id")["date"].min().dt.to_period("M")
    return set(first.index[first == pd.Period(month, "M")])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("lab", "view"), VIEWS)
def test_every_view_stands_and_speaks_one_language(people, shop, lab, view, language):
    at = opened(PAGE, people.dana, language, show=lab, view=view)
    assert [one.message for one in at.exception] == [] and not at.error
    assert len(at.dataframe) >= 1
    if language == "zh":
        with speaking("zh"):
            assert english_left(at) <= {"Music", "Group"}


def test_the_title_is_the_answer(people, shop):
    table = cohorts.cohort_table(shop, "M", DAY)
    later = table[(table["age"] == 1) & table["complete"]]
    share = later["active"].sum() / later["customers"].sum()
    assert f"{share * 100:.1f}\u00a0% buy again in the month after their first purchase" in texts(opened(PAGE, people.dana))
    facts = audit.concentration(shop, 0.2)
    found = texts(opened(PAGE, people.dana, show="concentration", span="all"))
    assert (
        f"The top 20\u00a0% of {facts.customers} customers bring {facts.top_share_revenue * 100:.1f}\u00a0% of the revenue"
        in found
    )


def test_a_month_that_is_not_over_is_marked(people, shop):
    for view, text in (("heat", "… and grey: the period was not over on 14 Jun 1998"), ("c3", "The paler month was not over")):
        assert text in texts(opened(PAGE, people.dana, view=view))
        assert text[:12] not in texts(opened(PAGE, people.dana, view=view, until="1998-05-31"))


def test_a_cell_leads_to_the_customers_who_bought_at_that_age(people, shop):
    at = clicked(opened(PAGE, people.dana), "cohorts.heat.M.retention", "1997-01-01", 2)
    march = shop[(shop["date"] >= "1997-03-01") & (shop["date"] < "1997-04-01")]
    expected = cohort(shop, "1997-01") & set(march["customer_id"])
    assert listed(at) == len(expected) > 0
    assert "Customers won in 1997-01 who bought in month 2" in texts(at)
    assert at.query_params["cohort"] == "1997-01-01" and at.query_params["age"] == "2"


def test_what_is_in_the_address_is_shown_and_can_be_taken_off(people, shop):
    at = opened(PAGE, people.dana, cohort="1997-02-01", age="0")
    assert listed(at) == len(cohort(shop, "1997-02"))
    at.button(key="cohorts.clear").click().run()
    assert "cohort" not in at.query_params and "Customers won in" not in texts(at)


def test_a_row_leads_to_the_whole_cohort_although_a_cell_was_clicked_before(people, shop):
    at = clicked(opened(PAGE, people.dana), "cohorts.heat.M.retention", "1997-01-01", 2)
    newest = max(month for month in ("1997-01", "1997-02", "1997-03") if cohort(shop, month))
    at = row_opened(at, "cohorts.table.M", 0, "customers")
    assert listed(at) == len(cohort(shop, newest))
    assert "age" not in at.query_params


def test_a_cell_without_customers_leads_to_nobody_and_not_to_everybody(people, shop):
    at = opened(PAGE, people.dana, cohort="1997-06-01", age="2")
    assert "Nobody: in this part of the chart there is no customer." in texts(at)
    assert not [one.value for one in at.markdown if "** customers · **" in one.value]


def test_a_layer_of_the_c3_chart_leads_to_its_customers(people, shop):
    at = clicked(opened(PAGE, people.dana, view="c3"), "cohorts.c3.M.revenue", "1997-01-01", "1997-06-01")
    june = shop[(shop["date"] >= "1997-06-01") & (shop["date"] < "1997-07-01")]
    assert listed(at) == len(cohort(shop, "1997-01") & set(june["customer_id"]))


def test_those_who_have_not_come_again_are_found(people, shop):
    at = opened(PAGE, people.dana, view="second")
    curve = cohorts.time_to_second_order(shop, DAY)
    share = curve.loc[curve["days"] <= 90, "share_returned"].iloc[-1]
    assert f"{share * 100:.1f}\u00a0% come a second time within 90 days" in texts(at)
    days = shop.groupby("customer_id")["date"].nunique()
    at = row_opened(at, "cohorts.bands", 5, "waiting")
    assert listed(at) == int((days == 1).sum())
    assert "First purchase 366–730 days ago, none since" in texts(at)


def test_the_repeat_rate_changes_with_the_days(people, shop):
    titles = [texts(opened(PAGE, people.dana, view="repeat", within=days)) for days in ("30", "365")]
    assert "buy again within 30 days" in titles[0] and "buy again within 365 days" in titles[1]
    at = clicked(opened(PAGE, people.dana, view="repeat"), "cohorts.repeat.M.90", "1997-02-01")
    assert listed(at) == len(cohort(shop, "1997-02"))


def test_the_warning_stands_beside_the_share_and_leads_to_the_proof(people, shop):
    at = opened(PAGE, people.dana, show="concentration", span="all")
    assert "The 80/20 rule is not the only truth" in texts(at)
    at.button(key="concentration.to_stability").click().run()
    assert "best stayed at the top" in texts(at) and "On the way up" in texts(at)


def test_deciles_lead_to_their_customers_and_have_a_sum(people, shop):
    at = opened(PAGE, people.dana, show="concentration", view="deciles", span="all")
    rows = at.dataframe[0].value
    assert rows["decile_name"].tolist()[-1] == "All"
    assert rows["revenue"].iloc[-1] == pytest.approx(shop["amount"].sum()) == pytest.approx(rows["revenue"].iloc[:-1].sum())
    at = clicked(at, "concentration.deciles.revenue", 1)
    assert listed(at) == rows["customers"].iloc[0] and "Decile 1 by revenue" in texts(at)


def test_a_cell_of_the_standing_leads_to_its_customers(people, shop):
    at = opened(PAGE, people.dana, show="concentration", view="stability", span="all")
    at = clicked(at, "concentration.standing", "top", "gone")
    start, end = shop["date"].min(), pd.Timestamp(DAY)
    half = ((end - start).days + 1) // 2
    middle = end - pd.Timedelta(days=half)
    before, after = (
        shop[(shop["date"] <= middle) & (shop["date"] > middle - pd.Timedelta(days=half))],
        shop[shop["date"] > middle],
    )
    assert listed(at) == audit.top_stability(before, after).gone


def test_a_step_of_the_change_leads_to_its_customers(people, shop):
    at = clicked(opened(PAGE, people.dana, show="concentration", view="change", span="6"), "concentration.change.chart", "joined")
    assert listed(at) > 0 and at.query_params["step"] == "joined"


def test_without_an_earlier_period_it_says_what_to_do(people, shop):
    at = opened(PAGE, people.dana, show="concentration", view="stability", span="12")
    assert "There are no purchases in the period before" in texts(at)
    at = opened(PAGE, people.dana, show="concentration", span="12")
    assert "how stable the top is shows when a second period is known" in texts(at)


def test_a_rep_sees_his_own_only(people, shop):
    everybody = sum(opened(PAGE, people.dana).dataframe[0].value["customers"])
    mine = sum(opened(PAGE, people.anna).dataframe[0].value["customers"])
    theirs = sum(opened(PAGE, people.chen).dataframe[0].value["customers"])
    assert mine + theirs == everybody == shop["customer_id"].nunique() and mine > 0 and theirs > 0


def test_strangers_see_nothing(people, shop):
    at = opened(PAGE, people.emil)
    assert "No purchases yet" in texts(at) and not at.dataframe
    at = opened(PAGE, people.gia)
    assert "Your role does not open this page." in texts(at) and not at.dataframe


@pytest.mark.parametrize("lab", ["cohorts", "concentration"])
def test_nothing_bought_yet(people, lab):
    at = opened(PAGE, people.dana, show=lab)
    assert not at.exception and "No purchases yet. Import orders" in texts(at)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"cohort": "soon", "age": "-1"},
        {"until": "2999-01-01", "by": "W"},
        {"since": "1700-01-01"},
        {"view": "second", "band": "a-b"},
        {"cohort": "2031-01-01", "age": "3"},
        {"show": "concentration", "view": "deciles", "decile": "11", "top": "7"},
        {"show": "concentration", "best": "nan"},
        {"show": "concentration", "view": "stability", "was": "top", "now": "1"},
    ],
)
def test_nonsense_in_the_address_does_no_harm(people, shop, nonsense):
    at = opened(PAGE, people.dana, **nonsense)
    assert [one.message for one in at.exception] == []
    assert at.dataframe
