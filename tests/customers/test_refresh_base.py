import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from sqlalchemy import func, select

from crm import jobs
from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.commands import ClassDetails, HoldingDetails, refresh_base, refresh_summaries, save_class, save_holding
from crm.customers.models import Customer, Holding, Order
from crm.customers.queries import customer as one
from crm.customers.queries.derived import life_cycle
from crm.database import now
from crm.errors import Refused
from crm.office.commands import DemoDay, Thresholds, put_setting, set_demo_today, set_thresholds
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_order


def refresh(actor=SYSTEM, day=TODAY):
    with open_as(actor) as session:
        return refresh_base(session, day)


def read(customer):
    with open_as(SYSTEM) as session:
        return one(session, customer.id)


def ago(days):
    return TODAY - dt.timedelta(days)


def test_it_works(people):
    buyers = [a_customer(people.anna) for _ in range(5)]
    for number, buyer in enumerate(buyers, start=1):
        for part in range(number):
            an_order(buyer, 100 * number, on=ago(300 - 50 * number + part))
    never = a_customer(people.anna)
    assert refresh()["scored"] == 5
    best, worst = read(buyers[-1]), read(buyers[0])
    assert (best.r_score, best.f_score, best.m_score, best.segment, best.contribution_rating) == (5, 5, 5, "champions", "A")
    assert (worst.r_score, worst.f_score, worst.m_score, worst.contribution_rating) == (1, 1, 1, "E")
    assert (best.order_count, best.order_amount, best.life_cycle, worst.life_cycle) == (5, Decimal(2500), "active", "dormant")
    assert (read(never).life_cycle, read(never).r_score) == ("potential", None)
    assert read(never).version == never.version


def test_twice_is_the_same_as_once(people, customer):
    an_order(customer, 10, on=ago(200))
    refresh()
    first = read(customer)
    refresh()
    again = read(customer)
    names = ["order_count", "order_amount", "life_cycle", "r_score", "segment", "version", "updated_at"]
    assert [getattr(first, name) for name in names] == [getattr(again, name) for name in names]


@pytest.mark.parametrize(
    ("days", "state"),
    [(0, "active"), (180, "active"), (181, "dormant"), (365, "dormant"), (366, "lost"), (-3, "active"), (None, "potential")],
)
def test_the_life_cycle_at_its_limits(days, state):
    base = pd.DataFrame({"last_order_on": pd.to_datetime([None if days is None else ago(days)])})
    assert life_cycle(base, known(), TODAY, Thresholds()).tolist() == [state]


def known(*rows):
    """P(alive) and the days since the last purchase that the scores know."""
    days = pd.to_datetime([ago(days) for _, days in rows])
    return pd.DataFrame({"p_alive": [chance for chance, _ in rows], "seen_on": days}, index=range(len(rows)))


@pytest.mark.parametrize(
    ("chance", "seen", "state"),
    [
        (0.5, 200, "active"),
        (0.49, 200, "dormant"),
        (0.2, 200, "dormant"),
        (0.19, 200, "lost"),
        (1.0, 200, "dormant"),  # a model that cannot doubt him says nothing
        (0.01, 300, "dormant"),  # he has ordered since he was scored
    ],
)
def test_the_model_decides_where_it_says_anything(chance, seen, state):
    base = pd.DataFrame({"last_order_on": pd.to_datetime([ago(200)])})
    assert life_cycle(base, known((chance, seen)), TODAY, Thresholds()).tolist() == [state]


def test_the_limits_are_settings(people, customer):
    an_order(customer, 10, on=ago(31))
    refresh()
    assert read(customer).life_cycle == "active"
    with open_as(people.ada.actor) as session:
        set_thresholds(session, Thresholds(active_days=30, dormant_days=60))
    refresh()
    assert read(customer).life_cycle == "dormant"


def test_returns_are_no_purchase_and_count_in_the_amount(people, customer):
    an_order(customer, 100, on=ago(40))
    an_order(customer, -30, on=ago(2))
    with open_as(SYSTEM) as session:
        refresh_summaries(session, [customer.id], TODAY)
    found = read(customer)
    assert (found.order_count, found.order_amount, found.first_order_on, found.last_order_on) == (1, 70, ago(40), ago(40))


