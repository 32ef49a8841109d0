"""A log with a row for every change of a ticket -> cases and their events, by a mapping one can change; knows no database."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from crm.analytics.clock import clocks
from crm.analytics.working_time import WorkingTime, always
from crm.errors import Invalid, told_of_files
from crm.exchange.columns import read_columns
from crm.support.models import ENDED, CaseState, Happening

BUILT_IN = Path(__file__).parents[1] / "mappings"
TRACKED = ["state", "priority", "team", "owner"]
"""A row in which one of these differs from the row before is an event."""
MOST_REOPENED = 10_000
TIMES = ("changed_at", "opened_at", "solved_at", "closed_at")


class SubjectPlan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: list[str]


class Plan(BaseModel):
    """The mapping, as it stands in a TOML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    missing: str
    date_format: str
    kind: str
    unknown_team: str
    columns: dict[str, str]
    subject: SubjectPlan
    states: dict[str, CaseState]
    priorities: dict[str, str]
    severities: dict[str, str]
    channels: dict[str, str]
    assumed: dict[str, str]


@dataclass(frozen=True)
class Log:
    plan: Plan
    sha256: str
    rows: int
    cases: pd.DataFrame
    """number, subject, state, priority, severity, channel, customer, team, owner, problem, cause, reopened, made_sla, opened_at,
    answered_at, solved_at, closed_at, worked_seconds"""
    events: pd.DataFrame
    """number, at, what, state, priority, team, owner; in order"""
    people: pd.DataFrame
    """owner, team (where most of his rows are)"""
    skipped: int
    """Rows with a state that the mapping does not know."""


def read_plan(mapping: str) -> Plan:
    """One that comes with the product by its name, or a file."""
    path = BUILT_IN / f"{mapping}.toml"
    path = path if path.exists() else Path(mapping)
    if not path.is_file():
        raise Invalid("There is no mapping called {name}.", name=mapping)
    try:
        return Plan.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise Invalid(
            "The mapping {file} cannot be understood: {why}.", file=str(path), why=str(error).splitlines()[0]
        ) from error


def read_log(path: Path, plan: Plan) -> Log:
    """Raises Invalid for a missing file or column, and for values that cannot be right."""
    rows = _read(path, plan)
    for name in ("number", "opened_at", "changed_at"):
        _refuse(rows[name], rows[name].isna(), name)
    unknown = int(rows["state"].isna().sum())
    rows["state"] = rows.groupby("number", sort=False)["state"].ffill()
    last = rows.drop_duplicates("number", keep="last").reset_index(drop=True)
    _check(last)
    events = _events(rows)
    begun = events[events["state"] != CaseState.NEW].drop_duplicates("number").set_index("number")["at"]
    cases = last.assign(answered_at=last["number"].map(begun), worked_seconds=last["number"].map(_worked(events)))
    ended = cases["state"].isin(ENDED)
    cases = cases.assign(**{name: cases[name].where(ended) for name in ("solved_at", "closed_at", "made_sla")})
    worked = rows.dropna(subset=["owner"]).groupby("owner")["team"].agg(lambda teams: teams.value_counts().index[0])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Log(plan, digest, len(rows), cases.drop(columns="changed_at"), events, worked.reset_index(), unknown)


def _read(path: Path, plan: Plan) -> pd.DataFrame:
    """-> the columns of the plan, codes and moments in place of texts."""
    names = [*plan.columns.values(), *plan.subject.columns]
    with told_of_files():
        table = read_columns(path, list(dict.fromkeys(names)), plan.missing)
    told = pd.DataFrame({name: table[column] for name, column in plan.columns.items()})
    told["subject"] = _subject(table[plan.subject.columns])
    for name in TIMES:
        told[name] = _moments(told[name], plan)
    told["state"] = told["state"].map({text: state.value for text, state in plan.states.items()})
    for name, codes in (("priority", plan.priorities), ("severity", plan.severities), ("channel", plan.channels)):
        told[name] = _codes(told[name], codes, plan.columns[name])
    told["team"] = told["team"].fillna(plan.unknown_team)
    told["made_sla"] = told["made_sla"].str.lower().map({"true": True, "false": False})
    counted = pd.to_numeric(told["reopened"], errors="coerce").fillna(0)
    _refuse(told["reopened"], ~counted.between(0, MOST_REOPENED), "reopened")
    told["reopened"] = counted.astype("int64")
    return told


