import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import ContactDetails, refresh_base, save_contact
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_ids, customer_list, customer_totals, export_rows, regions_and_industries
from crm.customers.queries.listing import COLUMNS, SCORES
from crm.office.commands import CustomFieldInput, DemoDay, TagInput, add_custom_field, add_tag, set_demo_today, tag
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_order
from tests.scored import a_run, a_score


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


# ------------------------------------------------------------------------------------------------------- scores


@pytest.fixture
def scored(people, three):
    """Big at risk, Small nearly gone; Never has no score, nor has Foreign, whom chen alone sees."""
    run = a_run(people.anna.board_id)
    a_score(three["big"], run, p_alive=0.8, value_at_risk=Decimal(75), lifetime_value=Decimal(300))
    gone = {"p_alive": 0.1, "value_at_risk": Decimal(900), "lifetime_value": Decimal(100), "expected_orders": 0.2}
    a_score(three["small"], run, **gone, next_order_from=None, next_order_until=None)
    a_customer(people.chen, name="Foreign")
    return three


def test_scores_stand_in_the_list_where_they_are_known(people, scored):
    with open_as(people.ben.actor) as session:
        rows = customer_list(session, columns=("name", *SCORES), sort="name", descending=False).set_index("name")
    assert rows.loc["Big", ["p_alive", "expected_orders", "lifetime_value", "value_at_risk"]].tolist() == [80.0, 2.0, 300.0, 75.0]
    assert rows.loc["Big", "next_order_from"] == TODAY + dt.timedelta(10)
    assert rows.loc["Never", list(SCORES)].isna().all()


def test_sorted_by_scores_who_has_none_comes_last(people, scored):
    assert names(people.anna, sort="value_at_risk", descending=True) == ["Small", "Big", "Never"]
    assert names(people.anna, sort="value_at_risk") == ["Big", "Small", "Never"]
    assert names(people.dana, sort="lifetime_value", descending=True)[:2] == ["Big", "Small"]
    assert set(names(people.dana, sort="lifetime_value", descending=True)[2:]) == {"Never", "Foreign"}
    assert names(people.anna, sort="next_order_until") == ["Big", "Small", "Never"]
    assert names(people.chen, sort="p_alive", descending=True) == ["Foreign"]


def test_pages_in_the_order_of_a_score_hold_every_customer_once(people, scored):
    for size in (1, 2, 3):
        for person in (people.anna, people.dana):
            pages = [names(person, sort="value_at_risk", descending=True, page=page, size=size) for page in range(1, 6)]
            together = [name for page in pages for name in page]
            assert together[:2] == ["Small", "Big"]
            assert sorted(together[2:]) == (["Never"] if person is people.anna else ["Foreign", "Never"])


def test_a_filter_narrows_the_order_of_a_score_too(people, scored):
    assert names(people.anna, sort="value_at_risk", descending=True, region=("North",)) == ["Big"]
    assert names(people.anna, sort="value_at_risk", descending=True, stage=("potential",)) == ["Never"]


BY_SCORES = (
    ({"p_alive_from": 0.8}, ["Big"]),
    ({"p_alive_to": 0.5}, ["Small"]),
    ({"p_alive_from": 0.1, "p_alive_to": 0.8}, ["Big", "Small"]),
    ({"value_from": Decimal(101)}, ["Big"]),
    ({"value_to": Decimal(100)}, ["Small"]),
    ({"risk_from": Decimal(900)}, ["Small"]),
    ({"risk_to": Decimal("899.99")}, ["Big"]),
    ({"next_order_from": TODAY + dt.timedelta(40)}, ["Big"]),
    ({"next_order_from": TODAY + dt.timedelta(41)}, []),
    ({"next_order_to": TODAY + dt.timedelta(10)}, ["Big"]),
    ({"next_order_to": TODAY + dt.timedelta(9)}, []),
    ({"risk_from": Decimal(0), "region": ("South",)}, ["Small"]),
)


def test_narrowed_by_scores(people, scored):
    for where, expected in BY_SCORES:
        assert (where, names(people.anna, **where)) == (where, expected)
        with open_as(people.anna.actor) as session:
            assert customer_totals(session, CustomerFilter(**where))["customers"] == len(expected)
            assert len(customer_ids(session, CustomerFilter(**where))) == len(expected)
    assert names(people.chen, p_alive_from=0.0) == []


def test_orders_of_twelve_months_one_by_one(people, three):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    for day in (dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2026, 7, 1)):
        an_order(three["small"], 5, on=day)
    an_order(three["big"], -100, on=dt.date(2026, 6, 2))
    with open_as(people.ben.actor) as session:
        rows = customer_list(session, columns=("name", "orders_by_month"), sort="name", descending=False)
        file = export_rows(session, CustomerFilter(), ("name", "orders_by_month"))
    assert rows["orders_by_month"].tolist() == [
        [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        [0] * 12,
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]
    assert file.set_index("name")["orders_by_month"]["Small"] == "1 0 0 0 0 0 0 0 0 0 0 1"


def test_a_file_in_the_columns_of_the_scores(people, scored):
    with open_as(people.amir.actor) as session:
        rows = export_rows(session, CustomerFilter(risk_from=Decimal(1)), ("name", "p_alive", "value_at_risk"))
    assert rows.drop(columns="id").values.tolist() == [["Big", 80.0, 75.0], ["Small", 10.0, 900.0]]
