"""Asking a customer: one click after the work, a link that is shown once, and what came back."""

import pytest

from crm.errors import Refused
from crm.office.commands import put_setting
from crm.session import open_as
from crm.support.asking import KEY, FeedbackRules
from crm.support.commands import (
    Answer,
    Asking,
    Solving,
    VisitInput,
    VisitResult,
    answer_survey,
    ask_feedback,
    finish_visit,
    open_survey,
    plan_visit,
    set_feedback_rules,
    solve_and_ask,
    solve_case,
    withdraw_invitation,
)
from crm.support.queries import case as case_of
from crm.support.queries import invitations_of
from crm.ui.support.link import is_here_alone
from tests.factories import a_case, a_contact, a_customer
from tests.pages.opened import dialog, keys, texts


def part(case_id, customer_id):
    from crm.ui.support.feedback import feedback_of

    feedback_of(case_id=case_id, customer_id=customer_id, key="f")


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def case(people, customer):
    return a_case(people.anna, customer, subject="The pedal sticks", contact_id=a_contact(customer, "Zhang Min").id)


@pytest.fixture
def solved(people, case):
    with open_as(people.anna.actor) as session:
        solve_case(session, case.id, Solving(solution="Oil"))
    return case


def state_of(people, **about):
    with open_as(people.anna.actor) as session:
        return invitations_of(session, **about)["state"].tolist()


def link_in(at):
    [address] = [one.value for one in at.code if "\n" not in one.value]
    return address, address.partition("?token=")[2]


def test_it_works_one_click_and_the_link_is_shown_once(people, solved):
    at = dialog(part, people.anna, solved.id, None)
    at.button_group(key="f.language").set_value("en").run()
    at.button(key="f.ask.case").click().run()
    address, token = link_in(at)
    [message] = [one.value for one in at.code if "\n" in one.value]
    assert message.startswith("Dear Zhang Min,") and "The pedal sticks" in message and address in message and "Group" in message
    assert open_survey(token).subject == "The pedal sticks"
    at.button(key="f.taken").click().run()
    assert not at.code and token not in texts(at) and state_of(people, case_id=solved.id) == ["open"]


def test_the_link_of_one_case_never_stands_under_another(people, solved, customer):
    other = a_case(people.anna, customer)
    at = dialog(part, people.anna, solved.id, None)
    at.button(key="f.ask.case").click().run()
    beside = dialog(part, people.anna, other.id, None)
    beside.session_state["f.made"] = at.session_state["f.made"]
    assert at.code and not beside.run().code


def test_the_message_speaks_the_language_of_the_customer(people, solved):
    at = dialog(part, people.anna, solved.id, None)
    at.button_group(key="f.language").set_value("zh").run()
    at.button(key="f.ask.case").click().run()
    assert [one.value for one in at.code if one.value.startswith("Zhang Min，您好！")]
    assert open_survey(link_in(at)[1]).language == "zh"


def test_a_case_that_runs_is_not_asked_about_but_its_visit_is(people, case):
    assert not {"f.ask.case", "f.ask.field_visit"} & keys(dialog(part, people.anna, case.id, None))
    with open_as(people.anna.actor) as session:
        visit = plan_visit(session, case.id, VisitInput(technician_id=people.anna.id, planned_at="2026-01-01T10:00:00Z"))
        finish_visit(session, visit.id, VisitResult(result="Oiled"))
    at = dialog(part, people.anna, case.id, None)
    assert "f.ask.case" not in keys(at)
    at.button(key="f.ask.field_visit").click().run()
    assert open_survey(link_in(at)[1]).item == "field_visit"


def test_a_customer_is_asked_about_other_work(people, customer):
    def asking(customer_id):
        from crm.ui.support.feedback import ask_customer
        from crm.ui.support.link import link_panel

        ask_customer(customer_id, "f")
        link_panel("f", customer_id=customer_id)

    at = dialog(asking, people.anna, customer.id)
    assert list(at.selectbox(key="f.form.item").options) == [
        "Order", "Delivery", "Installation", "Training", "Relationship",
    ]  # fmt: skip
    at.selectbox(key="f.form.item").set_value("training")
    [button] = [one for one in at.button if one.label == "Make the link"]
    button.click().run()
    assert open_survey(link_in(at)[1]).item == "training" and state_of(people, customer_id=customer.id) == ["open"]


def test_answers_and_states_stand_below_and_a_comment_is_text(people, solved, customer):
    with open_as(people.anna.actor) as session:
        asked = [ask_feedback(session, customer.id, Asking(case_id=solved.id)) for _ in range(3)]
    answer_survey(asked[0].token, Answer(csat=2, nps=3, comment="<b>Slow</b> ![x](http://e.example/x.png)"))
    with open_as(people.anna.actor) as session:
        withdraw_invitation(session, asked[1].invitation.id)
    at = dialog(part, people.anna, solved.id, None)
    shown = texts(at)
    assert "2 of 5" in shown and "recommends us: 3 of 10" in shown and "Satisfaction 2 of 5" in shown
    assert [one.value for one in at.text] == ["<b>Slow</b> ![x](http://e.example/x.png)"] and "<b>" not in shown
    assert state_of(people, case_id=solved.id) == ["open", "withdrawn", "answered"]
    at.button(key=f"f.{asked[2].invitation.id}.withdraw").click().run()
    assert state_of(people, case_id=solved.id) == ["withdrawn", "withdrawn", "answered"]


def test_readers_see_and_do_not_ask(people, solved, customer):
    with open_as(people.anna.actor) as session:
        asked = ask_feedback(session, customer.id, Asking(case_id=solved.id))
    at = dialog(part, people.amir, solved.id, None)
    assert "asked" in texts(at) and not keys(at)
    assert "Nobody was asked yet" in texts(dialog(part, people.gia, None, a_customer(people.anna).id))
    assert asked.token not in texts(at)


def test_asked_with_solving_where_the_firm_wants_it(people, case, customer):
    second = a_case(people.anna, customer)
    with open_as(people.anna.actor) as session:
        assert solve_and_ask(session, second.id, Solving(solution="So")) is None
        with pytest.raises(Refused):
            set_feedback_rules(session, FeedbackRules(ask_when_solved=True))
        session.rollback()
    with open_as(people.bao.actor) as session:
        set_feedback_rules(session, FeedbackRules(ask_when_solved=True, days=7, language="en", firm="Evergreen"))
    with open_as(people.anna.actor) as session:
        asked = solve_and_ask(session, case.id, Solving(solution="Oil"))
        assert case_of(session, case.id).state == "solved"
    assert (open_survey(asked.token).firm, open_survey(asked.token).language) == ("Evergreen", "en")


def test_the_address_of_the_firm_stands_before_the_own_one(people, solved):
    with open_as(people.bao.actor) as session:
        put_setting(session, KEY, {"address": "https://care.example/crm/"})
    at = dialog(part, people.anna, solved.id, None)
    at.button(key="f.ask.case").click().run()
    assert link_in(at)[0].startswith("https://care.example/crm/survey?token=") and not at.warning
    assert is_here_alone("http://localhost:8501/survey") and is_here_alone("http://127.0.0.1/x")
    assert is_here_alone("http://[::1]:8501/") and not is_here_alone("http://10.0.0.4/")
