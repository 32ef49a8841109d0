"""Many targets at once, as people fill a table: all of them, or none and a reason for each cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.database import now
from crm.editing import Input
from crm.errors import CrmError, Invalid
from crm.session import WITH_DELETED, ScopedSession, get
from crm.targets.commands.plans import Because, new_version
from crm.targets.measures import rule_of
from crm.targets.models import Measure, PeriodKind, SubjectKind, Target, TargetPlan
from crm.targets.periods import begins
from crm.targets.queries.subjects import Subjects

LEVELS = ("base", "stretch", "challenge")
Key = tuple[str, str, int, str, dt.date]


class Cell(Input):
    """One target as somebody typed it; without a base it is taken out."""

    measure: Measure
    subject_kind: SubjectKind
    subject_id: int
    period: PeriodKind = PeriodKind.MONTH
    starts_on: dt.date
    base: Decimal | None = None
    stretch: Decimal | None = None
    challenge: Decimal | None = None
    version: int = 0
    """Of the target as it was read; 0 = there was none."""

    @property
    def key(self) -> Key:
        return self.measure, self.subject_kind, self.subject_id, self.period, self.starts_on

    @property
    def levels(self) -> tuple[Decimal | None, ...]:
        return self.base, self.stretch, self.challenge


@dataclass(frozen=True)
class Refusal:
    """Why a cell was not taken: its place among those given, its field, the template and its values."""

    place: int
    field: str
    template: str
    values: dict[str, Any]
    overtaken: bool = False
    """Somebody else set the cell since it was read."""


class Overtaken(Invalid):
    """Somebody else set the cell since it was read."""


class CellsRefused(CrmError):  # noqa: N818 - says what happened, as those in crm.errors
    """Nothing was saved; `refusals` names each cell that could not be."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("{count:cell|cells} cannot be saved. Nothing was changed.", count=len(refusals))
        self.refusals = refusals

    def __reduce__(self) -> tuple[Any, ...]:
        return (CellsRefused, (self.refusals,))


def set_targets(session: ScopedSession, plan_id: int, cells: Sequence[Cell], because: Because | None = None) -> int:
    """-> how many targets really changed. In an approved plan the change needs a reason and makes a version.

    Raises CellsRefused with all cells that break a rule or that somebody changed since they were read."""
    plan = get(session, TargetPlan, plan_id)
    if not plan.is_draft:
        session.actor.must("approve", "targets")
        if because is None:
            raise Invalid("This plan is approved: say why it changes.", field="reason")
    known = known_targets(session, plan_id)
    subjects = Subjects.of(session)
    _refuse(session, plan, cells, known, subjects)
    changed = [target for cell in cells if (target := _put(session, plan, cell, known.get(cell.key), subjects)) is not None]
    session.flush()
    if changed and not plan.is_draft and because is not None:
        new_version(session, plan, because.reason, changed)
    return len(changed)


def known_targets(session: ScopedSession, plan_id: int) -> dict[Key, Target]:
    """Also those that were taken out: they come back where they are set again."""
    query = select(Target).where(Target.plan_id == plan_id)
    found = session.scalars(query, execution_options={WITH_DELETED: True})
    return {(one.measure, one.subject_kind, one.subject_id, one.period, one.starts_on): one for one in found}


def _refuse(
    session: ScopedSession, plan: TargetPlan, cells: Sequence[Cell], known: dict[Key, Target], subjects: Subjects
) -> None:
    met: set[Key] = set()
    refusals = []
    for place, cell in enumerate(cells):
        try:
            if cell.key in met:
                raise Invalid("This cell is given twice.", field="subject_id")
            met.add(cell.key)
            check_cell(plan, cell, subjects)
            _check_version(session, cell, known.get(cell.key))
        except Invalid as error:
            refusals.append(Refusal(place, error.field or "base", error.template, error.values, isinstance(error, Overtaken)))
    if refusals:
        raise CellsRefused(tuple(refusals))


def check_cell(plan: TargetPlan, cell: Cell, subjects: Subjects) -> None:
    """Raises Invalid with the field that cannot be."""
    rule = rule_of(cell.measure)
    subjects.require(cell.subject_kind, cell.subject_id)
    if cell.subject_kind not in rule.subjects:
        raise Invalid("{measure} is not counted by {kind}.", field="measure", measure=cell.measure, kind=cell.subject_kind)
    unit = subjects.unit_of(cell.subject_kind, cell.subject_id)
    if unit is not None and plan.team_id not in subjects.line(unit):
        name = subjects.name(cell.subject_kind, cell.subject_id)
        raise Invalid("{name} does not belong to the unit of this plan.", field="subject_id", name=name)
    if not begins(cell.period, cell.starts_on) or cell.starts_on.year != plan.year:
        raise Invalid(
            "{day} is not the first day of a {period} of {year}.",
            field="starts_on",
            day=cell.starts_on,
            period=cell.period,
            year=plan.year,
        )
    _check_levels(cell)


def _check_levels(cell: Cell) -> None:
    rule = rule_of(cell.measure)
    for name, value in zip(LEVELS, cell.levels, strict=True):
        if value is None:
            continue
        if cell.base is None:
            raise Invalid("Higher levels need a base.", field="base")
        if rule.lowest is not None and value < rule.lowest:
            raise Invalid("{value} is less than {minimum}.", field=name, value=value, minimum=rule.lowest)
        if rule.highest is not None and value > rule.highest:
            raise Invalid("{value} is more than {maximum}.", field=name, value=value, maximum=rule.highest)
        if value % rule.unit:
            raise Invalid(
                "{value} has more decimal places than {measure} is counted in.", field=name, value=value, measure=cell.measure
            )
    given = [value for value in cell.levels if value is not None]
    if given != sorted(given):
        raise Invalid("Base, stretch and challenge go upwards.", field="stretch")


def _check_version(session: ScopedSession, cell: Cell, target: Target | None) -> None:
    there = target is not None and target.deleted_at is None
    now_there = target.version if target is not None and there else 0
    if cell.version == now_there or (target is not None and there and _levels(target) == cell.levels):
        return
    held = target.base if target is not None and there else None
    if held is None:
        raise Overtaken("Somebody took this target out since you read it.", field="base")
    raise Overtaken("Somebody has set {value} here since you read it.", field="base", value=held)


def _levels(target: Target) -> tuple[Decimal | None, ...]:
    return target.base, target.stretch, target.challenge


def _put(session: ScopedSession, plan: TargetPlan, cell: Cell, target: Target | None, subjects: Subjects) -> Target | None:
    """-> the target, where it changed."""
    if cell.base is None:
        if target is None or target.deleted_at is not None:
            return None
        target.deleted_at = now()
        return target
    if target is not None and target.deleted_at is None and _levels(target) == cell.levels:
        return None
    if target is None:
        unit = subjects.unit_of(cell.subject_kind, cell.subject_id)
        owner = cell.subject_id if cell.subject_kind == SubjectKind.PERSON else None
        about = {name: getattr(cell, name) for name in ("measure", "subject_kind", "subject_id", "period", "starts_on")}
        target = Target(plan_id=plan.id, owner_id=owner, team_id=unit or plan.team_id, **about)
        session.add(target)
    target.base, target.stretch, target.challenge, target.deleted_at = cell.base, cell.stretch, cell.challenge, None
    return target
