import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.commands import (
    CorporateDetails,
    CustomerDetails,
    RelationDetails,
    edit_customer,
    merge,
    merge_preview,
    relate,
    save_profile,
    set_interests,
)
from crm.customers.filters import CustomerFilter
from crm.customers.models import CustomerShare, Order, Relation
from crm.customers.queries import (
    contacts,
    customer_list,
    interests,
    merges,
    order_totals,
    orders_of,
    profile,
    relations,
    shares,
)
from crm.customers.queries import customer as one
from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import TagInput, add_tag, tag
from crm.office.queries import activities_of, tags_of
from crm.session import open_as
from tests.factories import a_contact, a_customer, a_product, a_share, an_activity, an_order


@pytest.fixture
def twin(people):
    """The same firm a second time, with what hangs on it"""
    twin = a_customer(people.anna, name="Aurora Music", region="North", phone="999 999", converted_on=dt.date(2020, 1, 1))
    an_order(twin, 30, on=dt.date(2026, 6, 1))
    a_contact(twin, "Zhang Min")
    an_activity(twin, people.anna, "Called the twin")
    return twin


def make_one(person, keep, other, *take):
    with open_as(person.actor) as session:
        return merge(session, keep.id, other.id, take)


def test_it_works(people, customer, twin, day):
    an_order(customer, 70, on=dt.date(2026, 6, 20))
    make_one(people.ben, customer, twin, "name")
    with open_as(people.anna.actor) as session:
        kept = one(session, customer.id)
        assert (kept.name, kept.region, kept.phone) == ("Aurora Music", "North", "021-5550 1234")
        assert (kept.order_count, kept.order_amount, kept.first_order_on) == (2, Decimal(100), dt.date(2026, 6, 1))
        assert (kept.stage, kept.converted_on, kept.life_cycle) == ("transacting", dt.date(2020, 1, 1), "active")
        assert orders_of(session, customer.id)["amount"].tolist() == [70.0, 30.0]
        assert contacts(session, customer.id)["name"].tolist() == ["Zhang Min"]
        assert activities_of(session, "customer", customer.id)["text"].tolist() == ["Called the twin"]
        assert customer_list(session, CustomerFilter(search="zhang"))["id"].tolist() == [customer.id]
        assert len(customer_list(session)) == 1
        assert merges(session, customer.id)["name"].tolist() == ["Aurora Music"]
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        one(session, twin.id)


def test_refused_for_a_stranger(people, customer, twin):
    for pair in ((customer, a_customer(people.emil)), (a_customer(people.emil), customer)):
        with pytest.raises(NotFound):
            make_one(people.ben, *pair)


def test_refused_for_a_rep_and_a_reader(people, customer, twin):
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            make_one(person, customer, twin)


def test_both_records_must_be_mine_to_change(people, customer):
    a_share(other := a_customer(people.chen), user_id=people.ben.id)
    for pair in ((customer, other), (other, customer)):
        with pytest.raises(Refused):
            make_one(people.ben, *pair)


def test_the_preview_says_what_will_happen_and_does_nothing(people, customer, twin):
    with open_as(people.ben.actor) as session:
        preview = merge_preview(session, customer.id, twin.id)
        fields = {field["field"]: (field["kept"], field["merged"], field["result"]) for field in preview["fields"]}
        assert fields["name"] == ("Aurora Music Ltd", "Aurora Music", "Aurora Music Ltd")
        assert fields["region"] == (None, "North", "North")
        assert "level" not in fields
        assert preview["moves"] == {"order": 1, "contact": 1, "activity": 1}
        assert len(customer_list(session)) == 2


def test_boards_stay_apart(people, customer):
    with pytest.raises(Invalid, match="different boards"):
        make_one(people.eve, customer, a_customer(people.emil))


def test_not_with_itself(people, customer):
    with pytest.raises(Invalid, match="two different"):
        make_one(people.ben, customer, customer)


def test_what_both_have_is_there_once(people, customer, twin):
    piano, third = a_product(name="Piano"), a_customer(people.anna, name="Cascade")
    with open_as(people.ben.actor) as session:
        vip = add_tag(session, TagInput(name="Key account")).id
        tag(session, "customer", [customer.id, twin.id], vip)
        for found in (customer, twin):
            set_interests(session, found.id, [piano.id])
            relate(session, found.id, RelationDetails(kind="supplier", other_id=third.id))
        relate(session, customer.id, RelationDetails(kind="partner", other_id=twin.id))
    for found in (customer, twin):
        a_share(found, user_id=people.chen.id)
    make_one(people.ben, customer, twin)
    with open_as(people.ben.actor) as session:
        assert tags_of(session, "customer", [customer.id])["name"].tolist() == ["Key account"]
        assert interests(session, customer.id)["name"].tolist() == ["Piano"]
        assert shares(session, customer.id)["with"].tolist() == ["Chen Wei"]
        supplier = relations(session, customer.id)
        assert supplier[supplier["kind"] == "supplier"]["to_name"].tolist() == ["Cascade"]
        ends = session.execute(select(Relation.customer_id, Relation.other_id))
        assert all(a != b for a, b in ends)


def test_the_extended_file_comes_along_where_there_is_none(people, customer, twin):
    with open_as(people.ben.actor) as session:
        save_profile(session, twin.id, CorporateDetails(employees=12))
    make_one(people.ben, customer, twin)
    with open_as(people.ben.actor) as session:
        assert profile(session, customer.id).employees == 12


def test_custom_fields_of_both_stay(people):
    keep, other = a_customer(people.anna, custom={"a": "1"}), a_customer(people.anna, custom={"a": "2", "b": "3"})
    make_one(people.ben, keep, other)
    with open_as(people.anna.actor) as session:
        assert one(session, keep.id).custom == {"a": "1", "b": "3"}


def test_no_order_is_lost_or_counted_twice(people, customer, twin, day):
    an_order(customer, 70)
    make_one(people.ben, customer, twin)
    with open_as(people.ben.actor) as session:
        assert order_totals(session)["orders"] == session.scalar(select(func.count(Order.id))) == 2
        assert sum(order_totals(session)["amounts"].values()) == 100
        assert session.scalar(select(func.count(CustomerShare.id))) == 0


def test_an_open_form_of_the_merged_record_finds_nothing(people, customer, twin):
    make_one(people.ben, customer, twin)
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        edit_customer(session, twin.id, CustomerDetails(name="Twin"), 1)
    with open_as(SYSTEM) as session:
        assert orders_of(session, twin.id).empty
