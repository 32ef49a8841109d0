"""Work and projects judged by weighted criteria: what is open, who has still to give marks, and what came of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.staff.queries import everybody
from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.targets.models import EvaluationKind, EvaluationState
from crm.ui.address import number
from crm.ui.desk import load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.filtering import named
from crm.ui.insight.cohort_controls import option, put
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.team.controls import buttons
from crm.ui.team.evaluation_forms import form_dialog, forms_list
from crm.ui.team.evaluation_record import evaluation_record
from crm.ui.team.evaluation_start import start_dialog
from crm.ui.team.frames import as_shown
from crm.ui.tile import Tile, tiles, told
from crm.words import label, say
from crm.words.formats import date_short
from crm.words.formats import number as spoken_number

ANY = "any"
COLUMNS = ["judged", "kind", "form", "span", "state", "marks", "score", "still_to_score"]
WIDTHS = {"judged": 200, "form": 150, "score": 110, "still_to_score": 120}


def evaluations(person: SignedIn) -> None:
    if chosen := number("evaluation", 0):
        evaluation_record(chosen)
        return
    rows = _rows()
    view = _head(rows)
    if view == "forms":
        forms_list()
        return
    if rows.empty:
        _nothing()
        return
    _tiles(rows)
    _list(_filtered(rows))


def may_start() -> bool:
    return me().actor.grant("targets").change > Reach.OWN


def may_make_forms() -> bool:
    return me().actor.may("approve", "targets")


def _head(rows: pd.DataFrame) -> str:
    with st.container(horizontal=True, vertical_alignment="bottom", key="evaluations.controls"):
        views = {"list": say("Evaluations"), "forms": say("Forms")}
        view = option("view", views, "list", title=say("View"), key="evaluations", draw=buttons)
        if view == "list" and len(rows):
            kinds = {ANY: say("All kinds")} | {one.value: label(one.value, of="evaluation_kind") for one in EvaluationKind}
            option("kind", kinds, ANY, title=label("kind"), key="evaluations", draw=buttons)
            states = {ANY: say("All states")} | {one.value: label(one.value, of="evaluation_state") for one in EvaluationState}
            states |= {"mine": say("Waiting for me")} if may_start() else {}
            option("state", states, ANY, title=label("state"), key="evaluations", draw=buttons)
        st.space("stretch")
        _actions(view)
    return view


def _actions(view: str) -> None:
    new: dict[str, Any] = {"type": "primary", "icon": ":material/add:"}
    if view == "forms" and may_make_forms() and st.button(say("New form"), key="evaluations.new_form", **new):
        open_dialog(say("New form"), form_dialog)
    if view == "list" and may_start() and st.button(say("Start evaluations"), key="evaluations.start", **new):
        open_dialog(say("Start evaluations"), start_dialog)


def _nothing() -> None:
    if not may_start():
        empty("Here you will read how your work was judged, criterion by criterion. Nobody has begun an evaluation of you yet.")
    elif load(queries.forms).empty:
        empty(
            "First make a form under “Forms”: what is judged, and how much each criterion weighs. Then start evaluations with it."
        )
    else:
        empty("No evaluation yet. Start one for several people at once: they are judged by the same criteria, for the same days.")


def _rows() -> pd.DataFrame:
    """Ready to be shown, the open ones on top."""
    found = load(queries.evaluations)
    names = named(load(everybody))
    mine = pd.Series([me().user_id in ids for ids in found["waiting"]], index=found.index, dtype="bool")
    kinds = [label(one, of="project") if one else "" for one in found["project_kind"]]
    titles = [name if kind == EvaluationKind.WORK else name_of for kind, name, name_of in _titles(found)]
    spans = [f"{date_short(start)} – {date_short(end)}" for start, end in zip(found["starts_on"], found["ends_on"], strict=True)]
    asked = [count + len(ids) for count, ids in zip(found["reviewers"], found["waiting"], strict=True)]
    given = [f"{count} / {of}" if of else "0" for count, of in zip(found["reviewers"], asked, strict=True)]
    open_ = found["state"] == EvaluationState.OPEN
    still = [
        ", ".join(names.get(one, "?") for one in ids) if now else "" for ids, now in zip(found["waiting"], open_, strict=True)
    ]
    told_ = found.assign(judged=titles, span=spans, marks=given, still_to_score=still, mine=mine & open_, project_word=kinds)
    return told_.sort_values("state", ascending=False, kind="stable", ignore_index=True)


def _titles(found: pd.DataFrame) -> list[tuple[str, str, str]]:
    columns = found[["kind", "person", "project"]].fillna("").astype(str)
    return list(columns.itertuples(index=False, name=None))


def _tiles(rows: pd.DataFrame) -> None:
    open_, closed = (rows[rows["state"] == one] for one in (EvaluationState.OPEN, EvaluationState.CLOSED))
    where = {"show": "evaluations"}
    found = [_count("open", _state("open"), open_, where | {"state": "open"})]
    if may_start():
        found.append(_count("mine", say("Waiting for me"), rows[rows["mine"]], where | {"state": "mine"}))
    found.append(_count("closed", _state("closed"), closed, where | {"state": "closed"}))
    mean = float(closed["score"].mean()) if closed["score"].notna().any() else None
    about = say("Mean of the scores of the closed ones that you see; 0 = the lowest mark everywhere, 100 = the highest.")
    title, shown = say("Mean score"), spoken_number(mean, 1)
    found.append(Tile("evaluations.score", title, mean, shown, "team", where | {"state": "closed"}, total=None, about=about))
    tiles(found, "evaluations.tiles")


def _state(code: str) -> str:
    return label(code, of="evaluation_state")


def _count(name: str, title: str, rows: pd.DataFrame, where: dict[str, str]) -> Tile:
    return Tile(f"evaluations.{name}", title, len(rows), spoken_number(len(rows), 0), "team", where)


def _filtered(rows: pd.DataFrame) -> pd.DataFrame:
    kind, state = st.query_params.get("kind", ANY), st.query_params.get("state", ANY)
    rows = rows[rows["kind"] == kind] if kind in set(EvaluationKind) else rows
    if state == "mine" and may_start():
        return rows[rows["mine"]]
    return rows[rows["state"] == state] if state in set(EvaluationState) else rows


def _list(rows: pd.DataFrame) -> None:
    told("team", {"count": len(rows)})
    with st.container(horizontal=True, vertical_alignment="center", key="evaluations.head"):
        with st.container(width="stretch"):
            waiting = int((rows["still_to_score"] != "").sum())
            heading("{count:evaluation|evaluations}; {waiting:waits|wait} for marks", count=len(rows), waiting=waiting)
        if len(rows):
            files = {name: label(name, of="head") for name in COLUMNS}
            readable = rows.assign(**_readable(rows))
            export_button(
                "evaluations", as_shown(readable), files, {"show": "evaluations"}, area="targets", key="evaluations.export"
            )
    if rows.empty:
        empty("No evaluation like this. Choose another kind or state.")
        return
    labels = {name: label(name, of="head") for name in ("judged", "marks", "span")}
    shown = rows.assign(**_readable(rows)).reset_index(drop=True)
    chosen = table(shown, key="evaluations.table", columns=COLUMNS, labels=labels, widths=WIDTHS)
    if chosen.opened:
        put("evaluation", chosen.opened)
        st.rerun()


def _readable(rows: pd.DataFrame) -> dict[str, list[str]]:
    kinds = [word or label(one, of="evaluation_kind") for one, word in zip(rows["kind"], rows["project_word"], strict=True)]
    return {"kind": kinds, "state": [label(one, of="evaluation_state") for one in rows["state"]]}


__all__ = ["evaluations"]
