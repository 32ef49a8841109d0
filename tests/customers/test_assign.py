import pytest
from pydantic import ValidationError
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.commands import Assignment, assign
from crm.customers.models import Order
from crm.customers.queries import customer as one
from crm.customers.queries import customer_list, owners
from crm.errors import Invalid, NotFound, Refused
from crm.session import get, open_as
from crm.staff.models import User, UserState
from tests.factories import a_customer, a_share, an_order


def give(person, ids, owner, reason="Closer to the customer"):
    with open_as(person.actor) as session:
        return assign(session, ids, Assignment(owner_id=owner.id, reason=reason))


def names(person):
    with open_as(person.actor) as session:
        return sorted(customer_list(session)["name"])


def test_it_works(people, customer):
    second = a_customer(people.anna, name="Borealis")
    assert give(people.dana, [customer.id, second.id], people.chen) == 2
    assert names(people.chen) == ["Aurora Music Ltd", "Borealis"]
    assert names(people.anna) == []
    with open_as(people.chen.actor) as session:
        past = owners(session, customer.id)
        assert one(session, customer.id).team_id == people.units["Sales West"]
    assert past[["owner", "unit", "reason"]].values.tolist() == [
        ["Chen Wei", "Sales West", "Closer to the customer"],
        ["Anna Lindqvist", "Sales East", "created"],
    ]
    assert past["ended_at"].isna().tolist() == [True, False]


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        give(people.bao, [a_customer(people.emil).id], people.anna)


def test_refused_for_a_rep_and_for_readers(people, customer):
    for person in (people.anna, people.amir, people.gia):
        with pytest.raises(Refused):
            give(person, [customer.id], people.ben)


def test_a_marketer_who_changes_nothing_cannot_move_a_customer_that_has_an_owner(people, customer):
    """The grant to assign is for leads; a customer stays with his owner."""
    with pytest.raises(Refused):
        give(people.mia, [customer.id], people.chen)


def test_a_lead_gives_away_what_is_his_teams_and_nothing_else(people, customer):
    a_share(other := a_customer(people.chen), user_id=people.ben.id)
    with pytest.raises(Refused):
        give(people.ben, [customer.id, other.id], people.anna)
    assert give(people.ben, [customer.id], people.chen) == 1
    assert names(people.ben) == [other.name]


def test_nothing_is_half_done(people, customer):
    with pytest.raises(NotFound):
        give(people.dana, [customer.id, 999], people.chen)
    assert names(people.anna) == ["Aurora Music Ltd"]


def test_to_his_owner_is_no_change(people, customer):
    assert give(people.dana, [customer.id], people.anna) == 0
    with open_as(people.dana.actor) as session:
        assert len(owners(session, customer.id)) == 1


def test_an_owner_must_be_here_and_keep_customers(people, customer):
    for unable in (people.ada, people.amir):
        with pytest.raises(Invalid) as refusal:
            give(people.dana, [customer.id], unable)
        assert refusal.value.field == "owner_id"
    with open_as(SYSTEM) as session:
        get(session, User, people.chen.id).state = UserState.FROZEN
    with pytest.raises(Invalid, match="not active"):
        give(people.dana, [customer.id], people.chen)


def test_across_boards_only_from_above_and_the_orders_follow(people, customer):
    an_order(customer, 50)
    with pytest.raises(Refused):
        give(people.dana, [customer.id], people.emil)
    assert give(people.eve, [customer.id], people.emil) == 1
    with open_as(people.emil.actor) as session:
        assert one(session, customer.id).board_id == people.units["Machinery"]
        assert set(session.scalars(select(Order.board_id))) == {people.units["Machinery"]}


def test_a_code_that_the_other_board_knows_stops_the_move(people):
    mine = a_customer(people.anna, code="K1")
    a_customer(people.emil, code="K1")
    with pytest.raises(Invalid) as refusal:
        give(people.eve, [mine.id], people.emil)
    assert refusal.value.field == "code"


def test_without_a_reason_nothing_moves(people):
    with pytest.raises(ValidationError):
        Assignment(owner_id=people.anna.id, reason=" ")
