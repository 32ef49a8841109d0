"""The page of one case."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import get, open_as
from crm.support import queries
from crm.support.commands import (
    ArticleInput,
    CalendarInput,
    CaseDetails,
    CommentInput,
    PolicyInput,
    VisitInput,
    add_calendar,
    add_policy,
    comment,
    edit_case,
    plan_visit,
    publish_article,
    write_article,
)
from crm.support.models import Case
from crm.words import say, speaking
from tests.factories import TODAY, a_case, a_contact, a_contract, a_customer, an_opportunity, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/service/case.py"
TABS = ("Conversation", "Files", "Visits", "Feedback", "Sales", "History")
CHANGING = {"case.take", "case.answer", "case.solve", "case.close", "case.edit", "case.box.send", "case.visit.plan"}
HOUR = 3600


@pytest.fixture
def customer(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        hours = add_calendar(session, CalendarInput(name="Always", week=["00:00-24:00"] * 7))
        times = {"first_response_seconds": 4 * HOUR, "next_response_seconds": 8 * HOUR, "resolution_seconds": 16 * HOUR}
        add_policy(session, PolicyInput(name="Usual", calendar_id=hours.id, pausing=["waiting_customer"], **times))
    return a_customer(people.gia, name="Aurora *Music*")


@pytest.fixture
def case(people, customer):
    """Two hours old, taken, not answered."""
    contact = a_contact(customer, "Zhang Min", phone="021 5550 1234")
    about = {"contact_id": contact.id, "description": "It makes a *noise*", "subject": "Loud fan", "opened_at": hours_ago(2)}
    return a_case(people.gia, customer, **about)


def hours_ago(hours):
    at = dt.datetime.combine(TODAY, dt.datetime.now(dt.UTC).timetz())
    return at - dt.timedelta(hours=hours)


def said(person, case, text, **about):
    with open_as(person.actor) as session:
        comment(session, case.id, CommentInput(text=text, **about))


def stands(case):
    with open_as(SYSTEM) as session:
        return get(session, Case, case.id)


def talk(case):
    with open_as(SYSTEM) as session:
        return queries.comments(session, case.id).to_dict("records")


def at_tab(at, tab, language="en"):
    with speaking(language):
        at.session_state["case.tabs"] = say(tab)
    return at.run()


def write(at, text, mode="answer", key="case.box"):
    at.segmented_control(key=f"{key}.mode").set_value(mode).run()
    at.text_area[0].set_value(text)
    return at


def press(at, label):
    return next(button for button in at.button if button.label == label).click().run()


def test_it_works(people, case):
    seen = texts(opened(PAGE, people.gia, case=case.id))
    for part in ("Loud fan", "CS000001 · Gia Rossi", r"Aurora \*Music\*", "Zhang Min", "021 5550 1234"):
        assert part in seen, part
    assert r"It makes a \*noise\*" in seen
    assert "First response: 2 h left" in seen
    assert "2 h of 4 h" in seen and "2 h of 16 h" in seen


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tab(people, case, customer, language):
    an_order(customer, 250)
    a_contract(people.anna, customer, 1000, TODAY)
    said(people.gia, case, "Only for us", public=False)
    with open_as(people.gia.actor) as session:
        plan_visit(session, case.id, VisitInput(technician_id=people.gia.id, planned_at=hours_ago(-24), minutes=60))
    at = opened(PAGE, people.gia, language, case=case.id)
    for tab in TABS:
        at_tab(at, tab, language)
        assert [one.message for one in at.exception] == [], tab
        assert not at.error, tab
        if language == "zh":
            assert english_left(at) <= {unit for unit, _, _ in UNITS}, tab


def test_a_stranger_learns_nothing(people, case):
    for unknown in (case.id, 9_999, "x"):
        at = opened(PAGE, people.emil, case=unknown)
        assert at.error[0].value == "This record does not exist, or it is not yours to see."
        assert "Loud fan" not in texts(at)


def test_a_reader_has_nothing_to_press(people, case):
    at = opened(PAGE, people.amir, case=case.id)
    assert at.title[0].value == "Loud fan"
    for tab in TABS:
        assert not CHANGING & keys(at_tab(at, tab)), tab


# ---------------------------------------------------------------------------------------------- the next right step


def primary(at):
    mine = {"case.take", "case.answer", "case.solve", "case.close"}
    return [button.key for button in at.button if button.key in mine and button.proto.type == "primary"]


def test_take_then_answer_then_solve_then_close(people, case):
    with open_as(SYSTEM) as session:
        get(session, Case, case.id).owner_id = None
    at = opened(PAGE, people.gia, case=case.id)
    assert primary(at) == ["case.take"]
    at.button(key="case.take").click().run()
    assert stands(case).owner_id == people.gia.id
    assert primary(at) == ["case.answer"]
    write(at, "We come today").button(key="case.box.send").click().run()
    assert primary(at) == ["case.solve"]
    assert at.text_area[0].value == ""
    write(at, "The fan is new").button(key="case.box.solve").click().run()
    assert (stands(case).state, stands(case).solution) == ("solved", "The fan is new")
    at.button(key="case.close").click().run()
    assert stands(case).state == "closed"
    assert primary(at) == []


def test_the_customer_asks_again_and_waits_again(people, case):
    said(people.gia, case, "We look into it")
    said(people.gia, case, "And now?", by_customer=True)
    at = opened(PAGE, people.gia, case=case.id)
    assert primary(at) == ["case.answer"]
    assert "0 min of 8 h" in texts(at)


def test_an_answer_that_waits(people, case):
    at = opened(PAGE, people.gia, case=case.id)
    write(at, "Which model is it?").button(key="case.box.wait").click().run()
    assert stands(case).state == "waiting_customer"
    assert "stands still" in texts(at)


def test_nothing_is_sent_without_a_word(people, case):
    at = opened(PAGE, people.gia, case=case.id)
    at.button(key="case.box.send").click().run()
    assert at.error[0].value == "**Text**: fill this in"
    assert talk(case) == []


def test_a_note_is_not_an_answer(people, case):
    at = opened(PAGE, people.gia, case=case.id)
    write(at, "He is angry", "note").button(key="case.box.note").click().run()
    (one,) = talk(case)
    assert (one["text"], one["public"]) == ("He is angry", False)
    assert "He is angry" in at.warning[0].value and "Internal note" in at.warning[0].value
    assert primary(at) == ["case.answer"]


def test_what_the_customer_said_is_written_down(people, case):
    said(people.gia, case, "Which model is it?", wait=True)
    at = opened(PAGE, people.gia, case=case.id)
    write(at, "The small one", "customer").button(key="case.box.said").click().run()
    assert talk(case)[-1]["by_customer"]
    assert stands(case).state == "in_progress"


def test_an_article_is_put_behind_what_was_typed(people, case):
    with open_as(people.dana.actor) as session:
        about = {"name": "A loud fan", "text": "Clean the fan.", "language": "en"}
        article = write_article(session, ArticleInput.model_validate(about))
        publish_article(session, article.id)
    at = opened(PAGE, people.gia, case=case.id)
    at.text_area[0].set_value("Hello")
    at.session_state[f"case.box.known.{article.id}.panel"] = True
    at.run()
    at.button(key=f"case.box.known.{article.id}.insert").click().run()
    assert at.text_area[0].value == "Hello\n\nClean the fan."


# -------------------------------------------------------------------------------------------------------- dialogs


def body(name, case_id):
    import crm.ui.support.moves as moves

    getattr(moves, name)([case_id] if name == "merge_dialog" else case_id)


def test_solved_with_a_cause_and_a_question_how_it_was(people, case):
    at = dialog(body, people.gia, "solve_dialog", case.id)
    press(at, "Solve")
    assert "fill this in" in at.error[0].value
    at.text_area[0].set_value("New fan")
    at.checkbox(key=f"case.solve.{case.id}.ask").check()
    press(at, "Solve")
    assert (stands(case).state, stands(case).solution) == ("solved", "New fan")
    assert at.session_state["case.feedback.made"].contact == "Zhang Min"
    assert at.session_state["case.tabs"] == "Feedback"


def test_handed_over_to_another_team(people, case):
    at = dialog(body, people.gia, "hand_over_dialog", case.id)
    at.selectbox(key=f"case.hand_over.{case.id}.team").set_value(people.units["Sales West"]).run()
    press(at, "Hand over")
    found = stands(case)
    assert (found.owner_id, found.team_id) == (None, people.units["Sales West"])


def test_only_those_who_work_on_cases_are_offered(people, case):
    at = dialog(body, people.gia, "hand_over_dialog", case.id)
    at.selectbox(key=f"case.hand_over.{case.id}.team").set_value(people.units["Music"]).run()
    names = at.selectbox(key=f"case.hand_over.{case.id}.owner.{people.units['Music']}").options
    assert "Dana Novak" in names
    assert "Amir Haddad" not in names and "Gia Rossi" not in names


def test_merged_with_another_case_of_the_customer(people, case, customer):
    other = a_case(people.gia, customer, subject="Still loud")
    at = dialog(body, people.gia, "merge_dialog", case.id)
    at.multiselect[0].set_value([other.id]).run()
    press(at, "Merge")
    assert stands(other).merged_into_id == case.id
    assert "Part of another case" in texts(opened(PAGE, people.gia, case=other.id))
    assert "1 case is part of it" in texts(opened(PAGE, people.gia, case=case.id))


def test_reopened(people, case):
    said(people.gia, case, "Done")
    at = opened(PAGE, people.gia, case=case.id)
    write(at, "New fan").button(key="case.box.solve").click().run()
    press(dialog(body, people.gia, "reopen_dialog", case.id), "Reopen")
    assert (stands(case).state, stands(case).reopened) == ("in_progress", 1)


def edit_body(case_id):
    import streamlit as st

    from crm.support import queries
    from crm.ui.desk import in_scope
    from crm.ui.support.editing import edit_dialog

    if "found" not in st.session_state:
        st.session_state["found"] = in_scope(queries.case, case_id)
    edit_dialog(st.session_state["found"])


def test_a_stale_save_shows_both(people, case):
    at = dialog(edit_body, people.gia, case.id)
    with open_as(people.gia.actor) as session:
        now = queries.case(session, case.id)
        values = {name: getattr(now, name) for name in CaseDetails.model_fields} | {"subject": "Theirs"}
        edit_case(session, case.id, CaseDetails(**values), now.version)
    at.text_input(key=f"case.edit.{case.id}.subject").set_value("Mine")
    press(at, "Save")
    assert stands(case).subject == "Theirs"
    shown = at.table[0].value
    assert shown.loc["Subject"].tolist() == ["Mine", "Theirs"]
    press(at, "Save mine")
    assert stands(case).subject == "Mine"


def visit_body(case_id, visit_id):
    from crm.ui.support.visiting import finish_dialog, visit_dialog

    finish_dialog(visit_id) if visit_id else visit_dialog(case_id, "UTC")


def visits_of(case):
    with open_as(SYSTEM) as session:
        return queries.visits(session, case_id=case.id).to_dict("records")


def test_a_visit_is_planned_and_finished(people, case):
    press(dialog(visit_body, people.gia, case.id, None), "Save")
    (planned,) = visits_of(case)
    assert (planned["planned_at"].date(), planned["technician"]) == (TODAY + dt.timedelta(1), "Gia Rossi")
    at = dialog(visit_body, people.gia, case.id, planned["id"])
    at.text_area[0].set_value("Changed the fan")
    press(at, "The visit was made")
    (made,) = visits_of(case)
    assert (made["state"], made["result"]) == ("done", "Changed the fan")


# ---------------------------------------------------------------------------------------------------------- clocks


def why_body(case_id):
    from crm.support import queries
    from crm.ui.desk import in_scope
    from crm.ui.support.clocks import replay_table
    from crm.ui.support.opened import Opened

    replay_table(Opened(in_scope(queries.case, case_id)))


def test_why_the_clocks_stand_there(people, case):
    at = dialog(why_body, people.gia, case.id)
    (row,) = at.dataframe[1].value.to_dict("records")
    assert (row["seconds"], row["used"], row["state"]) == ("2 h", "2 h", "New")
    assert "Resolution: 2 h of 16 h" in texts(at)


def test_a_promise_that_was_broken(people, customer):
    late = a_case(people.gia, customer, opened_at=hours_ago(20))
    seen = texts(opened(PAGE, people.gia, case=late.id))
    assert "16 h late" in seen and "exceeded since" in seen


# ------------------------------------------------------------------------------------------- service sees sales


def test_what_sales_does_with_him(people, case, customer):
    a_contract(people.anna, customer, 1000, TODAY - dt.timedelta(10), number="K77", ends_on=TODAY + dt.timedelta(20))
    an_opportunity(people.dana, customer, name="A new machine", amount=Decimal(5000))
    at = at_tab(opened(PAGE, people.dana, case=case.id), "Sales")
    seen = texts(at)
    assert "CN¥1,000.00" in seen
    frames = " ".join(one.value.to_string() for one in at.dataframe)
    assert "A new machine" in frames and "K77" in frames


def test_a_renewal_that_is_due_stands_beside_the_case(people, case, customer):
    contract = a_contract(people.dana, customer, number="K77", ends_on=TODAY + dt.timedelta(20), remind_days=60)
    at = opened(PAGE, people.gia, case=case.id)
    assert "Renewals due" in texts(at)
    assert f"case.renewals.contract.{contract.id}" in keys(at)
