import pytest

from crm.office.commands import CustomFieldInput, TagInput, add_custom_field, add_tag
from crm.session import open_as
from tests.factories import a_customer


@pytest.fixture
def customer(people):
    """anna's"""
    return a_customer(people.anna)


@pytest.fixture
def tagged(people, customer):
    """-> id of the tag Key account, which nothing carries yet"""
    with open_as(people.anna.actor) as session:
        return add_tag(session, TagInput(name="Key account")).id


@pytest.fixture
def shoe_size(people):
    """-> id of a number field on customers"""
    with open_as(people.ada.actor) as session:
        return add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number")).id
