import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.analytics.rfm import rfm_cuts
from crm.analytics.segments import DEFAULT_SEGMENTS, segments_to_dicts
from crm.customers.commands import create_group
from crm.customers.commands.groups import GroupDetails
from crm.customers.filters import CustomerFilter
from crm.customers.models import ScoreSnapshot
from crm.customers.queries import customer_ids
from crm.customers.scales import Scale
from crm.insight.queries.rfm import (
    never_bought,
    rfm_base,
    rfm_day,
    rfm_rows,
    rfm_scored,
    rfm_settings,
    segments_kept,
    snapshot_days,
)
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order

EVERYBODY = CustomerFilter()


@pytest.fixture
def three(people):
    """Aurora (500 in two orders, today), Bolt (5, and 2 back), Coral (another unit's)"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    found = [a_customer(people.anna, name="Aurora"), a_customer(people.anna, name="Bolt"), a_customer(people.chen, name="Coral")]
    an_order(found[0], 400, on=TODAY - dt.timedelta(100))
    an_order(found[0], 100, on=TODAY)
    an_order(found[1], 5.25, on=TODAY - dt.timedelta(50))
    an_order(found[2], 50, on=TODAY - dt.timedelta(10))
    return found


def base(person, day=TODAY, by_orders=False, where=EVERYBODY):
    with open_as(person.actor) as session:
        found = rfm_base(session, where, people_board(person), day, by_orders)
    return {int(key): tuple(row) for key, row in zip(found.index, found.itertuples(index=False), strict=True)}


def people_board(person):
    return person.board_id


def test_it_works(people, three):
    ids = [one.id for one in three]
    assert base(people.amir) == {ids[0]: (0, 2, 500.0), ids[1]: (50, 1, 5.25), ids[2]: (10, 1, 50.0)}
    assert base(people.amir, by_orders=True) == base(people.amir)


def test_strangers_and_the_never_buyers_are_not_in_it(people, three):
    a_customer(people.anna, name="Never")
    assert set(base(people.anna)) == {three[0].id, three[1].id}
    assert set(base(people.chen, by_orders=True)) == {three[2].id}
    assert base(people.emil) == {}
    with open_as(people.anna.actor) as session:
        assert never_bought(session, EVERYBODY, people.anna.board_id) == 1


def test_on_an_earlier_day_by_the_orders_up_to_it(people, three):
    earlier = TODAY - dt.timedelta(40)
    assert base(people.amir, earlier, True) == {three[0].id: (60, 1, 400.0), three[1].id: (10, 1, 5.25)}
    assert base(people.amir, TODAY - dt.timedelta(400), True) == {}


def test_of_a_group_alone(people, three):
    with open_as(people.amir.actor) as session:
        made = create_group(session, GroupDetails(name="One"), CustomerFilter(ids=(three[1].id,)))
    assert set(base(people.amir, where=CustomerFilter(group_id=(made.id,)))) == {three[1].id}
    assert set(base(people.amir, by_orders=True, where=CustomerFilter(group_id=(made.id,)))) == {three[1].id}


def test_every_customer_is_found_in_the_cell_where_the_chart_counts_him(people):
    """The chart is scored by pandas, the list by SQL: they agree for every cell."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    for number in range(30):
        customer = a_customer(people.anna)
        for order in range(1 + number % 4):
            an_order(customer, 7.3 * (1 + number % 7), on=TODAY - dt.timedelta(number * 9 + 20 * order))
    board = people.amir.board_id
    with open_as(people.amir.actor) as session:
        found = rfm_base(session, EVERYBODY, board, TODAY)
        scored = rfm_scored(found, DEFAULT_SEGMENTS)
        text = Scale.by(rfm_cuts(found)).written()
        for (r, f, m), rows in scored.groupby(["r", "f", "m"]):
            where = CustomerFilter(board_id=(board,), rfm=(f"{r}-{f}-{m}",), rfm_scale=text)
            assert customer_ids(session, where) == sorted(rows.index)
        for (r, f), rows in scored.groupby(["r", "f"]):
            assert customer_ids(session, CustomerFilter(rfm=(f"{r}-{f}",), rfm_scale=text)) == sorted(rows.index)


def test_the_rows_behind_the_chart(people, three):
    with open_as(people.amir.actor) as session:
        found = rfm_rows(
            session, EVERYBODY, people.amir.board_id, TODAY, False, None, segments_to_dicts(DEFAULT_SEGMENTS)
        ).set_index("name")
    assert found.loc["Aurora", ["recency_days", "frequency", "monetary"]].tolist() == [0, 2, 500.0]
    assert set(found["segment"]) <= {rule.key for rule in DEFAULT_SEGMENTS}


def test_the_day_is_today_or_that_of_the_newest_order(people, three):
    with open_as(people.amir.actor) as session:
        assert rfm_day(session, people.amir.board_id) == TODAY
    an_order(three[0], 1, on=TODAY + dt.timedelta(3))
    with open_as(people.amir.actor) as session:
        assert rfm_day(session, people.amir.board_id) == TODAY + dt.timedelta(3)


def test_the_scores_kept_on_a_day(people, three):
    day = TODAY - dt.timedelta(90)
    with open_as(SYSTEM) as session:
        for customer, segment in ((three[0], "loyal"), (three[1], None), (three[2], "lost")):
            kept = {"board_id": customer.board_id, "owner_id": customer.owner_id, "as_of": day, "life_cycle": "active"}
            session.add(ScoreSnapshot(customer_id=customer.id, segment=segment, **kept))
    with open_as(people.anna.actor) as session:
        assert snapshot_days(session, people.anna.board_id) == [day]
        assert segments_kept(session, EVERYBODY, people.anna.board_id, day)["segment"].to_dict() == {three[0].id: "loyal"}
    with open_as(people.emil.actor) as session:
        assert snapshot_days(session, people.anna.board_id) == []


def test_without_a_saved_scale_it_is_quintiles_and_the_usual_segments(people):
    with open_as(people.anna.actor) as session:
        assert rfm_settings(session) == {"cuts": None, "segments": segments_to_dicts(DEFAULT_SEGMENTS), "version": 0}
