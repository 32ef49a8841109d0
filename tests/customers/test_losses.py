import datetime as dt

import pytest

from crm.customers.commands import LossDetails, edit_loss, enter_loss, remove_part
from crm.customers.filters import CustomerFilter
from crm.customers.models import CustomerCompetitor, Loss
from crm.customers.queries import customer_list, losses, rivals
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order

BOUGHT, LOST = TODAY - dt.timedelta(400), TODAY - dt.timedelta(100)


@pytest.fixture
def buyer(day, customer):
    """anna's, who ordered once, 400 days ago"""
    an_order(customer, 500, on=BOUGHT)
    return customer


def details(**values):
    return LossDetails(**{"lost_on": LOST, "reason": "price", "direction": "competitor", "competitor": "Acme"} | values)


def enter(person, customer, **values):
    with open_as(person.actor) as session:
        return enter_loss(session, customer.id, details(**values))


def edit(person, loss, version=1, **values):
    with open_as(person.actor) as session:
        return edit_loss(session, loss.id, details(**values), version)


def known(person, customer, *columns):
    with open_as(person.actor) as session:
        return [[row[name] for name in columns] for row in losses(session, customer.id)]


def test_it_works(people, buyer):
    loss = enter(people.anna, buyer, remark="Ten percent cheaper")
    columns = ("lost_on", "reason", "direction", "competitor", "remark", "by", "back_on", "version")
    first = [LOST, "price", "competitor", "Acme", "Ten percent cheaper", "Anna Lindqvist", None, 1]
    assert known(people.amir, buyer, *columns) == [first]
    edit(people.ben, loss, reason="service", direction="nobody")
    ((reason, competitor, by, version),) = known(people.anna, buyer, "reason", "competitor", "by", "version")
    assert (reason, competitor, by, version) == ("service", None, "Anna Lindqvist", 2)


def test_refused_for_a_stranger(people, buyer):
    with pytest.raises(NotFound):
        enter(people.chen, buyer)
    loss = enter(people.anna, buyer)
    with pytest.raises(NotFound):
        edit(people.chen, loss, reason="service")
    assert known(people.chen, buyer, "reason") == []


def test_refused_for_a_reader(people, buyer):
    with pytest.raises(Refused):
        enter(people.amir, buyer)
    loss = enter(people.anna, buyer)
    with pytest.raises(Refused):
        edit(people.amir, loss, reason="service")
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_part(session, Loss, loss.id)
    assert known(people.anna, buyer, "reason") == [["price"]]


def test_not_before_his_first_order(people, buyer):
    with pytest.raises(Invalid, match="cannot be lost before"):
        enter(people.anna, buyer, lost_on=BOUGHT - dt.timedelta(1))
    enter(people.anna, buyer, lost_on=BOUGHT)


def test_not_in_the_future(people, buyer):
    with pytest.raises(Invalid, match="enter a loss when it has happened"):
        enter(people.anna, buyer, lost_on=TODAY + dt.timedelta(1))
    enter(people.anna, buyer, lost_on=TODAY)


def test_only_who_has_ordered_can_be_lost(people, day):
    with pytest.raises(Invalid, match="has never ordered"):
        enter(people.anna, a_customer(people.anna))


def test_a_competitor_has_a_name(people, buyer):
    with pytest.raises(Invalid, match="Name the competitor"):
        enter(people.anna, buyer, competitor=None)


def test_not_twice_open(people, buyer):
    first = enter(people.anna, buyer)
    for lost_on in (LOST - dt.timedelta(9), LOST, TODAY):
        with pytest.raises(Invalid, match="change that entry"):
            enter(people.ben, buyer, lost_on=lost_on)
    edit(people.anna, first, won_back_on=TODAY - dt.timedelta(5))
    enter(people.anna, buyer, lost_on=TODAY, reason="closed")
    assert known(people.anna, buyer, "reason") == [["closed"], ["price"]]


