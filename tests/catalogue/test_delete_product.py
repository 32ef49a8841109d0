import pytest

from crm.catalogue.commands import delete_product
from crm.catalogue.queries import product_count
from crm.errors import NotFound, Refused
from crm.session import open_as
from tests.factories import a_product


def test_it_works(people):
    gone = a_product()
    a_product()
    with open_as(people.ada.actor) as session:
        delete_product(session, gone.id)
        assert product_count(session) == 1
    with pytest.raises(NotFound), open_as(people.ada.actor) as session:
        delete_product(session, gone.id)


def test_refused_for_readers(people):
    kept = a_product()
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        delete_product(session, kept.id)
