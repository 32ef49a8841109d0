"""How content a customer is with how he is served, why, and the way to the rows behind it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.support.queries import Mood, Service, service_of
from crm.support.queries.standing import LOW
from crm.ui.desk import figures, go, me
from crm.words import label, say

ICONS = {
    Mood.UNHAPPY: ":red[:material/sentiment_dissatisfied:]",
    Mood.MIXED: ":orange[:material/sentiment_neutral:]",
    Mood.CONTENT: ":green[:material/sentiment_satisfied:]",
    Mood.UNKNOWN: ":gray[:material/sentiment_neutral:]",
}
INKS: dict[Mood, Any] = {Mood.UNHAPPY: "red", Mood.MIXED: "orange", Mood.CONTENT: "green", Mood.UNKNOWN: "gray"}


def service_found(customer_id: int) -> Service | None:
    """None for those who have nothing to do with service."""
    return figures(service_of, customer_id=customer_id) if me().actor.grant("support").see else None


def mood_word(found: Service) -> str:
    return label(found.mood.value, of="mood")


def reasons(found: Service) -> list[str]:
    """What speaks against him being content, the gravest first; of a content one, his last mark."""
    told, low = [], (found.last_csat or 5) <= LOW
    if found.open_complaints:
        told.append(say("{count:complaint|complaints} open", count=found.open_complaints))
    if found.last_csat is not None and (low or found.mood == Mood.CONTENT):
        told.append(say("last mark {mark} of 5, on {day}", mark=found.last_csat, day=found.last_answer_on))
    if found.complaints > found.open_complaints:
        told.append(say("{count:complaint|complaints} within a year", count=found.complaints))
    if found.low_marks > low:
        told.append(say("{count:low mark|low marks} within a year", count=found.low_marks))
    if found.late:
        told.append(say("{count:case|cases} solved later than promised", count=found.late))
    return told


def because(found: Service) -> str:
    """The mood and its reasons in one line."""
    why = reasons(found)
    return say("{mood}: {reasons}", mood=mood_word(found), reasons=why) if why else mood_word(found)


def careful(found: Service) -> list[str]:
    """What to see to before anything is sold to him."""
    told = []
    if found.open_complaints == 1:
        told.append(say("An open complaint: answer it first."))
    elif found.open_complaints:
        told.append(say("{count} open complaints: answer them first.", count=found.open_complaints))
    if found.last_csat is not None and found.last_csat <= LOW:
        told.append(say("A low mark, {mark} of 5 on {day}: ask why first.", mark=found.last_csat, day=found.last_answer_on))
    return told


def mood_button(customer_id: int, key: str) -> None:
    """In the head of the customer: a click opens the tab with the rows."""
    found = service_found(customer_id)
    if found is None or (found.mood == Mood.UNKNOWN and not found.open):
        return
    text = f"{ICONS[found.mood]} {mood_word(found)}"
    if found.open:
        text += f" · {say('{count:open case|open cases}', count=found.open)}"
    st.button(text, key=f"{key}.mood", type="tertiary", help=because(found), on_click=open_service)


def mood_line(customer_id: int, key: str) -> None:
    """Among the reasons of the customer's state."""
    found = service_found(customer_id)
    if found is None or found.mood not in (Mood.UNHAPPY, Mood.MIXED):
        return
    _line(found, careful(found) or [because(found)], f"{key}.mood_line")


def careful_line(customer_id: int, key: str) -> None:
    """On the card of somebody who is about to call him."""
    found = service_found(customer_id)
    if found is None or not (told := careful(found)):
        return
    if _line(found, told, f"{key}.careful"):
        go("customer", customer=customer_id)


def _line(found: Service, told: list[str], key: str) -> bool:
    """-> is the way to the rows wanted? The text stands beside its button, which would centre what takes two lines."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}.row"):
        st.markdown(f"{ICONS[found.mood]} {' '.join(told)}", width="content", help=because(found))
        hint = say("Open the service tab")
        return st.button("", icon=":material/chevron_right:", key=key, type="tertiary", help=hint, on_click=open_service)


def open_service() -> None:
    """The tab with the cases, complaints and marks."""
    st.session_state["customer.tabs"] = say("Service")
