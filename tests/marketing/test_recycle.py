import datetime as dt

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import Customer, Ownership
from crm.errors import Refused
from crm.marketing.commands import recycle
from crm.marketing.models import Lead
from crm.marketing.queries import pool_history, pool_list, pool_warnings
from crm.session import open_as
from tests.factories import a_customer, an_order
from tests.marketing.collecting import TODAY, a_lead, done, entry_of, now_of, rules, set_now

LONG_AGO = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def days(number):
    return dt.timedelta(number)


def old_customer(owner, **changes):
    """Nothing has happened with him since 2024."""
    customer = a_customer(owner, created_at=LONG_AGO, **changes)
    with open_as(SYSTEM) as session:
        interval = session.scalars(select(Ownership).where(Ownership.customer_id == customer.id)).one()
        customer_id, held = customer.id, {"owner_id": owner.id, "team_id": owner.unit_id, "by_id": owner.id}
        interval.ended_at = LONG_AGO
        session.add(Ownership(customer_id=customer_id, started_at=LONG_AGO, reason="long ago", **held))
    return customer


@pytest.fixture
def board(people):
    rules(people.units["Music"], recycles=True, warn_days=7, silence_other=180, silence_a=365, silence_vip=0, silence_leads=30)
    return people.units["Music"]


def run(board, day=TODAY, kept=(), ended=None, actor=SYSTEM, dry_run=False):
    with open_as(actor) as session:
        return recycle(session, board, day, set(kept), ended, dry_run=dry_run)


def told(found):
    return found[["name", "action"]].values.tolist()


def test_warned_first_and_gone_when_the_time_is_over(people, board):
    customer = old_customer(people.anna, name="Aurora")
    first = run(board)
    assert told(first) == [["Aurora", "warn"]] and first["due_on"].tolist() == [TODAY + days(7)]
    with open_as(people.anna.actor) as session:
        warning = pool_warnings(session, TODAY).iloc[0]
    assert (warning["name"], warning["owner"], warning["days"], warning["reason"]) == ("Aurora", "Anna Lindqvist", 7, "silent")
    assert told(run(board, TODAY + days(6))) == [["Aurora", "wait"]]
    assert now_of(Customer, customer.id).owner_id == people.anna.id
    last = run(board, TODAY + days(7))
    assert told(last) == [["Aurora", "recycle"]]
    assert now_of(Customer, customer.id).owner_id is None
    assert entry_of(customer).reason == "silent"
    with open_as(people.chen.actor) as session:
        assert pool_list(session)["name"].tolist() == ["Aurora"]
        event = pool_history(session, customer_id=customer.id).iloc[0]
    assert event["what"] == "recycled" and event["values"]["since"] == "2024-01-01"
    assert "Nothing happened with Aurora since 2024-01-01" in event["explanation"].format(**event["values"])
    with open_as(people.anna.actor) as session:
        assert pool_warnings(session, TODAY).empty, "settled"


def test_the_same_day_again_changes_nothing(people, board):
    old_customer(people.anna)
    run(board)
    assert run(board)["action"].tolist() == ["wait"]
    run(board, TODAY + days(7))
    assert run(board, TODAY + days(7)).empty


def test_a_dry_run_tells_and_writes_nothing(people, board):
    customer = old_customer(people.anna)
    run(board)
    assert run(board, TODAY + days(7), dry_run=True)["action"].tolist() == ["recycle"]
    assert now_of(Customer, customer.id).owner_id == people.anna.id and entry_of(customer) is None


def test_a_dry_run_is_possible_while_recycling_is_off(people):
    old_customer(people.anna)
    board = people.units["Music"]
    assert run(board, dry_run=True)["action"].tolist() == ["warn"]
    with pytest.raises(Refused, match="switched off"):
        run(board)


def test_a_running_contract_or_an_open_deal_keeps_a_customer(people, board):
    customer = old_customer(people.anna)
    run(board)
    assert run(board, TODAY + days(30), kept={customer.id}).empty
    assert now_of(Customer, customer.id).owner_id == people.anna.id
    with open_as(people.anna.actor) as session:
        assert pool_warnings(session, TODAY).empty


