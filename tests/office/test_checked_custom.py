import datetime as dt
from decimal import Decimal

import pytest

from crm.errors import Invalid
from crm.office.commands import checked_custom
from crm.office.fields import CustomFieldSpec
from crm.words import say, speaking

TEXT = CustomFieldSpec(1, "plate", "Plate", "车牌", "text")
NUMBER = CustomFieldSpec(2, "size", "Size", None, "number")
DATE = CustomFieldSpec(3, "since", "Since", None, "date")
CHOICE = CustomFieldSpec(4, "card", "Card", None, "choice", choices=("Gold", "银卡"))


@pytest.mark.parametrize(
    ("spec", "entered", "stored"),
    [
        (TEXT, "  B 123 ", "B 123"),
        (TEXT, 7, "7"),
        (NUMBER, "42.50", "42.5"),
        (NUMBER, 1e3, "1000"),
        (NUMBER, Decimal("-0.1"), "-0.1"),
        (NUMBER, 0, "0"),
        (DATE, dt.date(2025, 2, 28), "2025-02-28"),
        (DATE, dt.datetime(2025, 2, 28, 13, 5), "2025-02-28"),
        (DATE, "2025-02-28", "2025-02-28"),
        (CHOICE, "gold", "Gold"),
        (CHOICE, "银卡", "银卡"),
    ],
)
def test_a_value_becomes_what_is_stored(spec, entered, stored):
    assert checked_custom([spec], {spec.key: entered}) == {spec.key: stored}


@pytest.mark.parametrize(
    ("spec", "entered"),
    [
        (TEXT, "x" * 2001),
        (NUMBER, "forty"),
        (NUMBER, "NaN"),
        (NUMBER, float("inf")),
        (NUMBER, True),
        (NUMBER, "1,000"),
        (DATE, "28.02.2025"),
        (DATE, "2025-02-30"),
        (CHOICE, "Platinum"),
    ],
)
def test_a_wrong_value_is_refused_and_the_field_named(spec, entered):
    with pytest.raises(Invalid) as refusal:
        checked_custom([TEXT, NUMBER, DATE, CHOICE], {spec.key: entered})
    assert refusal.value.field == spec.key
    assert spec.label in str(refusal.value)


def test_the_refusal_names_the_field_in_the_readers_language():
    with pytest.raises(Invalid) as refusal:
        checked_custom([TEXT], {"plate": "x" * 2001})
    with speaking("zh"):
        assert "车牌" in say(refusal.value.template, **refusal.value.values)


def test_empty_values_are_left_out():
    assert checked_custom([TEXT, NUMBER, DATE, CHOICE], {"plate": " ", "size": None, "since": ""}) == {}


def test_a_required_field_must_be_there():
    required = CustomFieldSpec(5, "vat", "VAT number", None, "text", required=True)
    for values in ({}, {"vat": None}, {"vat": "  "}):
        with pytest.raises(Invalid) as refusal:
            checked_custom([required], values)
        assert refusal.value.field == "vat"


def test_an_unknown_key_is_refused():
    with pytest.raises(Invalid):
        checked_custom([TEXT], {"colour": "red"})
