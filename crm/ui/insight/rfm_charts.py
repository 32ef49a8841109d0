"""The RFM explorer's two pictures of one day: cells of recency and frequency, and segments; and who is in those picked."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from crm.analytics.rfm import rfm_segments, segment_summary
from crm.analytics.segments import segments_to_dicts
from crm.charts.flow import rfm_cells, treemap
from crm.customers.filters import CustomerFilter
from crm.insight.queries import Population, left_out
from crm.insight.queries.rfm import BINS, never_bought, rfm_rows
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.rfm_lens import Lens
from crm.ui.insight.rfm_view import switch
from crm.ui.insight.selected import selected
from crm.ui.show import show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, percent

ROWS = ("code", "name", "recency_days", "frequency", "monetary", "r", "f", "m", "segment")
CELL = re.compile(r"[1-5]-[1-5]")


def cells(lens: Lens) -> None:
    """Recency against frequency."""
    scored = lens.scored
    counted = scored.groupby(["r", "f"]).agg(customers=("monetary", "size"), revenue=("monetary", "sum")).reset_index()
    best = (scored["r"] >= 4) & (scored["f"] >= 4)
    total = scored["monetary"].sum()
    place = (
        titled(
            "{share} of the customers bought lately and often; they brought {part} of the revenue",
            "rfm.cells",
            share=percent(float(best.mean())),
            part=percent(float(scored.loc[best, "monetary"].sum() / total) if total else 0.0),
        )
        if best.any()
        else titled("Nobody bought both lately and often", "rfm.cells")
    )
    with place:
        _about(lens, "rfm.cells", _cells_mean())
    value = switch("value", {"customers": say("Customers"), "revenue": say("Revenue"), "mean": say("Revenue of a customer")})
    picked = tuple(one for one in st.query_params.get_all("pick") if CELL.fullmatch(one))
    event = show(rfm_cells(counted, value, picked), key=f"rfm.cells.{turn()}", height=430)
    pick("pick", picked, [f"{one[0]}-{one[1]}" for one in event])
    texts = {one: say("R {r} · F {f}", r=one[0], f=one[2]) for one in picked}
    chips("pick", texts, say("Click cells to see their customers; a second click lets a cell go."))
    if picked:
        where = lens.in_cells(picked)
        selected(where, key="rfm.selected", made_from=_made_from(lens, ", ".join(texts.values())))


def segments(lens: Lens) -> None:
    """The treemap, and the same as a table."""
    found = segment_summary(lens.scored)
    first = found.sort_values("revenue", ascending=False).iloc[0]
    place = titled(
        "{segment} bring most: {share} of the customers, {part} of the revenue",
        "rfm.segments",
        segment=label(str(first["segment"]), of="segment"),
        share=percent(float(first["share"])),
        part=percent(float(first["share_revenue"])),
    )
    with place:
        _about(lens, "rfm.segments", _segments_mean())
    value = switch("value", {"customers": say("Customers"), "revenue": say("Revenue")})
    keys = [rule.key for rule in lens.segments]
    picked = tuple(one for one in st.query_params.get_all("segment") if one in keys)
    event = show(treemap(found.assign(revenue=found["revenue"].clip(lower=0)), value, picked), key=f"rfm.segments.{turn()}")
    pick("segment", picked, [one[0] for one in event])
    texts = {one: label(one, of="segment") for one in picked}
    chips("segment", texts, say("Click segments to see their customers; a second click lets a segment go."))
    if picked:
        selected(lens.in_cells(cells_of(lens, picked)), key="rfm.selected", made_from=_made_from(lens, ", ".join(texts.values())))
    else:
        _segment_table(found, keys)


def _segment_table(found: pd.DataFrame, keys: list[str]) -> None:
    shown = found[found["customers"] > 0].assign(id=lambda rows: [keys.index(str(one)) for one in rows["segment"]])
    shown = shown.assign(**{name: shown[name] * 100 for name in ("share", "share_revenue")})
    chosen = table(
        shown,
        key=f"rfm.segment_table.{turn()}",
        columns=["segment", "customers", "share", "orders", "revenue", "share_revenue", "median_recency_days"],
    )
    if chosen.opened is not None:
        pick("segment", (), [keys[chosen.opened]])


def cells_of(lens: Lens, picked: tuple[str, ...]) -> tuple[str, ...]:
    """The cells of segments as a filter has them: of two scores where the third does not matter."""
    grid = np.indices((BINS, BINS, BINS)).reshape(3, -1) + 1
    all_cells = rfm_segments(pd.DataFrame(dict(zip("rfm", grid, strict=True))), lens.segments, BINS)
    inside = all_cells[all_cells["segment"].isin(picked)]
    found: list[str] = []
    for (r, f), rows in inside.groupby(["r", "f"]):
        found += [f"{r}-{f}"] if len(rows) == BINS else [f"{r}-{f}-{m}" for m in rows["m"]]
    return tuple(found)


# --------------------------------------------------------------------------------------------------- picking


def turn() -> int:
    """Part of the keys of charts: each click is drawn as a new chart, which has forgotten it."""
    count: int = st.session_state.get("rfm.turn", 0)
    return count


def pick(name: str, picked: tuple[str, ...], clicked: list[str]) -> None:
    """What was clicked joins what is picked, or leaves it; kept in the address."""
    if clicked:
        _keep(name, [*(one for one in picked if one not in clicked), *(one for one in clicked if one not in picked)])
        st.rerun()


def _keep(name: str, picked: list[str]) -> None:
    st.session_state["rfm.turn"] = turn() + 1
    if picked:
        st.query_params[name] = picked
    else:
        st.query_params.pop(name, None)


def chips(name: str, texts: Mapping[str, str], hint: str) -> None:
    """What is picked, each with a sign to let it go; before anything is picked, how to."""
    if not texts:
        st.caption(hint)
        return
    with st.container(horizontal=True, key=f"rfm.chips.{name}"):
        for one, text in texts.items():
            st.button(
                text,
                key=f"rfm.chip.{one}",
                icon=":material/close:",
                icon_position="right",
                type="tertiary",
                on_click=_keep,
                args=(name, [other for other in texts if other != one]),
            )


# --------------------------------------------------------------------------------------------------- what is this


def _made_from(lens: Lens, what: str) -> str:
    return say("RFM as of {day}: {what}", day=date_short(lens.day), what=what)


def _cells_mean() -> str:
    return say(
        "Customers by how long ago they last bought (recency, 5 = latest) and how many orders they placed (frequency, 5 = most)."
        " Revenue is all they ever paid up to that day, returns taken off."
    )


def _segments_mean() -> str:
    return say(
        "Each customer gets three scores from 1 to 5: recency, frequency, money. The first segment rule in order that covers them"
        " is his segment. The size of a box is what you chose above it."
    )


def _about(lens: Lens, key: str, meaning: str) -> None:
    without = figures(never_bought, where=lens.where, board_id=lens.board.id)
    not_drawn = say("Not on the chart: {count:customer|customers} without a purchase.", count=without)
    where, board_id, day, by_orders, given = lens.where, lens.board.id, lens.day, lens.by_orders, lens.given
    rules = segments_to_dicts(lens.segments)
    about(
        key,
        definition=f"{meaning} {not_drawn}",
        formula=r"s_i = 1 + \#\{k : x_i \succeq c_k\},\quad k = 1 \dots 4",
        scope=lens.scope,
        as_of=lens.day,
        n=len(lens.base),
        left_out=_left_out(lens) if _is_open(key) else None,
        rows=lambda session: rfm_rows(session, where, board_id, day, by_orders, given, rules),
        columns=ROWS,
    )


def _is_open(key: str) -> bool:
    """The panel of `about`: what stands in it is asked for only when somebody looks."""
    return bool(st.session_state.get(f"{key}.about"))


def _left_out(lens: Lens) -> pd.DataFrame:
    population = Population(board_id=lens.board.id, where=CustomerFilter(group_id=lens.where.group_id), until=lens.day)
    return load(left_out, population=population)
