import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import ContactDetails, refresh_base, save_contact
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_ids, customer_list, customer_totals, export_rows, regions_and_industries
from crm.customers.queries.listing import COLUMNS
from crm.office.commands import CustomFieldInput, TagInput, add_custom_field, add_tag, tag
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_order


def names(person, *, sort="name", descending=False, page=1, size=50, **where):
    with open_as(person.actor) as session:
        found = customer_list(session, CustomerFilter(**where), sort, descending, page, size)
    return found["name"].tolist()


@pytest.fixture
def three(people):
    """Big (500, north, vip), Small (5, south), Never (no order)"""
    found = {
        "big": a_customer(people.anna, name="Big", region="North", level="vip", source="referral", code="K-1"),
        "small": a_customer(people.anna, name="Small", region="South", kind="retail", industry="Trade"),
        "never": a_customer(people.anna, name="Never"),
    }
    an_order(found["big"], 400, on=dt.date(2026, 1, 1))
    an_order(found["big"], 100, on=dt.date(2026, 6, 1))
    an_order(found["small"], 5, on=dt.date(2026, 6, 30))
    return found


def test_it_works(people, three):
    with open_as(people.ben.actor) as session:
        found = customer_list(session)
        totals = customer_totals(session)
        every = customer_list(session, columns=tuple(COLUMNS)[1:], sort="name", descending=False)
    assert found["name"].tolist() == ["Small", "Big", "Never"]
    assert found["order_amount"].tolist() == [5.0, 500.0, 0.0]
    assert found["owner"].tolist() == ["Anna Lindqvist"] * 3
    assert totals == {"customers": 3, "orders": 3, "amounts": {"CNY": 505.0}}
    assert every.iloc[0][["unit", "board", "currency"]].tolist() == ["Sales East", "Music", "CNY"]


def test_strangers_rows_are_hidden_in_rows_counts_and_ids(people, three):
    a_customer(people.chen, name="Foreign")
    with open_as(people.chen.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Foreign"]
        assert customer_totals(session)["customers"] == len(customer_ids(session, CustomerFilter())) == 1
        assert len(export_rows(session, CustomerFilter(), ("name",))) == 1
        assert regions_and_industries(session) == {"region": [], "industry": []}
        assert customer_list(session, CustomerFilter(ids=(three["big"].id,))).empty
    assert names(people.ada) == []
    assert names(people.dana) == names(people.amir) == ["Big", "Foreign", "Never", "Small"]


def test_sorted_both_ways_the_empty_ones_last(people, three):
    assert names(people.anna, sort="last_order_on", descending=True) == ["Small", "Big", "Never"]
    assert names(people.anna, sort="last_order_on") == ["Big", "Small", "Never"]
    assert names(people.anna, sort="order_amount", descending=True)[0] == "Big"
    assert names(people.anna, sort="level") == ["Big", "Small", "Never"]
    assert names(people.anna, sort="nonsense", descending=True) == ["Small", "Big", "Never"]


def test_page_after_page_every_row_once(people):
    for number in range(7):
        a_customer(people.anna, name=f"Firm {number}", region="North")
    pages = [names(people.anna, sort="region", page=page, size=3) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(name for page in pages for name in page) == [f"Firm {number}" for number in range(7)]


NARROWED = (
    ({"kind": ("retail",)}, ["Small"]),
    ({"stage": ("potential",)}, ["Never"]),
    ({"level": ("vip", "a")}, ["Big"]),
    ({"level": ("",)}, ["Never", "Small"]),
    ({"level": ("", "vip")}, ["Big", "Never", "Small"]),
    ({"region": ("North", "South")}, ["Big", "Small"]),
    ({"source": ("referral",), "region": ("South",)}, []),
    ({"industry": ("Trade",)}, ["Small"]),
    ({"class_id": (0,)}, ["Big", "Never", "Small"]),
    ({"amount_from": Decimal(5)}, ["Big", "Small"]),
    ({"amount_from": Decimal("5.01")}, ["Big"]),
    ({"amount_to": Decimal(5)}, ["Never", "Small"]),
    ({"orders_from": 1, "orders_to": 1}, ["Small"]),
    ({"last_order_from": dt.date(2026, 6, 1)}, ["Big", "Small"]),
    ({"last_order_to": dt.date(2026, 6, 1)}, ["Big"]),
    ({"first_order_from": dt.date(2026, 1, 2)}, ["Small"]),
    ({"first_order_to": dt.date(2026, 1, 1)}, ["Big"]),
    ({"created_from": dt.date(2000, 1, 1)}, ["Big", "Never", "Small"]),
    ({"created_to": dt.date(2000, 1, 1)}, []),
)


def test_narrowed(people, three):
    for where, expected in NARROWED:
        assert (where, names(people.anna, **where)) == (where, expected)


def test_created_today_ends_with_the_day(people):
    a_customer(people.anna, name="Late", created_at=dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC))
    a_customer(people.anna, name="Next", created_at=dt.datetime(2026, 3, 2, 0, 0, tzinfo=dt.UTC))
    day = dt.date(2026, 3, 1)
    assert names(people.anna, created_from=day, created_to=day) == ["Late"]


def test_by_owner_unit_and_board(people, three):
    a_customer(people.chen, name="Foreign")
    assert names(people.dana, owner_id=(people.chen.id,)) == ["Foreign"]
    assert names(people.dana, team_id=(people.units["Sales East"],)) == ["Big", "Never", "Small"]
    assert names(people.eve, board_id=(people.units["Machinery"],)) == []


def test_by_tag(people, three):
    with open_as(people.anna.actor) as session:
        gold = add_tag(session, TagInput(name="Gold")).id
        tag(session, "customer", [three["big"].id], gold)
    assert names(people.anna, tag_id=(gold,)) == ["Big"]


def test_by_what_the_refresh_found(people, three):
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)
    assert names(people.anna, life_cycle=("active",)) == ["Big", "Small"]
    assert names(people.anna, segment=("",)) == ["Never"]


