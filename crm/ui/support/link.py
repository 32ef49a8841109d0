"""The link to a survey: shown once, with a message that is ready to send."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from crm.customers.models import Contact
from crm.session import ScopedSession
from crm.settings import settings
from crm.support import queries
from crm.support.commands import Asked
from crm.support.models import Case, FeedbackInvitation
from crm.ui.desk import figures, in_scope
from crm.ui.menu import BY_PATH
from crm.ui.show import heading
from crm.words import label, say, speaking


@dataclass(frozen=True)
class Ready:
    """What is sent; the token stands nowhere else."""

    token: str
    language: Any
    until: dt.date
    contact: str | None
    about: str | None
    item: str
    firm: str
    case_id: int | None
    customer_id: int


def keep_link(key: str, asked: Asked) -> None:
    """Until the person has taken it, in this browser alone."""
    st.session_state[f"{key}.made"] = in_scope(_ready, asked)


def _ready(session: ScopedSession, asked: Asked) -> Ready:
    made: FeedbackInvitation = asked.invitation
    contact = session.get(Contact, made.contact_id) if made.contact_id is not None else None
    case = session.get(Case, made.case_id) if made.case_id is not None else None
    until = made.expires_at.date()
    return Ready(
        asked.token,
        made.language,
        until,
        contact.name if contact else None,
        case.subject if case else None,
        str(made.item),
        queries.firm_name(session),
        made.case_id,
        made.customer_id,
    )


def link_panel(key: str, *, case_id: int | None = None, customer_id: int | None = None) -> None:
    """The link that was just made for this case or customer, until it is put away; another's never stands here."""
    made: Ready | None = st.session_state.get(f"{key}.made")
    if made is None or (made.case_id != case_id if case_id is not None else made.customer_id != customer_id):
        return
    address = survey_address(made.token)
    with st.container(border=True, key=f"{key}.link"):
        heading("Send this link now: it is shown only once")
        st.caption(say("It works once, until {day}. The system keeps no copy of it.", day=made.until))
        if is_here_alone(address):
            st.warning(
                say("This address works on this computer only. Whoever keeps the settings enters the address for customers."),
                icon=":material/link_off:",
            )
        st.code(address, language=None, wrap_lines=True)
        st.caption(say("Message to the customer"))
        with speaking(made.language):
            text = message(made, address)
        st.code(text, language=None, wrap_lines=True)
        if st.button(say("Done, put it away"), key=f"{key}.taken", icon=":material/check:"):
            del st.session_state[f"{key}.made"]
            st.rerun()


def message(made: Ready, address: str) -> str:
    """In the language that is spoken now."""
    hello = say("Dear {name},", name=made.contact) if made.contact else say("Dear customer,")
    if made.item == "case" and made.about:
        what = say("we have dealt with your request “{subject}”.", subject=made.about)
    elif made.item == "relationship":
        what = say("thank you for working with us.")
    else:
        what = say("a service for you is finished: {item}.", item=label(made.item, of="item"))
    asked = say("How satisfied are you? It takes one minute, without signing in:")
    ends = say("The link works once, until {day}.", day=made.until)
    return f"{hello}\n\n{what} {asked}\n{address}\n\n{ends}\n\n{made.firm}"


def survey_address(token: str) -> str:
    """The firm's address for customers, else the one in this browser."""
    return f"{_base()}/{BY_PATH['survey'].url_path}?token={token}"


def _base() -> str:
    if given := figures(queries.feedback_rules).address:
        return str(given).rstrip("/")
    url = st.context.url
    if not isinstance(url, str):
        return f"http://{settings().address}:{settings().port}"
    parts, below = urlsplit(url), str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{parts.scheme}://{parts.netloc}" + (f"/{below}" if below else "")


def is_here_alone(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
