import datetime as dt

import pytest

from crm.customers.commands import ContactDetails, remove_part, save_contact
from crm.customers.filters import CustomerFilter
from crm.customers.models import Contact
from crm.customers.queries import contacts, customer_list
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import history_of, open_as
from tests.factories import a_contact, a_customer


def save(person, customer, contact=None, version=1, **details):
    with open_as(person.actor) as session:
        values = ContactDetails(**{"name": "Zhang Min"} | details)
        return save_contact(session, customer.id, values, contact.id if contact else None, version if contact else 0)


def remove(person, contact):
    with open_as(person.actor) as session:
        remove_part(session, Contact, contact.id)


def found(person, words):
    with open_as(person.actor) as session:
        return customer_list(session, CustomerFilter(search=words))["name"].tolist()


def listed(person, customer):
    with open_as(person.actor) as session:
        return contacts(session, customer.id)


def test_it_works(people, customer):
    added = save(people.anna, customer, position="Buyer", phone="+86 138 0013 8000", birthday=dt.date(1980, 1, 2))
    save(people.anna, customer, added, position="Head of purchasing", phone="+86 138 0013 8000")
    rows = listed(people.ben, customer)
    assert rows[["name", "position", "phone"]].values.tolist() == [["Zhang Min", "Head of purchasing", "+86 138 0013 8000"]]
    assert found(people.anna, "zhang") == found(people.anna, "0013") == ["Aurora Music Ltd"]
    with open_as(people.ben.actor) as session:
        actions = [entry.action for entry in history_of(session, customer) if entry.record_type == "contact"]
    assert actions[0] == "change"


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        save(people.chen, customer)


def test_refused_for_a_reader(people, customer):
    contact = a_contact(customer)
    with pytest.raises(Refused):
        save(people.amir, customer)
    with pytest.raises(Refused):
        remove(people.amir, contact)


def test_the_second_save_is_refused_and_shows_both(people, customer):
    contact = a_contact(customer)
    save(people.ben, customer, contact, position="Buyer")
    with pytest.raises(Stale) as refusal:
        save(people.anna, customer, contact, position="Owner")
    assert (refusal.value.mine, refusal.value.theirs) == ({"position": "Owner"}, {"position": "Buyer"})


def test_one_is_the_main_contact(people, customer):
    first = save(people.anna, customer, is_main=True)
    save(people.anna, customer, name="Li Na", is_main=True)
    assert listed(people.anna, customer)[["name", "is_main"]].values.tolist() == [["Li Na", True], ["Zhang Min", False]]
    assert first.id in set(listed(people.anna, customer)["id"])


def test_nobody_reports_to_himself_however_far_round(people, customer):
    head = a_contact(customer, "Head")
    middle = a_contact(customer, "Middle", reports_to_id=head.id)
    foot = a_contact(customer, "Foot", reports_to_id=middle.id)
    for above in (head, middle, foot):
        with pytest.raises(Invalid) as refusal:
            save(people.anna, customer, head, name="Head", reports_to_id=above.id)
        assert refusal.value.field == "reports_to_id"


def test_reports_to_somebody_of_the_same_customer(people, customer):
    elsewhere = a_contact(a_customer(people.anna))
    with pytest.raises(Invalid, match="same customer"):
        save(people.anna, customer, reports_to_id=elsewhere.id)


def test_a_contact_who_leaves_is_no_longer_found_and_his_people_report_further_up(people, customer):
    head = a_contact(customer, "Head")
    middle = save(people.anna, customer, name="Middleton", reports_to_id=head.id)
    a_contact(customer, "Foot", reports_to_id=middle.id)
    assert found(people.anna, "middleton") == ["Aurora Music Ltd"]
    remove(people.anna, middle)
    rows = listed(people.anna, customer).set_index("name")
    assert rows["reports_to_id"].to_dict()["Foot"] == head.id
    assert found(people.anna, "middleton") == []
    assert found(people.anna, "head") == ["Aurora Music Ltd"]
