"""Plans that keep in touch with leads: a board's own, started by hand or by themselves; and the one a lead follows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.customers.models import Source
from crm.marketing import commands, queries
from crm.marketing.commands import NurturePlan, NurturePlans
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead
from crm.office.models import ActivityKind
from crm.staff.sign_in import Board
from crm.ui.boards import one_board
from crm.ui.desk import act, figures, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.marketing.score_rules import may_set_rules
from crm.ui.show import empty, heading
from crm.ui.text import literal
from crm.words import label, say

NEW = -1


def nurture_plans() -> None:
    """The plans of a board, one to open and change at a time."""
    board = one_board(me(), "nurturing.board")
    if board is None:
        empty("Plans belong to a board, and you work in none.")
        return
    plans = figures(queries.nurture_plans, board_id=board.id).plans
    about = say(
        "The next step of a plan stands among the planned activities of the lead; when it is done, the one after follows."
    )
    if plans:
        heading("{count:plan keeps|plans keep} in touch with leads of {board}", count=len(plans), board=board.name, about=about)
    else:
        empty("No plan yet. A plan calls, writes and invites in steps, so that a lead that is not ready is not forgotten.")
    for plan in plans:
        _shown(plan)
    if may_set_rules(board.id):
        _edit(board, plans)


def _shown(plan: NurturePlan) -> None:
    with st.container(border=True, gap="xsmall"):
        who = ", ".join(label(one, of="source") for one in plan.sources) or say("any source")
        how = say("starts by itself: {who}", who=who) if plan.automatic else say("started by hand")
        limit = say(" · up to score {score}", score=plan.score_to) if plan.automatic and plan.score_to is not None else ""
        st.markdown(f"**{literal(plan.name)}** :gray[{how}{limit}]")
        steps = [
            say("day {day}: {kind}, {topic}", day=step.after_days, kind=label(step.kind, of="kind"), topic=literal(step.topic))
            for step in plan.steps
        ]
        st.markdown(" → ".join(steps))


# -------------------------------------------------------------------------------------------------- changing them


def _edit(board: Board, plans: tuple[NurturePlan, ...]) -> None:
    with st.container(horizontal=True):
        if st.button(say("New plan"), icon=":material/add:", key="nurturing.new"):
            open_dialog(say("New plan"), _dialog, board, plans, NEW)
        chosen = _chosen(plans) if plans else None
    if chosen is not None:
        open_dialog(plans[chosen].name, _dialog, board, plans, chosen)


def _chosen(plans: tuple[NurturePlan, ...]) -> int | None:
    return st.menu_button(
        say("Change"),
        list(range(len(plans))),
        format_func=lambda place: plans[place].name,
        icon=":material/edit:",
        key="nurturing.change",
    )


def _dialog(board: Board, plans: tuple[NurturePlan, ...], place: int) -> None:
    plan = None if place == NEW else plans[place]
    key = f"nurturing.{board.id}.{place}"
    with st.form(f"{key}.form", border=False):
        name = st.text_input(label("name"), value=plan.name if plan else "", key=f"{key}.name", max_chars=40)
        steps = _steps(plan, key)
        automatic = st.checkbox(say("New leads start it by themselves."), value=bool(plan and plan.automatic), key=f"{key}.auto")
        cells = st.columns([2, 1])
        sources = cells[0].multiselect(
            label("sources"),
            [one.value for one in Source],
            default=list(plan.sources) if plan else [],
            format_func=lambda code: label(code, of="source"),
            help=say("Only leads of these sources; empty = of any."),
            placeholder=say("Any"),
            key=f"{key}.sources",
        )
        score_to = cells[1].number_input(
            label("score_to"),
            0,
            100,
            value=plan.score_to if plan else None,
            help=say("Only leads up to this score; empty = whatever it is."),
            key=f"{key}.score_to",
        )
        sent = st.form_submit_button(say("Save plan"), type="primary", icon=":material/check:")
    if sent:
        values = {"name": name, "steps": steps, "automatic": automatic, "sources": sources, "score_to": score_to}
        if (input := checked(NurturePlan, values)) is not None:
            kept = [*plans, input] if plan is None else [input if at == place else one for at, one in enumerate(plans)]
            act(commands.set_nurture_plans, board.id, NurturePlans(plans=tuple(kept)), done="Plan saved.")
    if plan is not None and st.button(say("Delete this plan"), icon=":material/delete:", type="tertiary", key=f"{key}.delete"):
        kept = [one for at, one in enumerate(plans) if at != place]
        act(commands.set_nurture_plans, board.id, NurturePlans(plans=tuple(kept)), done="Plan deleted.")


def _steps(plan: NurturePlan | None, key: str) -> list[dict[str, Any]]:
    """The grid of steps -> those with a topic, in the order of their days."""
    kinds = [one.value for one in ActivityKind]
    first = [{"after_days": 0, "kind": ActivityKind.CALL.value, "topic": ""}]
    known = [step.model_dump(mode="json") for step in plan.steps] if plan else first
    edited = st.data_editor(
        pd.DataFrame(known),
        num_rows="dynamic",
        hide_index=True,
        key=f"{key}.steps",
        height="content",
        column_config={
            "after_days": st.column_config.NumberColumn(label("after_days"), min_value=0, max_value=730, step=1, required=True),
            "kind": st.column_config.SelectboxColumn(
                label("kind"), options=kinds, format_func=lambda code: label(str(code), of="kind"), required=True
            ),
            "topic": st.column_config.TextColumn(label("topic"), width="large", max_chars=200),
        },
    )
    rows = [row for row in edited.to_dict("records") if isinstance(row["topic"], str) and row["topic"].strip()]
    return sorted(
        ({"after_days": int(row["after_days"]), "kind": row["kind"], "topic": row["topic"]} for row in rows),
        key=lambda row: int(row["after_days"]),
    )


# ------------------------------------------------------------------------------------------------------ on leads


def nurture_dialog(ids: list[int], board_id: int) -> None:
    """Choose the plan that they start."""
    plans = figures(queries.nurture_plans, board_id=board_id).plans
    if not plans:
        empty("This board has no plan yet: make one on the page Leads, under Nurturing.")
        return
    names = {plan.name: plan for plan in plans}
    chosen = st.selectbox(label("nurture_plan"), list(names), key="nurture.plan")
    _shown(names[chosen])
    if st.button(say("Start the plan"), type="primary", icon=":material/play_arrow:", key="nurture.start"):
        act(commands.nurture, ids, chosen, done="The first step stands among the planned activities.")


def nurture_line(lead: Lead) -> None:
    """Which plan it follows and how far it is; start or stop."""
    may = bool(me().actor.grant("marketing").change) and lead.state in OPEN
    with st.container(horizontal=True, vertical_alignment="center", key="lead.nurture"):
        if lead.nurture_plan and lead.nurture_activity_id:
            steps = {plan.name: len(plan.steps) for plan in figures(queries.nurture_plans, board_id=lead.board_id).plans}
            at = say(
                "Follows the plan **{plan}**: step {step} of {steps}",
                plan=literal(lead.nurture_plan),
                step=lead.nurture_step + 1,
                steps=max(steps.get(lead.nurture_plan, 0), lead.nurture_step + 1),
            )
            st.markdown(f":material/spa: {at}", width="content")
            if may and st.button(say("Stop"), type="tertiary", icon=":material/stop:", key="lead.nurture_stop"):
                act(commands.stop_nurturing, lead.id, done="The plan has stopped; its step is no longer planned.")
        elif may and st.button(say("Start a plan"), icon=":material/spa:", type="tertiary", key="lead.nurture_start"):
            open_dialog(say("Keep in touch with {name}", name=lead.name), nurture_dialog, [lead.id], lead.board_id, width="small")
