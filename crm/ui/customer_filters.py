"""The filters of the customers list as widgets. The address holds the truth; the widgets show it and change it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.customers import queries
from crm.customers.filters import CustomerFilter
from crm.customers.models import CreditGrade, Kind, Level, LifeCycle, Source
from crm.insight.queries.rfm import rfm_settings
from crm.office.queries import custom_fields, tags
from crm.staff.queries import colleagues
from crm.ui import filtering
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, load, me
from crm.ui.filtering import among, code_pills, named, search_box, several, units_in_reach
from crm.words import label, say
from crm.words.formats import date_short, number, percent, spoken

KEEP = ("view", "sort", "columns", "show")


def quick_filters(where: CustomerFilter) -> None:
    """Search and state: what a rep changes all day."""
    st.session_state["customers.search"] = where.search
    st.session_state["customers.life_cycle"] = list(where.life_cycle)
    search_box("customers.search", say("Name, code, phone, contact"), _searched, width=300)
    code_pills("life_cycle", [state.value for state in LifeCycle], "customers.life_cycle", _states_chosen)


def _searched() -> None:
    change(search=(st.session_state["customers.search"] or "").strip())


def _states_chosen() -> None:
    change(life_cycle=tuple(st.session_state["customers.life_cycle"] or ()))


def change(**values: Any) -> None:
    """Change some of the filter; the list starts again on its first page."""
    current = read_filter(CustomerFilter)
    write_filter(CustomerFilter.model_validate(current.model_dump() | values), KEEP)


def more_filters(where: CustomerFilter) -> None:
    """Everything else a list can be narrowed by, applied together."""
    chosen = filter_form(where, key="customers.more")
    if chosen is not None:
        write_filter(chosen, KEEP)
        st.rerun()


def filter_form(where: CustomerFilter, *, key: str, save: str = "Apply") -> CustomerFilter | None:
    """All filters as a form -> the filter once it was applied. Also the rule of a customer class."""
    values: dict[str, Any] = where.model_dump()
    with st.form(key, border=False):
        cells = st.columns(3)
        for position, (name, texts) in enumerate(_worth_asking(values).items()):
            with cells[position % 3]:
                values[name] = several(name, texts, values[name], f"{key}.{name}")
        _ranges(values, key)
        _custom(values, key)
        if st.form_submit_button(say(save), type="primary"):
            return CustomerFilter.model_validate(
                {name: () if value is None and name in _choices() else value for name, value in values.items()}
            )
    return None


def _worth_asking(values: dict[str, Any]) -> dict[str, dict[Any, str]]:
    """Where there is nothing to choose between, nothing is asked."""
    return {name: texts for name, texts in _choices().items() if len(texts) > 1 or values[name]}


def _choices() -> dict[str, dict[Any, str]]:
    """field -> {value: text}, from the codes and from what is in use."""
    used = figures(queries.regions_and_industries)
    found: dict[str, dict[Any, str]] = {
        name: {one: label(one, of=name) for one in codes}
        for name, codes in (
            ("kind", list(Kind)),
            ("segment", [rule["key"] for rule in figures(rfm_settings)["segments"]]),
            ("level", list(Level)),
            ("credit_grade", list(CreditGrade)),
            ("source", list(Source)),
        )
    }
    found |= {name: {one: one for one in values} for name, values in used.items()}
    found["owner_id"] = {0: say("No owner")} | named(load(colleagues))
    found["team_id"] = units_in_reach("customers")
    found["board_id"] = {board.id: board.name for board in me().boards}
    found["tag_id"] = named(load(tags))
    found["class_id"] = named(load(queries.classes))
    found["group_id"] = dict(figures(queries.group_choices))
    return found


RANGES = (
    ("amount_from", "amount_to", "orders_from", "orders_to"),
    ("p_alive_from", "p_alive_to", "risk_from", "risk_to"),
    ("value_from", "value_to", "next_order_from", "next_order_to"),
    ("last_order_from", "last_order_to", "created_from", "created_to"),
)
TITLES = {
    "p_alive_from": "P(alive) from",
    "p_alive_to": "P(alive) to",
    "value_from": "Lifetime value from",
    "value_to": "Lifetime value to",
    "risk_from": "Value at risk from",
    "risk_to": "Value at risk to",
}
"""Where the name of a field is too short for a reader."""
OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)


def _title(name: str) -> str:
    return say(TITLES[name]) if name in TITLES else label(name)


def _ranges(values: dict[str, Any], key: str) -> None:
    for names in RANGES:
        for cell, name in zip(st.columns(4), names, strict=True):
            with cell:
                values[name] = _bound(name, values[name], f"{key}.{name}")


def _bound(name: str, current: Any, key: str) -> Any:
    if name.startswith(("last_order", "created", "next_order")):
        title = _title(name)
        return st.date_input(title, value=current, key=key, min_value=OLDEST, max_value=NEWEST, format="YYYY-MM-DD")
    if name.startswith("orders"):
        return st.number_input(_title(name), value=None if current is None else int(current), step=1, key=key)
    if name.startswith("p_alive"):
        shown = None if current is None else round(current * 100, 2)
        title = f"{_title(name)}, %"
        entered = st.number_input(title, min_value=0.0, max_value=100.0, value=shown, step=5.0, format="%.4g", key=key)
        return None if entered is None else round(entered / 100, 4)
    return st.number_input(_title(name), value=None if current is None else float(current), step=None, key=key)


def _custom(values: dict[str, Any], key: str) -> None:
    """Custom fields of a few words: equal, whatever the case."""
    current = dict(values["custom"])
    for spec in figures(custom_fields, subject_type="customer"):
        if spec.kind == "choice":
            options = list(spec.choices)
            index = options.index(current[spec.key]) if current.get(spec.key) in options else None
            entered = st.selectbox(str(spec), options, index=index, key=f"{key}.custom.{spec.key}", placeholder=say("Any"))
        else:
            entered = st.text_input(str(spec), value=current.get(spec.key, ""), key=f"{key}.custom.{spec.key}")
        current[spec.key] = (entered or "").strip()
    values["custom"] = tuple((name, text) for name, text in current.items() if text)


def applied(where: CustomerFilter) -> dict[str, str]:
    """The filters in force beyond the quick ones -> field: sentence, for the chips that take them off."""
    chosen = where.model_dump(exclude_defaults=True, exclude={"search", "life_cycle", "owner_gone", "rfm_scale"})
    texts = _choices() if chosen else {}
    found: dict[str, str] = {}
    for name, value in chosen.items():
        if name == "custom":
            found |= {"custom": spoken([say("{name}: {text}", name=key, text=text) for key, text in value])}
        elif isinstance(value, tuple):
            found[name] = among(name, value, texts.get(name, {}))
        else:
            share = name.startswith("p_alive")
            text = date_short(value) if isinstance(value, dt.date) else percent(value, 0) if share else number(value)
            found[name] = f"{_title(name)} {text}"
    return found


def chips(where: CustomerFilter) -> None:
    """One small button per filter in force; a click takes it off."""
    filtering.chips(applied(where), _off)


def _off(name: str) -> None:
    change(**{name: CustomerFilter.model_fields[name].default})
