"""Accounts: added, changed, frozen; by whom, and what nobody may do."""

import pytest
from sqlalchemy import select

from crm.access import SYSTEM, Role
from crm.audit import AuditEntry
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from crm.staff.attempts import check
from crm.staff.commands import (
    NewPerson,
    PersonDetails,
    add_membership,
    add_person,
    edit_person,
    freeze,
    remove_membership,
    unfreeze,
)
from crm.staff.models import Credential, User
from crm.staff.sign_in import open_browser_session, who

PASSWORD = "a first password"


def details(people, **changes):
    return PersonDetails(**({"name": "Lu Han", "role": Role.REP, "unit_id": people.units["Sales East"]} | changes))


def new(people, **changes):
    return NewPerson(**(details(people).model_dump() | {"username": "lu.han", "password": PASSWORD} | changes))


def added_by(actor, person: NewPerson) -> int:
    with open_as(actor) as session:
        return add_person(session, person).id


def changed_by(actor, user_id: int, to: PersonDetails) -> None:
    with open_as(actor) as session:
        edit_person(session, user_id, to, session.get(User, user_id).version)


def test_it_works(people):
    user_id = added_by(people.ada.actor, new(people, username="Lu.Han", manager_id=people.ben.id))
    assert check("lu.han", PASSWORD) == user_id
    person = who(open_browser_session(user_id))
    assert person.must_change and person.actor.team_ids == {people.units["Sales East"]}
    with open_as(people.ada.actor) as session:
        created = (AuditEntry.record_type == "user") & (AuditEntry.action == "create")
        entry = session.scalars(select(AuditEntry).where(created).order_by(AuditEntry.id.desc())).first()
        assert (entry.actor_name, entry.record_title, entry.after["username"]) == ("Ada Moreau", "Lu Han", "lu.han")
        assert "password" not in str(entry.after)


def test_a_board_administrator_adds_people_to_his_board(people):
    assert added_by(people.bao.actor, new(people))


@pytest.mark.parametrize("name", ["anna", "ben", "dana", "eve", "amir", "gia", "mia"])
def test_refused_for_everybody_else(people, name):
    with pytest.raises(Refused):
        added_by(getattr(people, name).actor, new(people))


def test_refused_for_a_board_administrator_outside_his_board(people):
    with pytest.raises(Refused):
        added_by(people.bao.actor, new(people, unit_id=people.units["Machinery"]))
    with pytest.raises(Refused):
        changed_by(people.bao.actor, people.emil.id, details(people))
    with pytest.raises(Refused):
        changed_by(people.bao.actor, people.anna.id, details(people, unit_id=people.units["Machinery"]))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EXECUTIVE])
def test_a_board_administrator_makes_no_administrators(people, role):
    with pytest.raises(Refused, match="Only an administrator"):
        added_by(people.bao.actor, new(people, role=role))
    with pytest.raises(Refused, match="Only an administrator"):
        changed_by(people.bao.actor, people.anna.id, details(people, role=role))


def test_a_board_administrator_does_not_take_an_administrators_role_away(people):
    added_by(people.ada.actor, new(people, role=Role.ADMIN))
    with open_as(SYSTEM) as session:
        other = session.scalars(select(User.id).where(User.username == "lu.han")).one()
    with pytest.raises(Refused):
        changed_by(people.bao.actor, other, details(people, role=Role.REP))


def test_nobody_is_made_the_system(people):
    with pytest.raises(Refused):
        added_by(people.ada.actor, new(people, role=Role.SYSTEM))


def test_a_user_name_is_taken_once(people):
    with pytest.raises(Invalid, match="taken") as caught:
        added_by(people.ada.actor, new(people, username="ANNA"))
    assert caught.value.field == "username"


@pytest.mark.parametrize("username", ["lu han", "lu@han", "<b>"])
def test_a_user_name_can_be_typed_anywhere(people, username):
    with pytest.raises(Invalid, match="user name"):
        added_by(people.ada.actor, new(people, username=username))