def test_a_loss_of_long_ago_may_stand_before_another(people, buyer):
    enter(people.anna, buyer, lost_on=TODAY)
    enter(people.anna, buyer, lost_on=LOST, won_back_on=TODAY)
    with pytest.raises(Invalid, match="change that entry"):
        enter(people.anna, buyer, lost_on=LOST + dt.timedelta(3), won_back_on=LOST + dt.timedelta(5))


def test_a_later_order_wins_him_back(people, buyer):
    enter(people.anna, buyer)
    back = TODAY - dt.timedelta(30)
    an_order(buyer, -5, on=LOST + dt.timedelta(1))
    an_order(buyer, 80, on=back)
    an_order(buyer, 80, on=TODAY)
    assert known(people.anna, buyer, "won_back_on", "back_on", "back_by") == [[None, back, "order"]]
    enter(people.anna, buyer, lost_on=TODAY, reason="closed")


def test_won_back_as_entered_until_an_order_says_so_earlier(people, buyer):
    loss = enter(people.anna, buyer)
    promised = TODAY - dt.timedelta(10)
    edit(people.anna, loss, won_back_on=promised)
    assert known(people.anna, buyer, "back_on", "back_by") == [[promised, "entered"]]
    an_order(buyer, 80, on=TODAY)
    assert known(people.anna, buyer, "back_on", "back_by") == [[promised, "entered"]]
    an_order(buyer, 80, on=promised - dt.timedelta(10))
    assert known(people.anna, buyer, "back_on", "back_by") == [[promised - dt.timedelta(10), "order"]]


@pytest.mark.parametrize("wrong", [LOST, LOST - dt.timedelta(1), TODAY + dt.timedelta(1)])
def test_won_back_after_the_loss_and_not_in_the_future(people, buyer, wrong):
    with pytest.raises(Invalid, match="won back after he was lost"):
        enter(people.anna, buyer, won_back_on=wrong)


def test_the_second_save_is_refused(people, buyer):
    loss = enter(people.anna, buyer)
    edit(people.ben, loss, reason="service")
    with pytest.raises(Stale):
        edit(people.anna, loss, reason="product")


def test_taken_away(people, buyer):
    loss = enter(people.anna, buyer)
    with open_as(people.anna.actor) as session:
        remove_part(session, Loss, loss.id)
    assert known(people.anna, buyer, "reason") == []
    enter(people.anna, buyer)


def test_known_competitors_are_suggested_first(people, buyer):
    other = a_customer(people.ben)
    an_order(other, 10, on=BOUGHT)
    enter(people.ben, other, competitor="Zenith")
    with open_as(people.anna.actor) as session:
        session.add(CustomerCompetitor(customer_id=buyer.id, name="Own rival"))
    with open_as(people.ben.actor) as session:
        assert rivals(session, buyer.id) == ["Own rival", "Zenith"]
    with open_as(people.anna.actor) as session:
        assert rivals(session, buyer.id) == ["Own rival"]


def test_customers_are_found_by_what_was_entered(people, buyer):
    others = [a_customer(people.anna, name=name) for name in ("Came back", "Not asked")]
    for other in others:
        an_order(other, 10, on=BOUGHT)
    enter(people.anna, buyer)
    enter(people.anna, others[0], reason="service", direction="nobody")
    an_order(others[0], 10, on=TODAY)

    def found(**where):
        with open_as(people.anna.actor) as session:
            return sorted(customer_list(session, CustomerFilter(**where))["name"])

    assert found(loss_reason=("price", "service")) == ["Aurora Music Ltd"]
    assert found(loss_direction=("competitor",)) == ["Aurora Music Ltd"]
    assert found(loss_direction=("nobody",)) == []
    assert found(loss_reason=("",)) == ["Came back", "Not asked"]
    assert found(loss_reason=("", "price")) == ["Aurora Music Ltd", "Came back", "Not asked"]
