"""The forecast as a director and a rep see it."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.jobs import deals as run_deals
from crm.jobs import forecast as run_forecast
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import Winning, win
from crm.pipeline.models import ForecastRecord
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_opportunity
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/forecast.py"
VIEWS = ("forecast", "changed", "accuracy", "chances")


def on(day):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=day))


@pytest.fixture
def deals(people):
    """Anna's: one won this quarter, one committed, one expected next quarter, one without a day; chen's: one open."""
    on(TODAY - dt.timedelta(10))
    customer, end = a_customer(people.anna), TODAY
    make = lambda name, **more: an_opportunity(people.anna, customer, name=name, amount=Decimal(1000), **more).id  # noqa: E731
    found = {"Grand": make("Grand", expected_close_on=end, forecast_category="commit")}
    found |= {"Next": make("Next", expected_close_on=end + dt.timedelta(30)), "Someday": make("Someday")}
    found["Flute"] = make("Flute", created_on=TODAY - dt.timedelta(60), expected_close_on=end)
    found["Harp"] = an_opportunity(people.chen, a_customer(people.chen), amount=Decimal(500), expected_close_on=end).id
    run_forecast()
    on(TODAY)
    with open_as(people.anna.actor) as session:
        win(session, found["Flute"], Winning(reason="price"))
    return found


def value(at, label):
    return next(one.value for one in at.metric if one.label == label)


def test_it_works(people, deals):
    at = opened(PAGE, people.dana, period="quarter")
    assert (value(at, "Won so far"), value(at, "Commit"), value(at, "Weighted")) == ("1K", "2K", "1.1K")
    assert "1 open deal has no expected day" in texts(at)
    assert "Reps committed 1 deal of CN¥1K among CN¥1.5K open" in texts(at)


def test_a_rep_sees_his_own(people, deals):
    assert value(opened(PAGE, people.chen, period="quarter"), "Won so far") == "0"
    assert "no opportunity that you see" in texts(opened(PAGE, people.emil))


def test_refused_for_a_role_without_the_pipeline(people, deals):
    assert not opened(PAGE, people.ada).metric


def test_period_and_whose_stand_in_the_address(people, deals):
    assert value(opened(PAGE, people.dana, period="next_quarter"), "Won so far") == "0"
    assert value(opened(PAGE, people.dana, whose=f"person-{people.chen.id}"), "Commit") == "0"
    assert value(opened(PAGE, people.dana, period="quarter", whose="nobody", show="nothing"), "Won so far") == "1K"
    assert value(opened(PAGE, people.dana, period="decade"), "Won so far") == "0", "on its last day a quarter is history"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("period", ["quarter", "year"])
def test_every_view_in_chinese(people, deals, view, period):
    run_deals()
    at = opened(PAGE, people.dana, "zh", show=view, period=period)
    assert not at.exception
    assert english_left(at) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_rep_and_of_no_deals(people, deals, view):
    for person in (people.anna, people.emil):
        at = opened(PAGE, person, show=view)
        assert not at.exception and not at.error


def test_what_changed_leads_to_its_deals(people, deals):
    at = opened(PAGE, people.dana, show="changed", period="quarter")
    assert "CN¥950 more than on 20 Jun 2026; most of it by “Won”: CN¥950" in texts(at)
    assert at.dataframe[0].value[["name", "change"]].values.tolist() == [["Flute", 950.0]]


def test_without_a_snapshot_it_says_what_to_do(people, deals):
    on(TODAY - dt.timedelta(10))
    assert "No earlier forecast is kept yet" in texts(opened(PAGE, people.dana, show="changed"))


def test_accuracy_says_when_it_is_too_early(people, deals):
    assert "It is too early" in texts(opened(PAGE, people.dana, show="accuracy"))
    sums = {name: Decimal(1000) for name in ("p10", "p50", "weighted")} | {"p90": Decimal(2000), "won": Decimal(0)}
    placed = {"board_id": people.dana.board_id, "team_id": people.dana.board_id, "taken_on": dt.date(2026, 3, 1)}
    period = {"period_from": dt.date(2026, 1, 1), "period_to": dt.date(2026, 3, 31)}
    early = an_opportunity(people.anna, a_customer(people.anna), amount=Decimal(1250), created_on=dt.date(2026, 1, 2)).id
    with open_as(people.anna.actor) as session:
        win(session, early, Winning(reason="price", closed_on=dt.date(2026, 3, 15)))
    with open_as(SYSTEM) as session:
        session.add(ForecastRecord(**placed, **period, **sums, commit=Decimal(0), best_case=Decimal(0)))
    text = texts(opened(PAGE, people.dana, show="accuracy")).replace("\u00a0", " ")
    assert "Off by 20.0 % on average; 100 % of 1 forecasts held the result between P10 and P90" in text


def test_a_model_of_few_deals_refuses_in_words(people, deals):
    assert "No model was fitted yet" in texts(opened(PAGE, people.dana, show="chances"))
    run_deals()
    at = opened(PAGE, people.dana, show="chances")
    assert "Only 0 deals were won or lost; 50 of each are needed." in at.info[0].value
    assert at.dataframe[0].value["reasons"].unique().tolist() == ["set for the stage"]
