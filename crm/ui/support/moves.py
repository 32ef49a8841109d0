"""The steps of a case: take, wait, hand over, merge, reopen, close, delete; bodies of dialogs and the menu that opens them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from crm.access import GRANTS, Reach
from crm.errors import NotFound
from crm.staff.queries import colleagues
from crm.support import commands, queries
from crm.support.commands import CaseMove, HandOver
from crm.support.filters import CaseFilter
from crm.support.models import OPEN, Case, CaseState
from crm.ui.desk import act, figures, find, go, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import empty
from crm.ui.support.editing import board_units, priority_dialog
from crm.ui.support.opened import Opened
from crm.ui.support.solving import solve_dialog as solve_dialog
from crm.ui.table import records
from crm.ui.tags import tag_dialog
from crm.ui.text import literal
from crm.words import label, say

WAITING = (CaseState.WAITING_CUSTOMER, CaseState.WAITING_THIRD)
MOST = 50


def take(case_id: int) -> None:
    act(commands.take_case, case_id, done="It is yours now.")


def close(case_id: int) -> None:
    act(commands.move_case, case_id, CaseMove(state=CaseState.CLOSED), done="Closed.")


def menu(opened: Opened) -> None:
    """The steps that go with the state, beyond the one that is right now."""
    steps = _steps(opened)
    chosen = st.menu_button(
        "",
        list(steps),
        format_func=lambda name: steps[name][0],
        key="case.menu",
        icon=":material/more_horiz:",
        help=say("More steps"),
    )
    if chosen:
        steps[chosen][1]()


def _steps(opened: Opened) -> dict[str, tuple[str, Callable[[], Any]]]:
    """-> name: its words with an icon, and what it does."""
    case, actor = opened.case, me().actor
    found: dict[str, tuple[str, Callable[[], Any]]] = {}
    if case.is_open:
        found |= _waits(opened)
        found["hand_over"] = (_words("move_up", say("Hand over …")), lambda: _open(say("Hand over"), hand_over_dialog, case.id))
        found["priority"] = (_words("flag", say("Priority …")), lambda: _open(label("priority"), priority_dialog, case))
        if actor.may("merge", "support") and case.customer_id is not None:
            found["merge"] = (_words("merge", say("Merge …")), lambda: _open(say("Merge"), merge_dialog, [case.id]))
    else:
        found["reopen"] = (_words("undo", say("Reopen …")), lambda: _open(say("Reopen"), reopen_dialog, case.id))
    found["problem"] = (_words("link", say("Known problem …")), lambda: _open(say("Known problem"), problem_dialog, [case.id]))
    if actor.grant("office").change:
        found["tag"] = (_words("sell", say("Tag …")), lambda: _open(say("Tag"), tag_dialog, "service_case", [case.id]))
    if actor.may("assign", "support"):
        found["delete"] = (_words("delete", say("Delete …")), lambda: _open(say("Delete"), delete_dialog, case))
    return found


def _waits(opened: Opened) -> dict[str, tuple[str, Callable[[], Any]]]:
    case = opened.case
    found: dict[str, tuple[str, Callable[[], Any]]] = {}
    words = {CaseState.WAITING_CUSTOMER: say("Wait for the customer"), CaseState.WAITING_THIRD: say("Wait for a third party")}
    for state, text in words.items():
        if case.state != state:
            found[state.value] = (_words("pause", text), partial(_wait, opened, state))
    if case.state in WAITING:
        found["go_on"] = (_words("play_arrow", say("Go on")), lambda: _wait(opened, CaseState.IN_PROGRESS))
    return found


def _wait(opened: Opened, state: CaseState) -> None:
    done = "Work goes on: the clocks run."
    if state in WAITING:
        stands = state.value in opened.promise.pausing
        done = "It waits: the clocks stand still." if stands else "It waits; the clocks run on by its policy."
    act(commands.move_case, opened.case.id, CaseMove(state=state), done=done)


def _words(icon: str, text: str) -> str:
    return f":material/{icon}: {text}"


def _open(title: str, body: Callable[..., Any], *arguments: Any) -> None:
    open_dialog(title, body, *arguments, width="medium")


# ------------------------------------------------------------------------------------------------------ hand over


def hand_over_dialog(case_id: int) -> None:
    """To a unit of the same board, or to somebody in it; said with the state in which it goes there."""
    case = find(queries.case, case_id)
    if case is None:
        return
    unit_names = board_units(case.board_id)
    st.caption(say("Who works on it there may read its customer from then on."))
    key = f"case.hand_over.{case_id}"
    team_id = st.selectbox(
        label("team"),
        list(unit_names),
        index=None,
        format_func=unit_names.__getitem__,
        key=f"{key}.team",
        placeholder=say("Choose"),
    )
    people = able_people((team_id,) if team_id else tuple(unit_names))
    if team_id is None:
        st.caption(say("Choose the team first; then a person of it, or nobody: whoever takes it there."))
        return
    owner_id = st.selectbox(
        label("agent"),
        list(people),
        index=None,
        format_func=people.__getitem__,
        key=f"{key}.owner.{team_id}",
        placeholder=say("Whoever takes it there"),
    )
    states = [state.value for state in OPEN]
    state = st.selectbox(
        label("state"),
        states,
        index=states.index(case.state) if case.state in states else None,
        format_func=lambda code: label(code, of="state"),
        key=f"{key}.state",
    )
    note = st.text_input(say("What they should know"), key=f"{key}.note", max_chars=300)
    if st.button(say("Hand over"), type="primary", icon=":material/move_up:", key=f"{key}.save"):
        details = checked(HandOver, {"team_id": team_id, "owner_id": owner_id, "state": state, "note": note})
        if details is not None and act(commands.hand_over, case_id, details, done="Handed over.", rerun=False) is not None:
            _stay_or_go(case_id)


def able_people(unit_ids: tuple[int, ...]) -> dict[int, str]:
    """Who may work on cases in these units."""
    able = [grants.get("support") for grants in GRANTS.values()]
    roles = [role.value for role, grant in zip(GRANTS, able, strict=True) if grant and grant.change is not Reach.NOTHING]
    found = load(colleagues, unit_ids=unit_ids)
    return {int(row.id): str(row.name) for row in records(found[found["role"].isin(roles)])}


def _stay_or_go(case_id: int) -> None:
    """What I gave away I may no longer see."""
    try:
        in_scope(queries.case, case_id)
    except NotFound:
        go("cases")
    st.rerun()


# ----------------------------------------------------------------------------------------------------------- merge


def merge_dialog(case_ids: list[int]) -> None:
    """One that is kept, open cases of the same customer that become part of it."""
    rows = load(queries.case_list, where=CaseFilter(ids=tuple(case_ids)), size=MOST)
    if rows.empty:
        return
    ids = rows["id"].tolist()
    if len(ids) == 1:
        rows = _more_of_customer(int(rows["customer_id"].iloc[0]), ids[0])
        if len(rows) < 2:
            empty("This customer has no other open case: there is nothing to merge.")
            return
    if rows["customer_id"].nunique() > 1:
        st.warning(
            say("These are cases of several customers: only those of one customer can be merged."), icon=":material/error:"
        )
        return
    names = {int(row.id): f"{row.number} {row.subject}" for row in records(rows)}
    key = f"case.merge.{'.'.join(str(one) for one in case_ids)}"
    kept = st.radio(say("Which one is kept?"), ids, format_func=lambda one: literal(names[one]), key=f"{key}.kept")
    others = [one for one in names if one != kept]
    chosen = st.multiselect(
        say("Which ones become part of it?"),
        others,
        default=[one for one in case_ids if one in others],
        format_func=names.__getitem__,
        key=f"{key}.others.{kept}",
        placeholder=say("Choose"),
    )
    st.caption(say("They are closed and what was said on them is read in the one that is kept. Reopening one undoes it."))
    if st.button(say("Merge"), type="primary", icon=":material/merge:", key=f"{key}.save", disabled=not chosen):
        act(commands.merge_cases, kept, chosen, done="{count:case|cases} merged.", count=len(chosen))


def _more_of_customer(customer_id: int, case_id: int) -> Any:
    """Open cases of a customer, the one of the page first."""
    rows = load(queries.case_list, where=CaseFilter(customer_id=(customer_id,), open=True), size=MOST)
    return rows.sort_values("id", key=lambda ids: ids != case_id, kind="stable")


# ------------------------------------------------------------------------------------------- problem, reopen, delete


def problem_dialog(case_ids: list[int]) -> None:
    """The known problem behind it; none takes the link away."""
    names: dict[int, str] = figures(queries.problem_choices)
    now = find(queries.case, case_ids[0])
    current = now.problem_id if now is not None else None
    chosen = st.selectbox(
        label("problem"),
        list(names),
        index=list(names).index(current) if current in names else None,
        format_func=names.__getitem__,
        key=f"case.problem.{case_ids[0]}",
        placeholder=say("None"),
    )
    st.caption(say("Cases with the same problem are found together, and its workaround stands on each of them."))
    if st.button(say("Save"), type="primary", icon=":material/check:", key="case.problem.save"):
        act(commands.link_problem, case_ids, chosen, done="Saved.")


def reopen_dialog(case_id: int) -> None:
    st.caption(say("The clock of the resolution runs on from where it was; the case counts as reopened."))
    note = st.text_input(say("Why?"), key=f"case.reopen.{case_id}", max_chars=300)
    if st.button(say("Reopen"), type="primary", icon=":material/undo:", key="case.reopen.save"):
        act(_reopen, case_id, note.strip() or None, done="Open again.")


def _reopen(session: Any, case_id: int, note: str | None) -> Case:
    return commands.reopen_case(session, case_id, note)


def delete_dialog(case: Case) -> None:
    st.markdown(
        say("Delete **{name}**? It leaves the queue, the lists and the figures; its events stay.", name=literal(case.title))
    )
    sure = st.button(say("Delete"), type="primary", icon=":material/delete:", key="case.delete.yes")
    if sure and act(commands.delete_cases, [case.id], done="Deleted.", rerun=False) is not None:
        go("cases")
