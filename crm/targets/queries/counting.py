"""How each measure is counted from its rows: one description for sums, days and the rows themselves.

Who is credited: the seller of an order, or else whoever has the customer; the owner of a deal, a contract, a case; whoever has
the customer for receipts and first orders; who did an activity; the owner of the case for satisfaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Float, func, literal, select

from crm.access import Actor, Reach
from crm.contracts.models import Contract, ContractState, Receipt
from crm.customers.models import Customer, Order, OrderLine
from crm.database import Instant
from crm.office.models import Activity
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import through_parent
from crm.staff.models import User
from crm.support.filters import beginning
from crm.support.models import Case, FeedbackInvitation, SurveyAnswer
from crm.targets.models import Measure


@dataclass(frozen=True)
class Count:
    """`kind`: the rows; `value`: what each brings (money stays Money); `day`: when; `person`, `team`, `board`: to whom; without
    a board it is that of the person."""

    kind: Any
    value: Any
    day: Any
    person: Any
    team: Any
    board: Any
    title: Any
    customer: Any
    joins: tuple[tuple[Any, Any, bool], ...] = ()
    """class, condition, outer"""
    where: tuple[Any, ...] = ()
    parts: tuple[Any, ...] = ()
    """Those of the classes that are limited by the parent they are joined with; not those that ask for more than its sight."""
    product: Any = None
    """Of the goods that are counted, where they are."""
    listed: tuple[Any, ...] = ()
    """Further parts of the joined parent: whoever has a few parents finds them sooner by a list of these."""

    def span(self, since: dt.date, until: dt.date) -> list[ColumnElement[bool]]:
        """From day to day; moments by UTC days."""
        if isinstance(self.day.type, Instant):
            return [self.day >= beginning(since), self.day < beginning(until + dt.timedelta(1))]
        return [self.day >= since, self.day <= until]

    def select(self, *columns: Any) -> Any:
        query = select(*columns).select_from(self.kind)
        for kind, condition, outer in self.joins:
            query = query.join(kind, condition, isouter=outer)
        query = query.where(*self.where)
        return through_parent(query, *self.parts) if self.parts else query

    def widely(self, query: Any, actor: Actor) -> Any:
        """The statement of `select` without such a list where the actor sees more than his own."""
        kinds = (*self.parts, *self.listed)
        return through_parent(query, *kinds) if self.listed and actor.grant("customers").see > Reach.OWN else query

    def starts(self, day: dt.date) -> Any:
        """A day as the column of days is compared with."""
        return beginning(day) if isinstance(self.day.type, Instant) else day

    @property
    def by_day(self) -> Any:
        return func.date(self.day) if isinstance(self.day.type, Instant) else self.day


_OF_ORDER = ((Customer, Customer.id == Order.customer_id, False),)
_SELLER = func.coalesce(Order.seller_id, Customer.owner_id)
_ONE: Any = literal(1.0, Float)

COUNTS: dict[Measure, Count] = {
    Measure.REVENUE: Count(
        Order,
        Order.amount,
        Order.ordered_on,
        _SELLER,
        Customer.team_id,
        Order.board_id,
        Order.number,
        Order.customer_id,
        _OF_ORDER,
        listed=(Order,),
    ),
    Measure.WON: Count(
        Opportunity,
        Opportunity.amount,
        Opportunity.closed_on,
        Opportunity.owner_id,
        Opportunity.team_id,
        Opportunity.board_id,
        Opportunity.name,
        Opportunity.customer_id,
        where=(Opportunity.state == OpportunityState.WON,),
        product=Opportunity.product_id,
    ),
    Measure.RECEIPTS: Count(
        Receipt,
        Receipt.amount,
        Receipt.received_on,
        Customer.owner_id,
        Customer.team_id,
        Receipt.board_id,
        Receipt.reference,
        Receipt.customer_id,
        ((Customer, Customer.id == Receipt.customer_id, False),),
    ),
    Measure.CONTRACTS: Count(
        Contract,
        _ONE,
        Contract.signed_on,
        Contract.owner_id,
        Contract.team_id,
        Contract.board_id,
        Contract.name,
        Contract.customer_id,
        where=(Contract.state != ContractState.DRAFT,),
    ),
    Measure.NEW_CUSTOMERS: Count(
        Customer,
        _ONE,
        Customer.first_order_on,
        Customer.owner_id,
        Customer.team_id,
        Customer.board_id,
        Customer.name,
        Customer.id,
    ),
    Measure.ACTIVITIES: Count(
        Activity,
        _ONE,
        Activity.happened_on,
        Activity.author_id,
        User.unit_id,
        None,
        Activity.topic,
        literal(None),
        ((User, User.id == Activity.author_id, False),),
    ),
    Measure.CASES: Count(Case, _ONE, Case.solved_at, Case.owner_id, Case.team_id, Case.board_id, Case.subject, Case.customer_id),
    Measure.SATISFACTION: Count(
        SurveyAnswer,
        SurveyAnswer.csat,
        SurveyAnswer.at,
        Case.owner_id,
        FeedbackInvitation.team_id,
        Customer.board_id,
        Case.subject,
        FeedbackInvitation.customer_id,
        (
            (FeedbackInvitation, FeedbackInvitation.id == SurveyAnswer.invitation_id, False),
            (Customer, Customer.id == FeedbackInvitation.customer_id, False),
            (Case, Case.id == FeedbackInvitation.case_id, True),
        ),
        parts=(SurveyAnswer,),
    ),
}
"""All but the change of value, which is told from two days (crm.targets.queries.value)."""

BY_LINE = Count(
    OrderLine,
    OrderLine.amount,
    Order.ordered_on,
    _SELLER,
    Customer.team_id,
    Order.board_id,
    Order.number,
    Order.customer_id,
    ((Order, Order.id == OrderLine.order_id, False), (Customer, Customer.id == Order.customer_id, False)),
    parts=(OrderLine,),
    product=OrderLine.product_id,
    listed=(Order,),
)
"""Revenue by goods: of the lines of orders, where they name a product."""


def count_of(measure: str, goods: bool = False) -> Count:
    return BY_LINE if goods and measure == Measure.REVENUE else COUNTS[Measure(measure)]
