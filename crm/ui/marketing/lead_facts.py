"""A lead's score with its reasons, what is known of it, and its history in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_choices
from crm.charts.leads import score_bars
from crm.marketing import queries
from crm.marketing.models import Lead
from crm.marketing.scoring import score_reasons
from crm.office.queries import today
from crm.ui.desk import figures, load, me
from crm.ui.marketing.pool_sentences import moves
from crm.ui.money import currency_of
from crm.ui.show import empty, heading, plain
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, money, number

FACTS = ("contact", "position", "phone", "email", "wechat", "kind", "region", "industry", "employees")
WISHES = ("budget", "wanted_by", "product_id", "campaign_id")


def score(lead: Lead) -> None:
    with st.container(border=True, key="lead.score"):
        found = score_reasons(lead.score_reasons)
        heading(
            "Score {score} of 100",
            score=lead.score,
            about=say("The points of the rules of the board that hold for this lead, added and kept between 0 and 100."),
        )
        st.progress(lead.score / 100)
        if found:
            plain(score_bars(found), key="lead.score.bars")
        else:
            st.caption(say("No rule counts yet: fill in what is known, and log what was done."))


def facts(lead: Lead) -> None:
    with st.container(border=True, key="lead.facts"):
        if lead.need:
            st.markdown(literal(lead.need))
        lines = {label(name): _told(lead, name) for name in (*WISHES, *FACTS)}
        given = {title: text for title, text in lines.items() if text}
        if not given and not lead.need:
            st.caption(say("Nothing is known but the name. Edit it: a way to reach them comes first."))
        for title, text in given.items():
            left, right = st.columns([1, 1.6])
            left.markdown(f":gray[{literal(title)}]")
            right.markdown(literal(text))


def _told(lead: Lead, name: str) -> str:
    value = getattr(lead, name)
    if value in (None, ""):
        return ""
    if name == "budget":
        return money(value, _currency(lead))
    if name == "wanted_by":
        return f"{date_short(value)} ({date_relative(value, figures(today))})"
    if name == "product_id":
        return str(figures(product_choices).get(value, "–"))
    if name == "campaign_id":
        return str(figures(queries.campaign_choices).get(value, "–"))
    return label(value, of=name) if name == "kind" else number(value, 0) if isinstance(value, int) else str(value)


def _currency(lead: Lead) -> str:
    boards = {board.id: board.currency for board in me().boards}
    return boards.get(lead.board_id) or currency_of(me()) or "CNY"


# ------------------------------------------------------------------------------------------------------- history


def history(lead: Lead) -> None:
    """What happened to it, newest first: states, owners and pools."""
    events = load(queries.lead_events, lead_id=lead.id)
    told = [(row.at, _sentence(row)) for row in records(events)]
    told += moves(lead_id=lead.id)
    if not told:
        empty("Nothing happened to it since it came.")
        return
    with st.container(gap="xsmall"):
        for at, text in sorted(told, key=lambda one: one[0], reverse=True):
            st.markdown(f":gray[{date_short(at)}] {text}")


def _sentence(row: Any) -> str:
    names = {
        name: literal(getattr(row, name)) if pd.notna(getattr(row, name)) else say("the system")
        for name in ("by", "to_owner", "from_owner")
    }
    reason = str(row.reason) if pd.notna(row.reason) else ""
    if pd.isna(row.from_state):
        return _began(row, names, reason)
    if row.to_state == "worked":
        return say("{owner} began to work it.", owner=names["to_owner"])
    if row.to_state == "converted":
        return say("{by} made it the customer {code}.", by=names["by"], code=literal(reason or "–"))
    if row.to_state == "invalid":
        return say("{by} closed it: {reason}", by=names["by"], reason=literal(reason or "–"))
    if row.from_state == "invalid":
        return say("{by} took it up again: {reason}", by=names["by"], reason=_why(reason))
    if pd.isna(row.to_owner):
        return say("{owner} has it no longer: {reason}", owner=names["from_owner"], reason=_why(reason))
    return _assigned(names, reason)


def _began(row: Any, names: dict[str, str], reason: str) -> str:
    came = say("It came with an import.") if reason == "import" else say("{by} entered it.", by=names["by"])
    return came + (" " + say("It is {owner}'s from the start.", owner=names["to_owner"]) if pd.notna(row.to_owner) else "")


def _assigned(names: dict[str, str], reason: str) -> str:
    owner, by = names["to_owner"], names["by"]
    if reason == "round_robin":
        return say("Assigned to {owner} because it was this person's turn: nobody had waited longer.", owner=owner)
    if reason == "least_load":
        return say("Assigned to {owner} because nobody had fewer open leads.", owner=owner)
    if reason == "claimed":
        return say("{owner} claimed it from the pool.", owner=owner)
    if owner == by:
        return say("{owner} took it.", owner=owner)
    if reason in ("", "by_hand"):
        return say("{by} gave it to {owner}.", by=by, owner=owner)
    return say("{by} gave it to {owner}: {reason}", by=by, owner=owner, reason=literal(reason))


def _why(reason: str) -> str:
    known = {"released": say("released"), "silent": say("silent for too long"), "second conversion": say("second conversion")}
    return known.get(reason) or literal(reason or "–")
