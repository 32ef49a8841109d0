"""Targets made from others: copied from an earlier period, split from the top down, summed from the bottom up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from pydantic import Field

from crm.analytics.errors import AnalyticsError
from crm.analytics.splitting import raised, split
from crm.editing import Input
from crm.errors import Invalid
from crm.office.queries import today
from crm.session import ScopedSession, get
from crm.targets.commands.grid import LEVELS, Cell, Key, known_targets, set_targets
from crm.targets.commands.plans import Because
from crm.targets.measures import rule_of
from crm.targets.models import Measure, PeriodKind, SubjectKind, Target, TargetPlan
from crm.targets.periods import MONTHS, first_day, last_day, within
from crm.targets.queries.actuals import GOODS, Whose, actuals
from crm.targets.queries.figures import reached
from crm.targets.queries.plans import TargetFilter, part_targets, targets
from crm.targets.queries.subjects import Subjects

Weighting = Literal["equal", "last_year"]


class Copying(Input):
    """Where the values come from: the targets of earlier periods, or what was reached in them; and how much more is wanted."""

    source: Literal["targets", "actuals"] = "targets"
    measure: Measure
    period: PeriodKind = PeriodKind.MONTH
    from_day: dt.date
    """The first day of the first period that is copied."""
    to_day: dt.date
    """The first day of the period that it becomes."""
    periods: int = Field(1, ge=1, le=12)
    percent: Decimal = Field(Decimal(0), gt=-100, le=1000)
    stretch_percent: Decimal | None = Field(None, gt=0, le=1000, description="The stretch level, so much above the base.")
    challenge_percent: Decimal | None = Field(None, gt=0, le=1000)
    subject_kind: SubjectKind | None = None
    """None = all that had a target; who had none must be named."""
    subject_ids: tuple[int, ...] = ()
    subjects: tuple[tuple[SubjectKind, int], ...] = ()
    """Of several kinds, instead of the two."""
    from_plan_id: int | None = None
    """None = this plan."""


class Splitting(Input):
    """Into the periods of a target, or among subjects."""

    into: Literal["periods", "subjects"]
    grain: PeriodKind = PeriodKind.MONTH
    subjects: tuple[tuple[SubjectKind, int], ...] = ()
    weights: Weighting | tuple[Decimal, ...] = "equal"
    """As many as there are parts; or equal; or as was reached in the same months of the year before."""


def copy_targets(session: ScopedSession, plan_id: int, copying: Copying, because: Because | None = None) -> int:
    """-> how many targets changed. Levels of copied targets are copied too, all raised by the percentage; of what was reached the
    base is made, and the higher levels by their own percentages."""
    months = MONTHS[PeriodKind(copying.period)]
    cells: list[Cell] = []
    known = known_targets(session, plan_id)
    earlier = _earlier(
        session, plan_id, copying, [copying.from_day + relativedelta(months=months * n) for n in range(copying.periods)]
    )
    for place, found in enumerate(earlier):
        goal = copying.to_day + relativedelta(months=months * place)
        cells += [_cell(known, copying.measure, subject, copying.period, goal, levels) for subject, levels in found.items()]
    return set_targets(session, plan_id, cells, because)


Levels = list[Decimal | None]


def _earlier(session: ScopedSession, plan_id: int, copying: Copying, days: list[dt.date]) -> list[dict[tuple[str, int], Levels]]:
    """For each period that is copied."""
    if copying.source == "targets":
        return [_of_targets(session, plan_id, copying, day) for day in days]
    subjects = copying.subjects or _named(copying)
    if not subjects:
        raise Invalid("Say whose results shall become targets.", field="subject_ids")
    value = _results(session, copying, subjects, get(session, TargetPlan, plan_id).board_id, days)
    return [{(str(kind), one): _raised(copying, value(kind, one, day)) for kind, one in subjects} for day in days]


def _named(copying: Copying) -> tuple[tuple[SubjectKind, int], ...]:
    kind = copying.subject_kind
    return tuple((kind, one) for one in copying.subject_ids) if kind is not None else ()


def _of_targets(session: ScopedSession, plan_id: int, copying: Copying, day: dt.date) -> dict[tuple[str, int], Levels]:
    where = TargetFilter(plan_id=copying.from_plan_id or plan_id, measure=(copying.measure,), period=(copying.period,))
    kinds = (copying.subject_kind,) if copying.subject_kind else ()
    same = {"subject_kind": kinds, "subject_id": copying.subject_ids, "starts_from": day, "starts_to": day}
    unit = rule_of(copying.measure).unit
    found: Any = targets(session, where.model_copy(update=same)).itertuples()
    return {
        (one.subject_kind, int(one.subject_id)): [
            raised(Decimal(str(value)), copying.percent, unit) if value == value and value is not None else None
            for value in (one.base, one.stretch, one.challenge)
        ]
        for one in found
        if not copying.subjects or (one.subject_kind, int(one.subject_id)) in copying.subjects
    }


def _results(
    session: ScopedSession,
    copying: Copying,
    subjects: tuple[tuple[SubjectKind, int], ...],
    board_id: int,
    days: list[dt.date],
) -> Callable[[str, int, dt.date], float]:
    """What each subject reached in each period."""
    measure, period, until = copying.measure, copying.period, last_day(copying.period, days[-1])
    if measure == Measure.VALUE_CHANGE:
        return lambda kind, one, day: reached(session, measure, kind, one, board_id, day, last_day(period, day)) or 0.0
    known: dict[tuple[str, int, dt.date], float] = {}
    for goods in {kind in GOODS for kind, _ in subjects}:
        found = actuals(Subjects.of(session), measure, days, until, Whose(board_id, goods))
        adds_up = rule_of(measure).adds_up
        known |= {(kind, one, day): value if adds_up else value / rows for kind, one, day, value, rows in found}
    return lambda kind, one, day: float(known.get((kind, one, day), 0.0))


def _raised(copying: Copying, value: float) -> Levels:
    rule = rule_of(copying.measure)
    base = raised(Decimal(str(round(value, 4))), copying.percent, rule.unit)
    if rule.lowest is not None:
        base = max(base, rule.lowest)
    if rule.highest is not None:
        base = min(base, rule.highest)
    more = (copying.stretch_percent, copying.challenge_percent)
    return [base, *(raised(base, percent, rule.unit) if percent is not None else None for percent in more)]


def split_target(session: ScopedSession, target_id: int, splitting: Splitting, because: Because | None = None) -> int:
    """Each level of a target, split so that the parts add up to it exactly; of measures that do not add up each part gets the
    whole -> how many targets changed."""
    whole = get(session, Target, target_id)
    parts = _parts(whole, splitting)
    weights = _weights(session, whole, splitting, parts)
    columns = _split_levels(whole, weights)
    known = known_targets(session, whole.plan_id)
    cells = [
        _cell(known, whole.measure, subject, period, day, list(levels))
        for (subject, period, day), levels in zip(parts, zip(*columns, strict=True), strict=True)
    ]
    return set_targets(session, whole.plan_id, cells, because)


def _split_levels(whole: Target, weights: list[Decimal | float]) -> list[list[Decimal | None]]:
    """A higher level is split by what it has more than the one below, so that no part of it comes to lie below that."""
    rule, columns, lower = rule_of(whole.measure), [], (Decimal(0), [Decimal(0)] * len(weights))
    for name in LEVELS:
        value: Decimal | None = getattr(whole, name)
        if value is None or not rule.adds_up:
            columns.append([value] * len(weights))
            continue
        more = _split(value - lower[0], weights, rule.unit)
        lower = (value, [one + two for one, two in zip(lower[1], more, strict=True)])
        columns.append(list(lower[1]))
    return columns


def _split(value: Decimal, weights: Sequence[Decimal | float], unit: Decimal) -> list[Decimal]:
    try:
        return split(value, weights, unit)
    except AnalyticsError as error:
        raise Invalid(error.template, field="weights", **error.values) from error


Part = tuple[tuple[str, int], str, dt.date]


def _parts(whole: Target, splitting: Splitting) -> list[Part]:
    if splitting.into == "subjects":
        if not splitting.subjects:
            raise Invalid("Say among whom it is split.", field="subjects")
        return [((kind, one), whole.period, whole.starts_on) for kind, one in splitting.subjects]
    if MONTHS[PeriodKind(splitting.grain)] >= MONTHS[PeriodKind(whole.period)]:
        raise Invalid("A {period} has no parts of a {grain}.", field="grain", period=whole.period, grain=splitting.grain)
    mine = (whole.subject_kind, whole.subject_id)
    return [(mine, splitting.grain, day) for day in within(splitting.grain, whole.period, whole.starts_on)]


def _weights(session: ScopedSession, whole: Target, splitting: Splitting, parts: list[Part]) -> list[Decimal | float]:
    if splitting.weights == "equal":
        return [Decimal(1)] * len(parts)
    if splitting.weights == "last_year":
        return _of_last_year(session, whole, parts)
    if len(splitting.weights) != len(parts):
        raise Invalid(
            "There are {parts} parts and {weights} weights.", field="weights", parts=len(parts), weights=len(splitting.weights)
        )
    return list(splitting.weights)


def _of_last_year(session: ScopedSession, whole: Target, parts: list[Part]) -> list[Decimal | float]:
    """What each part reached in the same months a year before; below zero counts as nothing."""
    found: list[Decimal | float] = []
    for (kind, one), period, day in parts:
        since = day - relativedelta(years=1)
        if last_day(period, since) >= first_day(PeriodKind.MONTH, today(session)):
            raise Invalid("The year before {day} is not over yet.", field="weights", day=day)
        value = reached(session, whole.measure, kind, one, whole.plan.board_id, since, last_day(period, since))
        found.append(max(value or 0.0, 0.0))
    if not any(found):
        raise Invalid("Nothing was reached in the year before: choose other weights.", field="weights")
    return found


def take_sum(
    session: ScopedSession,
    target_id: int,
    version: int,
    because: Because | None = None,
    by: Literal["subject", "period"] = "subject",
) -> int:
    """A target becomes the sum of the nearest ones below it in its period, or of its own smaller periods (their mean, where they
    do not add up)."""
    whole = get(session, Target, target_id)
    found = part_targets(session, target_id, by)
    if found.empty:
        raise Invalid("There is no target below this one.")
    rule = rule_of(whole.measure)
    levels: list[Decimal | None] = []
    for name in LEVELS:
        values = [Decimal(str(one)) for one in found[name] if one is not None and one == one]
        complete = len(values) == len(found)
        total = sum(values, Decimal(0))
        levels.append((total if rule.adds_up else raised(total / len(values), Decimal(0), rule.unit)) if complete else None)
    subject = (whole.subject_kind, whole.subject_id)
    cell = _cell({}, whole.measure, subject, whole.period, whole.starts_on, levels).model_copy(update={"version": version})
    return set_targets(session, whole.plan_id, [cell], because)


def _cell(
    known: dict[Key, Target], measure: str, subject: tuple[str, int], period: str, day: dt.date, levels: Sequence[Decimal | None]
) -> Cell:
    kind, one = subject
    target = known.get((str(measure), str(kind), one, str(period), day))
    base, stretch, challenge = levels
    about = {"measure": measure, "subject_kind": kind, "subject_id": one, "period": period, "starts_on": day}
    there = target.version if target is not None and target.deleted_at is None else 0
    return Cell.model_validate(about | {"base": base, "stretch": stretch, "challenge": challenge, "version": there})
