"""The clocks of cases, replayed from their events whenever somebody asks; nothing of it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, String, select, type_coerce

from crm.analytics import clock
from crm.customers.models import Customer
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.support.models import ENDED, OPEN, Case, CaseComment, CaseEvent, Clock
from crm.support.queries.promises import colour_rules, promised, working

RUNNING, PAUSED, OVER = "running", "paused", "ended"
RUN = ["run", "of", "clock", "at", "state", "target", "calendar"]
BY_ID = 10_000
"""More ids than that do not fit into one statement of every database."""
COLUMNS = ["case_id", "clock", "since", "used", "target", "left", "due", "breached_at", "state", "share", "colour"]


def clocks_of(session: ScopedSession, case_ids: Collection[int], at: dt.datetime | None = None) -> pd.DataFrame:
    """Of these cases as far as the actor sees them -> case_id, clock (first_response, resolution; next_response once the customer
    waits again), since (when it began), used, target, left (working seconds; target and left are missing where nothing is
    promised), due, breached_at, state (running, paused, ended), share (used / target), colour."""
    return _replayed(session, [Case.id.in_(list(case_ids))], at)


def open_clocks(
    session: ScopedSession, conditions: Sequence[ColumnElement[bool]] = (), at: dt.datetime | None = None
) -> pd.DataFrame:
    """Of all open cases that the conditions find -> columns of `clocks_of`."""
    return _replayed(session, [Case.state.in_(OPEN), *conditions], at)


def most_urgent(clocks: pd.DataFrame) -> pd.DataFrame:
    """`clocks_of` -> one row for each case, indexed by case_id: the clock of which the largest share is used; clocks that ended
    or that promise nothing only where there is no other."""
    told = clocks.assign(over=clocks["state"] == OVER, none=clocks["target"].isna())
    ordered = told.sort_values(["over", "none", "share", "left"], ascending=[True, True, False, True], kind="stable")
    return ordered.drop_duplicates("case_id").drop(columns=["over", "none"]).set_index("case_id")


def _replayed(session: ScopedSession, where: Sequence[ColumnElement[bool]], at: dt.datetime | None) -> pd.DataFrame:
    now = at or moment(session)
    runs = runs_of(session, where, now)
    if runs.empty:
        return pd.DataFrame(columns=COLUMNS)
    laid = working(session, runs["at"].min().to_pydatetime(), now)
    found = clock.clocks(runs.rename(columns={"run": "case_id"}), now, laid, running=(RUNNING,), paused=(PAUSED,))
    about = runs.groupby("run").agg(case_id=("of", "first"), clock=("clock", "first"), since=("at", "min"))
    told = about.join(found).reset_index(drop=True)
    share = told["used"] / told["target"].where(told["target"] > 0)
    return told.assign(share=share, colour=colour_rules(session).of_clocks(share))[COLUMNS].sort_values(
        ["case_id", "clock"], kind="stable", ignore_index=True
    )


def runs_of(session: ScopedSession, where: Sequence[ColumnElement[bool]], now: dt.datetime) -> pd.DataFrame:
    """What the clocks are replayed from -> columns of RUN; without rows where nothing has happened yet."""
    cases = _cases(session, where)
    found = by_ids(cases.index.tolist(), where)
    events = _events(session, found)
    events = events[events["at"] <= pd.Timestamp(now)]
    if events.empty:
        return pd.DataFrame(columns=RUN)
    events = _with_terms(session, events, cases)
    waits = _waits(session, found, cases, events, now)
    return pd.concat([_resolution(events), _responses(events, waits)], ignore_index=True)


def by_ids(ids: list[int], where: Sequence[ColumnElement[bool]]) -> Sequence[ColumnElement[bool]]:
    """The cases that `where` found, by their ids: who sees what is weighed for these alone, not once more for all."""
    return [Case.id.in_(ids)] if len(ids) <= BY_ID else where


def _cases(session: ScopedSession, where: Sequence[ColumnElement[bool]]) -> pd.DataFrame:
    """Indexed by id -> kind, level, opened_at, answered_at."""
    query = select(Case.id, Case.kind, Customer.level, Case.opened_at, Case.answered_at)
    query = query.outerjoin(Customer, Customer.id == Case.customer_id).where(*where)
    return frame(session, query).set_index("id")


def _events(session: ScopedSession, where: Sequence[ColumnElement[bool]]) -> pd.DataFrame:
    """In order -> case_id, at, state, priority."""
    # Very many rows: moments as the database keeps them, read at once.
    at = type_coerce(CaseEvent.at, String).label("at")
    query = select(CaseEvent.case_id, at, CaseEvent.state, CaseEvent.priority)
    query = query.join(Case, Case.id == CaseEvent.case_id).where(*where)
    found = frame(session, through_parent(query.order_by(CaseEvent.case_id, CaseEvent.at, CaseEvent.id), CaseEvent))
    return found.assign(at=pd.to_datetime(found["at"], utc=True, format="ISO8601")).astype({"case_id": "int64"})


def _with_terms(session: ScopedSession, events: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """The state of the clocks in place of that of the case, and what is promised from each event on."""
    told = events.assign(**{name: cases[name].reindex(events["case_id"]).to_numpy() for name in ("kind", "level")})
    keys = ["level", "priority", "kind"]
    told["level"] = told["level"].fillna("").astype(str)
    combinations = told[keys].drop_duplicates()
    terms = promised(session, combinations.assign(level=combinations["level"].replace("", None)))
    found = told.merge(terms.assign(level=combinations["level"]), on=keys, how="left")
    pauses = [state in pausing for state, pausing in zip(found["state"], found["pausing"], strict=True)]
    state = np.where(found["state"].isin(ENDED), OVER, np.where(pauses, PAUSED, RUNNING))
    return found.assign(state=state, ends=found["state"].isin(ENDED)).drop(columns=["pausing", "level", "kind", "priority"])


def _waits(
    session: ScopedSession, where: Sequence[ColumnElement[bool]], cases: pd.DataFrame, events: pd.DataFrame, now: dt.datetime
) -> pd.DataFrame:
    """The first wait of each case and the last -> case_id, asked_at, answered_at, first."""
    query = select(CaseComment.case_id, CaseComment.at, CaseComment.by_customer).join(Case, Case.id == CaseComment.case_id)
    said = frame(session, through_parent(query.where(CaseComment.public, *where).order_by(CaseComment.id), CaseComment))
    known = cases[cases.index.isin(events["case_id"])]
    opened = pd.DataFrame({"case_id": known.index, "at": known["opened_at"].to_numpy(), "by_customer": True})
    opened["at"] = pd.to_datetime(opened["at"], utc=True)
    # To solve a case is an answer as well.
    solved = events.loc[events["ends"], ["case_id", "at"]].assign(by_customer=False)
    told = pd.concat([opened, said[said["at"] <= pd.Timestamp(now)], solved], ignore_index=True)
    waits = clock.answers(told.astype({"case_id": "int64", "by_customer": "bool"}))
    known_answer = pd.to_datetime(known["answered_at"].reindex(waits["case_id"]).to_numpy(), utc=True)
    answered = waits["answered_at"].mask(waits["first"], pd.Series(known_answer, index=waits.index))
    waits["answered_at"] = answered.mask(answered > pd.Timestamp(now))
    last = ~waits["case_id"].duplicated(keep="last")
    return waits[waits["first"] | last].reset_index(drop=True)


def _resolution(events: pd.DataFrame) -> pd.DataFrame:
    """-> run (a number for each clock), of (the case), clock, at, state, target, calendar."""
    found = events.rename(columns={"case_id": "of", Clock.RESOLUTION.value: "target"})
    return found.assign(run=-found["of"], clock=Clock.RESOLUTION.value)[RUN]


def _responses(events: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """A clock for each wait: it runs by the events of the case from the question to the answer -> columns of `_resolution`."""
    found = waits.assign(run=waits.index).merge(events, on="case_id")
    found = found[found["answered_at"].isna() | (found["at"] < found["answered_at"]) | (found["at"] <= found["asked_at"])]
    # What was so before the question holds when it is asked.
    found["at"] = found["at"].where(found["at"] > found["asked_at"], found["asked_at"])
    found = found.drop_duplicates(["run", "at"], keep="last")
    first = found["first"].astype(bool)
    target = found[Clock.FIRST_RESPONSE.value].where(first, found[Clock.NEXT_RESPONSE.value])
    name = pd.Series(np.where(first, Clock.FIRST_RESPONSE.value, Clock.NEXT_RESPONSE.value), index=found.index)
    found = found.rename(columns={"case_id": "of"}).assign(target=target, clock=name)
    last = found.drop_duplicates("run", keep="last")
    ends = last[last["answered_at"].notna()]
    ends = ends.assign(at=ends["answered_at"], state=OVER)
    return pd.concat([found[RUN], ends[RUN]], ignore_index=True)
