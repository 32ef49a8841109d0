import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from crm.support.commands import (
    ProblemInput,
    VisitInput,
    VisitResult,
    add_problem,
    cancel_visit,
    edit_problem,
    edit_visit,
    finish_visit,
    link_problem,
    plan_visit,
    remove_problem,
)
from crm.support.queries import problem, visits
from tests.factories import TODAY, a_case

SOON = dt.datetime.combine(TODAY, dt.time(10), dt.UTC) + dt.timedelta(1)


@pytest.fixture
def found(people, customer):
    return a_case(people.anna, customer)


def test_a_problem_is_kept_by_those_who_work_on_cases(people, found):
    with open_as(people.gia.actor) as session:
        added = add_problem(session, ProblemInput(name="Cable breaks"))
        edit_problem(session, added.id, ProblemInput(name="Cable breaks", workaround="Glue"), added.version)
    with open_as(people.anna.actor) as session:
        assert problem(session, added.id).workaround == "Glue"
        link_problem(session, [found.id], added.id)
        with pytest.raises(Invalid):
            remove_problem(session, added.id)
        link_problem(session, [found.id], None)
        remove_problem(session, added.id)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        add_problem(session, ProblemInput(name="Another"))


def test_a_visit_is_planned_moved_and_made(people, found):
    with open_as(people.anna.actor) as session:
        planned = plan_visit(session, found.id, VisitInput(technician_id=people.gia.id, planned_at=SOON, minutes=60))
        moved = VisitInput(technician_id=people.gia.id, planned_at=SOON + dt.timedelta(1))
        edit_visit(session, planned.id, moved, planned.version)
        assert visits(session, technician_id=people.gia.id, since=SOON)["number"].tolist() == [found.number]
        done = finish_visit(session, planned.id, VisitResult(result="New cable", minutes=30))
        assert (done.state, done.minutes) == ("done", 30)
        with pytest.raises(Invalid):
            cancel_visit(session, planned.id)
        assert visits(session, since=SOON).empty and len(visits(session, case_id=found.id)) == 1


def test_a_visit_that_is_cancelled_or_cannot_be(people, found):
    with open_as(people.anna.actor) as session:
        one = plan_visit(session, found.id, VisitInput(technician_id=people.gia.id, planned_at=SOON))
        with pytest.raises(Invalid):
            finish_visit(session, one.id, VisitResult(result="Done", done_at=dt.datetime(2030, 1, 1)))
        assert cancel_visit(session, one.id).state == "cancelled"
        with pytest.raises(Invalid):
            plan_visit(session, found.id, VisitInput(technician_id=people.mia.id, planned_at=SOON))
    for person, error in ((people.emil, NotFound), (people.amir, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            plan_visit(session, found.id, VisitInput(technician_id=people.gia.id, planned_at=SOON))
