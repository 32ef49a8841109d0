"""The funnel as a director and a rep see it."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import Losing, Move, Winning, lose, move_opportunity, seed_pipelines, win
from crm.pipeline.queries import stages_of
from crm.session import open_as
from crm.ui.forecast.funnel import _behind
from tests.factories import TODAY, a_customer, an_opportunity
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/funnel.py"
VIEWS = ("funnel", "time", "compare", "people", "losses", "habits")


@pytest.fixture
def deals(people):
    """name -> id: of anna's one won, one lost to Forte after the third stage, one stuck; chen's one lost at once."""
    ago = lambda days: TODAY - dt.timedelta(days)  # noqa: E731
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        stages = {stage.code: stage.id for stage in stages_of(session, seed_pipelines(session).id)}
    made = {}
    for name, owner, days in (("Grand", "anna", 60), ("Drum", "anna", 50), ("Flute", "anna", 45), ("Harp", "chen", 30)):
        person = getattr(people, owner)
        made[name] = an_opportunity(
            person, a_customer(person), name=name, amount=Decimal(1000), created_on=ago(days), source="website"
        ).id
    with open_as(people.anna.actor) as session:
        win(session, made["Grand"], Winning(reason="price", closed_on=ago(20)))
        move_opportunity(session, made["Drum"], Move(stage_id=stages["need_confirmed"]))
        lose(session, made["Drum"], Losing(reason="price", lost_to="Forte"))
    with open_as(people.chen.actor) as session:
        lose(session, made["Harp"], Losing(reason="timing"))
    return made


def test_it_works(people, deals):
    at = opened(PAGE, people.dana)
    assert "Of 4 deals 1 were won" in texts(at)
    assert "1 won + 2 lost + 1 open = 4 entered" in texts(at)
    assert len(at.get("plotly_chart")) == 2


def test_a_rep_sees_his_own(people, deals):
    assert "1 won + 1 lost + 1 open = 3 entered" in texts(opened(PAGE, people.anna))
    assert "no opportunity that you see" in texts(opened(PAGE, people.emil))


def test_refused_for_a_role_without_the_pipeline(people, deals):
    at = opened(PAGE, people.ada)
    assert not at.get("plotly_chart") and not at.metric


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_chinese(people, deals, view):
    at = opened(PAGE, people.dana, "zh", show=view, stage=0)
    assert not at.exception
    assert english_left(at) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_rep_and_of_no_deals(people, deals, view):
    for person in (people.anna, people.emil):
        at = opened(PAGE, person, show=view)
        assert not at.exception and not at.error
    assert "No deal entered" in texts(opened(PAGE, people.dana, show=view, since="2030-01-01"))


def test_what_makes_no_sense_in_the_address_is_dropped(people, deals):
    at = opened(PAGE, people.dana, show="nothing", by="colour", only="x", since="soon", pipeline="9", stage="99")
    assert "Of 4 deals 1 were won" in texts(at)


def test_the_days_and_one_value_narrow_it(people, deals):
    assert "= 3 entered" in texts(opened(PAGE, people.dana, by="owner", only=str(people.anna.id)))
    assert "= 2 entered" in texts(opened(PAGE, people.dana, since=(TODAY - dt.timedelta(46)).isoformat()))


def test_time_and_the_stuck_deals(people, deals):
    at = opened(PAGE, people.dana, show="time", stage=0)
    assert "1 open deal is stuck, the longest untouched for 45 days" in texts(at)
    assert at.dataframe[0].value["name"].tolist() == ["Flute"]
    assert "Lead: of 4 stays 1 last still" in texts(at)


def test_two_reps_side_by_side(people, deals):
    at = opened(PAGE, people.dana, show="compare")
    assert "Anna Lindqvist wins 50.0 % of what is decided, Chen Wei 0.0 %: it may be chance" in texts(at).replace("\u00a0", " ")
    assert "Only 1 decided deals of Chen Wei" in texts(at)


def test_people_and_their_levers(people, deals):
    at = opened(PAGE, people.dana, show="people")
    shown = {one.label: one.value for one in at.metric}
    assert (shown["Open deals"], shown["Days to win"]) == ("1", "40")
    assert at.dataframe[0].value[["name", "won", "lost", "open"]].values.tolist() == [
        ["Anna Lindqvist", 1, 1, 1],
        ["Chen Wei", 0, 1, 0],
    ]


def test_why_and_to_whom(people, deals):
    text = texts(opened(PAGE, people.dana, show="losses")).replace("\u00a0", " ")
    assert "Most were lost to Forte: 50.0 % of the deals lost" in text
    assert "50.0 % of the deals lost came as far as Lead and no further" in text


def test_every_part_of_a_bar_is_a_filter():
    assert _behind("further", 2, 5) == {"state": ("open", "lost"), "furthest": (3, 4)}
    assert _behind("lost", 2, 5) == {"state": ("lost",), "furthest": (2,)}


def test_habits_compare_what_was_done_in_the_first_month(people, deals):
    at = opened(PAGE, people.dana, show="habits")
    assert "only deals that were still open then" in texts(at)
    assert "Touches: only one group has decided deals" in texts(at)
    assert len(at.get("plotly_chart")) == 4


def test_habits_need_deals_that_were_open_for_a_month(people, deals):
    days = {"since": str(TODAY - dt.timedelta(46)), "until": str(TODAY - dt.timedelta(40))}
    at = opened(PAGE, people.dana, show="habits", **days)
    assert "No deal was open for a month" in texts(at)
