import pytest

from crm.errors import Invalid, Refused
from crm.office.commands import CustomFieldInput, add_custom_field, remove_custom_field
from crm.office.queries import custom_fields
from crm.session import open_as
from crm.words import speaking


def keys_of(people, *labels: str) -> list[str]:
    with open_as(people.ada.actor) as session:
        for label in labels:
            add_custom_field(session, "customer", CustomFieldInput(label=label))
        return [spec.key for spec in custom_fields(session, "customer")]


def test_it_works(people):
    with open_as(people.ada.actor) as session:
        choices = "gold\n\nsilver\ngold"
        field = CustomFieldInput(label="Card", label_zh="会员卡", kind="choice", choices=choices, required=True, position=2)
        add_custom_field(session, "customer", field)
        add_custom_field(session, "customer", CustomFieldInput(label="Fleet size", kind="number", position=1))
    with open_as(people.anna.actor) as session:
        first, second = custom_fields(session, "customer")
        assert (first.key, first.kind) == ("fleet_size", "number")
        assert (second.key, second.choices, second.required) == ("card", ("gold", "silver"), True)
        with speaking("zh"):
            assert (str(first), str(second)) == ("Fleet size", "会员卡")


@pytest.mark.parametrize("name", ["anna", "dana", "amir"])
def test_refused_for_whoever_is_no_administrator(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Fleet size"))


def test_the_key_is_made_from_the_label(people):
    assert keys_of(people, "Größe (cm)", "Größe (cm)", "车牌", "2nd phone", "Phone") == [
        "groe_cm",
        "groe_cm_2",
        "field",
        "field_2nd_phone",
        "phone_2",
    ]


@pytest.mark.parametrize("key", ["Card", "2card", "card-2", "name", "order_amount"])
def test_a_key_must_be_plain_and_free(people, key):
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Card", key=key))
    assert refusal.value.field == "key"


def test_a_key_is_given_once(people, shoe_size):
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Size", key="shoe_size"))


def test_a_choice_needs_its_choices(people):
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Card", kind="choice"))


def test_a_removed_field_comes_back_if_it_is_of_the_same_kind(people, shoe_size):
    with open_as(people.ada.actor) as session:
        remove_custom_field(session, shoe_size)
        assert add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="date")).key == "shoe_size_2"
        assert add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number")).id == shoe_size
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        remove_custom_field(session, shoe_size)
        add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="text", key="shoe_size"))
