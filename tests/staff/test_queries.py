"""What can be read about people: by whom, how far."""

import datetime as dt

import pytest

from crm.access import AREAS, GRANTS, SYSTEM
from crm.database import now
from crm.session import open_as
from crm.staff import queries
from crm.staff.attempts import SignInError, begin, check, finish
from crm.staff.commands import PersonDetails, edit_person, freeze
from crm.staff.models import SignInEvent, SignInKind, User
from crm.staff.queries import (
    AuditFilter,
    EventFilter,
    PeopleFilter,
    audit_log,
    audit_log_count,
    audited_types,
    colleagues,
    grants,
    not_signed_in,
    people_count,
    sign_in_events,
    sign_in_events_count,
)
from tests.people import PASSWORD


def rename(actor, user_id: int, name: str) -> None:
    with open_as(actor) as session:
        user = session.get(User, user_id)
        details = PersonDetails(name=name, role=user.role, unit_id=user.unit_id, manager_id=user.manager_id)
        edit_person(session, user_id, details, user.version)


def ask(actor, query, *arguments, **named):
    with open_as(actor) as session:
        return query(session, *arguments, **named)


def test_people_are_found_by_name_role_and_unit(people):
    ada = people.ada.actor
    assert ask(ada, people_count) == 11
    assert ask(ada, queries.people, PeopleFilter(search="LIND"))["username"].tolist() == ["anna"]
    assert ask(ada, queries.people, PeopleFilter(role="rep"))["name"].tolist() == ["Anna Lindqvist", "Chen Wei", "Emil Sandoval"]
    in_east = ask(ada, queries.people, PeopleFilter(unit_id=people.units["Sales East"]))
    assert in_east[["name", "manager", "unit"]].values.tolist() == [
        ["Anna Lindqvist", "Ben Okafor", "Sales East"],
        ["Ben Okafor", "Dana Novak", "Sales East"],
    ]
    assert ask(ada, queries.people, page=2, size=10)["username"].tolist() == ["mia"]
    assert ask(ada, queries.people, PeopleFilter(search="100%")).empty


def test_owners_are_chosen_among_the_active(people):
    ask(people.ada.actor, freeze, people.chen.id)
    names = ask(people.anna.actor, colleagues)["name"].tolist()
    assert "Anna Lindqvist" in names and "Chen Wei" not in names and "Ada Moreau" not in names
    assert ask(people.anna.actor, colleagues, unit_ids=(people.units["Sales East"],))["name"].tolist() == [
        "Anna Lindqvist",
        "Ben Okafor",
    ]


def test_sign_ins_are_read_as_far_as_the_reach_goes(people):
    for name in ("anna", "chen", "emil"):
        check(name, PASSWORD)
    with pytest.raises(SignInError):
        finish(begin("nobody"), right=False)
    seen = {
        name: set(ask(getattr(people, name).actor, sign_in_events)["username"]) for name in ("anna", "ben", "bao", "eve", "ada")
    }
    assert seen == {
        "anna": {"anna"},
        "ben": {"anna"},
        "bao": {"anna", "chen"},
        "eve": {"anna", "chen", "emil", "nobody"},
        "ada": {"anna", "chen", "emil", "nobody"},
    }
    assert ask(people.ada.actor, sign_in_events, EventFilter(kind="unknown_name"))["username"].tolist() == ["nobody"]
    tomorrow = now().date() + dt.timedelta(days=1)
    assert ask(people.ada.actor, sign_in_events_count, EventFilter(since=tomorrow)) == 0
    assert ask(people.ada.actor, sign_in_events_count, EventFilter(until=now().date())) == 4


def test_who_has_not_signed_in_for_two_weeks(people):
    in_20_days = now() + dt.timedelta(days=20)
    with open_as(SYSTEM) as session:
        recent = SignInEvent(
            kind=SignInKind.SIGNED_IN, user_id=people.anna.id, username="anna", created_at=now() + dt.timedelta(days=10)
        )
        session.add(recent)
    assert ask(people.dana.actor, not_signed_in).empty
    away = ask(people.dana.actor, not_signed_in, at=in_20_days)
    assert set(away["name"]) == {"Ben Okafor", "Chen Wei", "Dana Novak", "Amir Haddad", "Bao Nguyen", "Gia Rossi"}
    assert set(away["days"]) == {20}
    ask(people.ada.actor, freeze, people.chen.id)
    assert "Chen Wei" not in set(ask(people.dana.actor, not_signed_in, at=in_20_days)["name"])


def test_the_log_shows_before_and_after_newest_first(people):
    rename(people.ada.actor, people.anna.id, "Anna Berg")
    rename(people.bao.actor, people.anna.id, "Anna Holm")
    log = ask(people.ada.actor, audit_log, AuditFilter(record_type="user", action="change", search="anna"), size=2)
    assert log[["actor_name", "before", "after"]].values.tolist() == [
        ["Bao Nguyen", {"name": "Anna Berg"}, {"name": "Anna Holm"}],
        ["Ada Moreau", {"name": "Anna Lindqvist"}, {"name": "Anna Berg"}],
    ]
    assert ask(people.ada.actor, audit_log_count, AuditFilter(actor_id=people.bao.id)) == 1
    assert ask(people.ada.actor, audit_log_count, AuditFilter(since=now().date() + dt.timedelta(days=1))) == 0


def test_the_log_is_read_as_far_as_the_reach_goes(people):
    rename(people.ada.actor, people.anna.id, "Anna Berg")
    rename(people.ada.actor, people.emil.id, "Emil Berg")

    def titles(name: str) -> set[str]:
        return set(ask(getattr(people, name).actor, audit_log, AuditFilter(action="change", search="Berg"))["record_title"])

    assert {name: titles(name) for name in ("anna", "bao", "dana", "eve", "ada")} == {
        "anna": set(),
        "bao": {"Anna Berg"},
        "dana": {"Anna Berg"},
        "eve": {"Anna Berg", "Emil Berg"},
        "ada": {"Anna Berg", "Emil Berg"},
    }


def test_the_log_is_asked_for_kinds_that_it_keeps():
    assert {"user", "customer", "org_unit"} <= set(audited_types())
    assert not {"credential", "auth_session", "sign_in_event", "audit_entry"} & set(audited_types())


def test_the_policy_page_shows_every_grant():
    policy = grants().set_index(["area", "role"])
    assert len(policy) == len(AREAS) * len(GRANTS)
    assert policy.loc[("customers", "rep")].tolist() == ["own", "own", ["export", "import", "share"]]
    assert policy.loc[("customers", "admin")].tolist() == ["nothing", "nothing", []]