def _subject(parts: pd.DataFrame) -> pd.Series[str]:
    texts = [" · ".join(part for part in row if isinstance(part, str)) for row in parts.itertuples(index=False)]
    return pd.Series(texts, index=parts.index).str[:200].replace("", "—")


def _moments(texts: pd.Series[Any], plan: Plan) -> pd.Series[Any]:
    found = pd.to_datetime(texts, format=plan.date_format, errors="coerce", utc=True)
    _refuse(texts, found.isna() & texts.notna(), str(texts.name))
    return found


def _codes(texts: pd.Series[Any], codes: dict[str, str], column: str) -> pd.Series[Any]:
    found = texts.map(codes)
    _refuse(texts, found.isna() & texts.notna(), column)
    return found


def _check(last: pd.DataFrame) -> None:
    for name in ("state", "priority"):
        _refuse(last[name], last[name].isna(), name)
    _refuse(last["closed_at"], last["closed_at"] < last["opened_at"], "closed_at")
    _refuse(last["solved_at"], last["solved_at"] < last["opened_at"], "solved_at")


def _refuse(texts: pd.Series[Any], wrong: pd.Series[bool], column: str) -> None:
    if wrong.any():
        first = texts.index[wrong][0]
        raise Invalid(
            "Column {column} holds {value} in row {row} ({count} in all): correct it, or add it to the mapping.",
            column=column,
            value=str(texts.loc[first]),
            row=int(first) + 2,
            count=int(wrong.sum()),
        )


def _events(rows: pd.DataFrame) -> pd.DataFrame:
    """Each case begins as new at the moment at which it was opened; then the rows in which something tracked changed."""
    first = rows.drop_duplicates("number")
    opened = first.assign(changed_at=first["opened_at"], state=CaseState.NEW.value)
    told = pd.concat([opened, rows[rows["state"].notna()]]).sort_index(kind="stable")
    keys = told[TRACKED].fillna("")
    same = told["number"].eq(told["number"].shift())
    differs = {name: same & keys[name].ne(keys[name].shift()) for name in TRACKED}
    again = differs["state"] & told["state"].shift().isin(ENDED) & ~told["state"].isin(ENDED)
    what = np.select(
        [~same, again, differs["state"], differs["priority"]],
        [Happening.OPENED.value, Happening.REOPENED.value, Happening.STATE.value, Happening.PRIORITY.value],
        Happening.HANDED_OVER.value,
    )
    kept = told.assign(what=what)[~same | np.logical_or.reduce(list(differs.values()))]
    # A row that is told late does not come before the one above it.
    moments = kept["changed_at"].where(kept["changed_at"] >= kept["opened_at"], kept["opened_at"])
    found = kept.assign(at=moments.groupby(kept["number"]).cummax())
    moved: pd.DataFrame = found[["number", "at", "what", *TRACKED]].reset_index(drop=True)
    return moved


def _worked(events: pd.DataFrame) -> pd.Series[Any]:
    """Seconds until the end, day and night, without waiting; by number."""
    working = WorkingTime(always(), events["at"].min().to_pydatetime(), events["at"].max().to_pydatetime())
    phases = pd.DataFrame({"case_id": events["number"], "at": events["at"], "state": events["state"], "calendar": "always"})
    running = (CaseState.NEW.value, CaseState.IN_PROGRESS.value)
    told = clocks(phases.assign(target=np.nan), events["at"].max().to_pydatetime(), {"always": working}, running=running)
    return told["used"].where(told["state"] == "ended").round()
