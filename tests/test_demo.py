"""The demo company: the same everywhere, real where it says so, and everybody sees what is his to see."""

import datetime as dt
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM, Actor, Role
from crm.customers.filters import CustomerFilter
from crm.customers.models import Contact, Customer, CustomerScore, Holding, Order, OrderLine, Ownership, Relation, ScoreSnapshot
from crm.customers.queries import attention, customer_list, customer_totals, renewals_due, states
from crm.demo import ACCOUNTS, LAST_DAY, PASSWORD, fill
from crm.errors import NotFound, Refused
from crm.insight.queries import published_run
from crm.office.models import Activity, Setting
from crm.office.queries import setting, today
from crm.session import get, open_as
from crm.staff.attempts import SignInError, check
from crm.staff.models import OrgUnit, User
from crm.staff.queries import demo_accounts
from crm.staff.sign_in import actor_for
from tests.conftest import new_database

DIGEST = "79c58ae025b9540d68873eeaf2a943a7fa0e2cd06efae7340e65a3b652d3e8b1"
"""Of the demo company on every machine; a change of the generator changes it, and every screenshot and example with it."""

MAIN_COLUMNS = (
    (User.username, User.name, User.role, User.unit_id),
    (Customer.code, Customer.name, Customer.kind, Customer.owner_id, Customer.region, Customer.phone, Customer.order_amount),
    (Customer.first_order_on, Customer.last_order_on, Customer.order_count, Customer.stage, Customer.search_text),
    (Contact.customer_id, Contact.name, Contact.reports_to_id, Contact.phone, Contact.birthday),
    (Order.customer_id, Order.number, Order.kind, Order.ordered_on, Order.seller_id, Order.amount),
    (OrderLine.order_id, OrderLine.product_id, OrderLine.quantity, OrderLine.unit_price, OrderLine.amount),
    (Activity.subject_id, Activity.author_id, Activity.kind, Activity.happened_on, Activity.text, Activity.planned_on),
    (Activity.previous_id, Activity.topic, Activity.outcome, Activity.minutes),
    (Ownership.customer_id, Ownership.owner_id, Ownership.started_at, Ownership.ended_at),
    (Relation.customer_id, Relation.other_id, Relation.kind),
    (Holding.customer_id, Holding.product_type, Holding.amount),
)


@pytest.fixture(scope="module")
def company(request, tmp_path_factory):
    with new_database("sqlite", False, request, tmp_path_factory.mktemp("demo")) as url:
        fill()
        yield url


def digest() -> str:
    found = sha256()
    with open_as(SYSTEM) as session:
        for columns in MAIN_COLUMNS:
            for row in session.execute(select(*columns).order_by(columns[0].class_.id)):
                found.update(repr(tuple(map(str, row))).encode())
    return found.hexdigest()


def actor(username: str) -> Actor:
    with open_as(SYSTEM) as session:
        return actor_for(session, session.scalars(select(User).where(User.username == username)).one())


def board_id(name: str) -> int:
    with open_as(SYSTEM) as session:
        return session.scalars(select(OrgUnit.id).where(OrgUnit.name == name)).one()


def seen_by(username: str) -> dict[str, int]:
    """Board -> customers that this person sees."""
    with open_as(actor(username)) as session:
        query = select(OrgUnit.name, func.count(Customer.id)).join(Customer, Customer.board_id == OrgUnit.id)
        return dict(session.execute(query.group_by(OrgUnit.name)).all())


def test_cdnow_is_whole(company):
    with open_as(actor("director2")) as session:
        totals = customer_totals(session, CustomerFilter())
        assert totals["customers"] == 2357
        assert totals["amounts"] == {"USD": 244_091.94}
        assert session.scalar(select(func.count(Order.id))) == 6919
        assert session.scalar(select(func.sum(Order.amount))) == session.scalar(select(func.sum(OrderLine.amount)))
        days = session.execute(select(func.min(Order.ordered_on), func.max(Order.ordered_on))).one()
        assert tuple(days) == (dt.date(1997, 1, 1), LAST_DAY)


def test_names_are_made_up_once_each(company):
    with open_as(actor("director2")) as session:
        assert session.scalar(select(func.count(Customer.name_key.distinct()))) == 2357


def test_it_is_the_same_on_every_machine(company):
    assert digest() == DIGEST


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_it_is_the_same_at_every_run(kind, request, tmp_path):
    with new_database(kind, False, request, tmp_path):
        fill()
        assert digest() == DIGEST


