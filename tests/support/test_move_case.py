import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from crm.support.commands import (
    CaseMove,
    CommentInput,
    HandOver,
    ProblemInput,
    Solving,
    add_problem,
    comment,
    hand_over,
    link_problem,
    merge_cases,
    move_case,
    reopen_case,
    solve_case,
)
from crm.support.queries import case, comments, events
from tests.factories import a_case, a_customer


@pytest.fixture
def found(people, customer):
    return a_case(people.anna, customer)


def way(person, case_id):
    with open_as(person.actor) as session:
        return events(session, case_id)["state"].tolist()


def test_it_works_from_new_to_closed_and_open_again(people, found):
    with open_as(people.anna.actor) as session:
        move_case(session, found.id, CaseMove(state="waiting_third", note="Asked the maker"))
        solved = solve_case(session, found.id, Solving(solution="A new cable", cause="Cable"))
        assert (solved.state, solved.cause, solved.made_sla) == ("solved", "Cable", None)
        assert solved.answered_at == solved.solved_at and solved.worked_seconds >= 0
        assert move_case(session, found.id, CaseMove(state="closed")).closed_at is not None
        again = reopen_case(session, found.id, "Still silent")
        assert (again.state, again.reopened, again.solved_at, again.worked_seconds) == ("in_progress", 1, None, None)
        with pytest.raises(Invalid):
            reopen_case(session, found.id)
    assert way(people.anna, found.id) == ["new", "waiting_third", "solved", "closed", "in_progress"]


def test_solved_and_closed_at_once(people, found):
    with open_as(people.anna.actor) as session:
        assert solve_case(session, found.id, Solving(solution="Told him how", close=True)).state == "closed"
        with pytest.raises(Invalid, match="solved already"):
            solve_case(session, found.id, Solving(solution="Again"))
        with pytest.raises(Invalid, match="reopen it first"):
            move_case(session, found.id, CaseMove(state="in_progress"))


def test_nothing_is_solved_without_saying_how(people, found):
    for state in ("solved", "closed"):
        with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
            move_case(session, found.id, CaseMove(state=state))
        assert refusal.value.field == "solution"


@pytest.mark.parametrize(
    "act",
    [
        lambda session, one: move_case(session, one, CaseMove(state="in_progress")),
        lambda session, one: solve_case(session, one, Solving(solution="So")),
        lambda session, one: hand_over(session, one, HandOver(team_id=1)),
        lambda session, one: comment(session, one, CommentInput(text="Hello")),
    ],
)
def test_refused_for_strangers_and_readers(people, found, act):
    for person, error in ((people.emil, NotFound), (people.amir, Refused)):
        with pytest.raises((error, Invalid) if error is Refused else error), open_as(person.actor) as session:
            act(session, found.id)


def test_handed_over_by_state_to_another_department(people, found):
    with open_as(people.anna.actor) as session:
        moved = hand_over(session, found.id, HandOver(team_id=people.units["Service"], state="in_progress", note="Yours"))
        assert (moved.owner_id, moved.team_id, moved.state) == (None, people.units["Service"], "in_progress")
    with open_as(people.anna.actor) as session:
        assert events(session, found.id)[["team", "note"]].values.tolist()[-1] == ["Service", "Yours"]
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        move_case(session, found.id, CaseMove(state="waiting_third"))
    with open_as(people.gia.actor) as session:
        with pytest.raises(Invalid, match="there already"):
            hand_over(session, found.id, HandOver(team_id=people.units["Service"]))
        with pytest.raises(Invalid, match="another board"):
            hand_over(session, found.id, HandOver(team_id=people.units["Machinery Sales"]))
        with pytest.raises(Invalid):
            hand_over(session, found.id, HandOver(team_id=people.units["Sales West"], state="solved"))


def test_merged_cases_are_read_as_one_and_can_be_parted(people, customer, found):
    other, strange = a_case(people.anna, customer), a_case(people.anna, a_customer(people.anna))
    with open_as(people.anna.actor) as session:
        comment(session, other.id, CommentInput(text="Here too", by_customer=True))
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        merge_cases(session, found.id, [other.id])
    with open_as(people.ben.actor) as session:
        with pytest.raises(Invalid, match="another customer"):
            merge_cases(session, found.id, [strange.id])
        with pytest.raises(Invalid, match="cannot be merged"):
            merge_cases(session, found.id, [found.id])
    with open_as(people.ben.actor) as session:
        merge_cases(session, found.id, [other.id])
        assert comments(session, found.id)["text"].tolist() == ["Here too"]
        assert (case(session, other.id).state, case(session, other.id).merged_into_id) == ("closed", found.id)
        parted = reopen_case(session, other.id)
        assert (parted.merged_into_id, parted.reopened) == (None, 0)


def test_linked_to_a_known_problem(people, found):
    with open_as(people.gia.actor) as session:
        problem = add_problem(session, ProblemInput(name="Cable breaks"))
    with open_as(people.anna.actor) as session:
        assert link_problem(session, [found.id], problem.id) == 1
        assert link_problem(session, [found.id], problem.id) == 0
        assert link_problem(session, [found.id], None) == 1
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        link_problem(session, [found.id], problem.id)
