import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.targets.commands import Cell, PlanDetails, add_plan, set_targets
from tests.factories import TODAY

JUNE = dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def day(people):
    """The product counts from TODAY, the last day of June 2026."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return TODAY


@pytest.fixture
def plan(people):
    """A draft of the director for the board."""
    with open_as(people.dana.actor) as session:
        return add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])


def a_cell(kind, subject_id, base=1000, starts_on=JUNE, **changes):
    values = {"measure": "revenue", "period": "month", "base": None if base is None else Decimal(str(base))}
    return Cell(**{**values, "subject_kind": kind, "subject_id": subject_id, "starts_on": starts_on, **changes})


def targets_of(person, plan, *cells, **reason):
    with open_as(person.actor) as session:
        return set_targets(session, plan.id, list(cells), **reason)
