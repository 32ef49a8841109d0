"""The pages of administration: people, units, the policy, the log; and one's own account."""

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.attempts import check
from crm.staff.commands import PersonDetails, edit_person
from crm.staff.models import OrgUnit, User, UserState
from crm.staff.sign_in import open_browser_session, who
from tests.people import PASSWORD

ROWS = ["ada", "amir", "anna", "bao", "ben", "chen", "dana", "emil", "eve", "gia", "mia"]


@pytest.fixture
def at(database):
    def opened(person, path: str, **parameters: str) -> AppTest:
        home = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=20)
        home.session_state["_token"] = open_browser_session(person.id)
        home.run().switch_page(path)
        home.query_params.update(parameters)
        return home.run()

    return opened


def click_row(page: AppTest, key: str, row: int) -> AppTest:
    page.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(row, "name")]}}
    return page.run()


def button(page: AppTest, label: str):
    [found] = [button for button in page.button if button.label == label]
    return found


def save(page: AppTest, form: str) -> None:
    [found] = [button for button in page.button if button.form_id == form]
    found.click().run()


def stored(user_id: int) -> User:
    with open_as(SYSTEM) as session:
        return session.get(User, user_id)


def open_anna(at, people) -> AppTest:
    return click_row(at(people.ada, "pages/admin/people.py"), "people.rows.1", ROWS.index("anna"))


def test_a_person_is_changed(people, at):
    page = open_anna(at, people)
    assert [one.value for one in page.subheader] == ["Anna Lindqvist"]
    page.text_input(key=f"person.{people.anna.id}.phone").input("0731 555")
    save(page, f"person.{people.anna.id}")
    assert not page.exception and not page.error
    assert stored(people.anna.id).phone == "0731 555"


def test_the_second_of_two_who_save_sees_both_versions_and_may_save_again(people, at):
    page = open_anna(at, people)
    page.text_input(key=f"person.{people.anna.id}.name").input("Anna Holm")
    with open_as(people.bao.actor) as session:
        anna = session.get(User, people.anna.id)
        details = PersonDetails(name="Anna Berg", role=anna.role, unit_id=anna.unit_id, manager_id=anna.manager_id)
        edit_person(session, anna.id, details, anna.version)
    save(page, f"person.{people.anna.id}")
    assert page.warning[0].value.startswith("Bao Nguyen saved this record before you.")
    assert page.table[0].value.reset_index().values.tolist() == [["Name", "Anna Holm", "Anna Berg"]]
    assert stored(people.anna.id).name == "Anna Berg"
    save(page, f"person.{people.anna.id}")
    assert not page.error and not page.warning and stored(people.anna.id).name == "Anna Holm"


def test_a_person_is_frozen_and_comes_back(people, at):
    page = open_anna(at, people)
    button(page, "Freeze").click().run()
    assert stored(people.anna.id).state == UserState.FROZEN
    page = open_anna(at, people)
    button(page, "Unfreeze").click().run()
    assert stored(people.anna.id).state == UserState.ACTIVE


def test_a_new_password_is_given(people, at):
    page = open_anna(at, people)
    page.text_input(key=f"reset.{people.anna.id}.new_password").input("a quiet evening")
    save(page, f"reset.{people.anna.id}")
    assert check("anna", "a quiet evening") == people.anna.id


def test_a_board_administrator_sees_others_without_a_form(people, at):
    page = click_row(at(people.bao, "pages/admin/people.py"), "people.rows.1", ROWS.index("emil"))
    assert "This account is looked after by somebody else." in [one.value for one in page.caption]
    assert not [one for one in page.button if one.label in ("Save", "Freeze")]


def test_people_are_filtered(people, at):
    page = at(people.ada, "pages/admin/people.py")
    page.text_input(key="people.search").input("lind").run()
    assert page.dataframe[0].value.iloc[:, 0].tolist() == ["Anna Lindqvist"]


def test_a_unit_is_added(people, at):
    page = at(people.ada, "pages/admin/people.py", view="units")
    page.text_input(key="new_unit.name").input("Online")
    page.selectbox(key="new_unit.kind").select("department")
    page.selectbox(key="new_unit.parent_id").select(people.units["Music"])
    save(page, "new_unit")
    with open_as(SYSTEM) as session:
        assert session.scalars(select(OrgUnit.parent_id).where(OrgUnit.name == "Online")).one() == people.units["Music"]


def test_the_log_shows_a_change_before_and_after_in_words(people, at):
    with open_as(people.ada.actor) as session:
        anna = session.get(User, people.anna.id)
        details = PersonDetails(name=anna.name, role="lead", unit_id=people.units["Sales West"], manager_id=people.dana.id)
        edit_person(session, anna.id, details, anna.version)
    page = click_row(at(people.ada, "pages/admin/audit.py"), "audit.rows.1", 0)
    assert sorted(page.table[0].value.reset_index().values.tolist()) == [
        ["Manager", "Ben Okafor", "Dana Novak"],
        ["Role", "Rep", "Lead"],
        ["Unit", "Sales East", "Sales West"],
    ]


def test_sign_ins_are_listed(people, at):
    check("anna", PASSWORD, "10.0.0.7 · Firefox")
    shown = at(people.ada, "pages/admin/audit.py", view="sign_ins").dataframe[0].value
    assert shown.iloc[0].tolist()[1:] == ["Signed in", "anna", "Anna Lindqvist", "10.0.0.7 · Firefox"]


def test_the_policy_is_shown_to_everybody_as_it_stands(people, at):
    page = at(people.anna, "pages/admin/who_may_what.py")
    areas = [heading.value for heading in page.subheader]
    customers = page.table[areas.index("Customers")].value
    assert customers.loc["**Rep**"].tolist() == ["Own", "Own", "Export, Import, Share"]
    assert customers.loc["Admin"].tolist() == ["–", "–", ""]


def test_my_other_browsers_are_signed_out(people, at):
    other = open_browser_session(people.anna.id)
    page = at(people.anna, "pages/work/account.py")
    assert len(page.dataframe[0].value) == 2
    page.button(key="end_others").click().run()
    assert who(other) is None and who(page.session_state["_token"]) is not None
    assert len(page.dataframe[0].value) == 1