def test_days_shift_when_asked(request, tmp_path):
    with new_database("sqlite", False, request, tmp_path):
        fill(shift_dates=True)
        with open_as(SYSTEM) as session:
            assert session.scalar(select(func.max(Order.ordered_on))) == dt.date.today() - dt.timedelta(1)
            assert setting(session, "demo_today") is None
            assert dict(states(session).set_index("life_cycle")["customers"])["active"] > 500


def test_nobody_who_works_in_a_database_finds_it_filled(company):
    with pytest.raises(Refused, match="empty database"):
        fill()


def test_today_is_the_last_day_of_the_orders(company):
    with open_as(SYSTEM) as session:
        assert today(session) == LAST_DAY


def test_everybody_can_sign_in_but_the_one_who_left(company):
    with open_as(SYSTEM) as session:
        assert {account.role for account in demo_accounts(session)} == set(Role) - {Role.SYSTEM}
        assert session.scalar(select(Setting.value).where(Setting.key == "demo")) == {"on": True, "password": PASSWORD}
        assert {user.username for user in session.scalars(select(User))} == {account.username for account in ACCOUNTS}
    assert check("rep", PASSWORD) == actor("rep").user_id
    with pytest.raises(SignInError):
        check("former", PASSWORD)


def test_each_role_sees_its_own(company):
    assert seen_by("executive") == seen_by("analyst") == {"Music Retail": 2357, "Machinery": 120, "Services": 80}
    assert seen_by("director2") == seen_by("lead3") == seen_by("analyst2") == {"Music Retail": 2357}
    assert seen_by("director") == seen_by("boardadmin") == {"Machinery": 120, "Services": 4}
    assert seen_by("admin") == {}
    assert seen_by("agent") == {"Machinery": 7, "Services": 80}
    team, one = seen_by("lead")["Machinery"], seen_by("rep")["Machinery"]
    assert 0 < one < team < 120


def test_a_rep_does_not_see_a_colleagues_customer(company):
    theirs = select(Customer.id).where(Customer.owner_id == actor("rep5").user_id)
    with open_as(SYSTEM) as session:
        hidden = session.scalars(theirs).first()
    with open_as(actor("rep")) as session, pytest.raises(NotFound):
        get(session, Customer, hidden)


def test_there_is_work_to_do(company):
    with open_as(actor("director")) as session:
        waiting = attention(session, LAST_DAY, board_id("Machinery"))
        assert waiting["valuable_silent"] > 0
        assert waiting["overdue"] > 0
    with open_as(actor("lead4")) as session:
        due = renewals_due(session, LAST_DAY + dt.timedelta(60))
        assert (due["ends_on"] >= LAST_DAY).any()


def test_a_firm_stands_there_twice(company):
    with open_as(actor("director")) as session:
        twice = session.scalars(select(Customer.name_key).group_by(Customer.name_key).having(func.count() > 1)).all()
        assert len(twice) == 4


def test_the_list_shows_the_custom_field(company):
    with open_as(actor("director")) as session:
        found = customer_list(session, columns=("name", "class", "custom:contract_form"))
        assert {"Framework", "Lease"} <= set(found["custom:contract_form"].dropna())
        assert {"Gold", "Silver"} <= set(found["class"].dropna())


def test_pages_have_something_to_show_on_the_first_day(company):
    with open_as(actor("executive")) as session:
        runs = {name: published_run(session, board_id(name)) for name in ("Music Retail", "Machinery", "Services")}
        by = {name: session.scalar(select(User.username).where(User.id == run.by_id)) for name, run in runs.items()}
        assert by == {"Music Retail": "analyst2", "Machinery": "analyst", "Services": None}
        assert all(run.cutoff_on == LAST_DAY for run in runs.values())
        scored = select(Customer.board_id, func.count(CustomerScore.id)).join(Customer, Customer.id == CustomerScore.customer_id)
        assert dict(session.execute(scored.group_by(Customer.board_id)).all())[board_id("Music Retail")] == 2349
        kept = session.execute(select(ScoreSnapshot.as_of, func.count(ScoreSnapshot.id)).group_by(ScoreSnapshot.as_of)).all()
        assert dict(kept)[LAST_DAY] == 2557
        assert len(kept) == 5
    with open_as(actor("rep")) as session:
        assert session.scalar(select(func.count(CustomerScore.id))) > 5
