"""Where a figure leads: the filter of the list that shows exactly its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel

from crm.contracts.models import ContractState
from crm.contracts.queries.contracts import ContractFilter
from crm.contracts.queries.receipts import ReceiptFilter
from crm.customers.filters import CustomerFilter
from crm.customers.queries.orders import OrderFilter
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import OpportunityState
from crm.session import ScopedSession
from crm.support.filters import CaseFilter
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries.actuals import GOODS
from crm.targets.queries.subjects import UNITS, Subjects

SIGNED = (ContractState.RUNNING.value, ContractState.ENDED.value, ContractState.TERMINATED.value)

_OWNED: dict[Measure, tuple[type[BaseModel], str, dict[str, Any]]] = {
    Measure.WON: (OpportunityFilter, "closed", {"state": (OpportunityState.WON.value,)}),
    Measure.CONTRACTS: (ContractFilter, "signed", {"state": SIGNED}),
    Measure.NEW_CUSTOMERS: (CustomerFilter, "first_order", {}),
    Measure.CASES: (CaseFilter, "solved", {}),
}
"""Lists of what has an owner: the filter, the name of its days, what else holds."""
_OF_BOARD: dict[Measure, tuple[type[BaseModel], str]] = {
    Measure.REVENUE: (OrderFilter, "ordered"),
    Measure.RECEIPTS: (ReceiptFilter, "received"),
}
"""Lists that know no owner: they show what a whole board has."""


def leads_to(
    session: ScopedSession, measure: str, kind: str, subject_id: int, board_id: int, since: dt.date, until: dt.date
) -> BaseModel | None:
    """The filter of the list that belongs to the measure (of orders, receipts, opportunities, contracts, customers, cases); None
    where no list can show just these rows: then `rows_of` does. Of units the owners are named who work in them now."""
    asked = Measure(measure)
    if asked in _OF_BOARD and kind == SubjectKind.BOARD:
        form, name = _OF_BOARD[asked]
        board: Any = (board_id,) if form is ReceiptFilter else board_id
        return form.model_validate({f"{name}_from": since, f"{name}_to": until, "board_id": board})
    if asked not in _OWNED or kind in GOODS:
        return None
    form, name, further = _OWNED[asked]
    whose = {} if kind == SubjectKind.BOARD else {"owner_id": _owners(session, kind, subject_id)}
    return form.model_validate({f"{name}_from": since, f"{name}_to": until, "board_id": (board_id,), **whose, **further})


def _owners(session: ScopedSession, kind: str, subject_id: int) -> tuple[int, ...]:
    if kind not in UNITS:
        return (subject_id,)
    subjects = Subjects.of(session)
    units = subjects.below(subject_id)
    return tuple(sorted(one for one, (_, unit) in subjects.people.items() if unit in units))
