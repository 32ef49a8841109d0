import pytest

from crm.errors import Invalid, Refused, Stale
from crm.office.commands import CustomFieldInput, edit_custom_field
from crm.office.queries import custom_fields
from crm.session import open_as
from tests.factories import a_customer

NEW = CustomFieldInput(label="Size of shoe", kind="number", in_list=True)


def test_it_works_and_the_key_stays(people, shoe_size):
    with open_as(people.ada.actor) as session:
        edit_custom_field(session, shoe_size, NEW, 1)
        (spec,) = custom_fields(session, "customer")
        assert (spec.key, spec.label, spec.in_list, spec.version) == ("shoe_size", "Size of shoe", True, 2)


def test_refused_for_whoever_is_no_administrator(people, shoe_size):
    with pytest.raises(Refused), open_as(people.dana.actor) as session:
        edit_custom_field(session, shoe_size, NEW, 1)


def test_the_kind_changes_only_while_no_record_holds_a_value(people, shoe_size):
    with open_as(people.ada.actor) as session:
        edit_custom_field(session, shoe_size, CustomFieldInput(label="Shoe size", kind="text"), 1)
    a_customer(people.anna, custom={"shoe_size": "42"})
    a_customer(people.anna, custom={"other": "1"})
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        edit_custom_field(session, shoe_size, NEW, 2)
    assert refusal.value.values["count"] == 1


def test_a_second_save_is_refused(people, shoe_size):
    with open_as(people.ada.actor) as session:
        edit_custom_field(session, shoe_size, NEW, 1)
    with pytest.raises(Stale), open_as(people.ada.actor) as session:
        edit_custom_field(session, shoe_size, CustomFieldInput(label="Shoes", kind="number"), 1)
