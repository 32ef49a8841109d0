import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer


@pytest.fixture(autouse=True)
def day(people):
    """The product counts from TODAY, whatever day it is."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return TODAY


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")
