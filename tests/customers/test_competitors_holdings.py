import datetime as dt
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.customers.commands import (
    CompetitorDetails,
    HoldingDetails,
    remove_part,
    save_competitor,
    save_holding,
    set_interests,
)
from crm.customers.models import CustomerCompetitor, Holding
from crm.customers.queries import competitors, holdings, interests
from crm.errors import NotFound, Refused, Stale
from crm.session import open_as
from tests.factories import a_product

DEPOSIT = {"side": "asset", "product_type": "term_deposit", "amount": Decimal("1000.05"), "as_of": dt.date(2026, 1, 31)}


def rival(person, customer, found=None, version=1, **details):
    with open_as(person.actor) as session:
        values = CompetitorDetails(**{"name": "Acme"} | details)
        return save_competitor(session, customer.id, values, found.id if found else None, version)


def hold(person, customer, found=None, version=1, **details):
    with open_as(person.actor) as session:
        return save_holding(session, customer.id, HoldingDetails(**DEPOSIT | details), found.id if found else None, version)


def test_it_works(people, customer):
    acme = rival(people.anna, customer, products="Pianos", share_percent=40)
    rival(people.anna, customer, acme, products="Pianos", share_percent=30)
    deposit = hold(people.anna, customer)
    hold(people.anna, customer, side="liability", product_type="loan", amount=Decimal(5), place="competitor")
    hold(people.anna, customer, deposit, amount=Decimal(2000))
    with open_as(people.ben.actor) as session:
        assert competitors(session, customer.id)[["name", "share_percent"]].values.tolist() == [["Acme", 30]]
        kept = holdings(session, customer.id)
    assert kept[["side", "product_type", "amount", "place"]].values.tolist() == [
        ["asset", "term_deposit", 2000.0, "us"],
        ["liability", "loan", 5.0, "competitor"],
    ]


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        rival(people.chen, customer)
    with pytest.raises(NotFound):
        hold(people.chen, customer)


def test_refused_for_a_reader(people, customer):
    deposit = hold(people.anna, customer)
    with pytest.raises(Refused):
        hold(people.amir, customer, deposit, amount=Decimal(1))
    with pytest.raises(Refused):
        rival(people.amir, customer)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_part(session, Holding, deposit.id)


def test_the_second_save_is_refused(people, customer):
    acme = rival(people.anna, customer)
    rival(people.ben, customer, acme, share_percent=10)
    with pytest.raises(Stale):
        rival(people.anna, customer, acme, share_percent=20)


def test_taken_away(people, customer):
    acme, deposit = rival(people.anna, customer), hold(people.anna, customer)
    with open_as(people.anna.actor) as session:
        remove_part(session, CustomerCompetitor, acme.id)
        remove_part(session, Holding, deposit.id)
    with open_as(people.anna.actor) as session:
        assert competitors(session, customer.id).empty
        assert holdings(session, customer.id).empty


@pytest.mark.parametrize("wrong", [{"share_percent": 101}, {"share_percent": -1}, {"name": " "}])
def test_a_share_is_a_percentage_and_a_rival_has_a_name(wrong):
    with pytest.raises(ValidationError):
        CompetitorDetails(**{"name": "Acme"} | wrong)


def test_products_he_asks_about(people, customer):
    piano, violin, flute = (a_product(name=name) for name in ("Piano", "Violin", "Flute"))
    with open_as(people.anna.actor) as session:
        set_interests(session, customer.id, [piano.id, violin.id])
    with open_as(people.anna.actor) as session:
        set_interests(session, customer.id, [violin.id, flute.id])
    with open_as(people.amir.actor) as session:
        assert interests(session, customer.id)["name"].tolist() == ["Flute", "Violin"]
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        set_interests(session, customer.id, [piano.id])
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        set_interests(session, customer.id, [])
