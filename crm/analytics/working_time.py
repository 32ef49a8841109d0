"""Working hours: several blocks a day, holidays, time zones; how much of them lies between two moments, and when so much is used.

All moments are UTC. A block is meant in the local time of its calendar and lasts as long as it really lasts: on the day of a
change of summer time a night shift has an hour more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.errors import AnalyticsError

Block = tuple[time, time]
"""From and to on one local day; to 00:00 means the end of the day."""

Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WorkingCalendar:
    """`week`: Monday to Sunday, each day's blocks in order. `holidays` have none; `extra` are days with blocks of their own, such
    as a Saturday worked in place of a holiday."""

    zone: str
    week: Sequence[Sequence[Block]]
    holidays: frozenset[date] = frozenset()
    extra: Mapping[date, Sequence[Block]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise AnalyticsError("A week has seven days: this calendar tells of {days}.", days=len(self.week))
        for blocks in (*self.week, *self.extra.values()):
            _check(blocks)

    def blocks_of(self, day: date) -> Sequence[Block]:
        if day in self.extra:
            return self.extra[day]
        return () if day in self.holidays else self.week[day.weekday()]


def always(zone: str = "UTC") -> WorkingCalendar:
    """Day and night, every day."""
    return WorkingCalendar(zone, [[(time(0), time(0))]] * 7)


def _check(blocks: Sequence[Block]) -> None:
    before = time(0)
    for number, (start, end) in enumerate(blocks):
        if start < before or (number and before == time(0)) or (end != time(0) and end <= start):
            raise AnalyticsError("The working hours of a day overlap, or end before they begin.")
        before = end


class WorkingTime:
    """A calendar laid out between two moments, so that very many questions cost little: working seconds since the beginning
    are a broken line, and its inverse tells when so many are used."""

    def __init__(self, calendar: WorkingCalendar, first: datetime, last: datetime) -> None:
        """Covers [first, last]; what is asked beyond `last` is refused, not guessed."""
        self.first, self.last = _seconds(first), _seconds(last)
        spans = [span for span in _spans(calendar, first, last) if span[1] > self.first and span[0] < self.last]
        edges = np.asarray(spans, dtype=np.float64).reshape(-1, 2).clip(self.first, self.last)
        self._starts, self._ends = edges[:, 0], edges[:, 1]
        self._used = np.concatenate(([0.0], np.cumsum(self._ends - self._starts)))

    def since_start(self, moments: npt.ArrayLike) -> Seconds:
        """Moments (UTC seconds since 1970) -> working seconds since the beginning."""
        at = np.asarray(moments, dtype=np.float64)
        if at.size and (np.nanmin(at) < self.first or np.nanmax(at) > self.last):
            raise AnalyticsError("A moment lies outside the days that this calendar was laid out for.")
        if not self._starts.size:
            return np.zeros(at.shape)
        block = np.searchsorted(self._starts, at, side="right")
        inside = np.minimum(at, self._ends[np.maximum(block - 1, 0)]) - self._starts[np.maximum(block - 1, 0)]
        return np.where(block > 0, self._used[np.maximum(block - 1, 0)] + inside, 0.0)

    def between(self, start: npt.ArrayLike, end: npt.ArrayLike) -> Seconds:
        """Working seconds from start to end."""
        return self.since_start(end) - self.since_start(start)

    def after(self, start: npt.ArrayLike, seconds: npt.ArrayLike) -> Seconds:
        """The first moment at which so many working seconds have passed since `start`; NaN where the calendar ends before."""
        begin = np.asarray(start, dtype=np.float64)
        wanted = np.asarray(seconds, dtype=np.float64)
        total = self.since_start(begin) + wanted
        block = np.searchsorted(self._used, total, side="left")
        known = (block <= self._starts.size) & (block > 0)
        place = np.clip(block - 1, 0, max(self._starts.size - 1, 0))
        if not self._starts.size:
            return np.where(wanted <= 0, begin, np.nan)
        moment = self._starts[place] + (total - self._used[place])
        return np.where(wanted <= 0, begin, np.where(known, moment, np.nan))


def _spans(calendar: WorkingCalendar, first: datetime, last: datetime) -> list[tuple[float, float]]:
    zone = ZoneInfo(calendar.zone)
    day, end = first.astimezone(zone).date() - timedelta(1), last.astimezone(zone).date() + timedelta(1)
    found: list[tuple[float, float]] = []
    while day <= end:
        for start, stop in calendar.blocks_of(day):
            until = day + timedelta(1) if stop == time(0) else day
            found.append((_local(day, start, zone), _local(until, stop, zone)))
        day += timedelta(1)
    return [(start, stop) for start, stop in found if stop > start]


def _local(day: date, at: time, zone: ZoneInfo) -> float:
    """An hour that a change of summer time leaves out is read as the hour after it."""
    return datetime.combine(day, at, zone).astimezone(UTC).timestamp()


def _seconds(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise AnalyticsError("A moment needs its time zone.")
    return moment.timestamp()


def seconds_of(moments: pd.Series) -> Seconds:
    """A column of moments (UTC) -> seconds since 1970; NaN where there is none."""
    plain = pd.to_datetime(moments, utc=True)
    values = plain.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(values), np.nan, values.astype("int64") / 1e6)


def moments_of(seconds: Seconds) -> pd.DatetimeIndex:
    """Seconds since 1970 -> moments (UTC), to the microsecond."""
    micro = np.where(np.isnan(seconds), np.datetime64("NaT", "us").astype("int64"), np.round(seconds * 1e6)).astype("int64")
    return pd.DatetimeIndex(micro.view("datetime64[us]"), tz="UTC")


def day_blocks(hours: str) -> list[Block]:
    """ "08:30-12:00, 13:30-17:30" -> its blocks; "" -> none."""
    found = []
    for part in filter(None, (piece.strip() for piece in hours.split(","))):
        start, dash, end = part.partition("-")
        try:
            found.append(
                (time.fromisoformat(start.strip()), time.fromisoformat("00:00" if end.strip() == "24:00" else end.strip()))
            )
        except ValueError:
            dash = ""
        if not dash:
            raise AnalyticsError("Working hours are written like 08:30-12:00, 13:30-17:30; this is not: {part}", part=part)
    _check(found)
    return found
