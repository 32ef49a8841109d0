"""The browser's side of a sign-in: the token, the one-time ticket, and being out at the next click."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from crm.access import SYSTEM, Role
from crm.database import now
from crm.session import data_version, open_as
from crm.staff.commands import PersonDetails, edit_person, end_other_sessions, freeze, mark_as_left, set_preference
from crm.staff.models import AuthSession, SignInEvent, SignInKind, SignInTicket, User
from crm.staff.queries import my_browser_sessions
from crm.staff.sign_in import actor_for, issue_ticket, open_browser_session, redeem_ticket, sign_out, who


def test_it_works(people):
    person = who(open_browser_session(people.anna.id))
    assert (person.user_id, person.name, person.username, person.role) == (people.anna.id, "Anna Lindqvist", "anna", Role.REP)
    assert (person.unit_name, [board.name for board in person.boards]) == ("Sales East", ["Music"])
    assert not person.must_change and person.language is None
    with open_as(SYSTEM) as session:
        assert person.data_version == data_version(session)


def test_everybody_is_the_actor_the_policy_means(people):
    for person in people:
        assert who(open_browser_session(person.id)).actor == person.actor
    with open_as(SYSTEM) as session:
        assert actor_for(session, session.get(User, people.gia.id)) == people.gia.actor


@pytest.mark.parametrize(
    ("name", "boards"),
    [("eve", ["Music", "Machinery"]), ("dana", ["Music"]), ("emil", ["Machinery"]), ("mia", ["Music", "Machinery"])],
)
def test_the_boards_of_a_person(people, name, boards):
    person = who(open_browser_session(getattr(people, name).id))
    assert [board.name for board in person.boards] == boards


def test_an_unknown_token_opens_nothing(people):
    assert who("nobody's token") is None


def test_the_database_keeps_no_token(people):
    token = open_browser_session(people.anna.id)
    ticket = issue_ticket(token)
    with open_as(SYSTEM) as session:
        kept = [
            session.scalars(select(AuthSession.token_hash)).one(),
            *session.execute(select(SignInTicket.ticket_hash, SignInTicket.token)).one(),
        ]
    assert token not in kept and ticket not in kept


def test_signing_out_ends_every_tab(people):
    token = open_browser_session(people.anna.id)
    sign_out(token, "10.0.0.7")
    assert who(token) is None
    sign_out(token)
    with open_as(SYSTEM) as session:
        assert session.scalars(select(SignInEvent.kind)).all() == [SignInKind.SIGNED_OUT]


@pytest.mark.parametrize("close", [freeze, mark_as_left])
def test_a_closed_account_is_out_at_the_next_click(people, close):
    tokens = [open_browser_session(people.chen.id) for _ in range(2)]
    with open_as(people.ada.actor) as session:
        close(session, people.chen.id)
    assert [who(token) for token in tokens] == [None, None]


def test_a_new_role_holds_at_the_next_click(people):
    token = open_browser_session(people.chen.id)
    with open_as(people.ada.actor) as session:
        chen = session.get(User, people.chen.id)
        details = PersonDetails(name=chen.name, role=Role.LEAD, unit_id=people.units["Music"])
        edit_person(session, chen.id, details, chen.version)
    person = who(token)
    assert person.role is Role.LEAD and people.units["Sales East"] in person.actor.team_ids


def test_an_expired_session_is_over(people):
    token = open_browser_session(people.anna.id)
    with open_as(SYSTEM) as session:
        session.scalars(select(AuthSession)).one().expires_at = now() - dt.timedelta(seconds=1)
    assert who(token) is None


def test_signing_out_everywhere_else_keeps_this_one(people):
    here, there, chens = (open_browser_session(person.id) for person in (people.anna, people.anna, people.chen))
    with open_as(people.anna.actor) as session:
        assert end_other_sessions(session, who(here).session_id) == 1
    assert (who(here) is not None, who(there), who(chens) is not None) == (True, None, True)


def test_i_see_my_own_open_sessions_only(people):
    here, _, _ = (open_browser_session(person.id) for person in (people.anna, people.anna, people.chen))
    with open_as(people.anna.actor) as session:
        mine = my_browser_sessions(session, current=who(here).session_id)
    assert mine["this_one"].tolist() == [False, True]


def test_the_language_is_the_persons(people):
    token = open_browser_session(people.anna.id)
    for code in ("zh", "en"):
        with open_as(people.anna.actor) as session:
            set_preference(session, "language", {"code": code})
        assert who(token).language == code
    assert who(open_browser_session(people.chen.id)).language is None


def test_a_ticket_gives_the_token_once(people):
    token = open_browser_session(people.anna.id)
    ticket = issue_ticket(token)
    assert redeem_ticket(ticket) == token
    assert redeem_ticket(ticket) is None
    assert redeem_ticket("") is None


def test_a_late_ticket_gives_nothing_and_is_swept_away(people):
    token = open_browser_session(people.anna.id)
    late, swept = issue_ticket(token), issue_ticket(token)
    with open_as(SYSTEM) as session:
        for ticket in session.scalars(select(SignInTicket)):
            ticket.expires_at = now() - dt.timedelta(seconds=1)
    assert redeem_ticket(late) is None
    issue_ticket(token)
    with open_as(SYSTEM) as session:
        assert len(session.scalars(select(SignInTicket)).all()) == 1
    assert redeem_ticket(swept) is None


def test_of_many_who_bring_the_same_ticket_one_gets_the_token(people):
    token = open_browser_session(people.anna.id)
    ticket = issue_ticket(token)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(redeem_ticket, [ticket] * 8))
    assert sorted(answer is not None for answer in answers) == [False] * 7 + [True]
