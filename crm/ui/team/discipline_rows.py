"""The rows behind the figures of discipline: people, units, days, leads and opportunities; each leads to its record."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.presence import presence_calendar
from crm.targets import queries
from crm.targets.queries.actions import SIZE
from crm.ui.desk import figures, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.inbox.announcements import announce_dialog
from crm.ui.insight.cohort_controls import put
from crm.ui.paging import page_of, pager
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import table
from crm.ui.team.discipline_asked import Asked
from crm.ui.text import literal
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import date_short

SUMS = ["expected", "present", "missing", "travel_days", "leave_days", "deals_without_action", "leads_without_action"]
PEOPLE = ["person", "team", "standing", *SUMS, "last_here_on"]
TEAMS = ["team", "people", "people_kept", *SUMS, "silent_people"]
IDLE = ["name", "customer", "stage", "state", "person", "since_on", "last_action_on"]
WIDTHS = {"standing": 100, "expected": 112, "deals_without_action": 84, "people_kept": 96, "silent_people": 100}
DAYS = ["missed_on", "person", "team", "place"]
KINDS = {"deals": "opportunity", "leads": "lead"}


def people_table(of: Asked, found: pd.DataFrame, key: str = "discipline.people") -> None:
    """Whoever broke a rule first; a click opens the person."""
    ordered = with_standing(found).sort_values(["kept", "missing", "team", "person"], ascending=[True, False, True, True])
    told("team", {"count": len(ordered), **{name: float(ordered[name].sum()) for name in SUMS}})
    height = "auto" if len(ordered) < 14 else 500
    chosen = table(ordered, key=f"{key}.{of.since}.{of.team_id}", columns=PEOPLE, labels=_heads(), widths=WIDTHS, height=height)
    if chosen.opened is not None and str(chosen.opened) != st.query_params.get("who"):
        put("rows", None)
        put("who", chosen.opened)
        st.rerun()


def _heads() -> dict[str, str]:
    return {
        "expected": say("Days asked for"),
        "present": say("Days kept"),
        "missing": say("Days missing"),
        "deals_without_action": say("Idle deals"),
        "leads_without_action": say("Idle leads"),
        "place": say("Place of work"),
    }


def with_standing(found: pd.DataFrame) -> pd.DataFrame:
    standing = found["kept"].map({True: "kept", False: "not_kept"}).where(~found["silent"], "silent")
    return found.assign(standing=standing)


def team_table(of: Asked, found: pd.DataFrame) -> None:
    """Sums of the people of each unit; a click narrows to it."""
    if found["team_id"].nunique() < 2:
        return
    heading("The teams")
    sums = found.groupby(["team_id", "team"], as_index=False).agg(
        people=("id", "count"),
        people_kept=("kept", "sum"),
        silent_people=("silent", "sum"),
        **{one: (one, "sum") for one in SUMS},
    )
    chosen = table(
        sums.rename(columns={"team_id": "id"}), key=f"discipline.teams.{of.since}", columns=TEAMS, labels=_heads(), widths=WIDTHS
    )
    if chosen.opened is not None and chosen.opened != of.team_id:
        put("team", chosen.opened)
        st.rerun()


def person_rows(of: Asked, found: pd.DataFrame) -> None:
    """One person: his calendar, the days that are missing, what nobody did anything with."""
    one = with_standing(found).iloc[0]
    told("team", {"count": len(found), **{name: float(found[name].sum()) for name in SUMS}})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(one["person"]), anchor=False, width="content")
        st.badge(label(one["standing"], of="standing"), color="green" if one["kept"] else "red")
        st.caption(_said(one))
    plain(Built(presence_calendar, of.days, load(queries.presence, **of.about)), key=f"discipline.of.{one['id']}.{of.since}")
    left, right = st.columns([2, 5], gap="large") if one["missing"] else (st.container(), st.container())
    with left:
        heading("{count:day is|days are} missing", count=int(one["missing"]))
        if one["missing"]:
            table(
                load(queries.missing_days, **of.about),
                key="discipline.of.days",
                columns=["missed_on", "place"],
                labels=_heads(),
                opens=False,
            )
    with right:
        for rows in KINDS:
            if one[f"{rows}_without_action"]:
                _idle(of, rows, found)
        if not one["deals_without_action"] + one["leads_without_action"]:
            heading("Something was done with every lead and opportunity that was open all month")


def _said(one: pd.Series[Any]) -> str:
    seen = say("last here on {day}", day=date_short(one["last_here_on"])) if one["last_here_on"] else say("never here yet")
    return f"{literal(one['team'])} · {label(one['role'], of='role')} · {seen}"


# -------------------------------------------------------------------------------------------- behind one figure


def proof(of: Asked, found: pd.DataFrame) -> None:
    """The rows that the figure on top counts."""
    if of.rows in KINDS:
        _idle(of, of.rows, found)
    elif of.rows == "missing":
        _missing(of)
    else:
        _those(of, found)


def _missing(of: Asked) -> None:
    rows = load(queries.missing_days, **of.about)
    heading("{count:day was|days were} asked for and missed", count=len(rows))
    told("team", {"count": len(rows)})
    if len(rows):
        table(
            rows, key="discipline.missing", columns=DAYS, labels=_heads(), opens=False, height="auto" if len(rows) < 14 else 560
        )


def _idle(of: Asked, rows: str, found: pd.DataFrame) -> None:
    kind, total = KINDS[rows], int(found[f"{rows}_without_action"].sum())
    if rows == "deals":
        heading("{count:opportunity|opportunities} open all month without an action", count=total)
    else:
        heading("{count:lead|leads} open all month without an action", count=total)
    if of.rows == rows:
        told("team", {"count": total})
    if not total:
        return
    page = page_of(total, SIZE) if of.rows == rows else 1
    shown = load(queries.without_action, kind=kind, page=page, **of.about)
    columns = [one for one in IDLE if (one != "person" or of.person_id is None) and (one != "customer" or rows == "deals")]
    chosen = table(shown, key=f"discipline.{rows}.{page}", columns=columns, labels={"since_on": say("Open since")}, height="auto")
    if of.rows == rows:
        pager(total, SIZE, f"discipline.{rows}.pages")
    elif total > len(shown):
        st.button(say("All {n}", n=total), key=f"discipline.{rows}.all", type="tertiary", on_click=put, args=("rows", rows))
    if chosen.opened is not None:
        go(kind, **{kind: chosen.opened})


def _those(of: Asked, found: pd.DataFrame) -> None:
    silent = of.rows == "silent"
    rows = found[found["silent"] if silent else ~found["kept"]]
    if silent:
        heading("{count:person has|people have} been silent for too long", count=len(rows))
    else:
        heading("{count:person|people} did not keep the policy", count=len(rows))
    if rows.empty:
        told("team", {"count": 0})
        empty("Everybody was here.") if silent else empty("Everybody keeps the policy.")
        return
    if silent and me().actor.may("announce", "office"):
        _announce(_announcement(of, rows))
    people_table(of, rows, f"discipline.{of.rows}")


def _announce(said: dict[str, Any]) -> None:
    if st.button(say("Announce them"), icon=":material/campaign:", key="discipline.announce"):
        open_dialog(say("Announce"), announce_dialog, said, width="medium")


def _announcement(of: Asked, rows: pd.DataFrame) -> dict[str, Any]:
    """What a public notice may say; whoever publishes it changes the words as he likes."""
    weeks = figures(queries.rules_on, day=of.until).silent_weeks
    names = "\n".join(f"- {one.person} ({one.team})" for one in rows.itertuples())
    text = say("These colleagues have not signed in for {count:week|weeks}:", count=weeks)
    return {
        "name": say("Not signed in for {count:week|weeks}", count=weeks),
        "text": f"{text}\n{names}",
        "team_id": of.team_id,
    }


# ------------------------------------------------------------------------------------------------------ a file


def export(of: Asked) -> None:
    """What is shown, as a file."""
    besides = {"deals": "state", "leads": "stage"}.get(of.rows)
    columns = [one for one in {"missing": DAYS, "deals": IDLE, "leads": IDLE}.get(of.rows, PEOPLE) if one != besides]
    asked, rows = dict(of.about), of.rows

    def made(session: Any) -> pd.DataFrame:
        if rows in KINDS:
            return queries.without_action(session, KINDS[rows], **asked, size=None)
        if rows == "missing":
            return queries.missing_days(session, **asked)
        found = with_standing(queries.discipline(session, **asked))
        kept = {"silent": found["silent"], "not_kept": ~found["kept"]}
        return found[kept[rows]] if rows in kept else found

    filters = {name: str(value) for name, value in (asked | {"rows": rows}).items() if value}
    export_button("discipline", made, {name: label(name) for name in columns}, filters, area="targets", key="discipline.export")
