"""What runs on a schedule: name -> function of a day, the same result however often it runs for that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from crm.access import SYSTEM
from crm.customers.commands import refresh_base
from crm.database import analyze
from crm.office.queries import today
from crm.session import open_as


def scores(day: dt.date | None = None) -> dict[str, int]:
    """Summaries, life cycle, RFM, ratings and classes of all customers."""
    with open_as(SYSTEM) as session:
        refreshed = refresh_base(session, day or today(session))
    analyze()
    return refreshed


JOBS: dict[str, Callable[[dt.date | None], dict[str, int]]] = {"scores": scores}
