import pytest

from crm.errors import Refused
from crm.office.commands import TagInput, add_tag, remove_tag, tag
from crm.office.queries import tags, tags_of
from crm.session import open_as


def test_the_administrator_learns_how_many_carried_it_without_seeing_one(people, customer, tagged):
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
    with open_as(people.ada.actor) as session:
        assert tags(session)["records"].tolist() == [0]
        assert remove_tag(session, tagged) == 1
    with open_as(people.anna.actor) as session:
        assert tags_of(session, "customer", [customer.id]).empty


def test_added_again_it_is_back_where_it_was(people, customer, tagged):
    with open_as(people.anna.actor) as session:
        tag(session, "customer", [customer.id], tagged)
    with open_as(people.ada.actor) as session:
        remove_tag(session, tagged)
        add_tag(session, TagInput(name="Key account"))
    with open_as(people.anna.actor) as session:
        assert tags_of(session, "customer", [customer.id])["name"].tolist() == ["Key account"]


def test_refused_for_a_reader(people, tagged):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_tag(session, tagged)
