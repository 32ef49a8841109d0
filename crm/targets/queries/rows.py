"""The rows behind a figure, a page of them at a time, with the names of those they belong to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.customers.models import Customer
from crm.session import ScopedSession
from crm.targets.queries.actuals import GOODS, of_subject, rows_of
from crm.targets.queries.counting import count_of
from crm.targets.queries.subjects import Subjects


def named_rows(
    session: ScopedSession,
    measure: str,
    kind: str,
    subject_id: int,
    board_id: int,
    since: dt.date,
    until: dt.date,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """A page of `rows_of` -> its columns, and customer, person (names, as far as I may see them)."""
    asked = (measure, kind, subject_id, board_id, since, until)
    found = rows_of(session, *asked, limit=size, offset=(page - 1) * size)
    known = found["customer_id"].dropna().astype("int64").unique().tolist()
    query = select(Customer.id, Customer.name).where(Customer.id.in_(known))
    customers = {row[0]: row[1] for row in session.execute(query)} if known else {}
    people = Subjects.of(session).people
    return found.assign(
        customer=found["customer_id"].map(customers).astype("object"),
        person=found["person_id"].map({one: name for one, (name, _) in people.items()}).astype("object"),
    )


def row_totals(
    session: ScopedSession, measure: str, kind: str, subject_id: int, board_id: int, since: dt.date, until: dt.date
) -> dict[str, float]:
    """Of all those rows -> count, amount (the sum of what each brings)."""
    told = count_of(measure, kind in GOODS)
    whose = of_subject(Subjects.of(session), told, kind, subject_id, board_id)
    sums: Any = (func.count(told.kind.id), func.sum(told.value))
    count, amount = session.execute(told.select(*sums).where(*told.span(since, until), *whose)).one()
    return {"count": float(count), "amount": float(amount or 0)}


__all__ = ["named_rows", "row_totals"]
