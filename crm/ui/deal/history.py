"""What happened to a deal, newest first, in sentences: its moves, and changes of amount, close date, owner and category."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.pipeline import queries
from crm.pipeline.models import Opportunity
from crm.ui.deal.closing import currency
from crm.ui.deal.stages import own_or_code
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, money

LINES = 100


@dataclass(frozen=True)
class Told:
    at: pd.Timestamp
    icon: str
    sentence: str
    who: str


def history(deal: Opportunity) -> None:
    told = sorted([*_moves(deal), *_changes(deal)], key=lambda one: one.at, reverse=True)
    moves = sum(1 for one in told if one.icon in ("arrow_forward", "arrow_back"))
    heading("{moves:move|moves} in {days:day|days}", moves=moves, days=_days(deal, told))
    shown = told if st.session_state.get("deal.history.all") else told[:LINES]
    for day, lines in _by_day(shown):
        with st.container(horizontal=True, gap="medium"):
            st.markdown(f":gray[{date_short(day)}]", width=110)
            st.markdown("  \n".join(f":material/{one.icon}: {one.sentence} :gray[· {one.who}]" for one in lines), width="stretch")
    if len(told) > len(shown):
        st.toggle(say("Show all {count}", count=len(told)), key="deal.history.all")


def _days(deal: Opportunity, told: list[Told]) -> int:
    last = deal.closed_on or (told[0].at.date() if told else deal.created_on)
    return max((last - deal.created_on).days, 0)


def _by_day(told: list[Told]) -> Iterator[tuple[dt.date, list[Told]]]:
    days: dict[dt.date, list[Told]] = {}
    for one in told:
        days.setdefault(one.at.date(), []).append(one)
    yield from days.items()


def _moves(deal: Opportunity) -> Iterator[Told]:
    before: Any = None
    for row in records(load(queries.stage_events, opportunity_id=deal.id)):
        icon, sentence = _move(row, before)
        yield Told(pd.Timestamp(row.at), icon, sentence, literal(row.by or "–"))
        before = row


def _title(row: Any) -> str:
    return literal(own_or_code(row.stage, row.stage_name, row.stage_name_zh))


def _move(row: Any, before: Any) -> tuple[str, str]:
    stage = _title(row)
    if before is None and row.state == "open":
        return "flag", say("Began in {stage}", stage=stage)
    if row.state != "open":
        return _end(row.state, stage)
    if before is not None and before.state != "open":
        return "undo", say("Opened again in {stage}", stage=stage)
    days = (pd.Timestamp(row.at) - pd.Timestamp(before.at)).days
    back = pd.notna(row.position) and pd.notna(before.position) and row.position < before.position
    values = {"before": _title(before), "after": stage, "days": days}
    if back:
        return "arrow_back", say("Back from {before} to {after} after {days:day|days}", **values)
    return "arrow_forward", say("From {before} to {after} after {days:day|days}", **values)


def _end(state: str, stage: str) -> tuple[str, str]:
    if state == "won":
        return "trophy", say("**Won** in {stage}", stage=stage)
    return "block", say("**Lost** in {stage}", stage=stage)


# ---------------------------------------------------------------------------------------------------------- changes


def _changes(deal: Opportunity) -> Iterator[Told]:
    for row in records(load(queries.changes, opportunity_id=deal.id)):
        icon, sentence = _change(row, deal)
        sentence += f": {literal(row.reason)}" if isinstance(row.reason, str) else ""
        yield Told(pd.Timestamp(row.at), icon, sentence, literal(row.by or "–"))


def _change(row: Any, deal: Opportunity) -> tuple[str, str]:
    old, new = (None if pd.isna(value) else str(value) for value in (row.before, row.after))
    if row.field == "amount":
        return _amount(float(old or 0), float(new or 0), currency(deal))
    if row.field == "expected_close_on":
        return _close(*(dt.date.fromisoformat(value) if value else None for value in (old, new)))
    if row.field == "owner_id":
        return "swap_horiz", say("Given from {before} to {after}", before=literal(old or "–"), after=literal(new or "–"))
    before, after = (label(value, of=row.field) if value else "–" for value in (old, new))
    return "edit", say("{field}: {before} → {after}", field=label(row.field), before=before, after=after)


def _amount(old: float, new: float, unit: str) -> tuple[str, str]:
    values = {"before": literal(money(old, unit)), "after": literal(money(new, unit))}
    if new > old:
        return "trending_up", say("Amount raised from {before} to {after}", **values)
    return "trending_down", say("Amount lowered from {before} to {after}", **values)


def _close(old: dt.date | None, new: dt.date | None) -> tuple[str, str]:
    if old is None or new is None:
        return "event", say("Expected close: {before} → {after}", before=date_short(old), after=date_short(new))
    values = {"before": old, "after": new, "days": abs((new - old).days)}
    if new > old:
        return "event_upcoming", say("Close put off by {days:day|days}, from {before} to {after}", **values)
    return "event_available", say("Close brought forward by {days:day|days}, from {before} to {after}", **values)
