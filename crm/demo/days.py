"""How the people of the demo company spend their days: visits with check-ins, hours of what is planned, absences, presence."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from sqlalchemy import select

from crm.customers.models import Customer
from crm.demo.people import ACCOUNTS, MACHINERY, SERVICES, Company, Member
from crm.demo.targets import as_of
from crm.demo.writing import Book
from crm.marketing.models import Campaign, Channel
from crm.office.models import Activity, ActivityKind, Outcome
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import Absence, AbsenceKind, Presence, SignInEvent, SignInKind, User
from crm.staff.sign_in import actor_for
from crm.targets.commands import PolicyInput, set_policy
from crm.targets.queries.calendar import firm_zone, working_days

_SEED = 1949
_PLACES = {
    "Guangdong": (23.13, 113.26),
    "Hubei": (30.59, 114.31),
    "Jiangsu": (31.3, 120.62),
    "Liaoning": (41.8, 123.43),
    "Shaanxi": (34.27, 108.95),
    "Shandong": (36.65, 117.12),
    "Sichuan": (30.66, 104.06),
    "Zhejiang": (30.27, 120.15),
}
_TRAVELLERS = ("lead", "rep", "rep2", "rep3", "lead2", "rep4", "rep5", "lead4", "rep9", "rep10")
_HOURS = tuple(dt.time(hour, minute) for hour in (9, 10, 11, 14, 15, 16) for minute in (0, 30))
_AHEAD, _BEHIND = 14, 28
_PURPOSES = (
    "Trial cut on their workpiece",
    "看新车间地基",
    "Go through the offer",
    "拜访采购经理",
    "Annual visit",
    "回访设备运行情况",
)
_FOUND = (
    "Showed the finish of the trial part; they want a second one in steel.",
    "与生产主管谈了两小时，下半年有三台的预算。",
    "The buyer was away; left the offer with his deputy.",
    "客户对交货期不满意，答应下周答复。",
    "Machine runs well. They asked about a service contract.",
)
_AWAY = (
    ("rep", AbsenceKind.TRAVEL, -12, -8, "Liaoning"),
    ("rep4", AbsenceKind.TRAVEL, -6, 3, "四川、湖北客户走访"),
    ("rep5", AbsenceKind.TRAVEL, -33, -22, None),
    ("lead2", AbsenceKind.TRAVEL, 6, 9, "Customers in Zhejiang"),
    ("rep3", AbsenceKind.LEAVE, 6, 12, None),
    ("lead", AbsenceKind.LEAVE, -40, -34, None),
    ("rep7", AbsenceKind.LEAVE, -1, 5, None),
    ("agent2", AbsenceKind.SICKNESS, -15, -13, None),
    ("agent5", AbsenceKind.TRAINING, -20, -18, "Spindle repair, at the maker's"),
    ("rep9", AbsenceKind.LEAVE, 13, 17, None),
)
"""Who, why, first and last day from today, remark."""
_MISSING = {"rep3": 0.1, "rep8": 0.08, "agent3": 0.06, "lead3": 0.04, "rep5": 0.05}
"""Share of the working days without a sign-in; of the others _SELDOM."""
_SELDOM, _ON_TRIPS, _WEEKS, _SILENT = 0.008, 0.45, 13, ("rep8", 16)
_CAMPAIGNS = (
    (MACHINERY, "Customer day 1997 客户日", Channel.EVENT, 260, 259, 60_000, 57_300),
    (SERVICES, "Letters before the warranty ends 质保到期提醒", Channel.EMAIL, 150, 30, 8_000, 5_200),
    (SERVICES, "Seminar on maintenance 设备保养讲座", Channel.EVENT, 75, 74, 25_000, 23_900),
)
"""Board, name, channel, days ago of its begin and end, budget, cost."""
_POLICY = """Records are the memory of the firm; whoever keeps them helps his colleagues.

1. Sign in on every working day; on a journey at least twice a week.
2. Every open lead and deal sees one action a month at least.
3. Whoever is silent for two weeks is asked by the one who leads him.

