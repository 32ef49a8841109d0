import pytest

from crm.errors import NotFound, Refused
from crm.office.commands import tag, tag_by_name, untag
from crm.office.queries import tags, tags_of
from crm.session import open_as
from tests.factories import a_customer


def test_it_works_for_many_at_once(people, customer, tagged):
    other, third = a_customer(people.anna), a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        assert tag(session, "customer", [customer.id, other.id, other.id], tagged) == 2
        assert tag(session, "customer", [customer.id, third.id], tagged) == 1
        assert tags(session)["records"].tolist() == [3]
        found = tags_of(session, "customer", [other.id, customer.id])
        assert found[["subject_id", "name"]].values.tolist() == [[customer.id, "Key account"], [other.id, "Key account"]]


def test_refused_for_a_stranger_and_then_for_all_of_them(people, customer, tagged):
    hers = a_customer(people.chen)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        tag(session, "customer", [hers.id, customer.id], tagged)
    with open_as(people.chen.actor) as session:
        assert tags_of(session, "customer", [hers.id]).empty


def test_refused_for_a_reader(people, customer, tagged):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        tag(session, "customer", [customer.id], tagged)


def test_counts_only_what_i_see(people, customer, tagged):
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
    with open_as(people.chen.actor) as session:
        assert tags(session)["records"].tolist() == [0]


def test_untag_takes_it_off_and_says_how_many(people, customer, tagged):
    other = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
        assert untag(session, "customer", [customer.id, other.id], tagged) == 1
        assert tags_of(session, "customer", [customer.id]).empty


def test_untag_is_refused_for_a_reader(people, customer, tagged):
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        untag(session, "customer", [customer.id], tagged)


def test_untag_finds_nothing_on_hidden_records(people, customer, tagged):
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
    with open_as(people.chen.actor) as session:
        assert untag(session, "customer", [customer.id], tagged) == 0
    with open_as(people.anna.actor) as session:
        assert len(tags_of(session, "customer", [customer.id])) == 1


def test_a_tag_typed_by_its_name_is_made_once(people, customer):
    other = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        assert tag_by_name(session, "customer", [customer.id], " Fair 2025 ") == 1
        assert tag_by_name(session, "customer", [customer.id, other.id], "fair 2025") == 1
        assert tags(session)[["name", "records"]].values.tolist() == [["Fair 2025", 2]]
