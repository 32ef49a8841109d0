import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY
from tests.marketing.collecting import a_lead


@pytest.fixture
def day(people):
    """The product counts from TODAY, whatever day it is."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return TODAY


@pytest.fixture
def lead(people):
    """anna's, assigned"""
    return a_lead(people.anna, name="Aurora Music Ltd", phone="021-5550 1234", contact="Zhang Min")
