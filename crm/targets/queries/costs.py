"""What campaigns and sales cost, month by month: the costs of the ledger."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from dateutil.relativedelta import relativedelta

from crm.session import ScopedSession
from crm.targets.models import PeriodKind
from crm.targets.periods import first_day, last_day
from crm.targets.queries.ledger import ledger
from crm.targets.queries.ledger_rows import cost_rows

QUARTERS = 6


def costs_by_month(session: ScopedSession, board_id: int, until: dt.date, months: int = 12) -> pd.DataFrame:
    """The months up to that of `until` -> month (its first day), campaign, expense (what each kind cost in it)."""
    first = first_day(PeriodKind.MONTH, until)
    starts = [first - relativedelta(months=back) for back in reversed(range(months))]
    rows = []
    for start in starts:
        found = cost_rows(session, board_id, start, last_day(PeriodKind.MONTH, start))
        sums = found.groupby("what")["value"].sum()
        rows.append((start, float(sums.get("campaign", 0.0)), float(sums.get("expense", 0.0))))
    return pd.DataFrame(rows, columns=["month", "campaign", "expense"])


def ledger_by_quarter(session: ScopedSession, board_id: int, until: dt.date, quarters: int = QUARTERS) -> pd.DataFrame:
    """The quarters up to that of `until`, the last one as far as it has come -> starts_on and the columns of `ledger`."""
    first = first_day(PeriodKind.QUARTER, until)
    starts = [first - relativedelta(months=3 * back) for back in reversed(range(quarters))]
    parts = [
        ledger(session, board_id, start, min(last_day(PeriodKind.QUARTER, start), until)).assign(starts_on=start)
        for start in starts
    ]
    return pd.concat(parts, ignore_index=True)


__all__ = ["QUARTERS", "costs_by_month", "ledger_by_quarter"]
