import pytest

from crm.customers.commands import delete_customers
from crm.customers.models import name_key, phone_key
from crm.customers.queries import collisions
from crm.customers.queries.record import masked
from crm.session import open_as
from tests.factories import a_contact, a_customer, a_share


def ask(person, name="Nobody knows him", phone=None, email=None, **but):
    with open_as(person.actor) as session:
        found = collisions(session, name, phone, email, **but)
    return found.astype(object).where(found.notna(), None).to_dict("records")


def test_it_works(people, customer):
    assert ask(people.anna, "AURORA MUSIC") == [
        {
            "id": customer.id,
            "name": "Aurora Music Ltd",
            "owner": "Anna Lindqvist",
            "board": "Music",
            "because": "name",
            "in_pool": False,
        }
    ]
    assert ask(people.anna) == []


def test_of_a_strangers_customer_nothing_shows_but_a_mask_and_the_board(people, customer):
    assert ask(people.emil, "aurora music limited") == [
        {"id": None, "name": "A＊＊d", "owner": None, "board": "Music", "because": "name", "in_pool": False}
    ]
    assert ask(people.emil, phone="0215550 1234") == [
        {"id": None, "name": "A＊＊d", "owner": None, "board": "Music", "because": "phone", "in_pool": False}
    ]


def test_one_that_is_shared_with_me_is_no_secret(people, customer):
    a_share(customer, user_id=people.emil.id)
    assert ask(people.emil, "Aurora Music")[0]["owner"] == "Anna Lindqvist"


def test_telephone_e_mail_and_the_telephone_of_a_contact(people, customer):
    a_contact(customer, phone_key="13800138000")
    assert ask(people.anna, phone="+86 (21) 5550-1234")[0]["because"] == "phone"
    assert ask(people.anna, email="DESK@Aurora.example")[0]["id"] == customer.id
    assert ask(people.anna, phone="0086 138 0013 8000")[0]["because"] == "contact"
    assert ask(people.anna, phone="12") == []


def test_not_with_himself_and_not_with_the_deleted(people, customer):
    assert ask(people.anna, "Aurora Music", but=customer.id) == []
    with open_as(people.ben.actor) as session:
        delete_customers(session, [customer.id])
    assert ask(people.anna, "Aurora Music") == []


def test_a_name_of_signs_alone_is_compared_too(people):
    a_customer(people.anna, name="公司")
    assert ask(people.anna, "公司")[0]["name"] == "公司"
    assert ask(people.anna, "!!!") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "MÜLLER&SÖHNE"),
        ("上海精密机械有限公司", "上海精密机械 集团"),
        ("Ａｕｒｏｒａ　Ｌｔｄ", "aurora"),
        ("Company", "company"),
        ("Bovis Ltd.", "Bovis Inc"),
    ],
)
def test_the_same_firm_written_otherwise(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Coca", "Ca"), ("Sagres", "Gres"), ("Bovis", "Is"), ("上海", "上海机械")])
def test_part_of_a_word_is_no_legal_form(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86 (21) 5550-1234", "2155501234"),
        ("021 5550 1234", "2155501234"),
        ("0049 511 223344", "49511223344"),
        ("860000", "860000"),
        ("000000", None),
        ("12345", None),
        (None, None),
    ],
)
def test_a_telephone_is_its_last_eleven_digits(phone, key):
    assert phone_key(phone) == key


@pytest.mark.parametrize(
    ("name", "shown"), [("王小明", "王＊＊"), ("上海精密", "上＊＊密"), ("Li", "L＊＊"), ("Aurora", "A＊＊a")]
)
def test_a_mask_keeps_little(name, shown):
    assert masked(name) == shown
