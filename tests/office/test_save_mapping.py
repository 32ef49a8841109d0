import pytest

from crm.errors import Refused
from crm.office.commands import save_mapping
from crm.office.queries import mappings
from crm.session import open_as


def test_it_works_for_everybody_and_the_same_name_replaces(people):
    with open_as(people.anna.actor) as session:
        save_mapping(session, "orders", "online_retail", {"Invoice": "number"})
    with open_as(people.dana.actor) as session:
        save_mapping(session, "orders", "online_retail", {"InvoiceNo": "number"})
        save_mapping(session, "customers", "online_retail", {})
        assert mappings(session, "orders") == {"online_retail": {"InvoiceNo": "number"}}


def test_refused_for_whoever_may_not_import(people):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        save_mapping(session, "orders", "online_retail", {})
