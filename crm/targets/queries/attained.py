"""Targets beside each other and one of them closely, from days that are read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm.access import Actor, Reach
from crm.office.queries import today
from crm.session import ScopedSession
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries.attainment import attainment
from crm.targets.queries.coming import Came
from crm.targets.queries.course import course_of
from crm.targets.queries.forecasting import forecasts
from crm.targets.queries.plans import TargetFilter

KINDS = {
    one.value: place
    for place, one in enumerate(
        (SubjectKind.BOARD, SubjectKind.TEAM, SubjectKind.PERSON, SubjectKind.CATEGORY, SubjectKind.PRODUCT)
    )
}
MEASURES = {one.value: place for place, one in enumerate(Measure)}


@dataclass(frozen=True)
class Attained:
    found: pd.DataFrame
    """The columns of `expected`: boards, teams, people; the largest first; of one subject by measure."""
    chosen: int | None
    """Its id; None where there is no target."""
    way: pd.DataFrame
    """Of the chosen one, see `course`."""


def attained(session: ScopedSession, where: TargetFilter, pick: int = 0) -> Attained:
    """`pick`: the target to be looked at closely, if it is one of them; else the one that the actor answers for."""
    came = Came(today(session))
    found = _ordered(forecasts(session, attainment(session, where, came), came))
    picked = found[found["id"] == pick] if (found["id"] == pick).any() else own_of(session.actor, found)
    chosen = int(picked["id"].iloc[0]) if len(picked) else None
    return Attained(found, chosen, course_of(session, picked, came))


def own_of(actor: Actor, found: pd.DataFrame) -> pd.DataFrame:
    """Of targets in their order, and `whole`, the one row that the actor answers for: a rep for himself, a lead for the largest
    unit that he sees whole."""
    person = found["subject_kind"] == SubjectKind.PERSON
    mine = found[person & (found["subject_id"] == actor.user_id)]
    led = found[~person & found["whole"]]
    asked = (mine, led) if actor.grant("targets").see is Reach.OWN else (led, mine)
    return next((one.head(1) for one in asked if len(one)), found.head(1))


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    by: dict[str, Any] = {"_kind": found["subject_kind"].map(KINDS), "_measure": found["measure"].map(MEASURES)}
    ordered = found.assign(**by).sort_values(["_kind", "_measure", "base"], ascending=[True, True, False], ignore_index=True)
    return ordered.drop(columns=list(by))


__all__ = ["Attained", "attained", "own_of"]
