from threading import Barrier, Thread

import pytest
from pydantic import ValidationError

from crm.customers.commands import CustomerDetails, add_customer
from crm.customers.queries import customer_list, followed_by, owners
from crm.errors import CrmError, Invalid, NotFound, Refused
from crm.office.commands import CustomFieldInput, add_custom_field
from crm.session import history_of, open_as
from tests.factories import a_contact, a_customer


def add(person, name="Borealis GmbH", *, owner_id=None, knowing=False, **details):
    with open_as(person.actor) as session:
        return add_customer(session, CustomerDetails(name=name, **details), owner_id=owner_id, knowing=knowing)


def test_it_works(people):
    added = add(people.anna, "  Borealis GmbH ", phone="0511 22 33 44", level="a")
    assert (added.name, added.code, added.stage) == ("Borealis GmbH", "C000001", "potential")
    with open_as(people.ben.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Borealis GmbH"]
        assert followed_by(session, added.id)["owner"] == "Anna Lindqvist"
        assert owners(session, added.id)[["owner", "unit", "reason"]].values.tolist() == [
            ["Anna Lindqvist", "Sales East", "created"]
        ]
        assert "create" in [entry.action for entry in history_of(session, added)]


def test_refused_for_a_reader(people):
    for reader in (people.amir, people.gia):
        with pytest.raises(Refused):
            add(reader)


def test_a_lead_adds_for_his_people_and_nobody_for_others(people):
    assert add(people.ben, "Cascade", owner_id=people.anna.id).team_id == people.units["Sales East"]
    with pytest.raises(Refused):
        add(people.ben, owner_id=people.chen.id)
    with pytest.raises(Refused):
        add(people.anna, owner_id=people.ben.id)


def test_somebody_of_the_group_belongs_to_no_board(people):
    with pytest.raises(Invalid) as refusal:
        add(people.eve)
    assert refusal.value.field == "owner_id"


def test_somebody_follows_this_customer_already(people):
    a_customer(people.emil, name="Borealis 有限公司")
    with pytest.raises(Invalid) as refusal:
        add(people.anna, "BOREALIS, Ltd.")
    assert "Machinery" in str(refusal.value)
    assert "Borealis" not in str(refusal.value)
    assert add(people.anna, "BOREALIS, Ltd.", knowing=True).id


def test_the_telephone_of_a_contact_gives_a_customer_away(people, customer):
    a_contact(customer, phone="+86 138 0013 8000", phone_key="13800138000")
    with pytest.raises(Invalid, match="Aurora Music Ltd"):
        add(people.anna, "Somebody else", phone="138-0013-8000")


def test_a_code_is_given_once_in_a_board(people):
    add(people.anna, code="K1")
    with pytest.raises(Invalid) as refusal:
        add(people.chen, "Cascade", code="K1")
    assert refusal.value.field == "code"
    assert add(people.emil, "Delta", code="K1").code == "K1"


def test_a_code_that_somebody_typed_is_not_in_the_way_of_the_next_number(people):
    add(people.anna, "Borealis", code="C000002")
    assert add(people.anna, "Cascade").code == "C000003"
    assert add(people.chen, "Delta").code not in ("C000002", "C000003")


def test_two_in_one_go_have_two_codes(people):
    with open_as(people.anna.actor) as session:
        codes = [add_customer(session, CustomerDetails(name=name)).code for name in ("Borealis", "Cascade")]
    assert len(set(codes)) == 2


def test_people_who_add_at_the_same_moment_get_different_codes(people):
    start, done, failed = Barrier(4), [], []

    def adds(person, number):
        start.wait()
        for part in range(3):
            try:
                done.append(add(person, f"Firm {number} {part}x{'abcd'[number]}", knowing=True).code)
            except CrmError as error:
                failed.append(str(error))

    workers = [Thread(target=adds, args=(person, number)) for number, person in enumerate([people.anna, people.chen] * 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert len(set(done)) == 12


def test_custom_fields_are_checked(people):
    with open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number"))
    assert add(people.anna, custom={"shoe_size": "42.0"}).custom == {"shoe_size": "42"}
    with pytest.raises(Invalid) as refusal:
        add(people.anna, "Cascade", custom={"shoe_size": "large"})
    assert refusal.value.field == "shoe_size"
    with pytest.raises(Invalid):
        add(people.anna, "Delta", custom={"hat": "red"})


@pytest.mark.parametrize("wrong", [{"name": "  "}, {"email": "nobody"}, {"email": "a b@c.example"}, {"level": "z"}, {"nme": "x"}])
def test_what_makes_no_sense_is_no_customer(wrong):
    with pytest.raises(ValidationError):
        CustomerDetails(**{"name": "Borealis"} | wrong)


def test_an_owner_who_does_not_exist(people):
    with pytest.raises(NotFound):
        add(people.ben, owner_id=999)
