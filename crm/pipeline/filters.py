"""What a list of opportunities can be narrowed by: one definition for the list, the board, the funnel and exports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, case, false, func, or_, select

from crm.customers.filters import matches
from crm.customers.models import Customer
from crm.office.models import Tagging
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityLine, OpportunityState, Stage, StageEvent
from crm.session import ScopedSession

Sort = Literal[
    "name",
    "number",
    "amount",
    "created_on",
    "expected_close_on",
    "closed_on",
    "stage_since",
    "last_activity_on",
    "win_probability",
    "touched_on",
]

TOUCHED: ColumnElement[Any] = case(
    (Opportunity.last_activity_on > Opportunity.stage_since, Opportunity.last_activity_on), else_=Opportunity.stage_since
)
"""The day of the last activity or move: a deal rots from here on."""

FURTHEST: ColumnElement[Any] = func.coalesce(
    select(func.max(Stage.position))
    .select_from(StageEvent)
    .join(Stage, Stage.id == StageEvent.to_stage_id)
    .where(StageEvent.opportunity_id == Opportunity.id)
    .correlate(Opportunity)
    .scalar_subquery(),
    0,
)
"""The position of the furthest stage it ever stood in, whatever way it took since."""


class OpportunityFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    """Words in the name, the number, or the customer."""
    state: tuple[str, ...] = ()
    stage_id: tuple[int, ...] = ()
    pipeline_id: tuple[int, ...] = ()
    owner_id: tuple[int, ...] = ()
    team_id: tuple[int, ...] = ()
    board_id: tuple[int, ...] = ()
    customer_id: tuple[int, ...] = ()
    source: tuple[str, ...] = ()
    product_id: tuple[int, ...] = ()
    region: tuple[str, ...] = ()
    """Of the customer."""
    industry: tuple[str, ...] = ()
    """Of the customer."""
    furthest: tuple[int, ...] = ()
    """Positions of stages, 0 = first: the furthest it ever came; who was won has come as far as any of them."""
    forecast_category: tuple[str, ...] = ()
    close_reason: tuple[str, ...] = ()
    lost_to: tuple[str, ...] = ()
    registration: tuple[str, ...] = ()
    tag_id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    import_job_id: int | None = None
    rotting: bool = False
    """Open, and untouched for longer than the stage allows."""
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    created_from: dt.date | None = None
    created_to: dt.date | None = None
    expected_from: dt.date | None = None
    expected_to: dt.date | None = None
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None

    def conditions(self, session: ScopedSession) -> list[ColumnElement[bool]]:
        """The session is asked for the stages and the day, where deals that rot are wanted."""
        found = [*self._choices(), *self._ranges()]
        found += [_mentions(word) for word in self.search.split()]
        for column, values in ((Customer.region, self.region), (Customer.industry, self.industry)):
            if values:
                found.append(_of_customer(column, values))
        if self.furthest:
            found.append(or_(Opportunity.state == OpportunityState.WON, FURTHEST.in_(self.furthest)))
        if self.tag_id:
            tagged = select(Tagging.subject_id).where(Tagging.subject_type == "opportunity", Tagging.tag_id.in_(self.tag_id))
            found.append(Opportunity.id.in_(tagged))
        if self.rotting:
            found.append(rotting(session))
        return found

    def _choices(self) -> list[ColumnElement[bool]]:
        names = ["state", "stage_id", "pipeline_id", "owner_id", "team_id", "board_id", "customer_id", "source"]
        names += ["forecast_category", "close_reason", "lost_to", "registration"]
        found = [_among(getattr(Opportunity, name), getattr(self, name)) for name in names if getattr(self, name)]
        found += [_sells(self.product_id)] if self.product_id else []
        found += [Opportunity.import_job_id == self.import_job_id] if self.import_job_id else []
        return found + ([Opportunity.id.in_(self.ids)] if self.ids else [])

    def _ranges(self) -> list[ColumnElement[bool]]:
        ranges: list[tuple[Any, Any, Any]] = [
            (Opportunity.amount, self.amount_from, self.amount_to),
            (Opportunity.created_on, self.created_from, self.created_to),
            (Opportunity.expected_close_on, self.expected_from, self.expected_to),
            (Opportunity.closed_on, self.closed_from, self.closed_to),
        ]
        lower = [values >= low for values, low, _ in ranges if low is not None]
        return lower + [values <= high for values, _, high in ranges if high is not None]


def rotting(session: ScopedSession) -> ColumnElement[bool]:
    """Each stage has its own patience, counted from the last activity or move."""
    day = today(session)
    stages = session.execute(select(Stage.id, Stage.rotting_days).where(Stage.rotting_days.is_not(None))).all()
    silent = [and_(Opportunity.stage_id == one.id, day - dt.timedelta(one.rotting_days) > TOUCHED) for one in stages]
    return and_(Opportunity.state == OpportunityState.OPEN, or_(false(), *silent))


def _sells(product_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """As the main product, or among the lines."""
    lines = select(OpportunityLine.opportunity_id).where(OpportunityLine.product_id.in_(product_ids))
    return or_(_among(Opportunity.product_id, product_ids), Opportunity.id.in_(lines))


def _of_customer(column: Any, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Without a customer it is not given either."""
    chosen = Opportunity.customer_id.in_(select(Customer.id).where(_among(column, values)))
    return or_(chosen, Opportunity.customer_id.is_(None)) if "" in values else chosen


def _among(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """An empty string or 0 among the values stands for "not given"."""
    given = [value for value in values if value not in ("", 0)]
    conditions: list[ColumnElement[bool]] = [column.in_(given)] if given else []
    return or_(*conditions, column.is_(None)) if len(given) < len(values) else and_(*conditions)


def _mentions(word: str) -> ColumnElement[bool]:
    of_customer = Opportunity.customer_id.in_(select(Customer.id).where(matches(word)))
    return or_(
        Opportunity.name.icontains(word, autoescape=True), Opportunity.number.icontains(word, autoescape=True), of_customer
    )
