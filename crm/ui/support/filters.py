"""The filters of the cases as widgets. The address holds the truth; the widgets show it and change it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_list
from crm.office.queries import tags
from crm.staff.queries import colleagues
from crm.support.filters import CaseFilter
from crm.support.models import CaseChannel, CaseKind, CaseState, ComplaintClass, Priority, Severity
from crm.support.queries import causes_in_use, problem_choices
from crm.ui import filtering
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, load, me
from crm.ui.filtering import among, code_pills, named, search_box, several, units_in_reach
from crm.words import label, say
from crm.words.formats import date_short, number

KEEP = ("show", "view", "sort", "columns", "whose", "shade")
OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
DAYS = ("opened_from", "opened_to", "solved_from", "solved_to", "closed_from", "closed_to", "ended_from", "ended_to")
EITHER = ("open", "made_sla", "reopened")
YES = {"open": "Open", "made_sla": "Solved in time", "reopened": "Opened again"}
NO = {"open": "Solved or closed", "made_sla": "Solved late", "reopened": "Never opened again"}
Texts = dict[Any, str]


def change(**values: Any) -> None:
    """Change some of the filter; the list starts again on its first page."""
    current = read_filter(CaseFilter)
    write_filter(CaseFilter.model_validate(current.model_dump() | values), KEEP)


def search(where: CaseFilter, key: str) -> None:
    st.session_state[key] = where.search
    search_box(key, say("Number, subject, customer"), lambda: change(search=(st.session_state[key] or "").strip()), width=200)


def codes(name: str, options: list[str], now: tuple[str, ...], key: str) -> None:
    """Pills of a field that takes several codes."""
    st.session_state[key] = [code for code in now if code in options]
    code_pills(name, options, key, lambda: change(**{name: tuple(st.session_state[key] or ())}))


def filters_panel(where: CaseFilter, key: str) -> None:
    panel = st.popover(say("Filters"), icon=":material/tune:", key=f"{key}.filters", on_change="rerun")
    if panel.open:
        with panel:
            _more(where, key)


def _more(where: CaseFilter, key: str) -> None:
    """Everything a list of cases can be narrowed by, applied together."""
    values: dict[str, Any] = where.model_dump()
    with st.form(f"{key}.more", border=False):
        cells = st.columns(3)
        asked = {name: texts for name, texts in _choices().items() if len(texts) > 1 or values[name]}
        for position, (name, texts) in enumerate(asked.items()):
            with cells[position % 3]:
                values[name] = several(name, texts, values[name], f"{key}.more.{name}")
        for cell, name in zip(st.columns(3), EITHER, strict=True):
            with cell:
                values[name] = _either(name, values[name], f"{key}.more.{name}")
        for cell, name in zip([*st.columns(4), *st.columns(4)], DAYS, strict=True):
            with cell:
                values[name] = st.date_input(
                    label(name),
                    value=values[name],
                    min_value=OLDEST,
                    max_value=NEWEST,
                    format="YYYY-MM-DD",
                    key=f"{key}.more.{name}",
                )
        if st.form_submit_button(say("Apply"), type="primary"):
            write_filter(CaseFilter.model_validate(values), KEEP)
            st.rerun()


def _either(name: str, now: bool | None, key: str) -> bool | None:
    chosen: bool | None = st.selectbox(
        label(name),
        [True, False],
        index=None if now is None else [True, False].index(now),
        format_func=lambda one: _said(name, one),
        key=key,
        placeholder=say("Any"),
    )
    return chosen


def _said(name: str, value: bool) -> str:
    return say(YES[name]) if value else say(NO[name])


def _choices() -> dict[str, Texts]:
    """field -> {value: text}, from the codes and from what is in use."""
    found: dict[str, Texts] = {
        name: {one.value: label(one, of=name) for one in kind}
        for name, kind in (
            ("state", CaseState),
            ("kind", CaseKind),
            ("priority", Priority),
            ("severity", Severity),
            ("channel", CaseChannel),
            ("complaint_class", ComplaintClass),
        )
    }
    units = units_in_reach("support")
    return found | {
        "owner_id": {0: say("Nobody yet")} | named(load(colleagues)),
        "team_id": units,
        "board_id": {board.id: board.name for board in me().boards},
        "responsible_unit_id": units,
        "product_id": figures(product_choices),
        "problem_id": figures(problem_choices),
        "cause": {one: one for one in figures(causes_in_use)},
        "tag_id": named(load(tags)),
    }


def applied(where: CaseFilter, elsewhere: tuple[str, ...]) -> dict[str, str]:
    """The filters in force -> field: sentence, for the chips that take them off; without those that stand `elsewhere`."""
    chosen = where.model_dump(exclude_defaults=True, exclude=set(elsewhere))
    texts = _choices() if chosen else {}
    return {name: _sentence(name, value, texts) for name, value in chosen.items()}


def _sentence(name: str, value: Any, texts: dict[str, Texts]) -> str:
    if name == "search":
        return say("{name}: {text}", name=say("Search"), text=value)
    if name == "ids":
        return say("{count:chosen case|chosen cases}", count=len(value))
    if name == "customer_id":
        return among(name, value, named(load(customer_list, where=CustomerFilter(ids=value), size=3)))
    if name == "escalated_to_id":
        return say("Escalated to me") if value == me().user_id else say("Escalated to somebody else")
    if name in EITHER:
        return _said(name, value)
    if name == "csat_at_most":
        return say("Marked {mark} or worse", mark=value)
    if isinstance(value, tuple):
        return among(name, value, texts.get(name, {}))
    return f"{label(name)} {date_short(value) if isinstance(value, dt.date) else number(value)}"


def chips(where: CaseFilter, elsewhere: tuple[str, ...]) -> None:
    filtering.chips(applied(where, elsewhere), lambda name: change(**{name: CaseFilter.model_fields[name].default}))


def nothing_fits() -> None:
    st.button(
        say("Take all filters off"),
        key="cases.all_off",
        on_click=lambda: write_filter(CaseFilter(), KEEP),
        icon=":material/filter_alt_off:",
    )
