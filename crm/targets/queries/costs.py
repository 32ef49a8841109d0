"""What campaigns and sales cost, month by month: the costs of the ledger."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from dateutil.relativedelta import relativedelta

from crm.session import ScopedSession
from crm.targets.models import PeriodKind
from crm.targets.periods import first_day, last_day
from crm.targets.queries.ledger_sums import Span, Sums

QUARTERS = 6


def costs_by_month(session: ScopedSession, board_id: int, until: dt.date, months: int = 12) -> pd.DataFrame:
    """The months up to that of `until` -> month (its first day), campaign, expense (what each kind cost in it)."""
    first = first_day(PeriodKind.MONTH, until)
    starts = [first - relativedelta(months=back) for back in reversed(range(months))]
    sums = Sums(session, board_id, tuple((start, last_day(PeriodKind.MONTH, start)) for start in starts))
    return pd.DataFrame({"month": starts, "campaign": sums.of_campaigns(), "expense": sums.of_sales()})


def quarters_up_to(until: dt.date, quarters: int = QUARTERS) -> tuple[Span, ...]:
    """The last one as far as it has come."""
    first = first_day(PeriodKind.QUARTER, until)
    starts = [first - relativedelta(months=3 * back) for back in reversed(range(quarters))]
    return tuple((start, min(last_day(PeriodKind.QUARTER, start), until)) for start in starts)


__all__ = ["QUARTERS", "costs_by_month", "quarters_up_to"]
