"""What a notice says, in the language of whoever reads it: one sentence for each topic, filled with the values of its matter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crm.office.models import NoticeTopic
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, percent, short_money

SENTENCES: dict[str, str] = {
    NoticeTopic.ACTIVITY_DUE: "{about}: “{topic}” is due",
    NoticeTopic.BIRTHDAY: "{about}: birthday of {name} on {day}",
    NoticeTopic.CUSTOMER_SILENT: "{about} has not ordered since {day}; {amount} of lifetime value at risk",
    NoticeTopic.SERVICE_ENDS: "{about}: {product} runs until {day}",
    NoticeTopic.RECEIPT_DUE: "{about}: {amount} to be received by {day}",
    NoticeTopic.CONTRACT_ENDS: "{about} ends on {day}",
    NoticeTopic.SECOND_FOLLOW_UP: "Take up {about} again; set aside then because of “{reason}”",
    NoticeTopic.CLOSE_DAY_PASSED: "{about} ({amount}) should have closed on {day}",
    NoticeTopic.CASE_ESCALATED: "{about} runs out of time: {clock}, {level}",
    NoticeTopic.TARGET_BEHIND: "{about} has come to {share} of where {measure} should be by now; the {period} ends on {day}",
    NoticeTopic.PERSON_SILENT: "{about} has not signed in for {weeks:week|weeks}",
    NoticeTopic.MESSAGE: "{by}: {text}",
    NoticeTopic.ANNOUNCEMENT: "{about}",
}
WITHOUT: dict[str, str] = {
    NoticeTopic.ACTIVITY_DUE: "{about}: {kind} is due",
    NoticeTopic.BIRTHDAY: "Birthday of {about} on {day}",
    NoticeTopic.SECOND_FOLLOW_UP: "Take up {about} again",
}
"""Where the value is missing that the sentence is about."""
NEEDED: dict[str, str] = {
    NoticeTopic.ACTIVITY_DUE: "topic",
    NoticeTopic.BIRTHDAY: "name",
    NoticeTopic.SECOND_FOLLOW_UP: "reason",
}
ICONS: dict[str, str] = {
    NoticeTopic.ACTIVITY_DUE: "event",
    NoticeTopic.BIRTHDAY: "cake",
    NoticeTopic.CUSTOMER_SILENT: "volume_off",
    NoticeTopic.SERVICE_ENDS: "autorenew",
    NoticeTopic.RECEIPT_DUE: "payments",
    NoticeTopic.CONTRACT_ENDS: "contract",
    NoticeTopic.SECOND_FOLLOW_UP: "person_search",
    NoticeTopic.CLOSE_DAY_PASSED: "hourglass_bottom",
    NoticeTopic.CASE_ESCALATED: "support_agent",
    NoticeTopic.TARGET_BEHIND: "trending_down",
    NoticeTopic.PERSON_SILENT: "person_off",
    NoticeTopic.MESSAGE: "chat",
    NoticeTopic.ANNOUNCEMENT: "campaign",
}
CODES = frozenset({"kind", "clock", "level", "measure", "period"})
SHARES = frozenset({"attainment", "pace", "share"})
"""Values that are codes, and those that are parts of one."""
SHORT = 120


def sentence(row: Any) -> str:
    """`row`: of crm.office.queries.notices."""
    values = _values(row)
    needed = NEEDED.get(row.topic)
    if needed and not values.get(needed):
        return say(WITHOUT[row.topic], **values)
    return say(SENTENCES.get(row.topic, "{about}"), **values)


def icon(topic: str) -> str:
    return f":material/{ICONS.get(topic, 'notifications')}:"


def _values(row: Any) -> dict[str, Any]:
    """What the record of the notice was called then and its day besides its own values, each as a person reads it."""
    told = row.values if isinstance(row.values, dict) else {}
    found = {name: _spoken(name, value, told) for name, value in told.items()}
    if found.get("name") == _text(row.about):
        found.pop("name")
    day = date_short(row.due_on) if pd.notna(row.due_on) else ""
    return found | {"about": _text(row.about), "day": day, "by": _text(row.by), "text": _text(row.text)[:SHORT]}


def _spoken(name: str, value: Any, told: dict[str, Any]) -> Any:
    if name in CODES and isinstance(value, str):
        word = label(value, of=name)
        return word[:1].lower() + word[1:]
    if name == "amount":
        return literal(short_money(value, told.get("currency")))
    if name in SHARES:
        return percent(value, 0)
    return literal(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return literal(value) if isinstance(value, str) else ""
