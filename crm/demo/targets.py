"""What the boards of the demo company set themselves: plans of last, this and next year, split down to their people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from crm.analytics.splitting import split
from crm.catalogue.models import Product
from crm.customers.models import Order, OrderKind, OrderLine
from crm.demo.aims import AIMS, FIRST_QUARTERS, GOODS, LEADERS, MARKS, MORE, SHOP, WORTH, Aim, Teams
from crm.demo.people import MUSIC, Company
from crm.errors import Invalid
from crm.office.commands import DemoDay, put_setting, set_demo_today
from crm.office.queries import setting
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import User
from crm.staff.sign_in import actor_for
from crm.targets.commands import (
    Because,
    Cell,
    Copying,
    PlanDetails,
    Splitting,
    add_plan,
    approve_plan,
    copy_targets,
    set_targets,
    split_target,
    take_sum,
)
from crm.targets.measures import rule_of
from crm.targets.models import Measure, PeriodKind, SubjectKind, Target, TargetPlan
from crm.targets.periods import within
from crm.targets.queries import reached


def set_aims(session: ScopedSession, company: Company, today: dt.date) -> None:
    """After everything was sold, served and scored."""
    for board, username in LEADERS.items():
        leader = actor_for(session, get(session, User, company.members[username].id))
        desk = _Desk(company, board, today)
        with acting_as(leader, session) as theirs:
            last, this = desk.last_year(theirs), desk.this_year(theirs)
            desk.next_year(theirs, this)
        for plan_id, year in ((last, today.year - 1), (this, today.year)):
            with as_of(session, dt.date(year - 1, 12, 22)), acting_as(leader, session) as theirs:
                approve_plan(theirs, plan_id, get(theirs, TargetPlan, plan_id).version, Because(reason="Agreed with the board"))
        with as_of(session, today.replace(day=1) - dt.timedelta(70)), acting_as(leader, session) as theirs:
            desk.hand_over(theirs, this)


@contextmanager
def as_of(session: ScopedSession, day: dt.date) -> Iterator[None]:
    """What is done in here was done on an earlier day."""
    stood = setting(session, "demo_today") or {}
    set_demo_today(session, DemoDay(day=day))
    yield
    put_setting(session, "demo_today", stood)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the plans of a board are made."""

    company: Company
    board: str
    today: dt.date

    @property
    def board_id(self) -> int:
        return self.company.units[self.board]

    def last_year(self, session: ScopedSession) -> int:
        year = self.today.year - 1
        plan_id = self._plan(session, year)
        for aim in AIMS[self.board]:
            if aim.last is not None:
                self._from_the_top(session, plan_id, year, aim, aim.last, months=False)
        if self.board == MUSIC:
            self._from_the_bottom(session, plan_id, year)
        return plan_id

    def this_year(self, session: ScopedSession) -> int:
        year = self.today.year
        plan_id = self._plan(session, year)
        for aim in AIMS[self.board]:
            self._from_the_top(session, plan_id, year, aim, aim.this, months=aim.monthly)
        set_targets(session, plan_id, [*self._marks(year), *self._worth(year)])
        self._of_goods(session, plan_id, year)
        return plan_id

    def next_year(self, session: ScopedSession, this_id: int) -> None:
        """Begun: the quarters of this year and eight percent."""
        year = self.today.year
        plan_id = self._plan(session, year + 1)
        days = {"from_day": dt.date(year, 1, 1), "to_day": dt.date(year + 1, 1, 1)}
        more = {"period": PeriodKind.QUARTER, "periods": 4, "percent": Decimal(8), "from_plan_id": this_id}
        copy_targets(session, plan_id, Copying(measure=Measure.REVENUE, **days, **more))

    def hand_over(self, session: ScopedSession, plan_id: int) -> None:
        """A tenth of what one of the team shall still sell goes to another, who is given the customers."""
        (_, people) = next(iter(AIMS[self.board][0].teams.items()))
        gives, takes = (self.company.members[name].id for name in people[-2:])
        held = {
            (one.subject_id, one.period, one.starts_on): one
            for one in session.scalars(
                select(Target).where(
                    Target.plan_id == plan_id,
                    Target.measure == Measure.REVENUE,
                    Target.subject_kind == SubjectKind.PERSON,
                    Target.subject_id.in_((gives, takes)),
                    Target.starts_on > self.today,
                )
            )
        }
        cells = []
        for (subject_id, period, day), mine in held.items():
            if subject_id == gives:
                theirs = held[takes, period, day]
                tenth = [(value or Decimal(0)) // 10 for value in _levels(mine)]
                cells += [_cell(mine, tenth, -1), _cell(theirs, tenth, 1)]
        if cells:
            set_targets(session, plan_id, cells, Because(reason="Customers of the north were handed over"))

    # --------------------------------------------------------------------------------------------- how they come about

    def _plan(self, session: ScopedSession, year: int) -> int:
        return add_plan(session, PlanDetails(name=f"{self.board} {year}", year=year), self.board_id).id

    def _from_the_top(self, session: ScopedSession, plan_id: int, year: int, aim: Aim, percent: int, *, months: bool) -> None:
        """The year of the board, its quarters, those of the teams and of their people."""
        mine = (SubjectKind.BOARD, self.board_id)
        whole = {"measure": aim.measure, "subject_kind": SubjectKind.BOARD, "subject_ids": (self.board_id,)}
        days = {"from_day": dt.date(year - 1, 1, 1), "to_day": dt.date(year, 1, 1), "period": PeriodKind.YEAR}
        copy_targets(session, plan_id, Copying(source="actuals", **whole, **days, percent=Decimal(percent), **MORE))
        self._quarters(session, plan_id, aim, mine)
        teams = [(SubjectKind.TEAM, self.company.units[name]) for name in aim.teams]
        self._share_out(session, plan_id, aim, mine, teams, year)
        for team, people in zip(teams, aim.teams.values(), strict=True):
            members = [(SubjectKind.PERSON, one.id) for one in self.company.of(*people)]
            self._share_out(session, plan_id, aim, team, members, year)
        if months:
            quarters = _targets(session, plan_id, aim.measure, None, PeriodKind.QUARTER)
            set_targets(session, plan_id, [cell for one in quarters for cell in _split(one, _its_months(one), (1, 1, 1))])

    def _quarters(self, session: ScopedSession, plan_id: int, aim: Aim, mine: tuple[str, int]) -> None:
        (whole,) = (one.id for one in _targets(session, plan_id, aim.measure, mine, PeriodKind.YEAR))
        parts = Splitting(into="periods", grain=PeriodKind.QUARTER)
        try:
            split_target(session, whole, parts.model_copy(update={"weights": "last_year" if aim.seasonal else "equal"}))
        except Invalid:
            # With shifted dates the year before may not be over, or have nothing to show.
            split_target(session, whole, parts)

    def _share_out(
        self,
        session: ScopedSession,
        plan_id: int,
        aim: Aim,
        above: tuple[str, int],
        parts: list[tuple[SubjectKind, int]],
        year: int,
    ) -> None:
        """Half in equal parts, half by what each reached in the year before."""
        span = dt.date(year - 1, 1, 1), dt.date(year - 1, 12, 31)
        found = [max(reached(session, aim.measure, kind, one, self.board_id, *span) or 0.0, 0.0) for kind, one in parts]
        total = sum(found) or 1.0
        weights = [round(50 / len(parts) + 50 * value / total) for value in found]
        told = [{"subject_kind": kind, "subject_id": one} for kind, one in parts]
        wholes = _targets(session, plan_id, aim.measure, above, PeriodKind.QUARTER)
        set_targets(session, plan_id, [cell for whole in wholes for cell in _split(whole, told, weights)])

    def _from_the_bottom(self, session: ScopedSession, plan_id: int, year: int) -> None:
        """Quarters as everybody guessed his own, and the board as their sum."""
        board = (SubjectKind.BOARD, self.board_id)
        people = [(SubjectKind.PERSON, one.id) for one in self.company.of(*next(iter(SHOP.values())))]
        guessed = [
            (subject, day, Decimal(amount if subject != board else 0))
            for day, amount in zip(_quarters(year), FIRST_QUARTERS, strict=True)
            for subject in (board, *people)
        ]
        cells = [
            Cell(measure=Measure.REVENUE, subject_kind=kind, subject_id=one, period=PeriodKind.QUARTER, starts_on=day, base=base)
            for (kind, one), day, base in guessed
        ]
        set_targets(session, plan_id, cells)
        for whole in _targets(session, plan_id, Measure.REVENUE, board, PeriodKind.QUARTER):
            take_sum(session, whole.id, whole.version)

    def _marks(self, year: int) -> list[Cell]:
        if self.board not in MARKS:
            return []
        teams, mark = MARKS[self.board]
        about = {"measure": Measure.SATISFACTION, "period": PeriodKind.QUARTER}
        return [
            Cell.model_validate(about | {"subject_kind": kind, "subject_id": one, "starts_on": day, "base": mark})
            for kind, one in self._everybody(teams)
            for day in _quarters(year)
        ]

    def _worth(self, year: int) -> list[Cell]:
        if self.board not in WORTH:
            return []
        teams, each = WORTH[self.board]
        size = {SubjectKind.PERSON: 1, SubjectKind.BOARD: sum(map(len, teams.values()))}
        of_teams = {self.company.units[name]: len(people) for name, people in teams.items()}
        return [
            Cell(
                measure=Measure.VALUE_CHANGE,
                subject_kind=kind,
                subject_id=one,
                period=PeriodKind.QUARTER,
                starts_on=day,
                base=Decimal(each * (of_teams[one] if kind == SubjectKind.TEAM else size[kind])),
            )
            for kind, one in self._everybody(teams)
            for day in _quarters(year)
        ]

    def _everybody(self, teams: Teams) -> list[tuple[SubjectKind, int]]:
        found = [(SubjectKind.BOARD, self.board_id)]
        for name, people in teams.items():
            found.append((SubjectKind.TEAM, self.company.units[name]))
            found += [(SubjectKind.PERSON, one.id) for one in self.company.of(*people)]
        return found

    def _of_goods(self, session: ScopedSession, plan_id: int, year: int) -> None:
        """Those that sold best last year, and a tenth more."""
        span = (Order.ordered_on >= dt.date(year - 1, 1, 1), Order.ordered_on <= dt.date(year - 1, 12, 31))
        query = select(Product.id, Product.category_id).join(OrderLine, OrderLine.product_id == Product.id)
        query = query.join(Order, Order.id == OrderLine.order_id).where(Order.board_id == self.board_id, *span)
        query = query.where(Order.kind == OrderKind.SALE).group_by(Product.id, Product.category_id)
        best = session.execute(query.order_by(func.sum(OrderLine.amount).desc(), Product.id)).all()
        goods = {
            SubjectKind.PRODUCT: [row.id for row in best],
            SubjectKind.CATEGORY: list(dict.fromkeys(row.category_id for row in best if row.category_id)),
        }
        days = {"from_day": dt.date(year - 1, 1, 1), "to_day": dt.date(year, 1, 1), "period": PeriodKind.QUARTER, "periods": 4}
        for kind, ids in goods.items():
            whose = {"subject_kind": kind, "subject_ids": tuple(ids[:GOODS])}
            if ids:
                made = Copying(source="actuals", measure=Measure.REVENUE, **whose, **days, percent=Decimal(10), **MORE)
                copy_targets(session, plan_id, made)


def _quarters(year: int) -> list[dt.date]:
    return [dt.date(year, month, 1) for month in (1, 4, 7, 10)]


def _targets(
    session: ScopedSession, plan_id: int, measure: Measure, whose: tuple[str, int] | None, period: PeriodKind
) -> list[Target]:
    query = select(Target).where(Target.plan_id == plan_id, Target.measure == measure, Target.period == period)
    if whose is not None:
        query = query.where(Target.subject_kind == whose[0], Target.subject_id == whose[1])
    return list(session.scalars(query.order_by(Target.id)))


def _its_months(quarter: Target) -> list[dict[str, Any]]:
    days = within(PeriodKind.MONTH, quarter.period, quarter.starts_on)
    return [{"period": PeriodKind.MONTH, "starts_on": day} for day in days]


def _split(whole: Target, parts: Sequence[dict[str, Any]], weights: Sequence[float]) -> list[Cell]:
    """A higher level is split by what it has more than the one below it."""
    unit, lower, columns = rule_of(whole.measure).unit, Decimal(0), []
    below = [Decimal(0)] * len(parts)
    for value in _levels(whole):
        if value is not None:
            more = split(value - lower, weights, unit)
            lower, below = value, [one + two for one, two in zip(below, more, strict=True)]
        columns.append(below if value is not None else [None] * len(parts))
    about = {name: getattr(whole, name) for name in ("measure", "subject_kind", "subject_id", "period", "starts_on")}
    names = ("base", "stretch", "challenge")
    return [
        Cell.model_validate(about | part | dict(zip(names, levels, strict=True)))
        for part, levels in zip(parts, zip(*columns, strict=True), strict=True)
    ]


def _levels(target: Target) -> tuple[Decimal | None, ...]:
    return target.base, target.stretch, target.challenge


def _cell(target: Target, by: list[Decimal], sign: int) -> Cell:
    base, stretch, challenge = (
        None if value is None else value + sign * part for value, part in zip(_levels(target), by, strict=True)
    )
    names = ("measure", "subject_kind", "subject_id", "period", "starts_on", "version")
    about = {name: getattr(target, name) for name in names}
    return Cell.model_validate(about | {"base": base, "stretch": stretch, "challenge": challenge})
