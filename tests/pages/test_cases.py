import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import get, open_as
from crm.support.commands import (
    CalendarInput,
    PolicyInput,
    ProblemInput,
    VisitInput,
    add_calendar,
    add_policy,
    add_problem,
    escalate,
    link_problem,
    plan_visit,
)
from crm.support.filters import CaseFilter
from crm.support.models import Case, FieldVisit, Problem
from crm.ui.support.listing import USUAL
from tests.factories import TODAY, a_case, a_customer
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE, OVERVIEW = "pages/service/cases.py", "pages/work/overview.py"
NOW = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
SIDES = ["queue", "list", "visits", "problems"]


def ago(hours):
    return NOW - dt.timedelta(hours=hours)


@pytest.fixture(autouse=True)
def day(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        hours = add_calendar(session, CalendarInput(name="Always", zone="UTC", week=["00:00-24:00"] * 7)).id
        add_policy(session, PolicyInput(name="All", calendar_id=hours, resolution_seconds=100 * 3600))


@pytest.fixture
def cases(people):
    """gia's: one long late and one fresh; one that nobody took; ben's is another team's. It is some time of TODAY."""
    customer = a_customer(people.anna, name="Aurora Music Ltd")
    return {
        "late": a_case(people.gia, customer, subject="No sound", opened_at=ago(148), priority="high"),
        "fresh": a_case(people.gia, customer, subject="Wrong colour", opened_at=ago(4), kind="return"),
        "free": a_case(people.gia, customer, subject="Where is it", opened_at=ago(60.5), team_id=people.units["Service"]),
        "bens": a_case(people.ben, a_customer(people.ben, name="Borealis"), subject="Lost parcel", opened_at=ago(2)),
    }


def shown(at, column="case"):
    """Without the numbers."""
    return (
        [text.split(" ", 1)[-1] if column == "case" else text for text in at.dataframe[0].value[column]] if at.dataframe else []
    )


# ---------------------------------------------------------------------------------------------------------- queue


def test_the_queue_begins_with_what_is_at_stake(people, cases):
    at = opened(PAGE, people.gia)
    assert shown(at) == ["No sound", "Wrong colour"]
    assert "**2 cases are open, 1 late**" in texts(at)
    first = at.dataframe[0].value.iloc[0]
    assert (first["clock"], first["shade"], first["risk"]) == ("Resolution", ["breached: late by 2 d"], 100.0)
    assert (first["customer"], at.dataframe[0].value.iloc[1]["shade"]) == ("Aurora Music Ltd", ["green: 3 d"])


def test_mine_my_teams_unassigned_and_all(people, cases):
    at = opened(PAGE, people.gia, whose="unassigned")
    assert shown(at) == ["Where is it"]
    assert set(shown(opened(PAGE, people.gia, whose="all"))) == {"No sound", "Wrong colour", "Where is it", "Lost parcel"}
    at = opened(PAGE, people.anna)
    assert shown(at) == []
    assert "You have no open case." in texts(at)
    assert shown(opened(PAGE, people.anna, whose="all")) == ["No sound", "Where is it", "Wrong colour"]
    assert shown(opened(PAGE, people.chen, whose="all")) == []


def test_a_pill_narrows_to_its_colour(people, cases):
    at = opened(PAGE, people.gia, whose="all")
    options = at.pills(key="queue.shade").options
    assert [text.split("] ")[-1] for text in options] == ["Breached 1", "Amber 1", "Green 2"]
    at.pills(key="queue.shade").set_value("amber").run()
    assert shown(at) == ["Where is it"]
    at.pills(key="queue.shade").set_value(None).run()
    assert len(shown(at)) == 4


def test_what_nobody_has_is_taken_with_one_click(people, cases):
    at = opened(PAGE, people.gia, whose="unassigned")
    key = f"queue.table.{hash((cases['free'].id,))}.press"
    at.session_state[key] = {"row": 0, "column": "press"}
    at.run()
    with open_as(SYSTEM) as session:
        assert get(session, Case, cases["free"].id).owner_id == people.gia.id


def test_from_the_first_straight_on(people, cases):
    at = opened(PAGE, people.gia)
    at.button(key="queue.start").click().run()
    assert at.query_params["case"] == str(cases["late"].id)
    assert at.session_state["_round"] == [cases["late"].id, cases["fresh"].id]


def next_body(case_id):
    import streamlit as st

    from crm.ui.support.going import next_button

    st.session_state.setdefault("_round", [11, 12, 13])
    next_button(case_id)


def test_the_next_one_is_one_click_away(people):
    assert [button.label for button in dialog(next_body, people.gia, 12).button] == ["Next, 3 of 3"]
    assert not dialog(next_body, people.gia, 13).button
    assert not dialog(next_body, people.gia, 99).button


def test_what_is_at_stake_is_explained(people, cases):
    at = opened(PAGE, people.gia)
    at.session_state["queue.stake.about"] = True
    at.run()
    assert "Kaplan-Meier" in texts(at)


# ----------------------------------------------------------------------------------------------------------- list


def test_the_list_by_its_address(people, cases):
    at = opened(PAGE, people.gia, show="list", kind="return")
    assert shown(at, "title") == ["Wrong colour"]
    at = opened(PAGE, people.gia, show="list", search="aurora sound")
    assert shown(at, "title") == ["No sound"]
    at = opened(PAGE, people.gia, show="list", owner_id=people.ben.id)
    assert shown(at, "title") == ["Lost parcel"]
    assert "Owner: Ben Okafor" in texts(at)
    at.button(key="chip.owner_id").click().run()
    assert len(shown(at, "title")) == 4
    assert "**4** cases · **4** open, **1** of them nobody's" in texts(at)


def test_nothing_fits_and_the_way_back(people, cases):
    at = opened(PAGE, people.gia, show="list", priority="low")
    assert "No case fits these filters." in texts(at)
    at.button(key="cases.all_off").click().run()
    assert len(shown(at, "title")) == 4


def test_escalated_to_me(people, cases):
    with open_as(SYSTEM) as session:
        escalate(session, NOW)
    at = opened(PAGE, people.dana, show="list", escalated_to_id=people.dana.id)
    assert shown(at, "title") == ["No sound"]
    assert "Escalated to me" in texts(at)
    assert shown(opened(PAGE, people.gia, show="list", escalated_to_id=people.gia.id), "title") == []


def pressed(at, text):
    return next(button for button in at.button if button.label == text).click().run()


def ticked(at, *rows):
    key = f"list.table.1.{hash((CaseFilter(), 'opened_at', True, USUAL))}"
    at.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at.run()


def test_ticked_cases_can_be_assigned_merged_linked_and_deleted(people, cases):
    names = {"list.assign", "list.merge", "list.problem", "list.delete"}
    assert names <= keys(ticked(opened(PAGE, people.dana, show="list"), 0, 1))
    assert names & keys(ticked(opened(PAGE, people.gia, show="list"), 0, 1)) == {"list.merge", "list.problem"}
    assert not names & keys(ticked(opened(PAGE, people.amir, show="list"), 0, 1))


def assign_body(ids):
    from crm.ui.support.many import assign_dialog

    assign_dialog(ids)


def delete_body(ids):
    from crm.ui.support.many import delete_dialog

    delete_dialog(ids)


def test_assigned_and_deleted(people, cases):
    ids = [cases["free"].id, cases["late"].id]
    at = dialog(assign_body, people.dana, ids)
    at.selectbox(key="list.assign_form.owner_id").set_value(people.ben.id)
    pressed(at, "Assign")
    assert not at.error
    with open_as(SYSTEM) as session:
        assert {get(session, Case, one).owner_id for one in ids} == {people.ben.id}
    at = dialog(delete_body, people.dana, ids)
    at.button(key="list.delete_yes").click().run()
    assert set(shown(opened(PAGE, people.dana, show="list"), "title")) == {"Wrong colour", "Lost parcel"}


# --------------------------------------------------------------------------------------------------------- visits


@pytest.fixture
def visits(people, cases):
    with open_as(people.gia.actor) as session:
        at = NOW + dt.timedelta(hours=9, minutes=30)
        first = plan_visit(session, cases["late"].id, VisitInput(technician_id=people.gia.id, planned_at=at, address="12 Quay"))
        plan_visit(session, cases["fresh"].id, VisitInput(technician_id=people.gia.id, planned_at=at - dt.timedelta(3)))
    return first


def test_visits_by_day(people, visits):
    at = opened(PAGE, people.gia, show="visits")
    assert "**1 visit today; 1 should have been made already**" in texts(at)
    assert "**09:30**" in texts(at) and "12 Quay" in texts(at)
    assert f"visit.done.{visits.id}" in keys(at)
    assert not [key for key in keys(opened(PAGE, people.amir, show="visits")) if key.startswith("visit.done")]
    assert "No visit is planned" in texts(opened(PAGE, people.ben, show="visits"))


def finish_body(visit_id):
    from crm.ui.support.visiting import finish_dialog

    finish_dialog(visit_id)


def test_a_visit_is_finished_with_its_result(people, visits):
    at = dialog(finish_body, people.gia, visits.id)
    pressed(at, "The visit was made")
    assert at.error
    at.text_area(key=f"visit.result.{visits.id}.result").set_value("Cable changed")
    pressed(at, "The visit was made")
    with open_as(SYSTEM) as session:
        found = get(session, FieldVisit, visits.id)
        assert (found.state, found.result) == ("done", "Cable changed")
    assert "1 visit made or cancelled lately" in texts(opened(PAGE, people.gia, show="visits"))


def edit_visit_body(visit_id):
    from crm.support.queries import visit_list
    from crm.ui.desk import load
    from crm.ui.support.visiting import visit_dialog
    from crm.ui.table import records

    rows = load(visit_list)
    row = records(rows[rows["id"] == visit_id])[0]
    visit_dialog(row.case_id, "Asia/Shanghai", row._asdict())


def test_a_visit_is_moved_in_the_time_of_the_firm(people, visits):
    at = dialog(edit_visit_body, people.gia, visits.id)
    assert at.time_input[0].value == dt.time(17, 30)
    at.time_input[0].set_value(dt.time(8, 0))
    pressed(at, "Save")
    with open_as(SYSTEM) as session:
        assert get(session, FieldVisit, visits.id).planned_at == NOW


# ------------------------------------------------------------------------------------------------- known problems


@pytest.fixture
def problem(people, cases):
    with open_as(people.gia.actor) as session:
        found = add_problem(session, ProblemInput(name="Loose cable", workaround="Push it in"))
        add_problem(session, ProblemInput(name="Old one", state="solved"))
        link_problem(session, [cases["late"].id, cases["fresh"].id], found.id)
    return found


def problem_body(problem_id, cases, open_cases):
    from crm.ui.support.problems import problem_dialog

    problem_dialog(problem_id, cases, open_cases)


def test_known_problems_with_their_cases(people, problem):
    at = opened(PAGE, people.gia, show="problems")
    row = at.dataframe[0].value.iloc[0]
    assert (row["name"], row["open_cases"], row["workaround"]) == ("Loose cable", 2, "Push it in")
    assert len(at.dataframe[0].value) == 1
    at.toggle(key="problems.solved").set_value(True).run()
    assert len(at.dataframe[0].value) == 2
    at.text_input(key="problems.search").set_value("push").run()
    assert at.dataframe[0].value["name"].tolist() == ["Loose cable"]
    assert shown(opened(PAGE, people.gia, show="list", problem_id=problem.id), "title") == ["Wrong colour", "No sound"]


def test_a_problem_is_corrected_by_who_works_on_cases(people, problem):
    at = dialog(problem_body, people.gia, problem.id, 2, 2)
    at.text_area(key=f"problem.edit.{problem.id}.workaround").set_value("Use the other socket")
    pressed(at, "Save")
    with open_as(SYSTEM) as session:
        assert get(session, Problem, problem.id).workaround == "Use the other socket"
    at = dialog(problem_body, people.amir, problem.id, 2, 2)
    assert not at.text_area and "Use the other socket" in texts(at)


# ------------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize("show", SIDES)
def test_each_side_when_there_is_nothing_yet(people, show):
    at = opened(PAGE, people.gia, show=show)
    assert [one.message for one in at.exception] == []
    assert any(":material/inbox:" in one.value for one in at.markdown)


@pytest.mark.parametrize("show", SIDES)
def test_each_side_in_chinese(people, visits, problem, show):
    at = opened(PAGE, people.gia, "zh", show=show)
    assert [one.message for one in at.exception] == []
    assert english_left(at) <= {unit for unit, _, _ in UNITS}


def test_refused_for_whom_service_does_not_concern(people, cases):
    at = opened(PAGE, people.ada)
    assert at.error[0].value == "Your role does not open this page."
    assert not at.dataframe


def test_a_reader_has_nothing_to_press(people, cases):
    at = opened(PAGE, people.amir, whose="all")
    assert len(shown(at)) == 4
    assert not {"case.new", "queue.start"} & keys(at)
    assert "press" not in at.dataframe[0].value


# ------------------------------------------------------------------------------------------------------- overview


def test_the_agent_sees_his_day(people, cases, visits):
    with open_as(SYSTEM) as session:
        escalate(session, NOW)
    at = opened(OVERVIEW, people.gia)
    for sentence in (
        "2 open cases of mine, 1 late",
        "1 case has nobody yet",
        "0 cases are escalated to me",
        "2 visits before me",
    ):
        assert sentence in texts(at), sentence
    assert shown(at) == ["Wrong colour"]
    at.button(key="day.free").click().run()
    assert shown(at) == ["Where is it"]


def test_a_colour_of_the_agent_leads_to_the_queue(people, cases):
    at = opened(OVERVIEW, people.gia)
    at.button(key="day.breached").click().run()
    assert at.title[0].value == "Cases"
    assert shown(at) == ["No sound"]
