"""What the demo company set itself and what came of it: parts add up, attainment is believable, people have their days."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.models import Order
from crm.demo import LAST_DAY
from crm.demo.people import EAST, MACHINERY, MUSIC, SERVICES, WEST
from crm.jobs import JOBS
from crm.office.models import Activity, Notice
from crm.office.queries import today
from crm.session import open_as
from crm.staff.models import OrgUnit, User
from crm.staff.sign_in import actor_for
from crm.targets.models import Evaluation, IncentiveStatement, PlanVersion, Review, Target, TargetPlan
from crm.targets.queries import TargetFilter, attainment, discipline

QUARTER = dt.date(1998, 4, 1)


@pytest.fixture(scope="module")
def session(company):
    with open_as(SYSTEM) as opened:
        yield opened


@pytest.fixture(scope="module")
def reached(session):
    """The quarter that runs, of all boards."""
    where = TargetFilter(approved=True, period=("quarter",), starts_from=QUARTER, starts_to=QUARTER)
    return attainment(session, where)


def base(session, measure, period, kind=None, names=None, *, year=LAST_DAY.year, board=MACHINERY):
    """The sum of what is asked for."""
    query = select(func.sum(Target.base)).join(TargetPlan, TargetPlan.id == Target.plan_id)
    query = query.where(TargetPlan.name == f"{board} {year}", Target.measure == measure, Target.period == period)
    query = query.where(Target.subject_kind == kind) if kind else query
    if names:
        query = query.where(Target.subject_id.in_(select(OrgUnit.id).where(OrgUnit.name.in_(names))))
    return session.scalar(query)


def test_each_board_has_a_plan_of_last_this_and_next_year(session):
    plans = {one.name: (one.state, one.edition) for one in session.scalars(select(TargetPlan))}
    expected = {}
    for board in (MACHINERY, MUSIC, SERVICES):
        expected |= {f"{board} 1997": ("approved", 1), f"{board} 1998": ("approved", 2), f"{board} 1999": ("draft", 0)}
    assert plans == expected
    assert session.scalar(select(func.max(PlanVersion.at))).date() < LAST_DAY
    assert "handed over" in session.scalars(select(PlanVersion.reason).where(PlanVersion.number == 2)).first()


@pytest.mark.parametrize("measure", ["won_deals", "receipts", "contracts", "activities"])
def test_parts_add_up_to_the_whole(session, measure):
    year = base(session, measure, "year", "board")
    assert base(session, measure, "quarter", "board") == year
    assert base(session, measure, "quarter", "team", (EAST, WEST)) == year
    assert base(session, measure, "quarter", "person") == year


def test_the_later_version_moved_targets_and_lost_none(session):
    assert base(session, "revenue", "quarter", "person") == base(session, "revenue", "year", "board")
    assert base(session, "revenue", "month", "person") == base(session, "revenue", "year", "board")


def test_the_year_is_last_years_result_and_ten_percent(session):
    board_id = session.scalars(select(OrgUnit.id).where(OrgUnit.name == MACHINERY)).one()
    span = (Order.ordered_on >= dt.date(1997, 1, 1), Order.ordered_on <= dt.date(1997, 12, 31))
    sold = session.scalar(select(func.sum(Order.amount)).where(Order.board_id == board_id, *span))
    assert base(session, "revenue", "year", "board") == sold * Decimal("1.1")


def test_some_are_ahead_and_some_behind(reached):
    for measure in ("revenue", "won_deals", "receipts", "activities", "solved_cases"):
        people = reached[(reached["measure"] == measure) & (reached["subject_kind"] == "person")]
        assert (people["share"] > 1).any() and (people["share"] < 0.8).any(), measure
        boards = reached[(reached["measure"] == measure) & (reached["subject_kind"] == "board")]
        assert boards["share"].between(0.8, 1.3).all(), measure
    assert set(reached["measure"]) == {
        "revenue",
        "won_deals",
        "receipts",
        "contracts",
        "new_customers",
        "activities",
        "solved_cases",
        "satisfaction",
        "value_change",
    }
    assert set(reached["subject_kind"]) == {"person", "team", "board", "product", "category"}
    assert reached["actual"].notna().all()


def test_a_rep_sees_his_own_attainment_and_the_totals_of_his_team(session):
    rep = actor_for(session, session.scalars(select(User).where(User.username == "rep")).one())
    with open_as(rep) as theirs:
        where = TargetFilter(approved=True, measure=("revenue",), period=("quarter",), starts_from=QUARTER, starts_to=QUARTER)
        mine = attainment(theirs, where)
    assert set(mine.loc[mine["subject_kind"] == "person", "subject_id"]) == {rep.user_id}
    assert not mine.loc[mine["subject_kind"] == "team", "whole"].any()


def test_people_are_judged_and_paid(session):
    states = dict(session.execute(select(Evaluation.state, func.count()).group_by(Evaluation.state)).all())
    assert states == {"closed": 1, "open": 2}
    assert len(set(session.scalars(select(Review.evaluation_id)))) == 2
    paid = session.scalars(select(IncentiveStatement)).all()
    assert {one.starts_on for one in paid} == {dt.date(1997, 10, 1), dt.date(1998, 1, 1)}
    assert {bool(one.amount) for one in paid} == {True, False}
    assert all(sum(Decimal(line["amount"]) for line in one.lines) == one.amount for one in paid)


def test_visits_were_checked_in_and_others_are_planned_with_an_hour(session):
    visits = session.scalars(select(Activity).where(Activity.kind == "visit", Activity.starts_at.is_not(None))).all()
    here = [one for one in visits if one.checked_in_at is not None]
    assert len(here) > 20
    assert 0 < sum(one.latitude is None for one in here) < len(here) / 2
    assert [one.planned_on for one in here if one.happened_on is None] == [LAST_DAY]
    ahead = [one for one in visits if one.happened_on is None and one.planned_on > LAST_DAY]
    assert len(ahead) > 15
    assert len({(one.author_id, one.planned_on, one.starts_at) for one in visits}) == len(visits)


def test_the_policy_finds_who_was_away_without_a_reason(session):
    people = discipline(session, LAST_DAY - dt.timedelta(60), LAST_DAY)
    missing = people.set_index("id")["missing"]
    names = dict(session.execute(select(User.username, User.id)).all())
    assert missing[names["rep8"]] >= 8
    assert missing.median() <= 2


def test_the_inbox_has_something_of_every_kind(session):
    assert today(session) == LAST_DAY
    told = JOBS["reminders"](LAST_DAY)
    assert told["told"] > 100
    with open_as(SYSTEM) as fresh:
        assert set(fresh.scalars(select(Notice.category).distinct())) == {"alert", "message", "announcement"}
        unread = select(func.count()).where(Notice.user_id == select(User.id).where(User.username == "rep").scalar_subquery())
        assert fresh.scalar(unread) > 5
