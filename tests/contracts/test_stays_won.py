"""A deal that became a contract is not opened again."""

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import delete_contract
from crm.contracts.models import ContractState
from crm.errors import Invalid, NotFound
from crm.pipeline.commands import Losing, Winning, lose, reopen, win
from crm.pipeline.queries import opportunity
from crm.session import open_as
from tests.factories import a_contract, an_opportunity


@pytest.fixture
def won(people, customer):
    deal = an_opportunity(people.anna, customer)
    with open_as(people.anna.actor) as session:
        win(session, deal.id, Winning(reason="service"))
    return deal


def open_again(person, deal):
    with open_as(person.actor) as session:
        return reopen(session, deal.id).state


def test_it_works_without_a_contract(people, won):
    assert open_again(people.anna, won) == "open"


@pytest.mark.parametrize("state", list(ContractState))
def test_refused_with_one_also_where_it_is_somebody_elses(people, customer, won, state):
    a_contract(people.emil, customer, opportunity_id=won.id, number="K-7", state=state)
    with pytest.raises(Invalid, match="became contract K-7 and stays won"):
        open_again(people.anna, won)
    with open_as(SYSTEM) as session:
        found = opportunity(session, won.id)
        assert (found.state, found.closed_on is not None) == ("won", True)


def test_a_deleted_draft_lets_it_go(people, customer, won):
    signed = a_contract(people.anna, customer, opportunity_id=won.id, state="draft")
    with open_as(people.anna.actor) as session:
        delete_contract(session, signed.id, signed.version)
    assert open_again(people.anna, won) == "open"


def test_other_changes_of_it_are_not_held_up(people, customer, won):
    a_contract(people.anna, customer, opportunity_id=won.id)
    with open_as(people.anna.actor) as session:
        opportunity(session, won.id).remark = "Seen"


def test_refused_for_a_stranger(people, won):
    with pytest.raises(NotFound):
        open_again(people.chen, won)


def test_a_lost_one_has_nothing_to_hold_it(people, customer):
    deal = an_opportunity(people.anna, customer)
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="price"))
    assert open_again(people.anna, deal) == "open"
