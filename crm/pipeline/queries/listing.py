"""The list of opportunities and the board: filtered, sorted, counted and cut in SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import numpy as np
import pandas as pd
from sqlalchemy import case, func, select, type_coerce
from sqlalchemy.orm import aliased

from crm.catalogue.models import Product
from crm.customers.models import Customer
from crm.customers.queries.orders import by_currency
from crm.database import Money, frame
from crm.office.queries import today
from crm.pipeline.filters import TOUCHED, OpportunityFilter, Sort
from crm.pipeline.models import Opportunity, OpportunityState, Stage
from crm.pipeline.queries.stages import stages
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, User

ANY = OpportunityFilter()
OPEN = OpportunityState.OPEN
_FEW = 400
"""Open deals that are sorted in one go."""

CHANCE: Any = case(
    (Opportunity.state == OpportunityState.WON, 1.0),
    (Opportunity.state == OpportunityState.LOST, 0.0),
    else_=func.coalesce(Opportunity.win_probability, Stage.probability),
)
"""By the model, or else as the firm set it for the stage; 1 and 0 once it is decided."""

WEIGHTED: Any = type_coerce(func.sum(Opportunity.amount * CHANCE), Money)

_board = aliased(OrgUnit)


def opportunity_list(
    session: ScopedSession,
    where: OpportunityFilter = ANY,
    sort: Sort = "created_on",
    descending: bool = True,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """One page -> id, number, name, customer_id, customer, pipeline_id, stage_id, stage, stage_name, stage_name_zh, state,
    amount, currency, probability, forecast_category, expected_close_on, closed_on, close_reason, owner_id, owner, unit,
    product, source, created_on, stage_since, last_activity_on, silent_days, rotting, version."""
    order = _order(sort, descending)
    chosen = select(Opportunity.id).where(*where.conditions(session)).order_by(*order)
    return _shown(session, list(session.scalars(chosen.limit(size).offset((page - 1) * size))))


def stuck(session: ScopedSession, where: OpportunityFilter = ANY, limit: int = 50) -> pd.DataFrame:
    """Open deals that were untouched for longer than their stage allows, longest first -> columns of `opportunity_list`."""
    return opportunity_list(session, where.model_copy(update={"rotting": True}), "touched_on", False, size=limit)


def totals(session: ScopedSession, where: OpportunityFilter = ANY) -> dict[str, Any]:
    """-> opportunities, open, won, lost, and by currency: amounts, weighted (amount x chance to win), won_amounts."""
    deals = func.count(Opportunity.id)
    amount = func.sum(Opportunity.amount)
    query = select(Opportunity.board_id, Opportunity.state, deals, amount, WEIGHTED).join(Stage, Stage.id == Opportunity.stage_id)
    rows = session.execute(query.where(*where.conditions(session)).group_by(Opportunity.board_id, Opportunity.state)).all()
    counts = {state.value: sum(row[2] for row in rows if row[1] == state) for state in OpportunityState}
    sums = [_sums(session, [(row[0], row[position]) for row in chosen]) for chosen, position in _asked(rows)]
    named = dict(zip(("amounts", "weighted", "won_amounts"), sums, strict=True))
    return {"opportunities": sum(counts.values()), **counts, **named}


def _asked(rows: Any) -> list[tuple[list[Any], int]]:
    return [(list(rows), 3), (list(rows), 4), ([row for row in rows if row[1] == OpportunityState.WON], 3)]


def _sums(session: ScopedSession, amounts: list[tuple[int, Any]]) -> dict[str, float]:
    by_board: dict[int, float] = {}
    for board_id, amount in amounts:
        by_board[board_id] = by_board.get(board_id, 0.0) + float(amount or 0)
    return by_currency(session, by_board)


def opportunity_ids(session: ScopedSession, where: OpportunityFilter, limit: int = 10_000) -> list[int]:
    """The ids that the filter finds, for actions on all of them."""
    return list(session.scalars(select(Opportunity.id).where(*where.conditions(session)).order_by(Opportunity.id).limit(limit)))


def export_rows(session: ScopedSession, where: OpportunityFilter = ANY, limit: int = 200_000) -> pd.DataFrame:
    """All rows of the list, for a file -> columns of `opportunity_list`."""
    query = _columns().where(*where.conditions(session)).order_by(Opportunity.id).limit(limit)
    return _with_silence(session, frame(session, query))


@dataclass(frozen=True)
class Board:
    """A pipeline by its stages."""

    stages: pd.DataFrame
    """columns of `stages`, and deals, amounts {currency: sum}, weighted {currency: sum}"""
    cards: pd.DataFrame
    """The first of each stage, largest first: columns of `opportunity_list`, and place (1, 2, ...)"""


def board(session: ScopedSession, pipeline_id: int, where: OpportunityFilter = ANY, cards: int = 20) -> Board:
    """The open deals of a pipeline: totals of each stage, and its largest deals."""
    here = [Opportunity.pipeline_id == pipeline_id, *where.model_copy(update={"state": (OPEN,)}).conditions(session)]
    counted = (func.count(Opportunity.id), func.sum(Opportunity.amount), WEIGHTED)
    query = select(Opportunity.stage_id, Opportunity.board_id, *counted).join(Stage, Stage.id == Opportunity.stage_id)
    rows = session.execute(query.where(*here).group_by(Opportunity.stage_id, Opportunity.board_id)).all()
    columns = stages(session, pipeline_id)
    found = [[row for row in rows if row[0] == stage_id] for stage_id in columns["id"]]
    deals = [sum(row[2] for row in of_stage) for of_stage in found]
    held = columns.assign(
        deals=deals,
        amounts=pd.Series([_sums(session, [(row[1], row[3]) for row in of_stage]) for of_stage in found], dtype="object"),
        weighted=pd.Series([_sums(session, [(row[1], row[4]) for row in of_stage]) for of_stage in found], dtype="object"),
    )
    first = _largest(session, here, dict(zip(columns["id"].tolist(), deals, strict=True)), cards)
    shown = _shown(session, first)
    return Board(held, shown.assign(place=np.array(_places(shown["stage_id"].tolist()), dtype="int64")))


def _places(stage_ids: list[int]) -> list[int]:
    """1, 2, ... within each stage."""
    met: Counter[int] = Counter()
    places = []
    for stage_id in stage_ids:
        met[stage_id] += 1
        places.append(met[stage_id])
    return places


def _largest(session: ScopedSession, here: list[Any], deals: dict[int, int], cards: int) -> list[int]:
    """Stage -> its number of deals. Few are sorted here; of many each stage is asked along its index."""
    largest = (Opportunity.amount.desc(), Opportunity.id.desc())
    if sum(deals.values()) <= _FEW:
        found = session.execute(select(Opportunity.stage_id, Opportunity.id).where(*here).order_by(*largest)).all()
        by_stage = [[one for of_stage, one in found if of_stage == stage_id][:cards] for stage_id in deals]
    else:
        query = select(Opportunity.id).where(*here).order_by(*largest).limit(cards)
        by_stage = [
            list(session.scalars(query.where(Opportunity.stage_id == stage_id))) for stage_id, some in deals.items() if some
        ]
    return [one for of_stage in by_stage for one in of_stage]


def _order(sort: str, descending: bool) -> list[Any]:
    if sort not in get_args(Sort):
        sort = "created_on"
    column: Any = TOUCHED if sort == "touched_on" else getattr(Opportunity, sort)
    first = column.desc().nulls_last() if descending else column.asc().nulls_last()
    return [first, Opportunity.id.desc() if descending else Opportunity.id]


@cache
def _columns() -> Any:
    return (
        select(
            Opportunity.id,
            Opportunity.number,
            Opportunity.name,
            Opportunity.customer_id,
            Customer.name.label("customer"),
            Opportunity.pipeline_id,
            Opportunity.stage_id,
            Stage.code.label("stage"),
            Stage.name.label("stage_name"),
            Stage.name_zh.label("stage_name_zh"),
            Opportunity.state,
            Opportunity.amount,
            _board.currency.label("currency"),
            CHANCE.label("probability"),
            Opportunity.forecast_category,
            Opportunity.expected_close_on,
            Opportunity.closed_on,
            Opportunity.close_reason,
            Opportunity.owner_id,
            User.name.label("owner"),
            OrgUnit.name.label("unit"),
            Product.name.label("product"),
            Opportunity.source,
            Opportunity.created_on,
            Opportunity.stage_since,
            Opportunity.last_activity_on,
            TOUCHED.label("touched_on"),
            Stage.rotting_days,
            Opportunity.version,
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(_board, _board.id == Opportunity.board_id)
        .outerjoin(User, User.id == Opportunity.owner_id)
        .outerjoin(OrgUnit, OrgUnit.id == Opportunity.team_id)
        .outerjoin(Product, Product.id == Opportunity.product_id)
    )


def _shown(session: ScopedSession, ids: list[int]) -> pd.DataFrame:
    """The rows of these ids, in their order."""
    found = _with_silence(session, frame(session, _columns().where(Opportunity.id.in_(ids))))
    place = {one: place for place, one in enumerate(ids)}
    places = [place[one] for one in found["id"].tolist()]
    return found.take(np.argsort(places, kind="stable")).reset_index(drop=True)


def _with_silence(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    """`silent_days`: since the last activity or move; `rotting`: longer than the stage allows; empty and False once closed."""
    day: dt.date = today(session)
    states, touched, patience = (found[name].tolist() for name in ("state", "touched_on", "rotting_days"))
    silent = [(day - since).days if state == OPEN else None for state, since in zip(states, touched, strict=True)]
    rotting = [_longer(days, most) for days, most in zip(silent, patience, strict=True)]
    shown = found.drop(columns=["touched_on", "rotting_days"])
    return shown.assign(silent_days=pd.array(silent, dtype="Int64"), rotting=np.array(rotting, dtype=bool))


def _longer(days: int | None, patience: float | None) -> bool:
    """NaN, which stands for no patience among numbers, is exceeded by none."""
    return days is not None and patience is not None and days > patience
