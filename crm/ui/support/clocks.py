"""The clocks of a case: what is used of what was promised, when it is due, and how it came to that."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.support import queries
from crm.support.models import Clock
from crm.support.queries.promises import Promise
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.support.opened import Opened
from crm.ui.support.states import ink
from crm.ui.support.times import duration, local, told
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import percent

CELLS = 16
ORDER = [clock.value for clock in Clock]
STATES = {"running": ":material/play_arrow:", "paused": ":material/pause:", "ended": ":material/check:"}


def clocks(opened: Opened) -> None:
    found = opened.clocks.sort_values("clock", key=lambda names: names.map(ORDER.index))
    with st.container(border=True, key="case.clocks"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                _title(found)
            _why(opened)
        for row in records(found):
            _clock(row, opened.zone)
        st.caption(_promise(opened.promise))


def _title(found: pd.DataFrame) -> None:
    """The one that matters most."""
    promised = found[found["target"].notna()]
    if promised.empty:
        heading("Nothing is promised for this case")
        return
    going = promised[promised["state"] != "ended"]
    if going.empty:
        late = promised["breached_at"].notna()
        heading("Answered and solved later than promised") if late.any() else heading("All promises were kept")
        return
    urgent = records(going.sort_values("share", ascending=False))[0]
    name = label(urgent.clock)
    if urgent.left < 0:
        heading("{clock}: {time} late", clock=name, time=duration(urgent.left))
    else:
        heading("{clock}: {time} left", clock=name, time=duration(urgent.left))


def _clock(row: Any, zone: str) -> None:
    promised = pd.notna(row.target)
    used = say("{used} of {allowed}", used=duration(row.used), allowed=duration(row.target)) if promised else duration(row.used)
    with st.container(gap=None, key=f"case.clock.{row.clock}"):
        with st.container(horizontal=True):
            st.markdown(f"{STATES[row.state]} {label(row.clock)}", width="stretch")
            st.markdown(f"**{used}**", width="content", text_alignment="right")
        bar = f"{_bar(float(row.share), ink(row.colour))}  \n" if promised else ""
        st.markdown(f"{bar}:gray[:small[{_stands(row, zone)}]]")


def _bar(share: float, colour: str) -> str:
    """Used against allowed; what is over the promise is full."""
    full = min(max(round(share * CELLS), 1 if share > 0 else 0), CELLS)
    rest = f":gray[{'┄' * (CELLS - full)}]" if full < CELLS else ""
    return f":{colour}[**{'━' * full}**]{rest} :gray[:small[{percent(share, 0)}]]"


def _stands(row: Any, zone: str) -> str:
    late = pd.notna(row.breached_at)
    if row.state == "ended":
        if pd.isna(row.target):
            return say("done")
        return say("done, too late since {at}", at=told(row.breached_at, zone)) if late else say("done in time")
    if late:
        return say("exceeded since {at}", at=told(row.breached_at, zone))
    if row.state == "paused":
        return say("stands still")
    return say("due {at}", at=told(row.due, zone)) if pd.notna(row.due) else say("runs")


def _promise(promise: Promise) -> str:
    if promise.policy is None:
        return say("No policy fits this customer, priority and kind: the clocks only count.")
    names = {name: literal(getattr(promise, name)) for name in ("policy", "calendar", "zone")}
    return say("By the policy {policy}, hours of {calendar}, times of {zone}.", **names)


# ------------------------------------------------------------------------------------------------------------ why


def _why(opened: Opened) -> None:
    panel = st.popover(
        say("Why"),
        type="tertiary",
        icon=":material/help:",
        key="case.why",
        on_change="rerun",
        help=say("How the clocks got there"),
    )
    if not panel.open:
        return
    with panel:
        st.caption(
            say(
                "Replayed from the events of the case: only working time counts, and not while the case waits where the policy "
                "lets it. A change of priority keeps the time used."
            )
        )
        replay_table(opened)


def replay_table(opened: Opened) -> None:
    """Row by row: from when to when, in which state, how much working time that was."""
    rows = load(queries.replay, case_id=opened.case.id)
    for name in ORDER:
        part = rows[rows["clock"] == name]
        if part.empty:
            continue
        used, target = duration(part["used"].iloc[-1]), part["target"].iloc[-1]
        if pd.isna(target):
            heading("{clock}: {used} used", clock=label(name), used=used)
        else:
            heading("{clock}: {used} of {allowed}", clock=label(name), used=used, allowed=duration(target))
        # What was the same all the time needs no column.
        changed = [column for column in ("priority", "target") if part[column].nunique(dropna=False) > 1]
        table(
            _readable(part, opened.zone),
            key=f"case.replay.{name}",
            columns=["start_at", "end_at", "state", "clock_state", "seconds", "used", *changed],
            labels=_heads(),
            opens=False,
            height="auto",
        )


def _heads() -> dict[str, str]:
    names = {"start_at": say("From"), "end_at": say("Until"), "clock_state": label("clock"), "seconds": say("Counted")}
    return names | {"used": say("In all"), "target": say("Promised time")}


def _readable(part: pd.DataFrame, zone: str) -> pd.DataFrame:
    """In the words and the local time of the calendar."""
    shown = part.assign(id=range(len(part)))
    for name in ("start_at", "end_at"):
        shown[name] = [None if pd.isna(one) else local(one, zone).replace(tzinfo=None) for one in part[name]]
    words = {"running": say("runs"), "paused": say("stands still"), "ended": say("over")}
    shown["clock_state"] = part["clock_state"].map(words)
    for name in ("seconds", "used", "target"):
        shown[name] = [duration(one) for one in part[name]]
    return shown
