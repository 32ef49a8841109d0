"""The filters of the pipeline as widgets. The address holds the truth; the widgets show it and change it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.access import Reach
from crm.catalogue.queries import product_choices
from crm.customers.filters import CustomerFilter
from crm.customers.models import Source
from crm.customers.queries import customer_list, regions_and_industries
from crm.office.queries import tags, today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import DealLossReason, ForecastCategory, OpportunityState, Registration, WinReason
from crm.pipeline.periods import span
from crm.staff.queries import colleagues
from crm.ui import filtering
from crm.ui.address import read_filter, write_filter
from crm.ui.deal.stages import pipeline_title, stage_titles
from crm.ui.desk import figures, load, me
from crm.ui.filtering import among, code_pills, named, search_box, several, units_in_reach
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, number

KEEP = ("view", "sort", "columns", "show")
OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
RANGES = (
    ("amount_from", "amount_to", "created_from", "created_to"),
    ("expected_from", "expected_to", "closed_from", "closed_to"),
)
Values = dict[str, Any]


def change(**values: Any) -> None:
    """Change some of the filter; the list starts again on its first page."""
    current = read_filter(OpportunityFilter)
    write_filter(OpportunityFilter.model_validate(current.model_dump() | values), KEEP)


def pipelines() -> dict[int, str]:
    """Those of all boards and of the boards a person sees, in order -> id: title."""
    rows, boards = load(queries.pipelines), [board.id for board in me().boards]
    return {int(one.id): pipeline_title(one) for one in records(rows[rows["board_id"].isna() | rows["board_id"].isin(boards)])}


# ------------------------------------------------------------------------------------------------- the one line


def quick_filters(where: OpportunityFilter) -> None:
    """What a salesperson changes all day."""
    st.session_state["pipeline.search"] = where.search
    search_box(
        "pipeline.search",
        say("Search"),
        lambda: change(search=(st.session_state["pipeline.search"] or "").strip()),
        width=150,
        help=say("Name, number, customer"),
    )
    _one(say("Whose"), "pipeline.whose", _scopes(), where)
    _one(label("expected_close_on"), "pipeline.closing", _periods(), where)
    _codes("forecast_category", [one.value for one in ForecastCategory][:-1], where.forecast_category)
    _rotting(where)


def _one(title: str, key: str, options: dict[str, tuple[str, Values]], where: OpportunityFilter) -> None:
    """One of several settings of the same fields (option -> text, values); where another is in force, none is marked."""
    if len(options) < 2:
        return
    st.session_state[key] = _in_force(options, where)
    st.segmented_control(
        title,
        list(options),
        key=key,
        format_func=lambda name: options[name][0],
        label_visibility="collapsed",
        on_change=lambda: change(**(options[chosen][1] if (chosen := st.session_state[key]) else _none_of(options))),
    )


def _in_force(options: dict[str, tuple[str, Values]], where: OpportunityFilter) -> str | None:
    now = where.model_dump()
    return next((name for name, (_, values) in options.items() if values.items() <= now.items()), None)


def _none_of(options: dict[str, tuple[str, Values]]) -> Values:
    """The fields that these options set, free again."""
    return {field: OpportunityFilter.model_fields[field].default for _, values in options.values() for field in values}


def _scopes() -> dict[str, tuple[str, Values]]:
    """Whose deals: as many as the role tells apart."""
    actor = me().actor
    found: dict[str, tuple[str, Values]] = {"all": (say("All"), {"owner_id": (), "team_id": ()})}
    if actor.grant("pipeline").change:
        found["mine"] = say("Mine"), {"owner_id": (me().user_id,), "team_id": ()}
    if actor.grant("pipeline").see is Reach.TEAM:
        found["team"] = say("My team"), {"owner_id": (), "team_id": tuple(sorted(actor.team_ids))}
    return found


def _periods() -> dict[str, tuple[str, Values]]:
    """When it should be decided."""
    day = figures(today)
    (start, end), (first, last) = span("quarter", day), span("next_quarter", day)
    return {
        "overdue": (say("Overdue"), {"expected_from": None, "expected_to": day - dt.timedelta(1)}),
        "this": (say("This quarter"), {"expected_from": start, "expected_to": end}),
        "next": (label("next", of="quarter"), {"expected_from": first, "expected_to": last}),
    }


def _codes(name: str, codes: list[str], now: tuple[str, ...]) -> None:
    key = f"pipeline.{name}"
    st.session_state[key] = [code for code in now if code in codes]
    code_pills(name, codes, key, lambda: change(**{name: tuple(st.session_state[key] or ())}))


def _rotting(where: OpportunityFilter) -> None:
    st.session_state["pipeline.rotting"] = where.rotting or None
    st.pills(
        label("rotting"),
        [True],
        key="pipeline.rotting",
        format_func=lambda _: say("Rotting"),
        label_visibility="collapsed",
        help=say("Open, and without an activity or a move for longer than its stage allows."),
        on_change=lambda: change(rotting=bool(st.session_state["pipeline.rotting"])),
    )


def choose_pipeline(where: OpportunityFilter, show: str) -> int | None:
    """-> the pipeline whose board is shown: the one chosen, else the first; None = there is none yet."""
    known = pipelines()
    chosen = next((one for one in where.pipeline_id if one in known), None)
    first = next(iter(known), None)
    if len(known) > 1:
        key = "pipeline.pipeline"
        st.session_state[key] = chosen or (first if show == "board" else None)
        st.segmented_control(
            label("pipeline"),
            list(known),
            key=key,
            required=show == "board",
            format_func=lambda one: literal(known[one]),
            label_visibility="collapsed",
            on_change=lambda: change(pipeline_id=(one,) if (one := st.session_state[key]) else (), stage_id=()),
        )
    return chosen or first


# ------------------------------------------------------------------------------------------------------ the rest


def more_filters(where: OpportunityFilter) -> None:
    """Everything else the pipeline can be narrowed by, applied together."""
    values: Values = where.model_dump()
    with st.form("pipeline.more", border=False):
        cells = st.columns(3)
        asked = {name: texts for name, texts in _choices().items() if len(texts) > 1 or values[name]}
        for position, (name, texts) in enumerate(asked.items()):
            with cells[position % 3]:
                values[name] = several(name, texts, values[name], f"pipeline.more.{name}")
        for names in RANGES:
            for cell, name in zip(st.columns(4), names, strict=True):
                with cell:
                    values[name] = _bound(name, values[name])
        if st.form_submit_button(say("Apply"), type="primary"):
            write_filter(OpportunityFilter.model_validate(values), KEEP)
            st.rerun()


def _bound(name: str, now: Any) -> Any:
    key = f"pipeline.more.{name}"
    if name.startswith("amount"):
        return st.number_input(label(name), min_value=0.0, value=None if now is None else float(now), step=None, key=key)
    return st.date_input(label(name), value=now, min_value=OLDEST, max_value=NEWEST, format="YYYY-MM-DD", key=key)


def _choices() -> dict[str, dict[Any, str]]:
    """field -> {value: text}, from the codes and from what is in use."""
    reasons = dict.fromkeys([*WinReason, *DealLossReason])
    return {
        "owner_id": named(load(colleagues)),
        "team_id": units_in_reach("pipeline"),
        "state": {one.value: label(one, of="state") for one in OpportunityState},
        "board_id": {board.id: board.name for board in me().boards},
        "stage_id": _stages(),
        "source": {one.value: label(one, of="source") for one in Source},
        "product_id": figures(product_choices),
        "furthest": dict(enumerate(stage_titles(next(iter(pipelines()), 0)).values())),
        **{name: {one: one for one in used} for name, used in figures(regions_and_industries).items()},
        "forecast_category": {one.value: label(one, of="forecast_category") for one in ForecastCategory},
        "close_reason": {one.value: label(one, of="close_reason") for one in reasons},
        "registration": {one.value: label(one, of="registration") for one in Registration},
        "tag_id": named(load(tags)),
    }


def _stages() -> dict[Any, str]:
    """Of every pipeline; where there are several, each says which."""
    known = pipelines()
    if len(known) == 1:
        return dict(stage_titles(next(iter(known))))
    return {
        stage: say("{pipeline}: {stage}", pipeline=title, stage=name)
        for one, title in known.items()
        for stage, name in stage_titles(one).items()
    }


def applied(where: OpportunityFilter) -> dict[str, str]:
    """The filters in force beyond the quick ones -> field: sentence, for the chips that take them off."""
    chosen = where.model_dump(exclude_defaults=True, exclude=_said_elsewhere(where))
    texts = _choices() if chosen else {}
    found: dict[str, str] = {}
    for name, value in chosen.items():
        if name == "ids":
            found[name] = say("{count:chosen deal|chosen deals}", count=len(value))
        elif name == "customer_id":
            found[name] = among(name, value, named(load(customer_list, where=CustomerFilter(ids=value), size=3)))
        elif isinstance(value, tuple):
            found[name] = among(name, value, texts.get(name, {}))
        else:
            found[name] = f"{label(name)} {date_short(value) if isinstance(value, dt.date) else number(value)}"
    return found


def _said_elsewhere(where: OpportunityFilter) -> set[str]:
    """What the line of quick filters shows already."""
    found = {"search", "pipeline_id", "rotting"}
    found |= {name for options in (_scopes(), _periods()) if _in_force(options, where) for name in _none_of(options)}
    return found | ({"forecast_category"} if ForecastCategory.OMITTED not in where.forecast_category else set())


def chips(where: OpportunityFilter) -> None:
    filtering.chips(applied(where), lambda name: change(**{name: OpportunityFilter.model_fields[name].default}))
