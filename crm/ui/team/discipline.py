"""Who keeps the rules of the policy, each line with its proof; absences; and the policy itself, version by version."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.charts.presence import presence_calendar
from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import put
from crm.ui.insight.sides import side
from crm.ui.show import Built, empty, show
from crm.ui.team.absences import team_absences
from crm.ui.team.discipline_asked import KEPT, Asked, asked, controls
from crm.ui.team.discipline_rows import export, people_table, person_rows, proof, team_table
from crm.ui.team.policy import policy
from crm.ui.text import literal
from crm.ui.tile import Tile, tiles
from crm.words import say
from crm.words.formats import number, percent

MOST = 60
"""People of whom a calendar is drawn at once."""
BROKE = (
    "No day is missing, nobody is silent, and once the month is over something was done with every open lead and opportunity. "
    "A month that still runs is not broken yet."
)
MISSED = (
    "Working days of the calendar up to yesterday, without leave, on which somebody was to sign in and did not. On a trip a few "
    "days a week are enough."
)
IDLE = (
    "Open from the first to the last day of the month (a running one: up to today), with the same owner, and no activity was "
    "done on the record itself in that month. As they were then: closed and handed over since does not matter."
)
SILENT = "Not here for so long, counted from the last day here, from the end of a leave, or from joining."


def discipline(person: SignedIn) -> None:
    views = {"kept": say("Discipline"), "absences": say("Absences"), "policy": say("Policy")}
    with st.container(horizontal=True, vertical_alignment="center", key="discipline.controls"):
        view = side("view", views, key="discipline.view", title=say("View"), keep=KEPT)
        of = asked()
        if view != "policy":
            controls(of)
        if view == "kept":
            st.space("stretch")
            export(of)
    DRAWN[view](of)


def _kept(of: Asked) -> None:
    found = load(queries.discipline, **of.about)
    if found.empty:
        empty("Nobody whom the policy is for is in your reach. Choose another team, or look at the roles that it names.")
        return
    _headline(of, found)
    _narrowed(of)
    if of.rows:
        proof(of, found)
        return
    if of.person_id is not None:
        person_rows(of, found)
        return
    people_table(of, found)
    _calendar(of, found)
    team_table(of, found)


def _headline(of: Asked, found: pd.DataFrame) -> None:
    told = {name: int(found[name].sum()) for name in ("missing", "expected", "present", "silent", "deals", "leads")}
    idle = {name: int(found[f"{name}_without_action"].sum()) for name in ("deals", "leads")}
    broke = int((~found["kept"]).sum())
    held = {name: say("of {n} open", n=number(told[name], 0)) for name in ("deals", "leads")}
    present = say("nothing was asked for")
    if told["expected"]:
        present = say("{share} kept", share=percent(told["present"] / told["expected"], 0))
    weeks = figures(queries.rules_on, day=of.until).silent_weeks
    rows: list[tuple[str, str, int, str, str, str]] = [
        (
            "not_kept",
            say("Broke a rule"),
            broke,
            say("{n} of {total}", n=broke, total=len(found)),
            say("people"),
            BROKE,
        ),
        ("missing", say("Days missing"), told["missing"], number(told["missing"], 0), present, MISSED),
        ("deals", say("Idle opportunities"), idle["deals"], number(idle["deals"], 0), held["deals"], IDLE),
        ("leads", say("Idle leads"), idle["leads"], number(idle["leads"], 0), held["leads"], IDLE),
        (
            "silent",
            say("Silent people"),
            told["silent"],
            number(told["silent"], 0),
            say("for {count:week|weeks}", count=weeks),
            SILENT,
        ),
    ]
    found_ = [
        Tile(name, title, value, shown, "team", of.address | {"rows": name}, caption=caption, about=say(definition))
        for name, title, value, shown, caption, definition in rows
    ]
    tiles(found_, "discipline.headline")


def _narrowed(of: Asked) -> None:
    """The way back from what is looked at alone."""
    alone = "who" if not of.rows and "who" in st.query_params else "rows" if of.rows else None
    if alone is not None:
        back = say("Back to the person") if of.rows and of.person_id is not None else say("Back to everybody")
        st.button(back, icon=":material/arrow_back:", key="discipline.back", type="tertiary", on_click=put, args=(alone, None))


def _calendar(of: Asked, found: pd.DataFrame) -> None:
    """Whose missing days are most first; a click opens the person."""
    days = load(queries.presence, **of.about)
    order = found.sort_values(["missing", "team", "person"], ascending=[False, True, True])["id"].head(MOST).tolist()
    shown = days[days["person_id"].isin(order)].sort_values(
        "person_id", key=lambda ids: ids.map({one: place for place, one in enumerate(order)}), kind="stable"
    )
    worst = found.sort_values("missing", ascending=False, kind="stable").iloc[0]
    kept = int((found["missing"] == 0).sum())
    if worst["missing"]:
        place = titled(
            "{kept} of {total} missed no day; {name} missed {count:day|days}",
            key="discipline.calendar",
            kept=kept,
            total=len(found),
            name=worst["person"],
            count=int(worst["missing"]),
        )
    else:
        place = titled("Nobody missed a day", key="discipline.calendar")
    with place:
        about(
            "discipline.calendar",
            definition=say(
                "A day counts as here when the product was used on it, also without a new sign-in. It begins and ends where the "
                "firm is ({zone}). Of a week that falls short the latest days are marked.",
                zone=literal(figures(queries.firm_zone)),
            ),
            scope=of.title,
            as_of=of.today,
            n=len(found),
        )
    clicked = show(Built(presence_calendar, of.days, shown), key=f"discipline.strip.{of.since}.{of.team_id}")
    if clicked and str(clicked[0][0]) != st.query_params.get("who"):
        put("who", clicked[0][0])
        st.rerun()


DRAWN = {"kept": _kept, "absences": team_absences, "policy": policy}

__all__ = ["discipline"]
