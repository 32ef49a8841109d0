"""Who could be drawn for somebody's day, the first to contact on top."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from crm.analytics.contact import alive_by_rhythm, chance_to_help, value_per_minute
from crm.customers.models import Customer, CustomerGroup, CustomerScore, GroupMember, Loss, Purpose
from crm.database import frame
from crm.insight.calling import CONTACTS, CallSettings
from crm.insight.models import Call, CallState
from crm.insight.queries.calls import contacted
from crm.office.models import Activity
from crm.session import ScopedSession, through_parent

LOOKED_AT = 2000
"""Of each sort, those with the most at risk: whoever stands behind them has less to lose than the last one drawn."""

COLUMNS = ["customer_id", "p_alive", "value_at_risk", "chance", "kind", "minutes", "rank_value"]


@dataclass(frozen=True)
class Candidates:
    """The customers that one person has in a board, as of a day."""

    session: ScopedSession
    user_id: int
    board_id: int
    day: dt.date
    settings: CallSettings

    def ranked(self, *where: ColumnElement[bool], late: bool = False) -> pd.DataFrame:
        """-> customer_id, p_alive, value_at_risk, chance, kind, minutes, rank_value; the highest rank first. `late`: only those
        who are silent for longer than the mean gap between their purchases; who bought once only has none, and counts as late.

        By the newest scores; whoever has none (outside the model's population, or the board has no model) by his rhythm: what he
        spends in a year stands for his value, and P(alive) by a rule of thumb (crm.analytics.contact)."""
        scored, unscored = self._scored(*where, late=late), self._by_rhythm(*where)
        found = pd.concat([part for part in (scored, unscored) if len(part)] or [scored], ignore_index=True)
        known = self._usual_kinds()
        kind = [known.get(one, CONTACTS[0].value) for one in found["customer_id"]]
        minutes = np.array([self.settings.minutes(one) for one in kind], dtype=np.int64)
        rank = value_per_minute(found["value_at_risk"], found["chance"], minutes)
        ranked = found.assign(kind=kind, minutes=minutes, rank_value=rank)
        return ranked.sort_values(["rank_value", "customer_id"], ascending=[False, True], ignore_index=True)[COLUMNS]

    def drawable(self) -> list[ColumnElement[bool]]:
        """On customers: not drawn in this period yet, nothing planned, neither contacted nor buying lately, on no list, not given
        up as lost."""
        drawn = select(Call.id).where(Call.customer_id == Customer.id)
        put_off = and_(Call.state == CallState.SNOOZED, Call.snoozed_until >= self.day)
        drawn = drawn.where(or_(Call.drawn_on >= self.settings.period(self.day).start, put_off))
        planned = select(Activity.id).where(Activity.subject_type == "customer", Activity.subject_id == Customer.id)
        lost = select(Loss.id).where(Loss.customer_id == Customer.id, Loss.standing(Customer.last_order_on))
        rested = self.day - dt.timedelta(self.settings.rest_days)
        return [
            Customer.last_order_on <= rested,
            ~drawn.exists(),
            ~planned.where(Activity.happened_on.is_(None)).exists(),
            ~contacted(rested),
            Customer.id.not_in(_on_lists(self.day)),
            ~lost.exists(),
        ]

    @property
    def _his(self) -> ColumnElement[bool]:
        return and_(Customer.owner_id == self.user_id, Customer.board_id == self.board_id)

    def _scored(self, *where: ColumnElement[bool], late: bool) -> pd.DataFrame:
        score = CustomerScore
        query = select(Customer.id.label("customer_id"), score.p_alive, score.value_at_risk, score.expected_orders)
        query = query.join(score, score.customer_id == Customer.id).where(self._his, score.value_at_risk > 0, *where)
        query = query.where((score.T - score.recency) * score.frequency >= score.recency) if late else query
        query = query.order_by(score.value_at_risk.desc(), Customer.id).limit(LOOKED_AT)
        found = frame(self.session, through_parent(query, score))
        chance = chance_to_help(found["p_alive"], found["expected_orders"], self.settings.period_days)
        return found.drop(columns="expected_orders").assign(chance=chance)

    def _by_rhythm(self, *where: ColumnElement[bool]) -> pd.DataFrame:
        columns = Customer.first_order_on, Customer.last_order_on, Customer.order_count, Customer.order_amount
        query: Any = select(Customer.id.label("customer_id"), *columns).where(self._his, *where)
        query = query.where(Customer.order_count > 1, Customer.order_amount > 0)
        query = query.where(Customer.last_order_on > Customer.first_order_on, Customer.last_order_on <= self.day)
        scored = select(CustomerScore.id).where(CustomerScore.customer_id == Customer.id).exists()
        query = query.where(~scored).order_by(Customer.order_amount.desc(), Customer.id).limit(LOOKED_AT)
        found = frame(self.session, through_parent(query, CustomerScore))
        now = pd.Timestamp(self.day)
        first, last = pd.to_datetime(found["first_order_on"]), pd.to_datetime(found["last_order_on"])
        gap = (last - first).dt.days / (found["order_count"] - 1)
        alive = alive_by_rhythm(gap, (now - last).dt.days)
        a_year: Any = found["order_amount"] / np.maximum((now - first).dt.days / 365, 1)
        chance = chance_to_help(alive, alive * 365 / gap, self.settings.period_days)
        return found[["customer_id"]].assign(p_alive=np.nan, value_at_risk=a_year * (1 - alive), chance=chance)

    def _usual_kinds(self) -> dict[int, str]:
        """How each of his customers was contacted last: customer -> kind."""
        his = select(Customer.id).where(self._his)
        query = select(Activity.subject_id, Activity.kind, func.max(Activity.happened_on).label("day"))
        query = query.where(Activity.subject_type == "customer", Activity.subject_id.in_(his), Activity.kind.in_(CONTACTS))
        query = query.where(Activity.happened_on.is_not(None)).group_by(Activity.subject_id, Activity.kind)
        found = frame(self.session, query).sort_values("day").drop_duplicates("subject_id", keep="last")
        return dict(zip(found["subject_id"], found["kind"], strict=True))


def _on_lists(day: dt.date) -> Select[int]:
    """The customers of call lists that are still worked."""
    worked = select(CustomerGroup.id).where(CustomerGroup.purpose == Purpose.CALL_LIST, CustomerGroup.until >= day)
    return select(GroupMember.customer_id).where(GroupMember.group_id.in_(worked))


def list_members(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> pd.DataFrame:
    """Whom call lists still want of somebody, each for the list that ends first -> customer_id, group_id, until."""
    group = CustomerGroup
    query = select(GroupMember.customer_id, GroupMember.group_id, group.until).join(group, group.id == GroupMember.group_id)
    query = query.join(Customer, Customer.id == GroupMember.customer_id)
    had = select(Call.id).where(Call.customer_id == GroupMember.customer_id, Call.group_id == GroupMember.group_id)
    query = query.where(group.purpose == Purpose.CALL_LIST, group.until >= day, ~had.exists())
    query = query.where(Customer.owner_id == user_id, Customer.board_id == board_id)
    return frame(session, query.order_by(group.until, group.id)).drop_duplicates("customer_id", ignore_index=True)
