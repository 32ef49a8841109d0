"""Which column of a file fills which field: suggested, saved under a name, changed by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.customers.imports import known_mappings, save_mapping, suggested
from crm.exchange.fields import Field
from crm.exchange.mapping import Mapping
from crm.exchange.reading import Table
from crm.office.queries import custom_fields
from crm.staff.queries import colleagues
from crm.targets.imports import TARGETS
from crm.targets.queries import editable_plans
from crm.ui.desk import act, in_scope, load, me
from crm.words import label, language, say
from crm.words.formats import MISSING

CUSTOM = "custom:"
WITH_OWNER = {"customers", "orders"}


def choose_mapping(target: str, sample: Table, file_key: str) -> Mapping | None:
    """The mapping as it stands on the page, or None while it cannot be used."""
    fields = in_scope(TARGETS[target].fields)
    names = _field_names(fields)
    base = _choose_base(target, sample, file_key)
    state = f"import.{target}.{base.name}.{file_key}.{language()}"
    columns = _edit_columns(base, sample, names, state)
    if columns is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="import.options"):
        key = _choose_key(target, base, columns, names, state)
        mapping = base.model_copy(update={"columns": columns, "key": key, **_choose_conventions(base, state)})
        mapping = _with_constants(mapping, {field.name: field for field in fields}, state)
        _offer_to_save(mapping, state)
    lacking = [names[field.name] for field in fields if field.required and field.name not in {*columns, *mapping.constants}]
    if lacking:
        st.info(say("Choose a column for: {fields}", fields=lacking), icon=":material/info:")
        return None
    return mapping


def _field_names(fields: list[Field]) -> dict[str, str]:
    """Field -> how a person calls it; a custom field by its own label."""
    custom = {CUSTOM + spec.key: str(spec) for spec in in_scope(custom_fields, "customer")}
    return {field.name: custom.get(field.name) or label(field.name) for field in fields}


def _choose_base(target: str, sample: Table, file_key: str) -> Mapping:
    """A known mapping whose columns the file has, or what the headings suggest."""
    fitting = {
        name: mapping
        for name, mapping in in_scope(known_mappings, target).items()
        if set(mapping.columns.values()) <= set(sample.frame.columns)
    }
    if not fitting:
        return in_scope(suggested, target, sample)
    name = st.selectbox(
        say("Mapping"),
        [*fitting, ""],
        key=f"import.mapping.{target}.{file_key}",
        format_func=lambda name: name or say("Suggested by the headings"),
        width=300,
    )
    return fitting[name] if name else in_scope(suggested, target, sample)


def _edit_columns(base: Mapping, sample: Table, names: dict[str, str], state: str) -> dict[str, str] | None:
    """One line for each column of the file -> field: heading; None where two columns fill one field."""
    filled = {header: names[field] for field, header in base.columns.items() if field in names}
    headers = [str(header) for header in sample.frame.columns]
    lines = pd.DataFrame(
        {
            "heading": headers,
            "becomes": [filled.get(header) for header in headers],
            "example": [_example(sample.frame[header]) for header in sample.frame.columns],
        }
    )
    column = st.column_config
    edited = st.data_editor(
        lines,
        key=f"{state}.columns",
        hide_index=True,
        width="stretch",
        placeholder=MISSING,
        disabled=["heading", "example"],
        column_config={
            "heading": column.TextColumn(say("Column in the file")),
            "becomes": column.SelectboxColumn(say("Becomes"), options=list(names.values())),
            "example": column.TextColumn(say("For example")),
        },
    )
    chosen = edited.dropna(subset="becomes")
    twice = chosen.loc[chosen["becomes"].duplicated(), "becomes"].unique().tolist()
    if twice:
        st.error(say("Two columns become the same: {fields}", fields=twice), icon=":material/error:")
        return None
    fields = {title: name for name, title in names.items()}
    return {fields[title]: header for title, header in zip(chosen["becomes"], chosen["heading"], strict=True)}


def _example(values: pd.Series[Any]) -> str:
    return " · ".join(values.dropna().drop_duplicates().head(3).str.slice(0, 40))


def _choose_key(target: str, base: Mapping, columns: dict[str, str], names: dict[str, str], state: str) -> str | None:
    options: list[str | None] = [key for key in TARGETS[target].keys if key in columns]
    options += [None] if TARGETS[target].keyless else []
    if not options:
        return None
    about = say("A row whose value is here already changes that record; any other row is a new one.")
    return st.selectbox(
        say("Records are found again by"),
        options,
        index=options.index(base.key) if base.key in options else 0,
        format_func=lambda key: names[key] if key else say("nothing: every row is new"),
        key=f"{state}.key.{'.'.join(filter(None, options))}",
        help=about,
        width=220,
    )


def _choose_conventions(base: Mapping, state: str) -> dict[str, Any]:
    """How dates and decimals are written, where the columns do not tell by themselves."""
    orders = {"": say("as the columns tell"), "dmy": say("day before month"), "mdy": say("month before day")}
    marks = {"": say("as the columns tell"), ".": "1,234.50", ",": "1.234,50"}
    order = _choose(say("Dates"), orders, base.date_order, f"{state}.dates")
    mark = _choose(say("Decimals"), marks, base.decimal_mark, f"{state}.marks")
    return {"date_order": order or None, "decimal_mark": mark or None}


def _choose(title: str, options: dict[str, str], chosen: str | None, key: str) -> str:
    return st.selectbox(
        title, list(options), index=list(options).index(chosen or ""), format_func=lambda code: options[code], key=key, width=190
    )


def _with_constants(mapping: Mapping, fields: dict[str, Field], state: str) -> Mapping:
    """The owner of new customers and what else holds for every row, for fields that no column fills."""
    constants = {name: value for name, value in mapping.constants.items() if name not in mapping.columns}
    if mapping.target in WITH_OWNER and "owner" not in mapping.columns:
        constants |= _choose_owner(state)
    if mapping.target == "targets":
        constants |= _choose_plan(mapping, constants.get("plan"), state) | _choose_measure(mapping, fields, constants, state)
    kind = "customer_kind" if mapping.target == "orders" else "kind"
    if kind in fields and kind not in mapping.columns:
        constants |= _choose_constant(kind, fields[kind], constants.get(kind), state)
    return mapping.model_copy(update={"constants": constants})


def _choose_owner(state: str) -> dict[str, str]:
    actor = me().actor
    reach = actor.grant("customers").change
    if reach is Reach.OWN:
        return {}
    people = load(colleagues, unit_ids=None if reach is Reach.EVERYTHING else tuple(sorted(actor.team_ids)))
    name = st.selectbox(
        say("Owner of new customers"), people["name"].tolist(), index=None, placeholder=say("Me"), key=f"{state}.owner", width=220
    )
    return {"owner": name} if name else {}


def _choose_plan(mapping: Mapping, value: str | None, state: str) -> dict[str, str]:
    """Of the drafts that may be filled; at first the one that led here."""
    if "plan" in mapping.columns:
        return {}
    names = in_scope(editable_plans)
    asked = value or st.query_params.get("plan")
    chosen = st.selectbox(
        label("plan", of="target"),
        names,
        index=names.index(asked) if asked in names else None,
        placeholder=say("Choose"),
        key=f"{state}.plan",
        width=260,
    )
    return {"plan": chosen} if chosen else {}


def _choose_measure(mapping: Mapping, fields: dict[str, Field], constants: dict[str, Any], state: str) -> dict[str, str]:
    return {} if "measure" in mapping.columns else _choose_constant("measure", fields["measure"], constants.get("measure"), state)


def _choose_constant(name: str, field: Field, value: str | None, state: str) -> dict[str, str]:
    codes = list(field.choices)
    chosen = st.selectbox(
        label(name),
        codes,
        index=codes.index(value) if value in codes else None,
        format_func=lambda code: label(code, of="kind" if name == "customer_kind" else name),
        placeholder=say("Choose"),
        key=f"{state}.{name}",
        width=160,
    )
    return {name: chosen} if chosen else {}


def _offer_to_save(mapping: Mapping, state: str) -> None:
    with st.popover(say("Save mapping"), icon=":material/bookmark:"):
        name = st.text_input(label("name"), key=f"{state}.name", max_chars=200)
        if st.button(say("Save"), key=f"{state}.save", type="primary", disabled=not name.strip()):
            act(save_mapping, name, mapping, done="The mapping {name} is saved.", name=name.strip())
