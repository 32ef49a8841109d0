"""The filters of the leads list as widgets. The address holds the truth; the widgets show it and change it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.access import Reach
from crm.customers.models import Kind, Source
from crm.marketing import queries
from crm.marketing.filters import LeadFilter
from crm.marketing.models import LeadState
from crm.office.queries import tags, today
from crm.staff.queries import colleagues
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, load, me
from crm.ui.filtering import among, code_pills, search_box, units_in_reach
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import date_short, number

KEEP = ("show", "sort")
QUICK = {"search", "state"}


def quick_filters(where: LeadFilter) -> None:
    """Whose, in which state, and words: what is changed all day."""
    st.session_state["leads.search"], st.session_state["leads.state"] = where.search, list(where.state)
    search_box(
        "leads.search",
        say("Name, person, phone, e-mail"),
        lambda: change(search=(st.session_state["leads.search"] or "").strip()),
        width=220,
    )
    code_pills(
        "state",
        [state.value for state in LeadState],
        "leads.state",
        lambda: change(state=tuple(st.session_state["leads.state"] or ())),
        of="lead_state",
    )


def whose(where: LeadFilter) -> None:
    """All, mine, nobody's, and failed ones that are due again."""
    titles = {"all": say("All"), "mine": say("Mine"), "nobodys": say("Unassigned"), "second": say("Second follow-up due")}
    if me().actor.grant("marketing").see is Reach.OWN:
        titles.pop("nobodys")
        titles.pop("mine")
    st.session_state["leads.whose"] = _whose(where)
    st.segmented_control(
        say("Whose"),
        list(titles),
        key="leads.whose",
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: change(**_OF[st.session_state["leads.whose"]]()),
    )


_ANYBODY: dict[str, Any] = {"owner_id": (), "second_due_to": None}
_OF: dict[str, Any] = {
    "all": lambda: _ANYBODY,
    "mine": lambda: _ANYBODY | {"owner_id": (me().user_id,)},
    "nobodys": lambda: _ANYBODY | {"owner_id": (0,), "state": (LeadState.COLLECTED.value,)},
    "second": lambda: _ANYBODY | {"second_due_to": figures(today), "state": ()},
}


def _whose(where: LeadFilter) -> str | None:
    if where.second_due_to is not None:
        return "second"
    return {(): "all", (me().user_id,): "mine", (0,): "nobodys"}.get(where.owner_id)


def change(**values: Any) -> None:
    """Change some of the filter; the list starts again on its first page."""
    write_filter(LeadFilter.model_validate(read_filter(LeadFilter).model_dump() | values), KEEP)


def more_filters(where: LeadFilter) -> None:
    """Everything else the list can be narrowed by, applied together."""
    values: dict[str, Any] = where.model_dump()
    with st.form("leads.more", border=False):
        cells = st.columns(3)
        asked = {name: texts for name, texts in _choices().items() if len(texts) > 1 or values[name]}
        for position, (name, texts) in enumerate(asked.items()):
            with cells[position % 3]:
                chosen = [one for one in values[name] if one in texts]
                values[name] = tuple(
                    st.multiselect(
                        label(name), list(texts), default=chosen, format_func=texts.__getitem__, placeholder=say("Any")
                    )
                )
        _ranges(values)
        if st.form_submit_button(say("Apply"), type="primary"):
            write_filter(LeadFilter.model_validate(values), KEEP)
            st.rerun()


def _ranges(values: dict[str, Any]) -> None:
    low, high, since, until = st.columns(4)
    for cell, name in ((low, "score_from"), (high, "score_to")):
        values[name] = cell.number_input(label(name), min_value=0, max_value=100, value=values[name], step=5)
    for cell, name in ((since, "created_from"), (until, "created_to")):
        values[name] = cell.date_input(label(name), value=values[name], format="YYYY-MM-DD")


def _choices() -> dict[str, dict[Any, str]]:
    found: dict[str, dict[Any, str]] = {
        "source": {one.value: label(one.value, of="source") for one in Source},
        "campaign_id": figures(queries.campaign_choices),
        "owner_id": {0: say("No owner")} | {row.id: row.name for row in records(load(colleagues))},
        "team_id": units_in_reach("marketing"),
        "board_id": {board.id: board.name for board in me().boards},
        "kind": {one.value: label(one.value, of="kind") for one in Kind},
        "tag_id": {row.id: row.name for row in records(load(tags))},
    }
    return found | {name: {one: one for one in used} for name, used in figures(queries.lead_choices).items()}


def chips(where: LeadFilter) -> None:
    """One small button per filter in force beyond the quick ones; a click takes it off."""
    chosen = where.model_dump(exclude_defaults=True, exclude=QUICK)
    if _whose(where) is not None:
        chosen.pop("owner_id", None)
        chosen.pop("second_due_to", None)
    texts = _choices() if chosen else {}
    for name, value in chosen.items():
        st.button(
            _told(name, value, texts.get(name, {})),
            key=f"leads.chip.{name}",
            icon=":material/close:",
            icon_position="right",
            type="tertiary",
            on_click=_off,
            args=(name,),
        )


def _told(name: str, value: Any, texts: dict[Any, str]) -> str:
    if isinstance(value, tuple):
        return among(name, value, texts)
    if isinstance(value, str):
        return say("{name}: {text}", name=label(name), text=label(value, of="lead_state"))
    return say("{name}: {text}", name=label(name), text=date_short(value) if isinstance(value, dt.date) else number(value))


def _off(name: str) -> None:
    change(**{name: LeadFilter.model_fields[name].default})
