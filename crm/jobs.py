"""What runs on a schedule: name -> function of a day, the same result however often it runs for that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from crm.access import SYSTEM
from crm.customers.commands import refresh_base, take_snapshot, thin_snapshots
from crm.database import analyze
from crm.insight.commands import boards, draw_calls, score_boards, snapshot_of
from crm.insight.queries.calls import callers
from crm.office.queries import today
from crm.session import open_as
from crm.support.commands import escalate


def scores(day: dt.date | None = None) -> dict[str, int]:
    """Model scores, summaries, life cycle, RFM, ratings and classes of all customers, and their snapshot of the day.

    For an earlier day the snapshot alone, from the orders up to then: what is current stays. Each step commits by itself, so that
    people can write in between."""
    with open_as(SYSTEM) as session:
        now = today(session)
        board_ids = boards(session)
    if day is not None and day < now:
        with open_as(SYSTEM) as session:
            return {"snapshot": snapshot_of(session, day)}
    with open_as(SYSTEM) as session:
        found = score_boards(session, board_ids, day or now).values()
        done = {"modelled": sum(len(one.scores) for one in found), "unmodelled_boards": sum(one.run is None for one in found)}
        del found
    with open_as(SYSTEM) as session:
        done |= refresh_base(session, day or now)
    with open_as(SYSTEM) as session:
        done["snapshot"] = take_snapshot(session, day or now)
        thin_snapshots(session, day or now)
    analyze()
    return done


def calls(day: dt.date | None = None) -> dict[str, int]:
    """Everybody's calls of the day, as if each had opened the page; who has drawn already keeps what he has."""
    with open_as(SYSTEM) as session:
        day = day or today(session)
        people = [(one, board_id) for board_id in boards(session) for one in callers(session, board_id)]
    drawn = 0
    for user_id, board_id in people:
        with open_as(SYSTEM) as session:
            drawn += draw_calls(session, user_id, board_id, day)
    return {"people": len(people), "drawn": drawn}


def escalations(day: dt.date | None = None) -> dict[str, int]:
    """Leads and managers are told of the cases whose time runs out now; whoever was told is not told again. For an earlier day
    there is nothing to do."""
    with open_as(SYSTEM) as session:
        told = escalate(session) if day is None or day >= today(session) else 0
    return {"told": told}


JOBS: dict[str, Callable[[dt.date | None], dict[str, int]]] = {"scores": scores, "calls": calls, "escalations": escalations}
