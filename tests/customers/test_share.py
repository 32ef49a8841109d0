import pytest

from crm.customers.commands import Assignment, Sharing, assign, share, stop_sharing
from crm.customers.queries import contacts, customer_list, orders_of, shares
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import a_contact, a_customer, a_share, an_order


def lend(person, customer, **to):
    with open_as(person.actor) as session:
        return share(session, customer.id, Sharing(**to))


def names(person):
    with open_as(person.actor) as session:
        return customer_list(session)["name"].tolist()


def test_it_works(people, customer):
    a_contact(customer, "Zhang Min")
    an_order(customer, 20)
    lend(people.anna, customer, user_id=people.chen.id, reason="Speaks Chinese")
    with open_as(people.chen.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Aurora Music Ltd"]
        assert contacts(session, customer.id)["name"].tolist() == ["Zhang Min"]
        assert orders_of(session, customer.id)["amount"].tolist() == [20.0]
    with open_as(people.anna.actor) as session:
        found = shares(session, customer.id)
    assert found[["with", "may_change", "reason"]].values.tolist() == [["Chen Wei", False, "Speaks Chinese"]]


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        lend(people.chen, customer, user_id=people.emil.id)


def test_refused_for_a_reader(people, customer):
    a_share(customer, user_id=people.chen.id)
    for reader in (people.amir, people.chen):
        with pytest.raises(Refused):
            lend(reader, customer, user_id=people.emil.id)


def test_with_a_unit_everybody_below_it_sees_him_and_those_who_lead_it(people, customer):
    lend(people.anna, customer, unit_id=people.units["Machinery"])
    assert names(people.emil) == ["Aurora Music Ltd"]
    assert names(people.chen) == []
    lend(people.anna, customer, unit_id=people.units["Sales West"])
    assert names(people.chen) == ["Aurora Music Ltd"]


def test_what_is_shared_with_the_group_is_shared_with_all_who_see_customers(people, customer):
    lend(people.anna, customer, unit_id=people.units["Group"])
    assert [names(person) for person in (people.chen, people.emil, people.gia)] == [["Aurora Music Ltd"]] * 3
    assert names(people.ada) == []


def test_a_director_sees_what_is_shared_with_a_unit_below_him(people):
    foreign = a_customer(people.emil, name="Borealis")
    lend(people.emil, foreign, unit_id=people.units["Sales East"])
    assert names(people.dana) == ["Borealis"]
    assert names(people.chen) == []


def test_sharing_again_changes_how_far(people, customer):
    lend(people.anna, customer, user_id=people.chen.id)
    lend(people.anna, customer, user_id=people.chen.id, may_change=True)
    with open_as(people.anna.actor) as session:
        assert shares(session, customer.id)["may_change"].tolist() == [True]


def test_it_ends_at_once(people, customer):
    lent = lend(people.anna, customer, user_id=people.chen.id)
    with open_as(people.anna.actor) as session:
        stop_sharing(session, lent.id)
        assert shares(session, customer.id).empty
    assert names(people.chen) == []


def test_who_may_only_read_does_not_end_it(people, customer):
    lent = a_share(customer, user_id=people.chen.id)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        stop_sharing(session, lent.id)


def test_a_former_owner_sees_nothing_more(people, customer):
    a_share(customer, user_id=people.emil.id)
    with open_as(people.dana.actor) as session:
        assign(session, [customer.id], Assignment(owner_id=people.chen.id, reason="Moved"))
    assert (names(people.anna), names(people.emil)) == ([], ["Aurora Music Ltd"])


@pytest.mark.parametrize("to", [{}, {"user_id": 1, "unit_id": 1}])
def test_with_one_person_or_one_unit(people, customer, to):
    with pytest.raises(Invalid, match="person or a unit"):
        lend(people.anna, customer, **to)


def test_the_owner_needs_no_share(people, customer):
    with pytest.raises(Invalid):
        lend(people.ben, customer, user_id=people.anna.id)


def test_with_somebody_who_exists(people, customer):
    with pytest.raises(NotFound):
        lend(people.anna, customer, user_id=999)
