"""Quota tables from files: a line for each subject and measure, its months, quarters or the year across."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.customers.imports.fields import headings_of, words_of
from crm.customers.imports.rows import Incoming, Plan, Progress, first_of_same
from crm.customers.imports.run import Target as Goal
from crm.database import MONEY_SCALE
from crm.errors import CrmError, Invalid
from crm.exchange.fields import Field
from crm.marketing.imports import TARGETS
from crm.session import ScopedSession
from crm.targets.commands.grid import Cell, Key, check_cell, known_targets, set_targets
from crm.targets.models import Measure, PeriodKind, SubjectKind, Target, TargetPlan
from crm.targets.queries.subjects import Subject, Subjects

PERIODS: dict[str, tuple[PeriodKind, int]] = {
    **{f"month_{month}": (PeriodKind.MONTH, month) for month in range(1, 13)},
    **{f"quarter_{place + 1}": (PeriodKind.QUARTER, 3 * place + 1) for place in range(4)},
    "whole_year": (PeriodKind.YEAR, 1),
}
"""Column -> the period and its first month, in the year of the plan."""

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def quota_fields(session: ScopedSession) -> list[Field]:
    return [
        Field("plan", "reference", required=True, aliases=headings_of("plan")),
        Field("subject", "reference", required=True, aliases=(*headings_of("subject"), "Name", "Person", "姓名", "Salesperson")),
        Field("subject_kind", "choice", choices=words_of(SubjectKind, "subject_kind"), aliases=headings_of("subject_kind")),
        Field("measure", "choice", required=True, choices=words_of(Measure, "measure"), aliases=headings_of("measure")),
        *(Field(name, "decimal", aliases=_headings(name)) for name in PERIODS),
    ]


def _headings(name: str) -> tuple[str, ...]:
    kind, month = PERIODS[name]
    if kind == PeriodKind.MONTH:
        return (*headings_of(name), _MONTHS[month - 1], _MONTHS[month - 1][:3], f"M{month}", f"{month:02}")
    return (*headings_of(name), f"Q{month // 3 + 1}") if kind == PeriodKind.QUARTER else (*headings_of(name), "FY", "Total")


def plan(incoming: Incoming) -> Plan:
    """Every filled cell becomes the base of a target; levels that a target has already stay."""
    session, subjects = incoming.session, Subjects.of(incoming.session)
    plans = _asked(incoming, "plan", lambda name: _plan_named(session, name))
    _refuse_foreign(incoming, plans)
    named = _named(incoming, subjects)
    about = pd.DataFrame({"plan": incoming.column("plan"), "measure": incoming.column("measure")})
    about["subject"] = [str(named.get(row)) for row in incoming.rows.index]
    first = first_of_same(about)
    incoming.reject(first != incoming.rows.index, "subject", "Row {first} of the file has the same value already.", first=first)
    known = {one.id: known_targets(session, one.id) for one in plans.values()}
    cells = {row: _cells(incoming, row, plans, named[row], known) for row in incoming.rows.index}
    _check_cells(incoming, plans, subjects, cells)
    kept = {row: cells[row] for row in incoming.rows.index}
    states = {row: _state(told, known[plans[incoming.rows.at[row, "plan"]].id]) for row, told in kept.items()}
    counts = pd.Series(list(states.values()), dtype="object").value_counts()
    return Plan(
        new=int(counts.get("new", 0)),
        changed=int(counts.get("changed", 0)),
        unchanged=int(counts.get("unchanged", 0)),
        differences=_differences(kept, known, plans, incoming),
        sample=incoming.rows.loc[[row for row, state in states.items() if state == "new"]].head(50),
        detail={"targets": sum(len(told) for told in kept.values())},
        write=partial(_write, session, {row: (plans[incoming.rows.at[row, "plan"]].id, told) for row, told in kept.items()}),
    )


def _asked(incoming: Incoming, field: str, find: Any) -> dict[Any, Any]:
    """Every different cell -> what it means; rows with one that leads nowhere are refused with the reason."""
    found = {}
    for name in incoming.column(field).dropna().unique():
        try:
            found[name] = find(name)
        except CrmError as error:
            incoming.reject(incoming.column(field).eq(name).fillna(False), field, error.template, **error.values)
    return found


def _plan_named(session: ScopedSession, name: str) -> TargetPlan:
    found = list(session.scalars(select(TargetPlan).where(TargetPlan.name == name).order_by(TargetPlan.year.desc())))
    if not found:
        raise Invalid("There is no plan called {value}.", value=name)
    if not found[0].is_draft:
        raise Invalid("The plan {value} is approved: change it in its table, with a reason.", value=name)
    return found[0]


def _refuse_foreign(incoming: Incoming, plans: dict[Any, TargetPlan]) -> None:
    """Drafts that the actor sees and may not change."""
    session = incoming.session
    for name, one in plans.items():
        if not one.changeable_by(session.actor, session):
            mine = incoming.column("plan").eq(name).fillna(False)
            incoming.reject(mine, "plan", "You may see this plan, but not change it.")


def _named(incoming: Incoming, subjects: Subjects) -> dict[Any, Subject]:
    """Row -> whom or what it means; refused where nobody or several are called so."""
    kinds = incoming.column("subject_kind")
    found: dict[Any, Subject] = {}
    wrong: dict[str, list[Any]] = {"nobody": [], "several": []}
    for row, name in incoming.rows["subject"].items():
        kind: Any = kinds.at[row]
        mine = [one for one in subjects.named(str(name)) if pd.isna(kind) or one[0] == kind]
        if len(mine) == 1:
            found[row] = mine[0]
        else:
            wrong["several" if mine else "nobody"].append(row)
    nobody, several = (incoming.rows.index.isin(wrong[name]) for name in ("nobody", "several"))
    incoming.reject(nobody, "subject", "Nobody and nothing here is called {value}.")
    several = incoming.rows.index.isin(wrong["several"])
    incoming.reject(several, "subject", "More than one is called {value}: fill the column of the kind.")
    return found


def _cells(
    incoming: Incoming, row: Any, plans: dict[Any, TargetPlan], subject: Subject, known: dict[int, dict[Key, Target]]
) -> dict[str, Cell]:
    """Column -> the target that its cell asks for."""
    one = plans[incoming.rows.at[row, "plan"]]
    found = {}
    for name, (period, month) in PERIODS.items():
        if not incoming.has(name) or pd.isna(value := _cell_at(incoming, row, name)):
            continue
        about = {"measure": incoming.rows.at[row, "measure"], "subject_kind": subject[0], "subject_id": subject[1]}
        cell = Cell(**about, period=period, starts_on=dt.date(one.year, month, 1), base=Decimal(int(value)) / MONEY_SCALE)
        there = known[one.id].get(cell.key)
        if there is not None and there.deleted_at is None:
            levels = {"stretch": there.stretch, "challenge": there.challenge, "version": there.version}
            cell = cell.model_copy(update=levels)
        found[name] = cell
    return found


def _cell_at(incoming: Incoming, row: Any, name: str) -> Any:
    return incoming.rows.at[row, name]


def _check_cells(incoming: Incoming, plans: dict[Any, TargetPlan], subjects: Subjects, cells: dict[Any, dict[str, Cell]]) -> None:
    for row in list(incoming.rows.index):
        for name, cell in cells[row].items():
            try:
                check_cell(plans[incoming.rows.at[row, "plan"]], cell, subjects)
            except Invalid as error:
                incoming.reject(incoming.rows.index == row, name, error.template, **error.values)
                break
    empty = [row for row in incoming.rows.index if not cells[row]]
    incoming.reject(incoming.rows.index.isin(empty), "subject", "This line sets no target.")


def _state(told: dict[str, Cell], known: dict[Key, Target]) -> str:
    there = [known.get(cell.key) for cell in told.values()]
    held = [one is not None and one.deleted_at is None for one in there]
    same = [one is not None and one.base == cell.base for one, cell in zip(there, told.values(), strict=True)]
    if not any(held):
        return "new"
    return "unchanged" if all(held) and all(same) else "changed"


def _differences(
    kept: dict[Any, dict[str, Cell]], known: dict[int, dict[Key, Target]], plans: dict[Any, TargetPlan], incoming: Incoming
) -> pd.DataFrame:
    rows = []
    for row, told in kept.items():
        held = known[plans[incoming.rows.at[row, "plan"]].id]
        for name, cell in told.items():
            there = held.get(cell.key)
            if there is not None and there.deleted_at is None and there.base != cell.base:
                rows.append((row, incoming.rows.at[row, "subject"], name, str(there.base), str(cell.base)))
    return pd.DataFrame(rows, columns=["row", "key", "field", "before", "after"])


def _write(session: ScopedSession, rows: dict[Any, tuple[int, dict[str, Cell]]], job_id: int, progress: Progress) -> None:
    progress.at(0, len(rows), "Targets")
    for plan_id in dict.fromkeys(plan_id for plan_id, _ in rows.values()):
        set_targets(session, plan_id, [cell for one, told in rows.values() if one == plan_id for cell in told.values()])
    progress.at(len(rows), len(rows), "Targets")


# Known to whoever imports from here on: the pages and the command line take TARGETS from this module.
TARGETS["targets"] = Goal("targets", quota_fields, (), plan, (Target,), keyless=True)

__all__ = ["TARGETS", "plan", "quota_fields"]
