"""Visits of a month: planned, made, proven by check-in and photo, and what came of them; who made none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.access import Role
from crm.office.queries import today, visit_entries
from crm.targets.queries.calendar import firm_zone
from crm.ui.address import choice
from crm.ui.calendar.asked import Asked, choices, team
from crm.ui.calendar.check_in import where
from crm.ui.calendar.opened import open_activity
from crm.ui.desk import figures, load
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.ui.tile import Tile, tiles, told
from crm.words import label, say
from crm.words.formats import number

STATES = {"all": "All", "done": "Done", "checked": "With check-in", "photo": "With photo", "overdue": "Not made"}
OF_PERSON: tuple[str, ...] = ("who", "planned_visits", "done_visits", "on_the_day", "with_check_in", "with_photo")
OF_PERSON += ("with_result", "with_next_step", "not_made")
MOST_NAMES = 5
WHOLE = 20
"""So many rows are drawn without a scrollbar of their own."""
WIDTHS = {"day_on": 95, "time": 55, "name": 230, "topic": 120, "coordinates": 190}
VISITORS = (Role.REP, Role.LEAD)
"""Of whom a lead expects visits."""
SHOWN = ("day_on", "time", "name", "topic", "who", "visit_state", "checked_in", "coordinates", "photos", "outcome", "next_on")


def visits(asked: Asked) -> None:
    first = asked.day.replace(day=1)
    found = load(visit_entries, since=first, until=first + relativedelta(day=31), people=asked.people)
    found = _judged(found, figures(today))
    state = choice("state", STATES, "all")
    _tiles(asked, found)
    if asked.whose == "team":
        _people(found, {int(row.id): row.name for row in records(team()) if row.role in VISITORS})
    shown = found if state == "all" else found[found[state]]
    told("calendar", {"count": len(shown)})
    _states(state)
    if found.empty:
        empty(
            "No visit in this month. Plan one by a click on a day of the calendar; check in there, take a photo, and write down "
            "what came of it."
        )
    elif shown.empty:
        empty("None of the visits of this month is like that.")
    else:
        _rows(shown, asked)


def _judged(found: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """With done, checked, photo, overdue, on_day: each a yes or a no."""
    done = found["happened_on"].notna()
    passed = pd.Series([one is not None and one < day for one in found["planned_on"]], index=found.index, dtype="bool")
    return found.assign(
        done=done,
        checked=found["checked_in_at"].notna(),
        photo=found["photos"] > 0,
        overdue=~done & passed,
        on_day=done & (found["planned_on"] == found["happened_on"]),
        result=done & (found["outcome"].notna() | found["text"].notna()),
        next_step=done & found["next_on"].notna(),
    )


def _tiles(asked: Asked, found: pd.DataFrame) -> None:
    about = {
        "all": say("Visits that are planned for this month or were made in it."),
        "done": say("Those with the day on which they happened."),
        "checked": say("Those at which somebody checked in: the time is the server's, the place the device's."),
        "photo": say("Those with a photo that was taken for them."),
        "overdue": say("Planned for a day that has passed, and not done."),
    }
    address: dict[str, Any] = {"show": "visits", "day": asked.day.isoformat(), "whose": asked.whose}
    shown = []
    for state, text in STATES.items():
        count = len(found) if state == "all" else int(found[state].sum())
        title = say("Customer visits") if state == "all" else say(text)
        leads = address | {"state": state}
        shown.append(Tile(f"visits.{state}", title, count, number(count, 0), "calendar", leads, about=about[state]))
    tiles(shown, "visits.tiles")


def _people(found: pd.DataFrame, team: dict[int, str]) -> None:
    """Plan, execution, check, improvement: one row for each person of the team, also of those without a visit."""
    sums = {"planned_visits": "planned_on", "done_visits": "done", "on_the_day": "on_day", "with_check_in": "checked"}
    sums |= {"with_photo": "photo", "with_result": "result", "with_next_step": "next_step", "not_made": "overdue"}
    flags = found.assign(planned_on=found["planned_on"].notna()).groupby("who_id")[list(sums.values())].sum()
    names = dict(zip(found["who_id"], found["who"], strict=True)) | team
    rows = flags.reindex(list(names), fill_value=0).rename(columns={old: new for new, old in sums.items()})
    rows = rows.assign(id=list(names), who=list(names.values())).sort_values(["done_visits", "who"], ascending=[False, True])
    none = [str(name) for name in rows.loc[rows["done_visits"] == 0, "who"]]
    told_of: dict[str, Any] = {"done": int(found["done"].sum()), "count": len(found)}
    if none:
        heading("{done} of {count:visit|visits} made; none by {names}", **told_of, names=_few(none))
    else:
        heading("{done} of {count:visit|visits} made, by each of the team at least one", **told_of)
    chosen = table(rows.reset_index(drop=True), key="visits.people", columns=OF_PERSON, height="auto")
    if chosen.opened is not None and str(chosen.opened) in choices():
        st.query_params["whose"] = str(chosen.opened)
        st.rerun()


def _few(names: list[str]) -> str:
    if len(names) <= MOST_NAMES:
        return say("{names}", names=names)
    return say("{names} and {count} more", names=names[:MOST_NAMES], count=len(names) - MOST_NAMES)


def _states(state: str) -> None:
    st.session_state["visits.state"] = state
    st.segmented_control(
        say("Customer visits"),
        list(STATES),
        key="visits.state",
        required=True,
        format_func=lambda one: say(STATES[one]),
        label_visibility="collapsed",
        on_change=lambda: st.query_params.update(state=st.session_state["visits.state"]),
    )


def _rows(shown: pd.DataFrame, asked: Asked) -> None:
    at = pd.to_datetime(shown["checked_in_at"], utc=True).dt.tz_convert(figures(firm_zone))
    texts: dict[str, list[Any]] = {
        "time": [f"{at:%H:%M}" if isinstance(at, dt.time) else None for at in shown["starts_at"]],
        "visit_state": [_state(row) for row in records(shown)],
        "checked_in": [f"{one:%H:%M}" if pd.notna(one) else None for one in at],
        "coordinates": [where(row) if row.checked else None for row in records(shown)],
        "outcome": [label(one, of="outcome") if isinstance(one, str) else None for one in shown["outcome"]],
    }
    ready = shown.assign(day_on=shown["day"])
    ready = ready.assign(**{name: pd.Series(values, index=shown.index, dtype="object") for name, values in texts.items()})
    told_of = {"who": asked.several, "photos": bool(ready["photos"].any()), "next_on": bool(ready["next_on"].notna().any())}
    columns = [one for one in SHOWN if told_of.get(one, True)]
    heads = {"day_on": label("day", of="head")}
    height = "content" if len(ready) <= WHOLE else "auto"
    chosen = table(ready, key="visits.rows", columns=columns, labels=heads, widths=WIDTHS, height=height, once=True)
    if chosen.opened is not None:
        open_activity(int(chosen.opened))


def _state(row: Any) -> str:
    code = "done" if row.done else "overdue" if row.overdue else "checked" if row.checked else "planned"
    return label(code, of="visit_state")
