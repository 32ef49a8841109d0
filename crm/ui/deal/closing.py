"""The way of a deal: on with what the stage asks for, won, lost. Bodies of dialogs; `move` opens one only if it must."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.office.queries import today
from crm.pipeline import commands, queries
from crm.pipeline.commands import FilledMove, Losing, Move, Winning
from crm.pipeline.models import Opportunity
from crm.ui.compare import compare, save
from crm.ui.deal.customers import find_customer
from crm.ui.deal.editing import version_of
from crm.ui.deal.stages import stage_titles
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.money import board_currency
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import money


def move(opportunity_id: int, stage_id: int) -> None:
    """At once where nothing is missing, else the dialog that shows what."""
    needs = find(queries.move_needs, opportunity_id, stage_id)
    if needs is None:
        return
    if needs.criteria or needs.fields:
        open_dialog(say("What this move asks for"), move_dialog, opportunity_id, stage_id, width="small")
    else:
        act(commands.move_opportunity, opportunity_id, Move(stage_id=stage_id), done="Moved.")


def move_dialog(opportunity_id: int, stage_id: int) -> None:
    """Tick and fill in what is missing, and move."""
    deal, needs = find(queries.opportunity, opportunity_id), find(queries.move_needs, opportunity_id, stage_id)
    if deal is None or needs is None:
        return
    titles = stage_titles(deal.pipeline_id)
    way = {"before": titles.get(deal.stage_id, "–"), "after": titles.get(stage_id, "–")}
    st.markdown(say("**{name}** from {before} to {after}", name=literal(deal.name), **{k: literal(v) for k, v in way.items()}))
    fields, choices = list(needs.fields), {"product_id": figures(product_choices)} if "product_id" in needs.fields else {}
    chosen: dict[str, Any] = {}
    if "customer_id" in fields:
        fields.remove("customer_id")
        chosen["customer_id"] = find_customer("deal.move.customer", None)
    key = f"deal.move.{opportunity_id}"
    input = form(
        FilledMove,
        key=f"{key}.form",
        only=fields,
        choices=choices,
        columns=1,
        save="Move",
        extra=lambda: {"stage_id": stage_id, "criteria_met": _ticked(needs.criteria, key)} | chosen,
    )
    if input is not None:
        now = version_of(opportunity_id)
        save(commands.fill_and_move, opportunity_id, input, version=deal.version, now=now, key=key, done="Moved.")
    compare(key, choices)


def _ticked(criteria: tuple[str, ...], key: str) -> list[str]:
    """-> those of the exit criteria that a person ticked."""
    if not criteria:
        return []
    st.caption(say("Before a deal leaves the stage:"))
    return [one for position, one in enumerate(criteria) if st.checkbox(literal(one), key=f"{key}.criterion.{position}")]


def win_dialog(opportunity_id: int) -> None:
    """The day, why, for how much, and what was learned."""
    deal = find(queries.opportunity, opportunity_id)
    if deal is None:
        return
    by_lines = not load(queries.lines, opportunity_id=opportunity_id).empty
    amount = literal(money(deal.amount, currency(deal)))
    st.markdown(say("**{name}** for {customer}", name=literal(deal.name), customer=literal(customer_name(deal))))
    if by_lines:
        st.caption(say("{amount}: the sum of its products.", amount=amount))
    names = ["closed_on", "reason", *([] if by_lines else ["amount"]), "review"]
    known = {"closed_on": figures(today), "amount": None if by_lines else deal.amount, "review": deal.review}
    input = form(Winning, known, key=f"deal.win.{opportunity_id}", only=names, save="Mark as won")
    if input is not None:
        act(commands.win, opportunity_id, input, done="Won: {name}.", name=deal.name)


def lose_dialog(opportunity_id: int) -> None:
    """The day, why, to whom, and what was learned."""
    deal = find(queries.opportunity, opportunity_id)
    if deal is None:
        return
    st.markdown(say("**{name}** for {customer}", name=literal(deal.name), customer=literal(customer_name(deal))))
    known = {"closed_on": figures(today), "review": deal.review}
    input = form(
        Losing,
        known,
        key=f"deal.lose.{opportunity_id}",
        only=["closed_on", "reason", "review"],
        save="Mark as lost",
        extra=lambda: {"lost_to": choose_rival(opportunity_id, None, f"deal.lose.{opportunity_id}")},
    )
    if input is not None:
        act(commands.lose, opportunity_id, input, done="Lost: {name}. Its review tells the next one.", name=deal.name)


def choose_rival(opportunity_id: int, now: str | None, key: str) -> str | None:
    """The competitors of the deal; another name can be typed."""
    rivals = load(queries.competitors, opportunity_id=opportunity_id)["name"].tolist()
    options = list(dict.fromkeys([*([now] if now else []), *rivals]))
    chosen: str | None = st.selectbox(
        label("lost_to"),
        options,
        index=0 if now else None,
        accept_new_options=True,
        key=f"{key}.lost_to",
        placeholder=say("Choose, or type a name"),
    )
    return chosen


def customer_name(deal: Opportunity) -> str:
    return deal.customer.name if deal.customer is not None else "–"


def currency(deal: Opportunity) -> str:
    """That of its board."""
    return board_currency(me(), deal.board_id)
