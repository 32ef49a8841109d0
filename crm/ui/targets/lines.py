"""The lines of a grid: who stands in it and in which order, what stands there, and what the lines come to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.targets.measures import rule_of
from crm.targets.models import SubjectKind
from crm.targets.queries import Candidate, PlanFacts, candidates
from crm.targets.queries.subjects import UNITS, Subject
from crm.ui.desk import figures
from crm.ui.targets.typed import Typed, Value

Row = list[Value]


@dataclass(frozen=True)
class Sum:
    """`kind`: "parts" of the unit of the plan, "difference" of them to its own, "people" or "goods" that nobody stands above."""

    kind: str
    values: Row


def possible(facts: PlanFacts, measure: str) -> list[Candidate]:
    """Whom and what a measure is counted of, as a tree."""
    allowed = rule_of(measure).subjects
    return [one for one in figures(candidates, plan_id=facts.id) if one.kind in allowed]


def in_grid(facts: PlanFacts, typed: Typed, measure: str, period: str) -> list[Candidate]:
    """Those who have a target of the measure in such periods (where nobody has, in any), or something typed, or were added."""
    keys = [*typed.targets(measure), *(key for key, _ in typed.values if key[0] == measure)]
    held = {(key[1], key[2]) for key in keys if key[3] == period} or {(key[1], key[2]) for key in keys}
    return [one for one in possible(facts, measure) if one.subject in held | typed.added]


def values_of(
    lines: list[Candidate], typed: Typed, measure: str, period: str, level: str, days: tuple[dt.date, ...]
) -> list[Row]:
    """What stands in each line, with what was typed."""
    held = typed.targets(measure)
    found = []
    for one in lines:
        keys = [(measure, one.kind, one.subject_id, period, day) for day in days]
        stored = [held[key][0][level] if key in held else None for key in keys]
        found.append([typed.values.get((key, level), value) for key, value in zip(keys, stored, strict=True)])
    return found


def total(row: Row, measure: str) -> Value:
    """Of the year: the sum, or the mean of what does not add up."""
    told = [value for value in row if value is not None]
    if not told:
        return None
    return round(sum(told) / (1 if rule_of(measure).adds_up else len(told)), 4)


def parts_of_line(lines: list[Candidate], rows: list[Row], whole: Subject, column: int, measure: str) -> Value:
    """What the nearest lines below one come to in a column."""
    filled = {one.subject: row[column] for one, row in zip(lines, rows, strict=True) if row[column] is not None}
    known = {one.subject: one for one in lines}
    nearest = [filled[each] for each in filled if _holder(known[each], filled, whole) == whole]
    return total(nearest, measure)


def _holder(one: Candidate, filled: dict[Subject, Value], whole: Subject) -> Subject | None:
    return next((each for each in one.above if each in filled or each == whole), None)


def sums(facts: PlanFacts, lines: list[Candidate], rows: list[Row], measure: str, columns: int) -> list[Sum]:
    """Under the grid: the parts of the plan's unit beside what it has itself; else what stands highest, added up."""
    found = []
    own = next((row for one, row in zip(lines, rows, strict=True) if one.subject == facts.unit), None)
    if own is not None:
        parts = [parts_of_line(lines, rows, facts.unit, place, measure) for place in range(columns)]
        if any(one is not None for one in parts):
            apart = [_apart(part, mine, measure) for part, mine in zip(parts, own, strict=True)]
            found += [Sum("parts", parts), Sum("difference", apart)]
    sides = {"people": (*UNITS, SubjectKind.PERSON), "goods": (SubjectKind.PRODUCT, SubjectKind.CATEGORY)}
    for kind, kinds in sides.items():
        mine = [place for place, one in enumerate(lines) if one.kind in kinds]
        if len(mine) > 1 and not (kind == "people" and own is not None):
            found.append(Sum(kind, [_highest(lines, rows, mine, place, measure) for place in range(columns)]))
    return [one for one in found if any(value is not None for value in one.values)]


def _apart(part: Value, own: Value, measure: str) -> Value:
    """Amounts that add up count in full where the other side is empty, so that the differences add up too."""
    one_side = part is None or own is None
    if (part is None and own is None) or (one_side and not rule_of(measure).adds_up):
        return None
    return round((part or 0) - (own or 0), 4)


def _highest(lines: list[Candidate], rows: list[Row], mine: list[int], column: int, measure: str) -> Value:
    filled = {lines[place].subject for place in mine if rows[place][column] is not None}
    top = [place for place in mine if lines[place].subject in filled and not filled & set(lines[place].above)]
    return total([rows[place][column] for place in top], measure)


__all__ = ["Row", "Sum", "in_grid", "parts_of_line", "possible", "sums", "total", "values_of"]
