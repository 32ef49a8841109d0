"""The parts of the page "People": the list with one person beside it, the tree of units, and who stays away."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from crm.database import now
from crm.staff import commands, queries
from crm.staff.models import User, UserState
from crm.staff.queries import PAGE, PeopleFilter
from crm.ui.desk import act, figures, find, load, me
from crm.ui.form import form
from crm.ui.show import empty
from crm.ui.sign_in import origin
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import date_relative

STATE_COLOURS: dict[str, Any] = {"active": "green", "frozen": "orange", "left": "gray"}


def unit_choices() -> dict[int, str]:
    units = load(queries.units)
    return dict(zip(units["id"].tolist(), units["path"], strict=True))


def _person_choices() -> dict[str, dict[Any, str]]:
    colleagues = load(queries.colleagues)
    return {
        "role": {role.value: label(role, of="role") for role in commands.roles_to_give(me().actor)},
        "unit_id": unit_choices(),
        "manager_id": dict(zip(colleagues["id"].tolist(), colleagues["name"], strict=True)),
    }


# ------------------------------------------------------------------------------------------------------- list


def people_list() -> None:
    wanted = _filters()
    total = figures(queries.people_count, wanted=wanted)
    pages = max(1, math.ceil(total / PAGE))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(say("{count:person|people}", count=total))
        page = min(st.session_state.get("people.page", 1), pages)
        rows = load(queries.people, wanted=wanted, page=page)
        chosen = table(
            with_last_sign_in(rows), key=f"people.rows.{page}", columns=["name", "role", "unit", "state", "last_sign_in"]
        )
        if pages > 1:
            st.pagination(pages, key="people.page")
    with right:
        if chosen.opened:
            _person(chosen.opened)
        else:
            empty("Click a person to see and change the account.", icon=":material/touch_app:")


def with_last_sign_in(rows: pd.DataFrame) -> pd.DataFrame:
    today = now().date()
    return rows.assign(last_sign_in=[date_relative(moment, today) for moment in rows["last_sign_in_at"]])


def _filters() -> PeopleFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            say("Search"), key="people.search", placeholder=say("Name, user name, e-mail"), icon=":material/search:", width=190
        )
        state = st.segmented_control(
            say("State"),
            [state.value for state in UserState],
            format_func=lambda code: label(code, of="state"),
            key="people.state",
        )
        roles = [role.value for role in commands.roles_to_give(me().actor)]
        role = st.selectbox(
            say("Role"),
            roles,
            index=None,
            format_func=lambda code: label(code, of="role"),
            key="people.role",
            placeholder=say("Any"),
            width=140,
        )
        units = unit_choices()
        unit_id = st.selectbox(
            say("Unit"),
            list(units),
            index=None,
            format_func=units.__getitem__,
            key="people.unit",
            placeholder=say("Any"),
            width=190,
        )
        st.space("stretch")
        if st.button(say("Add a person"), type="primary", icon=":material/person_add:", key="people.add"):
            _add_person()
    return PeopleFilter(search or "", state, role, unit_id)


def _add_person() -> None:
    st.dialog(say("Add a person"), width="medium")(_new_person_form)()


def _new_person_form() -> None:
    details = form(commands.NewPerson, key="new_person", choices=_person_choices())
    if details:
        act(commands.add_person, details, done="{name} can sign in now.", name=details.name)


def _person(user_id: int) -> None:
    user = find(queries.person, user_id)
    if user is None:
        return
    with st.container(border=True, key="person"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(user.name), anchor=False)
            st.badge(label(user.state, of="state"), color=STATE_COLOURS[user.state])
        st.caption(f"{user.username} · {label(user.role, of='role')}")
        if not find(queries.may_change_person, user_id):
            st.caption(say("This account is looked after by somebody else."))
            return
        choices = _person_choices()
        edit_form(commands.PersonDetails, user, commands.edit_person, key=f"person.{user_id}", done="Saved.", choices=choices)
        _account_actions(user)
        _further_units(user_id)


def _account_actions(user: User) -> None:
    with st.container(horizontal=True):
        if user.state == UserState.ACTIVE and st.button(say("Freeze"), icon=":material/ac_unit:", key="freeze"):
            act(commands.freeze, user.id, done="{name} is out of every browser at the next click.", name=user.name)
        if user.state == UserState.FROZEN and st.button(say("Unfreeze"), icon=":material/sunny:", key="unfreeze"):
            act(commands.unfreeze, user.id, done="{name} can sign in again.", name=user.name)
        with st.popover(say("New password"), icon=":material/key:", key="reset"):
            reset = form(commands.PasswordReset, key=f"reset.{user.id}", columns=1)
            if reset:
                act(
                    commands.reset_password,
                    user.id,
                    reset,
                    origin(),
                    done="New password set. It must be changed at the next sign-in.",
                )


def _further_units(user_id: int) -> None:
    if not find(queries.may_change_units):
        return
    memberships = load(queries.memberships, user_id=user_id)
    units = {unit_id: path for unit_id, path in unit_choices().items() if unit_id not in set(memberships["unit_id"])}
    with st.expander(say("Further units"), icon=":material/lan:", expanded=bool(len(memberships))):
        for member, name in zip(memberships["id"].tolist(), memberships["unit"].tolist(), strict=True):
            if st.button(name, icon=":material/close:", key=f"member.{member}", help=say("Remove")):
                act(commands.remove_membership, member, done="{unit} removed.", unit=name)
        chosen = st.selectbox(
            say("Add a unit"), list(units), index=None, format_func=units.__getitem__, key="member.add", placeholder=say("Choose")
        )
        if chosen and st.button(say("Add"), key="member.save"):
            act(commands.add_membership, user_id, chosen, done="{unit} added.", unit=units[chosen])


# ------------------------------------------------------------------------------------------------------ units


def units_tree() -> None:
    units = load(queries.units)
    left, right = st.columns([3, 2], gap="large")
    with left:
        shown = units.assign(unit=["\u2003" * depth + name for depth, name in zip(units["depth"], units["name"], strict=True)])
        chosen = table(shown, key="units.rows", columns=["unit", "kind", "currency", "people"])
    with right:
        if not find(queries.may_change_units):
            return
        if chosen.opened:
            _unit(chosen.opened)
        else:
            with st.container(border=True):
                st.subheader(say("Add a unit"), anchor=False)
                details = form(commands.UnitDetails, key="new_unit", choices={"parent_id": unit_choices()})
                if details:
                    act(commands.add_unit, details, done="{name} added.", name=details.name)


def _unit(unit_id: int) -> None:
    unit = find(queries.unit, unit_id)
    if unit is None:
        return
    with st.container(border=True, key="unit"):
        st.subheader(literal(unit.name), anchor=False)
        choices = {"parent_id": {other: path for other, path in unit_choices().items() if other != unit_id}}
        edit_form(commands.UnitDetails, unit, commands.edit_unit, key=f"unit.{unit_id}", done="Saved.", choices=choices)


# ------------------------------------------------------------------------------------------------------- away


def away_list() -> None:
    away = load(queries.not_signed_in)
    if away.empty:
        empty("Everybody has signed in within the last two weeks.", icon=":material/task_alt:")
        return
    st.caption(say("{count:person has|people have} not signed in for two weeks or more.", count=len(away)))
    table(with_last_sign_in(away), key="away.rows", columns=["name", "role", "unit", "last_sign_in", "days"], opens=False)
