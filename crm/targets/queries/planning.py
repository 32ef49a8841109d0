"""What whoever sets targets needs beside them: the facts of a plan, what plans come to, who can have a target, what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.access import Reach
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession
from crm.staff.models import User, UserState
from crm.targets.measures import rule_of
from crm.targets.models import Measure, PlanState, SubjectKind, Target, TargetPlan, TargetRevision
from crm.targets.periods import MONTHS
from crm.targets.queries.actuals import GOODS
from crm.targets.queries.plans import CELL, plan
from crm.targets.queries.subjects import Subject, Subjects

LEVELS = ("base", "stretch", "challenge")


@dataclass(frozen=True, slots=True)
class PlanFacts:
    id: int
    name: str
    year: int
    state: str
    edition: int
    version: int
    board_id: int
    unit: Subject
    unit_name: str
    remark: str | None
    approved_at: dt.datetime | None
    approved_by: str | None
    targets: int
    """That I see."""
    subjects: int
    measures: tuple[str, ...]
    """That have a target, in their usual order."""
    sees_all: bool
    """Every target of it, so that parts can be held against wholes."""
    may_change: bool
    may_approve: bool

    @property
    def is_draft(self) -> bool:
        return self.state == PlanState.DRAFT


def plan_facts(session: ScopedSession, plan_id: int) -> PlanFacts:
    one, subjects = plan(session, plan_id), Subjects.of(session)
    found = session.execute(
        select(Target.measure, Target.subject_kind, Target.subject_id, func.count(Target.id))
        .where(Target.plan_id == plan_id)
        .group_by(Target.measure, Target.subject_kind, Target.subject_id)
    ).all()
    held = {row[0] for row in found}
    may = one.changeable_by(session.actor, session)
    by = subjects.name(SubjectKind.PERSON, one.approved_by_id) if one.approved_by_id else None
    about = {name: getattr(one, name) for name in ("id", "name", "year", "state", "edition", "version", "board_id", "remark")}
    return PlanFacts(
        **about,
        unit=subjects.unit(one.team_id),
        unit_name=subjects.units[one.team_id][0],
        approved_at=one.approved_at,
        approved_by=by,
        targets=sum(row[3] for row in found),
        subjects=len({(row[1], row[2]) for row in found}),
        measures=tuple(measure.value for measure in Measure if measure in held),
        sees_all=_sees_all(session, one.team_id),
        may_change=may,
        may_approve=may and session.actor.may("approve", "targets"),
    )


def _sees_all(session: ScopedSession, unit_id: int) -> bool:
    reach = session.actor.grant("targets").see
    return reach is Reach.EVERYTHING or (reach is Reach.TEAM and unit_id in session.actor.team_ids)


def editable_plans(session: ScopedSession) -> list[str]:
    """The names of the drafts that I may fill."""
    drafts = session.scalars(select(TargetPlan).where(TargetPlan.state == PlanState.DRAFT).order_by(TargetPlan.id.desc()))
    return [one.name for one in drafts if one.changeable_by(session.actor, session)]


def units_to_plan(session: ScopedSession) -> dict[int, str]:
    """The units inside boards that the actor may make a plan for, with the name of their board where it is another unit."""
    subjects, actor = Subjects.of(session), session.actor
    everywhere = actor.grant("targets").change is Reach.EVERYTHING
    found = {}
    for unit, (name, _, _) in subjects.units.items():
        board = subjects.board_of(unit)
        if board is not None and (everywhere or unit in actor.team_ids):
            found[unit] = name if unit == board else f"{subjects.units[board][0]} · {name}"
    return found


def plan_sums(session: ScopedSession, board_id: int) -> pd.DataFrame:
    """-> plan_id, measure, total: the base targets of those who have nobody above them in the plan, each by the periods that
    cover most of the year; the mean of measures that do not add up. What is sold, sold again by product, counts once."""
    subject = (Target.subject_kind, Target.subject_id)
    by = (Target.plan_id, Target.measure, *subject, Target.period)
    query: Any = select(*by, func.sum(Target.base).label("base"), func.count(Target.id).label("periods"))
    query = query.join(TargetPlan, TargetPlan.id == Target.plan_id).where(TargetPlan.board_id == board_id)
    found = frame(session, query.group_by(*by))
    subjects = Subjects.of(session)
    rows = []
    groups: Any = found.groupby(["plan_id", "measure"])
    for (plan_id, measure), one in groups:
        adds = rule_of(str(measure)).adds_up
        held = _of_year(one, adds)
        highest = {key: value for key, value in held.items() if not any(above in held for above in subjects.above(*key))}
        sold = [value for key, value in highest.items() if key[0] not in GOODS] or list(highest.values())
        rows.append((plan_id, measure, sum(sold) / (1 if adds else len(sold))))
    return pd.DataFrame(rows, columns=["plan_id", "measure", "total"])


def _of_year(told: pd.DataFrame, adds_up: bool) -> dict[Subject, float]:
    """Of each subject by the periods that cover most of the year, the longest ones where two do."""
    length = told["period"].map({one.value: months for one, months in MONTHS.items()})
    best = told.assign(length=length, months=length * told["periods"]).sort_values(["months", "length"])
    best = best.drop_duplicates(["subject_kind", "subject_id"], keep="last")
    bases = best["base"].astype("float64") / (1 if adds_up else best["periods"])
    return dict(zip(zip(best["subject_kind"], best["subject_id"].astype(int), strict=True), bases, strict=True))


# ---------------------------------------------------------------------------------------------- who and what


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody or something that a plan can hold targets of, at its depth in the tree."""

    kind: str
    subject_id: int
    name: str
    depth: int
    above: tuple[Subject, ...]
    """Nearest first."""

    @property
    def subject(self) -> Subject:
        return self.kind, self.subject_id


