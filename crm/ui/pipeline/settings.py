"""How the firm sells: pipelines, and the stages of one in their order. A part of the page "Settings"."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.pipeline import commands, queries
from crm.pipeline.commands import REQUIRABLE, PipelineDetails, StageDetails
from crm.pipeline.models import Pipeline, Stage, sets_up
from crm.ui.address import number
from crm.ui.compare import compare, save
from crm.ui.deal.stages import pipeline_title, stage_title, stage_titles
from crm.ui.desk import act, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import percent, spoken

WIDTHS = (1.1, 3, 1.3, 1.4, 3, 3, 0.6)


def pipelines() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("The steps a deal goes through, and what each asks before it lets a deal go on."), width="stretch")
        if st.button(say("New pipeline"), icon=":material/add:", type="primary", key="pipeline.new"):
            open_dialog(say("New pipeline"), new_pipeline, width="medium")
    known = {int(one.id): one for one in records(load(queries.pipelines))}
    if not known:
        empty("No pipeline yet. A new one comes with the usual seven stages, to be changed as you sell.")
        return
    asked = number("pipeline", 0)
    chosen = asked if asked in known else next(iter(known))
    if len(known) > 1:
        _choose(known, chosen)
    one = known[chosen]
    mine = not isinstance(one.board, str) or sets_up(me().actor, int(one.board_id))
    _head(one, mine)
    _stages(chosen, mine)


def _choose(known: dict[int, Any], now: int) -> None:
    st.session_state["pipeline.chosen"] = now
    st.segmented_control(
        label("pipeline"),
        list(known),
        key="pipeline.chosen",
        required=True,
        format_func=lambda one: literal(pipeline_title(known[one])),
        label_visibility="collapsed",
        on_change=lambda: st.query_params.from_dict({"view": "pipelines", "pipeline": str(st.session_state["pipeline.chosen"])}),
    )


def _head(one: Any, mine: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(pipeline_title(one)), anchor=False, width="content")
        st.caption(one.board if isinstance(one.board, str) else say("Of all boards"), width="content")
        if one.is_default:
            st.badge(say("New deals enter here"), color="green")
        st.space("stretch")
        if not mine:
            st.caption(f":material/lock: {say('Set up by those who lead this board.')}", width="content")
            return
        if st.button(say("Edit"), icon=":material/edit:", key="pipeline.edit"):
            open_dialog(say("Edit the pipeline"), edit_pipeline, int(one.id), width="medium")
        if st.button(say("New stage"), icon=":material/add:", key="stage.new"):
            open_dialog(say("New stage"), new_stage, int(one.id), width="medium")


def _boards() -> dict[str, dict[int, str]]:
    return {"board_id": {board.id: board.name for board in me().boards}}


def new_pipeline() -> None:
    details = form(PipelineDetails, key="pipeline.add", choices=_boards(), save="Add")
    if details:
        act(commands.add_pipeline, details, done="{name} added, with the usual stages.", name=details.name)


def edit_pipeline(pipeline_id: int) -> None:
    found: Pipeline | None = find(queries.pipeline, pipeline_id)
    if found is None:
        return
    edit_form(PipelineDetails, found, commands.edit_pipeline, key=f"pipeline.{found.id}", done="Saved.", choices=_boards())
    _remove(list(stage_titles(pipeline_id)), commands.remove_pipeline, pipeline_id, found.name)


# -------------------------------------------------------------------------------------------------------- stages


def _stages(pipeline_id: int, mine: bool) -> None:
    rows = records(load(queries.stages, pipeline_id=pipeline_id))
    heads = ("", label("stage", of="deal"), label("probability"), label("rotting_days"), label("exit_criteria"))
    for cell, text in zip(st.columns(WIDTHS), (*heads, label("required_fields"), ""), strict=True):
        cell.caption(text)
    order = [int(stage.id) for stage in rows]
    for place, stage in enumerate(rows):
        _stage(pipeline_id, stage, place, order, mine)


def _stage(pipeline_id: int, stage: Any, place: int, order: list[int], mine: bool) -> None:
    with st.container(border=True, key=f"stage.{stage.id}"):
        cells = st.columns(WIDTHS, vertical_alignment="center")
        if mine:
            with cells[0], st.container(horizontal=True, gap=None):
                _shift(pipeline_id, order, place, -1, ":material/arrow_upward:", say("Move earlier"))
                _shift(pipeline_id, order, place, 1, ":material/arrow_downward:", say("Move later"))
        cells[1].markdown(f"**{literal(stage_title(stage))}**", help=_given(stage.description))
        cells[2].markdown(percent(stage.probability, 0))
        patient = stage.rotting_days == stage.rotting_days
        cells[3].markdown(say("{count:day|days}", count=int(stage.rotting_days)) if patient else say("never"))
        cells[4].markdown("  \n".join(literal(one) for one in stage.exit_criteria) or "–")
        cells[5].markdown(spoken([label(name) for name in stage.required_fields]) or "–")
        if mine and cells[6].button("", icon=":material/edit:", key=f"stage.edit.{stage.id}", type="tertiary", help=say("Edit")):
            open_dialog(say("Edit the stage"), edit_stage, int(stage.id), width="medium")


def _given(text: Any) -> str | None:
    return literal(text) if isinstance(text, str) else None


def _shift(pipeline_id: int, order: list[int], place: int, by: int, icon: str, hint: str) -> None:
    to = place + by
    inside = 0 <= to < len(order)
    if st.button("", icon=icon, key=f"stage.{by}.{order[place]}", type="tertiary", disabled=not inside, help=hint):
        moved = list(order)
        moved[place], moved[to] = moved[to], moved[place]
        act(commands.reorder_stages, pipeline_id, moved, done="Moved.")


def new_stage(pipeline_id: int) -> None:
    details = _form(None, "stage.add", save="Add")
    if details:
        act(commands.add_stage, pipeline_id, details, done="Added as the last stage: the arrows put it in its place.")


def edit_stage(stage_id: int) -> None:
    found = find(queries.stage, stage_id)
    if found is None:
        return
    key = f"stage.{stage_id}.form"
    st.caption(say("Without a name of its own it is called {name}.", name=label(found.code, of="stage")))
    kept = st.session_state.setdefault(f"{key}.version", found.version)
    details = _form(found, key, save="Save")
    if details:
        st.session_state.pop(f"{key}.version")
        save(commands.edit_stage, stage_id, details, version=kept, now=lambda: found.version, key=key, done="Saved.")
        st.session_state[f"{key}.version"] = found.version
    compare(key)
    _remove([stage_id], commands.remove_stage, stage_id, stage_title(found))


def _form(stage: Stage | None, key: str, save: str) -> StageDetails | None:
    current: dict[str, Any] = {name: getattr(stage, name) for name in StageDetails.model_fields} if stage else {}
    return form(
        StageDetails,
        current,
        key=key,
        choices={"required_fields": {name: label(name) for name in REQUIRABLE}},
        only=["name", "name_zh", "rotting_days", "required_fields", "description"],
        save=save,
        extra=lambda: _chance_and_criteria(current, key),
    )


def _chance_and_criteria(current: dict[str, Any], key: str) -> dict[str, Any]:
    chance = round(current.get("probability", 0.5) * 100, 1)
    entered = st.number_input(say("Chance to win, %"), 0.0, 100.0, value=chance, step=5.0, format="%.4g", key=f"{key}.chance")
    lines = st.text_area(
        label("exit_criteria"),
        value="\n".join(current.get("exit_criteria", [])),
        key=f"{key}.criteria",
        help=say("One a line; each is ticked before a deal goes on."),
        height=110,
    )
    criteria = [line.strip() for line in lines.splitlines() if line.strip()]
    return {"probability": round(entered / 100, 4), "exit_criteria": criteria}


def _remove(stage_ids: list[int], command: Any, of_id: int, name: str) -> None:
    """Nothing leaves that deals stand in: they would lose their place."""
    still_open, closed = queries.deals_in(stage_ids)
    if still_open or closed:
        text = say("{open} open and {closed} closed deals stand here: it cannot be removed.", open=still_open, closed=closed)
        st.caption(f":material/lock: {text}")
        return
    with st.popover(say("Remove"), icon=":material/delete:", key="pipeline.remove"):
        st.markdown(say("No deal stands in {name}.", name=literal(name)))
        if st.button(say("Remove"), type="primary", key="pipeline.remove_yes"):
            act(command, of_id, done="{name} removed.", name=name)
