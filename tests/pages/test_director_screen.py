"""The director's screen: the answer, its figures, where each leads, and the file that is sent."""

import datetime as dt
from decimal import Decimal

import pypdfium2
import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.charts.director import attainment_map
from crm.errors import Refused
from crm.exchange.sheet import Box, Cells, Sheet, Way
from crm.office.commands import DemoDay, set_demo_today
from crm.office.models import ExportEvent
from crm.office.queries import today
from crm.session import open_as
from crm.staff.sign_in import Board, open_browser_session, who
from crm.targets import queries
from crm.targets.commands import Cell, PlanDetails, add_plan, approve_plan, set_targets
from crm.targets.queries import TargetFilter, standing, watch
from crm.ui.director.sending import sheet_file
from crm.ui.director.sheet import sheet_of
from crm.ui.tile import Tile
from tests.factories import TODAY, a_case, a_customer, an_activity, an_opportunity, an_order
from tests.pages.opened import keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/work/overview.py"
DAY = dt.date(2026, 5, 20)
APRIL = dt.date(2026, 4, 1)


@pytest.fixture
def sales(people):
    """Anna sold 600 and chen 100 in the quarter; each day of the year before brought something."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=DAY))
    hers, his = a_customer(people.anna, name="Hall Music"), a_customer(people.chen, name="Distant")
    for weeks in range(8, 60):
        an_order(hers, 40, on=DAY - dt.timedelta(7 * weeks))
        an_order(his, 20, on=DAY - dt.timedelta(7 * weeks))
    an_order(hers, 400, 200, on=DAY - dt.timedelta(2))
    an_order(his, 100, on=DAY - dt.timedelta(9))
    an_opportunity(people.anna, hers, amount=Decimal(300), expected_close_on=DAY + dt.timedelta(10))
    an_activity(hers, people.anna, topic="Call", planned_on=DAY - dt.timedelta(2))
    return hers, his


def aimed(people, **bases):
    with open_as(people.dana.actor) as session:
        plan = add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])
        about = {"measure": "revenue", "subject_kind": "team", "period": "quarter", "starts_on": APRIL}
        cells = [Cell(**about, subject_id=people.units[name], base=Decimal(base)) for name, base in bases.items()]
        set_targets(session, plan.id, cells)
        approve_plan(session, plan.id, plan.version)


@pytest.fixture
def targets(people, sales):
    aimed(people, **{"Sales East": 700, "Sales West": 2000})


def metrics(at):
    return {one.label: (one.value, one.delta) for one in at.metric}


def test_it_says_whether_the_quarter_will_be_made_and_who_is_the_gap(people, targets):
    at = opened(PAGE, people.dana)
    assert not at.exception
    (answer,) = [one.value for one in at.subheader]
    assert answer.startswith("The quarter will probably be missed by") and answer.endswith("Sales West is the gap")
    found = metrics(at)
    assert found["Revenue"] == ("CN¥700", "26\u00a0%")
    assert "Forecast to 06-30" in found and found["Coverage"] == ("0.2×", "CN¥300")
    assert found["Discipline"][1].startswith("of ")
    assert "2K missing" in texts(at) and "pace 55" in texts(at)


def test_the_sum_leads_to_its_rows(people, targets):
    at = opened(PAGE, people.dana)
    at.button(key="lead.reached").click().run()
    assert at.session_state["_tiles"]["reached"].value == at.session_state["_totals"]["overview"]["value"] == 700
    assert at.dataframe[0].value["value"].tolist() == [600, 100]
    at.button(key="director.back").click().run()
    assert "Revenue" in metrics(at)


def test_open_deals_are_those_of_the_list(people, targets):
    at = opened(PAGE, people.dana)
    at.button(key="lead.coverage").click().run()
    assert at.title[0].value == "Pipeline" and at.dataframe[0].value["amount"].tolist() == [300]


@pytest.mark.parametrize(
    ("key", "title"),
    [("lead.expected", "Targets"), ("lead.service", "Service quality"), ("lead.risk", "Customers"), ("lead.discipline", "Team")],
)
def test_every_figure_leads_to_its_page(people, targets, key, title):
    a_case(people.gia, a_customer(people.anna))
    at = opened(PAGE, people.dana)
    at.button(key=key).click().run()
    assert at.title[0].value == title and not at.exception


def test_the_forecast_leads_to_its_target_and_the_map_to_that_of_the_cell(people, targets):
    at = opened(PAGE, people.dana)
    at.button(key="lead.expected").click().run()
    chosen = {name: at.query_params[name] for name in ("measure", "period", "starts")}
    assert chosen == {"measure": "revenue", "period": "quarter", "starts": "2026-04-01"} and "pick" not in at.query_params
    with open_as(people.dana.actor) as session:
        told = standing(session, people.dana.board_id)
        known = queries.targets(session, TargetFilter()).set_index("subject")["id"]
    cells = told.periods.assign(column="Q2", start=str(told.start), key=told.periods["subject_id"])
    clicks = attainment_map(cells).data[1]
    assert clicks.customdata == ([people.units["Sales East"], "2026-04-01"], [people.units["Sales West"], "2026-04-01"])
    at = opened(PAGE, people.ben)
    at.button(key="lead.expected").click().run()
    assert at.query_params["pick"] == str(known["Sales East"]) and not at.exception
    assert {one.label: one.value for one in at.metric}["Attainment"] == "85.7\u00a0%"


def test_each_line_of_attention_leads_to_as_many_rows(people, targets):
    gone = a_customer(people.chen, name="Gone", m_score=5, life_cycle="lost", contribution_rating="A")
    an_opportunity(people.chen, gone, amount=Decimal(50), stage_since=DAY - dt.timedelta(200))
    a_case(people.gia, gone, kind="complaint", complaint_class="service_quality")
    an_activity(gone, people.chen, topic="Write", planned_on=DAY - dt.timedelta(9))
    an_activity(gone, people.chen, topic="Today", planned_on=DAY)
    for name, page, count in (
        ("valuable_silent", "customers", 1),
        ("rotting", "pipeline", 1),
        ("complaints", "cases", 1),
        ("overdue", "overview", 2),
    ):
        at = opened(PAGE, people.dana)
        at.button(key=f"attention.{name}").click().run()
        assert not at.exception and at.session_state["_totals"][page]["count"] == count, name
    assert at.dataframe[0].value["topic"].tolist() == ["Write", "Call"]


def test_open_deals_of_a_team_are_those_of_its_list(people, targets):
    an_opportunity(people.chen, a_customer(people.ben), amount=Decimal(900), expected_close_on=DAY + dt.timedelta(5))
    at = opened(PAGE, people.ben)
    at.button(key="lead.coverage").click().run()
    assert at.session_state["_tiles"]["coverage"].value == at.session_state["_totals"]["pipeline"]["amount"] == 300


def test_a_lead_stands_for_his_team(people, targets):
    at = opened(PAGE, people.ben)
    assert metrics(at)["Revenue"] == ("CN¥600", "86\u00a0%")
    assert "Sales West" not in texts(at)
    at.button(key="lead.reached").click().run()
    assert at.dataframe[0].value["value"].tolist() == [600]


def test_without_targets_it_says_what_to_do_and_shows_what_came(people, sales):
    at = opened(PAGE, people.dana)
    assert at.subheader[0].value.startswith("CN¥700 so far this quarter; without a target")
    assert "Enter targets in a plan and approve it" in texts(at)
    assert metrics(at)["Revenue"][0] == "CN¥700"
    at.button(key="director.plans").click().run()
    assert at.title[0].value == "Targets"


def test_a_draft_is_no_target(people, sales):
    with open_as(people.dana.actor) as session:
        plan = add_plan(session, PlanDetails(name="Draft", year=2026), people.units["Music"])
        cell = Cell(measure="revenue", subject_kind="board", subject_id=people.units["Music"], period="quarter", starts_on=APRIL)
        set_targets(session, plan.id, [cell.model_copy(update={"base": Decimal(10)})])
    assert "without a target" in opened(PAGE, people.dana).subheader[0].value


def test_an_empty_firm_is_no_error(people):
    at = opened(PAGE, people.dana)
    assert not at.exception and "CN¥0 so far" in at.subheader[0].value
    assert "Nothing waits for you" in texts(at)


def test_on_its_last_day_the_quarter_is_history_and_the_year_is_asked(people, sales):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    assert "this year" in opened(PAGE, people.dana).subheader[0].value
    assert "this quarter" in opened(PAGE, people.dana, period="quarter").subheader[0].value


def test_trade_is_one_click_away_and_all_that_others_see(people, sales):
    assert "Revenue this month" in metrics(opened(PAGE, people.dana, view="trade"))
    at = opened(PAGE, people.mia)
    assert not at.subheader and not at.exception


def test_in_chinese_nothing_stays_english(people, targets):
    for view in ("targets", "trade"):
        at = opened(PAGE, people.dana, "zh", view=view)
        assert not at.exception and english_left(at) == set()


def person_of(someone):
    return who(open_browser_session(someone.id))


def files(someone, kind="pdf", spoken="en"):
    person = person_of(someone)
    with open_as(someone.actor) as session:
        told, seen = standing(session, someone.board_id), watch(session, someone.board_id)
    board = Board(someone.board_id, "Music", "CNY")
    sheet = sheet_of(told, seen, board, [Tile("reached", "Revenue", told.actual, "CN¥700")], person.name)
    return sheet_file(person, spoken, kind, sheet, {"board_id": board.id})


def test_the_file_holds_the_same_and_is_logged(people, targets):
    text = pypdfium2.PdfDocument(files(people.dana))[0].get_textpage().get_text_bounded()
    assert opened(PAGE, people.dana).subheader[0].value.replace("\u00a0", " ") in text.replace("\r\n", " ")
    for part in (
        "Music",
        "1 Apr 2026 to 30 Jun 2026",
        "made by Dana Novak",
        "20 May 2026",
        "Sales West",
        "1 activity is overdue",
    ):
        assert part in text
    assert files(people.dana, "png")[:4] == b"\x89PNG"
    with open_as(SYSTEM) as session:
        logged = [(one.what, one.format, one.user_id) for one in session.scalars(select(ExportEvent))]
        assert today(session) == DAY
    assert logged == [("director_sheet", "pdf", people.dana.id), ("director_sheet", "png", people.dana.id)]


def test_who_may_not_export_gets_no_file(people, targets):
    assert "director.send" not in keys(opened(PAGE, people.mia))
    with pytest.raises(Refused):
        files_of_a_reader(people)


def files_of_a_reader(people):
    sheet = Sheet("t", "s", "a", (Box("b", "1"),), Cells(""), Way(""))
    return sheet_file(person_of(people.anna), "en", "pdf", sheet, {})
