"""One plan: what it is, what can be done with it, and its sides."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.targets.commands import Because, PlanDetails, approve_plan, delete_plan, edit_plan
from crm.targets.queries import PlanFacts, plan_facts, quota_table
from crm.targets.queries.quota import COLUMNS
from crm.ui.address import choice
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, go, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.form import checked
from crm.ui.insight.sides import side
from crm.ui.targets.apart import apart
from crm.ui.targets.grid import grid
from crm.ui.targets.typed import typed_of
from crm.ui.targets.versions import versions
from crm.ui.targets.wording import in_words
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import date_short

SIDES = {"grid": "Grid", "apart": "Parts and wholes", "versions": "Versions"}
DRAWN = {"grid": grid, "apart": apart, "versions": versions}


def opened(plan_id: int) -> None:
    facts = figures(plan_facts, plan_id=plan_id)
    _head(facts)
    sides = {name: say(title) for name, title in SIDES.items() if name != "apart" or facts.sees_all}
    shown = side(
        "view",
        sides,
        key="plan.view",
        title=say("View"),
        keep=("show", "plan", "measure"),
    )
    DRAWN[shown](facts)


def _head(facts: PlanFacts) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="plan.head"):
        if st.button("", icon=":material/arrow_back:", type="tertiary", key="plan.back", help=say("All plans")):
            st.query_params.from_dict({"show": "plans"})
            st.rerun()
        with st.container(width="stretch", gap=None):
            state = (
                f":green-badge[{label('approved', of='state')}]"
                if not facts.is_draft
                else f":gray-badge[{label('draft', of='state')}]"
            )
            st.markdown(f"**{literal(facts.name)}** {state}", help=literal(facts.remark) if facts.remark else None)
            st.caption(_about(facts))
        _actions(facts)


def _about(facts: PlanFacts) -> str:
    parts = [literal(facts.unit_name), str(facts.year), say("{count:target|targets}", count=facts.targets)]
    if facts.edition:
        parts.append(say("version {number}", number=facts.edition))
    if facts.approved_at is not None:
        words = {"day": date_short(facts.approved_at), "who": literal(facts.approved_by or "")}
        parts.append(say("approved on {day} by {who}", **words))
    elif facts.may_change:
        parts.append(say("holds from its approval on"))
    return " · ".join(parts)


def _actions(facts: PlanFacts) -> None:
    level = choice("level", ("base", "stretch", "challenge"), "base")
    headings = {name: label(name) for name in COLUMNS} | {"name": label("subject")}
    rows = partial(quota_table, plan_id=facts.id, level=level)
    if facts.targets:
        export_button("targets", rows, headings, {"plan": facts.name, "level": level}, area="targets", key="plan.export")
    if facts.may_change and facts.is_draft and me().actor.may("import", "targets"):
        hint = say("A quota table: a line for each person or unit, the months across.")
        if st.button(say("Import"), icon=":material/upload_file:", key="plan.import", help=hint):
            go("exchange", **{"import": "targets", "plan": facts.name})
    if facts.may_change:
        if st.button("", icon=":material/edit:", type="tertiary", key="plan.edit", help=say("Edit the plan")):
            open_dialog(say("Edit the plan"), edit_dialog, facts.id, width="medium")
        if not facts.edition and st.button(
            "", icon=":material/delete:", type="tertiary", key="plan.delete", help=say("Delete the draft")
        ):
            open_dialog(say("Delete the draft"), delete_dialog, facts, width="small")
    if facts.may_approve and facts.is_draft:
        waits = bool(typed_of(facts.id).values)
        blocked = say("Save or discard what is typed first.") if waits else None
        if st.button(
            say("Approve"),
            type="primary",
            icon=":material/verified:",
            key="plan.approve",
            disabled=not facts.targets or waits,
            help=blocked,
        ):
            open_dialog(say("Approve {plan}", plan=facts.name), approve_dialog, facts, width="small")


def edit_dialog(plan_id: int) -> None:
    facts = figures(plan_facts, plan_id=plan_id)
    edit_form(PlanDetails, facts, edit_plan, key=f"plan.{plan_id}.edit", done="Saved.")


def delete_dialog(facts: PlanFacts) -> None:
    if facts.targets:
        words = {"count": facts.targets, "subjects": facts.subjects}
        st.markdown(say("{count:target|targets} of {subjects:line|lines} in the grid go with it.", **words))
    else:
        st.markdown(say("It holds no target yet."))
    if st.button(say("Delete {plan}", plan=facts.name), type="primary", icon=":material/delete:", key="plan.delete_yes"):
        st.query_params.from_dict({"show": "plans"})
        act(delete_plan, facts.id, done="{plan} is deleted.", plan=facts.name)


def approve_dialog(facts: PlanFacts) -> None:
    words = {"count": facts.targets, "subjects": facts.subjects}
    st.markdown(
        say("{count:target|targets} of {subjects:line|lines} hold from now on, and attainment is measured by them.", **words)
    )
    st.caption(say("Each later change asks for its reason and is kept as a version."))
    note = st.text_input(
        say("Note on the approval"), key="plan.approve.note", max_chars=300, placeholder=say("Agreed with whom?")
    )
    key = f"plan.{facts.id}.approve"
    if st.button(say("Approve"), type="primary", icon=":material/verified:", key="plan.approve_yes"):
        because = checked(Because, {"reason": note}) if note.strip() else None

        def command(session, plan_id, version):  # type: ignore[no-untyped-def]
            return approve_plan(session, plan_id, version, because)

        save(
            in_words(command),
            facts.id,
            version=facts.version,
            now=lambda: _version(facts.id),
            key=key,
            done="Approved: its targets hold from now on.",
        )
    compare(key)


def _version(plan_id: int) -> int:
    return figures(plan_facts, plan_id=plan_id).version


__all__ = ["approve_dialog", "delete_dialog", "edit_dialog", "opened"]
