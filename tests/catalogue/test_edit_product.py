from decimal import Decimal

import pytest

from crm.catalogue.commands import ProductInput, edit_product
from crm.catalogue.queries import product
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import history_of, open_as
from tests.factories import a_product


def test_it_works_and_the_log_tells_what_changed(people):
    drill = a_product(code="D1", name="Drill", price=Decimal(10))
    with open_as(people.ada.actor) as session:
        edit_product(session, drill.id, ProductInput(name="Drill", price="12.50", renewal_months=12), 1)
        found = product(session, drill.id)
        assert (found.code, found.price, found.renewal_months) == ("D1", Decimal("12.5"), 12)
        latest = history_of(session, found)[0]
        assert (latest.before["price"], latest.after["price"]) == ("10", "12.5")


def test_refused_for_readers(people):
    drill = a_product()
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        edit_product(session, drill.id, ProductInput(name="Mine"), 1)


def test_a_code_of_another_is_refused(people):
    a_product(code="D1")
    saw = a_product(code="S1")
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        edit_product(session, saw.id, ProductInput(name="Saw", code="D1"), 1)


def test_what_does_not_exist_is_not_found(people):
    with pytest.raises(NotFound), open_as(people.ada.actor) as session:
        edit_product(session, 99, ProductInput(name="Saw"), 1)


def test_a_second_save_is_refused_with_both_versions(people):
    drill = a_product(name="Drill", price=Decimal(10))
    with open_as(people.ada.actor) as session:
        edit_product(session, drill.id, ProductInput(name="Drill", price=11), 1)
    with pytest.raises(Stale) as conflict, open_as(people.bao.actor) as session:
        edit_product(session, drill.id, ProductInput(name="Drill", price=12), 1)
    assert (conflict.value.mine, conflict.value.theirs) == ({"price": "12"}, {"price": "11"})
