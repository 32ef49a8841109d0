"""My own targets in one line: for the overview."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.session import ScopedSession
from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.targets.models import Measure, PeriodKind, SubjectKind
from crm.targets.periods import first_day
from crm.ui.desk import go, load
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.targets.wording import period_name
from crm.words import label, say
from crm.words.formats import percent

ORDER = {one.value: place for place, one in enumerate(Measure)}


def own_targets(session: ScopedSession, person_id: int) -> pd.DataFrame:
    """The approved targets of a person that run today, of the shortest period of each measure -> columns of `attainment`."""
    day = today(session)
    where = queries.TargetFilter(approved=True, subject_kind=(SubjectKind.PERSON,), subject_id=(person_id,), starts_to=day)
    where = where.model_copy(update={"starts_from": first_day(PeriodKind.YEAR, day)})
    for period in PeriodKind:
        start = first_day(period, day)
        asked = where.model_copy(update={"period": (period.value,), "starts_from": start, "starts_to": start})
        found = queries.attainment(session, asked)
        if not found.empty:
            places = [ORDER[measure] for measure in found["measure"]]
            return found.take(np.argsort(places, kind="stable")).reset_index(drop=True)
    return found


def my_attainment(person: SignedIn) -> pd.DataFrame:
    """Cheap, and kept: a row for each of the person's own targets of this month (else quarter, else year)."""
    return load(own_targets, person_id=person.user_id)


def mine(person: SignedIn) -> None:
    """Nothing is drawn where the person has no target. Each leads to its own page."""
    found = my_attainment(person)
    if found.empty:
        return
    rows = records(found)
    behind = sum(row.ahead < 0 for row in rows)
    span = period_name(rows[0].period, rows[0].starts_on, with_year=True)
    template = (
        "My targets in {period}: all at or ahead of the pace"
        if not behind
        else "My targets in {period}: {behind} of {count} behind the pace"
    )
    heading(template, period=span, behind=behind, count=len(rows))
    with st.container(horizontal=True, key="mine.targets"):
        for row in rows:
            if st.button(_told(row), key=f"mine.target.{row.measure}", help=_paced(row), icon=_sign(row)):
                starts = row.starts_on.isoformat()
                go("targets", plan=row.plan_id, measure=row.measure, period=row.period, starts=starts, pick=row.id)


def _told(row: Any) -> str:
    return say("{measure} {share}", measure=label(row.measure, of="measure"), share=percent(row.share, 0))


def _paced(row: Any) -> str:
    pace = row.pace / row.base if row.base else None
    return say("The pace of the working days asks for {pace} by now.", pace=percent(pace, 0))


def _sign(row: Any) -> str:
    return ":material/trending_up:" if row.ahead >= 0 else ":material/trending_down:"


__all__ = ["mine", "my_attainment", "own_targets"]
