import pytest

from crm.customers.commands import ContactDetails, CustomerDetails, add_customer, edit_customer, save_contact
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer as one
from crm.customers.queries import customer_list
from crm.errors import CrmError, Invalid, NotFound, Refused, Stale
from crm.session import get, history_of, open_as
from tests.factories import a_contact, a_customer, a_share


def edit(person, customer, version=1, **changes):
    names = CustomerDetails.model_fields
    with open_as(person.actor) as session:
        details = CustomerDetails(**{name: getattr(customer, name) for name in names} | changes)
        return edit_customer(session, customer.id, details, version)


def found(person, words):
    with open_as(person.actor) as session:
        return customer_list(session, CustomerFilter(search=words))["name"].tolist()


def test_it_works(people, customer):
    edit(people.anna, customer, name="Aurora Records", region="North", level="vip")
    with open_as(people.ben.actor) as session:
        now = one(session, customer.id)
        assert (now.name, now.region, now.level, now.version) == ("Aurora Records", "North", "vip", 2)
        change = history_of(session, now)[0]
    assert (change.actor_name, change.before, change.after) == (
        "Anna Lindqvist",
        {"name": "Aurora Music Ltd", "region": None, "level": None},
        {"name": "Aurora Records", "region": "North", "level": "vip"},
    )
    assert found(people.anna, "records") == ["Aurora Records"]
    assert found(people.anna, "music") == []


def test_refused_for_a_stranger_as_if_there_were_nothing(people, customer):
    with pytest.raises(NotFound):
        edit(people.chen, customer, name="Mine")


def test_refused_for_a_reader(people, customer):
    a_share(customer, user_id=people.chen.id)
    for reader in (people.amir, people.chen):
        with pytest.raises(Refused):
            edit(reader, customer, name="Mine")


def test_whoever_is_lent_the_customer_changes_him(people, customer):
    a_share(customer, user_id=people.chen.id, may_change=True)
    assert edit(people.chen, customer, region="North").region == "North"


def test_the_second_save_is_refused_and_shows_both(people, customer):
    edit(people.ben, customer, region="South")
    with pytest.raises(Stale) as refusal:
        edit(people.anna, customer, region="North", level="a")
    assert refusal.value.mine == {"region": "North", "level": "a"}
    assert refusal.value.theirs == {"region": "South", "level": None}
    assert refusal.value.by == "Ben Okafor"
    assert edit(people.anna, customer, version=2, region="North", level="a").version == 3


def test_saving_what_stands_there_already_disturbs_nobody(people, customer):
    edit(people.ben, customer, region="South")
    assert edit(people.anna, customer, region="South").version == 2


def test_of_two_open_sessions_the_second_is_told(people, customer):
    with pytest.raises(CrmError), open_as(people.anna.actor) as mine:
        get(mine, type(customer), customer.id)
        edit(people.ben, customer, region="South")
        edit_customer(mine, customer.id, CustomerDetails(name="Aurora Records"), 1)
    with open_as(people.anna.actor) as session:
        assert one(session, customer.id).region == "South"


def test_a_new_contact_does_not_make_an_open_form_old(people, customer):
    with open_as(people.ben.actor) as session:
        save_contact(session, customer.id, ContactDetails(name="Zhang Min", phone="555 123"))
    assert edit(people.anna, customer, region="North").region == "North"
    assert found(people.anna, "zhang") == ["Aurora Music Ltd"]


def test_an_edit_keeps_the_contacts_findable(people, customer):
    a_contact(customer, "Zhang Min")
    edit(people.anna, customer, region="North")
    assert found(people.anna, "zhang min") == ["Aurora Music Ltd"]


def test_without_a_code_the_old_one_stays(people, customer):
    assert edit(people.anna, customer, code=None, region="North").code == customer.code


def test_a_code_of_somebody_else_is_refused(people, customer):
    other = a_customer(people.chen)
    with pytest.raises(Invalid) as refusal:
        edit(people.anna, customer, code=other.code)
    assert refusal.value.field == "code"


def test_nobody_gives_himself_a_customer(people, customer):
    other = a_customer(people.chen)
    a_share(other, user_id=people.anna.id)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        record = one(session, other.id)
        record.owner_id, record.team_id = people.anna.id, people.anna.unit_id


def test_one_record_beyond_reach_stops_the_whole_flush(people, customer):
    """Several changes in one flush: each is judged by its own record."""
    other = a_customer(people.chen, name="Borealis")
    a_share(other, user_id=people.anna.id)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        one(session, customer.id).region = "North"
        one(session, other.id).region = "North"
        add_customer(session, CustomerDetails(name="Cascade"))
    with open_as(people.dana.actor) as session:
        assert customer_list(session, columns=("region",))["region"].isna().all()
        assert len(customer_list(session)) == 2
