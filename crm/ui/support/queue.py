"""The queue: the open cases, those first in which most is at stake; taken with one click, worked through one after the other."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pandas as pd
import streamlit as st

from crm.access import Reach, Role
from crm.office.queries import today
from crm.pipeline.queries.deals import moment
from crm.support import commands, queries
from crm.support.filters import CaseFilter
from crm.support.queries import Queue
from crm.support.queries.queue import Shade, Whose
from crm.ui.address import choice, read_filter
from crm.ui.desk import act, figures, go, me
from crm.ui.insight.about import about, titled
from crm.ui.money import currency_of
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.support.filters import chips, filters_panel, nothing_fits
from crm.ui.support.going import begin, remember
from crm.ui.support.remaining import badge
from crm.ui.table import records, table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken
from crm.words.formats import short_money

SIZE = 50
SHADES = {"breached": "Breached {count}", "red": "Red {count}", "amber": "Amber {count}", "green": "Green {count}"}
"""What stands on the pills, the worst first."""
INKS = {"breached": "red", "red": "orange", "amber": "yellow", "green": "green"}
WHOSE = {"mine": "Mine {count}", "team": "My team's {count}", "unassigned": "Unassigned {count}", "all": "All {count}"}
TITLES = {
    (False, False): "{count:case is|cases are} open, none is late",
    (True, False): "{count:case is|cases are} open, {late} late",
    (False, True): "{count:case is|cases are} open, none is late; most is at stake with {customer}: {stake}",
    (True, True): "{count:case is|cases are} open, {late} late; most is at stake with {customer}: {stake}",
}
"""Is one late? Is it known what customers are worth?"""
COLUMNS = ("shade", "case", "customer", "clock", "risk", "stake", "priority", "kind", "owner")
"""The first three stand on a phone as well; the state is told by the clock, by its pause and by the agent."""
WIDTHS = {
    "shade": 114,
    "case": 188,
    "customer": 140,
    "clock": 104,
    "risk": 66,
    "stake": 88,
    "priority": 68,
    "kind": 96,
    "owner": 74,
}


def queue() -> None:
    """Everything below the sides of the page; a fragment, so that a click redraws the queue alone."""
    where = read_filter(CaseFilter)
    counts = figures(queries.whose_counts, where=where)
    with st.container(horizontal=True, vertical_alignment="center", key="queue.line"):
        whose = _whose(counts)
        shade = _shade_in_address()
        found = figures(queries.queue, whose=whose, where=where, page=page_of(counts[whose], SIZE), size=SIZE, shade=shade)
        _shades(found.counts, shade)
        st.space("stretch")
        filters_panel(where, "queue")
    chips(where, ())
    told("cases", {"count": found.counts[shade] if shade else found.counts["cases"]})
    if found.rows.empty:
        _nothing(where, whose, shade, counts)
        return
    _title(found, where)
    _rows(found, whose)
    pager(found.counts[shade] if shade else found.counts["cases"], SIZE, "queue.page")


# ------------------------------------------------------------------------------------------------------- filters


def _whose(counts: dict[str, int]) -> Whose:
    """Agents and reps begin with their own, everybody else with all that they see."""
    person = me()
    actor = person.actor
    known = [one for one in get_args(Whose) if one != "team" or actor.grant("support").see is Reach.TEAM]
    known = [one for one in known if one != "mine" or actor.grant("support").change]
    now: Any = choice("whose", tuple(known), "mine" if person.role in (Role.AGENT, Role.REP) else "all")
    st.session_state["queue.whose"] = now
    st.segmented_control(
        say("Whose"),
        known,
        key="queue.whose",
        required=True,
        format_func=lambda one: _with_count(WHOSE[one], counts[one]),
        label_visibility="collapsed",
        on_change=_whose_chosen,
    )
    return now  # type: ignore[no-any-return]


def _with_count(template: str, count: int) -> str:
    return say(template, count=spoken(count, 0))


def _whose_chosen() -> None:
    for name in ("page", "shade"):
        st.query_params.pop(name, None)
    st.query_params["whose"] = st.session_state["queue.whose"]


def _shade_in_address() -> Shade | None:
    found: Any = choice("shade", ("", *get_args(Shade)), "")
    return found or None


def _shades(counts: dict[str, int], now: Shade | None) -> None:
    """The counts above the queue: a click narrows it, another takes that off."""
    st.session_state["queue.shade"] = now
    known = [shade for shade in SHADES if counts[shade] or shade == now]
    st.pills(
        label("colour"),
        known,
        key="queue.shade",
        format_func=lambda shade: shade_text(shade, counts[shade]),
        label_visibility="collapsed",
        on_change=_shade_chosen,
    )


def shade_text(shade: str, count: int) -> str:
    """A dot in its colour, its word, how many."""
    return f":{INKS[shade]}[●] {_with_count(SHADES[shade], count)}"


def _shade_chosen() -> None:
    st.query_params.pop("page", None)
    if chosen := st.session_state["queue.shade"]:
        st.query_params["shade"] = chosen
    else:
        st.query_params.pop("shade", None)


# ---------------------------------------------------------------------------------------------------------- rows


def _title(found: Queue, where: CaseFilter) -> None:
    first, late = records(found.rows.head(1))[0], found.counts["breached"]
    valued = first.stake > 0 and isinstance(first.customer, str) and bool((found.rows["value"] != 1.0).any())
    values: dict[str, Any] = {"count": found.counts["cases"], "late": spoken(late, 0)}
    if valued:
        values |= {"customer": first.customer, "stake": short_money(first.stake, currency_of(me()))}
    template = TITLES[late > 0, valued]
    with titled(template, "queue", **values), st.container(horizontal=True, vertical_alignment="center", width="content"):
        if me().actor.grant("support").change and st.button(
            say("Start with the first"), icon=":material/play_arrow:", key="queue.start", shortcut="Alt+S"
        ):
            begin(found.ids)
        _about(found, where)


def _about(found: Queue, where: CaseFilter) -> None:
    about(
        "queue.stake",
        definition=say(
            "The cases stand in the order of what is at stake: the risk that the solution comes later than promised, times what "
            "the customer is worth (lifetime value of the published model; who has none counts as the median of those who have "
            "one). The risk comes from how long solved cases of the same kind and priority took in working time, given that "
            "this one has taken as long as it has (Kaplan-Meier). Time left is working time up to two days, then calendar days."
        ),
        formula=r"\text{stake} = P(T > \text{used} + \text{left} \mid T > \text{used}) \cdot \text{value}",
        scope=say("Open cases that you see, with the filters above."),
        as_of=figures(today),
        n=found.counts["cases"],
    )


def _rows(found: Queue, whose: str) -> None:
    takes = me().actor.grant("support").change and bool(found.rows["owner_id"].isna().any())
    free = [say("Take") if pd.isna(owner) else None for owner in found.rows["owner_id"]]
    chosen = table(
        readable(found.rows, figures(moment)),
        key=f"queue.table.{hash(tuple(found.rows['id']))}",
        columns=_columns(found.rows, whose),
        labels={"shade": label("time_left"), "owner": label("agent")},
        currency=currency_of(me()),
        widths=WIDTHS,
        press=free if takes else None,
        press_last=True,
    )
    if chosen.pressed is not None:
        act(commands.take_case, chosen.pressed, done="Taken: it is yours from now on.")
    if chosen.opened is not None:
        remember(found.ids)
        go("case", case=chosen.opened)


def readable(rows: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    """A page of the queue as the table shows it."""
    told = records(rows)
    return rows.assign(
        shade=pd.Series([badge(row, now) for row in told], rows.index, "object"),
        case=[f"{row.number} {row.subject}" for row in told],
        clock=[label(row.clock) if isinstance(row.clock, str) else "" for row in told],
        risk=rows["risk"] * 100,
    )


def _columns(rows: pd.DataFrame, whose: str) -> list[str]:
    """Without the stake where no customer is known, and without the agent where it is always me."""
    without = {"stake"} if (rows["value"] == 1.0).all() else set()
    without |= {"owner"} if whose in ("mine", "unassigned") else set()
    return [name for name in COLUMNS if name not in without]


def _nothing(where: CaseFilter, whose: str, shade: str | None, counts: dict[str, int]) -> None:
    if shade or where != CaseFilter():
        empty("No open case fits these filters.")
        nothing_fits()
    elif whose == "mine":
        empty("You have no open case. Take one that nobody has, or write down a new one.")
        if counts["unassigned"]:
            text = say("Show {count:case that nobody has|cases that nobody has}", count=counts["unassigned"])
            st.button(text, key="queue.unassigned", icon=":material/inbox:", on_click=_show_unassigned)
    else:
        empty("No case is open. What customers report will stand here, what matters most first.")


def _show_unassigned() -> None:
    st.query_params["whose"] = "unassigned"
