"""Plans, the targets in them, how they were changed, and whether the parts make the whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, case, func, select

from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession, get
from crm.staff.models import OrgUnit, User
from crm.targets.measures import rule_of
from crm.targets.models import PeriodKind, PlanState, PlanVersion, Target, TargetPlan, TargetRevision
from crm.targets.periods import first_day, last_day
from crm.targets.queries.subjects import Subject, Subjects

CELL = ["measure", "subject_kind", "subject_id", "period", "starts_on"]


class TargetFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_id: int | None = None
    approved: bool = False
    """Only targets that hold."""
    measure: tuple[str, ...] = ()
    subject_kind: tuple[str, ...] = ()
    subject_id: tuple[int, ...] = ()
    period: tuple[str, ...] = ()
    starts_from: dt.date | None = None
    starts_to: dt.date | None = None
    board_id: int | None = None
    """Of the plan."""
    team_id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """On targets joined with their plans."""
        names = ("measure", "subject_kind", "subject_id", "period", "team_id")
        found: list[ColumnElement[bool]] = [
            getattr(Target, name).in_(values) for name in names if (values := getattr(self, name))
        ]
        found += [Target.id.in_(self.ids)] if self.ids else []
        found += [Target.plan_id == self.plan_id] if self.plan_id is not None else []
        found += [TargetPlan.board_id == self.board_id] if self.board_id is not None else []
        found += [TargetPlan.state == PlanState.APPROVED] if self.approved else []
        found += [Target.starts_on >= self.starts_from] if self.starts_from else []
        return found + ([Target.starts_on <= self.starts_to] if self.starts_to else [])


def plan(session: ScopedSession, plan_id: int) -> TargetPlan:
    return get(session, TargetPlan, plan_id)


def plans(session: ScopedSession, board_id: int | None = None, year: int | None = None) -> pd.DataFrame:
    """Newest year first -> id, name, year, state, edition, unit, currency, owner, approved_at, targets (that I see), version,
    changed_at."""
    counts = select(func.count(Target.id)).where(Target.plan_id == TargetPlan.id).correlate(TargetPlan).scalar_subquery()
    newest = select(func.max(Target.updated_at)).where(Target.plan_id == TargetPlan.id).correlate(TargetPlan).scalar_subquery()
    changed = case((newest > TargetPlan.updated_at, newest), else_=TargetPlan.updated_at)
    about = (TargetPlan.id, TargetPlan.name, TargetPlan.year, TargetPlan.state, TargetPlan.edition, TargetPlan.board_id)
    query: Any = select(*about, OrgUnit.name.label("unit"), OrgUnit.currency, User.name.label("owner"), TargetPlan.approved_at)
    query = query.add_columns(counts.label("targets"), TargetPlan.version, changed.label("changed_at")).join(
        OrgUnit, OrgUnit.id == TargetPlan.team_id
    )
    query = query.outerjoin(User, User.id == TargetPlan.owner_id)
    query = query.where(TargetPlan.board_id == board_id) if board_id is not None else query
    query = query.where(TargetPlan.year == year) if year is not None else query
    return frame(session, query.order_by(TargetPlan.year.desc(), TargetPlan.id.desc()))


def targets(
    session: ScopedSession, where: TargetFilter, known: Callable[[ScopedSession], Subjects] = Subjects.of
) -> pd.DataFrame:
    """-> id, plan_id, measure, subject_kind, subject_id, subject (its name), team_id, period, starts_on, ends_on, base, stretch,
    challenge, version; by measure, subject and day. `known`: who has the subjects, where they are read already."""
    columns = (Target.id, Target.plan_id, *(getattr(Target, name) for name in CELL), Target.team_id)
    query = select(*columns, Target.base, Target.stretch, Target.challenge, Target.version)
    query = query.join(TargetPlan, TargetPlan.id == Target.plan_id).where(*where.conditions())
    found = frame(session, query.order_by(*(getattr(Target, name) for name in CELL)))
    subjects = known(session) if len(found) else None
    names = [subjects.name(kind, one) for kind, one in _pairs(found)] if subjects else []
    ends = [last_day(period, day) for period, day in zip(found["period"], found["starts_on"], strict=True)]
    found.insert(5, "subject", pd.Series(names, index=found.index, dtype="object"))
    found.insert(9, "ends_on", pd.Series(ends, index=found.index, dtype="object"))
    return found


def _pairs(found: pd.DataFrame) -> list[Subject]:
    return list(zip(found["subject_kind"], found["subject_id"].astype(int), strict=True))


def versions(session: ScopedSession, plan_id: int) -> pd.DataFrame:
    """Newest first -> number, at, reason, by, changed (targets that I see)."""
    count = func.count(TargetRevision.id)
    revised = (
        select(count)
        .join(Target, Target.id == TargetRevision.target_id)
        .where(Target.plan_id == PlanVersion.plan_id, TargetRevision.number == PlanVersion.number)
    )
    query = select(PlanVersion.number, PlanVersion.at, PlanVersion.reason, User.name.label("by"))
    query = query.add_columns(revised.correlate(PlanVersion).scalar_subquery().label("changed"))
    query = query.outerjoin(User, User.id == PlanVersion.by_id).where(PlanVersion.plan_id == plan_id)
    return frame(session, query.order_by(PlanVersion.number.desc()).execution_options(**{WITH_DELETED: True}))


def targets_at(session: ScopedSession, plan_id: int, number: int) -> pd.DataFrame:
    """As they held in a version of the plan -> measure, subject_kind, subject_id, period, starts_on, base, stretch, challenge."""
    plan(session, plan_id)
    query = select(Target.id, *(getattr(Target, name) for name in CELL), TargetRevision.number, TargetRevision.base)
    query = query.add_columns(TargetRevision.stretch, TargetRevision.challenge)
    query = query.join(Target, Target.id == TargetRevision.target_id)
    query = query.where(Target.plan_id == plan_id, TargetRevision.number <= number).order_by(TargetRevision.number)
    found = session.execute(query, execution_options={WITH_DELETED: True})
    told = pd.DataFrame.from_records([tuple(row) for row in found], columns=list(found.keys()))
    newest = told.drop_duplicates("id", keep="last")
    return newest[newest["base"].notna()].drop(columns=["id", "number"]).sort_values(CELL, ignore_index=True)


def changes_of(session: ScopedSession, target_id: int) -> pd.DataFrame:
    """Of one target, newest first -> number, at, reason, by, base, stretch, challenge (missing = taken out)."""
    get(session, Target, target_id, with_deleted=True)
    query = (
        select(TargetRevision.number, PlanVersion.at, PlanVersion.reason, User.name.label("by"), TargetRevision.base)
        .add_columns(TargetRevision.stretch, TargetRevision.challenge)
        .join(Target, Target.id == TargetRevision.target_id)
        .join(PlanVersion, (PlanVersion.plan_id == Target.plan_id) & (PlanVersion.number == TargetRevision.number))
        .outerjoin(User, User.id == PlanVersion.by_id)
        .where(TargetRevision.target_id == target_id)
    )
    return frame(session, query.order_by(TargetRevision.number.desc()).execution_options(**{WITH_DELETED: True}))


# ------------------------------------------------------------------------------------------- parts and wholes


def parts_of(session: ScopedSession, plan_id: int, measure: str | None = None) -> pd.DataFrame:
    """Every target that has parts, by subject (the nearest ones below in the same period) and by period (the next smaller
    ones of the same subject) -> target_id, measure, subject_kind, subject_id, subject, period, starts_on, by, base, parts,
    parts_sum, difference (parts - base), version. Of measures that do not add up the mean of the parts is compared."""
    where = TargetFilter(plan_id=plan_id, measure=(measure,) if measure else ())
    found = targets(session, where)
    subjects = Subjects.of(session)
    rows = []
    for name, one in found.groupby("measure"):
        cells = {(kind, subject_id, period, day): (row_id, base) for kind, subject_id, period, day, row_id, base in _cells(one)}
        whole: dict[tuple[Any, str], list[float]] = {}
        for (kind, subject_id, period, day), (_, base) in cells.items():
            for parent, by in (
                (_nearest(subjects, cells, kind, subject_id, period, day), "subject"),
                (_larger(cells, kind, subject_id, period, day), "period"),
            ):
                if parent is not None:
                    whole.setdefault((parent, by), []).append(base)
        adds = rule_of(str(name)).adds_up
        for (key, by), bases in whole.items():
            total = sum(bases) if adds else sum(bases) / len(bases)
            target_id, base = cells[key]
            rows.append((target_id, name, *key, by, base, len(bases), total, round(total - base, 4)))
    names = ["target_id", "measure", "subject_kind", "subject_id", "period", "starts_on", "by", "base", "parts", "parts_sum"]
    told = pd.DataFrame(rows, columns=[*names, "difference"])
    told["version"] = told["target_id"].map(dict(zip(found["id"], found["version"], strict=True)))
    labels = [subjects.name(kind, one) for kind, one in _pairs(told)]
    told.insert(4, "subject", pd.Series(labels, index=told.index, dtype="object"))
    return told


def _cells(found: pd.DataFrame) -> Any:
    return found[["subject_kind", "subject_id", "period", "starts_on", "id", "base"]].itertuples(index=False, name=None)


def _nearest(subjects: Subjects, cells: dict[Any, Any], kind: str, subject_id: int, period: str, day: dt.date) -> Any:
    above = ((*one, period, day) for one in subjects.above(kind, subject_id))
    return next((key for key in above if key in cells), None)


def _larger(cells: dict[Any, Any], kind: str, subject_id: int, period: str, day: dt.date) -> Any:
    """The next longer period of the same subject that has a target."""
    longer = {PeriodKind.MONTH: (PeriodKind.QUARTER, PeriodKind.YEAR), PeriodKind.QUARTER: (PeriodKind.YEAR,)}
    for other in longer.get(PeriodKind(period), ()):
        if (key := (kind, subject_id, other, first_day(other, day))) in cells:
            return key
    return None


def part_targets(session: ScopedSession, target_id: int, by: str = "subject") -> pd.DataFrame:
    """The nearest targets below one in the same period, or (by "period") those of its own smaller periods -> columns of
    `targets`."""
    whole = get(session, Target, target_id)
    return _smaller(session, whole) if by == "period" else _below(session, whole)


def _smaller(session: ScopedSession, whole: Target) -> pd.DataFrame:
    mine = {"measure": (whole.measure,), "subject_kind": (whole.subject_kind,), "subject_id": (whole.subject_id,)}
    found = targets(session, TargetFilter(plan_id=whole.plan_id, **mine))
    pairs = list(zip(found["period"], found["starts_on"], strict=True))
    cells = {(whole.subject_kind, whole.subject_id, period, day): True for period, day in pairs}
    wanted = (whole.subject_kind, whole.subject_id, whole.period, whole.starts_on)
    inside = [_larger(cells, whole.subject_kind, whole.subject_id, period, day) == wanted for period, day in pairs]
    return found[pd.Series(inside, index=found.index, dtype="bool")].reset_index(drop=True)


def _below(session: ScopedSession, whole: Target) -> pd.DataFrame:
    where = TargetFilter(plan_id=whole.plan_id, measure=(whole.measure,), period=(whole.period,))
    same = where.model_copy(update={"starts_from": whole.starts_on, "starts_to": whole.starts_on})
    found = targets(session, same)
    subjects = Subjects.of(session)
    cells = {(kind, one, whole.period, whole.starts_on): True for kind, one in _pairs(found)}
    wanted = (whole.subject_kind, whole.subject_id, whole.period, whole.starts_on)
    mine = [_nearest(subjects, cells, kind, one, whole.period, whole.starts_on) == wanted for kind, one in _pairs(found)]
    return found[pd.Series(mine, index=found.index, dtype="bool")].reset_index(drop=True)


__all__ = [
    "CELL",
    "TargetFilter",
    "changes_of",
    "part_targets",
    "parts_of",
    "plan",
    "plans",
    "targets",
    "targets_at",
    "versions",
]
