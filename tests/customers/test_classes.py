import pytest

from crm.access import SYSTEM
from crm.customers.commands import ClassDetails, assign_classes, remove_class, save_class
from crm.customers.queries import classes, customer_list
from crm.errors import Invalid, Refused, Stale
from crm.session import open_as
from tests.factories import a_customer, an_order


def save(person, name="Gold", class_id=None, version=1, position=0, **rule):
    with open_as(person.actor) as session:
        details = ClassDetails(name=name, position=position, rule=rule or {"amount_from": "100"})
        return save_class(session, details, class_id, version)


def given(person):
    """Every customer has his class -> name: class"""
    with open_as(SYSTEM) as session:
        assign_classes(session)
    with open_as(person.actor) as session:
        found = customer_list(session, columns=("name", "class")).set_index("name")["class"]
    return found.astype(object).where(found.notna(), None).to_dict()


@pytest.fixture
def buyers(people):
    for name, amount in (("Big", 500), ("Middle", 100), ("Small", 99)):
        an_order(a_customer(people.anna, name=name, region="North" if name == "Small" else None), amount)


def test_it_works(people, buyers):
    save(people.ada, "Gold", amount_from="100")
    save(people.ada, "North", position=1, region=["North"])
    assert given(people.anna) == {"Big": "Gold", "Middle": "Gold", "Small": "North"}
    with open_as(people.anna.actor) as session:
        assert classes(session)[["name", "customers"]].values.tolist() == [["Gold", 2], ["North", 1]]


def test_refused_for_whoever_may_not_change_settings(people):
    for person in (people.anna, people.ben, people.dana, people.amir):
        with pytest.raises(Refused):
            save(person)
    kept = save(people.bao)
    with pytest.raises(Refused), open_as(people.dana.actor) as session:
        remove_class(session, kept.id)


def test_the_first_class_in_order_counts(people, buyers):
    save(people.ada, "All", position=5, amount_from="1")
    save(people.ada, "Whales", position=1, amount_from="500")
    assert given(people.anna) == {"Big": "Whales", "Middle": "All", "Small": "All"}


def test_a_changed_rule_and_a_removed_class_let_go(people, buyers):
    gold = save(people.ada, amount_from="100")
    given(people.anna)
    save(people.ada, class_id=gold.id, amount_from="500")
    assert given(people.anna) == {"Big": "Gold", "Middle": None, "Small": None}
    with open_as(people.ada.actor) as session:
        remove_class(session, gold.id)
    assert set(given(people.anna).values()) == {None}


def test_a_class_needs_a_rule_that_is_a_filter(people):
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        save_class(session, ClassDetails(name="All", rule={}))
    assert refusal.value.field == "rule"
    for rule in ({"colour": "red"}, {"amount_from": "much"}):
        with pytest.raises(Invalid):
            save(people.ada, **rule)


def test_a_name_is_given_once(people):
    save(people.ada)
    with pytest.raises(Invalid) as refusal:
        save(people.ada)
    assert refusal.value.field == "name"


def test_the_second_save_is_refused(people):
    gold = save(people.ada)
    save(people.ada, "Golden", class_id=gold.id)
    with pytest.raises(Stale):
        save(people.ada, "Or", class_id=gold.id)
