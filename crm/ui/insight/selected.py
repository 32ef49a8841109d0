"""The customers behind a selection on a chart: how many and what they are worth, fifty a page, and what can be done with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from crm.customers import queries
from crm.customers.commands import GroupDetails, create_group
from crm.customers.commands.groups import MOST
from crm.customers.filters import CustomerFilter
from crm.office.queries import today
from crm.ui.address import parameters
from crm.ui.desk import act, figures, go, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.form import form
from crm.ui.money import amounts, currency_of
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tags import tag_dialog
from crm.words import label, say
from crm.words.formats import number

SIZE = 50
MOST_TAGGED = 10_000
MOST_IN_ADDRESS = 200
USUAL = ("name", "life_cycle", "segment", "owner", "region", "order_count", "order_amount", "last_order_on")


def selected(where: CustomerFilter, *, key: str, made_from: str, columns: Sequence[str] | None = None) -> None:
    """Under a chart: the customers of `where`. `made_from` says in the reader's words where they were picked; lists keep it.

    A part of the page that draws itself again: paging and ticking leave the chart alone.
    """
    st.fragment(_selected)(where, key, made_from, tuple(columns or USUAL))


def these(ids: Iterable[int]) -> CustomerFilter:
    """Customers picked one by one; nobody where none was picked, as an empty filter would mean all."""
    return CustomerFilter(ids=tuple(sorted({int(one) for one in ids})) or (0,))


def _selected(where: CustomerFilter, key: str, made_from: str, columns: tuple[str, ...]) -> None:
    if len(where.ids) > MOST:
        empty("These are more than {most} customers. Choose less.", most=number(MOST, 0))
        return
    totals = figures(queries.customer_totals, where=where)
    if not totals["customers"]:
        empty("No customer is in this selection. Choose another part of the chart.")
        return
    st.markdown(
        say(
            "**{customers}** customers · **{orders}** orders · {amount}",
            customers=number(totals["customers"], 0),
            orders=number(totals["orders"], 0),
            amount=amounts(totals["amounts"]),
        )
    )
    actions = st.container(horizontal=True, vertical_alignment="center", key=f"{key}.actions")
    ticked = _rows(where, totals["customers"], key, columns)
    chosen = CustomerFilter(ids=tuple(ticked)) if ticked else where
    with actions:
        _actions(chosen, len(ticked) or totals["customers"], bool(ticked), key, made_from, columns)


def _rows(where: CustomerFilter, total: int, key: str, columns: tuple[str, ...]) -> list[int]:
    place, own = st.container(), f"{key}.{hash(where)}"
    pages = -(-total // SIZE)
    page = st.pagination(pages, key=f"{own}.page") if pages > 1 else 1
    rows = load(queries.customer_list, where=where, sort="order_amount", descending=True, page=page, size=SIZE, columns=columns)
    currency = currency_of(me()) or _currency(where)
    with place:
        chosen = table(rows, key=f"{own}.{page}", columns=columns, currency=currency, many=True)
    if chosen.opened:
        go("customer", customer=chosen.opened)
    return chosen.ticked


def _currency(where: CustomerFilter) -> str | None:
    found = {board.currency for board in me().boards if board.id in where.board_id}
    return found.pop() if len(found) == 1 else None


# --------------------------------------------------------------------------------------------------- actions


def _actions(where: CustomerFilter, count: int, ticked: bool, key: str, made_from: str, columns: tuple[str, ...]) -> None:
    actor = me().actor
    if ticked:
        st.markdown(say("**{count}** chosen", count=number(count, 0)), width="content")
    if actor.may("group", "insight"):
        for purpose, icon in ICONS.items():
            if st.button(say(TITLES[purpose]), icon=icon, key=f"{key}.{purpose}"):
                open_dialog(say(TITLES[purpose]), group_dialog, where, purpose, made_from, count, width="small")
    if actor.grant("office").change and count <= MOST_TAGGED and st.button(say("Tag"), icon=":material/sell:", key=f"{key}.tag"):
        open_dialog(say("Tag {count:customer|customers}", count=count), _tag, where, width="small")
    applied: dict[str, Any] = {"selection": made_from, "customers": count}
    names = {name: label(name) for name in ("code", *columns)}
    export_button(
        "customers", lambda session: queries.export_rows(session, where, tuple(names)), names, applied, key=f"{key}.export"
    )
    if len(where.ids) <= MOST_IN_ADDRESS and st.button(
        "", icon=":material/open_in_new:", key=f"{key}.open", help=say("Open as list"), type="tertiary"
    ):
        go("customers", **parameters(where))


TITLES = {"segment": "Save as segment", "call_list": "Make a call list", "audience": "Make an audience"}
ICONS = {"segment": ":material/bookmark_add:", "call_list": ":material/phone_forwarded:", "audience": ":material/campaign:"}
SAVED = {
    "segment": "Segment saved. It stands under Lists, and among the customers to choose from.",
    "call_list": "Call list made. The owners find their customers under Call today.",
    "audience": "Audience made. It stands under Lists.",
}


def _tag(where: CustomerFilter) -> None:
    tag_dialog("customer", in_scope(queries.customer_ids, where))


def group_dialog(where: CustomerFilter, purpose: str, made_from: str, count: int) -> None:
    """Name and kind of the list that is made of the selection."""
    st.caption(f"{made_from} · " + say("{count:customer|customers}", count=count))
    key = f"group.{purpose}"
    only = ["name", "until"] if purpose == "call_list" else ["name"]
    week = figures(today) + dt.timedelta(7)
    current = {"purpose": purpose, "made_from": made_from[:300], "until": week if purpose == "call_list" else None}
    by_rule = _may_be_rule(where) if purpose == "segment" else False
    details = form(GroupDetails, current, key=key, only=only, columns=1, extra=(lambda: _kind(key, count)) if by_rule else None)
    if details is not None:
        act(create_group, details, where, done=SAVED[purpose])


def _may_be_rule(where: CustomerFilter) -> bool:
    """Picked customers, and what another list says, can only be kept as they are."""
    chosen = where.model_dump(exclude_defaults=True, exclude={"board_id"})
    return bool(chosen) and not where.ids and not where.group_id


def _kind(key: str, count: int) -> dict[str, Any]:
    texts = {
        True: say("By rule: whoever fits on the day it is looked at"),
        False: say("Fixed: the {count:customer|customers} of today", count=count),
    }
    chosen = st.radio(
        say("Who is in it"), list(texts), format_func=lambda one: texts[one], key=f"{key}.by_rule", label_visibility="collapsed"
    )
    return {"by_rule": bool(chosen)}


__all__ = ["group_dialog", "selected", "these"]
