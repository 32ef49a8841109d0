"""How the service goes, as those see it who answer for it."""

import datetime as dt
import json

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.support.commands import Answer, Asking, answer_survey, ask_feedback
from crm.support.models import Case, Escalation
from crm.words.formats import date_short
from tests.factories import TODAY, a_case, a_customer, a_product
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/service/service.py"
SIDES = ("figures", "complaints", "satisfaction")


def on(days_ago, hour=8):
    return dt.datetime.combine(TODAY - dt.timedelta(days_ago), dt.time(hour), dt.UTC)


@pytest.fixture
def desk(people):
    """name -> id: of Sales East three solved (one late, one reopened) and one open for long; of Sales West one complaint."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    east, west = a_customer(people.anna, name="Aurora Music"), a_customer(people.chen, name="Harbour Music")
    solved = {"state": "solved", "cause": "Cable", "product_id": a_product(name="Violin").id}
    made = {
        "quick": a_case(people.anna, east, opened_at=on(20), answered_at=on(20, 10), solved_at=on(19), made_sla=True, **solved),
        "late": a_case(people.anna, east, opened_at=on(15), answered_at=on(15, 9), solved_at=on(5), made_sla=False, **solved),
        "again": a_case(people.anna, east, opened_at=on(12), answered_at=on(12, 11), solved_at=on(9), made_sla=True, reopened=1,
            **solved),
        "old": a_case(people.anna, east, opened_at=on(50), subject="Hums", state="waiting_customer"),
        "complaint": a_case(people.chen, west, opened_at=on(3), kind="complaint", complaint_class="product_quality",
            responsible_unit_id=people.units["Sales West"]),
    }  # fmt: skip
    with open_as(SYSTEM) as session:
        late = {"clock": "resolution", "level": "breached", "since": on(50), "at": on(2)}
        session.add(Escalation(case_id=made["old"].id, to_id=people.ben.id, **late))
        asked = [ask_feedback(session, east.id, Asking(case_id=made[name].id)) for name in ("quick", "late", "again")]
    answer_survey(asked[0].token, Answer(csat=5, nps=10))
    answer_survey(asked[1].token, Answer(csat=2, nps=3, comment="Much too slow"))
    return {name: case.id for name, case in made.items()}


def numbers(at):
    return {one.label: one.value for one in at.metric}


def table(at, place=0):
    return json.loads(at.get("bidi_component")[place].proto.json)


def test_the_figures_of_the_board(people, desk):
    at = opened(PAGE, people.dana)
    told, said = numbers(at), texts(at)
    assert (told["Open now"], told["Arrivals"], told["Closures"], told["Reopened"]) == ("2", "5", "3", "33.3\u00a0%")
    assert told["Within the SLA"] == "66.7\u00a0%"
    assert told["Satisfaction"] == "3.50"
    assert "2 cases are open, 1 of them for more than 30 days" in said
    assert "Half are solved within" in said
    assert "Cable is the first cause: 60 % of the cases" in said.replace("\u00a0", " ")
    assert "1 escalation in these days" in said
    assert not at.exception and not at.error


def test_the_tile_of_the_closures_shows_as_many_rows(people, desk):
    a_case(people.anna, a_customer(people.anna), opened_at=on(30), closed_at=on(6), state="closed")
    at = opened(PAGE, people.dana)
    closed = numbers(at)["Closures"]
    at.button(key="lead.figures.closures").click().run()
    assert closed == str(len(at.dataframe[0].value)) == "4"


def test_whoever_sees_less_counts_less(people, desk):
    assert numbers(opened(PAGE, people.chen))["Arrivals"] == "1"
    assert "No case is known here yet" in texts(opened(PAGE, people.emil))


@pytest.mark.parametrize("side", SIDES)
def test_refused_for_a_role_without_service(people, desk, side):
    at = opened(PAGE, people.ada, show=side)
    assert not at.metric and not at.get("plotly_chart") and not at.get("bidi_component")


@pytest.mark.parametrize("side", SIDES)
def test_every_side_in_chinese(people, desk, side):
    at = opened(PAGE, people.dana, "zh", show=side)
    assert not at.exception and not at.error
    assert english_left(at) == set()


@pytest.mark.parametrize("side", SIDES)
def test_every_side_where_nothing_is_known(people, side):
    at = opened(PAGE, people.dana, show=side)
    assert not at.exception and not at.metric and not at.get("plotly_chart")


def test_complaints_as_a_table(people, desk):
    at = opened(PAGE, people.dana, show="complaints")
    by_class, by_unit, by_product = (table(at, place) for place in range(3))
    row = by_class["rows"][0]
    told = [row[name] for name in ("name", "complaints", "open", "colour", "change")]
    assert told == ["Product quality", "1", "1", "red", "+1"]
    assert by_unit["rows"][0]["name"] == "Sales West"
    assert by_product["rows"][0]["name"] == "not given"
    assert numbers(at)["Complaint rate"] == "–"


def test_satisfaction_and_what_customers_said(people, desk):
    at = opened(PAGE, people.dana, show="satisfaction")
    assert numbers(at)["Response rate"] == "67\u00a0%"
    assert (numbers(at)["Satisfaction"], numbers(at)["Open invitations"]) == ("3.50", "1")
    assert "Much too slow" in texts(at)
    assert "Much too slow" not in texts(opened(PAGE, people.dana, show="satisfaction", mark="5", all="1"))
    month = f"{TODAY:%Y-%m}"
    narrowed = opened(PAGE, people.dana, show="satisfaction", month=month, all="1")
    assert [one.label for one in narrowed.button if one.key == "satisfaction.off.month"] == [month]


def test_a_period_without_cases_says_where_they_are(people, desk):
    with open_as(SYSTEM) as session:
        session.get(Case, desk["complaint"]).state = "closed"
    at = opened(PAGE, people.chen, since="2020-01-01", until="2020-01-31")
    assert f"The newest case is of {date_short(TODAY - dt.timedelta(3))}" in texts(at)
    at.button(key="figures.newest").click().run()
    assert numbers(at)["Arrivals"] == "1"


def test_what_makes_no_sense_in_the_address_is_dropped(people, desk):
    at = opened(PAGE, people.dana, show="nothing", by="colour", period="7", team="x", kind="y", product="z", since="soon")
    assert numbers(at)["Arrivals"] == "5"
