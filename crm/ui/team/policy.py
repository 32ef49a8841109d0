"""The policy that everybody is held to: as it holds, as it held, what changed, and a new version by who may."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Role
from crm.targets.commands import PolicyInput, set_policy
from crm.targets.policy import DEFAULTS, Rules
from crm.targets.queries import policy_on, policy_version, policy_versions
from crm.ui.address import number as in_address
from crm.ui.compare import compare, save
from crm.ui.desk import figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.insight.cohort_controls import put
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.team.discipline_asked import Asked
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

VERSIONS = ["number", "starts_on", "by", "approved_at", "reason"]
FIRST = ("name", "starts_on", "reason", *(name for name in Rules.model_fields if name != "roles"), "roles")


TITLES = {
    "days_per_week": "Days of sign-in in a week",
    "travel_per_week": "Days of sign-in in a week of travel",
    "actions_per_month": "Actions a month on each lead and opportunity",
    "silent_weeks": "Silent after so many weeks",
    "roles": "For these roles",
}


def policy(of: Asked) -> None:
    versions = load(policy_versions)
    left, right = st.columns([3, 2], gap="large")
    now = figures(policy_on, day=of.today)
    shown = _chosen(versions, now)
    with left:
        if shown is None:
            empty("No policy is written down yet. Until then the rules hold that come with the product.")
        else:
            _text(shown, versions, now, of.today)
    with right:
        heading("The rules")
        _rules(shown["rules"] if shown else DEFAULTS)
        if me().actor.may("settings", "office"):
            newest = figures(policy_version, version_id=int(versions["id"].iloc[0])) if len(versions) else None
            if st.button(say("New version"), icon=":material/edit_document:", key="policy.new"):
                open_dialog(say("New version of the policy"), new_version, newest, of.today)
        if len(versions):
            _versions(versions)


def _chosen(versions: pd.DataFrame, now: int | None) -> dict[str, Any] | None:
    """The one in the address, else the one that holds, else the first to come."""
    known = versions["id"].tolist()
    wanted = in_address("version", 0)
    chosen = wanted if wanted in known else now or (known[-1] if known else None)
    return figures(policy_version, version_id=int(chosen)) if chosen else None


def _text(shown: dict[str, Any], versions: pd.DataFrame, now: int | None, day: dt.date) -> None:
    numbers = dict(zip(versions["id"], versions["number"], strict=True))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(literal(shown["name"]), anchor=False, width="content")
        if shown["id"] == now:
            st.badge(say("in force"), color="green")
        else:
            st.badge(say("not yet in force") if shown["starts_on"] > day else say("replaced"), color="gray")
    st.caption(
        say(
            "Version {number}, in force from {day}, approved by {who}",
            number=int(numbers[shown["id"]]),
            day=date_short(shown["starts_on"]),
            who=literal(shown["by"] or "–"),
        )
    )
    others = {one: place for one, place in numbers.items() if one != shown["id"]}
    other = _other(others) if others else None
    with st.container(border=True):
        if other is None:
            st.markdown(shown["text"])
        else:
            _differences(shown, figures(policy_version, version_id=other), int(others[other]))


def _other(others: dict[int, int]) -> int | None:
    found: int | None = st.selectbox(
        say("Compare with"),
        list(others),
        index=None,
        key="policy.compare",
        placeholder=say("Compare with another version"),
        label_visibility="collapsed",
        format_func=lambda one: say("Version {number}", number=int(others[one])),
        width=280,
    )
    return found


def _differences(shown: dict[str, Any], other: dict[str, Any], place: int) -> None:
    """Lines of the other version that are gone, and those that came."""
    before, after = (one["text"].splitlines() for one in (other, shown))
    lines = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    changed = [name for name in Rules.model_fields if getattr(shown["rules"], name) != getattr(other["rules"], name)]
    heading("Against version {number}", number=place)
    for name in changed:
        st.markdown(f"{_title(name)}: :red[{_value(name, other['rules'])}] → :green[{_value(name, shown['rules'])}]")
    for line in lines:
        st.markdown(f":{'green' if line[0] == '+' else 'red'}[{line[0]} {literal(line[2:])}]")
    if not lines and not changed:
        st.caption(say("Text and rules are the same."))


def _rules(rules: Rules) -> None:
    with st.container(border=True, gap="small", key="policy.rules"):
        for name in Rules.model_fields:
            st.markdown(say("{title}: {value}", title=_title(name), value=f"**{_value(name, rules)}**"))


def _title(name: str) -> str:
    return say(TITLES[name])


def _value(name: str, rules: Rules) -> str:
    value = getattr(rules, name)
    if name == "roles":
        return ", ".join(label(str(one), of="role") for one in value)
    return say("every working day") if value is None else str(value)


def _versions(versions: pd.DataFrame) -> None:
    heading("{count:version|versions}", count=len(versions))
    shown = versions.rename(columns={"at": "approved_at"})
    chosen = table(shown, key="policy.versions", columns=VERSIONS, labels={"starts_on": say("In force from")}, once=True)
    if chosen.opened is not None:
        put("version", chosen.opened)
        st.rerun()


def new_version(newest: dict[str, Any] | None, day: dt.date) -> None:
    """Starts from the newest version; its text and rules stay what they are."""
    kept = {name: newest[name] for name in ("name", "text")} if newest else {}
    rules = (newest["rules"] if newest else DEFAULTS).model_dump()
    start = max(day, newest["starts_on"]) if newest else day
    choices = {"roles": {role: label(role, of="role") for role in _roles()}}

    def text() -> dict[str, str]:
        """A document needs more room than a field."""
        written = st.text_area(label("text"), value=kept.get("text", ""), height=300, key="policy.form.text")
        return {"text": written}

    begin = {name: kept[name] for name in kept if name != "text"} | rules | {"starts_on": start}
    details = form(PolicyInput, begin, key="policy.form", choices=choices, only=FIRST, columns=3, save="Put in force", extra=text)
    if details is not None:
        number = newest["id"] if newest else 0
        save(set_policy, details, version=number, now=_newest, key="policy", done="A new version of the policy holds.")
    compare("policy", choices)


def _newest() -> int:
    return int(load(policy_versions)["id"].iloc[0])


def _roles() -> list[str]:
    return [role.value for role in Role if role is not Role.SYSTEM]


__all__ = ["new_version", "policy"]
