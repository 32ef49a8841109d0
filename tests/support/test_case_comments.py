import datetime as dt

import pytest

from crm.errors import Invalid
from crm.session import open_as
from crm.support.commands import CommentInput, Solving, comment, solve_case
from crm.support.queries import case, comments
from tests.factories import TODAY, a_case


@pytest.fixture
def found(people, customer):
    return a_case(people.anna, customer, opened_at=dt.datetime.combine(TODAY - dt.timedelta(1), dt.time(8), dt.UTC))


def say(person, case_id, text, **how):
    with open_as(person.actor) as session:
        comment(session, case_id, CommentInput(text=text, **how))
        return case(session, case_id)


def test_it_works_and_moves_the_state(people, found):
    assert say(people.anna, found.id, "Have a look", public=False).answered_at is None
    assert say(people.anna, found.id, "We look at it").state == "in_progress"
    assert say(people.anna, found.id, "Which model?", wait=True).state == "waiting_customer"
    told = say(people.anna, found.id, "The red one", by_customer=True)
    assert (told.state, told.answered_at is not None) == ("in_progress", True)
    with open_as(people.amir.actor) as session:
        assert comments(session, found.id)[["public", "by_customer"]].astype(bool).values.tolist() == [
            [False, False],
            [True, False],
            [True, False],
            [True, True],
        ]


def test_a_word_after_the_end_opens_nothing(people, found):
    with open_as(people.anna.actor) as session:
        solve_case(session, found.id, Solving(solution="So"))
    assert say(people.anna, found.id, "Thanks", by_customer=True).state == "solved"


def test_what_cannot_be(people, found):
    with pytest.raises(Invalid) as refusal:
        say(people.anna, found.id, "Secret", by_customer=True, public=False)
    assert refusal.value.field == "public"
    for at in (dt.datetime(2030, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        with pytest.raises(Invalid) as refusal:
            say(people.anna, found.id, "When?", at=at)
        assert refusal.value.field == "at"


def test_an_earlier_answer_that_is_written_down_later_counts(people, found):
    say(people.anna, found.id, "We look at it")
    earlier = found.opened_at + dt.timedelta(hours=1)
    assert say(people.anna, found.id, "Told him on the phone", at=earlier).answered_at == earlier
