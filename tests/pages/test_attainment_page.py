"""What was reached of targets, and who stands where, as a director, a rep and a stranger see it."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.targets.commands import Because, Cell, PlanDetails, add_plan, approve_plan, set_targets
from crm.targets.queries import TargetFilter, course, targets
from tests.factories import TODAY, a_case, a_customer, an_activity, an_opportunity, an_order
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/targets.py"
TEAM = "pages/performance/team.py"
DAY = TODAY - dt.timedelta(10)
"""A Saturday: 15 of 22 working days of June have passed."""
JUNE = dt.date(2026, 6, 1)


def a_cell(kind, subject_id, base, **changes):
    values = {"measure": "won_deals", "subject_kind": kind, "subject_id": subject_id, "starts_on": JUNE, "base": Decimal(base)}
    return Cell(**values | changes)


@pytest.fixture
def plan(people):
    """Won deals of June: anna 700 of 1000 (ahead), chen 100 of 1000 (behind), the board 800 of 2000; two open deals of anna."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=DAY))
    customer = a_customer(people.anna, name="Aurora Music")
    an_opportunity(people.anna, customer, name="Grand", amount=Decimal(700), state="won", closed_on=DAY)
    an_opportunity(people.chen, a_customer(people.chen), name="Harp", amount=Decimal(100), state="won", closed_on=DAY)
    due = {"expected_close_on": TODAY, "win_probability": 0.5}
    an_opportunity(people.anna, customer, name="Organ", amount=Decimal(800), **due)
    an_opportunity(people.anna, customer, name="Drum", amount=Decimal(200), **due)
    an_activity(customer, people.anna, happened_on=DAY)
    an_order(customer, 5, on=DAY)
    a_case(people.anna, customer)
    cells = [a_cell("person", one.id, 1000) for one in (people.anna, people.chen)]
    cells += [a_cell("board", people.units["Music"], 2000), a_cell("person", people.anna.id, 3, measure="activities")]
    with open_as(people.dana.actor) as session:
        made = add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])
        set_targets(session, made.id, cells)
        approve_plan(session, made.id, made.version, Because(reason="Agreed"))
        return made


def target_of(person, plan, **where):
    with open_as(person.actor) as session:
        return int(targets(session, TargetFilter(plan_id=plan.id, **where))["id"].iloc[0])


def numbers(at):
    return {one.label: one.value for one in at.metric}


def said(at):
    return texts(at).replace("\u00a0", " ")


def test_the_director_sees_board_and_people(people, plan):
    at = opened(PAGE, people.dana)
    told = numbers(at)
    assert (told["Attainment"], told["Actual"], told["Gap"]) == ("40.0\u00a0%", "CN¥800", "CN¥1.2K")
    assert told["Behind the pace"] == "−563.6"
    assert "1 of 3 targets at or ahead of the pace in Jun 2026" in said(at)
    rows = at.dataframe[0].value
    assert rows["whom"].tolist()[0] == "Music" and set(rows["whom"]) == {"Music", "Anna Lindqvist", "Chen Wei"}
    assert "15 of 22 working days" in said(at)
    assert "Even all open deals are not enough: CN¥500 are expected, CN¥1.2K are missing to Base" in said(at)
    assert not at.exception and not at.error


def test_a_picked_row_shows_its_own_figures(people, plan):
    pick = target_of(people.dana, plan, subject_kind=("person",), subject_id=(people.anna.id,), measure=("won_deals",))
    at = opened(PAGE, people.dana, pick=pick)
    assert numbers(at)["Attainment"] == "70.0\u00a0%" and "Anna Lindqvist: 70 % of the target of won deals" in said(at)
    assert numbers(at)["Ahead of the pace"] == "+18.2"
    assert "1 deal must close to cover the CN¥300 that are missing to Base" in said(at)
    assert at.dataframe[1].value["name"].tolist() == ["Organ", "Drum"]


def test_the_figure_leads_to_the_list_of_its_rows(people, plan):
    at = opened(PAGE, people.dana)
    at.button(key="lead.attainment.actual").click().run()
    assert sorted(at.dataframe[0].value["amount"]) == [100, 700]