def candidates(session: ScopedSession, plan_id: int) -> list[Candidate]:
    """As a tree: the unit of the plan and those below it with their people; categories, and the products that have a target.
    Who left is there as long as the plan has a target of him."""
    one, subjects = plan(session, plan_id), Subjects.of(session)
    pairs = select(Target.subject_kind, Target.subject_id).where(Target.plan_id == plan_id).distinct()
    held = {(str(kind), int(who)) for kind, who in session.execute(pairs)}
    active = set(session.scalars(select(User.id).where(User.state == UserState.ACTIVE)))

    def wanted(subject: Subject) -> bool:
        kind, who = subject
        if kind == SubjectKind.PERSON:
            return who in active or subject in held
        return kind != SubjectKind.PRODUCT or subject in held

    found = list(_tree(subjects, [subjects.unit(one.team_id)], wanted))
    found += _tree(subjects, subjects.top_goods(), wanted)
    met = {each.subject for each in found}
    above = sorted(subject for subject in held - met if subjects.name(*subject) is not None)
    return [_candidate(subjects, subject, 0) for subject in above] + found


def _tree(subjects: Subjects, level: Iterable[Subject], wanted: Any, depth: int = 0) -> Iterator[Candidate]:
    for subject in level:
        if wanted(subject):
            yield _candidate(subjects, subject, depth)
        yield from _tree(subjects, subjects.parts(*subject), wanted, depth + 1)


def _candidate(subjects: Subjects, subject: Subject, depth: int) -> Candidate:
    kind, who = subject
    above = tuple((str(one), number) for one, number in subjects.above(kind, who))
    return Candidate(str(kind), who, subjects.name(kind, who) or "", depth, above)


# ------------------------------------------------------------------------------------------------- versions


def changed_targets(session: ScopedSession, plan_id: int, earlier: int, later: int) -> pd.DataFrame:
    """Targets that two versions of a plan hold differently (0 = before the first) -> id, measure, subject_kind, subject_id,
    subject, period, starts_on, base_before, base_after, and so the two higher levels; missing = there was none."""
    plan(session, plan_id)
    query = select(Target.id, *(getattr(Target, name) for name in CELL), TargetRevision.number)
    query = query.add_columns(*(getattr(TargetRevision, name) for name in LEVELS))
    query = query.join(Target, Target.id == TargetRevision.target_id)
    query = query.where(Target.plan_id == plan_id, TargetRevision.number <= later).order_by(TargetRevision.number)
    found = frame(session, query.execution_options(**{WITH_DELETED: True}))
    after = found.drop_duplicates("id", keep="last")
    before = found[found["number"] <= earlier].drop_duplicates("id", keep="last")
    both = after.drop(columns="number").merge(before[["id", *LEVELS]], "left", "id", suffixes=("_after", "_before"))
    pairs = [(f"{name}_before", f"{name}_after") for name in LEVELS]
    both = both.astype({name: "float64" for pair in pairs for name in pair})
    differs = pd.Series(False, index=both.index)
    for one, other in pairs:
        differs |= ~(both[one].eq(both[other]) | (both[one].isna() & both[other].isna()))
    told = both[differs].sort_values(CELL, ignore_index=True)
    subjects = Subjects.of(session)
    names = [subjects.name(kind, int(who)) for kind, who in zip(told["subject_kind"], told["subject_id"], strict=True)]
    told.insert(4, "subject", pd.Series(names, index=told.index, dtype="object"))
    return told[["id", *CELL[:3], "subject", *CELL[3:], *(name for pair in pairs for name in pair)]]


__all__ = [
    "Candidate",
    "PlanFacts",
    "candidates",
    "changed_targets",
    "editable_plans",
    "plan_facts",
    "plan_sums",
    "units_to_plan",
]
