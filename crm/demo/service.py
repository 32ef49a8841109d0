"""The service desks of the demo company: cases of eighteen months with all that hangs on them, and some that stand open today."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.bulk import bulk_derive
from crm.catalogue.models import Product
from crm.customers.models import Level
from crm.demo.names import Names
from crm.demo.people import MACHINERY, SERVICES, Company, hire_service
from crm.demo.service_cases import COUNTS, DAYS, Desk, Draft, numbered, twins
from crm.demo.service_course import Hours, Terms
from crm.demo.service_feedback import add_feedback
from crm.demo.service_knowledge import add_articles
from crm.demo.service_promises import promise
from crm.demo.service_standing import standing
from crm.demo.service_visits import add_visits
from crm.demo.service_words import WORDS, one_of, product_name
from crm.demo.writing import LAST_DAY, Book
from crm.session import ScopedSession
from crm.support.commands import escalate
from crm.support.models import (
    Case,
    CaseComment,
    CaseEvent,
    CaseKind,
    CaseState,
    Clock,
    Escalation,
    Happening,
    Late,
    Priority,
    Problem,
)
from crm.support.queries import clocks_of
from crm.support.queries.promises import promised, working

_SEED = 2003
_TWINS = 12
_LINKED = 0.75
"""Share of the cases of a topic that are linked to the known problem behind them."""


def serve(book: Book, company: Company, names: Names) -> Company:
    """After everything else is there. Nothing is known of what comes after the beginning of the last day, at whatever hour of it
    the company is looked at. -> the company with those who work at the desks"""
    settled, session = book.settled(Random(_SEED)), book.session
    end = dt.datetime.combine(LAST_DAY + settled.moved, dt.time(0), dt.UTC)
    company = hire_service(session, names, company)
    office = promise(session, (end - dt.timedelta(DAYS)).date(), end.date())
    laid = working(session, end - dt.timedelta(2 * DAYS), end)
    hours = Hours(office, laid)
    drafts = []
    for board in (MACHINERY, SERVICES):
        desk = Desk(session, company, board, terms(session), hours, settled.random, end)
        natural = [desk.natural() for _ in range(COUNTS[board])]
        drafts += natural + standing(desk) + twins(natural, hours, settled.random, _TWINS // 2)
    numbered(drafts)
    _write(settled, company, drafts)
    visited = add_visits(settled, company, drafts, end)
    add_articles(settled, company, drafts, end)
    late = _judged(settled, drafts, company, end)
    add_feedback(settled, company, drafts, late, visited, end)
    escalate(session, end)
    return company


def terms(session: ScopedSession) -> dict[tuple[str | None, str, str], Terms]:
    levels = (None, *(one.value for one in Level))
    asked = [(level, priority.value, kind.value) for level in levels for priority in Priority for kind in CaseKind]
    found = promised(session, asked).items()
    return {one: Terms(told.calendar, told.seconds[Clock.FIRST_RESPONSE], told.seconds[Clock.RESOLUTION]) for one, told in found}


# ------------------------------------------------------------------------------------------------------- written down


def _write(book: Book, company: Company, drafts: list[Draft]) -> None:
    """In the order in which they were opened, what was merged after that into which it was merged."""
    problems = _problems(book)
    drafts.sort(key=lambda one: (one.merged_into is not None, one.opened_at, one.values["number"]))
    for whole in (True, False):
        part = [one for one in drafts if (one.merged_into is None) is whole]
        ids = book.insert(Case, [_row(book.random, one, problems) for one in part])
        for one, case_id in zip(part, ids, strict=True):
            one.id = case_id
    book.insert(CaseEvent, [row for one in drafts for row in _events(book.random, one)])
    book.insert(CaseComment, [row for one in drafts for row in _comments(book.random, one)])


def _problems(book: Book) -> dict[str, int]:
    products = dict(book.session.execute(select(Product.name, Product.id)).all())
    rows = []
    for one in WORDS["problem"]:
        product = next(products[name] for name in products if name.startswith(one["product"]))
        rows.append({name: value for name, value in one.items() if name not in ("key", "product")} | {"product_id": product})
    ids = book.insert(Problem, rows)
    return {one["key"]: problem_id for one, problem_id in zip(WORDS["problem"], ids, strict=True)}


def _row(random: Random, draft: Draft, problems: dict[str, int]) -> dict[str, Any]:
    steps, topic, last = draft.course.steps, draft.topic, draft.course.steps[-1]
    solved = [one.at for one in steps if one.state == CaseState.SOLVED and one.what == Happening.STATE]
    answered = next((one.at for one in draft.course.said if one.public and not one.by_customer), None)
    ended, merged = not draft.is_open, draft.merged_into
    known = ended and merged is None
    linked = topic.problem is not None and random.random() < _LINKED
    name = product_name(draft.product, draft.spoken)
    subject = topic.subject[draft.spoken]
    return draft.values | {
        "subject": subject if merged is None else {"en": "Again: {}", "zh": "再次：{}"}[draft.spoken].format(subject),
        "description": topic.text[draft.spoken].format(product=name),
        "priority": last.priority,
        "state": last.state,
        "cause": topic.cause if known or (draft.is_open and random.random() < 0.2) else None,
        "solution": topic.solution[draft.spoken] if known else None,
        "problem_id": problems[topic.problem] if linked and topic.problem else None,
        "merged_into_id": merged.id if merged else None,
        "owner_id": last.owner.id if last.owner else None,
        "team_id": last.team_id,
        "opened_at": moment(draft.opened_at),
        "answered_at": moment(answered) if answered else None,
        "solved_at": moment(solved[-1]) if solved and known else None,
        "closed_at": moment(last.at) if last.state == CaseState.CLOSED else None,
        "reopened": sum(one.what == Happening.REOPENED for one in steps),
    }


def _events(random: Random, draft: Draft) -> list[dict[str, Any]]:
    kept = draft.merged_into
    return [
        {
            "case_id": draft.id,
            "at": moment(one.at),
            "what": one.what,
            "state": one.state,
            "priority": one.priority,
            "owner_id": one.owner.id if one.owner else None,
            "team_id": one.team_id,
            "note": kept.values["number"]
            if kept and one.what == Happening.MERGED
            else one_of(random, one.note, draft.spoken)
            if one.note
            else None,
            "by_id": one.by.id,
        }
        for one in draft.course.steps
    ]


def _comments(random: Random, draft: Draft) -> list[dict[str, Any]]:
    solution = draft.topic.solution[draft.spoken]
    return [
        {
            "case_id": draft.id,
            "at": moment(one.at),
            "text": one_of(random, one.text, draft.spoken).format(name=one.by.name, solution=solution),
            "public": one.public,
            "by_customer": one.by_customer,
            "by_id": one.by.id,
        }
        for one in draft.course.said
    ]


def moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds), dt.UTC)


# ------------------------------------------------------------------------------------------- was it in time, who was told


def _judged(book: Book, drafts: list[Draft], company: Company, end: dt.datetime) -> dict[int, bool]:
    """The clocks say of each solved case what it took and whether that was within what was promised; whoever leads was told of
    the others. -> id of the solved case: was it late?"""
    solved = {one.id: one for one in drafts if one.merged_into is None and not one.is_open}
    found = clocks_of(book.session, list(solved), end)
    found = found[found["case_id"].isin(solved)]
    resolution = found[found["clock"] == Clock.RESOLUTION.value]
    rows = pd.DataFrame(
        {
            "id": resolution["case_id"],
            "worked_seconds": resolution["used"].round().astype("int64"),
            "made_sla": resolution["breached_at"].isna(),
        }
    )
    bulk_derive(book.session, Case, rows)
    heads = {company.units[MACHINERY]: company.members["director"].id, company.units[SERVICES]: company.members["director3"].id}
    broken = found[found["breached_at"].notna() & (found["clock"] != Clock.NEXT_RESPONSE.value)]
    facts: Any = broken.assign(at=broken["breached_at"].dt.ceil("h"))[["case_id", "clock", "since", "at"]].to_dict("records")
    told = [
        row | {"level": Late.BREACHED.value, "to_id": heads[solved[row["case_id"]].values["board_id"]]}
        for row in facts
        if row["at"] <= end
    ]
    book.insert(Escalation, told)
    return dict(zip(rows["id"].astype(int), ~rows["made_sla"], strict=True))
