"""Who keeps the policy: signed in on the days that ask for it, an action a month on all that is open, never silent for weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from crm.analytics.presence import DESK, TRIP, judged
from crm.database import frame
from crm.session import ScopedSession
from crm.staff.absences import absences
from crm.staff.models import AbsenceKind, OrgUnit, User, UserState
from crm.staff.presence import days_here, last_here
from crm.staff.queries import watched
from crm.targets.models import PeriodKind
from crm.targets.periods import first_day
from crm.targets.queries import actions
from crm.targets.queries.calendar import firm_day, firm_zone, working_days
from crm.targets.queries.policy import Held
from crm.targets.queries.subjects import Subjects

ONE = dt.timedelta(1)
WEEK = 7


@dataclass(frozen=True)
class _Asked:
    """Whom a question is about, from day to day; what of it is over is judged."""

    session: ScopedSession
    since: dt.date
    until: dt.date
    team_id: int | None = None
    person_id: int | None = None

    @cached_property
    def today(self) -> dt.date:
        return firm_day(self.session)

    @cached_property
    def zone(self) -> str:
        return firm_zone(self.session)

    @cached_property
    def held(self) -> Held:
        return Held(self.session)

    @cached_property
    def over(self) -> dt.date:
        """The last day that is judged: today is not over."""
        return min(self.until, self.today - ONE)

    @cached_property
    def people(self) -> pd.DataFrame:
        """Active people of the roles the policy is for whose sign-ins the actor sees -> id, person, team_id, team, role, joined
        (missing = always; an account younger than the day of a demo company was there before)."""
        roles = self.held.on(min(self.until, self.today)).roles
        query = select(User.id, User.name.label("person"), User.unit_id.label("team_id"), OrgUnit.name.label("team"))
        query = query.add_columns(User.role, User.created_at).join(OrgUnit, OrgUnit.id == User.unit_id)
        query = query.where(User.state == UserState.ACTIVE, User.role.in_(roles), *watched(self.session))
        query = query.where(User.id == self.person_id) if self.person_id is not None else query
        if self.team_id is not None:
            query = query.where(User.unit_id.in_(sorted(Subjects.of(self.session).below(self.team_id))))
        found = frame(self.session, query.order_by(OrgUnit.name, User.name, User.id))
        joined = [at.date() if at.date() <= self.today else None for at in found.pop("created_at").dt.tz_convert(self.zone)]
        return found.assign(joined=pd.Series(joined, index=found.index, dtype="object"))

    @cached_property
    def ids(self) -> tuple[int, ...]:
        return tuple(self.people["id"].tolist())

    @cached_property
    def month(self) -> actions.Month:
        """The one in which the last day lies; as far as it has come."""
        first = first_day(PeriodKind.MONTH, self.until)
        times = self.held.on(first).actions_per_month
        return actions.Month(first, min(self.month_end, self.today), self.zone, times)

    @property
    def month_end(self) -> dt.date:
        return (self.until.replace(day=1) + dt.timedelta(31)).replace(day=1) - ONE

    @cached_property
    def acts(self) -> bool:
        return bool(self.month.times) and self.month.since <= self.today


def presence(
    session: ScopedSession, since: dt.date, until: dt.date, team_id: int | None = None, person_id: int | None = None
) -> pd.DataFrame:
    """Each calendar day of each person -> person_id, person, team, day, place (desk, trip, leave, sickness, training, other;
    before = he had not joined), working, here, missing, asked (days asked for in its week), shown (what a calendar
    says of the day: present, missing, free, off, before, ahead, travel or another kind of absence)."""
    return _days(_Asked(session, since, until, team_id, person_id))


def _days(asked: _Asked) -> pd.DataFrame:
    people, days = asked.people, np.arange(np.datetime64(asked.since, "D"), np.datetime64(asked.until, "D") + 1)
    each = people.loc[people.index.repeat(len(days)), ["id", "person", "team", "joined"]].reset_index(drop=True)
    told = each.rename(columns={"id": "person_id"}).assign(day=np.tile(days.astype("datetime64[ns]"), len(people)))
    told["person_id"] = told["person_id"].astype("int64")
    told = _with_places(asked, told)
    here = days_here(asked.session, asked.since, asked.until, asked.zone)
    known = pd.MultiIndex.from_arrays([here["user_id"].astype("int64"), pd.to_datetime(here["day"])])
    told["here"] = pd.MultiIndex.from_arrays([told["person_id"], told["day"]]).isin(known)
    return _judged(asked, told)


def _with_places(asked: _Asked, told: pd.DataFrame) -> pd.DataFrame:
    """At the desk, on a trip, or excused: what excuses goes before a trip."""
    away = absences(asked.session, asked.since, asked.until, asked.ids)
    place = pd.Series(DESK, index=told.index, dtype="object")
    rows: Any = away.sort_values("kind", key=lambda kinds: kinds != AbsenceKind.TRAVEL).itertuples()
    for one in rows:
        within = (told["person_id"] == one.user_id) & told["day"].between(pd.Timestamp(one.starts_on), pd.Timestamp(one.ends_on))
        place[within] = TRIP if one.kind == AbsenceKind.TRAVEL else str(one.kind)
    early = told["joined"].notna() & (told["day"] < pd.to_datetime(told["joined"]))
    return told.drop(columns="joined").assign(place=place.mask(early, "before"))


def _judged(asked: _Asked, told: pd.DataFrame) -> pd.DataFrame:
    monday = asked.since - dt.timedelta(asked.since.weekday())
    sunday = asked.until + dt.timedelta(WEEK - 1 - asked.until.weekday())
    works = pd.DatetimeIndex(working_days(asked.session, monday, sunday))
    mondays = told["day"] - pd.to_timedelta(told["day"].dt.day_of_week, unit="D")
    rules = {one: asked.held.on(max(one.date(), asked.since)) for one in mondays.unique()}
    week_days = {one: int(((works >= one) & (works < one + pd.Timedelta(WEEK, "D"))).sum()) for one in rules}
    over = told["day"] <= pd.Timestamp(asked.over)
    known = told.assign(
        person=told["person_id"],
        working=told["day"].isin(works),
        week_days=mondays.map(week_days).astype("int64"),
        per_week=mondays.map({one: _number(rule.days_per_week) for one, rule in rules.items()}).astype("float64"),
        per_trip=mondays.map({one: rule.travel_per_week for one, rule in rules.items()}).astype("int64"),
    )
    done = judged(known[over])
    missing, asked_days = np.zeros(len(told), dtype="bool"), np.zeros(len(told), dtype="int64")
    missing[over], asked_days[over] = done["missing"], done["asked"]
    told = told.assign(working=known["working"], missing=missing, asked=asked_days)
    return told.assign(shown=_shown(told, over), day=told["day"].dt.date)


def _number(value: int | None) -> float:
    return float("nan") if value is None else float(value)


def _shown(told: pd.DataFrame, over: pd.Series[Any]) -> Any:
    desk, trip = told["place"] == DESK, told["place"] == TRIP
    known: list[Any] = [
        told["missing"],
        told["here"] & (desk | trip),
        ~(desk | trip | (told["place"] == "before")),
        trip,
        ~told["working"],
        told["place"] == "before",
        ~over,
    ]
    words: list[Any] = ["missing", "present", told["place"], "travel", "off", "before", "ahead"]
    return np.select(known, words, default="free") if len(told) else []


# --------------------------------------------------------------------------------------------------- by person


def discipline(
    session: ScopedSession, since: dt.date, until: dt.date, team_id: int | None = None, person_id: int | None = None
) -> pd.DataFrame:
    """How the policy was kept from day to day, up to yesterday; a row for each active person whose sign-ins I see, of a unit and
    below it or of all -> id, person, team_id, team, role, expected (days on which a sign-in was asked for), present (of them),
    missing (the rest), travel_days, leave_days (working days of either), deals and leads (open all through the month of the last
    day; a running one counts up to today), deals_without_action, leads_without_action, last_here_on, silent_days, silent, kept.

    `kept`: no day is missing, not silent, and, once the month is over, an action on all that was open."""
    asked = _Asked(session, since, until, team_id, person_id)
    told = asked.people.drop(columns="joined")
    told = told.join(_summed(_days(asked)), on="id")
    for kind, name in ((actions.DEAL, "deals"), (actions.LEAD, "leads")):
        counts = actions.open_counts(session, kind, asked.month, asked.ids) if asked.acts else {}
        told[name] = [counts.get(one, (0, 0))[0] for one in told["id"]]
        told[f"{name}_without_action"] = [counts.get(one, (0, 0))[1] for one in told["id"]]
    told = told.join(_silence(asked), on="id")
    over = asked.month_end < asked.today
    idle = (told["deals_without_action"] + told["leads_without_action"]) > 0
    return told.assign(kept=(told["missing"] == 0) & ~told["silent"] & ~(idle & over))


def _summed(days: pd.DataFrame) -> pd.DataFrame:
    """-> by person_id: expected, present, missing, travel_days, leave_days."""
    travel = (days["place"] == TRIP) & days["working"]
    away = ~days["place"].isin([DESK, TRIP, "before"]) & days["working"]
    monday = pd.to_datetime(days["day"]).dt.to_period("W")
    weeks = days.assign(week=monday).groupby(["person_id", "week"])["asked"].max().groupby("person_id").sum()
    sums = days.assign(travel_days=travel, leave_days=away).groupby("person_id")[["missing", "travel_days", "leave_days"]].sum()
    told = sums.astype("int64").assign(expected=weeks.astype("int64"))
    told = told.assign(present=told["expected"] - told["missing"])
    return told[["expected", "present", "missing", "travel_days", "leave_days"]]


def _silence(asked: _Asked) -> pd.DataFrame:
    """-> by person id: last_here_on, silent_days (since he was here, back from leave, or joined; missing = never was), silent."""
    last = last_here(asked.session, asked.over, asked.zone)
    limit = asked.held.on(asked.over).silent_weeks * WEEK
    away = absences(asked.session, asked.over - dt.timedelta(limit), asked.over, asked.ids)
    excused = away[away["kind"] != AbsenceKind.TRAVEL].groupby("user_id")["ends_on"].max().to_dict()
    rows = []
    for one, joined in zip(asked.people["id"], asked.people["joined"], strict=True):
        since = [last.get(one), excused.get(one), joined - ONE if joined else None]
        known = [min(day, asked.over) for day in since if day is not None]
        rows.append((last.get(one), float((asked.over - max(known)).days) if known else np.nan))
    told = pd.DataFrame(rows, columns=["last_here_on", "silent_days"], index=pd.Index(asked.people["id"]))
    told = told.astype({"last_here_on": "object", "silent_days": "float64"})
    return told.assign(silent=told["silent_days"].isna() | (told["silent_days"] >= limit))


def discipline_counts(session: ScopedSession, since: dt.date, until: dt.date, team_id: int | None = None) -> dict[str, int]:
    """Sums of `discipline` -> people, kept, not_kept, expected, present, missing, deals_without_action, leads_without_action,
    silent."""
    found = discipline(session, since, until, team_id)
    names = ("expected", "present", "missing", "deals_without_action", "leads_without_action", "silent", "kept")
    told = {name: int(found[name].sum()) for name in names}
    return {"people": len(found), "not_kept": len(found) - told["kept"], **told}


def breakers(session: ScopedSession, since: dt.date, until: dt.date, team_id: int | None = None) -> tuple[int, int]:
    """How many people `discipline` tells of, and how many of them did not keep it. What was open is read only where it counts."""
    asked = _Asked(session, since, until, team_id)
    if asked.month_end < asked.today:
        told = discipline_counts(session, since, until, team_id)
        return told["people"], told["not_kept"]
    days, silence = _days(asked), _silence(asked)
    return len(asked.people), len({*days.loc[days["missing"], "person_id"], *silence.index[silence["silent"]]})


# --------------------------------------------------------------------------------------------------- the proof


def missing_days(
    session: ScopedSession, since: dt.date, until: dt.date, team_id: int | None = None, person_id: int | None = None
) -> pd.DataFrame:
    """The days behind `missing`, newest first -> id, person_id, person, team, missed_on, place (desk, trip)."""
    found = presence(session, since, until, team_id, person_id)
    rows = found[found["missing"]].sort_values(["day", "person"], ascending=[False, True], ignore_index=True)
    told = rows[["person_id", "person", "team", "day", "place"]].rename(columns={"day": "missed_on"})
    return told.rename_axis("id").reset_index()


def without_action(
    session: ScopedSession,
    kind: str,
    since: dt.date,
    until: dt.date,
    team_id: int | None = None,
    person_id: int | None = None,
    page: int = 1,
    size: int | None = actions.SIZE,
) -> pd.DataFrame:
    """The deals (kind opportunity) or leads behind `deals_without_action` -> columns of `actions.idle_rows`."""
    asked = _Asked(session, since, until, team_id, person_id)
    return actions.idle_rows(session, kind, asked.month, asked.ids if asked.acts else (), page, size)


__all__ = ["breakers", "discipline", "discipline_counts", "missing_days", "presence", "without_action"]
