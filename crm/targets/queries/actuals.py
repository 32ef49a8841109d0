"""What was reached: by subject and month, by working day, and the rows behind each figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import BindParameter, and_, case, false, func, literal, or_

from crm.database import frame
from crm.pipeline.queries.facts.reading import as_stored, mostly, read
from crm.session import ScopedSession
from crm.targets.models import SubjectKind
from crm.targets.queries.counting import Count, count_of
from crm.targets.queries.subjects import Subject, Subjects

Frame = pd.DataFrame
GOODS = (SubjectKind.PRODUCT, SubjectKind.CATEGORY)


Month = tuple[str, int, dt.date, float, int]
"""subject_kind, subject_id, its first day, value, rows"""


@dataclass(frozen=True)
class Whose:
    """The business of a board, by people and units or by goods: money of two boards is never added up."""

    board_id: int
    goods: bool = False
    only: Subject | None = None
    """Of this subject alone: quicker than a whole board."""


def actuals(subjects: Subjects, measure: str, starts: list[dt.date], until: dt.date, whose: Whose) -> list[Month]:
    """By months (their first days, in order; the last one ends at `until`), of each person, and of each unit all that is credited
    to it and below it, or of each product and category.

    The value of satisfaction is the sum of the marks: divide by rows. As far as the session sees."""
    told = count_of(measure, whose.goods)
    ends = [(told.day < told.starts(day), number) for number, day in enumerate(starts[1:])]
    by = {"month": case(*ends, else_=len(starts) - 1) if ends else literal(0)}
    span = told.span(starts[0], until)
    if whose.only is None:
        found = _summed(subjects, told, by, whose, span).itertuples(index=False, name=None)
        return [(kind, one, starts[month], value, rows) for kind, one, month, value, rows in found]
    asked, narrowed = _asked(subjects, told, by, whose, span)
    sums = subjects.session.execute(narrowed(told.select(*asked.values())))
    return [(*whose.only, starts[month], np.nan if value is None else float(value), rows) for month, value, rows in sums if rows]


def of_people(session: ScopedSession, measure: str, since: dt.date, until: dt.date, board_id: int) -> Frame:
    """In the business of a board -> person, value, rows."""
    told = count_of(measure)
    asked = {"person": told.person, "value": func.sum(told.value), "rows": func.count(told.kind.id)}
    mine = [*told.span(since, until), of_board(Subjects.of(session), told, board_id), told.person.is_not(None)]
    return read(session, told.select(*as_stored(asked)).where(*mine).group_by(told.person), asked)


def daily(
    subjects: Subjects,
    measure: str,
    since: dt.date,
    until: dt.date,
    whose: Whose,
    *,
    by: dict[str, Any] | None = None,
) -> Frame:
    """By calendar day, and by further columns of the rows -> subject_kind, subject_id, day (a time stamp), those, value, rows; of
    days and subjects on which there was something."""
    told = count_of(measure, whose.goods)
    found = _summed(subjects, told, {"day": told.by_day} | (by or {}), whose, told.span(since, until))
    return found.assign(day=pd.to_datetime(found["day"]))


def _summed(subjects: Subjects, told: Count, by: dict[str, Any], whose: Whose, span: list[Any]) -> Frame:
    asked, narrowed = _asked(subjects, told, by, whose, span)
    found = read(subjects.session, narrowed(told.select(*as_stored(asked))), asked)
    found = found.astype({"value": "float64", "rows": "int64"})
    if whose.only is None:
        found["board"] = whose.board_id
        return credited(subjects, found, list(by), whose.goods)
    kind, subject_id = whose.only
    found.insert(0, "subject_kind", str(kind))
    found.insert(1, "subject_id", subject_id)
    return found


def _asked(
    subjects: Subjects, told: Count, by: dict[str, Any], whose: Whose, span: list[Any]
) -> tuple[dict[str, Any], Callable[[Any], Any]]:
    """-> the columns, and what makes of their statement that of the rows that count, in groups."""
    keys = {} if whose.only else {"product": told.product} if whose.goods else {"person": told.person, "team": _unless(told)}
    columns = keys | by
    grouped = [column for column in columns.values() if not isinstance(column, BindParameter)]
    board = of_board(subjects, told, whose.board_id)
    counting = of_subject(subjects, told, *whose.only, whose.board_id) if whose.only else [board]
    days = [mostly(one) for one in span] if told.board is None else span
    asked = columns | {"value": func.sum(told.value), "rows": func.count(told.kind.id)}
    actor = subjects.session.actor
    return asked, lambda query: told.widely(query, actor).where(*days, *counting).group_by(*grouped)


def _unless(told: Count) -> Any:
    """The unit of what is nobody's; a person's rows count for his own."""
    return case((told.person.is_(None), told.team))


def of_board(subjects: Subjects, told: Count, board_id: int) -> Any:
    """The condition on rows that are of the business of a board."""
    if told.board is not None:
        return told.board == board_id
    units = subjects.below(board_id)
    return told.person.in_(sorted(one for one, (_, unit) in subjects.people.items() if unit in units))


def credited(subjects: Subjects, found: Frame, by: list[str], goods: bool = False) -> Frame:
    """Rows with person, team and board (or product) -> a row for each subject they count for, summed."""
    places, lists = alike(subjects, found, goods)
    known = {subject: code for code, subject in enumerate(sorted({one for each in lists for one in each}))}
    codes = np.full((len(lists), max(map(len, lists), default=0)), -1)
    for place, each in enumerate(lists):
        codes[place, : len(each)] = [known[one] for one in each]
    spread = codes[places]
    rows, columns = np.nonzero(spread >= 0)
    wide = found[[*by, "value", "rows"]].take(rows)
    told = wide.assign(subject=spread[rows, columns]).groupby(["subject", *by], as_index=False)[["value", "rows"]].sum()
    kinds, ids = ([one[at] for one in known] for at in (0, 1))
    of = told.pop("subject").to_numpy()
    told.insert(0, "subject_kind", np.array([str(kind) for kind in kinds], dtype="object")[of])
    told.insert(1, "subject_id", np.array(ids, dtype="int64")[of])
    return told


def subjects_of(subjects: Subjects, found: Frame, goods: bool) -> list[list[Subject]]:
    """Rows with person, team and board (or product) -> for each the subjects that it counts for."""
    places, lists = alike(subjects, found, goods)
    return [lists[place] for place in places]


def alike(subjects: Subjects, found: Frame, goods: bool) -> tuple[npt.NDArray[np.int64], list[list[Subject]]]:
    """The same, told once for rows that count for the same -> of each row its place in the list that follows."""
    names = ["product"] if goods else ["person", "team", "board"]
    groups: Any = found.groupby(names, dropna=False, sort=False)
    places = groups.ngroup().to_numpy(dtype="int64")
    _, firsts = np.unique(places, return_index=True)
    plain = found[names].iloc[firsts].astype("object")
    rows = plain.where(plain.notna(), None).itertuples(index=False, name=None)
    return places, [_goods(subjects, *row) if goods else units_of(subjects, *row) for row in rows]


def _goods(subjects: Subjects, product: int | None) -> list[Subject]:
    return [(SubjectKind.PRODUCT, product), *subjects.above(SubjectKind.PRODUCT, product)] if product else []


def units_of(subjects: Subjects, person: int | None, team: int | None, board: int | None) -> list[Subject]:
    """A person's rows count for his unit; what is nobody's for the unit it lies in. The board is that of the row, if it has one:
    somebody may sell for another."""
    unit = team if person is None else subjects.unit_of_person(person)
    line, own = subjects.line(unit), subjects.board_of(unit)
    departments = line[: line.index(own)] if own else [] if board else line
    units = [*departments, *subjects.line(board or own)]
    mine: list[Subject] = [(SubjectKind.PERSON, person)] if person is not None else []
    return mine + [subjects.unit(one) for one in units]


# -------------------------------------------------------------------------------------------------------- rows


def of_subject(subjects: Subjects, told: Count, kind: str, subject_id: int, board_id: int) -> list[Any]:
    """The conditions on rows that count for a subject, as `actuals` credits them."""
    if told.board is None and kind == SubjectKind.PERSON:
        within = subjects.unit_of_person(subject_id) in subjects.below(board_id)
        return [told.person == subject_id if within else false()]
    return [of_board(subjects, told, board_id), *counting_for(subjects, told, kind, subject_id, board_id)]


def counting_for(subjects: Subjects, told: Count, kind: str, subject_id: int, board_id: int) -> list[Any]:
    """The conditions on rows of the board's business that count for a subject."""
    if kind in GOODS:
        return [told.product.in_(sorted(subjects.goods(kind, subject_id)))]
    if kind == SubjectKind.PERSON:
        return [told.person == subject_id]
    units = subjects.below(subject_id)
    if board_id in units:
        return []
    people = sorted(one for one, (_, unit) in subjects.people.items() if unit in units)
    return [or_(told.person.in_(people), and_(told.person.is_(None), told.team.in_(sorted(units))))]


def rows_of(
    session: ScopedSession,
    measure: str,
    kind: str,
    subject_id: int,
    board_id: int,
    since: dt.date,
    until: dt.date,
    limit: int | None = None,
    offset: int | None = None,
) -> Frame:
    """What a figure is made of, newest first -> id, day, title, customer_id, person_id, value; their values add up to it (of
    satisfaction it is their mean)."""
    told = count_of(measure, kind in GOODS)
    columns = {"id": told.kind.id, "day": told.by_day, "title": told.title, "customer_id": told.customer}
    columns |= {"person_id": told.person, "value": told.value}
    query = told.select(*(column.label(name) for name, column in columns.items()))
    query = query.where(*told.span(since, until), *of_subject(Subjects.of(session), told, kind, subject_id, board_id))
    found = frame(session, query.order_by(told.day.desc(), told.kind.id.desc()).limit(limit).offset(offset))
    return found.assign(value=found["value"].astype("float64"))
