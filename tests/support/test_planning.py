import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.session import open_as
from crm.support.commands import (
    CalendarInput,
    PolicyInput,
    ProblemInput,
    VisitInput,
    VisitResult,
    add_calendar,
    add_policy,
    add_problem,
    finish_visit,
    link_problem,
    plan_visit,
)
from crm.support.filters import CaseFilter
from crm.support.queries import (
    causes_in_use,
    problem_choices,
    problem_list,
    promise_for,
    queue,
    visit_list,
    whose_counts,
)
from tests.factories import TODAY, a_case, a_customer

NOW = dt.datetime.combine(TODAY, dt.time(), dt.UTC)


def ago(hours):
    return NOW - dt.timedelta(hours=hours)


@pytest.fixture
def cases(people, customer):
    return [
        a_case(people.gia, customer, subject="First", opened_at=ago(200), cause="Cable"),
        a_case(people.gia, customer, subject="Second", opened_at=ago(2)),
        a_case(people.anna, customer, subject="Third", opened_at=ago(1), team_id=people.units["Service"]),
    ]


@pytest.fixture
def visits(people, cases):
    with open_as(people.gia.actor) as session:
        plans = [(cases[0], 3), (cases[1], 1)]
        return [
            plan_visit(session, case.id, VisitInput(technician_id=people.gia.id, planned_at=NOW + dt.timedelta(days)))
            for case, days in plans
        ]


def test_visits_still_to_be_made_and_those_made(people, cases, visits):
    with open_as(people.gia.actor) as session:
        assert visit_list(session)["subject"].tolist() == ["Second", "First"]
        assert visit_list(session, until=TODAY + dt.timedelta(1))["subject"].tolist() == ["Second"]
        assert visit_list(session, team=True)["customer"].tolist() == ["Aurora Music Ltd"] * 2
        assert visit_list(session, technician_id=people.anna.id).empty
        finish_visit(session, visits[0].id, VisitResult(result="Cable changed"))
        assert visit_list(session)["subject"].tolist() == ["Second"]
        assert visit_list(session, planned=False)["result"].tolist() == ["Cable changed"]
    with open_as(people.emil.actor) as session:
        assert visit_list(session).empty


def test_problems_with_the_cases_that_one_sees(people, cases):
    with open_as(people.gia.actor) as session:
        cable = add_problem(session, ProblemInput(name="Loose cable", workaround="Push it in"))
        add_problem(session, ProblemInput(name="Old one", state="solved"))
        link_problem(session, [cases[0].id, cases[1].id], cable.id)
        found = problem_list(session)
        assert found[["name", "cases", "open_cases"]].values.tolist() == [["Loose cable", 2, 2], ["Old one", 0, 0]]
        assert problem_list(session, solved=False)["name"].tolist() == ["Loose cable"]
        assert problem_list(session, search="push IN")["name"].tolist() == ["Loose cable"]
        assert list(problem_choices(session).values()) == ["Loose cable", "Old one"]
        assert causes_in_use(session) == ["Cable"]
    with open_as(people.emil.actor) as session:
        assert problem_list(session)["cases"].tolist() == [0, 0]


def test_how_many_cases_each_of_the_four_holds(people, cases):
    with open_as(people.gia.actor) as session:
        assert whose_counts(session) == {"mine": 2, "team": 3, "unassigned": 1, "all": 3}
        assert whose_counts(session, CaseFilter(search="second"))["all"] == 1
    with open_as(people.emil.actor) as session:
        assert set(whose_counts(session).values()) == {0}


@pytest.fixture
def policies(people):
    with open_as(SYSTEM) as session:
        hours = add_calendar(session, CalendarInput(name="Always", zone="Asia/Shanghai", week=["00:00-24:00"] * 7)).id
        add_policy(session, PolicyInput(name="Best", calendar_id=hours, level="vip", first_response_seconds=60))
        add_policy(session, PolicyInput(name="All", calendar_id=hours, resolution_seconds=100 * 3600))


def test_a_colour_narrows_the_rows_and_not_the_counts(people, policies, cases):
    with open_as(people.gia.actor) as session:
        late = queue(session, shade="breached")
        assert late.rows["subject"].tolist() == ["First"]
        assert late.counts == {"cases": 3, "green": 2, "amber": 0, "red": 0, "breached": 1}
        assert late.ids == [cases[0].id]
        assert queue(session, shade="red").rows.empty


def test_what_is_promised_to_a_case_that_begins_now(people, policies):
    with open_as(people.gia.actor) as session:
        best = promise_for(session, "normal", "fault", a_customer(people.anna, level="vip").id)
        assert (best.policy, best.calendar, set(best.due)) == ("Best", "Always", {"first_response"})
        usual = promise_for(session, "normal", "fault")
        assert (usual.policy, usual.seconds["resolution"]) == ("All", 100 * 3600)
        assert usual.due["resolution"].utcoffset() == dt.timedelta(hours=8)
        assert usual.due["resolution"].astimezone(dt.UTC).date() in {TODAY + dt.timedelta(4), TODAY + dt.timedelta(5)}


def test_without_a_policy_nothing_is_promised(people):
    with open_as(people.gia.actor) as session:
        assert promise_for(session, "normal", "fault").policy is None