def test_who_has_no_orders_any_more_has_no_score_any_more(people, customer):
    order = an_order(customer, 10)
    refresh()
    assert read(customer).segment
    with open_as(SYSTEM) as session:
        get(session, Order, order.id).deleted_at = now()
    refresh()
    found = read(customer)
    assert (found.order_count, found.life_cycle, found.last_order_on) == (0, "potential", None)
    assert (found.r_score, found.f_score, found.m_score, found.segment, found.contribution_rating) == (None,) * 5


def test_assets_with_us_earn_a_rating(people, customer):
    others = [a_customer(people.anna) for _ in range(2)]

    def hold(buyer, amount, **changes):
        about = {"side": "asset", "product_type": "fund", "amount": Decimal(amount), "as_of": TODAY}
        with open_as(people.anna.actor) as session:
            return save_holding(session, buyer.id, HoldingDetails(**about | changes))

    held = hold(customer, 1_000_000)
    hold(others[0], "999999.99")
    hold(others[1], 9_999)
    hold(others[1], 5_000_000, place="competitor")
    hold(others[1], 5_000_000, side="liability")
    assert refresh()["rated"] == 3
    assert [read(buyer).asset_rating for buyer in (customer, *others)] == ["A", "B", "E"]
    with open_as(people.anna.actor) as session:
        get(session, Holding, held.id).deleted_at = now()
    refresh()
    assert read(customer).asset_rating is None


def test_classes_follow(people, customer):
    an_order(customer, 500)
    with open_as(people.ada.actor) as session:
        gold = save_class(session, ClassDetails(name="Gold", rule={"amount_from": "500"}))
    assert refresh()["classed"] == 1
    assert read(customer).class_id == gold.id


def test_each_board_is_scored_by_itself(people):
    big, small = a_customer(people.anna), a_customer(people.emil)
    an_order(big, 1_000_000)
    an_order(small, 1)
    refresh()
    assert read(big).m_score == read(small).m_score


def test_an_empty_base(people):
    assert refresh() == {"scored": 0, "rated": 0, "classed": 0}


def test_a_reader_refreshes_nothing(people, customer):
    with pytest.raises(Refused):
        refresh(people.amir.actor)


def test_one_entry_stands_for_all(people, customer):
    an_order(customer, 10)
    refresh()
    with open_as(SYSTEM) as session:
        of_one = select(func.count(AuditEntry.id)).where(AuditEntry.record_id == customer.id, AuditEntry.action == "change")
        assert session.scalar(of_one.where(AuditEntry.record_type == "customer")) in (0, 1)
        assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "bulk")) > 0


def test_the_job_does_it_for_a_day(people, customer):
    an_order(customer, 10, on=ago(400))
    stand_still(ago(399))
    jobs.JOBS["scores"](ago(399))
    assert read(customer).life_cycle == "active"
    stand_still(TODAY)
    jobs.JOBS["scores"](TODAY)
    assert read(customer).life_cycle == "lost"
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Customer.id))) == 1


def stand_still(day):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=day))


def test_only_what_differs_is_written(people):
    """More rows than are compared one by one; the one whose orders changed is the only one that the database touches."""
    buyers = [a_customer(people.anna) for _ in range(3)]
    for buyer in buyers:
        an_order(buyer, 10, on=ago(3))
    for _ in range(210):
        a_customer(people.anna)
    refresh()
    before = [read(buyer).r_score for buyer in buyers]
    an_order(buyers[0], 1000, on=ago(1))
    refresh()
    assert before == [1, 1, 1]
    assert [read(buyer).r_score for buyer in buyers] == [4, 1, 1]
    assert [read(buyer).order_amount for buyer in buyers] == [1010, 10, 10]


def test_the_firms_own_cut_points_and_segments_are_used(people, customer):
    an_order(customer, 10, on=ago(20))
    everybody = {"key": "everybody", "label": "Everybody", "r": [1, 5], "f": [1, 5], "m": [1, 5]}
    with open_as(SYSTEM) as session:
        cuts = {"r": [5, 10, 15, 30], "f": [2, 3, 4, 5], "m": [5, 9, 20, 30]}
        put_setting(session, "rfm", {"cuts": cuts, "segments": [everybody]})
    refresh()
    found = read(customer)
    assert (found.r_score, found.f_score, found.m_score, found.segment) == (2, 1, 3, "everybody")
