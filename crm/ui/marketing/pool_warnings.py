"""What goes to the pool soon, mine first, with the reason; and what moved lately, in sentences."""

from __future__ import annotations

import streamlit as st

from crm.marketing import queries
from crm.office.queries import today
from crm.staff.sign_in import Board
from crm.ui.desk import figures, go, load, me
from crm.ui.marketing.pool_sentences import told
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.words import label, say
from crm.words.formats import date_short

COLUMNS = ("name", "subject", "pool_reason", "due_on", "days_left", "owner")


def warnings(board: Board) -> None:
    day = figures(today)
    rows = load(queries.pool_warnings, day=day, board_id=board.id)
    if rows.empty:
        rules = figures(queries.pool_rules, board_id=board.id)
        if rules.recycles:
            empty(
                "Nobody is warned now. Who is silent for too long is announced here {days:day|days} before.", days=rules.warn_days
            )
        else:
            empty("Recycling is switched off for this board: nothing goes to the pool by itself. See the rules.")
        return
    mine = rows["owner_id"] == me().user_id
    ordered = rows.assign(mine=mine).sort_values(["mine", "due_on"], ascending=[False, True], kind="stable")
    count, own = len(rows), int(mine.sum())
    within = int(rows["days"].max())
    if own:
        heading(
            "{count:customer or lead goes|customers and leads go} to the pool within {days:day|days}; {own} of them yours",
            count=count,
            days=max(within, 0),
            own=own,
        )
    else:
        heading(
            "{count:customer or lead goes|customers and leads go} to the pool within {days:day|days}",
            count=count,
            days=max(within, 0),
        )
    st.caption(say("An activity, an order or a deal keeps them."))
    shown = ordered.rename(columns={"reason": "pool_reason", "days": "days_left"})
    titles = {"pool_reason": label("reason"), "subject": label("kind")}
    chosen = table(shown, key=f"pools.warnings.{board.id}", columns=COLUMNS, labels=titles)
    if chosen.opened is not None:
        row = rows[rows["id"] == chosen.opened].to_dict("records")[0]
        kind = str(row["subject"])
        go(kind, **{kind: int(row[f"{kind}_id"])})


def moved(board: Board) -> None:
    """The last moves of the board's pools."""
    rows = load(queries.recent_moves, board_id=board.id)
    if rows.empty:
        empty("Nothing has moved yet. Every release, claim and recycling is told here, with its reason.")
        return
    with st.container(gap="xsmall"):
        for row in records(rows.rename(columns={"values": "told"})):
            moved_on = date_short(row.at)
            st.markdown(f":gray[{moved_on}] {told(row)}")
