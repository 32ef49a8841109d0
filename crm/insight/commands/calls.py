"""Draw a day's calls, and work them: log, put off, skip. Whom the lot leaves out is kept, and shown to nobody who calls."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.analytics.contact import fitting_in, left_out_by_lot
from crm.bulk import bulk_insert, hold
from crm.customers.models import Customer
from crm.database import MONEY_SCALE
from crm.editing import change
from crm.errors import Invalid
from crm.insight.calling import CONTACTS, CallSettings
from crm.insight.commands.scoring import require_publisher
from crm.insight.models import Arm, Call, CallState, SkipReason
from crm.insight.queries.calls import call, call_settings, done_today, drawn_on, queue, settings_key
from crm.insight.queries.candidates import Candidates, list_members
from crm.office.commands import LoggedActivity, log_activity
from crm.office.models import Activity, Setting
from crm.session import ScopedSession


def draw_calls(session: ScopedSession, user_id: int, board_id: int, day: dt.date) -> int:
    """Fill somebody's day, once: what waits already comes first, then new members of call lists, then the customers with the most
    to win a minute, of whom the lot leaves some out -> how many were drawn, those left out among them.

    Asked again for the same day it changes nothing."""
    if drawn_on(session, user_id, board_id, day):
        return 0
    hold(session, Call)
    if drawn_on(session, user_id, board_id, day):
        return 0
    settings = call_settings(session, board_id)
    free = settings.minutes_a_day - done_today(session, user_id, board_id, day)["minutes"]
    waiting = queue(session, user_id, board_id, day)
    free -= int(waiting["minutes"].sum())
    if free <= 0:
        return 0
    members = list_members(session, user_id, board_id, day)
    members = members[~members["customer_id"].isin(waiting["customer_id"])]
    his = Candidates(session, user_id, board_id, day, settings)
    parts = [_from_lists(his, members, free)] if len(members) else []
    parts.append(_by_lot(his, free - sum(int(part["minutes"].sum()) for part in parts)))
    rows = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    if len(rows):
        rows = rows.assign(user_id=user_id, board_id=board_id, drawn_on=day, state=CallState.OPEN.value)
        bulk_insert(session, Call, rows, {"day": day.isoformat()})
    return len(rows)


_DRAWN = ["customer_id", "arm", "control_share", "kind", "group_id", "until", "minutes", "rank_value", "p_alive", "value_at_risk"]


def _from_lists(his: Candidates, members: pd.DataFrame, free: int) -> pd.DataFrame:
    """Nobody of a list is left out by lot, so these do not count when the effect is measured."""
    known = his.ranked(Customer.id.in_(members["customer_id"].tolist()))
    found = members.merge(known, on="customer_id", how="left")
    found = found.fillna({"kind": CONTACTS[0].value, "minutes": his.settings.call_minutes, "rank_value": 0.0})
    found = found.sort_values(["until", "rank_value"], ascending=[True, False], ignore_index=True)
    taken = found.iloc[fitting_in(found["minutes"].astype(int), [False] * len(found), free)]
    return _stored(taken.assign(arm=Arm.CALL.value, control_share=0.0))


def _by_lot(his: Candidates, free: int) -> pd.DataFrame:
    period, share = his.settings.period(his.day), his.settings.control_percent / 100
    found = his.ranked(*his.drawable(), late=True)
    found = found[found["rank_value"] > 0]
    left_out = left_out_by_lot(found["customer_id"].tolist(), period.name, share)
    arms = pd.Series(left_out, index=found.index).map({True: Arm.CONTROL.value, False: Arm.CALL.value})
    taken = found.assign(arm=arms).iloc[fitting_in(found["minutes"].tolist(), left_out.tolist(), free)]
    return _stored(taken.assign(control_share=share, group_id=None, until=period.end))


def _stored(rows: pd.DataFrame) -> pd.DataFrame:
    money = (rows["value_at_risk"].astype("float64") * MONEY_SCALE).round().astype("Int64")
    return rows.assign(value_at_risk=money, minutes=rows["minutes"].astype("int64"))[_DRAWN]


# -------------------------------------------------------------------------------------------------- work the queue


def log_call(session: ScopedSession, call_id: int, input: LoggedActivity) -> Activity:
    """What was done about a proposal; what comes next is planned for its day."""
    found = _open(session, call_id)
    logged = log_activity(session, "customer", found.customer_id, input)
    found.state, found.acted_on, found.activity_id = CallState.DONE, input.happened_on, logged.id
    session.flush()
    return logged


def snooze_call(session: ScopedSession, call_id: int, until: dt.date, day: dt.date) -> Call:
    """It comes back on that day, also when its period is over by then."""
    if until <= day:
        raise Invalid("Choose a later day.", field="snoozed_until")
    found = _open(session, call_id)
    found.state, found.snoozed_until, found.acted_on = CallState.SNOOZED, until, day
    session.flush()
    return found


def skip_call(session: ScopedSession, call_id: int, reason: SkipReason, day: dt.date) -> Call:
    """He is not proposed again in this period."""
    found = _open(session, call_id)
    found.state, found.reason, found.acted_on = CallState.SKIPPED, SkipReason(reason).value, day
    session.flush()
    return found


def _open(session: ScopedSession, call_id: int) -> Call:
    found = call(session, call_id)
    if found.arm != Arm.CALL or found.state not in (CallState.OPEN, CallState.SNOOZED):
        raise Invalid("This call has been dealt with already.")
    return found


# ------------------------------------------------------------------------------------------------------ settings


def set_call_settings(session: ScopedSession, board_id: int, input: CallSettings, version: int) -> Setting:
    """Of a board, from now on; who is drawn already keeps his lot. `version` is that of the setting when it was read."""
    require_publisher(session, board_id)
    key = settings_key(board_id)
    found = session.scalar(select(Setting).where(Setting.key == key))
    values: dict[str, Any] = {"value": input.model_dump(mode="json")}
    if found is None:
        found = Setting(key=key, **values)
        session.add(found)
    else:
        change(session, found, values, version)
    session.flush()
    return found
