from crm.customers.commands import delete_customers
from crm.customers.queries import duplicates
from crm.session import open_as
from tests.factories import a_customer


def pairs(person):
    with open_as(person.actor) as session:
        found = duplicates(session)
    return found[["name", "other", "because"]].values.tolist()


def test_it_works(people):
    a_customer(people.anna, name="Aurora Music Ltd", phone="021-5550 1234")
    a_customer(people.anna, name="Aurora Music GmbH")
    a_customer(people.anna, name="Borealis", phone="+86 21 5550 1234")
    a_customer(people.anna, name="Cascade Instruments")
    a_customer(people.anna, name="Cascade Instrumets")
    a_customer(people.anna, name="Delta")
    assert pairs(people.ben) == [
        ["Aurora Music Ltd", "Borealis", "phone"],
        ["Aurora Music Ltd", "Aurora Music GmbH", "name"],
        ["Cascade Instruments", "Cascade Instrumets", "similar"],
    ]


def test_the_same_telephone(people):
    a_customer(people.anna, name="Borealis", phone="138 0013 8000")
    a_customer(people.anna, name="Cascade", phone="+86 138-0013-8000")
    assert pairs(people.ben) == [["Borealis", "Cascade", "phone"]]


def test_each_pair_once_the_surest_reason_first(people):
    for name in ("Borealis", "Borealis Ltd"):
        a_customer(people.anna, name=name, phone="138 0013 8000")
    assert pairs(people.ben) == [["Borealis", "Borealis Ltd", "phone"]]


def test_of_strangers_nothing_shows(people):
    a_customer(people.anna, name="Borealis")
    a_customer(people.chen, name="Borealis")
    assert pairs(people.anna) == pairs(people.chen) == []
    assert len(pairs(people.dana)) == 1


def test_boards_stay_apart(people):
    a_customer(people.anna, name="Borealis")
    a_customer(people.emil, name="Borealis")
    assert pairs(people.eve) == []
    a_customer(people.anna, name="Borealis")
    a_customer(people.emil, name="Borealis")
    assert len(pairs(people.eve)) == 2


def test_what_was_deleted_is_no_suspect(people):
    first = a_customer(people.anna, name="Borealis")
    a_customer(people.anna, name="Borealis")
    with open_as(people.ben.actor) as session:
        delete_customers(session, [first.id])
    assert pairs(people.ben) == []


def test_an_empty_base(people):
    assert pairs(people.dana) == []
