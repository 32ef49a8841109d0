"""Times and days as they are typed: 4 h, 2 d; a list of holidays pasted from somewhere. Pure text, no page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crm.analytics.errors import AnalyticsError
from crm.analytics.working_time import day_blocks
from crm.errors import Invalid
from crm.words import say

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 366
"""Days of one stretch of holidays: more is a slip."""

_UNITS = {
    "d": ("d", "day", "days", "天", "工作日"),
    "h": ("h", "hour", "hours", "小时", "时"),
    "m": ("m", "min", "minutes", "分钟", "分"),
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+|[\u4e00-\u9fff]+)")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
_TO = re.compile(r"\s*(?:to|until|~|～|–|—|-|至|到)\s*", re.IGNORECASE)


# -------------------------------------------------------------------------------------------------------- times


def seconds_of(text: str | None, day: float) -> int | None:
    """ "4 h", "1 h 30 min", "2 d" -> working seconds; "" -> None. `day`: seconds of a working day."""
    typed = (text or "").strip().lower()
    if not typed:
        return None
    parts = _AMOUNT.findall(typed)
    if not parts or _AMOUNT.sub("", typed).strip(" ,、") or any(unit not in _UNIT for _, unit in parts):
        raise Invalid("Write a time like 30 min, 4 h or 2 d; this is not: {text}", text=typed)
    length = {"d": day, "h": 3600.0, "m": 60.0}
    return round(sum(float(amount.replace(",", ".")) * length[_UNIT[unit]] for amount, unit in parts))


def typed_time(seconds: int | None) -> str:
    """As `seconds_of` reads it, to the minute."""
    if seconds is None:
        return ""
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return say("{minutes} min", minutes=minutes)
    return say("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else say("{hours} h", hours=hours)


def working_day(week: Sequence[str]) -> float:
    """Seconds of a usual working day: the middle one of those on which somebody works."""
    lengths = sorted(filter(None, (day_seconds(hours) for hours in week)))
    return lengths[len(lengths) // 2] if lengths else 8 * 3600.0


def day_seconds(hours: str) -> float:
    return sum(block.end - block.start for block in blocks_of(hours)) * 3600


# --------------------------------------------------------------------------------------------------------- days


class Block(NamedTuple):
    """Hours since midnight."""

    start: float
    end: float


def blocks_of(hours: str) -> list[Block]:
    return [Block(_hour(start), _hour(end) or 24.0) for start, end in day_blocks(hours)]


def _hour(at: dt.time) -> float:
    return at.hour + at.minute / 60


class DayError(Exception):
    """One day or one line is wrong: `name` says which, `reason` how."""

    def __init__(self, name: str, reason: Invalid | AnalyticsError) -> None:
        super().__init__(name)
        self.name, self.reason = name, reason


def checked_hours(name: str, hours: str) -> str:
    try:
        day_blocks(hours)
    except AnalyticsError as error:
        raise DayError(name, error) from error
    return hours.strip()


def holidays_of(text: str) -> list[dt.date]:
    """One day or stretch a line: 2026-10-01, 2026/10/1 to 2026/10/7, 2026年10月1日 国庆节. What follows the day is a name."""
    found: set[dt.date] = set()
    for line in _lines(text):
        first, rest = _day(line)
        last = _day(rest[_TO.match(rest).end() :])[0] if _to_a_day(rest) else first  # type: ignore[union-attr]
        if not 0 <= (last - first).days < MOST:
            raise DayError(line, Invalid("The last day comes before the first, or more than a year after it."))
        found |= {first + dt.timedelta(days) for days in range((last - first).days + 1)}
    return sorted(found)


def extra_of(text: str, week: Sequence[str]) -> dict[dt.date, str]:
    """One day a line: 2026-10-10 08:30-12:00. Without hours: as on the first day of the week on which anybody works."""
    usual = next((hours for hours in week if hours), "")
    found = {}
    for line in _lines(text):
        day, rest = _day(line)
        hours = rest.strip(" :：,，\t")
        found[day] = checked_hours(line, hours) if hours else usual
    return found


def holidays_text(days: Iterable[str]) -> str:
    """ISO days -> a line for each stretch."""
    runs: list[list[dt.date]] = []
    for day in sorted(dt.date.fromisoformat(one) for one in days):
        if runs and day - runs[-1][-1] == dt.timedelta(1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "\n".join(f"{run[0]} ~ {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;；]", text) if line.strip()]


def _day(text: str) -> tuple[dt.date, str]:
    """-> the day that a text begins with, and what follows."""
    found = _DATE.match(text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = found.groups()
        return dt.date(int(year), int(month), int(day)), text[found.end() :]
    except ValueError as error:
        raise DayError(text, Invalid("Begin the line with a day, such as 2026-10-01.")) from error


def _to_a_day(rest: str) -> bool:
    to = _TO.match(rest)
    return to is not None and _DATE.match(rest, to.end()) is not None
