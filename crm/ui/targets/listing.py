"""The plans of a board as a list, and a new one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets.commands import PlanDetails, add_plan
from crm.targets.measures import rule_of
from crm.targets.models import Measure
from crm.targets.queries import plan_sums, plans, units_to_plan
from crm.ui.boards import one_board
from crm.ui.desk import act, figures, load
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import label, say


class NewPlan(PlanDetails):
    unit_id: int


def listing(person: SignedIn) -> None:
    board = one_board(person, "plans.board")
    if board is None:
        empty("You belong to no board: targets are set for a board, its units and its people.")
        return
    found = load(plans, board_id=board.id)
    may = person.actor.grant("targets").change is not Reach.NOTHING
    with st.container(horizontal=True, vertical_alignment="center", key="plans.head"):
        with st.container(width="stretch"):
            _title(found, board)
        if may and st.button(say("New plan of targets"), type="primary", icon=":material/add:", key="plan.new"):
            open_dialog(say("New plan of targets"), new_plan, board, width="medium")
    if found.empty:
        _nothing(may)
        return
    opened = _table(found, board)
    if opened is not None:
        st.query_params.from_dict({"show": "plans", "plan": str(opened)})
        st.rerun()


def _title(found: pd.DataFrame, board: Board) -> None:
    about = say(
        "Totals are the base targets of whoever stands highest in the plan, as far as you may see them; those of products are"
        " not counted again."
    )
    approved = found[found["state"] == "approved"]
    if found.empty:
        heading("{board}: no plan yet", board=board.name)
    elif approved.empty:
        heading("{board}: {count:plan|plans}, none of them approved yet", board=board.name, count=len(found), about=about)
    else:
        words = {"board": board.name, "count": len(found), "held": len(approved)}
        heading("{board}: {held} of {count:plan|plans} approved", about=about, **words)


def _nothing(may: bool) -> None:
    if may:
        empty(
            "Targets stand in plans: begin one for a year, type or copy its targets, and approve it. Then attainment is measured."
        )
    else:
        empty("No targets have been agreed upon for you yet. They appear here as soon as your lead sets them.")


def _table(found: pd.DataFrame, board: Board) -> int | None:
    sums = load(plan_sums, board_id=board.id).pivot(index="plan_id", columns="measure", values="total")
    measures = [one.value for one in Measure if one.value in sums]
    sums = sums.assign(**{one: sums[one].round(0) for one in measures if rule_of(one).money})
    shown = found.drop(columns="revenue", errors="ignore").merge(sums, "left", left_on="id", right_index=True)
    heads = {
        one: f"{label(one, of='measure')} {board.currency}" if rule_of(one).money else label(one, of="measure")
        for one in measures
    }
    shown = shown.rename(columns={one: f"sum_{one}" for one in measures})
    labels = {f"sum_{one}": text for one, text in heads.items()} | {
        "unit": label("unit", of="target"),
        "plan": say("Plan of targets"),
    }
    labels |= {"name": label("plan", of="target")}
    unit = ["unit"] if shown["unit"].nunique() > 1 else []
    columns = ["name", *unit, "year", "state", "edition", "targets", "changed_at", *(f"sum_{one}" for one in measures), "owner"]
    shown = shown.assign(year=shown["year"].astype(str), edition=shown["edition"].replace(0, pd.NA).astype("Int64"))
    return table(shown, key="plans.table", columns=columns, labels=labels, widths={"name": 130}).opened


def new_plan(board: Board) -> None:
    units = {unit: name for unit, name in figures(units_to_plan).items() if name.split(" · ")[0] == board.name}
    year = figures(today).year
    first = next(iter(units), None)
    details = form(
        NewPlan,
        {"year": year, "unit_id": first},
        key="plan.add_form",
        choices={"unit_id": units},
        save="Begin",
        only=("name", "unit_id", "year", "remark"),
    )
    if details is None:
        return
    plain = PlanDetails.model_validate(details.model_dump(exclude={"unit_id"}))
    made = act(add_plan, plain, details.unit_id, rerun=False)
    if made is not None:
        st.query_params.from_dict({"show": "plans", "plan": str(made.id)})
        st.rerun()


__all__ = ["listing", "new_plan"]
