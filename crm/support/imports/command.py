"""`python -m crm import cases`: a whole log, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlalchemy import select

from crm.bulk import bulk_insert
from crm.customers.commands.details import board_of
from crm.customers.imports.answering import answering
from crm.office.models import ImportJob
from crm.session import WITH_DELETED, ScopedSession, get, open_as
from crm.staff.models import User
from crm.support.imports import places
from crm.support.imports.reading import Log, read_log, read_plan
from crm.support.models import Case, CaseEvent
from crm.words import say

Speak = Callable[[str], None]
STANDARD = "incident_log"


@dataclass(frozen=True)
class Outcome:
    """Counts of cases and of their events; cases of a known number are left as they are."""

    rows: int
    read: int
    added: int
    unchanged: int
    events: int


def run_log(
    path: Path, mapping: str | None = None, *, owner: str | None = None, only_try: bool = False, speak: Speak = print
) -> Outcome:
    """Import a log of cases, or with `only_try` say what would come in.

    Groups and agents become units and people of a board; so it acts with all rights, in the name of `owner` or of the head of the
    first board, who gets the new customers. Raises CrmError: then nothing is there."""
    speak(say("Reading {file}", file=path.name))
    log = read_log(path, read_plan(mapping or STANDARD))
    if log.skipped:
        speak(say("{count:row|rows} with an unknown state change nothing.", count=log.skipped))
    if only_try:
        return _told(Outcome(log.rows, len(log.cases), 0, 0, 0), speak)
    with open_as(answering(None, owner)) as session:
        outcome = _bring_in(session, log, path)
    return _told(outcome, speak)


def _told(outcome: Outcome, speak: Speak) -> Outcome:
    speak(
        say(
            "{rows:row|rows} read, {read:case|cases}: {added} new with {events:event|events}, {unchanged} unchanged.",
            rows=outcome.rows,
            read=outcome.read,
            added=outcome.added,
            events=outcome.events,
            unchanged=outcome.unchanged,
        )
    )
    return outcome


def _bring_in(session: ScopedSession, log: Log, path: Path) -> Outcome:
    owner = get(session, User, session.actor.user_id)
    board = board_of(session, owner.unit_id)
    query = select(Case.number).where(Case.board_id == board.id)
    known = set(session.scalars(query, execution_options={WITH_DELETED: True}))
    new = log.cases[~log.cases["number"].isin(known)].reset_index(drop=True)
    events = log.events[~log.events["number"].isin(known)].reset_index(drop=True)
    outcome = Outcome(log.rows, len(log.cases), len(new), len(log.cases) - len(new), len(events))
    job = _job(session, log, path, outcome)
    if new.empty:
        return outcome
    teams = places.units(session, log, board.id)
    people = places.agents(session, log, teams)
    customers = places.customers(session, log, board.id, owner, job.id)
    problems = places.problems(session, log)
    rows = _rows(new, log).assign(
        board_id=board.id,
        team_id=new["team"].map(teams),
        owner_id=new["owner"].map(people).astype("Int64"),
        customer_id=new["customer"].map(customers).astype("Int64"),
        problem_id=new["problem"].map(problems).astype("Int64"),
        import_job_id=job.id,
    )
    ids = pd.Series(bulk_insert(session, Case, rows, {"import_job": job.id}).to_numpy(), index=new["number"])
    told = events[["at", "what", "state", "priority"]].assign(
        case_id=events["number"].map(ids),
        team_id=events["team"].map(teams),
        owner_id=events["owner"].map(people).astype("Int64"),
        by_id=session.actor.user_id,
    )
    bulk_insert(session, CaseEvent, told, {"import_job": job.id})
    return outcome


def _job(session: ScopedSession, log: Log, path: Path, outcome: Outcome) -> ImportJob:
    counts = {"read": outcome.read, "added": outcome.added, "changed": 0, "unchanged": outcome.unchanged, "refused": 0}
    job = ImportJob(
        user_id=session.actor.user_id,
        target="cases",
        file_name=path.name,
        sha256=log.sha256,
        mapping=log.plan.model_dump(mode="json"),
        detail={"rows": log.rows, "events": outcome.events, "skipped": log.skipped},
        **counts,
    )
    session.add(job)
    session.flush()
    return job


def _rows(new: pd.DataFrame, log: Log) -> pd.DataFrame:
    """-> columns of the table, but for who and what it is about."""
    names = ["number", "subject", "state", "priority", "severity", "channel", "cause", "reopened", "made_sla"]
    names += ["opened_at", "answered_at", "solved_at", "closed_at", "worked_seconds"]
    return new[names].assign(
        kind=log.plan.kind,
        channel=new["channel"].fillna("other"),
        custom=pd.Series([{} for _ in range(len(new))], index=new.index),
    )
