"""Controls of the cohort and concentration labs: each stands in the address, so that a view can be shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm.insight.queries import Population
from crm.insight.queries.cohorts import first_purchase_day, known_until
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import choice
from crm.ui.desk import figures
from crm.ui.insight.population import chosen_population
from crm.ui.insight.sides import side
from crm.words import say

KEPT = ("board", "group", "until")
"""What both labs have in common; the rest goes when a person changes between them."""


def which_lab() -> str:
    """The two labs of the page."""
    titles = {"cohorts": say("Cohorts"), "concentration": say("Concentration")}
    return side("show", titles, key="cohorts.show", title=say("Show"), keep=KEPT)


def population_and_day(person: SignedIn, key: str) -> tuple[Population, Board, dt.date] | None:
    """Whose purchases, and the last day they are looked at; None where there is no board or no purchase."""
    population = chosen_population(person, key, days=False)
    if population is None:
        return None
    board = next(board for board in person.boards if board.id == population.board_id)
    known = figures(known_until, board_id=board.id)
    if known is None:
        return None
    first = figures(first_purchase_day, population=population) or known
    day = max(first, min(day_in_address("until") or known, known))
    st.session_state[f"{key}.until"] = day
    st.date_input(
        say("As of"),
        key=f"{key}.until",
        min_value=first,
        max_value=known,
        on_change=_keep_day,
        args=("until", f"{key}.until"),
        help=say("Purchases after this day are not looked at. A period that is not over on it is marked."),
    )
    return population.model_copy(update={"until": day}), board, day


def day_in_address(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def since_day(key: str, title: str, until: dt.date) -> dt.date | None:
    """A day that may be left empty."""
    day, earliest = day_in_address("since"), until.replace(year=until.year - 100, day=1)
    day = day if day and earliest <= day <= until else None
    st.session_state[f"{key}.since"] = day
    st.date_input(
        title,
        key=f"{key}.since",
        value=None,
        min_value=earliest,
        max_value=until,
        on_change=_keep_day,
        args=("since", f"{key}.since"),
    )
    return day


def _keep_day(name: str, key: str) -> None:
    put(name, st.session_state[key])


def option(name: str, titles: Mapping[str, str], default: str, *, title: str, key: str, draw: Any = st.selectbox) -> str:
    """One of a few, drawn as a list, a row of buttons or a column of them; what was picked on the chart goes with it."""
    now = choice(name, titles, default)
    st.session_state[f"{key}.{name}"] = now
    more: dict[str, Any] = {"required": True} if draw is st.segmented_control else {}
    draw(
        title,
        list(titles),
        key=f"{key}.{name}",
        format_func=lambda one: titles[one],
        on_change=_keep_option,
        args=(name, f"{key}.{name}"),
        **more,
    )
    return now


PICKED = ("cohort", "age", "month", "band", "best", "decile", "was", "now", "step")
"""What was picked on a chart or in its table."""


def _keep_option(name: str, key: str) -> None:
    forget_picked()
    put(name, st.session_state[key])


def put(name: str, value: object) -> None:
    """Into the address; nothing takes it out."""
    if value is None or value == "":
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)


def forget_picked() -> None:
    for name in PICKED:
        st.query_params.pop(name, None)


def newly(key: str, value: Any) -> bool:
    """Was this just picked? A chart and its table both keep their last click: the newer one counts."""
    before, st.session_state[f"{key}.last"] = st.session_state.get(f"{key}.last"), value
    return value is not None and value != before


def one(clicked: Any) -> Any:
    """The customdata of a point that carries a single value."""
    return clicked[0] if isinstance(clicked, list | tuple) else clicked


def pick(**chosen: object) -> None:
    """Keep what was clicked in the address, and draw the page again with it."""
    forget_picked()
    for name, value in chosen.items():
        put(name, value)
    st.rerun()


def picked_line(text: str, key: str) -> None:
    """What is shown below, with a button that takes the selection off, where there is one."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.picked"):
        st.markdown(f"**{text}**", width="content")
        if any(name in st.query_params for name in PICKED):
            off = say("Take the selection off")
            st.button("", icon=":material/close:", type="tertiary", key=f"{key}.clear", on_click=forget_picked, help=off)
