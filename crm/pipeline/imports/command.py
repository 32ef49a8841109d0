"""`python -m crm import opportunities`: a whole folder, or nothing of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlalchemy import select

from crm.bulk import bulk_insert
from crm.customers.imports.answering import answering
from crm.database import MONEY_SCALE
from crm.errors import Invalid
from crm.office.models import ImportJob
from crm.pipeline.commands import seed_pipelines
from crm.pipeline.imports import places
from crm.pipeline.imports.reading import Source, read_folder
from crm.pipeline.models import ForecastCategory, Opportunity, OpportunityState, StageEvent
from crm.pipeline.queries import pipeline_of_board, stages_of
from crm.session import WITH_DELETED, ScopedSession, open_as
from crm.words import say

Speak = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Counts of opportunities; those of a known number are left as they are."""

    read: int
    added: int
    unchanged: int


def run_folder(path: Path, *, owner: str | None = None, only_try: bool = False, speak: Speak = print) -> Outcome:
    """Import a folder of accounts, products, teams and opportunities, or with `only_try` say what would come in.

    Agents, managers and offices become people and units of a board; so it acts with all rights, in the name of `owner` or of the
    head of the first board. Raises CrmError: then nothing is there."""
    source = read_folder(path)
    _tell(source, speak)
    if only_try:
        return Outcome(len(source.deals), 0, 0)
    with open_as(answering(None, owner)) as session:
        outcome = _bring_in(session, source, path)
    speak(
        say(
            "{read:row|rows} read: {added} new, {unchanged} unchanged.",
            read=outcome.read,
            added=outcome.added,
            unchanged=outcome.unchanged,
        )
    )
    return outcome


def _tell(source: Source, speak: Speak) -> None:
    for what, count in source.repaired.items():
        speak(say("Repaired by the mapping: {what} ({count:row|rows})", what=what, count=count))
    if source.undated:
        speak(say("{count} opportunities without a day are taken as begun on the last day of the files.", count=source.undated))


def _bring_in(session: ScopedSession, source: Source, path: Path) -> Outcome:
    seed_pipelines(session)
    board = places.board(session, source)
    people = places.sellers(session, source, board.id)
    products = places.products(session, source)
    query = select(Opportunity.number).where(Opportunity.board_id == board.id)
    known = set(session.scalars(query, execution_options={WITH_DELETED: True}))
    new = source.deals[~source.deals["opportunity_id"].isin(known)].reset_index(drop=True)
    outcome = Outcome(len(source.deals), len(new), len(source.deals) - len(new))
    job = _job(session, source, path, outcome)
    customers = places.accounts(session, source, board.id, people, job.id)
    if len(new):
        rows = _rows(session, source, new, board.id).assign(
            customer_id=new["account"].map(customers).astype("Int64"),
            product_id=new["product"].map(products),
            owner_id=[people[name].id for name in new["sales_agent"]],
            team_id=[people[name].unit_id for name in new["sales_agent"]],
            import_job_id=job.id,
        )
        ids = bulk_insert(session, Opportunity, rows, {"import_job": job.id})
        bulk_insert(session, StageEvent, _events(rows.assign(id=ids), session.actor.user_id), {"import_job": job.id})
    return outcome


def _job(session: ScopedSession, source: Source, path: Path, outcome: Outcome) -> ImportJob:
    counts = {"read": outcome.read, "added": outcome.added, "changed": 0, "unchanged": outcome.unchanged, "refused": 0}
    job = ImportJob(
        user_id=session.actor.user_id,
        target="opportunities",
        file_name=path.name,
        sha256=source.sha256,
        mapping=source.plan.model_dump(mode="json"),
        detail={"repaired": source.repaired, "undated": source.undated},
        **counts,
    )
    session.add(job)
    session.flush()
    return job


def _rows(session: ScopedSession, source: Source, new: pd.DataFrame, board_id: int) -> pd.DataFrame:
    """-> columns of the table, but for who and what it is about."""
    pipeline = pipeline_of_board(session, board_id)
    stages = {stage.code: stage.id for stage in stages_of(session, pipeline.id)}
    if lacking := {code for code, _ in source.plan.stages.values()} - stages.keys():
        raise Invalid("The pipeline {name} has no stage {stages}.", name=pipeline.name, stages=", ".join(sorted(lacking)))
    state = new["deal_stage"].map({name: state for name, (_, state) in source.plan.stages.items()})
    prices = source.products.set_index("product")["sales_price"]
    amount = new["close_value"].where(state == OpportunityState.WON, new["product"].map(prices))
    named = new["product"] + (" – " + new["account"]).fillna("")
    begun, closed = new["engage_date"], new["close_date"].where(state != OpportunityState.OPEN)
    fixed = {
        "board_id": board_id,
        "pipeline_id": pipeline.id,
        "forecast_category": ForecastCategory.PIPELINE.value,
    }
    return pd.DataFrame(
        {
            "number": new["opportunity_id"],
            "name": named.str[:200],
            "stage_id": new["deal_stage"].map({name: stages[code] for name, (code, _) in source.plan.stages.items()}),
            "state": state,
            "created_on": begun,
            "stage_since": begun,
            "closed_on": closed,
            "amount": (amount * MONEY_SCALE).round().astype("int64"),
            **{name: [[] for _ in range(len(new))] for name in ("criteria_met", "win_reasons")},
            "custom": [{} for _ in range(len(new))],
            **{name: [value] * len(new) for name, value in fixed.items()},
        },
        index=new.index,
    )


def _events(rows: pd.DataFrame, by_id: int) -> pd.DataFrame:
    """Entered on the first day, and decided on the last."""
    begun = pd.DataFrame(
        {
            "opportunity_id": rows["id"],
            "at": rows["created_on"],
            "from_stage_id": pd.array([pd.NA] * len(rows), dtype="Int64"),
            "to_stage_id": rows["stage_id"],
            "state": OpportunityState.OPEN.value,
        }
    )
    closed = rows[rows["closed_on"].notna()]
    ended = pd.DataFrame(
        {
            "opportunity_id": closed["id"],
            "at": closed["closed_on"] + dt.timedelta(hours=12),
            "from_stage_id": closed["stage_id"].astype("Int64"),
            "to_stage_id": closed["stage_id"],
            "state": closed["state"],
            "stayed_days": (closed["closed_on"] - closed["created_on"]).dt.days.astype("Int64"),
        }
    )
    return pd.concat([begun, ended], ignore_index=True).assign(by_id=by_id)
