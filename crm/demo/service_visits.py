"""Who went to the customer for a case, and who will."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.demo.people import DESK, FIELD, MACHINERY, Company
from crm.demo.service_cases import Draft
from crm.demo.service_words import one_of
from crm.demo.writing import Book
from crm.support.models import CaseKind, CaseState, FieldVisit, VisitState

_CHANCES = {CaseKind.FAULT.value: 0.42, CaseKind.NEW_DEMAND.value: 0.75, CaseKind.COMPLAINT.value: 0.25}
_PLANNED = 9
"""Visits of the days to come."""


def add_visits(book: Book, company: Company, drafts: list[Draft], end: dt.datetime) -> set[int]:
    """-> ids of the cases for which somebody was there"""
    random = book.random
    teams = {company.units[FIELD]: ("agent4", "agent5"), company.units[DESK]: ("agent2", "agent3")}
    rows = []
    for one in drafts:
        if one.topic.kind not in _CHANCES or one.merged_into or one.course.steps[-1].team_id not in teams:
            continue
        if not one.is_open and random.random() < _CHANCES[one.topic.kind] * (1 if one.board == MACHINERY else 0.4):
            technician = company.members[random.choice(teams[one.course.steps[-1].team_id])]
            rows.append(_of(book, one, technician.id) | _made(book, one))
    waiting = [one for one in drafts if one.is_open and one.topic.kind in _CHANCES and one.course.steps[-1].team_id in teams]
    for days, one in enumerate(random.sample(waiting, _PLANNED), start=-1):
        technician = company.members[random.choice(teams[one.course.steps[-1].team_id])]
        at = end + dt.timedelta(days // 2, hours=random.choice((1, 2, 5, 6)))
        rows.append(_of(book, one, technician.id) | {"planned_at": at, "minutes": 120})
    book.insert(FieldVisit, rows)
    return {row["case_id"] for row in rows if row.get("state") == VisitState.DONE}


def _of(book: Book, draft: Draft, technician_id: int) -> dict[str, Any]:
    task = one_of(book.random, "set_up" if draft.topic.kind == CaseKind.NEW_DEMAND else "repair", draft.spoken)
    return {"case_id": draft.id, "technician_id": technician_id, "address": draft.address, "task": task}


def _made(book: Book, draft: Draft) -> dict[str, Any]:
    """Between the first answer and the solution; a few were called off."""
    steps = draft.course.steps
    solved = max(one.at for one in steps if one.state == CaseState.SOLVED)
    done = dt.datetime.fromtimestamp(round(solved - book.random.uniform(300, 2400)), dt.UTC)
    planned = (done - dt.timedelta(minutes=book.random.randrange(45, 240))).replace(minute=0, second=0)
    planned = max(planned, dt.datetime.fromtimestamp(round(draft.opened_at), dt.UTC))
    minutes = max(int((done - planned).total_seconds() // 60), 15)
    if book.random.random() < 0.07:
        return {"planned_at": planned, "minutes": 120, "state": VisitState.CANCELLED.value}
    told = draft.topic.solution[draft.spoken]
    return {"planned_at": planned, "minutes": minutes, "state": VisitState.DONE.value, "done_at": done, "result": told}
