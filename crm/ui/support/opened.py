"""A case as its page has it open: the record, what it points to, what is promised, how its clocks stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from crm.support import queries
from crm.support.models import Case, CaseState
from crm.support.queries.promises import Promise
from crm.ui.desk import figures, find, load


@dataclass(frozen=True)
class Opened:
    case: Case

    @cached_property
    def ties(self) -> dict[str, Any]:
        return figures(queries.case_ties, case_id=self.case.id)

    @cached_property
    def promise(self) -> Promise:
        case = self.case
        return figures(queries.promise_for, priority=case.priority, kind=case.kind, customer_id=case.customer_id)

    @cached_property
    def clocks(self) -> pd.DataFrame:
        return load(queries.clocks_of, case_ids=(self.case.id,))

    @cached_property
    def comments(self) -> pd.DataFrame:
        return load(queries.comments, case_id=self.case.id)

    @property
    def zone(self) -> str:
        """In which moments are told: that of the calendar by which the clocks run."""
        return self.promise.zone

    @property
    def may(self) -> bool:
        return bool(self.ties["may_change"])

    @cached_property
    def waits(self) -> bool:
        """Does the customer wait for a word of ours?"""
        public = self.comments[self.comments["public"].astype(bool)]
        if public.empty:
            return self.case.answered_at is None
        return bool(public.iloc[-1]["by_customer"])

    @property
    def next_step(self) -> str | None:
        """What is right to do now: take, answer, solve, close; None where nobody has to do anything, or I may not."""
        if not self.may:
            return None
        if not self.case.is_open:
            return "close" if self.case.state == CaseState.SOLVED else None
        if self.case.owner_id is None:
            return "take"
        return "answer" if self.waits else "solve"


def version_of(case_id: int) -> int:
    """That stands in the database when it is asked."""
    found = find(queries.case, case_id)
    return found.version if found else 0