记录是公司的记忆。工作日每天登录，出差期间每周至少两次；每条线索和商机每月至少跟进一次。"""


def spend_days(book: Book, company: Company, today: dt.date) -> None:
    """Before anything is scored: visits count."""
    random, session = Random(_SEED), book.session
    diary = _Diary(session, random, company, today)
    diary.give_hours()
    settled = book.settled(random)
    session.add_all(Activity(**visit) for visit in diary.visits())
    session.flush()
    settled.insert(Absence, diary.absences())
    presence = diary.presence()
    settled.insert(Presence, presence)
    settled.insert(SignInEvent, diary.sign_ins(presence))
    settled.insert(Campaign, diary.campaigns())
    administrator = actor_for(session, get(session, User, company.members["admin"].id))
    first = PolicyInput(name="Records 记录制度", text=_POLICY, starts_on=today - dt.timedelta(395), reason="First version")
    with as_of(session, today - dt.timedelta(400)), acting_as(administrator, session) as theirs:
        set_policy(theirs, first)


class _Diary:
    def __init__(self, session: ScopedSession, random: Random, company: Company, today: dt.date) -> None:
        self.session, self.random, self.company, self.today = session, random, company, today
        self.zone = dt.timezone(dt.timedelta(hours=8)) if firm_zone(session) == "Asia/Shanghai" else dt.UTC
        days = working_days(session, today - dt.timedelta(7 * _WEEKS), today + dt.timedelta(_AHEAD)).tolist()
        self.past, self.coming = [one for one in days if one < today], [one for one in days if one >= today]
        self.taken: set[tuple[int, dt.date, dt.time]] = set()

    # ------------------------------------------------------------------------------------------------ what is planned

    def give_hours(self) -> None:
        """Calls, visits and meetings that are planned from today on, most of them."""
        planned = select(Activity).where(Activity.happened_on.is_(None), Activity.planned_on >= self.today)
        timed = (ActivityKind.CALL, ActivityKind.VISIT, ActivityKind.MEETING)
        for one in self.session.scalars(planned.where(Activity.kind.in_(timed)).order_by(Activity.id)):
            assert one.planned_on is not None
            if one.kind != ActivityKind.CALL or self.random.random() < 0.6:
                one.starts_at = self._hour(one.author_id, one.planned_on)
                one.minutes = {ActivityKind.CALL.value: 15, ActivityKind.MEETING.value: 60}.get(one.kind, 90)
        self.session.flush()

    def _hour(self, author_id: int, day: dt.date) -> dt.time:
        free = [hour for hour in _HOURS if (author_id, day, hour) not in self.taken]
        hour = self.random.choice(free)
        self.taken.add((author_id, day, hour))
        return hour

    def visits(self) -> list[dict[str, Any]]:
        """Of each of those who travel: some that were made, checked in at the gate, and some to come; one stands there now."""
        rows = []
        for number, person in enumerate(self.company.of(*_TRAVELLERS)):
            mine = self._customers(person)
            made, to_come = (3, 2) if len(mine) > 5 else (1, 1)
            lately = [day for day in self.past if day >= self.today - dt.timedelta(_BEHIND)]
            some = self.random.sample(mine, made + to_come)
            days = self.random.sample(lately, made) + self.random.sample(self.coming[1:], to_come)
            rows += [self._visit(person, *one, day, made=day < self.today) for one, day in zip(some, days, strict=True)]
            if number == 1:
                here = self._visit(person, *mine[0], self.today, made=False)
                rows.append(here | self._check_in(mine[0][1], self.today, here["starts_at"]))
        return rows

    def _customers(self, person: Member) -> list[tuple[int, str, str]]:
        query = select(Customer.id, Customer.region, Customer.name).where(Customer.owner_id == person.id)
        found = self.session.execute(query.where(Customer.region.in_(_PLACES)).order_by(Customer.id))
        return [(row.id, row.region, row.name) for row in found]

    def _visit(self, person: Member, customer_id: int, region: str, name: str, day: dt.date, *, made: bool) -> dict[str, Any]:
        hour = self._hour(person.id, day)
        about = {"subject_type": "customer", "subject_id": customer_id, "author_id": person.id, "kind": ActivityKind.VISIT.value}
        about |= {"topic": self.random.choice(_PURPOSES), "planned_on": day, "starts_at": hour, "place": f"{name}, {region}"}
        about |= {"minutes": self.random.choice((60, 90, 120))}
        if not made:
            return about
        outcome = self.random.choice((Outcome.REACHED, Outcome.INTERESTED, Outcome.POSTPONED)).value
        told = {"happened_on": day, "text": self.random.choice(_FOUND), "outcome": outcome}
        return about | told | self._check_in(region, day, hour)

    def _check_in(self, region: str, day: dt.date, hour: dt.time) -> dict[str, Any]:
        """A little before or after the hour; now and then the phone does not say where."""
        late = self.random.choice((-8, -4, 0, 3, 6, 12, 41))
        at = (dt.datetime.combine(day, hour, self.zone) + dt.timedelta(minutes=late)).astimezone(dt.UTC)
        if self.random.random() < 0.2:
            return {"checked_in_at": at}
        latitude, longitude = (round(one + self.random.uniform(-0.2, 0.2), 5) for one in _PLACES[region])
        where = {"latitude": latitude, "longitude": longitude, "accuracy": float(self.random.choice((8, 12, 25, 60)))}
        return {"checked_in_at": at} | where

    # ---------------------------------------------------------------------------------------------------- who was here

    def absences(self) -> list[dict[str, Any]]:
        return [
            {
                "user_id": self.company.members[username].id,
                "kind": kind.value,
                "starts_on": self.today + dt.timedelta(first),
                "ends_on": self.today + dt.timedelta(last),
                "note": note,
            }
            for username, kind, first, last, note in _AWAY
        ]

    def presence(self) -> list[dict[str, Any]]:
        """A quarter of working days; on journeys some of them."""
        rows = []
        for account in ACCOUNTS:
            if account.username == "former" or account.username not in self.company.members:
                continue
            user_id = self.company.members[account.username].id
            rows += [{"user_id": user_id, "day": day} for day in self.past if self._was_here(account.username, day)]
        return rows

    def _was_here(self, username: str, day: dt.date) -> bool:
        share = 1 - _MISSING.get(username, _SELDOM)
        away = (day - self.today).days
        for name, kind, first, last, _ in _AWAY:
            if name == username and first <= away <= last:
                share = _ON_TRIPS if kind is AbsenceKind.TRAVEL else 0.0
        silent, days = _SILENT
        return self.random.random() < share and not (username == silent and away > -days)

    def sign_ins(self, presence: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Once a week; on the other days the browser was still signed in."""
        names = {member.id: username for username, member in self.company.members.items()}
        seen: set[tuple[int, Any]] = set()
        rows = []
        for one in presence:
            week = (one["user_id"], one["day"].isocalendar()[:2])
            if week not in seen:
                seen.add(week)
                at = dt.datetime.combine(one["day"], dt.time(8, self.random.randrange(60)), self.zone).astimezone(dt.UTC)
                about = {"user_id": one["user_id"], "username": names[one["user_id"]], "created_at": at}
                rows.append(about | {"kind": SignInKind.SIGNED_IN.value})
        return rows

    def campaigns(self) -> list[dict[str, Any]]:
        owner = self.company.members["marketer"].id
        return [
            {
                "name": name,
                "channel": channel.value,
                "board_id": self.company.units[board],
                "team_id": self.company.units[board],
                "owner_id": owner,
                "starts_on": self.today - dt.timedelta(begins),
                "ends_on": self.today - dt.timedelta(ends),
                "budget": budget * 10_000,
                "cost": cost * 10_000,
            }
            for board, name, channel, begins, ends, budget, cost in _CAMPAIGNS
        ]
