"""What runs on a schedule: name -> function of a day, the same result however often it runs for that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from crm.access import SYSTEM
from crm.contracts.commands import end_expired, recycle_board
from crm.contracts.queries import reminders as of_contracts
from crm.customers.commands import refresh_base, take_snapshot, thin_snapshots
from crm.customers.queries import reminders as of_customers
from crm.database import analyze
from crm.insight.commands import boards, draw_calls, score_boards, snapshot_of
from crm.insight.queries.calls import callers
from crm.marketing.commands import nurture_new, refresh_scores
from crm.marketing.commands.recycling import RECYCLE, WAIT, WARN
from crm.marketing.queries import pool_rules
from crm.marketing.queries import reminders as of_leads
from crm.office.commands import remind, sweep_documents
from crm.office.models import NoticeTopic
from crm.office.queries import reminder_rules, today
from crm.office.queries.due import due_reminders
from crm.office.reminding import Reminder
from crm.pipeline.commands.forecasting import keep_forecast, keep_snapshot
from crm.pipeline.commands.scoring import score_deals
from crm.pipeline.queries import reminders as of_deals
from crm.session import ScopedSession, open_as
from crm.support.commands import escalate
from crm.support.queries import reminders as of_cases
from crm.targets.queries import reminders as of_targets


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


def leads(day: dt.date | None = None) -> dict[str, int]:
    """The scores of all open leads, which change as time passes; new ones start the plan that suits them."""
    with open_as(SYSTEM) as session:
        rescored = refresh_scores(session, day or today(session))
        return {"rescored": rescored, "nurtured": sum(nurture_new(session, board_id) for board_id in boards(session))}


def recycle(day: dt.date | None = None) -> dict[str, int]:
    """Warnings, and what was silent for too long into the public pool, on each board that recycles."""
    with open_as(SYSTEM) as session:
        day = day or today(session)
        rules = {board_id: pool_rules(session, board_id) for board_id in boards(session)}
    done = {"warned": 0, "recycled": 0, "waiting": 0}
    for board_id in [board_id for board_id, of_board in rules.items() if of_board.recycles]:
        with open_as(SYSTEM) as session:
            actions = recycle_board(session, board_id, day)["action"]
        for name, action in (("warned", WARN), ("recycled", RECYCLE), ("waiting", WAIT)):
            done[name] += int((actions == action).sum())
    return done


def deals(day: dt.date | None = None) -> dict[str, int]:
    """The chance of every open deal with its reasons, by the model of its board; for today alone."""
    with open_as(SYSTEM) as session:
        board_ids = boards(session) if day in (None, today(session)) else []
    done = {"open": 0, "modelled": 0}
    for board_id in board_ids:
        with open_as(SYSTEM) as session:
            done = {name: done[name] + count for name, count in score_deals(session, board_id).items()}
    return done


def forecast(day: dt.date | None = None) -> dict[str, int]:
    """The deals and the forecasts of all boards as they stand, kept once a week; of an earlier day nothing can be told."""
    with open_as(SYSTEM) as session:
        if day not in (None, today(session)):
            return {"deals": 0, "forecasts": 0}
        kept = keep_snapshot(session)
        return {"deals": kept, "forecasts": sum(keep_forecast(session, board_id) for board_id in boards(session))}


def contracts(day: dt.date | None = None) -> dict[str, int]:
    """Running contracts whose last day is past are ended."""
    with open_as(SYSTEM) as session:
        return {"ended": end_expired(session, day or today(session))}


def escalations(day: dt.date | None = None) -> dict[str, int]:
    """Leads and managers are told of the cases whose time runs out now; whoever was told is not told again. For an earlier day
    there is nothing to do."""
    with open_as(SYSTEM) as session:
        told = escalate(session) if day is None or day >= today(session) else 0
    return {"told": told}


def documents(day: dt.date | None = None) -> dict[str, int]:
    """Files that hang on no record any more, and on none that was taken away lately, leave the disk."""
    with open_as(SYSTEM) as session:
        return {"removed": sweep_documents(session)}


REMINDERS: dict[NoticeTopic, Callable[[ScopedSession, dt.date, int], list[Reminder]]] = {
    NoticeTopic.ACTIVITY_DUE: due_reminders,
    NoticeTopic.BIRTHDAY: of_customers.birthdays,
    NoticeTopic.CUSTOMER_SILENT: of_customers.silent,
    NoticeTopic.SERVICE_ENDS: of_customers.ending_services,
    NoticeTopic.RECEIPT_DUE: of_contracts.receipts_due,
    NoticeTopic.CONTRACT_ENDS: of_contracts.ending,
    NoticeTopic.SECOND_FOLLOW_UP: of_leads.second_follow_ups,
    NoticeTopic.CLOSE_DAY_PASSED: of_deals.passed_close_days,
    NoticeTopic.CASE_ESCALATED: of_cases.escalated,
    NoticeTopic.TARGET_BEHIND: of_targets.behind,
    NoticeTopic.PERSON_SILENT: of_targets.silent,
}


def reminders(day: dt.date | None = None) -> dict[str, int]:
    """Everybody is told what is due, and whoever leads him what stays undone; what is settled is put away. For today alone."""
    done = {"told": 0, "passed_up": 0, "settled": 0}
    with open_as(SYSTEM) as session:
        now, rules = today(session), reminder_rules(session)
    for topic, find in REMINDERS.items() if day in (None, now) else ():
        with open_as(SYSTEM) as session:
            told = remind(session, topic, find(session, now, rules[topic].before), now)
        done = {name: count + told[name] for name, count in done.items()}
    return done


JOBS: dict[str, Callable[[dt.date | None], dict[str, int]]] = {
    "scores": scores,
    "calls": calls,
    "leads": leads,
    "recycle": recycle,
    "contracts": contracts,
    "deals": deals,
    "forecast": forecast,
    "escalations": escalations,
    "documents": documents,
    "reminders": reminders,
}
