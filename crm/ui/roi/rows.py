"""What one figure of the ledger is made of."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from crm.staff.sign_in import Board
from crm.targets.queries import DEFINITIONS, Metric, ledger_rows
from crm.ui.desk import go, load
from crm.ui.exporter import export_button
from crm.ui.paging import page_of, pager
from crm.ui.roi.spans import Span, amount_shown, definition, is_money, title_of
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import date_short

SIZE = 50
OPENS = {"customer": "customer", "opportunity": "opportunity"}


def rows_of_metric(metric: Metric, board: Board, name: str, span: Span) -> None:
    asked = {"metric": metric.value, "board_id": board.id, "since": span[0], "until": span[1]}
    found = load(ledger_rows, **asked)
    sums = {one: round(float(found[one].sum()), 4) for one in ("value", "weight")}
    told("roi", {"count": len(found)} | sums)
    with st.container(horizontal=True, vertical_alignment="center", key="roi.rows.head"):
        if st.button(say("Six figures"), icon=":material/arrow_back:", type="tertiary", key="roi.back"):
            go("roi", show="ledger", board=board.id, span=name)
        st.space("stretch")
        columns = {one: label(one) for one in ("what", "title", "day", "part", "value", "weight")}
        plain = {one: str(value) for one, value in asked.items()}
        export_button("ledger_rows", partial(_readable, **asked), columns, plain, area="targets", key="roi.export")
    _answer(metric, board, span, sums)
    if found.empty:
        empty("Nothing of this happened in the period. Choose another one above, or enter costs under Costs.")
        return
    page = page_of(len(found), SIZE)
    part = found.iloc[(page - 1) * SIZE : page * SIZE].reset_index(drop=True)
    above = "value" if is_money(metric, "numerator") else "above"
    shown = _said(part).rename(columns={"day": "day_on", "part": "counts"}).assign(id=range(len(part)))
    shown[above] = part["value"].where(part["part"] != "denominator")
    shown["weight"] = part["weight"].where(part["part"] != "numerator")
    names = ["what", "title", "day_on", "counts", above, "weight"]
    labels = {
        "what": label("kind"),
        "title": label("name"),
        "counts": say("Counts above or below"),
        above: say("Above the line"),
        "weight": say("Below the line"),
    }
    chosen = table(shown, key=f"roi.rows.{metric}.{page}", columns=names, labels=labels)
    pager(len(found), SIZE, "roi.rows.pager")
    if chosen.opened is not None:
        row = part.iloc[int(chosen.opened)]
        if (kind := str(row["what"])) in OPENS:
            go(OPENS[kind], **{kind: int(row["id"])})


def _answer(metric: Metric, board: Board, span: Span, sums: dict[str, float]) -> None:
    of = DEFINITIONS[metric]
    heading(
        "{title} from {first} to {last}: {above} {numerator} ÷ {below} {denominator}",
        title=title_of(metric.value),
        first=date_short(span[0]),
        last=date_short(span[1]),
        above=amount_shown(metric.value, "numerator", sums["value"], board.currency),
        numerator=label(of.numerator),
        below=amount_shown(metric.value, "denominator", sums["weight"], board.currency),
        denominator=label(of.denominator),
        about=definition(metric.value),
    )


def _said(found: pd.DataFrame) -> pd.DataFrame:
    words = {name: [label(str(one), of=name) for one in found[name]] for name in ("what", "part")}
    return found.assign(**words)


def _readable(session: object, **asked: object) -> pd.DataFrame:
    return _said(ledger_rows(session, **asked))  # type: ignore[arg-type]


__all__ = ["rows_of_metric"]
