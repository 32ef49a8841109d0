"""What the director's screen says of a board is what attainment and forecasts say of its targets, and what the lists count."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.queries import receivable_totals
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer
from crm.customers.queries import customer_list, planned_activities
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries import opportunity_list
from crm.session import get, open_as
from crm.staff.models import User, UserState
from crm.support.filters import CaseFilter
from crm.support.queries import case_list
from crm.targets.commands import approve_plan
from crm.targets.queries import TargetFilter, discipline_counts, expected, leads_to, reached, standing, watch
from crm.targets.queries.discipline import breakers
from tests.factories import a_case, a_contract, a_customer, an_activity, an_opportunity, an_order
from tests.insight.calling import a_run, at_risk
from tests.targets.conftest import a_cell, targets_of

DAY = dt.date(2026, 5, 20)
APRIL, MAY = dt.date(2026, 4, 1), dt.date(2026, 5, 1)
TOLD = ["actual", "share", "pace", "p10", "p50", "p90"]


@pytest.fixture(autouse=True)
def in_the_middle_of_a_quarter(day):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=DAY))


def sold(people):
    hers, his = a_customer(people.anna), a_customer(people.chen)
    for weeks in range(1, 60, 3):
        an_order(hers, 40 + weeks, on=DAY - dt.timedelta(7 * weeks))
        an_order(his, 20, on=DAY - dt.timedelta(7 * weeks + 2))


def won(people):
    hers, his = a_customer(people.anna), a_customer(people.chen)
    for weeks in range(0, 40, 4):
        closed = DAY - dt.timedelta(7 * weeks)
        about = {"state": "won", "closed_on": closed, "created_on": closed - dt.timedelta(weeks + 5)}
        an_opportunity(people.anna, hers, amount=Decimal(100 + weeks), **about)
        an_opportunity(people.chen, his, amount=Decimal(50), **about)
    for person, customer in ((people.anna, hers), (people.ben, hers), (people.chen, his)):
        an_opportunity(person, customer, amount=Decimal(300), expected_close_on=DAY + dt.timedelta(20))


def aimed(people, plan, measure, period="quarter"):
    """Of the board, of its two teams and of who works in one of them."""
    starts_on = APRIL if period == "quarter" else dt.date(2026, 1, 1)
    units = [("board", "Music", 900), ("team", "Sales East", 500), ("team", "Sales West", 400)]
    subjects = [(kind, people.units[name], base) for kind, name, base in units] + [("person", people.anna.id, 450)]
    about = {"measure": measure, "period": period, "starts_on": starts_on}
    targets_of(people.dana, plan, *[a_cell(kind, one, base, **about) for kind, one, base in subjects])
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)


def targets_told(person, period):
    with open_as(person.actor) as session:
        found = expected(session, TargetFilter(period=(period,)))
    return found.set_index(["subject_kind", "subject_id"]).astype(dict.fromkeys([*TOLD, "base", "chance_base"], "float64"))


def stood(person, period="quarter"):
    with open_as(person.actor) as session:
        return standing(session, person.board_id, period)


@pytest.mark.parametrize(
    ("fill", "measure", "period"),
    [(sold, "revenue", "quarter"), (sold, "revenue", "year"), (won, "won_deals", "quarter"), (won, "won_deals", "year")],
)
def test_the_board_and_its_parts_stand_where_their_targets_say(people, plan, fill, measure, period):
    fill(people)
    aimed(people, plan, measure, period)
    told, targets = stood(people.dana, period), targets_told(people.dana, period)
    whole = targets.loc[("board", people.units["Music"])]
    assert told.measure == measure and told.base == 900 and told.actual > 0
    assert [getattr(told, name) for name in TOLD] == pytest.approx([whole[name] for name in TOLD])
    assert told.chance == pytest.approx(whole["chance_base"])
    assert told.p10 < told.p90
    assert set(told.parts["subject"]) == {"Sales East", "Sales West"}
    for row in told.parts.itertuples():
        part = targets.loc[(row.subject_kind, row.subject_id)]
        assert [getattr(row, name) for name in ["base", *TOLD]] == pytest.approx([part[name] for name in ["base", *TOLD]])
    ahead = told.path.dropna(subset=["p50"]).iloc[-1]
    assert ahead[["p10", "p50", "p90"]].tolist() == pytest.approx([told.p10, told.p50, told.p90])


def test_what_is_nobodys_counts_for_its_unit_and_what_is_sold_for_whoever_sold_it(people, plan):
    sold(people)
    nobodys = a_customer(people.anna)
    an_order(nobodys, 7, on=DAY)
    with open_as(SYSTEM) as session:
        get(session, Customer, nobodys.id).owner_id = None
    an_order(a_customer(people.anna), 5, on=DAY, seller_id=people.chen.id)
    aimed(people, plan, "revenue")
    told, targets = stood(people.dana), targets_told(people.dana, "quarter")
    for name in ("Sales East", "Sales West"):
        actual = targets.loc[("team", people.units[name]), "actual"]
        assert told.parts.set_index("subject")["actual"][name] == actual
    assert told.actual == told.parts["actual"].sum()


def test_who_sold_to_a_customer_of_another_team_is_told_of_it_by_those_who_see_the_customer(people):
    an_order(a_customer(people.chen), 5, on=DAY, seller_id=people.anna.id)
    about = ("revenue", "person", people.anna.id, people.anna.board_id, MAY, DAY)
    for person, amount in ((people.dana, 5.0), (people.ben, 0.0), (people.anna, 0.0)):
        with open_as(person.actor) as session:
            assert reached(session, *about) == amount


def test_a_lead_stands_where_the_target_of_his_team_says(people, plan):
    won(people)
    aimed(people, plan, "won_deals")
    told, target = stood(people.ben), targets_told(people.ben, "quarter").loc[("team", people.units["Sales East"])]
    assert (told.name, told.base) == ("Sales East", 500)
    assert [getattr(told, name) for name in TOLD] == pytest.approx([target[name] for name in TOLD])
    hers = targets_told(people.ben, "quarter").loc[("person", people.anna.id)]
    part = told.parts.set_index("subject_id").loc[people.anna.id]
    assert part[["base", *TOLD]].tolist() == pytest.approx(hers[["base", *TOLD]].tolist())


def test_a_board_without_a_target_of_its_own_aims_at_the_sum_of_its_parts(people, plan):
    sold(people)
    months = [
        a_cell("person", people.anna.id, base, APRIL.replace(month=month)) for month, base in ((4, 100), (5, 200), (6, 300))
    ]
    targets_of(people.dana, plan, *months, a_cell("team", people.units["Sales West"], 50, APRIL, period="quarter"))
    assert stood(people.dana).base is None
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    told = stood(people.dana)
    assert told.base == 650
    assert told.parts.set_index("subject")["base"].to_dict() == {"Sales East": 600, "Sales West": 50}


def test_the_parts_add_up_to_the_board_and_open_deals_are_those_of_the_list(people, plan):
    won(people)
    aimed(people, plan, "won_deals")
    told = stood(people.dana)
    assert told.parts["actual"].sum() == pytest.approx(told.actual)
    assert told.open_amount == told.parts["open_amount"].sum() == 900
    asked = {"subject_id": people.units["Sales East"], "since": told.start, "until": told.end}
    with open_as(people.ben.actor) as session:
        owners = leads_to(session, "won_deals", "team", board_id=people.ben.board_id, **asked).owner_id
        where = OpportunityFilter(board_id=(people.ben.board_id,), state=("open",), expected_to=told.end, owner_id=owners)
        assert stood(people.ben).open_amount == opportunity_list(session, where)["amount"].sum() == 600


def waits(people):
    """One of each for anna, another for chen, and some that wait for nobody."""
    run = a_run(people.anna.board_id)
    for person in (people.anna, people.chen):
        customer = a_customer(person, m_score=5, life_cycle="lost", contribution_rating="A")
        a_customer(person, m_score=5, life_cycle="active", contribution_rating="A")
        an_activity(customer, person, planned_on=DAY - dt.timedelta(1))
        an_activity(customer, person, planned_on=DAY)
        an_opportunity(person, customer, amount=Decimal(70), stage_since=DAY - dt.timedelta(200))
        an_opportunity(person, customer, amount=Decimal(7))
        a_case(people.gia, customer, kind="complaint", complaint_class="service_quality")
        a_case(people.gia, customer)
        a_contract(person, customer, 1000, DAY - dt.timedelta(30), DAY + dt.timedelta(30))
        at_risk(run, person, person.username, 40)
    with open_as(SYSTEM) as session:
        session.get(User, people.chen.id).state = UserState.LEFT


@pytest.mark.parametrize(("name", "share"), [("dana", 2), ("ben", 1)])
def test_what_waits_is_as_many_as_the_lists_it_leads_to(people, name, share):
    waits(people)
    person = getattr(people, name)
    board = (person.board_id,)
    with open_as(person.actor) as session:
        found = watch(session, person.board_id)
        silent = CustomerFilter(board_id=board, life_cycle=("dormant", "lost"), contribution_rating=("A",))
        gone = CustomerFilter(board_id=board, owner_gone=True)
        still = opportunity_list(session, OpportunityFilter(board_id=board, rotting=True))
        complaints = case_list(session, CaseFilter(board_id=board, kind=("complaint",), open=True))
        late = planned_activities(session, DAY - dt.timedelta(1), board_id=person.board_id)
        owed = receivable_totals(session, DAY, person.board_id)["overdue"]
        assert found.waiting["valuable_silent"][0] == len(customer_list(session, silent)) == share
        assert found.waiting["orphaned"][0] == len(customer_list(session, gone)) == (3 if name == "dana" else 0)
        assert found.waiting["rotting"] == (len(still), still["amount"].sum()) == (share, 70 * share)
        assert found.waiting["complaints"][0] == len(complaints) == share
        assert found.waiting["overdue"][0] == len(late) == share
        assert found.waiting["receivable"] == (1, sum(owed.values()) if owed else 0) == (1, 500 * share)
        assert (found.risky, found.at_risk, found.worth) == (share, 40 * share, 100 * share)
        counts = discipline_counts(session, MAY, dt.date(2026, 5, 31), person.board_id)
        assert (found.people, found.broke) == (counts["people"], counts["not_kept"])
        assert found.people > 0


def test_of_a_month_that_is_over_what_was_left_alone_counts_too(people):
    an_opportunity(people.anna, a_customer(people.anna), created_on=dt.date(2026, 3, 1))
    with open_as(people.dana.actor) as session:
        for first, last in ((APRIL, dt.date(2026, 4, 30)), (MAY, dt.date(2026, 5, 31))):
            counts = discipline_counts(session, first, last)
            assert breakers(session, first, last) == (counts["people"], counts["not_kept"])