def test_work_after_the_warning_keeps_him_and_settles_it(people, board):
    customer = old_customer(people.anna)
    run(board)
    done(customer, people.anna, TODAY + days(3))
    assert run(board, TODAY + days(7)).empty
    with open_as(people.anna.actor) as session:
        assert pool_warnings(session, TODAY).empty
    assert run(board, TODAY + days(3 + 173))["action"].tolist() == ["warn"], "warned anew, seven days before"


@pytest.mark.parametrize(
    ("level", "silence"), [(None, 180), ("a", 365), ("b", 270), ("c", 180), ("d", 120)], ids=lambda value: str(value)
)
def test_silence_by_level(people, board, level, silence):
    customer = old_customer(people.anna, level=level)
    done(customer, people.anna, TODAY - days(silence - 8))
    assert run(board).empty, "a day before the warning"
    assert run(board, TODAY + days(1))["due_on"].tolist() == [TODAY + days(8)]


def test_a_level_without_days_never_goes(people, board):
    old_customer(people.anna, level="vip")
    assert run(board).empty


def test_an_order_and_a_new_owner_break_the_silence(people, board):
    bought, handed = old_customer(people.anna), old_customer(people.anna)
    an_order(bought, on=TODAY - days(10))
    with open_as(SYSTEM) as session:
        held = {"owner_id": people.anna.id, "team_id": handed.team_id, "by_id": 0, "reason": "handed over"}
        at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
        session.add(Ownership(customer_id=handed.id, started_at=at, **held))
    assert run(board).empty


def test_after_the_end_of_a_contract(people, board):
    customer, other = (old_customer(people.anna, level="vip") for _ in range(2))
    ended = {customer.id: TODAY - days(90), other.id: TODAY - days(50)}
    first = run(board, ended=ended)
    assert first[["id", "reason", "action"]].values.tolist() == [[customer.id, "contract_ended", "warn"]]
    run(board, TODAY + days(7), ended=ended)
    assert entry_of(customer).reason == "contract_ended" and entry_of(other) is None
    with open_as(people.ben.actor) as session:
        event = pool_history(session, customer_id=customer.id).iloc[0]
    assert "The last contract of" in event["explanation"]


def test_leads_go_by_their_own_days(people, board):
    at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    lead = a_lead(people.anna, name="Silent", created_at=at, assigned_at=at)
    a_lead(people.anna, name="Converted", created_at=at, assigned_at=at, state="converted")
    a_lead(None, people.anna, name="Nobody's", created_at=at)
    assert told(run(board)) == [["Silent", "warn"]]
    run(board, TODAY + days(7))
    found = now_of(Lead, lead.id)
    assert (found.state, found.owner_id) == ("collected", None)
    with open_as(people.ben.actor) as session:
        assert pool_history(session, lead_id=lead.id)["what"].tolist() == ["recycled"]


def test_without_a_warning_where_the_board_wants_none(people):
    board = people.units["Music"]
    rules(board, recycles=True, warn_days=0)
    old_customer(people.anna)
    assert run(board)["action"].tolist() == ["recycle"]


def test_by_who_leads_within_his_reach_and_by_nobody_else(people, board):
    old_customer(people.anna, name="Aurora")
    old_customer(people.chen, name="Cascade")
    old_customer(people.emil, name="Mine")
    assert told(run(board, actor=people.ben.actor)) == [["Aurora", "warn"]]
    for person in (people.anna, people.amir, people.mia):
        with pytest.raises(Refused):
            run(board, actor=person.actor)
    assert sorted(run(board)["name"]) == ["Aurora", "Cascade"], "another board is left alone"


def test_entries_of_what_has_an_owner_again_or_is_gone_are_closed(people, board):
    old_customer(people.anna)
    run(board)
    run(board, TODAY + days(7))
    with open_as(people.ben.actor) as session:
        (customer_id,) = session.scalars(select(Customer.id))
    set_now(now_of(Customer, customer_id), deleted_at=LONG_AGO)
    run(board, TODAY + days(8))
    with open_as(people.ben.actor) as session:
        assert pool_list(session).empty
        assert pool_history(session, customer_id=customer_id)["what"].tolist() == ["closed", "recycled"]
