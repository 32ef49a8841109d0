"""What must close so that a target is met: the open deals by what they are expected to bring."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import false, select

from crm.analytics.attainment import must_close
from crm.customers.models import Customer
from crm.database import frame
from crm.errors import Invalid
from crm.office.queries import today
from crm.pipeline.models import Opportunity, Stage
from crm.session import ScopedSession
from crm.staff.models import User
from crm.targets.models import Measure
from crm.targets.queries.actuals import of_subject
from crm.targets.queries.attainment import attainment
from crm.targets.queries.counting import count_of
from crm.targets.queries.open_deals import open_deals
from crm.targets.queries.plans import TargetFilter, plan, targets
from crm.targets.queries.subjects import Subjects

FROM_DEALS = (Measure.WON, Measure.REVENUE)
"""What open deals bring, sooner or later."""


def what_must_close(
    session: ScopedSession, target_id: int, level: str = "base", limit: int = 50, *, actual: float | None = None
) -> pd.DataFrame:
    """Open deals that count for the subject of a target and are due in its period (or overdue), by amount x chance, largest
    first -> id, name, customer, owner, stage, amount, probability, expected_close_on, contribution, covered (the sum so far),
    needed (the deals that are enough to cover what is missing to the level). In attrs: gap, expected (of all of them), enough.
    `actual`: what is reached, where that is known already.

    Raises Invalid for measures that no deal brings."""
    where = TargetFilter(ids=(target_id,))
    told = attainment(session, where) if actual is None else targets(session, where).assign(actual=actual)
    if told.empty:
        raise Invalid("There is no such target.")
    one = told.iloc[0]
    if one["measure"] not in FROM_DEALS:
        raise Invalid("No open deal brings {measure}.", measure=one["measure"])
    wanted = one[level] if one[level] == one[level] and one[level] is not None else one["base"]
    gap = max(float(wanted) - float(one["actual"] if one["actual"] == one["actual"] else 0.0), 0.0)
    deals = _due(session, one, today(session))
    contribution = deals["amount"] * deals["probability"]
    ordered = deals.assign(contribution=contribution).sort_values(
        ["contribution", "opportunity_id"], ascending=[False, True], ignore_index=True
    )
    enough = must_close(ordered["contribution"], gap)
    ordered = ordered.assign(covered=ordered["contribution"].cumsum(), needed=np.arange(len(ordered)) < enough)
    expected = float(ordered["contribution"].sum())
    shown = _named(session, ordered.head(max(limit, enough)))
    shown.attrs.update(gap=gap, expected=expected, enough=expected >= gap)
    return shown


def _due(session: ScopedSession, one: pd.Series[Any], day: dt.date) -> pd.DataFrame:
    """Once the period has begun also what was expected before it."""
    board_id = plan(session, int(one["plan_id"])).board_id
    subject = (str(one["subject_kind"]), int(one["subject_id"]))
    mine = of_subject(Subjects.of(session), count_of(Measure.WON), *subject, board_id)
    day_of = Opportunity.expected_close_on
    since = [] if one["starts_on"] <= day else [day_of >= one["starts_on"]]
    over = [false()] if one["ends_on"] < day else []
    return open_deals(session, *mine, day_of <= one["ends_on"], *since, *over)


def _named(session: ScopedSession, deals: pd.DataFrame) -> pd.DataFrame:
    query = select(Opportunity.id, Opportunity.name, Customer.name.label("customer"), User.name.label("owner"))
    query = query.add_columns(Stage.code.label("stage")).join(Stage, Stage.id == Opportunity.stage_id)
    query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id).outerjoin(User, User.id == Opportunity.owner_id)
    names = frame(session, query.where(Opportunity.id.in_(deals["opportunity_id"].tolist())))
    told = deals.merge(names, left_on="opportunity_id", right_on="id")
    columns = ["id", "name", "customer", "owner", "stage", "amount", "probability", "expected_close_on"]
    return told[[*columns, "contribution", "covered", "needed"]]