def test_by_custom_field_and_shown_as_a_column(people):
    with open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Contract form", kind="text"))
    a_customer(people.anna, name="A", custom={"contract_form": "École"})
    a_customer(people.anna, name="B", custom={"contract_form": "Single"})
    a_customer(people.anna, name="C")
    assert names(people.anna, custom=(("contract_form", "single"),)) == ["B"]
    assert names(people.anna, custom=(("contract_form", "École"),)) == ["A"]
    with open_as(people.anna.actor) as session:
        rows = customer_list(session, columns=("name", "custom:contract_form"), sort="name", descending=False)
    assert rows["custom:contract_form"].fillna("").tolist() == ["École", "Single", ""]


def test_the_file_holds_what_the_list_shows(people, three):
    with open_as(people.amir.actor) as session:
        rows = export_rows(session, CustomerFilter(region=("North",)), ("name", "owner", "order_amount"))
    assert rows.drop(columns="id").values.tolist() == [["Big", "Anna Lindqvist", 500.0]]


# ------------------------------------------------------------------------------------------------------- search


@pytest.fixture
def searched(people):
    reached = {"phone": "021-5550 1234", "email": "Info@Bright.example"}
    bright = a_customer(people.anna, name="上海明亮精密机械有限公司", code="C-77", **reached)
    a_customer(people.anna, name="Ärzte & Söhne 100% OK_now")
    other = a_customer(people.anna, name="Nordic Tools")
    a_share(other, user_id=people.chen.id)
    with open_as(people.anna.actor) as session:
        save_contact(session, bright.id, ContactDetails(name="欧阳娜娜"))


BRIGHT, DOCTORS, NORDIC = "上海明亮精密机械有限公司", "Ärzte & Söhne 100% OK_now", "Nordic Tools"


SEARCHED = (
    ("明", [BRIGHT]),
    ("明亮", [BRIGHT]),
    ("精密机", [BRIGHT]),
    ("明亮精密机械", [BRIGHT]),
    ("亮明", []),
    ("娜娜", [BRIGHT]),
    ("欧阳娜", [BRIGHT]),
    ("n", [NORDIC, DOCTORS, BRIGHT]),
    ("no", [NORDIC, DOCTORS]),
    ("nor", [NORDIC]),
    ("NORDIC tool", [NORDIC]),
    ("tools nordic", [NORDIC]),
    ("nordic 明亮", []),
    ("c-77", [BRIGHT]),
    ("5550", [BRIGHT]),
    ("bright.example", [BRIGHT]),
    ("ÄR", [DOCTORS]),
    ("ärzte", [DOCTORS]),
    ("%", [DOCTORS]),
    ("100%", [DOCTORS]),
    ("k_n", [DOCTORS]),
    ("_", [DOCTORS]),
    ('"', []),
    ('a"b', []),
    ("nor*", []),
    ("' OR 1=1", []),
)


def test_found_by_a_few_letters(people, searched):
    for words, expected in SEARCHED:
        assert (words, sorted(names(people.anna, search=words))) == (words, sorted(expected))


def test_a_search_finds_nothing_that_is_not_mine(people, searched):
    assert names(people.chen, search="o") == [NORDIC]
    assert names(people.chen, search="明亮精密") == []
