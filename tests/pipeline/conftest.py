import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import seed_pipelines
from crm.pipeline.queries import stages_of
from crm.session import open_as
from tests.factories import TODAY, a_customer


@pytest.fixture
def day(people):
    """The product counts from TODAY, whatever day it is."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return TODAY


@pytest.fixture
def stages(day):
    """code -> id of the default pipeline's stages, in order"""
    with open_as(SYSTEM) as session:
        return {stage.code: stage.id for stage in stages_of(session, seed_pipelines(session).id)}


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")
