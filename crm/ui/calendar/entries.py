"""The days of several areas as one list: activities, visits of service, money that is due, contracts that end."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from crm.access import Reach
from crm.contracts.models import ContractState
from crm.contracts.queries import ends_between, receipts_between
from crm.office.queries import calendar_entry, calendar_rows
from crm.session import ScopedSession
from crm.support.models import VisitState
from crm.support.queries import visits_between
from crm.targets.queries.calendar import firm_zone
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import missing, money

GROUPS = {
    "call": "call",
    "visit": "directions_walk",
    "meeting": "groups",
    "message": "mail",
    "task": "task_alt",
    "service": "build",
    "contract": "contract",
}
"""Which kinds of entries there are, and the icon of each; their colours: crm.charts.theme.MEANINGS["entry"]."""

OF_KIND = {"call": "call", "visit": "visit", "meeting": "meeting", "email": "message", "message": "message"}
"""Activities of the other kinds are tasks."""

COLUMNS: tuple[str, ...] = (
    "id",
    "group",
    "kind",
    "title",
    "name",
    "day",
    "starts_at",
    "minutes",
    "done",
    "who_id",
    "who",
    "place",
    "about",
)
COLUMNS += ("checked", "author_id", "record_type", "record_id", "version", "amount", "currency")


def entries(
    session: ScopedSession, since: dt.date, until: dt.date, people: tuple[int, ...] | None = None, groups: tuple[str, ...] = ()
) -> pd.DataFrame:
    """-> id (its letter and its number: a12), group, kind (code), title (None = its kind says it), name (of the record), day,
    starts_at, minutes, done, who_id, who, place, about, checked, author_id, record_type, record_id, version, amount, currency; by
    day and clock. To be read: `worded`."""
    rows: list[dict[Any, Any]] = []
    if not groups or set(groups) - {"service", "contract"}:
        rows += [_activity(row) for row in calendar_rows(session, since, until, people)]
    if session.actor.grant("support").see is not Reach.NOTHING and _asked("service", groups):
        rows += _service(session, since, until, people)
    if session.actor.grant("contracts").see is not Reach.NOTHING and _asked("contract", groups):
        rows += [_receipt(row) for row in receipts_between(session, since, until, people)]
        rows += [_end(row) for row in ends_between(session, since, until, people)]
    rows = [row for row in rows if _asked(row["group"], groups)]
    rows.sort(key=lambda row: (row["day"], str(row["starts_at"] or ""), row["done"], row["id"]))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def one_activity(session: ScopedSession, activity_id: int) -> pd.DataFrame:
    """One activity, whatever its day -> as `entries`."""
    rows = [_activity(row) for row in _rows(calendar_entry(session, activity_id))]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def worded(found: pd.DataFrame) -> pd.DataFrame:
    """With kind and title in the reader's words."""
    kinds = [label(row.kind, of="kind" if row.id.startswith("a") else "entry") for row in records(found)]
    titles = [_title(row, kind) for row, kind in zip(records(found), kinds, strict=True)]
    return found.assign(title=pd.Series(titles, dtype="object"), kind=pd.Series(kinds, dtype="object"))


def _title(row: Any, kind: str) -> str:
    if row.kind == "receipt_due":
        return say("{amount} due", amount=money(row.amount, row.currency))
    if row.kind == "contract_end":
        return say("{number} ends", number=row.title)
    return row.title or kind


def _asked(group: str, groups: tuple[str, ...]) -> bool:
    return not groups or group in groups


def _rows(found: pd.DataFrame) -> list[dict[Any, Any]]:
    """Plain ones: what is missing is None."""
    return [{name: None if missing(value) else value for name, value in row.items()} for row in found.to_dict("records")]


def _activity(row: dict[Any, Any]) -> dict[Any, Any]:
    kind = row["kind"]
    return {
        "id": f"a{row['id']}",
        "group": OF_KIND.get(kind, "task"),
        "kind": kind,
        "title": row["topic"],
        "name": row["name"],
        "day": row["day"],
        "starts_at": row["starts_at"],
        "minutes": row["minutes"] and int(row["minutes"]),
        "done": row["happened_on"] is not None,
        "who_id": row["who_id"],
        "who": row["who"],
        "place": row["place"],
        "about": row["text"],
        "checked": row["checked_in_at"] is not None,
        "author_id": row["author_id"],
        "record_type": row["subject_type"],
        "record_id": row["subject_id"],
        "version": row["version"],
    }


def _other(row: dict[Any, Any], letter: str, group: str, **more: Any) -> dict[Any, Any]:
    empty = dict.fromkeys(COLUMNS) | {"done": False, "checked": False, "version": 0}
    return empty | {"id": f"{letter}{row['id']}", "group": group, "day": row["day"], "who_id": row["who_id"]} | more


def _service(session: ScopedSession, since: dt.date, until: dt.date, people: tuple[int, ...] | None) -> list[dict[Any, Any]]:
    zone = ZoneInfo(firm_zone(session))
    first, last = (dt.datetime.combine(day, dt.time(), zone) for day in (since, until + dt.timedelta(1)))
    rows = visits_between(session, first, last, people)
    return [_service_visit(row, row["planned_at"].astimezone(zone)) for row in rows]


def _service_visit(row: dict[Any, Any], at: dt.datetime) -> dict[Any, Any]:
    return _other(
        row | {"day": at.date()},
        "f",
        "service",
        kind="field_visit",
        title=f"{row['number']} · {row['subject']}",
        name=row["customer"],
        starts_at=at.time().replace(second=0, microsecond=0),
        minutes=row["minutes"] and int(row["minutes"]),
        who=row["who"],
        place=row["address"],
        about=row["task"],
        record_type="service_case",
        record_id=row["case_id"],
    ) | {"done": row["state"] == VisitState.DONE}


def _receipt(row: dict[Any, Any]) -> dict[Any, Any]:
    return _other(
        row,
        "r",
        "contract",
        kind="receipt_due",
        amount=row["outstanding"],
        currency=row["currency"],
        name=f"{row['customer']} · {row['number']}",
        who=row["who"],
        about=row["what"],
        record_type="contract",
        record_id=row["contract_id"],
    )


def _end(row: dict[Any, Any]) -> dict[Any, Any]:
    return _other(
        row,
        "e",
        "contract",
        kind="contract_end",
        title=row["number"],
        name=f"{row['customer']} · {row['name']}",
        who=row["who"],
        record_type="contract",
        record_id=row["id"],
    ) | {"done": row["state"] == ContractState.ENDED}
