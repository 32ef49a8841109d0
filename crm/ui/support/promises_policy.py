"""A policy as it is written: to whom, how quickly, by which calendar, and when its clocks stand still."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.customers.models import Level
from crm.errors import CrmError
from crm.support import commands, queries
from crm.support.commands import PolicyInput
from crm.support.commands.promises import WAITING
from crm.support.models import OPEN, CaseKind, Priority, SlaPolicy
from crm.ui.compare import compare, save
from crm.ui.desk import act, find, load
from crm.ui.form import checked
from crm.ui.support.promises_days import seconds_of, typed_time, working_day
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

TIMES = ("first_response_seconds", "next_response_seconds", "resolution_seconds")
CODES: dict[str, Any] = {"level": Level, "priority": Priority, "kind": CaseKind}


def new_policy() -> None:
    details = _form({"pausing": WAITING}, "policy.add", say("Add"))
    if details is not None:
        act(commands.add_policy, details, done="Added as the last policy: the arrows put it in its place.")


def edit_policy(policy_id: int) -> None:
    found: SlaPolicy | None = find(queries.policy, policy_id)
    if found is None:
        return
    key = f"policy.{policy_id}.form"
    kept = st.session_state.setdefault(f"{key}.version", found.version)
    details = _form({name: getattr(found, name) for name in PolicyInput.model_fields}, key, say("Save"))
    if details is not None:
        st.session_state.pop(f"{key}.version")
        save(commands.edit_policy, policy_id, details, version=kept, now=lambda: found.version, key=key, done="Saved.")
        st.session_state[f"{key}.version"] = found.version
    compare(key)
    with st.popover(say("Remove"), icon=":material/delete:", key="policy.remove"):
        st.markdown(say("Open cases that it holds for get the next policy that fits them."))
        if st.button(say("Remove"), type="primary", key="policy.remove_yes"):
            act(commands.remove_policy, policy_id, done="{name} removed.", name=found.name)


def _form(current: dict[str, Any], key: str, send: str) -> PolicyInput | None:
    days = {int(one.id): (one.name, working_day(one.week)) for one in records(load(queries.calendars))}
    with st.form(key, border=False):
        left, right = st.columns(2)
        values: dict[str, Any] = {"name": left.text_input(f"{label('name')} *", current.get("name", ""), key=f"{key}.name")}
        values["calendar_id"] = right.selectbox(
            label("calendar"),
            list(days),
            index=list(days).index(current["calendar_id"]) if current.get("calendar_id") in days else 0,
            format_func=lambda one: days[one][0],
            key=f"{key}.calendar",
        )
        for cell, name in zip(st.columns(3), CODES, strict=True):
            values[name] = _code(cell, name, current.get(name), key)
        hint = say("Working time: 30 min, 4 h, 2 d. A day is a usual working day of the calendar. Empty = nothing is promised.")
        typed = {
            name: cell.text_input(
                label(name.removesuffix("_seconds")),
                typed_time(current.get(name)),
                key=f"{key}.{name}",
                help=hint,
                placeholder="4 h",
            )
            for cell, name in zip(st.columns(3), TIMES, strict=True)
        }
        values["pausing"] = st.pills(
            say("The clocks stand still while a case is"),
            [one.value for one in OPEN],
            selection_mode="multi",
            default=current.get("pausing", []),
            format_func=partial(label, of="state"),
            key=f"{key}.pausing",
        )
        sent = st.form_submit_button(send, type="primary", icon=":material/check:")
    if not sent:
        return None
    times = _times(typed, days[values["calendar_id"]][1])
    return None if times is None else checked(PolicyInput, values | times)


def _code(cell: Any, name: str, now: str | None, key: str) -> Any:
    codes = [one.value for one in CODES[name]]
    return cell.selectbox(
        label(name),
        codes,
        index=codes.index(now) if now in codes else None,
        format_func=partial(label, of=name),
        placeholder=say("Any"),
        key=f"{key}.{name}",
    )


def _times(typed: dict[str, str], day: float) -> dict[str, int | None] | None:
    """-> seconds, or None after telling which time is wrong."""
    found, wrong = {}, []
    for name, text in typed.items():
        try:
            found[name] = seconds_of(text, day)
        except CrmError as error:
            safe = {key: literal(value) for key, value in error.values.items()}
            told = say(error.template, **safe)
            wrong.append(say("**{name}**: {text}", name=label(name.removesuffix("_seconds")), text=told))
    if wrong:
        st.error("  \n".join(wrong), icon=":material/error:")
        return None
    return found
