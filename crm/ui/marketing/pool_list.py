"""What lies in a pool: why, since when, whose it was; claimed with one click, given to somebody, brought back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.marketing import commands, queries
from crm.marketing.commands import Gift
from crm.marketing.models import PoolKind
from crm.marketing.pooling import AssignmentWay
from crm.marketing.queries.pools import Shelf
from crm.office.queries import today
from crm.staff.queries import units
from crm.staff.sign_in import Board
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import search_box
from crm.ui.form import form
from crm.ui.marketing.claiming import claim
from crm.ui.marketing.pool_sentences import moves
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

SIZE = 50
COLUMNS = ("name", "region", "industry", "level", "last_order_on", "why", "lies_days", "previous_owner")
WITHOUT = {"leads": ("level", "last_order_on"), "potential": ("last_order_on",)}
HINTS = {
    "potential": "No customer who never bought lies here. Released ones and those that were silent for too long come "
    "by themselves.",
    "won": "No customer who has bought before lies here.",
    "leads": "No lead lies here. Released ones, and those nobody worked in time, come by themselves.",
    "invalid": "Nothing was taken out of work.",
}


def pool(board: Board, shelf: str) -> None:
    """One shelf of the public pool, or the invalid pool."""
    kind = PoolKind.INVALID if shelf == "invalid" else PoolKind.PUBLIC
    of: Shelf | None = None if shelf == "invalid" else shelf  # type: ignore[assignment]
    if kind is PoolKind.PUBLIC and me().actor.may("claim", "marketing"):
        _my_claims(board)
    search = search_box(f"pools.search.{shelf}", say("Name, region, industry"))
    total = figures(queries.pool_totals, board_id=board.id)[shelf]
    rows = load(
        queries.pool_list, pool=kind, board_id=board.id, shelf=of, search=search or "", page=page_of(total, SIZE), size=SIZE
    )
    if rows.empty:
        _nothing(shelf, bool(search))
        return
    _table(rows, board, shelf, kind)
    if not search:
        pager(total, SIZE, "pools.page")


def _nothing(shelf: str, searched: bool) -> None:
    if searched:
        empty("Nothing in this pool fits.")
        return
    template = HINTS[shelf]
    empty(template)


def _my_claims(board: Board) -> None:
    """What is left to me today, before a click is refused."""
    mine = figures(queries.my_claims, board_id=board.id)
    left = max(mine["claims_per_day"] - mine["claimed_today"], 0)
    st.markdown(
        say(
            "You claimed **{claimed}** of {per_day} today · you have **{customers}** of {customers_held} customers "
            "and **{leads}** of {leads_held} open leads",
            claimed=mine["claimed_today"],
            per_day=mine["claims_per_day"],
            **{name: mine[name] for name in ("customers", "customers_held", "leads", "leads_held")},
        )
        + ("" if left else " · " + say("more from tomorrow"))
    )
    if mine["claimed_today"]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(say("Claimed today"), width="content")
            for row in records(load(queries.claimed_today)):
                if st.button(literal(row.name), key=f"pools.claimed.{row.id}", type="tertiary", icon=":material/arrow_forward:"):
                    go(row.subject, **{row.subject: int(row.subject_id)})


def _table(rows: pd.DataFrame, board: Board, shelf: str, kind: PoolKind) -> None:
    actor = me().actor
    claims = kind is PoolKind.PUBLIC and actor.may("claim", "marketing")
    gives = actor.may("assign", "marketing") if kind is PoolKind.PUBLIC else actor.may("recycle", "marketing")
    actions = st.container()
    chosen = table(
        _readable(rows),
        key=f"pools.table.{shelf}.{board.id}",
        columns=[name for name in COLUMNS if name not in WITHOUT.get(shelf, ())],
        labels={"why": label("reason"), "lies_days": say("Days here")},
        many=claims or gives,
        press=say("Claim") if claims else None,
        once=True,
    )
    if chosen.pressed is not None:
        act(commands.claim, chosen.pressed, done="Claimed: it is yours from now on.")
    if chosen.ticked:
        with actions:
            _actions(chosen.ticked, board, kind, claims, gives)
    if chosen.opened is not None:
        row = rows.set_index("id").loc[chosen.opened]
        open_dialog(str(row["name"]), entry_dialog, int(chosen.opened), claims, width="medium")


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    day = figures(today)
    words = [label(code, of="pool_reason") for code in rows["reason"]]
    why = [f"{word}: {remark}" if remark else word for word, remark in zip(words, rows["remark"].fillna(""), strict=True)]
    return rows.assign(why=why, lies_days=[max((day - at.date()).days, 0) for at in rows["entered_at"]])


def _actions(ids: list[int], board: Board, kind: PoolKind, claims: bool, gives: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="pools.actions"):
        st.markdown(say("**{count}** chosen", count=len(ids)), width="content")
        if claims and st.button(say("Claim"), type="primary", icon=":material/back_hand:", key="pools.claim"):
            act(_claim_all, ids, done="Claimed: it is yours from now on.")
        if (
            gives
            and kind is PoolKind.PUBLIC
            and st.button(say("Give to somebody"), icon=":material/swap_horiz:", key="pools.give")
        ):
            open_dialog(say("Give to somebody"), give_dialog, ids, board.id, width="small")
        if gives and kind is PoolKind.INVALID and st.button(say("Bring back"), icon=":material/replay:", key="pools.restore"):
            open_dialog(say("Bring back"), restore_dialog, ids, width="small")


def _claim_all(session: Any, ids: list[int]) -> None:
    for entry_id in ids:
        commands.claim(session, entry_id)


def entry_dialog(entry_id: int, claims: bool) -> None:
    """What is known to everybody, and how it came here."""
    entry = find(queries.pool_entry, entry_id)
    if entry is None:
        return
    facts = {name: value for name in ("region", "industry") if (value := getattr(entry, name))}
    facts |= {name: label(value, of=name) for name in ("level", "life_cycle") if (value := getattr(entry, name))}
    facts |= {"last_order_on": date_short(entry.last_order_on)} if entry.last_order_on else {}
    st.caption(
        " · ".join(say("{name}: {text}", name=label(name), text=text) for name, text in facts.items())
        or say("Nothing more is shown before it is claimed.")
    )
    for at, text in moves(customer_id=entry.customer_id, lead_id=entry.lead_id):
        st.markdown(f":gray[{date_short(at)}] {text}")
    if claims:
        st.button(
            say("Claim"), type="primary", icon=":material/back_hand:", key="pools.claim_one", on_click=claim, args=(entry_id,)
        )


def give_dialog(ids: list[int], board_id: int) -> None:
    way = st.segmented_control(
        say("How to give out"),
        [one.value for one in AssignmentWay],
        default=AssignmentWay.BY_HAND,
        required=True,
        format_func=lambda code: label(code, of="assignment"),
        key="pools.give_way",
    )
    only = ["owner_id" if way == AssignmentWay.BY_HAND else "unit_id", "remark"]
    people = figures(queries.takers, unit_id=board_id, day=figures(today))
    choices: dict[str, dict[Any, str]] = {"owner_id": people, "unit_id": {row.id: row.path for row in records(load(units))}}
    to = form(Gift, {"way": way}, key=f"pools.give_form.{way}", only=only, choices=choices, columns=1, save="Give")
    if to:
        act(commands.give, ids, to, done="Given. It left the pool.")


def restore_dialog(ids: list[int]) -> None:
    st.caption(say("A lead goes back to its owner, a customer to the public pool."))
    remark = st.text_input(say("Why?"), key="pools.restore_remark", max_chars=300).strip()
    if st.button(say("Bring back"), type="primary", key="pools.restore_yes", disabled=not remark):
        act(commands.restore, ids, remark, done="Brought back.")
