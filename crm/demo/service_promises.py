"""What the demo company promises: when its desks work, how soon it answers and solves."""

from __future__ import annotations

import datetime as dt

from crm.session import ScopedSession
from crm.support.commands import CalendarInput, PolicyInput, add_calendar, add_policy

OFFICE, ROUND_THE_CLOCK = "Office hours 工作时间", "Hotline, day and night 全天热线"
_HOUR = 3600
_FESTIVALS = {1997: ((2, 7), (2, 8), (2, 9), (2, 10)), 1998: ((1, 28), (1, 29), (1, 30)), 1999: ((2, 16), (2, 17), (2, 18))}
"""Spring festival moves with the moon."""
_FIXED = ((1, 1), (5, 1), (10, 1), (10, 2))
_POLICIES: tuple[tuple[str, dict[str, str], str, tuple[int, int, int]], ...] = (
    ("VIP faults, day and night 重点客户故障", {"level": "vip", "kind": "fault"}, ROUND_THE_CLOCK, (1, 4, 48)),
    ("Critical 紧急", {"priority": "critical"}, ROUND_THE_CLOCK, (1, 4, 24)),
    ("Complaints 投诉", {"kind": "complaint"}, OFFICE, (4, 8, 24)),
    ("Returns 退货", {"kind": "return"}, OFFICE, (8, 16, 60)),
    ("High 高", {"priority": "high"}, OFFICE, (2, 4, 16)),
    ("Normal 普通", {"priority": "normal"}, OFFICE, (4, 8, 40)),
    ("Low 低", {}, OFFICE, (8, 16, 80)),
)
"""To whom, by which calendar, hours to the first answer, the next ones, the solution."""


def promise(session: ScopedSession, first: dt.date, last: dt.date) -> str:
    """-> the key of the calendar of the office."""
    years = range(first.year, last.year + 2)
    days = [dt.date(year, *day) for year in years for day in (*_FIXED, *_FESTIVALS.get(year, ()))]
    office = add_calendar(session, CalendarInput(name=OFFICE, holidays=days))
    always = add_calendar(session, CalendarInput(name=ROUND_THE_CLOCK, week=["00:00-24:00"] * 7))
    ids = {OFFICE: office.id, ROUND_THE_CLOCK: always.id}
    clocks = ("first_response_seconds", "next_response_seconds", "resolution_seconds")
    for name, whom, calendar, hours in _POLICIES:
        times = {clock: hour * _HOUR for clock, hour in zip(clocks, hours, strict=True)}
        add_policy(session, PolicyInput.model_validate({"name": name, "calendar_id": ids[calendar], **whom, **times}))
    return str(office.id)
