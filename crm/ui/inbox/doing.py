"""What a person does with a notice, and where it leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.office import commands
from crm.ui.desk import act, go

PLACES = {
    "customer": ("customer", "customer"),
    "opportunity": ("opportunity", "opportunity"),
    "lead": ("lead", "lead"),
    "contract": ("contract", "contract"),
    "service_case": ("case", "case"),
    "target_plan": ("targets", "plan"),
    "target": ("targets", "pick"),
    "evaluation": ("team", "evaluation"),
    "user": ("team", "who"),
}
"""Kind of record -> page and parameter that open it."""
SIDES = {"evaluation": "evaluations", "user": "discipline", "target_plan": "plans"}
"""Where the page has several sides: the one that shows it."""


def read(ids: list[int]) -> None:
    """Read on the way to somewhere else."""
    act(commands.mark_read, ids, rerun=False)


def put_away(ids: list[int]) -> None:
    act(commands.put_away, ids, done="{count:notice|notices} put away.", count=len(ids))


def put_off(notice_id: int, until: dt.date) -> None:
    act(commands.put_off, [notice_id], until, done="Put off until {day}.", day=until)


def opens(subject_type: Any) -> bool:
    return subject_type in PLACES


def open_record(subject_type: str, subject_id: int) -> None:
    page, parameter = PLACES[subject_type]
    side = {"show": SIDES[subject_type]} if subject_type in SIDES else {}
    go(page, **side, **{parameter: int(subject_id)})
