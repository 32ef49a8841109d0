import datetime as dt

from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.jobs import JOBS
from crm.session import open_as
from crm.support.commands import seed_policies
from crm.support.models import Escalation
from tests.factories import TODAY, a_case


def test_it_works_and_tells_nobody_twice(people, customer):
    opened_at = dt.datetime.combine(TODAY - dt.timedelta(30), dt.time(2), dt.UTC)
    with open_as(SYSTEM) as session:
        seed_policies(session)
    a_case(people.anna, customer, opened_at=opened_at)
    assert JOBS["escalations"](TODAY - dt.timedelta(1)) == {"told": 0}
    assert JOBS["escalations"](None) == {"told": 2}  # no answer, and no solution
    assert JOBS["escalations"](None) == {"told": 0}
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Escalation.id))) == 2
