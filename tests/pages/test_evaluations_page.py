"""Forms, starting, the sheet of a reviewer and what the person reads."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.targets.commands import (
    Criterion,
    EvaluationInput,
    FormInput,
    ReviewInput,
    add_form,
    close_evaluation,
    review,
    start_evaluations,
)
from crm.targets.queries import evaluations, reviews_of
from tests.factories import TODAY
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/team.py"
CRITERIA = [Criterion(key="goals", name="Goals", weight=60), Criterion(key="team_work", name="Team work", weight=40)]
FORM = FormInput(name="Half-year", kind="work", criteria=CRITERIA)


@pytest.fixture
def form(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    with open_as(people.dana.actor) as session:
        return add_form(session, FORM)


@pytest.fixture
def started(people, form):
    """Of anna and chen at once; ben and dana are asked about anna only where they may."""
    days = {"starts_on": dt.date(2026, 1, 1), "ends_on": TODAY}
    with open_as(people.dana.actor) as session:
        details = EvaluationInput(form_id=form.id, reviewer_ids=[people.dana.id], **days)
        made = start_evaluations(session, details, "user_id", [people.anna.id, people.chen.id])
        return [one.id for one in made]


def totals(at):
    return at.session_state["_totals"]["team"]


def test_the_list_says_who_has_still_to_score(people, started):
    at = opened(PAGE, people.dana, show="evaluations")
    assert totals(at) == {"count": 2}
    assert "2 evaluations; 2 wait for marks" in texts(at)
    assert at.dataframe[0].value["still_to_score"].tolist() == ["Dana Novak"] * 2


@pytest.mark.parametrize(("state", "count"), [("open", 1), ("closed", 1), ("mine", 1)])
def test_each_tile_leads_to_as_many_rows(people, started, state, count):
    with open_as(people.dana.actor) as session:
        review(session, started[0], ReviewInput(marks={"goals": 5, "team_work": 3}))
        close_evaluation(session, started[0], "Well done", 1)
    at = opened(PAGE, people.dana, show="evaluations", state=state)
    assert totals(at)["count"] == count == at.session_state["_tiles"][f"evaluations.{state}"].value


def test_a_reviewer_gives_his_marks(people, started):
    at = opened(PAGE, people.ben, show="evaluations", evaluation=started[0])
    key = f"sheet.{started[0]}"
    assert next(button for button in at.button if button.key == f"{key}.save").disabled
    at.segmented_control(key=f"{key}.goals").set_value(5)
    at.segmented_control(key=f"{key}.team_work").set_value(3).run()
    assert "My marks: 80.0 of 100" in texts(at)
    next(button for button in at.button if button.key == f"{key}.save").click().run()
    with open_as(people.ben.actor) as session:
        assert reviews_of(session, started[0])["score"].tolist() == [80]
        assert evaluations(session, owner_id=people.anna.id)["waiting"].tolist() == [[people.dana.id]]
    assert "Strongest: Goals (5.0); weakest: Team work (3.0)" in texts(at)


def test_the_person_reads_but_does_not_judge(people, started):
    with open_as(people.dana.actor) as session:
        review(session, started[0], ReviewInput(marks={"goals": 4, "team_work": 4}, remark="Sound"))
        close_evaluation(session, started[0], "Well done", 1)
    at = opened(PAGE, people.anna, show="evaluations", evaluation=started[0])
    assert "All criteria stand at 4.0 of 5" in texts(at) and "Sound" in texts(at)
    assert not {key for key in keys(at) if key.startswith(("sheet.", "evaluation.re", "evaluation.close"))}
    assert totals(opened(PAGE, people.anna, show="evaluations")) == {"count": 1}


def test_closed_it_can_be_opened_again(people, started):
    with open_as(people.dana.actor) as session:
        review(session, started[0], ReviewInput(marks={"goals": 4, "team_work": 4}))
        close_evaluation(session, started[0], None, 1)
    at = opened(PAGE, people.dana, show="evaluations", evaluation=started[0])
    at.button(key="evaluation.reopen").click().run()
    assert f"sheet.{started[0]}.save" in keys(at)


def test_a_stranger_does_not_see_it(people, started):
    at = opened(PAGE, people.emil, show="evaluations", evaluation=started[0])
    assert at.error and "Half-year" not in texts(at)


def test_a_rep_starts_nothing_and_makes_no_form(people, form):
    assert not keys(opened(PAGE, people.anna, show="evaluations")) & {"evaluations.start", "evaluations.new_form"}
    at = opened(PAGE, people.anna, show="evaluations", view="forms")
    assert "1 form" in texts(at) and "evaluations.new_form" not in keys(at)


def test_weights_that_do_not_add_up_cannot_be_saved(people):
    def body():
        from crm.ui.team.evaluation_forms import form_dialog

        form_dialog()

    at = dialog(body, people.dana)
    at.text_input(key="forms.edit.new.name").set_value("Spring")
    at.session_state["forms.edit.new.grid"] = {
        "edited_rows": {0: {"name": "Goals", "weight": 50}},
        "added_rows": [],
        "deleted_rows": [1, 2],
    }
    at.run()
    assert at.button(key="forms.edit.new.save").disabled and "50 %" in texts(at)


def test_a_form_is_made(people):
    def body():
        from crm.ui.team.evaluation_forms import form_dialog

        form_dialog()

    at = dialog(body, people.dana)
    at.text_input(key="forms.edit.new.name").set_value("Spring")
    rows = {0: {"name": "Goals", "weight": 70}, 1: {"name": "Care", "weight": 30}}
    at.session_state["forms.edit.new.grid"] = {"edited_rows": rows, "added_rows": [], "deleted_rows": [2]}
    at.run()
    at.button(key="forms.edit.new.save").click().run()
    assert "Spring" in str(opened(PAGE, people.dana, show="evaluations", view="forms").dataframe[0].value)


def test_starting_for_several_people(people, form):
    def body():
        from crm.ui.team.evaluation_start import start_dialog

        start_dialog()

    at = dialog(body, people.dana)
    at.multiselect(key="start.people").set_value([people.anna.id, people.chen.id]).run()
    at.button(key="start.go").click().run()
    assert totals(opened(PAGE, people.dana, show="evaluations")) == {"count": 2}


def test_empty_and_in_chinese(people, started):
    assert "Nobody has begun an evaluation of you" in texts(opened(PAGE, people.emil, show="evaluations"))
    for more in ({}, {"view": "forms"}, {"evaluation": started[0]}):
        at = opened(PAGE, people.dana, "zh", show="evaluations", **more)
        assert not at.exception
        assert english_left(at) == set()