@pytest.mark.parametrize("password", ["short", "x" * 73, "lu.han.lu.han"[:6], "aaaaaaaaaaaa"])
def test_a_weak_first_password_adds_nobody(people, password):
    with pytest.raises(Invalid):
        added_by(people.ada.actor, new(people, password=password))
    with open_as(SYSTEM) as session:
        assert session.scalars(select(User).where(User.username == "lu.han")).first() is None


def test_only_the_one_who_adds_a_person_gives_the_first_password(people):
    """A credential can be made with the account, by whoever may change the account, and is then sealed."""
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        session.add(Credential(user_id=people.eve.id, password_hash="x", changed_at=session.get(User, people.eve.id).created_at))
    with open_as(people.ada.actor) as session:
        assert session.scalars(select(Credential)).all() == []


def test_a_change_is_kept(people):
    changed_by(people.ada.actor, people.anna.id, details(people, name="Anna Berg", unit_id=people.units["Sales West"]))
    person = who(open_browser_session(people.anna.id))
    assert (person.name, person.unit_name) == ("Anna Berg", "Sales West")


def test_the_second_save_is_told_both_versions(people):
    with open_as(people.ada.actor) as session:
        opened = session.get(User, people.anna.id).version
    changed_by(people.bao.actor, people.anna.id, details(people, name="Anna Berg", phone="1"))
    with pytest.raises(Stale) as caught, open_as(people.ada.actor) as session:
        edit_person(session, people.anna.id, details(people, name="Anna Holm", phone="1"), opened)
    assert (caught.value.mine, caught.value.theirs, caught.value.by) == (
        {"name": "Anna Holm"},
        {"name": "Anna Berg"},
        "Bao Nguyen",
    )
    with open_as(SYSTEM) as session:
        assert session.get(User, people.anna.id).name == "Anna Berg"


def test_nobody_is_above_himself(people):
    with pytest.raises(Invalid, match="above himself"):
        changed_by(people.ada.actor, people.dana.id, details(people, manager_id=people.anna.id))
    with pytest.raises(Invalid, match="above himself"):
        changed_by(people.ada.actor, people.dana.id, details(people, manager_id=people.dana.id))


def test_a_manager_and_a_unit_must_exist(people):
    with pytest.raises(NotFound):
        changed_by(people.ada.actor, people.anna.id, details(people, manager_id=999))
    with pytest.raises(NotFound):
        added_by(people.ada.actor, new(people, unit_id=999))


def test_nobody_freezes_himself(people):
    for person in (people.ada, people.bao):
        with pytest.raises(Refused, match="own account"), open_as(person.actor) as session:
            freeze(session, person.id)


def test_the_last_administrator_stays(people):
    with pytest.raises(Refused, match="last administrator"):
        changed_by(people.ada.actor, people.ada.id, details(people, role=Role.REP))
    with pytest.raises(Refused, match="last administrator"), open_as(SYSTEM) as session:
        freeze(session, people.ada.id)
    other = added_by(people.ada.actor, new(people, role=Role.ADMIN))
    with open_as(people.ada.actor) as session:
        freeze(session, other)
    with pytest.raises(Refused, match="last administrator"):
        changed_by(people.ada.actor, people.ada.id, details(people, role=Role.REP))


def test_a_rep_freezes_nobody(people):
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        freeze(session, people.anna.id)
    assert who(open_browser_session(people.anna.id)) is not None


def test_only_the_frozen_are_unfrozen(people):
    with pytest.raises(Invalid, match="not frozen"), open_as(people.ada.actor) as session:
        unfreeze(session, people.anna.id)


def test_a_further_unit_widens_the_reach_until_it_is_taken_away(people):
    token, unit = open_browser_session(people.amir.id), people.units["Machinery"]
    for _ in range(2):
        with open_as(people.ada.actor) as session:
            membership = add_membership(session, people.amir.id, unit)
            session.flush()
            membership_id = membership.id
        assert {unit, people.units["Machinery Sales"]} <= who(token).actor.team_ids
        with open_as(people.ada.actor) as session:
            remove_membership(session, membership_id)
        assert unit not in who(token).actor.team_ids


def test_a_board_administrator_widens_nobodys_reach(people):
    with pytest.raises(Refused), open_as(people.bao.actor) as session:
        add_membership(session, people.bao.id, people.units["Machinery"])
