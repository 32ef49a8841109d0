"""Targets that fall behind their pace, and people who are silent, as reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from crm.access import Role
from crm.office.models import NoticeTopic
from crm.office.queries import reminder_rules
from crm.office.reminding import Reminder
from crm.session import ScopedSession
from crm.staff.queries import leaders
from crm.targets.models import Measure, SubjectKind
from crm.targets.periods import last_day
from crm.targets.queries.attainment import attainment
from crm.targets.queries.calendar import firm_day
from crm.targets.queries.discipline import discipline
from crm.targets.queries.plans import TargetFilter
from crm.targets.queries.policy import rules_on

LEAST_DAYS = 5
"""Working days of a period that must have passed before anybody is told that he is behind."""
LEADS = (Role.LEAD, Role.DIRECTOR, Role.EXECUTIVE)


def behind(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """Running approved targets that have come to less than the rule's share of their pace, so many days before the end of their
    period or later; told to the person, of units to whoever leads them. Due on the last day of the period."""
    share = (reminder_rules(session)[NoticeTopic.TARGET_BEHIND].percent or 100) / 100
    running = TargetFilter(approved=True, starts_from=day - dt.timedelta(366), starts_to=day)
    found = attainment(session, running)
    ends = found["ends_on"]
    soon = (found["state"] == "running") & (ends <= day + dt.timedelta(before)) & (found["elapsed"] >= LEAST_DAYS)
    # A change of value may be asked for below zero, where a share of the pace says nothing.
    known = found["actual"].notna() & (found["pace"] > 0) & (found["measure"] != Measure.VALUE_CHANGE)
    late: Any = found[soon & known & (found["actual"] < share * found["pace"])].itertuples()
    leader = leaders(session)
    told = []
    for one in late:
        whose = int(one.subject_id) if one.subject_kind == SubjectKind.PERSON else leader(LEADS, int(one.team_id))
        if whose is not None:
            values = {"measure": one.measure, "period": one.period, "share": round(one.actual / one.pace, 4)}
            values |= {"attainment": round(one.actual / one.base, 4)} if one.base else {}
            told.append(Reminder(whose, "target", int(one.id), str(one.subject), last_day(one.period, one.starts_on), values))
    return told


def silent(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """People who were not here for as many weeks as the policy allows, told to whoever leads them. Whose first day nobody knows
    is left out. Due on the day on which they had been silent for so long."""
    weeks = rules_on(session, day).silent_weeks
    found: Any = discipline(session, day, firm_day(session))
    found = found[found["silent_days"].notna() & (found["silent_days"] >= weeks * 7 - before)].itertuples()
    leader: Callable[[tuple[Role, ...], int], int | None] = leaders(session)
    told = []
    for one in found:
        due = day - dt.timedelta(1 + int(one.silent_days) - weeks * 7)
        seen = {"last": one.last_here_on.isoformat()} if one.last_here_on else {}
        whose = leader(LEADS[1:] if one.role == Role.LEAD else LEADS, int(one.team_id))
        if whose is not None and whose != one.id:
            told.append(Reminder(whose, "user", int(one.id), str(one.person), due, {"weeks": weeks, **seen}))
    return told


__all__ = ["behind", "silent"]