def test_rows_without_a_list_stand_on_the_page_and_say_their_total(people, plan):
    at = opened(PAGE, people.dana, measure="activities")
    tile = at.session_state["_tiles"]["attainment.actual"]
    assert tile.value == 1 and tile.page == "targets" and tile.total == "count"
    at = opened(PAGE, people.dana, **tile.where)
    assert at.session_state["_totals"]["targets"]["count"] == 1
    assert at.dataframe[0].value["customer"].tolist() in (["Aurora Music"], [None], [""])
    assert "1 row" in said(at)


def test_a_rep_sees_all_his_measures_at_a_glance(people, plan):
    at = opened(PAGE, people.anna)
    assert at.dataframe[0].value["whom"].tolist() == ["Won deals", "Activities"]
    assert "of 2 measures at or ahead of the pace" in said(at)
    assert numbers(at)["Attainment"] == "70.0\u00a0%"


def test_of_his_board_a_rep_is_told_the_total_alone(people, plan):
    pick = target_of(people.anna, plan, subject_kind=("board",))
    at = opened(PAGE, people.anna, measure="won_deals", pick=pick)
    assert numbers(at)["Actual"] == "CN¥800"
    assert at.session_state["_tiles"]["attainment.actual"].page is None
    assert "Of this only the total is known to you" in said(at)
    at = opened(PAGE, people.anna, measure="won_deals", pick=pick, rows=1)
    assert "You do not see all the rows" in said(at)


def test_without_a_plan_it_says_what_to_do_first(people):
    assert "Begin with one" in said(opened(PAGE, people.dana))
    at = opened(PAGE, people.dana)
    at.button(key="attainment.plans").click().run()
    assert at.query_params["show"] in ("plans", ["plans"])
    assert "No target is set for you yet" in said(opened(PAGE, people.anna))


def test_a_stranger_sees_no_target(people, plan):
    for page in (PAGE, TEAM):
        at = opened(page, people.emil)
        assert not at.metric and "Music" not in said(at)


def test_the_leaderboard_names_those_in_reach_and_sums_up_the_others(people, plan):
    at = opened(TEAM, people.dana, measure="won_deals")
    assert at.dataframe[0].value[["rank", "whom"]].values.tolist() == [[1, "Anna Lindqvist"], [2, "Chen Wei"]]
    assert "Anna Lindqvist leads in Won deals in Jun 2026 with 70 % of the target" in said(at)
    own = opened(TEAM, people.chen, measure="won_deals")
    assert own.dataframe[0].value["whom"].tolist() == ["Chen Wei ◂"]
    assert "You are number 2 of 2" in said(own) and "and 1 other: CN¥700 of CN¥1K (70 %)" in said(own)
    assert "Anna" not in said(own)


def test_the_way_of_a_target_ends_at_its_actual(people, plan):
    one = target_of(people.dana, plan, subject_kind=("board",))
    with open_as(people.dana.actor) as session:
        way = course(session, one)
    assert len(way) == 30 and way["actual"].dropna().iloc[-1] == 800 and way["actual"].notna().sum() == DAY.day
    assert way["pace"].iloc[-1] == 2000 and way["pace"].iloc[DAY.day - 1] == pytest.approx(2000 * 15 / 22)
    with open_as(people.anna.actor) as session:
        assert course(session, one).empty, "only the total may be known to her"


@pytest.mark.parametrize("where", [{}, {"measure": "all"}, {"measure": "activities", "rows": 1}])
def test_in_chinese(people, plan, where):
    at = opened(PAGE, people.dana, "zh", **where)
    assert not at.exception and english_left(at) == set()


def test_the_leaderboard_in_chinese(people, plan):
    at = opened(TEAM, people.chen, "zh", measure="won_deals")
    assert not at.exception and english_left(at) == set()


def my_targets(person):
    from crm.ui.desk import me
    from crm.ui.targets.mine import mine

    mine(me())


def test_my_targets_in_one_line(people, plan):
    from tests.pages.opened import dialog

    at = dialog(my_targets, people.anna, None)
    assert "My targets in Jun 2026: 1 of 2 behind the pace" in said(at)
    assert [one.label.replace("\u00a0", " ") for one in at.button] == ["Won deals 70 %", "Activities 33 %"]
    assert not dialog(my_targets, people.ben, None).button
