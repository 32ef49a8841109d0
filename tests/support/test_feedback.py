import datetime as dt

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused
from crm.session import get, open_as
from crm.support.commands import (
    Answer,
    Asking,
    Solving,
    answer_survey,
    ask_feedback,
    open_survey,
    solve_case,
    withdraw_invitation,
)
from crm.support.filters import CaseFilter
from crm.support.models import FeedbackInvitation
from crm.support.queries import case_ids, feedback, invitations_of, service_of, survey_answers
from tests.factories import TODAY, a_case, a_customer, an_order


@pytest.fixture
def solved(people, customer):
    found = a_case(people.anna, customer)
    with open_as(people.anna.actor) as session:
        solve_case(session, found.id, Solving(solution="A new cable"))
    return found


def ask(person, customer, **asking):
    with open_as(person.actor) as session:
        return ask_feedback(session, customer.id, Asking.model_validate(asking))


def test_it_works(people, customer, solved):
    asked = ask(people.anna, customer, case_id=solved.id, language="en")
    with open_as(SYSTEM) as session:
        assert asked.token not in str(vars(session.scalars(select(FeedbackInvitation)).one()))
    survey = open_survey(asked.token)
    assert (survey.item, survey.language, survey.day) == ("case", "en", TODAY)
    answer_survey(asked.token, Answer(csat=2, nps=3, comment="Slow"))
    with open_as(people.amir.actor) as session:
        told = survey_answers(session, TODAY, TODAY)
        assert told[["customer", "number", "csat", "nps", "comment"]].values.tolist() == [
            ["Aurora Music Ltd", solved.number, 2, 3, "Slow"]
        ]
        assert invitations_of(session, case_id=solved.id)["csat"].tolist() == [2]
        assert case_ids(session, CaseFilter(csat_at_most=2)) == [solved.id]
        assert case_ids(session, CaseFilter(csat_at_most=1)) == []


def test_the_link_works_once(people, customer, solved):
    asked = ask(people.anna, customer, case_id=solved.id)
    answer_survey(asked.token, Answer(csat=5))
    for again in (lambda: answer_survey(asked.token, Answer(csat=1)), lambda: open_survey(asked.token)):
        with pytest.raises(NotFound, match="does not work"):
            again()


def test_a_wrong_an_old_and_a_withdrawn_link_are_the_same_answer(people, customer, solved):
    old, gone = (ask(people.anna, customer, case_id=solved.id) for _ in range(2))
    with open_as(SYSTEM) as session:
        get(session, FeedbackInvitation, old.invitation.id).expires_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        withdraw_invitation(session, gone.invitation.id)
    for token in (old.token, gone.token, "guessed"):
        with pytest.raises(NotFound, match="does not work"):
            open_survey(token)


def test_an_answer_stays_and_what_was_withdrawn_is_told(people, customer, solved):
    answered, gone, old = (ask(people.anna, customer, case_id=solved.id) for _ in range(3))
    answer_survey(answered.token, Answer(csat=5))
    with open_as(people.anna.actor) as session:
        withdraw_invitation(session, gone.invitation.id)
        get(session, FeedbackInvitation, old.invitation.id).expires_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        session.flush()
        with pytest.raises(Invalid, match="answered already"):
            withdraw_invitation(session, answered.invitation.id)
        assert invitations_of(session, customer_id=customer.id)["state"].tolist() == ["expired", "withdrawn", "answered"]


def test_refused_for_strangers_and_readers(people, customer, solved):
    for person, error in ((people.emil, NotFound), (people.amir, Refused)):
        with pytest.raises(error):
            ask(person, customer, case_id=solved.id)
    assert ask(people.gia, customer, case_id=solved.id).token


def test_what_is_asked_belongs_together(people, customer, solved):
    running, other = a_case(people.anna, customer), a_customer(people.anna)
    with pytest.raises(Invalid):
        ask(people.anna, customer)
    with pytest.raises(Invalid):
        ask(people.anna, customer, case_id=running.id)
    with pytest.raises(Invalid):
        ask(people.anna, other, case_id=solved.id)
    with pytest.raises(Invalid):
        ask(people.anna, customer, item="order", order_id=an_order(other).id)
    assert ask(people.anna, customer, item="relationship").invitation.team_id == customer.team_id
    with pytest.raises(ValidationError):
        Answer(csat=6)


def test_scores_by_unit_and_item_with_response_rate(people, customer, solved):
    for csat, nps in ((5, 10), (4, 9), (1, 0), (None, None)):
        asked = ask(people.anna, customer, case_id=solved.id)
        if csat:
            answer_survey(asked.token, Answer(csat=csat, nps=nps))
    ask(people.anna, customer, item="training", team_id=people.units["Service"])
    with open_as(people.dana.actor) as session:
        teams = feedback(session, TODAY, TODAY).scores["team"].set_index("name")
        items = feedback(session, TODAY, TODAY).scores["item"].set_index("key")
        everything = feedback(session, TODAY, TODAY, board_id=customer.board_id).scores["all"].iloc[0]
        assert feedback(session, dt.date(2025, 1, 1), dt.date(2025, 1, 2)).scores["team"].empty
    east = teams.loc["Sales East"]
    assert (east["sent"], east["answered"], east["response_rate"], round(east["csat"], 3)) == (4, 3, 0.75, 3.333)
    assert (round(east["nps"], 1), round(east["satisfied_share"], 3)) == (33.3, 0.667)
    assert east["csat_low"] >= 1 and east["csat_high"] <= 5
    assert (items.loc["training", "sent"], items.loc["training", "answered"], everything["sent"]) == (1, 0, 5)
    with open_as(people.ada.actor) as session:
        assert feedback(session, TODAY, TODAY).scores["team"].empty


def test_complaints_and_marks_are_part_of_what_one_knows_of_a_customer(people, customer, solved):
    with open_as(people.anna.actor) as session:
        assert service_of(session, customer.id).mood == "unknown"
    answer_survey(ask(people.anna, customer, case_id=solved.id).token, Answer(csat=5, nps=9))
    with open_as(people.anna.actor) as session:
        assert service_of(session, customer.id).mood == "content"
    complaint = a_case(people.anna, customer, kind="complaint", complaint_class="department")
    with open_as(people.anna.actor) as session:
        told = service_of(session, customer.id)
        assert (told.cases, told.open, told.complaints, told.open_complaints, told.csat, told.mood) == (
            2,
            1,
            1,
            1,
            5.0,
            "unhappy",
        )
        solve_case(session, complaint.id, Solving(solution="Said sorry"))
        assert service_of(session, customer.id).mood == "mixed"
    answer_survey(ask(people.anna, customer, item="relationship").token, Answer(csat=1))
    with open_as(people.anna.actor) as session:
        told = service_of(session, customer.id)
        assert (told.low_marks, told.last_csat, told.mood) == (1, 1, "unhappy")
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        service_of(session, customer.id)
